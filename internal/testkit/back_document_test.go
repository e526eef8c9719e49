package testkit_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/config"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// handing is a hospital in an outage whose KIS takes back what is released.
type handing struct {
	*testkit.Hospital
	t     *testing.T
	kis   *fakekis.KIS
	chart string
}

func newHanding(t *testing.T, change func(*config.HandbackTarget)) *handing {
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
		target := config.DefaultTarget()
		target.Name, target.System, target.Address, target.ReceivingApp, target.Repeats = "kis", "kis", kis.Addr(), "KIS", true
		change(&target)
		c.Targets = append(c.Targets, target)
	})
	h.Receive("kis", "a01_mueller_3A.hl7")
	h.Declare("kis")
	return &handing{Hospital: h, t: t, kis: kis, chart: chartOf(h.As("pflege").Page("/ward/3A"), "26047110")}
}

// handBack releases everything and waits until nothing is left to send.
func (h *handing) handBack() []handback.Item {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	back := h.Hub.Back
	if err := back.Wait(ctx, h.Hub.Journal.Head()); err != nil {
		h.t.Fatal(err)
	}
	act := handback.Act{By: clinical.Staff{ID: "it", Name: "it"}, At: h.Clock()}
	if err := back.SetMode(ctx, journal.NewID(), "kis", handback.Flowing, act); err != nil {
		h.t.Fatal(err)
	}
	items, err := back.Items(ctx, "kis", handback.Filter{States: []handback.State{handback.Waiting}})
	if err != nil || len(items) == 0 {
		h.t.Fatalf("%+v %v", items, err)
	}
	if err := back.Decide(ctx, journal.NewID(), "kis", handback.Release, items, act); err != nil {
		h.t.Fatal(err)
	}
	for {
		seq := back.Seq()
		items, err := back.Items(ctx, "kis", handback.Filter{})
		if err != nil {
			h.t.Fatal(err)
		}
		moving := 0
		for _, it := range items {
			if it.State == handback.Released || it.State == handback.Sent {
				moving++
			}
		}
		if moving == 0 {
			return items
		}
		if err := back.Wait(ctx, seq+1); err != nil {
			h.t.Fatalf("the queue stands still: %+v", items)
		}
	}
}

// enclosed returns the PDF that a message encloses.
func enclosed(t *testing.T, raw []byte) []byte {
	t.Helper()
	m, err := hl7.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if m.Get("OBX-2") != "ED" || m.Get("OBX-5.3") != "PDF" || m.Get("OBX-5.4") != "Base64" {
		t.Fatalf("no PDF in\n%.300s", raw)
	}
	pdf, err := base64.StdEncoding.DecodeString(m.Get("OBX-5.5"))
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(pdf), []byte("%%EOF")) {
		t.Fatalf("a damaged PDF: %v", err)
	}
	return pdf
}

func TestAKISThatTakesDocumentsGetsTheSheetIntact(t *testing.T) {
	t.Parallel()
	h := newHanding(t, func(c *config.HandbackTarget) { c.AsDocument = []string{"vitals"} })
	nurse := h.As("pflege")
	nurse.Page(h.chart+"/write/vitals").Submit(h.chart+"/write/vitals", "bp", "118/76", "temp", "38,4", "act", "sign").Answers(200)
	nurse.Page(h.chart+"/write/alert").Submit(h.chart+"/write/alert", "kind", "isolation", "what", "MRSA in der Nase", "act", "sign").Answers(200)
	h.kis.SetRules(fakekis.Rule{Do: fakekis.CutAfter, Times: 1}) // the answer is lost: the same bytes come again
	for _, it := range h.handBack() {
		if it.State != handback.Accepted {
			t.Errorf("%s is %s: %s", it.Form, it.State, it.Answer)
		}
	}
	took := h.kis.Accepted()
	if len(took) != 2 {
		t.Fatalf("%d messages were taken", len(took))
	}
	for i, want := range [][]string{{"Vitalwerte", "118/76", "38,4", "S. Weber", "Müller", "26047110"}, {"MRSA in der Nase", "S. Weber"}} {
		if took[i].Type != "MDM^T02" || took[i].Other {
			t.Errorf("%s, with other content when it came again: %v", took[i].Type, took[i].Other)
		}
		text := pdfText(t, enclosed(t, took[i].Raw))
		for _, x := range want {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(x)) {
				t.Errorf("the sheet does not say %q:\n%s", x, text)
			}
		}
	}
	if again := took[0].Again + took[1].Again; again != 1 {
		t.Errorf("%d repetitions, want the one of the lost answer", again)
	}
}

func TestWhatATargetDoesNotTakeStaysWithPeople(t *testing.T) {
	t.Parallel()
	h := newHanding(t, func(c *config.HandbackTarget) { c.ByHand = []string{"warning"} })
	h.As("pflege").Page(h.chart+"/write/alert").Submit(h.chart+"/write/alert", "kind", "isolation", "what", "MRSA", "act", "sign").Answers(200)
	if items := h.handBack(); items[0].State != handback.Rest || len(h.kis.Accepted()) != 0 {
		t.Errorf("%+v, %d taken", items, len(h.kis.Accepted()))
	}
}
