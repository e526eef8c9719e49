package estate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// File is one file that was handed in.
type File struct {
	Name string
	Data []byte
}

// Mistake is one thing wrong with a file, and where.
type Mistake struct {
	File   string
	Sheet  string // "" where a file has only one
	Row    int    // as the spreadsheet counts, in YAML the line; 0: the whole file
	Column string // the head as it stands in the file
	Say    lang.Text
}

// Place says where: "estate.xlsx, Systeme, Zeile 4, RTO".
func (m Mistake) Place(l lang.Lang) string {
	var parts []string
	for _, p := range []string{m.File, m.Sheet} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if m.Row > 0 {
		parts = append(parts, lang.Text{DE: "Zeile", EN: "row"}.In(l)+fmt.Sprintf(" %d", m.Row))
	}
	if m.Column != "" {
		parts = append(parts, lang.Text{DE: "Spalte", EN: "column"}.In(l)+" "+m.Column)
	}
	return strings.Join(parts, ", ")
}

const (
	maxFile  = 16 << 20 // bytes of one file, and of everything in it unpacked
	maxFiles = 20
	maxRows  = 20_000 // of one table
	maxCols  = 200    // of one sheet
	maxFound = 500    // mistakes kept
)

// MaxFile is the most bytes of one file that are read.
const MaxFile = maxFile

// sheet is a table as it stands in a file.
type sheet struct {
	file, name string
	heads      []string
	headRow    int
	lines      []line
	dates      func(float64) (Date, bool) // of XLSX: a day as a number
}

type line struct {
	n     int // as the file counts
	cells []string
}

// newSheet takes the first row that is not empty as the heads. Rows that begin
// with # are remarks.
func newSheet(file, name string, rows []line) *sheet {
	s := &sheet{file: file, name: name}
	for _, r := range rows {
		first, ok := firstCell(r.cells)
		switch {
		case !ok || strings.HasPrefix(first, "#"):
		case s.heads == nil:
			s.heads, s.headRow = r.cells, r.n
		default:
			s.lines = append(s.lines, r)
		}
	}
	return s
}

func firstCell(cells []string) (string, bool) {
	for _, c := range cells {
		if c = strings.TrimSpace(c); c != "" {
			return c, true
		}
	}
	return "", false
}

// folded is a head or name as it is compared: lower case, words apart by one
// blank, without marks of punctuation.
func folded(s string) string {
	return strings.Join(strings.Fields(unmarked.Replace(strings.ToLower(s))), " ")
}

// unmarked takes marks of punctuation out of heads and names.
var unmarked = strings.NewReplacer("_", " ", "-", " ", "*", " ", ":", " ", "\n", " ", "\u00a0", " ", "\ufeff", "")

// tableNamed finds the table that a sheet or file is called after.
func tableNamed(name string) (*Table, bool) {
	name = folded(name)
	for _, t := range tables {
		for _, n := range append([]string{t.Key, t.Title.DE, t.Title.EN}, t.Also...) {
			if folded(n) == name {
				return t, true
			}
		}
	}
	return nil, false
}

// aside reports whether a sheet is there for people only.
func aside(name string) bool {
	n := folded(name)
	return strings.HasPrefix(name, "_") || slices.Contains([]string{"anleitung", "hinweise", "liesmich", "instructions", "readme", "notes"}, n)
}

// reading is an import under way: the rows of each table that came, and what is
// wrong with them.
type reading struct {
	came     map[string][]came // by table
	order    []string
	mistakes []Mistake
	more     int // mistakes that are not kept
}

// came is one row of a file with its stored values.
type came struct {
	sheet *sheet
	n     int
	cells []string
	heads []string // as they stand in the file, by column; "" where it has none
}

func (r *reading) wrong(m Mistake) {
	if len(r.mistakes) >= maxFound {
		r.more++
		return
	}
	r.mistakes = append(r.mistakes, m)
}

// take reads a sheet whose table is known.
func (r *reading) take(t *Table, s *sheet) {
	if _, twice := r.came[t.Key]; twice {
		r.wrong(Mistake{File: s.file, Sheet: s.name, Say: lang.Text{
			DE: "Die Tabelle " + t.Title.DE + " kommt zweimal vor. Bitte alle Zeilen in eine zusammenführen.",
			EN: "The table " + t.Title.EN + " is there twice. Please join all rows in one.",
		}})
		return
	}
	r.came[t.Key] = []came{} // present, even if it is empty
	r.order = append(r.order, t.Key)
	place, ok := r.columns(t, s)
	if !ok {
		return
	}
	heads := make([]string, len(t.Columns))
	for col, at := range place {
		if at >= 0 {
			heads[col] = strings.TrimSpace(s.heads[at])
		}
	}
	if len(s.lines) > maxRows {
		r.wrong(Mistake{File: s.file, Sheet: s.name, Say: lang.Text{
			DE: fmt.Sprintf("Die Tabelle hat mehr als %d Zeilen.", maxRows), EN: fmt.Sprintf("The table has more than %d rows.", maxRows),
		}})
		s.lines = s.lines[:maxRows]
	}
	for _, l := range s.lines {
		r.row(t, s, l, place, heads)
	}
}

