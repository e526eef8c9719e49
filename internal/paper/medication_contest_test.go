package paper

import (
	"io"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// The plan shows what was signed here, and says in ink that another system says
// otherwise.
func TestThePlanSaysWhatIsContested(t *testing.T) {
	t.Parallel()
	p := anna()
	it := &p.Medication[0]
	theirs := *it
	theirs.Origin.Seq, theirs.Origin.Sent = it.Origin.Seq+2, at(21, 9, 10)
	it.Origin = clinical.Origin{Seq: it.Origin.Seq + 1, Feed: chart.Here, Sent: at(21, 8, 20), Received: at(21, 8, 20)}
	it.V.Status, it.V.Stood, it.Cancelled = clinical.Cancelled, clinical.Staff{Name: "Dr. U. Berg"}, true
	it.V.End = it.Origin.Sent.Truncate(time.Minute)
	p.Claims = []chart.Item[clinical.Prescription]{theirs}
	text := drawTo(t, func(w io.Writer) error {
		return Blanks(w, headOf(incident.Emergency, lang.DE), []Blank{{Kind: KindMedication, Serial: "7K2M9QXTE4", Patient: p, Days: []time.Time{at(21, 12, 0)}}}, packOptions())
	}).flat(t)
	for _, want := range []string{"STRITTIG", it.V.Drug.Label(), "sagt (21.11. 09:10): weiter", "hier abgesetzt am 21.11. 08:20 von Dr. U. Berg"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q", want)
		}
	}
}
