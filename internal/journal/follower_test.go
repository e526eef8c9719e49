package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// tally is a fold in these tests: what the records of kind Command say, one
// after the other.
type tally struct {
	Seq   Seq
	ID    ID
	Words []string
}

func (y *tally) At() (Seq, ID) { return y.Seq, y.ID }

func (y *tally) Take(recs []Record) (acts int) {
	for _, r := range recs {
		if r.Seq <= y.Seq {
			continue
		}
		y.Seq, y.ID = r.Seq, r.ID
		if _, prune := ParsePrune(r); r.Kind == Command && !prune {
			y.Words = append(y.Words, string(r.Body))
			acts++
		}
	}
	return acts
}

func (y *tally) Bytes() ([]byte, error) { return json.Marshal(y) }

func newTally() *tally { return &tally{} }

func readTally(plain []byte) (*tally, error) {
	var y tally
	if err := json.Unmarshal(plain, &y); err != nil {
		return nil, fmt.Errorf("tally: %w", ErrLayout)
	}
	return &y, nil
}

// watched is a journal that says what was read of it.
type watched struct {
	*Journal
	mu   sync.Mutex
	from []Seq // of each reading of more than one record
}

func (w *watched) Read(ctx context.Context, from Seq, max int) ([]Record, error) {
	if max > 1 {
		w.mu.Lock()
		w.from = append(w.from, from)
		w.mu.Unlock()
	}
	return w.Journal.Read(ctx, from, max)
}

// tale is a journal and who follows it.
type tale struct {
	t       *testing.T
	k       testKeys
	j       *watched
	dir     string // of the saved state
	key     seal.Key
	now     *Memory[*tally]
	changed int
	log     bytes.Buffer
	how     Following // Acts, Records, After, Changed
}

func newTale(t *testing.T) *tale {
	s := &tale{t: t, k: keysFor(t), dir: t.TempDir(), key: seal.NewKey()}
	s.j = &watched{Journal: s.k.open(t, t.TempDir(), Options{})}
	return s
}

func (s *tale) file() *seal.File { return seal.NewFile(filepath.Join(s.dir, "tally.state"), s.key) }

// start is a start of the program.
func (s *tale) start() *Follower {
	s.t.Helper()
	s.now, s.j.from = NewMemory(newTally, readTally), nil
	f := s.how
	f.Name, f.State, f.File, f.Log = "tally", s.now, s.file(), slog.New(slog.NewTextHandler(&s.log, nil))
	if f.Changed == nil {
		f.Changed = func() { s.changed++ }
	}
	w, err := Follow(s.t.Context(), s.j, f)
	s.ok(err)
	return w
}

func (s *tale) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// say appends acts.
func (s *tale) say(words ...string) (last Seq) {
	s.t.Helper()
	for _, w := range words {
		var err error
		last, err = s.j.Append(s.t.Context(), Record{ID: NewID(), Time: time.Now(), Site: "KH", Source: "test", Kind: Command, Body: []byte(w)})
		s.ok(err)
	}
	return last
}

// chatter appends n records that are no acts.
func (s *tale) chatter(n int) {
	s.t.Helper()
	var recs []Record
	for range n {
		recs = append(recs, Record{ID: NewID(), Time: time.Now(), Site: "KH", Source: "kis", Kind: HL7, Body: []byte("MSH|^~\\&")})
	}
	_, err := s.j.AppendAll(s.t.Context(), recs)
	s.ok(err)
}

func (s *tale) heard() string {
	s.now.RLock()
	defer s.now.RUnlock()
	return strings.Join(s.now.Fold.Words, " ")
}

// saved returns where the saved state stands.
func (s *tale) saved() Seq {
	s.t.Helper()
	plain, err := s.file().Load()
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	s.ok(err)
	y, err := readTally(plain)
	s.ok(err)
	return y.Seq
}

func TestAStartGoesOnFromWhatWasSaved(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	s.say("one", "two")
	s.ok(s.start().Close())
	s.say("three")
	if s.start(); s.heard() != "one two three" || s.j.from[0] != 3 {
		t.Errorf("heard %q, read from %v", s.heard(), s.j.from)
	}
}

