package numbers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// file keeps one value as a line of JSON, and in a second line the SHA-256 of
// the first. It is replaced as a whole. Ranges of numbers are no secret, so
// that an operator may read it.
type file struct{ path string }

var errFile = errors.New("numbers: the file is damaged")

// load reads the value. The error is fs.ErrNotExist if there is no file.
func (f file) load(v any) error {
	b, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	line, sum, ok := bytes.Cut(b, []byte("\n"))
	want := sha256.Sum256(line)
	if !ok || string(bytes.TrimSuffix(sum, []byte("\n"))) != hex.EncodeToString(want[:]) {
		return errFile
	}
	if err := json.Unmarshal(line, v); err != nil {
		return errFile
	}
	return nil
}

// store replaces the value. A nil error means durable; after any other the old
// or the new value is there.
func (f file) store(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	sum := sha256.Sum256(line)
	line = fmt.Appendf(line, "\n%x\n", sum)
	dir := filepath.Dir(f.path)
	// One name, not one for each try: what a killed process left is overwritten.
	t, err := os.OpenFile(f.path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	_, err = t.Write(line)
	if err == nil {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), f.path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	return nil
}
