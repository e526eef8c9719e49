package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Mistake is one thing wrong in the file, or one that is unwise.
type Mistake struct {
	Line   int    // from 1
	Column int    // from 1
	Key    string // path of the key: feeds[0].listen; "" for the whole file
	Say    lang.Text
}

// In returns the mistake as one line in l: "12:7: feeds[0].listen: …".
func (m Mistake) In(l lang.Lang) string {
	at := fmt.Sprintf("%d:%d: ", m.Line, m.Column)
	if m.Key != "" {
		at += m.Key + ": "
	}
	return at + m.Say.In(l)
}

// Mistakes are all mistakes of a file in the order of its lines. It is the
// error of [Parse]; its kind is fault.Invalid.
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

func (m Mistakes) sort() {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// err returns m as an error, nil if there is none.
func (m Mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	m.sort()
	say := lang.Text{DE: "Die Konfiguration hat einen Fehler.", EN: "The configuration has one mistake."}
	if len(m) > 1 {
		say = lang.Text{
			DE: fmt.Sprintf("Die Konfiguration hat %d Fehler.", len(m)),
			EN: fmt.Sprintf("The configuration has %d mistakes.", len(m)),
		}
	}
	return fault.Mark(m, fault.Invalid, say)
}
