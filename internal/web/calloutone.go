package web

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
)

// calloutPage is one call-out as it runs: what needs a person comes first.
type calloutPage struct {
	Frame
	Line     calloutLine
	Text     string
	Left     int      // who are not called, because they are too many
	Lines    []string // what it tells of, where that is several things
	Place    string
	Phone    string
	Read     bool // nobody is to come, only to know
	Why      string
	By       string // who ended it
	Clear    bool
	Rests    bool // too old to be taken up again
	Posts    []postView
	Problems []problem
	Key      string
	Code     string
	Resumed  bool
}

// RefreshSeconds is how often the page renews itself.
func (calloutPage) RefreshSeconds() int { return 10 }

// postView is one post with those who can fill it.
type postView struct {
	ID       string
	Function string
	State    string // nobody, calling, covered, stopped
	Word     lang.Text
	People   []calledView
	rank     int
}

// calledView is one person.
type calledView struct {
	ID      string
	Name    string
	Code    string
	Turn    stamp
	Deputy  bool
	Waits   bool // not called yet
	Answer  lang.Text
	Level   string // of the answer: done, red
	At      stamp
	More    []moreAnswer // that came before, again or too late
	Phones  []wayView
	Tries   []tryView
	Twice   bool
	ByVoice bool // the all-clear has to be told by voice
	Later   bool // the all-clear follows when it wakes nobody
}

type moreAnswer struct {
	Word lang.Text
	At   stamp
	Ask  bool // somebody has to ask this person now
}

// tryView is what came of one way.
type tryView struct {
	Out   string
	Kind  lang.Text
	To    string
	Word  lang.Text
	Level string // done, amber, red or nothing
	At    stamp
	Try   int
	Said  string
}

var calloutPageT = parse[calloutPage]("callout")

func (s *Server) showCallout(v *visit) (http.Handler, error) {
	return s.drawCallout(v, http.StatusOK, nil)
}

func (s *Server) drawCallout(v *visit, code int, problems []problem) (http.Handler, error) {
	if _, err := v.need(staff.SeeCrisis); err != nil {
		return nil, err
	}
	c, err := s.calloutOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v)
	}
	p := newCalloutPage(f, c)
	p.Problems, p.Resumed, p.Code = problems, v.resumed, strings.TrimSpace(v.PostFormValue("code"))
	p.Refresh = v.Method == http.MethodGet
	return calloutPageT.status(code, p)
}

func newCalloutPage(f Frame, c *callout.Callout) calloutPage {
	p := calloutPage{Frame: f.titled("crisis", lang.Text{DE: "Alarmierung " + c.Name, EN: "Call-out " + c.Name}), Line: newCalloutLine(c, f), Text: c.Text, Left: c.Left, Lines: c.Lines(), Place: c.Place, Phone: c.Phone, Read: c.Ask == callout.Read, Why: c.EndWhy, By: c.Ended.Name, Clear: c.AllClear, Rests: c.Running() && c.Rests(f.Now), Key: journal.NewID().String()}
	for _, post := range c.Posts {
		p.Posts = append(p.Posts, newPostView(f, c, post))
	}
	slices.SortStableFunc(p.Posts, func(a, b postView) int { return cmp.Compare(a.rank, b.rank) })
	return p
}

func newPostView(f Frame, c *callout.Callout, post callout.Post) postView {
	x := postView{ID: post.ID, Function: post.Function}
	by, covered := post.By()
	switch {
	case covered && c.Ask == callout.Read:
		x.State, x.rank, x.Word = "covered", 3, lang.Text{DE: by.Name + " weiß Bescheid", EN: by.Name + " knows"}
	case covered:
		x.State, x.rank, x.Word = "covered", 3, lang.Text{DE: by.Name + " kommt", EN: by.Name + " comes"}
	case c.Ended.Done():
		x.State, x.rank, x.Word = "stopped", 2, lang.Text{DE: "beendet, ohne Zusage", EN: "ended, nobody said yes"}
	case post.Unreachable():
		x.State, x.rank, x.Word = "nobody", 0, lang.Text{DE: "niemand erreichbar – bitte anrufen", EN: "nobody reachable – please ring"}
	default:
		x.State, x.rank, x.Word = "calling", 1, lang.Text{DE: "wird gerufen", EN: "being called"}
	}
	for i, y := range post.Chain {
		x.People = append(x.People, newCalledView(f, c, y, i))
	}
	return x
}

