package clinical

import (
	"fmt"
	"time"
)

// Origin says where a value came from. Every value on a screen carries one, so
// that its age and source can be shown and the raw message found.
type Origin struct {
	Seq      uint64    `json:"q"`           // journal number of the record
	Feed     string    `json:"f,omitempty"` // the feed's name: "kis-adt"; "here" for entries made in Notbetrieb
	Sent     time.Time `json:"s,omitzero"`  // MSH-7, zero if not sent
	Received time.Time `json:"r,omitzero"`  // when the hub stored it
}

// Date is a calendar day that may be known only in part: a birth date can be a
// year, a year and a month, or nothing. Zero parts are unknown.
type Date struct {
	Year  int `json:"y,omitempty"`
	Month int `json:"m,omitempty"`
	Day   int `json:"d,omitempty"`
}

// Zero reports whether nothing is known.
func (d Date) Zero() bool { return d.Year == 0 }

// Full reports whether the day is known.
func (d Date) Full() bool { return d.Year != 0 && d.Month != 0 && d.Day != 0 }

// German returns 03.04.1951, ??.04.1951, ??.??.1951 or "unbekannt".
func (d Date) German() string {
	if d.Zero() {
		return "unbekannt"
	}
	day, month := "??", "??"
	if d.Month != 0 {
		month = fmt.Sprintf("%02d", d.Month)
		if d.Day != 0 {
			day = fmt.Sprintf("%02d", d.Day)
		}
	}
	return fmt.Sprintf("%s.%s.%04d", day, month, d.Year)
}

// ISO returns 1951-04-03, 1951-04, 1951 or "".
func (d Date) ISO() string {
	switch {
	case d.Zero():
		return ""
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// Age returns how old a person born on d is on the day of now (in now's zone):
// "3 T" days up to 28 days, "5 W" weeks up to 12 weeks, "7 M" months up to two
// years, then "75 J" years; "?" if the year is unknown, "ca. 75 J" if only the
// year is known.
func (d Date) Age(now time.Time) string {
	if d.Zero() {
		return "?"
	}
	if !d.Full() {
		return fmt.Sprintf("ca. %d J", now.Year()-d.Year)
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)
	born := time.Date(d.Year, time.Month(d.Month), d.Day, 12, 0, 0, 0, time.UTC)
	days := int(today.Sub(born).Hours() / 24)
	months := (today.Year()-born.Year())*12 + int(today.Month()) - int(born.Month())
	if today.Day() < born.Day() {
		months--
	}
	switch {
	case days < 0:
		return "?"
	case days <= 28:
		return fmt.Sprintf("%d T", days)
	case days < 84:
		return fmt.Sprintf("%d W", days/7)
	case months < 24:
		return fmt.Sprintf("%d M", months)
	}
	return fmt.Sprintf("%d J", months/12)
}
