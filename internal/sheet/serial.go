package sheet

import (
	"crypto/rand"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Serial names one printed document: each print of an empty form is another
// one, so that two filled-in sheets of one form are never taken for each other.
// It has 10 characters, digits and capital letters without I, L, O and U, which
// are 50 random bits; the pages of one document share it.
type Serial string

// letters are Crockford's 32 digits: none looks like another in handwriting.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const serialLength = 10

// NewSerial returns a serial that nobody used before.
func NewSerial() Serial {
	var b [serialLength]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	for i, c := range b {
		b[i] = letters[c%32]
	}
	return Serial(b[:])
}

// ParseSerial reads a serial as a person types it from a sheet: small letters,
// blanks and hyphens do not matter, O is read as 0, I and L as 1. Anything else
// is fault.Invalid.
func ParseSerial(typed string) (Serial, error) {
	s := Serial(strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed)))
	if !s.valid() {
		return "", fault.New(fault.Invalid, lang.Text{
			DE: "Eine Bogennummer hat zehn Ziffern oder Buchstaben. Bitte so eingeben, wie sie auf dem Bogen steht.",
			EN: "A sheet number has ten digits or letters. Please enter it as it stands on the sheet.",
		})
	}
	return s, nil
}

// Spaced returns the serial in two groups of five, as it stands on the sheet.
func (s Serial) Spaced() string {
	if len(s) != serialLength {
		return string(s)
	}
	return string(s[:5] + " " + s[5:])
}

func (s Serial) valid() bool {
	return len(s) == serialLength && strings.Trim(string(s), letters) == ""
}
