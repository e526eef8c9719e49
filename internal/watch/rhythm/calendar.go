package rhythm

import (
	"slices"
	"time"
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

// States are the German states by their usual two letters (ISO 3166-2:DE).
func States() []string {
	return []string{"BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"}
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

// Holiday reports whether the date is a public holiday: the nine nationwide
// ones and those of the state, by the states' holiday acts. Holidays of single
// towns (Augsburg, parts of Saxony, Thuringia and Bavaria) count where most of
// the state has them.
func (c Calendar) Holiday(d time.Time) bool {
	y, m, n := d.Date()
	in := func(states ...string) bool { return slices.Contains(states, c.State) }
	switch {
	case m == time.January && n == 1, m == time.May && n == 1, m == time.October && n == 3,
		m == time.December && (n == 25 || n == 26):
		return true
	case m == time.January && n == 6:
		return in("BW", "BY", "ST")
	case m == time.March && n == 8:
		return c.State == "BE" && y >= 2019 || c.State == "MV" && y >= 2023
	case m == time.August && n == 15:
		return in("BY", "SL")
	case m == time.September && n == 20:
		return c.State == "TH" && y >= 2019
	case m == time.October && n == 31:
		return in("BB", "MV", "SN", "ST", "TH") || in("HB", "HH", "NI", "SH") && y >= 2018
	case m == time.November && n == 1:
		return in("BW", "BY", "NW", "RP", "SL")
	case m == time.November && n >= 16 && n <= 22 && d.Weekday() == time.Wednesday: // Buß- und Bettag
		return c.State == "SN"
	}
	switch days := int(time.Date(y, m, n, 0, 0, 0, 0, time.UTC).Sub(easter(y)) / (24 * time.Hour)); days {
	case -2, 1, 39, 50: // Good Friday, Easter Monday, Ascension, Whit Monday
		return true
	case 0, 49: // the Sundays themselves
		return c.State == "BB"
	case 60: // Corpus Christi
		return in("BW", "BY", "HE", "NW", "RP", "SL")
	}
	return false
}

// easter returns Easter Sunday by the Gregorian computus (Butcher's form),
// midnight UTC.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
