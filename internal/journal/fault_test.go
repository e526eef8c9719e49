package journal

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/fault"
)

// cuts and kills are larger in make soak.
var (
	cuts  = flag.Int("cuts", 1, "power cuts at each operation")
	kills = flag.Int("kills", 25, "how often the appending process is killed")
)

// ledger is what a test knows about its appends.
type ledger struct {
	mu    sync.Mutex
	acked map[ID]Seq
	asked map[ID]bool
	prune map[ID]bool // may be pruned
}

func newLedger() *ledger {
	return &ledger{acked: map[ID]Seq{}, asked: map[ID]bool{}, prune: map[ID]bool{}}
}

func (l *ledger) clone() *ledger {
	return &ledger{acked: maps.Clone(l.acked), asked: maps.Clone(l.asked), prune: maps.Clone(l.prune)}
}

// append appends r and notes the answer.
func (l *ledger) append(t testing.TB, j *Journal, recs ...Record) error {
	t.Helper()
	l.mu.Lock()
	for _, r := range recs {
		l.asked[r.ID] = true
	}
	l.mu.Unlock()
	seqs, err := j.AppendAll(context.Background(), recs)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, r := range recs {
		if s, ok := l.acked[r.ID]; ok && s != seqs[i] {
			t.Errorf("the same ID was acknowledged as %d and as %d", s, seqs[i])
		}
		l.acked[r.ID] = seqs[i]
	}
	return nil
}

// verify reads the journal and compares: every acknowledged record is there
// under its Seq, none twice, and none that nobody appended.
func (l *ledger) verify(t testing.TB, j *Journal) {
	t.Helper()
	got, err := j.Read(context.Background(), 1, 1<<30)
	if err != nil {
		t.Fatalf("reading after the fault: %v", err)
	}
	at := map[ID]Seq{}
	pruned := map[Seq]bool{}
	next := Seq(1)
	for _, r := range got {
		for ; next < r.Seq; next++ {
			if _, err := j.Get(context.Background(), next); !errors.Is(err, ErrPruned) {
				t.Fatalf("record %d is left out: %v", next, err)
			}
			pruned[next] = true
		}
		next++
		if at[r.ID] != 0 {
			t.Errorf("records %d and %d have the same ID", at[r.ID], r.Seq)
		}
		if _, mine := ParsePrune(r); !l.asked[r.ID] && !mine {
			t.Errorf("record %d was never appended", r.Seq)
		}
		at[r.ID] = r.Seq
	}
	if next != j.Head()+1 {
		t.Errorf("records end at %d, head is %d", next-1, j.Head())
	}
	for id, s := range l.acked {
		if l.prune[id] && pruned[s] {
			continue
		}
		if at[id] != s {
			t.Errorf("acknowledged as %d, found as %d", s, at[id])
		}
	}
}

// afterFault reopens the folder without the shim and verifies everything; then
// the journal must also take new records.
func (l *ledger) afterFault(t testing.TB, k testKeys, dir string) {
	t.Helper()
	j := k.open(t, dir, Options{})
	l.verify(t, j)
	if err := l.append(t, j, adt(999_999)); err != nil {
		t.Errorf("append after the fault: %v", err)
	}
	l.verify(t, j)
	closeJournal(t, j)
	k.sound(t, dir)
}

// workload is a small life of a journal: appends alone, in batches and
// repeated, a checkpoint, a prune, the log moved into the database. It goes on
// after errors, repeating each failed append once.
func workload(t testing.TB, k testKeys, dir string, s *shim, l *ledger) (opened bool) {
	t.Helper()
	ctx := context.Background()
	j, err := Open(ctx, dir, k.key, k.signer, Options{MinFree: -1, vfs: s.name, CheckpointEvery: time.Hour})
	if err != nil {
		return false
	}
	try := func(recs ...Record) {
		if err := l.append(t, j, recs...); err != nil {
			if fault.KindOf(err) != fault.Unavailable {
				t.Errorf("append: %v has kind %d, want Unavailable", err, fault.KindOf(err))
			}
			_ = l.append(t, j, recs...)
		}
	}
	try(adt(1))
	try(adt(2), adt(3), adt(4))
	try(adt(3))
	_, _ = j.Checkpoint(ctx)
	try(adt(5), adt(1), adt(6))
	_ = j.do(ctx, func(w *writer) error { return w.checkpointWAL(false) })
	try(adt(7))
	_ = j.do(ctx, func(w *writer) error { return w.settle() })
	try(adt(8), adt(9))
	l.prune[adt(3).ID], l.prune[adt(6).ID] = true, true
	_, _ = j.Prune(ctx, time.Now().Add(time.Hour), func(r Record) bool { return l.prune[r.ID] }, nil)
	_ = j.do(ctx, func(w *writer) error { return w.checkpointWAL(true) })
	try(adt(10))
	_ = j.Close()
	return true
}

