package paper

import (
	"fmt"
	"image"
	"io"
	"strings"
	"testing"

	"notbetrieb/internal/incident"
)

// TestSheetsOfEvidenceSayEverything reads a receipt, a custody sheet of several
// pages, the list and a label back: nothing is lost between their columns.
func TestSheetsOfEvidenceSayEverything(t *testing.T) {
	t.Parallel()
	h := crisisHead(incident.Emergency)
	sum := strings.Repeat("9f3c", 16)
	s := CustodySheet{Kind: "Begleitschein Beweisstück", Title: "Systemplatte des Dateiservers FS01", Label: "B1-0001", Warn: "Die Kette hat 1 Lücke(n).",
		Facts: []Fact{{"Gefunden", "Serverraum U1"}, {"Leer", ""}, {"SHA-256 fs01.dd", sum}}, Words: "KHK Brandt bestätigt den Empfang.", Foot: "Journal Nr. 4711",
		Signers: []Signer{{Who: "übergeben: R. Vogel"}, {Who: "erhalten: KHK Brandt (LKA)", Picture: image.NewGray(image.Rect(0, 0, 60, 20))}}}
	for n := range 60 {
		s.Chain = append(s.Chain, CustodyLine{Number: fmt.Sprint(n + 1), At: "19.11.2026 02:14", What: fmt.Sprintf("Übergeben an Nummer %d", n+1), Text: []string{"R. Vogel → KHK Brandt (LKA Niedersachsen)", "SHA-256 fs01.dd: stimmt"}, By: "Dr. A. Stein", Loud: n == 7})
	}
	text := drawTo(t, func(w io.Writer) error { return Custody(w, h, []CustodySheet{s, s}) }).flat(t)
	for _, want := range []string{"B1-0001", "Systemplatte des Dateiservers FS01", "1 Lücke(n)", "Serverraum U1", sum, "‼ Übergeben an Nummer 8", "Übergeben an Nummer 60", "KHK Brandt (LKA Niedersachsen)", "bestätigt den Empfang", "erhalten: KHK Brandt (LKA)", "Journal Nr. 4711"} {
		if strings.Count(text, want) < 2 { // one for each side
			t.Errorf("the sheets do not both say %q", want)
		}
	}
	if strings.Contains(text, "Leer") {
		t.Error("a fact without a value is printed")
	}
	text = drawTo(t, func(w io.Writer) error {
		return EvidenceList(w, h, "Dateien verschlüsselt", []EvidenceRow{{Ref: "B1-0001", What: "Datenträger: Systemplatte", Found: "Serverraum U1", Holder: "KHK Brandt (LKA)", Place: "Asservatenkammer", Seal: "LKA-17", State: "‼ Lücke", Loud: true}})
	}).flat(t)
	for _, want := range []string{"Datenträger: Systemplatte", "Asservatenkammer", "LKA-17", "‼ Lücke"} {
		if !strings.Contains(text, want) {
			t.Errorf("the list does not say %q:\n%s", want, text)
		}
	}
	text = drawTo(t, func(w io.Writer) error {
		return EvidenceLabels(w, h, []EvidenceLabel{{Ref: "B1-0001", Title: "Systemplatte", House: "Klinikum", Seal: "S-4711", At: "19.11.2026 02:14"}}, Labels70x37(), 2, 1)
	}).flat(t)
	if strings.Count(text, "B1-0001") != 2 || !strings.Contains(text, "S-4711") {
		t.Errorf("the labels say %q", text)
	}
}
