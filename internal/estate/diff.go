package estate

import "slices"

// Change is one row that differs between two versions.
type Change struct {
	Table string
	Row   string   // the row's key
	Was   []string // stored values; nil: the row is new
	Now   []string // nil: the row is gone
}

// Cells returns which columns differ.
func (c Change) Cells() []int {
	var out []int
	for i := range max(len(c.Was), len(c.Now)) {
		if c.Was == nil || c.Now == nil || c.Was[i] != c.Now[i] {
			out = append(out, i)
		}
	}
	return out
}

// Diff returns what makes now of was: by table, first what is new or changed in
// the order of now, then what is gone. The order of rows is no difference.
func Diff(was, now *Tables) []Change {
	var out []Change
	for _, t := range tables {
		before, after := t.Rows(was), t.Rows(now)
		old := make(map[string][]string, len(before))
		for _, cells := range before {
			old[t.key(cells)] = cells
		}
		there := make(map[string]bool, len(after))
		for _, cells := range after {
			key := t.key(cells)
			there[key] = true
			if had, ok := old[key]; !ok || !slices.Equal(had, cells) {
				out = append(out, Change{Table: t.Key, Row: key, Was: had, Now: cells})
			}
		}
		for _, cells := range before {
			if key := t.key(cells); !there[key] {
				out = append(out, Change{Table: t.Key, Row: key, Was: cells})
			}
		}
	}
	return out
}
