package testkit_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/inquiry"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/testkit"
)

// An insider: a clerk reads the charts of a whole ward at night, and a finding of one of them is
// deleted in the KIS. Those who look over accesses find both, and two named
// people investigate without a trace for anybody else.

const nightly = 60

// nightHouse has patients on 3A and a finding of the first of them.
func nightHouse(h *testkit.Hospital) {
	for i := range nightly {
		h.Receive("kis", fmt.Sprintf("MSH|^~\\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121080000||ADT^A01^ADT_A01|N%05d|P|2.5|||||DE|UNICODE UTF-8\n"+
			"EVN|A01|20261121080000||||20261121075500\nPID|1||3004%04d^^^HAUS^PI||Nachtwald%d^Paula^^^^^L||19600101|F\n"+
			"PV1|1|I|3A||||||||||||||||2704%04d^^^HAUS^VN|||||||||||||||||||||||||20261121075500\nZBE|N%d^KIS|20261121075500||INSERT|N|A01", i, i, i, i, i))
	}
	h.Receive("kis", document("T02", "D1", "Auffälliger Herd im rechten Oberlappen", ""))
}

func document(event, control, text, who string) string {
	m := "MSH|^~\\&|KIS|HAUS|NOTBETRIEB|HAUS|20261121090000||MDM^" + event + "^MDM_T02|" + control + "|P|2.5|||||DE|UNICODE UTF-8\n" +
		"EVN|" + event + "|20261121090000|||" + who + "\nPID|1||30040000^^^HAUS^PI||Nachtwald0^Paula^^^^^L||19600101|F\n" +
		"PV1|1|I|3A||||||||||||||||27040000^^^HAUS^VN\nTXA|1|RAD|TX|20261121090000||||||||DOK-77|||||AU\n"
	if text != "" {
		m += "OBX|1|TX|RAD^Röntgen Thorax||" + text + "||||||F\n"
	}
	return m
}

// anew is somebody who signs in again: the session of before is over.
func anew(h *testkit.Hospital, id string) *testkit.Person {
	p := h.Visitor()
	p.SignIn(id, testkit.Password)
	return p
}

// atNight lets the clerk open every chart between two and three.
func atNight(h *testkit.Hospital) {
	h.Pass(17 * time.Hour)
	clerk := anew(h, "aufnahme")
	var keys []string
	ward := clerk.Page("/ward/3A")
	for _, link := range ward.Links() {
		if _, key, _ := cut(link); underPath(link, "/patient/") && !slices.Contains(keys, "/patient/"+key) {
			keys = append(keys, "/patient/"+key)
		}
	}
	for _, at := range keys {
		clerk.Page(at + "/course").Answers(http.StatusOK)
		h.Pass(15 * time.Second)
	}
	h.Receive("kis", document("T11", "D2", "", "kurz^Kurz^M"))
}

// beginInquiry lets the auditor and the crisis team's lead seal an investigation.
func beginInquiry(h *testkit.Hospital, auditor, lead *testkit.Person) {
	auditor.Post("/inquiry", "act", "begin", "title", "Vorgang Kranich", "subject", "Wer las in der Nacht die Akten von 3A", "new-password", keyOf("revision"), "again-password", keyOf("revision")).Answers(http.StatusSeeOther)
	// The suspects are chosen from the house before anybody is told the code.
	asked := auditor.Page("/inquiry").Sees("Wer wird verdächtigt?").NotSees("mündlich weitergeben")
	asked.Submit("/inquiry", "act", "find", "who", "Vogel").Answers(http.StatusOK).Sees("R. Vogel")
	auditor.Post("/inquiry", "act", "suspects", "suspect", "aufnahme", "others", "Vogl von der Wartung").Answers(http.StatusUnprocessableEntity).Sees("ähneln einem Konto")
	auditor.Post("/inquiry", "act", "suspects", "suspect", "aufnahme", "suspect", "it", "others", "Wartungsfirma, zwei Leute").Answers(http.StatusSeeOther)
	code := strings.TrimSpace(auditor.Page("/inquiry").Sees("Wartungsfirma, zwei Leute").In("b.printedkey").Text())
	anew(h, "it").Post("/inquiry", "act", "join", "code", code, "new-password", keyOf("it"), "again-password", keyOf("it")).Answers(http.StatusUnprocessableEntity)
	lead.Post("/inquiry", "act", "join", "code", code, "new-password", keyOf("krisenstab"), "again-password", keyOf("krisenstab")).Answers(http.StatusSeeOther)
	auditor.Post("/inquiry", "act", "seal").Answers(http.StatusSeeOther)
}

