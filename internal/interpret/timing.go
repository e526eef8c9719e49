package interpret

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// frequency is a compiled FrequencyRule.
type frequency struct {
	scheme   string
	times    []clinical.DayTime
	asNeeded bool
	text     string
}

// timing is when something is to be given or done.
type timing struct {
	scheme, interval, dose, note string
	times                        []clinical.DayTime
	explicit                     bool // the times were sent, not worked out from a code
	varied                       bool // different amounts at different times: dose tells all of them
	asNeeded                     bool
	start, end                   time.Time
}

// frequencyKey makes "2 x tgl." and "2XTGL" equal.
func frequencyKey(s string) string {
	s = strings.Map(func(c rune) rune {
		switch c {
		case ' ', '.', '\t', '_':
			return -1
		case '×', '*':
			return 'X'
		}
		return c
	}, strings.ToUpper(s))
	for _, r := range [...][2]string{{"TÄGLICH", "TGL"}, {"TAEGLICH", "TGL"}, {"TÄGL", "TGL"}, {"MAL", "X"}, {"Ö", "OE"}} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	return s
}

// scheme reads "1-0-1-0", "1-0-1", "½-0-½", "0,5 - 0 - 0,5 - 1": the scheme as
// written without blanks, and the times of the doses that are not zero.
func (s *Site) scheme(text string) (string, []clinical.DayTime, bool) {
	parts := strings.Split(strings.ReplaceAll(text, " ", ""), "-")
	if len(parts) < 3 || len(parts) > 4 {
		return "", nil, false
	}
	var times []clinical.DayTime
	for i, p := range parts {
		if !doseCount(p) {
			return "", nil, false
		}
		if strings.Trim(p, "0.,") != "" {
			times = append(times, s.dayTimes[i])
		}
	}
	return strings.Join(parts, "-"), times, true
}

// doseCount reports whether p is an amount of a scheme: 1, 0,5, 1/2, ½, 1½.
func doseCount(p string) bool {
	if p == "" || len(p) > 8 {
		return false
	}
	return strings.Trim(p, "0123456789.,/½¼¾") == "" && strings.ContainsAny(p, "0123456789½¼¾")
}

// clockText is "08:00".
func clockText(t clinical.DayTime) string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// maxTimings bounds the timings of one order that are read.
const maxTimings = 64

// timings reads when: TQ1 where it is sent (v2.5 on), else the quantity/timing
// field of RXE-1, ORC-7 or OBR-27. Several of them add up.
func (r *reader) timings(o *order) timing {
	var t timing
	for _, tq := range o.tq1[:min(len(o.tq1), maxTimings)] {
		r.tq1(&t, tq)
	}
	if len(o.tq1) == 0 {
		for _, f := range [...]at{{o.rxe, 1}, {o.orc, 7}, {o.obr, 27}} {
			if field := f.seg.Field(f.n); !field.Empty() {
				reps := field.Reps()
				for _, rep := range reps[:min(len(reps), maxTimings)] {
					r.quantityTiming(&t, rep, f)
				}
				break
			}
		}
	}
	slices.Sort(t.times)
	t.times = slices.Compact(t.times)
	r.fromInterval(&t)
	return t
}

// tq1 reads one TQ1.
func (r *reader) tq1(t *timing, seg segment) {
	var own timing
	if q := seg.Field(2); !q.Empty() {
		own.dose = amount(q, hl7.Field{}, compUnit(q))
	}
	for _, rep := range seg.Field(3).Reps() {
		r.repeatPattern(&own, rep, at{seg, 3})
	}
	for _, rep := range seg.Field(4).Reps() {
		r.timeOfDay(&own, value(rep.Comp(1)), at{seg, 4})
	}
	own.instruction(r.s, word(seg.Field(11)))
	own.note = joinLines(own.note, word(seg.Field(10)))
	if fold(seg.Field(9).Text()) == "PRN" {
		own.asNeeded = true
	}
	own.start, own.end = r.time(seg, 7), r.time(seg, 8)
	if own.end.IsZero() {
		own.end = ends(own.start, value(seg.Field(6).Comp(1))+value(seg.Field(6).Comp(2)))
	}
	t.add(own)
}

