package config

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"notbetrieb/internal/lang"
)

const (
	maxFile  = 8 << 20 // bytes
	maxDepth = 40      // levels of nesting
)

// place is where something stands in the file.
type place struct{ line, column int }

// decoder fills a Config from the syntax tree and notes every mistake. (The
// YAML package's own decoder stops at the first one.)
type decoder struct {
	mistakes Mistakes
	at       map[string]place // where the value of each path stands
	noted    map[string]bool  // paths with a mistake: one is enough for each
}

// note adds a mistake at the place of path, or of the nearest path above it.
func (d *decoder) note(path, de, en string) {
	if d.noted[path] {
		return
	}
	d.noted[path] = true
	p := d.where(path)
	d.mistakes = append(d.mistakes, Mistake{Line: p.line, Column: p.column, Key: path, Say: lang.Text{DE: de, EN: en}})
}

func (d *decoder) where(path string) place {
	for {
		if p, ok := d.at[path]; ok {
			return p
		}
		i := strings.LastIndexAny(path, ".[")
		if i <= 0 {
			return place{1, 1}
		}
		path = path[:i]
	}
}

// Parse reads a file over the defaults. The warnings are what is allowed but
// unwise. The error is all [Mistakes] at once; then the Config is not to be used.
func Parse(b []byte) (c Config, warnings []Mistake, err error) {
	c = Default()
	d := &decoder{at: map[string]place{}, noted: map[string]bool{}}
	if root := d.tree(b); root != nil {
		d.value(root, reflect.ValueOf(&c).Elem(), "", 0)
	}
	k := &checker{decoder: d, c: &c}
	if len(d.mistakes) == 0 || len(d.at) > 0 {
		k.check()
	}
	if err := d.mistakes.err(); err != nil {
		return Config{}, nil, err
	}
	k.warnings.sort()
	return c, k.warnings, nil
}

func placeOf(n ast.Node) place {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{max(1, t.Position.Line), max(1, t.Position.Column)}
	}
	return place{1, 1}
}

// value reads n into v. Types that are written in a form of their own come
// first, then everything by its kind.
func (d *decoder) value(n ast.Node, v reflect.Value, path string, depth int) {
	d.at[path] = placeOf(n)
	if depth > maxDepth {
		d.note(path, "Das ist zu tief geschachtelt.", "This is nested too deeply.")
		return
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		d.note(path, "Anker, Verweise und Typangaben sind hier nicht erlaubt.", "Anchors, references and tags are not allowed here.")
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		d.duration(n, p, path)
		return
	case *Size:
		d.size(n, p, path)
		return
	case *lang.Text:
		d.text(n, p, path, depth)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.fields(n, v, path, depth)
	case reflect.Slice:
		d.list(n, v, path, depth)
	case reflect.Map:
		d.dict(n, v, path, depth)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path, depth+1)
	default:
		d.scalar(n, v, path)
	}
}

// pairs returns the entries of a mapping; ok is false where n is none. An empty
// value (a key whose content is commented out) is an empty mapping.
func pairs(n ast.Node) (out []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	case *ast.NullNode:
		return nil, true
	}
	return nil, false
}

