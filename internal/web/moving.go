package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// openMove opens the chart of a patient who is moved, or of whom an admission
// form is corrected.
func (s *Server) openMove(v *visit) (*opened, *admission, http.Handler, error) {
	form := entry.FormOf(v.PathValue("form"))
	root := v.FormValue("correct") + v.PostFormValue("root")
	if form == nil || form.Page == "" || form.Begins && root == "" {
		return nil, nil, nil, fault.New(fault.NotFound, lang.Text{DE: "Dieses Formular gibt es nicht.", EN: "There is no such form."})
	}
	o, res, err := s.patientFor(v, chart.Head(), form, form.Page)
	if res != nil || err != nil {
		return nil, nil, res, err
	}
	a := &admission{form: form, self: o.p.Key, stands: o.ward, no: o.kase}
	st, ok := o.p.Current()
	if ok && !form.Begins {
		a.since = st.Admitted.V
	}
	a.dead = o.p.Dead.V
	if root != "" {
		if all, err := s.p.Desk.Versions(v.Context(), root); err == nil {
			a.dead = a.dead && !slices.ContainsFunc(all, func(x desk.Version) bool { return uint64(x.Seq) == o.p.Dead.Origin.Seq })
		}
		return o, a, nil, nil
	}
	if !ok || st.State != chart.Present && st.State != chart.Away {
		return nil, nil, nil, fault.New(fault.Conflict, lang.Text{
			DE: "Diese Person hat hier keinen laufenden Aufenthalt. Bitte zuerst aufnehmen.",
			EN: "This person has no stay in the house. Please admit first.",
		})
	}
	if away := st.State == chart.Away; away != (form == entry.Return) && form != entry.Depart && form != entry.Death {
		say := lang.Text{DE: "Die Person ist nicht beurlaubt.", EN: "The person is not on leave."}
		if away {
			say = lang.Text{DE: "Die Person ist beurlaubt. Bitte zuerst die Rückkehr eintragen.", EN: "The person is on leave. Please record the return first."}
		}
		return nil, nil, nil, fault.New(fault.Conflict, say)
	}
	return o, a, nil, nil
}

func (s *Server) showMove(v *visit) (http.Handler, error) {
	o, a, res, err := s.openMove(v)
	if res != nil || err != nil {
		return res, err
	}
	a.w = writeForm{key: desk.NewKey(), root: v.FormValue("correct"), typed: map[string]string{}}
	if a.w.root != "" {
		was, err := s.entryHere(v, o, a.w.root)
		if err != nil {
			return nil, err
		}
		a.w.of = was.Key
		maps.Copy(a.w.typed, was.Fields)
		a.w.typed[entry.AtField] = v.clockOf(was.At)
	}
	if a.form == entry.Return {
		if st, ok := o.p.Current(); ok {
			a.w.typed["place"] = entry.PlaceText(st.Now.V)
		}
	}
	if a.form == entry.Death && a.w.root == "" {
		a.w.typed["certified"] = v.session.Person.Name
	}
	return s.drawMove(v, http.StatusOK, o, a, nil, nil)
}

// entryHere is the version that counts of an entry of this chart, of the form
// that the address names.
func (s *Server) entryHere(v *visit, o *opened, root string) (desk.Version, error) {
	was, err := s.p.Desk.Current(v.Context(), root)
	if err != nil {
		return was, err
	}
	if !ofChart(o, &was.Entry) || was.Form != v.PathValue("form") || was.Withdrawn {
		return was, noEntryHere()
	}
	return was, nil
}

// correctable refuses a correction by another form or in another chart than
// those of the entry. One that was taken back meanwhile is told by its place.
func (s *Server) correctable(v *visit, o *opened, form *entry.Form, root string) error {
	was, err := s.p.Desk.Current(v.Context(), root)
	if err != nil {
		return err
	}
	if !ofChart(o, &was.Entry) || was.Form != form.Kind {
		return noEntryHere()
	}
	return nil
}

// ofChart reports whether an entry is about the opened patient.
func ofChart(o *opened, e *entry.Entry) bool {
	return e.Patient == o.p.Key || slices.ContainsFunc(o.p.Linked, func(l chart.Link) bool { return l.Key == e.Patient })
}

func noEntryHere() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Diesen Eintrag gibt es in dieser Akte nicht.", EN: "There is no such entry in this chart."})
}

