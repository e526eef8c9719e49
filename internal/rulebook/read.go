package rulebook

import (
	"strconv"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/strict"
)

// Mistake is one thing wrong in a file.
type Mistake = strict.Mistake

// Mistakes are all mistakes of a file in the order of its lines. It is the
// error of the Load functions; its kind is fault.Invalid.
type Mistakes = strict.Mistakes

// reader reads one file of a rulebook.
type reader struct{ strict.Reader }

func newReader(file string) *reader {
	return &reader{strict.Reader{File: file, Limits: strict.Limits{Bytes: 1 << 20, Levels: 12}, Own: readDuration}}
}

// read fills what into points to, and reports whether it can be looked at.
func (r *reader) read(b []byte, into any) bool {
	if r.Read(b, into) {
		return true
	}
	if len(r.Mistakes) == 0 {
		r.Note("", "Die Datei ist leer.", "The file is empty.")
	}
	return false
}

// err returns what was noted, nil for nothing.
func (r *reader) err() error {
	if len(r.Mistakes) == 0 {
		return nil
	}
	r.Mistakes.Sort()
	return fault.Mark(r.Mistakes, fault.Invalid, lang.Text{
		DE: "Die Datei " + r.File + " hat Fehler:\n" + r.Mistakes.In(lang.DE), EN: "The file " + r.File + " has mistakes:\n" + r.Mistakes.In(lang.EN),
	})
}

// readDuration reads 15m, 2h, 3d or 1w; a sign is refused.
func readDuration(word string, into any) (mistake lang.Text, own bool) {
	p, own := into.(*time.Duration)
	if !own {
		return mistake, false
	}
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	if len(word) >= 2 {
		x, err := strconv.ParseUint(word[:len(word)-1], 10, 16)
		if u, ok := unit[word[len(word)-1:]]; ok && err == nil {
			*p = time.Duration(x) * u
			return mistake, true
		}
	}
	return lang.Text{
		DE: "Hier wird eine Dauer erwartet, zum Beispiel 15m, 2h, 3d oder 1w.", EN: "A duration is expected here, for example 15m, 2h, 3d or 1w.",
	}, true
}

// oneOf notes a value that is none of those allowed.
func oneOf[T ~string](r *reader, path string, v T, allowed []T) {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	r.OneOf(path, string(v), names...)
}
