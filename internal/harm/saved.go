package harm

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// savedVersion is the layout of harm.state. A file of another layout is ignored
// and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "harm.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	States     map[clinical.PatientKey]map[string]*State
	Reports    []*Report
	Refused    map[string]refusal
	Known      map[string]journal.Seq
	Unreadable uint64
}

// sealedFile keeps one sealed value in a file, replaced as a whole.
type sealedFile struct {
	dir string
	box *seal.Box
}

func newSealedFile(dir string, key seal.Key) *sealedFile {
	return &sealedFile{dir: dir, box: seal.NewBox(key.Derive("harm view 1"))}
}

// load returns the fold of the file. Any error means: fold anew.
func (s *sealedFile) load() (*fold, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, savedName))
	if err != nil {
		return nil, fmt.Errorf("harm: %w", err)
	}
	plain, err := s.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("harm: %w", err)
	}
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, errors.New("harm: saved state has another layout")
	}
	f := newFold()
	f.applied, f.last, f.reports, f.unreadable = v.Seq, v.Record, v.Reports, v.Unreadable
	for k, m := range v.States {
		f.states[k] = m
	}
	for id, r := range v.Refused {
		if key, err := journal.ParseID(id); err == nil {
			f.refused[key] = r
		}
	}
	for id, seq := range v.Known {
		if key, err := journal.ParseID(id); err == nil {
			f.known[key] = seq
		}
	}
	return f, nil
}

// bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, States: f.states, Reports: f.reports,
		Refused: map[string]refusal{}, Known: map[string]journal.Seq{}, Unreadable: f.unreadable,
	}
	for id, r := range f.refused {
		v.Refused[id.String()] = r
	}
	for id, seq := range f.known {
		v.Known[id.String()] = seq
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("harm: %w", err)
	}
	return b, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (s *sealedFile) store(plain []byte) (err error) {
	f, err := os.CreateTemp(s.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("harm: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("harm: %w", err)
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
	return os.Rename(f.Name(), filepath.Join(s.dir, savedName))
}
