package estate

import (
	"archive/zip"
	"bytes"
	"cmp"
	"io"
	"path"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// Import is what files say.
type Import struct {
	Tables   Tables    // what stands, with the tables that came in place of the old ones; not to be used if there are Mistakes
	Came     []string  // keys of the tables that came, in the order of the workbook
	Mistakes []Mistake // all at once, in the order of the files
	More     int       // further mistakes that are not kept
}

// Read reads files over what stands. A table that comes replaces the whole
// table; one that does not come stays as it stands. Every mistake is found at
// once.
func Read(files []File, standing *Tables) Import {
	r := &reading{came: map[string][]came{}}
	if len(files) > maxFiles {
		r.wrong(Mistake{Say: lang.Text{DE: "Das sind mehr als 20 Dateien.", EN: "These are more than 20 files."}})
		files = nil
	}
	for _, f := range files {
		r.file(f, true)
	}
	if len(r.came) == 0 && len(r.mistakes) == 0 {
		r.wrong(Mistake{Say: lang.Text{DE: "Darin ist keine Tabelle.", EN: "There is no table in it."}})
	}
	return r.finish(standing)
}

// file reads one file by its ending and its first bytes.
func (r *reading) file(f File, packed bool) {
	f.Name = path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
	ext := strings.ToLower(path.Ext(f.Name))
	switch {
	case len(f.Data) > maxFile:
		r.wrong(Mistake{File: f.Name, Say: lang.Text{DE: "Die Datei ist größer als 16 MiB.", EN: "The file is larger than 16 MiB."}})
	case len(f.Data) == 0:
		r.wrong(Mistake{File: f.Name, Say: lang.Text{DE: "Die Datei ist leer.", EN: "The file is empty."}})
	case ext == ".xlsx" || ext == ".xlsm":
		r.readXLSX(f)
	case ext == ".yaml" || ext == ".yml":
		r.readYAML(f)
	case ext == ".csv" || ext == ".txt" || ext == ".tsv":
		r.readCSV(f)
	case ext == ".zip" && packed:
		r.readZIP(f)
	default:
		r.wrong(Mistake{File: f.Name, Say: lang.Text{
			DE: "Diese Art von Datei wird nicht gelesen. Möglich sind .xlsx, .csv, .yaml und .zip mit .csv darin.",
			EN: "This kind of file is not read. Possible are .xlsx, .csv, .yaml, and .zip with .csv inside.",
		}})
	}
}

func (r *reading) readZIP(f File) {
	bad := func() {
		r.wrong(Mistake{File: f.Name, Say: lang.Text{
			DE: "Das Archiv ist nicht lesbar oder ausgepackt größer als 16 MiB.", EN: "The archive cannot be read, or is larger than 16 MiB unpacked.",
		}})
	}
	z, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
	if err != nil || len(z.File) > maxFiles {
		bad()
		return
	}
	left := int64(maxFile)
	for _, e := range z.File {
		if e.FileInfo().IsDir() {
			continue
		}
		in, err := e.Open()
		if err != nil {
			bad()
			return
		}
		b, err := io.ReadAll(io.LimitReader(in, left+1))
		_ = in.Close()
		if left -= int64(len(b)); err != nil || left < 0 {
			bad()
			return
		}
		r.file(File{e.Name, b}, false)
	}
}

// finish puts the tables that came in the place of those that stand, gives rows
// their IDs and resolves what they refer to.
func (r *reading) finish(standing *Tables) Import {
	out := Import{}
	rows := map[string][][]string{}
	for _, t := range tables {
		list, came := r.came[t.Key]
		if !came {
			rows[t.Key] = t.Rows(standing)
			continue
		}
		out.Came = append(out.Came, t.Key)
		r.identify(t, list)
		for _, c := range list {
			rows[t.Key] = append(rows[t.Key], c.cells)
		}
	}
	r.resolve(rows)
	for _, t := range tables {
		list, came := r.came[t.Key]
		if came {
			r.unique(t, list)
		}
		if !t.fill(&out.Tables, rows[t.Key]) && len(r.mistakes) == 0 {
			r.wrong(Mistake{Say: lang.Text{DE: "Eine Zeile in " + t.Title.DE + " ist nicht lesbar.", EN: "A row in " + t.Title.EN + " cannot be read."}})
		}
	}
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Row, b.Row))
	})
	out.Mistakes, out.More = r.mistakes, r.more
	return out
}

