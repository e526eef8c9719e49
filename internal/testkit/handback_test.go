package testkit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/testkit"
)

// handingBack is a hospital whose KIS is out of service, with the patient Müller
// on 3A, and the KIS that it will hand back to.
func handingBack(t *testing.T, change ...func(*config.HandbackTarget)) (*testkit.Hospital, *fakekis.KIS, string) {
	t.Helper()
	kis, err := fakekis.New(fakekis.Options{Authority: "HAUS"})
	if err != nil {
		t.Fatal(err)
	}
	if err := kis.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kis.Stop)
	h := testkit.New(t, func(c *config.Config) {
		withEmergency(c)
		to := config.DefaultTarget()
		to.Name, to.System, to.Address, to.Repeats = "kis", "kis", kis.Addr(), true
		for _, f := range change {
			f(&to)
		}
		c.Targets = append(c.Targets, to)
	})
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	return h, kis, chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
}

// until waits until every entry that goes to the KIS fits.
func until(t *testing.T, h *testkit.Hospital, fits func(handback.Item) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		before := h.Hub.Back.Seq()
		items, err := h.Hub.Back.Items(ctx, "kis", handback.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		all := true
		for _, it := range items {
			all = all && fits(it)
		}
		if all {
			return
		}
		if err := h.Hub.Back.Wait(ctx, before+1); err != nil {
			t.Fatalf("the queue stands still: %+v", items)
		}
	}
}

func in(states ...handback.State) func(handback.Item) bool {
	return func(it handback.Item) bool {
		for _, s := range states {
			if it.State == s {
				return true
			}
		}
		return false
	}
}

func mode(h *testkit.Hospital, m string) *testkit.Page {
	return h.As("it").Page("/handback").Submit("/handback/kis/mode", "mode", m)
}

