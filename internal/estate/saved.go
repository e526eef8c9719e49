package estate

import (
	"encoding/json"
	"fmt"
	"maps"

	"notbetrieb/internal/journal"
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
	Refused    journal.ByID[Act]
	Known      journal.ByID[journal.Seq]
	Unreadable uint64
}

type savedRow struct {
	Key   string
	Cells []string
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

var errLayout = fmt.Errorf("estate: %w", journal.ErrLayout)

// readFold returns the fold that Bytes made. Any error means: fold anew.
func readFold(plain []byte) (*fold, error) {
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
	maps.Copy(f.refused, v.Refused)
	maps.Copy(f.known, v.Known)
	f.current = New(*f.tables())
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

// Bytes returns the fold in its saved form: the same fold gives the same bytes.
func (f *fold) Bytes() ([]byte, error) {
	v := saved{
		Version: savedVersion, Seq: f.applied, Record: f.last, Columns: columnKeys(), Rows: map[string][]savedRow{},
		Touched: map[string]map[string]uint64{}, Versions: f.versions, Refused: f.refused, Known: f.known, Unreadable: f.unreadable,
	}
	for t, set := range f.rows {
		for _, k := range set.order {
			v.Rows[t] = append(v.Rows[t], savedRow{k, set.cells[k]})
		}
		v.Touched[t] = set.touched
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("estate: %w", err)
	}
	return b, nil
}
