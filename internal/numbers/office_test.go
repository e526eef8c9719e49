package numbers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// house is a journal in a folder that can be closed, copied and set back.
type house struct {
	t      testing.TB
	dir    string
	key    seal.Key
	signer note.Signer
	j      *journal.Journal
}

func newHouse(t testing.TB) *house {
	t.Helper()
	secret, _, err := seal.NewSigningKey("klinikum-nordheide")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: t.TempDir(), key: seal.NewKey()}
	if h.signer, err = note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	h.open()
	t.Cleanup(func() { _ = h.j.Close() })
	return h
}

func (h *house) open() {
	h.t.Helper()
	j, err := journal.Open(context.Background(), h.dir, h.key, h.signer, journal.Options{MinFree: -1})
	if err != nil {
		h.t.Fatal(err)
	}
	h.j = j
}

// backup closes the journal, copies its folder and opens it again.
func (h *house) backup() string {
	h.t.Helper()
	to := h.t.TempDir()
	if err := errors.Join(h.j.Close(), os.CopyFS(to, os.DirFS(h.dir))); err != nil {
		h.t.Fatal(err)
	}
	h.open()
	return to
}

// restore goes on with the copy, its old anchor included: the journal itself
// cannot know.
func (h *house) restore(copied string) {
	h.t.Helper()
	if err := h.j.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.dir = h.t.TempDir()
	if err := os.CopyFS(h.dir, os.DirFS(copied)); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

// records counts the records of numbers in the journal.
func (h *house) records() (n int) {
	h.t.Helper()
	recs, err := h.j.Read(context.Background(), 1, 1<<20)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range recs {
		if r.Kind == journal.Numbers {
			n++
		}
	}
	return n
}

func both() map[Kind]Scheme { return map[Kind]Scheme{"patient": patient, "case": cases} }

func quiet(o Options) Options {
	o.Log = slog.New(slog.DiscardHandler)
	return o
}

func (h *house) office(schemes map[Kind]Scheme, o Options) *Office {
	h.t.Helper()
	f, err := Open(context.Background(), h.j, "hub", schemes, quiet(o))
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

func next(t testing.TB, f *Office, k Kind, g *given, count int) {
	t.Helper()
	for range count {
		text, err := f.Next(context.Background(), k)
		if err != nil {
			t.Fatal(err)
		}
		g.add(t, f.schemes[k], text)
	}
}

// same draws the same place each time: what random places would hide shows.
func same(uint64) uint64 { return 0 }

func TestManyAskAtOnceAndTheHubRestarts(t *testing.T) {
	t.Parallel()
	h, g := newHouse(t), newGiven()
	var mu sync.Mutex
	dir := t.TempDir()
	for range 3 {
		f := h.office(both(), Options{Dir: dir, draw: same})
		var wg sync.WaitGroup
		for i := range 16 {
			k := Kind([]string{"patient", "case"}[i%2])
			wg.Go(func() {
				for range 300 {
					text, err := f.Next(t.Context(), k)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					g.add(t, f.schemes[k], text)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}
	if want := 3 * 16 * 300; g.total != want {
		t.Errorf("%d numbers, want %d", g.total, want)
	}
	if n := h.records(); n != 3*2*12 { // 2,400 of each kind in blocks of 200
		t.Errorf("%d records for three runs of twelve blocks of two kinds", n)
	}
}

// Two offices write into one journal, which nothing should do: the journal
// decides who has a block, and the other takes the next one.
func TestTheJournalDecidesBetweenTwoOffices(t *testing.T) {
	t.Parallel()
	h, g := newHouse(t), newGiven()
	a, b := h.office(both(), Options{Block: 10, draw: same}), h.office(both(), Options{Block: 10, draw: same})
	for range 20 {
		next(t, a, "case", g, 15)
		next(t, b, "case", g, 15)
	}
}

func TestBlocksForNodes(t *testing.T) {
	t.Parallel()
	h, g := newHouse(t), newGiven()
	f := h.office(both(), Options{Dir: t.TempDir()})
	n, err := OpenNode(t.TempDir(), "3A", both(), NodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	if _, err := n.Next("case"); !errors.Is(err, ErrEmpty) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("an empty node: %v", err)
	}
	for n.Wants("case") > 0 {
		b, err := f.Grant(t.Context(), "3A", "case")
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Take(b); err != nil {
			t.Fatal(err)
		}
		if err := n.Take(b); err != nil { // the same message came twice
			t.Fatal(err)
		}
	}
	if n.Left("case") != 600 || n.Left("patient") != 0 || n.Wants("patient") != 600 {
		t.Errorf("left %d and %d", n.Left("case"), n.Left("patient"))
	}
	next(t, f, "case", g, 300)
	for range 600 {
		text, err := n.Next("case")
		if err != nil {
			t.Fatal(err)
		}
		g.add(t, cases, text)
	}
	if _, err := n.Next("case"); !errors.Is(err, ErrEmpty) {
		t.Errorf("after the last number: %v", err)
	}
	if free := f.Left("case"); free != cases.Last()-600-300 {
		t.Errorf("left at the hub: %d", free)
	}
	b, err := f.Grant(t.Context(), "4B", "case")
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"another node's block": n.Take(b), "a kind without a scheme": n.Take(Block{Node: "3A", Kind: "order", Scheme: cases, From: 1, To: 2}),
		"another scheme":   n.Take(Block{Node: "3A", Kind: "case", Scheme: patient, From: 1, To: 2}),
		"a turned block":   n.Take(Block{Node: "3A", Kind: "case", Scheme: cases, From: 2, To: 1}),
		"a block too high": n.Take(Block{Node: "3A", Kind: "case", Scheme: cases, From: 2, To: 1e9}),
	} {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, node := range []string{"", "hub"} {
		if _, err := f.Grant(t.Context(), node, "case"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("granted to %q: %v", node, err)
		}
	}
	if _, err := f.Next(t.Context(), "order"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a kind without a scheme: %v", err)
	}
}

func TestEveryNumberOfARangeIsGivenAndThenNone(t *testing.T) {
	t.Parallel()
	h, g := newHouse(t), newGiven()
	small := map[Kind]Scheme{"order": {Prefix: "A", Digits: 4}}
	f := h.office(small, Options{Block: 600})
	for left := uint64(9999); left > 0; left-- {
		if f.Left("order") != left {
			t.Fatalf("left %d, want %d", f.Left("order"), left)
		}
		next(t, f, "order", g, 1)
	}
	for range 2 {
		if _, err := f.Next(t.Context(), "order"); !errors.Is(err, ErrUsedUp) || fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("used up: %v", err)
		}
	}
}

func TestAJournalSetBackGivesNothingTwice(t *testing.T) {
	t.Parallel()
	long := map[Kind]Scheme{"patient": {Prefix: "N", Digits: 12}}
	run := func(t *testing.T, o Options, twice bool) {
		t.Parallel()
		h, g := newHouse(t), newGiven()
		next(t, h.office(long, o), "patient", g, 500)
		copied := h.backup()
		next(t, h.office(long, o), "patient", g, 1000)
		h.restore(copied)
		f := h.office(long, o)
		for range 1000 {
			text, err := f.Next(t.Context(), "patient")
			if err != nil {
				t.Fatal(err)
			}
			n, _ := long["patient"].Parse(text)
			if p := g.pages[long["patient"]][n>>16]; p != nil && p[n>>6&1023]&(1<<(n&63)) != 0 {
				if !twice {
					t.Fatalf("%s was given twice", text)
				}
				return
			}
			g.add(t, long["patient"], text)
		}
		if twice {
			t.Error("without any protection nothing was given twice: this test proves nothing")
		}
	}
	t.Run("the witness was kept", func(t *testing.T) { run(t, Options{Dir: t.TempDir(), draw: same}, false) })
	t.Run("no witness, a random place", func(t *testing.T) { run(t, Options{}, false) })
	t.Run("neither", func(t *testing.T) { run(t, Options{draw: same}, true) })
}

// What a witness knew is in the journal after one start, so that it may be
// lost then.
func TestTheWitnessIsHeardOnce(t *testing.T) {
	t.Parallel()
	h, g, dir := newHouse(t), newGiven(), t.TempDir()
	copied := h.backup()
	next(t, h.office(both(), Options{Dir: dir, draw: same}), "case", g, 500)
	h.restore(copied)
	h.office(both(), Options{Dir: dir, draw: same})
	if h.records() != 1 {
		t.Errorf("%d records, want one for the 600 numbers of before", h.records())
	}
	h.office(both(), Options{Dir: dir, draw: same})
	if h.records() != 1 {
		t.Errorf("%d records after another start", h.records())
	}
	next(t, h.office(both(), Options{Dir: t.TempDir(), draw: same}), "case", g, 500)
}

func TestANodeTellsWhatTheJournalLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	copied := h.backup()
	f := h.office(both(), Options{draw: same})
	b, err := f.Grant(t.Context(), "3A", "case")
	if err != nil {
		t.Fatal(err)
	}
	h.restore(copied)
	f = h.office(both(), Options{draw: same})
	if err := f.Claim(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := f.Claim(t.Context(), b, b); err != nil || h.records() != 1 {
		t.Errorf("claimed again: %v, %d records", err, h.records())
	}
	c, err := f.Grant(t.Context(), "4B", "case")
	if err != nil || c.From <= b.To {
		t.Errorf("granted %+v after %+v was claimed, %v", c, b, err)
	}
	// The node comes too late: part of its block was given to another.
	h.restore(copied)
	f = h.office(both(), Options{Block: 50, draw: same})
	if _, err := f.Grant(t.Context(), "4B", "case"); err != nil {
		t.Fatal(err)
	}
	if err := f.Claim(t.Context(), b); !errors.Is(err, ErrTwice) || fault.KindOf(err) != fault.Conflict {
		t.Errorf("a block of two nodes: %v", err)
	}
	if c, err := f.Grant(t.Context(), "5C", "case"); err != nil || c.From <= b.To {
		t.Errorf("the rest of the block was not closed: %+v, %v", c, err)
	}
	if err := f.Claim(t.Context(), Block{Node: "3A"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a block that is none: %v", err)
	}
}

// A journal that fails gives no number. What may have become durable in spite
// of the error is asked for again, and is one block.
func TestAnUnknownReservationIsAskedForAgain(t *testing.T) {
	t.Parallel()
	h, g := newHouse(t), newGiven()
	f := h.office(both(), Options{draw: same})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if text, err := f.Next(gone, "case"); err == nil {
		t.Errorf("given %s without a journal", text)
	}
	f.reserving <- struct{}{}
	if _, err := f.reserve(gone, want{"hub", "case"}); err == nil {
		t.Error("reserved without a journal")
	}
	<-f.reserving
	w := want{"hub", "case"}
	b, id := f.pending[w], f.ids[w]
	body, err := event{Step: reserved, Block: b}.encode()
	if err != nil || b.To == 0 {
		t.Fatal(b, err)
	}
	// It was durable after all.
	if _, err := h.j.Append(t.Context(), journal.Record{ID: id, Kind: journal.Numbers, Source: "numbers", Body: body}); err != nil {
		t.Fatal(err)
	}
	if err := f.advance(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	next(t, f, "case", g, 200)
	if h.records() != 1 || len(f.pending) != 0 {
		t.Errorf("%d records, %d pending", h.records(), len(f.pending))
	}
	next(t, f, "case", g, 200)
	if err := h.j.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := f.Next(t.Context(), "case"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("given %s by a closed journal: %v", text, err)
	}
}

func TestADamagedStateIsReadFromTheJournalAnew(t *testing.T) {
	t.Parallel()
	h, g, dir := newHouse(t), newGiven(), t.TempDir()
	next(t, h.office(both(), Options{Dir: dir, draw: same}), "case", g, 300)
	path := filepath.Join(dir, "numbers.state")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{nil, whole[:len(whole)/2], append([]byte("x"), whole...)} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		next(t, h.office(both(), Options{Dir: dir, draw: same}), "case", g, 300)
	}
}

func TestRunFollowsAndSaves(t *testing.T) {
	t.Parallel()
	h, dir := newHouse(t), t.TempDir()
	f := h.office(both(), Options{Dir: dir})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	var last journal.Seq
	for i := range 3 {
		seq, err := h.j.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.HL7, Body: fmt.Append(nil, i)})
		if err != nil {
			t.Fatal(err)
		}
		last = seq
	}
	if err := f.advance(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	l, err := newStateFile(dir).load()
	if err != nil || l.applied != last {
		t.Errorf("saved at %v, %v, want %d", l, err, last)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	h, g := newHouse(t), newGiven()
	next(t, h.office(both(), Options{}), "patient", g, 1)
	try := func(what, node string, schemes map[Kind]Scheme, want fault.Kind, is error) {
		t.Helper()
		_, err := Open(t.Context(), h.j, node, schemes, quiet(Options{}))
		if err == nil || fault.KindOf(err) != want || is != nil && !errors.Is(err, is) {
			t.Errorf("%s: %v", what, err)
		}
	}
	try("no name", "", both(), fault.Invalid, nil)
	try("a bad scheme", "hub", map[Kind]Scheme{"case": {Digits: 2}}, fault.Invalid, nil)
	try("a kind without a name", "hub", map[Kind]Scheme{"": cases}, fault.Invalid, nil)
	try("two kinds of one scheme", "hub", map[Kind]Scheme{"case": cases, "order": cases}, fault.Invalid, ErrSchemes)
	try("mixes with one used before", "hub", map[Kind]Scheme{"case": {"N1", 7}}, fault.Invalid, ErrSchemes)
	// Two kinds that swap their prefixes go on in each other's range.
	next(t, h.office(map[Kind]Scheme{"patient": cases, "case": patient}, Options{}), "case", g, 1)
	if _, err := h.j.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.Numbers, Body: []byte(`{"v":2}`)}); err != nil {
		t.Fatal(err)
	}
	try("a newer version was here", "hub", both(), fault.Conflict, nil)
}

func BenchmarkNext(b *testing.B) {
	h := newHouse(b)
	f := h.office(map[Kind]Scheme{"case": {Prefix: "F", Digits: 12}}, Options{Dir: b.TempDir()})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := f.Next(context.Background(), "case"); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
