// Package archtest checks the shape of the project: which package may import
// which, and how large files and functions get.
package archtest

import (
	"os/exec"
	"strings"
	"testing"
)

// layer orders the packages: a package may import only packages of a lower
// layer. One line per package; a new package without a line fails the test.
// Work packages of one layer never import each other: they meet in the journal.
var layer = map[string]int{
	"lang": 0, "foreign": 0,

	"clinical": 1, "fault": 1, "strict": 1, "holiday": 1,

	"astm": 2, "hl7": 2, "seal": 2, "sheet": 2, "typeface": 2, "rulebook": 2, "score": 2, "dosing": 2, "catalogue": 2, "review": 2, "chart/names": 2, "chart/pack": 2, "paper/pdf": 3, "seal/atrest": 3,

	"journal": 3, "entry": 3, "scan": 3,

	"egk": 2, "dicom": 2, "watch/rhythm": 2, "watch/probe": 3, "callout/way": 3,

	"interpret": 4, "journal/journaltest": 4, "numbers": 4, "handback/message": 4, "staff": 4, "estate": 4,

	"chart": 5, "config": 5, "incident": 5, "handback/bundle": 5, "fakekis": 5,

	"intake": 6, "paper": 6, "tray": 6, "demo": 6, "desk": 6, "harm": 6, "handback": 6, "forward": 6, "watch": 6, "crisis": 6, "callout": 6, "evidence": 6, "oversight": 6, "inquiry": 6,

	"web": 7,

	"app": 8,

	"testkit": 9,
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "notbetrieb/internal/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		from := strings.TrimPrefix(f[0], "notbetrieb/internal/")
		if from == "archtest" {
			continue
		}
		l, ok := layer[from]
		if !ok {
			t.Errorf("%s has no layer: add it to this table and to docs/architecture.md", from)
			continue
		}
		for _, imp := range f[1:] {
			to, ours := strings.CutPrefix(imp, "notbetrieb/internal/")
			if ours && layer[to] >= l {
				t.Errorf("%s (layer %d) imports %s (layer %d)", from, l, to, layer[to])
			}
		}
	}
}
