package web

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/handback"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

func fixtureCounterpart() Counterpart {
	at := time.Date(2026, 11, 21, 14, 5, 0, 0, time.UTC)
	return Counterpart{
		Up: true, Target: "kis", Behaves: "late", Behaviours: []Behaviour{
			{"accept", lang.Text{DE: "nimmt alles an", EN: "accepts everything"}}, {"late", lang.Text{DE: "antwortet zu spät", EN: "answers too late"}},
		},
		Arrived: 14, Taken: 12, Repeats: 2, Latest: []DemoArrival{
			{Control: "NB2A3B4C5D6E7F2A3B4C", Type: "ORU^R01", Did: lang.Text{DE: "lehnt ab", EN: "refuses"}, Text: "Fall ist abgeschlossen"},
			{Control: "NB3A3B4C5D6E7F2A3B4C", Type: "MDM^T02", Did: lang.Text{DE: "nimmt alles an", EN: "accepts everything"}, Again: true},
		},
		Both: handback.Comparison{Same: 11, Unheard: []handback.Delivery{{Control: "NB4A3B4C5D6E7F2A3B4C", Type: "ORU^R01", Root: "0f", Patient: "HAUS|100815", At: at}}},
	}
}

func demoGallery(add func(string, []byte, error), f Frame) {
	f.Demo = &demoView{On: true}
	draw(add, "demokis", demoKISPageT, newDemoKISPage(f, fixtureCounterpart(), []handback.Progress{{Ward: "3A", Count: map[handback.State]int{handback.Accepted: 11, handback.Sent: 1, handback.Nothing: 3}}}))
}

func TestThePageOfTheSimulatedKISNamesEachDifference(t *testing.T) {
	t.Parallel()
	c := fixtureCounterpart()
	c.Both.Lost = []handback.Delivery{{Control: "NBLOST"}}
	c.Both.Strange = []string{"NBSTRANGE"}
	p := newDemoKISPage(fixtureFrame(incident.Exercise), c, []handback.Progress{{Count: map[handback.State]int{handback.Accepted: 11, handback.Sent: 1, handback.Nothing: 3}}})
	if p.Total != 15 || p.Accepted != 11 || p.Open != 1 {
		t.Errorf("%d entries, %d accepted, %d open", p.Total, p.Accepted, p.Open)
	}
	b, err := demoKISPageT.bytes(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"verschieden", "hier bestätigt, dort nicht da", "NBLOST", "dort da, nie von hier gesendet", "NBSTRANGE", "dort da, Antwort fehlt hier"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
