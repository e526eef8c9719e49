package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/staff"
)

func (s *Server) calloutRoutes(on func(string, show)) {
	on("GET /callout", s.showCallouts)
	on("GET /callout/{id}", s.showCallout)
	on("GET /callout/{id}/list.pdf", s.printCallList)
	on("GET /callgroup/{id}", s.showCallGroup)
	on("GET /a/{token}", s.showInvitation)
	on("POST /a/{token}", s.answerInvitation)
}

func (s *Server) calloutForms(on func(string, show)) {
	on("POST /callout", s.startCallout)
	on("POST /callout/{id}/do/{act}", s.actOnCallout)
	on("POST /callgroup/{id}", s.saveCallGroup)
}

// calloutsPage is the call-outs of the house, or of one incident, and the form
// that begins one.
type calloutsPage struct {
	Frame
	Crisis   *crisis.Crisis
	Uncalled []uncalledView
	Running  []calloutLine
	Past     []calloutLine
	Drills   []calloutLine
	Groups   []groupLine
	Form     calloutForm
	Choices  []choice
	Ways     []string
	Problems []problem
	Key      string
	Code     string // as typed
	Resumed  bool
}

type calloutForm struct {
	Group, Title, Text, Place, Phone string
	Drill                            bool
	Crisis                           string
}

// calloutLine is one call-out in a list.
type calloutLine struct {
	ID          string
	Name        string
	Title       string
	Drill       bool
	Begun       stamp
	By          string
	Covered     int
	Posts       int
	Quorum      int
	Unreachable int
	Over        bool
	Ended       stamp
	First       string // from begin to the first who comes; "" for nobody yet
	Enough      string // to the quorum
	Crisis      string
}

// uncalledView is a declared incident to which nobody was called, although the
// house wants that to happen by itself.
type uncalledView struct {
	Crisis   string
	Title    string
	Group    string
	Declared stamp
	Late     bool // nor will anybody be, by itself
}

// callsAt is how long a call-out may take to begin by itself before its absence
// is shown.
const callsAt = time.Minute

func (s *Server) uncalled(f Frame, c *crisis.Crisis) *uncalledView {
	age := f.Now.Sub(c.Declared.At)
	if s.c.CallDeclared == "" || !c.Running() || age < callsAt || s.p.Callout.Called(c.ID, c.Exercise) {
		return nil
	}
	return &uncalledView{Crisis: c.ID, Title: c.Title, Group: s.c.CallDeclared, Declared: f.stamp(c.Declared.At), Late: age > callout.Stale}
}

type groupLine struct {
	ID   string
	Name string
	Size int
	Need int
	Own  bool // written down here
}

var (
	calloutsPageT   = parse[calloutsPage]("callouts")
	calloutAskPageT = parse[calloutAskPage]("calloutask")
)

func newCalloutLine(c *callout.Callout, f Frame) calloutLine {
	l := calloutLine{ID: c.ID, Name: c.Name, Title: c.Title, Drill: c.Drill, Begun: f.stamp(c.Started.At), By: c.Started.Name, Covered: c.Covered(), Posts: len(c.Posts), Quorum: c.Quorum, Unreachable: c.Unreachable(), Over: c.Over(), Ended: f.stamp(c.Ended.At), Crisis: c.Crisis}
	if at := c.FirstAt(); !at.IsZero() {
		l.First = span(at.Sub(c.Started.At))
	}
	if at := c.QuorumAt(); !at.IsZero() {
		l.Enough = span(at.Sub(c.Started.At))
	}
	return l
}

func (s *Server) showCallouts(v *visit) (http.Handler, error) {
	return s.drawCallouts(v, http.StatusOK, calloutForm{Crisis: v.URL.Query().Get("crisis"), Group: v.URL.Query().Get("group")}, nil)
}

