package seal

import (
	"crypto/rand"
	"fmt"
	"strings"

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

// WriteSigningKeyFile writes a secret signing key to a new file that only its
// owner can read. It never overwrites.
func WriteSigningKeyFile(path, secret string) error {
	if _, err := note.NewSigner(secret); err != nil {
		return fmt.Errorf("signing key file: %w", err)
	}
	return writeNew(path, []byte(secret+"\n"))
}

// ReadSigner reads what WriteSigningKeyFile wrote.
func ReadSigner(path string) (note.Signer, error) {
	b, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	s, err := note.NewSigner(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, badKeyFile("no signing key") // err could quote the key
	}
	return s, nil
}

// NewVerifier reads the public text that NewSigningKey returned.
func NewVerifier(public string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fmt.Errorf("verifier: %w", err)
	}
	return v, nil
}
