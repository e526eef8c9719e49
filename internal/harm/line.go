package harm

import (
	"time"
)

// Line is one finding with what people did about it.
type Line struct {
	Item *Item
	Finding
	State State
}

// Standing says where a line stands.
type Standing int

const (
	Waiting     Standing = iota // nobody settled it, and no entry did
	ByEntry                     // settled by an entry or a message
	WithOutcome                 // settled by a person
)

// Standing says where the line stands. What a person said counts before what an
// entry did.
func (l *Line) Standing() Standing {
	switch {
	case !l.State.Open():
		return WithOutcome
	case l.Answer != nil:
		return ByEntry
	}
	return Waiting
}

// Lines puts together what was found and what was done about it, as it stands
// at now.
func (g *Register) Lines(items []Item, now time.Time) []Line {
	var out []Line
	for i := range items {
		it := &items[i]
		states := g.States(it.Keys...)
		for _, f := range it.Found {
			if f.Shown(now) {
				out = append(out, Line{Item: it, Finding: f, State: states[f.Ref]})
			}
		}
	}
	return out
}

// Touch is the line as an act about it keeps it.
func (l *Line) Touch() Touched {
	return Touched{Ref: l.Ref, Kind: l.Kind, What: l.What, Ward: l.Ward, At: l.At.UTC(), From: l.From.UTC()}
}
