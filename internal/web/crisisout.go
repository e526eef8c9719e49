package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/staff"
)

// crisisMessagesPage is what the house says to its staff and to people outside.
type crisisMessagesPage struct {
	crisisHead
	Standing []messageView
	Gone     []messageView
	Levels   []choice
	Wards    []choice
	Texts    []statementView
	Drafts   []draftText
}

type messageView struct {
	ID        string
	Title     string
	Text      string
	Level     lang.Text
	Loud      bool
	Wards     string
	Until     stamp
	By        actView
	Withdrawn actView
}

type statementView struct {
	ID       string
	What     lang.Text
	Version  int
	Title    string
	Text     string
	By       actView
	Released actView
	Mine     bool
	Gaps     bool // blanks of the template that nobody filled
}

// draftText is a text to begin with: what was typed, the newest version, or the
// template.
type draftText struct {
	What  string
	Name  lang.Text
	Title string
	Text  string
	Open  bool
}

var crisisMessagesPageT = parse[crisisMessagesPage]("crisismessages")

func urgencyWord(l crisis.Level) lang.Text {
	switch l {
	case crisis.Info:
		return lang.Text{DE: "Hinweis", EN: "Information"}
	case crisis.Important:
		return lang.Text{DE: "wichtig", EN: "important"}
	case crisis.Urgent:
		return lang.Text{DE: "sofort", EN: "at once"}
	}
	return lang.Text{DE: string(l)}
}

// blanksOf is what the templates of texts can be filled with.
func (s *Server) blanksOf(v *visit, c *crisis.Crisis) map[string]string {
	out := map[string]string{"haus": s.c.House, "datum": v.now.Format("02.01.2006 15:04") + " Uhr", "beginn": c.Began.In(s.c.Zone).Format("02.01.2006, 15:04") + " Uhr", "einschraenkungen": ""}
	var limits, capacity []string
	for _, r := range c.Restrictions {
		if r.Lifted.Done() {
			continue
		}
		line := crisis.ServiceName(r.Service).DE + " seit " + r.From.In(s.c.Zone).Format("02.01. 15:04")
		if r.Scope != "" {
			line += " (" + r.Scope + ")"
		}
		if !r.Until.IsZero() {
			line += ", voraussichtlich bis " + r.Until.In(s.c.Zone).Format("02.01. 15:04")
		}
		limits = append(limits, line+".")
	}
	if len(limits) > 0 {
		out["einschraenkungen"] = "Einschränkungen: " + strings.Join(limits, " ")
	}
	for _, x := range c.Capacity {
		capacity = append(capacity, x.Unit+": "+x.Words())
	}
	if len(capacity) > 0 {
		out["kapazitaet"] = strings.Join(capacity, "\n")
	}
	for _, sh := range c.Shifts {
		if sh.Reach != "" && sh.Holds(v.now) && (sh.Role == rulebook.Lead || sh.Role == rulebook.Press) {
			out["rueckruf"] = sh.Reach
		}
	}
	return out
}

func (s *Server) messagesPage(v *visit, h crisisHead) crisisMessagesPage {
	var wards []string
	if house, err := s.houseOf(v); err == nil {
		for _, w := range house.Wards {
			wards = append(wards, w.Code)
		}
	}
	return newMessagesPage(h, wards, s.blanksOf(v, h.C))
}

