package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// queuePage is the entries of one target's queue.
type queuePage struct {
	Frame
	Target   targetView
	Patients []backPatient
	States   []countView
	Filter   backFilter
	Conflict filterLink
	Wards    []choice
	Kinds    []choice
	First    string // address of the first page, "" on it
	More     string // address of the next page, "" for none
	Cut      string // address where the search for conflicts goes on, "" where all was searched
	Bulk     *bulkView
	Ask      string // address that counts what one act would release, "" where it is counted
	Key      string
	Problems []problem
	Why      string
}

// bulkView is what one button releases.
type bulkView struct {
	Second       bool // as the second person
	N, Held, Own int
	Of           string // whose: ward, kind, patient
	Upto, From   uint64
	Next         string // address that counts the next part, "" where this is all
	Mark         string
	Key          string
}

// backPatient is one patient's entries in a list.
type backPatient struct {
	Key   clinical.PatientKey
	Name  string
	Birth string
	Case  string
	Ward  string
	Side  string // address of both sides
	Items []backItem
}

type backItem struct {
	Value     string // root and version, as the form sends it
	Form      lang.Text
	At        stamp
	By        string
	State     handback.State
	Word      lang.Text
	Answer    string
	Kinds     string
	What      string // what it says
	Second    bool   // a second person must still release it
	By1       string
	Own       bool // the reader released it first
	Conflicts []conflictView
	Chosen    bool
	Href      string
}

type conflictView struct {
	Word  lang.Text
	Say   lang.Text
	Holds bool
}

// askPage asks once more about entries that something stands against.
type askPage struct {
	Frame
	Target    targetView
	Patients  []backPatient
	Others    int // chosen entries that nothing stands against
	Values    []string
	Act       string
	Why       string
	Back      string
	Key       string
	Confirmed string
	Whom      string
	N         int
	Problems  []problem
}

var (
	queuePageT = parse[queuePage]("queue")
	askPageT   = parse[askPage]("backask")
)

// backFilter is what a list of a queue shows, as its address has it.
type backFilter struct {
	State    handback.State
	Ward     string
	Kind     message.Kind
	Patient  clinical.PatientKey
	Conflict bool
	After    uint64
	From     uint64 // what one act would release begins after this record
	All      bool   // count what one act would release, whatever it costs
}

func backFilterOf(v *visit) backFilter {
	q := backFilter{
		State: handback.State(v.FormValue("state")), Ward: strings.TrimSpace(v.FormValue("ward")), Kind: message.Kind(v.FormValue("kind")),
		Patient: clinical.PatientKey(v.FormValue("patient")), Conflict: v.FormValue("conflict") != "", All: v.FormValue("all") != "",
	}
	if !slices.Contains(backStates(), q.State) {
		q.State = ""
	}
	if !slices.Contains(message.Kinds(), q.Kind) {
		q.Kind = ""
	}
	q.After, _ = strconv.ParseUint(v.FormValue("after"), 10, 64) // anything else is the first page
	q.From, _ = strconv.ParseUint(v.FormValue("from"), 10, 64)   // and the first part
	return q
}

// with is the address of the list with one value changed, from its first page.
func (q backFilter) with(base, name, value string) string {
	u := url.Values{}
	for k, x := range map[string]string{"state": string(q.State), "ward": q.Ward, "kind": string(q.Kind), "patient": string(q.Patient)} {
		if x != "" {
			u.Set(k, x)
		}
	}
	if q.Conflict {
		u.Set("conflict", "1")
	}
	u.Set(name, value)
	if value == "" {
		u.Del(name)
	}
	if len(u) == 0 {
		return base
	}
	return base + "?" + u.Encode()
}

// queueSize is how many entries one page of a queue shows.
const queueSize = 100

func (s *Server) showQueue(v *visit) (http.Handler, error) {
	return s.drawQueue(v, http.StatusOK, nil)
}

