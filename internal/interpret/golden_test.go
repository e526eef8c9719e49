package interpret

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/journal"
)

var update = flag.Bool("update", false, "rewrite the golden files, then read the diff")

// germanSite is the hospital of testdata/german: its tables are what a site
// writes into its configuration.
func germanSite(tb testing.TB) *Site {
	tb.Helper()
	raw, err := os.ReadFile("testdata/german/tables.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	var t Tables
	if err := yaml.UnmarshalWithOptions(raw, &t, yaml.Strict()); err != nil {
		tb.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := Compile(t, zone)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestGermanMessages reads the stories under testdata/german. A file name
// begins with the feed: kis-…, lis-…, ris-…. Messages are written with line
// feeds; a file that begins with a comment line says what the story is.
func TestGermanMessages(t *testing.T) {
	t.Parallel()
	readStories(t, ".hl7", journal.HL7, messagesOf)
}

// TestAnalyserMessages reads the stories of analysers beside them.
func TestAnalyserMessages(t *testing.T) {
	t.Parallel()
	readStories(t, ".astm", journal.ASTM, func(raw []byte) [][]byte {
		return astm.Split(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r")))
	})
}

func readStories(t *testing.T, ext string, kind journal.Kind, split func([]byte) [][]byte) {
	t.Helper()
	s := germanSite(t)
	files, err := filepath.Glob("testdata/german/*" + ext)
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages: %v", err)
	}
	count := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		short := strings.TrimSuffix(filepath.Base(name), ext)
		feed, _, _ := strings.Cut(short, "-")
		var out bytes.Buffer
		for i, msg := range split(raw) {
			count++
			rec := journal.Record{
				Seq: journal.Seq(i + 1), Source: feed, Kind: kind, Body: msg,
				Received: time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC),
			}
			fmt.Fprintln(&out, dump(s.Record(rec)))
		}
		golden := strings.TrimSuffix(name, ext) + ".golden"
		if *update {
			if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatalf("%v (run with -update, then read the file)", err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%s: reading differs\n%s", short, firstDifference(out.String(), string(want)))
		}
	}
	t.Logf("%d messages in %d stories", count, len(files))
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			old := ""
			if i < len(w) {
				old = w[i]
			}
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], old)
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}
