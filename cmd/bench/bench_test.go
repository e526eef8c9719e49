package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be its own child, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-child" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestAShortRunTakesEveryMeasureAndWritesTheDocuments(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	var said, wrong bytes.Buffer
	if code := run(t.Context(), []string{"-short", "-dir", t.TempDir(), "-out", out}, &said, &wrong); code != 0 {
		t.Fatalf("exit code %d: %s", code, wrong.String())
	}
	raw, err := os.ReadFile(filepath.Join(out, "benchmarks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Failed != "" || r.Value == nil {
			t.Errorf("%s: %s", r.Name, r.Failed)
			continue
		}
		if *r.Value < 0 || r.Unit == "" || r.Better != higher && r.Better != lower {
			t.Errorf("%s: %v %q %q", r.Name, *r.Value, r.Unit, r.Better)
		}
	}
	if len(rows) < 30 {
		t.Errorf("only %d rows", len(rows))
	}
	page, err := os.ReadFile(filepath.Join(out, "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !bytes.Contains(page, []byte(r.Name)) {
			t.Errorf("benchmarks.md lacks %s", r.Name)
		}
	}
	host, err := os.Hostname()
	if err == nil && len(host) > 3 && bytes.Contains(page, []byte(host)) {
		t.Error("benchmarks.md names the host")
	}
}

func TestAFailedMeasureIsShownAndStopsNoOther(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	b := &bench{out: &said}
	b.take(t.Context(), measure{"bad", "Bad", func(context.Context, *bench) error { panic("broken") }})
	b.take(t.Context(), measure{"good", "Good", func(_ context.Context, b *bench) error {
		b.add("Speed", 12_345, "messages/s", higher, goal(20_000), peer(99, "a raw disk"))
		return nil
	}})
	if len(b.rows) != 2 || b.rows[0].Failed == "" || b.rows[1].met() {
		t.Fatalf("rows: %+v", b.rows)
	}
	got := table(b.rows) + missedText(b.rows)
	for _, want := range []string{"failed", "12,345", "≥ 20,000", "**missed**", "99.0 a raw disk", "- Bad: failed: panic: broken"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestTheTextAroundTheTableStays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "benchmarks.md")
	if err := os.WriteFile(path, []byte("# Ours\n\n"+beginMark+"\nold\n"+endMark+"\n\nWhat it means.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := 1.5
	if err := writeMarkdown(path, machine{cores: 2}, []Row{{Name: "Start", Value: &v, Unit: "s", Better: lower}}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); !strings.HasPrefix(s, "# Ours\n") || !strings.HasSuffix(s, "\n\nWhat it means.\n") || strings.Contains(s, "old") || !strings.Contains(s, "Start") {
		t.Errorf("got\n%s", s)
	}
}

func TestQuantilesAreNearestRank(t *testing.T) {
	t.Parallel()
	var s sample
	for i := 100; i > 0; i-- {
		s = append(s, time.Duration(i)*time.Millisecond)
	}
	if got := s.quantile(0.99); got != 99*time.Millisecond {
		t.Errorf("p99 is %s", got)
	}
	if got := s.quantile(0.5); got != 50*time.Millisecond {
		t.Errorf("p50 is %s", got)
	}
	if got := (sample{}).quantile(0.99); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
}

func TestNumbersAreReadable(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{0.244: "0.24", 3.456: "3.46", 45.67: "45.7", 456.7: "457", 12345: "12,345", 1234567: "1,234,567"} {
		if got := number(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func TestEveryHistoryHasPatientsOfItsOwn(t *testing.T) {
	t.Parallel()
	raw := "PID|1||10020873^^^KIS^PI||Lang^Walter\rPV1|1|I|5A^512^F^KSL||||||||||||||||4711214^^^KIS^VN\rOBX|1|NM|1|1|10020873"
	got := string(otherPeople([]byte(raw), 3))
	want := "PID|1||10050873^^^KIS^PI||Lang^Walter\rPV1|1|I|5A^512^F^KSL||||||||||||||||4741214^^^KIS^VN\rOBX|1|NM|1|1|10020873"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