// repeatPattern reads an RPT: a code, or a period in numbers (RPT.5 and 6).
func (r *reader) repeatPattern(t *timing, rep hl7.Rep, f at) {
	code, period := trim(rep.Comp(1).Sub(1)), value(rep.Comp(5))
	if parseNumber(period) == nil || r.knows(code) {
		r.pattern(t, code, f)
		return
	}
	t.interval = joinWords("alle", strings.ReplaceAll(period, ".", ","), trim(rep.Comp(6).Sub(1)))
}

// knows reports whether a repeat code has a meaning here.
func (r *reader) knows(code string) bool {
	key := frequencyKey(code)
	_, listed := r.s.frequencies[key]
	_, known := every(key)
	_, _, scheme := r.s.scheme(code)
	return listed || known || scheme
}

// compUnit is the unit of a CQ: quantity^unit&text.
func compUnit(f hl7.Field) string {
	c := f.Comp(2)
	if text := trim(c.Sub(1)); text != "" {
		return text
	}
	return trim(c.Sub(2))
}

// quantityTiming reads one TQ: quantity^interval^duration^start^end^priority^
// condition^text.
func (r *reader) quantityTiming(t *timing, rep hl7.Rep, f at) {
	var own timing
	if q := rep.Comp(1); trim(q.Sub(1)) != "" {
		own.dose = joinWords(strings.ReplaceAll(trim(q.Sub(1)), ".", ","), trim(q.Sub(2)))
	}
	r.pattern(&own, trim(rep.Comp(2).Sub(1)), f)
	for _, clock := range strings.FieldsFunc(rep.Comp(2).Sub(2), func(c rune) bool { return c == ',' || c == ';' }) {
		r.timeOfDay(&own, clock, f)
	}
	read := func(c hl7.Comp) time.Time {
		s := trim(c.Sub(1))
		at, _, ok := r.parseTime(s)
		if !ok {
			r.badTime(r.where(f.seg, f.n))
		}
		return at
	}
	own.start, own.end = read(rep.Comp(4)), read(rep.Comp(5))
	if own.end.IsZero() {
		own.end = ends(own.start, value(rep.Comp(3)))
	}
	if fold(rep.Comp(6).Text()) == "PRN" {
		own.asNeeded = true
	}
	own.note = value(rep.Comp(7))
	own.instruction(r.s, value(rep.Comp(8)))
	t.add(own)
}

// add puts a further timing to what is known. Two that give different amounts
// are told together ("08:00: 1 Tbl.; 20:00: 2 Tbl."), so that none is taken for
// the other.
func (t *timing) add(own timing) {
	if own.dose != "" && t.dose != "" && own.dose != t.dose {
		if !t.varied {
			t.dose = joinWith(": ", clocks(t.times), t.dose)
		}
		t.dose += "; " + joinWith(": ", clocks(own.times), own.dose)
		t.varied = true
	}
	pick := func(to *string, s string) {
		if *to == "" {
			*to = s
		}
	}
	pick(&t.dose, own.dose)
	pick(&t.scheme, own.scheme)
	if own.interval != "" && own.interval != t.interval {
		t.interval = strings.TrimPrefix(t.interval+", "+own.interval, ", ")
	}
	t.note = joinLines(t.note, own.note)
	t.times = append(t.times, own.times...)
	t.asNeeded = t.asNeeded || own.asNeeded
	if t.start.IsZero() || !own.start.IsZero() && own.start.Before(t.start) {
		t.start = own.start
	}
	if own.end.After(t.end) {
		t.end = own.end
	}
}

// clocks is "08:00, 20:00".
func clocks(times []clinical.DayTime) string {
	list := make([]string, len(times))
	for i, c := range times {
		list[i] = clockText(c)
	}
	return strings.Join(list, ", ")
}

