package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// signedFor is how long a page confirms what was signed.
const signedFor = 10 * time.Minute

// signedView is the quiet line on the page that follows a form.
type signedView struct {
	State   entry.State
	Form    lang.Text
	Name    string
	At      stamp
	Entry   string // address of the entry or draft, "" for one thrown away
	Correct string
	Soon    bool // stored, but this page was drawn before the chart had it
}

// justSigned looks up what the address says was signed: an entry of this
// person, of a few minutes ago, about somebody whose name the person may see.
// Anything else is not mentioned.
func (s *Server) justSigned(v *visit, f Frame) *signedView {
	seq, err := strconv.ParseUint(v.URL.Query().Get("signed"), 10, 64)
	if err != nil || seq == 0 || v.Method != http.MethodGet || v.session == nil || s.p.Desk == nil || v.view == nil {
		return nil
	}
	e, err := s.p.Desk.At(v.Context(), journal.Seq(seq))
	if err != nil || e.By.ID != v.session.Person.ID || v.now.Sub(e.Written) > signedFor || e.Withdrawn {
		return nil
	}
	form := entry.FormOf(e.Form)
	p, err := v.view.Patient(v.Context(), e.Patient, chart.Head())
	if form == nil || err != nil {
		return nil
	}
	ward := ""
	if st, ok := p.Current(); ok {
		ward = st.Now.V.Ward
	}
	if s.p.Staff.MayRead(*v.session, v.declared(), ward, p.Key, staff.SeeIdentity, v.now).Verdict != staff.Allowed {
		return nil
	}
	base := "/patient/" + string(p.Key)
	out := &signedView{State: e.State, Form: form.Title, Name: p.Name.V.Display(), At: f.stamp(e.At), Soon: v.view.Seq() < seq}
	switch {
	case e.State == entry.Draft:
		out.Entry = base + "/write/" + form.Kind + "?draft=" + e.Key
	case e.State == entry.Signed && form.Says != nil && form.Page == "":
		out.Entry, out.Correct = base+"/entry/"+e.Root, base+"/write/"+form.Kind+"?correct="+e.Root
	case e.State == entry.Signed:
		out.Entry = base + "/entry/" + e.Root
	}
	return out
}

// twiceWithin is how close two entries of the same values are asked about.
const twiceWithin = 10 * time.Minute

// twice asks when the same was signed a moment ago, by the same person in
// another tab or by a colleague.
func (s *Server) twice(v *visit, o *opened, filled *entry.Filled, w writeForm) ([]entry.Mistake, error) {
	list, err := v.view.Sources(v.Context(), o.p.Key, 0, 40)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		if x.Feed != chart.Here || v.now.Sub(x.Received).Abs() > twiceWithin {
			continue
		}
		was, err := s.p.Desk.At(v.Context(), journal.Seq(x.Seq))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if was.State != entry.Signed || was.Withdrawn || was.Form != filled.Kind || was.Key == w.key || was.At.Sub(filled.At).Abs() > twiceWithin {
			continue
		}
		last, err := s.p.Desk.Current(v.Context(), was.Root)
		if err != nil {
			return nil, err
		}
		about := filled.About
		about.Now = was.Written.In(v.now.Location())
		old := refill(last, filled.Form, about)
		sure := "twice=" + was.Root
		if last.Key != was.Key || !old.Same(filled) || slices.Contains(w.sure, sure) {
			continue
		}
		return []entry.Mistake{{Sure: sure, Say: lang.Text{
			DE: "Dieselben Werte wurden um " + was.At.In(v.now.Location()).Format("15:04") + " von " + was.By.Name + " eingetragen. Noch einmal eintragen?",
			EN: "The same values were recorded at " + was.At.In(v.now.Location()).Format("15:04") + " by " + was.By.Name + ". Record them once more?",
		}}}, nil
	}
	return nil, nil
}

// refill reads the fields of an entry as they were typed, without judging them
// anew.
func refill(e desk.Version, form *entry.Form, about entry.About) *entry.Filled {
	filled, _ := form.Fill(func(name string) string { return e.Fields[name] }, nil, about)
	return filled
}

// pregnantThen reports whether NEWS2 was left out of an entry for a pregnancy:
// what was known then counts, not what is known now.
func pregnantThen(e desk.Version) bool {
	return e.Fields["resp"]+e.Fields["acvpu"] != "" && !slices.ContainsFunc(e.Facts, func(f clinical.Fact) bool {
		r, ok := f.(clinical.Result)
		return ok && r.Code.Code == "NEWS2"
	})
}
