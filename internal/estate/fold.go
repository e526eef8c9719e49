package estate

import (
	"slices"

	"notbetrieb/internal/journal"
)

// Version is one accepted state of the estate.
type Version struct {
	Seq                     uint64
	By                      Act
	Source                  Source
	Of                      uint64
	Added, Changed, Removed int
}

// rowset is the rows of one table in the order they came.
type rowset struct {
	order   []string
	cells   map[string][]string
	touched map[string]uint64 // version that touched a row last, also of rows that are gone
}

// fold is everything that follows from the records of the estate. It uses no
// clock and does no I/O: the same records give the same fold.
type fold struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	rows       map[string]*rowset
	versions   []Version
	refused    map[journal.ID]Act // acts without effect, with the act they collide with
	known      map[journal.ID]journal.Seq
	unreadable uint64
	current    *Estate // what the rows say, since the last Take
}

func newFold() *fold {
	f := &fold{rows: map[string]*rowset{}, refused: map[journal.ID]Act{}, known: map[journal.ID]journal.Seq{}}
	for _, t := range tables {
		f.rows[t.Key] = &rowset{cells: map[string][]string{}, touched: map[string]uint64{}}
	}
	f.current = New(*f.tables())
	return f
}

// judge returns the act that r collides with: somebody changed one of its rows
// after its author looked.
func (f *fold) judge(r *record) (Act, bool) {
	for _, c := range r.Changes {
		set := f.rows[c.Table]
		if set == nil || set.touched[c.Row] <= r.Seen {
			continue
		}
		for _, v := range f.versions {
			if v.Seq == set.touched[c.Row] {
				return v.By, true
			}
		}
	}
	return Act{}, false
}

// At returns the last record taken in.
func (f *fold) At() (journal.Seq, journal.ID) { return f.applied, f.last }

// Take takes records in and returns how many acts were among them.
func (f *fold) Take(recs []journal.Record) (acts int) {
	n, seen := len(f.known), f.seen()
	for _, r := range recs {
		f.apply(r)
	}
	if f.seen() != seen {
		f.current = New(*f.tables())
	}
	return len(f.known) - n
}

// apply takes one record. Records that were applied before change nothing.
func (f *fold) apply(rec journal.Record) {
	if rec.Seq <= f.applied {
		return
	}
	f.applied, f.last = rec.Seq, rec.ID
	if rec.Kind != journal.Estate {
		return
	}
	r, err := decodeRecord(rec.Body)
	if err != nil {
		f.unreadable++
		return
	}
	f.known[rec.ID] = rec.Seq
	if against, collides := f.judge(&r); collides {
		f.refused[rec.ID] = against
		return
	}
	v := Version{Seq: uint64(rec.Seq), By: r.By, Source: r.Source, Of: r.Of}
	for _, c := range r.Changes {
		f.change(c, &v)
	}
	f.versions = append(f.versions, v)
}

// change applies one row. What a newer version of the program knows and this
// one does not is left out; a row that cannot be read stays as it was.
func (f *fold) change(c rowFact, v *Version) {
	t, ok := TableOf(c.Table)
	if !ok {
		return
	}
	set := f.rows[c.Table]
	was, there := set.cells[c.Row]
	if c.Gone {
		set.touched[c.Row] = v.Seq
		if there {
			delete(set.cells, c.Row)
			set.order = slices.DeleteFunc(set.order, func(k string) bool { return k == c.Row })
			v.Removed++
		}
		return
	}
	now := make([]string, len(t.Columns))
	copy(now, was)
	for key, value := range c.Cells {
		if i := t.at(key); i >= 0 {
			now[i] = value
		}
	}
	var scratch Tables
	if t.key(now) != c.Row || !t.fill(&scratch, [][]string{now}) {
		f.unreadable++
		return
	}
	set.cells[c.Row], set.touched[c.Row] = now, v.Seq
	if there {
		v.Changed++
		return
	}
	set.order = append(set.order, c.Row)
	v.Added++
}

// tables returns the rows as they stand.
func (f *fold) tables() *Tables {
	var out Tables
	for _, t := range tables {
		set := f.rows[t.Key]
		rows := make([][]string, 0, len(set.order))
		for _, k := range set.order {
			rows = append(rows, set.cells[k])
		}
		t.fill(&out, rows) // each row was read when it came
	}
	return &out
}

// seen is the newest version, 0 for none.
func (f *fold) seen() uint64 {
	if n := len(f.versions); n > 0 {
		return f.versions[n-1].Seq
	}
	return 0
}
