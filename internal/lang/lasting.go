package lang

import (
	"strconv"
	"strings"
	"time"
)

// units of a length of time, the longest first. The short forms are those of
// configuration files; the first word of each list is the singular.
var units = []struct {
	d      time.Duration
	de, en [2]string
	short  []string
}{
	{24 * time.Hour, [2]string{"Tag", "Tage"}, [2]string{"day", "days"}, []string{"d", "Tagen"}},
	{time.Hour, [2]string{"Stunde", "Stunden"}, [2]string{"hour", "hours"}, []string{"h", "Std", "Std."}},
	{time.Minute, [2]string{"Minute", "Minuten"}, [2]string{"minute", "minutes"}, []string{"m", "min", "Min."}},
	{time.Second, [2]string{"Sekunde", "Sekunden"}, [2]string{"second", "seconds"}, []string{"s", "Sek."}},
}

// Lasting writes a length of time in words: 30 Minuten, 1 Stunde 30 Minuten, 24
// Stunden, 3 Tage. Only whole days from two on are days. It is exact to the
// second; nothing is 0 Minuten.
func Lasting(d time.Duration) Text {
	var de, en []string
	sign := ""
	if d = d.Round(time.Second); d < 0 {
		sign, d = "-", -d
	}
	for i, u := range units {
		if i == 0 && (d < 2*u.d || d%u.d != 0) {
			continue
		}
		if n := d / u.d; n > 0 {
			many := min(int(n)-1, 1)
			no := strconv.Itoa(int(n)) + " "
			de, en, d = append(de, no+u.de[many]), append(en, no+u.en[many]), d%u.d
		}
	}
	if len(de) == 0 {
		return Text{"0 Minuten", "0 minutes"}
	}
	return Text{sign + strings.Join(de, " "), sign + strings.Join(en, " ")}
}

// ReadLasting reads what [Lasting] writes in either language, and the short
// forms of configuration files: 24h, 1h30m, 3d.
func ReadLasting(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, false
	}
	var all time.Duration
	for text != "" {
		digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
		if digits < 1 {
			return 0, false
		}
		n, err := strconv.ParseUint(text[:digits], 10, 31)
		if err != nil {
			return 0, false
		}
		text = strings.TrimLeft(text[digits:], " ")
		end := strings.IndexFunc(text, func(r rune) bool { return r == ' ' || r >= '0' && r <= '9' })
		if end < 0 {
			end = len(text)
		}
		unit := unitOf(text[:end])
		if unit == 0 || time.Duration(n) > (1<<62)/unit || all > 1<<62-time.Duration(n)*unit {
			return 0, false
		}
		all += time.Duration(n) * unit
		text = strings.TrimLeft(text[end:], " ")
	}
	return all, true
}

func unitOf(word string) time.Duration {
	for _, u := range units {
		for _, w := range append([]string{u.de[0], u.de[1], u.en[0], u.en[1]}, u.short...) {
			if strings.EqualFold(w, word) {
				return u.d
			}
		}
	}
	return 0
}
