package hl7

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Builder writes one message. Its texts are UTF-8; Bytes are in the charset of
// the message.
type Builder struct {
	d     Delims
	table *charmap.Charmap // nil: UTF-8
	ascii bool
	wide  wideOrder
	buf   []byte // UTF-8
}

// NewBuilder returns a Builder for these delimiters and a charset named as in
// MSH-18: "8859/1", "8859/15", "UNICODE UTF-8", "UNICODE UTF-16", "ASCII". A
// name it does not know, and "", is UTF-8.
func NewBuilder(d Delims, charset string) *Builder {
	b := &Builder{d: d}
	var known string
	known, b.table = lookupCharset(charset)
	b.ascii = known == "US-ASCII"
	if strings.HasPrefix(charsetKey(strings.ReplaceAll(charset, "UNICODE", "")), "UTF16") {
		b.wide = big
	}
	return b
}

// Segment writes one segment. The fields begin with field 1, for MSH (FHS, BHS)
// with field 3, and are HL7 text: what they say is escaped before with Text,
// Comps, Subs, Reps or Escape. Empty fields at the end are left out.
func (b *Builder) Segment(name string, fields ...string) *Builder {
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	b.buf = append(b.buf, name...)
	if headed([]byte(name)) {
		b.buf = append(b.buf, b.d.Header()...)
	}
	for _, f := range fields {
		b.buf = append(b.buf, b.d.Field)
		b.buf = append(b.buf, oneLine(f, b.d)...)
	}
	b.buf = append(b.buf, '\r')
	return b
}

// oneLine keeps a line end inside a field from ending its segment.
func oneLine(s string, d Delims) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	cr, lf := " ", " "
	if d.Escape != 0 {
		e := string(d.Escape)
		cr, lf = e+"X0D"+e, e+".br"+e
	}
	return strings.NewReplacer("\r", cr, "\n", lf).Replace(s)
}

// Text escapes a value for these delimiters.
func (b *Builder) Text(s string) string { return Escape(s, b.d) }

// Comps joins values to components, each of them escaped. Empty ones at the end
// are left out.
func (b *Builder) Comps(values ...string) string { return b.join(b.d.Component, values) }

// Subs joins values to subcomponents, each of them escaped.
func (b *Builder) Subs(values ...string) string { return b.join(b.d.Subcomponent, values) }

// Join joins HL7 text to components as it is: for components that Subs made.
func (b *Builder) Join(parts ...string) string { return joinWith(b.d.Component, parts) }

// Reps joins HL7 text to repetitions as it is.
func (b *Builder) Reps(parts ...string) string { return joinWith(b.d.Repetition, parts) }

func (b *Builder) join(sep byte, values []string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = Escape(v, b.d)
	}
	return joinWith(sep, parts)
}

func joinWith(sep byte, parts []string) string {
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	if sep == 0 {
		sep = ' '
	}
	return strings.Join(parts, string(sep))
}

// Bytes returns the message in its charset.
func (b *Builder) Bytes() []byte {
	out, _ := b.Encode()
	return out
}

// Encode returns the message in its charset, and how many characters the
// charset does not have; each of those stands as "?".
func (b *Builder) Encode() (raw []byte, lost int) {
	switch {
	case b.wide == big:
		return append([]byte("\xFE\xFF"), toUTF16(b.buf, binary.BigEndian)...), 0
	case b.wide == little:
		return append([]byte("\xFF\xFE"), toUTF16(b.buf, binary.LittleEndian)...), 0
	case b.table == nil && !b.ascii:
		return append([]byte(nil), b.buf...), 0
	}
	out := make([]byte, 0, len(b.buf))
	for _, r := range string(b.buf) {
		c, ok := byte(r), r < utf8.RuneSelf
		if !ok && b.table != nil {
			c, ok = b.table.EncodeRune(r)
		}
		if !ok {
			lost++
			c = '?'
		}
		out = append(out, c)
	}
	return out, lost
}