func newMessagesPage(h crisisHead, wards []string, fill map[string]string) crisisMessagesPage {
	p := crisisMessagesPage{crisisHead: h}
	for _, n := range slices.Backward(h.C.Notices) {
		m := messageView{n.ID, n.Title, n.Text, urgencyWord(n.Level), n.Level == crisis.Urgent, strings.Join(n.Wards, ", "), h.stamp(n.Until), h.crisisAct(n.By), h.crisisAct(n.Withdrawn)}
		if n.Stands(h.Now) && h.On() {
			p.Standing = append(p.Standing, m)
		} else {
			p.Gone = append(p.Gone, m)
		}
	}
	for _, l := range crisis.Levels() {
		p.Levels = append(p.Levels, choice{string(l), urgencyWord(l), string(l) == h.Was("notice", "level") || h.Was("notice", "level") == "" && l == crisis.Important})
	}
	for _, w := range wards {
		p.Wards = append(p.Wards, choice{w, lang.Text{DE: w}, slices.Contains(h.typed["ward"], w) && h.form == "notice"})
	}
	newest := map[string]crisis.Statement{}
	for _, t := range slices.Backward(h.C.Texts) {
		p.Texts = append(p.Texts, statementView{t.ID, crisis.StatementName(t.What), t.Version, t.Title, t.Text, h.crisisAct(t.By), h.crisisAct(t.Released), h.User != nil && t.By.Person == h.User.ID, t.What != "dispatch" && strings.Contains(t.Title+t.Text, "____")})
		if _, ok := newest[t.What]; !ok {
			newest[t.What] = t
		}
	}
	for _, what := range crisis.Statements() {
		d := draftText{What: what, Name: crisis.StatementName(what)}
		d.Title, d.Text, _ = rulebook.DraftOf(what, h.C.Kind, fill)
		if t, ok := newest[what]; ok && what != "dispatch" {
			d.Title, d.Text = t.Title, t.Text
		}
		if h.Back("text/" + what) {
			d.Title, d.Text, d.Open = h.Was("text/"+what, "title"), h.Was("text/"+what, "text"), true
		}
		p.Drafts = append(p.Drafts, d)
	}
	return p
}

// crisisServicePage is what the house can still do.
type crisisServicePage struct {
	crisisHead
	Standing []restrictionView
	Lifted   []restrictionView
	Services []choice
	Capacity []capacityView
	Lights   []choice
	Units    []string
	Wards    []wardLine
	Dispatch string // the message to the dispatch centre
	Evac     *evacCount
	Points   string
}

type restrictionView struct {
	ID      string
	Service lang.Text
	Scope   string
	Why     string
	From    stamp
	Until   stamp
	By      actView
	Lifted  actView
}

type capacityView struct {
	Unit  string
	Light string
	Word  lang.Text
	Free  string
	Note  string
	By    actView
}

var crisisServicePageT = parse[crisisServicePage]("crisisservice")

func restrictionViews(c *crisis.Crisis, f Frame, lifted bool) []restrictionView {
	var out []restrictionView
	for _, r := range c.Restrictions {
		if r.Lifted.Done() == lifted {
			out = append(out, restrictionView{r.ID, crisis.ServiceName(r.Service), r.Scope, r.Why, f.stamp(r.From), f.stamp(r.Until), f.crisisAct(r.By), f.crisisAct(r.Lifted)})
		}
	}
	return out
}

func (s *Server) servicePage(v *visit, h crisisHead) crisisServicePage {
	var wards []wardLine
	if house, err := s.houseOf(v); err == nil {
		for _, w := range house.Wards {
			if w.Beds > 0 {
				wards = append(wards, wardLine{Code: w.Code, Name: w.Name, Beds: w.Beds, Occupied: w.Occupied, Free: max(w.Beds-w.Occupied, 0), Isolated: w.Isolated, Arriving: w.Arriving})
			}
		}
	}
	p := newServicePage(h, wards, s.blanksOf(v, h.C))
	if h.C.Evacuation.Ordered.Done() {
		p.Evac = &evacCount{len(h.C.Evacuation.Moved), s.evacuees(v, h.C), "/evacuation/" + h.C.ID}
	}
	return p
}

