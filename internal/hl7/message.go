// Package hl7 reads and writes the syntax of HL7 version 2 (2.1 to 2.8) and
// carries it over MLLP: segments, fields, escapes, character sets, headers,
// answers, batches and frames.
//
// It knows no patients and no meaning, refuses no version and no segment it
// has not heard of, and keeps the received bytes: everything else is a view
// into them, cut and decoded when it is asked for.
package hl7

import (
	"bytes"
	"errors"
)

const (
	// MaxSize is the longest message in bytes that Parse takes.
	MaxSize = 256 << 20
	// MaxSegments is the highest number of segments that Parse takes.
	MaxSegments = 200_000
)

var (
	// ErrNoHeader means that the bytes do not begin with an MSH segment.
	ErrNoHeader = errors.New("hl7: no MSH segment")
	// ErrTooLarge means that a message, file or frame is over its limit.
	ErrTooLarge = errors.New("hl7: over the size limit")
	// ErrTooManySegments means that a message has over MaxSegments segments.
	ErrTooManySegments = errors.New("hl7: too many segments")
)

// line is where a segment stands in Message.text, and in Message.ends where the
// ends of its fields begin.
type line struct{ lo, hi, ends int32 }

// maxEnds is of how many fields of a segment the ends are kept, so that small
// messages cannot take much memory; the standard's longest segment has 52.
const maxEnds = 64

// Message is one parsed message. It only points into the received bytes, which
// must not be changed afterwards; it may be read by many goroutines.
type Message struct {
	raw   []byte // as received
	text  []byte // raw without BOM and leading noise; UTF-8 if raw was UTF-16
	d     Delims
	cs    reader
	label Charset
	segs  []line
	few   [24]line // room for the segments of most messages
	ends  []int32  // of the first fields of all segments, in text
}

// Parse cuts raw into segments. It takes CR, LF, CRLF and any mix of them, a
// byte order mark (UTF-16 is converted), blanks and MLLP framing bytes around
// the message, and any delimiters. A line that does not look like a segment
// belongs to the segment before it, so a line break that a sender forgot to
// escape inside a text loses nothing. Lines before MSH are passed over.
//
// The errors are ErrNoHeader, ErrTooLarge and ErrTooManySegments. Parse keeps
// raw and does not copy it.
func Parse(raw []byte) (*Message, error) {
	if len(raw) > MaxSize {
		return nil, ErrTooLarge
	}
	text, mark := plainText(raw)
	text, d, ok := findHeader(trimFrame(text))
	if !ok {
		return nil, ErrNoHeader
	}
	m := &Message{raw: raw, text: text, d: d}
	m.segs = m.few[:0]
	if !m.cut() {
		return nil, ErrTooManySegments
	}
	m.cutFields()
	first, _ := m.Segment("MSH")
	m.label, m.cs = chooseCharset(first.Field(18), text, mark)
	return m, nil
}

// maxPreamble is how far into a message MSH is looked for.
const maxPreamble = 4 << 10

// findHeader returns the text from its MSH on, and the delimiters. Lines before
// MSH that are no HL7 are passed over; a batch is no message.
func findHeader(text []byte) ([]byte, Delims, bool) {
	look := text[:min(len(text), maxPreamble)]
	for at := 0; at >= 0 && at < len(look); {
		line := text[at:]
		for len(line) > 0 && isNoise(line[0]) {
			line = line[1:]
		}
		if len(line) < 4 {
			break
		}
		d, ok := readDelims(line)
		switch string(line[:3]) {
		case "MSH":
			if ok {
				return line, d, true
			}
		case "FHS", "BHS":
			if ok {
				return nil, Delims{}, false
			}
		}
		at = len(text) - len(line)
		if at >= len(look) {
			break
		}
		end := bytes.IndexAny(look[at:], "\r\n")
		if end < 0 {
			break
		}
		at += end + 1
	}
	return nil, Delims{}, false
}

