package app_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

// message is one of the messages that the stories of testkit use.
func message(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testkit", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// kinds counts the records of the journal that are not pruned.
func kinds(t *testing.T, h *testkit.Hospital) (n map[journal.Kind]int, bodies string) {
	t.Helper()
	n = map[journal.Kind]int{}
	for rec, err := range h.Hub.Select(t.Context(), app.Selection{}) {
		if err != nil {
			t.Fatal(err)
		}
		n[rec.Kind]++
		if rec.Kind == journal.HL7 {
			bodies += string(rec.Body)
		}
	}
	return n, bodies
}

func TestRetentionDropsWhoLeftLongAgoAndNothingElse(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) { c.Retention = config.Retention{Days: 30, KeepReadsDays: 60} })
	h.Receive("kis", message(t, "a01_mueller_3A.hl7"), message(t, "a01_schmidt_1949_3A.hl7"), message(t, "adt_q77_mueller_unknown_event.hl7"))
	h.Receive("lis", message(t, "r01_mueller_potassium_6_1.hl7"))
	h.Receive("kis", message(t, "a03_mueller_discharged.hl7"), message(t, "t_a01_testpatient_3A.hl7"))
	h.Declare("kis")
	h.As("arzt").Page("/ward/3A").Sees("Renate")
	if err := h.Hub.Export(t.Context(), "root", app.Selection{}, 0, io.Discard, nil); err != nil {
		t.Fatal(err)
	}
	before, bodies := kinds(t, h)
	if before[journal.Read] == 0 || before[journal.Outage] == 0 || before[journal.Export] != 1 || !strings.Contains(bodies, "Müller") {
		t.Fatalf("the story begins with %v", before)
	}
	h.Pass(100 * 24 * time.Hour)
	h.Receive("kis", strings.Replace(message(t, "a01_schmidt_1971_3A.hl7"), "202611", "202702", 1))
	if err := h.Hub.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, bodies := kinds(t, h)
	for _, k := range []journal.Kind{journal.Staff, journal.Outage, journal.Export} {
		if after[k] != before[k] {
			t.Errorf("%d of %d records of kind %s are left; they must stay", after[k], before[k], k)
		}
	}
	if after[journal.Read] != 0 {
		t.Errorf("%d reads older than their limit are left", after[journal.Read])
	}
	if after[journal.Command] == 0 {
		t.Error("the dropping itself is not recorded")
	}
	if strings.Contains(bodies, "Amoxicillin") && strings.Contains(bodies, "A03") {
		t.Error("the messages of a patient who left long ago are left")
	}
	if !strings.Contains(bodies, "1949") {
		t.Error("the messages of a patient in house were dropped")
	}
	h.Check()
	h.Replay()
	h.Check()
}

func checkDerived(t *testing.T, c config.Config) []app.Finding {
	t.Helper()
	k, err := app.OpenKeys(c.Keys.File, "")
	if err != nil {
		t.Fatal(err)
	}
	found, err := app.CheckDerived(t.Context(), c, k)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(f app.Finding) bool { return f.Part == "chart" && f.Notice }) // stopped with reads not yet folded
}