func keyOf(who string) string { return "Leiter trägt blauen Schnee " + who }

// openInquiry opens it and returns its address.
func openInquiry(auditor, lead *testkit.Person) string {
	lead.Post("/inquiry", "act", "open", "key-password", keyOf("krisenstab")).Answers(http.StatusSeeOther)
	lead.Page("/inquiry").Sees("zweite benannte Person")
	return auditor.Post("/inquiry", "act", "open", "key-password", keyOf("revision")).Answers(http.StatusSeeOther).Location()
}

// reviewed begins the review of the days around the night, leaves the page, and
// comes back when it is over.
func reviewed(t *testing.T, h *testkit.Hospital, auditor *testkit.Person) string {
	t.Helper()
	days := url.Values{"from": {"20.11.2026"}, "to": {"22.11.2026"}}.Encode()
	auditor.Post("/review", "from", "20.11.2026", "to", "22.11.2026").Answers(http.StatusSeeOther)
	if err := h.Hub.Review.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return days
}

func TestAnInsiderIsFoundAndInvestigatedUnderSeal(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	nightHouse(h)
	h.Declare("kis")
	atNight(h)
	h.Settle()
	h.Pass(7 * time.Hour)
	auditor, lead := anew(h, "revision"), anew(h, "krisenstab")

	// The rules find the night, and the reading before the finding was gone.
	auditor.Page("/review?from=20.11.2026&to=22.11.2026").Sees("kein Ergebnis bereit").NotSees("M. Kurz")
	days := reviewed(t, h, auditor)
	page := auditor.Page("/review?" + days).Answers(http.StatusOK)
	page.Sees("Das Ergebnis liegt bis", "M. Kurz", "Massenhaft gelesen", "Ungewöhnliche Zeit", "Kurz vor einer Änderung")
	auditor.Page(auditor.Page("/review").Sees("Bereit liegen", "20.11.2026 bis 22.11.2026").Attr("main p.quiet a", "href")).Sees("M. Kurz").NotSees("Bereit liegen")
	mass := auditor.Page("/review?rule=mass&" + days)
	if n := mass.Count("tbody tr.link"); n != 1 {
		t.Fatalf("%d hits of bulk reading: %s", n, mass.Text())
	}
	hit := mass.Attr("tbody a.rowlink", "href")
	one := auditor.Page(hit).Sees("60 Patienten an einem Tag", "Was dagegen spricht", "Was die Regel nicht wissen kann", "Akte: Verlauf")
	one.Submit(strings.Replace(one.Attr("form.form", "action"), "&amp;", "&", 1), "verdict", "suspicious", "why", "kein Dienst in dieser Nacht").Answers(http.StatusOK).Sees("verdächtig", "kein Dienst")
	auditor.Page("/review?state=suspicious&" + days).Sees("M. Kurz")
	before := auditor.Page("/review?rule=before-change&"+days).Attr("tbody a.rowlink", "href")
	auditor.Page(before).Sees("Befund gelöscht", "Davor hat die Person diese Akte", "nennt diese Person")

	// What was deleted: that it was is seen, the content only with a reason.
	auditor.Page("/review/changes?"+days).Sees("Befund gelöscht", "EVN-5 kurz").NotSees("Oberlappen")
	auditor.Page("/review/changes?reason=Anzeige+vorbereiten&" + days).Sees("Auffälliger Herd im rechten Oberlappen")
	auditor.Page("/audit?person=revision").Sees("Anzeige vorbereiten")
	table := auditor.Page("/review/changes.csv?reason=Anzeige+vorbereiten&" + days)
	if !bytes.Contains(table.Body, []byte("Auffälliger Herd")) {
		t.Errorf("the table lacks the finding: %s", table.Body)
	}
	if sheet := auditor.Page("/review/changes.pdf?reason=Anzeige+vorbereiten&" + days); !bytes.HasPrefix(sheet.Body, []byte("%PDF")) {
		t.Error("no PDF of the changes")
	}

	// Two people seal what they find, and release a report that proves itself.
	beginInquiry(h, auditor, lead)
	room := openInquiry(auditor, lead)
	auditor.Page(room).Sees("Vorgang Kranich", "H. Adler", "Dr. A. Stein")
	auditor.Post(room+"?"+days, "key", "a1", "act", "hit", "ref", hit[len("/review/hit/"):len("/review/hit/")+16]).Answers(http.StatusSeeOther)
	changes := auditor.Page("/review/changes?reason=Anzeige+vorbereiten&" + days)
	auditor.Post(room+"?"+days, "key", "a2", "act", "change", "ref", changes.Attr("input[name=ref]", "value")).Answers(http.StatusSeeOther)
	auditor.Post(room, "key", "a3", "act", "note", "text", "Kranichkonto sperren lassen").Answers(http.StatusSeeOther)
	auditor.Upload(room+"/file", "file", []testkit.Upload{{Name: "tuer.csv", Body: []byte("02:10;Kurz;Tor 3\n")}}, "key", "a4")
	lead.Page(room).Sees("Massenhaft gelesen", "Auffälliger Herd", "Kranichkonto", "tuer.csv")
	auditor.Post(room, "key", "a5", "act", "propose", "kind", "release", "why", "für die Staatsanwaltschaft").Answers(http.StatusSeeOther)
	of := lead.Page(room).Attr("input[name=of]", "value")
	auditor.Post(room, "key", "a6", "act", "agree", "of", of).Answers(http.StatusForbidden)
	lead.Post(room, "key", "b1", "act", "agree", "of", of).Answers(http.StatusSeeOther)
	report := auditor.Page(room + "/report/" + of).Answers(http.StatusOK)
	pinned, err := os.ReadFile(filepath.Join(filepath.Dir(h.Config.Keys.File), "checkpoint.pub"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.NewVerifier(string(pinned))
	if err != nil {
		t.Fatal(err)
	}
	c, broken := inquiry.Check(report.Body, key)
	if len(broken) > 0 || c.Title != "Vorgang Kranich" {
		t.Errorf("the report: %+v", broken)
	}

	nobodyElseFindsATrace(t, h, auditor, room, of)
}

// nobodyElseFindsATrace walks every page as everybody who is not named and
// searches disk and log.
func nobodyElseFindsATrace(t *testing.T, h *testkit.Hospital, auditor *testkit.Person, room, of string) {
	t.Helper()
	words := []string{"Kranich", "tuer.csv", strings.TrimPrefix(room, "/inquiry/")}
	for _, id := range []string{"it", "aufnahme", "krisenstab2", "arzt"} {
		who := anew(h, id)
		for _, path := range []string{room, room + "/file/1", room + "/report/" + of, "/inquiry/aaaaaaaaaaaaaaaaaaaa"} {
			if got := who.Look(path); got.Status != http.StatusNotFound {
				t.Errorf("%s: %s answers %d", id, path, got.Status)
			}
		}
		door := who.Page("/inquiry").Answers(http.StatusOK)
		for _, path := range []string{"/", "/outages", "/unread"} {
			page := who.Look(path)
			for _, w := range words {
				if strings.Contains(page.Text()+door.Text(), w) {
					t.Errorf("%s finds %q on %s", id, w, path)
				}
			}
		}
		for range 2 { // with the right words of somebody else
			who.Post("/inquiry", "act", "open", "key-password", keyOf("revision")).Answers(http.StatusUnprocessableEntity)
		}
	}
	for _, path := range []string{"/audit?person=krisenstab", "/audit?person=revision"} {
		for _, w := range append(words, "inquiry") {
			if strings.Contains(auditor.Page(path).In("tbody").Text(), w) {
				t.Errorf("the read audit holds %q", w)
			}
		}
	}
	h.Stop()
	for _, w := range append(words, keyOf("revision")) {
		if strings.Contains(h.Log(), w) {
			t.Errorf("the log holds %q", w)
		}
	}
	err := filepath.WalkDir(h.Config.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("the file %s holds %q", filepath.Base(path), w)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
