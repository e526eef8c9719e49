package web

import (
	"context"
	"net/http"
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

// backPage is every target with where its hand-back stands.
type backPage struct {
	Frame
	Targets []targetView
}

type targetView struct {
	Name   string
	System lang.Text
	Mode   handback.Mode
	Word   lang.Text
	Act    handback.Act
	At     stamp
	Counts []countView
	Total  int
	Done   int // accounted for
	Wards  []wardCountView
	Modes  []modeChoice // the modes that the reader may choose
	Href   string
	Key    string
}

type countView struct {
	State handback.State
	Word  lang.Text
	N     int
	Href  string
	Here  bool
}

type wardCountView struct {
	Ward string
	Open int
	All  int
}

type modeChoice struct {
	Mode  handback.Mode
	Label lang.Text
}

// queuePage is the entries of one target's queue.
type queuePage struct {
	Frame
	Target   targetView
	Patients []backPatient
	States   []countView
	State    handback.State
	Ward     string
	More     string // address of the next page, "" for none
	May      bool   // the reader may decide
	Action   string
	Key      string
	Problems []problem
	Why      string
}

type backPatient struct {
	Key   clinical.PatientKey
	Name  string
	Birth string
	Case  string
	Ward  string
	Items []backItem
}

type backItem struct {
	Value  string // root and version, as the form sends it
	Form   lang.Text
	At     stamp
	By     string
	State  handback.State
	Word   lang.Text
	Answer string
	Kinds  string
	Second bool // a second person must still release it
	By1    string
	Href   string
}

var (
	backPageT  = parse[backPage]("back")
	queuePageT = parse[queuePage]("queue")
)

func backWord(s handback.State) lang.Text {
	switch s {
	case handback.Waiting:
		return lang.Text{DE: "wartet auf Freigabe", EN: "waits for release"}
	case handback.Released:
		return lang.Text{DE: "freigegeben", EN: "released"}
	case handback.Sent:
		return lang.Text{DE: "unterwegs", EN: "on its way"}
	case handback.Accepted:
		return lang.Text{DE: "angenommen", EN: "accepted"}
	case handback.Refused:
		return lang.Text{DE: "abgelehnt", EN: "refused"}
	case handback.Unclear:
		return lang.Text{DE: "unklar, im Zielsystem nachsehen", EN: "unclear, look into the target system"}
	case handback.Rest:
		return lang.Text{DE: "Rest von Hand eintragen", EN: "type in the rest by hand"}
	case handback.Hand:
		return lang.Text{DE: "von Hand erledigt", EN: "done by hand"}
	case handback.Nothing:
		return lang.Text{DE: "betrifft das System nicht", EN: "does not concern the system"}
	}
	return lang.Text{DE: string(s)}
}

func modeWord(m handback.Mode) lang.Text {
	switch m {
	case handback.Closed:
		return lang.Text{DE: "keine Rückgabe", EN: "no hand-back"}
	case handback.Testing:
		return lang.Text{DE: "wird getestet, nichts wird gesendet", EN: "being tested, nothing is sent"}
	case handback.Paused:
		return lang.Text{DE: "angehalten", EN: "paused"}
	case handback.Slowly:
		return lang.Text{DE: "sendet langsam", EN: "sends slowly"}
	case handback.Flowing:
		return lang.Text{DE: "sendet", EN: "sends"}
	}
	return lang.Text{DE: string(m)}
}

func modeChoices(m handback.Mode) []modeChoice {
	begin := lang.Text{DE: "Rückgabe öffnen, noch nichts senden", EN: "Open the hand-back, send nothing yet"}
	all := []modeChoice{
		{handback.Testing, begin}, {handback.Slowly, lang.Text{DE: "Langsam senden", EN: "Send slowly"}},
		{handback.Flowing, lang.Text{DE: "Senden", EN: "Send"}}, {handback.Paused, lang.Text{DE: "Anhalten", EN: "Pause"}},
		{handback.Closed, lang.Text{DE: "Rückgabe abschließen", EN: "Close the hand-back"}},
	}
	if m == handback.Closed {
		return all[:1]
	}
	return slices.DeleteFunc(all, func(c modeChoice) bool { return c.Mode == m || c.Mode == handback.Testing })
}

// states are the words of a queue in the order people work through it.
func backStates() []handback.State {
	return []handback.State{
		handback.Waiting, handback.Released, handback.Sent, handback.Refused, handback.Unclear, handback.Rest, handback.Accepted, handback.Hand, handback.Nothing,
	}
}

func (s *Server) backRoutes(on func(string, show)) {
	on("GET /handback", s.showBack)
	on("GET /handback/{target}", s.showQueue)
	on("POST /handback/{target}/mode", s.setBackMode)
	on("POST /handback/{target}/decide", s.decideBack)
}

// targetOf reads where a target's hand-back stands. It holds numbers only.
func (s *Server) targetOf(ctx context.Context, name string, f Frame) (targetView, error) {
	q, err := s.p.Back.Queue(ctx, name)
	if err != nil {
		return targetView{}, err
	}
	v := targetView{
		Name: name, System: lang.Text{DE: name}, Mode: q.Mode, Word: modeWord(q.Mode), Act: q.Act, At: f.stamp(q.Act.At),
		Href: "/handback/" + name, Key: journal.NewID().String(),
	}
	for _, x := range s.p.Outages.Systems() {
		if x.ID == q.System {
			v.System = x.Name
		}
	}
	if f.User.Can(string(staff.OperateHandback)) {
		v.Modes = modeChoices(q.Mode)
	}
	wards, err := s.p.Back.Progress(ctx, name)
	if err != nil {
		return v, err
	}
	sum := map[handback.State]int{}
	for _, w := range wards {
		line := wardCountView{Ward: w.Ward}
		for st, n := range w.Count {
			sum[st] += n
			line.All += n
			if st.Open() {
				line.Open += n
			} else {
				v.Done += n
			}
		}
		v.Total += line.All
		v.Wards = append(v.Wards, line)
	}
	for _, st := range backStates() {
		if n := sum[st]; n > 0 {
			v.Counts = append(v.Counts, countView{State: st, Word: backWord(st), N: n, Href: v.Href + "?state=" + string(st)})
		}
	}
	return v, nil
}

func (s *Server) showBack(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeHouse); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := backPage{Frame: f.titled("handback", lang.Text{DE: "Rückgabe", EN: "Hand-back"})}
	p.Refresh = true
	for _, name := range s.p.Back.Targets() {
		t, err := s.targetOf(v.Context(), name, f)
		if err != nil {
			return nil, err
		}
		p.Targets = append(p.Targets, t)
	}
	return backPageT.of(p)
}

