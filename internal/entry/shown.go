package entry

import (
	"maps"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// Shown is a filled field as a reader sees it.
type Shown struct {
	Label lang.Text
	Text  string
	Unit  string
}

// Shown returns the filled fields in the order of the form, options in words.
// typed is [Entry.Fields].
func (f *Form) Shown(typed map[string]string, l lang.Lang) []Shown {
	var out []Shown
	for _, x := range f.Fields {
		text := strings.TrimSpace(typed[x.Name])
		if text == "" {
			continue
		}
		if x.Kind == Check {
			text = lang.Text{DE: "ja", EN: "yes"}.In(l)
		}
		for _, o := range x.Options {
			if o.Value == text {
				text = o.Label.In(l)
			}
		}
		out = append(out, Shown{x.Label, text, x.Unit})
	}
	return out
}

// AsTyped returns what was typed into a form that is not known here, by the
// names of its fields.
func AsTyped(typed map[string]string) []Shown {
	var out []Shown
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		if text := strings.TrimSpace(typed[name]); text != "" {
			out = append(out, Shown{lang.Text{DE: name, EN: name}, text, ""})
		}
	}
	return out
}
