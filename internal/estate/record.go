package estate

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/journal"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "estate record", Version: 1, Most: 64 << 20}

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

func (r record) encode() ([]byte, error) {
	r.V = form.Version
	return form.Encode(r)
}

// decodeRecord reads the body of a record of kind Estate. It never returns an
// act that lacks what it needs.
func decodeRecord(b []byte) (record, error) {
	var r record
	if err := form.Decode(b, &r, &r.V); err != nil {
		return record{}, err
	}
	whole := r.By.Person != "" && !r.By.At.IsZero() && len(r.Changes) > 0 &&
		slices.Contains([]Source{FromFiles, FromTemplate, FromScreen, FromVersion}, r.Source)
	if !whole || slices.ContainsFunc(r.Changes, func(f rowFact) bool { return strings.Trim(f.Row, "/") == "" || f.Table == "" }) {
		return record{}, journal.ErrBody
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
