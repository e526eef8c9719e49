package paper

import (
	"io"
	"strings"
	"testing"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// footCode is where the code of a sheet is: lower right, in millimetres.
func footCode(w, h float64) field { return field{w - 30, h - 29, 23, 22} }

func TestTheCodeOfEachSheetIsReadFromAGreyScan(t *testing.T) {
	t.Parallel()
	ward, patients := ward3A()
	for kind, pages := range map[incident.ModeKind]int{incident.Normal: 8, incident.Emergency: 2, incident.Exercise: 2} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			d := drawTo(t, func(w io.Writer) error { return WardPack(w, headOf(kind, lang.DE), ward, patients[2:], packOptions()) })
			want := []sheet.Code{
				{Form: sheet.FormList, Ward: "3A", Page: 1}, {Form: sheet.FormOverview, Page: 1}, {Form: sheet.FormMedication, Page: 2}, {Form: sheet.FormMedication, Page: 3},
				{Form: sheet.FormResults, Page: 4}, {Form: sheet.FormResults, Page: 5}, {Form: sheet.FormResults, Page: 6}, {Form: sheet.FormBlank, Page: 7},
			}
			for i, c := range want[:pages] {
				c.Seq = 88123
				w, h := 297.0, 210.0
				if i > 0 {
					c.Case, w, h = "4711001", h, w
				}
				got := readMatrix(t, d.scan(t, i+1, footCode(w, h)))
				if got != c.String() {
					t.Errorf("page %d reads %q, want %q", i+1, got, c)
				}
			}
		})
	}
}

func TestALongCaseNumberStillMakesAReadableCode(t *testing.T) {
	t.Parallel()
	p := anna()
	p.Stays[0].Case = "KH-LINDENHOF/2026-INNERE/000471100123"
	d := drawTo(t, func(w io.Writer) error { return Patient(w, headOf(incident.Normal, lang.DE), p, PackOptions{}) })
	c, err := sheet.Parse(readMatrix(t, d.scan(t, 1, footCode(210, 297))))
	if err != nil || c.Case != p.Stays[0].Case {
		t.Errorf("read %+v, %v", c, err)
	}
}

func TestWristbandsAreReadFromAGreyScan(t *testing.T) {
	t.Parallel()
	bands := []Band{{Patient: anna()}, {Patient: crowded()}, {Patient: newborn(), Mother: mother()}}
	for name, size := range map[string]BandSize{"adult": AdultBand(), "newborn": NewbornBand(), "small": {Width: 150, Height: 18}} {
		d := drawTo(t, func(w io.Writer) error { return Wristband(w, headOf(incident.Normal, lang.DE), bands, size) })
		for i, b := range bands {
			want := b.Patient.Stays[0].Case
			c, err := sheet.Parse(readMatrix(t, d.scan(t, i+1, field{size.Clasp, 0, 16, size.Height})))
			if err != nil || c.Case != want || c.Form != sheet.FormWristband {
				t.Errorf("%s band %d: DataMatrix reads %+v, %v", name, i+1, c, err)
			}
			right := size.Width - size.Tail
			if got := readBars(t, d.scan(t, i+1, field{right - 60, 0, 60, size.Height})); got != string(want) {
				t.Errorf("%s band %d: Code 128 reads %q", name, i+1, got)
			}
		}
	}
}

func TestEachLabelIsReadFromAGreyScan(t *testing.T) {
	t.Parallel()
	patients := []*chart.Patient{anna(), heide(), crowded(), newborn(), unnamed()}
	d := drawTo(t, func(w io.Writer) error {
		return Labels(w, headOf(incident.Exercise, lang.DE), patients, Labels70x37(), 1, 2)
	})
	for i, p := range patients {
		x, y := float64((i+1)%3)*70, 0.5+float64((i+1)/3)*37
		want := string(p.Stays[0].Case)
		if got := readBars(t, d.scan(t, 1, field{x, y + 20, 54, 16.5})); got != want {
			t.Errorf("label %d: Code 128 reads %q, want %q", i+1, got, want)
		}
		c, err := sheet.Parse(readMatrix(t, d.scan(t, 1, field{x + 52, y + 19, 17.5, 17.5})))
		if err != nil || string(c.Case) != want {
			t.Errorf("label %d: DataMatrix reads %+v, %v", i+1, c, err)
		}
	}
	if strings.Count(d.flat(t), "ÜBUNG") != len(patients) {
		t.Error("not every label says that it is an exercise")
	}
}