// trimFrame takes off what may stand around a message: blanks, line ends and
// the MLLP bytes, which are often saved with it.
func trimFrame(b []byte) []byte {
	for len(b) > 0 && isNoise(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isNoise(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isNoise(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', startBlock, endBlock, 0:
		return true
	}
	return false
}

// cut finds the segments; it reports false if there are too many.
func (m *Message) cut() bool {
	lines := lineCutter{b: m.text, noLF: bytes.IndexByte(m.text, '\n') < 0}
	for {
		lo, hi, more := lines.next()
		if !more {
			return true
		}
		at := lo
		for at < hi && (m.text[at] == ' ' || m.text[at] == '\t') {
			at++
		}
		switch {
		case looksLikeSegment(m.text[at:hi], m.d.Field) && (hi-at > 3 || m.sameEnd(lo)):
			if len(m.segs) == MaxSegments {
				return false
			}
			m.segs = append(m.segs, line{lo: int32(at), hi: int32(hi)})
		case at < hi:
			m.proceed(hi)
		}
	}
}

// cutFields finds the ends of the fields, once for all readings.
func (m *Message) cutFields() {
	sep := []byte{m.d.Field}
	m.ends = make([]int32, 0, min(bytes.Count(m.text, sep), maxEnds*len(m.segs)))
	for i := range m.segs {
		s := &m.segs[i]
		s.ends = int32(len(m.ends))
		at := s.lo + 4 // behind the name and the first separator
		for n := 0; n < maxEnds && at <= s.hi; n++ {
			end := at
			if at < s.hi && m.text[at] != m.d.Field { // most fields are empty
				if next := bytes.IndexByte(m.text[at:s.hi], m.d.Field); next >= 0 {
					end += int32(next)
				} else {
					end = s.hi
				}
			}
			m.ends = append(m.ends, end)
			at = end + 1
		}
	}
}

// proceed makes a line part of the segment before it. A bare name between two
// lines of text, such as EKG, was text as well.
func (m *Message) proceed(hi int) {
	last := len(m.segs) - 1
	for last > 0 && m.segs[last].hi-m.segs[last].lo == 3 {
		last--
	}
	m.segs = m.segs[:last+1]
	m.segs[last].hi = int32(hi)
}

// sameEnd reports whether the line end before lo is the one behind MSH. A bare
// name behind another kind of line end is text, not a segment without fields.
func (m *Message) sameEnd(lo int) bool {
	if len(m.segs) == 0 {
		return true
	}
	return endKind(m.text[m.segs[0].hi:lo], true) == endKind(m.text[:lo], false)
}

// endKind tells CR, LF and CRLF apart at the beginning or the end of b.
func endKind(b []byte, front bool) string {
	for _, kind := range [...]string{"\r\n", "\r", "\n"} {
		if front && bytes.HasPrefix(b, []byte(kind)) || !front && bytes.HasSuffix(b, []byte(kind)) {
			return kind
		}
	}
	return ""
}

// looksLikeSegment reports whether a line begins with a segment name (a letter
// and two letters or digits, upper case) and a field separator, or is only that
// name.
func looksLikeSegment(line []byte, sep byte) bool {
	if len(line) < 3 || len(line) > 3 && line[3] != sep {
		return false
	}
	for i, c := range line[:3] {
		upper := c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9' && i > 0
		if !upper && !digit {
			return false
		}
	}
	return true
}

// lineCutter yields the lines of b without their ends.
type lineCutter struct {
	b      []byte
	at     int
	noLF   bool // b has no LF from at on
	lf     int  // position of the next LF, if known to be > at
	lfSeen bool
}

func (l *lineCutter) next() (lo, hi int, more bool) {
	if l.at >= len(l.b) {
		return 0, 0, false
	}
	lo = l.at
	hi = len(l.b)
	if i := bytes.IndexByte(l.b[lo:l.lfAt(lo)], '\r'); i >= 0 {
		hi = lo + i
	} else {
		hi = l.lfAt(lo)
	}
	l.at = hi + 1
	return lo, hi, true
}

// lfAt returns the position of the first LF at or behind from, or the end.
func (l *lineCutter) lfAt(from int) int {
	switch {
	case l.noLF:
		return len(l.b)
	case l.lfSeen && l.lf >= from:
		return l.lf
	}
	i := bytes.IndexByte(l.b[from:], '\n')
	if i < 0 {
		l.noLF = true
		return len(l.b)
	}
	l.lf, l.lfSeen = from+i, true
	return l.lf
}

// Raw returns the bytes as they were received.
func (m *Message) Raw() []byte { return m.raw }

// Delims returns the delimiters that the message names.
func (m *Message) Delims() Delims { return m.d }

// Len returns the number of segments.
func (m *Message) Len() int { return len(m.segs) }

// At returns the i-th segment, counted from 0, or the zero Segment.
func (m *Message) At(i int) Segment {
	if i < 0 || i >= len(m.segs) {
		return Segment{}
	}
	return Segment{m: m, i: i}
}

// Segments returns all segments in their order.
func (m *Message) Segments() []Segment {
	all := make([]Segment, len(m.segs))
	for i := range m.segs {
		all[i] = Segment{m: m, i: i}
	}
	return all
}

// Segment returns the first segment of that name.
func (m *Message) Segment(name string) (Segment, bool) {
	for i := range m.segs {
		if m.named(i, name) {
			return Segment{m: m, i: i}, true
		}
	}
	return Segment{}, false
}

// All returns the segments of that name in their order; nil if there is none.
func (m *Message) All(name string) []Segment {
	var all []Segment
	for i := range m.segs {
		if m.named(i, name) {
			all = append(all, Segment{m: m, i: i})
		}
	}
	return all
}

func (m *Message) named(i int, name string) bool {
	lo := m.segs[i].lo
	return len(name) == 3 && string(m.text[lo:lo+3]) == name
}

// Charset says how the message's characters are read and why.
func (m *Message) Charset() Charset { return m.label }
