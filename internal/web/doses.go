package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// dosesPage is a ward's doses of one shift, patient by patient.
type dosesPage struct {
	Frame
	Code     string
	Name     string
	Shift    string // "06–14 h"
	Shifts   []filterLink
	Patients []dosePatient
	Due      int // due now or overdue
	Unpaired []unpairedView
	Ward     string // address of the ward's list
	Closed   bool   // nothing can be recorded now
}

// dosePatient is one patient with everything to give.
type dosePatient struct {
	Key         clinical.PatientKey
	Room, Bed   string
	Name, Birth string
	Case        string
	Alike       bool
	Away        bool
	Dead        bool // nothing is given any more
	Died        stamp
	Allergies   []string
	Rows        []doseRow
	Needed      []neededRow
	Running     []runningRow
	Contests    []contestView
	Remarks     []pharmacyWord // of the pharmacy, that no physician took note of
	Requests    []pharmacyWord // to the pharmacy
	Request     string
}

// doseRow is one planned dose.
type doseRow struct {
	At      stamp
	Drug    string
	Dose    string
	Route   string
	State   dueState // "" for one that is answered
	Answer  lang.Text
	Given   bool
	By      string
	Earlier bool // of an earlier shift
	Rare    bool // not every day: which day is not known
	Last    stamp
	Second  bool
	Href    string
	Next    bool // the one to go on with
	due     time.Time
}

// neededRow is a drug as needed.
type neededRow struct {
	Drug, Dose, Route, Indication string
	Last                          stamp
	Left                          leftView
	Href                          string
}

// runningRow is a drug without a time of day: an infusion, or paused.
type runningRow struct {
	Word   lang.Text
	Drug   string
	Amount lang.Text
	Last   stamp
	Href   string
}

// unpairedView is a dose that was given without the second person it needs.
type unpairedView struct {
	Patient string
	Href    string
	At      stamp
	Drug    string
	By      string
	Reason  string
}

var dosesPageT = parse[dosesPage]("doses")

// shifts of a day, by name in the address.
var shifts = []struct {
	name  string
	hour  int
	label lang.Text
}{
	{"early", 6, lang.Text{DE: "Früh", EN: "Early"}},
	{"late", 14, lang.Text{DE: "Spät", EN: "Late"}},
	{"night", 22, lang.Text{DE: "Nacht", EN: "Night"}},
}

// shiftNamed returns the shift of that name that is on, next or, for one that
// was last before now, just over; the running one for any other name.
func shiftNamed(name string, now time.Time) (from, to time.Time, here string) {
	from, to = shift(now)
	for _, x := range shifts {
		if x.hour == from.Hour() {
			here = x.name
		}
	}
	for _, x := range shifts {
		if x.name != name || x.hour == from.Hour() {
			continue
		}
		next, before := to, from
		for next.Hour() != x.hour {
			_, next = shift(next)
		}
		for before.Hour() != x.hour {
			before, _ = shift(before.Add(-time.Minute))
		}
		if from.Sub(before) < next.Sub(from) { // the one just over
			next = before
		}
		a, b := shift(next)
		return a, b, name
	}
	return from, to, here
}

// giveBack is how far back the list looks for what was given, and for doses that
// nobody recorded.
const giveBack = 24 * time.Hour

func (s *Server) showDoses(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	w, err := view.Ward(v.Context(), v.PathValue("code"))
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: staff.GiveDoses, page: "doses", ward: w.Code, what: fmt.Sprintf("%d Betten", len(w.Rows))})
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	open, _ := s.writable(v)
	d := dosing24{s: s, f: f, open: open}
	d.from, d.to, d.name = shiftNamed(v.FormValue("shift"), v.now)
	var list []wardPatient
	for _, r := range w.Rows {
		if r.Free || r.Arriving {
			continue
		}
		p, err := view.Patient(v.Context(), r.Key, chart.Part{Doses: true, Since: midnight(v.now.Add(-giveBack))})
		if err != nil {
			return nil, err
		}
		list = append(list, wardPatient{r, p})
	}
	p := d.page(w, list)
	p.next(clinical.PatientKey(v.FormValue("after")), v.FormValue("due"))
	return dosesPageT.of(p)
}

