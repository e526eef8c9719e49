package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// lateEntries is how long after the end of an outage what happened in it may
// still be recorded: until the paper of its wards is typed in.
const lateEntries = 7 * 24 * time.Hour

// writable reports whether entries are taken now, and whether the outage whose
// entries they are still lasts.
func (s *Server) writable(v *visit) (open, declared bool) {
	if v.mode.Kind == incident.Emergency {
		return true, true
	}
	for _, o := range s.p.Outages.Outages(true) {
		if !o.Exercise && o.Withdrawn.At.IsZero() && !o.Ended.At.IsZero() && v.now.Sub(o.Ended.At) < lateEntries {
			return true, false
		}
	}
	return false, false
}

// inOutage reports whether something that happened at t happened in an outage:
// only that is recorded here. An hour before it was seen to begin counts too.
func (s *Server) inOutage(v *visit, t time.Time) bool {
	return slices.ContainsFunc(s.p.Outages.Outages(true), func(o incident.Outage) bool {
		ended := o.Ended.At
		if ended.IsZero() {
			ended = v.now.Add(time.Minute)
		}
		return !o.Exercise && o.Withdrawn.At.IsZero() && !t.Before(o.Since.Add(-time.Hour)) && !t.After(ended)
	})
}

// mayWrite is the gate before something is recorded. What is recorded is its
// own record: no read is written beside it.
func (s *Server) mayWrite(v *visit, ward string, patient clinical.PatientKey, right staff.Right) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	open, declared := s.writable(v)
	d := s.p.Staff.MayWrite(sess, open, declared, ward, patient, right, v.now)
	switch d.Verdict {
	case staff.Allowed:
		return nil, nil
	case staff.NeedsGlass:
		return s.toGlass(v, ward, patient), nil
	case staff.Denied:
	}
	return nil, fault.New(fault.Forbidden, d.Say)
}

// patientFor opens a patient's chart to record something: the right to record
// it, the right to see what the form shows, and the recorded read.
func (s *Server) patientFor(v *visit, part chart.Part, form *entry.Form, page string) (*opened, http.Handler, error) {
	o, res, err := s.patient(v, part, staff.SeeIdentity, page)
	if res != nil || err != nil {
		return nil, res, err
	}
	res, err = s.mayWrite(v, o.ward, o.p.Key, staff.Right(form.Right))
	return o, res, err
}

// writePage is one form of the outage on screen.
type writePage struct {
	Frame
	Form     *entry.Form
	Groups   []inputGroup
	Action   string
	Key      string
	Root     string // of the entry that is corrected, "" for a new one
	Of       string // key of the version that is corrected
	Reason   string
	Back     string
	When     string // as typed
	Sure     []string
	Asked    []problem // what may be right: signing again confirms it
	Problems []problem
	Resumed  bool // typed before the sign-in ended
	Stored   *storedView
	Begun    []draftView // drafts of this form that wait for the person
	Round    *roundView  // nil outside of a round
	Sheet    *sheetView  // the paper that it is taken from
	SheetBy  string
	ByWrong  lang.Text
}

// inputGroup is fields that stand together.
type inputGroup struct {
	Name   string
	Fields []inputView
}

// Ticks reports whether the group is boxes to tick, which stand in columns.
func (g inputGroup) Ticks() bool {
	return len(g.Fields) > 1 && !slices.ContainsFunc(g.Fields, func(f inputView) bool { return f.Kind != entry.Check })
}

// inputView is one field with what was typed and what was known before.
type inputView struct {
	entry.Field
	Value  string
	Last   string // the last value
	LastAt stamp
	Wrong  lang.Text
	Ask    bool // Wrong is a question: it may be right
	First  bool
	List   string // the list of words that it offers
	Go     bool   // Enter in it goes on to the next page
}

// Describes names what stands beside the field for those who hear the page.
func (f inputView) Describes() string {
	var ids []string
	for _, x := range []struct {
		there bool
		id    string
	}{{f.Hint.DE != "", "hint"}, {f.Last != "", "last"}, {f.Wrong.DE != "", "wrong"}} {
		if x.there {
			ids = append(ids, f.Name+"-"+x.id)
		}
	}
	return strings.Join(ids, " ")
}

