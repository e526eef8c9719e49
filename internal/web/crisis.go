package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/watch"
)

func (s *Server) crisisRoutes(on func(string, show)) {
	on("GET /crisis", s.showCrises)
	on("GET /crisis/register", s.showRegister)
	on("GET /crisis/{id}", s.showTab("board"))
	for _, t := range crisisTabs {
		if t.tab != "board" {
			on("GET /crisis/{id}/"+t.tab, s.showTab(t.tab))
		}
	}
	on("GET /crisis/{id}/report/{duty}", s.showDuty)
	on("GET /crisis/{id}/print/{file}", s.printCrisis)
	on("GET /evacuation/{id}", s.showEvacuation)
	on("GET /evacuation/{id}/list.pdf", s.printEvacuation)
}

func (s *Server) crisisForms(on func(string, show)) {
	on("POST /crisis", s.openCrisis)
	on("POST /crisis/{id}/do/{act}", s.actOnCrisis)
	on("POST /crisis/{id}/report/{duty}", s.saveDuty)
	on("POST /evacuation/{id}", s.checkOff)
}

// crisisTabs are the pages of one incident.
var crisisTabs = []struct {
	tab   string
	label lang.Text
}{
	{"board", lang.Text{DE: "Lage", EN: "Board"}},
	{"tasks", lang.Text{DE: "Aufgaben", EN: "Tasks"}},
	{"log", lang.Text{DE: "Einsatztagebuch", EN: "Logbook"}},
	{"team", lang.Text{DE: "Krisenstab", EN: "Crisis team"}},
	{"deadlines", lang.Text{DE: "Fristen und Meldungen", EN: "Deadlines and reports"}},
	{"messages", lang.Text{DE: "Mitteilungen", EN: "Messages"}},
	{"service", lang.Text{DE: "Versorgung", EN: "Service"}},
	{"situation", lang.Text{DE: "Lagebericht", EN: "Situation report"}},
}

// crisisHead is what every page of an incident says.
type crisisHead struct {
	Frame
	C        *crisis.Crisis
	Name     string
	Kind     lang.Text
	Stage    lang.Text
	Began    stamp
	Lasts    string
	Ended    stamp
	Tabs     []filterLink
	Problems []problem
	Key      string // of the next act: the same form sent twice is one act
	Resumed  bool
	Own      bool // the reader declared it, or asked for its end: somebody else confirms
	form     string
	typed    map[string][]string
}

// Was is what was typed into a field of the form that came back, "" in all others.
func (h crisisHead) Was(form, field string) string {
	if form != h.form {
		return ""
	}
	for _, v := range h.typed[field] {
		return v
	}
	return ""
}

// Back reports whether this form came back: it stands open.
func (h crisisHead) Back(form string) bool { return form == h.form }

// On reports whether people can act on the incident.
func (h crisisHead) On() bool { return h.C.Stage != crisis.StageClosed }

func (s *Server) crisisHead(v *visit, c *crisis.Crisis, tab string) crisisHead {
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v) // a crisis is led although no chart can be read
	}
	h := crisisHead{Frame: f.titled("crisis", lang.Text{DE: c.Title}), C: c, Name: c.Title, Kind: crisis.KindName(c.Kind), Stage: crisis.StageName(c.Stage), Began: f.stamp(c.Began), Lasts: span(c.Since(v.now)), Ended: f.stamp(c.Closed.At), Key: journal.NewID().String()}
	for _, t := range crisisTabs {
		href := "/crisis/" + c.ID + "/" + t.tab
		if t.tab == "board" {
			href = "/crisis/" + c.ID
		}
		h.Tabs = append(h.Tabs, filterLink{Href: href, Label: t.label, Here: t.tab == tab})
	}
	if f.User.Can(string(staff.SeeEvidence)) {
		h.Tabs = append(h.Tabs, filterLink{Href: "/evidence?case=" + c.ID, Label: lang.Text{DE: "Beweise", EN: "Evidence"}})
	}
	h.Tabs = append(h.Tabs, filterLink{Href: "/callout?crisis=" + c.ID, Label: lang.Text{DE: "Alarmierung", EN: "Call-out"}, Here: tab == "callout"})
	if f.User != nil {
		h.Own = c.Declared.Person == f.User.ID && c.Stage == crisis.StageDeclared || c.Closing.Person == f.User.ID
	}
	return h
}

