package forward

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// savedVersion is the layout of forward.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 1

const savedName = "forward.state"

type saved struct {
	Version int
	Record  string
	Fold    *fold
}

// sealedFile keeps the fold in a sealed file, replaced as a whole.
type sealedFile struct {
	dir string
	box *seal.Box
}

func newSealedFile(dir string, key seal.Key) *sealedFile {
	return &sealedFile{dir: dir, box: seal.NewBox(key.Derive("forward view 1"))}
}

// load returns the fold of the file. Any error means: fold anew.
func (s *sealedFile) load() (*fold, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, savedName))
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	plain, err := s.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	v := saved{Fold: newFold()}
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion || v.Fold == nil || v.Fold.Dests == nil {
		return nil, errors.New("forward: saved state has another layout")
	}
	if v.Fold.Last, err = journal.ParseID(v.Record); err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	return v.Fold, nil
}

// bytes returns the fold in its saved form.
func (f *fold) bytes() ([]byte, error) {
	b, err := json.Marshal(saved{Version: savedVersion, Record: f.Last.String(), Fold: f})
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	return b, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (s *sealedFile) store(plain []byte) (err error) {
	f, err := os.CreateTemp(s.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("forward: %w", err)
		}
	}()
	_, err = f.Write(s.box.Seal(nil, plain, []byte(savedName)))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(s.dir, savedName))
}