// Is reports whether the field is of a kind; templates name it by its word.
func (f inputView) Is(kind string) bool {
	return map[string]entry.FieldKind{
		"amount": entry.Amount, "pressure": entry.Pressure, "line": entry.Line, "lines": entry.Lines,
		"choice": entry.Choice, "check": entry.Check, "moment": entry.Moment, "day": entry.Day, "bed": entry.Bed, "coming": entry.Coming,
	}[kind] == f.Kind
}

// storedView is what stands under the key already.
type storedView struct {
	Href string
	By   string
	At   stamp
}

var writePageT = parse[writePage]("write")

func (s *Server) formNamed(v *visit) (*entry.Form, error) {
	form := s.formOf(v.PathValue("form"))
	if form == nil || form.Says == nil || form.Page != "" {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Dieses Formular gibt es nicht.", EN: "There is no such form."})
	}
	return form, nil
}

// formPart is what a form shows of the chart beside its fields.
func (v *visit) formPart() chart.Part {
	return chart.Part{Vitals: true, Other: true, Since: v.recentDays(overviewDays)}
}

func (s *Server) showWrite(v *visit) (http.Handler, error) {
	form, err := s.formNamed(v)
	if err != nil {
		return nil, err
	}
	o, res, err := s.patientFor(v, v.formPart(), form, "write/"+form.Kind)
	if res != nil || err != nil {
		return res, err
	}
	w := writeForm{key: desk.NewKey(), root: v.FormValue("correct"), typed: map[string]string{}, back: safeBack(v.FormValue("back")), round: v.FormValue("round"), sheet: v.FormValue("sheet")}
	switch {
	case w.root != "":
		was, err := s.entryHere(v, o, w.root)
		if err != nil {
			return nil, err
		}
		w.of = was.Key
		maps.Copy(w.typed, was.Fields)
		w.typed[entry.AtField] = v.clockOf(was.At)
	case v.FormValue("draft") != "":
		draft, err := s.draft(v, o.p, form, v.FormValue("draft"))
		if err != nil {
			return nil, err
		}
		w.key = draft.Key
		maps.Copy(w.typed, draft.Fields)
		if p, ok := s.sheetOf(o, draft.Sheet); ok {
			w.sheet, w.sheetBy = p.Filed.Root, draft.SheetBy
		}
	}
	return s.drawWrite(v, http.StatusOK, o, form, w, nil)
}

// draft finds a draft of the form that stands open in the chart.
func (s *Server) draft(v *visit, p *chart.Patient, form *entry.Form, key string) (entry.Entry, error) {
	for _, d := range p.Drafts {
		if d.V.Key == key && d.V.Form == form.Kind {
			return s.p.Desk.At(v.Context(), journal.Seq(d.Origin.Seq))
		}
	}
	return entry.Entry{}, fault.New(fault.NotFound, lang.Text{DE: "Diesen Entwurf gibt es nicht mehr.", EN: "This draft is gone."})
}

// clockOf writes a time as the time field takes it.
func (v *visit) clockOf(t time.Time) string {
	t = t.In(v.now.Location())
	if t.YearDay() == v.now.YearDay() && t.Year() == v.now.Year() {
		return t.Format("15:04")
	}
	return t.Format("02.01.2006 15:04")
}

// writeForm is what the browser sends back of a form beside its fields.
type writeForm struct {
	key, root, of, reason, back string
	round                       string // the ward that is gone through bed by bed
	sheet, sheetBy              string // root of the filed page it is taken from, and who wrote on it
	sure                        []string
	typed                       map[string]string
	resumed                     bool
	stored                      *storedView
}

func writeFormOf(v *visit, form *entry.Form) writeForm {
	w := writeForm{
		key: v.PostFormValue("key"), root: v.PostFormValue("root"), of: v.PostFormValue("of"), reason: strings.TrimSpace(v.PostFormValue("reason")),
		back: safeBack(v.PostFormValue("back")), sure: v.PostForm["sure"], typed: map[string]string{},
		round: v.PostFormValue("round"), sheet: v.PostFormValue("sheet"), sheetBy: strings.TrimSpace(v.PostFormValue(sheetByField)), resumed: v.resumed,
	}
	w.typed[entry.AtField] = v.PostFormValue(entry.AtField)
	for _, f := range form.Fields {
		w.typed[f.Name] = v.PostFormValue(f.Name)
	}
	return w
}

