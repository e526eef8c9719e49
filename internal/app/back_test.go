package app

import (
	"os"
	"path/filepath"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback/message"
)

func TestATargetForFHIRIsMadeOfItsConfiguration(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	c := config.DefaultTarget()
	c.Name, c.System, c.Kind, c.Address = "kis", "kis", config.ToFHIR, "https://kis.example/fhir"
	c.AsDocument, c.ByHand = []string{"dose"}, []string{"order"}
	c.FHIR = config.TargetFHIR{TokenFile: file, Patients: "urn:p", Cases: "urn:c", Own: "https://k.example/nb", Types: []config.DocumentType{{Form: "note", Code: "VL160105"}}}
	h := &Hub{Config: config.Default()}
	if _, err := h.target(c); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a token that is not there: %v", err)
	}
	for _, token := range []string{"eins\n", "zwei"} { // renewed while we run
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := h.target(c)
		if err != nil {
			t.Fatal(err)
		}
		if said, err := got.FHIR.Token(); err != nil || said != token[:4] {
			t.Errorf("signs in with %q, %v", said, err)
		}
		if got.Takes[message.Dose] != message.AsDocument || got.Takes[message.Order] != message.ByHand || got.Takes[message.Vitals] != message.AsData {
			t.Errorf("takes %v", got.Takes)
		}
		if y := got.FHIR.Systems; y.Entries != "https://k.example/nb/eintrag" || y.Types["note"] != "VL160105" {
			t.Errorf("systems %+v", y)
		}
	}
	order := h.Config.Numbers.Ranges()["order"]
	if !h.drawnHere(order.Format(17)) || h.drawnHere("4711") || !h.drawnHere("NBVKVKVKVKVKVKVKVK") {
		t.Error("numbers of the outage are not told from those of the target")
	}
}