// queueSize is how many entries one page of a queue shows.
const queueSize = 100

func (s *Server) showQueue(v *visit) (http.Handler, error) {
	return s.drawQueue(v, http.StatusOK, nil)
}

func (s *Server) drawQueue(v *visit, code int, problems []problem) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	name, ward, state := v.PathValue("target"), v.FormValue("ward"), handback.State(v.FormValue("state"))
	filter := handback.Filter{Ward: ward, Limit: queueSize + 1}
	if state != "" {
		filter.States = []handback.State{state}
	}
	if n, err := strconv.ParseUint(v.FormValue("after"), 10, 64); err == nil {
		filter.After = journal.Seq(n)
	}
	items, err := s.p.Back.Items(v.Context(), name, filter)
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: staff.SeeChart, page: "handback", ward: ward, what: strconv.Itoa(min(len(items), queueSize)) + " Einträge"})
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := queuePage{
		Frame: f.titled("handback", lang.Text{DE: "Rückgabe", EN: "Hand-back"}), Ward: ward, State: state, Key: journal.NewID().String(),
		May: staff.May(v.session.Person, staff.ReleaseEntries), Action: "/handback/" + name + "/decide", Problems: problems, Why: v.PostFormValue("why"),
	}
	if p.Target, err = s.targetOf(v.Context(), name, f); err != nil {
		return nil, err
	}
	for _, c := range p.Target.Counts {
		c.Here = c.State == state
		p.States = append(p.States, c)
	}
	if len(items) > queueSize {
		items = items[:queueSize]
		p.More = "/handback/" + name + "?state=" + string(state) + "&ward=" + ward + "&after=" + strconv.FormatUint(uint64(items[queueSize-1].First), 10)
	}
	p.Patients, err = s.backPatients(v, view, items, f)
	if err != nil {
		return nil, err
	}
	return queuePageT.status(code, p)
}