// wardPatient is a row of a ward with the chart behind it.
type wardPatient struct {
	chart.Row
	p *chart.Patient
}

// dosing24 makes the list of one shift.
type dosing24 struct {
	s        *Server
	f        Frame
	open     bool
	from, to time.Time
	name     string
}

func (d *dosing24) page(w chart.Ward, list []wardPatient) dosesPage {
	title := w.Code
	if w.Name != "" && w.Name != w.Code {
		title += " · " + w.Name
	}
	p := dosesPage{
		Frame: d.f.titled("ward/"+w.Code, lang.Text{DE: "Gaben " + title, EN: "Doses " + title}), Code: w.Code, Name: w.Name, Closed: !d.open,
		Shift: d.from.Format("02.01. 15") + "–" + d.to.Format("15") + " h", Ward: "/ward/" + url.PathEscape(w.Code),
	}
	p.Refresh, p.Land = true, true
	for _, x := range shifts {
		p.Shifts = append(p.Shifts, filterLink{Href: p.Ward + "/doses?shift=" + x.name, Label: x.label, Here: x.name == d.name})
	}
	for _, r := range list {
		one := d.patient(r)
		if len(one.Rows)+len(one.Needed)+len(one.Running)+len(one.Remarks)+len(one.Contests)+len(one.Requests) > 0 || one.Dead {
			p.Patients = append(p.Patients, one)
		}
		for _, x := range one.Rows {
			if x.State == dueNow || x.State == dueOver {
				p.Due++
			}
		}
		p.Unpaired = append(p.Unpaired, d.unpaired(r.p)...)
	}
	return p
}

func (d *dosing24) patient(r wardPatient) dosePatient {
	out := dosePatient{
		Key: r.Key, Room: r.Place.Room, Bed: r.Place.Bed, Name: r.Name.Display(), Birth: r.Birth.German(), Case: string(r.Case),
		Alike: r.NamesAlike, Away: r.State == chart.Away, Allergies: r.Allergies,
		Contests: contestViews(r.p, d.f, d.open), Remarks: openRemarks(r.p, d.f), Requests: requestWords(r.p, d.f), Request: requestPath(r.Key, "/ward/"+url.PathEscape(r.Place.Ward)+"/doses", d.f, d.open),
	}
	if r.p.Dead.V {
		out.Dead, out.Died = true, d.f.stamp(r.p.Died.V)
		return out
	}
	for _, due := range chart.DuesOf(r.p, d.f.Now.Location()) {
		it, err := rxNamed(r.p, due.Prescription)
		if err != nil {
			continue // DuesOf names prescriptions of this chart
		}
		switch {
		case due.AsNeeded:
			if rxActive(it.V, d.f.Now) && !due.Hold {
				out.Needed = append(out.Needed, d.needed(r.p, it.V, due))
			}
		case due.Timeless:
			if st, ok := due.Standing(d.f.Now, d.to); ok {
				row := runningRow{Word: st.Word, Drug: st.Drug, Amount: st.Amount, Last: d.f.stamp(due.Last)}
				if !due.Hold {
					row.Href = d.href(r.Key, due.Prescription, time.Time{})
				}
				out.Running = append(out.Running, row)
			}
		default:
			out.Rows = append(out.Rows, d.planned(r.p, it.V, due)...)
		}
	}
	slices.SortStableFunc(out.Rows, func(a, b doseRow) int { return cmp.Or(a.At.At.Compare(b.At.At), cmp.Compare(a.Drug, b.Drug)) })
	return out
}

// planned are the doses of one time of day in the shift, and before it those of
// the outage that nobody recorded.
func (d *dosing24) planned(p *chart.Patient, rx clinical.Prescription, due chart.Due) []doseRow {
	var out []doseRow
	if since := missedFrom(d.f, d.from); since.Before(d.from) {
		for _, x := range chart.Missed([]chart.Due{due}, since, d.from) {
			row := d.row(p, rx, x)
			row.Earlier = true
			out = append(out, row)
		}
	}
	for _, x := range due.Between(d.from, d.to) {
		out = append(out, d.row(p, rx, x))
	}
	return out
}