// seenOf is the journal position of the page that the form stood on; the one of
// now where it names none that can be.
func seenOf(v *visit) uint64 {
	now := v.view.Seq()
	if n, err := strconv.ParseUint(v.PostFormValue("asof"), 10, 64); err == nil && n > 0 && n < now {
		return n
	}
	return now
}

func (s *Server) drawWrite(v *visit, code int, o *opened, form *entry.Form, w writeForm, wrong []entry.Mistake) (http.Handler, error) {
	p := newWritePage(o, form, w, wrong)
	if sheet, ok := s.sheetAt(o, w.sheet); ok {
		view := newSheetView(sheet, o.frame)
		view.Patient = o.p.Key
		p.Sheet, p.SheetBy = &view, w.sheetBy
	}
	p.Begun = s.begun(o.p, v, o.frame, form, w)
	var err error
	if p.Round, err = s.roundOf(v, o, form, w.round); err != nil {
		return nil, err
	}
	return writePageT.status(code, p)
}

func newWritePage(o *opened, form *entry.Form, w writeForm, wrong []entry.Mistake) writePage {
	f := o.frame
	f.Banner = newBanner(o.p, f, "write", o.near)
	p := writePage{
		Frame: f.titled("patient", form.Title), Form: form, Key: w.key, Root: w.root, Of: w.of, Reason: w.reason, Back: w.back,
		When: w.typed[entry.AtField], Action: "/patient/" + string(o.p.Key) + "/write/" + form.Kind, Sure: w.sure,
		Resumed: w.resumed, Stored: w.stored,
	}
	for _, m := range wrong {
		if m.Field == sheetByField {
			p.ByWrong = m.Say
		}
		if m.Sure != "" {
			p.Asked = append(p.Asked, problem{m.Field, m.Say})
			p.Sure = append(p.Sure, m.Sure)
			continue
		}
		p.Problems = append(p.Problems, problem{m.Field, m.Say})
	}
	last := lastOf(o.p, form, f)
	for i, x := range form.Fields {
		view := inputView{Field: x, Value: w.typed[x.Name], First: i == 0}
		if l, ok := last[x.Name]; ok {
			view.Last, view.LastAt = l.text, l.at
		}
		for _, m := range wrong {
			if m.Field == x.Name {
				view.Wrong, view.Ask = m.Say, m.Sure != ""
			}
		}
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Name != x.Group {
			p.Groups = append(p.Groups, inputGroup{Name: x.Group})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Fields = append(g.Fields, view)
	}
	return p
}

// Wrong is what is wrong with a field of the page that is no field of the form.
func (p writePage) Wrong(field string) lang.Text {
	for _, x := range p.Problems {
		if x.Field == field {
			return x.Say
		}
	}
	return lang.Text{}
}

type lastValue struct {
	text   string
	at     stamp
	origin clinical.Origin
}

// lastOf returns the newest value of each field's observation.
func lastOf(p *chart.Patient, form *entry.Form, f Frame) map[string]lastValue {
	out := map[string]lastValue{}
	find := func(code string) *chart.Item[clinical.Result] {
		for i := range p.Results { // newest first
			if it := &p.Results[i]; code != "" && it.V.Code.Code == code && !it.Cancelled && usable(it.V) {
				return it
			}
		}
		return nil
	}
	for _, x := range form.Fields {
		if x.Kind == entry.Pressure {
			if up, down := find("8480-6"), find("8462-4"); up != nil {
				text := plain(up.V.Value, f.Lang)
				if down != nil && down.V.At.Equal(up.V.At) {
					text += "/" + plain(down.V.Value, f.Lang)
				}
				out[x.Name] = lastValue{text, f.stamp(up.V.At), up.Origin}
			}
			continue
		}
		if it := find(x.Code.Code); it != nil {
			out[x.Name] = lastValue{plain(it.V.Value, f.Lang), f.stamp(it.V.At), it.Origin}
		}
	}
	return out
}

// sign takes a filled form: as a draft, or signed.
func (s *Server) sign(v *visit) (http.Handler, error) {
	form, err := s.formNamed(v)
	if err != nil {
		return nil, err
	}
	o, res, err := s.patientFor(v, v.formPart(), form, "write/"+form.Kind)
	if res != nil || err != nil {
		return res, err
	}
	w := writeFormOf(v, form)
	if w.resumed {
		return s.drawWrite(v, http.StatusOK, o, form, w, nil)
	}
	if w.root != "" {
		if err := s.correctable(v, o, form, w.root); err != nil {
			return nil, err
		}
	}
	sess := *v.session
	about := entry.About{Now: v.now, Birth: o.p.Birth.V, Sex: o.p.Sex.V, Pregnant: pregnant(o.p, v.now), By: clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}}
	switch act := v.PostFormValue("act"); act {
	case "draft", "drop":
		return s.keepDraft(v, o, form, w, act)
	case "edit": // back from the page that asks once more
		return s.drawWrite(v, http.StatusOK, o, form, w, nil)
	}
	filled, wrong := form.Fill(func(name string) string { return w.typed[name] }, w.sure, about)
	if w.root != "" && w.reason == "" {
		wrong = append(wrong, entry.Mistake{Field: "reason", Say: lang.Text{DE: "Bitte sagen, warum korrigiert wird.", EN: "Please say why it is corrected."}})
	}
	wrong = append(wrong, s.sheetMistakes(o, w)...)
	if !s.inOutage(v, filled.At) {
		wrong = append(wrong, entry.Mistake{Field: entry.AtField, Say: lang.Text{
			DE: "Zu dieser Zeit war kein Ausfall erklärt. Was davor und danach war, gehört in das KIS.",
			EN: "No outage was declared at that time. What was before and after belongs into the HIS.",
		}})
	}
	if len(wrong) == 0 && w.root == "" {
		if wrong, err = s.twice(v, o, filled, w); err != nil {
			return nil, err
		}
	}
	if len(wrong) > 0 {
		return s.drawWrite(v, http.StatusUnprocessableEntity, o, form, w, wrong)
	}
	if form.Risk && v.PostFormValue("confirmed") != w.content() {
		return confirmPageT.of(newConfirmPage(o, form, w, filled.At))
	}
	e := s.entryOf(v, o, form.Kind, w.key)
	e.At, e.Fields, e.Reason = filled.At, filled.Typed, w.reason
	s.fromSheet(o, &w, &e)
	root := e.Root
	if w.root != "" {
		root = w.root
	}
	if err := s.drawNumbers(v, form, filled, w.root, w.key); err != nil {
		return s.notSigned(v, o, form, w, err)
	}
	e.Facts = asFarAs(form.Says(filled, entry.Number(root)), o.p.Orders)
	seq, err := s.store(v, e, w.root, w.of)
	if err != nil {
		return s.notSigned(v, o, form, w, err)
	}
	return s.signed(v, o, w.next(o, form), root, seq)
}

