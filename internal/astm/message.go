package astm

import (
	"bytes"
	"errors"
)

const (
	// MaxSize is the longest message in bytes that Parse takes.
	MaxSize = 64 << 20
	// MaxRecords is the highest number of records that Parse takes.
	MaxRecords = 100_000
)

var (
	// ErrNoHeader means that the bytes do not begin with a header record.
	ErrNoHeader = errors.New("astm: no header record")
	// ErrTooManyRecords means that a message has over MaxRecords records.
	ErrTooManyRecords = errors.New("astm: too many records")
)

// Delims are the characters that part a message, as its header names them
// (LIS2-A2 section 5.4). A zero byte means: not in use.
type Delims struct {
	Field     byte // usually |
	Repeat    byte // usually \
	Component byte // usually ^
	Escape    byte // usually &
}

// usable reports whether c can part fields.
func usable(c byte) bool {
	switch {
	case c <= ' ', c >= 0x7F:
		return false
	case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		return false
	}
	return true
}

// readDelims reads the delimiters of a header record.
func readDelims(line []byte) (Delims, bool) {
	if len(line) < 2 || line[0] != 'H' || !usable(line[1]) {
		return Delims{}, false
	}
	d := Delims{Field: line[1]}
	for i, slot := range [...]*byte{&d.Repeat, &d.Component, &d.Escape} {
		if i+2 >= len(line) || line[i+2] == d.Field || !usable(line[i+2]) {
			break
		}
		*slot = line[i+2]
	}
	return d, true
}

// isRecord reports whether a line begins with a record type (one capital
// letter) and a field delimiter, or is only that letter.
func isRecord(line []byte, field byte) bool {
	return len(line) > 0 && line[0] >= 'A' && line[0] <= 'Z' && (len(line) == 1 || line[1] == field)
}

// span is a stretch of Message.raw.
type span struct{ lo, hi int }

// Message is one parsed message. It only points into the received bytes, which
// must not be changed afterwards; it may be read by many goroutines.
type Message struct {
	raw  []byte
	d    Delims
	utf8 bool
	recs []span
}

