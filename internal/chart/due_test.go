package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

func planned(p clinical.Prescription, doses ...clinical.Dose) []Due {
	var h headDoc
	for i := range doses {
		doses[i].Prescription = p.Key()
		h.given(&doses[i])
	}
	return dues(&p, answersIn([]*headDoc{&h}, &p), time.UTC)
}

func TestADoseNotGivenForAReasonIsNotMissed(t *testing.T) {
	t.Parallel()
	at := func(h, m int) time.Time { return time.Date(2026, 11, 20, h, m, 0, 0, time.UTC) }
	heparin := clinical.Prescription{Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Times: []clinical.DayTime{480, 1080}, Status: clinical.Ordered}
	for _, c := range []struct {
		name  string
		doses []clinical.Dose
		want  []time.Time // when they are to be given
	}{
		{"nothing recorded", nil, []time.Time{at(8, 0), at(18, 0)}},
		{"given", []clinical.Dose{{ID: "1", At: at(8, 5), Due: at(8, 0), Status: clinical.Given}}, []time.Time{at(18, 0)}},
		{"given, told by the KIS without a planned time", []clinical.Dose{{ID: "1", At: at(9, 40), Status: clinical.Given}}, []time.Time{at(18, 0)}},
		{"the evening dose answers nothing of the morning", []clinical.Dose{{ID: "1", At: at(18, 10), Status: clinical.Given}}, []time.Time{at(8, 0)}},
		{"refused", []clinical.Dose{{ID: "1", At: at(8, 5), Due: at(8, 0), Status: clinical.Refused}}, []time.Time{at(18, 0)}},
		{"postponed", []clinical.Dose{{ID: "1", At: at(8, 5), Due: at(8, 0), Until: at(10, 0), Status: clinical.Postponed}}, []time.Time{at(10, 0), at(18, 0)}},
		{"postponed, then given", []clinical.Dose{
			{ID: "1", At: at(8, 5), Due: at(8, 0), Until: at(10, 0), Status: clinical.Postponed}, {ID: "2", At: at(10, 2), Due: at(8, 0), Status: clinical.Given},
		}, []time.Time{at(18, 0)}},
		{"recorded in error", []clinical.Dose{
			{ID: "1", At: at(8, 5), Due: at(8, 0), Status: clinical.Given}, {ID: "1", At: at(8, 5), Due: at(8, 0), Status: clinical.Retracted},
		}, []time.Time{at(8, 0), at(18, 0)}},
		{"only dispensed", []clinical.Dose{{ID: "1", At: at(8, 0), Status: clinical.Dispensed}}, []time.Time{at(8, 0), at(18, 0)}},
	} {
		got := Missed(planned(heparin, c.doses...), at(6, 0), at(19, 0))
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v", c.name, got)
			continue
		}
		for i := range got {
			if !got[i].Now.Equal(c.want[i]) {
				t.Errorf("%s: %v, want %v", c.name, got[i].Now, c.want[i])
			}
		}
	}
}

func TestADrugOfOnceAWeekIsNoMissedDoseOfEachDay(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	for interval, days := range map[string]int{
		"Q1W": 7, "Q2D": 2, "wöchentlich": 7, "1x wöchentlich": 7, "jeden 2. Tag": 2, "Q6H": 0, "BID": 0, "QD": 0, "": 0, "Q1D": 0, "Q99999999999999999999D": 0,
	} {
		p := clinical.Prescription{Placer: "M1", Drug: clinical.Coded{Text: "Methotrexat"}, Interval: interval, Times: []clinical.DayTime{480}, Status: clinical.Ordered}
		due := planned(p)
		if due[0].Every != days {
			t.Errorf("%q: every %d days, want %d", interval, due[0].Every, days)
		}
		if missed := Missed(due, from, from.Add(12*time.Hour)); (len(missed) == 0) != (days > 1) {
			t.Errorf("%q: missed %+v", interval, missed)
		}
	}
}

// A change made here stands over what the KIS sent before, whenever that
// arrives; what it sends afterwards stands beside the change until a person
// decides (contest_test.go).
func TestAChangeMadeHereStandsOverWhatTheKISSentBefore(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	said := func(seq uint64, feed string, minute int, p clinical.Prescription) func(*head) {
		return func(h *head) {
			h.prescription(p, &clinical.Change{Origin: clinical.Origin{Seq: seq, Feed: feed, Sent: at.Add(time.Duration(minute) * time.Minute)}})
		}
	}
	kis := clinical.Prescription{Placer: "M1", Filler: "PH1", Drug: clinical.Coded{Text: "Ramipril"}, Dose: "5 mg", Scheme: "1-0-0-0", Status: clinical.InProgress}
	here := kis
	here.Dose = "2,5 mg"
	stopped := here
	stopped.Status, stopped.End = clinical.Cancelled, at.Add(20*time.Minute)
	ordered := said(1, "kis", 0, kis)
	changed, stop := said(2, Here, 10, here), said(3, Here, 20, stopped)
	late := kis
	late.Dose = "10 mg"
	release := clinical.Prescription{Placer: "M1", Status: clinical.InProgress, Aside: true}
	off := clinical.Prescription{Placer: "M1", Status: clinical.Cancelled, Aside: true}
	for _, c := range []struct {
		name   string
		says   []func(*head)
		dose   string
		status clinical.OrderStatus
	}{
		{"changed", []func(*head){ordered, changed}, "2,5 mg", clinical.InProgress},
		{"stopped", []func(*head){ordered, changed, stop}, "2,5 mg", clinical.Cancelled},
		{"an older message comes late", []func(*head){ordered, changed, stop, said(4, "kis", 5, late)}, "2,5 mg", clinical.Cancelled},
		{"an older release comes late", []func(*head){ordered, changed, stop, said(4, "kis", 5, release)}, "2,5 mg", clinical.Cancelled},
		{"the order itself comes late", []func(*head){changed, stop, ordered}, "2,5 mg", clinical.Cancelled},
		{"a newer message begins nothing again", []func(*head){ordered, changed, stop, said(4, "kis", 30, late)}, "2,5 mg", clinical.Cancelled},
		{"a newer message ends what it had running", []func(*head){ordered, changed, said(4, "kis", 30, off)}, "2,5 mg", clinical.Cancelled},
		{"resumed here", []func(*head){ordered, stop, said(4, Here, 40, here)}, "2,5 mg", clinical.InProgress},
	} {
		var h head
		for _, say := range c.says {
			say(&h)
		}
		if len(h.P.Medication) != 1 {
			t.Errorf("%s: %d prescriptions", c.name, len(h.P.Medication))
			continue
		}
		it := h.P.Medication[0]
		if it.V.Dose != c.dose || it.V.Status != c.status || it.Cancelled != (c.status == clinical.Cancelled) {
			t.Errorf("%s: %s %s cancelled %v", c.name, it.V.Dose, it.V.Status, it.Cancelled)
		}
	}
}
