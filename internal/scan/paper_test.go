package scan

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	_ "image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/boombuler/barcode/datamatrix"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/sheet"
)

var friday = time.Date(2026, 11, 20, 22, 10, 0, 0, time.UTC)

// known is a value of the KIS.
func known[T any](v T) chart.Value[T] {
	return chart.Value[T]{V: v, Known: true, Origin: clinical.Origin{Seq: 81000, Feed: "kis-adt", Sent: friday, Received: friday}}
}

// inpatient is a patient with enough in the chart for full sheets.
func inpatient(name string, no clinical.CaseNo) *chart.Patient {
	id := clinical.Identifier{Value: "P" + string(no), Authority: "LINDENHOF"}
	o := clinical.Origin{Seq: 81000, Feed: "kis-adt", Sent: friday, Received: friday}
	p := &chart.Patient{
		Key: id.Key(), IDs: []clinical.Identifier{id},
		Name: known(clinical.Name{Family: name, Given: "Anna"}), Birth: known(clinical.Date{Year: 1951, Month: 4, Day: 3}),
		Sex: known(clinical.Female), Stays: []chart.Stay{{Case: no, State: chart.Present, Class: known(clinical.Inpatient), Admitted: known(friday.Add(-72 * time.Hour))}},
	}
	for i, d := range []string{"Torasemid 10 mg", "Bisoprolol 2,5 mg", "Pantoprazol 40 mg", "Meropenem 1 g", "Clexane 4 000 IE"} {
		p.Medication = append(p.Medication, chart.Item[clinical.Prescription]{Origin: o, V: clinical.Prescription{
			Placer: fmt.Sprint("V", i), Drug: clinical.Coded{Text: d}, Dose: "1", Route: "p.o.", Scheme: "1-0-1-0", Status: clinical.InProgress, Start: friday.Add(-48 * time.Hour),
		}})
	}
	for i, name := range []string{"Kalium", "Natrium", "Leukozyten", "Hämoglobin", "Thrombozyten", "Kreatinin", "C-reaktives Protein"} {
		v := 3.5 + float64(i)
		p.Results = append(p.Results, chart.Item[clinical.Result]{Origin: o, V: clinical.Result{
			Filler: fmt.Sprint("L", i), Code: clinical.Coded{Code: strconv.Itoa(2000 + i), Text: name}, Section: clinical.Laboratory,
			Value: fmt.Sprint(v), Number: &v, Unit: "mmol/l", Range: "3,5–5,1", Status: clinical.Final, At: friday,
		}})
	}
	return p
}

func head() paper.Head {
	return paper.Head{
		Hospital: "Klinikum Lindenhof", Mode: incident.Mode{Kind: incident.Emergency, Since: friday}, AsOf: friday, Seq: 88123,
		Printed: friday.Add(7 * time.Hour), PrintedBy: "S. Weber", Where: "Drucker Stützpunkt 3A", Lang: lang.DE, Zone: time.UTC,
	}
}

// printed is a page as it left the printer: in greys at 300 dpi, with the code
// that stands on it.
type printed struct {
	code sheet.Code
	img  *image.Gray
}

// patientPDF is the sheets of one patient as printed.
func patientPDF(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := paper.Patient(&b, head(), inpatient("Müller", "4711001"), paper.PackOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// poppler runs one of the poppler tools; without it the test is skipped, but
// not in CI.
func poppler(t testing.TB, tool string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed (poppler-utils)", tool)
		}
		t.Skipf("%s is not installed (poppler-utils): no sheet can be rendered", tool)
	}
	out, err := exec.CommandContext(context.Background(), path, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return out
}

var rendered struct {
	sync.Mutex
	pages []printed
}

// sheets are the first pages of a patient's sheets: overview, medication plan,
// results and an empty sheet.
func sheets(t testing.TB) []printed {
	t.Helper()
	rendered.Lock()
	defer rendered.Unlock()
	if rendered.pages == nil {
		dir := t.TempDir()
		file := filepath.Join(dir, "sheet.pdf")
		if err := os.WriteFile(file, patientPDF(t), 0o600); err != nil {
			t.Fatal(err)
		}
		forms := []sheet.Form{sheet.FormOverview, sheet.FormMedication, sheet.FormResults, sheet.FormBlank}
		poppler(t, "pdftoppm", "-r", "300", "-gray", "-png", file, filepath.Join(dir, "p"))
		for i, form := range forms {
			raw, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("p-%d.png", i+1)))
			if err != nil {
				t.Fatal(err)
			}
			rendered.pages = append(rendered.pages, printed{
				sheet.Code{Form: form, Case: "4711001", Page: i + 1, Seq: 88123}, pictureOf(t, bytes.NewReader(raw)),
			})
		}
	}
	return rendered.pages
}

func pictureOf(t testing.TB, r io.Reader) *image.Gray {
	t.Helper()
	img, _, err := image.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	g := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(g, g.Rect, img, img.Bounds().Min, draw.Src)
	return g
}

// drawnPage is a page with nothing but a code, drawn here and not by paper.
func drawnPage() (sheet.Code, *image.Gray) {
	c := sheet.Code{Form: sheet.FormCurve, Serial: "7K2M9QXTE4", Ward: "3A", Page: 1}
	g := image.NewGray(image.Rect(0, 0, 700, 990))
	draw.Draw(g, g.Rect, image.White, image.Point{}, draw.Src)
	stampCode(g, c.String(), 580, 880, 3)
	return c, g
}

// stampCode draws a DataMatrix with its upper left at a place.
func stampCode(g *image.Gray, text string, x, y, module int) {
	m, err := datamatrix.Encode(text)
	if err != nil {
		panic(err)
	}
	for j := range m.Bounds().Dy() * module {
		for i := range m.Bounds().Dx() * module {
			v, _, _, _ := m.At(i/module, j/module).RGBA()
			g.Pix[(y+j)*g.Stride+x+i] = uint8(v >> 8)
		}
	}
}