func newServicePage(h crisisHead, wards []wardLine, fill map[string]string) crisisServicePage {
	p := crisisServicePage{crisisHead: h, Wards: wards, Standing: restrictionViews(h.C, h.Frame, false), Lifted: restrictionViews(h.C, h.Frame, true)}
	for _, x := range crisis.Services() {
		p.Services = append(p.Services, choice{string(x), crisis.ServiceName(x), string(x) == h.Was("restrict", "service")})
	}
	for _, x := range h.C.Capacity {
		p.Capacity = append(p.Capacity, capacityView{x.Unit, x.Light, crisis.LightName(x.Light), x.Free, x.Note, h.crisisAct(x.By)})
	}
	for _, l := range []string{"green", "yellow", "red"} {
		p.Lights = append(p.Lights, choice{l, crisis.LightName(l), l == h.Was("capacity", "light")})
	}
	p.Units = []string{"Schockraum", "Intensivstation", "Beatmung", "Operationssäle", "Computertomograf", "Labor", "Notaufnahme", "Kreißsaal", "Kinder", "Dialyse"}
	_, p.Dispatch, _ = rulebook.DraftOf("dispatch", h.C.Kind, fill)
	return p
}

// crisisSituationPage is the situation report: its versions, and the next one as
// it fills itself.
type crisisSituationPage struct {
	crisisHead
	Parts    []situationPart
	Versions []situationVersion
	Shown    []situationPart // of the version that is looked at
	Number   int
	By       actView
}

type situationPart struct {
	ID    string
	Title lang.Text
	Text  string
	Rows  int
}

type situationVersion struct {
	Number int
	By     actView
	Here   bool
}

var crisisSituationPageT = parse[crisisSituationPage]("crisissituation")

func (s *Server) situationPage(v *visit, h crisisHead) crisisSituationPage {
	n, err := strconv.Atoi(v.URL.Query().Get("version"))
	if err != nil {
		n = len(h.C.Situations)
	}
	return newSituationPage(h, s.situation(v, h), n)
}

// linesOf is how many lines a field needs so that its text is read without
// scrolling: some 56 characters stand on one.
func linesOf(text string) int {
	n := 1
	for line := range strings.Lines(text) {
		n += 1 + utf8.RuneCountInString(line)/56
	}
	return min(max(n, 3), 20)
}

func newSituationPage(h crisisHead, draft []crisis.Section, version int) crisisSituationPage {
	p := crisisSituationPage{crisisHead: h}
	for _, x := range draft {
		if h.Back("situation") {
			x.Text = h.Was("situation", "p."+x.ID)
		}
		p.Parts = append(p.Parts, situationPart{x.ID, x.Title, x.Text, linesOf(x.Text)})
	}
	for _, x := range slices.Backward(h.C.Situations) {
		here := x.Number == version
		p.Versions = append(p.Versions, situationVersion{x.Number, h.crisisAct(x.By), here})
		if here {
			p.Number, p.By = x.Number, h.crisisAct(x.By)
			for _, y := range x.Sections {
				p.Shown = append(p.Shown, situationPart{ID: y.ID, Title: y.Title, Text: y.Text})
			}
		}
	}
	return p
}

