package crisis

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/rulebook"
)

// Seat puts somebody on a seat of the crisis team for a while.
func (b *Book) Seat(ctx context.Context, by Act, crisis string, s Shift) (*Crisis, error) {
	s.Name = strings.TrimSpace(s.Name)
	if s.From.IsZero() {
		s.From = b.o.Now()
	}
	switch {
	case !slices.Contains(rulebook.Roles(), s.Role):
		return nil, errInvalid("Bitte die Funktion wählen.", "Please choose the role.")
	case len(s.Name) < 2:
		return nil, errInvalid("Bitte den Namen angeben.", "Please give the name.")
	case !s.Until.After(s.From):
		return nil, errInvalid("Das Ende der Schicht liegt vor ihrem Anfang.", "The shift ends before it begins.")
	case s.Until.Sub(s.From) > 24*time.Hour:
		return nil, errInvalid("Eine Schicht dauert höchstens 24 Stunden.", "A shift lasts 24 hours at most.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepSeated, Crisis: crisis, Role: s.Role, Deputy: s.Deputy, Person: s.Person, Name: s.Name, Reach: strings.TrimSpace(s.Reach), At: s.From.UTC(), Until: s.Until.UTC()})
	return c, err
}

// Unseat ends a shift before its time.
func (b *Book) Unseat(ctx context.Context, by Act, crisis, shift string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepUnseated, Crisis: crisis, Of: shift})
	return c, err
}

// Hand writes what one shift says to the next; toPerson, where it is known, is
// who can accept it.
func (b *Book) Hand(ctx context.Context, by Act, crisis string, role rulebook.Role, toPerson, to, text string) (*Crisis, error) {
	text, to = strings.TrimSpace(text), strings.TrimSpace(to)
	switch {
	case !slices.Contains(rulebook.Roles(), role):
		return nil, errInvalid("Bitte die Funktion wählen.", "Please choose the role.")
	case to == "":
		return nil, errInvalid("Bitte angeben, wer übernimmt.", "Please say who takes over.")
	case len([]rune(text)) < 10:
		return nil, errInvalid("Bitte aufschreiben, was die nächste Schicht wissen muss.", "Please write what the next shift has to know.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepHandover, Crisis: crisis, Role: role, Person: toPerson, Name: to, Text: text})
	return c, err
}

// Accept accepts a handover.
func (b *Book) Accept(ctx context.Context, by Act, crisis, handover string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepAccepted, Crisis: crisis, Of: handover})
	return c, err
}

// Chair is one seat with who holds it.
type Chair struct {
	Role   rulebook.Role
	Now    []Shift // the holder first, then deputies
	Next   []Shift
	Ending bool // the shift ends within half an hour and nobody follows
}

// Team returns the seats with who holds them at now and who comes next, those
// without anybody too if the playbook asks for them.
func (c *Crisis) Team(now time.Time, wanted []rulebook.Role) []Chair {
	var out []Chair
	for _, role := range rulebook.Roles() {
		ch := Chair{Role: role}
		ends := time.Time{}
		for _, s := range c.Shifts {
			switch {
			case s.Role != role || s.Ended.Done():
			case s.Holds(now):
				ch.Now = append(ch.Now, s)
				if !s.Deputy && s.Until.After(ends) {
					ends = s.Until
				}
			case s.From.After(now):
				ch.Next = append(ch.Next, s)
			}
		}
		slices.SortStableFunc(ch.Now, func(a, b Shift) int { return cmp.Compare(boolInt(a.Deputy), boolInt(b.Deputy)) })
		slices.SortStableFunc(ch.Next, func(a, b Shift) int { return a.From.Compare(b.From) })
		followed := slices.ContainsFunc(ch.Next, func(s Shift) bool { return !s.Deputy && !s.From.After(ends) })
		ch.Ending = !ends.IsZero() && ends.Sub(now) < 30*time.Minute && !followed
		if len(ch.Now)+len(ch.Next) > 0 || slices.Contains(wanted, role) {
			out = append(out, ch)
		}
	}
	return out
}

