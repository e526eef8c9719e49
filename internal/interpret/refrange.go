package interpret

import (
	"strings"
	"unicode"
)

// reference reads a reference range: "3,5-5,1", "3.5 - 5.1", "<5,0", "> 60",
// "bis 35", "ab 12", "(M) 14-18", "3,5 bis 5,1 mmol/l", "[3.5;5.1]". What it
// cannot read for sure has no bounds; the text is shown as sent in any case.
func reference(text string) (low, high *float64) {
	s := trim(text)
	if s == "" || len(s) > 80 {
		return nil, nil
	}
	s = strings.Trim(unlabelled(oneHyphen(s)), "[]() ")
	if rest, ok := cutWord(s, "bis", "unter", "kleiner", "up to", "max.", "max"); ok {
		return nil, leading(rest)
	}
	if rest, ok := cutWord(s, "ab", "über", "ueber", "größer", "groesser", "mind.", "min.", "min"); ok {
		return leading(rest), nil
	}
	if comparator, rest := cutComparator(s); comparator != "" {
		bound := leading(rest)
		if comparator[0] == '<' {
			return nil, bound
		}
		return bound, nil
	}
	first, rest, ok := cutRange(s)
	if !ok {
		return nil, nil
	}
	low, high = parseNumber(first), leading(rest)
	if low == nil || high == nil || *low > *high {
		return nil, nil
	}
	return low, high
}

// oneHyphen writes every sign and word that parts two bounds as a hyphen.
func oneHyphen(s string) string {
	for _, r := range [...][2]string{
		{"–", "-"}, {"—", "-"}, {"−", "-"}, {" bis ", " - "}, {" to ", " - "}, {"..", "-"}, {";", "-"},
	} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	return s
}

// unlabelled takes off a leading label: "(M) ", "m: ", "Frauen: ".
func unlabelled(s string) string {
	if strings.HasPrefix(s, "(") {
		if i := strings.IndexByte(s, ')'); i > 0 && i < 24 && !strings.ContainsAny(s[:i], "0123456789") {
			return trim(s[i+1:])
		}
	}
	if i := strings.IndexByte(s, ':'); i > 0 && i < 24 && !strings.ContainsAny(s[:i], "0123456789") {
		return trim(s[i+1:])
	}
	return s
}

func cutWord(s string, words ...string) (string, bool) {
	for _, w := range words {
		if len(s) > len(w) && strings.EqualFold(s[:len(w)], w) && (s[len(w)] == ' ' || s[len(w)] >= '0' && s[len(w)] <= '9') {
			return trim(s[len(w):]), true
		}
	}
	return s, false
}

// cutRange parts two numbers at the hyphen between them; a hyphen at the
// beginning is a sign.
func cutRange(s string) (first, rest string, ok bool) {
	if len(s) < 3 {
		return "", "", false
	}
	i := strings.IndexByte(s[1:], '-')
	if i < 0 {
		return "", "", false
	}
	return trim(s[:i+1]), trim(s[i+2:]), true
}

// leading reads the number at the beginning of a text that may go on with a
// unit: "35 U/l". Another number behind it makes the text unreadable.
func leading(s string) *float64 {
	n := strings.IndexFunc(s, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c == '.' || c == ',' || c == '-' || c == '+')
	})
	if n < 0 {
		return parseNumber(s)
	}
	if !unitOnly(s[n:]) {
		return nil
	}
	return parseNumber(s[:n])
}

// unitOnly reports whether s is blank or a unit: one word with a letter, % or °
// in it (10*9/l), and nothing with digits behind it (m²).
func unitOnly(s string) bool {
	word, rest, _ := strings.Cut(trim(s), " ")
	if word == "" {
		return true
	}
	named := strings.ContainsFunc(word, func(c rune) bool { return unicode.IsLetter(c) || c == '%' || c == '°' })
	return named && !strings.ContainsAny(rest, "0123456789")
}