// situation fills the situation report from what the journal knows now.
func (s *Server) situation(v *visit, h crisisHead) []crisis.Section {
	c, f := h.C, h.Frame
	at := func(st stamp) string { return st.clock(lang.DE) }
	var out []crisis.Section
	add := func(id, de, en string, lines ...string) {
		out = append(out, crisis.Section{ID: id, Title: lang.Text{DE: de, EN: en}, Text: strings.Join(lines, "\n")})
	}
	add("lage", "Lage", "Situation", fmt.Sprintf("%s: %s. Seit %s (%s), Stand %s: %s.", crisis.KindName(c.Kind).DE, c.Title, at(f.stamp(c.Began)), span(c.Since(v.now)), v.now.Format("02.01. 15:04"), crisis.StageName(c.Stage).DE))
	add("systeme", "Systeme", "Systems", systemLines(s.systemsNow(f))...)
	var house []string
	if n := s.numbersNow(v); n != nil {
		house = append(house, fmt.Sprintf("%d Patienten im Haus, %d von %d Betten frei, %d isoliert, %d mit kritischem Wert.", n.Patients, n.Free, n.Beds, n.Isolated, n.Critical),
			fmt.Sprintf("Vom Ausfall betroffen und offen: %d Patienten, %d dringende Punkte, %d ohne Bearbeitung.", n.Touched, n.Urgent, n.Untouched))
	}
	add("versorgung", "Versorgung", "Care", append(house, s.capacityLines(v, c)...)...)
	var tasks []string
	counts := c.Counts(v.now)
	for _, ph := range rulebook.Phases() {
		if n := counts[ph]; n.Open+n.Ended > 0 {
			tasks = append(tasks, fmt.Sprintf("%s: %d erledigt, %d offen, davon %d überfällig.", crisis.PhaseName(ph).DE, n.Ended, n.Open, n.Overdue))
		}
	}
	for _, t := range c.Pressing() {
		if t.Overdue(v.now) {
			tasks = append(tasks, "Überfällig seit "+at(f.stamp(t.Due))+": "+t.Title+".")
		}
	}
	add("aufgaben", "Aufgaben", "Tasks", tasks...)
	var due []string
	for _, d := range s.p.Crisis.Deadlines(c) {
		switch {
		case !d.Applies:
		case !d.SentAt().IsZero() && !d.Open():
			due = append(due, d.Duty.Name.DE+" ("+d.Duty.Law+"): abgesandt "+at(f.stamp(d.SentAt()))+".")
		case d.AtOnce && d.Runs():
			due = append(due, d.Duty.Name.DE+" ("+d.Duty.Law+"): unverzüglich, offen.")
		case d.Runs():
			due = append(due, d.Duty.Name.DE+" ("+d.Duty.Law+"): fällig "+at(f.stamp(d.Due))+".")
		}
	}
	add("fristen", "Fristen und Meldungen", "Deadlines and reports", due...)
	var said, decided []string
	for _, n := range c.Notices {
		if n.Stands(v.now) {
			said = append(said, at(f.stamp(n.By.At))+" "+strings.TrimSpace(n.Title+" "+n.Text))
		}
	}
	add("mitteilungen", "Mitteilungen an das Personal", "Messages to staff", said...)
	for _, l := range c.Search("", crisis.Decision) {
		if len(decided) == 8 {
			break
		}
		decided = append(decided, at(f.stamp(l.At))+" "+l.Text+" ("+l.By+")")
	}
	slices.Reverse(decided)
	add("entscheidungen", "Entscheidungen", "Decisions", decided...)
	add("ausblick", "Bewertung und Ausblick", "Assessment and outlook", c.Next())
	return out
}

func (s *Server) capacityLines(v *visit, c *crisis.Crisis) []string {
	var out []string
	for _, r := range c.Restrictions {
		if !r.Lifted.Done() {
			out = append(out, strings.TrimSpace(crisis.ServiceName(r.Service).DE+" seit "+r.From.In(s.c.Zone).Format("02.01. 15:04")+". "+r.Why))
		}
	}
	for _, x := range c.Capacity {
		out = append(out, x.Unit+": "+x.Words())
	}
	if e := c.Evacuation; e.Runs() {
		out = append(out, fmt.Sprintf("Evakuierung läuft seit %s, Sammelpunkt %s: %d erfasst.", e.Ordered.At.In(s.c.Zone).Format("15:04"), e.Point, len(e.Moved)))
	}
	return out
}