// TestPeopleHandBackAndTheReportAddsUp goes the way of the people: IT opens and
// steers, the ward reads and releases, IT closes with a report.
func TestPeopleHandBackAndTheReportAddsUp(t *testing.T) {
	t.Parallel()
	h, kis, chart := handingBack(t)
	for _, temp := range []string{"38,4", "38,9", "37,1"} {
		h.Pass(time.Minute)
		h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", temp, "act", "sign").Answers(200)
	}
	h.As("it").Page("/handback").Sees("keine Rückgabe").NotSees("Müller")
	mode(h, "testing").Answers(200).Sees("nichts wird gesendet", "3A")
	list := h.As("pflege").Page("/handback/kis").Answers(200)
	list.Sees("Müller", "Vitalwerte", "38,9", "3 Einträge freigeben: alle Stationen", "Keiner davon hat einen Konflikt")
	list.Submit("/handback/kis/release").Answers(200).Sees("freigegeben")
	if n := len(kis.Accepted()); n != 0 {
		t.Fatalf("%d messages left while the system was tested", n)
	}
	list.Submit("/handback/kis/release").Answers(200) // pressed twice
	mode(h, "flowing").Answers(200)
	until(t, h, in(handback.Accepted))
	if n := len(kis.Accepted()); n != 3 {
		t.Errorf("the KIS took %d messages", n)
	}
	h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "36,8", "act", "sign").Answers(200)
	reports := h.As("it").Page("/handback/kis/report").Answers(200)
	reports.Submit("/handback/kis/report", "act", "close").Answers(409).Sees("1 von 4 Einträgen sind noch nicht abgerechnet")
	interim := reports.Submit("/handback/kis/report", "act", "interim").Answers(200)
	interim.Sees("Zwischenbericht 1", "4 Einträge im Journal", "angenommen 3", "noch offen 1")
	open := h.As("pflege").Page("/handback/kis?state=waiting")
	open.Submit("/handback/kis/decide", "act", "hand").Answers(422).Sees("Bitte sagen, was von Hand getan wurde")
	open.Submit("/handback/kis/decide", "act", "hand", "why", "=1+1 im KIS eingetippt").Answers(200)
	done := h.As("it").Page("/handback/kis/report").Submit("/handback/kis/report", "act", "close").Answers(200)
	done.Sees("Abschlussbericht 2", "R. Vogel", "Jeder Eintrag ist abgerechnet", "angenommen 3", "von Hand erledigt 1", "noch offen 0", "keine Rückgabe")
	h.As("it").Page("/handback").Sees("keine Rückgabe")

	file := func(name string) []byte { return h.As("it").Page("/handback/kis/report/2/" + name).Answers(200).Body }
	signature, body, table := file("report.sig"), file("report.json"), file("report.csv")
	public, err := os.ReadFile(filepath.Join(filepath.Dir(h.Config.Keys.File), "checkpoint.pub"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := seal.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := handback.Verify(signature, v, body, table); err != nil {
		t.Error(err)
	}
	if rows := strings.Count(string(table), "\r\n"); rows != 5 || !strings.Contains(string(table), "'=1+1") || strings.Contains(string(table), "Müller") {
		t.Errorf("the table:\n%s", table)
	}
	if pdf := file("report.pdf"); !strings.HasPrefix(string(pdf), "%PDF") {
		t.Error("no PDF")
	}
	h.As("revision").Page("/audit?page=handback/report").Sees("handback/report")
	h.Restart()
	h.As("it").Page("/handback/kis/report").Sees("Abschlussbericht 2")
	h.Replay()
	h.Settle()
	h.As("it").Page("/handback/kis/report").Sees("Abschlussbericht 2", "von Hand erledigt 1")
	h.Check()
}

func TestWhoMayWhatInTheHandback(t *testing.T) {
	t.Parallel()
	h, _, chart := handingBack(t)
	h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign").Answers(200)
	mode(h, "testing").Answers(200)
	list := h.As("pflege").Page("/handback/kis")
	form, err := list.Form("/handback/kis/decide", "act", "release")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"aufnahme", "labor", "radiologie", "apotheke", "it", "krisenstab", "revision"} {
		h.As(id).Page("/handback/kis").Answers(403)
		h.As(id).Page("/handback/kis/match").Answers(403)
		h.As(id).Page("/handback/kis" + strings.Replace(chart, "/patient/", "/patient/", 1)).Answers(403)
		h.As(id).Post("/handback/kis/decide", "key", form.Get("key"), "item", form.Get("item"), "act", "release").Answers(403)
		h.As(id).Post("/handback/kis/release", "key", form.Get("key"), "upto", "999", "count", "1").Answers(403)
	}
	for _, id := range []string{"pflege", "arzt", "aufnahme", "revision"} {
		h.As(id).Post("/handback/kis/mode", "key", form.Get("key"), "mode", "flowing").Answers(403)
		h.As(id).Post("/handback/kis/report", "key", form.Get("key"), "act", "close").Answers(403)
	}
	for _, id := range []string{"aufnahme", "labor", "revision", "pflege"} {
		h.As(id).Post("/handback/kis/report", "key", form.Get("key"), "act", "interim").Answers(403)
		h.As(id).Page("/handback/kis/report/1/report.csv").Answers(403)
	}
	other := h.As("pflege2").Page("/handback/kis").Answers(200) // ITS
	other.NotSees("Müller", "Vitalwerte 22").Sees("nichts")
	h.As("pflege2").Post("/handback/kis/decide", "key", form.Get("key"), "item", form.Get("item"), "act", "release").Answers(403)
	h.As("pflege2").Look("/handback/kis" + chart).Answers(303)
	h.As("krisenstab").Page("/handback").Answers(200).Sees("3A").NotSees("Müller")
	h.As("revision").Page("/audit").Sees("handback")
	until(t, h, in(handback.Waiting))
}

