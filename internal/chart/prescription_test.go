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
	got := dues(&p, nil, time.UTC)
	if len(got) != 1 || !got[0].Timeless {
		t.Fatalf("got %+v, want one line without a time", got)
	}
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	s, ok := got[0].Standing(now, now.Add(8*time.Hour))
	if !ok || s.Word.DE != "pausiert" || s.Drug != "Heparin" || s.Amount.DE != "5 000 IE s.c. 1-0-1-0" {
		t.Errorf("got %+v %v", s, ok)
	}
}

// What was to be given once and has been is not due again, whether or not the
// pharmacy closes its order.
func TestADrugGivenOnceIsNotDueAgain(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		interval string
		times    []clinical.DayTime
		start    time.Time
		doses    []clinical.Dose
		due      int
	}{
		{name: "not given yet", interval: "ONCE", due: 1},
		{name: "given", interval: "ONCE", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}},
		{name: "given, as houses write it", interval: "1x", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}},
		{name: "given, in a word", interval: "einmalig", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}},
		{name: "given, with a time of day", interval: "Once", times: []clinical.DayTime{480}, doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}},
		{name: "given a little early", interval: "ONCE", start: at.Add(time.Hour), doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}},
		{name: "given, told by the filler's number", interval: "ONCE", doses: []clinical.Dose{{Prescription: "fPH1", At: at, Status: clinical.Given}}},
		{name: "given under an earlier order of the number", interval: "ONCE", start: at.Add(48 * time.Hour), doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}, due: 1},
		{name: "refused", interval: "ONCE", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Refused}}, due: 1},
		{name: "given in part", interval: "ONCE", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Partly}}, due: 1},
		{name: "only handed out", interval: "ONCE", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Dispensed}}, due: 1},
		{name: "recorded in error", interval: "ONCE", doses: []clinical.Dose{
			{ID: "g", Prescription: "M1", At: at, Status: clinical.Given}, {ID: "g", Prescription: "M1", At: at, Status: clinical.Retracted},
		}, due: 1},
		{name: "another drug's dose", interval: "ONCE", doses: []clinical.Dose{{Prescription: "M2", At: at, Status: clinical.Given}}, due: 1},
		{name: "once a day", interval: "1x tägl.", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}, due: 1},
		{name: "no rhythm at all", doses: []clinical.Dose{{Prescription: "M1", At: at, Status: clinical.Given}}, due: 1},
	} {
		var h headDoc
		for i := range c.doses {
			h.given(&c.doses[i])
		}
		p := clinical.Prescription{Placer: "M1", Filler: "PH1", Drug: clinical.Coded{Text: "Furosemid"}, Interval: c.interval, Times: c.times, Start: c.start, Status: clinical.Ordered}
		if got := dues(&p, answersIn([]*headDoc{&h}, &p), time.UTC); len(got) != c.due {
			t.Errorf("%s: due %+v", c.name, got)
		}
	}
}
