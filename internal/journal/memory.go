package journal

import (
	"encoding/json"
	"errors"
	"sync"
)

// ErrLayout is what reading a saved fold returns when another version of the
// program wrote it, or for another configuration: it is folded anew, and no
// damage.
var ErrLayout = errors.New("saved state has another layout")

// Fold is what follows from the records of a journal, one after the other. It
// uses no clock and does no I/O: the same records give the same fold.
type Fold interface {
	// At returns the last record taken in, zero for none.
	At() (Seq, ID)
	// Take takes records in, passes over those that it has, and returns how many
	// acts were among them.
	Take(recs []Record) (acts int)
	// Bytes returns the fold as it is kept between starts: the same fold gives the
	// same bytes.
	Bytes() ([]byte, error)
}

// Memory is the [State] of a Follower in memory: a fold that many read, under
// the lock, while records are taken in.
type Memory[F Fold] struct {
	sync.RWMutex
	Fold F

	fresh func() F
	read  func(plain []byte) (F, error)
}

// NewMemory returns a Memory of a fresh fold. read returns the fold that Bytes
// made.
func NewMemory[F Fold](fresh func() F, read func(plain []byte) (F, error)) *Memory[F] {
	return &Memory[F]{Fold: fresh(), fresh: fresh, read: read}
}

// At returns where the fold stands.
func (m *Memory[F]) At() (Seq, ID) {
	m.RLock()
	defer m.RUnlock()
	return m.Fold.At()
}

// Take takes records in and returns how many acts were among them.
func (m *Memory[F]) Take(recs []Record) (acts int) {
	m.Lock()
	defer m.Unlock()
	return m.Fold.Take(recs)
}

// Save returns the fold as it is kept between starts, and where it stands.
func (m *Memory[F]) Save() (plain []byte, at Seq, err error) {
	m.RLock()
	defer m.RUnlock()
	at, _ = m.Fold.At()
	plain, err = m.Fold.Bytes()
	return plain, at, err
}

// Load sets the fold to what Save returned.
func (m *Memory[F]) Load(plain []byte) error {
	f, err := m.read(plain)
	if err == nil {
		m.set(f)
	}
	return err
}

// Reset empties the fold.
func (m *Memory[F]) Reset() { m.set(m.fresh()) }

func (m *Memory[F]) set(f F) {
	m.Lock()
	defer m.Unlock()
	m.Fold = f
}

// ByID is what a saved fold keeps for each record, under its ID as text.
type ByID[V any] map[ID]V

// MarshalJSON writes the map, sorted by ID.
func (m ByID[V]) MarshalJSON() ([]byte, error) {
	text := make(map[string]V, len(m))
	for id, v := range m {
		text[id.String()] = v
	}
	return json.Marshal(text)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *ByID[V]) UnmarshalJSON(b []byte) error {
	var text map[string]V
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	*m = make(ByID[V], len(text))
	for s, v := range text {
		id, err := ParseID(s)
		if err != nil {
			return err
		}
		(*m)[id] = v
	}
	return nil
}
