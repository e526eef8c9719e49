package web

import (
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// banner is the patient on every page about the patient: who it is and what is
// dangerous, in words.
type banner struct {
	Key         clinical.PatientKey
	Name        string
	BirthName   string
	Birth       string
	Age         string
	Sex         lang.Text
	Case        string
	Class       lang.Text
	Place       string
	Ward        string
	Doctor      string
	Day         int // day of the stay, 0 unknown
	State       chart.StayState
	Left        stamp
	Allergies   []allergyView
	NoneKnown   bool
	AllergyAt   stamp
	Isolation   []string
	Cave        []string
	Risks       []string
	Resuscitate string
	Weight      string
	WeightAt    stamp
	Dead        bool
	Died        stamp
	Unnamed     bool
	Withdrawn   bool
	Alike       bool
	Into        clinical.PatientKey
	Linked      []linkView
	Doublets    []linkView
	Elsewhere   string // a newer message names this place but is no movement
	Mother      clinical.PatientKey
	MotherNo    string
	Children    []linkView
	Unheard     []unheardView // critical values that nobody took note of, in an outage
	Tabs        []tab
}

type allergyView struct {
	To       string
	Reaction string
	Severe   bool
	Severity lang.Text
}

type linkView struct {
	Key  clinical.PatientKey
	Text string
	Why  lang.Text
	At   stamp
}

type tab struct {
	Href  string
	Label lang.Text
	Here  bool
	Count int
}

// around is what the ward knows about a patient beyond the own chart.
type around struct {
	Alike    bool
	Children []linkView
	Weight   *clinical.Result // the newest of weightDays
}

// weightDays is how far back a weight is looked for.
const weightDays = 30

// newBanner makes the banner of p; at names the tab that is open, may says
// which tabs the person is offered.
func newBanner(p *chart.Patient, f Frame, at string, near around) *banner {
	b := &banner{
		Key: p.Key, Name: p.Name.V.Display(), Birth: p.Birth.V.German(), Age: f.ageOf(p.Birth.V),
		Sex: sexWord(p.Sex.V), Dead: p.Dead.V || p.Died.Known, Died: f.stamp(p.Died.V),
		Unnamed: p.Unnamed.V, Withdrawn: p.Withdrawn.V, NoneKnown: p.NoneKnown.V,
		Alike: near.Alike, Into: p.Into, Mother: p.MotherKey, Children: near.Children,
	}
	if p.Mother.Known {
		b.MotherNo = p.Mother.V.Value
	}
	if p.BirthName.Known && p.BirthName.V.Family != "" && p.BirthName.V.Family != p.Name.V.Family {
		b.BirthName = p.BirthName.V.Family
	}
	b.stay(p, f)
	b.dangers(p, f)
	for _, l := range p.Linked {
		b.Linked = append(b.Linked, linkView{Key: l.Key, Text: idsWord(l.IDs), At: f.stamp(l.Origin.Received)})
	}
	for _, d := range p.Doublets {
		b.Doublets = append(b.Doublets, linkView{Key: d.Key, Text: d.Name.Display(), Why: d.Why})
	}
	if w := near.Weight; w != nil {
		b.Weight = plain(w.Value, f.Lang) + " " + w.Unit
		b.WeightAt = f.stamp(w.At)
	}
	if f.User.Can("see-results") {
		b.Unheard = unheardOf(p.Unheard, f)
	}
	b.Tabs = patientTabs(p, f, at)
	return b
}

func (b *banner) stay(p *chart.Patient, f Frame) {
	s, ok := p.Current()
	if !ok {
		return
	}
	b.Case, b.State, b.Class = string(s.Case), s.State, classWord(s.Class.V)
	if s.Now.Known {
		b.Place, b.Ward = placeWord(s.Now.V), s.Now.V.Ward
	}
	if s.Elsewhere.Known {
		b.Elsewhere = placeWord(s.Elsewhere.V)
	}
	if s.Attending.Known {
		b.Doctor = s.Attending.V.Name
	}
	if s.Discharged.Known {
		b.Left = f.stamp(s.Discharged.V)
	}
	if s.Admitted.Known && s.State == chart.Present {
		b.Day = stayDay(f.stamp(s.Admitted.V))
	}
}

func (b *banner) dangers(p *chart.Patient, f Frame) {
	for _, a := range p.Allergies {
		if a.Cancelled {
			continue
		}
		b.Allergies = append(b.Allergies, allergyView{
			To: a.V.To.Label(), Reaction: a.V.Reaction, Severe: a.V.Severity == "SV", Severity: severityWord(a.V.Severity),
		})
		if t := f.stamp(a.Origin.Received); t.At.After(b.AllergyAt.At) {
			b.AllergyAt = t
		}
	}
	slices.SortStableFunc(b.Allergies, func(x, y allergyView) int {
		switch {
		case x.Severe == y.Severe:
			return 0
		case x.Severe:
			return -1
		}
		return 1
	})
	for i := range p.Alerts {
		a := &p.Alerts[i]
		if a.Cancelled || p.Outdated(a) || (!a.V.Until.IsZero() && !a.V.Ends(f.Now.Location()).After(f.Now)) {
			continue
		}
		text := a.V.What.Label()
		switch a.V.Kind {
		case clinical.Isolation:
			b.Isolation = append(b.Isolation, text)
		case clinical.Resuscitation:
			b.Resuscitate = strings.TrimPrefix(b.Resuscitate+"; "+text, "; ")
		case clinical.Cave, clinical.Pregnancy:
			b.Cave = append(b.Cave, text)
		case clinical.Risk:
			b.Risks = append(b.Risks, text)
		default:
			b.Cave = append(b.Cave, text)
		}
	}
}

// Notices reports whether identity needs a word below the banner.
func (b *banner) Notices() bool {
	return len(b.Unheard) > 0 || b.Alike || b.Elsewhere != "" || b.Into != "" || b.Unnamed || b.Withdrawn || len(b.Linked)+len(b.Doublets)+len(b.Children) > 0 || b.Mother != "" || b.MotherNo != ""
}

func patientTabs(p *chart.Patient, f Frame, at string) []tab {
	base := "/patient/" + string(p.Key)
	all := []struct {
		name, path string
		label      lang.Text
		right      string
	}{
		{"overview", "", lang.Text{DE: "Übersicht", EN: "Overview"}, "see-chart"},
		{"curve", "/curve", lang.Text{DE: "Kurve", EN: "Vitals"}, "see-results"},
		{"medication", "/medication", lang.Text{DE: "Medikation", EN: "Medication"}, "see-medication"},
		{"lab", "/lab", lang.Text{DE: "Labor", EN: "Laboratory"}, "see-results"},
		{"findings", "/findings", lang.Text{DE: "Befunde", EN: "Findings"}, "see-findings"},
		{"orders", "/orders", lang.Text{DE: "Anforderungen", EN: "Orders"}, "see-chart"},
		{"appointments", "/appointments", lang.Text{DE: "Termine", EN: "Appointments"}, "see-chart"},
		{"course", "/course", lang.Text{DE: "Verlauf", EN: "Course"}, "see-identity"},
		{"sources", "/sources", lang.Text{DE: "Quellen", EN: "Sources"}, "see-sources"},
	}
	var out []tab
	if f.User.Records() {
		out = append(out, tab{Href: base + "/write", Label: lang.Text{DE: "Eintragen", EN: "Record"}, Here: at == "write"})
	}
	for _, t := range all {
		if f.User.Can(t.right) {
			out = append(out, tab{Href: base + t.path, Label: t.label, Here: t.name == at})
		}
	}
	return out
}

func idsWord(ids []clinical.Identifier) string {
	var s []string
	for _, i := range ids {
		s = append(s, i.Value)
	}
	return strings.Join(s, ", ")
}

// stayDay counts the day of admission as day 1.
func stayDay(admitted stamp) int {
	if !admitted.Known() || admitted.Old() < 0 {
		return 0
	}
	a, n := midnight(admitted.At), midnight(admitted.Now)
	return int(n.Sub(a).Hours()+12)/24 + 1
}

func placeWord(p clinical.Place) string {
	s := p.Ward
	if p.Room != "" {
		s += " · Zi " + p.Room
	}
	if p.Bed != "" {
		s += " " + p.Bed
	}
	return strings.TrimSpace(strings.TrimPrefix(s, " · "))
}

func sexWord(s clinical.Sex) lang.Text {
	switch s {
	case clinical.Female:
		return lang.Text{DE: "weiblich", EN: "female"}
	case clinical.Male:
		return lang.Text{DE: "männlich", EN: "male"}
	case clinical.Diverse:
		return lang.Text{DE: "divers", EN: "diverse"}
	case clinical.SexUnknown:
	}
	return lang.Text{DE: "Geschlecht nicht übermittelt", EN: "sex not sent"}
}

func classWord(c clinical.Class) lang.Text {
	switch c {
	case clinical.Inpatient:
		return lang.Text{DE: "stationär", EN: "inpatient"}
	case clinical.Outpatient, clinical.Recurring:
		return lang.Text{DE: "ambulant", EN: "outpatient"}
	case clinical.Emergency:
		return lang.Text{DE: "Notaufnahme", EN: "emergency"}
	case clinical.PreAdmit:
		return lang.Text{DE: "vorstationär", EN: "pre-admission"}
	case clinical.Newborn:
		return lang.Text{DE: "Neugeborenes", EN: "newborn"}
	}
	return lang.Text{DE: string(c)}
}

func severityWord(s string) lang.Text {
	switch s {
	case "SV":
		return lang.Text{DE: "schwer", EN: "severe"}
	case "MO":
		return lang.Text{DE: "mäßig", EN: "moderate"}
	case "MI":
		return lang.Text{DE: "leicht", EN: "mild"}
	}
	return lang.Text{}
}

// usable reports whether the result carries a value.
func usable(r clinical.Result) bool {
	return r.Value != "" && r.Status != clinical.Withdrawn && r.Status != clinical.Pending && r.Status != clinical.NoResult
}
