// Package names compares the spellings of names and numbers as people type
// them: Mueller, Müller and MULLER are one word here. It says which words are
// spelled alike; it never says that two patients are one person.
package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"notbetrieb/internal/clinical"
)

// Fold returns the words of s for comparing: small letters without accents, ß
// as ss, and ae, oe, ue as a, o, u, so that every usual way to write an umlaut
// is the same. Hyphens and all other signs part words. A beginning of s folds
// to a beginning of the folded s.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := true // no blank at the start
	last := byte(0)
	put := func(c byte) {
		if c == 'e' && (last == 'a' || last == 'o' || last == 'u') {
			last = 0 // "aee" keeps its second e
			return
		}
		b.WriteByte(c)
		last, space = c, false
	}
	word := func(w string) {
		for i := range len(w) {
			put(w[i])
		}
	}
	decomposed := s
	if !ascii(s) {
		decomposed = norm.NFD.String(s)
	}
	for _, r := range decomposed {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			put(byte(r))
		case special(r) != "":
			word(special(r))
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '`' || r == '.':
			// an accent, or a sign inside a word: O'Brien, Dr.
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r) // other scripts stay as they are
			last, space = 0, false
		default:
			if !space {
				b.WriteByte(' ')
			}
			last, space = 0, true
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// plain reports whether Fold would change nothing: one or more words of small
// letters and digits without a double vowel.
func plain(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		switch {
		case c == 'e' && (last == 'a' || last == 'o' || last == 'u'):
			return false
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		case c == ' ' && last != ' ':
		default:
			return false
		}
		last = c
	}
	return len(s) == 0 || last != ' '
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// special is what has no accent to take away.
func special(r rune) string {
	switch r {
	case 'ß', 'ẞ':
		return "ss"
	case 'æ':
		return "a"
	case 'ø', 'œ':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return ""
}

// Number returns a patient, case or insurance number for comparing: capitals
// and digits without blanks, dots, slashes and hyphens.
func Number(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == ' ' || r == '-' || r == '.' || r == '/' || r == '\t':
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}

// Families returns the folded ways to look a family name up: whole, with its
// prefix ("von der heide"), and each later part of a double name.
func Families(n clinical.Name) []string {
	family := Fold(n.Family)
	if family == "" {
		return nil
	}
	out := []string{family}
	if prefix := Fold(n.Prefix); prefix != "" {
		out = append(out, prefix+" "+family)
	}
	for rest := family; ; {
		_, after, more := strings.Cut(rest, " ")
		if !more {
			return out
		}
		out, rest = append(out, after), after
	}
}

// Given returns the folded given names in one line.
func Given(n clinical.Name) string {
	return Fold(n.Given + " " + n.Further)
}

// Folded is a patient made ready for comparing with many others.
type Folded struct {
	family, given string
	birth         clinical.Date
}

// Ready folds a name once.
func Ready(n clinical.Name, birth clinical.Date) Folded {
	return Folded{family: Fold(n.Family), given: Given(n), birth: birth}
}

// Alike reports whether two patients of one ward could be mixed up by name:
// the same family and given name, the same family name with a birth date at
// most three days apart (twins), or family names one letter apart with the
// same first letter of the given name.
func (a Folded) Alike(b Folded) bool {
	if a.family == "" || b.family == "" {
		return false
	}
	first := func(s string) string { w, _, _ := strings.Cut(s, " "); return w }
	if a.family == b.family {
		return first(a.given) == first(b.given) || sharesWord(a.given, b.given) || daysApart(a.birth, b.birth) <= 3
	}
	if a.given == "" || b.given == "" || a.given[0] != b.given[0] {
		return false
	}
	return min(len(a.family), len(b.family)) >= 3 && abs(len(a.family)-len(b.family)) <= 1 && Distance(a.family, b.family) <= 1
}

func sharesWord(a, b string) bool {
	for _, w := range strings.Fields(a) {
		for _, v := range strings.Fields(b) {
			if w == v {
				return true
			}
		}
	}
	return false
}

// daysApart returns how far two full dates are from each other, or a large
// number where one is not known to the day.
func daysApart(a, b clinical.Date) int {
	if !a.Full() || !b.Full() {
		return 1 << 20
	}
	return abs(dayNumber(a) - dayNumber(b))
}

// dayNumber counts days (Gregorian, from an arbitrary day).
func dayNumber(d clinical.Date) int {
	y, m := d.Year, d.Month
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d.Day
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
