package testkit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"notbetrieb/internal/testkit"
)

// TestDerivedDataMayBeLostOrDamaged removes or damages each folder that is
// derived from the journal: the hub starts again and shows the same.
func TestDerivedDataMayBeLostOrDamaged(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"chart", "staff", "incident", "harm", "crisis"} {
		for name, harm := range map[string]func(*testing.T, string){"removed": remove, "flipped": flipFiles, "cut": cutFiles} {
			t.Run(part+" "+name, func(t *testing.T) {
				t.Parallel()
				h := testkit.New(t)
				h.Receive("kis", "a01_mueller_3A.hl7")
				h.Receive("lis", "r01_mueller_potassium_6_1.hl7")
				h.Declare("kis")
				h.As("pflege").Page("/ward/3A").Sees("Müller", "6,1")
				h.Stop()
				harm(t, filepath.Join(h.Config.Data, part))
				h.Restart()
				h.Settle()
				waitFor(t, func() bool { return h.Hub.Ready(t.Context()) == nil })
				h.Visitor().SignIn("pflege", testkit.Password).In("#modeline").Sees("Notbetrieb")
				waitFor(t, func() bool { return h.As("pflege").Page("/ward/3A").Has("tr[data-case=26047110]") })
				h.As("pflege").Page("/ward/3A").Sees("Müller", "6,1")
				h.Check()
			})
		}
	}
}

func remove(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

func flipFiles(t *testing.T, dir string) {
	t.Helper()
	change(t, dir, func(b []byte) []byte {
		for i := len(b) / 3; i < len(b); i += 997 {
			b[i] ^= 0x41
		}
		return b
	})
}

func cutFiles(t *testing.T, dir string) {
	t.Helper()
	change(t, dir, func(b []byte) []byte { return b[:len(b)/2] })
}

func change(t *testing.T, dir string, how func([]byte) []byte) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 {
			return err
		}
		n++
		return os.WriteFile(path, how(b), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Log("there was no file to damage")
	}
}