func (s *Server) drawQueue(v *visit, code int, problems []problem) (http.Handler, error) {
	sess, err := v.need(staff.ReleaseEntries)
	if err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	name, q := v.PathValue("target"), backFilterOf(v)
	if q.Ward != "" { // one of another ward asks for a reason
		if _, res, err := s.passBack(v, want{page: "handback", ward: q.Ward}); res != nil || err != nil {
			return res, err
		}
	}
	wards, err := s.backWards(v, sess, name)
	if err != nil {
		return nil, err
	}
	items, next, err := s.queueItems(v, name, q, wards)
	if err != nil {
		return nil, err
	}
	if err := s.record(v, sess, staff.Decision{Verdict: staff.Allowed}, want{page: "handback", ward: q.Ward, what: strconv.Itoa(min(len(items), queueSize)) + " Einträge"}); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := queuePage{
		Frame: f.titled("handback", lang.Text{DE: "Rückgabe", EN: "Hand-back"}), Filter: q, Key: journal.NewID().String(),
		Problems: problems, Why: v.PostFormValue("why"),
	}
	if p.Target, err = s.targetOf(v.Context(), name, f); err != nil {
		return nil, err
	}
	base := p.Target.Href
	p.links(q, base, wards)
	if v.Method == http.MethodPost { // drawn instead of an answer: the next one leads back to the list
		p.Path = q.with(base, "", "")
	}
	if q.After > 0 {
		p.First = q.with(base, "after", "")
	}
	if next != 0 {
		p.Cut = q.with(base, "after", strconv.FormatUint(uint64(next), 10))
	}
	if len(items) > queueSize {
		items = items[:queueSize]
		p.More = q.with(base, "after", strconv.FormatUint(uint64(items[queueSize-1].First), 10))
	}
	if p.Patients, err = s.backPatients(v, view, name, items, f); err != nil {
		return nil, err
	}
	p.choose(v)
	if err := s.bulkOf(v, &p, wards); err != nil {
		return nil, err
	}
	return queuePageT.status(code, p)
}

func (s *Server) queueItems(v *visit, name string, q backFilter, wards []string) ([]handback.Item, journal.Seq, error) {
	filter := handback.Filter{Ward: q.Ward, Wards: wards, Kind: q.Kind, Patient: q.Patient, Limit: queueSize + 1, After: journal.Seq(q.After)}
	if q.State != "" {
		filter.States = []handback.State{q.State}
	}
	if q.Conflict {
		return s.p.Back.Conflicting(v.Context(), name, filter)
	}
	items, err := s.p.Back.Items(v.Context(), name, filter)
	return items, 0, err
}

// links fills in what the list can be narrowed to.
func (p *queuePage) links(q backFilter, base string, wards []string) {
	for _, c := range p.Target.Counts {
		c.Here, c.Href = c.State == q.State, q.with(base, "state", string(c.State))
		p.States = append(p.States, c)
	}
	p.Conflict = filterLink{Href: q.with(base, "conflict", "1"), Label: lang.Text{DE: "mit Konflikt", EN: "with a conflict"}, Here: q.Conflict}
	if q.Conflict {
		p.Conflict.Href = q.with(base, "conflict", "")
	}
	for _, w := range p.Target.Wards {
		if w.Ward != "" && (wards == nil || slices.Contains(wards, w.Ward)) {
			p.Wards = append(p.Wards, choice{Value: w.Ward, Label: lang.Text{DE: w.Ward}, Here: w.Ward == q.Ward})
		}
	}
	for _, k := range message.Kinds() {
		p.Kinds = append(p.Kinds, choice{Value: string(k), Label: kindWord(k), Here: k == q.Kind})
	}
}

// choose marks what is chosen: what was, where a form came back, else what waits
// and nothing stands against.
func (p *queuePage) choose(v *visit) {
	sent := v.PostForm["item"]
	for i := range p.Patients {
		for j := range p.Patients[i].Items {
			it := &p.Patients[i].Items[j]
			it.Chosen = it.State == handback.Waiting && len(it.Conflicts) == 0
			if v.Method == http.MethodPost {
				it.Chosen = slices.Contains(sent, it.Value)
			}
		}
	}
}