func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 3; i < len(b); i += 997 {
		b[i] ^= 0x40
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEachDamageOfDerivedStateHasItsOwnFinding(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", message(t, "a01_mueller_3A.hl7"))
	h.Declare("kis")
	h.As("arzt").Page("/ward/3A").Sees("Jürgen")
	h.Check()
	people := filepath.Join(h.Config.Data, "staff", "staff.db")
	outages := filepath.Join(h.Config.Data, "incident", "outages.state")
	whole, err := os.ReadFile(people)
	if err != nil {
		t.Fatal(err)
	}
	found := func(want string) {
		t.Helper()
		for range 2 { // looking twice: the first look repairs nothing
			got := checkDerived(t, h.Config)
			if len(got) != 1 || got[0].Code != want {
				t.Errorf("found %v, want %s", got, want)
			}
		}
	}
	flip(t, people)
	found(staff.FoundDamaged)
	if err := os.Remove(people); err != nil {
		t.Fatal(err)
	}
	found(staff.FoundMissing)
	if err := os.WriteFile(people, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	flip(t, outages)
	found("incident-damaged")
	if err := os.Remove(outages); err != nil {
		t.Fatal(err)
	}
	flip(t, filepath.Join(h.Config.Data, "watch", "watch.state"))
	found("watch-damaged")
	if err := os.Remove(filepath.Join(h.Config.Data, "watch", "watch.state")); err != nil {
		t.Fatal(err)
	}
	if got := checkDerived(t, h.Config); len(got) != 0 {
		t.Errorf("with everything back there is %v", got)
	}
	left, err := filepath.Glob(filepath.Join(h.Config.Data, "check-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("the check leaves %v behind", left)
	}
}

func TestACommandTakesOnlyAWholeNumber(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", message(t, "a01_mueller_3A.hl7"))
	for _, whole := range []string{"26047110", "10047110", "2604 7110"} {
		var out bytes.Buffer
		job := app.PrintJob{Patient: whole, Lang: lang.DE, User: "root"}
		if err := h.Hub.PrintPDF(t.Context(), job, &out, nil); err != nil || !bytes.HasPrefix(out.Bytes(), []byte("%PDF")) {
			t.Errorf("%s: %d bytes, %v", whole, out.Len(), err)
		}
	}
	for _, part := range []string{"2604711", "1004", "Müller", "47110"} {
		err := h.Hub.PrintPDF(t.Context(), app.PrintJob{Patient: part, Lang: lang.DE}, io.Discard, nil)
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q brings up somebody's chart: %v", part, err)
		}
	}
}

func TestAnExportIsRecordedWithItsPatientAndHoldsTheBytesAsTheyCame(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", message(t, "a01_mueller_3A.hl7"), message(t, "a01_heidenreich_ITS.hl7"))
	sent := h.Message(message(t, "a01_mueller_3A.hl7"))
	var out bytes.Buffer
	if err := h.Hub.Export(t.Context(), "root", app.Selection{Patient: "10047110"}, 0, &out, nil); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(&out); ; {
		f, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for name, b := range files {
		if strings.HasSuffix(name, ".hl7") {
			n++
			if !bytes.Equal(b, sent) {
				t.Errorf("%s is not what was sent", name)
			}
		}
	}
	if n != 1 || !bytes.Contains(files["manifest.jsonl"], []byte(`"kind":"hl7v2"`)) {
		t.Errorf("the export holds %d messages and the manifest %s", n, files["manifest.jsonl"])
	}
	k, err := app.OpenKeys(h.Config.Keys.File, "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := journal.OpenCheckpoint(files["checkpoint.note"], k.Verifier)
	if err != nil || c.Size < h.Hub.Journal.Head() {
		t.Errorf("the checkpoint covers %d of %d records: %v", c.Size, h.Hub.Journal.Head(), err)
	}
	h.Settle()
	key := clinical.Identifier{Value: "10047110", Authority: "HAUS"}.Key()
	reads, err := h.Hub.Staff.Reads(t.Context(), staff.ReadFilter{Patient: key})
	if err != nil || len(reads) != 1 || reads[0].Page != "export" || reads[0].Name != "root" {
		t.Errorf("an auditor who asks for the patient finds %v, %v", reads, err)
	}
	records, _ := kinds(t, h)
	if records[journal.Export] != 1 {
		t.Errorf("%d exports are recorded", records[journal.Export])
	}
}

// lie returns what lies in a folder: names, sizes and times.
func lie(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "-shm") { // memory that readers share, no data
			return err
		}
		info, err := d.Info()
		out[path] = fmt.Sprint(info.Size(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACheckChangesNothing(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", message(t, "a01_mueller_3A.hl7"))
	h.Declare("kis")
	h.As("arzt").Page("/ward/3A").Sees("Jürgen")
	running := checkDerived(t, h.Config)
	if len(running) != 1 || running[0].Code != app.FoundRunning || !running[0].Notice {
		t.Errorf("beside a running hub the check says %v", running)
	}
	h.Stop()
	before := lie(t, h.Config.Data)
	if found := checkDerived(t, h.Config); len(found) != 0 {
		t.Errorf("found %v", found)
	}
	if after := lie(t, h.Config.Data); !maps.Equal(before, after) {
		t.Errorf("the folder held %v and now holds %v", before, after)
	}
}
