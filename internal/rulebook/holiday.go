package rulebook

import (
	"slices"
	"strings"
	"time"
)

// holiday is a day without work: a date, or days after Easter Sunday.
type holiday struct {
	month  time.Month // 0: counted from Easter
	day    int
	states string // "" all
}

// holidays are those of the law of each country. Days that are kept only in
// some places of a state are left out: then a term ends earlier, not later.
var holidays = map[string][]holiday{
	"DE": {
		{1, 1, ""}, {1, 6, "BW BY ST"}, {3, 8, "BE MV"}, {0, -2, ""}, {0, 1, ""}, {5, 1, ""}, {0, 39, ""}, {0, 50, ""},
		{0, 60, "BW BY HE NW RP SL"}, {8, 15, "SL"}, {9, 20, "TH"}, {10, 3, ""}, {10, 31, "BB HB HH MV NI SH SN ST TH"},
		{11, 1, "BW BY NW RP SL"}, {12, 25, ""}, {12, 26, ""},
	},
	"AT": {
		{1, 1, ""}, {1, 6, ""}, {0, 1, ""}, {5, 1, ""}, {0, 39, ""}, {0, 50, ""}, {0, 60, ""}, {8, 15, ""}, {10, 26, ""},
		{11, 1, ""}, {12, 8, ""}, {12, 25, ""}, {12, 26, ""},
	},
	"CH": {{1, 1, ""}, {0, 39, ""}, {8, 1, ""}, {12, 25, ""}},
}

// States returns the states of Germany by their short names.
func States() []string {
	return []string{"BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"}
}

// Holiday reports whether the day of t is a holiday where the house stands.
func Holiday(h House, t time.Time) bool {
	y, m, d := t.Date()
	date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	after := int(date.Sub(easter(y)) / (24 * time.Hour))
	if h.Country == "DE" && h.State == "SN" && m == time.November && t.Weekday() == time.Wednesday && d >= 16 && d <= 22 {
		return true // Buß- und Bettag
	}
	return slices.ContainsFunc(holidays[h.Country], func(x holiday) bool {
		if x.states != "" && !slices.Contains(strings.Fields(x.states), h.State) {
			return false
		}
		return x.month == 0 && x.day == after || x.month == m && x.day == d
	})
}

// easter is Easter Sunday of a year by the Gregorian rule (Meeus, Jones,
// Butcher).
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	day := (h + l - 7*m + 33*month + 19) % 32
	return time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
