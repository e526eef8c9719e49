package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/score"
)

// wardPage is the page a shift lives on: one row a bed, the free ones too.
type wardPage struct {
	Frame
	Code     string
	Name     string
	Beds     int
	Occupied int
	Filter   string
	Filters  []filterLink
	Rows     []wardRow
	Shown    int // patients shown
	Arriving []wardRow
	Unheard  []unheardView // critical values that nobody took note of
	Shift    string        // the shift whose doses are shown: "06–14"
	Round    string        // address of a round of vital signs, "" where nothing can be recorded
	Handover string        // address of the handover, "" for those who may not see it
	Done     bool          // a round has just ended
}

type filterLink struct {
	Href  string
	Label lang.Text
	Count int
	Here  bool
}

type wardRow struct {
	Room, Bed   string
	NewRoom     bool // first row of its room
	Free        bool
	Key         clinical.PatientKey
	Name        string
	Birth, Age  string
	Sex         string
	Case        string
	Day         int
	Since       stamp
	Doctor      string
	Why         string // main diagnosis, else the reason for the stay
	Class       lang.Text
	Alike       bool
	Unnamed     bool
	Dead        bool
	Away        bool
	Child       bool
	Shared      bool   // somebody else is listed in the same bed
	Elsewhere   string // a newer message names this place
	Expected    stamp  // discharge, or arrival of those not yet here
	Arriving    bool
	Allergies   []string
	NoneKnown   bool
	Isolation   []string
	Alerts      []string
	Resuscitate string
	Contested   int // prescriptions
	Latest      []markView
	Due         []dueView
	Standing    []chart.Standing // in force without a time of day
	More        int              // further doses of the shift, and further of Standing
	Orders      []orderCount
	NewFindings int
	Write       string // address of the vital signs form, "" where nothing can be recorded
}

type markView struct {
	Label string
	Num   num
	Unit  string
	At    stamp
	Mark  mark
	Trend trend
}

// trend is how a score moved since the one before it.
type trend struct {
	Sym  string
	Word lang.Text
}

// trendOf compares two totals; none where one of them is incomplete.
func trendOf(was, is string) trend {
	a, err1 := strconv.Atoi(was)
	b, err2 := strconv.Atoi(is)
	switch {
	case err1 != nil || err2 != nil:
		return trend{}
	case b > a:
		return trend{"↗", lang.Text{DE: "gestiegen von " + was, EN: "risen from " + was}}
	case b < a:
		return trend{"↘", lang.Text{DE: "gefallen von " + was, EN: "fallen from " + was}}
	}
	return trend{"→", lang.Text{DE: "unverändert", EN: "unchanged"}}
}

// dueState says where a planned dose of the shift stands.
type dueState string

const (
	duePlanned dueState = "planned" // later in the shift
	dueNow     dueState = "now"     // within half an hour, or past and not recorded
	dueOver    dueState = "over"    // more than an hour past and not recorded
)

type dueView struct {
	At    stamp
	Drug  string
	Dose  string
	State dueState
}

type orderCount struct {
	Label lang.Text
	N     int
}

var wardPageT = parse[wardPage]("ward")

func newWardPage(w chart.Ward, f Frame, filter string) wardPage {
	title := w.Code
	if w.Name != "" && w.Name != w.Code {
		title += " · " + w.Name
	}
	p := wardPage{
		Frame: f.titled("ward/"+w.Code, lang.Text{DE: "Station " + title, EN: "Ward " + title}),
		Code:  w.Code, Name: w.Name, Beds: w.Beds, Occupied: w.Occupied, Filter: filter,
	}
	p.Refresh, p.Land = true, true
	from, to := shift(f.Now)
	p.Shift = from.Format("15") + "–" + to.Format("15") + " h"
	var rows []wardRow
	counts := map[string]int{}
	for _, r := range w.Rows {
		row := newWardRow(r, f)
		rows = append(rows, row)
		for _, name := range []string{"due", "critical", "new"} {
			if row.is(name) {
				counts[name]++
			}
		}
	}
	last := "\x00"
	for i, row := range rows {
		if filter != "" && !row.is(filter) {
			continue
		}
		if !row.Free {
			p.Shown++
		}
		if w.Rows[i].Arriving {
			p.Arriving = append(p.Arriving, row)
			continue
		}
		row.NewRoom = row.Room != last
		last = row.Room
		p.Rows = append(p.Rows, row)
	}
	base := "/ward/" + url.PathEscape(w.Code)
	patients := 0
	for _, r := range rows {
		if !r.Free {
			patients++
		}
	}
	p.Filters = []filterLink{
		{base, lang.Text{DE: "alle", EN: "all"}, patients, filter == ""},
		{base + "?show=due", lang.Text{DE: "fällig", EN: "due"}, counts["due"], filter == "due"},
		{base + "?show=critical", lang.Text{DE: "kritisch", EN: "critical"}, counts["critical"], filter == "critical"},
		{base + "?show=new", lang.Text{DE: "neu", EN: "new"}, counts["new"], filter == "new"},
	}
	return p
}

