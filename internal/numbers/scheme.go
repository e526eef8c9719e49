// Package numbers gives case and patient numbers, and whatever else a hospital
// counts, while the system that gives them is gone.
//
// Numbers come from blocks that are reserved in the journal before the first
// of them is used, each for one node; what a node began and did not use up is
// dropped, never given again. A number ends in a check digit. The package
// refuses to give a number that may have been given before, and to take one
// whose check digit is wrong. It does not know what a number is put on.
package numbers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Kind is what is numbered, as the configuration calls it: "patient", "case",
// "order", "specimen".
type Kind string

// Scheme is the form of a kind's numbers: the prefix, a counter of so many
// digits with leading zeros, and one check digit. Two schemes that can make
// the same text must not be used in one house; [Open] refuses them.
type Scheme struct {
	Prefix string `json:"prefix"` // up to 8 of A-Z and 0-9; may be empty
	Digits int    `json:"digits"` // of the counter, 4 to 15
}

const (
	minDigits, maxDigits = 4, 15
	maxPrefix            = 8
)

// valid reports what is wrong with the scheme.
func (s Scheme) valid() error {
	bad := len(s.Prefix) > maxPrefix || s.Digits < minDigits || s.Digits > maxDigits
	for _, c := range []byte(s.Prefix) {
		bad = bad || !isDigit(c) && (c < 'A' || c > 'Z')
	}
	if !bad {
		return nil
	}
	return fault.Newf(fault.Invalid, lang.Text{
		DE: fmt.Sprintf("Ein Nummernkreis braucht %d bis %d Stellen und als Vorsatz höchstens %d Großbuchstaben oder Ziffern.", minDigits, maxDigits, maxPrefix),
		EN: fmt.Sprintf("A number range needs %d to %d digits and as prefix at most %d capital letters or digits.", minDigits, maxDigits, maxPrefix),
	}, "number scheme %q with %d digits", s.Prefix, s.Digits)
}

// Last returns the highest counter; the lowest is 1.
func (s Scheme) Last() uint64 {
	n := uint64(1)
	for range s.Digits {
		n *= 10
	}
	return n - 1
}

// length is that of every text of the scheme, in bytes.
func (s Scheme) length() int { return len(s.Prefix) + s.Digits + 1 }

// mixesWith reports whether another scheme can make the same text.
func (s Scheme) mixesWith(o Scheme) bool {
	a, b := s.Prefix, o.Prefix
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	return ok && s.length() == o.length() && strings.Trim(rest, "0123456789") == ""
}

func (s Scheme) String() string { return s.Prefix + "/" + strconv.Itoa(s.Digits) }

// Format returns the text of number n with its check digit. A number outside
// 1 to [Scheme.Last] has no text: the answer is "".
func (s Scheme) Format(n uint64) string {
	if n < 1 || n > s.Last() {
		return ""
	}
	var buf [maxPrefix + maxDigits + 1]byte
	b := buf[:s.length()]
	copy(b, s.Prefix)
	for i := len(b) - 2; i >= len(s.Prefix); i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
	b[len(b)-1] = '0' + check(b[:len(b)-1])
	return string(b)
}

// ErrCheckDigit is wrapped by the error of [Scheme.Parse] when a text has the
// right form and the wrong check digit: somebody misread or mistyped it.
var ErrCheckDigit = errors.New("numbers: wrong check digit")

// Parse reads a number as people and scanners give it: blanks and hyphens
// anywhere, small letters too. The error's kind is Invalid and does not quote
// the text.
func (s Scheme) Parse(text string) (uint64, error) {
	var buf [maxPrefix + maxDigits + 1]byte
	b := buf[:0]
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n':
		case len(b) == s.length():
			return 0, s.badForm()
		case c >= 'a' && c <= 'z':
			b = append(b, c-'a'+'A')
		default:
			b = append(b, c)
		}
	}
	if len(b) != s.length() || string(b[:len(s.Prefix)]) != s.Prefix {
		return 0, s.badForm()
	}
	var n uint64
	for _, c := range b[len(s.Prefix) : len(b)-1] {
		if !isDigit(c) {
			return 0, s.badForm()
		}
		n = n*10 + uint64(c-'0')
	}
	if !isDigit(b[len(b)-1]) || n == 0 {
		return 0, s.badForm()
	}
	if check(b) != 0 {
		return 0, fault.Mark(ErrCheckDigit, fault.Invalid, lang.Text{
			DE: "Die Prüfziffer passt nicht zur Nummer. Bitte die Nummer noch einmal ablesen.",
			EN: "The check digit does not fit the number. Please read the number once more.",
		})
	}
	return n, nil
}

func (s Scheme) badForm() error {
	form := strconv.Itoa(s.Digits+1) + " "
	de, en := form+"Ziffern", form+"digits"
	if s.Prefix != "" {
		de, en = s.Prefix+" und "+de, s.Prefix+" and "+en
	}
	return fault.Newf(fault.Invalid, lang.Text{
		DE: "Das ist keine solche Nummer. Sie besteht aus " + de + ".",
		EN: "This is no such number. It consists of " + en + ".",
	}, "numbers: text has not the form of scheme %s", s)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// quasigroup is the totally anti-symmetric quasigroup of order 10 with zeros
// in the diagonal, after H. M. Damm, Total anti-symmetrische Quasigruppen,
// dissertation, Philipps-Universität Marburg 2004, p. 111. Its check digit is
// one decimal digit, and finds every wrong digit and every swap of two
// neighbours. (ISO/IEC 7064 has no system that does both and stays decimal:
// MOD 11,10 misses some swaps, the others need letters or two digits.)
var quasigroup = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// check returns the check digit of digits and capital letters; over a text
// with its right check digit it returns 0. A letter counts as two digits, A
// for 10 to Z for 35, so that a number of one prefix is no number of another.
func check(b []byte) byte {
	var x byte
	for _, c := range b {
		if !isDigit(c) {
			v := c - 'A' + 10
			x = quasigroup[x][v/10]
			c = '0' + v%10
		}
		x = quasigroup[x][c-'0']
	}
	return x
}
