package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// A message that stops a drug often names only its number: what was prescribed
// must stay readable, struck through, not vanish.
func TestStoppingAPrescriptionKeepsDoseAndSchedule(t *testing.T) {
	t.Parallel()
	var h head
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	say := func(seq uint64, p clinical.Prescription) {
		h.prescription(p, &clinical.Change{Origin: clinical.Origin{Seq: seq, Sent: at.Add(time.Duration(seq) * time.Minute)}})
	}
	say(1, clinical.Prescription{
		Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Dose: "5 000 IE", Scheme: "1-0-1-0",
		Times: []clinical.DayTime{480, 1080}, Route: "s.c.", Start: at, Status: clinical.Ordered,
	})
	say(2, clinical.Prescription{Placer: "M1", Status: clinical.Cancelled, Aside: true})
	if len(h.P.Medication) != 1 {
		t.Fatalf("got %d prescriptions, want 1", len(h.P.Medication))
	}
	it := h.P.Medication[0]
	if !it.Cancelled || it.V.Status != clinical.Cancelled {
		t.Errorf("stopped prescription is not marked: %+v", it.V.Status)
	}
	if it.V.Dose != "5 000 IE" || it.V.Scheme != "1-0-1-0" || it.V.Route != "s.c." || it.V.Drug.Text != "Heparin" || !it.V.Start.Equal(at) {
		t.Errorf("the stop hid what was prescribed: %+v", it.V)
	}
	if len(it.Was) != 1 {
		t.Errorf("got %d earlier versions, want 1", len(it.Was))
	}
}

// A nurse must not be told to give what is paused.
func TestAPausedDrugIsSaidAndNeverDue(t *testing.T) {
	t.Parallel()
	p := clinical.Prescription{
		Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Dose: "5 000 IE", Scheme: "1-0-1-0",
		Times: []clinical.DayTime{480, 1080}, Route: "s.c.", Status: clinical.OnHold,
	}
	got := dues(&p, nil)
	if len(got) != 1 || !got[0].Timeless {
		t.Fatalf("got %+v, want one line without a time", got)
	}
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	s, ok := got[0].Standing(now, now.Add(8*time.Hour))
	if !ok || s.Word.DE != "pausiert" || s.Drug != "Heparin" || s.Amount.DE != "5 000 IE s.c. 1-0-1-0" {
		t.Errorf("got %+v %v", s, ok)
	}
}
