package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// medicationPage is the medication as prescribed and as given.
type medicationPage struct {
	Frame
	Regular   []rxLine
	Infusions []rxLine
	AsNeeded  []rxLine
	Stopped   []rxLine
	Contests  []contestView
	Prescribe string     // address of the form, "" if the reader may not
	Given     []doseView // last 48 hours
	Hours     int
	Requests  []pharmacyWord // to the pharmacy
	Request   string         // address of the form, "" if the reader may not
}

// rxLine is one prescription.
type rxLine struct {
	Key        string
	Drug       string
	Substance  string
	Strength   string
	Form       string
	Dose       string
	Scheme     string // 1-0-1-0
	Times      []timeView
	Interval   string
	Route      string
	Rate       string
	MaxDaily   string
	Indication string
	Note       string
	Start, End stamp
	By         string
	Last       stamp
	LastWord   lang.Text
	LastGiven  bool
	Status     lang.Text
	Hold       bool
	Changed    bool // an earlier version exists
	Was        []rxWas
	Origin     sourceView
	Change     string // addresses for those who may
	Stand      string
	Give       string
	Entry      string // of the entry, "" if it was not written here
	Pharmacy   []pharmacyWord
	Review     string // address at the pharmacy's desk
	Contest    *contestView
	Decided    bool   // between here and another system
	Decide     string // address of that decision
	Allergy    string // the allergy whose words appear in the drug's
}

type rxWas struct {
	Text string
	At   stamp
}

type timeView struct {
	Clock string
	Done  bool // recorded as given today
	Off   bool // recorded as not given
	State dueState
}

type doseView struct {
	At     stamp
	Drug   string
	Amount string
	Route  string
	Status lang.Text
	Given  bool
	Off    bool
	Reason string
	By     string
	Second string
	Scan   bool   // the wristband was scanned
	Entry  string // address of the entry, "" if it was not written here
	Origin sourceView
}

var medicationPageT = parse[medicationPage]("medication")

func newMedicationPage(p *chart.Patient, f Frame, near around) medicationPage {
	f.Banner = newBanner(p, f, "medication", near)
	m := medicationPage{Frame: f.titled("patient", lang.Text{DE: "Medikation", EN: "Medication"}), Hours: 48}
	m.Refresh, m.Land, m.Requests, m.Contests = true, true, requestWords(p, f), contestViews(p, f, false)
	for _, it := range p.Medication {
		l := newRxLine(it, p.Doses, f)
		l.Allergy, l.Entry = allergyIn(it.V, p.Allergies), enteredPath(p.Key, it.Origin)
		l.Pharmacy, l.Decided = reviewWords(p, &it, f), it.V.Settled != ""
		if c, ok := p.Contest(&it); ok {
			l.Contest = &contestView{Drug: c.Drug(), Say: contestSay(c, f)}
		}
		switch {
		case it.Cancelled || !rxActive(it.V, f.Now):
			m.Stopped = append(m.Stopped, l)
		case it.V.AsNeeded:
			m.AsNeeded = append(m.AsNeeded, l)
		case it.V.Rate != "":
			m.Infusions = append(m.Infusions, l)
		default:
			m.Regular = append(m.Regular, l)
		}
	}
	for _, list := range [][]rxLine{m.Regular, m.Infusions, m.AsNeeded} {
		slices.SortStableFunc(list, func(a, b rxLine) int { return strings.Compare(strings.ToLower(a.Drug), strings.ToLower(b.Drug)) })
	}
	for _, d := range p.Doses {
		if f.Now.Sub(d.V.At) > time.Duration(m.Hours)*time.Hour {
			continue
		}
		m.Given = append(m.Given, doseView{
			At: f.stamp(d.V.At), Drug: d.V.Drug.Label(), Amount: d.V.Amount, Route: d.V.Route, Status: doseWord(d.V.Status),
			Given: d.V.Status == clinical.Given || d.V.Status == clinical.Partly, Off: d.Cancelled || d.V.Status == clinical.Retracted,
			Reason: d.V.Reason, By: d.V.By.Name, Second: d.V.Checked.Name, Scan: d.V.Scanned, Entry: enteredPath(p.Key, d.Origin), Origin: f.source(d.Origin, d.Back),
		})
	}
	return m
}

// amountWord writes the number that an amount begins with as the language does:
// 2,5 mg.
func amountWord(s string, l lang.Lang) string {
	n, unit, ok := strings.Cut(s, " ")
	if !ok {
		return plain(s, l)
	}
	return plain(n, l) + " " + unit
}

