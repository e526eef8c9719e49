package chart

import (
	"cmp"
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// stay is a stay with everything that was said about its movements. The
// present place is not stored but computed from all of them, so that the order
// in which messages arrive does not matter.
type stay struct {
	S       Stay // without Movements, Now, State and Elsewhere
	Moves   []move
	Cancels []Version[clinical.Movement] // cancels that name no movement
	Shots   []Version[clinical.Place]    // newest place in passing, one for each feed
}

// move is one movement with every statement about it, oldest first.
type move struct {
	Versions []Version[clinical.Movement]
}

// take folds one movement.
func (s *stay) take(m clinical.Movement, o clinical.Origin) {
	v := Version[clinical.Movement]{V: m, Origin: o}
	switch {
	case m.Kind == clinical.StaySnapshot:
		if m.Action != clinical.Cancel && !m.To.Zero() {
			s.shot(m.To, o)
		}
	case m.ID == "" && m.Action == clinical.Cancel:
		s.Cancels = addStatement(s.Cancels, v)
	default:
		i := slices.IndexFunc(s.Moves, func(mv move) bool { return sameMove(&mv.Versions[0].V, &m) })
		if i < 0 {
			s.Moves = append(s.Moves, move{Versions: []Version[clinical.Movement]{v}})
			return
		}
		s.Moves[i].Versions = addStatement(s.Moves[i].Versions, v)
	}
}

// shot keeps the newest place in passing of each feed.
func (s *stay) shot(p clinical.Place, o clinical.Origin) {
	i := slices.IndexFunc(s.Shots, func(v Version[clinical.Place]) bool { return v.Origin.Feed == o.Feed })
	switch {
	case i < 0:
		s.Shots = append(s.Shots, Version[clinical.Place]{V: p, Origin: o})
	case later(o, s.Shots[i].Origin):
		s.Shots[i] = Version[clinical.Place]{V: p, Origin: o}
	}
}

// sameMove reports whether two messages speak of one movement: by its number,
// else by kind, start and goal.
func sameMove(a, b *clinical.Movement) bool {
	if a.ID != "" || b.ID != "" {
		return a.ID == b.ID
	}
	return a.Kind == b.Kind && a.Start.Equal(b.Start) && a.To == b.To
}

// addStatement inserts v by time, oldest first, and drops a repetition. At the
// same second a cancel comes after an update and that after an insert.
func addStatement(list []Version[clinical.Movement], v Version[clinical.Movement]) []Version[clinical.Movement] {
	at := len(list)
	for i := range list {
		w := &list[i]
		if when(w.Origin).Equal(when(v.Origin)) && equal(&w.V, &v.V) {
			return list
		}
		if at == len(list) && orderStatements(v, *w) < 0 {
			at = i
		}
	}
	return slices.Insert(list, at, v)
}

func orderStatements(a, b Version[clinical.Movement]) int {
	rank := func(x clinical.Action) int {
		return slices.Index([]clinical.Action{clinical.Insert, clinical.Update, clinical.Cancel}, x)
	}
	return cmp.Or(when(a.Origin).Compare(when(b.Origin)), cmp.Compare(rank(a.V.Action), rank(b.V.Action)),
		cmp.Compare(a.Origin.Seq, b.Origin.Seq))
}

// item returns a movement as people see it. Cancelled is final for a numbered
// movement unless the sender later inserts it anew; without the sender's clock
// on both messages it stays final.
func (m *move) item() (it Item[clinical.Movement], historic bool) {
	historic = true
	said := false
	var cancel *clinical.Origin
	for i := range m.Versions {
		v := &m.Versions[i]
		if v.V.Action == clinical.Cancel {
			cancel = &v.Origin
			if !said {
				it.V, it.Origin = v.V, v.Origin
			}
			continue
		}
		if said {
			it.Was = slices.Insert(it.Was, 0, Version[clinical.Movement]{V: it.V, Origin: it.Origin})
		}
		it.V, it.Origin, said = v.V, v.Origin, true
		historic = historic && v.V.Historic
	}
	if cancel != nil {
		anew := said && !cancel.Sent.IsZero() && !it.Origin.Sent.IsZero() && it.Origin.Sent.After(cancel.Sent)
		it.Cancelled = !anew
	}
	if !said {
		historic = it.V.Historic
	}
	return it, historic
}

// active is a movement in the walk.
type active struct {
	Item[clinical.Movement]
	historic bool
	first    time.Time // when it was first stated
}

// start is the time that orders a movement.
func (a *active) start() time.Time {
	if a.V.Start.IsZero() {
		return when(a.Origin)
	}
	return a.V.Start
}

// movements returns all movements oldest first, those that were cancelled
// without naming them included.
func (s *stay) movements() []active {
	list := make([]active, 0, len(s.Moves))
	for i := range s.Moves {
		it, historic := s.Moves[i].item()
		list = append(list, active{Item: it, historic: historic, first: when(s.Moves[i].Versions[0].Origin)})
	}
	slices.SortFunc(list, func(a, b active) int {
		return cmp.Or(a.start().Compare(b.start()), cmp.Compare(step(a.V.Kind), step(b.V.Kind)),
			a.first.Compare(b.first), natural(a.V.ID, b.V.ID), cmp.Compare(a.V.To.Ward+a.V.To.Room+a.V.To.Bed, b.V.To.Ward+b.V.To.Room+b.V.To.Bed))
	})
	for _, c := range s.Cancels {
		if i := fitting(list, &c); i >= 0 {
			list[i].Cancelled = true
		}
	}
	return list
}

// fitting returns the movement that a cancel without a number means: the newest
// one of its kind that was stated before it and not stated anew since, the one
// with its start first; -1 if none is known yet.
func fitting(list []active, c *Version[clinical.Movement]) int {
	best := -1
	for i := range list {
		a := &list[i]
		if a.Cancelled || !fits(c.V.Kind, a.V.Kind) || a.first.After(when(c.Origin)) || when(a.Origin).After(when(c.Origin)) {
			continue
		}
		if !c.V.Start.IsZero() && c.V.Start.Equal(a.V.Start) {
			return i
		}
		best = i
	}
	if best >= 0 && stays(&list[best].V, &c.V) {
		return -1
	}
	return best
}

// stays reports whether a cancelled transfer is certainly another one than m:
// after it the patient is where m led, and what was cancelled led elsewhere
// (PV1-3 and PV1-6). The transfer that is meant was not received.
func stays(m, cancel *clinical.Movement) bool {
	return cancel.Kind == clinical.Transfer && !cancel.From.Zero() && !cancel.To.Zero() && !m.From.Zero() &&
		samePlace(cancel.To, m.To) && !samePlace(cancel.From, m.To) && !samePlace(cancel.From, m.From)
}

func fits(cancel, kind clinical.MovementKind) bool {
	entry := func(k clinical.MovementKind) bool { return k == clinical.Admission || k == clinical.Visit }
	return cancel == kind || entry(cancel) && entry(kind)
}

// step orders movements of the same minute as they happen.
func step(k clinical.MovementKind) int {
	return slices.Index([]clinical.MovementKind{
		clinical.PlanAdmission, clinical.Admission, clinical.Visit, clinical.ClassChange, clinical.PlanTransfer,
		clinical.Departing, clinical.Transfer, clinical.Arriving, clinical.LeaveStart, clinical.LeaveEnd,
		clinical.PlanDischarge, clinical.Discharge,
	}, k)
}

// absorb takes everything of another stay: two numbers turned out to be one
// case.
func (s *stay) absorb(r rules, o *stay) {
	s.S.Class = newest(r, s.S.Class, o.S.Class)
	s.S.PatientType = newest(r, s.S.PatientType, o.S.PatientType)
	s.S.Service = newest(r, s.S.Service, o.S.Service)
	s.S.Attending = newest(r, s.S.Attending, o.S.Attending)
	s.S.Referring = newest(r, s.S.Referring, o.S.Referring)
	s.S.Consulting = newest(r, s.S.Consulting, o.S.Consulting)
	s.S.Admitting = newest(r, s.S.Admitting, o.S.Admitting)
	s.S.Admitted = newest(r, s.S.Admitted, o.S.Admitted)
	s.S.Discharged = newest(r, s.S.Discharged, o.S.Discharged)
	s.S.ExpectedAdmit = newest(r, s.S.ExpectedAdmit, o.S.ExpectedAdmit)
	s.S.ExpectedDischarge = newest(r, s.S.ExpectedDischarge, o.S.ExpectedDischarge)
	s.S.Reason = newest(r, s.S.Reason, o.S.Reason)
	s.S.Disposition = newest(r, s.S.Disposition, o.S.Disposition)
	s.S.Expecting = newest(r, s.S.Expecting, o.S.Expecting)
	for _, m := range o.Moves {
		for _, v := range m.Versions {
			s.take(v.V, v.Origin)
		}
	}
	for _, c := range o.Cancels {
		s.take(c.V, c.Origin)
	}
	for _, p := range o.Shots {
		s.shot(p.V, p.Origin)
	}
	for _, no := range append([]clinical.CaseNo{o.S.Case}, o.S.Also...) {
		if no != "" && no != s.S.Case && !slices.Contains(s.S.Also, no) {
			s.S.Also = append(s.S.Also, no)
		}
	}
}
