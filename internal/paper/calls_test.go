package paper

import (
	"io"
	"strings"
	"testing"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// TestTheListToRingFrom says the sentence, every number in its order and what
// is known already; a drill says so.
func TestTheListToRingFrom(t *testing.T) {
	t.Parallel()
	s := CallSheet{Name: "Kernstab", Title: "Dateien verschlüsselt", Place: "Raum 12", Phone: "0511 4700", Drill: true, People: []CallPerson{
		{Function: "IT", Name: "R. Vogel", Code: "481516", Numbers: []CallNumber{{lang.Text{DE: "Mobil"}, "0171 5550001", true}, {lang.Text{DE: "Nebenstelle"}, "4711", false}}},
		{Function: "IT", Name: "T. Brinkmann", Code: "481517", Deputy: true, Known: lang.Text{DE: "kommt in 20 min 03:10"}},
	}}
	text := drawTo(t, func(w io.Writer) error { return Calls(w, headOf(incident.Normal, lang.DE), s) }).flat(t)
	at := 0
	for _, want := range []string{"PROBEALARM (ÜBUNG): Kernstab", "Das ist eine Übung.", "Dateien verschlüsselt", "Raum 12", "0511 4700", "R. Vogel", "Mobil: 0171 5550001", "481516", "kann nicht", "Nebenstelle: 4711", "T. Brinkmann", "keine Nummer"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on it:\n%s", want, text)
			continue
		}
		if i := strings.Index(text, want); want == "R. Vogel" || want == "T. Brinkmann" {
			if i < at {
				t.Errorf("%q is out of its order", want)
			}
			at = i
		}
	}
	if !strings.Contains(text, "kommt in 20 min 03:10") {
		t.Error("what is known is not on it")
	}
}
