package web

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// overviewPage answers in ten seconds: why here, what is dangerous, what is
// running, what changed in 24 hours, what is next.
type overviewPage struct {
	Frame
	Contests  []contestView
	Reason    lineView
	Diagnoses []lineView
	Procs     []lineView
	Stay      stayView
	Critical  []resultLine
	Vitals    []vitalView
	News      *newsView // nil where none was worked out
	Running   []rxLine
	Infusions []rxLine
	AsNeeded  int
	Orders    []lineView
	Events    []eventView
	Next      []lineView
}

// lineView is one line with its time and origin.
type lineView struct {
	Text   string
	Note   string
	Code   string
	At     stamp
	Origin sourceView
	Main   bool
	State  string // "", "now", "over"
	Word   lang.Text
	Href   string
}

type stayView struct {
	Known     bool
	Admitted  stamp
	Day       int
	Service   string
	Referring string
	Expected  stamp
}

type resultLine struct {
	Label  string
	Value  valueView
	Unit   string
	Range  string
	At     stamp
	Origin sourceView
	Word   lang.Text // kind of the event
	Heard  string    // who took note of it and when, of a critical one
}

type valueView struct {
	Num  num
	Mark mark
}

type eventView struct {
	At     stamp
	Kind   lang.Text
	Text   string
	Parts  []eventPart // of a laboratory report, the critical ones first
	Href   string
	Origin sourceView
}

type eventPart struct {
	Text string
	Mark mark
}

var overviewPageT = parse[overviewPage]("overview")

func newOverviewPage(p *chart.Patient, f Frame, near around) overviewPage {
	f.Banner = newBanner(p, f, "overview", near)
	o := overviewPage{Frame: f.titled("patient", lang.Text{DE: "Übersicht", EN: "Overview"})}
	o.Refresh = true
	o.why(p, f)
	o.Vitals = newVitalViews(p.Results, f)
	for _, r := range p.Results {
		if !r.Cancelled && r.V.Critical() && f.Now.Sub(knownSince(r.V.At, r.Origin)) < 48*time.Hour && len(o.Critical) < 5 {
			l := newResultLine(r, f)
			l.Heard = heardBy(p.Notices, &r, f)
			o.Critical = append(o.Critical, l)
		}
	}
	o.Contests = contestViews(p, f, true)
	for _, it := range p.Medication {
		if it.Cancelled || !rxActive(it.V, f.Now) {
			continue
		}
		l := newRxLine(it, p.Doses, f)
		switch {
		case it.V.AsNeeded:
			o.AsNeeded++
		case it.V.Rate != "":
			o.Infusions = append(o.Infusions, l)
		default:
			o.Running = append(o.Running, l)
		}
	}
	for _, it := range p.Orders {
		if !it.Cancelled && it.V.Status.Open() {
			o.Orders = append(o.Orders, lineView{Text: it.V.What.Label(), Note: it.V.Question, At: f.stamp(it.V.Requested), Origin: f.source(it.Origin, it.Back), Word: orderWord(it.V.Status), Main: it.V.Priority == "S"})
		}
	}
	o.Events = recentEvents(p, f)
	o.Next = nextSteps(p, f)
	return o
}

func (o *overviewPage) why(p *chart.Patient, f Frame) {
	if s, ok := p.Current(); ok {
		o.Reason = lineView{Text: s.Reason.V, Origin: f.source(s.Reason.Origin)}
		o.Stay = stayView{Known: true, Admitted: f.stamp(s.Admitted.V), Day: stayDay(f.stamp(s.Admitted.V)), Service: s.Service.V, Referring: s.Referring.V.Name, Expected: f.stamp(s.ExpectedDischarge.V)}
	}
	for _, d := range p.Diagnoses {
		if !d.Cancelled && !slices.ContainsFunc(o.Diagnoses, func(l lineView) bool { return l.Text == d.V.What.Label() && l.Code == codeOf(d.V.What) }) {
			o.Diagnoses = append(o.Diagnoses, lineView{Text: d.V.What.Label(), Code: codeOf(d.V.What), At: f.stamp(d.V.At), Origin: f.source(d.Origin, d.Back), Main: d.V.Priority == 1})
		}
	}
	slices.SortStableFunc(o.Diagnoses, func(a, b lineView) int {
		switch {
		case a.Main == b.Main:
			return 0
		case a.Main:
			return -1
		}
		return 1
	})
	for _, d := range p.Procedures {
		if !d.Cancelled {
			o.Procs = append(o.Procs, lineView{Text: d.V.What.Label(), Code: codeOf(d.V.What), At: f.stamp(d.V.At), Origin: f.source(d.Origin, d.Back)})
		}
	}
}

