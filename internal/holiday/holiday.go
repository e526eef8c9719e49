// Package holiday knows the public holidays of the countries whose hospitals
// use this program. It does no I/O.
package holiday

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// day is a day without work: a date, or days after Easter Sunday.
type day struct {
	month  time.Month // 0: counted from Easter
	day    int
	states string // "" all; "BE:2019" since that year; "BY~" in most places of the state, not in all
}

// days are those of the law of each country; of Germany those that all sixteen
// holiday acts name, and those of the states. Holidays of single towns
// (Augsburg, parts of Saxony and Thuringia) are left out.
var days = map[string][]day{
	"DE": {
		{1, 1, ""}, {1, 6, "BW BY ST"}, {3, 8, "BE:2019 MV:2023"}, {0, -2, ""}, {0, 0, "BB"}, {0, 1, ""}, {5, 1, ""}, {0, 39, ""},
		{0, 49, "BB"}, {0, 50, ""}, {0, 60, "BW BY HE NW RP SL"}, {8, 15, "BY~ SL"}, {9, 20, "TH:2019"}, {10, 3, ""},
		{10, 31, "BB MV SN ST TH HB:2018 HH:2018 NI:2018 SH:2018"}, {11, 1, "BW BY NW RP SL"}, {12, 25, ""}, {12, 26, ""},
	},
	"AT": {
		{1, 1, ""}, {1, 6, ""}, {0, 1, ""}, {5, 1, ""}, {0, 39, ""}, {0, 50, ""}, {0, 60, ""}, {8, 15, ""}, {10, 26, ""},
		{11, 1, ""}, {12, 8, ""}, {12, 25, ""}, {12, 26, ""},
	},
	"CH": {{1, 1, ""}, {0, 39, ""}, {8, 1, ""}, {12, 25, ""}},
}

// States returns the states of Germany by their usual two letters (ISO
// 3166-2:DE).
func States() []string {
	return []string{"BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"}
}

// Everywhere reports whether the date of t is a public holiday in the whole
// state. state may be "": then the nationwide ones count.
func Everywhere(country, state string, t time.Time) bool { return on(country, state, t, false) }

// Mostly reports whether the date of t is a public holiday in most places of the
// state.
func Mostly(country, state string, t time.Time) bool { return on(country, state, t, true) }

func on(country, state string, t time.Time, mostly bool) bool {
	y, m, d := t.Date()
	if country == "DE" && state == "SN" && m == time.November && t.Weekday() == time.Wednesday && d >= 16 && d <= 22 {
		return true // Buß- und Bettag
	}
	after := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(easter(y)) / (24 * time.Hour))
	return slices.ContainsFunc(days[country], func(x day) bool {
		return (x.month == 0 && x.day == after || x.month == m && x.day == d) && x.in(state, y, mostly)
	})
}

func (x day) in(state string, year int, mostly bool) bool {
	if x.states == "" {
		return true
	}
	return state != "" && slices.ContainsFunc(strings.Fields(x.states), func(s string) bool {
		name, since, _ := strings.Cut(s, ":")
		name, parts := strings.CutSuffix(name, "~")
		first, _ := strconv.Atoi(since)
		return name == state && year >= first && (mostly || !parts)
	})
}

// easter returns Easter Sunday of a year by the Gregorian rule (Meeus, Jones,
// Butcher), midnight UTC.
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
