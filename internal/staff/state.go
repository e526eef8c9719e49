package staff

import (
	"crypto/sha256"
	"slices"
	"time"

	"notbetrieb/internal/journal"
)

const hashSize = sha256.Size

// tokenHash is what is kept of a session's token.
type tokenHash [hashSize]byte

// member is a person with what only this package may know.
type member struct {
	Person
	phc      string    // "" until a password is set: nobody can sign in
	lockedAt time.Time // begin of the lock in force
	locks    int       // locks since the last sign-in; each doubles the next
}

// seat is one open session as it is kept.
type seat struct {
	hash    tokenHash
	person  string
	id      string
	started time.Time
	expires time.Time
	used    time.Time // last use
	from    string
	glass   []Glass
}

// state is everything folded from the records of people, but the reads. It uses
// no clock and does no I/O: the same records give the same state.
type state struct {
	applied    journal.Seq
	people     map[string]*member
	seats      map[tokenHash]*seat
	bySession  map[string]*seat
	unreadable uint64              // records that are no fact of this version
	ahead      map[journal.ID]bool // facts in force whose records wait aside

	changedPeople map[string]bool    // since the last save
	changedSeats  map[tokenHash]bool // also those that are gone
	usedSeats     map[tokenHash]bool // only their last use changed: saved with the rest or once a minute
}

func newState() *state {
	return &state{
		people: make(map[string]*member), seats: make(map[tokenHash]*seat), bySession: make(map[string]*seat),
		changedPeople: make(map[string]bool), changedSeats: make(map[tokenHash]bool),
		usedSeats: make(map[tokenHash]bool), ahead: make(map[journal.ID]bool),
	}
}

// apply takes one record. Records that were applied before change nothing.
func (s *state) apply(r journal.Record) {
	if r.Seq <= s.applied {
		return
	}
	s.applied = r.Seq
	if s.ahead[r.ID] {
		delete(s.ahead, r.ID)
		return
	}
	switch r.Kind {
	case journal.Staff:
		e, err := decodeEvent(r.Body)
		if err != nil {
			s.unreadable++
			return
		}
		s.applyEvent(e)
	case journal.Read:
		rd, err := decodeRead(r.Body)
		if err != nil {
			s.unreadable++
			return
		}
		s.use(s.bySession[rd.Session], rd.Time)
	}
}

func (s *state) applyEvent(e event) {
	switch e.Type {
	case personAdded, personChanged:
		s.put(e)
	case passwordSet:
		s.password(e)
	case signedIn:
		s.signIn(e)
	case signedOut:
		s.drop(s.bySession[e.Session])
	case locked:
		if m := s.people[e.ID]; m != nil && !m.lockedAt.Equal(e.From) {
			m.lockedAt, m.LockedUntil = e.From.UTC(), e.Until.UTC()
			m.locks++
			s.changedPeople[e.ID] = true
		}
	case unlocked:
		if m := s.people[e.ID]; m != nil {
			s.unlock(m)
		}
	case glassOpened:
		if st := s.bySession[e.Session]; st != nil {
			g := Glass{Ward: e.Glass.Ward, Patient: e.Glass.Patient, Reason: e.Glass.Reason, Until: e.Glass.Until.UTC()}
			st.glass = append(slices.Clip(st.glass), g)
			s.changedSeats[st.hash] = true
		}
	}
}

// put adds or changes a person. Adding somebody who exists, or changing
// somebody who does not, is ignored: the first fact stands.
func (s *state) put(e event) {
	m, known := s.people[e.Person.ID]
	if known == (e.Type == personAdded) {
		return
	}
	p := e.Person.person()
	if !known {
		m = &member{}
		s.people[p.ID] = m
	}
	p.LockedUntil = m.LockedUntil
	m.Person = p
	s.changedPeople[p.ID] = true
	if p.Disabled {
		s.dropAll(p.ID, "")
	}
}

func (s *state) password(e event) {
	m := s.people[e.ID]
	if m == nil {
		return
	}
	m.phc, m.MustChange = e.PHC, e.Must
	s.unlock(m)
	s.dropAll(e.ID, e.Keep)
}

func (s *state) unlock(m *member) {
	m.lockedAt, m.LockedUntil, m.locks = time.Time{}, time.Time{}, 0
	s.changedPeople[m.ID] = true
}

func (s *state) signIn(e event) {
	m := s.people[e.ID]
	if m == nil || m.Disabled || s.bySession[e.Seat.ID] != nil {
		return
	}
	h := tokenHash(e.Seat.Hash)
	if s.seats[h] != nil {
		return
	}
	st := &seat{hash: h, person: e.ID, id: e.Seat.ID, started: e.Seat.Started.UTC(), expires: e.Seat.Expires.UTC(),
		used: e.Seat.Started.UTC(), from: e.Seat.From}
	s.seats[h], s.bySession[st.id] = st, st
	s.changedSeats[h] = true
	if m.locks != 0 {
		s.unlock(m)
	}
}

// use moves the last use of a session forward.
func (s *state) use(st *seat, at time.Time) {
	if st != nil && at.After(st.used) {
		st.used = at
		s.usedSeats[st.hash] = true
	}
}

func (s *state) drop(st *seat) {
	if st == nil {
		return
	}
	delete(s.seats, st.hash)
	delete(s.bySession, st.id)
	s.changedSeats[st.hash] = true
}

// dropAll ends the sessions of a person, but the one named keep.
func (s *state) dropAll(person, keep string) {
	for _, st := range s.seats {
		if st.person == person && st.id != keep {
			s.drop(st)
		}
	}
}

// session returns what the rest of the program sees of st.
func (s *state) session(st *seat, idle time.Duration) Session {
	return Session{
		ID: st.id, Person: s.people[st.person].copied(), Started: st.started, Expires: st.expires,
		Idle: st.used.Add(idle), From: st.from, Glass: slices.Clone(st.glass),
	}
}

// copied returns the person without shared slices.
func (m *member) copied() Person {
	p := m.Person
	p.Roles, p.Wards = slices.Clone(p.Roles), slices.Clone(p.Wards)
	return p
}
