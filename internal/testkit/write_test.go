package testkit_test

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/testkit"
)

// inOutage is a hospital with one patient on 3A and the KIS declared out of
// service, and the address of the patient's chart.
func inOutage(t *testing.T) (*testkit.Hospital, string) {
	t.Helper()
	h := testkit.New(t, func(c *config.Config) { c.Web.Session.Idle = 12 * time.Hour })
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	return h, chartOf(h.As("pflege").Page("/ward/3A"), "26047110")
}

func TestANurseRecordsABloodPressureAndThePhysicianSeesIt(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("pflege").Page(chart + "/write/vitals").Answers(200)
	form.Submit(chart+"/write/vitals", "bp", "118/76", "pulse", "72", "act", "sign").Answers(200).Sees("gilt", "118/76", "S. Weber", "noch nicht im KIS")
	h.As("arzt").Page(chart+"/curve").Sees("118", "76", "72")
	next := h.As("pflege").Page(chart + "/write/vitals")
	next.Sees("zuletzt 118/76")
	h.Check()
}

func TestTheSameFormSentTwiceIsOneEntry(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("pflege").Page(chart + "/write/vitals")
	first := form.Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	again := form.Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	if first.Path != again.Path {
		t.Errorf("two entries: %s and %s", first.Path, again.Path)
	}
	other := form.Submit(chart+"/write/vitals", "temp", "36,6", "act", "sign").Answers(409)
	other.Sees("Schon unterschrieben von S. Weber", "was Sie getippt haben")
	if got := other.Attr("#temp", "value"); got != "36,6" {
		t.Errorf("what was typed is lost: %q", got)
	}
}

func TestACorrectionSupersedesAndTheOldVersionStays(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "bp", "118/76", "temp", "38,4", "act", "sign")
	form := h.As("pflege").Page(chart + "/write/vitals?correct=" + entry.Path[strings.LastIndexByte(entry.Path, '/')+1:])
	form.Sees("Korrektur")
	form.Submit(chart+"/write/vitals", "temp", "36,4", "bp", "", "act", "sign").Answers(422).Sees("warum korrigiert wird")
	fixed := form.Submit(chart+"/write/vitals", "temp", "36,4", "bp", "", "reason", "Zahlendreher", "act", "sign").Answers(200)
	fixed.Sees("gilt", "36,4", "Zahlendreher", "ersetzt", "38,4")
	curve := h.As("arzt").Page(chart + "/curve")
	curve.Sees("36,4").NotSees("118", "38,4")
}

// Whoever corrects says which version was on the screen: nobody corrects over a
// version they have not seen, and an answer that was lost makes no second one.
func TestACorrectionSentAgainAfterAnotherMakesNoVersion(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	entry := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "sign")
	correct := chart + "/write/vitals?correct=" + entry.Path[strings.LastIndexByte(entry.Path, '/')+1:]
	nurse, doctor := h.As("pflege").Page(correct), h.As("arzt").Page(correct)
	strike := h.As("arzt").Page(entry.Path)
	fixed := []string{"temp", "36,4", "reason", "Zahlendreher", "act", "sign"}
	nurse.Submit(chart+"/write/vitals", fixed...).Answers(200).Sees("gilt", "36,4")
	slow := doctor.Submit(chart+"/write/vitals", "temp", "37,4", "reason", "verlesen", "act", "sign").Answers(409)
	slow.Sees("von S. Weber", "was Sie getippt haben")
	strike.Submit(entry.Path+"/withdraw", "why", "falsch").Answers(409)
	h.As("arzt").Page(correct).Submit(chart+"/write/vitals", "temp", "37,4", "reason", "verlesen", "act", "sign").Answers(200).Sees("37,4")
	nurse.Submit(chart+"/write/vitals", fixed...).Answers(200) // the answer was lost: sent again
	page := h.As("arzt").Page(entry.Path)
	if n := page.Count("section.panel"); n != 3 {
		t.Errorf("there are %d versions, want 3", n)
	}
	h.As("arzt").Page(chart+"/curve").Sees("37,4").NotSees("36,4", "38,4")
	nurse.Submit(chart+"/write/vitals", "temp", "36,9", "reason", "Zahlendreher", "act", "sign").Answers(409)
	h.Check()
}

func TestAnImplausibleValueIsRefusedAndAnUnusualOneAskedAbout(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	form := h.As("pflege").Page(chart + "/write/vitals")
	form.Submit(chart+"/write/vitals", "temp", "384", "act", "sign").Answers(422).Sees("384 kann nicht sein")
	form.Submit(chart+"/write/vitals", "bp", "76/118", "act", "sign").Answers(422).Sees("der untere Wert")
	asked := form.Submit(chart+"/write/vitals", "temp", "42,1", "act", "sign").Answers(422).Sees("ungewöhnlich", "Stimmt das?")
	asked.Submit(chart+"/write/vitals", "act", "sign").Answers(200).Sees("gilt", "42,1")
}

func TestWhatWasTypedComesBackAfterTheSignInEnded(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	form := nurse.Page(chart + "/write/vitals")
	nurse.Post("/signout")
	page := form.Submit(chart+"/write/vitals", "bp", "118/76", "act", "sign").Answers(401)
	page.Sees("was Sie getippt haben, ist noch da")
	back := page.Submit("/signin", "id", "pflege", "password", testkit.Password).Answers(200)
	back.Sees("Noch nicht gespeichert", "Müller")
	if got := back.Attr("#bp", "value"); got != "118/76" {
		t.Fatalf("what was typed is lost: %q", got)
	}
	back.Submit(chart+"/write/vitals", "act", "sign").Answers(200).Sees("gilt", "118/76")
}

func TestNothingIsRecordedWithoutADeclaredOutage(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	h.Receive("kis", "a01_mueller_3A.hl7")
	nurse := h.As("pflege").WithReason("Notfall auf dem Flur")
	chart := chartOf(nurse.Page("/ward/3A"), "26047110")
	nurse.Page(chart + "/write/vitals").Answers(403).Sees("kein Ausfall erklärt")
	nurse.Post(chart+"/write/vitals", "key", "0191f0f0f0f070008000000000000001", "temp", "37", "act", "sign").Answers(403)
}

func TestADraftIsNoPartOfTheChartUntilItIsSigned(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	list := h.As("pflege").Page(chart+"/write/vitals").Submit(chart+"/write/vitals", "temp", "38,4", "act", "draft").Answers(200)
	list.Sees("Entwürfe", "Vitalwerte", "S. Weber")
	h.As("arzt").Page(chart + "/curve").NotSees("38,4")
	link := ""
	for _, l := range list.Links() {
		if strings.Contains(l, "draft=") {
			link = l
		}
	}
	h.As("pflege").Page(link).Submit(chart+"/write/vitals", "act", "sign").Answers(200).Sees("38,4")
	h.As("pflege").Page(chart + "/write").NotSees("Entwürfe")
	h.As("arzt").Page(chart + "/curve").Sees("38,4")
}
