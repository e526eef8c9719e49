package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
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

// admitPage is one form of the admission: begun at the desk, or about the
// patient in the banner.
type admitPage struct {
	Frame
	Form     *entry.Form
	Whom     string // of whom the form is, where no banner says it
	Groups   []inputGroup
	Beds     *bedPicker
	BedGroup string // behind which group the place is asked for
	Action   string
	Hidden   []carriedField
	Key      string
	Root     string
	Of       string // key of the version that is corrected
	Reason   string
	When     string // as typed
	AtLabel  lang.Text
	AtHint   lang.Text
	Sure     []string
	Asked    []problem
	Problems []problem
	Same     []hitRow // who may be the same person
	SameWord string   // what confirms that nobody of them is
	Confirm  []shownField
	Resumed  bool
	Stored   *storedView
}

var admitPageT = parse[admitPage]("admit")

// admission is a form of the admission on its way: what was typed and whom it
// is about.
type admission struct {
	form   *entry.Form
	w      writeForm
	known  *chart.Patient // who is admitted, nil for somebody new
	mother *opened
	self   clinical.PatientKey // whose bed a taken one may be
	stands string              // the ward the patient is on now
	no     clinical.CaseNo
	since  time.Time
	dead   bool // known from another entry or system than the one that is corrected
	same   []hitRow
}

// beginForm is the form that the address names, if it begins a stay.
func beginForm(v *visit) (*entry.Form, error) {
	form := entry.FormOf(v.PathValue("form"))
	if form == nil || !form.Begins || form == entry.Same {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Dieses Formular gibt es nicht.", EN: "There is no such form."})
	}
	return form, nil
}

// atDesk is the gate of the admission desk: the right to look anybody up, with
// the recorded look, and the right to admit at all.
func (s *Server) atDesk(v *visit, page string, patient clinical.PatientKey) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	if _, err := s.charts(v); err != nil {
		return nil, err
	}
	ward := ""
	if len(sess.Person.Wards) > 0 {
		ward = sess.Person.Wards[0]
	}
	if res, err := s.mayWrite(v, ward, "", staff.Admit); res != nil || err != nil {
		return res, err
	}
	return s.pass(v, want{right: staff.Search, page: page, patient: patient})
}

// openAdmission passes the gates and finds whom the form is about.
func (s *Server) openAdmission(v *visit) (*admission, http.Handler, error) {
	form, err := beginForm(v)
	if err != nil {
		return nil, nil, err
	}
	a := &admission{form: form}
	if form == entry.Birth {
		v.SetPathValue("key", v.FormValue("mother"))
		o, res, err := s.patient(v, chart.Head(), staff.SeeIdentity, "admission/"+form.Kind)
		if res != nil || err != nil {
			return nil, res, err
		}
		a.mother, a.stands = o, o.ward
		res, err = s.mayWrite(v, o.ward, o.p.Key, staff.Admit)
		return a, res, err
	}
	key := clinical.PatientKey("")
	if form == entry.Known {
		key = clinical.PatientKey(v.FormValue("patient"))
	}
	if res, err := s.atDesk(v, "admission/"+form.Kind, key); res != nil || err != nil {
		return nil, res, err
	}
	if form == entry.Known {
		if a.known, err = v.view.Patient(v.Context(), key, chart.Head()); err != nil {
			return nil, nil, err
		}
		a.self = a.known.Key
	}
	return a, nil, nil
}

func (s *Server) showAdmission(v *visit) (http.Handler, error) {
	a, res, err := s.openAdmission(v)
	if res != nil || err != nil {
		return res, err
	}
	a.w = writeForm{key: desk.NewKey(), typed: map[string]string{}}
	for _, f := range a.form.Fields { // what the search or the card said already
		a.w.typed[f.Name] = v.FormValue(f.Name)
	}
	if a.mother != nil {
		a.w.typed["family"] = a.mother.p.Name.V.Family
	}
	return s.drawAdmission(v, http.StatusOK, a, nil)
}

// drawAdmission draws the form with what is wrong in it.
func (s *Server) drawAdmission(v *visit, code int, a *admission, wrong []entry.Mistake) (http.Handler, error) {
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := s.admitView(v, f, a, wrong)
	p.Frame = f.titled("admission", a.form.Title)
	p.Action = "/admission/" + a.form.Kind
	switch {
	case a.mother != nil:
		p.Hidden = append(p.Hidden, carriedField{"mother", string(a.mother.p.Key)})
		p.Whom = a.mother.p.Name.V.Display() + " *" + a.mother.p.Birth.V.German()
	case a.known != nil:
		p.Hidden = append(p.Hidden, carriedField{"patient", string(a.known.Key)})
		p.Whom = a.known.Name.V.Display() + " *" + a.known.Birth.V.German()
	}
	return s.withBeds(v, code, p, a)
}