func (d *dosing24) row(p *chart.Patient, rx clinical.Prescription, x chart.Dose) doseRow {
	r := doseRow{
		At: d.f.stamp(x.Now), Drug: x.Drug, Dose: cmp.Or(x.Dose, rx.Rate), Route: x.Route, Rare: x.Every > 1, Last: d.f.stamp(x.Last), Second: d.s.c.Drugs.second(rx),
		Href: d.href(p.Key, x.Prescription, x.Time), due: x.Time,
	}
	if rx.Strength != "" && r.Drug == rx.Drug.Label() && !containsFold(r.Drug, rx.Strength) {
		r.Drug += " " + rx.Strength
	}
	if a := x.Answer; a != nil {
		r.Answer, r.Given = doseWord(a.Status), a.Status == clinical.Given || a.Status == clinical.Partly
		for _, y := range p.Doses {
			if y.V.At.Equal(a.At) && y.V.Status == a.Status && chart.Of(&y.V, &rx) {
				r.By = y.V.By.Name
			}
		}
		at := d.f.stamp(a.At)
		r.Answer.DE, r.Answer.EN = r.Answer.DE+" "+at.clock(lang.DE), r.Answer.In(lang.EN)+" "+at.clock(lang.EN)
	}
	if x.Open() {
		r.State = dueStateAt(x.Now, d.f.Now)
	}
	return r
}

func (d *dosing24) needed(p *chart.Patient, rx clinical.Prescription, due chart.Due) neededRow {
	l := d.s.leftOf(p, around{}, rx, d.f.Now)
	return neededRow{
		Drug: due.Drug, Dose: rx.Dose, Route: rx.Route, Indication: rx.Indication, Last: d.f.stamp(due.Last),
		Left: leftView{Most: l.Most, Given: l.Given, Rest: l.Rest, Why: l.Why, Over: l.Over}, Href: d.href(p.Key, due.Prescription, time.Time{}),
	}
}

// unpaired are the doses of the last day that needed a second person and were
// given without one.
func (d *dosing24) unpaired(p *chart.Patient) []unpairedView {
	var out []unpairedView
	for _, x := range p.Doses {
		given := x.V.Status == clinical.Given || x.V.Status == clinical.Partly
		if x.Origin.Feed != chart.Here || x.Cancelled || !given || !x.V.Checked.Zero() || d.f.Now.Sub(x.V.At) > giveBack {
			continue
		}
		it, err := rxNamed(p, x.V.Prescription)
		if err == nil && d.s.c.Drugs.second(it.V) {
			out = append(out, unpairedView{
				Patient: p.Name.V.Display(), Href: "/patient/" + string(p.Key) + "/medication", At: d.f.stamp(x.V.At), Drug: x.V.Drug.Label(), By: x.V.By.Name, Reason: x.V.Reason,
			})
		}
	}
	return out
}

// href is the address at which a dose is recorded, "" while nothing can be.
func (d *dosing24) href(patient clinical.PatientKey, rx string, due time.Time) string {
	if !d.open {
		return ""
	}
	to := rxPath(patient, "give", rx)
	if !due.IsZero() {
		to += "&due=" + url.QueryEscape(due.Format(time.RFC3339))
	}
	return to
}

// next marks the dose to go on with: the first that is due behind the one just
// recorded, in the order of the list, else the first of all.
func (p *dosesPage) next(after clinical.PatientKey, due string) {
	done, _ := time.Parse(time.RFC3339, due) // anything else is the first of the patient
	var first, found *doseRow
	behind := after == ""
	for i := range p.Patients {
		for j := range p.Patients[i].Rows {
			r := &p.Patients[i].Rows[j]
			if p.Patients[i].Key == after && !r.due.Before(done) {
				behind = true
			}
			if r.Href == "" || r.State != dueNow && r.State != dueOver {
				continue
			}
			if first == nil {
				first = r
			}
			if behind && found == nil {
				found = r
			}
		}
		if p.Patients[i].Key == after {
			behind = true
		}
	}
	if found = cmp.Or(found, first); found != nil {
		found.Next = true
	}
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
