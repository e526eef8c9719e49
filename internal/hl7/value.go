package hl7

import "bytes"

// null is how a sender says "delete this value" (HL7 v2.5 section 2.5.3). An
// empty field says nothing.
const null = `""`

// Segment is one line of a message. The zero Segment is an absent one: all its
// fields are empty.
type Segment struct {
	m *Message
	i int
}

// Field, Rep and Comp are one level each of a segment's contents. Their zero
// values are absent. They point into the message and cost nothing to copy.
//
// Text decodes character set and escapes; a null value ("") reads as empty
// text, so ask Null where deleting differs from saying nothing.
type Field struct{ part }

// Rep is one repetition of a field.
type Rep struct{ part }

// Comp is one component of a repetition.
type Comp struct{ part }

// part is a stretch of a message with the rules to read it.
type part struct {
	m       *Message
	lo, hi  int32
	literal bool // MSH-1 and MSH-2: delimiters there are the value
}

// Exists reports whether the segment is there.
func (s Segment) Exists() bool { return s.m != nil }

// Raw returns the segment's bytes without its line end.
func (s Segment) Raw() []byte {
	if s.m == nil {
		return nil
	}
	at := s.m.segs[s.i]
	return s.m.text[at.lo:at.hi:at.hi]
}

// Index returns the segment's position in the message, counted from 0; -1 if
// it is absent.
func (s Segment) Index() int {
	if s.m == nil {
		return -1
	}
	return s.i
}

// Name returns the three letters the segment begins with.
func (s Segment) Name() string {
	raw := s.Raw()
	if len(raw) < 3 {
		return ""
	}
	return segmentName(raw[:3])
}

// segmentName is string(b) without an allocation for the usual names.
func segmentName(b []byte) string {
	switch string(b) {
	case "MSH":
		return "MSH"
	case "EVN":
		return "EVN"
	case "PID":
		return "PID"
	case "PV1":
		return "PV1"
	case "PV2":
		return "PV2"
	case "OBR":
		return "OBR"
	case "OBX":
		return "OBX"
	case "ORC":
		return "ORC"
	case "NTE":
		return "NTE"
	case "ZBE":
		return "ZBE"
	case "AL1":
		return "AL1"
	case "DG1":
		return "DG1"
	case "IN1":
		return "IN1"
	case "NK1":
		return "NK1"
	}
	return string(b)
}

// headed reports whether the segment names the delimiters itself, which moves
// its field numbers by one.
func headed(raw []byte) bool {
	if len(raw) < 3 {
		return false
	}
	switch string(raw[:3]) {
	case "MSH", "FHS", "BHS":
		return true
	}
	return false
}

// ends returns where the segment's first fields end in the message; none for a
// segment that is only a name.
func (s Segment) ends() []int32 {
	if s.m == nil {
		return nil
	}
	from, to := s.m.segs[s.i].ends, len(s.m.ends)
	if s.i+1 < len(s.m.segs) {
		to = int(s.m.segs[s.i+1].ends)
	}
	return s.m.ends[from:to]
}

// Field returns the n-th field, counted from 1 as in the standard. MSH-1 is the
// field separator itself, MSH-2 the other delimiters. An n that the segment
// does not have, and field 0, are absent.
func (s Segment) Field(n int) Field {
	ends := s.ends()
	if len(ends) == 0 || n < 1 {
		return Field{}
	}
	at := s.m.segs[s.i]
	head := headed(s.m.text[at.lo:])
	if head {
		if n == 1 {
			return Field{part{s.m, at.lo + 3, at.lo + 4, true}}
		}
		n--
	}
	lo := at.lo + 4
	if n > 1 {
		lo = ends[min(n-1, len(ends))-1] + 1
	}
	if n <= len(ends) {
		return Field{part{s.m, lo, ends[n-1], head && n == 1}}
	}
	if len(ends) < maxEnds || lo > at.hi {
		return Field{}
	}
	from, to, ok := cutNth(s.m.text[lo:at.hi], s.m.d.Field, n-len(ends)-1)
	if !ok {
		return Field{}
	}
	return Field{part{s.m, lo + int32(from), lo + int32(to), false}}
}

// Fields returns the number of the segment's last field, empty ones included.
func (s Segment) Fields() int {
	ends := s.ends()
	n := len(ends)
	if n == 0 {
		return 0
	}
	at := s.m.segs[s.i]
	if n == maxEnds {
		n += bytes.Count(s.m.text[ends[n-1]:at.hi], []byte{s.m.d.Field})
	}
	if headed(s.m.text[at.lo:]) {
		n++
	}
	return n
}