// Parse cuts raw into records. It takes CR, LF and CRLF, a byte order mark and
// blanks before the header, and any delimiters. A line that does not look like
// a record belongs to the record before it, so a line break inside a text loses
// nothing.
//
// The errors are ErrNoHeader, ErrTooLarge and ErrTooManyRecords. Parse keeps raw
// and does not copy it.
func Parse(raw []byte) (*Message, error) {
	if len(raw) > MaxSize {
		return nil, ErrTooLarge
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")), " \t\r\n")
	d, ok := readDelims(text)
	if !ok {
		return nil, ErrNoHeader
	}
	m := &Message{raw: raw, d: d, utf8: validUTF8(text)}
	for at := len(raw) - len(text); at < len(raw); {
		end := len(raw)
		if i := bytes.IndexAny(raw[at:], "\r\n"); i >= 0 {
			end = at + i
		}
		switch line := raw[at:end]; {
		case isRecord(line, d.Field):
			if len(m.recs) == MaxRecords {
				return nil, ErrTooManyRecords
			}
			m.recs = append(m.recs, span{at, end})
		case len(line) > 0:
			m.recs[len(m.recs)-1].hi = end
		}
		at = end + 1
	}
	return m, nil
}

// Raw returns the bytes as they were received.
func (m *Message) Raw() []byte { return m.raw }

// Delims returns the delimiters that the message names.
func (m *Message) Delims() Delims { return m.d }

// Len returns the number of records.
func (m *Message) Len() int { return len(m.recs) }

// At returns the i-th record, counted from 0, or the zero Record.
func (m *Message) At(i int) Record {
	if i < 0 || i >= len(m.recs) {
		return Record{}
	}
	return Record{m: m, i: i}
}

// Charset names how the message's characters are read: US-ASCII is UTF-8, and
// what is not UTF-8 is windows-1252, which has the letters of Latin-1.
func (m *Message) Charset() string {
	if m.utf8 {
		return "UTF-8"
	}
	return "windows-1252"
}

// Record is one record of a message: H header, P patient, O order, R result,
// C comment, Q query, L terminator, M and S manufacturer's and scientific. The
// zero Record is an absent one: all its fields are empty.
type Record struct {
	m *Message
	i int
}

// Exists reports whether the record is there.
func (r Record) Exists() bool { return r.m != nil }

// Raw returns the record's bytes without its line end.
func (r Record) Raw() []byte {
	if r.m == nil {
		return nil
	}
	s := r.m.recs[r.i]
	return r.m.raw[s.lo:s.hi:s.hi]
}

// Index returns the record's position in the message, counted from 0.
func (r Record) Index() int { return r.i }

// Type returns the record's letter, 0 for an absent one.
func (r Record) Type() byte {
	if r.m == nil {
		return 0
	}
	return r.Raw()[0]
}

// Field returns the n-th field, counted from 1 as in the standard: field 1 is
// the letter, H-2 names the delimiters.
func (r Record) Field(n int) Field {
	if r.m == nil || n < 1 {
		return Field{}
	}
	return Field{part{m: r.m, raw: nth(r.Raw(), r.m.d.Field, n-1), literal: n == 2 && r.Type() == 'H'}}
}

// Fields returns the number of the record's last field, empty ones included.
func (r Record) Fields() int {
	if r.m == nil {
		return 0
	}
	return bytes.Count(r.Raw(), []byte{r.m.d.Field}) + 1
}

// Field, Rep and Comp are one level each of a record's contents. Their zero
// values are absent. They point into the message and cost nothing to copy.
type Field struct{ part }

// Rep is one repetition of a field.
type Rep struct{ part }

// Comp is one component of a repetition.
type Comp struct{ part }

// part is a stretch of a message with the rules to read it.
type part struct {
	m       *Message
	raw     []byte
	literal bool // H-2: delimiters there are the value
}

// nth returns the n-th piece of b, counted from 0; nil if there is none.
func nth(b []byte, sep byte, n int) []byte {
	for ; n > 0; n-- {
		i := cutAt(b, sep)
		if i < 0 {
			return nil
		}
		b = b[i+1:]
	}
	if i := cutAt(b, sep); i >= 0 {
		return b[:i:i]
	}
	return b
}

// cutAt is IndexByte for a separator that may be out of use.
func cutAt(b []byte, sep byte) int {
	if sep == 0 {
		return -1
	}
	return bytes.IndexByte(b, sep)
}

func (p part) piece(sep byte, n int) part {
	switch {
	case p.m == nil || n < 0:
		return part{}
	case p.literal && n == 0:
		return p
	case p.literal:
		return part{}
	}
	return part{m: p.m, raw: nth(p.raw, sep, n)}
}

func (p part) count(sep byte) int {
	if len(p.raw) == 0 {
		return 0
	}
	if p.literal || sep == 0 {
		return 1
	}
	return bytes.Count(p.raw, []byte{sep}) + 1
}

func (p part) delims() Delims {
	if p.m == nil {
		return Delims{}
	}
	return p.m.d
}

// Raw returns the bytes as they stand in the message, nothing decoded.
func (p part) Raw() []byte { return p.raw }

// All returns the whole part as one text, delimiters left in.
func (p part) All() string {
	switch {
	case len(p.raw) == 0:
		return ""
	case p.literal:
		return p.m.text(p.raw)
	}
	return p.m.decode(p.raw)
}

// Empty reports whether nothing is said: no bytes, or only delimiters and
// blanks.
func (p part) Empty() bool {
	d := p.delims()
	for _, c := range p.raw {
		if p.literal || c != d.Component && c != d.Repeat && c != ' ' {
			return false
		}
	}
	return true
}

// Rep returns the i-th repetition, counted from 0.
func (f Field) Rep(i int) Rep { return Rep{f.piece(f.delims().Repeat, i)} }

// Reps returns the number of repetitions, 0 for an empty field.
func (f Field) Reps() int { return f.count(f.delims().Repeat) }

// Comp returns the n-th component of the first repetition, counted from 1.
func (f Field) Comp(n int) Comp { return f.Rep(0).Comp(n) }

// Comp returns the n-th component, counted from 1.
func (r Rep) Comp(n int) Comp { return Comp{r.piece(r.delims().Component, n-1)} }

// Comps returns the number of components.
func (r Rep) Comps() int { return r.count(r.delims().Component) }