// TestWhatCannotBeTrustedIsFoldedAnew: the saved state is a convenience. Nothing
// that happens to it changes what follows from the journal.
func TestWhatCannotBeTrustedIsFoldedAnew(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	elsewhere := func(s *tale, words ...string) { // saved beside another journal
		o := newTale(t)
		o.dir, o.key = s.dir, s.key
		o.say(words...)
		o.ok(o.start().Close())
	}
	for _, c := range []struct {
		name  string
		harm  func(s *tale)
		log   string
		found Code
	}{
		{"nothing happens to it", func(*tale) {}, "", ""},
		{"the file is gone", func(s *tale) { s.ok(os.Remove(filepath.Join(s.dir, "tally.state"))) }, "", ""},
		{"a byte is another one", func(s *tale) {
			path := filepath.Join(s.dir, "tally.state")
			b, err := os.ReadFile(path)
			s.ok(err)
			b[len(b)/2] ^= 1
			s.ok(os.WriteFile(path, b, 0o600))
		}, "folded anew", CodeSavedDamaged},
		{"the key is another one", func(s *tale) { s.key = seal.NewKey() }, "folded anew", CodeSavedDamaged},
		{"a version before wrote it", func(s *tale) { s.ok(s.file().Store([]byte("<tally/>"))) }, "another layout", ""},
		{"the journal is an older copy", func(s *tale) { elsewhere(s, "a", "b", "c", "d", "e", "f") }, "does not fit", CodeSavedAhead},
		{"the journal is another one", func(s *tale) { elsewhere(s, "a") }, "does not fit", CodeSavedAhead},
		{"it says something else", func(s *tale) {
			y := *s.now.Fold
			y.Words = []string{"forged"}
			b, err := y.Bytes()
			s.ok(err)
			s.ok(s.file().Store(b))
		}, "-", CodeSavedDiffers},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newTale(t)
			s.say("one", "two", "three")
			s.ok(s.start().Close())
			c.harm(s)
			found, err := CheckSaved(ctx, s.j, Saved{
				Part: "tally", Of: lang.Text{DE: "der Strichliste", EN: "the tally"}, File: s.file(),
				Empty: func() State { return NewMemory(newTally, readTally) },
			})
			switch {
			case err != nil:
				t.Error(err)
			case c.found == "" && len(found) != 0, c.found != "" && (len(found) != 1 || found[0].Code != "tally"+c.found || (found[0].Err != nil) != (c.found == CodeSavedDamaged)):
				t.Errorf("the check says %+v", found)
			case c.found != "" && (!strings.HasPrefix(found[0].Text.DE, "Der gespeicherte Stand der Strichliste ") || !strings.HasPrefix(found[0].Text.EN, "The saved state of the tally ")):
				t.Errorf("the check does not say of what: %+v", found[0].Text)
			}
			if c.found == CodeSavedDiffers { // only the check sees it
				return
			}
			w := s.start()
			if s.heard() != "one two three" || !strings.Contains(s.log.String(), c.log) || c.log == "" && s.log.Len() > 0 {
				t.Errorf("heard %q; log %q", s.heard(), s.log.String())
			}
			s.ok(w.Close())
			s.log.Reset()
			if s.start(); s.heard() != "one two three" || s.log.Len() > 0 {
				t.Errorf("at the start after that: heard %q; log %q", s.heard(), s.log.String())
			}
		})
	}
}

func TestPrunedRecordsDoNotHoldAFollowerUp(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	s.say("one")
	s.chatter(3)
	s.ok(s.start().Close()) // stands at a message
	s.chatter(2)
	last := s.say("two")
	s.chatter(2)
	_, err := s.j.Prune(t.Context(), time.Now().Add(time.Hour), func(r Record) bool { return r.Kind == HL7 }, nil)
	s.ok(err)
	w := s.start()
	if s.heard() != "one two" || s.j.from[0] != 5 || s.log.Len() > 0 {
		t.Errorf("heard %q, read from %v; log %q", s.heard(), s.j.from, s.log.String())
	}
	s.ok(w.Wait(t.Context(), last+2)) // pruned before it was read
	if w.Seq() != s.j.Head() {
		t.Errorf("at %d of %d", w.Seq(), s.j.Head())
	}
}

// TestWhatCannotBeSavedIsSavedLater: a full disk costs a longer start, nothing
// else.
func TestWhatCannotBeSavedIsSavedLater(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	w := s.start()
	away := s.dir + ".away"
	s.ok(os.Rename(s.dir, away))
	s.say("one")
	if err := w.Advance(t.Context(), 0); err != nil || s.heard() != "one" || !strings.Contains(s.log.String(), "not saved") {
		t.Errorf("%v; heard %q; log %q", err, s.heard(), s.log.String())
	}
	if err := w.Close(); err == nil {
		t.Error("closing says nothing of what is not saved")
	}
	s.ok(os.Rename(away, s.dir))
	s.chatter(1)
	if s.ok(w.Advance(t.Context(), 0)); s.saved() != 2 {
		t.Errorf("saved up to %d", s.saved())
	}
}

func TestTheStateIsSavedWhenItIsDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		how  Following
		came []int // acts, and records that are none where negative
		at   []Seq // saved up to
	}{
		{"each act", Following{}, []int{-1, 1, -2, 1}, []Seq{0, 2, 2, 5}},
		{"some acts", Following{Acts: 3}, []int{2, 1, 2, 1}, []Seq{0, 3, 3, 6}},
		{"some records", Following{Records: 4}, []int{-3, -1, -3, 1}, []Seq{0, 4, 4, 8}},
		{"time alone", Following{Acts: math.MaxInt, After: time.Nanosecond}, []int{1, -1}, []Seq{1, 2}},
		{"at the end alone", Following{Acts: math.MaxInt, After: time.Hour}, []int{1, -1}, []Seq{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newTale(t)
			s.how = c.how
			w := s.start()
			for i, n := range c.came {
				for ; n > 0; n-- {
					s.say("act")
				}
				s.chatter(-n)
				if s.ok(w.Advance(t.Context(), 0)); s.saved() != c.at[i] {
					t.Errorf("after step %d saved up to %d, want %d", i, s.saved(), c.at[i])
				}
			}
			if s.ok(w.Close()); s.saved() != s.j.Head() {
				t.Errorf("in the end saved up to %d", s.saved())
			}
		})
	}
}

func TestChangedIsSaidOnceAndOnlyOfActs(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	w := s.start()
	s.chatter(3)
	if s.ok(w.Advance(t.Context(), 0)); s.changed != 0 {
		t.Errorf("%d changes where nobody acted", s.changed)
	}
	s.say("one")
	s.chatter(2 * followBatch)
	s.say("two")
	if s.ok(w.Advance(t.Context(), 0)); s.changed != 1 || s.heard() != "one two" {
		t.Errorf("%d changes; heard %q", s.changed, s.heard())
	}
}

func TestWhoWaitsForARecordThatDoesNotComeStopsWhenToldTo(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	s.say("one")
	w := s.start()
	s.ok(w.Wait(t.Context(), 1))
	if err := w.Advance(t.Context(), 2); err == nil || !strings.Contains(err.Error(), "tally: record 2 is not in the journal") {
		t.Errorf("a record that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Wait(ctx, 2); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "tally: wait for record 2") {
		t.Errorf("waiting ended with %v", err)
	}
	came := make(chan error, 1)
	go func() { came <- w.Wait(t.Context(), 2) }()
	s.say("two")
	if s.ok(<-came); s.heard() != "one two" {
		t.Errorf("heard %q", s.heard())
	}
}

// gated is a journal whose reading does not come back before it is let.
type gated struct {
	*Journal
	reading, on chan struct{}
}

func (g *gated) Read(ctx context.Context, from Seq, max int) ([]Record, error) {
	g.reading <- struct{}{}
	<-g.on
	return g.Journal.Read(ctx, from, max)
}

func TestWhoGivesUpDoesNotDisturbWhoReads(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	w := s.start()
	s.say("one")
	g := &gated{s.j.Journal, make(chan struct{}), make(chan struct{})}
	w.journal = g
	done := make(chan error, 1)
	go func() { done <- w.Advance(t.Context(), 1) }()
	<-g.reading
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Advance(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up is told %v", err)
	}
	if err := w.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("who waited is told %v", err)
	}
	close(g.on)
	if s.ok(<-done); s.heard() != "one" {
		t.Errorf("heard %q", s.heard())
	}
}

func TestRunFollowsAndSavesAtTheEnd(t *testing.T) {
	t.Parallel()
	s := newTale(t)
	came := make(chan struct{}, 1)
	s.how.Acts, s.how.Changed = math.MaxInt, func() { came <- struct{}{} }
	w := s.start()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	s.say("one")
	<-came // nobody but Run takes it in
	cancel()
	if s.ok(<-done); s.heard() != "one" || s.saved() != 1 {
		t.Errorf("heard %q, saved up to %d", s.heard(), s.saved())
	}
}
