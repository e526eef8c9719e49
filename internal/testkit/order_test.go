package testkit_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"notbetrieb/internal/testkit"
)

// orderNumber is how the hub numbers orders in an outage.
var orderNumber = regexp.MustCompile(`NA\d{9}`)

// orderLab ticks tests for the patient and returns the entry and the numbers of
// the tubes.
func orderLab(t *testing.T, who *testkit.Person, chart string, fields ...string) (*testkit.Page, []string) {
	t.Helper()
	page := who.Page(chart + "/order/lab").Answers(200)
	entry := page.Submit(chart+"/write/order-lab", append(fields, "act", "sign")...).Answers(200)
	var out []string
	for _, no := range orderNumber.FindAllString(entry.In(".panel .lines").Text(), -1) {
		if len(out) == 0 || out[len(out)-1] != no {
			out = append(out, no)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no order number:\n%s", entry.Text())
	}
	return entry, out
}

func TestAnOrderGetsANumberForEachTubeAndALabelWithIt(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	nurse := h.As("pflege")
	form := nurse.Page(chart + "/order/lab")
	form.Submit(chart+"/write/order-lab", "urgency", "S", "act", "sign").Answers(422).Sees("keine Untersuchung angekreuzt")
	entry, tubes := orderLab(t, nurse, chart, "urgency", "S", "x.KBB", "1", "x.ELEK", "1", "x.K", "1", "taken", "09:50", "question", "Herzrhythmus")
	if len(tubes) != 2 {
		t.Fatalf("numbers %v, want one for EDTA blood and one for serum", tubes)
	}
	entry.Sees("EDTA-Blut", "Serum", "Probenetiketten drucken")
	label := nurse.Page(entry.Attr(".panel a.button", "href")).Answers(200)
	if !bytes.HasPrefix(label.Body, []byte("%PDF-")) {
		t.Fatalf("no PDF: %.20q", label.Body)
	}
	h.As("arzt").Page(chart+"/orders").Sees("Notfall", "Kleines Blutbild", "Elektrolyte", "Herzrhythmus", tubes[0], tubes[1])
	if other := nurse.Page(chart + "/specimens.pdf?order=NA000000999"); other.Status != 404 {
		t.Errorf("a label of an order that nobody placed: %d", other.Status)
	}
	h.Check()
}

func TestAnOrderSentTwiceIsOneAndACorrectionKeepsItsNumber(t *testing.T) {
	t.Parallel()
	h, chart := inOutage(t)
	doctor := h.As("arzt")
	form := doctor.Page(chart + "/order/radiology")
	action := chart + "/write/order-radiology"
	fill := []string{"urgency", "S", "method", "MR", "region", "Schädel", "question", "Blutung", "contrast", "no", "act", "sign"}
	form.Submit(action, fill...).Answers(422).Sees("Schrittmacher, Implantate, Metall: Für MRT wird eine Antwort gebraucht")
	form.Submit(action, append(fill, "implants", "yes")...).Answers(422).Sees("Ohne das darf niemand in den Magneten")
	first := form.Submit(action, append(fill, "implants", "no")...).Answers(200)
	again := form.Submit(action, append(fill, "implants", "no")...).Answers(200)
	number := orderNumber.FindString(first.Text())
	if number == "" || first.Path != again.Path || orderNumber.FindString(again.Text()) != number {
		t.Fatalf("sent twice: %s %s and %s %s", first.Path, number, again.Path, orderNumber.FindString(again.Text()))
	}
	root := first.Path[strings.LastIndexByte(first.Path, '/')+1:]
	fixed := doctor.Page(action+"?correct="+root).Submit(action, "region", "Halswirbelsäule", "reason", "verklickt", "act", "sign").Answers(200)
	if got := orderNumber.FindString(fixed.Text()); got != number {
		t.Errorf("the correction has number %s, the order %s", got, number)
	}
	orders := doctor.Page(chart + "/orders")
	orders.Sees("MRT Halswirbelsäule").NotSees("MRT Schädel")
	withdraw := doctor.Page(chart + "/entry/" + root)
	withdraw.Submit(chart+"/entry/"+root+"/withdraw", "why", "doch nicht nötig").Answers(200)
	doctor.Page(chart+"/orders").Sees("Offen 0", "storniert")
	h.Check()
	h.Replay()
}

func TestRadiationInPossiblePregnancyIsAskedAbout(t *testing.T) {
	t.Parallel()
	h, _ := inOutage(t)
	h.Receive("kis", strings.Replace(strings.NewReplacer("|M\n", "|F\n", "|19580314|M", "|19950314|F", "10047110", "10047199", "26047110", "26047199").Replace(string(h.Message("a01_mueller_3A.hl7"))), "A0", "A0", 1))
	chart := chartOf(h.As("pflege").Page("/ward/3A"), "26047199")
	form := h.As("arzt").Page(chart + "/order/radiology")
	action := chart + "/write/order-radiology"
	fill := []string{"urgency", "R", "method", "CR", "region", "Thorax", "question", "Pneumonie", "act", "sign"}
	form.Submit(action, fill...).Answers(422).Sees("Schwangerschaft: Für Röntgen wird eine Antwort gebraucht")
	asked := form.Submit(action, append(fill, "pregnant", "yes")...).Answers(422).Sees("Strahlung bei möglicher Schwangerschaft", "Stimmt das?")
	asked.Submit(action, "act", "sign").Answers(200).Sees("gilt", "Röntgen Thorax")
}
