package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// backPage is every target with where its hand-back stands.
type backPage struct {
	Frame
	Targets []targetView
	May     bool // the reader may open queues
}

// targetView is where the hand-back to one target stands. It holds numbers only.
type targetView struct {
	Name     string
	System   lang.Text
	Mode     handback.Mode
	Word     lang.Text
	Act      handback.Act
	At       stamp
	Counts   []countView
	Total    int
	Done     int // accounted for
	Percent  int
	Wards    []wardCountView
	Modes    []modeChoice // the modes that the reader may choose
	Href     string
	Key      string
	Second   int // released once, waiting for the second person
	People   int // waiting for people: not released, refused, unclear, rest
	Machine  int // released or under way
	Rate     string
	Forecast lang.Text
	Slowed   lang.Text // why nothing moves, "" where it does
	Unknown  int       // patients who must be matched
	Reports  int
	Open     bool
}

type countView struct {
	State handback.State
	Word  lang.Text
	N     int
	Href  string
	Here  bool
}

// wardCountView is one ward's entries by where they stand.
type wardCountView struct {
	Ward  string
	Cells []int // as backColumns
	All   int
	Open  int
}

type modeChoice struct {
	Mode  handback.Mode
	Label lang.Text
	Grave bool
}

var backPageT = parse[backPage]("back")

// backColumn is one column of the table of wards.
type backColumn struct {
	Word   lang.Text
	States []handback.State
}

// backColumns are the columns of the table of wards.
func backColumns() []backColumn {
	return []backColumn{
		{lang.Text{DE: "wartet", EN: "waiting"}, []handback.State{handback.Waiting}},
		{lang.Text{DE: "freigegeben", EN: "released"}, []handback.State{handback.Released}},
		{lang.Text{DE: "unterwegs", EN: "on its way"}, []handback.State{handback.Sent}},
		{lang.Text{DE: "angenommen", EN: "accepted"}, []handback.State{handback.Accepted}},
		{lang.Text{DE: "bei Menschen", EN: "with people"}, []handback.State{handback.Refused, handback.Unclear, handback.Rest}},
		{lang.Text{DE: "von Hand", EN: "by hand"}, []handback.State{handback.Hand}},
	}
}

// Columns is the head of the table of wards.
func (backPage) Columns() []backColumn { return backColumns() }

func modeChoices(m handback.Mode) []modeChoice {
	all := []modeChoice{
		{handback.Testing, lang.Text{DE: "Rückgabe öffnen, noch nichts senden", EN: "Open the hand-back, send nothing yet"}, false},
		{handback.Slowly, lang.Text{DE: "Langsam senden", EN: "Send slowly"}, false},
		{handback.Flowing, lang.Text{DE: "Senden", EN: "Send"}, false},
		{handback.Paused, lang.Text{DE: "Sofort anhalten", EN: "Stop at once"}, true},
	}
	switch m {
	case handback.Closed:
		return all[:1]
	case handback.Testing, handback.Paused:
		return all[1:3]
	case handback.Slowly, handback.Flowing:
	}
	return slices.DeleteFunc(all[1:], func(c modeChoice) bool { return c.Mode == m })
}

// backStates are the states of a queue in the order people work through it.
func backStates() []handback.State {
	return []handback.State{
		handback.Waiting, handback.Released, handback.Sent, handback.Refused, handback.Unclear, handback.Rest, handback.Accepted, handback.Hand, handback.Nothing,
	}
}

func (s *Server) backRoutes(on func(string, show)) {
	on("GET /handback", s.abreast(s.showBack))
	on("GET /handback/{target}", s.abreast(s.showQueue))
	on("POST /handback/{target}/mode", s.setBackMode)
	on("POST /handback/{target}/decide", s.decideBack)
	on("POST /handback/{target}/release", s.releaseBack)
	on("GET /handback/{target}/match", s.abreast(s.showStrangers))
	on("GET /handback/{target}/match/{key}", s.abreast(s.showMatch))
	on("POST /handback/{target}/match/{key}", s.match)
	on("GET /handback/{target}/patient/{key}", s.abreast(s.showSides))
	on("GET /handback/{target}/report", s.abreast(s.showReports))
	on("POST /handback/{target}/report", s.makeReport)
	on("GET /handback/{target}/report/{version}/{file}", s.reportFile)
}

// abreast lets a page wait a moment until the hand-back stands where the charts
// stand: an entry that is in sight in a chart is in sight here.
func (s *Server) abreast(page show) show {
	return func(v *visit) (http.Handler, error) {
		ctx, cancel := context.WithTimeout(v.Context(), 3*time.Second)
		defer cancel()
		_ = s.p.Back.Wait(ctx, s.p.Charts.Position()) // a slow fold shows the page as it stands
		return page(v)
	}
}

