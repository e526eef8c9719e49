package hl7

import (
	"bytes"
	"strconv"
)

// maxSkip bounds the lines and blanks that one formatting command may insert.
const maxSkip = 20

// unescape appends b to dst with the escape sequences of HL7 v2.5 section 2.7
// replaced by what they stand for. Highlighting is dropped, formatting commands
// become line breaks and blanks, character set switches (\C..\, \M..\), local
// sequences (\Z..\) and everything that is no escape sequence stay as they are.
func unescape(dst, b []byte, d Delims) []byte {
	for {
		i := cutAt(b, d.Escape)
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:i]...)
		b = b[i:]
		end := cutAt(b[1:], d.Escape)
		if end < 0 {
			return append(dst, b...)
		}
		body, whole := b[1:1+end], b[:end+2]
		out, ok := sequence(dst, body, d)
		switch {
		case ok:
			dst, b = out, b[len(whole):]
		case keepsTogether(body):
			dst, b = append(dst, whole...), b[len(whole):]
		default: // a lone escape character, as in C:\Befunde\
			dst, b = append(dst, b[0]), b[1:]
		}
	}
}

// keepsTogether reports whether an unknown sequence is at least shaped like
// one, so that its closing character does not open another.
func keepsTogether(body []byte) bool {
	return len(body) > 0 && len(body) <= 64 && !bytes.ContainsAny(body, " \r\n") &&
		(body[0] == 'Z' || body[0] == 'C' || body[0] == 'M' || body[0] == 'X' || body[0] == '.')
}

// sequence appends what the sequence body stands for; false if it is not known.
func sequence(dst, body []byte, d Delims) ([]byte, bool) {
	if len(body) == 0 {
		return dst, false
	}
	if body[0] == '.' {
		return formatting(dst, body[1:])
	}
	if body[0] == 'X' {
		return hexBytes(dst, body[1:])
	}
	if len(body) != 1 {
		return dst, false
	}
	def := DefaultDelims()
	switch body[0] {
	case 'F':
		return append(dst, d.Field), true
	case 'S':
		return append(dst, either(d.Component, def.Component)), true
	case 'T':
		return append(dst, either(d.Subcomponent, def.Subcomponent)), true
	case 'R':
		return append(dst, either(d.Repetition, def.Repetition)), true
	case 'E':
		return append(dst, d.Escape), true
	case 'P':
		return append(dst, either(d.Truncation, '#')), true
	case 'H', 'N':
		return dst, true
	}
	return dst, false
}

func either(a, b byte) byte {
	if a != 0 {
		return a
	}
	return b
}

// hexBytes appends the bytes of \Xhh..\: they are in the message's charset.
func hexBytes(dst, hex []byte) ([]byte, bool) {
	if len(hex) == 0 || len(hex)%2 != 0 {
		return dst, false
	}
	start := len(dst)
	for i := 0; i < len(hex); i += 2 {
		hi, lo := nibble(hex[i]), nibble(hex[i+1])
		if hi < 0 || lo < 0 {
			return dst[:start], false
		}
		dst = append(dst, byte(hi<<4|lo))
	}
	return dst, true
}

func nibble(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// formatting handles the commands of the FT type (HL7 v2.5 section 2.7.6):
// those that end a line or skip lines become line breaks, those that skip
// blanks become blanks, margins and fill modes vanish.
func formatting(dst, cmd []byte) ([]byte, bool) {
	if len(cmd) < 2 {
		return dst, false
	}
	n := 1
	if arg := bytes.TrimSpace(cmd[2:]); len(arg) > 0 {
		v, err := strconv.Atoi(string(arg))
		if err != nil {
			return dst, false
		}
		n = max(0, min(v, maxSkip))
	}
	fill, times := byte('\n'), 1
	switch string(bytes.ToLower(cmd[:2])) {
	case "br", "ce":
	case "sp":
		times = n
	case "sk", "ti":
		fill, times = ' ', n
	case "in", "fi", "nf":
		times = 0
	default:
		return dst, false
	}
	for range times {
		dst = append(dst, fill)
	}
	return dst, true
}

// Escape returns s so that it can stand in a message with these delimiters:
// delimiters as \F\ \S\ \T\ \R\ \E\ \P\, a line feed as \.br\, other control
// characters as \Xhh\. Where the message has no escape character, delimiters
// and control characters become blanks.
func Escape(s string, d Delims) string {
	if !needsEscape(s, d) {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	for i := range len(s) {
		c := s[i]
		word := escapeWord(c, d)
		switch {
		case word == "":
			b = append(b, c)
		case d.Escape == 0:
			b = append(b, ' ')
		default:
			b = append(b, d.Escape)
			b = append(b, word...)
			b = append(b, d.Escape)
		}
	}
	return string(b)
}

func needsEscape(s string, d Delims) bool {
	for i := range len(s) {
		if escapeWord(s[i], d) != "" {
			return true
		}
	}
	return false
}

// escapeWord returns what stands between the escape characters for c; "" if c
// can stand as it is.
func escapeWord(c byte, d Delims) string {
	const hex = "0123456789ABCDEF"
	switch {
	case c == 0: // a delimiter out of use is 0 too
		return "X00"
	case c == '\n':
		return ".br"
	case c == d.Field:
		return "F"
	case c == d.Component:
		return "S"
	case c == d.Repetition:
		return "R"
	case c == d.Escape:
		return "E"
	case c == d.Subcomponent:
		return "T"
	case c == d.Truncation:
		return "P"
	}
	if c < 0x20 {
		return "X" + string([]byte{hex[c>>4], hex[c&15]})
	}
	return ""
}
