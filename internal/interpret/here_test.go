package interpret

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/journal"
)

// A KIS that is back names its own number and, beside it, the one that was
// given in the outage: the message is about its own. One that names only ours
// speaks of ours.
func TestTheHospitalsNumberComesBeforeTheOneOfTheOutage(t *testing.T) {
	t.Parallel()
	for _, own := range []string{"", "HAUS"} {
		var tables Tables
		tables.Identity.Authority, tables.Identity.Here = own, "NOTBETRIEB"
		site, err := Compile(tables, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for pid3, want := range map[string]string{
			"NP00815003^^^NOTBETRIEB^PI~900417^^^HAUS^PI": "900417",
			"900417^^^HAUS^PI~NP00815003^^^NOTBETRIEB^PI": "900417",
			"NP00815003^^^NOTBETRIEB^PI":                  "NP00815003",
		} {
			msg := strings.Join([]string{
				`MSH|^~\&|KIS|HAUS|NB|HAUS|20261122080000||ADT^A08^ADT_A01|1|P|2.5`, "EVN|A08|20261122080000", "PID|1||" + pid3 + "||Baumgarten^Lotte", "PV1|1|I",
			}, "\r") + "\r"
			got := site.Record(journal.Record{Seq: 1, Source: "kis", Kind: journal.HL7, Body: []byte(msg)})
			if len(got.IDs) == 0 || got.IDs[0].Value != want {
				t.Errorf("authority %q, %s: %+v", own, pid3, got.IDs)
			}
		}
	}
}
