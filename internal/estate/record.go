package estate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// recordVersion is the version of the bodies this package writes.
const recordVersion = 1

// maxRecord is the longest body in bytes that the fold agrees to read.
const maxRecord = 64 << 20

// Source says how a version came about. The words are the stored form.
type Source string

const (
	FromFiles    Source = "files"    // an import
	FromTemplate Source = "template" // the template that ships
	FromScreen   Source = "screen"   // single values
	FromVersion  Source = "version"  // an earlier version was accepted again
)

// Act is who accepted a version, when and why.
type Act struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
	Why    string    `json:"why,omitempty"`
}

// record is the body of a record of kind Estate.
type record struct {
	V       int       `json:"v"`
	By      Act       `json:"by"`
	Source  Source    `json:"source"`
	Of      uint64    `json:"of,omitempty"`   // FromVersion: the version
	Seen    uint64    `json:"seen,omitempty"` // the newest version that the person saw
	Changes []rowFact `json:"changes"`
}

// rowFact is one row that is new, changed or gone.
type rowFact struct {
	Table string            `json:"t"`
	Row   string            `json:"r"`
	Cells map[string]string `json:"c,omitempty"` // by column; of a changed row only those that differ
	Gone  bool              `json:"gone,omitempty"`
}

var (
	errRecord = errors.New("estate: record is no act of this format")
	errNewer  = errors.New("estate: record was written by a newer version")
)

func (r record) encode() ([]byte, error) {
	r.V = recordVersion
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("estate record: %w", err)
	}
	return b, nil
}

// decodeRecord reads the body of a record of kind Estate. It never returns an
// act that lacks what it needs.
func decodeRecord(b []byte) (record, error) {
	if len(b) > maxRecord {
		return record{}, errRecord
	}
	var r record
	if json.Unmarshal(b, &r) != nil {
		return record{}, errRecord
	}
	if r.V > recordVersion {
		return record{}, errNewer
	}
	whole := r.V >= 1 && r.By.Person != "" && !r.By.At.IsZero() && len(r.Changes) > 0 &&
		slices.Contains([]Source{FromFiles, FromTemplate, FromScreen, FromVersion}, r.Source)
	if !whole || slices.ContainsFunc(r.Changes, func(f rowFact) bool { return strings.Trim(f.Row, "/") == "" || f.Table == "" }) {
		return record{}, errRecord
	}
	return r, nil
}

// facts turns changes into their stored form.
func facts(changes []Change) []rowFact {
	var out []rowFact
	for _, c := range changes {
		t, ok := TableOf(c.Table)
		if !ok {
			continue
		}
		f := rowFact{Table: c.Table, Row: c.Row, Gone: c.Now == nil}
		if c.Now != nil {
			f.Cells = map[string]string{}
			for _, i := range c.Cells() {
				if c.Was != nil || c.Now[i] != "" {
					f.Cells[t.Columns[i].Key] = c.Now[i]
				}
			}
		}
		out = append(out, f)
	}
	return out
}
