package testkit_test

import (
	"testing"
	"time"
)

// One entry of a discharge says both: that the person has left and has died. The
// lists wait no more, and say why; what was missed in life stays to be seen.
func TestADischargeOfADeadPatientIsOneEntry(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	nurse := h.As("pflege")
	nurse.Page("/ward/3A/doses").Sees("10:00 Pantoprazol 40 mg")
	h.Pass(90 * time.Minute)
	nurse.Page("/ward/3A/doses").Sees("überfällig, nicht dokumentiert")
	nurse.Page("/ward/3A").Sees("überfällig, nicht dokumentiert")
	h.As("arzt").Page(chart).Sees("Gabe überfällig, nicht dokumentiert")

	form := nurse.Page(chart + "/move/discharge").Answers(200)
	form.Submit(chart+"/move/discharge", "disposition", "01", "died", "11:20", "act", "sign").Answers(422).Sees("gehört nur zur Entlassungsart")
	form.Submit(chart+"/move/discharge", "disposition", "07", "at", "11:20", "died", "11:25", "act", "sign").Answers(422).Sees("liegt nach der Entlassung")
	done := form.Submit(chart+"/move/discharge", "disposition", "07", "at", "11:25", "died", "11:10", "act", "sign").Answers(200).Sees("verstorben").
		Submit(chart+"/move/discharge", "confirmed", "1", "act", "sign").Answers(200).Sees("eingetragen")
	nurse.Page("/ward/3A/doses").NotSees("Pantoprazol")
	nurse.Page(chart + "/course").Sees("† verstorben")
	h.Pass(10 * time.Minute)

	// It was the wrong bed: corrected to a discharge, the person lives.
	entry := linkTo(t, done, "/entry/")
	fix := nurse.Page(linkTo(t, nurse.Page(entry).Answers(200), "?correct=")).Answers(200)
	fix.Submit(chart+"/move/discharge", "disposition", "01", "died", "", "reason", "falsches Bett", "act", "sign").Answers(200).
		Submit(chart+"/move/discharge", "confirmed", "1", "act", "sign").Answers(200)
	nurse.Page(chart + "/course").NotSees("† verstorben")
	h.Check()
}

func TestADeathCanFreeTheBed(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	prescribe(t, h, chart, pantoprazol...)
	doctor, nurse := h.As("arzt"), h.As("pflege")
	doctor.Page(chart+"/move/death").Answers(200).Sees("Zugleich entlassen").
		Submit(chart+"/move/death", "act", "sign").Answers(200).Submit(chart+"/move/death", "confirmed", "1", "act", "sign").Answers(200)
	nurse.Page("/ward/3A").Sees("Müller, Jürgen", "† verstorben").NotSees("Pantoprazol")
	nurse.Page("/ward/3A/doses").Sees("Müller, Jürgen", "† verstorben", "Es wird nichts mehr gegeben").NotSees("Pantoprazol")
	doctor.Page(chart + "/orders").Sees("Die Person ist verstorben")
	nurse.Page(chart+"/move/discharge").Submit(chart+"/move/discharge", "disposition", "07", "act", "sign").Answers(200).
		Submit(chart+"/move/discharge", "confirmed", "1", "act", "sign").Answers(200)
	nurse.Page("/ward/3A").NotSees("Müller, Jürgen")
	h.Check()
}

func TestADeathWithTheDischargeIsOneEntry(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.As("arzt").Page(chart+"/move/death").Answers(200).
		Submit(chart+"/move/death", "leaves", "1", "act", "sign").Answers(200).Sees("Zugleich entlassen").
		Submit(chart+"/move/death", "confirmed", "1", "act", "sign").Answers(200)
	h.As("pflege").Page("/ward/3A").NotSees("Müller, Jürgen")
	h.As("pflege").Page(chart + "/course").Sees("† verstorben")
	h.Check()
}
