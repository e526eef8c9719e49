package web

import (
	"slices"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/staff"
)

// crisisTeamPage is the crisis team: seats, shifts, handovers, meetings.
type crisisTeamPage struct {
	crisisHead
	Chairs    []chairView
	Roles     []choice
	Handovers []handoverView
	Meeting   stamp
	Place     string
	Rhythm    string
	Agenda    []pointView
	Held      []meetingView
}

type chairView struct {
	Role   lang.Text
	Now    []shiftView
	Next   []shiftView
	Ending bool
}

type shiftView struct {
	ID     string
	Name   string
	Deputy bool
	Reach  string
	From   stamp
	Until  stamp
}

type handoverView struct {
	ID       string
	Role     lang.Text
	Text     string
	By       actView
	To       string
	Accepted actView
	Mine     bool // written by the reader
}

type pointView struct {
	Kind lang.Text
	Text string
	At   stamp
	Loud bool
}

type meetingView struct {
	At       stamp
	By       string
	Outcome  string
	Attended string
}

var crisisTeamPageT = parse[crisisTeamPage]("crisisteam")

func chairViews(chairs []crisis.Chair, f Frame) []chairView {
	var out []chairView
	for _, c := range chairs {
		x := chairView{Role: crisis.RoleName(c.Role), Ending: c.Ending}
		for _, s := range c.Now {
			x.Now = append(x.Now, shiftView{s.ID, s.Name, s.Deputy, s.Reach, f.stamp(s.From), f.stamp(s.Until)})
		}
		for _, s := range c.Next {
			x.Next = append(x.Next, shiftView{s.ID, s.Name, s.Deputy, s.Reach, f.stamp(s.From), f.stamp(s.Until)})
		}
		out = append(out, x)
	}
	return out
}

func newCrisisTeamPage(h crisisHead, b *crisis.Book, now time.Time) crisisTeamPage {
	p := crisisTeamPage{crisisHead: h, Meeting: h.stamp(h.C.Meeting.At), Place: h.C.Meeting.Place}
	if h.C.Rhythm > 0 {
		p.Rhythm = span(h.C.Rhythm)
	}
	var wanted []rulebook.Role
	var due []crisis.Due
	if b != nil {
		if pb := b.Playbook(h.C.Kind); pb != nil {
			wanted = pb.Team
		}
		due = b.Deadlines(h.C)
	}
	p.Chairs = chairViews(h.C.Team(now, wanted), h.Frame)
	for _, r := range rulebook.Roles() {
		p.Roles = append(p.Roles, choice{string(r), crisis.RoleName(r), string(r) == h.Was("seat", "role") || string(r) == h.Was("hand", "role")})
	}
	for _, x := range slices.Backward(h.C.Handovers) {
		p.Handovers = append(p.Handovers, handoverView{x.ID, crisis.RoleName(x.Role), x.Text, h.crisisAct(x.By), x.To, h.crisisAct(x.Accepted), h.User != nil && x.By.Person == h.User.ID})
	}
	for _, x := range h.C.AgendaFor(now, due) {
		p.Agenda = append(p.Agenda, pointView{pointWord(x.Kind), x.Text, h.stamp(x.At), x.Kind == crisis.PointOverdue || x.Kind == crisis.PointDeadline})
	}
	for _, m := range slices.Backward(h.C.Held) {
		p.Held = append(p.Held, meetingView{h.stamp(m.Held.At), m.Held.Name, m.Outcome, m.Attended})
	}
	return p
}

func pointWord(k crisis.PointKind) lang.Text {
	switch k {
	case crisis.PointDeadline:
		return lang.Text{DE: "Meldefrist", EN: "Deadline"}
	case crisis.PointOverdue:
		return lang.Text{DE: "überfällig", EN: "overdue"}
	case crisis.PointTask:
		return lang.Text{DE: "fällig", EN: "due"}
	case crisis.PointAgree:
		return lang.Text{DE: "Zustimmung fehlt", EN: "agreement missing"}
	case crisis.PointSeat:
		return lang.Text{DE: "Schicht endet ohne Nachfolge", EN: "shift ends, nobody follows"}
	case crisis.PointHandover:
		return lang.Text{DE: "Übergabe nicht angenommen", EN: "handover not accepted"}
	case crisis.PointRestrict:
		return lang.Text{DE: "Einschränkung", EN: "restriction"}
	case crisis.PointStanding:
		return lang.Text{DE: "ständiger Punkt", EN: "standing point"}
	}
	return lang.Text{DE: string(k)}
}

var teamActs = map[string]crisisAct{
	"seat": {staff.LeadCrisis, "team", func(s *Server, v *visit, by crisis.Act, id string) error {
		from, err := parseAhead(v.PostFormValue("from"), v.now)
		if err != nil {
			return err
		}
		until, err := parseAhead(v.PostFormValue("until"), v.now)
		if err != nil {
			return err
		}
		if until.IsZero() {
			return fault.New(fault.Invalid, lang.Text{DE: "Bitte angeben, bis wann die Schicht dauert.", EN: "Please say until when the shift lasts."})
		}
		for !from.IsZero() && until.Before(from) { // until 06:00 of a shift that begins at 22:00 is the next morning
			until = until.AddDate(0, 0, 1)
		}
		shift := crisis.Shift{Role: rulebook.Role(v.PostFormValue("role")), Deputy: v.PostFormValue("deputy") != "", Name: v.PostFormValue("name"), Reach: v.PostFormValue("reach"), From: from, Until: until}
		if p, ok := s.p.Staff.Person(v.PostFormValue("person")); ok {
			shift.Person = p.ID
		}
		_, err = s.p.Crisis.Seat(v.Context(), by, id, shift)
		return err
	}},
	"unseat": {staff.LeadCrisis, "team", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Unseat(v.Context(), by, id, v.PostFormValue("of"))
		return err
	}},
	"hand": {staff.WorkCrisis, "team", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Hand(v.Context(), by, id, rulebook.Role(v.PostFormValue("role")), "", v.PostFormValue("to"), v.PostFormValue("text"))
		return err
	}},
	"accept": {staff.WorkCrisis, "team", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Accept(v.Context(), by, id, v.PostFormValue("of"))
		return err
	}},
	"meeting": {staff.LeadCrisis, "team", func(s *Server, v *visit, by crisis.Act, id string) error {
		at, err := parseAhead(v.PostFormValue("at"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.SetMeeting(v.Context(), by, id, at, v.PostFormValue("place"))
		return err
	}},
	"held": {staff.LeadCrisis, "team", func(s *Server, v *visit, by crisis.Act, id string) error {
		next, err := parseAhead(v.PostFormValue("next"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.HoldMeeting(v.Context(), by, id, v.PostFormValue("outcome"), v.PostFormValue("attended"), next)
		return err
	}},
}