// TestTwoPeopleReleaseWhatNeedsTwo: the first cannot be the second, and the page
// says so.
func TestTwoPeopleReleaseWhatNeedsTwo(t *testing.T) {
	t.Parallel()
	h, kis, chart := handingBack(t, func(c *config.HandbackTarget) { c.FourEyes = []string{"vitals"} })
	h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign").Answers(200)
	mode(h, "flowing").Answers(200)
	h.As("pflege").Page("/handback/kis").Submit("/handback/kis/decide", "act", "release").Answers(200).Sees("zweite Freigabe fehlt", "die zweite gibt jemand anders")
	item := h.As("pflege").Page("/handback/kis").In("tbody").Attr("input", "value")
	h.As("pflege").Page("/handback/kis").Submit("/handback/kis/decide", "item", item, "act", "second").Answers(403).Sees("Die erste Freigabe stammt von Ihnen")
	h.As("it").Page("/handback").Sees("1 auf die zweite Freigabe")
	if n := len(kis.Accepted()); n != 0 {
		t.Fatalf("%d messages left with one release", n)
	}
	h.As("arzt").Page("/handback/kis").Sees("erste: S. Weber").Submit("/handback/kis/decide", "item", item, "act", "second").Answers(200)
	until(t, h, in(handback.Accepted))
}

// TestTheSecondPersonReleasesTheWholeSelection: as many as were counted, and
// only while they are the same.
func TestTheSecondPersonReleasesTheWholeSelection(t *testing.T) {
	t.Parallel()
	h, kis, chart := handingBack(t, func(c *config.HandbackTarget) { c.FourEyes = []string{"vitals"} })
	writes := func(temp string) {
		h.Pass(time.Minute)
		h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", temp, "act", "sign").Answers(200)
	}
	writes("38,4")
	writes("38,6")
	mode(h, "flowing").Answers(200)
	h.As("pflege").Page("/handback/kis").Submit("/handback/kis/release").Answers(200)
	const released = "/handback/kis?state=released"
	h.As("pflege").Page(released).Sees("2 haben Sie selbst zuerst freigegeben").NotSees("zum zweiten Mal freigeben")
	seen := h.As("arzt").Page(released).Sees("2 Einträge zum zweiten Mal freigeben: alle Stationen")
	writes("38,8")
	h.As("pflege").Page("/handback/kis").Submit("/handback/kis/release").Answers(200)
	h.As("pflege").Page(released).Submit("/handback/kis/decide", "act", "recall", "item", h.As("pflege").Page(released).In("tbody").Attr("input", "value")).Answers(200)
	seen.Submit("/handback/kis/release").Answers(409).Sees("Inzwischen sind es", "es wurde nichts freigegeben")
	if n := len(kis.Accepted()); n != 0 {
		t.Fatalf("%d messages left with one release", n)
	}
	h.As("pflege").Page("/handback/kis").Submit("/handback/kis/release").Answers(200)
	h.As("arzt").Page(released).Sees("3 Einträge zum zweiten Mal freigeben").Submit("/handback/kis/release").Answers(200).Sees("nichts")
	until(t, h, in(handback.Accepted))
}

// TestASilentKISStopsTheHandback: where nothing is sent twice, IT is called
// instead of one entry after the other becoming unclear.
func TestASilentKISStopsTheHandback(t *testing.T) {
	t.Parallel()
	h, kis, chart := handingBack(t, func(c *config.HandbackTarget) {
		c.Repeats, c.PauseAfter, c.Lanes, c.Answer = false, 1, 1, time.Second // it never answers
	})
	for _, temp := range []string{"38,4", "38,6"} {
		h.Pass(time.Minute)
		h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", temp, "act", "sign").Answers(200)
	}
	kis.SetRules(fakekis.Rule{Do: fakekis.Silent})
	mode(h, "flowing").Answers(200)
	h.As("pflege").Page("/handback/kis").Submit("/handback/kis/release").Answers(200)
	until(t, h, func(it handback.Item) bool { return it.State == handback.Unclear || it.State == handback.Released })
	h.As("it").Page("/handback").Sees("angehalten", "Von selbst angehalten", "Langsam senden")
	h.As("it").Page("/").Sees("Die Rückgabe an kis hat sich selbst angehalten")
}

