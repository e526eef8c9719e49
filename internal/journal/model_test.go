package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
)

func TestWhatTheJournalCannotTakeIsRefused(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	j := k.open(t, t.TempDir(), Options{MaxBody: 2000})
	good := Record{ID: NewID(), Kind: Entry}
	with := func(fn func(*Record)) Record {
		r := good
		fn(&r)
		return r
	}
	tests := []struct {
		name string
		r    Record
		want fault.Kind
	}{
		{"no ID", with(func(r *Record) { r.ID = ID{} }), fault.Invalid},
		{"no kind", with(func(r *Record) { r.Kind = "" }), fault.Invalid},
		{"too large", with(func(r *Record) { r.Body = make([]byte, 2001) }), fault.Invalid},
		{"a word too long", with(func(r *Record) { r.Ward = strings.Repeat("x", maxWord+1) }), fault.Invalid},
	}
	for _, tt := range tests {
		if _, err := j.Append(ctx, tt.r); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if j.Head() != 0 {
		t.Errorf("head %d, want 0", j.Head())
	}
	if s, err := j.Append(ctx, with(func(r *Record) { r.Body = make([]byte, 2000) })); err != nil || s != 1 {
		t.Errorf("just fits: %d, %v", s, err)
	}
	if _, err := j.Get(ctx, 2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("get 2: %v", err)
	}
	if _, err := j.Get(ctx, 0); fault.KindOf(err) != fault.NotFound {
		t.Errorf("get 0: %v", err)
	}
	if got, err := j.AppendAll(ctx, nil); err != nil || got != nil {
		t.Errorf("nothing: %v %v", got, err)
	}
	if got, err := j.Read(ctx, 0, 10); err != nil || len(got) != 1 {
		t.Errorf("read from 0: %d, %v", len(got), err)
	}
	if got, err := j.Read(ctx, 9, 10); err != nil || len(got) != 0 {
		t.Errorf("read behind the head: %d, %v", len(got), err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := j.Append(canceled, adt(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	closeJournal(t, j)
	if _, err := j.Append(ctx, adt(1)); !errors.Is(err, ErrClosed) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("closed: %v", err)
	}
	if _, err := j.Get(ctx, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("get after close: %v", err)
	}
	closeJournal(t, j)
}

func TestAMessageOfManyMegabytesComesBack(t *testing.T) {
	t.Parallel()
	k, ctx, dir := keysFor(t), context.Background(), t.TempDir()
	j := k.open(t, dir, Options{})
	rng := rand.New(rand.NewPCG(5, 6))
	body := make([]byte, 24<<20) // a scanned document, does not compress
	for i := 0; i < len(body); i += 8 {
		binary.LittleEndian.PutUint64(body[i:], rng.Uint64())
	}
	recs := []Record{adt(1), {ID: NewID(), Kind: File, Body: body}, adt(2)}
	if _, err := j.AppendAll(ctx, recs); err != nil {
		t.Fatal(err)
	}
	got, err := j.Read(ctx, 1, 10)
	if err != nil || len(got) != 3 || string(got[1].Body) != string(body) || string(got[2].Body) != string(recs[2].Body) {
		t.Fatalf("got %d records, %v", len(got), err)
	}
	closeJournal(t, j)
	k.sound(t, dir)
}

func TestOneOfManyRepeatsIsStored(t *testing.T) {
	t.Parallel()
	k, ctx, dir := keysFor(t), context.Background(), t.TempDir()
	j := k.open(t, dir, Options{})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if s, err := j.Append(ctx, adt(5)); err != nil || s != 1 {
				t.Errorf("got %d, %v", s, err)
			}
		})
	}
	wg.Wait()
	seqs, err := j.AppendAll(ctx, []Record{adt(6), adt(5), adt(6), adt(7)})
	if err != nil || !reflect.DeepEqual(seqs, []Seq{2, 1, 2, 3}) {
		t.Errorf("repeats in one call: %v, %v", seqs, err)
	}
	closeJournal(t, j)
	k.sound(t, dir)
}

// TestRandomLivesEqualAModel appends, repeats, reads, prunes and reopens at
// random and compares with a slice.
func TestRandomLivesEqualAModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			m := &model{t: t, rng: rand.New(rand.NewPCG(seed, 1)), k: keysFor(t), dir: t.TempDir(), at: map[ID]Seq{}}
			m.open()
			for range 120 {
				m.step()
			}
			closeJournal(t, m.j)
			m.k.sound(t, m.dir)
		})
	}
}