// bulkLook is how many waiting entries are counted without being asked to.
const bulkLook = 2000

// bulkOf counts what one act would release of the list.
func (s *Server) bulkOf(v *visit, p *queuePage, wards []string) error {
	q, d := p.Filter, handback.Release
	switch {
	case !p.Target.Open || q.Conflict:
		return nil
	case q.State == handback.Released:
		d = handback.Second
	case q.State != "" && q.State != handback.Waiting:
		return nil
	}
	if q.Ward == "" && q.Kind == "" && q.Patient == "" && !q.All && q.From == 0 && p.Target.Total > bulkLook {
		p.Ask = q.with(p.Target.Href, "all", "1")
		return nil
	}
	upto := s.p.Back.Seq()
	b, err := s.p.Back.Bulk(v.Context(), p.Target.Name, d, v.session.Person.ID, q.bulk(wards, upto))
	if err != nil || len(b.Items)+b.Held+b.Own == 0 && b.Next == 0 {
		return err
	}
	p.Bulk = &bulkView{
		Second: d == handback.Second, N: len(b.Items), Held: b.Held, Own: b.Own, Upto: uint64(upto), From: q.From, Mark: b.Mark(), Key: journal.NewID().String(), Of: p.whose(p.Lang),
	}
	if b.Next != 0 {
		p.Bulk.Next = q.with(p.Target.Href, "from", strconv.FormatUint(uint64(b.Next), 10))
	}
	return nil
}

// bulk is what of the list one act is about, as it stood at a record.
func (q backFilter) bulk(wards []string, upto journal.Seq) handback.Filter {
	return handback.Filter{Ward: q.Ward, Wards: wards, Kind: q.Kind, Patient: q.Patient, After: journal.Seq(q.From), Upto: upto}
}

// whose says in words what the list was narrowed to.
func (p *queuePage) whose(l lang.Lang) string {
	var of []string
	if p.Filter.Ward != "" {
		of = append(of, lang.Text{DE: "Station ", EN: "ward "}.In(l)+p.Filter.Ward)
	}
	if p.Filter.Kind != "" {
		of = append(of, kindWord(p.Filter.Kind).In(l))
	}
	if p.Filter.Patient != "" && len(p.Patients) > 0 {
		of = append(of, p.Patients[0].Name)
	}
	if len(of) == 0 {
		return lang.Text{DE: "alle Stationen", EN: "all wards"}.In(l)
	}
	return strings.Join(of, ", ")
}

// backPatients groups items by patient, in the order of the oldest.
func (s *Server) backPatients(v *visit, view *chart.View, target string, items []handback.Item, f Frame) ([]backPatient, error) {
	var out []backPatient
	index := map[clinical.PatientKey]int{}
	for _, it := range items {
		i, ok := index[it.Patient]
		if !ok {
			p, err := view.Patient(v.Context(), it.Patient, chart.Head())
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
			b := backPatient{Key: it.Patient, Case: string(it.Case), Ward: it.Ward, Name: string(it.Case)}
			if err == nil {
				b.Key, b.Name, b.Birth = p.Key, p.Name.V.Display(), p.Birth.V.German()
				b.Side = "/handback/" + target + "/patient/" + string(p.Key)
			}
			i = len(out)
			index[it.Patient] = i
			out = append(out, b)
		}
		line := newBackItem(&it, out[i].Key, f)
		var err error
		if line.What, err = s.contentOf(v, &it, f); err != nil {
			return nil, err
		}
		out[i].Items = append(out[i].Items, line)
	}
	return out, nil
}

// contentLength is how much of an entry a list shows, in characters.
const contentLength = 240