// showTab draws one page of an incident.
func (s *Server) showTab(tab string) show {
	return func(v *visit) (http.Handler, error) {
		if _, err := v.need(staff.SeeCrisis); err != nil {
			return nil, err
		}
		c, err := s.crisisOf(v, v.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return s.drawTab(v, http.StatusOK, tab, c, s.crisisHead(v, c, tab))
	}
}

func (s *Server) drawTab(v *visit, code int, tab string, c *crisis.Crisis, h crisisHead) (http.Handler, error) {
	switch tab {
	case "tasks":
		return crisisTasksPageT.status(code, newCrisisTasksPage(h, s.p.Crisis, v.FormValue("show"), v.now))
	case "log":
		return crisisLogPageT.status(code, newCrisisLogPage(h, v.FormValue("q"), crisis.LineKind(v.FormValue("kind"))))
	case "team":
		return crisisTeamPageT.status(code, newCrisisTeamPage(h, s.p.Crisis, v.now))
	case "deadlines":
		return crisisDuePageT.status(code, newCrisisDuePage(h, s.p.Crisis.Deadlines(c)))
	case "messages":
		return crisisMessagesPageT.status(code, s.messagesPage(v, h))
	case "service":
		return crisisServicePageT.status(code, s.servicePage(v, h))
	case "situation":
		return crisisSituationPageT.status(code, s.situationPage(v, h))
	}
	return crisisBoardPageT.status(code, s.boardPage(v, h))
}

// crisisAct is one button of an incident's pages.
type crisisAct struct {
	right staff.Right
	tab   string
	do    func(s *Server, v *visit, by crisis.Act, id string) error
}

// crisisActs is every act by its word in the address. The tables of the tabs
// are joined here.
var crisisActs = joinActs(stageActs, taskActs, teamActs, dutyActs, outsideActs)

func joinActs(tables ...map[string]crisisAct) map[string]crisisAct {
	out := map[string]crisisAct{}
	for _, t := range tables {
		for k, a := range t {
			out[k] = a
		}
	}
	return out
}

var stageActs = map[string]crisisAct{
	"declare": {staff.DeclareOutage, "list", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Declare(v.Context(), by, id, v.PostFormValue("alone"))
		return err
	}},
	"confirm": {staff.DeclareOutage, "list", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Confirm(v.Context(), by, id)
		return err
	}},
	"drop": {staff.DeclareOutage, "list", func(s *Server, v *visit, by crisis.Act, id string) error {
		c, err := s.p.Crisis.Crisis(id)
		if err == nil && c.Stage != crisis.StageOpen {
			err = fault.New(fault.Conflict, lang.Text{DE: "Die Lage ist schon erklärt; sie wird vom Krisenstab beendet.", EN: "The incident is declared already; the crisis team ends it."})
		}
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.CloseAlone(v.Context(), by, id, v.PostFormValue("why"))
		return err
	}},
	"end": {staff.LeadCrisis, "board", func(s *Server, v *visit, by crisis.Act, id string) error {
		if alone := strings.TrimSpace(v.PostFormValue("alone")); alone != "" {
			_, err := s.p.Crisis.CloseAlone(v.Context(), by, id, alone)
			return err
		}
		_, err := s.p.Crisis.AskClose(v.Context(), by, id, v.PostFormValue("why"))
		return err
	}},
	"end-off": {staff.LeadCrisis, "board", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.CallOffClose(v.Context(), by, id)
		return err
	}},
	"end-confirm": {staff.LeadCrisis, "board", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.CloseCrisis(v.Context(), by, id)
		return err
	}},
	"kind": {staff.LeadCrisis, "board", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.ChangeKind(v.Context(), by, id, rulebook.Kind(v.PostFormValue("kind")), v.PostFormValue("why"))
		return err
	}},
	"link": {staff.LeadCrisis, "board", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Link(v.Context(), by, id, v.PostFormValue("off") == "", v.PostFormValue("of"))
		return err
	}},
	"log": {staff.WorkCrisis, "log", func(s *Server, v *visit, by crisis.Act, id string) error {
		e := crisis.Entry{Kind: crisis.LineKind(v.PostFormValue("kind")), Text: v.PostFormValue("text"), From: v.PostFormValue("from"), To: v.PostFormValue("to")}
		if at := v.PostFormValue("at"); strings.TrimSpace(at) != "" {
			var err error
			if e.At, err = parseSince(at, v.now); err != nil {
				return err
			}
		}
		_, err := s.p.Crisis.Log(v.Context(), by, id, e)
		return err
	}},
	"correct": {staff.WorkCrisis, "log", func(s *Server, v *visit, by crisis.Act, id string) error {
		n, err := strconv.Atoi(v.PostFormValue("of"))
		if err != nil {
			return fault.New(fault.Invalid, lang.Text{DE: "Bitte die Nummer der Zeile angeben.", EN: "Please give the number of the line."})
		}
		_, err = s.p.Crisis.CorrectLine(v.Context(), by, id, n, v.PostFormValue("text"))
		return err
	}},
}

