package web

import (
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// coursePage is the person and the way through the house: movements,
// diagnoses, procedures, insurance, contacts.
type coursePage struct {
	Frame
	Clinical  bool // the reader may see diagnoses
	Person    []factView
	Stays     []stayCourse
	Diagnoses []lineView
	Procs     []lineView
	Insured   []factView
	Contacts  []contactView
	Names     []lineView
	IDs       []factView
}

// factView is one labelled fact with its origin.
type factView struct {
	Label  lang.Text
	Value  string
	Known  bool
	Gone   bool
	Origin sourceView
}

type stayCourse struct {
	Case     string
	Class    lang.Text
	State    lang.Text
	Also     string
	Facts    []factView
	Moves    []moveView
	Admitted stamp
	Left     stamp
}

type moveView struct {
	At       stamp
	Kind     lang.Text
	From, To string
	Off      bool
	Historic bool
	Event    string
	Sent     stamp
	Origin   sourceView
}

type contactView struct {
	Name, Relation, Role string
	Phones               []string
	Origin               sourceView
}

var coursePageT = parse[coursePage]("course")

func newCoursePage(p *chart.Patient, f Frame, near around) coursePage {
	f.Banner = newBanner(p, f, "course", near)
	v := coursePage{Frame: f.titled("patient", lang.Text{DE: "Verlauf", EN: "Course"}), Clinical: f.User.Can("see-chart")}
	v.person(p, f)
	for _, s := range p.Stays {
		v.Stays = append(v.Stays, newStayCourse(s, f))
	}
	for _, d := range p.Diagnoses {
		l := lineView{Text: d.V.What.Label(), Code: codeOf(d.V.What), At: f.stamp(d.V.At), Origin: f.source(d.Origin, d.Back), Main: d.V.Priority == 1, Note: diagnosisKind(d.V.Kind).In(f.Lang)}
		if d.Cancelled {
			l.State = "off"
		}
		v.Diagnoses = append(v.Diagnoses, l)
	}
	for _, d := range p.Procedures {
		l := lineView{Text: d.V.What.Label(), Code: codeOf(d.V.What), At: f.stamp(d.V.At), Origin: f.source(d.Origin, d.Back), Note: d.V.By.Name}
		if d.Cancelled {
			l.State = "off"
		}
		v.Procs = append(v.Procs, l)
	}
	for _, i := range p.Insurances {
		v.Insured = append(v.Insured, factView{Label: lang.Text{DE: i.V.Fund}, Value: strings.Trim(i.V.Number+" · IK "+i.V.IK, " ·"), Known: true, Gone: i.Cancelled, Origin: f.source(i.Origin)})
	}
	for _, c := range p.Contacts {
		if !c.Cancelled {
			v.Contacts = append(v.Contacts, contactView{Name: c.V.Name.Display(), Relation: c.V.Relation, Role: c.V.Role, Phones: c.V.Phones, Origin: f.source(c.Origin)})
		}
	}
	for _, n := range p.Names {
		v.Names = append(v.Names, lineView{Text: n.V.Display(), At: f.stamp(n.Origin.Received), Origin: f.source(n.Origin)})
	}
	for _, i := range p.IDs {
		v.IDs = append(v.IDs, factView{Label: lang.Text{DE: strings.TrimSpace(i.Authority + " " + i.Type)}, Value: i.Value, Known: true})
	}
	return v
}

func (v *coursePage) person(p *chart.Patient, f Frame) {
	v.Person = []factView{
		fact(f, lang.Text{DE: "Geburtsname", EN: "Name at birth"}, p.BirthName, clinical.Name.Display),
		fact(f, lang.Text{DE: "Anschrift", EN: "Address"}, p.Address, addressWord),
		fact(f, lang.Text{DE: "Telefon", EN: "Telephone"}, p.Phones, func(s []string) string { return strings.Join(s, ", ") }),
		fact(f, lang.Text{DE: "Sprache", EN: "Language"}, p.Language, same),
		fact(f, lang.Text{DE: "Religion", EN: "Religion"}, p.Religion, same),
		fact(f, lang.Text{DE: "Staatsangehörigkeit", EN: "Citizenship"}, p.Citizen, same),
	}
}

func same(s string) string { return s }

// fact says a value, or that it was never sent or was deleted.
func fact[T any](f Frame, label lang.Text, v chart.Value[T], word func(T) string) factView {
	x := factView{Label: label, Known: v.Known, Gone: v.Gone, Origin: f.source(v.Origin)}
	if v.Known {
		x.Value = word(v.V)
	}
	return x
}

func addressWord(a clinical.Address) string {
	s := strings.TrimSpace(a.Zip + " " + a.City)
	if a.Street != "" {
		s = strings.TrimSuffix(a.Street+", "+s, ", ")
	}
	return s
}

func newStayCourse(s chart.Stay, f Frame) stayCourse {
	c := stayCourse{Case: string(s.Case), Class: classWord(s.Class.V), State: stayWord(s.State), Admitted: f.stamp(s.Admitted.V), Left: f.stamp(s.Discharged.V)}
	for i, a := range s.Also {
		if i > 0 {
			c.Also += ", "
		}
		c.Also += string(a)
	}
	person := func(p clinical.Staff) string { return p.Name }
	c.Facts = []factView{
		fact(f, lang.Text{DE: "Fachabteilung", EN: "Department"}, s.Service, same),
		fact(f, lang.Text{DE: "Behandelnd", EN: "Attending"}, s.Attending, person),
		fact(f, lang.Text{DE: "Einweisend", EN: "Referring"}, s.Referring, person),
		fact(f, lang.Text{DE: "Aufnahmegrund", EN: "Reason"}, s.Reason, same),
	}
	if s.Disposition.Known {
		c.Facts = append(c.Facts, fact(f, lang.Text{DE: "Entlassart", EN: "Disposition"}, s.Disposition, same))
	}
	for i := len(s.Movements) - 1; i >= 0; i-- {
		m := s.Movements[i]
		c.Moves = append(c.Moves, moveView{
			At: f.stamp(m.V.Start), Kind: movementWord(m.V.Kind), From: placeWord(m.V.From), To: placeWord(m.V.To), Off: m.Cancelled,
			Historic: m.V.Historic, Event: m.V.Event, Sent: f.stamp(m.Origin.Received), Origin: f.source(m.Origin, m.Back),
		})
	}
	return c
}

func diagnosisKind(k string) lang.Text {
	switch k {
	case "A":
		return lang.Text{DE: "Aufnahmediagnose", EN: "admitting"}
	case "W":
		return lang.Text{DE: "Arbeitsdiagnose", EN: "working"}
	case "F":
		return lang.Text{DE: "Entlassdiagnose", EN: "final"}
	}
	return lang.Text{DE: k}
}
