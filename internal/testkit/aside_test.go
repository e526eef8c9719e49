package testkit_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/app"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/testkit"
)

// sick is a hub of its own process, with one patient and its people, whose disk
// takes nothing any more.
func sick(t *testing.T, dir string) *child {
	t.Helper()
	hub := startChild(t, dir)
	b, err := os.ReadFile(filepath.Join("testdata", "a01_mueller_3A.hl7"))
	if err != nil {
		t.Fatal(err)
	}
	kis, err := hl7.Dial(t.Context(), hub.kis, hl7.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer kis.Close()
	if _, err := kis.Send(t.Context(), []byte(strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", "\r")+"\r")); err != nil {
		t.Fatal(err)
	}
	if why := hub.ask("people").Fail; why != "" {
		t.Fatal(why)
	}
	waitFor(t, func() bool { return hub.ask("alarms").Ready })
	if why := hub.ask("full").Fail; why != "" {
		t.Skip("the disk cannot be made full: " + why)
	}
	return hub
}

// readsOnSickDisk signs somebody in who was not, and opens a chart for a reason.
func readsOnSickDisk(t *testing.T, hub *child) {
	t.Helper()
	nurse := testkit.Browser(t, func() string { return hub.web })
	nurse.SignIn("pflege", testkit.Password).In("#aside").Sees("Zugriffe werden gesondert aufgezeichnet")
	ward := nurse.Page("/ward/3A").Submit("/glass", "reason", "KIS antwortet nicht").Answers(200)
	ward.In("#aside").Sees("Das Journal kann nicht geschrieben werden")
	chart := nurse.Page(chartOf(ward, "26047110")).Answers(200)
	chart.In(".banner").Sees("Müller")
	chart.In("#aside").Sees("später nachgetragen")
	testkit.Browser(t, func() string { return hub.web }).Page("/signin").In("#aside").Sees("IT-Leitstelle")
	if got := hub.ask("alarms").Alarms; !slices.Contains(got, "aside") {
		t.Errorf("IT is not told: %v", got)
	}
}

// auditedOnce looks that the reads on the sick disk are in the audit, once each,
// marked, and that nothing waits.
func auditedOnce(t *testing.T, hub *child) {
	t.Helper()
	waitFor(t, func() bool { return hub.ask("aside").Waiting == 0 })
	if got := hub.ask("alarms").Alarms; slices.Contains(got, "aside") {
		t.Errorf("the alarm still stands: %v", got)
	}
	auditor := testkit.Browser(t, func() string { return hub.web })
	if auditor.SignIn("revision", testkit.Password).Has("#aside") {
		t.Error("the pages still say that the journal cannot be written")
	}
	page := auditor.Page("/audit?person=pflege").Sees("nachgetragen", "KIS antwortet nicht")
	if n := strings.Count(page.Text(), "chart/overview"); n != 1 {
		t.Errorf("the chart is %d times in the audit", n)
	}
}

func TestChartsOpenWhileTheJournalCannotBeWrittenAndTheAuditHasEachReadOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	hub := sick(t, dir)
	readsOnSickDisk(t, hub)
	hub.ask("free")
	auditedOnce(t, hub)
	hub.end()
	checkFolder(t, dir)
}

func TestReadsThatWaitOnASecondDiskSurviveAPowerCut(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "data")
	if err := os.Mkdir(filepath.Join(top, "anchor"), 0o700); err != nil {
		t.Fatal(err)
	}
	hub := sick(t, dir)
	readsOnSickDisk(t, hub)
	if got := hub.ask("aside"); got.Waiting < 3 || got.Kept != got.Waiting {
		t.Fatalf("%d of %d are on the second disk", got.Kept, got.Waiting)
	}
	hub.kill()
	hub = startChild(t, dir)
	auditedOnce(t, hub)
	hub.end()
	h, err := app.Open(t.Context(), testkit.Config(dir), keysOf(t, dir), app.Options{Hash: testkit.CheapHash()})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	reads, err := h.Staff.Reads(t.Context(), staff.ReadFilter{Person: "pflege"})
	if err != nil || len(reads) == 0 || !reads[0].Late || !reads[len(reads)-1].Time.Before(reads[0].Time.Add(1)) {
		t.Errorf("the audit has %+v, %v", reads, err)
	}
}
