package testkit_test

import (
	"strings"
	"testing"
)

func TestARadiologistsFindingClosesTheOrderAndACriticalOneIsHeard(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	form := doctor.Page(chart + "/order/radiology")
	placed := form.Submit(chart+"/write/order-radiology", "urgency", "S", "method", "CT", "region", "Schädel", "question", "Blutung", "contrast", "no", "act", "sign").Answers(200)
	number := orderNumber.FindString(placed.Text())
	radiologist := h.As("radiologie")
	list := radiologist.Page("/desk/findings").Sees("CT Schädel", "Müller", "Blutung", number)
	page := list.Submit("/desk/findings", "scan", number).Answers(200)
	action := chart + "/report/" + number
	page.Submit(action, "finding", "Hyperdens links", "act", "sign").Answers(422).Sees("Beurteilung fehlt", "Stand fehlt")
	page.Submit(action, "finding", "Hyperdens links.", "judgement", "Akute SDH links.", "state", "preliminary", "critical", "1", "act", "sign").Answers(200).Sees("Gespeichert", "Teilbefund")
	doctor.Page(chart+"/findings").Sees("Befund: CT Schädel", "vorläufig")
	nurse := h.As("pflege")
	nurse.Page("/ward/3A").In(".unheard").Sees("Kritischer Befund", "Akute SDH links.")
	nurse.Page(chart+"/critical").Submit(chart+"/critical", "act", "note").Answers(200)

	// A second radiologist had the page open: the text is kept and nothing replaced.
	page.Submit(action, "finding", "Anderes", "judgement", "Unauffällig.", "state", "final", "act", "sign").Answers(409).Sees("Dr. P. Lang")
	fresh := radiologist.Page(action).Sees("Bisheriger Befund: vorläufig")
	if !strings.Contains(fresh.In("#finding").Text(), "Hyperdens links.") {
		t.Error("the finding so far is not in the field")
	}
	fresh.Submit(action, "state", "final", "act", "sign").Answers(200).Sees("Nichts wartet")
	doctor.Page(chart+"/findings").Sees("Befund: CT Schädel", "endgültig")
	doctor.Page(chart + "/orders").Sees("Offen 0")
	if nurse.Page("/ward/3A").Has(".unheard") {
		t.Error("the final version of a finding that is known asks again")
	}
	h.As("pflege").Page(action).Answers(403)
	h.Check()
	h.Replay()
}
