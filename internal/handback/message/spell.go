package message

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spellings are characters of clinical texts and names that older charsets do
// not have, in characters that all have. None changes what is said.
var spellings = map[rune]string{
	'₀': "0", '₁': "1", '₂': "2", '₃': "3", '₄': "4", '₅': "5", '₆': "6", '₇': "7", '₈': "8", '₉': "9",
	'⁰': "^0", '⁴': "^4", '⁵': "^5", '⁶': "^6", '⁷': "^7", '⁸': "^8", '⁹': "^9", '²': "^2", '³': "^3", '⁻': "^-",
	'≤': "<=", '≥': ">=", '≠': "!=", '≈': "ca. ", '±': "+/-", '−': "-", '–': "-", '—': "-", '‑': "-", '…': "...", '•': "-",
	'„': "\"", '“': "\"", '”': "\"", '‚': "'", '‘': "'", '’': "'", '‹': "'", '›': "'", '«': "\"", '»': "\"",
	'€': "EUR", '×': "x", '÷': "/", '·': "*", '°': "Grad ", 'µ': "u", 'μ': "µ", 'Ω': "Ohm", 'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'Δ': "Delta", 'κ': "kappa", 'λ': "lambda",
	'½': " 1/2", '¼': " 1/4", '¾': " 3/4", '‰': " Promille", '†': "+", '→': "->", '←': "<-", '↑': "hoch ", '↓': "tief ", '™': "(TM)", '®': "(R)",
	'\u00a0': " ", '\u202f': " ", '\u2009': " ", '\u200b': "", '\ufeff': "", '\u00ad': "",
	'ẞ': "SS", 'ß': "ss", 'ä': "ae", 'ö': "oe", 'ü': "ue", 'Ä': "Ae", 'Ö': "Oe", 'Ü': "Ue",
	'Ł': "L", 'ł': "l", 'Ø': "O", 'ø': "o", 'Đ': "D", 'đ': "d", 'ı': "i", 'Œ': "OE", 'œ': "oe", 'Æ': "AE", 'æ': "ae", 'Þ': "Th", 'þ': "th", 'ð': "d", 'Ð': "D",
}

// spell writes s with characters that the charset has, where that can be.
func (p pen) spell(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !p.has(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if p.has(r) {
			b.WriteRune(r)
			continue
		}
		if as, ok := p.another(r); ok {
			*p.spelled++
			b.WriteString(as)
			continue
		}
		b.WriteRune(r) // counted as lost
	}
	return b.String()
}

// another is the spelling of a character that the charset does not have.
func (p pen) another(r rune) (string, bool) {
	as, ok := spellings[r]
	if !ok { // the letter without its marks: č as c
		first := []rune(norm.NFD.String(string(r)))
		if len(first) < 2 || !unicode.IsLetter(r) {
			return "", unicode.Is(unicode.Mn, r)
		}
		as = string(first[0])
	}
	for _, c := range as {
		if p.has(c) {
			continue
		}
		further, ok := spellings[c]
		if !ok || len(as) != len(string(c)) {
			return "", false
		}
		return further, true
	}
	return as, true
}

// plain is s as the charset has it, "?" where it has nothing.
func (p pen) plain(s string) string {
	return strings.Map(func(r rune) rune {
		if p.has(r) {
			return r
		}
		return '?'
	}, p.spell(s))
}
