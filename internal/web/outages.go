package web

import (
	"net/url"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch"
)

// problem is one thing wrong with a form, with the field it belongs to.
type problem struct {
	Field string
	Say   lang.Text
}

// outagesPage shows the state of the systems and lets people declare, confirm
// and end.
type outagesPage struct {
	Frame
	Systems  []systemView
	Open     []outageView
	Proposed []proposalView // by the watch
	Past     []outageView
	May      bool
	Problems []problem
	Form     declareForm
	Key      string // of the next act: the same form sent twice is one act
}

type systemView struct {
	ID    string
	Name  lang.Text
	State incident.State
	Word  lang.Text
	Feed  string // how old its data is
	Level string
	Age   stamp
	Busy  bool      // has an open outage
	Seen  lang.Text // how the watch sees it, while nobody has declared that; empty where it sees nothing wrong
}

type outageView struct {
	ID        string
	System    lang.Text
	Exercise  bool
	Since     stamp
	Until     stamp
	Declared  actView
	Confirmed actView
	Alone     string
	Ending    actView
	Ended     actView
	EndAlone  string
	Withdrawn actView
	InForce   bool
	Waiting   bool
	Mine      bool // declared by the reader: somebody else confirms
	EndMine   bool
	Key       string
	State     lang.Text // of the system
	States    []choice  // that it may have while the outage lasts; none in an exercise

	act   string // the form that was sent and comes back, "" for none
	typed url.Values
}

// Back reports whether a form comes back.
func (o outageView) Back(act string) bool { return o.act == act }

// Was is what was typed into a form that comes back.
func (o outageView) Was(act, name string) string {
	if o.act != act {
		return ""
	}
	return o.typed.Get(name)
}

type actView struct {
	Name string
	At   stamp
	Why  string
}

// Done reports whether somebody has acted.
func (a actView) Done() bool { return a.At.Known() }

// declareForm is what was typed, kept on every error.
type declareForm struct {
	System   string
	Why      string
	Since    string
	Exercise bool
	Alone    string
}

// declarePage asks once more before an outage is declared.
type declarePage struct {
	Frame
	System lang.Text
	Form   declareForm
	Since  stamp
	Key    string
}

var (
	outagesPageT = parse[outagesPage]("outages")
	declarePageT = parse[declarePage]("declare")
)

// board is what the outages page needs of the incident board.
type board struct {
	systems []incident.System
	states  map[string]incident.State
	outages []incident.Outage // newest first, the ended ones too
	watched watch.Board
}

func newOutagesPage(b board, f Frame, form declareForm, problems []problem, key string) outagesPage {
	v := outagesPage{Frame: f.titled("outages", lang.Text{DE: "Ausfälle", EN: "Outages"}), Form: form, Problems: problems, Key: key, May: f.User.Can("declare-outage")}
	names := map[string]lang.Text{}
	busy := map[string]bool{}
	for _, s := range b.systems {
		names[s.ID] = s.Name
	}
	for _, o := range b.outages {
		ov := newOutageView(o, names, f)
		ov.Key, ov.State = key, stateWord(b.states[o.System])
		if !o.Exercise {
			for _, st := range []incident.State{incident.Down, incident.Degraded, incident.Restoring, incident.CatchingUp} {
				ov.States = append(ov.States, choice{string(st), stateWord(st), st == b.states[o.System]})
			}
		}
		if o.Open() {
			v.Open = append(v.Open, ov)
			busy[o.System] = true
		} else if len(v.Past) < 20 {
			v.Past = append(v.Past, ov)
		}
	}
	seen := map[string]incident.State{}
	for _, r := range b.watched.Rows {
		seen[r.System.ID] = r.State
	}
	for _, s := range b.systems {
		sv := systemView{ID: s.ID, Name: s.Name, State: b.states[s.ID], Word: stateWord(b.states[s.ID]), Busy: busy[s.ID]}
		if st := seen[s.ID]; st != "" && st != incident.Up && sv.State == incident.Up {
			sv.Seen = stateWord(st)
		}
		for _, x := range f.Feeds {
			if x.System == s.ID && (!sv.Age.Known() || x.Last.At.After(sv.Age.At)) {
				sv.Age, sv.Level = x.Last, x.Level
			}
		}
		v.Systems = append(v.Systems, sv)
	}
	declarable := map[string]bool{}
	for id := range names {
		declarable[id] = true
	}
	if v.May {
		v.Proposed = newProposals(b.watched, busy, declarable, f)
	}
	return v
}

func newOutageView(o incident.Outage, names map[string]lang.Text, f Frame) outageView {
	act := func(a incident.Act) actView { return actView{Name: a.Name, At: f.stamp(a.At), Why: a.Why} }
	name, ok := names[o.System]
	if !ok {
		name = lang.Text{DE: o.System}
	}
	v := outageView{
		ID: o.ID, System: name, Exercise: o.Exercise, Since: f.stamp(o.Since), Declared: act(o.Declared), Confirmed: act(o.Confirmed), Alone: o.Alone,
		Ending: act(o.Ending), Ended: act(o.Ended), EndAlone: o.EndAlone, Withdrawn: act(o.Withdrawn), InForce: o.Effective(), Waiting: o.Pending(),
	}
	v.Mine = f.User != nil && o.Declared.Person == f.User.ID
	v.EndMine = f.User != nil && o.Ending.Person == f.User.ID
	return v
}

func stateWord(s incident.State) lang.Text {
	switch s {
	case incident.Up:
		return lang.Text{DE: "in Betrieb", EN: "up"}
	case incident.Degraded:
		return lang.Text{DE: "eingeschränkt", EN: "degraded"}
	case incident.Down:
		return lang.Text{DE: "ausgefallen", EN: "down"}
	case incident.Restoring:
		return lang.Text{DE: "wird wiederhergestellt", EN: "restoring"}
	case incident.CatchingUp:
		return lang.Text{DE: "holt nach", EN: "catching up"}
	}
	return lang.Text{DE: "nicht erhoben", EN: "not known"}
}
