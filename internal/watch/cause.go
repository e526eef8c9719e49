package watch

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
)

// This file finds the one cause among systems that fail together. It is pure.

// failing is a system that is not well, as far as causes go.
type failing struct {
	id    string
	since time.Time
}

// causes returns, for each failing system, the failing systems that it comes
// from: itself if all it needs is well. A need that is itself failing leads on
// to what that one needs. Systems that need each other in a circle come from the
// one of them that failed first.
func causes(e *estate.Estate, down []failing) map[string][]string {
	since := map[string]time.Time{}
	for _, f := range down {
		since[f.id] = f.since
	}
	needs := func(id string) []string {
		var out []string
		for _, d := range e.DependsOn(id) {
			if _, bad := since[d.On]; bad && d.Kind == estate.Needs && d.On != id {
				out = append(out, d.On)
			}
		}
		return out
	}
	out := map[string][]string{}
	for _, f := range down {
		seen := map[string]bool{f.id: true}
		todo := []string{f.id}
		var roots []string
		for len(todo) > 0 {
			id := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			on := needs(id)
			if len(on) == 0 {
				roots = append(roots, id)
			}
			for _, n := range on {
				if !seen[n] {
					seen[n] = true
					todo = append(todo, n)
				}
			}
		}
		if len(roots) == 0 { // a circle
			first := f.id
			for id := range seen {
				if since[id].Before(since[first]) || since[id].Equal(since[first]) && id < first {
					first = id
				}
			}
			roots = []string{first}
		}
		slices.Sort(roots)
		out[f.id] = roots
	}
	return out
}

// Alarm is one cause, with everything that fails because of it.
type Alarm struct {
	System   string
	State    incident.State
	Since    time.Time
	Seq      uint64 // record of the state
	Why      []Cause
	Affected []string // systems that fail because they need this one
	Planned  bool     // in maintenance: nobody need come
	Ack      Said     // zero: nobody has seen it
}

// alarms makes one alarm for each cause, those of the weightiest systems first.
func alarms(e *estate.Estate, now time.Time, f *fold) []Alarm {
	var down []failing
	for id, s := range f.systems {
		if c := s.now(); c.State == incident.Down || c.State == incident.Degraded {
			if _, there := e.System(id); there {
				down = append(down, failing{id, c.At})
			}
		}
	}
	by := map[string]*Alarm{}
	from := causes(e, down)
	for _, d := range down {
		for _, root := range from[d.id] {
			a := by[root]
			if a == nil {
				s := f.systems[root]
				c := s.now()
				a = &Alarm{System: root, State: c.State, Since: c.At, Seq: c.Seq, Why: c.Why, Planned: f.maintained(root, now)}
				if s.Ack.Of == c.Seq {
					a.Ack = s.Ack
				}
				by[root] = a
			}
			if d.id != root {
				a.Affected = append(a.Affected, d.id)
			}
		}
	}
	out := make([]Alarm, 0, len(by))
	for _, a := range by {
		slices.Sort(a.Affected)
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Alarm) int {
		switch x, y := a.rank(e), b.rank(e); {
		case x != y:
			return x - y
		case !a.Since.Equal(b.Since):
			return a.Since.Compare(b.Since)
		}
		return strings.Compare(a.System, b.System)
	})
	return out
}

// rank orders alarms: planned ones last, down before degraded, the weightiest
// system first.
func (a Alarm) rank(e *estate.Estate) int {
	r := 0
	if a.Planned {
		r += 100
	}
	if a.State != incident.Down {
		r += 10
	}
	s, _ := e.System(a.System)
	return r + Tier(s.Weight)
}

// Tier is the place of a weight in lists: 1 for the systems without which
// patients are in danger.
func Tier(w estate.Weight) int {
	switch w {
	case estate.Vital:
		return 1
	case estate.Essential:
		return 2
	case estate.Supporting:
	}
	return 3
}
