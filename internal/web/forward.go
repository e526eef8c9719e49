package web

import (
	"net/http"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/forward"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// forwardPill is what the navigation says of the second receivers.
type forwardPill struct {
	N int // messages that wait for a person, and receivers that do not answer
}

// forwardPage is how the second receivers of the feeds stand.
type forwardPage struct {
	Frame
	Receivers []receiverView
	Problems  []problem
}

type receiverView struct {
	Name    string
	Feeds   string
	Repeats bool
	Passed  int
	Waiting int
	Skipped int
	Oldest  stamp
	Last    stamp
	Stuck   *asideView
	Tries   int
	Aside   []asideView
	More    int // that are not listed
	Action  string

	Key, StuckKey string
}

type asideView struct {
	Seq      uint64
	Control  string
	Type     string
	Feed     string
	Received stamp
	Text     string // the receiver's words
	Code     string
	Behind   bool
	Again    bool
}

// asideShown is how many messages of a receiver one page lists.
const asideShown = 200

var forwardPageT = parse[forwardPage]("forward")

func (s *Server) forwardRoutes(on func(string, show)) {
	on("GET /forward", s.showForward)
	on("POST /forward/{name}", s.decideForward)
}

// forwardPill counts what waits for a person; nil where nothing is forwarded.
func (s *Server) forwardPill() *forwardPill {
	if s.p.Forward == nil {
		return nil
	}
	all := s.p.Forward.Standings()
	if len(all) == 0 {
		return nil
	}
	p := &forwardPill{}
	for _, x := range all {
		for _, a := range x.Aside {
			if !a.Behind && !a.Again {
				p.N++
			}
		}
		if x.Stuck != nil {
			p.N++
		}
	}
	return p
}

func (s *Server) showForward(v *visit) (http.Handler, error) {
	return s.drawForward(v, http.StatusOK, nil)
}

// drawForward shows numbers, control IDs and the receivers' words.
func (s *Server) drawForward(v *visit, code int, problems []problem) (http.Handler, error) {
	if _, err := v.need(staff.OperateHandback); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	return forwardPageT.status(code, newForwardPage(f, s.p.Forward.Standings(), problems))
}

func newForwardPage(f Frame, all []forward.Standing, problems []problem) forwardPage {
	p := forwardPage{Frame: f.titled("forward", lang.Text{DE: "Weitergabe", EN: "Forwarding"}), Problems: problems}
	for _, x := range all {
		r := receiverView{
			Name: x.Name, Feeds: strings.Join(x.Feeds, ", "), Repeats: x.Repeats, Passed: int(x.Passed), Waiting: int(x.Waiting), Skipped: int(x.Skipped),
			Oldest: f.stamp(x.Oldest), Last: f.stamp(x.Last), Action: "/forward/" + x.Name, Key: journal.NewID().String(), StuckKey: journal.NewID().String(),
		}
		if x.Stuck != nil {
			r.Stuck = &asideView{Seq: uint64(x.Stuck.Seq), Control: x.Stuck.Control, Type: x.Stuck.Type, Received: f.stamp(x.Stuck.Since)}
			r.Tries = x.Stuck.Tries
		}
		for i, a := range x.Aside {
			if i == asideShown {
				r.More = len(x.Aside) - i
				break
			}
			r.Aside = append(r.Aside, asideView{
				Seq: uint64(a.Seq), Control: a.Control, Type: a.Type, Feed: a.Feed, Received: f.stamp(a.Received), Text: a.Text, Code: a.Code, Behind: a.Behind, Again: a.Again,
			})
		}
		p.Receivers = append(p.Receivers, r)
	}
	return p
}

// decideForward records what a person decided about messages of a receiver.
func (s *Server) decideForward(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.OperateHandback)
	if err != nil {
		return nil, err
	}
	key, err := journal.ParseID(v.PostFormValue("key"))
	if err != nil {
		return nil, fault.Mark(err, fault.Invalid, lang.Text{DE: "Bitte die Seite neu öffnen.", EN: "Please open the page again."})
	}
	var seqs []journal.Seq
	for _, text := range v.PostForm["seq"] {
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			seqs = append(seqs, journal.Seq(n))
		}
	}
	by := clinical.Staff{ID: sess.Person.ID, Name: sess.Person.Name}
	err = s.p.Forward.Decide(v.Context(), key, v.PathValue("name"), forward.Decision(v.PostFormValue("act")), seqs, by)
	switch k := fault.KindOf(err); {
	case err == nil:
		return seeOther("/forward"), nil
	case k == fault.Invalid || k == fault.NotFound:
		return s.drawForward(v, status(k), []problem{{"", fault.Say(err)}})
	}
	return nil, err
}
