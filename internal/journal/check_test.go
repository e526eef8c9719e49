package journal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/seal"
)

// check runs Check and returns the codes found, sorted, each once.
func (k testKeys) check(t testing.TB, dir string, witnesses ...[]byte) ([]Code, Stats) {
	t.Helper()
	fs, stats, err := Check(context.Background(), dir, k.key, k.verify, witnesses, CheckOptions{})
	if err != nil {
		t.Fatalf("check: %v (found %v)", err, fs)
	}
	var codes []Code
	for _, f := range fs {
		if f.Text.DE == "" || f.Text.EN == "" || strings.HasPrefix(f.Text.DE, "Unbekannter") {
			t.Errorf("%s has no sentence", f.Code)
		}
		t.Logf("%s %d-%d: %s (%v)", f.Code, f.First, f.Last, f.Text.DE, f.Err)
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes), stats
}

// must fails the test if the journal is not sound.
func (k testKeys) sound(t testing.TB, dir string, witnesses ...[]byte) Stats {
	t.Helper()
	codes, stats := k.check(t, dir, witnesses...)
	if len(codes) != 0 {
		t.Fatalf("a sound journal has findings: %v", codes)
	}
	return stats
}

// build makes a closed journal of 10 batches of 20 records and returns its
// folder and a checkpoint at 100 and at 200 records.
func build(t testing.TB, k testKeys) (dir string, half, full []byte) {
	t.Helper()
	dir = t.TempDir()
	j := k.open(t, dir, Options{})
	for b := range 10 {
		appendBatch(t, j, b*20, 20)
		if b == 4 {
			half = mustSign(t, j)
		}
	}
	full = mustSign(t, j)
	closeJournal(t, j)
	return dir, half, full
}

func appendBatch(t testing.TB, j *Journal, from, n int) {
	t.Helper()
	var recs []Record
	for i := range n {
		recs = append(recs, adt(from+i))
	}
	if _, err := j.AppendAll(context.Background(), recs); err != nil {
		t.Fatal(err)
	}
}

func mustSign(t testing.TB, j *Journal) []byte {
	t.Helper()
	b, err := j.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sql changes a closed journal behind its back.
func sql(t testing.TB, dir, stmt string) {
	t.Helper()
	c, err := sqlite3.Open(filepath.Join(dir, dbName))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Exec(stmt); err != nil {
		t.Fatal(err)
	}
	if c.TotalChanges() == 0 {
		t.Fatalf("%s changed nothing", stmt)
	}
}

func copyDir(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	es, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestASoundJournalHasNoFindings(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	dir, half, full := build(t, k)
	s := k.sound(t, dir, half, full)
	if s.Head != 200 || s.Records != 200 || s.Batches != 10 || s.Checkpoints != 2 || s.Witnesses != 3 {
		t.Errorf("stats %+v", s)
	}
}

func TestEachDamageHasItsFinding(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	whole, half, full := build(t, k)
	older := t.TempDir() // the journal as it was at 100 records
	{
		j := k.open(t, older, Options{})
		appendBatch(t, j, 0, 20)
		closeJournal(t, j)
	}
	db := func(stmts ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, s := range stmts {
				sql(t, dir, s)
			}
		}
	}
	tests := []struct {
		name   string
		damage func(*testing.T, string)
		want   []Code
	}{
		{"a bit in a batch body", bitIn("batch", "body", "first = 41"), []Code{CodeBatch}},
		{"a bit in the first batch", bitIn("batch", "body", "first = 1"), []Code{CodeBatch}},
		{"a bit in a batch's tree root", bitIn("batch", "before", "first = 41"), []Code{CodeBatch}},
		{"a bit in the tree hashes", bitIn("node", "data", "first = 61"), []Code{CodeTree}},
		{"tree hashes missing", db("DELETE FROM node WHERE first = 61"), []Code{CodeTree}},
		{"a bit in the head's root", bitIn("head", "hash", "one = 1"), []Code{CodeHead}},
		{"the head counts too few", db("UPDATE head SET seq = 180"), []Code{CodeExtra, CodeHead, CodeIDs, "anchor-shorter", "checkpoint-shorter", "witness-shorter"}},
		{"the head counts too many", db("UPDATE head SET seq = 220"), []Code{CodeGap}},
		{"the key probe", bitIn("head", "probe", "one = 1"), []Code{CodeHead}},
		{"a bit in an ID", bitIn("ids", "id", "seq = 77"), []Code{CodeIDs}},
		{"an ID leads to another record", db("UPDATE ids SET seq = 12 WHERE seq = 77"), []Code{CodeIDs}},
		{"an ID is missing", db("DELETE FROM ids WHERE seq = 77"), []Code{CodeIDs}},
		{"an ID too many", db("INSERT INTO ids VALUES(randomblob(16), 77)"), []Code{CodeIDs}},
		{"a batch removed", db("DELETE FROM batch WHERE first = 81"), []Code{CodeGap}},
		{"a batch and its hashes removed", db("DELETE FROM batch WHERE first = 81", "DELETE FROM node WHERE first = 81"), []Code{CodeGap}},
		{"the last batch removed", db("DELETE FROM batch WHERE first = 181", "DELETE FROM node WHERE first = 181"), []Code{CodeGap}},
		{"two bodies swapped", db("CREATE TEMP TABLE b AS SELECT first, body FROM batch; UPDATE batch SET body = (SELECT body FROM b WHERE b.first = 122 - batch.first) WHERE first IN (41, 81)"), []Code{CodeBatch, CodeMoved}},
		{"two rows swapped", db("UPDATE batch SET first = -1 WHERE first = 41", "UPDATE batch SET first = 41 WHERE first = 81",
			"UPDATE batch SET first = 81 WHERE first = -1"), []Code{CodeBatch, CodeMoved}},
		{"a row added", db("INSERT INTO batch SELECT 999, count, before, body FROM batch WHERE first = 1"), []Code{CodeExtra}},
		{"a checkpoint's signature", bitIn("checkpoint", "note", "size = 100"), []Code{"checkpoint-unreadable"}},
		{"the anchor's text", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, anchorName), func(b []byte) []byte { return []byte(strings.Replace(string(b), "200", "199", 1)) })
		}, []Code{"anchor-unreadable"}},
		{"an older copy beside a newer anchor", func(t *testing.T, dir string) {
			b, err := os.ReadFile(filepath.Join(older, dbName))
			if err != nil {
				t.Fatal(err)
			}
			edit(t, filepath.Join(dir, dbName), func([]byte) []byte { return b })
		}, []Code{"anchor-shorter", "witness-shorter"}},
		{"the database is gone", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, dbName)); err != nil {
				t.Fatal(err)
			}
		}, []Code{CodeMissing}},
		{"the database is cut", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, dbName), func(b []byte) []byte { return b[:len(b)*2/3] })
		}, []Code{CodeDatabase}},
		{"the database is something else", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, dbName), func(b []byte) []byte { return []byte(strings.Repeat("Kein Journal. ", 1000)) })
		}, []Code{CodeDatabase}},
		{"a newer format", db("CREATE TABLE x(y); INSERT INTO x VALUES(1); PRAGMA user_version = 2"), []Code{CodeFormat}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := copyDir(t, whole)
			tt.damage(t, dir)
			slices.Sort(tt.want)
			if got, _ := k.check(t, dir, half, full); !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v", got, tt.want)
			}
		})
	}
}

