package harm

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// The list of doses of a ward and the list of whom the outage may harm are asked
// by different people at different times; of the same chart they say the same.
func TestTheListOfDosesAndTheListOfHarmNameTheSameDoses(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2026, 10, 24, 22, 0, 0, 0, zone) // the night in which the clock changes
	missed := 0
	for seed := range uint64(400) {
		dice := rand.New(rand.NewPCG(seed, 7))
		now := begin.Add(time.Duration(2+dice.IntN(30)) * time.Hour).Add(time.Duration(dice.IntN(60)) * time.Minute)
		p := randomPlan(dice, begin, now)
		var want []string
		for _, d := range chart.Missed(chart.DuesOf(p, zone), begin, now) {
			if chart.StateAt(d.Now, now) == chart.DoseOverdue {
				want = append(want, d.Drug+" "+d.Time.UTC().Format(time.RFC3339))
			}
		}
		var got []string
		for _, f := range Find(p, []Window{{Outage: "o", System: "kis", From: begin}}, now) {
			if f.Kind == Dose && f.Answer == nil && f.From.Before(now) {
				got = append(got, f.What+" "+f.At.UTC().Format(time.RFC3339))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		missed += len(want)
		if !slices.Equal(got, want) {
			t.Errorf("seed %d at %v\nthe list of doses: %q\nthe list of harm:  %q", seed, now, want, got)
		}
	}
	if missed < 500 {
		t.Errorf("only %d doses were missed: the plans try too little", missed)
	}
}

// randomPlan is a patient in house with drugs in force since before the outage
// and doses of some of them, recorded here or sent without a planned time.
func randomPlan(dice *rand.Rand, begin, now time.Time) *chart.Patient {
	p := &chart.Patient{Key: "k", Stays: []chart.Stay{{Case: "1", State: chart.Present}}}
	before := clinical.Origin{Seq: 1, Feed: "kis", Sent: begin.Add(-72 * time.Hour), Received: begin.Add(-72 * time.Hour)}
	seq := uint64(10)
	for n := range 1 + dice.IntN(4) {
		rx := clinical.Prescription{
			Placer: "M" + strconv.Itoa(n), Drug: clinical.Coded{Text: "Mittel" + strconv.Itoa(n)}, Status: clinical.InProgress, Start: begin.Add(-100 * time.Hour),
		}
		for _, at := range []clinical.DayTime{150, 480, 720, 1080, 1320} {
			if dice.IntN(2) == 0 {
				rx.Times = append(rx.Times, at)
			}
		}
		if len(rx.Times) == 0 {
			rx.Times = []clinical.DayTime{600}
		}
		if dice.IntN(4) == 0 {
			rx.Interval = []string{"Q2D", "Q3D", "Q1W"}[dice.IntN(3)]
		}
		if dice.IntN(5) == 0 {
			rx.End = begin.Add(time.Duration(dice.IntN(40)) * time.Hour)
		}
		p.Medication = append(p.Medication, chart.Item[clinical.Prescription]{V: rx, Origin: before})
		for _, at := range chart.PlannedDoses(&rx, begin.Add(-24*time.Hour), now) {
			seq++
			d := clinical.Dose{ID: strconv.FormatUint(seq, 10), Prescription: rx.Placer, Drug: rx.Drug, Status: clinical.Given, Due: at, At: at.Add(time.Duration(dice.IntN(80)) * time.Minute)}
			switch dice.IntN(6) {
			case 0, 1:
				continue
			case 2: // the other system names no planned time
				d.Due, d.At = time.Time{}, at.Add(time.Duration(dice.IntN(600)-300)*time.Minute)
			case 3:
				d.Status, d.Until = clinical.Postponed, at.Add(time.Duration(dice.IntN(300))*time.Minute)
			case 4:
				d.Status = clinical.Refused
			}
			if d.At.After(now) {
				continue
			}
			p.Doses = append(p.Doses, chart.Item[clinical.Dose]{V: d, Origin: clinical.Origin{Seq: seq, Feed: chart.Here, Sent: d.At, Received: d.At}})
		}
	}
	slices.SortStableFunc(p.Doses, func(a, b chart.Item[clinical.Dose]) int { return b.V.At.Compare(a.V.At) })
	return p
}