func TestAnyFailingOperationLosesNothing(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	s := newShim(t)
	workload(t, k, t.TempDir(), s, newLedger())
	total, _ := s.count()
	if total < 40 {
		t.Fatalf("the workload has only %d operations", total)
	}
	t.Logf("%d operations", total)
	for _, mode := range []struct {
		name       string
		stay, torn bool
	}{
		{"once", false, false},
		{"once, half written", false, true},
		{"from then on", true, false},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			for n := 1; n <= total; n++ {
				s, l, dir := newShim(t), newLedger(), t.TempDir()
				s.arm(n, mode.stay, mode.torn)
				opened := workload(t, k, dir, s, l)
				_, hit := s.count()
				if !hit {
					continue
				}
				if !mode.stay && opened && len(l.acked) != 10 {
					t.Errorf("operation %d failed once, but only %d of 10 records were acknowledged in the end", n, len(l.acked))
				}
				l.afterFault(t, k, dir)
				if t.Failed() {
					t.Fatalf("operation %d of %d failed", n, total)
				}
			}
		})
	}
}

func TestAPowerCutAtAnyOperationLosesNothing(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	s := newShim(t)
	workload(t, k, t.TempDir(), s, newLedger())
	total, _ := s.count()
	rng := rand.New(rand.NewPCG(3, 4))
	for n := 1; n <= total; n++ {
		for range *cuts {
			s, l, dir := newShim(t), newLedger(), t.TempDir()
			s.arm(n, true, true) // from here on nothing reaches the disk
			workload(t, k, dir, s, l)
			after := t.TempDir()
			if b, err := filepath.Glob(filepath.Join(dir, anchorName)); err == nil && len(b) == 1 {
				copyFile(t, b[0], filepath.Join(after, anchorName))
			}
			s.cut(t, after, rng)
			if before := l.clone(); n%3 == 0 {
				before.afterFault(t, k, dir) // as the system's cache has it
			}
			l.afterFault(t, k, after) // as the disk has it
			if t.Failed() {
				t.Fatalf("power cut at operation %d of %d", n, total)
			}
		}
	}
}

func TestAFullDiskRefusesAndGoesOnWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	for _, room := range []int64{0, 1, 5_000, 20_000, 33_000, 60_000} {
		t.Run(fmt.Sprintf("%d bytes left", room), func(t *testing.T) {
			t.Parallel()
			s, l, dir := newShim(t), newLedger(), t.TempDir()
			j := k.open(t, dir, Options{vfs: s.name, CheckpointEvery: time.Hour})
			if err := l.append(t, j, adt(0)); err != nil {
				t.Fatal(err)
			}
			s.setRoom(room)
			refused := 0
			for n := 1; n < 60 && refused < 3; n++ {
				if err := l.append(t, j, adt(n)); err != nil {
					refused++
					if fault.KindOf(err) != fault.Unavailable || fault.Say(err) != sayFull() {
						t.Fatalf("full disk: %v, %q", err, fault.Say(err).DE)
					}
				}
			}
			if refused == 0 {
				t.Fatal("the disk never filled")
			}
			l.verify(t, j) // reading goes on
			s.setRoom(-1)
			for n := range 60 {
				if err := l.append(t, j, adt(n)); err != nil {
					t.Fatalf("after making room: %v", err)
				}
			}
			l.verify(t, j)
			closeJournal(t, j)
			l.afterFault(t, k, dir)
		})
	}
}

func TestTooLittleFreeSpaceIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	_, err := Open(context.Background(), t.TempDir(), k.key, k.signer, Options{MinFree: 1 << 60})
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestASecondWriterIsTold(t *testing.T) {
	t.Parallel()
	k, ctx, dir := keysFor(t), context.Background(), t.TempDir()
	j := k.open(t, dir, Options{})
	_, err := Open(ctx, dir, k.key, k.signer, Options{MinFree: -1})
	if fault.KindOf(err) != fault.Conflict || fault.Say(err) != sayLocked() {
		t.Fatalf("second writer: %v", err)
	}
	if _, err := j.Append(ctx, adt(1)); err != nil {
		t.Errorf("the first writer was disturbed: %v", err)
	}
	closeJournal(t, j)
	closeJournal(t, k.open(t, dir, Options{}))
}

func TestAWriterThatSlippedPastTheLockIsFenced(t *testing.T) {
	t.Parallel()
	k, ctx, dir := keysFor(t), context.Background(), t.TempDir()
	j := k.open(t, dir, Options{})
	if _, err := j.Append(ctx, adt(1)); err != nil {
		t.Fatal(err)
	}
	sql(t, dir, "UPDATE head SET seq = 7")
	for range 2 {
		_, err := j.Append(ctx, adt(2))
		if fault.KindOf(err) != fault.Conflict || fault.Say(err) != sayFenced() {
			t.Fatalf("got %v", err)
		}
	}
	if j.Head() != 1 {
		t.Errorf("head %d, want 1", j.Head())
	}
}
