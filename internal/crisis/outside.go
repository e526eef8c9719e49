package crisis

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Post puts a message to the staff on the pages of wards; no wards is the whole
// house.
func (b *Book) Post(ctx context.Context, by Act, crisis string, n Notice) (*Crisis, error) {
	n.Title, n.Text = strings.TrimSpace(n.Title), strings.TrimSpace(n.Text)
	switch {
	case !reason(n.Text):
		return nil, errInvalid("Bitte schreiben, was das Personal wissen soll.", "Please write what the staff should know.")
	case len(n.Text) > 1200:
		return nil, errInvalid("Bitte kürzer: die Meldung steht auf jeder Stationsseite.", "Shorter, please: the message stands on each ward page.")
	case !slices.Contains(Levels(), n.Level):
		return nil, errInvalid("Bitte die Dringlichkeit wählen.", "Please choose the urgency.")
	case !n.Until.IsZero() && !n.Until.After(b.o.Now()):
		return nil, errInvalid("Das Ende der Meldung liegt in der Vergangenheit.", "The message ends in the past.")
	}
	e := event{Step: stepNotice, Crisis: crisis, Title: n.Title, Text: n.Text, Word: string(n.Level), Wards: n.Wards}
	if !n.Until.IsZero() {
		e.Until = n.Until.UTC()
	}
	c, _, err := b.do(ctx, by, e)
	return c, err
}

// Unpost takes a message to the staff back.
func (b *Book) Unpost(ctx context.Context, by Act, crisis, notice string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepNoticeGone, Crisis: crisis, Of: notice})
	return c, err
}

// Statements returns the texts for people outside that there are templates for.
func Statements() []string { return []string{"press", "patients", "relatives", "dispatch"} }

// Draft keeps a version of a text for people outside.
func (b *Book) Draft(ctx context.Context, by Act, crisis, what, title, text string) (*Crisis, error) {
	text = strings.TrimSpace(text)
	if !slices.Contains(Statements(), what) || !reason(text) {
		return nil, errInvalid("Der Text ist leer.", "The text is empty.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepStatement, Crisis: crisis, Word: what, Title: strings.TrimSpace(title), Text: text})
	return c, err
}

// Release releases a text for people outside: another person than its author.
func (b *Book) Release(ctx context.Context, by Act, crisis, statement string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepReleased, Crisis: crisis, Of: statement})
	return c, err
}

// Restrict states that a part of the service is not given. until is a forecast.
func (b *Book) Restrict(ctx context.Context, by Act, crisis string, r Restriction) (*Crisis, error) {
	r.Why = strings.TrimSpace(r.Why)
	if r.From.IsZero() {
		r.From = b.o.Now()
	}
	switch {
	case !slices.Contains(Services(), r.Service):
		return nil, errInvalid("Bitte wählen, was eingeschränkt wird.", "Please choose what is restricted.")
	case !reason(r.Why):
		return nil, errWhy()
	case !r.Until.IsZero() && !r.Until.After(r.From):
		return nil, errInvalid("Das Ende liegt vor dem Anfang.", "The end lies before the begin.")
	}
	e := event{Step: stepRestricted, Crisis: crisis, Word: string(r.Service), Name: strings.TrimSpace(r.Scope), Text: r.Why, At: r.From.UTC()}
	if !r.Until.IsZero() {
		e.Until = r.Until.UTC()
	}
	c, _, err := b.do(ctx, by, e)
	return c, err
}

// Lift ends a restriction.
func (b *Book) Lift(ctx context.Context, by Act, crisis, restriction string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepLifted, Crisis: crisis, Of: restriction})
	return c, err
}

