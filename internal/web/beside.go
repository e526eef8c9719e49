package web

import (
	"net/url"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Prescriptions, doses and laboratory values are typed in beside a scanned page
// too. Their forms carry the page through every step, so that each entry says
// which paper it is taken from and who wrote it.

// fromPaper is the filed page that somebody types in from.
type fromPaper struct {
	root string
	by   string // who wrote on it
}

func paperOf(v *visit) fromPaper {
	return fromPaper{v.FormValue("sheet"), strings.TrimSpace(v.PostFormValue(sheetByField))}
}

// form is it as the forms of a chart carry it.
func (p fromPaper) form(at string) writeForm {
	return writeForm{sheet: p.root, sheetBy: p.by, typed: map[string]string{entry.AtField: at}}
}

// hidden are its fields on a page that asks once more.
func (p fromPaper) hidden() []hiddenField {
	if p.root == "" {
		return nil
	}
	return []hiddenField{{"sheet", p.root}, {sheetByField, p.by}}
}

// besideView is the picture beside a form, and the fields that only paper needs.
type besideView struct {
	Sheet sheetView
	By    string
	At    string // as typed
	Asks  bool   // the form has no time of its own

	ByWrong, AtWrong lang.Text
}

// besideOf draws the page beside a form; nil where nothing is typed in from
// paper.
func (s *Server) besideOf(o *opened, paper fromPaper, at string, asks bool, wrong []entry.Mistake) *besideView {
	p, ok := s.sheetAt(o, paper.root)
	if !ok {
		return nil
	}
	out := &besideView{Sheet: newSheetView(p, o.frame), By: paper.by, At: at, Asks: asks}
	out.Sheet.Patient = o.p.Key
	for _, m := range wrong {
		switch m.Field {
		case sheetByField:
			out.ByWrong = m.Say
		case entry.AtField:
			out.AtWrong = m.Say
		}
	}
	return out
}

// onPaper notes on an entry which page it is taken from, and returns the address
// that leads back to it, else back.
func (s *Server) onPaper(o *opened, paper fromPaper, e *entry.Entry, back string) string {
	w := paper.form("")
	s.fromSheet(o, &w, e)
	if w.back == "" {
		return back
	}
	return w.back
}

// paperTime reads the time that stands on the paper: it must have been in an
// outage, for only that is recorded here.
func (s *Server) paperTime(v *visit, at string) (time.Time, []entry.Mistake) {
	t, ok := entry.ParseTime(strings.TrimSpace(at), v.now)
	switch {
	case strings.TrimSpace(at) == "": // said elsewhere
		return v.now, nil
	case !ok || t.After(v.now.Add(time.Minute)):
		return v.now, []entry.Mistake{{Field: entry.AtField, Say: lang.Text{
			DE: "Wann: nicht lesbar oder in der Zukunft. So: 08:05, gestern 23:40 oder 18.11. 23:40.", EN: "When: cannot be read or in the future. Like this: 08:05, yesterday 23:40 or 18.11. 23:40.",
		}}}
	case !s.inOutage(v, t):
		return t, []entry.Mistake{notInOutage()}
	}
	return t, nil
}

// dosesBack is how far before its scan a plan's boxes are looked for.
const dosesBack = 48 * time.Hour

// paperForms are the forms that may be typed in beside a page.
func (s *Server) paperForms(v *visit, o *opened, root string) []formLink {
	at := "/patient/" + string(o.p.Key)
	to := "sheet=" + url.QueryEscape(root)
	may := func(r staff.Right) bool { return staff.May(v.session.Person, r) }
	var out []formLink
	for _, form := range s.formsOffered() {
		if form.Page == "" && may(staff.Right(form.Right)) {
			out = append(out, formLink{at + "/write/" + form.Kind + "?" + to, form.Title})
		}
	}
	if may(staff.Prescribe) {
		out = append(out, formLink{at + "/prescribe?" + to, lang.Text{DE: "Verordnung", EN: "Prescription"}})
	}
	if may(laboratory.write) {
		for i := range o.p.Orders {
			it := &o.p.Orders[i]
			if it.Cancelled || it.V.Section != clinical.Laboratory && it.V.Section != clinical.Microbiology {
				continue
			}
			what := it.V.What.Label() + " " + it.V.Placer + it.V.Filler
			if it.V.Placer != "" {
				what = it.V.What.Label() + " " + it.V.Placer
			}
			out = append(out, formLink{answerPath(laboratory, o.p.Key, it.V) + "?" + to, lang.Text{DE: "Werte: " + what, EN: "Values: " + what}})
		}
	}
	return out
}

// paperDoses are the planned doses without a record until the page was scanned:
// the boxes of a medication plan.
func (s *Server) paperDoses(v *visit, o *opened, root string, scanned time.Time) []formLink {
	if !staff.May(v.session.Person, staff.GiveDoses) {
		return nil
	}
	var out []formLink
	until := scanned.Add(time.Minute)
	for _, due := range chart.DuesOf(o.p, v.now.Location()) {
		it, err := rxNamed(o.p, due.Prescription)
		if err != nil {
			continue // DuesOf names prescriptions of this chart
		}
		what := strings.Join(strings.Fields(it.V.Drug.Label()+" "+it.V.Dose), " ")
		add := func(at time.Time) {
			q := url.Values{"rx": {due.Prescription}, "sheet": {root}}
			when := lang.Text{DE: "bei Bedarf oder zusätzlich", EN: "as needed or extra"}
			if !at.IsZero() {
				q.Set("due", at.Format(time.RFC3339))
				when = lang.Text{DE: o.frame.stamp(at).clock(lang.DE), EN: o.frame.stamp(at).clock(lang.EN)}
			}
			out = append(out, formLink{"/patient/" + url.PathEscape(string(o.p.Key)) + "/give?" + q.Encode(), lang.Text{DE: what + ", " + when.DE, EN: what + ", " + when.EN}})
		}
		for _, d := range due.Between(until.Add(-dosesBack).In(v.now.Location()), until) {
			if d.Open() {
				add(d.Time)
			}
		}
		if due.AsNeeded {
			add(time.Time{})
		}
	}
	return out
}