// pregnant reports whether an alert in force says so.
func pregnant(p *chart.Patient, now time.Time) bool {
	return slices.ContainsFunc(p.Alerts, func(a chart.Item[clinical.Alert]) bool {
		end := a.V.Ends(now.Location())
		return a.V.Kind == clinical.Pregnancy && !a.Cancelled && (end.IsZero() || now.Before(end))
	})
}

// entryOf is an entry about the opened patient, signed by the person at the
// screen.
func (s *Server) entryOf(v *visit, o *opened, form, key string) entry.Entry {
	sess := *v.session
	e := entry.Entry{
		Key: key, Root: key, Form: form, State: entry.Signed, Patient: o.p.Key, IDs: o.p.IDs, Case: o.kase, Ward: o.ward,
		At: v.now, Written: v.now, By: clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}, From: v.from(), Seen: seenOf(v),
	}
	if f := s.formOf(form); f != nil {
		e.Role = v.role(staff.Right(f.Right))
	}
	return e
}

// role is the role that lets the person at the screen do what needs the right;
// who has several signs in that one. Whoever may by another way signs in the
// first.
func (v *visit) role(right staff.Right) string {
	p := v.session.Person
	if r := staff.RoleFor(p, right); r != "" || len(p.Roles) == 0 {
		return string(r)
	}
	return string(p.Roles[0])
}

