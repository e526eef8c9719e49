package hl7

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset says how a message's characters are read and why.
type Charset struct {
	Label string // MSH-18 as sent
	Used  string // "US-ASCII", "UTF-8", "UTF-16", "ISO-8859-15", "windows-1252", …
	Rule  string // one of the Rule constants
}

// The rules that choose a character set, in the order in which they are tried.
const (
	RuleMark     = "byte order mark"             // the bytes themselves say UTF-8 or UTF-16
	RuleASCII    = "only ASCII"                  // no byte over 0x7F: nothing to choose
	RuleLabel    = "label"                       // MSH-18 is known and the bytes agree
	RuleValid    = "no label, valid UTF-8"       // label empty, ASCII, unknown or undecodable
	RuleLie      = "label wrong, valid UTF-8"    // a single-byte label over bytes that are UTF-8
	RuleValues   = "label UTF-8, value by value" // some values are not UTF-8: those are read as RuleFallback
	RuleWindows  = "Windows characters"          // 0x80–0x9F are used, which ISO 8859 leaves to controls
	RuleFallback = "fallback"                    // ISO-8859-15
)

// reader decodes values: by a single-byte table, or as UTF-8 with the fallback
// for values (or hex escapes) that are not valid.
type reader struct{ table *charmap.Charmap }

// decode returns a value as text, escapes resolved.
func (m *Message) decode(raw []byte) string {
	if plain(raw, m.d.Escape) {
		return string(raw)
	}
	if cutAt(raw, m.d.Escape) >= 0 {
		raw = unescape(make([]byte, 0, len(raw)), raw, m.d)
	}
	return m.cs.text(raw)
}

// plain reports whether b is ASCII without escape sequences.
func plain(b []byte, escape byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == escape {
			return false
		}
	}
	return true
}

// ascii reports whether b has no byte over 0x7F.
func ascii(b []byte) bool { return nextHigh(b, 0) == len(b) }

// nextHigh returns the position of the first byte over 0x7F at or behind from,
// or the length; it looks at eight bytes at a time.
func nextHigh(b []byte, from int) int {
	for from+8 <= len(b) {
		if high := binary.LittleEndian.Uint64(b[from:]) & 0x8080808080808080; high != 0 {
			return from + bits.TrailingZeros64(high)/8
		}
		from += 8
	}
	for from < len(b) && b[from] < utf8.RuneSelf {
		from++
	}
	return from
}

// text returns b as valid UTF-8.
func (r reader) text(b []byte) string {
	table := r.table
	if table == nil {
		if utf8.Valid(b) {
			return string(b)
		}
		table = fallback(b)
	}
	out := make([]byte, 0, len(b)+len(b)/8+4)
	for _, c := range b {
		if c < utf8.RuneSelf {
			out = append(out, c)
			continue
		}
		out = utf8.AppendRune(out, table.DecodeByte(c))
	}
	return string(out)
}

// fallback is the table for bytes that are not UTF-8: ISO-8859-15, unless it
// would turn some of them into control characters.
func fallback(b []byte) *charmap.Charmap {
	if hasC1(b) {
		return charmap.Windows1252
	}
	return charmap.ISO8859_15
}

// hasC1 reports whether b has bytes from 0x80 to 0x9F.
func hasC1(b []byte) bool {
	for i := nextHigh(b, 0); i < len(b); i = nextHigh(b, i+1) {
		if b[i] <= 0x9F {
			return true
		}
	}
	return false
}

// chooseCharset applies the rules to MSH-18 and the bytes of a message. mark is
// the encoding that a byte order mark named, or "".
func chooseCharset(label Field, text []byte, mark string) (Charset, reader) {
	cs := Charset{Label: string(label.Raw())}
	known, table := firstKnown(label)
	answer := func(used, rule string, t *charmap.Charmap) (Charset, reader) {
		cs.Used, cs.Rule = used, rule
		return cs, reader{t}
	}
	if mark != "" {
		return answer(mark, RuleMark, nil)
	}
	if ascii(text) {
		if known == "" {
			known = "US-ASCII"
		}
		return answer(known, RuleASCII, table)
	}
	valid := utf8.Valid(text)
	switch {
	case table != nil:
		return answerTable(answer, known, table, text, valid)
	case known == "UTF-8" && valid:
		return answer("UTF-8", RuleLabel, nil)
	case known == "UTF-8":
		return answer("UTF-8", RuleValues, nil)
	case valid:
		return answer("UTF-8", RuleValid, nil)
	}
	return answerFallback(answer, text)
}

