package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

func TestPlannedDoses(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name, from, to, start, end, interval string
		times                                []clinical.DayTime
		status                               clinical.OrderStatus
		asNeeded                             bool
		want                                 []string
	}{
		{name: "twice a day", from: "2026-11-19 02:00", to: "2026-11-20 02:00", times: []clinical.DayTime{480, 1200}, want: []string{"2026-11-19 08:00", "2026-11-19 20:00"}},
		{name: "the end of the span is not in it", from: "2026-11-19 08:00", to: "2026-11-19 20:00", times: []clinical.DayTime{480, 1200}, want: []string{"2026-11-19 08:00"}},
		{name: "not before its begin, not at its end", from: "2026-11-19 00:00", to: "2026-11-20 00:00", start: "2026-11-19 09:00", end: "2026-11-19 20:00", times: []clinical.DayTime{480, 720, 1200}, want: []string{"2026-11-19 12:00"}},
		{name: "as needed", from: "2026-11-19 00:00", to: "2026-11-20 00:00", times: []clinical.DayTime{480}, asNeeded: true},
		{name: "paused", from: "2026-11-19 00:00", to: "2026-11-20 00:00", times: []clinical.DayTime{480}, status: clinical.OnHold},
		{name: "stopped", from: "2026-11-19 00:00", to: "2026-11-20 00:00", times: []clinical.DayTime{480}, status: clinical.Cancelled},
		{name: "an hour that the clock leaves out", from: "2026-03-29 00:00", to: "2026-03-30 00:00", times: []clinical.DayTime{150, 480}, want: []string{"2026-03-29 03:30", "2026-03-29 08:00"}},
		{name: "the longer day has each time once", from: "2026-10-25 00:00", to: "2026-10-26 00:00", times: []clinical.DayTime{150, 480, 1380}, want: []string{"2026-10-25 02:30", "2026-10-25 08:00", "2026-10-25 23:00"}},
		{name: "every second day", from: "2026-11-19 00:00", to: "2026-11-23 00:00", start: "2026-11-18 07:00", interval: "Q2D", times: []clinical.DayTime{480}, want: []string{"2026-11-20 08:00", "2026-11-22 08:00"}},
		{name: "once a week over the change of the clock", from: "2026-10-20 00:00", to: "2026-11-01 00:00", start: "2026-10-22 08:00", interval: "Q1W", times: []clinical.DayTime{480}, want: []string{"2026-10-22 08:00", "2026-10-29 08:00"}},
		{name: "a rhythm in words is planned on every day", from: "2026-11-19 00:00", to: "2026-11-21 00:00", interval: "Mo/Mi/Fr", times: []clinical.DayTime{480}, want: []string{"2026-11-19 08:00", "2026-11-20 08:00"}},
		{name: "once at its begin", from: "2026-11-19 00:00", to: "2026-11-21 00:00", start: "2026-11-19 09:15", interval: "ONCE", want: []string{"2026-11-19 09:15"}},
		{name: "once at the first time after its begin", from: "2026-11-19 00:00", to: "2026-11-21 00:00", start: "2026-11-19 09:15", interval: "einmalig", times: []clinical.DayTime{480}, want: []string{"2026-11-20 08:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := clinical.Prescription{Times: c.times, Interval: c.interval, Start: at(c.start), End: at(c.end), AsNeeded: c.asNeeded, Status: clinical.Ordered}
			if c.status != "" {
				p.Status = c.status
			}
			var got []string
			for _, x := range PlannedDoses(&p, at(c.from), at(c.to)) {
				got = append(got, x.Format("2006-01-02 15:04"))
			}
			if len(got) != len(c.want) {
				t.Fatalf("planned at %q, want %q", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("planned at %q, want %q", got, c.want)
				}
			}
		})
	}
}
