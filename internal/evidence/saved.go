package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of evidence.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 2

// StateFile is the file in the folder that may be deleted: it is folded anew.
const StateFile = "evidence.state"

// saved is the fold as it is kept between starts.
type saved struct {
	Version    int
	Seq        journal.Seq
	Record     journal.ID
	Cases      []*Case
	Holds      []Hold
	HoldLast   journal.Seq
	Known      map[string]journal.Seq
	Refused    map[string]refusal
	Unreadable uint64
}

// memory is the fold, read by many while records are taken in.
type memory struct {
	sync.RWMutex
	fold *fold
}

// At returns where the fold stands.
func (m *memory) At() (journal.Seq, journal.ID) {
	m.RLock()
	defer m.RUnlock()
	return m.fold.applied, m.fold.last
}

// Take folds records and returns how many acts were among them.
func (m *memory) Take(recs []journal.Record) int {
	m.Lock()
	defer m.Unlock()
	n := len(m.fold.known)
	for _, r := range recs {
		m.fold.apply(r)
	}
	return len(m.fold.known) - n
}

// Save returns the fold as it is kept between starts.
func (m *memory) Save() ([]byte, journal.Seq, error) {
	m.RLock()
	defer m.RUnlock()
	plain, err := m.fold.bytes()
	return plain, m.fold.applied, err
}

// Reset empties the fold.
func (m *memory) Reset() { m.set(newFold()) }

// Load sets the fold to what Save returned.
func (m *memory) Load(plain []byte) error {
	f, err := readFold(plain)
	if err == nil {
		m.set(f)
	}
	return err
}

func (m *memory) set(f *fold) {
	m.Lock()
	defer m.Unlock()
	m.fold = f
}

// readFold returns the fold that bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
	var v saved
	if err := json.Unmarshal(plain, &v); err != nil {
		return nil, errors.New("evidence: saved state does not read")
	}
	if v.Version != savedVersion {
		return nil, fmt.Errorf("evidence: %w", journal.ErrLayout)
	}
	f := newFold()
	f.applied, f.last, f.cases, f.holds, f.holdLast, f.unreadable = v.Seq, v.Record, v.Cases, v.Holds, v.HoldLast, v.Unreadable
	for _, c := range f.cases {
		for _, i := range c.Items {
			if i.Turn < 1 || i.Turn > len(i.Entries) || i.Asked > len(i.Entries) {
				return nil, errors.New("evidence: saved state is not whole")
			}
			f.items[i.ID] = i
		}
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
		Version: savedVersion, Seq: f.applied, Record: f.last, Cases: f.cases, Holds: f.holds, HoldLast: f.holdLast,
		Known: map[string]journal.Seq{}, Refused: map[string]refusal{}, Unreadable: f.unreadable,
	}
	for id, r := range f.refused {
		v.Refused[id.String()] = r
	}
	for id, seq := range f.known {
		v.Known[id.String()] = seq
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return b, nil
}