// actOnCrisis does what a button says. What was typed stays where it is refused.
func (s *Server) actOnCrisis(v *visit) (http.Handler, error) {
	a, ok := crisisActs[v.PathValue("act")]
	if !ok {
		return s.unknown(v)
	}
	sess, err := v.need(a.right)
	if err != nil {
		return nil, err
	}
	id := v.PathValue("id")
	if _, err := s.crisisOf(v, id); err != nil {
		return nil, err
	}
	form := v.PathValue("act")
	if of := v.PostFormValue("of"); of != "" && form != "correct" { // there it is typed
		form += "/" + of
	}
	if !v.resumed {
		err = a.do(s, v, crisis.Act{Person: sess.Person.ID, Name: sess.Person.Name, Key: v.PostFormValue("key")}, id)
		if err == nil {
			return seeOther(s.afterAct(v, a.tab, id)), nil
		}
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return nil, err
		}
	}
	c, gone := s.p.Crisis.Crisis(id)
	if gone != nil {
		return nil, errors.Join(gone, err)
	}
	if c.Stage == crisis.StageClosed { // its forms are gone: what was typed is given back
		if v.resumed {
			return s.givenBack(v)
		}
		return nil, err
	}
	code := http.StatusOK
	var problems []problem
	if err != nil {
		code = status(fault.KindOf(err))
		problems = []problem{{Say: fault.Say(err)}}
	}
	if a.tab == "list" && !staff.May(sess.Person, staff.SeeCrisis) || a.tab == "list" && v.PostFormValue("back") == "" {
		return s.drawCrises(v, code, problems)
	}
	tab := a.tab
	if tab == "list" {
		tab = "board"
	}
	h := s.crisisHead(v, c, tab)
	h.Problems, h.Resumed, h.form, h.typed = problems, v.resumed, form, v.PostForm
	return s.drawTab(v, code, tab, c, h)
}

func (s *Server) afterAct(v *visit, tab, id string) string {
	if back := v.PostFormValue("back"); back != "" {
		return safeBack(back)
	}
	to := "/crisis/" + id
	switch tab {
	case "board":
	case "list":
		if !staff.May(v.session.Person, staff.SeeCrisis) {
			to = "/crisis"
		}
	default:
		to += "/" + tab
	}
	if of := v.PostFormValue("of"); of != "" && tab == "tasks" {
		to += "#t-" + of
	}
	return to
}

// crisesPage is the list of incidents, and the form that opens one.
type crisesPage struct {
	Frame
	Open     []crisisLine
	Past     []crisisLine
	Kinds    []choice
	Key      string
	Problems []problem
	Form     openForm
	May      bool
	Sees     bool
	Proposed []proposalView // by the watch, while the form is empty
	Known    *failureView   // what the watch knows of the failure that the form begins with
	Evacs    []string       // that run in incidents the reader may not know of
}

