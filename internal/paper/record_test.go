package paper

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	forms "notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// vitalsEntry is the n-th version of an entry of vital signs.
func vitalsEntry(n int, fields map[string]string) *forms.Entry {
	key := strings.Repeat(string(rune('a'+n)), 32)
	e := &forms.Entry{
		Key: key, Root: strings.Repeat("a", 32), Form: "vitals", State: forms.Signed, Case: "4711001", Ward: "3A",
		IDs: []clinical.Identifier{{Value: "100234", Authority: "LINDENHOF", Type: "PI"}}, At: at(21, 8, 0), Written: at(21, 8, 5+n),
		By: clinical.Staff{ID: "s.weber", Name: "S. Weber"}, Role: "pflege", From: "Stützpunkt 3A", Seen: 87990, Fields: fields,
	}
	if n > 0 {
		e.Corrects, e.Reason = e.Root, "Zahlendreher"
	}
	return e
}

func recorded(versions ...*forms.Entry) Recorded {
	return Recorded{
		Form: forms.FormOf(versions[0].Form), Versions: versions, Name: clinical.Name{Family: "Müller", Given: "Anna"},
		Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}, Sex: clinical.Female, Ward: "Station 3A",
	}
}

// scanned is a page in a scanner's grey, dark where words would stand.
func scanned() image.Image {
	m := image.NewGray(image.Rect(0, 0, 420, 594))
	for i := range m.Pix {
		m.Pix[i] = 250
	}
	for y := 60; y < 540; y += 24 {
		for x := 40; x < 380; x++ {
			m.SetGray(x, y, color.Gray{Y: 20})
		}
	}
	return m
}

func recordCases() []sheetCase {
	first := vitalsEntry(0, map[string]string{"bp": "118/76", "temp": "38,4", "acvpu": "A"})
	second := vitalsEntry(1, map[string]string{"bp": "118/76", "temp": "36,4", "acvpu": "A"})
	second.Facts = forms.Facts{
		clinical.Result{SubID: "score", Code: clinical.Coded{Code: "NEWS2", Text: "NEWS2"}, Value: "0"},
		clinical.Order{Placer: "N000123", What: clinical.Coded{Text: "Kleines Blutbild"}},
	}
	gone := vitalsEntry(1, map[string]string{"bp": "118/76"})
	gone.Withdrawn, gone.Reason, gone.Second = true, "falscher Patient", clinical.Staff{ID: "j.brandt", Name: "Dr. J. Brandt"}
	long := vitalsEntry(0, map[string]string{"what": strings.Repeat("Der Verband wurde gewechselt, die Wunde ist trocken. ", 120)})
	long.Form = "unbekanntes-formular"
	paperPage := vitalsEntry(0, map[string]string{"title": "Verlauf", "page": "1", "match": "person"})
	paperPage.Form, paperPage.Sheet, paperPage.SheetBy = forms.SheetForm, "7K3M-9Q2X", "M. Kurz"
	filed := recorded(paperPage)
	var b bytes.Buffer
	_ = jpeg.Encode(&b, scanned(), nil) // into memory
	filed.Scan, filed.Media = b.Bytes(), "image/jpeg"
	one := func(kind incident.ModeKind, l lang.Lang, r Recorded) func(io.Writer) error {
		h := headOf(kind, l)
		h.Mode.Since, h.Mode.Systems = time.Time{}, nil
		return func(w io.Writer) error { return Record(w, h, r) }
	}
	return []sheetCase{
		{"the sheet of a corrected entry", 1, one(incident.Emergency, lang.DE, recorded(first, second))},
		{"the sheet of a withdrawn entry in English", 1, one(incident.Emergency, lang.EN, recorded(first, gone))},
		{"the sheet of a long entry of an unknown form", 2, one(incident.Exercise, lang.DE, recorded(long))},
		{"the sheet of a scanned page", 2, one(incident.Emergency, lang.DE, filed)},
	}
}

func TestTheScannedPageIsInTheSheetOfItsEntry(t *testing.T) {
	t.Parallel()
	for _, media := range []string{"image/jpeg", "image/png"} {
		r := recorded(vitalsEntry(0, nil))
		var b bytes.Buffer
		encode := func() error { return jpeg.Encode(&b, scanned(), nil) }
		if media == "image/png" {
			encode = func() error { return png.Encode(&b, scanned()) }
		}
		if err := encode(); err != nil {
			t.Fatal(err)
		}
		r.Scan, r.Media = b.Bytes(), media
		d := drawTo(t, func(w io.Writer) error { return Record(w, headOf(incident.Emergency, lang.DE), r) })
		out := poppler(t, "pdftoppm", "-r", "60", "-gray", "-png", "-f", "2", "-l", "2", d.file)
		m, err := png.Decode(bytes.NewReader([]byte(out)))
		if err != nil {
			t.Fatal(err)
		}
		dark := 0
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				if g, _, _, _ := m.At(x, y).RGBA(); g < 0x6000 {
					dark++
				}
			}
		}
		if dark < 2000 {
			t.Errorf("%s: %d dark dots on the page of the scan", media, dark)
		}
	}
	r := recorded(vitalsEntry(0, nil))
	r.Scan, r.Media = []byte("no picture"), "image/jpeg"
	if err := Record(io.Discard, headOf(incident.Normal, lang.DE), r); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a picture that is none: %v", err)
	}
}
