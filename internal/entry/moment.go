package entry

import (
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// ParseTime reads 08:05, 8.05, 0805, and the same after a day: 21.11. 08:05,
// 21.11.2026 08:05, gestern 23:40. A time without a day is the last one that
// has been: 23:50 typed at 00:10 is yesterday's. now is in the hospital's zone.
func ParseTime(text string, now time.Time) (time.Time, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "Uhr"))
	day, clock := "", text
	if i := strings.LastIndexAny(text, " T"); i >= 0 {
		day, clock = strings.TrimSpace(text[:i]), text[i+1:]
	}
	h, m, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false
	}
	base := now
	switch strings.ToLower(strings.TrimSuffix(day, ",")) {
	case "", "heute", "today":
	case "gestern", "yesterday":
		base = now.AddDate(0, 0, -1)
	case "vorgestern":
		base = now.AddDate(0, 0, -2)
	default:
		d, ok := ParseDay(strings.TrimSuffix(day, ","), now)
		if !ok || !d.Full() {
			return time.Time{}, false
		}
		base = time.Date(d.Year, time.Month(d.Month), d.Day, 12, 0, 0, 0, now.Location())
	}
	t := time.Date(base.Year(), base.Month(), base.Day(), h, m, 0, 0, now.Location())
	if day == "" && t.After(now.Add(time.Minute)) {
		t = time.Date(base.Year(), base.Month(), base.Day()-1, h, m, 0, 0, now.Location())
	}
	return t, true
}

// ParseComing reads a time to come as [ParseTime] reads one that has been: 14:00
// typed at 15:00 is tomorrow's, one that has just passed is today's. It also
// reads morgen 08:00.
func ParseComing(text string, now time.Time) (time.Time, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "Uhr"))
	if day, clock, found := strings.Cut(text, " "); found {
		switch strings.ToLower(strings.TrimSuffix(day, ",")) {
		case "morgen", "tomorrow":
			return ParseTime("heute "+clock, now.AddDate(0, 0, 1))
		case "übermorgen":
			return ParseTime("heute "+clock, now.AddDate(0, 0, 2))
		}
		return ParseTime(text, now)
	}
	t, ok := ParseTime(text, now.AddDate(0, 0, 1).Add(-2*time.Minute))
	if ok && t.Sub(now) > 23*time.Hour {
		t = t.AddDate(0, 0, -1)
	}
	return t, ok
}

func parseClock(s string) (h, m int, ok bool) {
	s = strings.NewReplacer(".", ":", ",", ":", "h", ":").Replace(s)
	if len(s) == 4 && !strings.Contains(s, ":") {
		s = s[:2] + ":" + s[2:]
	}
	a, b, found := strings.Cut(s, ":")
	h, err1 := strconv.Atoi(a)
	m, err2 := strconv.Atoi(b)
	ok = found && err1 == nil && err2 == nil && len(a) <= 2 && len(b) == 2 && h >= 0 && h < 24 && m >= 0 && m < 60
	return h, m, ok
}

// ParseDay reads 03.04.1951, 3.4.51, 03041951, 1951-04-03, 21.11. (of this year,
// or the last one if that lies more than a month ahead) and a year alone.
func ParseDay(text string, now time.Time) (clinical.Date, bool) {
	text = strings.TrimSpace(text)
	digits := strings.Trim(text, "0123456789") == ""
	switch {
	case len(text) == 4 && digits:
		y, err := strconv.Atoi(text)
		return clinical.Date{Year: y}, err == nil && y >= 1880 && y <= now.Year()
	case len(text) == 8 && digits:
		text = text[:2] + "." + text[2:4] + "." + text[4:]
	case len(text) == 10 && text[4] == '-' && text[7] == '-':
		text = text[8:] + "." + text[5:7] + "." + text[:4]
	}
	parts := strings.Split(strings.TrimSuffix(text, "."), ".")
	if len(parts) < 2 || len(parts) > 3 {
		return clinical.Date{}, false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil || v < 0 || len(p) > 4 {
			return clinical.Date{}, false
		}
		n[i] = v
	}
	d := clinical.Date{Day: n[0], Month: n[1], Year: n[2]}
	switch {
	case len(parts) == 2:
		d.Year = now.Year()
		if time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, now.Location()).After(now.AddDate(0, 1, 0)) {
			d.Year--
		}
	case len(parts[2]) == 2: // 51 is the last year that ends so and has been
		d.Year += now.Year() / 100 * 100
		if d.Year > now.Year() {
			d.Year -= 100
		}
	}
	t := time.Date(d.Year, time.Month(d.Month), d.Day, 12, 0, 0, 0, time.UTC)
	ok := d.Year >= 1880 && t.Day() == d.Day && int(t.Month()) == d.Month && d.Day > 0
	return d, ok
}

