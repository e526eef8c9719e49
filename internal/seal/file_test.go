package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestSweepRemovesWhatAKilledStoreLeft and nothing that belongs to somebody else.
func TestSweepRemovesWhatAKilledStoreLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := NewFile(filepath.Join(dir, "a.state"), NewKey())
	if err := f.Store([]byte("first")); err != nil {
		t.Fatal(err)
	}
	tmp, err := os.CreateTemp(dir, "a.state.*") // as Store begins
	if err != nil {
		t.Fatal(err)
	}
	if err := tmp.Close(); err != nil {
		t.Fatal(err)
	}
	others := []string{"a.state.", "a.state.bak", "a.state.1.bak", "ba.state.17", "a.state17"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Sweep(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tmp.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s is gone", name)
		}
	}
	if got, err := f.Load(); err != nil || string(got) != "first" {
		t.Errorf("loaded %q, %v", got, err)
	}
	if err := NewFile(filepath.Join(dir, "gone", "c.state"), NewKey()).Sweep(); err != nil {
		t.Errorf("a folder that is not there yet: %v", err)
	}
}

// TestFileKeepsOneValue: what was stored last comes back, and nothing else does.
func TestFileKeepsOneValue(t *testing.T) {
	t.Parallel()
	dir, key := t.TempDir(), NewKey()
	f := NewFile(filepath.Join(dir, "a.state"), key)
	if _, err := f.Load(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing was stored, and the answer is %v", err)
	}
	for _, v := range []string{"first", "", "Müller wartet"} {
		if err := f.Store([]byte(v)); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Load(); err != nil || string(got) != v {
			t.Errorf("stored %q, loaded %q, %v", v, got, err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "a.state"))
	if err != nil || bytes.Contains(raw, []byte("wartet")) {
		t.Errorf("the value stands in the file as it is (%v)", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("%d files where one should be", len(left))
	}
	if _, err := NewFile(filepath.Join(dir, "a.state"), NewKey()).Load(); err == nil {
		t.Error("another key opens it")
	}
	if err := os.Rename(filepath.Join(dir, "a.state"), filepath.Join(dir, "b.state")); err != nil {
		t.Fatal(err)
	}
	if _, err := NewFile(filepath.Join(dir, "b.state"), key).Load(); err == nil {
		t.Error("a file in the place of another opens")
	}
	if err := NewFile(filepath.Join(dir, "gone", "c.state"), key).Store(nil); err == nil {
		t.Error("a value was stored in a folder that is not there")
	}
}
