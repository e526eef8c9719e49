package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// testConfig is a hub with one system on a free port.
func testConfig(t *testing.T) (config.Config, Keys) {
	t.Helper()
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	c.Keys.File = filepath.Join(c.Data, "keys", "master.key")
	c.Web.Listen = "127.0.0.1:0"
	c.Systems = []config.System{{ID: "kis", Name: lang.Text{DE: "KIS", EN: "HIS"}}}
	if err := CreateKeys(c.Keys.File, "testhaus", ""); err != nil {
		t.Fatal(err)
	}
	k, err := OpenKeys(c.Keys.File, "")
	if err != nil {
		t.Fatal(err)
	}
	return c, k
}

// openHub opens a hub that is closed when the test ends.
func openHub(t *testing.T, c config.Config, k Keys, o Options) *Hub {
	t.Helper()
	o.Hash = staff.HashCost{Memory: 8, Time: 1, Threads: 1}
	h, err := Open(t.Context(), c, k, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return h
}

var errTest = errors.New("not now")

func TestAnAnchorDiskThatIsAwayIsAnAlarmUntilItIsBack(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	c.Checkpoint.AnchorDir = filepath.Join(t.TempDir(), "anker")
	h := openHub(t, c, k, Options{})
	h.look()
	if a, ok := h.Alarms.Get("anchor"); !ok || !strings.Contains(a.Text.DE, c.Checkpoint.AnchorDir) {
		t.Fatalf("the alarm is %+v", a)
	}
	if err := os.Mkdir(c.Checkpoint.AnchorDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Journal.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.look(); alarmed(h, "anchor") {
		t.Error("the alarm stands though the disk is back")
	}
}