// withBeds adds the choice of a place, where the form has one, and draws.
func (s *Server) withBeds(v *visit, code int, p admitPage, a *admission) (http.Handler, error) {
	if field, ok := a.form.Field("place"); ok {
		beds, err := s.beds(v, field.Label, chosenWard(v, a.w.typed, a.stands), a.w.typed["place"])
		if err != nil {
			return nil, err
		}
		for _, m := range append(p.Problems, p.Asked...) {
			if m.Field == "place" {
				beds.Wrong = m.Say
			}
		}
		p.Beds = beds
	}
	return admitPageT.status(code, p)
}

// admitView turns a form into what the page draws, apart from the place.
func (s *Server) admitView(v *visit, f Frame, a *admission, wrong []entry.Mistake) admitPage {
	w := a.w
	p := admitPage{
		Form: a.form, Key: w.key, Root: w.root, Of: w.of, Reason: w.reason, When: w.typed[entry.AtField], Sure: w.sure, Resumed: w.resumed, Stored: w.stored,
		Same: a.same, AtLabel: lang.Text{DE: "Wann", EN: "When"},
		AtHint: lang.Text{DE: "Leer heißt jetzt. Sonst 08:05, gestern 23:40 oder 18.11. 23:40.", EN: "Empty means now. Else 08:05, yesterday 23:40 or 18.11. 23:40."},
	}
	switch a.form {
	case entry.Birth:
		p.AtLabel = lang.Text{DE: "Geburtszeit", EN: "Time of birth"}
		p.AtHint = lang.Text{DE: "Auf die Minute: 04:17 oder gestern 23:40.", EN: "To the minute: 04:17 or yesterday 23:40."}
	case entry.Death:
		p.AtLabel = lang.Text{DE: "Todeszeit", EN: "Time of death"}
	}
	for _, m := range wrong {
		switch {
		case m.Sure != "" && len(a.same) > 0 && m.Field == "same":
			p.SameWord = m.Sure
		case m.Sure != "":
			p.Asked = append(p.Asked, problem{m.Field, m.Say})
			p.Sure = append(p.Sure, m.Sure)
			continue
		}
		p.Problems = append(p.Problems, problem{m.Field, m.Say})
	}
	for i, x := range a.form.Fields {
		if x.Name == "mother" {
			continue
		}
		view := inputView{Field: x, Value: w.typed[x.Name], First: i == 0}
		for _, m := range wrong {
			if m.Field == x.Name {
				view.Wrong = m.Say
			}
		}
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Name != x.Group {
			p.Groups = append(p.Groups, inputGroup{Name: x.Group})
		}
		if x.Kind == entry.Bed { // drawn by the choice of a place
			p.BedGroup = x.Group
			continue
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Fields = append(g.Fields, view)
	}
	return p
}

// admit takes a form of the admission desk.
func (s *Server) admit(v *visit) (http.Handler, error) {
	a, res, err := s.openAdmission(v)
	if res != nil || err != nil {
		return res, err
	}
	a.w = writeFormOf(v, a.form)
	if a.mother != nil {
		a.w.typed["mother"] = entry.IDText(ownID(a.mother.p))
	}
	act := v.PostFormValue("act")
	if act == "begin" { // from the search, with what it knew
		a.w.key = desk.NewKey()
	}
	if a.w.resumed || act == "begin" || act == "beds" {
		return s.drawAdmission(v, http.StatusOK, a, nil)
	}
	filled, wrong := s.fill(v, a)
	if root, err := s.standing(v, a.form.Kind, a.w.key, filled.Typed); root != "" || err != nil {
		if err == nil {
			return seeOther("/admission/done/" + root), nil
		}
		return s.notAdmitted(v, a, err)
	}
	more, err := s.admissionRules(v, a, filled)
	if err != nil {
		return nil, err
	}
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return s.drawAdmission(v, http.StatusUnprocessableEntity, a, wrong)
	}
	root, seq, err := s.beginStay(v, a, filled)
	if err != nil {
		return s.notAdmitted(v, a, err)
	}
	s.shown(v, seq)
	return seeOther("/admission/done/" + root), nil
}

