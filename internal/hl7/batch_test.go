package hl7

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestSplitBatch(t *testing.T) {
	t.Parallel()
	const a, b = "MSH|^~\\&|A||||||ADT^A01|1\rPID|1||7\r", "MSH|^~\\&|A||||||ADT^A02|2\rPID|1||8\r"
	tests := []struct {
		name     string
		raw      string
		want     []string
		problems string // words of the only problem, "" for none
	}{
		{"one message", a, []string{a}, ""},
		{"one message with mark, frame and blanks stays as it is", "\x0B\xEF\xBB\xBF" + a + "\x1C\r", []string{"\x0B\xEF\xBB\xBF" + a + "\x1C\r"}, ""},
		{"two without envelope", a + b, []string{a, b}, ""},
		{"two with blank lines between", a + "\r\n\r\n" + b + " \n", []string{a, b}, ""},
		{"two in frames", "\x0B" + a + "\x1C\r\x0B" + b + "\x1C\r", []string{a, b}, ""},
		{"two with LF", strings.ReplaceAll(a+b, "\r", "\n"), []string{strings.ReplaceAll(a, "\r", "\n"), strings.ReplaceAll(b, "\r", "\n")}, ""},
		{"file and batch", "FHS|^~\\&|A\rBHS|^~\\&|A\r" + a + b + "BTS|2\rFTS|1\r", []string{a, b}, ""},
		{"batch alone", "BHS|^~\\&|A\r" + a + b + "BTS|2|Ende\r", []string{a, b}, ""},
		{"two batches", "FHS|^~\\&\rBHS|^~\\&\r" + a + "BTS|1\rBHS|^~\\&\r" + b + "BTS|1\rFTS|2\r", []string{a, b}, ""},
		{"file without batches counts messages", "FHS|^~\\&\r" + a + b + "FTS|2\r", []string{a, b}, ""},
		{"no counts", "FHS|^~\\&\rBHS|^~\\&\r" + a + "BTS\rFTS|\r", []string{a}, ""},
		{"a message is missing", "BHS|^~\\&\r" + a + "BTS|2\r", []string{a}, "BTS says 2"},
		{"a batch is missing", "FHS|^~\\&\rBHS|^~\\&\r" + a + "BTS|1\rFTS|2\r", []string{a}, "FTS says 2"},
		{"batch cut off", "BHS|^~\\&\r" + a + b, []string{a, b}, "BHS without BTS"},
		{"file cut off", "FHS|^~\\&\r" + a + b, []string{a, b}, "FHS without FTS"},
		{"empty batch", "FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|1\r", nil, ""},
		{"no message", "Guten Tag\rMSHallo\r", nil, ""},
		{"nothing", "", nil, ""},
	}
	for _, tt := range tests {
		got, info, err := SplitBatch([]byte(tt.raw))
		if (err != nil) != (tt.want == nil) || err != nil && !errors.Is(err, ErrNoHeader) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: got %d messages %q", tt.name, len(got), got)
			continue
		}
		for i := range got {
			if string(got[i]) != tt.want[i] {
				t.Errorf("%s: message %d\n got %q\nwant %q", tt.name, i, got[i], tt.want[i])
			}
		}
		all := strings.Join(info.Problems, "; ")
		if (tt.problems == "") != (all == "") || !strings.Contains(all, tt.problems) || len(info.Problems) > 1 {
			t.Errorf("%s: problems %q", tt.name, info.Problems)
		}
	}
}

func FuzzSplitBatch(f *testing.F) {
	f.Add([]byte("FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rBTS|2\rFTS|1\r"))
	f.Add([]byte("\x0BMSH|^~\\&|A\r\x1C\r\xEF\xBB\xBFMSH|^~\\&|B\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		messages, info, err := SplitBatch(raw)
		if (err == nil) != (len(messages) > 0) {
			t.Fatalf("%d messages and %v", len(messages), err)
		}
		if len(messages) != info.Messages {
			t.Fatalf("%d messages, %d counted", len(messages), info.Messages)
		}
		for _, one := range messages {
			if _, err := Parse(one); err != nil && !errors.Is(err, ErrTooManySegments) {
				t.Fatalf("a split message does not parse: %q", one)
			}
		}
		if !bytes.Equal(before, raw) {
			t.Fatal("input changed")
		}
	})
}
