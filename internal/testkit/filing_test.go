package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/testkit"
)

// onDesk hands pages without a code in and returns the addresses at the desk.
func onDesk(t *testing.T, h *testkit.Hospital, who *testkit.Person, n int) []string {
	t.Helper()
	who.Upload("/scan", "files", pictures(t, n), "ward", "3A").Answers(200)
	read(t, h)
	var refs []string
	seen := map[string]bool{}
	for _, l := range who.Page("/desk/scan").Answers(200).Links() {
		if strings.HasPrefix(l, "/desk/scan/") && !strings.Contains(l, "picture") && !seen[l] {
			refs, seen[l] = append(refs, l), true
		}
	}
	if len(refs) != n {
		t.Fatalf("%d pages wait, want %d", len(refs), n)
	}
	return refs
}

// A clerk puts a nurse's sheet into the chart without the right to write what
// stands on it, also weeks later; the values are typed in by who may write them.
func TestFilingASheetIsNoWritingOfWhatStandsOnIt(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	clerk := h.As("aufnahme")
	refs := onDesk(t, h, clerk, 1)
	filed := clerk.Page(refs[0]).Submit(refs[0], "q", "26047110").Submit(refs[0]+"/file", "kind", "vitals").Answers(200)
	filed.Sees("Müller", "Werte noch nicht übertragen")
	for _, l := range filed.Links() {
		if strings.Contains(l, "/write/vitals") {
			t.Error("the clerk is offered to type the values")
		}
	}
	root := filed.Path[strings.LastIndexByte(filed.Path, '/')+1:]
	clerk.Post(chart+"/write/vitals", "key", strings.Repeat("0a", 16), "sheet", root, "sheetby", "swe", "at", "09:40", "pulse", "72", "act", "sign").Answers(403)
	h.As("arzt").Page(chart + "/curve").NotSees("72")
	h.As("apotheke").Post(refs[0]+"/file", "patient", strings.TrimPrefix(chart, "/patient/"), "kind", "vitals").Answers(403)
	h.Check()
}

// An exercise opens reading; it files nothing into a real chart unless somebody
// gives a reason, as in normal operation.
func TestAnExerciseFilesNoPaper(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis", "exercise", "1")
	nurse := h.As("pflege")
	chart := chartOf(nurse.Page("/ward/3A").Answers(200), "26047110")
	refs := onDesk(t, h, nurse, 2)
	nurse.Page(refs[0]).Answers(200)
	key := strings.TrimPrefix(chart, "/patient/")
	ask := nurse.Post(refs[0]+"/file", "patient", key, "kind", "vitals").Answers(403).Sees("Lesen mit Grund", "noch da")
	nurse.Post(refs[1]+"/aside", "why", "leere Rückseite").Answers(403).Sees("Lesen mit Grund")
	nurse.Page("/desk/scan").Sees("kein Blattcode")
	h.As("arzt").Page(chart + "/findings").NotSees("gescanntes Papier")
	back := ask.Submit("/glass", "reason", "Echter Bogen vom Ausfall im Oktober").Answers(200).Sees("In die Akte von MÜLLER")
	back.Submit(refs[0]+"/file").Answers(200).Sees("Müller", "Werte noch nicht übertragen")
	h.Check()
}

// Paper is found weeks after the outage: it is filed for a reason, and nothing
// is recorded here any more.
func TestPaperFoundLateIsFiledForAReasonAndNotTyped(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Pass(24 * time.Hour)
	nurse := h.As("pflege").WithReason("Ablage vom Ausfall")
	chart := chartOf(nurse.Page("/ward/3A"), "26047110")
	refs := onDesk(t, h, nurse, 1)
	filed := nurse.Page(refs[0]).Submit(refs[0], "q", "26047110").Submit(refs[0]+"/file", "kind", "vitals").Answers(200)
	filed.Sees("Werte noch nicht übertragen")
	nurse.Page(chart + "/write/vitals").Answers(403).Sees("kein Ausfall erklärt")
	h.Check()
}