const renamedMüller = `MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|20261122100000||ADT^A08^ADT_A01|R9001|P|2.5|||||DE|UNICODE UTF-8
EVN|A08|20261122100000
PID|1||10047110^^^HAUS^PI||Möller^Jürgen^^^^^L||19580314|M
PV1|1|I|3A^301^F||||||||||||||||26047110^^^HAUS^VN`

// TestAConflictIsShownAndAskedAboutOnce lets the KIS rename the patient while
// the entry waits.
func TestAConflictIsShownAndAskedAboutOnce(t *testing.T) {
	t.Parallel()
	h, kis, chart := handingBack(t)
	h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign").Answers(200)
	mode(h, "flowing").Answers(200)
	h.Receive("kis", renamedMüller)
	list := h.As("pflege").Page("/handback/kis").Answers(200)
	list.Sees("heißt dort anders", "Müller, Jürgen", "Möller, Jürgen", "1 mit Konflikt bleiben liegen").NotSees("Einträge freigeben:")
	h.As("pflege").Page("/handback/kis?conflict=1").Sees("Möller")
	item := list.In("tbody").Attr("input", "value")
	ask := list.Submit("/handback/kis/decide", "item", item, "act", "release").Answers(200)
	ask.Sees("Trotz Konflikt freigeben?", "38,4", "heißt dort anders", "Müller, Jürgen", "Trotzdem freigeben: 1 Eintrag, Möller, Jürgen")
	if n := len(kis.Accepted()); n != 0 {
		t.Fatal("sent before the answer")
	}
	h.Receive("kis", strings.NewReplacer("Möller", "Mueller", "R9001", "R9002", "20261122100000", "20261122101500").Replace(renamedMüller))
	ask = ask.Submit("/handback/kis/decide", "act", "release").Answers(200) // another one by now
	ask.Sees("Inzwischen hat sich geändert", "Mueller")
	ask.Submit("/handback/kis/decide", "act", "release").Answers(200).NotSees("Trotz Konflikt")
	until(t, h, in(handback.Accepted))
}

// TestWhatComesBackIsShownOnce: the KIS sends our own entry back, and its own
// values beside it.
func TestWhatComesBackIsShownOnce(t *testing.T) {
	t.Parallel()
	h, kis, chart := handingBack(t)
	h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "pulse", "96", "act", "sign").Answers(200)
	mode(h, "flowing").Answers(200)
	h.As("arzt").Page("/handback/kis").Submit("/handback/kis/release").Answers(200)
	until(t, h, in(handback.Accepted))
	sides := "/handback/kis" + chart
	h.As("pflege").Page(sides).Answers(200).Sees("nur hier 2", "38,4")
	before := h.As("arzt").Page(chart + "/curve").Count("td")
	for _, a := range kis.Accepted() {
		h.Receive("kis", strings.ReplaceAll(string(a.Raw), "\r", "\n"))
	}
	after := h.As("arzt").Page(chart + "/curve")
	if n := after.Count("td"); n != before {
		t.Errorf("the curve has %d cells, had %d:\n%s", n, before, after.Text())
	}
	after.Sees("angekommen: KIS")
	h.As("arzt").Page(chart + "/entry/" + anyEntry(t, h)).Sees("KIS: angenommen").NotSees("noch nicht im KIS")
	h.As("pflege").Page(sides).Answers(200).Sees("auf beiden Seiten gleich", "nur hier 0", "verschieden 0")
	h.Receive("kis", fmt.Sprintf(ownValue, "R9100", "38.9", "20261121093000"))
	h.As("pflege").Page(sides).Sees("nur dort 1", "38.9")
	h.Check()
}

// anyEntry is the root of the newest entry that goes to the KIS.
func anyEntry(t *testing.T, h *testkit.Hospital) string {
	t.Helper()
	items, err := h.Hub.Back.Items(t.Context(), "kis", handback.Filter{})
	if err != nil || len(items) == 0 {
		t.Fatalf("no entry: %v", err)
	}
	return items[len(items)-1].Root
}