// SetCapacity states what a unit can take.
func (b *Book) SetCapacity(ctx context.Context, by Act, crisis string, x Capacity) (*Crisis, error) {
	x.Unit = strings.TrimSpace(x.Unit)
	if x.Unit == "" || LightName(x.Light).DE == x.Light {
		return nil, errInvalid("Bitte Bereich und Lage angeben.", "Please give unit and state.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepCapacity, Crisis: crisis, Name: x.Unit, Word: x.Light, Reach: strings.TrimSpace(x.Free), Text: strings.TrimSpace(x.Note)})
	return c, err
}

// OrderEvacuation orders the clearing of wards, of the whole house where none is
// named. point is where people gather.
func (b *Book) OrderEvacuation(ctx context.Context, by Act, crisis string, wards []string, point, why string) (*Crisis, error) {
	point, why = strings.TrimSpace(point), strings.TrimSpace(why)
	if point == "" || !reason(why) {
		return nil, errInvalid("Bitte Sammelpunkt und Grund angeben.", "Please give the assembly point and the reason.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepEvacuation, Crisis: crisis, Wards: wards, Name: point, Text: why})
	return c, err
}

// Move checks a patient off: where to, from which ward and bed. The caller knows
// the patient; here is only the key.
func (b *Book) Move(ctx context.Context, by Act, crisis, patient string, m Moved) (*Crisis, error) {
	if m.To = strings.TrimSpace(m.To); m.To == "" || patient == "" {
		return nil, errInvalid("Bitte das Ziel angeben.", "Please give the destination.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepMoved, Crisis: crisis, Patient: patient, Ward: m.Ward, Bed: m.Bed, Text: m.To})
	return c, err
}

// MoveBack takes a check-off back.
func (b *Book) MoveBack(ctx context.Context, by Act, crisis, patient string, m Moved) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepMovedBack, Crisis: crisis, Patient: patient, Ward: m.Ward, Bed: m.Bed})
	return c, err
}

// SetMobility says how a patient is brought out; how is "" to take it back. It
// stands on the list and in no line of the logbook.
func (b *Book) SetMobility(ctx context.Context, by Act, crisis, patient string, how Mobility) (*Crisis, error) {
	if patient == "" || how != "" && !slices.Contains(Mobilities(), how) {
		return nil, errInvalid("Bitte die Beweglichkeit wählen.", "Please choose the mobility.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepMobility, Crisis: crisis, Patient: patient, Word: string(how)})
	return c, err
}

// EndEvacuation ends the clearing of wards.
func (b *Book) EndEvacuation(ctx context.Context, by Act, crisis string) (*Crisis, error) {
	c, _, err := b.do(ctx, by, event{Step: stepEvacuationEnd, Crisis: crisis})
	return c, err
}

// SaveSituation keeps a version of the situation report.
func (b *Book) SaveSituation(ctx context.Context, by Act, crisis string, parts []Section) (*Crisis, error) {
	parts = slices.DeleteFunc(slices.Clone(parts), func(s Section) bool { return strings.TrimSpace(s.Text) == "" })
	if len(parts) == 0 {
		return nil, errInvalid("Der Lagebericht ist leer.", "The situation report is empty.")
	}
	c, _, err := b.do(ctx, by, event{Step: stepSituation, Crisis: crisis, Parts: parts})
	return c, err
}

// Evacuations returns the crises whose wards are being cleared.
func (b *Book) Evacuations() []*Crisis {
	return slices.DeleteFunc(b.All(), func(c *Crisis) bool { return !c.Evacuation.Runs() })
}

// Since is how long the crisis lasts at now, or lasted.
func (c *Crisis) Since(now time.Time) time.Duration {
	if c.Closed.Done() {
		now = c.Closed.At
	}
	return now.Sub(c.Began)
}

// Next is what the newest situation report said of what comes.
func (c *Crisis) Next() string {
	if n := len(c.Situations); n > 0 {
		for _, s := range c.Situations[n-1].Sections {
			if s.ID == "ausblick" {
				return s.Text
			}
		}
	}
	return ""
}

// Words is how a unit stands, in German as the logbook and the dispatch centre
// read it: "nicht aufnahmefähig, frei 0".
func (x Capacity) Words() string {
	free := strings.TrimSpace(x.Free)
	if free != "" {
		free = "frei " + free
	}
	return listed(", ", LightName(x.Light).DE, free, strings.TrimSpace(x.Note))
}