func (s *Server) drawMove(v *visit, code int, o *opened, a *admission, wrong []entry.Mistake, confirm []shownField) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	p := s.admitView(v, f, a, wrong)
	p.Frame = f.titled("patient", a.form.Title)
	p.Action = "/patient/" + string(o.p.Key) + "/" + a.form.Page
	p.Confirm = confirm
	return s.withBeds(v, code, p, a)
}

// move takes a form about a patient who is there.
func (s *Server) move(v *visit) (http.Handler, error) {
	o, a, res, err := s.openMove(v)
	if fault.KindOf(err) == fault.Conflict && err != nil { // sent twice: the patient has left already
		if root, e := s.standing(v, v.PathValue("form"), v.PostFormValue("key"), s.typedOf(v)); e == nil && root != "" {
			return seeOther("/admission/done/" + root), nil
		}
	}
	if res != nil || err != nil {
		return res, err
	}
	a.w = writeFormOf(v, a.form)
	var was desk.Version
	if a.w.root != "" {
		if was, err = s.entryHere(v, o, a.w.root); err != nil {
			return nil, err
		}
		a.no = was.Case
		if a.form == entry.Birth {
			a.w.typed["mother"] = was.Fields["mother"]
		}
	}
	if act := v.PostFormValue("act"); a.w.resumed || act == "beds" || act == "edit" {
		return s.drawMove(v, http.StatusOK, o, a, nil, nil)
	}
	filled, wrong := s.fill(v, a)
	if a.w.root != "" && a.w.typed[entry.AtField] == v.clockOf(was.At) { // not changed: to the second, as it was
		filled.At = was.At
	}
	if root, err := s.standing(v, a.form.Kind, a.w.key, filled.Typed); root != "" || err != nil {
		if err == nil {
			return seeOther("/admission/done/" + root), nil
		}
		return s.notMoved(v, o, a, err)
	}
	wrong = append(wrong, s.moveRules(v, a, filled)...)
	places, err := s.checkPlace(v, filled.Text("place"), a.self, false)
	if err != nil {
		return nil, err
	}
	wrong = append(wrong, places...)
	wrong = slices.DeleteFunc(wrong, func(m entry.Mistake) bool { return m.Sure != "" && confirmed(a.w.sure, m.Sure) })
	if len(wrong) > 0 {
		return s.drawMove(v, http.StatusUnprocessableEntity, o, a, wrong, nil)
	}
	if a.form.Risk && v.PostFormValue("confirmed") == "" {
		return s.drawMove(v, http.StatusOK, o, a, nil, shownFields(filled, o.frame))
	}
	return s.signMove(v, o, a, filled)
}

func (s *Server) typedOf(v *visit) map[string]string {
	form := entry.FormOf(v.PathValue("form"))
	if form == nil {
		return nil
	}
	w := writeFormOf(v, form)
	filled, _ := form.Fill(func(name string) string { return w.typed[name] }, w.sure, entry.About{Now: v.now})
	return filled.Typed
}

func (s *Server) moveRules(v *visit, a *admission, filled *entry.Filled) []entry.Mistake {
	var out []entry.Mistake
	if a.w.root != "" && a.w.reason == "" {
		out = append(out, entry.Mistake{Field: "reason", Say: lang.Text{DE: "Bitte sagen, warum korrigiert wird.", EN: "Please say why it is corrected."}})
	}
	if !s.inOutage(v, filled.At) {
		out = append(out, notInOutage())
	}
	return out
}

// signMove signs the form, as a new entry or as a correction.
func (s *Server) signMove(v *visit, o *opened, a *admission, filled *entry.Filled) (http.Handler, error) {
	e := s.entryOf(v, o, a.form.Kind, a.w.key)
	e.At, e.Fields, e.Reason, e.Case = filled.At, filled.Typed, a.w.reason, a.no
	if e.IDs = o.p.IDs; len(e.IDs) > 0 && e.IDs[0].Key() != o.p.Key { // the chart's own number names it
		e.IDs = append([]clinical.Identifier{ownID(o.p)}, e.IDs...)
	}
	root := e.Root
	if a.w.root != "" {
		root = a.w.root
	}
	e.Facts = a.form.Says(filled, entry.Number(root))
	seq, err := s.store(v, e, a.w.root, a.w.of)
	if err != nil {
		return s.notMoved(v, o, a, err)
	}
	s.shown(v, seq)
	return seeOther("/admission/done/" + root), nil
}