type openForm struct {
	Kind, Title, Since string
	Sure, Exercise     bool
	From, Known        string // the system that fails, and what the watch knows of it
}

type crisisLine struct {
	ID       string
	Title    string
	Kind     lang.Text
	Stage    lang.Text
	StageID  crisis.Stage
	Exercise bool
	Began    stamp
	Opened   actView
	Declared actView
	Alone    string
	Ended    stamp
	Mine     bool // declared by the reader: somebody else confirms
	Key      string
	Evac     bool
}

var crisesPageT = parse[crisesPage]("crises")

// showCrises draws the list. With from, the form begins with what the watch knows
// of the failure of that system.
func (s *Server) showCrises(v *visit) (http.Handler, error) {
	return s.drawCrises(v, http.StatusOK, nil)
}

// outline is what the watch knows of a failure; ok is false where it knows
// nothing.
func (s *Server) outline(system string) (o watch.Outline, ok bool) {
	if s.p.Watch == nil || system == "" {
		return o, false
	}
	return s.p.Watch.Outline(system)
}

func openFormOf(v *visit) openForm {
	return openForm{Kind: v.PostFormValue("kind"), Title: strings.TrimSpace(v.PostFormValue("title")), Since: strings.TrimSpace(v.PostFormValue("since")), Sure: v.PostFormValue("sure") != "", Exercise: v.PostFormValue("exercise") != "",
		From: v.FormValue("from"), Known: strings.TrimSpace(strings.ReplaceAll(v.PostFormValue("known"), "\r\n", "\n"))}
}

func (s *Server) drawCrises(v *visit, code int, problems []problem) (http.Handler, error) {
	if _, err := v.need(staff.SeeHouse); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v)
	}
	form := openFormOf(v)
	var known *failureView
	if o, ok := s.outline(form.From); ok {
		k, filled := outlineOf(o, s.p.Watch.Board(), f)
		if known = &k; v.Method == http.MethodGet {
			form = filled
		}
	}
	p := newCrisesPage(s.incidents(v), f, form)
	p.Known, p.Problems, p.Evacs = known, problems, s.evacuations(v)
	if p.May && known == nil && len(problems) == 0 {
		p.Proposed = s.proposalsNow(f)
	}
	return crisesPageT.status(code, p)
}

func newCrisesPage(all []*crisis.Crisis, f Frame, form openForm) crisesPage {
	p := crisesPage{Frame: f.titled("crisis", lang.Text{DE: "Krisenlagen", EN: "Incidents"}), Key: journal.NewID().String(), Form: form, May: f.User.Can(string(staff.DeclareOutage)), Sees: f.User.Can(string(staff.SeeCrisis))}
	p.Kinds = kindChoices(rulebook.Kind(form.Kind))
	for _, c := range all {
		l := crisisLine{ID: c.ID, Title: c.Title, Kind: crisis.KindName(c.Kind), Stage: crisis.StageName(c.Stage), StageID: c.Stage, Exercise: c.Exercise, Began: f.stamp(c.Began),
			Opened: f.crisisAct(c.Opened), Declared: f.crisisAct(c.Declared), Alone: c.Alone, Ended: f.stamp(c.Closed.At), Key: p.Key + "/" + c.ID, Evac: c.Evacuation.Runs()}
		l.Mine = f.User != nil && c.Declared.Person == f.User.ID
		if c.Stage == crisis.StageClosed {
			p.Past = append(p.Past, l)
		} else {
			p.Open = append(p.Open, l)
		}
	}
	return p
}

func kindChoices(here rulebook.Kind) []choice {
	var out []choice
	for _, k := range rulebook.Kinds() {
		out = append(out, choice{string(k), crisis.KindName(k), k == here})
	}
	return out
}

func (f Frame) crisisAct(a crisis.Act) actView { return actView{Name: a.Name, At: f.stamp(a.At)} }

