package estate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/lang"
)

const (
	day     = 24 * time.Hour
	maxSpan = 100 * 365 * day
	maxEuro = 1_000_000_000_000
)

// Of returns a stated span.
func Of(d time.Duration) Span { return Span{D: d, Stated: true} }

// unit is one unit of time as people write it.
type unit struct {
	short string
	d     time.Duration
	names string // further names, each between blanks
}

var units = []unit{
	{"s", time.Second, " sek sekunde sekunden sec second seconds "},
	{"min", time.Minute, " m minute minuten minutes mins "},
	{"h", time.Hour, " std stunde stunden hour hours hrs hr "},
	{"d", day, " t tag tage tagen day days "},
	{"w", 7 * day, " wo woche wochen week weeks "},
	{"mon", 30 * day, " monat monate monaten month months "},
	{"y", 365 * day, " a j jahr jahre jahren year years "},
}

func unitOf(word string) (time.Duration, bool) {
	word = strings.TrimSuffix(strings.ToLower(word), ".")
	for _, u := range units {
		if word == u.short || strings.Contains(u.names, " "+word+" ") {
			return u.d, true
		}
	}
	return 0, false
}

// ParseSpan reads a length of time as people write it: "4 h", "30 min", "2
// Tage", "1 Tag 12 h", "1,5 h", "0", "sofort". A number without unit is refused.
// A month counts 30 days, a year 365. Empty is unstated.
func ParseSpan(s string) (Span, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Span{}, true
	}
	switch strings.ToLower(s) {
	case "0", "sofort", "kein verlust", "at once", "none":
		return Of(0), true
	}
	var total time.Duration
	for rest := s; rest != ""; {
		n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != ',' && r != '.' })
		if n <= 0 {
			return Span{}, false
		}
		v, err := strconv.ParseFloat(strings.Replace(rest[:n], ",", ".", 1), 64)
		if err != nil {
			return Span{}, false
		}
		rest = strings.TrimLeft(rest[n:], " \u00a0")
		end := strings.IndexAny(rest, " \u00a00123456789")
		if end < 0 {
			end = len(rest)
		}
		d, ok := unitOf(rest[:end])
		if !ok || v > float64(maxSpan/d) {
			return Span{}, false
		}
		total += time.Duration(math.Round(v * float64(d)))
		rest = strings.TrimLeft(rest[end:], " \u00a0")
	}
	if total > maxSpan {
		return Span{}, false
	}
	return Of(total.Round(time.Second)), true
}

// String is the stored form: "" where nothing is stated, else "0" or parts such
// as "1d12h". Up to three days are counted in hours, as people do.
func (s Span) String() string { return s.text("", map[string]string{"min": "m"}) }

// In returns the span as a page shows it: "4 h", "3 Tage", "6 Monate".
func (s Span) In(l lang.Lang) string {
	if s.Stated && s.D == 0 {
		return lang.Text{DE: "sofort", EN: "at once"}.In(l)
	}
	if n := s.D / (365 * day); s.Stated && n > 0 && s.D%(365*day) == 0 {
		return counted(int(n), lang.Text{DE: "Jahr", EN: "year"}, lang.Text{DE: "Jahre", EN: "years"}, l)
	}
	if n := s.D / (30 * day); s.Stated && n > 1 && s.D%(30*day) == 0 {
		return counted(int(n), lang.Text{DE: "Monat", EN: "month"}, lang.Text{DE: "Monate", EN: "months"}, l)
	}
	if l == lang.EN {
		return s.text(" ", map[string]string{"d": "days"})
	}
	return s.text(" ", map[string]string{"d": "Tage"})
}

func counted(n int, one, many lang.Text, l lang.Lang) string {
	if n == 1 {
		return "1 " + one.In(l)
	}
	return strconv.Itoa(n) + " " + many.In(l)
}

func (s Span) text(gap string, word map[string]string) string {
	if !s.Stated {
		return ""
	}
	if s.D == 0 {
		return "0"
	}
	var parts []string
	rest := s.D
	take := func(u string, d time.Duration) {
		n := rest / d
		if n == 0 {
			return
		}
		rest -= n * d
		if w, ok := word[u]; ok {
			u = w
		}
		parts = append(parts, strconv.FormatInt(int64(n), 10)+gap+u)
	}
	if s.D >= 3*day {
		take("d", day)
	}
	take("h", time.Hour)
	take("min", time.Minute)
	take("s", time.Second)
	return strings.Join(parts, gap)
}

