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

// TestTheBeginOfAnOutageIsCorrected on the page where it was declared, with its
// reason.
func TestTheBeginOfAnOutageIsCorrected(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	o := h.Hub.Board.Outages(true)[0]
	it := h.As("it")
	to := "/outages/" + o.ID + "/correct"
	early := o.Since.Add(-90 * time.Minute).In(h.Hub.Zone)
	it.Page("/outages").Submit(to, "since", early.Format("02.01. 15:04"), "why", "").Answers(422)
	it.Page("/outages").Submit(to, "since", "", "why", "Erste Meldung").Answers(422)
	it.Page("/outages").Submit(to, "since", early.Format("02.01. 15:04"), "why", "Erste Meldung der Notaufnahme").Answers(200)
	if now := h.Hub.Board.Outages(true)[0].Since; now.Sub(early).Abs() > time.Minute {
		t.Errorf("it began %s, not %s", now, early)
	}
}

// TestWhereASystemStandsIsReported by people while its outage lasts, and seen on
// the page by everybody.
func TestWhereASystemStandsIsReported(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Declare("kis")
	to := "/outages/" + h.Hub.Board.Outages(true)[0].ID + "/state"
	h.As("it").Page("/outages").Sees("Stand des Systems: ausgefallen").Submit(to, "state", "restoring").Answers(200)
	h.As("pflege").Page("/outages").Sees("wird wiederhergestellt")
	h.As("it").Page("/outages").Submit(to, "state", "asleep").Answers(422)
	open := h.As("it").Page("/outages").Submit(to, "state", "catching-up").Answers(200).Sees("holt nach")
	end(h)
	open.Submit(to, "state", "restoring").Answers(409).Sees("nicht mehr in Kraft")
	h.As("pflege").Page("/outages").NotSees("holt nach", "wird wiederhergestellt")
}
