package rulebook

import (
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/holiday"
)

// Term is how long there is for a report. Hours run without a stop. Days and
// months are counted as BGB §§ 187, 188 and VwVfG § 31 do: the day of the event
// does not count, the last day counts to its end.
type Term struct {
	AtOnce              bool // without delay; there is no number
	Hours, Days, Months int
}

func parseTerm(s string) (Term, bool) {
	if s == "at-once" {
		return Term{AtOnce: true}, true
	}
	for _, u := range []struct {
		suffix string
		t      func(n int) Term
	}{
		{"mo", func(n int) Term { return Term{Months: n} }}, {"h", func(n int) Term { return Term{Hours: n} }},
		{"d", func(n int) Term { return Term{Days: n} }},
	} {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			n, err := strconv.Atoi(number)
			return u.t(n), err == nil && n > 0 && n <= 1000
		}
	}
	return Term{}, false
}

// After returns the end of the term that begins at start, in the zone of the
// house. Start is the zero time for a term that has no end.
func (t Term) After(start time.Time, zone *time.Location) time.Time {
	switch {
	case t.AtOnce || start.IsZero():
		return time.Time{}
	case t.Hours > 0:
		return start.Add(time.Duration(t.Hours) * time.Hour)
	}
	y, m, d := start.In(zone).Date()
	if t.Days > 0 {
		return endOfDay(y, m, d+t.Days, zone)
	}
	last := time.Date(y, m+time.Month(t.Months)+1, 0, 12, 0, 0, 0, zone).Day() // the month may lack the day
	return endOfDay(y, m+time.Month(t.Months), min(d, last), zone)
}

// endOfDay is the last second of a day, which on the days of a change of clocks
// is not 24 hours after its first.
func endOfDay(y int, m time.Month, d int, zone *time.Location) time.Time {
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).Add(-time.Second)
}

// Times are the moments of an incident that clocks begin at; zero where it has
// not come.
type Times struct {
	Knowledge time.Time
	Breach    time.Time
	Diversion time.Time
	Closed    time.Time
	Sent      map[string]time.Time // when each report went out first
}

// Deadline is when one report is due.
type Deadline struct {
	Duty    *Duty
	Start   time.Time // zero: the clock does not run yet
	Plain   time.Time // the end without regard to weekends; warnings are counted to it
	Due     time.Time // the end by law: moved where the law moves it. Zero with AtOnce
	AtOnce  bool
	Assumed bool // Start is the latest possible one: the report before has not gone out
}

// Runs reports whether the clock runs.
func (d Deadline) Runs() bool { return !d.Start.IsZero() }

// Clock works out when a duty is due. duties are all duties, for those that
// begin with another report.
func Clock(d *Duty, duties []*Duty, h House, t Times, zone *time.Location) Deadline {
	out := Deadline{Duty: d, AtOnce: d.Term.AtOnce}
	out.Start, out.Assumed = start(d, duties, h, t, zone)
	if d.While == "open" && !t.Closed.IsZero() && t.Sent[d.ID].IsZero() {
		out.Start = time.Time{}
	}
	if !out.Runs() || out.AtOnce {
		return out
	}
	out.Plain = d.Term.After(out.Start, zone)
	out.Due = out.Plain
	if d.Weekends == "moves" {
		out.Due = workday(out.Plain, h, zone)
	}
	return out
}

func start(d *Duty, duties []*Duty, h House, t Times, zone *time.Location) (time.Time, bool) {
	if d.Ongoing != "" {
		switch {
		case !t.Sent[d.Ongoing].IsZero():
			return t.Closed, false
		case t.Closed.IsZero() && t.Sent[d.ID].IsZero():
			return time.Time{}, false // the progress report takes its place
		}
	}
	switch d.From {
	case FromKnowledge:
		return t.Knowledge, false
	case FromBreach:
		if t.Breach.IsZero() {
			return t.Knowledge, false
		}
		return t.Breach, false
	case FromDiversion:
		return t.Diversion, false
	case FromClosed:
		return t.Closed, false
	case FromSent:
		if at := t.Sent[d.Sent]; !at.IsZero() {
			return at, false
		}
		for _, x := range duties {
			if x.ID == d.Sent {
				before := Clock(x, duties, h, t, zone)
				return before.Due, true
			}
		}
	}
	return time.Time{}, false
}

// workday returns t, or the end of the next working day where t lies on a
// Saturday, a Sunday or a holiday (BGB § 193, VwVfG § 31 (3)). A holiday
// of a part of the state is none: then the term ends earlier, not later.
func workday(t time.Time, h House, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	for i := range 15 {
		at := time.Date(y, m, d+i, 12, 0, 0, 0, zone)
		if w := at.Weekday(); w != time.Saturday && w != time.Sunday && !holiday.Everywhere(h.Country, h.State, at) {
			if i == 0 {
				return t
			}
			return endOfDay(y, m, d+i, zone)
		}
	}
	return t
}

// Warning is how far a clock has run.
type Warning int

const (
	Calm Warning = iota
	Half         // 50 %
	ThreeQuarters
	NinetyPercent
	Overdue
)

// Percent is the share of the term at which the warning begins.
func (w Warning) Percent() int { return []int{0, 50, 75, 90, 100}[w] }

// At returns the moment from which the warning holds; zero where the clock does
// not run or has no end.
func (d Deadline) At(w Warning) time.Time {
	switch {
	case !d.Runs() || d.AtOnce:
		return time.Time{}
	case w == Overdue:
		return d.Due.Add(time.Nanosecond)
	}
	return d.Start.Add(d.Plain.Sub(d.Start) / 100 * time.Duration(w.Percent()))
}

// Level returns how far the clock has run at now.
func (d Deadline) Level(now time.Time) Warning {
	if !d.Runs() || d.AtOnce {
		return Calm
	}
	for w := Overdue; w > Calm; w-- {
		if !now.Before(d.At(w)) {
			return w
		}
	}
	return Calm
}