func newCalledView(f Frame, c *callout.Callout, y callout.Person, i int) calledView {
	x := calledView{ID: y.ID, Name: y.Name, Code: y.Code, Turn: f.stamp(y.Since), Deputy: i > 0, Waits: y.Since.IsZero(), Twice: y.Twice(), ByVoice: c.AllClear && !y.Cleared() && c.Moves(y) && (len(y.Ways) == 0 || triedClear(y)), Later: c.AllClear && y.Told() && !c.Moves(y) && !triedClear(y) && len(y.Ways) > 0 && !c.Rests(f.Now)}
	counts, _ := y.Answered()
	for _, a := range slices.Backward(y.Answers) {
		if x.Answer.DE == "" && a == counts {
			x.Answer, x.At = callReply(a), f.stamp(a.By.At)
			x.Level = "done"
			if a.Word == callout.Cannot {
				x.Level = "red"
			}
			continue
		}
		x.More = append(x.More, moreAnswer{callReply(a), f.stamp(a.By.At), !c.Ended.Done() && x.Answer.DE == "" && (a.Unproved() || a.Word == callout.Said)})
	}
	for _, p := range y.Phones {
		x.Phones = append(x.Phones, newPhoneView(p))
	}
	for n, w := range y.Ways {
		x.Tries = append(x.Tries, newTryView(f, y, n, w)...)
	}
	return x
}

// triedClear reports whether the all-clear was tried on any way.
func triedClear(y callout.Person) bool {
	return slices.ContainsFunc(y.Sent, func(s callout.Sending) bool { return s.Clear })
}

func newPhoneView(p callout.Phone) wayView {
	w := wayView{Kind: p.Kind.Say(), Value: p.Value, Offline: p.Kind.Offline()}
	switch p.Kind {
	case estate.Mobile, estate.Landline, estate.Satellite:
		if n, ok := way.Number(p.Value, ""); ok {
			w.Tel = n
		}
	case estate.Extension, estate.Pager, estate.Radio, estate.InPerson, estate.Mail, estate.Messenger, estate.Fax:
	}
	return w
}

// newTryView is the newest try on a way, for the call and for the all-clear; of
// a way that was not tried nothing but that.
func newTryView(f Frame, y callout.Person, n int, w callout.Way) []tryView {
	var out []tryView
	for _, clear := range []bool{false, true} {
		for _, s := range slices.Backward(y.Sent) {
			if s.Way != n || s.Clear != clear {
				continue
			}
			t := tryView{Out: w.Out, Kind: w.Kind.Say(), To: w.To, At: f.stamp(s.Began), Try: s.Try, Said: s.Said}
			t.Word, t.Level = sendingWord(s)
			if clear {
				t.Word = lang.Text{DE: "Entwarnung: " + t.Word.DE, EN: "all-clear: " + t.Word.EN}
			}
			out = append(out, t)
			break
		}
	}
	if len(out) == 0 {
		out = []tryView{{Out: w.Out, Kind: w.Kind.Say(), To: w.To, Word: lang.Text{DE: "noch nicht versucht", EN: "not tried yet"}}}
	}
	return out
}

// sendingWord says what came of a try, and how much it matters.
func sendingWord(s callout.Sending) (lang.Text, string) {
	switch {
	case s.Lost:
		return lang.Text{DE: "Ausgang unbekannt: Notbetrieb wurde währenddessen beendet", EN: "unknown: Notbetrieb ended meanwhile"}, "amber"
	case s.Ended.IsZero():
		return lang.Text{DE: "wird gesendet", EN: "being sent"}, ""
	}
	switch s.Out {
	case way.Accepted:
		return lang.Text{DE: "abgenommen, ob es ankommt ist offen", EN: "taken, whether it arrives is open"}, "done"
	case way.Refused:
		return lang.Text{DE: "abgelehnt", EN: "refused"}, "red"
	case way.Unclear:
		return lang.Text{DE: "gesendet, keine Antwort", EN: "sent, no answer"}, "amber"
	case way.Unreached:
	}
	return lang.Text{DE: "nicht erreichbar", EN: "cannot be reached"}, "red"
}

func callReply(a callout.Answer) lang.Text {
	out := lang.Text{}
	switch a.Word {
	case callout.Coming:
		out = lang.Text{DE: "kommt", EN: "comes"}
		if a.Minutes > 0 {
			n := strconv.Itoa(a.Minutes)
			out = lang.Text{DE: "kommt in " + n + " min", EN: "comes in " + n + " min"}
		}
	case callout.Cannot:
		out = lang.Text{DE: "kann nicht", EN: "cannot"}
	case callout.Knows:
		out = lang.Text{DE: "weiß Bescheid", EN: "knows"}
	case callout.NoReply:
		out = lang.Text{DE: "angerufen, nicht erreicht", EN: "rung, not reached"}
	case callout.Said:
		out = lang.Text{DE: "schreibt, nicht verstanden, bitte nachfragen", EN: "writes, not understood, please ask"}
	}
	if a.Unproved() {
		out = lang.Text{DE: "schreibt: " + out.DE + ", zählt noch nicht", EN: "writes: " + out.EN + ", does not count yet"}
	}
	via := map[callout.Via]lang.Text{
		callout.ByLink: {DE: "Link", EN: "link"}, callout.BySMS: {DE: "SMS", EN: "SMS"}, callout.ByCode: {DE: "Code", EN: "code"}, callout.ByVoice: {DE: "Telefon", EN: "telephone"},
		callout.ByNumber: {DE: "SMS ohne Code", EN: "SMS without the code"},
	}[a.Via]
	out = lang.Text{DE: out.DE + " (" + via.DE, EN: out.EN + " (" + via.EN}
	if a.By.Name != "" {
		out.DE, out.EN = out.DE+", "+a.By.Name, out.EN+", "+a.By.Name
	}
	out.DE, out.EN = out.DE+")", out.EN+")"
	if a.Late {
		out.DE, out.EN = out.DE+", zu spät", out.EN+", too late"
	}
	if a.Note != "" {
		out.DE, out.EN = out.DE+": "+a.Note, out.EN+": "+a.Note
	}
	return out
}