// SetMeeting sets the next meeting.
func (b *Book) SetMeeting(ctx context.Context, by Act, crisis string, at time.Time, place string) (*Crisis, error) {
	if at.IsZero() {
		return nil, errInvalid("Bitte die Zeit der Besprechung angeben.", "Please give the time of the meeting.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepMeetingSet, Crisis: crisis, At: at.UTC(), Said: b.said(at), Text: strings.TrimSpace(place)})
	return c, err
}

// HoldMeeting records what a meeting decided and sets the next one: at, or after
// the rhythm of the playbook where that is zero.
func (b *Book) HoldMeeting(ctx context.Context, by Act, crisis, outcome, attended string, next time.Time) (*Crisis, error) {
	if outcome = strings.TrimSpace(outcome); !reason(outcome) {
		return nil, errInvalid("Bitte aufschreiben, was beschlossen wurde.", "Please write what was decided.")
	}
	c, err := b.Crisis(crisis)
	if err != nil {
		return nil, err
	}
	if next.IsZero() && c.Rhythm > 0 {
		next = b.o.Now().Add(c.Rhythm).Truncate(5 * time.Minute)
	}
	c, _, err = b.do(ctx, by, event{Step: stepMeetingHeld, Crisis: crisis, Text: outcome, Name: strings.TrimSpace(attended), At: next.UTC()})
	return c, err
}

// PointKind says what a point of the agenda is about.
type PointKind string

const (
	PointStanding PointKind = "standing"
	PointDeadline PointKind = "deadline"
	PointOverdue  PointKind = "overdue"
	PointTask     PointKind = "task"
	PointAgree    PointKind = "agree"
	PointSeat     PointKind = "seat"
	PointHandover PointKind = "handover"
	PointRestrict PointKind = "restriction"
)

// Point is one point of a meeting's agenda.
type Point struct {
	Kind PointKind
	Text string
	At   time.Time
	ID   string // of the task or duty
}

// AgendaFor is what the next meeting has to talk about: the standing points of
// the playbook, then every matter that is open and cannot wait for the meeting
// after it.
func (c *Crisis) AgendaFor(now time.Time, deadlines []Due) []Point {
	horizon := now.Add(24 * time.Hour)
	if c.Rhythm > 0 && !c.Meeting.At.IsZero() {
		horizon = c.Meeting.At.Add(c.Rhythm)
	}
	var out []Point
	for _, d := range deadlines {
		if d.Open() && d.Runs() && (d.AtOnce || d.Due.Before(horizon)) {
			out = append(out, Point{PointDeadline, d.Duty.Law + ": " + d.Duty.Name.DE, d.Due, d.Duty.ID})
		}
	}
	for _, t := range c.Pressing() {
		switch {
		case t.Overdue(now):
			out = append(out, Point{PointOverdue, t.Title, t.Due, t.ID})
		case len(t.agreed(now)) == 1:
			out = append(out, Point{PointAgree, t.Title, t.agreed(now)[0].At, t.ID})
		case !t.Due.IsZero() && t.Due.Before(horizon):
			out = append(out, Point{PointTask, t.Title, t.Due, t.ID})
		}
	}
	for _, h := range c.Handovers {
		if !h.Accepted.Done() {
			out = append(out, Point{PointHandover, RoleName(h.Role).DE + ": " + h.By.Name + " → " + h.To, h.By.At, h.ID})
		}
	}
	for _, s := range c.Team(now, nil) {
		if s.Ending {
			out = append(out, Point{PointSeat, RoleName(s.Role).DE, s.Now[0].Until, string(s.Role)})
		}
	}
	for _, r := range c.Restrictions {
		if !r.Lifted.Done() {
			out = append(out, Point{PointRestrict, ServiceName(r.Service).DE, r.From, r.ID})
		}
	}
	for _, a := range c.Agenda {
		out = append(out, Point{Kind: PointStanding, Text: a})
	}
	return out
}
