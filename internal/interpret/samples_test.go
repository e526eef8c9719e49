package interpret

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// samples finds ../shared/samples/hl7v2 beside the repository.
func samples(tb testing.TB) []string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		for _, base := range []string{"shared", "../shared"} {
			files, _ := filepath.Glob(filepath.Join(dir, base, "samples/hl7v2/*/*.hl7"))
			if len(files) > 0 {
				return files
			}
		}
		up := filepath.Dir(dir)
		if up == dir {
			tb.Skip("shared/samples is not beside the repository")
		}
		dir = up
	}
}

// openSite is a hospital that has written no tables at all.
func openSite(tb testing.TB) *Site {
	tb.Helper()
	s, err := Compile(Tables{}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestEverySampleGivesChangesOrListedProblems(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	var full, partly, unread, passed int
	files := samples(t)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, msg := range messagesOf(raw) {
			r := s.Record(journal.Record{Seq: 1, Source: "samples", Kind: journal.HL7, Body: live(msg)})
			short := filepath.Base(name)
			for _, p := range r.Problems {
				if p.Code == Internal {
					t.Errorf("%s: a fault of the program in %s", short, p.Segment)
				}
				t.Logf("%s %s: %s %s %s", short, r.Kind, p.Code, p.Segment, p.Reason.EN)
			}
			switch {
			case len(r.Changes) > 0 && len(r.Problems) == 0:
				full++
			case len(r.Changes) > 0:
				partly++
			case len(r.Problems) > 0:
				unread++
			case r.Known && !s.events[r.Kind].Changes:
				passed++
			default:
				t.Errorf("%s: neither changes nor a problem", short)
			}
		}
	}
	t.Logf("%d files: %d messages fully read, %d partly, %d unread, %d known and without changes", len(files), full, partly, unread, passed)
}

// messagesOf parts a file that may hold several messages.
func messagesOf(raw []byte) [][]byte {
	list, _, err := hl7.SplitBatch(raw)
	if err != nil {
		return nil
	}
	return list
}

// live makes a test message (MSH-11 T or D) one that counts.
func live(msg []byte) []byte {
	i := bytes.Index(msg, []byte("MSH"))
	end := bytes.IndexAny(msg[max(i, 0):], "\r\n")
	if i < 0 || end < 0 {
		return msg
	}
	fields := bytes.Split(msg[i:i+end], []byte("|"))
	if len(fields) < 12 {
		return msg
	}
	fields[10] = []byte("P")
	return slices.Concat(msg[:i], bytes.Join(fields, []byte("|")), msg[i+end:])
}
