package paper

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

func crisisHead(kind incident.ModeKind) Head {
	at := time.Date(2026, 11, 19, 5, 36, 0, 0, time.UTC)
	return Head{Hospital: "Klinikum Nordheide", Mode: incident.Mode{Kind: kind, Since: at.Add(-time.Hour)}, AsOf: at, Seq: 88, Printed: at, PrintedBy: "Dr. A. Stein", Lang: lang.DE, Zone: time.UTC}
}

// evacuees are n patients on wards of thirty.
func evacuees(n int) []EvacuationWard {
	var out []EvacuationWard
	for i := range n {
		if i%30 == 0 {
			out = append(out, EvacuationWard{Name: fmt.Sprintf("%dA · Innere Medizin", len(out)+1)})
		}
		w := &out[len(out)-1]
		w.Patients = append(w.Patients, Evacuee{
			Bed: fmt.Sprintf("%d F", 300+i%30), Name: fmt.Sprintf("MÜLLER-LÜDENSCHEIDT, Anna-Maria %d", i), Birth: "*03.04.1951", Sex: "w", Case: fmt.Sprint(4711000 + i),
			Alike: i%11 == 0, Oxygen: "2 l/min", Oxygenated: i%3 == 0, Isolation: strings.Repeat("ISO MRSA ", i%2), Note: "Sturzgefahr", Mobility: []string{"", "liegend"}[i%2],
		})
	}
	return out
}

func TestTheEvacuationListHasEveryPatientOnAPageOfItsWard(t *testing.T) {
	t.Parallel()
	for _, kind := range []incident.ModeKind{incident.Emergency, incident.Exercise, incident.Normal} {
		wards := evacuees(95)
		wards[0].Patients[0].To, wards[0].Patients[0].At = "Halle Ost", time.Date(2026, 11, 19, 5, 30, 0, 0, time.UTC)
		d := drawTo(t, func(w io.Writer) error { return Evacuation(w, crisisHead(kind), "Halle Ost", wards) })
		sheets := strings.Split(string(poppler(t, "pdftotext", "-layout", "-enc", "UTF-8", d.file, "-")), "\f")
		if len(sheets) < len(wards) {
			t.Errorf("%s: %d sheets for %d wards", kind, len(sheets), len(wards))
		}
		for _, w := range wards {
			for _, p := range w.Patients {
				on := slices.IndexFunc(sheets, func(s string) bool { return strings.Contains(s, p.Case) })
				if on < 0 || !strings.Contains(sheets[on], p.Bed) {
					t.Fatalf("%s: case %s is on no sheet", kind, p.Case)
				}
			}
		}
		if !strings.Contains(sheets[0], "05:30") || !strings.Contains(sheets[0], "NAMENSGLEICH") || !strings.Contains(sheets[0], "Rollstuhl") {
			t.Errorf("%s: the first sheet says\n%s", kind, sheets[0])
		}
	}
	var none bytes.Buffer
	if err := Evacuation(&none, crisisHead(incident.Normal), "Halle", nil); err != nil || none.Len() == 0 {
		t.Errorf("a house without patients prints nothing: %v", err)
	}
}

func TestASheetNamesTheDeclaredIncidentBesideTheMode(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Dateien verschlüsselt":              "Normalbetrieb · Krisenlage: Dateien verschlüsselt",
		strings.Repeat("Rauch im Haus ", 40): "Normalbetrieb · Krisenlage: Rauch im Haus",
	} {
		head := crisisHead(incident.Normal)
		head.Mode.Crises = []string{title}
		text := drawTo(t, func(w io.Writer) error {
			return Text(w, head, TextSheet{Kind: "Aushang", Title: "Rechner nicht neu starten"})
		}).text(t)
		if !strings.Contains(text, want) {
			t.Errorf("the sheet lacks %q:\n%s", want, text)
		}
	}
	for _, kind := range []incident.ModeKind{incident.Emergency, incident.Exercise} {
		head := crisisHead(kind)
		head.Mode.Crises = []string{"Dateien verschlüsselt"}
		text := drawTo(t, func(w io.Writer) error {
			return Text(w, head, TextSheet{Kind: "Aushang", Title: "Rechner nicht neu starten"})
		}).text(t)
		if !strings.Contains(strings.Join(strings.Fields(text), " "), "Krisenlage: Dateien verschlüsselt") {
			t.Errorf("the sheet of mode %s lacks the incident:\n%s", kind, text)
		}
	}
}

func TestALogbookAndTextsThatAreLongGoOnOnTheNextSheet(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Die Lage wird stündlich neu bewertet und aufgeschrieben. ", 120)
	var b bytes.Buffer
	pages := []LogSheet{{Number: 1, First: 1, Last: 2, Before: strings.Repeat("0", 64), Hash: strings.Repeat("a", 64), Lines: []LogLine{
		{Number: 1, Seq: 88, At: time.Unix(1, 0), Kind: "Entscheidung", By: "Dr. A. Stein", Text: long},
		{Number: 2, Seq: 89, At: time.Unix(1, 0), Recorded: time.Unix(9000, 0), Kind: "Eingang", By: "K. Roth", Text: "Zeichen, das fehlt: 漢\nzweite Zeile", Corrects: 1},
	}}}
	text := drawTo(t, func(w io.Writer) error {
		return Logbook(w, crisisHead(incident.Emergency), pages, LogbookEnd{Note: "was gezeichnet ist", Checkpoint: "checkpoint"})
	}).text(t)
	for _, want := range []string{pages[0].Hash, pages[0].Before, "berichtigt Zeile 1", "was gezeichnet ist", "zweite Zeile", "Seite 1 des Tagebuchs"} {
		if !strings.Contains(text, want) {
			t.Errorf("the logbook does not say %q", want)
		}
	}
	if n := strings.Count(text, "stündlich"); n != 120 {
		t.Errorf("of a long line %d of 120 sentences are printed", n)
	}
	for _, large := range []bool{false, true} {
		b.Reset()
		if err := Text(&b, crisisHead(incident.Exercise), TextSheet{Kind: "Aushang", Title: "Rechner nicht neu starten", Large: large, Parts: []Part{{Heading: "Was", Text: long}, {Text: ""}}, Foot: "SHA-256"}); err != nil || b.Len() < 1000 {
			t.Errorf("%v, %d bytes", err, b.Len())
		}
	}
}

func BenchmarkEvacuation1500(b *testing.B) {
	wards := evacuees(1500)
	for b.Loop() {
		var out bytes.Buffer
		if err := Evacuation(&out, crisisHead(incident.Emergency), "Halle Ost", wards); err != nil {
			b.Fatal(err)
		}
	}
}