// textSheet is a notice to hang up, a text for people outside, or the message to
// the dispatch centre.
func (s *Server) textSheet(v *visit, c *crisis.Crisis, name string) (paper.TextSheet, bool) {
	id := v.FormValue("of")
	switch name {
	case "notice.pdf":
		for _, n := range c.Notices {
			if n.ID == id {
				title := n.Title
				if title == "" {
					title = lang.Text{DE: "Mitteilung an alle", EN: "Message to everybody"}.In(v.lang)
				}
				return paper.TextSheet{Kind: lang.Text{DE: "Aushang", EN: "Notice"}.In(v.lang), Title: title, Sub: n.By.Name + " · " + n.By.At.In(s.c.Zone).Format("02.01.2006 15:04"), Large: true, Parts: []paper.Part{{Text: n.Text}}}, true
			}
		}
	case "text.pdf":
		for _, t := range c.Texts {
			if t.ID == id {
				sub := lang.Text{DE: "Entwurf, nicht freigegeben", EN: "Draft, not released"}.In(v.lang)
				if t.Released.Done() {
					sub = lang.Text{DE: "freigegeben von ", EN: "released by "}.In(v.lang) + t.Released.Name + " · " + t.Released.At.In(s.c.Zone).Format("02.01.2006 15:04")
				}
				return paper.TextSheet{Kind: crisis.StatementName(t.What).In(v.lang), Title: t.Title, Sub: sub, Parts: []paper.Part{{Text: t.Text}}}, true
			}
		}
	case "dispatch.pdf":
		title, text, ok := rulebook.DraftOf("dispatch", c.Kind, s.blanksOf(v, c))
		return paper.TextSheet{Kind: crisis.StatementName("dispatch").In(v.lang), Title: title, Parts: []paper.Part{{Text: text}}}, ok
	}
	return paper.TextSheet{}, false
}

var outsideActs = map[string]crisisAct{
	"notice": {staff.LeadCrisis, "messages", func(s *Server, v *visit, by crisis.Act, id string) error {
		until, err := parseAhead(v.PostFormValue("until"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.Post(v.Context(), by, id, crisis.Notice{Title: v.PostFormValue("title"), Text: v.PostFormValue("text"), Level: crisis.Level(v.PostFormValue("level")), Wards: v.PostForm["ward"], Until: until})
		return err
	}},
	"notice-gone": {staff.LeadCrisis, "messages", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Unpost(v.Context(), by, id, v.PostFormValue("of"))
		return err
	}},
	"text": {staff.LeadCrisis, "messages", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Draft(v.Context(), by, id, v.PostFormValue("of"), v.PostFormValue("title"), v.PostFormValue("text"))
		return err
	}},
	"release": {staff.LeadCrisis, "messages", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Release(v.Context(), by, id, v.PostFormValue("of"))
		return err
	}},
	"restrict": {staff.LeadCrisis, "service", func(s *Server, v *visit, by crisis.Act, id string) error {
		from, err := parseSince(v.PostFormValue("from"), v.now)
		if err != nil {
			return err
		}
		until, err := parseAhead(v.PostFormValue("until"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.Restrict(v.Context(), by, id, crisis.Restriction{Service: crisis.Service(v.PostFormValue("service")), Scope: v.PostFormValue("scope"), Why: v.PostFormValue("why"), From: from, Until: until})
		return err
	}},
	"lift": {staff.LeadCrisis, "service", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Lift(v.Context(), by, id, v.PostFormValue("of"))
		return err
	}},
	"capacity": {staff.WorkCrisis, "service", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.SetCapacity(v.Context(), by, id, crisis.Capacity{Unit: v.PostFormValue("unit"), Light: v.PostFormValue("light"), Free: v.PostFormValue("free"), Note: v.PostFormValue("note")})
		return err
	}},
	"evacuate": {staff.LeadCrisis, "service", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.OrderEvacuation(v.Context(), by, id, v.PostForm["ward"], v.PostFormValue("point"), v.PostFormValue("why"))
		return err
	}},
	"evacuated": {staff.LeadCrisis, "service", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.EndEvacuation(v.Context(), by, id)
		return err
	}},
	"situation": {staff.LeadCrisis, "situation", func(s *Server, v *visit, by crisis.Act, id string) error {
		c, err := s.p.Crisis.Crisis(id)
		if err != nil {
			return err
		}
		var parts []crisis.Section
		for _, x := range s.situation(v, s.crisisHead(v, c, "situation")) {
			x.Text = strings.ReplaceAll(v.PostFormValue("p."+x.ID), "\r\n", "\n")
			parts = append(parts, x)
		}
		_, err = s.p.Crisis.SaveSituation(v.Context(), by, id, parts)
		return err
	}},
}
