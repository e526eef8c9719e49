package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/testkit"
)

// atPharmacy prescribes pantoprazole and returns the pharmacist.
func atPharmacy(t *testing.T, h *testkit.Hospital, chart string) *testkit.Person {
	t.Helper()
	prescribe(t, h, chart, pantoprazol...)
	return h.As("apotheke")
}

func TestAPrescriptionIsReviewedAndComesAgainWhenItIsChanged(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", "o11_mueller_ramipril.hl7") // of the KIS: nothing to review
	h.As("apotheke").Page("/desk/pharmacy").Answers(200).Sees("Nichts wartet", "zu prüfen 0").NotSees("Ramipril")
	pharmacist := atPharmacy(t, h, chart)
	list := pharmacist.Page("/desk/pharmacy").Sees("Pantoprazol 40 mg", "1 Tbl.", "Müller, Jürgen", "3A", "Dr. J. Brandt", "nicht freigegeben", "nicht geprüft")
	h.Pass(5 * time.Minute)
	done := list.Submit(chart+"/pharmacy", "act", "review").Answers(200).Sees("Gespeichert", "Nichts wartet").NotSees("Pantoprazol")
	if !strings.HasPrefix(done.Path, "/desk/pharmacy") {
		t.Errorf("after the review at %s", done.Path)
	}
	list.Submit(chart+"/pharmacy", "act", "review").Answers(200) // a double click
	text := h.As("arzt").Page(chart + "/medication").Sees("Apotheke: geprüft von K. Sommer 10:05").Text()
	if n := strings.Count(text, "geprüft von K. Sommer"); n != 1 {
		t.Errorf("a double click reviews %d times", n)
	}
	h.Replay()
	pharmacist.Page("/desk/pharmacy").Sees("Nichts wartet")

	doctor := h.As("arzt")
	change := doctor.Page(linkTo(t, doctor.Page(chart+"/medication"), "/prescribe?rx=NB"))
	stale := pharmacist.Page(linkTo(t, pharmacist.Page(chart+"/medication"), "/pharmacy?rx=NB")).Answers(200).NotSees("für MÜLLER, Jürgen geprüft")
	check := change.Submit(chart+"/prescribe", "dose", "2 Tbl.", "times", "10:00", "act", "check").Answers(200)
	sign := []string{"act", "sign"}
	if check.Has("#despite") {
		sign = append(sign, "despite", "Blutung")
	} else if check.Has("#warned") {
		sign = append(sign, "warned", "1")
	}
	check.Submit(chart+"/prescribe", sign...).Answers(200).Sees("vor der letzten Änderung")
	pharmacist.Page("/desk/pharmacy").Sees("Pantoprazol", "2 Tbl.", "bisher Pantoprazol 40 mg Tablette 1 Tbl.")
	stale.Submit(chart+"/pharmacy", "act", "remark", "remark", "zu viel").Answers(409).Sees("inzwischen geändert", "zu viel")
	h.Check()
}

