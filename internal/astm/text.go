package astm

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

func validUTF8(b []byte) bool { return utf8.Valid(b) }

// decode returns a value as text, escapes resolved.
func (m *Message) decode(b []byte) string {
	if cutAt(b, m.d.Escape) >= 0 {
		b = m.unescape(make([]byte, 0, len(b)), b)
	}
	return m.text(b)
}

// text returns b as valid UTF-8. The standard allows ASCII only; what is sent
// is UTF-8, Latin-1 or windows-1252.
func (m *Message) text(b []byte) string {
	if m.utf8 && utf8.Valid(b) { // a hexadecimal escape may have brought what is not
		return string(b)
	}
	out := make([]byte, 0, len(b)+len(b)/8+4)
	for _, c := range b {
		if c < utf8.RuneSelf {
			out = append(out, c)
			continue
		}
		out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(c))
	}
	return string(out)
}

// maxEscape is the longest escape sequence between its two escape characters.
const maxEscape = 64

// unescape appends b to dst with the escape sequences of LIS2-A2 section 5.4.4
// replaced by what they stand for: &F& &S& &R& &E& are delimiters, &X0D& is
// bytes, &H& and &N& (highlighting) vanish. Everything else stays as it is: an
// escape character alone is just that, as in "H&E".
func (m *Message) unescape(dst, b []byte) []byte {
	for {
		i := cutAt(b, m.d.Escape)
		if i < 0 {
			return append(dst, b...)
		}
		dst, b = append(dst, b[:i]...), b[i:]
		end := cutAt(b[1:], m.d.Escape)
		if end < 0 {
			return append(dst, b...)
		}
		if out, ok := m.sequence(dst, b[1:1+end]); ok {
			dst, b = out, b[end+2:]
			continue
		}
		dst, b = append(dst, b[0]), b[1:]
	}
}

func (m *Message) sequence(dst, body []byte) ([]byte, bool) {
	switch {
	case len(body) == 0 || len(body) > maxEscape:
		return dst, false
	case body[0] == 'X' && len(body) > 1 && len(body)%2 == 1:
		start := len(dst)
		for i := 1; i < len(body); i += 2 {
			hi, lo := nibble(body[i]), nibble(body[i+1])
			if hi < 0 || lo < 0 {
				return dst[:start], false
			}
			dst = append(dst, byte(hi<<4|lo))
		}
		return dst, true
	case len(body) > 1:
		return dst, false
	}
	for _, s := range [...][2]byte{{'F', m.d.Field}, {'S', m.d.Component}, {'R', m.d.Repeat}, {'E', m.d.Escape}} {
		if body[0] == s[0] && s[1] != 0 {
			return append(dst, s[1]), true
		}
	}
	return dst, body[0] == 'H' || body[0] == 'N'
}
