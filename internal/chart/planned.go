package chart

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// PlannedDoses returns when doses of a prescription are planned, from (included) to
// to (excluded), earliest first, in the zone of from. It answers only for what
// has a time: nothing for drugs as needed, paused or ended ones, infusions and
// rhythms without times of day.
//
// A rhythm of several days counts from the day the prescription begins. One
// whose days cannot be told (written in words, or without a begin) is planned
// on every day: too many times are looked at by people, a missing one by nobody.
func PlannedDoses(p *clinical.Prescription, from, to time.Time) []time.Time {
	if p.AsNeeded || !p.Status.Open() || p.Status == clinical.OnHold {
		return nil
	}
	inside := func(t time.Time) bool {
		return !t.Before(from) && t.Before(to) && !t.Before(p.Start) && (p.End.IsZero() || t.Before(p.End))
	}
	if once(p.Interval) {
		return first(p, from.Location(), inside)
	}
	days := everyDays(p.Interval)
	var out []time.Time
	for day := noon(from).AddDate(0, 0, -1); !day.After(noon(to)); day = day.AddDate(0, 0, 1) {
		if days > 1 && !p.Start.IsZero() && dayCount(p.Start.In(from.Location()), day)%days != 0 {
			continue
		}
		for _, m := range p.Times {
			if t := time.Date(day.Year(), day.Month(), day.Day(), 0, int(m), 0, 0, day.Location()); inside(t) {
				out = append(out, t)
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// PlansDose reports whether a dose of the prescription is planned for t, in the
// zone of t, also where it is not in force any more.
func PlansDose(p *clinical.Prescription, t time.Time) bool {
	as := *p
	as.Status = clinical.InProgress
	return slices.ContainsFunc(PlannedDoses(&as, t, t.Add(time.Minute)), t.Equal)
}

// Once reports whether an interval says that a drug is given one time only.
func Once(interval string) bool { return once(interval) }

// first is the one time of a drug that is given once: the first time of day
// after its begin, or the begin itself.
func first(p *clinical.Prescription, zone *time.Location, inside func(time.Time) bool) []time.Time {
	if p.Start.IsZero() {
		return nil
	}
	at, day := p.Start.In(zone), noon(p.Start.In(zone))
	var next []time.Time
	for _, d := range []time.Time{day, day.AddDate(0, 0, 1)} {
		for _, m := range p.Times {
			if t := time.Date(d.Year(), d.Month(), d.Day(), 0, int(m), 0, 0, zone); !t.Before(p.Start) {
				next = append(next, t)
			}
		}
	}
	if len(next) > 0 {
		at = slices.MinFunc(next, time.Time.Compare)
	}
	if !inside(at) {
		return nil
	}
	return []time.Time{at}
}

// noon is the middle of a day, which no change of the clock moves to another.
func noon(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, t.Location())
}

// dayCount is how many calendar days lie between two times of one zone.
func dayCount(a, b time.Time) int {
	utc := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(utc(b).Sub(utc(a)) / (24 * time.Hour))
}
