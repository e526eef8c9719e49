package chart

import (
	"time"

	"notbetrieb/internal/clinical"
)

// The safe rule for places: a movement is an act that somebody booked, a place
// in passing (A08, a result) is a copy that may be old. So where any movement
// of the stay is known, the last one by its start says where the patient is; a
// newer message that names another place is shown beside it and not followed.
// Only a stay without movements (the feed began later) is where the newest
// message says, the leading system first.

// walk is the state while the movements are gone through in order.
type walk struct {
	state     StayState
	place     clinical.Place
	origin    clinical.Origin
	known     bool
	arrived   bool // by a movement
	admitted  Value[time.Time]
	left      Value[time.Time]
	expecting Value[clinical.Place]
	plan      Value[time.Time]
	leaving   Value[time.Time]
	class     Value[clinical.Class]
}

// public returns the stay as people see it, with its present place.
func (s *stay) public(r rules) Stay {
	out := s.S
	moves := s.movements()
	out.Movements = make([]Item[clinical.Movement], len(moves))
	for i := range moves {
		out.Movements[i] = moves[i].Item
	}
	shot, shotKnown := s.bestShot(r)
	w := goThrough(moves, false)
	if !w.known && w.state == "" && !shotKnown {
		w = goThrough(moves, true)
	}
	if w.state == "" || w.state == Present && !w.known {
		s.fromPassing(r, &w, shot, shotKnown)
	} else if shotKnown && w.known && (w.state == Present || w.state == Away) &&
		later(shot.Origin, w.origin) && !samePlace(shot.V, w.place) {
		out.Elsewhere = Value[clinical.Place]{V: shot.V, Known: true, Origin: shot.Origin}
	}
	out.Admitted = prefer(out.Admitted, w.admitted)
	out.Expecting = newest(r, out.Expecting, w.expecting)
	out.ExpectedAdmit = prefer(out.ExpectedAdmit, w.plan)
	out.ExpectedDischarge = prefer(out.ExpectedDischarge, w.leaving)
	out.Class = newest(r, out.Class, w.class)
	s.discharge(&out, &w, moves)
	if w.known {
		out.Now = Value[clinical.Place]{V: w.place, Known: true, Origin: w.origin}
	}
	out.State = w.state
	if out.State == Present && !w.arrived && out.Class.V == clinical.PreAdmit {
		out.State = Planned // known only in passing, and not begun
	}
	return out
}

// goThrough computes the state from the movements that count. Historic ones
// count only where there is nothing else.
func goThrough(moves []active, historic bool) walk {
	var w walk
	for i := range moves {
		if m := &moves[i]; !m.Cancelled && !m.void && (historic || !m.historic) {
			w.step(m)
		}
	}
	return w
}

func (w *walk) step(m *active) {
	at := Value[time.Time]{V: m.start(), Known: true, Origin: m.Origin}
	if m.V.Class != "" {
		w.class = Value[clinical.Class]{V: m.V.Class, Known: true, Origin: m.Origin}
	}
	switch m.V.Kind {
	case clinical.PlanAdmission:
		w.plan = at
		if w.state != Present && w.state != Away { // who came early is expected no more
			w.expect(m)
		}
		if w.state == "" {
			w.state = Planned
		}
	case clinical.Admission, clinical.Visit:
		if !w.admitted.Known || w.state == Left {
			w.admitted = at
		}
		w.arrive(m)
	case clinical.Transfer, clinical.ClassChange, clinical.Arriving, clinical.LeaveEnd:
		w.arrive(m)
	case clinical.Discharge:
		w.state, w.left = Left, at
		if !w.known {
			w.to(m)
		}
		w.expecting, w.leaving = Value[clinical.Place]{}, Value[time.Time]{}
	case clinical.LeaveStart:
		w.state = Away
		if !w.known {
			w.to(m)
		}
	case clinical.PlanTransfer, clinical.Departing:
		w.expect(m)
	case clinical.PlanDischarge:
		w.leaving = at
	case clinical.StaySnapshot:
	}
}

// arrive puts the patient at the goal of m; without one he stays where he was.
func (w *walk) arrive(m *active) {
	w.state, w.arrived = Present, true
	w.left = Value[time.Time]{}
	w.to(m)
	if m.V.Kind != clinical.ClassChange {
		w.expecting = Value[clinical.Place]{}
	}
}

func (w *walk) to(m *active) {
	if !m.V.To.Zero() {
		w.place, w.origin, w.known = m.V.To, m.Origin, true
	}
}