// ParseDate reads "31.12.2026", "2026-12-31" and "12/2026" (its last day). Empty
// is unstated.
func ParseDate(s string) (Date, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Date{}, true
	}
	for _, layout := range []string{"2006-01-02", "2.1.2006", "2.1.06", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return DateOf(t), true
		}
	}
	if t, err := time.Parse("1/2006", s); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
		return DateOf(t.AddDate(0, 1, -1)), true
	}
	return Date{}, false
}

// DateOf returns the day of t in its zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// Stated reports whether there is a day at all.
func (d Date) Stated() bool { return d != Date{} }

// midnight is the day as a time without zone, for counting days.
func (d Date) midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// DaysFrom returns how many days d lies after from; negative: before.
func (d Date) DaysFrom(from Date) int { return int(d.midnight().Sub(from.midnight()) / day) }

// Minus returns the day that lies a span before d. A span of whole months (of 30
// days) is taken as days and as months of the calendar, and the earlier day
// counts: who keeps to it is in time by either reading.
func (d Date) Minus(s Span) Date {
	by := DateOf(d.midnight().Add(-s.D))
	if months := int(s.D / (30 * day)); months > 0 && s.D%(30*day) == 0 {
		first := time.Date(d.Year, d.Month-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		if m := (Date{first.Year(), first.Month(), min(d.Day, last)}); m.DaysFrom(by) < 0 {
			return m
		}
	}
	return by
}

// String is the stored form: "2026-12-31", or "".
func (d Date) String() string {
	if !d.Stated() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// German returns the day as people write it: "31.12.2026".
func (d Date) German() string {
	if !d.Stated() {
		return ""
	}
	return fmt.Sprintf("%02d.%02d.%04d", d.Day, int(d.Month), d.Year)
}

// ParseEuro reads an amount in whole euros: "1200", "1.200 €", "1 200,00 EUR".
// Empty is unstated.
func ParseEuro(s string) (Euro, bool) {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "€", "", "EUR", "", "Euro", "").Replace(s)
	if s == "" {
		return Euro{}, true
	}
	for _, end := range []string{",00", ".00", ",-", ",–"} {
		s = strings.TrimSuffix(s, end)
	}
	if i := strings.IndexAny(s, ".,"); i > 0 { // separators stand before each third digit, or it is a fraction
		groups := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ',' })
		for n, g := range groups {
			if n > 0 && len(g) != 3 || n == 0 && len(g) > 3 {
				return Euro{}, false
			}
		}
		s = strings.Join(groups, "")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxEuro {
		return Euro{}, false
	}
	return Euro{n, true}, true
}

// String is the stored form: "1200", or "".
func (e Euro) String() string {
	if !e.Stated {
		return ""
	}
	return strconv.FormatInt(e.Amount, 10)
}

// In returns the amount as a page shows it: "1.200 €".
func (e Euro) In(l lang.Lang) string {
	if !e.Stated {
		return ""
	}
	digits, sep := strconv.FormatInt(e.Amount, 10), "."
	if l == lang.EN {
		sep = ","
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + sep + digits[i:]
	}
	return digits + " €"
}

const (
	maxID   = 60   // bytes of an identifier
	maxCell = 4000 // bytes of a text
)

// Slug makes an identifier of a name: "Labor (LIS)" becomes "labor-lis". It
// returns "" if nothing is left.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == 'ä', r == 'ö', r == 'ü':
			b.WriteString(map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue"}[r])
		case r == 'ß':
			b.WriteString("ss")
		default:
			if n := b.Len(); n > 0 && b.String()[n-1] != '-' {
				b.WriteByte('-')
			}
		}
	}
	s := b.String()
	if len(s) > maxID {
		s = s[:maxID]
	}
	return strings.Trim(s, "-")
}

// wholeID reports whether s can be an identifier.
func wholeID(s string) bool {
	if s == "" || len(s) > maxID || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
