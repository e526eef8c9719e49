package message

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/foreign"
	"notbetrieb/internal/hl7"
)

// stored is a message as the receiver of other origin read it.
type stored struct {
	Error    string
	Type     string
	Event    string
	Segments []struct {
		Name   string
		Fields []string // parts of each: repetition.component.subcomponent=text
	}
}

// TestAReceiverOfOtherOriginStoresEachMessage sends every message of the night
// to simple-hl7 over a real connection and reads back what it made of it, field
// by field.
func TestAReceiverOfOtherOriginStoresEachMessage(t *testing.T) {
	t.Parallel()
	p := foreign.Start(t, foreign.HL7)
	c, err := hl7.Dial(t.Context(), p.Addr, hl7.ClientOptions{Answer: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // a test's connection
	types := map[string]int{}
	for name, to := range targets() {
		if to.Charset != "UNICODE UTF-8" { // it reads nothing else
			continue
		}
		for _, s := range samples(t) {
			all, _ := For(sending(s, to))
			for _, m := range all {
				raw, err := c.Send(t.Context(), m.Raw)
				if err != nil {
					t.Fatalf("%s %s %s: %v", name, s.name, m.Type, err)
				}
				if a, err := hl7.ParseAck(raw); err != nil || a.Code != hl7.AA || a.ControlID != m.Control {
					t.Errorf("%s %s %s: %+v %v", name, s.name, m.Type, a, err)
				}
				var got stored
				if err := json.Unmarshal([]byte(p.Line(t)), &got); err != nil || got.Error != "" {
					t.Fatalf("%s %s: %v %s", name, s.name, err, got.Error)
				}
				if got.Type+"^"+got.Event != m.Type {
					t.Errorf("%s %s: %s was read as %s^%s", name, s.name, m.Type, got.Type, got.Event)
				}
				same(t, name+" "+s.name+" "+m.Type, m.Raw, got)
				types[m.Type]++
			}
		}
	}
	if len(types) < 20 {
		t.Errorf("only %d types of messages were sent: %v", len(types), types)
	}
}

// same compares what was sent with what was read, position by position.
func same(t *testing.T, where string, raw []byte, got stored) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(raw), "\r"), "\r")
	if len(lines) != len(got.Segments) {
		t.Errorf("%s: %d segments, %d were read", where, len(lines), len(got.Segments))
		return
	}
	for i, line := range lines {
		fields := strings.Split(line, "|")
		seg := got.Segments[i]
		first := 1
		if fields[0] == "MSH" {
			first = 2 // its first field is the separator itself, and the delimiters are not split
		}
		if seg.Name != fields[0] || len(seg.Fields) != len(fields)-first {
			t.Errorf("%s: %s with %d fields was read as %s with %d", where, fields[0], len(fields)-first, seg.Name, len(seg.Fields))
			continue
		}
		for n, field := range fields[first:] {
			if got, want := seg.Fields[n], split(field); got != want {
				t.Errorf("%s: %s-%d is %s, was read as %s", where, seg.Name, n+1, want, got)
			}
		}
	}
}

// split writes a field as the list of its parts.
func split(field string) string {
	var out []string
	for r, rep := range strings.Split(field, "~") {
		for c, comp := range strings.Split(rep, "^") {
			for s, sub := range strings.Split(comp, "&") {
				out = append(out, fmt.Sprintf("%d.%d.%d=%s", r+1, c+1, s+1, sub))
			}
		}
	}
	return strings.Join(out, " ")
}
