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
	Cancels []Version[clinical.Movement] // cancels that name no movement, or not certainly
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
	case m.Action == clinical.Cancel && (m.ID == "" || m.OwnID):
		s.Cancels = addStatement(s.Cancels, v)
	default:
		i := slices.IndexFunc(s.Moves, func(mv move) bool {
			return slices.ContainsFunc(mv.Versions, func(v Version[clinical.Movement]) bool { return sameMove(&v.V, &m) })
		})
		if i < 0 && o.Feed != Here {
			i = s.echoed(&m)
		}
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
func (m *move) item() active {
	var it Item[clinical.Movement]
	historic, said := true, false
	var inserted time.Time
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
		if said && it.Origin.Feed == Here && v.Origin.Feed != Here && sameMovement(&it.V, &v.V) {
			it.hear(v.Origin, v.V.ID)
			historic = historic && v.V.Historic
			continue
		}
		if said {
			it.Was = slices.Insert(it.Was, 0, Version[clinical.Movement]{V: it.V, Origin: it.Origin})
		}
		it.V, it.Origin, it.Back, said = v.V, v.Origin, Echo{}, true
		historic = historic && v.V.Historic
		if v.V.Action == clinical.Insert {
			inserted = when(v.Origin)
		}
	}
	if !said {
		historic = it.V.Historic
	}
	a := active{Item: it, historic: historic, said: said, first: when(m.Versions[0].Origin), insert: inserted}
	if cancel != nil && !(said && anew(it.Origin, *cancel)) {
		a.takeBack(*cancel)
	}
	return a
}

// anew reports whether a movement was stated again after its cancel.
func anew(stated, cancel clinical.Origin) bool {
	return !cancel.Sent.IsZero() && !stated.Sent.IsZero() && stated.Sent.After(cancel.Sent)
}

// active is a movement in the walk.
type active struct {
	Item[clinical.Movement]
	historic bool
	said     bool      // stated, and not only cancelled
	void     bool      // the admission that it followed was called off after it was stated
	first    time.Time // when it was first stated
	insert   time.Time // when it was last stated as new, and not only corrected
	off      time.Time // when it was cancelled
}

func (a *active) takeBack(by clinical.Origin) { a.Cancelled, a.off = true, when(by) }

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
	list, _ := s.sorted()
	return list
}

// sorted also returns the cancels that took nothing back.
func (s *stay) sorted() (list []active, idle []Version[clinical.Movement]) {
	list = make([]active, 0, len(s.Moves))
	for i := range s.Moves {
		list = append(list, s.Moves[i].item())
	}
	slices.SortFunc(list, func(a, b active) int {
		return cmp.Or(a.start().Compare(b.start()), cmp.Compare(step(a.V.Kind), step(b.V.Kind)),
			a.first.Compare(b.first), natural(a.V.ID, b.V.ID), cmp.Compare(a.V.To.Ward+a.V.To.Room+a.V.To.Bed, b.V.To.Ward+b.V.To.Room+b.V.To.Bed))
	})
	for i := range s.Cancels {
		c := &s.Cancels[i]
		if at := named(list, c); at >= 0 {
			if !anew(list[at].Origin, c.Origin) {
				list[at].takeBack(c.Origin)
			}
			continue
		}
		if s.repeats(i) {
			continue
		}
		if at := fitting(list, c); at >= 0 {
			list[at].takeBack(c.Origin)
		} else {
			idle = append(idle, *c)
		}
	}
	callOff(list, idle)
	return list, idle
}

// repeats reports whether cancel i was sent before: one with a number is one
// cancel, however often it is sent again.
func (s *stay) repeats(i int) bool {
	no := s.Cancels[i].V.ID
	return no != "" && slices.ContainsFunc(s.Cancels[:i], func(v Version[clinical.Movement]) bool { return v.V.ID == no })
}

// named returns the movement that has the number of the cancel, -1 if none has:
// then the number is the cancel's own.
func named(list []active, c *Version[clinical.Movement]) int {
	if c.V.ID == "" {
		return -1
	}
	return slices.IndexFunc(list, func(a active) bool { return a.said && a.V.ID == c.V.ID && fits(c.V.Kind, a.V.Kind) })
}

// callOff takes out of effect what followed a cancelled admission: A11 calls the
// whole stay off, and not only its first movement. What was stated after the
// cancel counts, and so does what stands behind another admission. A plan is
// older than the admission and stays.
func callOff(list []active, idle []Version[clinical.Movement]) {
	var alone, off time.Time // newest cancel of an admission that is not known; of any
	for i := range idle {
		if begins(idle[i].V.Kind) {
			alone = latest(alone, when(idle[i].Origin))
		}
	}
	off = alone
	for i := range list {
		if a := &list[i]; a.Cancelled && begins(a.V.Kind) {
			off = latest(off, a.off)
		}
	}
	for i := range list {
		switch a := &list[i]; {
		case begins(a.V.Kind) && a.Cancelled:
			off = latest(alone, a.off)
		case begins(a.V.Kind):
			off = time.Time{}
		case a.V.Kind != clinical.PlanAdmission:
			a.void = !a.Cancelled && !off.IsZero() && !when(a.Origin).After(off)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// calledOff reports whether an admission of the stay was cancelled and none is
// in force.
func (s *stay) calledOff() bool {
	some := slices.ContainsFunc(s.Cancels, func(v Version[clinical.Movement]) bool { return begins(v.V.Kind) })
	for i := range s.Moves {
		some = some || slices.ContainsFunc(s.Moves[i].Versions, func(v Version[clinical.Movement]) bool {
			return v.V.Action == clinical.Cancel && begins(v.V.Kind)
		})
	}
	return some && !slices.ContainsFunc(s.movements(), func(a active) bool { return begins(a.V.Kind) && !a.Cancelled })
}

// disputed reports whether the stay was called off and the patient is there
// nevertheless, by something that was said later.
func (s *stay) disputed(r rules) bool {
	if !s.calledOff() {
		return false
	}
	state := s.public(r).State
	return state == Present || state == Away
}

// unfit reports whether a cancel that was taken found nothing to take back, so
// that a person has to look. A cancel of the admission needs none if the stay
// is called off.
func (s *stay) unfit(r rules, m *clinical.Movement) bool {
	if m.Action != clinical.Cancel || m.ID != "" && !m.OwnID || len(s.Moves) == 0 && !m.OwnID {
		return false
	}
	_, idle := s.sorted()
	return slices.ContainsFunc(idle, func(v Version[clinical.Movement]) bool { return equal(&v.V, m) }) &&
		(!begins(m.Kind) || s.public(r).State != CalledOff)
}

// fitting returns the movement that a cancel without a number means: the newest
// one of its kind that was stated before it and not inserted anew since, the one
// with its start first; -1 if none is known yet.
func fitting(list []active, c *Version[clinical.Movement]) int {
	best := -1
	for i := range list {
		a := &list[i]
		if a.Cancelled || !fits(c.V.Kind, a.V.Kind) || a.first.After(when(c.Origin)) || a.insert.After(when(c.Origin)) {
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
	return cancel == kind || begins(cancel) && begins(kind)
}

// begins reports whether a movement of this kind begins a stay.
func begins(k clinical.MovementKind) bool { return k == clinical.Admission || k == clinical.Visit }

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