// fill reads the form; what was confirmed is in sure.
func (s *Server) fill(v *visit, a *admission) (*entry.Filled, []entry.Mistake) {
	sess := *v.session
	about := entry.About{Now: v.now, By: clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}, Case: a.no, Since: a.since, Dead: a.dead}
	if a.known != nil {
		about.Birth, about.Sex = a.known.Birth.V, a.known.Sex.V
	}
	filled, wrong := a.form.Fill(func(name string) string { return a.w.typed[name] }, a.w.sure, about)
	if filled.At.Before(a.since) && filled.At.Equal(a.since.Truncate(time.Minute)) { // the minute that was typed is that of the admission
		filled.At = a.since
	}
	return filled, wrong
}

// admissionRules are what the form cannot know: the outage, the bed, who is in
// the house already, who may be the same person.
func (s *Server) admissionRules(v *visit, a *admission, filled *entry.Filled) ([]entry.Mistake, error) {
	out, err := s.checkPlace(v, filled.Text("place"), a.self, true)
	if err != nil {
		return nil, err
	}
	if a.form == entry.Birth && filled.Text(entry.AtField) == "" {
		out = append(out, entry.Mistake{Field: entry.AtField, Say: lang.Text{DE: "Die Geburtszeit fehlt.", EN: "The time of birth is missing."}})
	} else if !s.inOutage(v, filled.At) {
		out = append(out, notInOutage())
	}
	if a.known != nil {
		out = append(out, presentAlready(a.known)...)
	}
	if a.form == entry.New {
		same, err := s.doublets(v, filled)
		if err != nil {
			return nil, err
		}
		out = append(out, same.ask()...)
		a.same = same.rows
	}
	kept := out[:0]
	for _, m := range out {
		if m.Sure == "" || !confirmed(a.w.sure, m.Sure) {
			kept = append(kept, m)
		}
	}
	if len(kept) == 0 {
		a.same = nil
	}
	return kept, nil
}

func confirmed(sure []string, word string) bool {
	for _, s := range sure {
		if s == word {
			return true
		}
	}
	return false
}

func notInOutage() entry.Mistake {
	return entry.Mistake{Field: entry.AtField, Say: lang.Text{
		DE: "Zu dieser Zeit war kein Ausfall erklärt. Was davor und danach war, gehört in das KIS.",
		EN: "No outage was declared at that time. What was before and after belongs into the HIS.",
	}}
}

// presentAlready asks about a second stay of somebody who is in the house.
func presentAlready(p *chart.Patient) []entry.Mistake {
	st, ok := p.Current()
	if !ok || st.State != chart.Present && st.State != chart.Away {
		return nil
	}
	where := placeWord(st.Now.V)
	return []entry.Mistake{{Sure: "second=" + string(st.Case), Say: lang.Text{
		DE: "Diese Person ist schon im Haus: Fall " + string(st.Case) + ", " + where + ". Soll ein zweiter Fall beginnen?",
		EN: "This person is in the house already: case " + string(st.Case) + ", " + where + ". Should a second stay begin?",
	}}}
}

// beginStay draws the numbers and signs the entry that begins a stay. The same
// form sent twice draws twice and begins one stay: the second pair of numbers
// is dropped.
func (s *Server) beginStay(v *visit, a *admission, filled *entry.Filled) (string, journal.Seq, error) {
	no, err := s.p.Numbers.Next(v.Context(), "case")
	if err != nil {
		return "", 0, err
	}
	e := entry.Entry{
		Key: a.w.key, Root: a.w.key, Form: a.form.Kind, State: entry.Signed, Case: clinical.CaseNo(no), Ward: filled.Place("place").Ward,
		At: filled.At, Written: v.now, By: filled.By, Role: v.role(staff.Right(a.form.Right)), From: v.from(), Seen: seenOf(v), Fields: filled.Typed,
	}
	if a.known != nil {
		e.Patient, e.IDs = a.known.Key, a.known.IDs
	} else {
		own, err := s.p.Numbers.Next(v.Context(), "patient")
		if err != nil {
			return "", 0, err
		}
		e.IDs = []clinical.Identifier{{Value: own, Authority: s.c.Authority, Type: "PI"}}
		e.Patient = e.IDs[0].Key()
	}
	filled.Case = e.Case
	e.Facts = a.form.Says(filled, entry.Number(e.Root))
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if taken, ok := errors.AsType[*desk.Taken](err); ok && sameForm(taken.Entry, e) {
		return taken.Entry.Root, taken.Seq, nil // the other of two clicks was faster
	}
	return e.Root, seq, err
}

