package strict

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/lang"
)

// Mistake is one thing wrong in a file, or one that is unwise.
type Mistake struct {
	File   string // "" where only one is read
	Line   int    // from 1
	Column int    // from 1; 0 where only the line is known
	Key    string // path of the key: feeds[0].listen; "" for the whole file
	Say    lang.Text
}

// In returns the mistake as one line in l: "12:7: feeds[0].listen: …".
func (m Mistake) In(l lang.Lang) string {
	at := strconv.Itoa(m.Line)
	if m.File != "" {
		at = m.File + ":" + at
	}
	if m.Column > 0 {
		at += ":" + strconv.Itoa(m.Column)
	}
	if m.Key != "" {
		at += ": " + m.Key
	}
	return at + ": " + m.Say.In(l)
}

// Mistakes are all mistakes of a file. They are an error.
type Mistakes []Mistake

// Error returns one line for each mistake, in English.
func (m Mistakes) Error() string { return m.In(lang.EN) }

// In returns one line for each mistake in l.
func (m Mistakes) In(l lang.Lang) string {
	lines := make([]string, len(m))
	for i, x := range m {
		lines[i] = x.In(l)
	}
	return strings.Join(lines, "\n")
}

// Sort puts the mistakes in the order of the file.
func (m Mistakes) Sort() {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