// pattern reads a repeat pattern: a scheme, a code of the site's table, or one
// of the standard's forms (Q6H, BID; HL7 table 0335).
func (r *reader) pattern(t *timing, code string, f at) {
	if code == "" {
		return
	}
	if scheme, times, ok := r.s.scheme(code); ok {
		t.scheme, t.times = scheme, times
		return
	}
	key := frequencyKey(code)
	rule, ok := r.s.frequencies[key]
	for _, prn := range [...]string{"PRN", "BB"} { // "BID PRN"
		if rest, cut := strings.CutSuffix(key, prn); cut && !ok && rest != "" {
			t.asNeeded = true
			key = rest
			rule, ok = r.s.frequencies[key]
		}
		if rest, cut := strings.CutPrefix(key, prn); cut && !ok && rest != "" {
			t.asNeeded = true
			key = rest
			rule, ok = r.s.frequencies[key]
		}
	}
	t.interval = code
	if ok {
		t.scheme, t.times = rule.scheme, append(t.times, rule.times...)
		t.asNeeded = t.asNeeded || rule.asNeeded
		if rule.scheme != "" {
			t.interval = ""
		}
		if rule.text != "" {
			t.interval = rule.text
		}
		return
	}
	if _, known := every(key); known {
		return
	}
	r.problem(Unmapped, r.where(f.seg, f.n), lang.Text{
		DE: "Die Häufigkeit „" + shown(code) + "“ steht nicht in der Tabelle. Sie wird angezeigt, wie sie kam, ohne Uhrzeiten.",
		EN: "The frequency \"" + shown(code) + "\" is not in the table. It is shown as it came, without times of day.",
	})
}

// every reads Q6H, Q30M, Q2D, Q1J2: the interval in hours, 0 where it is none of
// whole hours, and whether it is such a pattern at all.
func every(key string) (hours int, ok bool) {
	body, ok := strings.CutPrefix(key, "Q")
	if !ok {
		return 0, false
	}
	digits := strings.TrimLeft(body, "0123456789")
	n, _ := strconv.Atoi(body[:len(body)-len(digits)])
	if n == 0 {
		n = 1
	}
	switch {
	case digits == "H":
		return n, true
	case digits == "D" && n == 1:
		return 0, true
	case digits == "S", digits == "M", digits == "D", digits == "W", digits == "L":
		return 0, true
	case strings.HasPrefix(digits, "J"):
		return 0, strings.Trim(digits[1:], "1234567") == ""
	}
	return 0, false
}

// fromInterval works out the times of day of Q6H and alike, where the first
// dose is known to the minute and the day is a multiple of the interval.
func (r *reader) fromInterval(t *timing) {
	if len(t.times) > 0 || t.start.IsZero() || t.asNeeded {
		return
	}
	hours, _ := every(frequencyKey(t.interval))
	if hours == 0 || 24%hours != 0 {
		return
	}
	start := t.start.In(r.f.zone)
	first := (start.Hour()*60 + start.Minute()) % (hours * 60)
	for at := first; at < 24*60; at += hours * 60 {
		t.times = append(t.times, clinical.DayTime(at))
	}
}

// timeOfDay reads a time of day that was sent; such times count, and not those
// that a code stands for.
func (r *reader) timeOfDay(t *timing, text string, f at) {
	if trim(text) == "" {
		return
	}
	clock, ok := dayTime(text)
	if !ok {
		r.badTime(r.where(f.seg, f.n))
		return
	}
	if !t.explicit {
		t.explicit, t.times = true, nil
	}
	t.times = append(t.times, clock)
}

// instruction reads a text that may be a scheme.
func (t *timing) instruction(s *Site, text string) {
	if scheme, times, ok := s.scheme(text); ok {
		if t.scheme = scheme; !t.explicit {
			t.times = times
		}
		return
	}
	t.note = joinLines(t.note, text)
}

// ends works out the end from a duration such as D7, H12, 7d or 10^d; zero
// where there is none.
func ends(start time.Time, duration string) time.Time {
	d := fold(duration)
	if start.IsZero() || len(d) < 2 {
		return time.Time{}
	}
	unit, digits := d[0], d[1:]
	if unit >= '0' && unit <= '9' {
		i := strings.IndexFunc(d, func(c rune) bool { return c < '0' || c > '9' })
		if i < 0 {
			return time.Time{}
		}
		unit, digits = d[i], d[:i]
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n <= 0 || n > 10_000 {
		return time.Time{}
	}
	switch unit {
	case 'D', 'T': // Tage
		return start.AddDate(0, 0, n)
	case 'W':
		return start.AddDate(0, 0, 7*n)
	case 'H':
		return start.Add(time.Duration(n) * time.Hour)
	}
	return time.Time{}
}
