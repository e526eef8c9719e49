package review

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// columns are where the mapped columns stand; -1 for one that is not there.
type columns struct {
	time, clock, person, name, patient, kase, ward, action, station, reason int
}

// csv reads one access a line. A field does not go over lines: a stray quote
// then costs its line only.
func (l *log) csv(r io.Reader) error {
	var at columns
	var comma rune
	err := lines(r, func(n int, line []byte, long bool) error {
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
			comma = l.comma(line)
			head, err := fields(line, comma)
			if err != nil || long {
				return badMapping("Die Kopfzeile ist nicht lesbar.", "The header line cannot be read.")
			}
			at, err = l.find(head)
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 && !long {
			return nil
		}
		l.report.Lines++
		f, err := fields(line, comma)
		switch {
		case long:
			l.report.bad(n, "Die Zeile ist zu lang.", "The line is too long.")
		case !utf8.Valid(line):
			l.report.bad(n, "Die Zeichen passen nicht zum Zeichensatz.", "The characters do not fit the character set.")
		case err != nil:
			l.report.bad(n, "Die Anführungszeichen der Zeile sind nicht lesbar.", "The quotes of the line cannot be read.")
		default:
			l.row(n, f, at)
		}
		return nil
	})
	if err == nil && comma == 0 {
		return badMapping("Die Datei ist leer.", "The file is empty.")
	}
	return err
}

func (l *log) row(n int, f []string, at columns) {
	get := func(i int) string {
		if i < 0 || i >= len(f) {
			return ""
		}
		return f[i]
	}
	text := strings.TrimSpace(get(at.time))
	if at.clock >= 0 {
		text += " " + strings.TrimSpace(get(at.clock))
	}
	a := Access{At: l.when(text), Person: get(at.person), Name: get(at.name), Number: get(at.patient), Case: get(at.kase), Ward: get(at.ward), What: get(at.action), From: get(at.station), Reason: get(at.reason)}
	a.Deed = l.deed(a.What)
	l.take(n, a)
}

// when reads a time, the zero time for none.
func (l *log) when(text string) time.Time {
	layouts := Layouts()
	if l.m.Layout != "" {
		layouts = []string{l.m.Layout}
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, l.zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

// deed says what a word of the log means.
func (l *log) deed(word string) Deed {
	w := strings.ToLower(strings.TrimSpace(word))
	if d, ok := l.m.Deeds[w]; ok {
		return d
	}
	for _, x := range []struct {
		deed  Deed
		parts []string
	}{
		{Exported, []string{"export", "ausleit", "download", "kopie"}},
		{Printed, []string{"druck", "print"}},
		{Changed, []string{"lösch", "delete", "änder", "update", "modif", "schreib", "write", "create", "anleg", "storn"}},
		{Searched, []string{"such", "search", "query"}},
		{Unlocked, []string{"notfall", "break", "emergency"}},
		{Listed, []string{"liste", "list"}},
	} {
		if slices.ContainsFunc(x.parts, func(p string) bool { return strings.Contains(w, p) }) {
			return x.deed
		}
	}
	return Looked
}

func (l *log) comma(head []byte) rune {
	if l.m.Comma != "" {
		r, _ := utf8.DecodeRuneInString(l.m.Comma)
		return r
	}
	best, n := ';', 0
	for _, c := range ";\t,|" {
		if k := bytes.Count(head, []byte(string(c))); k > n {
			best, n = c, k
		}
	}
	return best
}

func fields(line []byte, comma rune) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, false
	f, err := r.Read()
	if err == io.EOF {
		return nil, nil
	}
	return f, err
}

// find looks the mapped columns up in the header.
func (l *log) find(head []string) (columns, error) {
	missing := ""
	at := func(name string) int {
		if name == "" {
			return -1
		}
		i := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(name)) })
		if i < 0 {
			missing = name
		}
		return i
	}
	c := l.m.Columns
	out := columns{at(c.Time), at(c.Clock), at(c.Person), at(c.Name), at(c.Patient), at(c.Case), at(c.Ward), at(c.Action), at(c.Station), at(c.Reason)}
	switch {
	case missing != "":
		return out, badMapping("Eine Spalte „"+missing+"“ gibt es in der Datei nicht. Da sind: "+strings.Join(head, ", "), "There is no column “"+missing+"” in the file. There are: "+strings.Join(head, ", "))
	case out.time < 0 || out.person < 0 || out.patient < 0 && out.kase < 0:
		return out, badMapping("Es braucht Spalten für Zeit und Anmeldename und eine für Patient oder Fall. Da sind: "+strings.Join(head, ", "), "Columns for time and sign-in name are needed, and one for patient or case. There are: "+strings.Join(head, ", "))
	}
	return out, nil
}
