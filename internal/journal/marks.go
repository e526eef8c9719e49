package journal

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Marks is the [Fold] of what reads its few records again from the journal when
// it needs them: it knows where they are, by a word for their class, and nothing
// of what they say.
type Marks struct {
	s    savedMarks
	mark func(*Record) string
}

type savedMarks struct {
	Layout int
	Seq    Seq
	Record ID
	Marked map[string][]Seq // in order
}

const marksLayout = 2 // 1 was that of each package of its own

// NewMarks returns the Memory of marks on the records for which mark returns a
// class, "" for none.
func NewMarks(mark func(*Record) string) *Memory[*Marks] {
	fresh := func() *Marks { return &Marks{savedMarks{Layout: marksLayout, Marked: map[string][]Seq{}}, mark} }
	return NewMemory(fresh, func(plain []byte) (*Marks, error) {
		m := fresh()
		m.s.Layout = 0
		if err := json.Unmarshal(plain, &m.s); err != nil {
			var layout struct{ Version int }
			if json.Unmarshal(plain, &layout) == nil && layout.Version != 0 {
				return nil, ErrLayout
			}
			return nil, errors.Join(errors.New("marks cannot be read"), err)
		}
		if m.s.Layout != marksLayout || m.s.Marked == nil {
			return nil, ErrLayout
		}
		return m, nil
	})
}

// At returns the last record taken in, zero for none.
func (m *Marks) At() (Seq, ID) { return m.s.Seq, m.s.Record }

// Take marks records and returns how many were marked.
func (m *Marks) Take(recs []Record) (acts int) {
	for i := range recs {
		r := &recs[i]
		if r.Seq <= m.s.Seq {
			continue
		}
		m.s.Seq, m.s.Record = r.Seq, r.ID
		if class := m.mark(r); class != "" {
			m.s.Marked[class] = append(m.s.Marked[class], r.Seq)
			acts++
		}
	}
	return acts
}

// Bytes returns the marks as they are kept between starts.
func (m *Marks) Bytes() ([]byte, error) {
	b, err := json.Marshal(m.s)
	if err != nil {
		return nil, fmt.Errorf("marks: %w", err)
	}
	return b, nil
}

// Of returns the records of a class in order. It is not to be changed; what is
// marked later is not in it.
func (m *Marks) Of(class string) []Seq { return m.s.Marked[class] }
