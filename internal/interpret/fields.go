package interpret

import (
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

func trim(s string) string { return strings.TrimSpace(s) }

// value is a component as text; null reads as "".
func value(c hl7.Comp) string { return trim(c.All()) }

// word is the first component of a field as text, unescaped sub-separators and
// all.
func word(f hl7.Field) string { return value(f.Comp(1)) }

// saidWord is what a text field says.
func saidWord(f hl7.Field) clinical.Said[string] {
	if f.Null() {
		return clinical.Clear[string]()
	}
	if w := word(f); w != "" {
		return clinical.Say(w)
	}
	return clinical.Said[string]{}
}

// saidLabel is what a coded field says, in words where there are some.
func saidLabel(f hl7.Field) clinical.Said[string] {
	if f.Null() {
		return clinical.Clear[string]()
	}
	if w := value(f.Comp(2)); w != "" {
		return clinical.Say(w)
	}
	return saidWord(f)
}

// saidFlag is what a yes/no field (HL7 table 0136) says.
func saidFlag(f hl7.Field) clinical.Said[bool] {
	if f.Null() {
		return clinical.Clear[bool]()
	}
	switch fold(f.Text()) {
	case "Y", "J", "1":
		return clinical.Say(true)
	case "N", "0":
		return clinical.Say(false)
	}
	return clinical.Said[bool]{}
}

// time reads a time field of a segment; zero where it is empty or no time.
func (r *reader) time(seg segment, n int) time.Time {
	f := seg.Field(n)
	if f.Empty() || f.Null() {
		return time.Time{}
	}
	return r.atSegment(f, seg, n)
}

func (r *reader) atSegment(f hl7.Field, seg segment, n int) time.Time {
	t, _, ok := r.parseTime(f.Text())
	if !ok {
		r.badTime(r.where(seg, n))
	}
	return t
}

// at is like time for a field that is at hand.
func (r *reader) at(f hl7.Field, where string) time.Time {
	t, _, ok := r.parseTime(f.Text())
	if !ok {
		r.badTime(where)
	}
	return t
}

func (r *reader) badTime(where string) {
	r.problem(BadTime, where, lang.Text{DE: "Die Zeitangabe ist nicht lesbar.", EN: "The time cannot be read."})
}

func (r *reader) saidTime(seg segment, n int) clinical.Said[time.Time] {
	if seg.Field(n).Null() {
		return clinical.Clear[time.Time]()
	}
	if t := r.time(seg, n); !t.IsZero() {
		return clinical.Say(t)
	}
	return clinical.Said[time.Time]{}
}

// parseTime reads an HL7 time stamp in the feed's zone, and the spellings that
// senders use instead: 03.04.2026 12:30, 2026-04-03T12:30:00. All zeros and
// blanks stand for nothing.
func (r *reader) parseTime(s string) (time.Time, hl7.Precision, bool) {
	s = trim(s)
	if strings.Trim(s, "0") == "" {
		return time.Time{}, hl7.NoTime, true
	}
	t, p, err := hl7.ParseTime(s, r.f.zone)
	if err == nil {
		return r.whichHour(t, p), p, true
	}
	if s = plainTime(s); s == "" {
		return time.Time{}, hl7.NoTime, false
	}
	t, p, err = hl7.ParseTime(s, r.f.zone)
	return r.whichHour(t, p), p, err == nil
}

// whichHour decides on the hour that comes twice when summer time ends. A time
// without a zone is the one of the two that is nearer to when the message was
// sent (for MSH-7 itself: to when it came), where that is close by; else the
// first. Without it the messages of the second hour would count as older than
// those of the first.
func (r *reader) whichHour(t time.Time, p hl7.Precision) time.Time {
	if p < hl7.ToHour || t.Location() != r.f.zone {
		return t
	}
	_, now := t.Zone()
	first, second := t, t
	if _, before := t.Add(-time.Hour).Zone(); before == now+3600 {
		first = t.Add(-time.Hour)
	} else if _, after := t.Add(time.Hour).Zone(); after == now-3600 {
		second = t.Add(time.Hour)
	} else {
		return t
	}
	told := r.stated()
	if told.Sub(second).Abs() < min(told.Sub(first).Abs(), 3*time.Hour) {
		return second
	}
	return first
}

// plainTime turns German and ISO 8601 spellings into digits; "" for others.
func plainTime(s string) string {
	if len(s) < 10 || len(s) > 40 {
		return ""
	}
	var day, rest string
	switch {
	case s[2] == '.' && s[5] == '.':
		day, rest = s[6:10]+s[3:5]+s[0:2], s[10:]
	case s[4] == '-' && s[7] == '-':
		day, rest = s[0:4]+s[5:7]+s[8:10], s[10:]
	default:
		return ""
	}
	rest = strings.TrimLeft(rest, " T")
	clock, zone := rest, ""
	if i := strings.IndexAny(rest, "+-Z"); i >= 0 {
		clock, zone = rest[:i], rest[i:]
	}
	return day + strings.ReplaceAll(clock, ":", "") + zone
}

// saidDate reads a day that may be known in part.
func (r *reader) saidDate(seg segment, n int) clinical.Said[clinical.Date] {
	f := seg.Field(n)
	if f.Null() {
		return clinical.Clear[clinical.Date]()
	}
	if d := r.date(seg, n); !d.Zero() {
		return clinical.Say(d)
	}
	return clinical.Said[clinical.Date]{}
}

func (r *reader) date(seg segment, n int) clinical.Date {
	s := trim(seg.Field(n).Text())
	if strings.Trim(s, "0") == "" {
		return clinical.Date{}
	}
	y, m, d, err := hl7.ParseDate(s)
	if err != nil {
		if s = plainTime(s); s != "" {
			y, m, d, err = hl7.ParseDate(s)
		}
	}
	if err != nil || s == "" {
		r.badTime(r.where(seg, n))
		return clinical.Date{}
	}
	return clinical.Date{Year: y, Month: m, Day: d}
}

// coded reads a coded value (CE, CWE). The second triple and the original text
// (CWE.9) serve where the first triple lacks something.
func (r *reader) coded(rep hl7.Rep) clinical.Coded {
	c := clinical.Coded{Code: value(rep.Comp(1)), Text: value(rep.Comp(2)), System: r.s.system(value(rep.Comp(3)))}
	if c.Code != "" && c.Text != "" {
		return c
	}
	if c.Code == "" && c.Text == "" {
		c = clinical.Coded{Code: value(rep.Comp(4)), Text: value(rep.Comp(5)), System: r.s.system(value(rep.Comp(6)))}
	}
	if c.Text == "" {
		c.Text = value(rep.Comp(5))
	}
	if c.Text == "" {
		c.Text = value(rep.Comp(9))
	}
	return c
}

func (r *reader) codedField(f hl7.Field) clinical.Coded {
	if f.Empty() {
		return clinical.Coded{}
	}
	return r.coded(f.Rep(0))
}

// staff reads a person of the hospital (XCN, CN): number, names, title.
func staff(rep hl7.Rep) clinical.Staff {
	s := clinical.Staff{ID: value(rep.Comp(1))}
	family := familyName(rep.Comp(2))
	name := clinical.Name{
		Family: family.Family, Prefix: family.Prefix, Given: value(rep.Comp(3)),
		Title: title(value(rep.Comp(6)), value(rep.Comp(7))),
	}
	s.Name = staffName(name)
	if rep.Comps() == 1 && strings.ContainsAny(s.ID, " ,") && strings.Trim(s.ID, "0123456789") != "" {
		return clinical.Staff{Name: s.ID} // a name in the place of the number
	}
	return s
}

// title joins a prefix ("Prof.") and a degree ("Dr. med."); where one holds the
// other ("Dr.", "Dr. med.") the longer one is the title.
func title(before, degree string) string {
	switch {
	case strings.HasPrefix(degree, before):
		return degree
	case strings.HasSuffix(before, degree):
		return before
	}
	return before + " " + degree
}

// staffName is "Dr. von Weber, Sabine".
func staffName(n clinical.Name) string {
	s := joinWords(n.Title, n.Prefix, n.Family)
	if n.Given == "" {
		return s
	}
	if n.Family == "" {
		return joinWords(s, n.Given)
	}
	return s + ", " + n.Given
}

func staffField(f hl7.Field) clinical.Staff {
	if f.Empty() {
		return clinical.Staff{}
	}
	return staff(f.Rep(0))
}

func saidStaff(f hl7.Field) clinical.Said[clinical.Staff] {
	if f.Null() {
		return clinical.Clear[clinical.Staff]()
	}
	if s := staffField(f); !s.Zero() {
		return clinical.Say(s)
	}
	return clinical.Said[clinical.Staff]{}
}

// joinWords joins what is not empty, each word once.
func joinWords(words ...string) string {
	var b strings.Builder
	for i, w := range words {
		if w == "" || i > 0 && w == words[i-1] {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// number reads a whole number; 0 where there is none.
func number(s string) int {
	n, err := strconv.Atoi(trim(s))
	if err != nil {
		return 0
	}
	return n
}

// entity reads an entity identifier (EI): the number, without its authority.
func entity(f hl7.Field) string { return value(f.Comp(1)) }

// number reads an order number (EI) with the system that gave it, in the
// canonical spelling.
func (r *reader) number(f hl7.Field) (no, of string) {
	if no = entity(f); no == "" {
		return "", ""
	}
	name, oid := value(f.Comp(2)), value(f.Comp(3))
	for _, as := range [...]string{name, oid} {
		if canon, ok := r.s.aliases[as]; ok && as != "" {
			return no, canon
		}
	}
	if name == "" {
		name = oid
	}
	return no, name
}

// numberOf reads an order number from the first field that has one. Where two
// fields have the same one, the system that gave it may stand in the second.
func (r *reader) numberOf(first, second hl7.Field) (no, of string) {
	no, of = r.number(first)
	if no != "" && of != "" {
		return no, of
	}
	other, whose := r.number(second)
	if no == "" || no == other {
		return other, whose
	}
	return no, of
}

// segment is the short name for what everything here is read from.
type segment = hl7.Segment

// first returns the message's first segment of that name.
func (r *reader) first(name string) (segment, bool) { return r.m.Segment(name) }

// segments returns all segments of the message.
func (r *reader) segments() []segment { return r.m.Segments() }