type answerFunc func(used, rule string, t *charmap.Charmap) (Charset, reader)

// answerTable checks a single-byte label against the bytes.
func answerTable(answer answerFunc, known string, table *charmap.Charmap, text []byte, valid bool) (Charset, reader) {
	iso := strings.HasPrefix(known, "ISO-8859-")
	western := known == "ISO-8859-1" || known == "ISO-8859-9" || known == "ISO-8859-15" || known == "windows-1252"
	c1 := iso && hasC1(text)
	switch {
	case valid && (western || c1):
		// In Western European text a capital letter with accent is not
		// followed by a symbol; in UTF-8 it always is.
		return answer("UTF-8", RuleLie, nil)
	case c1 && western:
		return answer("windows-1252", RuleWindows, charmap.Windows1252)
	case !c1 && decodable(text, table):
		return answer(known, RuleLabel, table)
	case valid:
		return answer("UTF-8", RuleValid, nil)
	}
	return answerFallback(answer, text)
}

func answerFallback(answer answerFunc, text []byte) (Charset, reader) {
	if hasC1(text) {
		return answer("windows-1252", RuleWindows, charmap.Windows1252)
	}
	return answer("ISO-8859-15", RuleFallback, charmap.ISO8859_15)
}

// decodable reports whether the table has a character for every byte of b.
func decodable(b []byte, table *charmap.Charmap) bool {
	for i := nextHigh(b, 0); i < len(b); i = nextHigh(b, i+1) {
		if table.DecodeByte(b[i]) == utf8.RuneError {
			return false
		}
	}
	return true
}

// firstKnown returns the first repetition of MSH-18 that names more than ASCII.
func firstKnown(label Field) (string, *charmap.Charmap) {
	name := ""
	for i := range label.count(label.delims().Repetition) {
		known, table := lookupCharset(string(label.Rep(i).Raw()))
		if known != "" && known != "US-ASCII" {
			return known, table
		}
		if name == "" {
			name = known
		}
	}
	return name, nil
}

// lookupCharset finds a character set by the names of HL7 table 0211 and by the
// misspellings seen in the field. It returns "" for a name it does not know and
// no table for ASCII and Unicode.
func lookupCharset(label string) (string, *charmap.Charmap) {
	switch key := charsetKey(label); key {
	case "ASCII", "USASCII", "ISOIR6", "ISO646", "ISO646US", "ANSIX34":
		return "US-ASCII", nil
	case "UTF8", "UNICODE", "UNICODEUTF8", "ISOIR192", "ISO10646", "10646",
		// Bytes that came as UTF-16 are UTF-8 by now; others never were it.
		"UTF16", "UNICODEUTF16", "UTF16LE", "UTF16BE", "UNICODEUTF16LE", "UNICODEUTF16BE":
		return "UTF-8", nil
	case "ISOIR100", "LATIN1", "L1":
		return "ISO-8859-1", charmap.ISO8859_1
	case "ISOIR101", "LATIN2":
		return "ISO-8859-2", charmap.ISO8859_2
	case "ISOIR109", "LATIN3":
		return "ISO-8859-3", charmap.ISO8859_3
	case "ISOIR110", "LATIN4":
		return "ISO-8859-4", charmap.ISO8859_4
	case "ISOIR144":
		return "ISO-8859-5", charmap.ISO8859_5
	case "ISOIR127":
		return "ISO-8859-6", charmap.ISO8859_6
	case "ISOIR126":
		return "ISO-8859-7", charmap.ISO8859_7
	case "ISOIR138":
		return "ISO-8859-8", charmap.ISO8859_8
	case "ISOIR148", "LATIN5":
		return "ISO-8859-9", charmap.ISO8859_9
	case "ISOIR203", "LATIN9":
		return "ISO-8859-15", charmap.ISO8859_15
	case "ANSI", "WIN1252", "WINDOWS1252", "CP1252", "MS1252", "1252":
		return "windows-1252", charmap.Windows1252
	case "WIN1250", "WINDOWS1250", "CP1250", "1250":
		return "windows-1250", charmap.Windows1250
	case "WIN1251", "WINDOWS1251", "CP1251", "1251":
		return "windows-1251", charmap.Windows1251
	case "CP850", "IBM850", "850":
		return "IBM850", charmap.CodePage850
	case "CP437", "IBM437", "437":
		return "IBM437", charmap.CodePage437
	default:
		return lookupISO8859(key)
	}
}