func (s *Server) notMoved(v *visit, o *opened, a *admission, err error) (http.Handler, error) {
	switch k := fault.KindOf(err); k {
	case fault.Conflict, fault.Invalid, fault.Unavailable:
		if k == fault.Conflict {
			a.w.key, a.w.of = desk.NewKey(), s.newest(v, a.w.root)
		}
		return s.drawMove(v, status(k), o, a, []entry.Mistake{{Say: fault.Say(err)}}, nil)
	case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unsigned, fault.Corrupt:
	}
	return nil, err
}

// shownFields is what was filled in, in words.
func shownFields(filled *entry.Filled, f Frame) []shownField {
	out := []shownField{{Label: lang.Text{DE: "Wann", EN: "When"}, Text: f.stamp(filled.At).clock(f.Lang)}}
	for _, x := range filled.Fields {
		if filled.Text(x.Name) != "" {
			out = append(out, shownField{Label: x.Label, Text: filled.Label(x.Name), Unit: x.Unit})
		}
	}
	return out
}

// swapPage exchanges the beds of two patients of one ward.
type swapPage struct {
	Frame
	Key      string
	Action   string
	Place    string
	Mine     string // the place as forms hold it
	Others   []swapChoice
	Problems []problem
}

type swapChoice struct {
	ID, Value   string
	Name, Place string
	Birth       string
	Chosen      bool
}

var swapPageT = parse[swapPage]("swap")

// openSwap opens the chart and the list of who else lies on the ward.
func (s *Server) openSwap(v *visit) (*opened, chart.Ward, http.Handler, error) {
	o, res, err := s.patientFor(v, chart.Head(), entry.Move, "move/swap")
	if res != nil || err != nil {
		return nil, chart.Ward{}, res, err
	}
	st, ok := o.p.Current()
	if !ok || st.State != chart.Present || st.Now.V.Bed == "" {
		return nil, chart.Ward{}, nil, fault.New(fault.Conflict, lang.Text{DE: "Diese Person liegt in keinem Bett.", EN: "This person lies in no bed."})
	}
	w, err := v.view.Ward(v.Context(), o.ward)
	return o, w, nil, err
}

func (s *Server) showSwap(v *visit) (http.Handler, error) {
	o, w, res, err := s.openSwap(v)
	if res != nil || err != nil {
		return res, err
	}
	return s.drawSwap(v, http.StatusOK, o, w, desk.NewKey(), nil)
}

func (s *Server) drawSwap(v *visit, code int, o *opened, w chart.Ward, key string, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	st, _ := o.p.Current()
	p := swapPage{
		Frame: f.titled("patient", lang.Text{DE: "Betten tauschen", EN: "Swap beds"}), Key: key, Action: "/patient/" + string(o.p.Key) + "/swap",
		Place: placeWord(st.Now.V), Mine: entry.PlaceText(st.Now.V), Problems: problems,
	}
	for _, r := range w.Rows {
		if !r.Free && !r.Arriving && r.Place.Bed != "" && r.Key != o.p.Key && r.State == chart.Present {
			value := string(r.Key) + " " + entry.PlaceText(r.Place)
			p.Others = append(p.Others, swapChoice{
				ID: "with-" + strconv.Itoa(len(p.Others)), Value: value, Name: r.Name.Display(), Birth: r.Birth.German(), Place: placeWord(r.Place),
				Chosen: value == v.PostFormValue("with"),
			})
		}
	}
	return swapPageT.status(code, p)
}

