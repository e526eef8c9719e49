package web

import (
	"net/http"

	"notbetrieb/internal/handback"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// Counterpart is the receiving side of the simulated KIS, beside what was handed
// back to it.
type Counterpart struct {
	Up         bool
	Target     string
	Behaves    string // key of what it does
	Behaviours []Behaviour
	Echo       bool // it tells what it took on its own feed
	Arrived    int  // messages that reached it
	Taken      int
	Repeats    int           // that came once more and were not taken again
	Latest     []DemoArrival // the newest first
	Both       handback.Comparison
}

// Behaviour is one thing that the simulated KIS can be told to do.
type Behaviour struct {
	Key   string
	Label lang.Text
}

// DemoArrival is a message that reached the simulated KIS.
type DemoArrival struct {
	Control, Type string
	Did           lang.Text
	Text          string // of a refusal
	Again         bool   // it had the message already
}

// demoKISPage is the simulated KIS while it takes back what was documented.
type demoKISPage struct {
	Frame
	Counterpart
	Total    int // entries of the queue
	Accepted int // of them accepted
	Open     int // of them not accounted for
	Unequal  []unequalView
}

type unequalView struct {
	What    lang.Text
	Control string
	Type    string
	At      stamp
	Href    string // of the entry; "" where the reader may not read it
}

var demoKISPageT = parse[demoKISPage]("demokis")

func (s *Server) demoRoutes(on func(string, show)) {
	on("GET /demo/kis", s.showDemoKIS)
	on("POST /demo/kis", s.tellDemoKIS)
}

// showDemoKIS shows numbers and control IDs, and no patient.
func (s *Server) showDemoKIS(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.OperateDemo); err != nil {
		return nil, err
	}
	if s.p.Demo == nil {
		return s.unknown(v)
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	c, err := s.p.Demo.Counterpart(v.Context())
	if err != nil {
		return nil, err
	}
	wards, err := s.p.Back.Progress(v.Context(), c.Target)
	if err != nil {
		return nil, err
	}
	return demoKISPageT.of(newDemoKISPage(f, c, wards))
}

func newDemoKISPage(f Frame, c Counterpart, wards []handback.Progress) demoKISPage {
	p := demoKISPage{Frame: f.titled("handback", lang.Text{DE: "Simuliertes KIS", EN: "Simulated HIS"}), Counterpart: c}
	for _, w := range wards {
		for state, n := range w.Count {
			p.Total += n
			if state == handback.Accepted {
				p.Accepted += n
			}
			if state.Open() {
				p.Open += n
			}
		}
	}
	add := func(what lang.Text, list []handback.Delivery) {
		for _, d := range list {
			line := unequalView{What: what, Control: d.Control, Type: d.Type, At: f.stamp(d.At)}
			if f.User.Can(string(staff.SeeChart)) {
				line.Href = "/patient/" + string(d.Patient) + "/entry/" + d.Root
			}
			p.Unequal = append(p.Unequal, line)
		}
	}
	add(lang.Text{DE: "hier bestätigt, dort nicht da", EN: "acknowledged here, not there"}, c.Both.Lost)
	add(lang.Text{DE: "dort doppelt", EN: "there twice"}, c.Both.Doubled)
	add(lang.Text{DE: "dort da, Antwort fehlt hier", EN: "there, its answer is missing here"}, c.Both.Unheard)
	for _, id := range c.Both.Strange {
		p.Unequal = append(p.Unequal, unequalView{What: lang.Text{DE: "dort da, nie von hier gesendet", EN: "there, never sent from here"}, Control: id})
	}
	return p
}

func (s *Server) tellDemoKIS(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.OperateDemo); err != nil {
		return nil, err
	}
	if s.p.Demo == nil {
		return s.unknown(v)
	}
	if err := s.p.Demo.Behave(v.Context(), v.PostFormValue("do"), v.PostFormValue("echo") == "on"); err != nil {
		return nil, err
	}
	return seeOther("/demo/kis"), nil
}