func (s *Server) openCrisis(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.DeclareOutage)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawCrises(v, http.StatusOK, nil)
	}
	form := openFormOf(v)
	since, err := parseSince(form.Since, v.now)
	if err != nil {
		return s.drawCrises(v, http.StatusUnprocessableEntity, []problem{{"since", fault.Say(err)}})
	}
	by := crisis.Act{Person: sess.Person.ID, Name: sess.Person.Name, Key: v.PostFormValue("key")}
	o := crisis.Opening{Kind: rulebook.Kind(form.Kind), Title: form.Title, Began: since, Sure: form.Sure, Exercise: form.Exercise, Known: form.Known}
	if failing, ok := s.outline(form.From); ok {
		o.Outages = s.outagesOf(failing, form.Exercise)
	}
	c, err := s.p.Crisis.OpenCrisis(v.Context(), by, o)
	if err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
			return s.drawCrises(v, status(k), []problem{{Say: fault.Say(err)}})
		}
		return nil, err
	}
	return seeOther("/crisis#c-" + c.ID), nil
}

// parseAhead reads a time that may lie in the future: 14:30 is the next half
// past two, 24.11. 08:00 and 24.11.2026 08:00 that day; +2h and +30m count from
// now. Empty is the zero time.
func parseAhead(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "Uhr"))
	if text == "" {
		return time.Time{}, nil
	}
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		if d, err := time.ParseDuration(strings.ReplaceAll(rest, " ", "")); err == nil && d > 0 && d < 60*24*time.Hour {
			return now.Add(d).Truncate(time.Minute), nil
		}
	}
	day, clock := "", text
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		day, clock = strings.TrimSpace(text[:i]), text[i+1:]
	}
	if at, err := time.Parse("15:04", strings.Replace(clock, ".", ":", 1)); err == nil {
		base, ok := midnight(now), true
		if day != "" {
			base, ok = parseDayAhead(day, now)
		}
		t := time.Date(base.Year(), base.Month(), base.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
		if day == "" && !t.After(now) {
			t = time.Date(base.Year(), base.Month(), base.Day()+1, at.Hour(), at.Minute(), 0, 0, now.Location())
		}
		if ok {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, lang.Text{
		DE: "Die Zeit ist nicht lesbar. So: 14:30, 24.11. 08:00 oder +2h.", EN: "The time cannot be read. Like this: 14:30, 24.11. 08:00 or +2h.",
	})
}

// parseDayAhead reads 24.11. or 24.11.2026; without a year it is the next one.
func parseDayAhead(text string, now time.Time) (time.Time, bool) {
	parts := strings.Split(strings.Trim(text, "."), ".")
	if len(parts) != 2 && len(parts) != 3 {
		return time.Time{}, false
	}
	var n []int
	for _, p := range parts {
		x, err := strconv.Atoi(p)
		if err != nil {
			return time.Time{}, false
		}
		n = append(n, x)
	}
	year := now.Year()
	if len(n) == 3 {
		year = n[2]
	}
	t := time.Date(year, time.Month(n[1]), n[0], 0, 0, 0, 0, now.Location())
	if len(n) == 2 && t.Before(midnight(now)) {
		t = t.AddDate(1, 0, 0)
	}
	return t, t.Day() == n[0] && int(t.Month()) == n[1]
}

// noticesFor are the messages to staff that a page shows.
func (s *Server) noticesFor(v *visit, f Frame) []noticeView {
	if v.session == nil || s.p.Crisis == nil {
		return nil
	}
	wards := slices.Clone(v.session.Person.Wards)
	switch {
	case strings.HasPrefix(v.URL.Path, "/ward/"):
		wards = append(wards, v.PathValue("code"))
	case v.URL.Path == notesPath:
		wards = append(wards, v.URL.Query().Get("ward"))
	}
	var out []noticeView
	for _, n := range s.p.Crisis.Notices(v.now, wards...) {
		out = append(out, noticeView{Title: n.Title, Text: n.Text, Level: n.Level, By: n.By.Name, At: f.stamp(n.By.At), Exercise: n.Exercise})
	}
	return out
}

// noticeView is one message to staff at the head of a page.
type noticeView struct {
	Title    string
	Text     string
	Level    crisis.Level
	By       string
	At       stamp
	Exercise bool
}
