package web

import (
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// This file is what people reach who are not signed in: the link of an alarm,
// and the gateway that hands over an SMS.

// answerPage is what somebody sees who follows the link of an alarm: the text
// that was sent, and what can be answered. It says nothing else of the house.
type answerPage struct {
	Frame
	Token    string
	Text     string
	Read     bool
	Over     bool // the call-out was ended
	Clear    bool // with an all-clear: nobody is to come any more
	Answer   lang.Text
	At       stamp
	Key      string
	Problems []problem
}

var answerPageT = parse[answerPage]("answer")

func (s *Server) outside(v *visit) Frame {
	return Frame{Lang: v.lang, Now: v.now, House: s.c.House, Path: "/", Night: v.night, Limits: s.c.Limits, Outside: true, Title: lang.Text{DE: "Alarm beantworten", EN: "Answer the alarm"}, At: "answer"}
}

// invited finds whom the link was sent to. What is counted is links that are not
// valid: many people answer from one address, that of their provider, and nobody
// who tries links keeps them from it.
func (s *Server) invited(v *visit) (callout.Invited, error) {
	i, ok := s.p.Callout.Invited(v.PathValue("token"))
	if !ok && !s.callers.take(v.from(), v.now) {
		return i, fault.New(fault.Unavailable, lang.Text{DE: "Zu viele Versuche. Bitte in einer Minute noch einmal.", EN: "Too many attempts. Please try again in a minute."})
	}
	if !ok {
		return i, fault.New(fault.NotFound, lang.Text{DE: "Dieser Link gilt nicht oder nicht mehr.", EN: "This link is not valid, or no longer."})
	}
	return i, nil
}

// notInvited is the page for a link that is not valid: it names no state of the
// house either.
func (s *Server) notInvited(v *visit, err error) (http.Handler, error) {
	k := fault.KindOf(err)
	if k != fault.NotFound && k != fault.Unavailable {
		return nil, err
	}
	return answerPageT.status(status(k), answerPage{Frame: s.outside(v), Problems: []problem{{Say: fault.Say(err)}}})
}

func (s *Server) showInvitation(v *visit) (http.Handler, error) {
	i, err := s.invited(v)
	if err != nil {
		return s.notInvited(v, err)
	}
	return answerPageT.of(newAnswerPage(s.outside(v), i, v.PathValue("token"), nil))
}

func newAnswerPage(f Frame, i callout.Invited, token string, problems []problem) answerPage {
	p := answerPage{Frame: f, Token: token, Text: i.Text, Read: i.Callout.Ask == callout.Read, Over: i.Callout.Ended.Done(), Clear: i.Callout.AllClear, Key: journal.NewID().String(), Problems: problems}
	for _, a := range i.Person.Answers {
		if a.Via == callout.ByLink {
			p.Answer, p.At = callReply(a), f.stamp(a.By.At)
		}
	}
	return p
}

// answerInvitation takes the answer. A link takes one; the same again changes
// nothing, another one is refused.
func (s *Server) answerInvitation(v *visit) (http.Handler, error) {
	i, err := s.invited(v)
	if err != nil {
		return s.notInvited(v, err)
	}
	token := v.PathValue("token")
	minutes, err := minutesOf(v.PostFormValue("minutes"))
	if err == nil {
		err = s.p.Callout.Answer(v.Context(), callout.Act{Key: v.PostFormValue("key")}, i.Callout.ID, i.Person.ID, callout.Reply{Word: callout.Word(v.PostFormValue("word")), Minutes: minutes, Via: callout.ByLink})
	}
	if err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict {
			return answerPageT.status(status(k), newAnswerPage(s.outside(v), i, token, []problem{{Say: fault.Say(err)}}))
		}
		s.log.ErrorContext(v.Context(), "answer to an alarm not stored", "err", err)
		return answerPageT.status(status(fault.KindOf(err)), newAnswerPage(s.outside(v), i, token, []problem{{Say: lang.Text{
			DE: "Ihre Antwort konnte nicht gespeichert werden. Bitte noch einmal versuchen oder anrufen und den Code nennen.", EN: "Your answer could not be stored. Please try again, or ring and tell the code.",
		}}}))
	}
	return seeOther("/a/" + token), nil
}

// callers counts how often each address follows a link that is not valid.
type callers struct {
	mu    sync.Mutex
	since time.Time
	by    map[string]int
	all   int
}

const (
	perCaller  = 20   // a minute
	allCallers = 3000 // a minute: more are no people
)

// take reports whether the address may go on.
func (c *callers) take(from string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := now.Sub(c.since); d >= time.Minute || d < 0 {
		c.since, c.by, c.all = now, map[string]int{}, 0
	}
	c.all++
	c.by[from]++
	return c.by[from] <= perCaller && c.all <= allCallers
}

// inboundSMS takes an SMS that came back, from the gateway that shows the token:
// as a form or in the address, fields id, from and text.
func (s *Server) inboundSMS(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.c.SMSToken)) != 1 {
		http.Error(w, "token", http.StatusUnauthorized)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.ParseForm() != nil || r.FormValue("text") == "" {
		http.Error(w, "text is missing", http.StatusUnprocessableEntity)
		return
	}
	id := r.FormValue("id")
	if id == "" { // a gateway that numbers nothing: the same words of one number within the minute are one
		id = r.FormValue("from") + "/" + r.FormValue("text") + "/" + s.c.Now().UTC().Format("200601021504")
	}
	if len(id) > 120 {
		id = journal.KeyOf("sms", id, nil).String()
	}
	n, err := s.p.Callout.Inbound(r.Context(), id, r.FormValue("from"), r.FormValue("text"))
	if err != nil {
		s.log.ErrorContext(r.Context(), "sms not taken", "err", err)
		http.Error(w, "not taken", http.StatusServiceUnavailable)
		return
	}
	if n == 0 {
		_, _ = w.Write([]byte("nobody\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}
