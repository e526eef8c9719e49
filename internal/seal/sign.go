package seal

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// NewSigningKey makes an Ed25519 key pair for checkpoints in the encoding of
// golang.org/x/mod/sumdb/note. The name is what stands beside each signature;
// it must hold no blanks and no plus sign. The second text is public: it goes
// to everybody who keeps checkpoints as a witness.
func NewSigningKey(name string) (secret, public string, err error) {
	secret, public, err = note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", "", fmt.Errorf("signing key %q: %w", name, err)
	}
	return secret, public, nil
}
