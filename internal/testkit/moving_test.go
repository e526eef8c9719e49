package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/testkit"
)

// onWard admits a woman to a place and returns the address of her chart.
func onWard(t *testing.T, h *testkit.Hospital, family, place string) string {
	t.Helper()
	ward, _, _ := strings.Cut(place, " · ")
	done := newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", ward, "act", "beds").
		Submit("/admission/admit-new", "family", family, "given", "Lotte", "birth", "12.06.1948", "sex", "F", "class", "I", "place", place, "act", "sign").Answers(200)
	return "/patient/" + keyOn(t, done)
}

func TestATransferMovesThePatientOnEveryScreen(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	form := h.As("pflege").Page(chart + "/move/transfer").Answers(200)
	form = form.Submit(chart+"/move/transfer", "ward", "ITS", "act", "beds").Answers(200).Sees("1 A", "1 B")
	done := form.Submit(chart+"/move/transfer", "place", "ITS · 1 · A", "cause", "respiratorische Erschöpfung", "act", "sign").Answers(200)
	done.Sees("Verlegung", "eingetragen", "ITS · Zi 1 A", "noch nicht im KIS")
	h.As("pflege").Page("/ward/3A").NotSees("Müller")
	h.As("pflege2").Page("/ward/ITS").Sees("Müller, Jürgen")
	form.Submit(chart+"/move/transfer", "place", "ITS · 1 · A", "cause", "respiratorische Erschöpfung", "act", "sign")
	h.As("arzt").Page(chart+"/course").Sees("Verlegung", "ITS · Zi 1 A")
	h.Check()
}

// What the KIS sends when it comes back, about the time before, does not undo
// what was recorded here; what happened later counts.
func TestLateMessagesOfTheKISDoNotUndoATransferMadeHere(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	h.Pass(30 * time.Minute)
	h.As("arzt").Page(chart+"/move/transfer").Submit(chart+"/move/transfer", "ward", "ITS", "act", "beds").
		Submit(chart+"/move/transfer", "place", "ITS · 1 · A", "act", "sign").Answers(200)
	h.Pass(2 * time.Hour)
	moved := func(control, sent, at, place string) string {
		return strings.Join([]string{
			`MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|` + sent + `||ADT^A02^ADT_A02|` + control + `|P|2.5|||||DE|UNICODE UTF-8`, "EVN|A02|" + sent,
			"PID|1||10047110^^^HAUS^PI||Müller^Jürgen^^^^^L||19580314|M",
			"PV1|1|I|" + place + "||||||||||||||||26047110^^^HAUS^VN", "ZBE|" + control + "|" + at + "||INSERT|N|A02",
		}, "\n")
	}
	h.Receive("kis", moved("late1", "20261121122000", "20261121101500", "3A^302^F"))
	h.As("pflege2").Page("/ward/ITS").Sees("Müller, Jürgen")
	h.As("pflege").Page("/ward/3A").NotSees("Müller")
	h.Receive("kis", moved("late2", "20261121122500", "20261121120000", "3B^311^F"))
	h.As("pflege").Page("/ward/3B").Sees("Müller, Jürgen")
	h.As("pflege2").Page("/ward/ITS").NotSees("Müller")
}

func TestLeaveAndReturn(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := onWard(t, h, "Baumgarten", "3A · 302 · F")
	h.As("pflege").Page(chart + "/move/return").Answers(409).Sees("nicht beurlaubt")
	h.As("pflege").Page(chart+"/move/leave").Submit(chart+"/move/leave", "cause", "Trauerfall", "act", "sign").Answers(200).Sees("Beurlaubung")
	h.As("pflege").Page("/ward/3A").Sees("beurlaubt")
	h.As("pflege").Page(chart + "/move/transfer").Answers(409).Sees("zuerst die Rückkehr")
	h.Pass(2 * time.Hour)
	back := h.As("pflege").Page(chart + "/move/return").Answers(200)
	back.Submit(chart+"/move/return", "act", "sign").Answers(200).Sees("3A · Zi 302 F")
	h.As("pflege").Page("/ward/3A").NotSees("beurlaubt")
}

func TestADischargeIsAskedOnceMoreAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := onWard(t, h, "Baumgarten", "3A · 302 · F")
	form := h.As("pflege").Page(chart + "/move/discharge")
	form.Submit(chart+"/move/discharge", "disposition", "01", "at", "09:30", "act", "sign").Answers(422).Sees("vor der Aufnahme")
	h.Pass(time.Hour)
	asked := form.Submit(chart+"/move/discharge", "disposition", "09", "to", "Haus Abendsonne", "act", "sign").Answers(200)
	asked.Sees("Für Baumgarten, Lotte eintragen: Entlassung", "in eine Pflegeeinrichtung", "Haus Abendsonne")
	h.As("pflege").Page("/ward/3A").Sees("Baumgarten")
	asked.Submit(chart+"/move/discharge", "act", "edit").Answers(200).Sees("Entlassungsart")
	done := asked.Submit(chart+"/move/discharge", "act", "sign").Answers(200).Sees("entlassen")
	if again := asked.Submit(chart+"/move/discharge", "act", "sign").Answers(200); again.Path != done.Path {
		t.Errorf("two discharges: %s and %s", done.Path, again.Path)
	}
	h.As("pflege").Page("/ward/3A").NotSees("Baumgarten")
	entry := h.As("aufnahme").Page(chart + "/entry/" + done.Path[strings.LastIndexByte(done.Path, '/')+1:]).Answers(200)
	entry.Submit(entry.Path+"/withdraw", "why", "falsche Person").Answers(200).Sees("zurückgenommen")
	h.As("pflege").Page("/ward/3A").Sees("Baumgarten", "302")
	h.Check()
}

func TestADeathIsRecordedByAPhysicianAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := onWard(t, h, "Baumgarten", "3A · 302 · F")
	h.As("pflege").Page(chart + "/move/death").Answers(403)
	h.Pass(3 * time.Hour)
	form := h.As("arzt").Page(chart + "/move/death").Answers(200)
	if got := form.Attr("#certified", "value"); got != "Dr. J. Brandt" {
		t.Errorf("certified by %q", got)
	}
	done := form.Submit(chart+"/move/death", "at", "12:40", "told", "yes", "act", "sign").Answers(200).Sees("Tod feststellen", "12:40").
		Submit(chart+"/move/death", "act", "sign").Answers(200)
	h.As("pflege").Page("/ward/3A").Sees("verstorben", "Baumgarten")
	entry := h.As("arzt").Page(chart + "/entry/" + done.Path[strings.LastIndexByte(done.Path, '/')+1:])
	entry.Submit(entry.Path+"/withdraw", "why", "verwechselt").Answers(200)
	h.As("pflege").Page("/ward/3A").NotSees("verstorben")
	h.As("pflege").Page(chart).NotSees("verstorben")
}

func TestTwoPatientsSwapBeds(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := onWard(t, h, "Baumgarten", "3A · 302 · F")
	form := h.As("pflege").Page(chart + "/swap").Answers(200).Sees("Müller, Jürgen")
	form.Submit(chart + "/swap").Answers(422).Sees("mit wem getauscht")
	with := form.Attr("#with-0", "value")
	first := form.Submit(chart+"/swap", "with", with).Answers(200).Sees("3A · Zi 301 F")
	if again := form.Submit(chart+"/swap", "with", with).Answers(200); again.Path != first.Path {
		t.Errorf("swapped twice: %s and %s", first.Path, again.Path)
	}
	ward := h.As("pflege").Page("/ward/3A").Sees("Baumgarten", "Müller").NotSees("doppelt belegt")
	h.As("pflege").Page(chart).Sees("3A · Zi 301 F")
	h.As("pflege").Page(chartOf(ward, "26047110")).Sees("3A · Zi 302 F")
}

// The KIS names a building with each bed, the forms here do not: it is the same
// bed.
func TestABedThatTheKISNamesWithItsBuildingIsSwapped(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, withEmergency)
	raw := string(h.Message("a01_mueller_3A.hl7"))
	named := strings.Replace(raw, "3A^301^F", "3A^301^F^HAUS1", 1)
	if named == raw {
		t.Fatal("the message names no bed 3A 301 F")
	}
	h.Receive("kis", named)
	h.Declare("kis")
	chart := onWard(t, h, "Baumgarten", "3A · 302 · F")
	form := h.As("pflege").Page(chart + "/swap").Answers(200)
	form.Submit(chart+"/swap", "with", form.Attr("#with-0", "value")).Answers(200).Sees("3A · Zi 301 F")
	h.As("pflege").Page(chartOf(h.As("pflege").Page("/ward/3A"), "26047110")).Sees("3A · Zi 302 F")
}

