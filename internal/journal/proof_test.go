package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/tlog"
)

func TestRecordsAndCheckpointsProveEachOther(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	j := k.open(t, t.TempDir(), Options{BatchMax: 7})
	var cps []Checkpoint
	for n := range 40 {
		appendBatch(t, j, n*3, 1+n%3)
		c, err := OpenCheckpoint(mustSign(t, j), k.verify)
		if err != nil {
			t.Fatal(err)
		}
		cps = append(cps, c)
	}
	last := cps[len(cps)-1]
	if last.Size != j.Head() {
		t.Fatalf("checkpoint of %d, head %d", last.Size, j.Head())
	}
	for s := Seq(1); s <= last.Size; s++ {
		r, err := j.Get(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		p, leaf, err := j.ProveRecord(ctx, s, last.Size)
		if err != nil || leaf != Leaf(r) {
			t.Fatalf("record %d: leaf differs, %v", s, err)
		}
		if err := CheckRecord(last, s, leaf, p); err != nil {
			t.Errorf("record %d: %v", s, err)
		}
		r.Body = append(bytes.Clone(r.Body), ' ')
		if err := CheckRecord(last, s, Leaf(r), p); !errors.Is(err, ErrProof) {
			t.Errorf("a changed record %d was proved: %v", s, err)
		}
	}
	for _, c := range cps {
		p, err := j.ProveTree(ctx, last.Size, c.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckTree(last, c, p); err != nil {
			t.Errorf("checkpoint %d: %v", c.Size, err)
		}
		c.Root[3] ^= 1
		if err := CheckTree(last, c, p); !errors.Is(err, ErrProof) {
			t.Errorf("a forked checkpoint %d was proved: %v", c.Size, err)
		}
	}
	if _, _, err := j.ProveRecord(ctx, last.Size+1, last.Size+1); err == nil {
		t.Error("a record behind the head was proved")
	}
	got, err := j.Checkpoints(ctx, 0, 1000)
	if err != nil || len(got) < len(cps) {
		t.Errorf("%d checkpoints stored, %v", len(got), err)
	}
}

func TestTheTreeIsThatOfRFC6962(t *testing.T) {
	t.Parallel()
	var f frontier
	var stored []tlog.Hash
	hr := tlog.HashReaderFunc(func(x []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range x {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n := int64(0); n < 300; n++ {
		want, err := tlog.TreeHash(n, hr)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && f.root() != want {
			t.Fatalf("root of %d records differs", n)
		}
		data := fmt.Appendf(nil, "record %d", n)
		hs, err := tlog.StoredHashes(n, data, hr)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.push(nil, tlog.RecordHash(data)); !slices.Equal(got, hs) {
			t.Fatalf("stored hashes of record %d differ", n)
		}
		stored = append(stored, hs...)
		if g, err := frontierAt(n+1, hr); err != nil || g.root() != f.root() {
			t.Fatalf("frontier of %d: %v", n+1, err)
		}
		for i := tlog.StoredHashCount(n); i < tlog.StoredHashCount(n+1); i++ {
			if storedAt(i) != Seq(n+1) {
				t.Fatalf("hash %d is looked for at record %d, but came with %d", i, storedAt(i), n+1)
			}
		}
	}
}

func TestCheckpointsAreSignedInTimeAndAnchored(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	dir, far := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(far, 0o700); err != nil {
		t.Fatal(err)
	}
	j := k.open(t, dir, Options{CheckpointEvery: time.Millisecond, AnchorDir: far, Origin: "kh-nord/hub"})
	if _, err := j.Append(ctx, adt(1)); err != nil {
		t.Fatal(err)
	}
	deadline, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for j.LatestCheckpoint() == nil && deadline.Err() == nil {
		if err := j.do(ctx, func(*writer) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	c, err := OpenCheckpoint(j.LatestCheckpoint(), k.verify)
	if err != nil || c.Size != 1 || c.Origin != "kh-nord/hub" {
		t.Fatalf("%+v, %v", c, err)
	}
	b, err := os.ReadFile(filepath.Join(far, anchorName))
	if err != nil || !bytes.Equal(b, j.LatestCheckpoint()) {
		t.Errorf("anchor: %v", err)
	}
	closeJournal(t, j)
	fs, s, err := Check(ctx, dir, k.key, k.verify, nil, CheckOptions{AnchorDir: far})
	if err != nil || len(fs) != 0 || s.Witnesses != 1 {
		t.Errorf("check: %v, %+v, %v", fs, s, err)
	}
}

func TestAnAnchorThatCannotBeWrittenStopsNoAppend(t *testing.T) {
	t.Parallel()
	k, ctx, far := keysFor(t), context.Background(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(far, anchorName, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(far, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j := k.open(t, t.TempDir(), Options{AnchorDir: filepath.Join(t.TempDir(), "x")})
	j.o.AnchorDir = far // what a disk that failed meanwhile looks like
	if _, err := j.Append(ctx, adt(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Checkpoint(ctx); err == nil {
		t.Error("a checkpoint without anchor was reported as good")
	}
	if _, err := j.Append(ctx, adt(2)); err != nil {
		t.Errorf("append: %v", err)
	}
	if got, err := filepath.Glob(filepath.Join(far, "*.tmp")); err != nil || len(got) != 0 {
		t.Errorf("left behind: %v %v", got, err)
	}
	if err := j.Close(); err == nil {
		t.Error("closing without anchor was reported as good")
	}
}

func TestReadersRunBesideTheWriter(t *testing.T) {
	t.Parallel()
	k, ctx, dir := keysFor(t), context.Background(), t.TempDir()
	j := k.open(t, dir, Options{CheckpointEvery: time.Millisecond})
	appendBatch(t, j, 0, 50)
	r, err := OpenReader(ctx, dir, k.key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range 100 {
			appendBatch(t, j, 50+n*5, 5)
		}
	}()
	next := Seq(1)
	for next <= 550 {
		got, err := r.Read(ctx, next, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range got {
			if rec.Seq != next {
				t.Fatalf("got %d, want %d", rec.Seq, next)
			}
			next++
		}
	}
	<-done
	for range 3 {
		fs, _, err := Check(ctx, dir, k.key, k.verify, nil, CheckOptions{})
		if err != nil || len(fs) != 0 {
			t.Errorf("check beside the writer: %v, %v", fs, err)
		}
	}
	if head, err := r.Head(ctx); err != nil || head != j.Head() {
		t.Errorf("head %d, %v; want %d", head, err, j.Head())
	}
	if cps, err := r.Checkpoints(ctx, 1, 5); err != nil || len(cps) == 0 {
		t.Errorf("%d checkpoints, %v", len(cps), err)
	}
}

// Halfway through a Prune somebody says that the rest must stay: what has its turn
// afterwards stays, in each place where it can be said, and the journal is sound.
func TestAPruneKeepsWhatDropRefusesFromSomeMomentOn(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	for after, want := range []uint64{0, 160, 200} { // ten batches of 20, eight in a step
		dir, half, full := build(t, k)
		j := k.open(t, dir, Options{})
		turns, held := 0, false
		p, err := j.Prune(ctx, time.Now().Add(time.Hour), func(r Record) bool { return r.Kind == HL7 && !held }, func(step func() error) error {
			held = turns >= after
			turns++
			return step()
		})
		if err != nil || p.Count != 200 || p.Kept != 200-want {
			t.Fatalf("held after %d steps: %+v, %v", after, p, err)
		}
		recs, err := j.Read(ctx, 1, 500)
		if err != nil || uint64(len(recs)) != 201-want || want < 200 && recs[0].Seq != Seq(want+1) {
			t.Errorf("held after %d steps: %d records are left, %v", after, len(recs), err)
		}
		closeJournal(t, j)
		if s := k.sound(t, dir, half, full); uint64(s.Pruned) != want {
			t.Errorf("held after %d steps: stats %+v", after, s)
		}
	}
}

func TestPrunedContentIsGoneFromTheDiskAndAccountedFor(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	dir, half, full := build(t, k)
	old := bodyOf(t, dir, 21) // sealed: any part of it is unique
	if !inFiles(t, dir, old[100:164]) {
		t.Fatal("the batch is not in the file before pruning")
	}
	j := k.open(t, dir, Options{})
	p, err := j.Prune(ctx, time.Now().Add(time.Hour), func(r Record) bool { return r.Seq <= 70 && r.Seq%10 != 0 }, nil)
	if err != nil || p.Count != 63 || p.First != 1 || p.Last != 69 || p.Command != 201 {
		t.Fatalf("%+v, %v", p, err)
	}
	for at := 100; at+64 < len(old); at += 64 {
		if inFiles(t, dir, old[at:at+64]) {
			t.Errorf("bytes of a pruned batch are still on the disk")
			break
		}
	}
	if s, err := j.Append(ctx, adt(3)); err != nil || s != 4 {
		t.Errorf("the ID of a pruned record: %d, %v; want 4", s, err)
	}
	proof, leaf, err := j.ProveRecord(ctx, 4, 200)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(full, k.verify)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckRecord(c, 4, leaf, proof); err != nil {
		t.Errorf("a pruned record must still be provable: %v", err)
	}
	again, err := j.Prune(ctx, time.Now().Add(time.Hour), func(r Record) bool { return r.Seq <= 70 && r.Seq%10 != 0 }, nil)
	if err != nil || again.Count != 0 || again.Command != 0 {
		t.Errorf("pruning again: %+v, %v", again, err)
	}
	closeJournal(t, j)
	if s := k.sound(t, dir, half, full); s.Pruned != 63 || s.Records != 138 {
		t.Errorf("stats %+v", s)
	}

	// The same without the record that explains it.
	v, err := newVault(k.key)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(newStorage(dir, ""), v)
	row, _, err := r.without(ctx, []span{{101, 103}}, func(Record) bool { return true })
	if err := errors.Join(err, r.close()); err != nil {
		t.Fatal(err)
	}
	sql(t, dir, fmt.Sprintf("UPDATE batch SET body = x'%x' WHERE first = %d", row.body, row.first))
	if got, _ := k.check(t, dir); !slices.Equal(got, []Code{CodeUnexpl}) {
		t.Errorf("found %v, want %q", got, CodeUnexpl)
	}
}

// bodyOf returns the sealed body of the batch at first.
func bodyOf(t *testing.T, dir string, first Seq) []byte {
	t.Helper()
	c, err := sqlite3.Open(filepath.Join(dir, dbName))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, _, err := c.Prepare(fmt.Sprintf("SELECT body FROM batch WHERE first = %d", first))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if !st.Step() {
		t.Fatal("no such batch")
	}
	return st.ColumnBlob(0, nil)
}

// inFiles reports whether part lies in any file of dir.
func inFiles(t *testing.T, dir string, part []byte) bool {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, part) {
			return true
		}
	}
	return false
}