// swap signs two transfers. The key of the second is made of the first's, so
// that the form sent again finishes what was cut off.
func (s *Server) swap(v *visit) (http.Handler, error) {
	o, w, res, err := s.openSwap(v)
	if res != nil || err != nil {
		return res, err
	}
	key := v.PostFormValue("key")
	if root, err := s.swapped(v, key); root != "" || err != nil {
		return seeOther("/admission/done/" + root), err
	}
	st, _ := o.p.Current()
	with, theirs, _ := strings.Cut(v.PostFormValue("with"), " ")
	place, ok := entry.ParsePlace(theirs)
	begun, err := s.swapped(v, swapKey(key)) // cut off between the two
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(w.Rows, func(r chart.Row) bool {
		return !r.Free && r.Key != o.p.Key && string(r.Key) == with && (entry.PlaceText(r.Place) == entry.PlaceText(place) || begun != "")
	})
	mine := v.PostFormValue("mine")
	switch {
	case v.resumed:
		return s.drawSwap(v, http.StatusOK, o, w, key, nil)
	case i < 0 || !ok || begun == "" && mine != entry.PlaceText(st.Now.V):
		return s.drawSwap(v, http.StatusUnprocessableEntity, o, w, key, []problem{{"with", lang.Text{
			DE: "Bitte wählen, mit wem getauscht wird. Wer inzwischen verlegt wurde, steht nicht mehr da.",
			EN: "Please choose with whom. Who was moved meanwhile is no longer listed.",
		}}})
	}
	other, err := v.view.Patient(v.Context(), w.Rows[i].Key, chart.Head())
	if err != nil {
		return nil, err
	}
	second := &opened{p: other, ward: o.ward, kase: w.Rows[i].Case, frame: o.frame}
	if err := s.record(v, *v.session, staff.Decision{}, want{page: "move/swap", ward: o.ward, patient: other.Key, kase: second.kase}); err != nil {
		return nil, err
	}
	bed, ok := entry.ParsePlace(mine)
	if !ok {
		return nil, fault.New(fault.Invalid, lang.Text{DE: "Das Formular ist unvollständig. Bitte neu öffnen.", EN: "The form is incomplete. Please open it again."})
	}
	// The second patient first: the form's own key stands only once both are signed.
	if _, err := s.transferTo(v, second, swapKey(key), bed, st.Case); err != nil {
		return nil, err
	}
	seq, err := s.transferTo(v, o, key, place, w.Rows[i].Case)
	if err != nil {
		return nil, err
	}
	s.shown(v, seq)
	return seeOther("/admission/done/" + key), nil
}

// swapKey is the key of the other patient's transfer.
func swapKey(key string) string { return journal.KeyOf("swap", key, nil).String() }

// swapped is the key if the swap under it is signed already.
func (s *Server) swapped(v *visit, key string) (string, error) {
	_, err := s.p.Desk.Versions(v.Context(), key)
	switch {
	case err == nil:
		return key, nil
	case fault.KindOf(err) == fault.NotFound:
		return "", nil
	}
	return "", err
}

// transferTo signs the transfer of one of two who swap beds.
func (s *Server) transferTo(v *visit, o *opened, key string, to clinical.Place, with clinical.CaseNo) (journal.Seq, error) {
	e := s.entryOf(v, o, entry.Move.Kind, key)
	e.Fields = map[string]string{"place": entry.PlaceText(to), "cause": "Bettentausch mit Fall " + string(with)}
	filled, wrong := entry.Move.Fill(func(name string) string { return e.Fields[name] }, nil, entry.About{Now: v.now, By: e.By, Case: o.kase})
	if len(wrong) > 0 {
		return 0, fault.New(fault.Invalid, wrong[0].Say)
	}
	e.At = filled.At
	e.Facts = entry.Move.Says(filled, entry.Number(key))
	return s.p.Desk.Sign(v.Context(), e)
}

// samePage says that the person of this chart is known under another one.
type samePage struct {
	Frame
	Search   string // address that looks for the other person
	Action   string
	Key      string
	Rows     []hitRow
	Chosen   *hitRow // asked once more about
	Asked    string
	How      string
	Problems []problem
}

var samePageT = parse[samePage]("same")

// openSame opens the chart of somebody who may turn out to be somebody else:
// who came unknown, or got a number here. Of two people whom the hospital knows
// nobody says here that they are one.
func (s *Server) openSame(v *visit) (*opened, http.Handler, error) {
	o, res, err := s.patientFor(v, chart.Head(), entry.Same, "move/same")
	if res != nil || err != nil {
		return o, res, err
	}
	if !o.p.Unnamed.V && (s.c.Authority == "" || ownID(o.p).Authority != s.c.Authority) {
		return o, nil, fault.New(fault.Conflict, lang.Text{
			DE: "Diese Person ist im Haus bekannt. Akten bekannter Personen führt nur das KIS zusammen.",
			EN: "This person is known to the house. Only the HIS joins charts of people who are known.",
		})
	}
	return o, nil, nil
}

func (s *Server) showSame(v *visit) (http.Handler, error) {
	o, res, err := s.openSame(v)
	if res != nil || err != nil {
		return res, err
	}
	return s.drawSame(v, http.StatusOK, o, desk.NewKey(), nil)
}

