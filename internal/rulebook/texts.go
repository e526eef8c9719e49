package rulebook

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// TextDraft is the template of a text for people outside.
type TextDraft struct {
	What  string `yaml:"what"`
	Kinds []Kind `yaml:"kinds"`
	Title string `yaml:"title"`
	Text  string `yaml:"text"`
}

//go:embed texts.yaml
var textFile []byte

// blanks are what a template may leave open.
var blanks = []string{"haus", "datum", "beginn", "einschraenkungen", "kapazitaet", "rueckruf", "naechste"}

var texts = sync.OnceValue(func() []TextDraft {
	out, err := loadTexts("texts.yaml", textFile)
	if err != nil {
		panic(err) // part of the program; a test reads it
	}
	return out
})

func loadTexts(file string, b []byte) ([]TextDraft, error) {
	r := newReader(file)
	var f struct {
		Texts []TextDraft `yaml:"texts"`
	}
	r.read(b, &f)
	for i, t := range f.Texts {
		at := "texts[" + strconv.Itoa(i) + "]"
		oneOf(r, at+".what", t.What, []string{"press", "patients", "relatives", "dispatch"})
		r.Required(at+".text", t.Text)
		for j, k := range t.Kinds {
			oneOf(r, at+".kinds["+strconv.Itoa(j)+"]", k, Kinds())
		}
		for _, rest := range strings.Split(t.Title+" "+t.Text, "{")[1:] {
			if name, _, ok := strings.Cut(rest, "}"); !ok || !slices.Contains(blanks, name) {
				r.Note(at+".text", "Diesen Platzhalter gibt es nicht: "+name+".", "There is no such placeholder: "+name+".")
			}
		}
	}
	return f.Texts, r.err()
}

// DraftOf fills the template of a text for a kind of crisis; false if there is
// none. What is not known stays as a line to write on.
func DraftOf(what string, k Kind, fill map[string]string) (title, text string, ok bool) {
	for _, t := range texts() {
		if t.What != what || !slices.Contains(t.Kinds, k) {
			continue
		}
		var pairs []string
		for _, b := range blanks {
			v, known := fill[b]
			if !known {
				v = "__________"
			}
			pairs = append(pairs, "{"+b+"}", v)
		}
		r := strings.NewReplacer(pairs...)
		return r.Replace(t.Title), strings.TrimSpace(strings.ReplaceAll(r.Replace(t.Text), "  ", " ")), true
	}
	return "", "", false
}