// actOnCallout takes a typed answer, a code, or the end.
func (s *Server) actOnCallout(v *visit) (http.Handler, error) {
	act := v.PathValue("act")
	right := staff.WorkCrisis
	if act == "end" {
		right = staff.CallOut
	}
	sess, err := v.need(right)
	if err != nil {
		return nil, err
	}
	if _, err := s.calloutOf(v, v.PathValue("id")); err != nil && act != "code" { // a code says itself whom it belongs to
		return nil, err
	}
	if v.resumed {
		return s.drawCallout(v, http.StatusOK, nil)
	}
	by := callout.Act{Person: sess.Person.ID, Name: sess.Person.Name, Key: v.PostFormValue("key")}
	to := v.PathValue("id")
	switch act {
	case "answer":
		err = s.typedAnswer(v, by, to, v.PostFormValue("person"), callout.ByVoice)
	case "code":
		c, x, ok := s.p.Callout.Coded(v.PostFormValue("code"))
		if !ok {
			err = fault.New(fault.Invalid, lang.Text{DE: "Diesen Code hat niemand, der gerufen wurde.", EN: "Nobody who was called has this code."})
			break
		}
		to = c.ID
		err = s.typedAnswer(v, by, c.ID, x.ID, callout.ByCode)
	case "end":
		err = s.p.Callout.End(v.Context(), by, to, v.PostFormValue("why"), v.PostFormValue("clear") != "")
	default:
		return s.unknown(v)
	}
	if err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
			return s.drawCallout(v, status(k), []problem{{Say: fault.Say(err)}})
		}
		return nil, err
	}
	if _, err := s.calloutOf(v, to); err != nil {
		return seeOther("/callout"), nil //nolint:nilerr // the answer counts; of the call-out the reader may not know
	}
	return seeOther("/callout/" + to), nil
}

func (s *Server) typedAnswer(v *visit, by callout.Act, id, person string, via callout.Via) error {
	r := callout.Reply{Word: callout.Word(v.PostFormValue("word")), Via: via, Note: v.PostFormValue("note")}
	minutes, err := minutesOf(v.PostFormValue("minutes"))
	if err != nil {
		return err
	}
	r.Minutes = minutes
	return s.p.Callout.Answer(v.Context(), by, id, person, r)
}

func minutesOf(text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fault.New(fault.Invalid, lang.Text{DE: "Bitte die Minuten als Zahl angeben.", EN: "Please give the minutes as a number."})
	}
	return n, nil
}

// printCallList answers with the list to ring from, to be filled in by hand.
func (s *Server) printCallList(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.SeeCrisis)
	if err != nil {
		return nil, err
	}
	c, err := s.calloutOf(v, v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	h := paper.Head{Hospital: s.c.House, Mode: v.mode, AsOf: v.now, Seq: uint64(c.Last), Printed: v.now, PrintedBy: sess.Person.Name, Where: v.from(), Lang: v.lang, Zone: s.c.Zone}
	var b bytes.Buffer
	if err := paper.Calls(&b, h, callSheet(c, s.p.Callout.Answers(), v.now.Location())); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "anrufliste"), nil
}

// callSheet is a call-out as the list to ring from says it.
func callSheet(c *callout.Callout, answers string, zone *time.Location) paper.CallSheet {
	out := paper.CallSheet{Name: c.Name, Title: c.Title, Text: strings.TrimSpace(c.Text + " " + strings.Join(c.Lines(), "; ")), Place: c.Place, Phone: c.Phone, Drill: c.Drill, Answers: answers, Read: c.Ask == callout.Read}
	for _, post := range c.Posts {
		for i, x := range post.Chain {
			p := paper.CallPerson{Function: post.Function, Name: x.Name, Code: x.Code, Deputy: i > 0}
			for _, n := range x.Phones {
				p.Numbers = append(p.Numbers, paper.CallNumber{Kind: n.Kind.Say(), Value: n.Value, Offline: n.Kind.Offline()})
			}
			if a, ok := x.Answered(); ok {
				w := callReply(a)
				p.Known = lang.Text{DE: w.DE + " " + a.By.At.In(zone).Format("15:04"), EN: w.EN + " " + a.By.At.In(zone).Format("15:04")}
			}
			out.People = append(out.People, p)
		}
	}
	return out
}