// store signs a new entry, or a correction of the version of under root: the
// one that its writer saw, so that nobody overwrites what stands there unseen.
// The same correction sent again is the same; whoever was slower gets a
// Conflict.
func (s *Server) store(v *visit, e entry.Entry, root, of string) (journal.Seq, error) {
	if root == "" {
		return s.p.Desk.Sign(v.Context(), e)
	}
	all, err := s.p.Desk.Versions(v.Context(), root)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(all, func(x desk.Version) bool { return x.Key == of })
	taken := slices.ContainsFunc(all, func(x desk.Version) bool { return x.Key == e.Key && x.Corrects != of })
	switch {
	case i < 0 || taken || all[i].Form != e.Form:
		return 0, fault.New(fault.Invalid, lang.Text{
			DE: "Das Formular ist unvollständig. Bitte den Eintrag neu öffnen und korrigieren.", EN: "The form is incomplete. Please open the entry again and correct it.",
		})
	case all[i].Patient != e.Patient && !slices.ContainsFunc(e.IDs, func(id clinical.Identifier) bool { return id.Key() == all[i].Patient }):
		return 0, fault.New(fault.Invalid, lang.Text{
			DE: "Dieser Eintrag gehört zu einer anderen Akte.", EN: "This entry belongs to another chart.",
		})
	}
	if e.Sheet == "" {
		e.Sheet, e.SheetBy = all[i].Sheet, all[i].SheetBy
	}
	e.Patient, e.IDs, e.Case = all[i].Patient, all[i].IDs, all[i].Case // the same stay of the same identity, also after a merge
	return s.p.Desk.Correct(v.Context(), all[i], e)
}

// notSigned shows the form again with what was typed.
func (s *Server) notSigned(v *visit, o *opened, form *entry.Form, w writeForm, err error) (http.Handler, error) {
	if taken, ok := errors.AsType[*desk.Taken](err); ok {
		w.stored = &storedView{
			Href: "/patient/" + string(o.p.Key) + "/entry/" + taken.Entry.Root, By: taken.Entry.By.Name, At: o.frame.stamp(taken.Entry.Written),
		}
		w.key = desk.NewKey()
		w.of = s.newest(v, w.root) // signing once more is with what stands in sight
	}
	switch k := fault.KindOf(err); k {
	case fault.Invalid, fault.Conflict, fault.Unavailable:
		return s.drawWrite(v, status(k), o, form, w, []entry.Mistake{{Say: fault.Say(err)}})
	case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unsigned, fault.Corrupt:
	}
	return nil, err
}

// newest is the key of the version that counts, "" for none.
func (s *Server) newest(v *visit, root string) string {
	if root == "" {
		return ""
	}
	now, err := s.p.Desk.Current(v.Context(), root)
	if err != nil || now.Withdrawn {
		return ""
	}
	return now.Key
}

// signed leads on once the charts show the entry: whoever wrote it sees it.
func (s *Server) signed(v *visit, o *opened, back, root string, seq journal.Seq) (http.Handler, error) {
	ctx, cancel := context.WithTimeout(v.Context(), 3*time.Second)
	defer cancel()
	_ = s.p.Charts.Wait(ctx, seq) // a slow fold only delays what the next page shows
	to := "/patient/" + string(o.p.Key) + "/entry/" + root
	if back != "" && back != "/" {
		u, err := url.Parse(back)
		if err == nil {
			q := u.Query()
			q.Set("signed", strconv.FormatUint(uint64(seq), 10))
			u.RawQuery = q.Encode()
			to = u.String()
		}
	}
	return seeOther(to), nil
}

// keepDraft stores what was typed without signing it, or throws a draft away.
func (s *Server) keepDraft(v *visit, o *opened, form *entry.Form, w writeForm, act string) (http.Handler, error) {
	e := s.entryOf(v, o, form.Kind, w.key)
	s.fromSheet(o, &w, &e)
	e.State = entry.Draft
	if act == "drop" {
		if slices.ContainsFunc(o.p.Drafts, func(d chart.Item[clinical.Draft]) bool { return d.V.Key == w.key && d.V.By.ID != e.By.ID }) {
			return nil, fault.New(fault.Forbidden, lang.Text{DE: "Einen Entwurf verwirft, wer ihn begonnen hat.", EN: "A draft is thrown away by whoever began it."})
		}
		e.State = entry.Dropped
	} else {
		e.Fields = map[string]string{}
		for name, text := range w.typed {
			if text = strings.TrimSpace(text); text != "" {
				e.Fields[name] = text
			}
		}
	}
	seq, err := s.p.Desk.Keep(v.Context(), e)
	if err != nil {
		return s.notSigned(v, o, form, w, err)
	}
	if v.Header.Get("X-Draft") != "" {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), nil
	}
	back := w.next(o, form)
	if back == "" || back == "/" {
		back = "/patient/" + string(o.p.Key) + "/write"
	}
	return s.signed(v, o, back, e.Key, seq)
}
