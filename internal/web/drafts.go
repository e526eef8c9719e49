package web

import (
	"net/http"
	"slices"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// draftsPage lists what was begun and not signed: that of the reader in the
// whole house, that of others on the reader's wards.
type draftsPage struct {
	Frame
	Mine   []draftRow
	Others []draftRow

	MoreMine, MoreOthers int // of those that are not listed
}

type draftRow struct {
	Form   lang.Text
	Name   string
	Birth  string
	Case   string
	Place  string
	By     string
	At     stamp
	Old    bool   // begun more than a day ago
	Href   string // "" if the reader may not fill in this form
	Action string // where the draft is thrown away
	Key    string
}

// draftOld is when a draft is called old: what it says is no longer what is.
const draftOld = 24 * time.Hour

var draftsPageT = parse[draftsPage]("drafts")

// draftsOf counts what the person has begun, while anything can be recorded.
func (s *Server) draftsOf(v *visit, f Frame) (int, error) {
	if open, _ := s.writable(v); !open || !f.User.Records() {
		return 0, nil
	}
	_, n, err := v.view.Work(v.Context(), chart.WorkQuery{Kinds: []chart.TaskKind{chart.TaskDraft}, Person: v.session.Person.ID, Limit: 1})
	return n, err
}

func (s *Server) showDrafts(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	mine, total, err := view.Work(v.Context(), chart.WorkQuery{Kinds: []chart.TaskKind{chart.TaskDraft}, Person: sess.Person.ID})
	if err != nil {
		return nil, err
	}
	more, moreOthers := total-len(mine), 0
	var others []chart.Task
	for _, ward := range sess.Person.Wards {
		list, total, err := view.Work(v.Context(), chart.WorkQuery{Kinds: []chart.TaskKind{chart.TaskDraft}, Ward: ward})
		if err != nil {
			return nil, err
		}
		others, moreOthers = append(others, list...), moreOthers+total-len(list)
	}
	seen := func(list []chart.Task) ([]chart.Task, error) { return s.readable(v, list) }
	if mine, err = seen(mine); err != nil {
		return nil, err
	}
	if others, err = seen(slices.DeleteFunc(others, func(t chart.Task) bool { return t.Draft.V.By.ID == sess.Person.ID })); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := newDraftsPage(mine, others, f)
	p.MoreMine, p.MoreOthers = more, moreOthers
	return draftsPageT.of(p)
}

// readable keeps the tasks about patients whom the person may see, and records
// that each was read.
func (s *Server) readable(v *visit, list []chart.Task) ([]chart.Task, error) {
	var out []chart.Task
	recorded := map[clinical.PatientKey]bool{}
	for _, t := range list {
		if s.p.Staff.MayRead(*v.session, v.declared(), t.Place.Ward, t.Key, staff.SeeIdentity, v.now).Verdict != staff.Allowed {
			continue
		}
		if !recorded[t.Key] {
			if _, err := s.pass(v, want{right: staff.SeeIdentity, page: "drafts", ward: t.Place.Ward, patient: t.Key, kase: t.Case}); err != nil {
				return nil, err
			}
			recorded[t.Key] = true
		}
		out = append(out, t)
	}
	return out, nil
}

func newDraftsPage(mine, others []chart.Task, f Frame) draftsPage {
	p := draftsPage{Frame: f.titled("drafts", lang.Text{DE: "Entwürfe", EN: "Drafts"})}
	p.Mine, p.Others = draftRows(mine, f), draftRows(others, f)
	p.Unsigned = max(p.Unsigned, len(p.Mine))
	return p
}

func draftRows(list []chart.Task, f Frame) []draftRow {
	var out []draftRow
	for _, t := range list {
		form := entry.FormOf(t.Draft.V.Form)
		if form == nil {
			continue
		}
		r := draftRow{
			Form: form.Title, Name: t.Name.Display(), Birth: t.Birth.German(), Case: string(t.Case), Place: placeWord(t.Place),
			By: t.Draft.V.By.Name, At: f.stamp(t.At), Old: f.Now.Sub(t.At) > draftOld, Key: t.Draft.V.Key,
		}
		if f.User.Can(form.Right) && form.Says != nil && form.Page == "" {
			r.Action = "/patient/" + string(t.Key) + "/write/" + form.Kind
			r.Href = r.Action + "?draft=" + t.Draft.V.Key + "&back=/drafts"
		}
		out = append(out, r)
	}
	return out
}

// begun returns the person's drafts of this form about this patient, so that
// nobody begins anew what was kept; none beside a draft that is opened.
func (s *Server) begun(p *chart.Patient, v *visit, f Frame, form *entry.Form, w writeForm) []draftView {
	if w.root != "" || slices.ContainsFunc(p.Drafts, func(d chart.Item[clinical.Draft]) bool { return d.V.Key == w.key }) {
		return nil
	}
	var out []draftView
	for _, d := range s.draftViews(p, v, f) {
		if d.Mine && d.Kind == form.Kind && d.Href != "" {
			out = append(out, d)
		}
	}
	return out
}
