//go:build unix

package seal

import (
	"errors"
	"fmt"
	"os"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// privateFile refuses a secret that others can read.
func privateFile(f *os.File) error {
	i, err := f.Stat()
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if m := i.Mode().Perm(); m&0o077 != 0 {
		return fault.Newf(fault.Forbidden, lang.Text{
			DE: "Die Schlüsseldatei ist für andere lesbar. Bitte die Rechte auf 0600 setzen.",
			EN: "The key file can be read by others. Please set its mode to 0600.",
		}, "key file: mode %#o", m)
	}
	return nil
}

// syncDir makes a new name in dir durable.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