// codeOf returns the code only where a text stands beside it.
func codeOf(c clinical.Coded) string {
	if c.Text == "" {
		return ""
	}
	return c.Code
}

func newResultLine(r chart.Item[clinical.Result], f Frame) resultLine {
	return resultLine{
		Label: r.V.Code.Label(), Unit: r.V.Unit, Range: r.V.Range, At: f.stamp(r.V.At), Origin: f.source(r.Origin, r.Back),
		Value: valueView{Num: num{Whole: compared(r.V, f.Lang)}, Mark: markResult(r.V)},
	}
}

// compared is a value with its comparator, once, in the page's decimal sign.
func compared(r clinical.Result, l lang.Lang) string {
	return r.Comparator + plain(strings.TrimSpace(strings.TrimPrefix(r.Value, r.Comparator)), l)
}

// knownSince is since when a result or document has been known: when it was
// taken, but where it was reported long after, the report. A culture of last
// week's specimen is new on the day it is reported.
func knownSince(at time.Time, o clinical.Origin) time.Time {
	const long = 12 * time.Hour
	if o.Sent.Sub(at) > long {
		return o.Sent
	}
	return at
}

// recentEvents is what reached the chart about the last 24 hours, newest first,
// one line a panel, document, movement or change of medication.
func recentEvents(p *chart.Patient, f Frame) []eventView {
	since := f.Now.Add(-24 * time.Hour)
	recent := func(t time.Time) bool { return t.After(since) && !t.After(f.Now.Add(time.Minute)) }
	base := "/patient/" + string(p.Key)
	var out []eventView
	out = append(out, resultEvents(p, f, recent)...)
	for _, d := range p.Documents {
		if at := knownSince(d.V.At, d.Origin); !d.Cancelled && recent(at) {
			out = append(out, eventView{At: f.stamp(at), Kind: sectionWord(d.V.Section), Text: documentTitle(d.V), Href: base + "/findings/" + documentID(d), Origin: f.source(d.Origin, d.Back)})
		}
	}
	for _, s := range p.Stays {
		for _, m := range s.Movements {
			if !m.Cancelled && recent(m.V.Start) && m.V.Kind != clinical.StaySnapshot {
				out = append(out, eventView{At: f.stamp(m.V.Start), Kind: movementWord(m.V.Kind), Text: placeWord(m.V.To), Href: base + "/course", Origin: f.source(m.Origin, m.Back)})
			}
		}
	}
	for _, m := range p.Medication {
		if recent(m.V.Start) {
			out = append(out, eventView{At: f.stamp(m.V.Start), Kind: lang.Text{DE: "Neu verordnet", EN: "Prescribed"}, Text: strings.TrimSpace(m.V.Drug.Label() + " " + m.V.Dose), Href: base + "/medication", Origin: f.source(m.Origin, m.Back)})
		}
		if recent(m.V.End) {
			out = append(out, eventView{At: f.stamp(m.V.End), Kind: lang.Text{DE: "Abgesetzt", EN: "Stopped"}, Text: m.V.Drug.Label(), Href: base + "/medication", Origin: f.source(m.Origin, m.Back)})
		}
	}
	slices.SortStableFunc(out, func(a, b eventView) int { return b.At.At.Compare(a.At.At) })
	return out[:min(len(out), 14)]
}