// lookupISO8859 finds 8859/n in all its spellings; key is as from charsetKey.
func lookupISO8859(key string) (string, *charmap.Charmap) {
	key = strings.TrimPrefix(key, "ISO")
	n, ok := strings.CutPrefix(key, "8859")
	if !ok {
		return "", nil
	}
	switch n {
	case "1":
		return "ISO-8859-1", charmap.ISO8859_1
	case "2":
		return "ISO-8859-2", charmap.ISO8859_2
	case "3":
		return "ISO-8859-3", charmap.ISO8859_3
	case "4":
		return "ISO-8859-4", charmap.ISO8859_4
	case "5":
		return "ISO-8859-5", charmap.ISO8859_5
	case "6":
		return "ISO-8859-6", charmap.ISO8859_6
	case "7":
		return "ISO-8859-7", charmap.ISO8859_7
	case "8":
		return "ISO-8859-8", charmap.ISO8859_8
	case "9":
		return "ISO-8859-9", charmap.ISO8859_9
	case "10":
		return "ISO-8859-10", charmap.ISO8859_10
	case "13":
		return "ISO-8859-13", charmap.ISO8859_13
	case "14":
		return "ISO-8859-14", charmap.ISO8859_14
	case "15":
		return "ISO-8859-15", charmap.ISO8859_15
	case "16":
		return "ISO-8859-16", charmap.ISO8859_16
	}
	return "", nil
}

// charsetKey leaves letters and digits of a label, upper case.
func charsetKey(label string) string {
	key := make([]byte, 0, 24)
	for i := 0; i < len(label) && len(key) < 24; i++ {
		switch c := label[i]; {
		case c >= 'a' && c <= 'z':
			key = append(key, c-'a'+'A')
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			key = append(key, c)
		}
	}
	return string(key)
}

// wide is the byte order of a UTF-16 message; nil for all others.
func wide(raw []byte) (order binary.ByteOrder, skip int) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		return binary.LittleEndian, 2
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		return binary.BigEndian, 2
	}
	if len(raw) >= 6 {
		switch string(raw[:6]) {
		case "M\x00S\x00H\x00", "F\x00H\x00S\x00", "B\x00H\x00S\x00":
			return binary.LittleEndian, 0
		case "\x00M\x00S\x00H", "\x00F\x00H\x00S", "\x00B\x00H\x00S":
			return binary.BigEndian, 0
		}
	}
	return nil, 0
}

// plainText takes off a byte order mark and turns UTF-16 into UTF-8. It returns
// what the mark named, or "".
func plainText(raw []byte) (text []byte, mark string) {
	for len(raw) > 0 && isNoise(raw[0]) && raw[0] != 0 { // UTF-16 may begin with 0
		raw = raw[1:]
	}
	if rest, ok := bytes.CutPrefix(raw, []byte("\xEF\xBB\xBF")); ok {
		if utf8.Valid(rest) {
			return rest, "UTF-8"
		}
		return rest, ""
	}
	if order, skip := wide(raw); order != nil {
		return fromUTF16(raw[skip:], order), "UTF-16"
	}
	return raw, ""
}

// fromUTF16 decodes; a half character at the end is left out.
func fromUTF16(raw []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(raw)/2+len(raw)/16)
	for len(raw) >= 2 {
		r := rune(order.Uint16(raw))
		raw = raw[2:]
		if utf16.IsSurrogate(r) && len(raw) >= 2 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(raw))); pair != utf8.RuneError {
				r, raw = pair, raw[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// toUTF16 encodes valid UTF-8, without a mark.
func toUTF16(text []byte, order binary.AppendByteOrder) []byte {
	out := make([]byte, 0, 2*len(text))
	for _, r := range string(text) {
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			out = order.AppendUint16(out, uint16(hi))
			r = lo
		}
		out = order.AppendUint16(out, uint16(r))
	}
	return out
}
