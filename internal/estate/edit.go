package estate

import (
	"slices"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Row returns the stored values of one row.
func (e *Estate) Row(t *Table, row string) ([]string, bool) {
	for _, cells := range t.Rows(&e.Tables) {
		if t.key(cells) == row {
			return cells, true
		}
	}
	return nil, false
}

// Edit reads one row as a person typed it, by the key of the column, and returns
// what it changes, or what is wrong by column. row is the key of the row that is
// edited, "" for a new one. The ID of a row that stands cannot be changed.
func (e *Estate) Edit(t *Table, row string, typed map[string]string) ([]Change, map[string]lang.Text) {
	was, there := e.Row(t, row)
	if row != "" && !there {
		return nil, map[string]lang.Text{"": {DE: "Diese Zeile gibt es nicht mehr.", EN: "This row is no longer there."}}
	}
	wrong := map[string]lang.Text{}
	now := make([]string, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		v, say := c.Read(typed[c.Key])
		if say != nil {
			wrong[c.Key] = *say
			continue
		}
		if now[i] = v; c.Ref != "" && v != "" {
			to, _ := TableOf(c.Ref)
			now[i] = e.refer(c, newRegister(to, to.Rows(&e.Tables)), v, wrong)
		}
	}
	if t.Columns[0].Key == "id" {
		e.name(t, was, now, wrong)
	}
	if t.fits != nil && len(wrong) == 0 {
		for _, m := range t.fits(now) {
			if key := t.Columns[m.col].Key; wrong[key] == (lang.Text{}) {
				wrong[key] = m.say
			}
		}
	}
	key := t.key(now)
	if _, taken := e.Row(t, key); taken && key != row && len(wrong) == 0 {
		wrong[t.Columns[0].Key] = lang.Text{DE: "Eine solche Zeile gibt es schon.", EN: "There is such a row already."}
	}
	switch {
	case len(wrong) > 0:
		return nil, wrong
	case there && slices.Equal(was, now):
		return nil, nil
	case there && key != row:
		return []Change{{Table: t.Key, Row: key, Now: now}, {Table: t.Key, Row: row, Was: was}}, nil
	}
	return []Change{{Table: t.Key, Row: key, Was: was, Now: now}}, nil
}

// name gives a new row its ID; one that stands keeps it.
func (e *Estate) name(t *Table, was, now []string, wrong map[string]lang.Text) {
	switch at := t.at("name"); {
	case was != nil:
		now[0] = was[0]
		delete(wrong, "id")
	case now[0] == "" && at >= 0:
		now[0] = Slug(now[at])
	}
	if now[0] == "" && wrong["id"] == (lang.Text{}) {
		wrong["id"] = lang.Text{DE: "Hier fehlt eine Kennung.", EN: "An ID is missing here."}
	}
}

func (e *Estate) refer(c *Column, g register, v string, wrong map[string]lang.Text) string {
	parts := []string{v}
	if c.Many {
		parts = split(v)
	}
	for i, p := range parts {
		id, ok := g.find(p)
		if !ok {
			wrong[c.Key] = g.unknown(c.Ref, p)
		}
		parts[i] = id
	}
	return strings.Join(split(strings.Join(parts, ", ")), ", ")
}

// Remove returns the change that takes a row away. A row that others name stays
// (fault.Conflict).
func (e *Estate) Remove(t *Table, row string) ([]Change, error) {
	was, ok := e.Row(t, row)
	if !ok {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Diese Zeile gibt es nicht mehr.", EN: "This row is no longer there."})
	}
	if by := e.named(t, was[0]); len(by) > 0 && t.Columns[0].Key == "id" {
		shown, more := by, ""
		if len(by) > 5 {
			shown, more = by[:5], " …"
		}
		return nil, fault.New(fault.Conflict, lang.Text{
			DE: "Das wird noch genannt in: " + strings.Join(shown, "; ") + more + ". Bitte dort zuerst ändern.",
			EN: "This is still named in: " + strings.Join(shown, "; ") + more + ". Please change it there first.",
		})
	}
	return []Change{{Table: t.Key, Row: row, Was: was}}, nil
}

// named returns the rows that name a row of t, as "table: row".
func (e *Estate) named(t *Table, id string) []string {
	var out []string
	for _, x := range tables {
		for i := range x.Columns {
			if x.Columns[i].Ref != t.Key {
				continue
			}
			for _, cells := range x.Rows(&e.Tables) {
				if slices.Contains(split(cells[i]), id) {
					out = append(out, x.Title.DE+": "+strings.Trim(x.key(cells), "/"))
				}
			}
		}
	}
	return slices.Compact(out)
}
