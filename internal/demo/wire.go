package demo

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// charset is how a simulated system writes its characters.
type charset uint8

const (
	utf8Set  charset = iota // MSH-18 UNICODE UTF-8
	latin9                  // MSH-18 8859/15, most KIS
	latin1                  // MSH-18 8859/1, older RIS
	unnamed9                // ISO-8859-15 without a word in MSH-18
)

// label returns what stands in MSH-18.
func (c charset) label() string {
	switch c {
	case utf8Set:
		return "UNICODE UTF-8"
	case latin9:
		return "8859/15"
	case latin1:
		return "8859/1"
	case unnamed9:
	}
	return ""
}

// wire writes one message, segment by segment and field by field, forward only.
// The hot path appends bytes; tens of thousands of messages are written while
// somebody waits for the demo to start.
type wire struct {
	b  []byte
	at int // number of the field that was written last
}

// seg begins a segment.
func (m *wire) seg(name string) {
	if len(m.b) > 0 {
		m.b = append(m.b, '\r')
	}
	m.b = append(m.b, name...)
	m.at = 0
}

// to moves on to field n of the segment.
func (m *wire) to(n int) {
	for m.at < n {
		m.b = append(m.b, '|')
		m.at++
	}
}

// f writes field n with its components; empty ones at the end are left out.
func (m *wire) f(n int, comps ...string) {
	m.to(n)
	m.comps(comps)
}

// rep writes one more repetition of the field that was written last.
func (m *wire) rep(comps ...string) {
	m.b = append(m.b, '~')
	m.comps(comps)
}

func (m *wire) comps(comps []string) {
	for len(comps) > 0 && comps[len(comps)-1] == "" {
		comps = comps[:len(comps)-1]
	}
	for i, c := range comps {
		if i > 0 {
			m.b = append(m.b, '^')
		}
		m.text(c)
	}
}

// raw writes field n as it is: the delimiters in s are meant.
func (m *wire) raw(n int, s string) {
	m.to(n)
	m.b = append(m.b, s...)
}

// line writes a whole segment as it is.
func (m *wire) line(s string) {
	m.b = append(m.b, '\r')
	m.b = append(m.b, s...)
}

// num writes field n as a whole number.
func (m *wire) num(n, v int) {
	m.to(n)
	m.b = strconv.AppendInt(m.b, int64(v), 10)
}

// null writes field n as deleted.
func (m *wire) null(n int) { m.raw(n, `""`) }

// text appends s with delimiters escaped (HL7 v2.5 section 2.7).
func (m *wire) text(s string) {
	for i := range len(s) {
		switch c := s[i]; c {
		case '|':
			m.b = append(m.b, `\F\`...)
		case '^':
			m.b = append(m.b, `\S\`...)
		case '&':
			m.b = append(m.b, `\T\`...)
		case '~':
			m.b = append(m.b, `\R\`...)
		case '\\':
			m.b = append(m.b, `\E\`...)
		case '\n':
			m.b = append(m.b, `\.br\`...)
		default:
			m.b = append(m.b, c)
		}
	}
}

// bytes ends the message and returns it in the character set.
func (m *wire) bytes(c charset) []byte {
	m.b = append(m.b, '\r')
	switch c {
	case latin9, unnamed9:
		return encodeLatin(m.b, true)
	case latin1:
		return encodeLatin(m.b, false)
	case utf8Set:
	}
	return append([]byte(nil), m.b...)
}

// encodeLatin returns b (UTF-8) in ISO-8859-15 (nine) or ISO-8859-1. What the
// set does not hold is written the way hospital systems do: Đ as Dj, ł as l.
func encodeLatin(b []byte, nine bool) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			out = append(out, b[i])
			i++
			continue
		}
		j := i + 1
		for j < len(b) && b[j]&0xC0 == 0x80 {
			j++
		}
		out = appendLatin(out, []rune(string(b[i:j]))[0], nine)
		i = j
	}
	return out
}

func appendLatin(out []byte, r rune, nine bool) []byte {
	if nine {
		if i := strings.IndexRune(latin9Only, r); i >= 0 {
			n := len([]rune(latin9Only[:i]))
			return append(out, latin9Bytes[n])
		}
	}
	if r < 0x100 && (!nine || strings.IndexByte(latin9Bytes, byte(r)) < 0) {
		return append(out, byte(r))
	}
	for _, p := range plainLetter(r) { // ASCII or an umlaut: below 256
		out = append(out, byte(p))
	}
	return out
}

// The eight places where ISO-8859-15 differs from ISO-8859-1.
const (
	latin9Only  = "€ŠšŽžŒœŸ"
	latin9Bytes = "\xA4\xA6\xA8\xB4\xB8\xBC\xBD\xBE"
)

// plainLetters lists letters that no Latin set holds, each with what stands for
// it behind it, parted by blanks.
const plainLetters = "ĐDj đdj ŁL łl ĆC ćc ČC čc ŚS śs ŻZ żz ŹZ źz ĄA ąa ĘE ęe ŃN ńn ŞS şs ȘS șs " +
	"ŢT ţt ȚT țt İI ıi ĞG ğg ŐÖ őö ŰÜ űü ŘR řr ĚE ěe ŮU ůu ĂA ăa ŠS šs ŽZ žz ễe ếe ệe ứu ữu ựu ưu " +
	"ạa ảa ấa ầa ậa ịi ọo ốo ồo ộo ơo –- —- „\" “\" ”\" ’' …... µu ≥>= ≤<= →-> ↑(+) ↓(-) −- €EUR œoe Œoe ŸY"

// plainLetter returns how a system with a Latin character set writes r.
func plainLetter(r rune) string {
	for word := range strings.FieldsSeq(plainLetters) {
		if first, size := utf8.DecodeRuneInString(word); first == r {
			return word[size:]
		}
	}
	return "?"
}
