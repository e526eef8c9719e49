package harm

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
)

var berlin = func() *time.Location {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

// on is a time of the night of the outage: "19 08:00" is the 19th of November.
func on(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-"+s, berlin)
	if err != nil {
		panic(err)
	}
	return t
}

func origin(seq uint64, at time.Time, feed string) clinical.Origin {
	return clinical.Origin{Seq: seq, Feed: feed, Sent: at, Received: at}
}

func known[T any](v T, o clinical.Origin) chart.Value[T] {
	return chart.Value[T]{V: v, Known: true, Origin: o}
}

// inBed is a patient on 3A since the 17th.
func inBed() *chart.Patient {
	o := origin(1, on("17 10:00"), "kis")
	return &chart.Patient{Key: "HAUS:1", Stays: []chart.Stay{{
		Case: "F1", State: chart.Present, Admitted: known(on("17 10:00"), o), Now: known(clinical.Place{Ward: "3A", Room: "301", Bed: "F"}, o),
		Movements: []chart.Item[clinical.Movement]{{V: clinical.Movement{Kind: clinical.Admission, Start: on("17 10:00"), To: clinical.Place{Ward: "3A"}}, Origin: o}},
	}}}
}

func drug(placer string, times ...clinical.DayTime) chart.Item[clinical.Prescription] {
	return chart.Item[clinical.Prescription]{Origin: origin(2, on("17 11:00"), "kis"), V: clinical.Prescription{
		Placer: placer, Drug: clinical.Coded{Text: "Ramipril"}, Strength: "5 mg", Dose: "1 Tbl.", Route: "p.o.", Times: times,
		Start: on("17 12:00"), Status: clinical.Ordered,
	}}
}

func dose(placer, at, stored string, status clinical.DoseStatus) chart.Item[clinical.Dose] {
	return chart.Item[clinical.Dose]{
		V:      clinical.Dose{ID: placer + at, Prescription: placer, At: on(at), Status: status, By: clinical.Staff{Name: "S. Weber"}},
		Origin: origin(50, on(stored), chart.Here),
	}
}

// kis is out of service from 02:10 on the 19th.
func kis(to string) []Window {
	w := Window{Outage: "o", System: "kis", From: on("19 02:10")}
	if to != "" {
		w.To = on(to)
	}
	return []Window{w}
}

// shown returns what stands in the list at now, as "kind time state".
func shown(p *chart.Patient, w []Window, now string) []string {
	out := []string{}
	for _, f := range Find(p, w, on(now)) {
		if !f.Shown(on(now)) {
			continue
		}
		state := "open"
		if f.Answer != nil {
			state = string(f.Answer.Kind)
		}
		out = append(out, fmt.Sprintf("%s %s %s", f.Kind, f.At.In(berlin).Format("02 15:04"), state))
	}
	return out
}

func TestDoses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, now, ended string
		doses            []chart.Item[clinical.Dose]
		change           func(*chart.Patient)
		want             []string
	}{
		{name: "not due yet", now: "19 07:50"},
		{name: "due, within the hour of grace", now: "19 08:55"},
		{name: "due and nobody recorded it", now: "19 09:01", want: []string{"dose 19 08:00 open"}},
		{name: "recorded in time", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 08:05", "19 08:06", clinical.Given)}},
		{name: "recorded late", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 08:05", "19 11:00", clinical.Given)}, want: []string{"dose 19 08:00 recorded"}},
		{name: "given late", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 10:40", "19 10:41", clinical.Given)}, want: []string{"dose 19 08:00 recorded"}},
		{name: "refused is recorded too", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 08:05", "19 11:00", clinical.Refused)}, want: []string{"dose 19 08:00 recorded"}},
		{name: "recorded in error", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 08:05", "19 08:06", clinical.Retracted)}, want: []string{"dose 19 08:00 open"}},
		{name: "dispensed is not given", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 07:00", "19 07:00", clinical.Dispensed)}, want: []string{"dose 19 08:00 open"}},
		{name: "of another drug", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M2", "19 08:05", "19 08:06", clinical.Given)}, want: []string{"dose 19 08:00 open"}},
		{name: "the evening dose of the day before answers nothing", now: "19 12:00", doses: []chart.Item[clinical.Dose]{dose("M1", "18 20:10", "18 20:11", clinical.Given)}, want: []string{"dose 19 08:00 open"}},
		{name: "postponed and not given", now: "19 13:01", doses: []chart.Item[clinical.Dose]{func() chart.Item[clinical.Dose] {
			d := dose("M1", "19 08:05", "19 08:06", clinical.Postponed)
			d.V.Due, d.V.Until = on("19 08:00"), on("19 12:00")
			return d
		}()}, want: []string{"dose 19 08:00 open"}},
		{name: "both of the day", now: "19 22:00", want: []string{"dose 19 08:00 open", "dose 19 20:00 open"}},
		{name: "due after the outage ended", now: "19 22:00", ended: "19 15:00", want: []string{"dose 19 08:00 open"}},
		{name: "it stays after the end", now: "25 12:00", ended: "19 15:00", want: []string{"dose 19 08:00 open"}},
		{name: "the paper is typed in three days later", now: "25 12:00", ended: "19 15:00", doses: []chart.Item[clinical.Dose]{dose("M1", "19 08:00", "22 10:00", clinical.Given)}, want: []string{"dose 19 08:00 recorded"}},
		{name: "the patient had left", now: "19 12:00", change: func(p *chart.Patient) {
			p.Stays[0].State, p.Stays[0].Discharged = chart.Left, known(on("19 07:00"), origin(60, on("19 11:30"), chart.Here))
		}, want: []string{"dose 19 08:00 stopped"}},
		{name: "the patient left later", now: "19 12:00", change: func(p *chart.Patient) {
			p.Stays[0].State, p.Stays[0].Discharged = chart.Left, known(on("19 10:00"), origin(60, on("19 10:01"), chart.Here))
		}, want: []string{"dose 19 08:00 open"}},
		{name: "stopped after it was due", now: "19 22:00", change: func(p *chart.Patient) {
			it := &p.Medication[0]
			it.Was = []chart.Version[clinical.Prescription]{{V: it.V, Origin: it.Origin}}
			it.V.Status, it.Cancelled, it.Origin = clinical.Cancelled, true, origin(61, on("19 10:00"), chart.Here)
		}, want: []string{"dose 19 08:00 open"}},
		{name: "ended before it was due, as is known later", now: "19 12:00", change: func(p *chart.Patient) {
			it := &p.Medication[0]
			it.Was = []chart.Version[clinical.Prescription]{{V: it.V, Origin: it.Origin}}
			it.V.End, it.Origin = on("19 06:00"), origin(61, on("19 11:00"), "kis")
		}, want: []string{"dose 19 08:00 stopped"}},
		{name: "the same prescription sent again when the system is back", now: "19 12:00", change: func(p *chart.Patient) {
			p.Medication[0].Origin = origin(62, on("19 11:00"), "kis")
		}, want: []string{"dose 19 08:00 open"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := inBed()
			p.Medication = append(p.Medication, drug("M1", 480, 1200))
			p.Doses = c.doses
			if c.change != nil {
				c.change(p)
			}
			if got, want := fmt.Sprint(shown(p, kis(c.ended), c.now)), fmt.Sprint(append([]string{}, c.want...)); got != want {
				t.Errorf("shown %s, want %s", got, want)
			}
		})
	}
}

func TestADrugWithoutTimesOfDay(t *testing.T) {
	t.Parallel()
	p := inBed()
	p.Medication = append(p.Medication, drug("M1"))
	p.Medication[0].V.Interval = "BID"
	for now, want := range map[string]string{"19 20:00": "[]", "20 00:58": "[]", "20 01:00": "[dose 19 23:59 open]", "21 09:00": "[dose 19 23:59 open dose 20 23:59 open]"} {
		if got := fmt.Sprint(shown(p, kis(""), now)); got != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
	p.Doses = []chart.Item[clinical.Dose]{dose("M1", "20 08:00", "21 08:00", clinical.Given), dose("M1", "19 08:00", "19 08:01", clinical.Given)}
	if got := fmt.Sprint(shown(p, kis(""), "21 09:00")); got != "[dose 20 23:59 recorded]" {
		t.Error(got)
	}
	p.Medication[0].V.Rate = "2 ml/h" // an infusion
	if got := shown(p, kis(""), "21 09:00"); len(got) != 0 {
		t.Error(got)
	}
}

func TestADoseInTheHourThatTheClockLeavesOut(t *testing.T) {
	t.Parallel()
	p := inBed()
	it := drug("M1", 150) // 02:30, which 29 March 2026 has not
	it.V.Start = time.Date(2026, 3, 20, 8, 0, 0, 0, berlin)
	it.Origin = origin(2, it.V.Start, "kis")
	p.Medication = append(p.Medication, it)
	p.Stays[0].Admitted.V = it.V.Start
	w := []Window{{Outage: "o", System: "kis", From: time.Date(2026, 3, 28, 23, 0, 0, 0, berlin)}}
	got := Find(p, w, time.Date(2026, 3, 29, 12, 0, 0, 0, berlin))
	if len(got) != 1 || got[0].At.In(berlin).Format("15:04") != "03:30" || !got[0].Shown(time.Date(2026, 3, 29, 12, 0, 0, 0, berlin)) {
		t.Errorf("found %+v", got)
	}
}

func order(placer string, section clinical.Section, requested, priority string, status clinical.OrderStatus) chart.Item[clinical.Order] {
	return chart.Item[clinical.Order]{Origin: origin(3, on(requested), "kis"), V: clinical.Order{
		Placer: placer, What: clinical.Coded{Text: "Blutbild"}, Section: section, Status: status, Priority: priority, Requested: on(requested),
	}}
}

func closed(it chart.Item[clinical.Order], at string, to clinical.OrderStatus) chart.Item[clinical.Order] {
	it.Was = append([]chart.Version[clinical.Order]{{V: it.V, Origin: it.Origin}}, it.Was...)
	it.V.Status, it.Origin = to, origin(90, on(at), "lis")
	return it
}

func TestOrders(t *testing.T) {
	t.Parallel()
	lis := []Window{{Outage: "o", System: "lis", From: on("19 02:10")}}
	for _, c := range []struct {
		name  string
		order chart.Item[clinical.Order]
		w     []Window
		now   string
		want  string
	}{
		{"open when the laboratory failed", order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), lis, "19 03:00", "[order 18 22:00 open]"},
		{"an outage of radiology does not touch it", order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), []Window{{System: "ris", From: on("19 02:10")}}, "19 03:00", "[]"},
		{"one of an unknown system does", order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), []Window{{System: "netz", From: on("19 02:10")}}, "19 03:00", "[order 18 22:00 open]"},
		{"done before", closed(order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), "18 23:50", clinical.Completed), lis, "19 03:00", "[]"},
		{"the result came later", closed(order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), "19 09:00", clinical.Completed), lis, "19 10:00", "[order 18 22:00 resulted]"},
		{"cancelled later", closed(order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), "19 09:00", clinical.Cancelled), lis, "19 10:00", "[order 18 22:00 revoked]"},
		{"a part of it came", closed(order("A1", clinical.Laboratory, "18 22:00", "R", clinical.Ordered), "19 09:00", clinical.PartResult), lis, "19 10:00", "[order 18 22:00 open]"},
		{"too old to be awaited", order("A1", clinical.Laboratory, "01 22:00", "R", clinical.Ordered), lis, "19 03:00", "[]"},
		{"urgent, placed in the outage", order("A1", clinical.Laboratory, "19 05:00", "S", clinical.Ordered), lis, "19 06:01", "[order 19 05:00 open]"},
		{"placed in the outage, can wait", order("A1", clinical.Laboratory, "19 05:00", "R", clinical.Ordered), lis, "19 06:01", "[]"},
		{"an operation called off", closed(order("A1", clinical.Surgery, "18 09:00", "R", clinical.Scheduled), "19 06:00", clinical.Cancelled), kis(""), "19 07:00", "[order 18 09:00 revoked called-off 19 06:00 open]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := inBed()
			p.Orders = append(p.Orders, c.order)
			if got := fmt.Sprint(shown(p, c.w, c.now)); got != c.want {
				t.Errorf("shown %s, want %s", got, c.want)
			}
		})
	}
}

