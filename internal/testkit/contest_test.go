package testkit_test

import (
	"strings"
	"testing"
	"time"
)

// bisoprolol is an order as the KIS sends it each time.
func bisoprolol(control, sent, dose string) string {
	return strings.Join([]string{
		`MSH|^~\&|KIS|HAUS|NOTBETRIEB|HAUS|` + sent + `||RDE^O11^RDE_O11|` + control + `|P|2.5|||||DE|UNICODE UTF-8`,
		`PID|1||10047110^^^HAUS^PI||Müller^Jürgen^^^^^L||19580314|M`,
		`PV1|1|I|3A^301^F||||0815^Sommerfeld^Ines^^^Dr. med.||||||||||||26047110^^^HAUS^VN`,
		`ORC|NW|90077^KIS`,
		`RXE||C07AB07^Bisoprolol^ATC|` + dose + `||mg`,
		`TQ1|||1-0-1-0||||20261119080000`,
		`RXR|PO^oral`, ``,
	}, "\r")
}

// A drug is stopped here; the KIS comes back for a moment and says that it goes
// on. Nobody gives it before a physician has decided.
func TestADrugThatWasStoppedHereDoesNotBeginAgainByAMessage(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	h.Receive("kis", bisoprolol("B1", "20261121080500", "5"))
	h.Settle()
	doctor, nurse := h.As("arzt"), h.As("pflege")
	page := doctor.Page(chart + "/medication").Answers(200).Sees("Bisoprolol").NotSees("Strittig:")
	stop := doctor.Page(linkTo(t, page, "/prescription?rx=90077")).Answers(200)
	stop.Submit(chart+"/prescription", "to", "stop", "why", "Kalium 6,4").Answers(200).Sees("abgesetzt von Dr. J. Brandt: Kalium 6,4")
	nurse.Page("/ward/3A/doses").NotSees("Bisoprolol")

	h.Pass(20 * time.Minute)
	h.Receive("kis", bisoprolol("B2", "20261121101500", "5"))
	h.Settle()
	const line = "KIS sagt (21.11. 10:15): weiter (5 mg 1-0-1-0 p.o.); hier abgesetzt am 21.11. 10:00 von Dr. J. Brandt"
	page = doctor.Page(chart+"/medication").Answers(200).Sees("Strittig", line)
	doctor.Page(chart).Answers(200).Sees(line)
	list := nurse.Page("/ward/3A/doses").Answers(200).Sees(line)
	if n := list.Count("tr.dose"); n != 0 {
		t.Errorf("the list of doses has %d lines of a drug that was stopped: %s", n, list.Text())
	}
	for _, l := range list.Links() {
		if strings.Contains(l, "/contest") {
			t.Error("a nurse is offered the decision")
		}
	}
	nurse.Page("/ward/3A").Answers(200).Sees("Verordnung strittig")
	nurse.Page(chart + "/contest?rx=90077").Answers(403)

	ask := doctor.Page(linkTo(t, page, "/contest?rx=90077")).Answers(200).Sees("Hier: abgesetzt", "KIS:", line)
	ask.Submit(chart+"/contest", "to", "ours").Answers(422).Sees("Warum")
	form := ask.Submit(chart+"/contest", "to", "ours", "why", "Kalium noch 6,1").Answers(200)
	form.NotSees("Strittig:").Sees("abgesetzt von Dr. J. Brandt")
	ask.Submit(chart+"/contest", "to", "ours", "why", "Kalium noch 6,1").Answers(200) // a double click
	ask.Submit(chart+"/contest", "to", "theirs", "why", "anders").Answers(422).Sees("inzwischen")

	// The KIS repeats itself: no news. It changes the amount: news again.
	h.Receive("kis", bisoprolol("B3", "20261121102000", "5"))
	h.Settle()
	doctor.Page(chart + "/medication").NotSees("Strittig:")
	h.Receive("kis", bisoprolol("B4", "20261121102500", "10"))
	h.Settle()
	doctor.Page(chart+"/medication").Sees("Strittig", "weiter (10 mg 1-0-1-0 p.o.)")

	// Somebody repeats an old form: it says that the state is another one now.
	ask.Submit(chart+"/contest", "to", "theirs", "why", "alt").Answers(422).Sees("inzwischen")
	again := doctor.Page(chart + "/contest?rx=90077").Answers(200)
	taken := again.Submit(chart+"/contest", "to", "theirs", "why", "Kalium 4,9, Rücksprache").Answers(200).NotSees("Strittig:")
	nurse.Page("/ward/3A/doses").Sees("Bisoprolol")

	// The decision is changed, and the entry says how it was.
	anew := doctor.Page(linkTo(t, taken, "/contest?rx=90077")).Answers(200).Sees("Der andere Stand wurde übernommen")
	anew.Submit(chart+"/contest", "to", "ours", "why", "falscher Patient gemeint").Answers(200)
	nurse.Page("/ward/3A/doses").NotSees("Bisoprolol")
	h.Restart()
	doctor = h.As("arzt")
	doctor.Page(chart + "/medication").NotSees("Strittig:").Sees("abgesetzt von Dr. J. Brandt")
	h.Check()
}
