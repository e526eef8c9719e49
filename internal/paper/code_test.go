package paper

import (
	"io"
	"strings"
	"testing"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

func TestASheetCodeIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]SheetCode{
		"NB1|M|4711001|2|88123|A2F0":      {Form: FormMedication, Case: "4711001", Page: 2, Seq: 88123},
		"NB1|L|#3A|1|88123|0F88":          {Form: FormList, Ward: "3A", Page: 1, Seq: 88123},
		"NB1|E|@k3jq|4|0|D587":            {Form: FormBlank, Key: "k3jq", Page: 4},
		"NB1|U|%407%7C%25%C3%84|1|1|A539": {Form: FormOverview, Case: "@7|%Ä", Page: 1, Seq: 1},
	} {
		if got := c.String(); got != text {
			t.Errorf("code is %s, want %s", got, text)
		}
		back, err := ParseSheetCode(c.String())
		if err != nil || back != c {
			t.Errorf("%s read back as %+v, %v", text, back, err)
		}
	}
}

func TestAMisreadSheetCodeIsRefused(t *testing.T) {
	t.Parallel()
	good := SheetCode{Form: FormMedication, Case: "4711001", Page: 2, Seq: 88123}.String()
	for i := range good {
		for _, c := range "0X|" {
			bad := good[:i] + string(c) + good[i+1:]
			if bad == good {
				continue
			}
			if _, err := ParseSheetCode(bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q was accepted", bad)
			}
		}
	}
	for _, bad := range []string{"", "|", "NB2|M|1|1|1|", "4711001", good + " "} {
		if _, err := ParseSheetCode(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestTheCheckIsTheCommonCRC16(t *testing.T) {
	t.Parallel()
	if got := crc16("123456789"); got != 0x29b1 {
		t.Errorf("CRC-16 is %04X, want 29B1", got)
	}
}

func FuzzSheetCode(f *testing.F) {
	f.Add("NB1|M|4711001|2|88123|65D2", "4711001")
	f.Fuzz(func(t *testing.T, read, number string) {
		if c, err := ParseSheetCode(read); err == nil {
			if again, err := ParseSheetCode(c.String()); err != nil || again != c {
				t.Errorf("%q: read as %+v, then as %+v, %v", read, c, again, err)
			}
		}
		c := SheetCode{Form: FormBlank, Case: clinical.CaseNo(number), Page: 1}
		if back, err := ParseSheetCode(c.String()); err != nil || back != c {
			t.Errorf("case %q came back as %+v, %v", number, back, err)
		}
	})
}

// footCode is where the code of a sheet is: lower right, in millimetres.
func footCode(w, h float64) field { return field{w - 30, h - 29, 23, 22} }

func TestTheCodeOfEachSheetIsReadFromAGreyScan(t *testing.T) {
	t.Parallel()
	ward, patients := ward3A()
	for kind, pages := range map[incident.ModeKind]int{incident.Normal: 8, incident.Emergency: 2, incident.Exercise: 2} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			d := drawTo(t, func(w io.Writer) error { return WardPack(w, headOf(kind, lang.DE), ward, patients[2:], packOptions()) })
			want := []SheetCode{
				{Form: FormList, Ward: "3A", Page: 1}, {Form: FormOverview, Page: 1}, {Form: FormMedication, Page: 2}, {Form: FormMedication, Page: 3},
				{Form: FormResults, Page: 4}, {Form: FormResults, Page: 5}, {Form: FormResults, Page: 6}, {Form: FormBlank, Page: 7},
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
	c, err := ParseSheetCode(readMatrix(t, d.scan(t, 1, footCode(210, 297))))
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
			c, err := ParseSheetCode(readMatrix(t, d.scan(t, i+1, field{size.Clasp, 0, 16, size.Height})))
			if err != nil || c.Case != want || c.Form != FormWristband {
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
		c, err := ParseSheetCode(readMatrix(t, d.scan(t, 1, field{x + 52, y + 19, 17.5, 17.5})))
		if err != nil || string(c.Case) != want {
			t.Errorf("label %d: DataMatrix reads %+v, %v", i+1, c, err)
		}
	}
	if strings.Count(d.flat(t), "ÜBUNG") != len(patients) {
		t.Error("not every label says that it is an exercise")
	}
}
