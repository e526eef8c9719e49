package staff

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/journal/journaltest"
)

// wrong tries n wrong passwords and returns the last error.
func (h *house) wrong(id string, n int, from string) (err error) {
	for range n {
		_, _, err = h.SignIn(h.t.Context(), id, "ganz sicher falsch", from)
	}
	return err
}

func TestLockout(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	refused(t, "fourth wrong password", h.wrong("s.weber", 4, "10.3.1.7"), fault.Unsigned)
	h.signIn("s.weber", weberPassword)
	refused(t, "four more after a right one", h.wrong("s.weber", 4, "10.3.1.7"), fault.Unsigned)
	refused(t, "fifth wrong password", h.wrong("s.weber", 1, "10.3.1.7"), fault.Forbidden)
	_, _, err := h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	refused(t, "right password while locked", err, fault.Forbidden)
	h.restart()
	_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	refused(t, "right password while locked, after a restart", err, fault.Forbidden)
	h.clock.step(15 * time.Minute)
	refused(t, "five wrong after the lock", h.wrong("s.weber", 5, "10.3.1.7"), fault.Forbidden)
	h.clock.step(29 * time.Minute)
	_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	refused(t, "the second lock is twice as long", err, fault.Forbidden)
	h.clock.step(time.Minute)
	h.signIn("s.weber", weberPassword)
	if p, _ := h.Person("s.weber"); !p.LockedUntil.IsZero() {
		t.Error("the lock still shows after a sign-in")
	}
}

func TestLockOfAnUnknownNameLooksTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	h.must(h.Disable(t.Context(), Console(), "lange"))
	for range 3 {
		for n := range 6 {
			texts := make(map[string]bool)
			for i, id := range []string{"s.weber", "niemand", "lange"} {
				err := h.wrong(id, 1, fmt.Sprintf("10.3.2.%d", i))
				texts[fmt.Sprint(fault.KindOf(err), fault.Say(err))] = true
			}
			if len(texts) != 1 {
				t.Errorf("attempt %d tells who exists: %v", n+1, texts)
			}
		}
		h.clock.step(5 * time.Hour)
	}
}

func TestLockIsLifted(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	it, _ := h.Person("krueger")
	h.wrong("s.weber", 5, "10.3.1.7")
	h.must(h.Unlock(t.Context(), it, "s.weber"))
	h.signIn("s.weber", weberPassword)
	h.wrong("s.weber", 5, "10.3.1.7")
	h.clock.step(-365 * 24 * time.Hour) // the clock was a year fast
	h.signIn("s.weber", weberPassword)
}

func TestLockGrowsOnlySoFar(t *testing.T) {
	t.Parallel()
	o := Options{}.withDefaults()
	for before, want := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour} {
		if got := o.lockFor(before); got != want {
			t.Errorf("lock after %d: %s, want %s", before, got, want)
		}
	}
	if got := o.lockFor(1 << 30); got != o.LockMost {
		t.Errorf("lock after very many: %s", got)
	}
}

func TestOneAddressIsSlowedDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	var err error
	for i := range 20 {
		err = h.wrong(fmt.Sprintf("name%d", i), 1, "[2001:db8:1:2::1]:1000")
		refused(t, "within the budget", err, fault.Unsigned)
	}
	refused(t, "over the budget", h.wrong("name77", 1, "[2001:db8:1:2::99]:7"), fault.Unavailable)
	_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	h.must(err) // other addresses go on
	h.clock.step(6 * time.Second)
	_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "[2001:db8:1:2::1]:5")
	h.must(err)
	for range 40 { // a terminal server at the change of shifts
		_, _, err = h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.8")
		h.must(err)
	}
}

func TestManyAtOnceDoNotGuessMore(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{}).staffed()
	var wg sync.WaitGroup
	var mu sync.Mutex
	kinds := make(map[fault.Kind]int)
	for i := range 200 {
		wg.Go(func() {
			_, _, err := h.SignIn(t.Context(), "s.weber", fmt.Sprintf("geraten %d", i), fmt.Sprintf("10.9.%d.1", i))
			mu.Lock()
			defer mu.Unlock()
			kinds[fault.KindOf(err)]++
		})
	}
	wg.Wait()
	if kinds[fault.Unsigned] > 4 {
		t.Errorf("%d guesses were answered, want at most 4 and a lock: %v", kinds[fault.Unsigned], kinds)
	}
}