// contentOf is what an entry says, in one line: nobody releases what they have
// not read.
func (s *Server) contentOf(v *visit, it *handback.Item, f Frame) (string, error) {
	e, err := s.p.Desk.At(v.Context(), it.Seq)
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Corrupt || errors.Is(err, journal.ErrPruned) {
		return "", nil
	}
	form := s.formOf(it.Form)
	if err != nil || form == nil {
		return "", err
	}
	return oneLine(form.Shown(e.Fields, f.Lang), f), nil
}

// oneLine puts filled fields behind each other.
func oneLine(fields []shownField, f Frame) string {
	var parts []string
	for _, x := range fields {
		parts = append(parts, strings.Join(strings.Fields(x.Label.In(f.Lang)+" "+x.Text+" "+x.Unit), " "))
	}
	line := []rune(strings.Join(parts, " · "))
	if len(line) > contentLength {
		return string(line[:contentLength]) + " …"
	}
	return string(line)
}

func newBackItem(it *handback.Item, key clinical.PatientKey, f Frame) backItem {
	line := backItem{
		Value: it.Root + "." + it.Key, Form: formTitle(it.Form), At: f.stamp(it.At), By: it.By.Name, State: it.State, Word: backWord(it.State),
		Answer: it.Answer, Second: it.Needs > 1 && it.State == handback.Released && !it.Second.Done(), By1: it.Decided.By.Name,
		Href: "/patient/" + string(key) + "/entry/" + it.Root,
	}
	line.Own = line.Second && f.User != nil && it.Decided.By.ID == f.User.ID
	if it.State == handback.Waiting && it.Hold != handback.NoHold && len(it.Conflicts) > 0 {
		line.Answer = "" // the conflict says it
	}
	for _, c := range it.Conflicts {
		line.Conflicts = append(line.Conflicts, conflictView{Word: holdWord(c.Kind), Say: c.Say, Holds: c.Holds})
	}
	var kinds []string
	for _, k := range it.Kinds {
		kinds = append(kinds, kindWord(k).In(f.Lang))
	}
	line.Kinds = strings.Join(kinds, ", ")
	return line
}

func formTitle(name string) lang.Text {
	if form := entry.FormOf(name); form != nil {
		return form.Title
	}
	return lang.Text{DE: name}
}

// decidable reports whether a decision can change an item as it stands.
func decidable(d handback.Decision, it *handback.Item) bool {
	switch d {
	case handback.Release:
		return it.State == handback.Waiting
	case handback.Second:
		return it.State == handback.Released && it.Needs > 1 && !it.Second.Done()
	case handback.Recall:
		return it.State == handback.Released || it.State == handback.Sent
	case handback.TypedIn:
		return it.State.Open() && it.State != handback.Sent
	case handback.Resend:
		return it.State.WithPerson()
	}
	return false
}

// chosen reads the entries that a form names, as they stand now. The problem
// says why nothing can be decided about them.
func (s *Server) chosen(v *visit, sess staff.Session, d handback.Decision) (items []handback.Item, say *problem, err error) {
	version := map[string]string{}
	var roots []string
	for _, value := range v.PostForm["item"] {
		if root, key, ok := strings.Cut(value, "."); ok && version[root] == "" {
			version[root] = key
			roots = append(roots, root)
		}
	}
	if len(roots) == 0 {
		return nil, &problem{"", lang.Text{DE: "Bitte Einträge auswählen.", EN: "Please choose entries."}}, nil
	}
	found, err := s.p.Back.Find(v.Context(), v.PathValue("target"), roots)
	if err != nil {
		return nil, nil, err
	}
	newer := len(roots) - len(found)
	for i := range found {
		it := &found[i]
		may, err := s.mayBack(v, sess, it.Ward, it.Patient)
		if err != nil {
			return nil, nil, err
		}
		if !may.Allowed() {
			return nil, nil, fault.New(fault.Forbidden, may.Say)
		}
		if it.Key != version[it.Root] {
			newer++
		} else if decidable(d, it) {
			items = append(items, *it)
		}
	}
	switch {
	case newer > 0:
		return nil, &problem{"", lang.Text{
			DE: strconv.Itoa(newer) + " der gewählten Einträge wurden inzwischen korrigiert. Bitte noch einmal ansehen; es wurde nichts entschieden.",
			EN: strconv.Itoa(newer) + " of the chosen entries were corrected meanwhile. Please look again; nothing was decided.",
		}}, nil
	case len(items) == 0 && d == handback.Second:
		return nil, &problem{"", lang.Text{DE: "Von den gewählten Einträgen braucht keiner eine zweite Freigabe.", EN: "None of the chosen entries needs a second release."}}, nil
	case len(items) == 0:
		return nil, &problem{"", lang.Text{DE: "Bei den gewählten Einträgen geht das nicht, so wie sie jetzt stehen.", EN: "This cannot be done with the chosen entries as they stand now."}}, nil
	}
	return items, nil, nil
}

