package estate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"notbetrieb/internal/lang"
)

// readCSV reads one table. The name of the file says which. The separator is
// the semicolon, the comma or the tabulator, whichever the first row has most
// of; the characters are UTF-8, UTF-16 with a mark, or Windows-1252.
func (r *reading) readCSV(f File) {
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(f.Name, `\`, "/")), path.Ext(f.Name))
	t, ok := tableNamed(base)
	if !ok {
		r.wrong(Mistake{File: f.Name, Say: lang.Text{
			DE: "Aus dem Namen der Datei geht nicht hervor, welche Tabelle sie enthält. Bitte so benennen: " + names(lang.DE, ".csv") + ".",
			EN: "The name of the file does not say which table it holds. Please name it one of: " + names(lang.EN, ".csv") + ".",
		}})
		return
	}
	rows, say := csvRows(decoded(f.Data))
	for _, m := range say {
		m.File = f.Name
		r.wrong(m)
	}
	if len(say) == 0 {
		r.take(t, newSheet(f.Name, "", rows))
	}
}

func names(l lang.Lang, end string) string {
	var out []string
	for _, t := range tables {
		out = append(out, t.Title.In(l)+end)
	}
	return strings.Join(out, ", ")
}

// decoded returns the bytes as UTF-8.
func decoded(b []byte) []byte {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		if out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b); err == nil {
			return out
		}
	}
	if utf8.Valid(b) {
		return b
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return out
}

// separator is the one that the first row with anything in it has most of.
func separator(b []byte) rune {
	for row := range bytes.Lines(b) {
		if len(bytes.TrimSpace(row)) == 0 || row[0] == '#' {
			continue
		}
		best, most := ';', -1
		for _, c := range ";,\t" {
			if n := bytes.Count(row, []byte(string(c))); n > most {
				best, most = c, n
			}
		}
		return best
	}
	return ';'
}

func csvRows(b []byte) ([]line, []Mistake) {
	c := csv.NewReader(bytes.NewReader(b))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = separator(b), -1, false
	var out []line
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad):
			return nil, []Mistake{{Row: bad.Line, Say: lang.Text{
				DE: "Die Anführungszeichen gehen nicht auf. Ein Wert mit Anführungszeichen steht selbst in welchen, jedes darin doppelt.",
				EN: "The quotation marks do not match. A value with quotation marks stands in some itself, each inside doubled.",
			}}}
		case err != nil:
			return nil, []Mistake{{Say: lang.Text{DE: "Die Datei ist nicht lesbar.", EN: "The file cannot be read."}}}
		case len(cells) > maxCols:
			n, _ := c.FieldPos(0)
			return nil, []Mistake{{Row: n, Say: tooWide}}
		case len(out) > maxRows+10:
			return out, nil // said where the table is taken
		}
		n, _ := c.FieldPos(0)
		for i := range cells {
			cells[i] = unguarded(cells[i])
		}
		out = append(out, line{n, cells})
	}
}

var tooWide = lang.Text{DE: "Die Tabelle hat mehr als 200 Spalten.", EN: "The table has more than 200 columns."}

// guarded keeps a spreadsheet from taking a value for a formula; unguarded is
// its inverse.
func guarded(s string) string {
	if s != "" && strings.ContainsRune("=+-@'", rune(s[0])) {
		return "'" + s
	}
	return s
}

func unguarded(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@'", rune(s[1])) {
		return s[1:]
	}
	return s
}

// CSV returns one table with heads in language l, as a German or English
// spreadsheet opens it: UTF-8 with a mark, semicolons.
func CSV(t *Table, of *Tables, l lang.Lang) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = ';', true
	row := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		row[i] = c.Head.In(l)
	}
	_ = w.Write(row) // a bytes.Buffer takes everything
	for _, cells := range t.Rows(of) {
		for i := range cells {
			row[i] = guarded(t.Columns[i].Show(cells[i], l))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}