// forecastOver is the time whose answers a forecast is made of.
const forecastOver = 5 * time.Minute

// targetOf reads where a target's hand-back stands.
func (s *Server) targetOf(ctx context.Context, name string, f Frame) (targetView, error) {
	q, err := s.p.Back.Queue(ctx, name)
	if err != nil {
		return targetView{}, err
	}
	v := targetView{
		Name: name, Mode: q.Mode, Word: modeWord(q.Mode), Act: q.Act, At: f.stamp(q.Act.At),
		Href: "/handback/" + name, Key: journal.NewID().String(), Open: q.Mode != handback.Closed,
	}
	v.System = s.targetName(name)
	if f.User.Can(string(staff.OperateHandback)) {
		v.Modes = modeChoices(q.Mode)
	}
	reports, err := s.p.Back.Reports(ctx, name)
	if err != nil {
		return v, err
	}
	v.Reports = len(reports)
	wards, err := s.p.Back.Progress(ctx, name)
	if err != nil {
		return v, err
	}
	v.count(wards)
	sum, err := s.p.Back.Sum(ctx, name)
	if err != nil || !v.Open {
		return v, err
	}
	v.Second, v.Machine = sum.Second, sum.Machine
	pace, err := s.p.Back.Pace(ctx, name, f.Now, forecastOver)
	if err != nil {
		return v, err
	}
	v.foretell(q.Mode, pace)
	if q.Braked {
		v.Slowed = brakedText()
	}
	who, err := s.p.Back.Strangers(ctx, name)
	for _, w := range who {
		if !w.Matched.Known() {
			v.Unknown++
		}
	}
	return v, err
}

// targetName is what the hospital calls the system behind a target.
func (s *Server) targetName(target string) lang.Text {
	return s.systemName(s.p.Back.System(target))
}

// count fills in the numbers of each state and ward.
func (t *targetView) count(wards []handback.Progress) {
	sum := map[handback.State]int{}
	for _, w := range wards {
		line := wardCountView{Ward: w.Ward, Cells: make([]int, len(backColumns()))}
		for st, n := range w.Count {
			sum[st] += n
			line.All += n
			if st.Open() {
				line.Open += n
			} else {
				t.Done += n
			}
			for i, c := range backColumns() {
				if slices.Contains(c.States, st) {
					line.Cells[i] += n
				}
			}
		}
		t.Total += line.All
		t.Wards = append(t.Wards, line)
	}
	for _, st := range backStates() {
		if n := sum[st]; n > 0 {
			t.Counts = append(t.Counts, countView{State: st, Word: backWord(st), N: n, Href: t.Href + "?state=" + string(st)})
		}
		if st == handback.Waiting || st.WithPerson() {
			t.People += sum[st]
		}
	}
	if t.Total > 0 {
		t.Percent = t.Done * 100 / t.Total
	}
}

// foretell says how long the machine still needs. Nothing is said where nothing
// flows, and nothing ever of what waits for people.
func (t *targetView) foretell(m handback.Mode, pace handback.Pace) {
	switch m {
	case handback.Testing:
		t.Slowed = lang.Text{DE: "Das System wird getestet: Es wird nichts gesendet.", EN: "The system is being tested: nothing is sent."}
		return
	case handback.Paused:
		t.Slowed = lang.Text{DE: "Angehalten: Es wird nichts gesendet.", EN: "Stopped: nothing is sent."}
		return
	case handback.Closed:
		return
	case handback.Slowly, handback.Flowing:
	}
	answers := 0
	for i := range pace.Good {
		answers += pace.Good[i] + pace.Bad[i]
	}
	if answers > 0 {
		t.Rate = strconv.Itoa((answers*int(time.Minute/pace.Slot) + len(pace.Good)/2) / len(pace.Good))
	}
	f := pace.Forecast(t.Machine)
	if !f.Known {
		t.Forecast = f.Why
		return
	}
	from, to := int(f.From.Minutes()), int(f.To.Minutes())
	de, en := strconv.Itoa(from)+" bis "+strconv.Itoa(to)+" Minuten", strconv.Itoa(from)+" to "+strconv.Itoa(to)+" minutes"
	if from == to {
		de, en = "etwa "+strconv.Itoa(to)+" Minuten", "about "+strconv.Itoa(to)+" minutes"
	}
	t.Forecast = lang.Text{DE: "noch " + de + " für das Freigegebene", EN: en + " left for what is released"}
}

