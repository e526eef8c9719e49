package journal

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/fault"
)

func TestAnAnchorDiskThatIsNotMountedIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	dir, mount := t.TempDir(), filepath.Join(t.TempDir(), "anchor")
	o := Options{CheckpointEvery: time.Hour, AnchorDir: mount}
	checks := func() []Code {
		fs, _, err := Check(t.Context(), dir, k.key, k.verify, nil, CheckOptions{AnchorDir: mount})
		if err != nil {
			t.Fatal(err)
		}
		var out []Code
		for _, f := range fs {
			out = append(out, f.Code)
		}
		return out
	}
	j := k.open(t, dir, o) // the folder is not there at all
	if err := j.AnchorHealth(); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("health of the anchor: %v", err)
	}
	must(t, newLedger().append(t, j, adt(1)))
	if signed, err := j.Checkpoint(t.Context()); err == nil || signed == nil {
		t.Errorf("a checkpoint without anchor: %d bytes, %v", len(signed), err)
	}
	if _, err := os.Stat(mount); err == nil {
		t.Error("the folder was made on the wrong disk")
	}
	if got := checks(); !slices.Equal(got, []Code{CodeAnchorAway}) {
		t.Errorf("check says %v", got)
	}
	must(t, os.Mkdir(mount, 0o700))
	if _, err := j.Checkpoint(t.Context()); err != nil || j.AnchorHealth() != nil {
		t.Errorf("after mounting: %v, %v", err, j.AnchorHealth())
	}
	closeJournal(t, j)
	if got := checks(); len(got) != 0 {
		t.Errorf("check says %v", got)
	}

	away := mount + ".disk"
	must(t, os.Rename(mount, away))
	must(t, os.Mkdir(mount, 0o700)) // what is left of a mount point
	j = k.open(t, dir, o)
	must(t, newLedger().append(t, j, adt(2)))
	if _, err := j.Checkpoint(t.Context()); err == nil || j.AnchorHealth() == nil {
		t.Error("an empty mount point is taken for the disk")
	}
	if got := checks(); !slices.Equal(got, []Code{CodeAnchorAway}) {
		t.Errorf("check says %v", got)
	}
	must(t, os.Remove(mount))
	must(t, os.Rename(away, mount))
	if _, err := j.Checkpoint(t.Context()); err != nil || j.AnchorHealth() != nil {
		t.Errorf("after mounting again: %v, %v", err, j.AnchorHealth())
	}
	closeJournal(t, j)
	must(t, os.Rename(filepath.Join(mount, anchorName), filepath.Join(mount, anchorName+".old")))
	j = k.open(t, dir, o) // moved aside knowingly
	if _, err := j.Checkpoint(t.Context()); err != nil {
		t.Error("an anchor that was moved aside:", err)
	}
	closeJournal(t, j)
}

func TestAnAnchorThatComesBackAndKnowsMoreIsNotOverwritten(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	dir, mount := t.TempDir(), filepath.Join(t.TempDir(), "anchor")
	must(t, os.Mkdir(mount, 0o700))
	o := Options{CheckpointEvery: time.Hour, AnchorDir: mount}
	j := k.open(t, dir, o)
	must(t, newLedger().append(t, j, adt(1), adt(2), adt(3)))
	closeJournal(t, j)
	anchor, err := os.ReadFile(filepath.Join(mount, anchorName))
	must(t, err)

	must(t, os.Rename(mount, mount+".disk"))
	older := t.TempDir() // an older copy is restored while the disk is away
	j = k.open(t, older, o)
	must(t, newLedger().append(t, j, adt(1)))
	must(t, os.Rename(mount+".disk", mount))
	if _, err := j.Checkpoint(t.Context()); fault.KindOf(err) != fault.Corrupt || fault.KindOf(j.AnchorHealth()) != fault.Corrupt {
		t.Errorf("got %v, health %v", err, j.AnchorHealth())
	}
	if now, err := os.ReadFile(filepath.Join(mount, anchorName)); err != nil || string(now) != string(anchor) {
		t.Error("the anchor that knows more is overwritten")
	}
	must(t, newLedger().append(t, j, adt(9)))
	if j.Close() == nil {
		t.Error("closing without anchor was reported as good")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
