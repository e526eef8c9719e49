package incident

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// savedVersion is the layout of outages.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "outages.state"

// saved is the fold as it is kept between starts, so that a start need not read
// the whole journal.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Outages    []Outage
	States     map[string]stateSet
	Log        []Entry
	Unreadable uint64
}

// sealedFile keeps one sealed value in a file, replaced as a whole.
type sealedFile struct {
	dir string
	box *seal.Box
}

func newSealedFile(dir string, key seal.Key) *sealedFile {
	return &sealedFile{dir: dir, box: seal.NewBox(key.Derive("outages view 1"))}
}

func (s *sealedFile) path() string { return filepath.Join(s.dir, savedName) }

// load returns the fold of the file. Any error means: fold anew.
func (s *sealedFile) load() (*fold, error) {
	b, err := os.ReadFile(s.path())
	if err != nil {
		return nil, fmt.Errorf("outages: %w", err)
	}
	plain, err := s.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("outages: %w", err)
	}
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, errors.New("outages: saved state has another layout")
	}
	f := newFold()
	f.applied, f.last, f.log, f.unreadable = v.Seq, v.Record, v.Log, v.Unreadable
	for i := range v.Outages {
		f.outages = append(f.outages, &v.Outages[i])
	}
	for k, st := range v.States {
		f.states[k] = st
	}
	for i, n := range f.log {
		f.byRecord[n.Record] = i
	}
	return f, nil
}

// bytes returns the fold in its saved form.
func (f *fold) bytes() ([]byte, error) {
	v := saved{Version: savedVersion, Seq: f.applied, Record: f.last, States: f.states, Log: f.log, Unreadable: f.unreadable}
	for _, o := range f.outages {
		v.Outages = append(v.Outages, *o)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("outages: %w", err)
	}
	return b, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (s *sealedFile) store(plain []byte) (err error) {
	f, err := os.CreateTemp(s.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("outages: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("outages: %w", err)
		}
	}()
	if _, err = f.Write(s.box.Seal(nil, plain, []byte(savedName))); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path())
}
