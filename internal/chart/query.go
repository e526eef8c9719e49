package chart

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
)

// question is what a person typed, taken apart.
type question struct {
	words   []string // folded name parts, the longest first
	birth   []clinical.Date
	numbers []string // folded numbers, each may be the beginning of one
	whole   string   // the whole text as one number: what a scanner sends
}

// particles are parts of names that people leave out as often as not.
func particle(w string) bool {
	switch w {
	case "von", "van", "vom", "der", "den", "dem", "de", "zu", "zum", "zur", "di", "da", "del", "della", "la", "le",
		"el", "al", "ten", "ter", "und", "dr", "prof", "med", "frau", "herr", "freiherr", "graf":
		return true
	}
	return false
}

// ask takes a text apart. now decides what a birth year of two digits means.
func ask(text string, now time.Time) question {
	var q question
	var rest []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\t' || r == '*' }) {
		dates, sure := birthDates(part, now)
		q.birth = append(q.birth, dates...)
		switch {
		case sure:
		case strings.ContainsAny(part, "0123456789"):
			if n := names.Number(part); len(n) >= 2 {
				q.numbers = append(q.numbers, n)
			}
		default:
			rest = append(rest, part)
		}
	}
	if strings.ContainsAny(text, "0123456789") && len(text) <= 64 {
		q.whole = names.Number(text)
	}
	words := strings.Fields(names.Fold(strings.Join(rest, " ")))
	q.words = slices.DeleteFunc(slices.Clone(words), particle)
	if len(q.words) == 0 {
		q.words = words
	}
	if len(q.words) > 6 {
		q.words = q.words[:6]
	}
	slices.SortStableFunc(q.words, func(a, b string) int { return len(b) - len(a) })
	return q
}

// birthDates reads a birth date in the forms people type: 03.04.1951, 3.4.51,
// 1951-04-03, 03041951, 030451, 04.1951 and 1951. sure is false where the same
// digits may be a number too.
func birthDates(s string, now time.Time) (dates []clinical.Date, sure bool) {
	dotted := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '/' })
	switch {
	case strings.Count(s, "-") == 2:
		if p := strings.Split(s, "-"); len(p[0]) == 4 {
			return oneDate(p[0], p[1], p[2], now), true
		}
	case len(dotted) == 3 && strings.ContainsAny(s, "./"):
		d := oneDate(dotted[2], dotted[1], dotted[0], now)
		return d, d != nil
	case len(dotted) == 2 && strings.ContainsAny(s, "./") && len(dotted[1]) == 4:
		d := oneDate(dotted[1], dotted[0], "0", now)
		return d, d != nil
	case !digits(s):
	case len(s) == 8:
		return append(oneDate(s[4:], s[2:4], s[:2], now), oneDate(s[:4], s[4:6], s[6:], now)...), false
	case len(s) == 6:
		return oneDate(s[4:], s[2:4], s[:2], now), false
	case len(s) == 4:
		return oneDate(s, "0", "0", now), false
	}
	return nil, false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// oneDate returns the date if there is such a day. A year of two digits is the
// newest one that is not to come.
func oneDate(year, month, day string, now time.Time) []clinical.Date {
	y, errY := strconv.Atoi(year)
	m, errM := strconv.Atoi(month)
	d, errD := strconv.Atoi(day)
	if errY != nil || errM != nil || errD != nil {
		return nil
	}
	if len(year) == 2 {
		y += now.Year() / 100 * 100
		if y > now.Year() {
			y -= 100
		}
	}
	if y < 1880 || y > now.Year() || m < 0 || m > 12 || d < 0 || d > 31 || d > 0 && m == 0 {
		return nil
	}
	return []clinical.Date{{Year: y, Month: m, Day: d}}
}