func potassium(value, at, stored string, seq uint64, status clinical.ResultStatus, flags ...string) chart.Item[clinical.Result] {
	return chart.Item[clinical.Result]{Origin: origin(seq, on(stored), "lis"), V: clinical.Result{
		Placer: "A9", Code: clinical.Coded{Code: "2823-3", Text: "Kalium"}, Section: clinical.Laboratory, Value: value, Unit: "mmol/l",
		Flags: flags, Status: status, At: on(at),
	}}
}

func supersede(it chart.Item[clinical.Result], by chart.Item[clinical.Result]) chart.Item[clinical.Result] {
	by.Was = append([]chart.Version[clinical.Result]{{V: it.V, Origin: it.Origin}}, it.Was...)
	return by
}

func TestResults(t *testing.T) {
	t.Parallel()
	high := potassium("6,8", "19 03:00", "19 04:00", 70, clinical.Final, "HH")
	notice := func(at string, of uint64) chart.Item[clinical.Notice] {
		return chart.Item[clinical.Notice]{V: clinical.Notice{Result: high.V.Key(), Of: of, By: clinical.Staff{Name: "Dr. Brandt"}, At: on(at)}, Origin: origin(of+1, on(at), chart.Here)}
	}
	pending := potassium("", "19 03:00", "19 03:10", 69, clinical.Pending)
	for _, c := range []struct {
		name    string
		result  chart.Item[clinical.Result]
		notices []chart.Item[clinical.Notice]
		now     string
		want    string
	}{
		{"a critical value that just came", high, nil, "19 04:20", "[]"},
		{"nobody took note", high, nil, "19 05:00", "[critical 19 04:00 open]"},
		{"somebody did in time", high, []chart.Item[clinical.Notice]{notice("19 04:10", 70)}, "19 05:00", "[]"},
		{"somebody did late", high, []chart.Item[clinical.Notice]{notice("19 06:10", 70)}, "19 07:00", "[critical 19 04:00 noticed]"},
		{"of an older statement only", high, []chart.Item[clinical.Notice]{notice("19 04:10", 60)}, "19 05:00", "[critical 19 04:00 open]"},
		{"corrected to normal later", supersede(high, potassium("4,6", "19 03:00", "19 06:00", 75, clinical.Corrected)), nil, "19 07:00", "[critical 19 04:00 revoked]"},
		{"sent again when the system is back", func() chart.Item[clinical.Result] {
			it := high
			it.Origin = origin(99, on("19 18:00"), "lis")
			return it
		}(), nil, "19 19:00", "[critical 19 18:00 open]"},
		{"before the outage", potassium("6,8", "17 03:00", "17 04:00", 20, clinical.Final, "HH"), nil, "19 05:00", "[]"},
		{"announced, may still come", pending, nil, "19 06:00", "[]"},
		{"announced and did not come", pending, nil, "19 07:30", "[result 19 03:10 open]"},
		{"came late", supersede(pending, potassium("4,1", "19 03:00", "19 08:00", 80, clinical.Final)), nil, "19 09:00", "[result 19 03:10 resulted]"},
		{"critical and only preliminary", potassium("6,8", "19 03:00", "19 04:00", 70, clinical.Preliminary, "HH"), nil, "19 10:30", "[critical 19 04:00 open preliminary 19 04:00 open]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := inBed()
			p.Results, p.Notices = append(p.Results, c.result), c.notices
			if got := fmt.Sprint(shown(p, kis("19 17:00"), c.now)); got != c.want {
				t.Errorf("shown %s, want %s", got, c.want)
			}
		})
	}
}