// backPatients groups items by patient, in the order of the oldest.
func (s *Server) backPatients(v *visit, view *chart.View, items []handback.Item, f Frame) ([]backPatient, error) {
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
			}
			i = len(out)
			index[it.Patient] = i
			out = append(out, b)
		}
		line := backItem{
			Value: it.Root + "." + it.Key, Form: lang.Text{DE: it.Form}, At: f.stamp(it.At), By: it.By.Name, State: it.State, Word: backWord(it.State),
			Answer: it.Answer, Second: it.Needs > 1 && it.State == handback.Released && !it.Second.Done(), By1: it.Decided.By.Name,
			Href: "/patient/" + string(out[i].Key) + "/entry/" + it.Root,
		}
		if form := entry.FormOf(it.Form); form != nil {
			line.Form = form.Title
		}
		var kinds []string
		for _, k := range it.Kinds {
			kinds = append(kinds, kindWord(k).In(f.Lang))
		}
		line.Kinds = strings.Join(kinds, ", ")
		out[i].Items = append(out[i].Items, line)
	}
	return out, nil
}

func kindWord(k message.Kind) lang.Text {
	switch k {
	case message.Admission:
		return lang.Text{DE: "Aufnahme, Bewegung", EN: "admission, movement"}
	case message.Vitals:
		return lang.Text{DE: "Vitalwerte", EN: "vital signs"}
	case message.Laboratory:
		return lang.Text{DE: "Laborwerte", EN: "laboratory"}
	case message.Document:
		return lang.Text{DE: "Text", EN: "text"}
	case message.Order:
		return lang.Text{DE: "Anforderung", EN: "order"}
	case message.Medication:
		return lang.Text{DE: "Verordnung", EN: "prescription"}
	case message.Dose:
		return lang.Text{DE: "Gabe", EN: "dose"}
	case message.Allergy:
		return lang.Text{DE: "Allergie", EN: "allergy"}
	case message.Diagnosis:
		return lang.Text{DE: "Diagnose, Eingriff", EN: "diagnosis, procedure"}
	case message.Warning:
		return lang.Text{DE: "Warnung", EN: "warning"}
	}
	return lang.Text{DE: string(k)}
}

func (s *Server) setBackMode(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.OperateHandback)
	if err != nil {
		return nil, err
	}
	key, err := journal.ParseID(v.PostFormValue("key"))
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Bitte die Seite neu öffnen.", EN: "Please open the page again."})
	}
	err = s.p.Back.SetMode(v.Context(), key, v.PathValue("target"), handback.Mode(v.PostFormValue("mode")), s.backAct(v, sess))
	if err != nil {
		return nil, err
	}
	return seeOther("/handback"), nil
}

func (s *Server) backAct(v *visit, sess staff.Session) handback.Act {
	return handback.Act{By: clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}, At: v.now, Why: strings.TrimSpace(v.PostFormValue("why"))}
}

// decideBack records what a person decided about the chosen entries.
func (s *Server) decideBack(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReleaseEntries)
	if err != nil {
		return nil, err
	}
	key, err := journal.ParseID(v.PostFormValue("key"))
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Bitte die Seite neu öffnen.", EN: "Please open the page again."})
	}
	var items []handback.Item
	for _, value := range v.PostForm["item"] {
		root, version, ok := strings.Cut(value, ".")
		if !ok {
			continue
		}
		items = append(items, handback.Item{Root: root, Key: version})
	}
	wrong := func(code int, say lang.Text) (http.Handler, error) { return s.drawQueue(v, code, []problem{{"", say}}) }
	if len(items) == 0 {
		return wrong(http.StatusUnprocessableEntity, lang.Text{DE: "Bitte Einträge auswählen.", EN: "Please choose entries."})
	}
	err = s.p.Back.Decide(v.Context(), key, v.PathValue("target"), handback.Decision(v.PostFormValue("act")), items, s.backAct(v, sess))
	switch k := fault.KindOf(err); {
	case err == nil:
		return seeOther(safeBack(v.PostFormValue("back"))), nil
	case k == fault.Invalid || k == fault.Forbidden || k == fault.Conflict:
		return wrong(status(k), fault.Say(err))
	}
	return nil, err
}