func TestARemarkStandsOnTheWardUntilAPhysicianKnows(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	pharmacist := atPharmacy(t, h, chart)
	page := pharmacist.Page(linkTo(t, pharmacist.Page("/desk/pharmacy"), "/pharmacy?rx=")).Answers(200).Sees("Pantoprazol 40 mg", "Nicht geprüft")
	page.Submit(chart+"/pharmacy", "act", "remark").Answers(422).Sees("Der Hinweis fehlt")
	page.Submit(chart+"/pharmacy", "act", "remark", "remark", "Bitte vor dem Essen").Answers(200).Sees("Gespeichert", "Nichts wartet", "Hinweis offen 1")
	pharmacist.Page("/desk/pharmacy?show=remarks").Sees("Pantoprazol", "Bitte vor dem Essen")

	nurse := h.As("pflege")
	nurse.Page("/ward/3A/doses").Sees("offen Apotheke: Pantoprazol: geprüft von K. Sommer 10:00, Hinweis: Bitte vor dem Essen").NotSees("Kenntnis nehmen")
	doctor := h.As("arzt")
	answer := linkTo(t, doctor.Page(chart+"/medication").Sees("Hinweis: Bitte vor dem Essen"), "/reply?to=")
	nurse.Page(answer).Answers(403)
	pharmacist.Page(answer).Answers(403)
	note := doctor.Page(answer).Answers(200).Sees("Bitte vor dem Essen", "Ich weiß von dem Hinweis für MÜLLER, Jürgen")
	note.Submit(chart+"/reply", "note", "Zeiten angepasst").Answers(200).Sees("Kenntnis: Dr. J. Brandt 10:00: Zeiten angepasst")
	note.Submit(chart+"/reply", "note", "Zeiten angepasst").Answers(200)                                       // a double click
	note.Submit(chart+"/reply", "note", "anderes").Answers(409).Sees("Inzwischen hat schon jemand", "anderes") // a second person's form
	nurse.Page("/ward/3A/doses").NotSees("Bitte vor dem Essen")
	pharmacist.Page("/desk/pharmacy?show=remarks").Sees("Nichts wartet", "Hinweis offen 0")

	entry := pharmacist.Page(linkTo(t, pharmacist.Page(chart+"/medication"), "/entered/"))
	entry.Answers(200).Sees("Prüfung durch die Apotheke", "Bitte vor dem Essen", "Tabelle")
	entry.Submit(entry.Path+"/withdraw", "why", "falscher Patient").Answers(200).Sees("zurückgenommen")
	pharmacist.Page("/desk/pharmacy").Sees("Pantoprazol", "zu prüfen 1") // nobody reviewed it
	doctor.Page(chart + "/medication").NotSees("Bitte vor dem Essen")
	h.Replay()
	doctor.Page(chart + "/medication").NotSees("Bitte vor dem Essen")
}

func TestWhatIsTypedForAnotherButtonIsNotLost(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	pharmacist := atPharmacy(t, h, chart)
	page := pharmacist.Page(linkTo(t, pharmacist.Page("/desk/pharmacy"), "/pharmacy?rx="))
	back := page.Submit(chart+"/pharmacy", "act", "review", "remark", "Bitte vor dem Essen").Answers(422).Sees("Es ist auch ein Hinweis getippt", "Bitte vor dem Essen")
	page.Submit(chart+"/pharmacy", "act", "review", "lot", "L4711").Answers(422).Sees("Es ist auch eine Abgabe getippt")
	page.Submit(chart+"/pharmacy", "act", "dispense", "amount", "20 Tbl.", "remark", "Bitte vor dem Essen").Answers(422).Sees("Es ist auch ein Hinweis getippt")
	pharmacist.Page("/desk/pharmacy").Sees("zu prüfen 1", "Hinweis offen 0")
	back.Submit(chart+"/pharmacy", "act", "remark").Answers(200).Sees("zu prüfen 0", "Hinweis offen 1")
	h.Check()
}

func TestWhatThePharmacyHandsOutIsShownAndIsNoDose(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	pharmacist := atPharmacy(t, h, chart)
	page := pharmacist.Page(linkTo(t, pharmacist.Page("/desk/pharmacy"), "/pharmacy?rx="))
	page.Submit(chart+"/pharmacy", "act", "dispense").Answers(422).Sees("Die abgegebene Menge fehlt")
	page.Submit(chart+"/pharmacy", "act", "dispense", "amount", "20 Tbl.", "lot", "L4711").Answers(200).Sees("Pantoprazol") // not reviewed by that
	page.Submit(chart+"/pharmacy", "act", "dispense", "amount", "20 Tbl.", "lot", "L4711").Answers(200)
	text := h.As("arzt").Page(chart + "/medication").Sees("Apotheke: abgegeben 10:00: 20 Tbl. (K. Sommer)").Text()
	if n := strings.Count(text, "abgegeben 10:00"); n != 1 {
		t.Errorf("handed out %d times", n)
	}
	h.As("pflege").Page("/ward/3A/doses").Sees("1 fällig")
	nurse := h.As("pflege")
	nurse.Page("/desk/pharmacy").Answers(403)
	nurse.Page(page.Path).Answers(403)
	nurse.Post(chart+"/pharmacy", "rx", queryOf(t, page.Path, "rx"), "act", "dispense", "amount", "1").Answers(403)
	pharmacist.Page(chart + "/write/drug-request").Answers(403)
	pharmacist.Page(chart + "/lab").Answers(200)
	pharmacist.Page(chart + "/findings").Answers(403)
}

