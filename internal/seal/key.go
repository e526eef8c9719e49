// Package seal holds the keys of a node and what is done with them: encryption
// at rest, signatures under checkpoints, and the node's own certificate
// authority.
//
// It refuses to guess: a key file that is damaged, readable by others or of an
// unknown format is an error, and no file with a key is ever overwritten. It
// does no I/O beyond key and certificate files and keeps no state of its own.
package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// Key is a secret of 256 bits. It never prints itself: every format verb and
// every log line shows only "[key]".
type Key [KeySize]byte

// NewKey returns a key from the system's random source.
func NewKey() Key {
	var k Key
	// crypto/rand.Read never returns an error (Go 1.24): it ends the process
	// where the system has no randomness.
	_, _ = rand.Read(k[:])
	return k
}

// Derive returns the key for one purpose, such as "journal batch". Knowing one
// derived key tells nothing about k or about the key of another purpose
// (HKDF-SHA-256, RFC 5869, no salt, info "notbetrieb/" and the purpose).
func (k Key) Derive(purpose string) Key {
	b, err := hkdf.Key(sha256.New, k[:], nil, "notbetrieb/"+purpose, KeySize)
	if err != nil {
		// HKDF fails only for lengths over 255 hashes and in FIPS mode for short
		// keys; both are fixed here.
		panic("seal: derive: " + err.Error())
	}
	return Key(b)
}

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key from %#v.
func (Key) GoString() string { return "[key]" }

// Format hides the key from every verb, also %x and %d.
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[key]")) }

// LogValue hides the key from logs.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// MarshalText hides the key from encoders; a key is stored only by
// [WriteKeyFile] and [WriteWrappedKeyFile].
func (Key) MarshalText() ([]byte, error) { return []byte("[key]"), nil }