// writing offers the forms on the list.
func (p *wardPage) writing() {
	p.Round = roundAddress(p.Code, "vitals", "", "")
	back := url.Values{"back": {"/ward/" + url.PathEscape(p.Code)}}.Encode()
	for i := range p.Rows {
		if r := &p.Rows[i]; !r.Free && !r.Dead {
			r.Write = "/patient/" + string(r.Key) + "/write/vitals?" + back
		}
	}
}

func newWardRow(r chart.Row, f Frame) wardRow {
	row := wardRow{Room: r.Place.Room, Bed: r.Place.Bed, Free: r.Free}
	if r.Free {
		return row
	}
	row.Key, row.Case = r.Key, string(r.Case)
	row.Name, row.Birth, row.Age, row.Sex = r.Name.Display(), r.Birth.German(), f.ageOf(r.Birth), f.sexOf(r.Sex)
	row.Since = f.stamp(r.Since)
	row.Day = stayDay(row.Since)
	row.Doctor, row.Why = r.Doctor, r.Diagnosis
	if row.Why == "" {
		row.Why = r.Reason
	}
	if r.Class != clinical.Inpatient && r.Class != "" {
		row.Class = classWord(r.Class)
	}
	row.Alike, row.Unnamed, row.Dead, row.Away = r.NamesAlike, r.Unnamed, r.Dead, r.State == chart.Away
	row.Child, row.Shared = r.Mother != "", r.Shared
	if !r.Elsewhere.Zero() {
		row.Elsewhere = placeWord(r.Elsewhere)
	}
	row.Expected, row.Arriving = f.stamp(r.Expected), r.Arriving
	row.Allergies, row.NoneKnown, row.Isolation = r.Allergies, r.NoneKnown, r.Isolation
	row.Contested = r.Contested
	row.Alerts, row.Resuscitate, row.NewFindings = r.Alerts, r.Resuscitate, r.NewFindings
	if r.Score != nil {
		m := newMarkView(*r.Score, f)
		if n, ok := score.AtLeast(r.Score.Value); ok {
			m.Num = num{Whole: "≥ " + strconv.Itoa(n)}
		}
		if r.ScoreWas != nil {
			m.Trend = trendOf(r.ScoreWas.Value, r.Score.Value)
		}
		row.Latest = append(row.Latest, m)
	}
	for _, m := range r.Critical {
		row.Latest = append(row.Latest, newMarkView(m, f))
	}
	if r.Vital != nil {
		row.Latest = append(row.Latest, newMarkView(*r.Vital, f))
	}
	for _, m := range r.Vitals {
		row.Latest = append(row.Latest, newMarkView(m, f))
	}
	if r.Dead { // nothing is due any more; the row says why
		r.Doses = nil
	}
	due := dueNowAndBefore(r.Doses, f)
	const room = 3
	standing := standingInShift(r.Doses, f)
	row.Due, row.Standing = due[:min(len(due), room)], standing[:min(len(standing), room)]
	row.More = len(due) - len(row.Due) + len(standing) - len(row.Standing)
	for _, s := range sections {
		if n := r.OpenOrders[s.section]; n > 0 {
			row.Orders = append(row.Orders, orderCount{Label: s.label, N: n})
		}
	}
	return row
}

func newMarkView(m chart.Mark, f Frame) markView {
	return markView{
		Label: m.Label, Num: decimal(m.Value, f.Lang), Unit: m.Unit, At: f.stamp(m.At),
		Mark: markOf([]string{m.Flag}, m.Critical),
	}
}

// is reports whether the row belongs under the filter.
func (r wardRow) is(filter string) bool {
	switch filter {
	case "due":
		return slices.ContainsFunc(r.Due, func(d dueView) bool { return d.State != duePlanned })
	case "critical":
		return slices.ContainsFunc(r.Latest, func(m markView) bool { return m.Mark.Critical })
	case "new":
		return !r.Free && (r.NewFindings > 0 || r.Since.Known() && r.Since.Old() < 24*time.Hour)
	}
	return true
}

