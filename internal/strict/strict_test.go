package strict

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/lang"
)

type house struct {
	Name   lang.Text         `yaml:"name"`
	Beds   int               `yaml:"beds"`
	Share  float64           `yaml:"share"`
	Open   bool              `yaml:"open"`
	Wait   time.Duration     `yaml:"wait"`
	Wards  []ward            `yaml:"wards"`
	Phones map[string]string `yaml:"phones"`
	Owner  *ward             `yaml:"owner"`
	Inside int               `yaml:"-"`
}

type ward struct {
	Code string `yaml:"code"`
	Kind string `yaml:"kind"`
}

func read(text string) (h house, r *Reader, ok bool) {
	r = &Reader{
		Limits: Limits{Bytes: 1 << 20, Levels: 5},
		Own: func(word string, into any) (lang.Text, bool) {
			p, own := into.(*time.Duration)
			if own && word != "bald" {
				return lang.Text{DE: "Hier steht bald.", EN: "This is bald."}, true
			}
			if own {
				*p = time.Hour
			}
			return lang.Text{}, own
		},
		Begin: func(e any) {
			if w, ok := e.(*ward); ok {
				w.Kind = "normal"
			}
		},
	}
	ok = r.Read([]byte(text), &h)
	r.Mistakes.Sort()
	return h, r, ok
}

func TestAFileFillsWhatItNames(t *testing.T) {
	t.Parallel()
	h, r, ok := read("\ufeff# a house\nname: {de: Haus, en: House}\nbeds: 300\nshare: 0.5\nopen: true\nwait: bald\nwards:\n  - code: 3A\n  - {code: \" 4B\", kind: icu}\nphones: {IT: \"110\"}\nowner:\n  code: |\n    5C\n")
	want := house{
		Name: lang.Text{DE: "Haus", EN: "House"}, Beds: 300, Share: 0.5, Open: true, Wait: time.Hour,
		Wards: []ward{{"3A", "normal"}, {" 4B", "icu"}}, Phones: map[string]string{"IT": "110"}, Owner: &ward{Code: "5C"},
	}
	if !ok || len(r.Mistakes) > 0 || !reflect.DeepEqual(h, want) {
		t.Errorf("%+v, %v", h, r.Mistakes)
	}
	if h, r, ok := read("name: Haus\nwards:\nphones:\n"); !ok || len(r.Mistakes) > 0 || h.Name.DE != "Haus" || h.Wards != nil {
		t.Errorf("what is left empty: %+v, %v", h, r.Mistakes)
	}
	if _, r, ok := read("# nothing\n---\n"); ok || len(r.Mistakes) > 0 {
		t.Errorf("an empty file: %v, %v", ok, r.Mistakes)
	}
}

// TestEveryMistakeIsSaidOnceAtItsPlace: who writes the file mends it in one go.
func TestEveryMistakeIsSaidOnceAtItsPlace(t *testing.T) {
	t.Parallel()
	_, r, _ := read(`name: {de: Haus, fr: Maison}
bed: 3
beds: viele
share: .inf
open: ja
wait: morgen
wards:
  - code: [a]
    ort: hier
  - 7
phones: [a]
owner: {code: &x a}
beds: 4
inside: 1
`)
	r.Required("wards[0].kind", " ")
	r.Required("phones", "") // one mistake stands there already
	r.Short("name.de", "Groß")
	r.OneOf("owner.kind", "schloss", "normal", "icu")
	r.Mistakes.Sort()
	want := []string{
		"1:12: name.de: A short name",
		"1:18: name.fr: There is no such key here. Possible: de, en.",
		"2:1: bed: There is no such key here. Is “beds” meant?",
		"3:7: beds: A whole number", "4:8: share: A number", "5:7: open: This is true or false.", "6:7: wait: This is bald.",
		"8:11: wards[0].code: A value is missing", "wards[0].kind: A value is missing", "9:5: wards[0].ort: There is no such key here. Possible: code, kind.",
		"10:5: wards[1]: Keys with values", "11:9: phones: Keys with values", "12:15: owner.code: Anchors", "owner.kind: Allowed: normal, icu.",
		"14:1: inside: There is no such key",
	}
	got := strings.Split(r.Mistakes.Error(), "\n")
	for _, w := range want {
		if n := strings.Count(r.Mistakes.Error(), w); n != 1 {
			t.Errorf("said %d times: %s", n, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d mistakes, want %d:\n%s", len(got), len(want), r.Mistakes)
	}
}

func TestAFileThatIsNoneIsOneMistake(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: [":                              "This is no YAML",
		"a: b\n---\nc: d\n":                    "3:2: The file holds more than one document.",
		"name: \"\xff\"":                       "The file is not UTF-8.",
		strings.Repeat("[", 100_000):           "nested too deeply",
		strings.Repeat("- ", 100_000):          "nested too deeply",
		strings.Repeat("a:\n", 1<<19):          "larger than 1 MiB",
		"hallo":                                "1:1: Keys with values are expected here.",
		strings.Repeat(" ", 41) + "name: Haus": "nested too deeply",
	} {
		_, r, _ := read(text)
		if got := r.Mistakes.Error(); len(r.Mistakes) != 1 || !strings.Contains(got, want) {
			t.Errorf("%.20q: got %q, want %q", text, got, want)
		}
	}
	m := Mistake{File: "brand.yaml", Line: 12, Key: "tasks[3].due", Say: lang.Text{DE: "Zu spät.", EN: "Too late."}}
	if got := m.In(lang.DE); got != "brand.yaml:12: tasks[3].due: Zu spät." {
		t.Error(got)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "a: &b [*b]", "? [a]\n: b", "<<: {name: {}}", "wards:\n- - - a", "phones: {~: M, 1: F}", "\ufeffbeds: 1", "name: {de: |\n  x\n}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, r, ok := read(text)
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 2
		for _, m := range r.Mistakes {
			if m.Line < 1 || m.Column < 1 || m.Line > lines || m.Say.DE == "" || m.Say.EN == "" {
				t.Errorf("mistake without place or words: %+v", m)
			}
		}
		if !ok && len(r.Mistakes) == 0 {
			if docs, _ := Tree([]byte(text), r.Limits); len(docs) > 0 {
				t.Error("nothing was read, and nothing said")
			}
		}
	})
}