func (w *walk) expect(m *active) {
	if !m.V.To.Zero() {
		w.expecting = Value[clinical.Place]{V: m.V.To, Known: true, Origin: m.Origin}
	}
}

// fromPassing places a stay of which no movement is known. What a cancel says
// about the place counts as in passing too: after a cancelled discharge the
// patient is there. A stay that was called off comes back by what the leading
// system says later, not by the copy in a late result, and not by a transfer
// that is cancelled behind it.
func (s *stay) fromPassing(r rules, w *walk, shot Version[clinical.Place], known bool) {
	var off, back *clinical.Origin // newest cancelled admission or plan; newest other cancel
	var of clinical.MovementKind
	place := clinical.Place{}
	cancelled := func(m *clinical.Movement, o *clinical.Origin) {
		switch m.Kind {
		case clinical.Admission, clinical.Visit, clinical.PlanAdmission:
			if off == nil || later(*o, *off) {
				off = o
			}
		default:
			if back == nil || later(*o, *back) {
				back, of, place = o, m.Kind, m.To
				if m.Kind == clinical.Transfer && !m.From.Zero() {
					place = m.From
				}
			}
		}
	}
	for i := range s.Cancels {
		cancelled(&s.Cancels[i].V, &s.Cancels[i].Origin)
	}
	for i := range s.Moves {
		for j := range s.Moves[i].Versions {
			if v := &s.Moves[i].Versions[j]; v.V.Action == clinical.Cancel {
				cancelled(&v.V, &v.Origin)
			}
		}
	}
	follows := off == nil || later(shot.Origin, *off) && (len(r.leading) == 0 || r.leading[shot.Origin.Feed])
	switch {
	case known && follows && (back == nil || place.Zero() || later(shot.Origin, *back)):
		w.state, w.place, w.origin, w.known = Present, shot.V, shot.Origin, true
	case back != nil && (off == nil || later(*back, *off) && of != clinical.Transfer):
		w.state = Present
		if !place.Zero() {
			w.place, w.origin, w.known = place, *back, true
		}
	case off != nil && w.state == "":
		w.state = CalledOff
	case w.state == "":
		w.state = Present // spoken of, place never sent
	}
}

// discharge folds a discharge time that came without a movement (PV1-45).
func (s *stay) discharge(out *Stay, w *walk, moves []active) {
	said := out.Discharged
	if w.left.Known {
		if !said.Known || !later(said.Origin, w.left.Origin) {
			out.Discharged = w.left
		}
		return
	}
	if !said.Known {
		return
	}
	stale := said.V.After(when(said.Origin)) // a time to come is an expectation
	for i := range moves {
		m := &moves[i]
		if m.V.Kind == clinical.Discharge && m.Cancelled || !m.Cancelled && !m.historic && step(m.V.Kind) >= 0 {
			stale = stale || when(m.Origin).After(when(said.Origin)) || m.start().After(said.V)
		}
	}
	for i := range s.Cancels {
		if c := &s.Cancels[i]; c.V.Kind == clinical.Discharge && !when(c.Origin).Before(when(said.Origin)) {
			stale = true
		}
	}
	for i := range s.Moves {
		for j := range s.Moves[i].Versions {
			v := &s.Moves[i].Versions[j]
			if v.V.Kind == clinical.Discharge && v.V.Action == clinical.Cancel && !when(v.Origin).Before(when(said.Origin)) {
				stale = true
			}
		}
	}
	if stale {
		if said.V.After(when(said.Origin)) && !out.ExpectedDischarge.Known {
			out.ExpectedDischarge = said
		}
		out.Discharged = Value[time.Time]{}
		return
	}
	if w.state == Present || w.state == Away {
		w.state = Left
	}
}

// bestShot returns the newest place in passing, that of the leading system if
// it ever said one.
func (s *stay) bestShot(r rules) (best Version[clinical.Place], known bool) {
	for _, v := range s.Shots {
		if !known || r.beats(v.Origin, best.Origin) {
			best, known = v, true
		}
	}
	return best, known
}

// samePlace compares as far as both say: a message that names only the ward
// does not contradict a bed there.
func samePlace(a, b clinical.Place) bool {
	part := func(x, y string) bool { return x == "" || y == "" || x == y }
	return part(a.Ward, b.Ward) && part(a.Room, b.Room) && part(a.Bed, b.Bed)
}

// prefer returns what was said in so many words, else what follows from the
// movements.
func prefer[T any](said, computed Value[T]) Value[T] {
	if said.Known {
		return said
	}
	if computed.Known {
		return computed
	}
	return said
}
