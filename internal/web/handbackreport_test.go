package web

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// goldenReport is the last report of a hand-back in which everything happened,
// or the one before it, with an entry open.
func goldenReport(final bool) (*handback.Report, *handback.Document) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, berlin) }
	weber, brandt := clinical.Staff{ID: "s.weber", Name: "S. Weber"}, clinical.Staff{ID: "brandt", Name: "Dr. J. Brandt"}
	act := func(who clinical.Staff, day, hour, minute int, why string) *handback.Act {
		return &handback.Act{By: who, At: at(day, hour, minute), Why: why}
	}
	r := handback.Report{
		Version: 3, Target: "kis", System: "kis", At: at(23, 14, 5), By: clinical.Staff{ID: "r.vogel", Name: "R. Vogel"}, Since: 4001, Upto: 4812, Entries: 5,
		Count:      map[handback.Outcome]int{handback.Arrived: 2, handback.ByHand: 1, handback.Empty: 1, handback.Pending: 1},
		Signature:  "notbetrieb hand-back report 1\ntarget kis\nversion 3\nfinal false\nrecords 4001-4812\nentries 5\naccepted 2\nhand 1\nnothing 1\nopen 1\njson-sha256 " + strings.Repeat("3b7c", 16) + "\ncsv-sha256 " + strings.Repeat("90ea", 16) + "\n\n— klinikum-nordheide xSpTq0aBcdEfGhIjKlMnOpQrStUvWxYz0123456789+/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP=\n",
		Checkpoint: "klinikum-nordheide\n4813\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n\n— klinikum-nordheide xSpTq9zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvutsrqponmlkjihg=\n",
	}
	d := handback.Document{Report: r, Lines: []handback.Line{
		{Record: 4002, Form: "vitals", Kinds: []message.Kind{message.Vitals}, Case: "26047110", Ward: "3A", At: at(21, 8, 15), By: "S. Weber", Outcome: handback.Arrived, State: handback.Accepted,
			Messages: []handback.Told{{Control: "NB26A0000000000000A1", Type: "ORU^R01", At: at(23, 10, 2), Code: "AA"}}, Released: act(weber, 23, 9, 58, "")},
		{Record: 4107, Form: "prescription", Kinds: []message.Kind{message.Medication}, Case: "26047110", Ward: "3A", At: at(21, 9, 40), By: "Dr. J. Brandt", Outcome: handback.Arrived, State: handback.Accepted,
			Messages: []handback.Told{{Control: "NB26A0000000000000B1", Type: "RDE^O11", At: at(23, 10, 3), Code: "AE", Text: "Verordnung gesperrt: Apotheke prüft"}, {Control: "NB26A0000000000000B2", Type: "RDE^O11", At: at(23, 11, 30), Code: "AA"}},
			Released: act(brandt, 23, 11, 29, ""), Second: act(weber, 23, 11, 30, "")},
		{Record: 4230, Form: "note", Kinds: []message.Kind{message.Document}, Case: "26048233", Ward: "ITS", At: at(22, 2, 5), By: "Dr. J. Brandt", Outcome: handback.ByHand, State: handback.Hand, Hand: act(weber, 23, 12, 10, "im KIS eingetippt, Übergabe an die Frühschicht ist vermerkt")},
		{Record: 4388, Form: "note", Case: "26048233", Ward: "ITS", At: at(22, 3, 0), By: "S. Weber", Outcome: handback.Empty, State: handback.Nothing},
		{Record: 4801, Form: "diagnosis", Kinds: []message.Kind{message.Diagnosis}, Case: "26049001", Ward: "ZNA", At: at(22, 18, 44), By: "S. Weber", Outcome: handback.Pending, State: handback.Released, Released: act(brandt, 23, 13, 59, "")},
	}}
	if final {
		r.Version, r.Final, r.Entries, d.Lines = 4, true, 4, d.Lines[:4]
		delete(r.Count, handback.Pending)
		r.Signature = strings.NewReplacer("version 3", "version 4", "final false", "final true", "entries 5", "entries 4", "open 1", "open 0").Replace(r.Signature)
	}
	return &r, &d
}

// columnGaps are the gaps between columns, whose width is poppler's own affair.
var columnGaps = regexp.MustCompile(` {2,}`)

// TestTheReportOfAHandBackOnPaper: what is filed is what was signed, for people
// to read.
func TestTheReportOfAHandBackOnPaper(t *testing.T) {
	t.Parallel()
	pdftotext, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is not installed (poppler-utils)")
		}
		t.Skip("pdftotext is not installed (poppler-utils): the report is not read back")
	}
	for name, l := range map[string]lang.Lang{"interim": lang.EN, "final": lang.DE} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, d := goldenReport(name == "final")
			var pdf bytes.Buffer
			printed := time.Date(2026, 11, 23, 14, 6, 0, 0, berlin)
			ok(t, paper.List(&pdf, paper.Head{
				Hospital: "Klinikum Nordheide", Mode: incident.Mode{Kind: incident.Normal}, AsOf: printed, Seq: 4813, Printed: printed, PrintedBy: "R. Vogel", Lang: l, Zone: berlin,
			}, reportListing(r, d, berlin, l), paper.PackOptions{}))
			dir := t.TempDir()
			file := filepath.Join(dir, "report.pdf")
			ok(t, os.WriteFile(file, pdf.Bytes(), 0o600))
			out, err := exec.CommandContext(t.Context(), pdftotext, "-layout", "-enc", "UTF-8", file, "-").Output()
			ok(t, err)
			got, golden := columnGaps.ReplaceAllString(string(out), "  "), filepath.Join("testdata", "hand-back-report-"+name+".golden")
			if *update {
				ok(t, os.MkdirAll("testdata", 0o755))
				ok(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			ok(t, err)
			if got != string(want) {
				t.Errorf("the report differs from %s:\n%s", golden, got)
			}
		})
	}
}