// rxActive reports whether the prescription is in force now.
func rxActive(r clinical.Prescription, now time.Time) bool {
	return r.Status.Open() && (r.End.IsZero() || r.End.After(now))
}

func newRxLine(it chart.Item[clinical.Prescription], doses []chart.Item[clinical.Dose], f Frame) rxLine {
	r := it.V
	l := rxLine{
		Key:  r.Key(),
		Drug: r.Drug.Label(), Substance: r.Substance, Strength: r.Strength, Form: r.Form, Dose: r.Dose, Scheme: r.Scheme,
		Interval: r.Interval, Route: r.Route, Rate: r.Rate, MaxDaily: r.MaxDaily, Indication: r.Indication, Note: r.Note,
		Start: f.stamp(r.Start), End: f.stamp(r.End), By: r.By.Name, Origin: f.source(it.Origin, it.Back), Hold: r.Status == clinical.OnHold,
		Changed: len(it.Was) > 0, Status: orderWord(r.Status),
	}
	l.Strength = amountWord(l.Strength, f.Lang)
	if strings.Contains(strings.ReplaceAll(l.Drug, ".", ","), strings.ReplaceAll(l.Strength, ".", ",")) {
		l.Strength = ""
	}
	l.Dose, l.Rate = amountWord(l.Dose, f.Lang), amountWord(l.Rate, f.Lang)
	if strings.EqualFold(l.Substance, l.Drug) {
		l.Substance = ""
	}
	for _, w := range it.Was {
		l.Was = append(l.Was, rxWas{Text: strings.TrimSpace(w.V.Dose + " " + w.V.Scheme + " " + w.V.Rate), At: f.stamp(w.Origin.Received)})
	}
	given, off, until := map[string]bool{}, map[string]bool{}, map[string]time.Time{}
	for _, d := range doses {
		if d.Cancelled || !chart.Of(&d.V, &r) || d.V.Status == clinical.Retracted || d.V.Status == clinical.Dispensed {
			continue
		}
		if !l.Last.Known() || d.V.At.After(l.Last.At) {
			l.Last, l.LastWord, l.LastGiven = f.stamp(d.V.At), doseWord(d.V.Status), d.V.Status == clinical.Given || d.V.Status == clinical.Partly
		}
		for _, at := range r.Times {
			if !chart.DueOf(&r, &d.V, f.Now.Location()).Equal(onDay(f.Now, at)) {
				continue
			}
			switch d.V.Status {
			case clinical.Given, clinical.Partly:
				given[clockOf(at)] = true
			case clinical.Refused, clinical.NotGiven:
				off[clockOf(at)] = true
			case clinical.Postponed:
				if _, newer := until[clockOf(at)]; !newer { // newest first
					until[clockOf(at)] = d.V.Until
				}
			case clinical.Dispensed, clinical.Retracted:
			}
		}
	}
	for _, at := range r.Times {
		c := clockOf(at)
		l.Times = append(l.Times, timeView{Clock: c, Done: given[c], Off: off[c] && !given[c], State: slotState(&r, onDay(f.Now, at), until[c], f)})
	}
	return l
}

// slotState is where today's dose of a time of day stands that nobody answered:
// planned where it is none of today's.
func slotState(r *clinical.Prescription, at, until time.Time, f Frame) dueState {
	if len(chart.PlannedDoses(r, at, at.Add(time.Minute))) == 0 {
		return duePlanned
	}
	if until.After(at) { // postponed
		at = until
	}
	return dueStateAt(at, f.Now)
}

// onDay is the time of day at on the day of t, also when the clock changes.
func onDay(t time.Time, at clinical.DayTime) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, int(at), 0, 0, t.Location())
}

// clockOf writes minutes after midnight as 08:00.
func clockOf(t clinical.DayTime) string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// allergyIn returns the allergy whose substance is named in the drug: an aid
// to the eye by equal words, no check of interactions.
func allergyIn(r clinical.Prescription, allergies []chart.Item[clinical.Allergy]) string {
	drug := strings.ToLower(r.Drug.Label() + " " + r.Substance)
	for _, a := range allergies {
		w := strings.ToLower(a.V.To.Label())
		if !a.Cancelled && len(w) >= 4 && strings.Contains(drug, strings.TrimSuffix(w, "e")) {
			return a.V.To.Label()
		}
	}
	return ""
}
