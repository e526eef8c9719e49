package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// TestRecordsOfANewerVersionAreSaid: a hub is set back to an older version, which
// meets records it does not understand. IT reads how many, and of which part, also
// after a restart.
func TestRecordsOfANewerVersionAreSaid(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	h.Settle()
	for _, a := range h.Hub.Alarms.All() {
		if strings.HasPrefix(a.Key, "unreadable/") {
			t.Fatalf("before anything happened: %+v", a)
		}
	}
	parts := map[string]journal.Kind{"staff": journal.Staff, "outages": journal.Outage, "harm": journal.Harm, "estate": journal.Estate, "watch": journal.Watch, "crisis": journal.Crisis, "callout": journal.Callout, "evidence": journal.Evidence}
	for _, kind := range parts {
		if _, err := h.Hub.Journal.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: kind, Body: []byte(`{"version":99,"step":"of a newer version"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Hub.Journal.Append(t.Context(), journal.Record{ID: journal.NewID(), Kind: journal.Crisis, Body: []byte("\x00\x01")}); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	said := func() {
		t.Helper()
		waitFor(t, func() bool {
			n := 0
			for part := range parts {
				if _, ok := h.Hub.Alarms.Get("unreadable/" + part); ok {
					n++
				}
			}
			return n == len(parts)
		})
		if a, _ := h.Hub.Alarms.Get("unreadable/crisis"); !strings.HasPrefix(a.Text.DE, "Krisenlagen: 2 Einträge im Journal kann diese Version nicht lesen.") || !strings.HasPrefix(a.Text.EN, "incidents: this version cannot read 2 records") {
			t.Errorf("%+v", a)
		}
	}
	said()
	h.As("it").Page("/").Sees("Krisenlagen: 2 Einträge", "Personen und Anmeldungen: 1 Eintrag", "Beweise und Sperrvermerke: 1 Eintrag")
	h.Stop()
	h.Pass(time.Minute)
	h.Restart()
	said()
}
