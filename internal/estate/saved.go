package estate

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// savedVersion is the layout of estate.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 1

// savedName is the file in the data folder.
const savedName = "estate.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Columns    map[string][]string // keys by table, in the order of the cells
	Rows       map[string][]savedRow
	Touched    map[string]map[string]uint64
	Versions   []Version
	Refused    map[string]Act
	Known      map[string]journal.Seq
	Unreadable uint64
}

type savedRow struct {
	Key   string
	Cells []string
}

// sealedFile keeps one sealed value in a file, replaced as a whole.
type sealedFile struct {
	dir string
	box *seal.Box
}

func newSealedFile(dir string, key seal.Key) *sealedFile {
	return &sealedFile{dir: dir, box: seal.NewBox(key.Derive("estate view 1"))}
}

// columnKeys says in which order the cells of a table stand.
func columnKeys() map[string][]string {
	out := map[string][]string{}
	for _, t := range tables {
		for _, c := range t.Columns {
			out[t.Key] = append(out[t.Key], c.Key)
		}
	}
	return out
}

var errLayout = errors.New("estate: saved state has another layout")

// load returns the fold of the file. Any error means: fold anew.
func (s *sealedFile) load() (*fold, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, savedName))
	if err != nil {
		return nil, fmt.Errorf("estate: %w", err)
	}
	plain, err := s.box.Open(nil, b, []byte(savedName))
	if err != nil {
		return nil, fmt.Errorf("estate: %w", err)
	}
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion || !sameColumns(v.Columns) {
		return nil, errLayout
	}
	f := newFold()
	f.applied, f.last, f.versions, f.unreadable = v.Seq, v.Record, v.Versions, v.Unreadable
	for _, t := range tables {
		set := f.rows[t.Key]
		for _, r := range v.Rows[t.Key] {
			if len(r.Cells) != len(t.Columns) {
				return nil, errLayout
			}
			set.order, set.cells[r.Key] = append(set.order, r.Key), r.Cells
		}
		for k, seq := range v.Touched[t.Key] {
			set.touched[k] = seq
		}
	}
	for id, a := range v.Refused {
		if key, err := journal.ParseID(id); err == nil {
			f.refused[key] = a
		}
	}
	for id, seq := range v.Known {
		if key, err := journal.ParseID(id); err == nil {
			f.known[key] = seq
		}
	}
	return f, nil
}

func sameColumns(saved map[string][]string) bool {
	now := columnKeys()
	if len(saved) != len(now) {
		return false
	}
	for t, keys := range now {
		if fmt.Sprint(saved[t]) != fmt.Sprint(keys) {
			return false
		}
	}
	return true
}

// bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, Columns: columnKeys(), Rows: map[string][]savedRow{},
		Touched: map[string]map[string]uint64{}, Versions: f.versions, Refused: map[string]Act{}, Known: map[string]journal.Seq{}, Unreadable: f.unreadable,
	}
	for t, set := range f.rows {
		for _, k := range set.order {
			v.Rows[t] = append(v.Rows[t], savedRow{k, set.cells[k]})
		}
		v.Touched[t] = set.touched
	}
	for id, a := range f.refused {
		v.Refused[id.String()] = a
	}
	for id, seq := range f.known {
		v.Known[id.String()] = seq
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("estate: %w", err)
	}
	return b, nil
}

// store replaces the file: a new one is written and synced beside it, then
// renamed over it. A crash leaves the old or the new one.
func (s *sealedFile) store(plain []byte) (err error) {
	f, err := os.CreateTemp(s.dir, savedName+".*")
	if err != nil {
		return fmt.Errorf("estate: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("estate: %w", err)
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