// identify gives rows without an ID one that is made of the name.
func (r *reading) identify(t *Table, list []came) {
	if t.Columns[0].Key != "id" {
		return
	}
	name := t.at("name")
	taken := map[string]bool{}
	for _, c := range list {
		taken[c.cells[0]] = true
	}
	for _, c := range list {
		if c.cells[0] != "" {
			continue
		}
		id := ""
		if name >= 0 {
			id = Slug(c.cells[name])
		} else { // rows without a name: by what they are about
			id = Slug(strings.Join(c.cells[1:min(4, len(c.cells))], "-"))
		}
		if id == "" && name >= 0 && c.cells[name] == "" {
			continue // said already
		}
		if id == "" {
			r.wrong(Mistake{File: c.sheet.file, Sheet: c.sheet.name, Row: c.n, Say: lang.Text{
				DE: "Die Zeile braucht eine Kennung oder einen Namen.", EN: "The row needs an ID or a name.",
			}})
			continue
		}
		c.cells[0] = id
		if name < 0 && taken[id] { // a second copy of the same kind
			for n := 2; taken[c.cells[0]]; n++ {
				c.cells[0] = id[:min(len(id), maxID-4)] + "-" + itoa(n)
			}
		}
		taken[c.cells[0]] = true
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// unique finds rows that are there twice.
func (r *reading) unique(t *Table, list []came) {
	first := map[string]came{}
	for _, c := range list {
		key := t.key(c.cells)
		was, twice := first[key]
		if !twice {
			first[key] = c
			continue
		}
		if strings.Trim(key, "/") == "" {
			continue // said already
		}
		r.wrong(Mistake{File: c.sheet.file, Sheet: c.sheet.name, Row: c.n, Say: lang.Text{
			DE: "„" + key + "“ steht schon in Zeile " + itoa(was.n) + ".", EN: "“" + key + "” is in row " + itoa(was.n) + " already.",
		}})
	}
}

// register is what rows of one table can be referred to by.
type register struct {
	ids   map[string]bool
	names map[string]string // folded name to ID; "" where two have it
}

func newRegister(t *Table, rows [][]string) register {
	g := register{map[string]bool{}, map[string]string{}}
	for _, cells := range rows {
		g.ids[cells[0]] = true
	}
	for _, key := range []string{"name", "name-en"} {
		at := t.at(key)
		if at < 0 || t.Columns[0].Key != "id" {
			continue
		}
		for _, cells := range rows {
			name := folded(cells[at])
			if id, twice := g.names[name]; twice && id != cells[0] {
				g.names[name] = ""
			} else {
				g.names[name] = cells[0]
			}
		}
	}
	return g
}

// find returns the ID that s names.
func (g register) find(s string) (string, bool) {
	if id := strings.ToLower(s); g.ids[id] {
		return id, true
	}
	id := g.names[folded(s)]
	return id, id != ""
}

// resolve turns what people wrote in references into IDs, in the rows that
// came, and says which lead nowhere.
func (r *reading) resolve(rows map[string][][]string) {
	known := map[string]register{}
	for _, t := range tables {
		known[t.Key] = newRegister(t, rows[t.Key])
	}
	for _, t := range tables {
		for _, c := range r.came[t.Key] {
			for i := range t.Columns {
				if col := &t.Columns[i]; col.Ref != "" && c.cells[i] != "" {
					r.refer(col, known[col.Ref], c, i)
				}
			}
		}
	}
}

func (r *reading) refer(col *Column, g register, c came, i int) {
	parts := []string{c.cells[i]}
	if col.Many {
		parts = split(c.cells[i])
	}
	for n, p := range parts {
		id, ok := g.find(p)
		if !ok {
			r.wrong(Mistake{File: c.sheet.file, Sheet: c.sheet.name, Row: c.n, Column: cmp.Or(c.heads[i], col.Head.DE), Say: g.unknown(col.Ref, p)})
			continue
		}
		parts[n] = id
	}
	c.cells[i] = strings.Join(split(strings.Join(parts, ", ")), ", ")
}

// unknown says that a reference leads nowhere, and to what it may have meant to
// lead.
func (g register) unknown(key, s string) lang.Text {
	t, _ := TableOf(key)
	out := lang.Text{
		DE: "„" + s + "“ steht nicht unter " + t.Title.DE + ".",
		EN: "“" + s + "” is not among " + t.Title.EN + ".",
	}
	if near := g.near(strings.ToLower(s)); near != "" {
		out.DE += " Gemeint ist vielleicht „" + near + "“."
		out.EN += " Perhaps “" + near + "” is meant."
	}
	return out
}

// near returns the ID that differs least from s, if it is near enough to be a
// slip.
func (g register) near(s string) string {
	best, least := "", 3
	for id := range g.ids {
		if abs(len(id)-len(s)) > least {
			continue
		}
		if d := distance(id, s); d < least || d == least && best != "" && id < best {
			best, least = id, d
		}
	}
	if least*2 >= len(s) {
		return ""
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// distance is how many letters must be changed, left out, put in or swapped with
// the next to make a of b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = 1 + min(last[j], last[j+1], row[j])
			if a[i] == b[j] {
				row[j+1] = min(row[j+1], last[j])
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
