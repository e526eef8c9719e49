package crisis

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// savedVersion is the layout of crises.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "crises.state"

// saved is the fold as it is kept between starts, so that a start need not read
// the whole journal.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Crises     []savedCrisis
	Known      map[string]journal.Seq
	Refused    map[string]refusal
	Unreadable uint64
}

// savedCrisis is a crisis with what the record's form of a task leaves out.
type savedCrisis struct {
	*Crisis
	Tasks []savedTask
}

type savedTask struct {
	Task   Task
	State  TaskState
	Person string
	Name   string
	Note   string
	By     Act
	Agreed []Act
	Runs   []Run
}

// sealedFile keeps one sealed value in a file, replaced as a whole.
type sealedFile struct {
	dir string
	box *seal.Box
}

func newSealedFile(dir string, key seal.Key) *sealedFile {
	return &sealedFile{dir: dir, box: seal.NewBox(key.Derive("crisis view 1"))}
}

func (s *sealedFile) path() string { return filepath.Join(s.dir, savedName) }

// load returns the fold of the file. Any error means: fold anew.
func (s *sealedFile) load() (*fold, error) {
	b, err := os.ReadFile(s.path())
	if err != nil {
		return nil, fmt.Errorf("crisis: %w", err)
	}
	plain, err := s.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("crisis: %w", err)
	}
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion {
		return nil, errors.New("crisis: saved state has another layout")
	}
	f := newFold()
	f.applied, f.last, f.unreadable = v.Seq, v.Record, v.Unreadable
	for _, x := range v.Crises {
		if x.Crisis == nil {
			return nil, errors.New("crisis: saved state is not whole")
		}
		for _, t := range x.Tasks {
			t.Task.State, t.Task.Person, t.Task.Name, t.Task.Note, t.Task.By, t.Task.Agreed, t.Task.Runs = t.State, t.Person, t.Name, t.Note, t.By, t.Agreed, t.Runs
			x.Crisis.Tasks = append(x.Crisis.Tasks, t.Task)
		}
		f.crises = append(f.crises, x.Crisis)
	}
	for k, seq := range v.Known {
		id, err := journal.ParseID(k)
		if err != nil {
			return nil, fmt.Errorf("crisis: %w", err)
		}
		f.known[id] = seq
	}
	for k, r := range v.Refused {
		id, err := journal.ParseID(k)
		if err != nil {
			return nil, fmt.Errorf("crisis: %w", err)
		}
		f.refused[id] = r
	}
	return f, nil
}

// bytes returns the fold in its saved form.
func (f *fold) bytes() ([]byte, error) {
	v := saved{Version: savedVersion, Seq: f.applied, Record: f.last, Known: map[string]journal.Seq{}, Refused: map[string]refusal{}, Unreadable: f.unreadable}
	for _, c := range f.crises {
		x := savedCrisis{Crisis: c}
		for _, t := range c.Tasks {
			x.Tasks = append(x.Tasks, savedTask{t, t.State, t.Person, t.Name, t.Note, t.By, t.Agreed, t.Runs})
		}
		v.Crises = append(v.Crises, x)
	}
	for id, seq := range f.known {
		v.Known[id.String()] = seq
	}
	for id, r := range f.refused {
		v.Refused[id.String()] = r
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("crisis: %w", err)
	}
	return b, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (s *sealedFile) store(plain []byte) (err error) {
	f, err := os.CreateTemp(s.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("crisis: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("crisis: %w", err)
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
