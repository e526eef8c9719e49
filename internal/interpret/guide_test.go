package interpret

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const guide = "../../docs/integration.md"

// TestTheGuideListsWhatTheCodeReads compares the guide's table of events with
// the events of the code; -update rewrites it.
func TestTheGuideListsWhatTheCodeReads(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	_, after, ok := strings.Cut(text, "<!-- events:begin")
	_, after, ok2 := strings.Cut(after, "-->\n")
	listed, _, ok3 := strings.Cut(after, "<!-- events:end -->")
	if !ok || !ok2 || !ok3 {
		t.Fatal("the guide has no place for the events")
	}
	want := eventTable()
	if listed == want {
		return
	}
	if !*update {
		t.Fatal("the guide's table of events is old: run with -update")
	}
	text = text[:len(text)-len(after)] + want + after[len(listed):]
	if err := os.WriteFile(guide, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// eventTable has one row for each meaning.
func eventTable() string {
	var b strings.Builder
	b.WriteString("| Message | What becomes of it |\n|---|---|\n")
	list := Events()
	for i := 0; i < len(list); {
		e := list[i]
		var kinds []string
		for ; i < len(list) && list[i].Meaning == e.Meaning; i++ {
			kinds = append(kinds, strings.Replace(list[i].Kind, "^", " ", 1))
		}
		meaning := e.Meaning.EN
		if !e.Changes {
			meaning += " (no changes)"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(kinds, ", "), meaning)
	}
	return b.String()
}

func TestTheGuidesExamplesAreTables(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(mapping:.*?)```").FindAllStringSubmatch(string(raw), -1)
	if len(blocks) < 6 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		var config struct {
			Tables Tables `yaml:"mapping"`
		}
		if err := yaml.UnmarshalWithOptions([]byte(b[1]), &config, yaml.Strict()); err != nil {
			t.Errorf("%v\n%s", err, b[1])
			continue
		}
		if _, err := Compile(config.Tables, nil); err != nil {
			t.Errorf("%v\n%s", err, b[1])
		}
	}
}

func TestEveryEventIsListedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range Events() {
		if seen[e.Kind] || e.Meaning.DE == "" || e.Meaning.EN == "" || e.read == nil {
			t.Errorf("%s is listed twice or without meaning", e.Kind)
		}
		seen[e.Kind] = true
	}
	for _, kind := range strings.Fields(`A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A21 A22 A25
		A26 A27 A28 A29 A31 A34 A35 A37 A38 A40 A44 A45 A47 A52 A53 A60`) {
		if !seen["ADT^"+kind] {
			t.Errorf("ADT^%s is not listed", kind)
		}
	}
}
