package testkit

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"notbetrieb/internal/hl7"
)

// logbook keeps every log line of a story.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logbook) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

// Log returns every log line so far.
func (h *Hospital) Log() string { return string(h.logs.bytes()) }

// shortest is the length from which a secret does not turn up by chance in
// encrypted bytes.
const shortest = 6

// secrets are the words of the messages sent that nobody may read outside the
// pages: names, birth dates, numbers.
type secrets struct {
	mu    sync.Mutex
	words []string
}

// learn notes the patients of a message.
func (s *secrets) learn(raw []byte) {
	m, err := hl7.Parse(raw)
	if err != nil {
		return
	}
	for _, seg := range m.Segments() {
		switch seg.Name() {
		case "PID":
			for _, id := range seg.Field(3).Reps() {
				s.add(id.Comp(1).Text())
			}
			s.add(seg.Field(5).Comp(1).Text())
			s.add(seg.Field(5).Comp(2).Text())
			s.addDay(seg.Field(7).Text())
		case "PV1":
			s.add(seg.Field(19).Text())
		case "MRG":
			s.add(seg.Field(1).Text())
		}
	}
}

func (s *secrets) add(word string) {
	if len(word) < shortest || word == `""` {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.words, word) {
		s.words = append(s.words, word)
	}
	if latin, err := charmap.ISO8859_15.NewEncoder().String(word); err == nil && !slices.Contains(s.words, latin) {
		s.words = append(s.words, latin)
	}
}

// addDay adds a birth date in every spelling that this program writes.
func (s *secrets) addDay(day string) {
	if len(day) < 8 {
		return
	}
	t, err := time.Parse("20060102", day[:8])
	if err != nil || t.Year() >= Start().Year() { // a newborn's is the day of the log lines
		return
	}
	for _, layout := range []string{"20060102", "2006-01-02", "02.01.2006"} {
		s.add(t.Format(layout))
	}
}

// NoSecrets fails the test if something names one of the patients of the
// messages sent so far.
func (h *Hospital) NoSecrets(where string, b []byte) {
	h.t.Helper()
	h.secrets.report(h.t, where, b)
}

// seek looks for the secrets in every file below dir.
func (s *secrets) seek(t testing.TB, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the running hub has removed it
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		s.report(t, "the file "+name, append(b, path...))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func (s *secrets) seekLog(t testing.TB, log []byte) {
	t.Helper()
	s.report(t, "the log", log)
}

func (s *secrets) report(t testing.TB, where string, b []byte) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.words {
		if i := bytes.Index(b, []byte(w)); i >= 0 {
			t.Errorf("%s holds %q in plain at byte %d: …%q…", where, w, i, b[max(0, i-60):min(len(b), i+60)])
		}
	}
}