func TestAWardAsksThePharmacyAndIsAnswered(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	pharmacist := atPharmacy(t, h, chart)
	nurse := h.As("pflege")
	form := nurse.Page(linkTo(t, nurse.Page("/ward/3A/doses"), "/write/drug-request")).Answers(200).Sees("Stationsvorrat bitte wie gewohnt auf Papier")
	form.Submit(chart+"/write/drug-request", "drug", "Heparin", "act", "sign").Answers(422).Sees("Menge fehlt")
	form.Submit(chart+"/write/drug-request", "drug", "Heparin 25 000 IE Ampullen", "amount", "5 Ampullen", "urgency", "S", "act", "sign").Answers(200).Sees("Bedarf: Heparin 25 000 IE Ampullen 5 Ampullen", "wartet")
	list := pharmacist.Page("/desk/pharmacy").Sees("Bedarf der Stationen 1")
	list = pharmacist.Page(linkTo(t, list, "show=requests")).Sees("sofort", "Heparin 25 000 IE Ampullen 5 Ampullen", "Müller", "S. Weber")
	answer := linkTo(t, list, "/reply?to=")
	nurse.Page(answer).Answers(403)
	page := pharmacist.Page(answer).Answers(200)
	page.Submit(chart+"/reply", "act", "refuse").Answers(422).Sees("warum nicht")
	page.Submit(chart+"/reply", "act", "refuse", "note", "nicht lieferbar, Enoxaparin vorrätig").Answers(200).Sees("Nichts wartet")
	page.Submit(chart+"/reply", "act", "refuse", "note", "nicht lieferbar, Enoxaparin vorrätig").Answers(200)
	nurse.Page("/ward/3A/doses").Sees("abgelehnt von K. Sommer 10:00: nicht lieferbar, Enoxaparin vorrätig")

	corrected := nurse.Page(nurse.Page(linkTo(t, nurse.Page(chart+"/medication").Sees("Bedarf an die Apotheke"), "/entered/")).Path)
	if !corrected.Has("a[href*=correct]") {
		corrected = nurse.Page(linkTo(t, nurse.Page("/ward/3A/doses"), "/entered/"))
	}
	again := nurse.Page(linkTo(t, corrected, "correct=")).Answers(200)
	again.Submit(chart+"/write/drug-request", "drug", "Enoxaparin 40 mg", "amount", "3 Spritzen", "urgency", "A", "reason", "Ersatz", "act", "sign").Answers(200)
	pharmacist.Page("/desk/pharmacy?show=requests").Sees("heute", "Enoxaparin 40 mg 3 Spritzen").NotSees("Heparin 25")
	page.Submit(chart+"/reply", "act", "done").Answers(409).Sees("inzwischen geändert")
	pharmacist.Page(answer).Submit(chart+"/reply", "act", "done").Answers(200).Sees("Nichts wartet")
	nurse.Page("/ward/3A/doses").Sees("Enoxaparin 40 mg 3 Spritzen", "erledigt von K. Sommer")
	h.Check()
}

func TestAReviewThatMeetsAnEndedSessionComesBackUndone(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	pharmacist := atPharmacy(t, h, chart)
	page := pharmacist.Page(linkTo(t, pharmacist.Page("/desk/pharmacy"), "/pharmacy?rx="))
	h.Pass(13 * time.Hour)
	signin := page.Submit(chart+"/pharmacy", "act", "remark", "remark", "Bitte vor dem Essen")
	back := signin.Submit("/signin", "id", "apotheke", "password", testkit.Password).Answers(200).Sees("Sie waren abgemeldet", "Bitte vor dem Essen")
	pharmacist.Page(chart + "/medication").NotSees("Bitte vor dem Essen")
	back.Submit(chart+"/pharmacy", "act", "remark").Answers(200).Sees("Gespeichert")
	pharmacist.Page(chart + "/medication").Sees("Hinweis: Bitte vor dem Essen")
}
