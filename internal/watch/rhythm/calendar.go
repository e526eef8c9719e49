package rhythm

import (
	"time"

	"notbetrieb/internal/holiday"
)

// A Class is a kind of day whose traffic is learned together: the weekday.
type Class = time.Weekday

// A Day says which kinds of day a date may behave like. On most days both are
// its weekday. A public holiday behaves like a Sunday, but may be as busy as
// the weekday it falls on; a day between a holiday and the weekend may behave
// like either. What is expected then is a range, not a number.
type Day struct {
	Low, High Class
	// Plain days are what is learned from.
	Plain bool
}

// Calendar knows which days are not like others in one place.
type Calendar struct {
	Zone *time.Location
	// State is the German state whose public holidays count beside the
	// nationwide ones: "BW", "BY", …; "" for the nationwide ones alone.
	State string
}

// Day returns what the date of t, in the calendar's zone, may behave like.
func (c Calendar) Day(t time.Time) Day {
	t = t.In(c.Zone)
	y, m, d := t.Date()
	return c.day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
}

// day is Day for midnight UTC of the date.
func (c Calendar) day(d time.Time) Day {
	w := d.Weekday()
	weekend := w == time.Saturday || w == time.Sunday
	switch {
	case c.Holiday(d):
		return Day{Low: time.Sunday, High: w}
	case weekend:
		return Day{Low: w, High: w, Plain: true}
	case c.quiet(d):
		return Day{Low: time.Sunday, High: w}
	}
	return Day{Low: w, High: w, Plain: true}
}

// quiet reports whether a working day is one on which a hospital runs at half
// strength: between Christmas and Epiphany, and between a holiday and the
// weekend.
func (c Calendar) quiet(d time.Time) bool {
	_, m, n := d.Date()
	if m == time.December && n >= 22 || m == time.January && n <= 6 {
		return true
	}
	before, after := d.AddDate(0, 0, -1), d.AddDate(0, 0, 1)
	switch d.Weekday() {
	case time.Friday:
		return c.Holiday(before)
	case time.Monday:
		return c.Holiday(after)
	}
	return c.Holiday(before) && c.Holiday(after)
}

// Holiday reports whether the date is a public holiday in most places of the
// state.
func (c Calendar) Holiday(d time.Time) bool { return holiday.Mostly("DE", c.State, d) }