const ownValue = `MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|20261122100000||ORU^R01^ORU_R01|%s|P|2.5|||||DE|UNICODE UTF-8
PID|1||10047110^^^HAUS^PI||Müller^Jürgen^^^^^L||19580314|M
PV1|1|I|3A^301^F||||||||||||||||26047110^^^HAUS^VN
OBR|1||V77^KIS|VITALS^Vitalzeichen|||%[3]s
OBX|1|NM|8310-5^Körpertemperatur^LN||%[2]s|°C|||||F|||%[3]s`

// TestAnUnknownPersonIsMatchedOnThePage: nobody is chosen beforehand, what
// differs is marked, a second person confirms.
func TestAnUnknownPersonIsMatchedOnThePage(t *testing.T) {
	t.Parallel()
	h, kis, _ := handingBack(t, func(c *config.HandbackTarget) { c.FourEyes = []string{"admission"} })
	done := newPerson(h, "aufnahme").Submit("/admission/admit-new", "family", "Baumgarten", "given", "Hans", "birth", "14.03.1958", "sex", "M", "class", "I", "cause", "Sturz", "ward", "3A", "act", "beds").Answers(200).
		Submit("/admission/admit-new", "place", "3A · 302 · F", "act", "sign").Answers(200)
	key := keyOn(t, done)
	mode(h, "flowing").Answers(200)
	h.As("it").Page("/handback").Sees("1 Patienten zuzuordnen")
	h.As("arzt").Page("/handback/kis").Sees("dort unbekannt")
	h.As("arzt").Page("/handback/kis/match").Sees("Baumgarten, Hans", "zuzuordnen")
	at := "/handback/kis/match/" + key
	page := h.As("arzt").Page(at + "?q=14.03.1958").Answers(200)
	page.Sees("Müller, Jürgen", "≠ Müller", "≠ Jürgen", "10047110")
	if page.Has("input[checked]") {
		t.Error("somebody is chosen beforehand")
	}
	page.In("form[method=post]").Submit(at, "act", "match").Answers(422).Sees("Bitte die Person wählen")
	into := page.Attr("fieldset input", "value")
	page.In("form[method=post]").Submit(at, "into", into, "act", "match").Answers(422).Sees("woran die Person erkannt wurde")
	page.In("form[method=post]").Submit(at, "into", into, "why", "Ausweis", "act", "match").Answers(200).Sees("Die Zuordnung stammt von Ihnen")
	h.As("pflege").Page(at).In("form[method=post]").Submit(at, "act", "agree").Answers(200).Sees("bestätigt von S. Weber")
	h.As("arzt").Page(at).In("form[method=post]").Submit(at, "act", "part").Answers(200).Sees("ist dort neu: aufnehmen").
		In("form[method=post]").Submit(at, "act", "new").Answers(200).Sees("Im Zielsystem neu")
	h.As("pflege").Page(at).In("form[method=post]").Submit(at, "act", "agree").Answers(200)
	h.As("arzt").Page("/handback/kis").Submit("/handback/kis/release").Answers(200)
	items, err := h.Hub.Back.Items(t.Context(), "kis", handback.Filter{States: []handback.State{handback.Released}})
	if err != nil || len(items) == 0 {
		t.Fatal(err)
	}
	h.As("pflege").Page("/handback/kis?state=released").Submit("/handback/kis/decide", "item", items[0].Root+"."+items[0].Key, "act", "second").Answers(200)
	until(t, h, in(handback.Accepted, handback.Rest, handback.Nothing))
	if got := kis.Accepted(); len(got) == 0 || !strings.Contains(string(got[0].Raw), "ADT^A01") {
		t.Errorf("%d messages", len(got))
	}
	h.As("arzt").Page(at).Sees("Nicht mehr zurückzunehmen")
	h.As("arzt").Post(at, "key", strings.Repeat("ab", 16), "act", "part").Answers(409)
}
