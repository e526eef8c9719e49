package staff

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// tokenSize is the length of a session's token in bytes of randomness.
const tokenSize = 32

// clockSlack is how far the clock may run back before what depends on it is
// given up: a session that seems to begin in the future ends, a lock that does
// is void.
const clockSlack = 5 * time.Minute

func errSignIn() error {
	return fault.Newf(fault.Unsigned, lang.Text{
		DE: "Name oder Passwort stimmt nicht.",
		EN: "Name or password is wrong.",
	}, "sign-in: refused")
}

func errUnsigned() error {
	return fault.Newf(fault.Unsigned, lang.Text{
		DE: "Die Anmeldung ist abgelaufen. Bitte neu anmelden.",
		EN: "The session has ended. Please sign in again.",
	}, "session: none")
}

func minutes(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// SignIn checks name and password and opens a session. The token is given out
// once and never stored. from is the address of the client, with or without
// port.
//
// A wrong password, an unknown name and a disabled person get the same answer
// after the same work (fault.Unsigned). After [Options.Wrong] wrong passwords
// the name is locked (fault.Forbidden), each time twice as long; too many
// attempts from one address or for one name at once are fault.Unavailable.
func (b *Book) SignIn(ctx context.Context, id, password, from string) (token string, s Session, err error) {
	id = strings.ToLower(strings.TrimSpace(id))
	if len(id) > maxIDLen {
		id = id[:maxIDLen] // no such person; keeps what the guard remembers small
	}
	m, err := b.verify(ctx, id, password, from)
	if err != nil {
		return "", Session{}, err
	}
	return b.seatFor(ctx, m, from)
}

// verify returns the person whose password it is.
func (b *Book) verify(ctx context.Context, id, password, from string) (member, error) {
	now := b.o.Now()
	m, known := b.look(id)
	if known && m.lockHolds(now) {
		return member{}, errLocked(m.LockedUntil, now)
	}
	if err := b.guard.begin(id, from, now); err != nil {
		return member{}, err
	}
	if m, known = b.look(id); known && m.lockHolds(now) { // since the first look
		b.guard.cancel(id)
		return member{}, errLocked(m.LockedUntil, now)
	}
	stored := m.phc
	able := known && !m.Disabled && m.phc != ""
	if !able {
		stored = b.dummy
	}
	if len(password) > maxPassword {
		password = "" // cannot be anybody's
	}
	release, err := b.slot(ctx)
	if err != nil {
		b.guard.cancel(id)
		return member{}, err
	}
	right, err := checkPassword(password, stored)
	release()
	if err != nil {
		b.guard.cancel(id)
		return member{}, fmt.Errorf("sign-in: %w", err)
	}
	now = b.o.Now()
	lock := b.guard.end(id, from, right && able, known && !m.Disabled, m.locks, now)
	if right && able {
		return m, nil
	}
	if lock == 0 {
		return member{}, errSignIn()
	}
	if known && !m.Disabled {
		_, err := b.record(ctx, event{Type: locked, ID: id, From: now.UTC(), Until: now.Add(lock).UTC()})
		if err != nil {
			return member{}, err
		}
		b.guard.locked(id)
		b.o.Log.WarnContext(ctx, "person locked after wrong passwords", "person", id, "from", hostOf(from), "for", lock)
	}
	return member{}, errLocked(now.Add(lock), now)
}

// look returns a copy of the member, so that it can be used without the lock.
func (b *Book) look(id string) (member, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	m := b.state.people[id]
	if m == nil {
		return member{}, false
	}
	c := *m
	c.Person = m.copied()
	return c, true
}

// lockHolds reports whether the person is locked now. A lock that begins in the
// future was made before the clock was set back: it is void, so that nobody
// stays locked out for a year.
func (m member) lockHolds(now time.Time) bool {
	return now.Before(m.LockedUntil) && !now.Add(clockSlack).Before(m.lockedAt)
}

// seatFor opens a session for who was verified.
func (b *Book) seatFor(ctx context.Context, was member, from string) (string, Session, error) {
	var raw [tokenSize + 10]byte
	_, _ = rand.Read(raw[:]) // never fails: see crypto/rand
	token := base64.RawURLEncoding.EncodeToString(raw[:tokenSize])
	hash := hashOf(token)
	now := b.o.Now().UTC()
	f := seatFact{
		ID:   strings.ToLower(base32.StdEncoding.EncodeToString(raw[tokenSize:])),
		Hash: hash[:], Started: now, Expires: now.Add(b.o.Absolute), From: clip(from, 100),
	}
	if _, err := b.record(ctx, event{Type: signedIn, ID: was.ID, Seat: &f}); err != nil {
		return "", Session{}, err
	}
	if s, ok := b.seated(hash, was.phc); ok {
		return token, s, nil
	}
	// While the password was checked it was changed, or the person disabled.
	if err := b.SignOut(ctx, token); err != nil {
		return "", Session{}, err
	}
	return "", Session{}, errSignIn()
}

// seated returns the session of a token if the password is still that of phc.
func (b *Book) seated(hash tokenHash, phc string) (Session, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	st := b.state.seats[hash]
	if st == nil || b.state.people[st.person].phc != phc {
		return Session{}, false
	}
	return b.state.session(st, b.o.Idle), true
}

func hashOf(token string) tokenHash { return sha256.Sum256([]byte(token)) }

// Session returns the session of a token and counts as its use. A token that
// is unknown, signed out, unused for [Options.Idle] or older than
// [Options.Absolute] is fault.Unsigned. The person is as of now: a changed role
// holds from the next page.
func (b *Book) Session(_ context.Context, token string) (Session, error) {
	return b.session(token, true)
}

// Peek is [Book.Session] without counting as a use: it keeps no session from
// ending.
func (b *Book) Peek(_ context.Context, token string) (Session, error) { return b.session(token, false) }

func (b *Book) session(token string, use bool) (Session, error) {
	now := b.o.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	st := b.state.seats[hashOf(token)]
	if st == nil || b.ended(st, now) {
		return Session{}, errUnsigned()
	}
	m := b.state.people[st.person]
	if m == nil || m.Disabled {
		return Session{}, errUnsigned()
	}
	if use && now.Sub(st.used).Abs() > time.Second { // also back, if the clock was set back
		st.used = now.Round(0).UTC()
		b.state.usedSeats[st.hash] = true
	}
	return b.state.session(st, b.o.Idle), nil
}

// Sessions returns the open sessions, oldest first.
func (b *Book) Sessions() []Session {
	now := b.o.Now()
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []Session
	for _, st := range b.state.seats {
		if !b.ended(st, now) {
			out = append(out, b.state.session(st, b.o.Idle))
		}
	}
	slices.SortFunc(out, func(x, y Session) int {
		return cmp.Or(x.Started.Compare(y.Started), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// ended reports whether the session ran out. If the clock was set back to
// before its begin, its true age is unknown and it ends too.
func (b *Book) ended(st *seat, now time.Time) bool {
	return !now.Before(st.expires) || !now.Before(st.used.Add(b.o.Idle)) || now.Add(clockSlack).Before(st.started)
}

// SignOut ends the session of a token. A token without a session is no error.
func (b *Book) SignOut(ctx context.Context, token string) error {
	b.mu.RLock()
	st := b.state.seats[hashOf(token)]
	b.mu.RUnlock()
	if st == nil {
		return nil
	}
	_, err := b.record(ctx, event{Type: signedOut, Session: st.id, ID: st.person, By: st.person})
	return err
}

// record appends one fact and returns when it is durable and folded. What
// reading needs may wait aside while the journal cannot be written; it is in
// force at once and the Seq is 0.
func (b *Book) record(ctx context.Context, e event) (journal.Seq, error) {
	e.Late = false
	body, err := e.encode()
	if err != nil {
		return 0, err
	}
	var late []byte
	if e.mayWait() {
		e.Late = true
		if late, err = e.encode(); err != nil {
			return 0, err
		}
	}
	seq, err := b.append(ctx, journal.Record{
		ID: journal.NewID(), Time: b.o.Now().UTC(), Site: b.o.Site, Source: "staff", Kind: journal.Staff, Body: body,
	}, late, &e)
	if err != nil {
		return 0, fmt.Errorf("staff %s: %w", e.Type, err)
	}
	if seq == 0 {
		return 0, nil
	}
	return seq, b.advance(ctx, seq)
}

// mayWait reports whether the fact belongs to signing in and reading. People,
// roles and passwords are changed only where the journal says so.
func (e event) mayWait() bool {
	switch e.Type {
	case signedIn, signedOut, locked, glassOpened:
		return true
	case personAdded, personChanged, passwordSet, unlocked:
	}
	return false
}

// clip cuts s to at most n bytes at the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
