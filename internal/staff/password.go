package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// HashCost is the work of one argon2id hash (RFC 9106).
type HashCost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultHashCost is above the least that OWASP asks for (19 MiB, 2 passes) and
// below what would crowd a small machine: two at once take 64 MiB.
func DefaultHashCost() HashCost { return HashCost{Memory: 32 << 10, Time: 3, Threads: 2} }

const (
	saltSize    = 16
	keySize     = 32
	minPassword = 10  // characters
	maxPassword = 256 // bytes; longer ones only cost time
)

var errPHC = errors.New("staff: stored password is no argon2id hash")

// hashPassword returns the PHC string of an argon2id hash with a fresh salt.
func hashPassword(password string, c HashCost) string {
	var salt [saltSize]byte
	_, _ = rand.Read(salt[:]) // never fails: see crypto/rand
	return phc(password, salt[:], c)
}

// dummyHash is a hash no password fits, of the same cost as a real one.
func dummyHash(c HashCost) string {
	var key [keySize]byte
	_, _ = rand.Read(key[:])
	return formatPHC(key[:saltSize], key[:], c)
}

func phc(password string, salt []byte, c HashCost) string {
	key := argon2.IDKey(prepared(password), salt, c.Time, c.Memory, c.Threads, keySize)
	return formatPHC(salt, key, c)
}

func formatPHC(salt, key []byte, c HashCost) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads,
		e.EncodeToString(salt), e.EncodeToString(key))
}

// prepared brings the password into one spelling: "ü" is one character on one
// keyboard and two on another (Unicode NFC, as in RFC 8265 section 4.2).
func prepared(password string) []byte { return norm.NFC.Bytes([]byte(password)) }

// parsePHC reads a PHC string. It refuses costs that would stop the machine.
func parsePHC(s string) (salt, key []byte, c HashCost, err error) {
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, nil, HashCost{}, errPHC
	}
	var m, t, p uint32
	if n, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || n != 3 ||
		f[3] != fmt.Sprintf("m=%d,t=%d,p=%d", m, t, p) {
		return nil, nil, HashCost{}, errPHC
	}
	if m < 8 || m > 1<<20 || t < 1 || t > 32 || p < 1 || p > 64 {
		return nil, nil, HashCost{}, errPHC
	}
	salt, err1 := base64.RawStdEncoding.Strict().DecodeString(f[4])
	key, err2 := base64.RawStdEncoding.Strict().DecodeString(f[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return nil, nil, HashCost{}, errPHC
	}
	return salt, key, HashCost{Memory: m, Time: t, Threads: uint8(p)}, nil
}

// checkPassword reports whether the password fits the PHC string.
func checkPassword(password, stored string) (bool, error) {
	salt, key, c, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey(prepared(password), salt, c.Time, c.Memory, c.Threads, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

// slot waits for leave to hash: each hash takes Hash.Memory.
func (b *Book) slot(ctx context.Context) (release func(), err error) {
	select {
	case b.hashing <- struct{}{}:
		return func() { <-b.hashing }, nil
	case <-ctx.Done():
		return nil, fault.Mark(ctx.Err(), fault.Unavailable, lang.Text{
			DE: "Es melden sich gerade sehr viele an. Bitte noch einmal versuchen.",
			EN: "Very many people are signing in right now. Please try again.",
		})
	}
}

//go:embed common.txt
var commonWords string

// goodPassword says why a new password is refused, or nil. The rules are
// length, not the person's own name, and none of the commonest words with
// digits and signs around them; no rule asks for special characters.
func goodPassword(p Person, password string) error {
	refuse := func(de, en string) error {
		return fault.New(fault.Invalid, lang.Text{DE: de, EN: en})
	}
	switch {
	case !utf8.ValidString(password) || len(password) > maxPassword:
		return refuse("Das Passwort ist zu lang oder enthält ungültige Zeichen.",
			"The password is too long or has invalid characters.")
	case utf8.RuneCountInString(norm.NFC.String(password)) < minPassword:
		return refuse("Das Passwort braucht mindestens 10 Zeichen.", "The password needs at least 10 characters.")
	}
	low := strings.ToLower(norm.NFC.String(password))
	bare := core(low)
	for _, own := range append(strings.FieldsFunc(strings.ToLower(p.Name), notLetter), strings.ToLower(p.ID)) {
		if utf8.RuneCountInString(own) >= 3 && (bare == core(own) || strings.Contains(low, own) && len(low)-len(own) < 8) {
			return refuse("Das Passwort enthält Ihren Namen.", "The password contains your name.")
		}
	}
	if plain(low) || common(low) || common(bare) {
		return refuse("Dieses Passwort gehört zu den häufigsten. Drei Wörter, die nichts miteinander zu tun haben, sind gut.",
			"This password is one of the commonest. Three words that have nothing to do with each other are good.")
	}
	return nil
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// core strips digits and signs from both ends and reads the usual stand-ins for
// letters, so that "P@ssw0rt2026!" is "passwort".
func core(low string) string {
	low = strings.TrimFunc(low, notLetter)
	return strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t").Replace(low)
}

func common(word string) bool {
	if word == "" {
		return true // only digits and signs
	}
	for w := range strings.Lines(commonWords) {
		w = strings.TrimSpace(w)
		if word == w || word == w+w {
			return true
		}
	}
	return false
}

// plain reports whether the password is fewer than 5 different characters, or
// mostly steps along the alphabet, the digits or one row of the keyboard.
func plain(low string) bool {
	seen := make(map[rune]bool)
	steps, n := 0, 0
	last := rune(-1)
	for _, r := range low {
		if last >= 0 && (r == last || r == last+1 || r == last-1 || neighbours(last, r)) {
			steps++
		}
		seen[r] = true
		last = r
		n++
	}
	return len(seen) < 5 || steps*4 >= n*3
}

func neighbours(a, b rune) bool {
	for _, row := range []string{"1234567890ß", "qwertzuiopü", "qwertyuiop", "asdfghjklöä", "yxcvbnm", "zxcvbnm"} {
		i, j := strings.IndexRune(row, a), strings.IndexRune(row, b)
		if i >= 0 && j >= 0 && utf8.RuneCountInString(row[min(i, j):max(i, j)]) == 1 {
			return true
		}
	}
	return false
}
