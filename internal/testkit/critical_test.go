package testkit_test

import (
	"strings"
	"testing"

	"notbetrieb/internal/testkit"
)

func TestACriticalValueIsRedUntilANamedPersonKnows(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.K", "1")
	action := chart + "/results/" + tubes[0]
	h.As("labor").Page(action).Submit(action, "v0", "6,9", "act", "sign").Answers(200)

	nurse := h.As("pflege")
	nurse.Page("/ward/3A").In(".unheard").Sees("Kritische Werte ohne Kenntnisnahme", "Kalium 6,9 mmol/l", "Müller")
	nurse.Page(chart+"/curve").In(".unheard").Sees("Kritischer Wert ohne Kenntnisnahme", "Kalium 6,9")
	nurse.Page("/desk/critical").Sees("Kalium 6,9 mmol/l", "Müller")
	page := nurse.Page(chart + "/critical").Sees("Ich weiß von Kalium 6,9 mmol/l – MÜLLER")

	// Meanwhile the laboratory has measured again: what the nurse saw is gone.
	fix := h.As("labor").Page(action)
	fix.Submit(action, "v0", "7,2", "act", "sign").Answers(200)
	page.Submit(chart+"/critical", "act", "note").Answers(409).Sees("inzwischen geändert")
	fresh := nurse.Page(chart + "/critical")
	noted := fresh.Submit(chart+"/critical", "did", "Arzt informiert, EKG", "act", "note").Answers(200).Sees("Kein kritischer Wert wartet", "S. Weber: Arzt informiert, EKG")
	again := fresh.Submit(chart+"/critical", "did", "Arzt informiert, EKG", "act", "note").Answers(200) // the answer was lost, the button pressed again
	if again.Path != noted.Path || !strings.Contains(again.Path, "signed=") {
		t.Errorf("the same note again leads to %s, first to %s", again.Path, noted.Path)
	}
	fresh.Submit(chart+"/critical", "act", "note").Answers(200) // a double click
	if nurse.Page("/ward/3A").Has(".unheard") {
		t.Error("it is still red after somebody took note")
	}
	h.As("arzt").Page(chart).Sees("7,2", "Kenntnis: S. Weber")

	secondAnalyst(t, h).Page(action).Submit(action, "act", "release").Answers(200)
	if nurse.Page(chart + "/curve").Has(".unheard") {
		t.Error("the second look at the same value asks again")
	}
	h.Check()
	h.Replay()
}

func TestTheLaboratoryTellsACriticalValueByTelephone(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.K", "1")
	action := chart + "/results/" + tubes[0]
	lab := h.As("labor")
	lab.Page(action).Submit(action, "v0", "2,1", "act", "sign").Answers(200)
	lab.Page("/desk/critical").Sees("Kalium 2,1")
	page := lab.Page(chart + "/critical")
	page.Submit(chart+"/critical", "act", "phone").Answers(422).Sees("Wem wurde der Wert mitgeteilt")
	page.Submit(chart+"/critical", "told", "S. Weber, 3A", "act", "phone").Answers(422).Sees("zurücklesen lassen")
	page.Submit(chart+"/critical", "told", "S. Weber, 3A", "readback", "1", "act", "phone").Answers(200).Sees("S. Weber, 3A, telefonisch durch T. Özdemir")
	lab.Page("/desk/critical").NotSees("Kalium 2,1")
	h.Check()
}

func TestWhatWasReadBackOfOneValueIsNotSaidOfAnother(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.K", "1", "x.NA", "1")
	action := chart + "/results/" + tubes[0]
	lab := h.As("labor")
	form := lab.Page(action)
	k, na := "v"+rowOf(t, form, "Kalium"), "v"+rowOf(t, form, "Natrium")
	form.Submit(action, k, "6,9", na, "108", "act", "sign").Answers(200)
	page := lab.Page(chart+"/critical").Sees("Kalium 6,9", "Natrium 108")
	part := page.Submit(chart+"/critical", "told", "S. Weber, 3A", "act", "phone").Answers(422)
	if n := strings.Count(string(part.Body), "S. Weber, 3A"); n != 1 {
		t.Errorf("one name is in %d forms", n)
	}
	// Somebody of the ward is faster: what the laboratory typed is shown, not dropped.
	nurse := h.As("pflege")
	nurse.Page(chart+"/critical").Submit(chart+"/critical", "act", "note").Answers(200)
	nurse.Page(chart+"/critical").Submit(chart+"/critical", "act", "note").Answers(200).Sees("Kein kritischer Wert wartet")
	page.Submit(chart+"/critical", "told", "Dr. Brandt, 3A", "readback", "1", "act", "phone").Answers(409).Sees("schon jemand Kenntnis genommen", "Sie hatten getippt: Dr. Brandt, 3A")
	h.Check()
}

func TestAResultIsTakenByTelephoneOnlyWhenItWasReadBack(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	action := chart + "/write/phone-result"
	form := nurse.Page(action)
	say := func(value, unit string, more ...string) *testkit.Page {
		return form.Submit(action, append(more, "from", "Fr. Klee, Labor", "what", "Kalium", "value", value, "unit", unit, "act", "sign")...)
	}
	say("6,8", "mmol/l").Answers(422).Sees("zurücklesen und bestätigen lassen")
	say("6,8", "mg/dl", "readback", "1").Answers(422).Sees("Kalium wird hier in mmol/l angegeben")
	say("68", "mmol/l", "readback", "1").Answers(422).Sees("68 mmol/l kann nicht sein")
	say("6,8", "mmol/l", "readback", "1").Answers(200).Sees("gilt", "6,8")
	lab := h.As("arzt").Page(chart + "/lab")
	lab.Sees("Kalium", "6,8", "Telefonisch von Fr. Klee, Labor, zurückgelesen")
	lab.In("table").Sees("(v)")
	if nurse.Page("/ward/3A").Has(".unheard") {
		t.Error("whoever wrote the critical value down is asked whether somebody knows it")
	}
	h.Check()
}

// The form that comes back after the sign-in is the one that was sent: if its
// answer was lost, it is still one note.
func TestANoteThatComesBackAfterTheSignInIsTheSameNote(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	_, tubes := orderLab(t, h.As("pflege"), chart, "urgency", "S", "x.K", "1")
	action := chart + "/results/" + tubes[0]
	h.As("labor").Page(action).Submit(action, "v0", "6,9", "act", "sign").Answers(200)
	nurse := h.As("pflege")
	form := nurse.Page(chart + "/critical")
	nurse.Post("/signout")
	note := []string{"did", "Arzt informiert", "act", "note"}
	back := form.Submit(chart+"/critical", note...).Answers(401).Submit("/signin", "id", "pflege", "password", testkit.Password).Answers(200)
	if got, want := back.Attr("input[name=key]", "value"), form.Attr("input[name=key]", "value"); got != want {
		t.Errorf("the form came back with the key %s, was sent with %s", got, want)
	}
	back.Submit(chart+"/critical", "act", "note").Answers(200).Sees("S. Weber: Arzt informiert", "Kein kritischer Wert wartet")
	h.Check()
}