func (s *Server) drawCallouts(v *visit, code int, form calloutForm, problems []problem) (http.Handler, error) {
	sess, err := v.need(staff.SeeCrisis)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v) // people are called although no chart can be read
	}
	running := slices.DeleteFunc(s.incidents(v), func(c *crisis.Crisis) bool { return !c.Running() })
	var of *crisis.Crisis
	if form.Crisis != "" {
		if of, err = s.crisisOf(v, form.Crisis); err != nil {
			return nil, err
		}
	} else if len(running) == 1 && v.Method == http.MethodGet && staff.May(sess.Person, staff.CallOut) {
		of = running[0] // what is called for now, most likely
		form.Crisis = of.ID
	}
	var uncalled []uncalledView
	for _, c := range running {
		if u := s.uncalled(f, c); u != nil {
			uncalled = append(uncalled, *u)
			if of != nil && of.ID == c.ID && form.Group == "" {
				form.Group = u.Group
			}
		}
	}
	p := newCalloutsPage(f, s.callouts(v), s.p.Callout.Groups(), of, form)
	p.Uncalled, p.Ways, p.Problems, p.Resumed, p.Code = uncalled, s.p.Callout.Outs(), problems, v.resumed, strings.TrimSpace(v.PostFormValue("code"))
	return calloutsPageT.status(code, p)
}

func newCalloutsPage(f Frame, all []*callout.Callout, groups []callout.Group, of *crisis.Crisis, form calloutForm) calloutsPage {
	p := calloutsPage{Frame: f.titled("crisis", lang.Text{DE: "Alarmierung", EN: "Call-out"}), Crisis: of, Form: form, Key: journal.NewID().String()}
	if of != nil && form.Title == "" {
		p.Form.Title = cutRunes(of.Outside(), 120)
		p.Form.Place, p.Form.Drill = cmp.Or(form.Place, cutRunes(of.Meeting.Place, 120)), form.Drill || of.Exercise
	}
	for _, c := range all {
		l := newCalloutLine(c, f)
		switch {
		case !l.Over:
			p.Running = append(p.Running, l)
		case len(p.Past) < 50:
			p.Past = append(p.Past, l)
		}
		if l.Drill && len(p.Drills) < 20 {
			p.Drills = append(p.Drills, l)
		}
	}
	for _, g := range groups {
		need := g.Quorum
		if need == 0 {
			need = len(g.Seats)
		}
		p.Groups = append(p.Groups, groupLine{g.ID, g.Name, len(g.Seats), need, true})
		p.Choices = append(p.Choices, choice{g.ID, lang.Text{DE: g.Name}, g.ID == form.Group})
	}
	if of != nil {
		p.Choices = append(p.Choices, choice{callout.GroupTeam, lang.Text{DE: "Krisenstab der Lage (wer jetzt eingeteilt ist)", EN: "crisis team of the incident (who is seated now)"}, form.Group == callout.GroupTeam},
			choice{callout.GroupLead, lang.Text{DE: "Leitung des Krisenstabs", EN: "who leads the crisis team"}, form.Group == callout.GroupLead})
	}
	p.Choices = append(p.Choices, choice{callout.GroupTree, lang.Text{DE: "Telefonkette (alle)", EN: "phone tree (everybody)"}, form.Group == callout.GroupTree})
	return p
}

func cutRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// calloutAskPage asks once more, with the number of people and ways.
type calloutAskPage struct {
	Frame
	Form     calloutForm
	Preview  callout.Preview
	Ways     []wayCount
	Key      string
	CrisisID string
}

type wayCount struct {
	Name string
	N    int
}

func (s *Server) calloutOrder(v *visit) (callout.Order, calloutForm, error) {
	form := calloutForm{Group: v.PostFormValue("group"), Title: strings.TrimSpace(v.PostFormValue("title")), Text: strings.TrimSpace(v.PostFormValue("text")), Place: strings.TrimSpace(v.PostFormValue("place")), Phone: strings.TrimSpace(v.PostFormValue("phone")), Drill: v.PostFormValue("drill") != "", Crisis: v.PostFormValue("crisis")}
	o := callout.Order{Crisis: form.Crisis, Group: form.Group, Title: form.Title, Text: form.Text, Place: form.Place, Phone: form.Phone, Drill: form.Drill, Trigger: callout.ByPerson}
	if form.Crisis == "" {
		return o, form, nil
	}
	c, err := s.crisisOf(v, form.Crisis)
	if err != nil {
		return o, form, err
	}
	o.Drill = o.Drill || c.Exercise // an exercise alarms nobody in earnest
	form.Drill = o.Drill            // and says so before
	o.Holders = Holders(c, v.now)
	return o, form, nil
}