// brakedText says why nothing is sent though nobody stopped it.
func brakedText() lang.Text {
	return lang.Text{
		DE: "Von selbst angehalten: Mehrere Nachrichten nacheinander blieben ohne Antwort. Bitte im Zielsystem nachsehen, was von den unklaren Einträgen ankam, und dann wieder senden.",
		EN: "Paused by itself: several messages in a row were left unanswered. Please look in the target system what of the unclear entries arrived, then send again.",
	}
}

func (s *Server) showBack(v *visit) (http.Handler, error) {
	return s.drawBack(v, http.StatusOK)
}

func (s *Server) drawBack(v *visit, code int) (http.Handler, error) {
	sess, err := v.need(staff.SeeHouse)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := backPage{Frame: f.titled("handback", lang.Text{DE: "Rückgabe", EN: "Hand-back"}), May: staff.May(sess.Person, staff.ReleaseEntries)}
	p.Refresh = true
	for _, name := range s.p.Back.Targets() {
		t, err := s.targetOf(v.Context(), name, f)
		if err != nil {
			return nil, err
		}
		p.Targets = append(p.Targets, t)
	}
	return backPageT.status(code, p)
}

func (s *Server) setBackMode(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.OperateHandback)
	if err != nil {
		return nil, err
	}
	key, err := backKey(v)
	if err != nil {
		return nil, err
	}
	mode := handback.Mode(v.PostFormValue("mode"))
	if mode == handback.Closed {
		return nil, fault.New(fault.Invalid, lang.Text{DE: "Abgeschlossen wird eine Rückgabe mit ihrem Bericht.", EN: "A hand-back is closed with its report."})
	}
	if err := s.p.Back.SetMode(v.Context(), key, v.PathValue("target"), mode, s.backAct(v, sess)); err != nil {
		return nil, err
	}
	return seeOther("/handback"), nil
}

func backKey(v *visit) (journal.ID, error) {
	key, err := journal.ParseID(v.PostFormValue("key"))
	if err != nil {
		err = fault.Mark(err, fault.Invalid, lang.Text{DE: "Bitte die Seite neu öffnen.", EN: "Please open the page again."})
	}
	return key, err
}

func (s *Server) backAct(v *visit, sess staff.Session) handback.Act {
	return handback.Act{By: clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}, At: v.now, Why: strings.TrimSpace(v.PostFormValue("why"))}
}

// backOpen reports whether a hand-back is open. As long as one is, its pages are
// open as in a declared outage: the outage is over by then, and somebody must
// read what goes back.
func (s *Server) backOpen(ctx context.Context) (bool, error) {
	for _, name := range s.p.Back.Targets() {
		q, err := s.p.Back.Queue(ctx, name)
		if err != nil {
			return false, err
		}
		if q.Mode != handback.Closed {
			return true, nil
		}
	}
	return false, nil
}

// mayBack decides about a ward of a hand-back, "" for entries of no ward and for
// the whole house.
func (s *Server) mayBack(v *visit, sess staff.Session, ward string, patient clinical.PatientKey) (staff.Decision, error) {
	open, err := s.backOpen(v.Context())
	return s.p.Staff.MayRead(sess, open || v.declared(), ward, patient, staff.ReleaseEntries, v.now), err
}

// passBack is the gate of a page of the hand-back about patients.
func (s *Server) passBack(v *visit, w want) (staff.Session, http.Handler, error) {
	sess, err := v.need(staff.ReleaseEntries)
	if err != nil {
		return sess, nil, err
	}
	d, err := s.mayBack(v, sess, w.ward, w.patient)
	if err != nil {
		return sess, nil, err
	}
	switch d.Verdict {
	case staff.Allowed:
		return sess, nil, s.record(v, sess, d, w)
	case staff.NeedsGlass:
		return sess, s.toGlass(v, w.ward, w.patient), nil
	case staff.Denied:
	}
	return sess, nil, fault.New(fault.Forbidden, d.Say)
}

// backWards returns the wards whose entries the person may work on, nil for all.
func (s *Server) backWards(v *visit, sess staff.Session, target string) ([]string, error) {
	if d, err := s.mayBack(v, sess, "", ""); err != nil || d.Allowed() {
		return nil, err
	}
	wards, err := s.p.Back.Progress(v.Context(), target)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, w := range wards {
		if d, err := s.mayBack(v, sess, w.Ward, ""); err != nil {
			return nil, err
		} else if w.Ward != "" && d.Allowed() {
			out = append(out, w.Ward)
		}
	}
	return out, nil
}