// midnight is the begin of a full date.
func midnight(d clinical.Date, zone *time.Location) time.Time {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, zone)
}

// ParseNext reads a time that is to come: one without a day is the next one,
// 00:30 typed at 23:50 is tomorrow's. A day without a time is its end.
func ParseNext(text string, now time.Time) (time.Time, bool) {
	if d, ok := dayAlone(text, now); ok {
		return time.Date(d.Year, time.Month(d.Month), d.Day, 23, 59, 0, 0, now.Location()), true
	}
	return parseAhead(text, now, func(today time.Time) time.Time {
		if today.Before(now.Truncate(time.Minute)) {
			return today.AddDate(0, 0, 1)
		}
		return today
	})
}

// ParseNear reads a time before or after now: one without a day is today's, or
// that of the day beside if it is less than six hours away. A day without a time
// is its begin.
func ParseNear(text string, now time.Time) (time.Time, bool) {
	if d, ok := dayAlone(text, now); ok {
		t := midnight(d, now.Location())
		if t.Before(now) && now.Sub(t) < 24*time.Hour {
			t = now.Truncate(time.Minute)
		}
		return t, true
	}
	return parseAhead(text, now, func(today time.Time) time.Time {
		for _, t := range []time.Time{today.AddDate(0, 0, -1), today.AddDate(0, 0, 1)} {
			if t.Sub(now).Abs() < 6*time.Hour && today.Sub(now).Abs() > 12*time.Hour {
				return t
			}
		}
		return today
	})
}

// parseAhead reads a time as [ParseTime] does, also tomorrow's; which day a time
// of day alone belongs to is for which to say.
func parseAhead(text string, now time.Time, which func(today time.Time) time.Time) (time.Time, bool) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "Uhr"))
	day, clock := "", text
	if i := strings.LastIndexAny(text, " T"); i >= 0 {
		day, clock = strings.TrimSpace(text[:i]), text[i+1:]
	}
	h, m, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false
	}
	at := func(d int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+d, h, m, 0, 0, now.Location())
	}
	switch strings.ToLower(strings.TrimSuffix(day, ",")) {
	case "":
		return which(at(0)), true
	case "heute", "today":
		return at(0), true
	case "morgen", "tomorrow":
		return at(1), true
	case "übermorgen":
		return at(2), true
	case "gestern", "yesterday":
		return at(-1), true
	}
	d, ok := parseDayAhead(strings.TrimSuffix(day, ","), now)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(d.Year, time.Month(d.Month), d.Day, h, m, 0, 0, now.Location()), true
}

// dayAlone reads a day that stands alone: 25.11., morgen.
func dayAlone(text string, now time.Time) (clinical.Date, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	of := func(t time.Time) (clinical.Date, bool) {
		return clinical.Date{Year: t.Year(), Month: int(t.Month()), Day: t.Day()}, true
	}
	switch text {
	case "heute", "today":
		return of(now)
	case "morgen", "tomorrow":
		return of(now.AddDate(0, 0, 1))
	case "übermorgen":
		return of(now.AddDate(0, 0, 2))
	}
	if strings.Count(text, ".") < 2 && strings.Count(text, "-") != 2 { // 08.30 is a time
		return clinical.Date{}, false
	}
	return parseDayAhead(text, now)
}

// parseDayAhead is [ParseDay] for what is planned: a day without a year is the
// one nearest to now.
func parseDayAhead(text string, now time.Time) (clinical.Date, bool) {
	d, ok := ParseDay(text, now)
	if !ok || !d.Full() {
		return d, false
	}
	if strings.Count(strings.TrimSuffix(text, "."), ".") == 1 && midnight(d, now.Location()).Before(now.AddDate(0, -6, 0)) {
		d.Year++
	}
	return d, true
}