// Holders are who sits in the crisis team of an incident at now.
func Holders(c *crisis.Crisis, now time.Time) []callout.Holder {
	var out []callout.Holder
	for _, chair := range c.Team(now, nil) {
		for _, x := range chair.Now {
			out = append(out, callout.Holder{Role: x.Role, Name: x.Name, Reach: x.Reach, Deputy: x.Deputy})
		}
	}
	return out
}

// startCallout asks once more, and then begins.
func (s *Server) startCallout(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.CallOut)
	if err != nil {
		return nil, err
	}
	o, form, err := s.calloutOrder(v)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawCallouts(v, http.StatusOK, form, nil)
	}
	if v.PostFormValue("sure") == "" {
		pre, err := s.p.Callout.Preview(o)
		if err != nil {
			return s.refusedCallout(v, form, err)
		}
		f, err := s.frame(v)
		if err != nil {
			f = s.bare(v)
		}
		return calloutAskPageT.of(newCalloutAskPage(f, form, pre, s.p.Callout.Outs(), v.PostFormValue("key")))
	}
	c, err := s.p.Callout.Start(v.Context(), callout.Act{Person: sess.Person.ID, Name: sess.Person.Name, Key: v.PostFormValue("key")}, o)
	if err != nil {
		return s.refusedCallout(v, form, err)
	}
	return seeOther("/callout/" + c.ID), nil
}

func (s *Server) refusedCallout(v *visit, form calloutForm, err error) (http.Handler, error) {
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
		return s.drawCallouts(v, status(k), form, []problem{{Say: fault.Say(err)}})
	}
	return nil, err
}

func newCalloutAskPage(f Frame, form calloutForm, pre callout.Preview, outs []string, key string) calloutAskPage {
	p := calloutAskPage{Frame: f.titled("crisis", lang.Text{DE: "Alarmierung bestätigen", EN: "Confirm the call-out"}), Form: form, Preview: pre, Key: key, CrisisID: form.Crisis}
	for _, name := range outs {
		if n := pre.Ways[name]; n > 0 {
			p.Ways = append(p.Ways, wayCount{name, n})
		}
	}
	return p
}

// callGroupPage is one group with its rows to fill in.
type callGroupPage struct {
	Frame
	ID       string
	New      bool
	Name     string
	Quorum   string
	Seen     uint64
	Rows     []groupRow
	Problems []problem
	Key      string
	By       string
	When     stamp
}

// groupRow is one post of the group's form.
type groupRow struct {
	N        int
	Function string
	Roles    []choice
	Contacts []choice
}

var callGroupPageT = parse[callGroupPage]("calloutgroup")

// maxGroupRows is how many rows a form of a group takes.
const maxGroupRows = 60

func (s *Server) showCallGroup(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.CallOut); err != nil {
		return nil, err
	}
	id := v.PathValue("id")
	g, ok := s.p.Callout.Group(id)
	if !ok && id != "new" {
		return s.unknown(v)
	}
	return s.drawCallGroup(v, http.StatusOK, g, !ok, nil)
}

func (s *Server) drawCallGroup(v *visit, code int, g callout.Group, isNew bool, problems []problem) (http.Handler, error) {
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v)
	}
	e, _ := s.p.Estate.Current()
	p := newCallGroupPage(f, g, isNew, e.Contacts)
	p.Problems = problems
	if v.Method == http.MethodPost {
		p.Quorum = strings.TrimSpace(v.PostFormValue("quorum")) // as typed, a number or not
	}
	return callGroupPageT.status(code, p)
}

