package hl7

import (
	"errors"
	"strings"
	"time"
)

// Precision says how much of a time stamp was sent.
type Precision uint8

// The precisions of a time stamp, coarse to fine.
const (
	NoTime Precision = iota
	ToYear
	ToMonth
	ToDay
	ToHour
	ToMinute
	ToSecond
	ToFraction
)

// ErrTime means that a text is no HL7 time stamp. It never holds the text,
// which may be a birth date.
var ErrTime = errors.New("hl7: no time stamp")

// ParseTime reads an HL7 time stamp (TS, DTM; HL7 v2.5 section 2.A.22):
// YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]. Without a zone it is in loc;
// nil means UTC. What was not sent is the earliest possible: 2026 is 1 January
// 2026. An empty text is ErrTime too, as are dates that do not exist.
//
// It also takes Z and +01:00 as zones, and 24:00 as the next day's midnight.
func ParseTime(s string, loc *time.Location) (time.Time, Precision, error) {
	if loc == nil {
		loc = time.UTC
	}
	digits, fraction, zone, ok := splitTime(strings.TrimSpace(s))
	if !ok {
		return time.Time{}, NoTime, ErrTime
	}
	v, precision, ok := readDigits(digits)
	if !ok {
		return time.Time{}, NoTime, ErrTime
	}
	if zone != "" {
		if loc, ok = readZone(zone); !ok {
			return time.Time{}, NoTime, ErrTime
		}
	}
	nanos := 0
	if fraction != "" {
		if nanos, ok = readFraction(fraction); !ok || precision != ToSecond {
			return time.Time{}, NoTime, ErrTime
		}
		precision = ToFraction
	}
	return time.Date(v.year, time.Month(v.month), v.day, v.hour, v.minute, v.second, nanos, loc), precision, nil
}

// ParseDate reads the date of a time stamp or date; what follows the day is not
// looked at. A month or day that was not sent, or sent as 00 as for a birth
// date known only in part, is 0. Year 0 and dates that do not exist are
// ErrTime.
func ParseDate(s string) (year, month, day int, err error) {
	digits, _, zone, ok := splitTime(strings.TrimSpace(s))
	if ok && zone != "" {
		_, ok = readZone(zone)
	}
	if !ok {
		return 0, 0, 0, ErrTime
	}
	digits = digits[:min(len(digits), 8)]
	if len(digits) == 8 && digits[6:] == "00" {
		digits = digits[:6]
	}
	if len(digits) == 6 && digits[4:] == "00" {
		digits = digits[:4]
	}
	v, precision, ok := readDigits(digits)
	if !ok {
		return 0, 0, 0, ErrTime
	}
	if precision < ToMonth {
		v.month = 0
	}
	if precision < ToDay {
		v.day = 0
	}
	return v.year, v.month, v.day, nil
}

// splitTime parts digits, fraction (without the point) and zone.
func splitTime(s string) (digits, fraction, zone string, ok bool) {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	digits, s = s[:i], s[i:]
	if strings.HasPrefix(s, ".") {
		j := 1
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j == 1 {
			return "", "", "", false
		}
		fraction, s = s[1:j], s[j:]
	}
	if s != "" && s[0] != '+' && s[0] != '-' && s[0] != 'Z' {
		return "", "", "", false
	}
	return digits, fraction, s, true
}

type clock struct{ year, month, day, hour, minute, second int }

// readDigits reads YYYY to YYYYMMDDHHMMSS.
func readDigits(s string) (clock, Precision, bool) {
	v := clock{month: 1, day: 1}
	parts := [...]*int{&v.month, &v.day, &v.hour, &v.minute, &v.second}
	if len(s) < 4 || len(s) > 14 || len(s)%2 != 0 {
		return clock{}, NoTime, false
	}
	v.year = twoDigits(s)*100 + twoDigits(s[2:])
	precision := ToYear
	for i := 4; i < len(s); i += 2 {
		*parts[precision-ToYear] = twoDigits(s[i:])
		precision++
	}
	return v, precision, v.real()
}

// real reports whether the date and the time of day exist. Second 60 is a leap
// second, 24:00 the end of the day.
func (v clock) real() bool {
	if v.year == 0 || v.month < 1 || v.month > 12 || v.day < 1 {
		return false
	}
	if v.day > time.Date(v.year, time.Month(v.month)+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return false
	}
	if v.hour == 24 {
		return v.minute == 0 && v.second == 0
	}
	return v.hour < 24 && v.minute < 60 && v.second <= 60
}

func twoDigits(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// readFraction reads the digits behind the point as nanoseconds.
func readFraction(s string) (nanos int, ok bool) {
	if len(s) > 9 {
		return 0, false
	}
	for i := range 9 {
		nanos *= 10
		if i < len(s) {
			nanos += int(s[i] - '0')
		}
	}
	return nanos, true
}

// readZone reads Z, +HHMM, +HH:MM or +HH.
func readZone(s string) (*time.Location, bool) {
	if s == "Z" {
		return time.UTC, true
	}
	sign, s := s[0], strings.Replace(s[1:], ":", "", 1)
	if len(s) == 2 {
		s += "00"
	}
	if len(s) != 4 || strings.Trim(s, "0123456789") != "" || sign == 'Z' {
		return nil, false
	}
	hours, minutes := twoDigits(s), twoDigits(s[2:])
	if hours > 14 || minutes > 59 {
		return nil, false
	}
	seconds := hours*3600 + minutes*60
	if sign == '-' {
		seconds = -seconds
	}
	if seconds == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", seconds), true
}
