package testkit_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/testkit"
)

// A station is used by many. What two people prepare there under seal stays with
// them: not on the sign-in page, not in the browser's history, not after they
// signed out.
func TestAStationKeepsNothingOfAnInvestigation(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Settle()
	auditor, lead := anew(h, "revision"), anew(h, "krisenstab")
	beginInquiry(h, auditor, lead)
	room := openInquiry(auditor, lead)
	page := auditor.Page(room).Sees("Vorgang Kranich")
	if title := page.In("title").Text(); strings.Contains(title, "Kranich") || !strings.Contains(title, "Versiegelter Vorgang") {
		t.Errorf("the browser's history says %q", title)
	}
	auditor.Post("/signout").Answers(http.StatusSeeOther)
	lead.Page(room).Answers(http.StatusOK)

	// A note that is sent after the session was over waits nowhere.
	for path, fields := range map[string][]string{
		room:       {"act", "note", "key", "n1", "text", "Kranichkonto sperren lassen"},
		"/inquiry": {"act", "begin", "title", "Vorgang Kranich", "subject", "Wer las die Akten"},
	} {
		if late := auditor.Post(path, fields...); late.Status < 400 && late.Status != http.StatusSeeOther || strings.Contains(string(late.Body), "Kranich") {
			t.Errorf("%s: %d, the page for the next one holds it: %s", path, late.Status, late.Text())
		}
	}

	// A passphrase does not wait for somebody who has left.
	lead.Post(room, "act", "leave").Answers(http.StatusSeeOther)
	auditor = anew(h, "revision")
	auditor.Post("/inquiry", "act", "open", "key-password", keyOf("revision")).Answers(http.StatusSeeOther)
	auditor.Post("/signout").Answers(http.StatusSeeOther)
	if to := lead.Post("/inquiry", "act", "open", "key-password", keyOf("krisenstab")).Answers(http.StatusSeeOther).Location(); to != "/inquiry" {
		t.Errorf("one person alone came to %s", to)
	}
}

// Who asked for the table of changes without a reason got the list: nothing left
// the house, and nobody is asked about it.
func TestATableThatWasNotGivenIsNoExport(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", document("T02", "D1", "Auffälliger Herd", ""), document("T11", "D2", "", "kurz^Kurz^M"))
	h.Settle()
	auditor := anew(h, "revision")
	days := reviewed(t, h, auditor)
	auditor.Page("/review/changes.csv?" + days).Answers(http.StatusOK).NotSees("Auffälliger Herd")
	h.Pass(time.Minute)
	auditor.Page("/review?" + days).Answers(http.StatusOK).NotSees("Drucken und Ausleiten")
	auditor.Page("/review/changes.csv?reason=Anzeige+vorbereiten&" + days).Answers(http.StatusOK)
	h.Pass(11 * time.Minute)
	reviewed(t, h, auditor)
	auditor.Page("/review?" + days).Answers(http.StatusOK).Sees("Drucken und Ausleiten")
}