// standsAgainst names everything that holds the items: what a person confirms
// who releases them all the same.
func standsAgainst(items []handback.Item) string {
	var all []string
	for i := range items {
		for _, c := range items[i].Conflicts {
			if c.Holds {
				all = append(all, items[i].Root+" "+items[i].Key+" "+c.Mark)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return hex.EncodeToString(sum[:8])
}

// decideBack records what a person decided about the chosen entries.
func (s *Server) decideBack(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReleaseEntries)
	if err != nil {
		return nil, err
	}
	key, err := backKey(v)
	if err != nil {
		return nil, err
	}
	if seq, err := s.p.Journal.Find(v.Context(), key); err != nil || seq != 0 { // sent twice
		return seeOther(safeBack(v.PostFormValue("back"))), err
	}
	d := handback.Decision(v.PostFormValue("act"))
	items, say, err := s.chosen(v, sess, d)
	if err != nil {
		return nil, err
	}
	if say != nil {
		return s.drawQueue(v, http.StatusUnprocessableEntity, []problem{*say})
	}
	if d == handback.Second {
		if own := slices.IndexFunc(items, func(it handback.Item) bool { return it.Decided.By.ID == sess.Person.ID }); own >= 0 {
			return s.drawQueue(v, http.StatusForbidden, []problem{{"", lang.Text{
				DE: "Die erste Freigabe stammt von Ihnen. Die zweite gibt eine andere Person; es wurde nichts freigegeben.",
				EN: "The first release is yours. Another person gives the second one; nothing was released.",
			}}})
		}
	}
	if against := standsAgainst(items); against != "" && (d == handback.Release || d == handback.Resend) && v.PostFormValue("confirmed") != against {
		return s.askBack(v, items, against)
	}
	err = s.p.Back.Decide(v.Context(), key, v.PathValue("target"), d, items, s.backAct(v, sess))
	switch k := fault.KindOf(err); {
	case err == nil:
		return seeOther(safeBack(v.PostFormValue("back"))), nil
	case k == fault.Invalid || k == fault.Forbidden || k == fault.Conflict:
		return s.drawQueue(v, status(k), []problem{{"why", fault.Say(err)}})
	}
	return nil, err
}

// askBack shows what stands against the chosen entries, and asks once.
func (s *Server) askBack(v *visit, items []handback.Item, against string) (http.Handler, error) {
	for i := range items {
		for _, c := range items[i].Conflicts {
			if say := handback.Never(c.Kind); c.Holds && say != (lang.Text{}) {
				return s.drawQueue(v, http.StatusConflict, []problem{{"", say}})
			}
		}
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	if err := s.record(v, *v.session, staff.Decision{Verdict: staff.Allowed}, want{page: "handback", what: strconv.Itoa(len(items)) + " Einträge"}); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := askPage{
		Frame: f.titled("handback", lang.Text{DE: "Trotz Konflikt freigeben", EN: "Release despite a conflict"}), Act: v.PostFormValue("act"), Why: v.PostFormValue("why"),
		Back: safeBack(v.PostFormValue("back")), Key: journal.NewID().String(), Confirmed: against,
	}
	if v.PostFormValue("confirmed") != "" {
		p.Problems = []problem{{"", lang.Text{DE: "Inzwischen hat sich geändert, was entgegensteht. Bitte noch einmal lesen.", EN: "What stands against it has changed meanwhile. Please read again."}}}
	}
	if p.Target, err = s.targetOf(v.Context(), v.PathValue("target"), f); err != nil {
		return nil, err
	}
	var held []handback.Item
	for _, it := range items {
		p.Values = append(p.Values, it.Root+"."+it.Key)
		if slices.ContainsFunc(it.Conflicts, func(c handback.Conflict) bool { return c.Holds }) {
			held = append(held, it)
		} else {
			p.Others++
		}
	}
	if p.Patients, err = s.backPatients(v, view, p.Target.Name, held, f); err != nil {
		return nil, err
	}
	p.N, p.Whom = len(items), p.Patients[0].Name
	if n := len(p.Patients); n > 1 {
		p.Whom += lang.Text{DE: " und " + strconv.Itoa(n-1) + " weitere", EN: " and " + strconv.Itoa(n-1) + " more"}.In(f.Lang)
	}
	return askPageT.status(http.StatusOK, p)
}

// releaseBack releases at once what a list shows and nothing stands against, as
// the first person or as the second.
func (s *Server) releaseBack(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReleaseEntries)
	if err != nil {
		return nil, err
	}
	key, err := backKey(v)
	if err != nil {
		return nil, err
	}
	name, q := v.PathValue("target"), backFilterOf(v)
	d := handback.Release
	back := seeOther(q.with("/handback/"+name, "state", ""))
	if v.PostFormValue("act") == string(handback.Second) {
		d, back = handback.Second, seeOther(q.with("/handback/"+name, "state", string(handback.Released)))
	}
	if seq, err := s.p.Journal.Find(v.Context(), key); err != nil || seq != 0 { // sent twice
		return back, err
	}
	if q.Ward != "" {
		if d, err := s.mayBack(v, sess, q.Ward, ""); err != nil || !d.Allowed() {
			return nil, orForbidden(err, d)
		}
	}
	wards, err := s.backWards(v, sess, name)
	if err != nil {
		return nil, err
	}
	upto, _ := strconv.ParseUint(v.PostFormValue("upto"), 10, 64) // 0 is everything, and does not fit the count
	b, err := s.p.Back.Bulk(v.Context(), name, d, sess.Person.ID, q.bulk(wards, journal.Seq(upto)))
	if err != nil {
		return nil, err
	}
	if seen, n := v.PostFormValue("count"), strconv.Itoa(len(b.Items)); upto == 0 || v.PostFormValue("mark") != b.Mark() {
		say := lang.Text{
			DE: "Inzwischen sind es " + n + " Einträge statt " + seen + ". Bitte noch einmal ansehen; es wurde nichts freigegeben.",
			EN: "Meanwhile there are " + n + " entries instead of " + seen + ". Please look again; nothing was released.",
		}
		if seen == n {
			say = lang.Text{
				DE: "Inzwischen sind es andere Einträge. Bitte noch einmal ansehen; es wurde nichts freigegeben.",
				EN: "Meanwhile they are other entries. Please look again; nothing was released.",
			}
		}
		return s.drawQueue(v, http.StatusConflict, []problem{{"", say}})
	}
	if len(b.Items) == 0 {
		return back, nil
	}
	if err := s.p.Back.Decide(v.Context(), key, name, d, b.Items, s.backAct(v, sess)); err != nil {
		return nil, err
	}
	return back, nil
}

func orForbidden(err error, d staff.Decision) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Forbidden, d.Say)
}
