package interpret

import (
	"math"
	"strconv"
	"strings"

	"notbetrieb/internal/hl7"
)

// measured is the value of an observation (OBX-5).
type measured struct {
	text       string
	number     *float64
	comparator string
	unit       string // where the value itself names one (CQ)
	null       bool   // the sender deleted the value
}

// measure reads OBX-5 by its type in OBX-2 (HL7 v2.5 table 0125). A type that
// is not known, or not sent, is read as text; a number in a text counts as one.
func (r *reader) measure(o noted) measured {
	f := o.seg.Field(5)
	if f.Null() {
		return measured{null: true}
	}
	if f.Empty() {
		return measured{}
	}
	switch o.kind {
	case "SN":
		return structured(f.Rep(0))
	case "TX", "FT":
		return measured{text: freeText(f)}
	case "CE", "CWE", "CNE", "CF", "IS", "ID":
		return measured{text: r.codedText(f)}
	case "DT", "TS", "DTM", "TM":
		return measured{text: r.timeText(o.kind, f.Text())}
	case "CQ":
		m := numeric(value(f.Rep(0).Comp(1)))
		m.unit = value(f.Rep(0).Comp(2))
		return m
	case "NM", "ST", "", "SI":
		return plainValue(f)
	default:
		return measured{text: joinComps(f)}
	}
}

// plainValue reads a number or a short text; several repetitions are text.
func plainValue(f hl7.Field) measured {
	reps := f.Reps()
	if len(reps) == 1 {
		return numeric(trim(reps[0].All()))
	}
	var list []string
	for _, rep := range reps {
		if w := trim(rep.All()); w != "" {
			list = append(list, w)
		}
	}
	return measured{text: strings.Join(list, "; ")}
}

// freeText is a text whose repetitions are lines. Unescaped delimiters in it
// stay.
func freeText(f hl7.Field) string {
	reps := f.Reps()
	if len(reps) == 1 {
		return strings.TrimRight(cleanText(reps[0].All()), " \n")
	}
	lines := make([]string, len(reps))
	for i, rep := range reps {
		lines[i] = strings.TrimRight(cleanText(rep.All()), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n ")
}

// cleanText unifies line breaks and drops control characters.
func cleanText(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' }) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\r':
			return '\n'
		case c < ' ' && c != '\n' && c != '\t':
			return -1
		}
		return c
	}, s)
}

func (r *reader) codedText(f hl7.Field) string {
	var list []string
	for _, rep := range f.Reps() {
		if w := r.coded(rep).Label(); w != "" {
			list = append(list, w)
		}
	}
	return strings.Join(list, "; ")
}

func joinComps(f hl7.Field) string {
	var list []string
	for _, rep := range f.Reps() {
		words := make([]string, 0, rep.Comps())
		for i := range rep.Comps() {
			words = append(words, value(rep.Comp(i+1)))
		}
		list = append(list, joinWords(words...))
	}
	return trim(strings.Join(list, "; "))
}

// timeText prints a time as Germans write it: 03.04.2026 14:30.
func (r *reader) timeText(typ, sent string) string {
	if typ == "TM" {
		if at, ok := dayTime(sent); ok {
			return clockText(at)
		}
		return trim(sent)
	}
	t, p, ok := r.parseTime(sent)
	switch {
	case !ok || t.IsZero():
		return trim(sent)
	case p >= hl7.ToMinute:
		return t.Format("02.01.2006 15:04")
	case p >= hl7.ToDay:
		return t.Format("02.01.2006")
	case p == hl7.ToMonth:
		return t.Format("01/2006")
	}
	return t.Format("2006")
}

// structured reads an SN: comparator^num1^separator^num2, as in <^0.5, ^1^:^80,
// ^2^+ or ^3^-^5.
func structured(rep hl7.Rep) measured {
	comparator, first := value(rep.Comp(1)), value(rep.Comp(2))
	separator, second := value(rep.Comp(3)), value(rep.Comp(4))
	m := measured{text: comparator + first + separator + second}
	if separator == "" && second == "" {
		m.comparator, _ = cutComparator(comparator)
		m.number = parseNumber(first)
	}
	if m.number == nil {
		m.comparator = ""
	}
	return m
}

// numeric reads a value that may be a number with a comparator: 5,4, <0.1.
func numeric(text string) measured {
	m := measured{text: text}
	comparator, rest := cutComparator(text)
	if m.number = parseNumber(rest); m.number != nil {
		m.comparator = comparator
	}
	return m
}

// cutComparator parts off < > <= >= and their one-character spellings.
func cutComparator(s string) (comparator, rest string) {
	s = trim(s)
	for _, c := range [...][2]string{{"<=", "<="}, {">=", ">="}, {"=<", "<="}, {"=>", ">="}, {"≤", "<="}, {"≥", ">="}, {"<", "<"}, {">", ">"}} {
		if rest, ok := strings.CutPrefix(s, c[0]); ok {
			return c[1], trim(rest)
		}
	}
	return "", s
}

// parseNumber reads a decimal number with a point or a comma, as in 5.4, 5,4,
// .5, -3 and 1.234,5; nil for everything else. A single comma or point is
// always the decimal one: a laboratory that writes 1.234 for one thousand
// cannot be told from one that means one and a bit.
func parseNumber(s string) *float64 {
	s = trim(s)
	if s == "" || len(s) > 32 {
		return nil
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == ',':
		case (c == '-' || c == '+') && i == 0:
		default:
			return nil
		}
	}
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case point >= 0 && comma > point: // 1.234,5
		s = strings.ReplaceAll(s, ".", "")
	case comma >= 0 && point > comma: // 1,234.5
		s = strings.ReplaceAll(s, ",", "")
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