func TestACorrectedTransferLeadsToTheOtherBed(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	chart := onWard(t, h, "Baumgarten", "3A · 302 · F")
	done := h.As("pflege").Page(chart+"/move/transfer").Submit(chart+"/move/transfer", "place", "3A · 302 · T", "act", "sign").Answers(200)
	root := done.Path[strings.LastIndexByte(done.Path, '/')+1:]
	form := h.As("pflege").Page(chart + "/move/transfer?correct=" + root).Answers(200).Sees("Korrektur")
	form.Submit(chart+"/move/transfer", "place", "3A · 301 · T", "act", "sign").Answers(422).Sees("warum korrigiert")
	form.Submit(chart+"/move/transfer", "place", "3A · 301 · T", "reason", "verklickt", "act", "sign").Answers(200).Sees("3A · Zi 301 T")
	form.Submit(chart+"/move/transfer", "place", "3A · 301 · T", "reason", "verklickt", "act", "sign").Answers(200) // a double click
	if n := h.As("pflege").Page(chart + "/entry/" + root).Count("section.panel"); n != 2 {
		t.Errorf("there are %d versions, want 2", n)
	}
	h.As("pflege").Page(chart+"/entry/"+root).Sees("verklickt", "3A · 302 · T", "3A · 301 · T")
	h.As("pflege").Page("/ward/3A").NotSees("doppelt belegt")
}

func TestWhoMayAdmitAndMove(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	for _, id := range []string{"labor", "it", "krisenstab", "revision"} {
		h.As(id).Page("/admission").Answers(403)
		if h.As(id).Page("/").Has("a[href=/admission]") {
			t.Errorf("%s is offered the admission", id)
		}
	}
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
	if got := h.As("pflege2").Look(chart + "/move/transfer"); !strings.HasPrefix(got.Location(), "/glass") {
		t.Errorf("a nurse of another ward is not asked for a reason: %d %s", got.Status, got.Location())
	}
	h.As("pflege2").Post(chart+"/move/discharge", "key", strings.Repeat("01", 16), "disposition", "01", "confirmed", "1", "act", "sign")
	h.As("pflege").Page("/ward/3A").Sees("Müller, Jürgen")
	form := newPerson(h, "pflege2").Submit("/admission/admit-new", "ward", "3B", "act", "beds")
	form.Submit("/admission/admit-new", "family", "Baumgarten", "given", "Lotte", "sex", "F", "class", "I", "place", "3B · 311 · F", "act", "sign").
		Answers(422).Sees("Auf dieser Station nehmen Sie nicht auf")
}

func TestNobodyIsAdmittedWithoutAnOutage(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	clerk := h.As("aufnahme").WithReason("Anfrage der Polizei")
	if page := clerk.Page("/admission").Answers(200).Sees("kein Ausfall erklärt"); page.Has("#person") {
		t.Error("the desk asks for a person")
	}
	clerk.Page("/admission/admit-new").Answers(403)
	h.As("aufnahme").Post("/admission/mass/"+strings.Repeat("01", 16), "n", "0", "count", "1", "ward", "3A").Answers(403)
}

func TestWhatWasTypedAtTheDeskComesBackAfterTheSignInEnded(t *testing.T) {
	t.Parallel()
	h := downHouse(t)
	clerk := h.As("aufnahme")
	form := newPerson(h, "aufnahme").Submit("/admission/admit-new", "ward", "3B", "act", "beds")
	clerk.Post("/signout")
	page := form.Submit("/admission/admit-new", "family", "Baumgarten", "given", "Lotte", "sex", "F", "class", "I", "place", "3B", "act", "sign").Answers(401)
	back := page.Submit("/signin", "id", "aufnahme", "password", testkit.Password).Answers(200).Sees("Noch nicht gespeichert")
	if got := back.Attr("#family", "value"); got != "Baumgarten" {
		t.Fatalf("what was typed is lost: %q", got)
	}
	back.Submit("/admission/admit-new", "act", "sign").Answers(200).Sees("eingetragen")
}
