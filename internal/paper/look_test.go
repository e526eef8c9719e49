package paper

import (
	"os"
	"testing"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" { t.Skip() }
	w, ps := ward3A()
	f, _ := os.Create(dir + "/pack.pdf")
	if err := WardPack(f, headOf(incident.Emergency, lang.DE), w, ps, packOptions()); err != nil { t.Fatal(err) }
	f.Close()
	f, _ = os.Create(dir + "/en.pdf")
	if err := WardPack(f, headOf(incident.Exercise, lang.EN), w, ps, packOptions()); err != nil { t.Fatal(err) }
	f.Close()
}