type model struct {
	t      *testing.T
	rng    *rand.Rand
	k      testKeys
	dir    string
	j      *Journal
	recs   []Record // by Seq-1
	pruned map[Seq]bool
	at     map[ID]Seq
	clock  int
}

func (m *model) open() {
	m.j = m.k.open(m.t, m.dir, Options{
		BatchMax: 1 + m.rng.IntN(40),
		Now:      func() time.Time { return time.Unix(1_795_000_000+int64(m.clock), 0) },
	})
	if m.pruned == nil {
		m.pruned = map[Seq]bool{}
	}
}

func (m *model) step() {
	ctx := context.Background()
	switch m.rng.IntN(10) {
	case 0:
		closeJournal(m.t, m.j)
		m.open()
	case 1:
		m.prune()
	case 2, 3, 4:
		from, n := Seq(m.rng.IntN(len(m.recs)+3)), m.rng.IntN(60)
		got, err := m.j.Read(ctx, from, n)
		if err != nil {
			m.t.Fatal(err)
		}
		m.compare(got, from, n)
	case 5:
		if len(m.recs) > 0 {
			s := Seq(m.rng.IntN(len(m.recs)) + 1)
			r, err := m.j.Get(ctx, s)
			if m.pruned[s] != errors.Is(err, ErrPruned) || !m.pruned[s] && !same(r, m.recs[s-1]) {
				m.t.Fatalf("get %d: %v (pruned: %v)", s, err, m.pruned[s])
			}
		}
	default:
		m.append()
	}
	if int(m.j.Head()) != len(m.recs) {
		m.t.Fatalf("head %d, want %d", m.j.Head(), len(m.recs))
	}
}

func (m *model) append() {
	recs := make([]Record, 1+m.rng.IntN(30))
	for i := range recs {
		m.clock++
		recs[i] = adt(m.clock)
		recs[i].Received = time.Unix(1_795_000_000+int64(m.clock), 17)
		switch {
		case len(m.recs) > 0 && m.rng.IntN(5) == 0:
			recs[i] = m.recs[m.rng.IntN(len(m.recs))]
		case m.rng.IntN(9) == 0:
			recs[i].Time, recs[i].Patient, recs[i].Ward, recs[i].Body = time.Time{}, "", "", nil
		}
	}
	got, err := m.j.AppendAll(context.Background(), recs)
	if err != nil {
		m.t.Fatal(err)
	}
	for i, r := range recs {
		want, known := m.at[r.ID]
		if !known {
			r.Seq = Seq(len(m.recs) + 1)
			m.recs = append(m.recs, r)
			m.at[r.ID], want = r.Seq, r.Seq
		}
		if got[i] != want {
			m.t.Fatalf("got Seq %d, want %d", got[i], want)
		}
	}
}

func (m *model) prune() {
	m.clock++
	before := time.Unix(1_795_000_000+int64(m.rng.IntN(m.clock)), 0)
	mod := Seq(2 + m.rng.IntN(3))
	var want uint64
	for i := range m.recs {
		r := &m.recs[i]
		if _, mine := ParsePrune(*r); !mine && r.Received.Before(before) && r.Seq%mod == 0 && !m.pruned[r.Seq] {
			m.pruned[r.Seq] = true
			want++
		}
	}
	p, err := m.j.Prune(context.Background(), before, func(r Record) bool { return r.Seq%mod == 0 }, nil)
	if err != nil || p.Count != want {
		m.t.Fatalf("pruned %d, %v; want %d", p.Count, err, want)
	}
	if want == 0 {
		return
	}
	r, err := m.j.Get(context.Background(), p.Command)
	if err != nil {
		m.t.Fatal(err)
	}
	if q, ok := ParsePrune(r); !ok || q != p {
		m.t.Fatalf("the prune record says %+v, want %+v", q, p)
	}
	m.recs = append(m.recs, r)
	m.at[r.ID] = r.Seq
}