func TestAppointments(t *testing.T) {
	t.Parallel()
	p := inBed()
	a := clinical.Appointment{Filler: "T1", What: clinical.Coded{Text: "Herzkatheter"}, Start: on("19 10:00"), Status: clinical.Booked}
	was := chart.Version[clinical.Appointment]{V: a, Origin: origin(4, on("17 12:00"), "kis")}
	off := a
	off.Status = clinical.CalledOff
	p.Appointments = []chart.Item[clinical.Appointment]{{V: off, Origin: origin(91, on("19 06:00"), chart.Here), Was: []chart.Version[clinical.Appointment]{was}}}
	if got := fmt.Sprint(shown(p, kis(""), "19 07:00")); got != "[called-off 19 06:00 open]" {
		t.Error(got)
	}
	again := a
	again.Start, again.Status = on("24 10:00"), clinical.Rescheduled
	p.Appointments[0].Was = append([]chart.Version[clinical.Appointment]{{V: off, Origin: p.Appointments[0].Origin}}, was)
	p.Appointments[0].V, p.Appointments[0].Origin = again, origin(92, on("19 09:00"), chart.Here)
	if got := fmt.Sprint(shown(p, kis(""), "19 12:00")); got != "[called-off 19 06:00 rebooked]" {
		t.Error(got)
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	act := func(at string) incident.Act { return incident.Act{Person: "weber", At: on(at)} }
	got := Windows([]incident.Outage{
		{ID: "late", System: "lis", Since: on("19 05:00"), Declared: act("19 05:10"), Alone: "nachts allein"},
		{ID: "first", System: "kis", Since: on("19 02:10"), Declared: act("19 02:20"), Confirmed: act("19 02:25"), Ended: act("19 17:00")},
		{ID: "waits", System: "ris", Since: on("19 02:10"), Declared: act("19 02:20")},
		{ID: "drill", System: "kis", Since: on("18 02:10"), Declared: act("18 02:20"), Confirmed: act("18 02:25"), Exercise: true},
		{ID: "mistake", System: "kis", Since: on("18 02:10"), Declared: act("18 02:20"), Withdrawn: act("18 02:25")},
		{ID: "long ago", System: "kis", Since: on("18 02:10").AddDate(-1, 0, 0), Confirmed: act("18 02:25"), Ended: incident.Act{At: on("18 09:00").AddDate(-1, 0, 0)}},
	}, on("20 08:00"))
	if len(got) != 2 || got[0].Outage != "first" || got[1].Outage != "late" || !got[1].To.IsZero() || !got[0].To.Equal(on("19 17:00")) {
		t.Errorf("windows %+v", got)
	}
}

// TestNothingVanishes plays nights at random: doses are recorded, retracted and
// written late, prescriptions changed, sent again, stopped, orders answered,
// results corrected, patients discharged. Whatever stood open in the list
// stands there at every later time, open or with its answer.
func TestNothingVanishes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		p := inBed()
		for i := range 3 {
			p.Medication = append(p.Medication, drug(fmt.Sprint("M", i), clinical.DayTime(60*(6+r.IntN(4))), clinical.DayTime(60*(16+r.IntN(6)))))
		}
		if seed%2 == 0 {
			p.Medication[2].V.Times, p.Medication[2].V.Interval = nil, "TID"
		}
		p.Orders = append(p.Orders, order("A1", clinical.Laboratory, "18 22:00", "S", clinical.Ordered))
		p.Results = append(p.Results, potassium("6,8", "19 03:00", "19 03:30", 40, clinical.Preliminary, "HH"))
		open := map[string]string{}
		now, story := on("19 03:00"), []string{}
		for step := range 40 {
			now = now.Add(time.Duration(20+r.IntN(90)) * time.Minute)
			story = append(story, now.Format("02 15:04 ")+happen(r, p, now, uint64(100+step)))
			w := kis("")
			if now.After(on("20 12:00")) {
				w = kis("20 12:00")
			}
			here := map[string]bool{}
			for _, f := range Find(p, w, now) {
				if f.Shown(now) {
					here[f.Ref] = true
				}
				if f.Shown(now) && f.Answer == nil {
					open[f.Ref] = fmt.Sprint(f.Kind, " ", f.What, " ", f.At)
				}
			}
			for ref, what := range open {
				if !here[ref] {
					t.Fatalf("seed %d: %s has vanished\n%q", seed, what, story)
				}
			}
		}
	}
}