func TestConcurrentSignIn(t *testing.T) {
	t.Parallel()
	h := houseOn(t, journaltest.Open(t, journal.Options{}), Options{}).staffed()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	var wg sync.WaitGroup
	tokens := make(chan string, 64)
	for i := range 60 {
		id, password := "lange", langePassword
		if i%2 == 0 {
			id, password = "krueger", langePassword
		}
		wg.Go(func() {
			for { // a few wait for a free place at one name: they ask again
				token, _, err := h.SignIn(ctx, id, password, fmt.Sprintf("10.9.0.%d", i))
				if fault.KindOf(err) == fault.Unavailable && err != nil {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				tokens <- token
				return
			}
		})
	}
	wg.Wait()
	close(tokens)
	seen := make(map[string]bool)
	for token := range tokens {
		s, err := h.Session(ctx, token)
		if err != nil || seen[token] || seen[s.ID] {
			t.Errorf("token or session twice, or none: %v", err)
		}
		seen[token], seen[s.ID] = true, true
	}
	stop()
	h.must(<-done)
	if len(seen) != 120 {
		t.Errorf("%d tokens and sessions, want 120", len(seen))
	}
}

func TestFullDiskGivesNoSession(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := houseOn(t, m, Options{}).staffed()
	m.fail = errors.New("disk full")
	if token, _, err := h.SignIn(t.Context(), "s.weber", weberPassword, "10.3.1.7"); err == nil || token != "" {
		t.Errorf("token %q, error %v", token, err)
	}
	if _, err := h.RecordRead(t.Context(), Read{Person: "s.weber", Page: "ward"}); err == nil {
		t.Error("a read that is not durable was let through")
	}
	m.fail = nil
	h.signIn("s.weber", weberPassword)
	if n := m.count(journal.Read); n != 0 {
		t.Errorf("%d reads recorded", n)
	}
}

// TestPasswordChangedWhileItIsChecked lets a new password arrive between the
// check of the old one and the record of the session.
func TestPasswordChangedWhileItIsChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	was, err := h.verify(t.Context(), "s.weber", weberPassword, "10.3.1.7")
	h.must(err)
	h.must(h.SetPassword(t.Context(), Console(), "s.weber", "Kutsche Nebel Zange"))
	token, _, err := h.seatFor(t.Context(), was, "10.3.1.7")
	refused(t, "session of the old password", err, fault.Unsigned)
	if token != "" || len(h.state.seats) != 0 {
		t.Errorf("token %q, %d sessions", token, len(h.state.seats))
	}
}

func TestBrokenStoreKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t).staffed()
	if _, err := h.store.db.Exec(`DROP TABLE at; DROP TABLE read`); err != nil {
		t.Fatal(err)
	}
	token, s := h.signIn("s.weber", weberPassword)
	_, err := h.RecordRead(t.Context(), Read{Person: "s.weber", Session: s.ID, Page: "ward", Ward: "3A"})
	h.must(err)
	if _, err := h.Session(t.Context(), token); err != nil {
		t.Errorf("session: %v", err)
	}
	if _, err := h.Reads(t.Context(), ReadFilter{}); err == nil {
		t.Error("the audit answers from a broken store")
	}
	_ = h.Close()
	h.start() // folded anew
	if _, err := h.Session(t.Context(), token); err != nil {
		t.Errorf("session after the repair: %v", err)
	}
	if r, err := h.Reads(t.Context(), ReadFilter{}); err != nil || len(r) != 1 {
		t.Errorf("reads after the repair: %v, %v", r, err)
	}
}

func TestGuardForgets(t *testing.T) {
	t.Parallel()
	g := newGuard(Options{}.withDefaults())
	now := time.Date(2026, 11, 19, 2, 0, 0, 0, time.UTC)
	for i := range maxGuarded + 5000 {
		name, from := fmt.Sprintf("n%d", i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)
		if err := g.begin(name, from, now); err != nil {
			t.Fatal(err)
		}
		g.end(name, from, false, false, 0, now)
	}
	if len(g.names) > maxGuarded || len(g.hosts) > maxGuarded {
		t.Errorf("%d names and %d addresses kept", len(g.names), len(g.hosts))
	}
	g.prune(now.Add(time.Hour))
	if len(g.names)+len(g.hosts) != 0 {
		t.Errorf("%d names and %d addresses kept after an hour", len(g.names), len(g.hosts))
	}
}
