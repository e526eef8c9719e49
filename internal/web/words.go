package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// A stamp is a point in time as seen from the moment the page was drawn, in the
// hospital's zone. The zero stamp was never sent.
type stamp struct{ At, Now time.Time }

// Known reports whether there is a time.
func (s stamp) Known() bool { return !s.At.IsZero() }

// Machine is the time for <time datetime>.
func (s stamp) Machine() string { return s.At.UTC().Format(time.RFC3339) }

// Unix is the time in seconds, for the script that keeps ages true.
func (s stamp) Unix() int64 { return s.At.Unix() }

// Old is how long ago it was.
func (s stamp) Old() time.Duration { return s.Now.Sub(s.At) }

// clock returns 14:05, with the date when it is not today: Do 19.11. 14:05.
func (s stamp) clock(l lang.Lang) string {
	if !s.Known() {
		return unsent.In(l)
	}
	if sameDay(s.At, s.Now) {
		return s.At.Format("15:04")
	}
	if s.At.Equal(midnight(s.At)) && s.Old() < 0 { // planned for a day, not for midnight
		return s.day(l)
	}
	return s.day(l) + " " + s.At.Format("15:04")
}

// day returns Do 19.11., or 19.11.2025 when it is not this year's and further
// away than four months.
func (s stamp) day(l lang.Lang) string {
	if !s.Known() {
		return unsent.In(l)
	}
	if s.At.Year() != s.Now.Year() && s.Old().Abs() > 120*24*time.Hour {
		if l == lang.EN {
			return s.At.Format("2 Jan 2006")
		}
		return s.At.Format("02.01.2006")
	}
	if l == lang.EN {
		return s.At.Format("Mon 2 Jan")
	}
	return weekdays[s.At.Weekday()] + " " + s.At.Format("02.01.")
}

// age returns "vor 12 min", "vor 3 h 24", "in 20 min".
func (s stamp) age(l lang.Lang) string {
	if !s.Known() {
		return ""
	}
	d := s.Old()
	if d < -30*time.Second {
		return "in " + span(-d)
	}
	if l == lang.EN {
		return span(d) + " ago"
	}
	return "vor " + span(d)
}

var weekdays = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}

var unsent = lang.Text{DE: "nicht übermittelt", EN: "not sent"}

// span writes a duration as a ward says it: 40 s, 12 min, 3 h 24, 2 d.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(max(int(d.Seconds()), 0)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 24*time.Hour:
		h, m := int(d.Hours()), int(d.Minutes())%60
		if m == 0 {
			return strconv.Itoa(h) + " h"
		}
		return fmt.Sprintf("%d h %02d", h, m)
	}
	return strconv.Itoa(int(d.Hours()/24)) + " d"
}

func sameDay(a, b time.Time) bool {
	b = b.In(a.Location())
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// midnight returns the begin of t's day in t's zone.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// group writes 88123 as 88 123 with narrow spaces.
func group(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// A num is a value cut at its decimal sign, so that columns can stand on it.
type num struct{ Whole, Part string }

// decimal cuts v at the decimal sign and writes it in language l. What is no
// plain number stays whole.
func decimal(v string, l lang.Lang) num {
	v = strings.TrimSpace(v)
	if _, err := strconv.ParseFloat(strings.Replace(v, ",", ".", 1), 64); err != nil || strings.ContainsAny(v, "eExXiIn") {
		return num{Whole: v}
	}
	i := strings.IndexAny(v, ".,")
	if i < 0 {
		return num{Whole: v}
	}
	sign := ","
	if l == lang.EN {
		sign = "."
	}
	return num{Whole: v[:i], Part: sign + v[i+1:]}
}

// plain is decimal in one piece.
func plain(v string, l lang.Lang) string {
	n := decimal(v, l)
	return n.Whole + n.Part
}

// Time is the time of day alone.
func (s stamp) Time() string { return s.At.Format("15:04") }

// ageOf is how old somebody is: 75 J, in English 75 y.
func (f Frame) ageOf(d clinical.Date) string {
	s := d.Age(f.Now)
	if f.Lang != lang.EN {
		return s
	}
	for _, w := range [][2]string{{" J", " y"}, {" T", " d"}, {" W", " w"}, {" M", " mo"}} {
		s = strings.Replace(s, w[0], w[1], 1)
	}
	return s
}

// sexOf is the letter of lists: w, m, d; in English f.
func (f Frame) sexOf(s clinical.Sex) string {
	if f.Lang == lang.EN && s == clinical.Female {
		return "f"
	}
	return s.Letter()
}

// unreadWords says how many items of the unread list there are, and of how many
// messages: messages that are alike are one item, and one message can be several.
func unreadWords(items, messages int, aside bool) lang.Text {
	n := group(uint64(max(items, 0)))
	w := lang.Text{DE: "Einträge ungelesen", EN: "items unread"}
	if items == 1 {
		w = lang.Text{DE: "Eintrag ungelesen", EN: "item unread"}
	}
	if aside {
		w = lang.Text{DE: "Einträge beiseitegelegt", EN: "items set aside"}
		if items == 1 {
			w = lang.Text{DE: "Eintrag beiseitegelegt", EN: "item set aside"}
		}
	}
	of := lang.Text{DE: " aus " + group(uint64(max(messages, 0))) + " Meldungen", EN: " of " + group(uint64(max(messages, 0))) + " messages"}
	if messages == 1 {
		of = lang.Text{DE: " aus einer Meldung", EN: " of one message"}
	}
	return lang.Text{DE: n + " " + w.DE + of.DE, EN: n + " " + w.EN + of.EN}
}
