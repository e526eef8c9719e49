package tray

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/seal"
)

// savedVersion is the layout of tray.state. A file of another layout is ignored
// and folded anew: nothing in it exists only there.
const savedVersion = 1

const savedName = "tray.state"

type saved struct {
	Version int
	State   *state
}

// sealedFile keeps the fold between starts, so that a start need not read the
// whole journal.
type sealedFile struct {
	dir string
	box *seal.Box
}

func (f *sealedFile) path() string { return filepath.Join(f.dir, savedName) }

// load returns the fold of the file. Any error means: fold anew.
func (f *sealedFile) load() (*state, error) {
	b, err := os.ReadFile(f.path())
	if err != nil {
		return nil, fmt.Errorf("tray: %w", err)
	}
	plain, err := f.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("tray: %w", err)
	}
	v := saved{State: newState()}
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion || v.State == nil {
		return nil, errors.New("tray: saved state has another layout")
	}
	return v.State, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (f *sealedFile) store(plain []byte) (err error) {
	tmp, err := os.CreateTemp(f.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("tray: %w", err)
	}
	_, err = tmp.Write(f.box.Seal(nil, plain, []byte(savedName)))
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), f.path())
	}
	if err != nil {
		return fmt.Errorf("tray: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}