// entries calls f for every entry of a mapping once, and notes keys that are
// written twice.
func (d *decoder) entries(n ast.Node, path string, f func(key, path string, e *ast.MappingValueNode)) {
	es, ok := pairs(n)
	if !ok {
		d.note(path, "Hier werden Schlüssel mit Werten erwartet.", "Keys with values are expected here.")
		return
	}
	seen := map[string]bool{}
	for _, e := range es {
		key, ok := keyOf(e)
		at := join(path, key)
		if _, known := d.at[at]; !known {
			d.at[at] = placeOf(e.Key)
		}
		switch {
		case !ok:
			d.note(at, "Das ist kein Schlüssel.", "This is no key.")
		case seen[key]:
			d.at[at] = placeOf(e.Key)
			d.note(at, "Dieser Schlüssel steht zweimal da.", "This key stands here twice.")
		default:
			seen[key] = true
			f(key, at, e)
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

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d *decoder) fields(n ast.Node, v reflect.Value, path string, depth int) {
	known := map[string]int{}
	var names []string
	for i := range v.NumField() {
		if name := keyName(v.Type().Field(i)); name != "" {
			known[name] = i
			names = append(names, name)
		}
	}
	d.entries(n, path, func(key, at string, e *ast.MappingValueNode) {
		i, ok := known[key]
		if !ok {
			d.unknown(key, at, names)
			return
		}
		d.value(e.Value, v.Field(i), at, depth+1)
	})
}

// keyName returns the key of a field, or "" for a field that is not in the file.
func keyName(f reflect.StructField) string {
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

func (d *decoder) unknown(key, at string, names []string) {
	de, en := "Diesen Schlüssel gibt es hier nicht.", "There is no such key here."
	if best := nearest(key, names); best != "" {
		de += " Ist „" + best + "“ gemeint?"
		en += " Is “" + best + "” meant?"
	}
	d.note(at, de, en)
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

func (d *decoder) list(n ast.Node, v reflect.Value, path string, depth int) {
	seq, ok := n.(*ast.SequenceNode)
	if _, null := n.(*ast.NullNode); !ok && !null {
		d.note(path, "Hier wird eine Liste erwartet.", "A list is expected here.")
		return
	}
	if !ok || len(seq.Values) == 0 {
		v.SetZero()
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, x := range seq.Values {
		el := out.Index(i)
		switch p := el.Addr().Interface().(type) {
		case *Feed:
			*p = DefaultFeed()
		case *HandbackTarget:
			*p = DefaultTarget()
		case *Forward:
			*p = DefaultForward()
		case *Ward:
			*p = DefaultWard()
		case *Outlet:
			*p = DefaultOutlet()
		case *Hook:
			*p = Hook{Timeout: time.Minute}
		}
		d.value(x, el, path+"["+strconv.Itoa(i)+"]", depth+1)
	}
	v.Set(out)
}

func (d *decoder) dict(n ast.Node, v reflect.Value, path string, depth int) {
	out := reflect.MakeMap(v.Type())
	d.entries(n, path, func(key, at string, e *ast.MappingValueNode) {
		el := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, el, at, depth+1)
		out.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), el)
	})
	if out.Len() == 0 {
		v.SetZero()
		return
	}
	v.Set(out)
}

// word returns the text of a scalar as written.
func word(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	s, ok := word(n)
	if !ok {
		d.note(path, "Hier fehlt ein Wert.", "A value is missing here.")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if s != "true" && s != "false" {
			d.note(path, "Hier steht true oder false.", "This is true or false.")
			return
		}
		v.SetBool(s == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			d.note(path, "Hier wird eine ganze Zahl erwartet.", "A whole number is expected here.")
			return
		}
		v.SetInt(i)
	case reflect.Float64:
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || x != x || x > 1e9 || x < -1e9 {
			d.note(path, "Hier wird eine Zahl erwartet.", "A number is expected here.")
			return
		}
		v.SetFloat(x)
	default:
		d.note(path, "Dieser Wert kann hier nicht stehen.", "This value cannot stand here.")
	}
}

func (d *decoder) duration(n ast.Node, p *time.Duration, path string) {
	s, _ := word(n)
	x, err := parseDuration(s)
	if err != nil {
		d.note(path, "Hier wird eine Dauer erwartet, zum Beispiel 90s, 15m, 2h oder 3d.",
			"A duration is expected here, for example 90s, 15m, 2h or 3d.")
		return
	}
	*p = x
}

func (d *decoder) size(n ast.Node, p *Size, path string) {
	s, _ := word(n)
	x, err := parseSize(s)
	if err != nil {
		d.note(path, "Hier wird eine Größe erwartet, zum Beispiel 512KiB oder 32MiB.",
			"A size is expected here, for example 512KiB or 32MiB.")
		return
	}
	*p = x
}

// text reads {de: …, en: …}, or one word that is German.
func (d *decoder) text(n ast.Node, p *lang.Text, path string, depth int) {
	if s, ok := word(n); ok {
		*p = lang.Text{DE: s}
		return
	}
	var t lang.Text
	d.entries(n, path, func(key, at string, e *ast.MappingValueNode) {
		switch key {
		case "de":
			d.value(e.Value, reflect.ValueOf(&t.DE).Elem(), at, depth+1)
		case "en":
			d.value(e.Value, reflect.ValueOf(&t.EN).Elem(), at, depth+1)
		default:
			d.unknown(key, at, []string{"de", "en"})
		}
	})
	*p = t
}