// shift returns the begin and end of the shift that now belongs to: early
// 06–14, late 14–22, night 22–06.
func shift(now time.Time) (from, to time.Time) {
	day := midnight(now)
	switch h := now.Hour(); {
	case h < 6:
		return day.Add(-2 * time.Hour), day.Add(6 * time.Hour)
	case h < 14:
		return day.Add(6 * time.Hour), day.Add(14 * time.Hour)
	case h < 22:
		return day.Add(14 * time.Hour), day.Add(22 * time.Hour)
	}
	return day.Add(22 * time.Hour), day.Add(30 * time.Hour)
}

// dueInShift returns the planned doses of the running shift that are not
// answered, soonest first.
func dueInShift(doses []chart.Due, f Frame) []dueView {
	from, to := shift(f.Now)
	var out []dueView
	for i := range doses {
		for _, p := range doses[i].Between(from, to) {
			if p.Open() {
				out = append(out, newDueView(p, f))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b dueView) int { return a.At.At.Compare(b.At.At) })
	return out
}

// dueNowAndBefore is dueInShift with the doses before the shift that nobody
// recorded since the outage began: what the list of doses shows too.
func dueNowAndBefore(doses []chart.Due, f Frame) []dueView {
	var out []dueView
	from, _ := shift(f.Now)
	if since := missedFrom(f, from); since.Before(from) {
		for _, p := range chart.Missed(doses, since, from) {
			out = append(out, newDueView(p, f))
		}
	}
	return append(out, dueInShift(doses, f)...)
}

func newDueView(p chart.Dose, f Frame) dueView {
	return dueView{At: f.stamp(p.Now), Drug: p.Drug, Dose: p.Dose, State: dueStateAt(p.Now, f.Now)}
}

// missedFrom is from when on a dose without a record is missed: since the outage
// began, at most a day back. Outside of an outage the other system knows: it is
// the shift that begins at from.
func missedFrom(f Frame, from time.Time) time.Time {
	if f.Mode.Kind != incident.Emergency {
		return from
	}
	since := f.Mode.Since.At
	if back := f.Now.Add(-giveBack); since.Before(back) {
		since = back
	}
	return since
}

// dueStateAt is [chart.StateAt] for the pages.
func dueStateAt(at, now time.Time) dueState {
	switch chart.StateAt(at, now) {
	case chart.DoseDue:
		return dueNow
	case chart.DoseOverdue:
		return dueOver
	case chart.DosePlanned:
	}
	return duePlanned
}

// standingInShift returns the drugs in force in the running shift that have no
// time of day: never due, never overdue, but never silent.
func standingInShift(doses []chart.Due, f Frame) []chart.Standing {
	_, to := shift(f.Now)
	var out []chart.Standing
	for i := range doses {
		if s, ok := doses[i].Standing(f.Now, to); ok {
			out = append(out, s)
		}
	}
	return out
}

// sections in the order a ward names them.
var sections = []struct {
	section clinical.Section
	label   lang.Text
}{
	{clinical.Laboratory, lang.Text{DE: "Labor", EN: "Laboratory"}},
	{clinical.Microbiology, lang.Text{DE: "Mikrobiologie", EN: "Microbiology"}},
	{clinical.Radiology, lang.Text{DE: "Radiologie", EN: "Radiology"}},
	{clinical.Endoscopy, lang.Text{DE: "Endoskopie", EN: "Endoscopy"}},
	{clinical.Cardiology, lang.Text{DE: "Kardiologie", EN: "Cardiology"}},
	{clinical.Pathology, lang.Text{DE: "Pathologie", EN: "Pathology"}},
	{clinical.Surgery, lang.Text{DE: "OP", EN: "Surgery"}},
	{clinical.Consult, lang.Text{DE: "Konsil", EN: "Consult"}},
	{clinical.Nursing, lang.Text{DE: "Pflege", EN: "Nursing"}},
	{clinical.Vitals, lang.Text{DE: "Vitalwerte", EN: "Vital signs"}},
	{clinical.Pharmacy, lang.Text{DE: "Apotheke", EN: "Pharmacy"}},
	{clinical.Transport, lang.Text{DE: "Transport", EN: "Transport"}},
	{clinical.Diet, lang.Text{DE: "Kost", EN: "Diet"}},
	{clinical.OtherSection, lang.Text{DE: "Weiteres", EN: "Other"}},
}

func sectionWord(s clinical.Section) lang.Text {
	for _, x := range sections {
		if x.section == s {
			return x.label
		}
	}
	return lang.Text{DE: "Weiteres", EN: "Other"}
}