func (m *model) compare(got []Record, from Seq, n int) {
	m.t.Helper()
	i := 0
	for s := max(from, 1); int(s) <= len(m.recs) && i < n; s++ {
		if m.pruned[s] {
			continue
		}
		if i >= len(got) || !same(got[i], m.recs[s-1]) {
			m.t.Fatalf("read from %d, %d: place %d differs", from, n, i)
		}
		i++
	}
	if i != len(got) {
		m.t.Fatalf("read from %d, %d: got %d records, want %d", from, n, len(got), i)
	}
}

func same(a, b Record) bool {
	return a.Seq == b.Seq && a.ID == b.ID && a.Time.Equal(b.Time) && a.Received.Equal(b.Received) && a.Site == b.Site &&
		a.Source == b.Source && a.Kind == b.Kind && a.Patient == b.Patient && a.Ward == b.Ward && string(a.Body) == string(b.Body)
}

func TestFollowSeesEveryRecordOnceAndEndsWithTheJournal(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	j := k.open(t, t.TempDir(), Options{})
	appendBatch(t, j, 0, 20)
	if _, err := j.Prune(ctx, time.Now().Add(time.Hour), func(r Record) bool { return r.Seq > 10 && r.Seq <= 20 }, nil); err != nil {
		t.Fatal(err)
	}
	go func() {
		for n := range 40 {
			appendBatch(t, j, 100+n*3, 3)
		}
		_ = j.Close()
	}()
	var got []Seq
	var end error
	for r, err := range j.Follow(ctx, 0) {
		if end = err; err == nil {
			got = append(got, r.Seq)
		}
	}
	if !errors.Is(end, ErrClosed) {
		t.Errorf("ended with %v", end)
	}
	for i, s := range got {
		if want := Seq(i + 1); i >= 10 && s != want+10 || i < 10 && s != want {
			t.Fatalf("place %d: record %d", i, s)
		}
	}
	if len(got) < 11 {
		t.Errorf("only %d records", len(got))
	}
}

func TestARecordDoesNotShowItsContent(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	r := adt(3)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "r", r)
	fmt.Fprintf(&b, "%v %+v %s", r, r, r)
	for _, bad := range []string{"PID", r.Patient, r.ID.String()} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("%q shows in %s", bad, b.String())
		}
	}
}

func TestAGapEndsReadingWithAnError(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	dir, _, _ := build(t, k)
	j := k.open(t, dir, Options{})
	sql(t, dir, "DELETE FROM batch WHERE first = 81")
	got, err := j.Read(ctx, 1, 1000)
	if err != nil || len(got) != 80 {
		t.Fatalf("up to the gap: %d records, %v", len(got), err)
	}
	for _, from := range []Seq{81, 90, 100} {
		if got, err := j.Read(ctx, from, 1000); fault.KindOf(err) != fault.Corrupt {
			t.Errorf("in the gap at %d: %d records, %v", from, len(got), err)
		}
	}
	if got, err := j.Read(ctx, 101, 1000); err != nil || len(got) != 100 {
		t.Errorf("behind the gap: %d records, %v", len(got), err)
	}
	n := 0
	var end error
	for _, err := range j.Follow(ctx, 1) {
		if end = err; err == nil {
			n++
		}
	}
	if n != 80 || fault.KindOf(end) != fault.Corrupt {
		t.Errorf("follow saw %d records and ended with %v", n, end)
	}
}