// resultEvents says one line for each group of laboratory values of one time:
// the abnormal ones by name, the others as a number.
func resultEvents(p *chart.Patient, f Frame, recent func(time.Time) bool) []eventView {
	type bunch struct {
		parts  []eventPart
		normal int
		origin sourceView
	}
	by := map[time.Time]*bunch{}
	for _, r := range p.Results {
		at := knownSince(r.V.At, r.Origin)
		if r.Cancelled || r.V.Section == clinical.Vitals || !recent(at) || !usable(r.V) {
			continue
		}
		b := by[at]
		if b == nil {
			b = &bunch{origin: f.source(r.Origin, r.Back)}
			by[at] = b
		}
		m := markResult(r.V)
		if !m.Abnormal {
			b.normal++
			continue
		}
		b.parts = append(b.parts, eventPart{Text: r.V.Code.Label() + " " + compared(r.V, f.Lang), Mark: m})
	}
	var out []eventView
	for at, b := range by {
		slices.SortStableFunc(b.parts, func(x, y eventPart) int {
			switch {
			case x.Mark.Critical == y.Mark.Critical:
				return 0
			case x.Mark.Critical:
				return -1
			}
			return 1
		})
		e := eventView{At: f.stamp(at), Kind: lang.Text{DE: "Labor", EN: "Laboratory"}, Href: "/patient/" + string(p.Key) + "/lab", Origin: b.origin}
		e.Parts = b.parts[:min(len(b.parts), 6)]
		if more := b.normal + len(b.parts) - len(e.Parts); more > 0 {
			word := lang.Text{DE: "weitere", EN: "more"}
			if len(e.Parts) == 0 {
				word = lang.Text{DE: "Werte, alle unauffällig", EN: "values, all normal"}
			}
			e.Text = group(uint64(more)) + " " + word.In(f.Lang)
		}
		out = append(out, e)
	}
	return out
}

// nextSteps is what is planned: doses of the shift, appointments, scheduled
// orders, transfers and the expected discharge, soonest first.
func nextSteps(p *chart.Patient, f Frame) []lineView {
	base := "/patient/" + string(p.Key)
	var out []lineView
	doses := chart.DuesOf(p, f.Now.Location())
	if p.Dead.V {
		doses = nil
	}
	for _, d := range dueNowAndBefore(doses, f) {
		word := lang.Text{DE: "Gabe", EN: "Dose"}
		if d.State == dueOver {
			word = lang.Text{DE: "Gabe überfällig, nicht dokumentiert", EN: "Dose overdue, not recorded"}
		}
		out = append(out, lineView{Text: d.Drug, Note: d.Dose, At: d.At, Word: word, State: string(d.State), Href: base + "/medication"})
	}
	for _, a := range p.Appointments {
		if !a.Cancelled && a.V.Start.After(f.Now.Add(-time.Hour)) && a.V.Status != clinical.CalledOff && a.V.Status != clinical.Removed {
			out = append(out, lineView{Text: a.V.What.Label(), Note: a.V.Place, At: f.stamp(a.V.Start), Origin: f.source(a.Origin), Word: lang.Text{DE: "Termin", EN: "Appointment"}, Href: base + "/appointments"})
		}
	}
	for _, o := range p.Orders {
		if !o.Cancelled && o.V.Status.Open() && o.V.Due.After(f.Now.Add(-time.Hour)) {
			out = append(out, lineView{Text: o.V.What.Label(), At: f.stamp(o.V.Due), Origin: f.source(o.Origin, o.Back), Word: sectionWord(o.V.Section), Href: base + "/orders"})
		}
	}
	if s, ok := p.Current(); ok && s.ExpectedDischarge.Known && s.State == chart.Present {
		out = append(out, lineView{Text: lang.Text{DE: "geplante Entlassung", EN: "planned discharge"}.In(f.Lang), At: f.stamp(s.ExpectedDischarge.V), Origin: f.source(s.ExpectedDischarge.Origin), Word: lang.Text{DE: "Entlassung", EN: "Discharge"}})
	}
	slices.SortStableFunc(out, func(a, b lineView) int { return a.At.At.Compare(b.At.At) })
	return out[:min(len(out), 12)]
}
