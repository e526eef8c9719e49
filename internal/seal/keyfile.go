package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/argon2"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// A key file is text: a line that names the format, then one line in base64.
const (
	plainHead   = "notbetrieb key 1"
	wrappedHead = "notbetrieb wrapped key 1"

	maxKeyFile = 4 << 10

	// Argon2id as RFC 9106 section 4 recommends where memory is scarce: 64 MiB,
	// three passes, four lanes.
	argonTime, argonMemory, argonLanes = 3, 64 << 10, 4
	saltSize                           = 16
)

var (
	// ErrWrapped is wrapped by ReadKeyFile for a file that needs a passphrase.
	ErrWrapped = errors.New("key file is protected by a passphrase")
	// ErrPassphrase is wrapped for a passphrase that does not open the file.
	ErrPassphrase = errors.New("passphrase does not open the key file")
)

// WriteKeyFile writes k to a new file that only its owner can read. It never
// overwrites: the error's kind is Conflict if the file exists.
func WriteKeyFile(path string, k Key) error {
	return writeNew(path, []byte(plainHead+"\n"+base64.StdEncoding.EncodeToString(k[:])+"\n"))
}

// ReadKeyFile reads what WriteKeyFile wrote. A file of [WriteWrappedKeyFile]
// gives an error that wraps [ErrWrapped].
func ReadKeyFile(path string) (Key, error) {
	head, body, err := readKeyLines(path)
	if err != nil {
		return Key{}, err
	}
	switch {
	case head == wrappedHead:
		return Key{}, fault.Mark(fmt.Errorf("key file: %w", ErrWrapped), fault.Forbidden, lang.Text{
			DE: "Die Schlüsseldatei ist mit einem Kennwort geschützt.",
			EN: "The key file is protected by a passphrase.",
		})
	case head != plainHead || len(body) != KeySize:
		return Key{}, badKeyFile("unknown format")
	}
	return Key(body), nil
}

// WriteWrappedKeyFile writes k, encrypted with a passphrase (argon2id, then
// XAES-256-GCM), to a new file. Like WriteKeyFile it never overwrites.
func WriteWrappedKeyFile(path string, k Key, passphrase string) error {
	if len([]rune(passphrase)) < 12 {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Das Kennwort für den Schlüssel braucht mindestens 12 Zeichen.",
			EN: "The passphrase for the key needs at least 12 characters.",
		})
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt)
	sealed := NewBox(stretch(passphrase, salt)).Seal(salt, k[:], []byte(wrappedHead))
	return writeNew(path, []byte(wrappedHead+"\n"+base64.StdEncoding.EncodeToString(sealed)+"\n"))
}

// ReadWrappedKeyFile reads what WriteWrappedKeyFile wrote. The error's kind is
// Forbidden, and it wraps [ErrPassphrase], if the passphrase does not fit. It
// takes some tenths of a second and 64 MiB on purpose.
func ReadWrappedKeyFile(path, passphrase string) (Key, error) {
	head, body, err := readKeyLines(path)
	if err != nil {
		return Key{}, err
	}
	if head != wrappedHead || len(body) != saltSize+KeySize+Overhead {
		return Key{}, badKeyFile("unknown format")
	}
	k, err := NewBox(stretch(passphrase, body[:saltSize])).Open(nil, body[saltSize:], []byte(wrappedHead))
	if err != nil {
		return Key{}, fault.Mark(fmt.Errorf("key file: %w", ErrPassphrase), fault.Forbidden, lang.Text{
			DE: "Das Kennwort öffnet die Schlüsseldatei nicht.",
			EN: "The passphrase does not open the key file.",
		})
	}
	return Key(k), nil
}

func stretch(passphrase string, salt []byte) Key {
	return Key(argon2.IDKey([]byte(passphrase), salt, argonTime, argonMemory, argonLanes, KeySize))
}

func badKeyFile(why string) error {
	return fault.Newf(fault.Invalid, lang.Text{
		DE: "Die Schlüsseldatei ist beschädigt oder hat ein unbekanntes Format.",
		EN: "The key file is damaged or has an unknown format.",
	}, "key file: %s", why)
}

func readKeyLines(path string) (head string, body []byte, err error) {
	b, err := readSecret(path)
	if err != nil {
		return "", nil, err
	}
	head, line, ok := strings.Cut(strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n"), "\n")
	if !ok {
		return "", nil, badKeyFile("no second line")
	}
	body, err = base64.StdEncoding.Strict().DecodeString(line)
	if err != nil {
		return "", nil, badKeyFile("not base64")
	}
	return head, body, nil
}

// readSecret reads a small file with a secret in it.
func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Mark(err, fault.NotFound, lang.Text{
			DE: "Die Schlüsseldatei fehlt.",
			EN: "The key file is missing.",
		})
	}
	if err != nil {
		return nil, fault.Mark(err, fault.Unavailable, lang.Text{
			DE: "Die Schlüsseldatei kann nicht gelesen werden.",
			EN: "The key file cannot be read.",
		})
	}
	defer f.Close()
	if err := privateFile(f); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(b) > maxKeyFile {
		return nil, badKeyFile("too long")
	}
	return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), nil
}

// writeNew writes a file that only its owner can read: temporary file, fsync,
// link to the name (which fails if the name is taken), fsync of the folder.
func writeNew(path string, b []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if err := moveNew(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fault.Mark(fmt.Errorf("key file: %w", err), fault.Conflict, lang.Text{
				DE: "Diese Schlüsseldatei gibt es schon. Sie wird nicht überschrieben.",
				EN: "This key file exists already. It is not overwritten.",
			})
		}
		return fmt.Errorf("key file: %w", err)
	}
	return syncDir(dir)
}

// moveNew gives a file its name unless the name is taken. A hard link does
// both at once; where the file system has none, a check and a rename must do.
func moveNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}
