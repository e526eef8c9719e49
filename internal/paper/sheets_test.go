package paper

import (
	"bytes"
	"compress/zlib"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// columns are the gaps between columns, whose width is poppler's own affair.
var columns = regexp.MustCompile(` {2,}`)

type sheetCase struct {
	name  string
	pages int
	draw  func(io.Writer) error
}

func sheetCases() []sheetCase {
	ward, patients := ward3A()
	head := headOf(incident.Emergency, lang.DE)
	one := func(p *chart.Patient, o PackOptions) func(io.Writer) error {
		return func(w io.Writer) error { return Patient(w, head, p, o) }
	}
	changed := packOptions()
	changed.Changed = ChangedOnly{Since: at(21, 2, 0), Seq: 87011}
	duplex := packOptions()
	duplex.Duplex = true
	duplex.Unread = map[clinical.PatientKey]int{patients[0].Key: 2}
	return append([]sheetCase{
		{"a ward pack of three patients", 16, func(w io.Writer) error { return WardPack(w, head, ward, patients, packOptions()) }},
		{"a ward pack in an exercise in English", 16, func(w io.Writer) error {
			return WardPack(w, headOf(incident.Exercise, lang.EN), ward, patients, packOptions())
		}},
		{"a pack of changed patients only", 8, func(w io.Writer) error { return WardPack(w, head, ward, patients[2:], changed) }},
		{"a patient for a duplex printer", 8, one(anna(), duplex)},
		{"a ward pack for a duplex printer", 18, func(w io.Writer) error { return WardPack(w, head, ward, patients, duplex) }},
		{"a patient with sixty drugs and long names", 24, one(crowded(), packOptions())},
		{"a patient of whom nothing is known", 4, one(&chart.Patient{}, PackOptions{})},
		{"a person without a name", 4, one(unnamed(), packOptions())},
		{"a newborn twin", 4, one(newborn(), packOptions())},
		{"a dead patient with merged charts", 4, one(merged(), packOptions())},
		{"a ward list in normal operation", 1, func(w io.Writer) error {
			return WardList(w, headOf(incident.Normal, lang.DE), ward, packOptions())
		}},
		{"a ward without beds", 1, func(w io.Writer) error { return WardList(w, head, chart.Ward{Code: "9Z"}, PackOptions{}) }},
		{"wristbands", 5, func(w io.Writer) error {
			return Wristband(w, head, []Band{{Patient: anna()}, {Patient: heide()}, {Patient: crowded()}, {Patient: newborn(), Mother: mother()}, {Patient: unnamed()}}, AdultBand())
		}},
		{"a newborn wristband in an exercise", 1, func(w io.Writer) error {
			return Wristband(w, headOf(incident.Exercise, lang.DE), []Band{{Patient: newborn(), Mother: mother()}}, NewbornBand())
		}},
		{"labels from the third position", 1, func(w io.Writer) error {
			return Labels(w, head, []*chart.Patient{anna(), heide(), crowded(), newborn(), unnamed()}, Labels70x37(), 4, 3)
		}},
	}, append(formCases(), recordCases()...)...)
}

func TestSheetsSayWhatTheGoldenTextSays(t *testing.T) {
	t.Parallel()
	for _, c := range sheetCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := columns.ReplaceAllString(drawTo(t, c.draw).text(t), "  ")
			file := filepath.Join("testdata", strings.ReplaceAll(c.name, " ", "-")+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("text of the sheet differs from %s: %s", file, firstDifference(got, string(want)))
			}
			if n := strings.Count(got, "\f"); n != c.pages {
				t.Errorf("%d pages, want %d", n, c.pages)
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %q\nwant %q", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func TestNoTextOverlapsOrLeavesThePage(t *testing.T) {
	t.Parallel()
	for _, c := range sheetCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkBoxes(t, drawTo(t, c.draw))
		})
	}
}

// checkBoxes looks at the boxes of all words: within the page, none over
// another. Line distance is below the height of the font's own box, so the
// boxes are made lower; words across a page (the ÜBUNG behind it) are left out.
func checkBoxes(t *testing.T, d drawn) {
	t.Helper()
	for n, p := range d.pages(t) {
		var words []word
		for _, w := range p.Words {
			if strings.TrimSpace(w.Text) == "" || w.YMax-w.YMin > 60 {
				continue
			}
			h := w.YMax - w.YMin
			w.YMin, w.YMax = w.YMin+0.2*h, w.YMax-0.2*h
			if w.XMin < 0 || w.YMin < 0 || w.XMax > p.W || w.YMax > p.H {
				t.Errorf("page %d: %q leaves the page", n+1, w.Text)
			}
			words = append(words, w)
		}
		for i, a := range words {
			for _, b := range words[i+1:] {
				if a.XMin+0.3 < b.XMax && b.XMin+0.3 < a.XMax && a.YMin < b.YMax && b.YMin < a.YMax {
					t.Errorf("page %d: %q and %q overlap", n+1, a.Text, b.Text)
				}
			}
		}
	}
}

func TestTheSameHeadGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, c := range sheetCases() {
		var a, b bytes.Buffer
		if err := c.draw(&a); err != nil {
			t.Fatal(err)
		}
		if err := c.draw(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: two runs differ", c.name)
		}
	}
}

