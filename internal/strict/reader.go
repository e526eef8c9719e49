package strict

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"notbetrieb/internal/lang"
)

// Reader fills Go values from one file and notes every mistake. It knows
// strings, numbers, true and false, lists, mappings, structs by the tag "yaml",
// and [lang.Text].
type Reader struct {
	File   string
	Limits Limits
	Own    func(word string, into any) (mistake lang.Text, own bool) // reads a type that is written in a form of its own; may be nil
	Begin  func(element any)                                         // sets what an element of a list is before it is read; may be nil

	Mistakes Mistakes

	at    map[string]place // where the value of each path stands, or its key
	noted map[string]bool  // paths with a mistake: one is enough for each
}

type place struct{ line, column int }

func placeOf(n ast.Node) place {
	line, column := Place(n)
	return place{line, column}
}

// Read fills what into points to, and reports whether there was something to
// fill it with. An empty file is none.
func (r *Reader) Read(b []byte, into any) bool {
	docs, wrong := Tree(b, r.Limits)
	switch {
	case wrong != nil:
		wrong.File = r.File
		r.Mistakes = append(r.Mistakes, *wrong)
		return false
	case len(docs) == 0:
		return false
	case len(docs) > 1:
		r.put("", placeOf(docs[1]))
		r.Note("", "Die Datei enthält mehr als ein Dokument.", "The file holds more than one document.")
		return false
	}
	r.value(docs[0], reflect.ValueOf(into).Elem(), "", 0)
	return true
}

// Note adds a mistake at the place of path, or of the nearest path above it.
func (r *Reader) Note(path, de, en string) {
	if r.noted[path] {
		return
	}
	if r.noted == nil {
		r.noted = map[string]bool{}
	}
	r.noted[path] = true
	r.Mistakes = append(r.Mistakes, r.Mistake(path, de, en))
}

// Mistake returns a mistake at the place of path, or of the nearest path above
// it.
func (r *Reader) Mistake(path, de, en string) Mistake {
	m := Mistake{File: r.File, Line: 1, Column: 1, Key: path, Say: lang.Text{DE: de, EN: en}}
	for {
		if p, ok := r.at[path]; ok {
			m.Line, m.Column = p.line, p.column
			return m
		}
		i := strings.LastIndexAny(path, ".[")
		if i <= 0 {
			return m
		}
		path = path[:i]
	}
}

func (r *Reader) put(path string, p place) {
	if r.at == nil {
		r.at = map[string]place{}
	}
	r.at[path] = p
}

// value reads n into v. Types that are written in a form of their own come
// first, then everything by its kind.
func (r *Reader) value(n ast.Node, v reflect.Value, path string, depth int) {
	if p := placeOf(n); r.at[path].line == 0 || r.at[path].line == p.line { // what begins below its key is looked for at the key
		r.put(path, p)
	}
	if depth > r.Limits.Levels {
		r.Note(path, "Das ist zu tief geschachtelt.", "This is nested too deeply.")
		return
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		r.Note(path, "Anker, Verweise und Typangaben sind hier nicht erlaubt.", "Anchors, references and tags are not allowed here.")
		return
	}
	if p, ok := v.Addr().Interface().(*lang.Text); ok {
		r.text(n, p, path, depth)
		return
	}
	if r.Own != nil {
		word, _ := Word(n)
		if m, own := r.Own(word, v.Addr().Interface()); own {
			if m.DE != "" {
				r.Note(path, m.DE, m.EN)
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		r.fields(n, v, path, depth)
	case reflect.Slice:
		r.list(n, v, path, depth)
	case reflect.Map:
		r.dict(n, v, path, depth)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.value(n, v.Elem(), path, depth+1)
	default:
		r.scalar(n, v, path)
	}
}

// entries calls f for every entry of a mapping once, and notes keys that are
// written twice.
func (r *Reader) entries(n ast.Node, path string, f func(key, path string, value ast.Node)) {
	es, ok := Pairs(n)
	if !ok {
		r.Note(path, "Hier werden Schlüssel mit Werten erwartet.", "Keys with values are expected here.")
		return
	}
	seen := map[string]bool{}
	for _, e := range es {
		key, ok := keyOf(e)
		at := Join(path, key)
		if _, known := r.at[at]; !known {
			r.put(at, placeOf(e.Key))
		}
		switch {
		case !ok:
			r.Note(at, "Das ist kein Schlüssel.", "This is no key.")
		case seen[key]:
			r.put(at, placeOf(e.Key))
			r.Note(at, "Dieser Schlüssel steht zweimal da.", "This key stands here twice.")
		default:
			seen[key] = true
			f(key, at, e.Value)
		}
	}
}

func keyOf(e *ast.MappingValueNode) (string, bool) {
	if e.Value == nil {
		return "", false
	}
	switch k := e.Key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return e.Key.GetToken().Value, true
	}
	return "", false
}

// Join returns the path of a key below a path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (r *Reader) fields(n ast.Node, v reflect.Value, path string, depth int) {
	known := map[string]int{}
	var names []string
	for i := range v.NumField() {
		if name := KeyOf(v.Type().Field(i)); name != "" {
			known[name] = i
			names = append(names, name)
		}
	}
	r.entries(n, path, func(key, at string, e ast.Node) {
		i, ok := known[key]
		if !ok {
			r.unknown(key, at, names)
			return
		}
		r.value(e, v.Field(i), at, depth+1)
	})
}

