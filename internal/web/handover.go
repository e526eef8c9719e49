package web

import (
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

// handoverPage is what one shift tells the next: each patient's newest handover
// and what changed in the shift. It prints as it is, on A4.
type handoverPage struct {
	Frame
	Code, Name string
	From, To   stamp
	Shifts     []filterLink
	Rows       []handoverRow
}

type handoverRow struct {
	wardRow
	Text    string // the newest handover, "" if none was written
	By      string
	At      stamp
	Before  bool // written before this shift began
	Entry   string
	Signs   []shownField // newest of each sign measured in the shift
	Balance string
	Changes []eventView
	Missed  []lineView // doses not given, and those that nobody recorded
}

// handoverDays is how far back a handover is looked for.
const handoverDays = 3

var handoverPageT = parse[handoverPage]("handover")

func (s *Server) showHandover(v *visit) (http.Handler, error) {
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
	list := bedside(w)
	res, err := s.pass(v, want{right: staff.SeeChart, page: "ward/handover", ward: w.Code, what: fmt.Sprintf("%d Patienten", len(list))})
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	before := v.FormValue("shift") == "before"
	p := newHandoverPage(w, f, before)
	for _, r := range list {
		patient, err := view.Patient(v.Context(), r.Key, chart.Part{Lab: true, Vitals: true, Documents: true, Doses: true, Since: v.recentDays(handoverDays)})
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, newHandoverRow(r, patient, p.Frame, p.From.At, p.To.At))
	}
	return handoverPageT.of(p)
}

// newHandoverPage is the list of the running shift, or of the one before it,
// without its patients.
func newHandoverPage(w chart.Ward, f Frame, before bool) handoverPage {
	from, to := shift(f.Now)
	if before {
		from, to = shift(from.Add(-time.Hour))
	}
	p := handoverPage{
		Frame: f.titled("ward/"+w.Code, lang.Text{DE: "Übergabe Station " + w.Code, EN: "Handover ward " + w.Code}),
		Code:  w.Code, Name: w.Name, From: f.stamp(from), To: f.stamp(to),
	}
	base := "/ward/" + url.PathEscape(w.Code) + "/handover"
	p.Shifts = []filterLink{
		{Href: base, Label: lang.Text{DE: "diese Schicht", EN: "this shift"}, Here: !before},
		{Href: base + "?shift=before", Label: lang.Text{DE: "Schicht davor", EN: "shift before"}, Here: before},
	}
	return p
}

func newHandoverRow(r chart.Row, p *chart.Patient, f Frame, from, to time.Time) handoverRow {
	row := handoverRow{wardRow: newWardRow(r, f)}
	base := "/patient/" + string(p.Key)
	within := func(t time.Time) bool { return !t.Before(from) && t.Before(to) && !t.After(f.Now.Add(time.Minute)) }
	for _, d := range p.Documents { // newest first
		if d.Cancelled || d.Origin.Feed != chart.Here || d.V.Status == clinical.Withdrawn {
			continue
		}
		if d.V.Kind.Code == "handover" {
			if row.Text == "" && d.V.At.Before(to) {
				row.Text, row.By, row.At, row.Before = d.V.Text, d.V.By.Name, f.stamp(d.V.At), d.V.At.Before(from)
				row.Entry = fmt.Sprintf("%s/entry-at/%d", base, d.Origin.Seq)
			}
			continue
		}
		if within(d.V.At) {
			row.Changes = append(row.Changes, eventView{At: f.stamp(d.V.At), Kind: lang.Text{DE: "hier", EN: "here"}, Text: documentTitle(d.V), Href: fmt.Sprintf("%s/entry-at/%d", base, d.Origin.Seq)})
		}
	}
	row.Changes = append(row.Changes, resultEvents(p, f, within)...)
	row.Changes = append(row.Changes, drugEvents(p, f, within)...)
	slices.SortStableFunc(row.Changes, func(a, b eventView) int { return a.At.At.Compare(b.At.At) })
	by := readings(p.Results, f)
	row.Signs = signsWithin(by, within)
	if b, ok := balanceOf(by, from, to); ok {
		row.Balance = b.words(f.Lang)
	}
	row.missed(r, p, f, within, to)
	return row
}

// drugEvents is what was prescribed and stopped.
func drugEvents(p *chart.Patient, f Frame, within func(time.Time) bool) []eventView {
	var out []eventView
	href := "/patient/" + string(p.Key) + "/medication"
	for _, m := range p.Medication {
		if m.Cancelled {
			continue
		}
		if within(m.V.Start) {
			out = append(out, eventView{At: f.stamp(m.V.Start), Kind: lang.Text{DE: "Neu verordnet", EN: "Prescribed"}, Text: strings.TrimSpace(m.V.Drug.Label() + " " + m.V.Dose), Href: href})
		}
		if within(m.V.End) {
			out = append(out, eventView{At: f.stamp(m.V.End), Kind: lang.Text{DE: "Abgesetzt", EN: "Stopped"}, Text: m.V.Drug.Label(), Href: href})
		}
	}
	return out
}

// signsWithin returns the newest value of each sign that was measured.
func signsWithin(by map[string][]reading, within func(time.Time) bool) []shownField {
	var out []shownField
	for _, s := range signs {
		if slices.Contains([]string{"dia", "in", "out", "urine", "height", "bp"}, s.id) {
			continue
		}
		list := by[s.id]
		if len(list) == 0 || !within(list[len(list)-1].stamp.At) {
			continue
		}
		r := list[len(list)-1]
		x := shownField{Label: s.label, Text: r.text, Unit: s.unit}
		if d := by["dia"]; s.id == "sys" {
			x.Label = lang.Text{DE: "RR", EN: "BP"}
			if len(d) > 0 && d[len(d)-1].stamp.At.Equal(r.stamp.At) {
				x.Text += "/" + d[len(d)-1].text
			}
		}
		if r.mark.Sym != "" {
			x.Text += " " + r.mark.Sym
		}
		out = append(out, x)
	}
	return out
}

// missed lists the doses of the shift that were not given as planned, and those
// that were due and that nobody recorded.
func (row *handoverRow) missed(r chart.Row, p *chart.Patient, f Frame, within func(time.Time) bool, to time.Time) {
	for _, d := range p.Doses {
		if d.Cancelled || !within(d.V.At) {
			continue
		}
		switch d.V.Status {
		case clinical.Refused, clinical.NotGiven, clinical.Partly:
			row.Missed = append(row.Missed, lineView{Text: d.V.Drug.Label(), Note: d.V.Amount, At: f.stamp(d.V.At), Word: doseWord(d.V.Status)})
		case clinical.Given, clinical.Dispensed, clinical.Retracted:
		}
	}
	then := f
	if to.Before(f.Now) { // as it was when the shift ended
		then.Now = to.Add(-time.Second)
	}
	for _, d := range dueInShift(r.Doses, then) {
		if d.State == dueOver {
			row.Missed = append(row.Missed, lineView{Text: d.Drug, Note: d.Dose, At: d.At, Word: lang.Text{DE: "nicht dokumentiert", EN: "not recorded"}})
		}
	}
	slices.SortStableFunc(row.Missed, func(a, b lineView) int { return a.At.At.Compare(b.At.At) })
}