func TestEverySheetSaysWhoWhatAndWhen(t *testing.T) {
	t.Parallel()
	d := drawTo(t, sheetCases()[0].draw)
	pages := strings.Split(d.text(t), "\f")
	for i, p := range pages[:len(pages)-1] {
		flat := strings.Join(strings.Fields(p), " ")
		for _, want := range []string{
			"NOTBETRIEB seit Sa 21.11. 02:14 · KIS, LIS ausgefallen", "Daten vom Stand Sa 21.11.2026 05:31 (vor 6 min) · Journal Nr. 88123",
			"Gedruckt Sa 21.11.2026 05:38 · Drucker Stützpunkt 3A · S. Weber", fmt.Sprintf("Seite %d von 16", i+1),
		} {
			if !strings.Contains(flat, want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
		if i == 0 {
			continue
		}
		who := []string{"MÜLLER, Anna *03.04.1951 (75 J)", "▲ Penicillin (Anaphylaxie 2009)", "NAMENSGLEICH", "Fall 4711001"}
		switch {
		case i > 11:
			who = []string{"MÜLLER, Anna-Lena", "*12.09.1962 (64 J)", "NAMENSGLEICH", "Fall 4710888"}
		case i > 7:
			who = []string{"von der HEIDE, Prof. Dr. med. Karl-Otto Friedrich", "Wilhelm", "*??.12.1944", "keine bekannt", "Fall 4711377"}
		}
		for _, want := range who {
			if !strings.Contains(flat, want) && !strings.Contains(strings.ReplaceAll(flat, " Station 3A · Innere Medizin", ""), want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
	}
}

func TestAnExerciseIsSaidOnEverySheet(t *testing.T) {
	t.Parallel()
	ward, patients := ward3A()
	head := headOf(incident.Exercise, lang.DE)
	for name, draw := range map[string]func(io.Writer) error{
		"pack":   func(w io.Writer) error { return WardPack(w, head, ward, patients, packOptions()) },
		"bands":  func(w io.Writer) error { return Wristband(w, head, []Band{{Patient: anna()}}, AdultBand()) },
		"labels": func(w io.Writer) error { return Labels(w, head, patients, Labels70x37(), 1, 1) },
	} {
		pages := strings.Split(drawTo(t, draw).text(t), "\f")
		for i, p := range pages[:len(pages)-1] {
			if !strings.Contains(p, "ÜBUNG – nicht für die Versorgung") {
				t.Errorf("%s: page %d does not say that it is an exercise", name, i+1)
			}
		}
	}
}

func TestAWardPackNamesBedsWithoutSheetsAndSaysWhenOnlyChangedPatientsAreIn(t *testing.T) {
	t.Parallel()
	for _, c := range sheetCases() {
		if c.name != "a pack of changed patients only" {
			continue
		}
		flat := drawTo(t, c.draw).flat(t)
		for _, want := range []string{
			"NUR GEÄNDERTE: Diese Mappe enthält nur Patienten, deren Akte sich seit Sa 21.11.2026 02:00 (Journal Nr. 87011) geändert hat.",
			"Ohne Patientenblatt in dieser Mappe: 301 T von der HEIDE, Prof. Dr. med. Karl-Otto Friedrich Wilhelm · 305 T MÜLLER, Anna-Lena",
		} {
			if !strings.Contains(flat, want) {
				t.Errorf("the list lacks %q", want)
			}
		}
	}
}

func TestSizesThatCannotBeReadAreRefused(t *testing.T) {
	t.Parallel()
	head := headOf(incident.Normal, lang.DE)
	for name, err := range map[string]error{
		"a band of 12 mm":              Wristband(io.Discard, head, []Band{{Patient: anna()}}, BandSize{Width: 280, Height: 12}),
		"a band all clasp":             Wristband(io.Discard, head, []Band{{Patient: anna()}}, BandSize{Width: 200, Height: 25, Clasp: 100}),
		"labels wider than the page":   Labels(io.Discard, head, []*chart.Patient{anna()}, LabelSheet{W: 80, H: 37, Cols: 3, Rows: 8}, 1, 1),
		"a position beyond the sheet":  Labels(io.Discard, head, []*chart.Patient{anna()}, Labels70x37(), 1, 25),
		"labels for nobody":            Labels(io.Discard, head, nil, Labels70x37(), 1, 1),
		"wristbands for nobody at all": Wristband(io.Discard, head, nil, AdultBand()),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// contents returns what is drawn on each page, and the document's other streams.
func contents(t *testing.T, draw func(io.Writer) error) [][]byte {
	t.Helper()
	var b bytes.Buffer
	if err := draw(&b); err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	parts := bytes.Split(b.Bytes(), []byte(">>\nstream\n"))
	for i, part := range parts[1:] {
		if bytes.Contains(parts[i][bytes.LastIndex(parts[i], []byte("<<"))+1:], []byte("/DCTDecode")) {
			continue // the picture of a scanned page
		}
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, content)
	}
	return out
}

// TestNoTypeIsSmallerThanNinePoints looks at every size set in the documents.
func TestNoTypeIsSmallerThanNinePoints(t *testing.T) {
	t.Parallel()
	sizes := regexp.MustCompile(`/F\d+ ([0-9.]+) Tf`)
	for _, c := range sheetCases() {
		found := 0
		for _, content := range contents(t, c.draw) {
			for _, m := range sizes.FindAllSubmatch(content, -1) {
				found++
				if size, err := strconv.ParseFloat(string(m[1]), 64); err != nil || size < 9 {
					t.Errorf("%s: type of %s points", c.name, m[1])
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: no type found", c.name)
		}
	}
}
