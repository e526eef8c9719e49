package intake

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStoredFilesAreRemovedWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	d := watch(t, t.TempDir(), &memory{}, func(c *FolderConfig) { c.Keep = 7 * 24 * time.Hour })
	d.drop("a.hl7", string(admission(1)))
	old := time.Now().Add(-30 * 24 * time.Hour) // written long ago, taken today
	if err := os.Chtimes(filepath.Join(d.dir, "a.hl7"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := d.looks(2); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"done/2020-02-03", "done/2020-02-04", "done/eigenes"} {
		if err := os.MkdirAll(filepath.Join(d.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, age := range map[string]int{"done/2020-02-03/alt.hl7": 8, "done/2020-02-04/alt.hl7": 8, "done/2020-02-04/neu.hl7": 6,
		"done/eigenes/notiz.hl7": 900, "done/liesmich.txt": 900, "bad/schlecht.hl7": 900, "fremd.txt": 900} {
		d.drop(name, "x")
		at := time.Now().Add(-time.Duration(age) * 24 * time.Hour)
		if err := os.Chtimes(filepath.Join(d.dir, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	want := "bad/schlecht.hl7 done/2020-02-04/neu.hl7 done/a.hl7 done/eigenes/notiz.hl7 done/liesmich.txt fremd.txt"
	now := time.Now()
	d.sweep(t.Context(), now)
	if got := d.files(); got != want {
		t.Errorf("left: %s\nwant: %s", got, want)
	}
	if _, err := os.Stat(filepath.Join(d.dir, "done/2020-02-03")); !os.IsNotExist(err) {
		t.Errorf("the empty day is still there: %v", err)
	}
	d.sweep(t.Context(), now.Add(sweepEvery/2)) // too early to look again
	d.sweep(t.Context(), now.Add(8*24*time.Hour))
	if got := d.files(); strings.Contains(got, "neu.hl7") || strings.Contains(got, "a.hl7") {
		t.Errorf("a week later: %s", got)
	}
	if got := d.bodies(); len(got) != 1 {
		t.Errorf("%d messages are stored", len(got))
	}
}

func TestWithNothingToKeepAStoredFileIsRemovedAtOnceAndABadOneIsNot(t *testing.T) {
	t.Parallel()
	d := watch(t, t.TempDir(), &memory{}, func(c *FolderConfig) { c.Keep = 0 })
	d.drop("Geheimrat_Wilhelmine.hl7", string(admission(1)))
	d.drop("kaputt.hl7", "kein HL7")
	if err := d.looks(3); err != nil {
		t.Fatal(err)
	}
	if got := d.files(); got != "bad/kaputt.hl7 bad/kaputt.hl7.reason.txt" || len(d.bodies()) != 1 {
		t.Errorf("%d messages stored, files: %s", len(d.bodies()), got)
	}
}