func (s *Server) saveCallGroup(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.CallOut)
	if err != nil {
		return nil, err
	}
	g, isNew, problems := groupOf(v)
	if v.resumed || len(problems) > 0 {
		return s.drawCallGroup(v, statusOf(problems), g, isNew, problems)
	}
	by := callout.Act{Person: sess.Person.ID, Name: sess.Person.Name, Key: v.PostFormValue("key")}
	if v.PostFormValue("act") == "remove" {
		err = s.p.Callout.RemoveGroup(v.Context(), by, g.ID, g.Seq)
	} else {
		err = s.p.Callout.SaveGroup(v.Context(), by, g, g.Seq)
	}
	if err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
			return s.drawCallGroup(v, status(k), g, isNew, []problem{{Say: fault.Say(err)}})
		}
		return nil, err
	}
	return seeOther("/callout"), nil
}

func statusOf(problems []problem) int {
	if len(problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// groupOf reads the form of a group. An empty row is left out; one with a
// function and nobody for it is a problem.
func groupOf(v *visit) (g callout.Group, isNew bool, problems []problem) {
	g = callout.Group{ID: v.PathValue("id"), Name: strings.TrimSpace(v.PostFormValue("name"))}
	if isNew = g.ID == "new"; isNew {
		g.ID = strings.TrimSpace(v.PostFormValue("id"))
	}
	g.Seq, _ = strconv.ParseUint(v.PostFormValue("seen"), 10, 64)
	if q := strings.TrimSpace(v.PostFormValue("quorum")); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 0 {
			problems = append(problems, problem{"quorum", lang.Text{DE: "Bitte eine Zahl angeben, oder nichts für alle.", EN: "Please give a number, or nothing for all."}})
		}
		g.Quorum = max(n, 0)
	}
	for i := range maxGroupRows {
		n := strconv.Itoa(i)
		seat := callout.Seat{Role: rulebook.Role(v.PostFormValue("role" + n)), Function: strings.TrimSpace(v.PostFormValue("function" + n)), Contact: v.PostFormValue("contact" + n)}
		if seat == (callout.Seat{}) {
			continue
		}
		if seat.Contact == "" {
			problems = append(problems, problem{"contact" + strconv.Itoa(len(g.Seats)), lang.Text{DE: "Bitte wählen, wer diese Funktion hat.", EN: "Please choose who has this function."}})
		}
		g.Seats = append(g.Seats, seat)
	}
	return g, isNew, problems
}

func newCallGroupPage(f Frame, g callout.Group, isNew bool, contacts []estate.Contact) callGroupPage {
	p := callGroupPage{Frame: f.titled("crisis", lang.Text{DE: "Gruppe", EN: "Group"}), ID: g.ID, New: isNew, Name: g.Name, Seen: g.Seq, Key: journal.NewID().String(), By: g.By.Name, When: f.stamp(g.By.At)}
	if g.Quorum > 0 {
		p.Quorum = strconv.Itoa(g.Quorum)
	}
	n := min(max(len(g.Seats)+4, 8), maxGroupRows)
	for i := range n {
		var seat callout.Seat
		if i < len(g.Seats) {
			seat = g.Seats[i]
		}
		row := groupRow{N: i, Function: seat.Function, Roles: []choice{{"", lang.Text{DE: "– andere Funktion –", EN: "– other function –"}, seat.Role == ""}}, Contacts: []choice{{"", lang.Text{DE: "– niemand –", EN: "– nobody –"}, seat.Contact == ""}}}
		for _, r := range rulebook.Roles() {
			row.Roles = append(row.Roles, choice{string(r), crisis.RoleName(r), r == seat.Role})
		}
		for _, c := range contacts {
			if c.Company == "" || c.ID == seat.Contact {
				row.Contacts = append(row.Contacts, choice{c.ID, lang.Text{DE: strings.TrimSuffix(c.Name+", "+c.Function, ", ")}, c.ID == seat.Contact})
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