// KeyOf returns the key of a field, or "" for a field that is not in a file.
func KeyOf(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch name {
	case "-":
		return ""
	case "":
		return strings.ToLower(f.Name)
	}
	return name
}

func (r *Reader) unknown(key, at string, names []string) {
	de, en := "Diesen Schlüssel gibt es hier nicht.", "There is no such key here."
	if best := nearest(key, names); best != "" {
		de += " Ist „" + best + "“ gemeint?"
		en += " Is “" + best + "” meant?"
	} else if len(names) > 0 {
		all := strings.Join(slices.Sorted(slices.Values(names)), ", ")
		de += " Möglich: " + all + "."
		en += " Possible: " + all + "."
	}
	r.Note(at, de, en)
}

// nearest returns the name that differs from key by at most two letters.
func nearest(key string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if x := distance(key, n); x < least && x < len(n) {
			best, least = n, x
		}
	}
	return best
}

// distance is the number of letters to change, add or leave out (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (r *Reader) list(n ast.Node, v reflect.Value, path string, depth int) {
	seq, ok := n.(*ast.SequenceNode)
	if _, null := n.(*ast.NullNode); !ok && !null {
		r.Note(path, "Hier wird eine Liste erwartet.", "A list is expected here.")
		return
	}
	if !ok || len(seq.Values) == 0 {
		v.SetZero()
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, x := range seq.Values {
		el := out.Index(i)
		if r.Begin != nil {
			r.Begin(el.Addr().Interface())
		}
		r.value(x, el, path+"["+strconv.Itoa(i)+"]", depth+1)
	}
	v.Set(out)
}

func (r *Reader) dict(n ast.Node, v reflect.Value, path string, depth int) {
	out := reflect.MakeMap(v.Type())
	r.entries(n, path, func(key, at string, e ast.Node) {
		el := reflect.New(v.Type().Elem()).Elem()
		r.value(e, el, at, depth+1)
		out.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), el)
	})
	if out.Len() == 0 {
		v.SetZero()
		return
	}
	v.Set(out)
}

func (r *Reader) scalar(n ast.Node, v reflect.Value, path string) {
	s, ok := Word(n)
	if !ok {
		r.Note(path, "Hier fehlt ein Wert.", "A value is missing here.")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if s != "true" && s != "false" {
			r.Note(path, "Hier steht true oder false.", "This is true or false.")
			return
		}
		v.SetBool(s == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			r.Note(path, "Hier wird eine ganze Zahl erwartet.", "A whole number is expected here.")
			return
		}
		v.SetInt(i)
	case reflect.Float64:
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || x != x || x > 1e9 || x < -1e9 {
			r.Note(path, "Hier wird eine Zahl erwartet.", "A number is expected here.")
			return
		}
		v.SetFloat(x)
	default:
		r.Note(path, "Dieser Wert kann hier nicht stehen.", "This value cannot stand here.")
	}
}

// text reads {de: …, en: …}, or one word that is German.
func (r *Reader) text(n ast.Node, p *lang.Text, path string, depth int) {
	if s, ok := Word(n); ok {
		*p = lang.Text{DE: s}
		return
	}
	var t struct {
		DE string `yaml:"de"`
		EN string `yaml:"en"`
	}
	r.fields(n, reflect.ValueOf(&t).Elem(), path, depth)
	*p = lang.Text{DE: t.DE, EN: t.EN}
}

// Required notes an empty value, and reports whether there is one.
func (r *Reader) Required(path, v string) bool {
	if strings.TrimSpace(v) == "" {
		r.Note(path, "Hier fehlt ein Wert.", "A value is missing here.")
		return false
	}
	return true
}

// OneOf notes a value that is none of those allowed.
func (r *Reader) OneOf(path, v string, allowed ...string) {
	if !slices.Contains(allowed, v) {
		r.Note(path, "Erlaubt ist: "+strings.Join(allowed, ", ")+".", "Allowed: "+strings.Join(allowed, ", ")+".")
	}
}

// Short notes what cannot be a short name.
func (r *Reader) Short(path, v string) {
	ok := v != "" && len(v) <= 40 && v[0] != '-'
	for _, c := range []byte(v) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		r.Note(path, "Ein Kurzname hat bis zu 40 kleine Buchstaben, Ziffern und Bindestriche.",
			"A short name has up to 40 small letters, digits and hyphens.")
	}
}