// cutNth finds the n-th piece of b, counted from 0.
func cutNth(b []byte, sep byte, n int) (lo, hi int, ok bool) {
	for ; n > 0; n-- {
		i := cutAt(b[lo:], sep)
		if i < 0 {
			return 0, 0, false
		}
		lo += i + 1
	}
	if i := cutAt(b[lo:], sep); i >= 0 {
		return lo, lo + i, true
	}
	return lo, len(b), true
}

// cutAt is IndexByte for a separator that may be out of use.
func cutAt(b []byte, sep byte) int {
	if sep == 0 {
		return -1
	}
	return bytes.IndexByte(b, sep)
}

// nth returns the n-th piece of p, counted from 0.
func (p part) nth(sep byte, n int) part {
	if p.m == nil || n < 0 {
		return part{}
	}
	if p.literal {
		if n == 0 {
			return p
		}
		return part{}
	}
	lo, hi, ok := cutNth(p.m.text[p.lo:p.hi], sep, n)
	if !ok {
		return part{}
	}
	return part{p.m, p.lo + int32(lo), p.lo + int32(hi), false}
}

func (p part) count(sep byte) int {
	switch {
	case p.m == nil || p.lo == p.hi:
		return 0
	case p.literal || sep == 0:
		return 1
	}
	return bytes.Count(p.Raw(), []byte{sep}) + 1
}

// delims returns the delimiters; all zero for an absent part.
func (p part) delims() Delims {
	if p.m == nil {
		return Delims{}
	}
	return p.m.d
}

// Raw returns the bytes as they stand in the message, nothing decoded.
func (p part) Raw() []byte {
	if p.m == nil {
		return nil
	}
	return p.m.text[p.lo:p.hi:p.hi]
}

// Null reports whether the value is exactly "", which means: delete.
func (p part) Null() bool { return string(p.Raw()) == null }

// Empty reports whether nothing is said: no bytes, or only delimiters. A null
// is not empty.
func (p part) Empty() bool {
	d := p.delims()
	for _, c := range p.Raw() {
		if p.literal || c != d.Component && c != d.Repetition && c != d.Subcomponent {
			return false
		}
	}
	return true
}

// decode returns the whole part as text; null reads as "".
func (p part) decode() string {
	raw := p.Raw()
	switch {
	case len(raw) == 0 || string(raw) == null:
		return ""
	case p.literal:
		return string(raw)
	}
	return p.m.decode(raw)
}

// Rep returns the i-th repetition, counted from 0.
func (f Field) Rep(i int) Rep { return Rep{f.nth(f.delims().Repetition, i)} }

// Reps returns all repetitions; none for an empty field.
func (f Field) Reps() []Rep {
	n := f.count(f.delims().Repetition)
	if n == 0 {
		return nil
	}
	all := make([]Rep, 0, n)
	rest := f.part
	for range n {
		one := rest.nth(f.delims().Repetition, 0)
		all = append(all, Rep{one})
		rest.lo = min(one.hi+1, rest.hi)
	}
	return all
}

// Comp returns the n-th component of the first repetition, counted from 1.
func (f Field) Comp(n int) Comp { return f.Rep(0).Comp(n) }

// Text returns the first subcomponent of the first component of the first
// repetition.
func (f Field) Text() string { return f.Rep(0).Comp(1).Text() }

// All returns the whole field as one text, delimiters left in: for a text field
// (FT, TX, ST) whose sender forgot to escape them.
func (f Field) All() string { return f.decode() }

// Comp returns the n-th component, counted from 1.
func (r Rep) Comp(n int) Comp { return Comp{r.nth(r.delims().Component, n-1)} }

// Comps returns the number of components.
func (r Rep) Comps() int { return r.count(r.delims().Component) }

// Text returns the first subcomponent of the first component.
func (r Rep) Text() string { return r.Comp(1).Text() }

// All returns the whole repetition as one text, delimiters left in.
func (r Rep) All() string { return r.decode() }

// Sub returns the n-th subcomponent, counted from 1.
func (c Comp) Sub(n int) string { return c.nth(c.delims().Subcomponent, n-1).decode() }

// Subs returns the number of subcomponents.
func (c Comp) Subs() int { return c.count(c.delims().Subcomponent) }

// Text returns the first subcomponent.
func (c Comp) Text() string { return c.Sub(1) }

// All returns the whole component as one text, delimiters left in.
func (c Comp) All() string { return c.decode() }