// sameForm reports whether two entries are one form sent twice; the numbers
// that were drawn for them do not count.
func sameForm(a, b entry.Entry) bool {
	return a.Form == b.Form && a.By.ID == b.By.ID && maps.Equal(a.Fields, b.Fields)
}

// standing returns the root of what is signed under the key already, "" if
// nothing is. The error's kind is Conflict if that is something else.
func (s *Server) standing(v *visit, form, key string, typed map[string]string) (string, error) {
	all, err := s.p.Desk.Versions(v.Context(), key)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if sameForm(all[0].Entry, entry.Entry{Form: form, By: clinical.Staff{ID: v.session.Person.ID}, Fields: typed}) {
		return all[0].Root, nil
	}
	return "", fault.New(fault.Conflict, lang.Text{
		DE: "Dieses Formular ist mit anderen Angaben schon unterschrieben. Was Sie getippt haben, steht noch hier; bitte mit dem gespeicherten Stand vergleichen.",
		EN: "This form was signed with other content already. What you typed is still here; please compare it with what is stored.",
	})
}

// notAdmitted shows the form again with what was typed.
func (s *Server) notAdmitted(v *visit, a *admission, err error) (http.Handler, error) {
	switch k := fault.KindOf(err); k {
	case fault.Conflict:
		if all, e := s.p.Desk.Versions(v.Context(), a.w.key); e == nil {
			a.w.stored = &storedView{Href: "/admission/done/" + a.w.key, By: all[0].By.Name, At: s.bare(v).stamp(all[0].Written)}
		}
		a.w.key = desk.NewKey()
		return s.drawAdmission(v, status(k), a, []entry.Mistake{{Say: fault.Say(err)}})
	case fault.Invalid, fault.Unavailable:
		return s.drawAdmission(v, status(k), a, []entry.Mistake{{Say: fault.Say(err)}})
	case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unsigned, fault.Corrupt:
	}
	return nil, err
}

// shown waits until the charts show the record: whoever wrote it sees it.
func (s *Server) shown(v *visit, seq journal.Seq) {
	ctx, cancel := context.WithTimeout(v.Context(), 3*time.Second)
	defer cancel()
	_ = s.p.Charts.Wait(ctx, seq) // a slow fold only delays what the next page shows
}

// ownID is the identifier that the chart's key is made of.
func ownID(p *chart.Patient) clinical.Identifier {
	for _, id := range p.IDs {
		if id.Key() == p.Key {
			return id
		}
	}
	return clinical.Identifier{}
}

// doublets is who may be the person of a new chart.
type doublets struct {
	rows []hitRow
	word string // names exactly these persons
}

// doublets looks for the person by name and birth date, and by the insurance
// number.
func (s *Server) doublets(v *visit, f *entry.Filled) (doublets, error) {
	name := strings.TrimSpace(f.Text("family") + " " + f.Text("given"))
	asks := []string{name}
	if b := f.Date("birth"); b.Full() {
		asks = []string{name + " " + b.German()}
	}
	if n, _ := clinical.KVNR(f.Text("kvnr")); n != "" {
		asks = append(asks, n)
	}
	var hits []chart.Hit
	seen := map[clinical.PatientKey]bool{}
	for _, text := range asks {
		found, _, err := v.view.Search(v.Context(), chart.Query{Text: text, Limit: 10})
		if err != nil {
			return doublets{}, err
		}
		for _, h := range found {
			if !seen[h.Key] {
				seen[h.Key] = true
				hits = append(hits, h)
			}
		}
	}
	d := doublets{rows: newSearchPage(hits, len(hits), chart.Query{Text: name}, s.bare(v)).Rows, word: "other"}
	for _, h := range hits {
		d.word += "=" + string(h.Key)
	}
	return d, nil
}

// ask wants a word that nobody found is the same person.
func (d doublets) ask() []entry.Mistake {
	if len(d.rows) == 0 {
		return nil
	}
	return []entry.Mistake{{Field: "same", Sure: d.word, Say: lang.Text{
		DE: "Unter diesem Namen ist schon jemand bekannt. Bitte vergleichen: dieselbe Person aufnehmen, oder bestätigen, dass es jemand anderes ist.",
		EN: "Somebody of this name is known already. Please compare: admit the same person, or confirm that it is somebody else.",
	}}}
}