func edit(t testing.TB, path string, fn func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, fn(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// bitIn flips one bit in the middle of a stored blob.
func bitIn(table, column, where string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		c, err := sqlite3.Open(filepath.Join(dir, dbName))
		if err != nil {
			t.Fatal(err)
		}
		defer closeConn(c)
		get, _, err := c.Prepare(fmt.Sprintf("SELECT %s FROM %s WHERE %s", column, table, where))
		if err != nil || !get.Step() {
			t.Fatal("nothing to damage", err)
		}
		b := get.ColumnBlob(0, nil)
		if err := get.Reset(); err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 0x10
		set, _, err := c.Prepare(fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s", table, column, where))
		if err != nil {
			t.Fatal(err)
		}
		if err := set.BindBlob(1, b); err != nil {
			t.Fatal(err)
		}
		if err := set.Exec(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWrongKeyIsSaid(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	dir, _, _ := build(t, k)
	other := k
	other.key = seal.NewKey()
	if got, _ := other.check(t, dir); !slices.Equal(got, []Code{CodeKey}) {
		t.Errorf("found %v", got)
	}
	_, err := Open(context.Background(), dir, other.key, k.signer, Options{MinFree: -1})
	if fault.KindOf(err) != fault.Forbidden {
		t.Errorf("open: %v", err)
	}
	other = keysFor(t)
	other.key = k.key
	if got, _ := other.check(t, dir); !slices.Equal(got, []Code{"anchor-unreadable", "checkpoint-unreadable"}) {
		t.Errorf("foreign signer: found %v", got)
	}
	if _, err := Open(context.Background(), dir, k.key, other.signer, Options{MinFree: -1}); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("open with a foreign signer: %v", err)
	}
}

func TestAnOlderOrForkedJournalIsNotWrittenButRead(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	dir := t.TempDir()
	j := k.open(t, dir, Options{})
	appendBatch(t, j, 0, 20)
	closeJournal(t, j)
	old := copyDir(t, dir)
	j = k.open(t, dir, Options{})
	appendBatch(t, j, 20, 20)
	closeJournal(t, j)

	edit(t, filepath.Join(old, anchorName), func([]byte) []byte {
		b, err := os.ReadFile(filepath.Join(dir, anchorName))
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
	_, err := Open(ctx, old, k.key, k.signer, Options{MinFree: -1})
	if fault.KindOf(err) != fault.Corrupt || !strings.Contains(fault.Say(err).DE, "20 Einträge, sein Anker bezeugt 40") {
		t.Fatalf("older journal: %v, %q", err, fault.Say(err).DE)
	}
	r, err := OpenReader(ctx, old, k.key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Read(ctx, 1, 100); err != nil || len(got) != 20 {
		t.Errorf("forced reading: %d records, %v", len(got), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}

	// Another history of the same length and more.
	anchor, err := os.ReadFile(filepath.Join(old, anchorName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(old, anchorName)); err != nil {
		t.Fatal(err)
	}
	j = k.open(t, old, Options{})
	appendBatch(t, j, 500, 30)
	closeJournal(t, j)
	edit(t, filepath.Join(old, anchorName), func([]byte) []byte { return anchor })
	if _, err := Open(ctx, old, k.key, k.signer, Options{MinFree: -1}); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("forked journal: %v", err)
	}
	if got, _ := k.check(t, old); !slices.Equal(got, []Code{"anchor-forked"}) {
		t.Errorf("found %v", got)
	}
}

// crashed returns a journal as a killed process leaves it: everything still in
// the write-ahead log, no checkpoint, no anchor.
func crashed(t testing.TB, k testKeys) string {
	t.Helper()
	j := k.open(t, t.TempDir(), Options{CheckpointEvery: time.Hour})
	for b := range 10 {
		appendBatch(t, j, b*20, 20)
	}
	dir := copyDir(t, j.dir)
	closeJournal(t, j)
	_ = os.Remove(filepath.Join(dir, anchorName))
	_ = os.Remove(filepath.Join(dir, dbName+"-shm"))
	return dir
}

func TestADamagedWriteAheadLogIsNotSilentlyCut(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	dir := crashed(t, k)
	wal := dbName + "-wal"
	b, err := os.ReadFile(filepath.Join(dir, wal))
	if err != nil || len(b) < 100_000 {
		t.Fatalf("write-ahead log of %d bytes, %v", len(b), err)
	}
	intact := copyDir(t, dir)
	if s := k.sound(t, intact); s.Records != 200 {
		t.Fatalf("intact: %+v", s)
	}
	for _, percent := range []int{1, 10, 50, 80} {
		t.Run(fmt.Sprintf("a bit at %d %%", percent), func(t *testing.T) {
			t.Parallel()
			dir := copyDir(t, dir)
			edit(t, filepath.Join(dir, wal), func(b []byte) []byte {
				b[len(b)*percent/100] ^= 1
				return b
			})
			if got, _ := k.check(t, dir); !slices.Contains(got, CodeWAL) {
				t.Errorf("found %v, want %q", got, CodeWAL)
			}
			if _, err := Open(ctx, dir, k.key, k.signer, Options{MinFree: -1}); fault.KindOf(err) != fault.Corrupt {
				t.Errorf("open: %v", err)
			}
		})
	}
	t.Run("the last write torn off", func(t *testing.T) {
		t.Parallel()
		dir := copyDir(t, dir)
		edit(t, filepath.Join(dir, wal), func(b []byte) []byte { return b[:len(b)-3000] })
		j := k.open(t, dir, Options{}) // as after a power cut: the last batch was never acknowledged
		if j.Head() != 180 {
			t.Errorf("head %d, want 180", j.Head())
		}
		closeJournal(t, j)
		k.sound(t, dir)
	})
	t.Run("the end torn off, and an anchor knows", func(t *testing.T) {
		t.Parallel()
		dir := copyDir(t, dir)
		j := k.open(t, copyDir(t, dir), Options{})
		signed := mustSign(t, j)
		closeJournal(t, j)
		edit(t, filepath.Join(dir, wal), func(b []byte) []byte { return b[:len(b)/2] })
		if err := os.WriteFile(filepath.Join(dir, anchorName), signed, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, _ := k.check(t, dir, signed); !slices.Equal(got, []Code{"anchor-shorter", "witness-shorter"}) {
			t.Errorf("found %v", got)
		}
	})
}

// TestAnyFlippedBitIsFoundOrHarmless flips bits all over the file: either
// Check tells, or every record still reads as before.
func TestAnyFlippedBitIsFoundOrHarmless(t *testing.T) {
	t.Parallel()
	k, ctx := keysFor(t), context.Background()
	dir, half, full := build(t, k)
	rng := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(dir, dbName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for range 120 {
		bit := rng.IntN(len(b) * 8)
		b[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		fs, _, err := Check(ctx, dir, k.key, k.verify, [][]byte{half, full}, CheckOptions{})
		if err == nil && len(fs) == 0 {
			r, err := OpenReader(ctx, dir, k.key, Options{})
			if err != nil {
				t.Fatalf("bit %d: no finding, but opening fails: %v", bit, err)
			}
			got, err := r.Read(ctx, 1, 1000)
			if err != nil || len(got) != 200 {
				t.Fatalf("bit %d: no finding, but %d records, %v", bit, len(got), err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		} else {
			found++
		}
		b[bit/8] ^= 1 << (bit % 8)
	}
	t.Logf("%d of 120 flips found, the others hit unused bytes", found)
	if found < 60 {
		t.Errorf("only %d of 120 flips were found", found)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