// happen lets one thing happen to the patient, in the way a chart folds it.
func happen(r *rand.Rand, p *chart.Patient, now time.Time, seq uint64) string {
	o := origin(seq, now, chart.Here)
	i := r.IntN(3)
	switch r.IntN(9) {
	case 0, 1:
		at := now.Add(-time.Duration(r.IntN(600)) * time.Minute)
		p.Doses = append([]chart.Item[clinical.Dose]{{V: clinical.Dose{Prescription: fmt.Sprint("M", i), At: at, Status: clinical.Given}, Origin: o}}, p.Doses...)
		return "dose of " + fmt.Sprint("M", i, " at ", at.Format("15:04"))
	case 2:
		if len(p.Doses) > 0 {
			p.Doses[0].V.Status = clinical.Retracted
		}
		return "dose retracted"
	case 3:
		p.Medication[i].Origin = o
		return fmt.Sprint("M", i, " sent again")
	case 4:
		it := &p.Medication[i]
		it.Was = append([]chart.Version[clinical.Prescription]{{V: it.V, Origin: it.Origin}}, it.Was...)
		it.V.Times, it.Origin = []clinical.DayTime{clinical.DayTime(60 * r.IntN(24))}, o
		return fmt.Sprint("M", i, " at other times")
	case 5:
		it := &p.Medication[i]
		it.Was = append([]chart.Version[clinical.Prescription]{{V: it.V, Origin: it.Origin}}, it.Was...)
		it.V.Status, it.V.End, it.Origin = clinical.Completed, now.Add(-time.Duration(r.IntN(300))*time.Minute), o
		return fmt.Sprint("M", i, " ended")
	case 6:
		p.Orders[0] = closed(p.Orders[0], now.Format("02 15:04"), clinical.Completed)
		return "result of the order"
	case 7:
		next := p.Results[0]
		next.V.Status, next.V.Flags, next.V.Value, next.Origin = clinical.Corrected, nil, fmt.Sprint("4,", r.IntN(9)), o
		p.Results[0] = supersede(p.Results[0], next)
		return "result corrected"
	}
	p.Stays[0].State, p.Stays[0].Discharged = chart.Left, known(now, o)
	return "discharged"
}

// Nobody waits for what becomes due after a death; what was missed in life, and
// may be why, stays on the list.
func TestADeadPatientIsWaitedForNoMore(t *testing.T) {
	t.Parallel()
	p := inBed()
	p.Medication = append(p.Medication, drug("M1", 8*60, 18*60))
	o := origin(90, on("19 12:30"), chart.Here)
	p.Dead, p.Died = known(true, o), known(on("19 12:00"), o)
	var open []string
	deceased := 0
	for _, f := range Find(p, kis(""), on("20 06:00")) {
		switch {
		case f.Answer == nil:
			open = append(open, f.At.Format("02 15:04"))
		case f.Answer.Kind == Deceased:
			deceased++
		}
	}
	if len(open) != 1 || open[0] != "19 08:00" || deceased != 1 {
		t.Errorf("open %q, waited for no more %d", open, deceased)
	}
	if it := ItemOf(p, kis(""), on("20 06:00")); !it.Dead {
		t.Error("the list does not say that the patient has died")
	}
}