func (s *Server) drawSame(v *visit, code int, o *opened, key string, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	p := samePage{
		Frame: f.titled("patient", entry.Same.Title), Search: "/patient/" + string(o.p.Key) + "/same", Action: "/patient/" + string(o.p.Key) + "/joined", Key: key, Problems: problems,
		Asked: strings.TrimSpace(v.FormValue("who")), How: strings.TrimSpace(v.FormValue("how")),
	}
	if p.Asked != "" {
		hits, total, err := v.view.Search(v.Context(), chart.Query{Text: p.Asked, Limit: 20})
		if err != nil {
			return nil, err
		}
		hits = slices.DeleteFunc(hits, func(h chart.Hit) bool { return h.Key == o.p.Key })
		p.Rows = newSearchPage(hits, total, chart.Query{Text: p.Asked}, f).Rows
	}
	for i := range p.Rows {
		if v.Method == http.MethodPost && len(problems) == 0 && !v.resumed && string(p.Rows[i].Key) == v.PostFormValue("into") {
			p.Chosen = &p.Rows[i]
		}
	}
	return samePageT.status(code, p)
}

// same signs that two charts are one person: in the chart that is kept.
func (s *Server) same(v *visit) (http.Handler, error) {
	key := v.PostFormValue("key")
	o, res, err := s.openSame(v)
	if res != nil || err != nil && fault.KindOf(err) != fault.Conflict {
		return res, err
	}
	if root, e := s.swapped(v, key); root != "" || e != nil { // sent twice: they are one by now
		return seeOther("/admission/done/" + root), e
	}
	if err != nil {
		return nil, err
	}
	into, how := clinical.PatientKey(v.PostFormValue("into")), strings.TrimSpace(v.PostFormValue("how"))
	if v.resumed || into == "" || into == o.p.Key || how == "" {
		return s.drawSame(v, http.StatusUnprocessableEntity, o, key, []problem{{"how", lang.Text{DE: "Bitte die Person wählen und sagen, woran sie erkannt wurde.", EN: "Please choose the person and say how it was recognised."}}})
	}
	if v.PostFormValue("confirmed") == "" {
		return s.drawSame(v, http.StatusOK, o, key, nil)
	}
	known, err := v.view.Patient(v.Context(), into, chart.Head())
	if err != nil {
		return nil, err
	}
	if err := s.record(v, *v.session, staff.Decision{}, want{page: "move/same", patient: known.Key}); err != nil {
		return nil, err
	}
	e := s.entryOf(v, &opened{p: known, ward: o.ward}, entry.Same.Kind, key)
	fields := map[string]string{"from": entry.IDText(ownID(o.p)), "how": how}
	filled, wrong := entry.Same.Fill(func(name string) string { return fields[name] }, nil, entry.About{Now: v.now, By: e.By})
	if len(wrong) > 0 {
		return s.drawSame(v, http.StatusUnprocessableEntity, o, key, []problem{{wrong[0].Field, wrong[0].Say}})
	}
	e.Fields, e.Facts = filled.Typed, entry.Same.Says(filled, entry.Number(key))
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if err != nil {
		return nil, err
	}
	s.shown(v, seq)
	return seeOther("/admission/done/" + key), nil
}

// moveLinks are the acts that a patient's page offers.
func (s *Server) moveLinks(v *visit, p *chart.Patient) []formLink {
	at := "/patient/" + string(p.Key) + "/"
	st, ok := p.Current()
	here := ok && (st.State == chart.Present || st.State == chart.Away)
	away := here && st.State == chart.Away
	var out []formLink
	add := func(show bool, form *entry.Form) {
		if show && staff.May(v.session.Person, staff.Right(form.Right)) {
			out = append(out, formLink{at + form.Page, form.Title})
		}
	}
	add(here && !away, entry.Move)
	may := staff.May(v.session.Person, staff.Admit)
	if here && !away && may && st.Now.V.Bed != "" {
		out = append(out, formLink{at + "swap", lang.Text{DE: "Betten tauschen", EN: "Swap beds"}})
	}
	add(here && !away, entry.Leave)
	add(away, entry.Return)
	add(here, entry.Depart)
	add(here && !p.Dead.V, entry.Death)
	if may {
		if !here {
			out = append(out, formLink{"/admission/admit?" + url.Values{"patient": {string(p.Key)}}.Encode(), entry.Known.Title})
		}
		if here && p.Sex.V != clinical.Male && st.Class.V != clinical.Newborn {
			out = append(out, formLink{"/admission/newborn?" + url.Values{"mother": {string(p.Key)}}.Encode(), entry.Birth.Title})
		}
		if p.Unnamed.V {
			out = append(out, formLink{at + "same", entry.Same.Title})
		}
	}
	return out
}
