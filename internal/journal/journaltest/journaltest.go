// Package journaltest holds what the tests of packages on the journal share: a
// journal on disk, its keys, a clock that the test moves, and the look at a
// refusal.
package journaltest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Signer returns a fresh signing key, and the public one that checks it.
func Signer(t testing.TB) (s note.Signer, public string) {
	t.Helper()
	secret, public, err := seal.NewSigningKey("klinikum-nordheide")
	if err != nil {
		t.Fatal(err)
	}
	if s, err = note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	return s, public
}

// Open opens an empty journal with keys of its own, until the test ends.
func Open(t testing.TB, o journal.Options) *journal.Journal {
	t.Helper()
	signer, _ := Signer(t)
	return OpenSigned(t, signer, o)
}

// OpenSigned is Open with a signing key that the test knows.
func OpenSigned(t testing.TB, s note.Signer, o journal.Options) *journal.Journal {
	t.Helper()
	o.MinFree = -1
	j, err := journal.Open(t.Context(), t.TempDir(), seal.NewKey(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// Clock is the time of a story. It stands still until the test moves it, and may
// be read by many goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// At returns a clock that stands at now.
func At(now time.Time) *Clock { return &Clock{now: now} }

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves the clock on by d.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set sets the clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Refused checks that err is of the kind, that its German sentence says the
// words, and that its text for the log names nobody: in tests, people are called
// "Fr. …".
func Refused(t testing.TB, what string, err error, kind fault.Kind, words ...string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("%s: got %v, want kind %d", what, err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(fault.Say(err).DE, w) {
			t.Errorf("%s: %q does not say %q", what, fault.Say(err).DE, w)
		}
	}
	if strings.Contains(err.Error(), "Fr. ") {
		t.Errorf("%s: the error for the log names a person: %v", what, err)
	}
}