// columns finds for each column of the table where it stands in the sheet, or
// -1.
func (r *reading) columns(t *Table, s *sheet) ([]int, bool) {
	place := make([]int, len(t.Columns))
	for i := range place {
		place[i] = -1
	}
	fine := true
	for at, head := range s.heads {
		if strings.TrimSpace(head) == "" {
			if slices.ContainsFunc(s.lines, func(l line) bool { return at < len(l.cells) && strings.TrimSpace(l.cells[at]) != "" }) {
				r.wrong(Mistake{File: s.file, Sheet: s.name, Row: s.headRow, Say: lang.Text{
					DE: fmt.Sprintf("Die %d. Spalte hat Werte, aber keine Überschrift.", at+1),
					EN: fmt.Sprintf("Column %d has values but no head.", at+1),
				}})
			}
			continue
		}
		col := t.headed(head)
		switch {
		case col < 0:
			r.wrong(Mistake{File: s.file, Sheet: s.name, Row: s.headRow, Column: strings.TrimSpace(head), Say: lang.Text{
				DE: "Diese Spalte gibt es in " + t.Title.DE + " nicht. Es gibt: " + t.heads(lang.DE) + ".",
				EN: "There is no such column in " + t.Title.EN + ". There are: " + t.heads(lang.EN) + ".",
			}})
		case place[col] >= 0:
			r.wrong(Mistake{File: s.file, Sheet: s.name, Row: s.headRow, Column: strings.TrimSpace(head), Say: lang.Text{
				DE: "Diese Spalte kommt zweimal vor.", EN: "This column is there twice.",
			}})
		default:
			place[col] = at
		}
	}
	for i, c := range t.Columns {
		if c.Must && place[i] < 0 && len(s.lines) > 0 {
			fine = false
			r.wrong(Mistake{File: s.file, Sheet: s.name, Row: s.headRow, Say: lang.Text{
				DE: "Die Spalte „" + c.Head.DE + "“ fehlt.", EN: "The column “" + c.Head.EN + "” is missing.",
			}})
		}
	}
	return place, fine
}

// headed returns the column that a head names, or -1.
func (t *Table) headed(head string) int {
	h := folded(head)
	match := func(c *Column, names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return folded(n) == h })
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; match(c, c.Key, c.Head.DE, c.Head.EN) {
			return i
		}
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; match(c, c.Also...) {
			return i
		}
	}
	return -1
}

func (t *Table) heads(l lang.Lang) string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.Head.In(l))
	}
	return strings.Join(out, ", ")
}

// row reads the cells of one row into stored values.
func (r *reading) row(t *Table, s *sheet, l line, place []int, heads []string) {
	c := came{sheet: s, n: l.n, heads: heads, cells: make([]string, len(t.Columns))}
	fine := true
	for i := range t.Columns {
		col := &t.Columns[i]
		raw := ""
		if at := place[i]; at >= 0 && at < len(l.cells) {
			raw = strings.TrimSpace(l.cells[at])
		}
		if s.dates != nil && col.want == dateWant {
			raw = s.day(raw)
		}
		v, say := col.Read(raw)
		if say != nil {
			head := cmp.Or(heads[i], col.Head.DE)
			r.wrong(Mistake{File: s.file, Sheet: s.name, Row: l.n, Column: head, Say: quoted(raw, *say)})
		}
		c.cells[i] = v
		fine = fine && say == nil
	}
	if t.fits != nil && fine {
		for _, m := range t.fits(c.cells) {
			r.wrong(Mistake{File: s.file, Sheet: s.name, Row: l.n, Column: cmp.Or(heads[m.col], t.Columns[m.col].Head.DE), Say: quoted(c.cells[m.col], m.say)})
		}
	}
	r.came[t.Key] = append(r.came[t.Key], c)
}

// quoted puts what was read before the sentence about it, if that is short.
func quoted(raw string, say lang.Text) lang.Text {
	if raw == "" {
		return say
	}
	if len([]rune(raw)) > 40 {
		raw = string([]rune(raw)[:39]) + "…"
	}
	return lang.Text{DE: "„" + raw + "“ ist hier nicht möglich. " + say.DE, EN: "“" + raw + "” is not possible here. " + say.EN}
}
