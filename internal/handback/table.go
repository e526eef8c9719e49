package handback

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// CSV is the document as a table: one row for each entry, in the order of the
// journal. Times are UTC, so that the same document always gives the same bytes.
func (d *Document) CSV() []byte {
	var out bytes.Buffer
	out.WriteString("\ufeff") // tells spreadsheets the character set
	w := csv.NewWriter(&out)
	w.Comma = ';'
	w.UseCRLF = true
	_ = w.Write([]string{ // a bytes.Buffer takes everything
		"entry", "record", "form", "kinds", "case", "ward", "at", "by", "outcome", "state", "control ids", "answered", "answers",
		"released by", "released at", "second person", "by hand by", "by hand at", "what was done",
	})
	for i := range d.Lines {
		_ = w.Write(d.Lines[i].cells())
	}
	w.Flush()
	return out.Bytes()
}

func (l *Line) cells() []string {
	var kinds, controls, times, answers []string
	for _, k := range l.Kinds {
		kinds = append(kinds, string(k))
	}
	for _, t := range l.Messages {
		controls, times = append(controls, t.Control), append(times, moment(t.At))
		answers = append(answers, strings.TrimSpace(t.Code+" "+t.Text))
	}
	out := []string{
		l.Entry, strconv.FormatUint(uint64(l.Record), 10), l.Form, strings.Join(kinds, " "), string(l.Case), l.Ward, moment(l.At), l.By,
		string(l.Outcome), string(l.State), strings.Join(controls, " "), strings.Join(times, " "), strings.Join(answers, " | "),
	}
	who := func(a *Act) (name, at, why string) {
		if a == nil {
			return "", "", ""
		}
		return staffName(a.By), moment(a.At), a.Why
	}
	by, at, _ := who(l.Released)
	second, _, _ := who(l.Second)
	hand, when, what := who(l.Hand)
	out = append(out, by, at, second, hand, when, what)
	for i := range out {
		out[i] = plainCell(out[i])
	}
	return out
}

func staffName(s clinical.Staff) string {
	if s.Name != "" {
		return s.Name
	}
	return s.ID
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// plainCell keeps a spreadsheet from taking words for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
