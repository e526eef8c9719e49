package testkit_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notbetrieb/internal/config"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/testkit"
)

// TestAnotherMonitoringIsHeardAndTheOutageDeclared is the whole way: an alert
// comes in, the board names one cause, one person sees to it, the proposal fills
// the form, two people declare.
func TestAnotherMonitoringIsHeardAndTheOutageDeclared(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("sehr-geheimes-wort\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := testkit.New(t, func(c *config.Config) { c.Watch.Propose, c.Watch.AlertToken = 0, token })
	now, _ := h.Hub.Estate.Current()
	next := now.Tables
	next.Systems = []estate.System{{ID: "kis", Weight: estate.Vital, Area: estate.Clinical}, {ID: "db", Weight: estate.Essential, Area: estate.Infrastructure}}
	next.Systems[0].Fallback = "Papierkurve aus der Mappe"
	next.Systems[0].Name.DE, next.Systems[1].Name.DE = "KIS", "Datenbank"
	next.Dependencies = []estate.Dependency{{System: "kis", On: "db", Kind: estate.Needs}}
	who := estate.Command{Key: "k", Person: "it", Name: "IT", Why: "Anfang"}
	if err := h.Hub.Estate.Accept(t.Context(), who, estate.FromTemplate, estate.Diff(&now.Tables, &next)); err != nil {
		t.Fatal(err)
	}
	alert := func(host, state, token string) int {
		t.Helper()
		body := `{"host":"` + host + `","state":"` + state + `","output":"Verbindung verloren"}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL()+"/hooks/alerts/icinga", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	it := h.As("it")
	until := func(path string, words ...string) *testkit.Page {
		t.Helper()
		for {
			head := h.Hub.Journal.Head()
			page := it.Page(path).Answers(200)
			ok := true
			for _, w := range words {
				ok = ok && strings.Contains(page.Text(), w)
			}
			if ok {
				return page
			}
			if err := h.Hub.Journal.Wait(t.Context(), head); err != nil {
				t.Fatalf("the page never says %q: %v\n%s", words, err, page.Text())
			}
		}
	}
	it.Page("/watch").Sees("Kein überwachtes System ist gestört")
	if got := alert("db", "DOWN", "geraten"); got != http.StatusUnauthorized {
		t.Errorf("a guessed token: %d", got)
	}
	for _, host := range []string{"db", "kis"} {
		if got := alert(host, "DOWN", "sehr-geheimes-wort"); got != http.StatusNoContent {
			t.Fatalf("an alert: %d", got)
		}
	}
	until("/watch", "Datenbank ● ausgefallen", "Betroffen, weil sie es brauchen: KIS", "Folge von Datenbank", "Verbindung verloren", "Vorgeschlagene Ausfälle")
	it.Page("/watch/system/db").Submit("/watch/system/db/ack", "text", "bin unterwegs").Answers(200).Sees("Gesehen von", "bin unterwegs")

	doctor := h.As("arzt")
	doctor.Page("/watch").Answers(403)
	doctor.Page("/outages").Sees("Vorschläge der Wache", "KIS", "Folge von Datenbank")
	doctor.Page("/outages?system=kis").Submit("/outages/declare").Submit("/outages/declared").Answers(200)
	page := it.Page("/outages").NotSees("Ausfall erklären: KIS")
	page.Submit("/outages/" + page.In("section.outage").Attr("section", "id") + "/confirm")

	// The proposal becomes an incident that begins with what is known.
	begin := doctor.Page("/crisis?from=kis").Answers(200)
	begin.Sees("Die Wache sieht: Datenbank", "Vorschlag: Technischer Ausfall", "bitte selbst wählen")
	begin.Submit("/crisis", "title", "").Answers(422).Sees("Davon betroffen: KIS.") // what was filled in stays
	opened := begin.Submit("/crisis", "kind", "technical").Answers(200)
	opened.Sees("Datenbank ausgefallen, betroffen: KIS", "eröffnet, nicht erklärt")
	id := strings.TrimPrefix(opened.In("section.outage").Attr("section", "id"), "c-")
	it.Page("/crisis/"+id+"/log").Sees("Die Wache sieht: Datenbank ausgefallen seit", "Davon betroffen: KIS.", "Steht ohne Datenbank still: KIS.", "Von Hand, KIS: Papierkurve aus der Mappe")
	it.Page("/crisis/"+id).Sees("betroffen: KIS ● ausgefallen", "KIS seit", "gehört dazu")
	it.Page("/crisis/" + id + "?wall=1").Sees("Datenbank + KIS ausgefallen").NotSees("in Betrieb")
	lead := h.As("krisenstab")
	lead.Page("/crisis/"+id+"/situation").Sees("Datenbank: ausgefallen seit", "Davon betroffen: KIS.")
	doctor.Page("/crisis?from=pacs").Answers(200).NotSees("bitte selbst wählen") // nothing is known of it

	for _, host := range []string{"db", "kis"} {
		alert(host, "UP", "sehr-geheimes-wort")
	}
	it.Page("/watch/maintenance").Submit("/watch/maintenance", "system", "db", "from", "2026-11-21T22:00", "to", "2026-11-21T21:00", "why", "Update").Sees("Das Ende liegt nicht nach dem Beginn")
	it.Page("/watch/maintenance").Submit("/watch/maintenance", "system", "db", "from", "2026-11-21T22:00", "to", "2026-11-21T23:00", "why", "Update").Answers(200).Sees("Datenbank", "Update")
}
