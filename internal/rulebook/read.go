package rulebook

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Mistake is one thing wrong in a file.
type Mistake struct {
	File string
	Line int // from 1
	Key  string
	Say  lang.Text
}

// In returns the mistake as one line in l: "brand.yaml:12: tasks[3].due: …".
func (m Mistake) In(l lang.Lang) string {
	at := fmt.Sprintf("%s:%d: ", m.File, m.Line)
	if m.Key != "" {
		at += m.Key + ": "
	}
	return at + m.Say.In(l)
}

// Mistakes are all mistakes of a file in the order of its lines. It is the
// error of the Load functions; its kind is fault.Invalid.
type Mistakes []Mistake

// Error returns one line for each mistake, in English.
func (m Mistakes) Error() string { return m.In(lang.EN) }

// In returns one line for each mistake in l.
func (m Mistakes) In(l lang.Lang) string {
	lines := make([]string, len(m))
	for i, x := range m {
		lines[i] = x.In(l)
	}
	return strings.Join(lines, "\n")
}

const (
	maxFile  = 1 << 20 // bytes
	maxDepth = 12      // levels of nesting
)

// reader fills Go values from a YAML file and notes every mistake with its
// line. It knows the types that rulebooks are made of and nothing else.
type reader struct {
	file     string
	mistakes Mistakes
	line     map[string]int // where each path stands
}

func newReader(file string) *reader { return &reader{file: file, line: map[string]int{}} }

// err returns what was noted, nil for nothing.
func (r *reader) err() error {
	if len(r.mistakes) == 0 {
		return nil
	}
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return fault.Mark(r.mistakes, fault.Invalid, lang.Text{
		DE: "Die Datei " + r.file + " hat Fehler:\n" + r.mistakes.In(lang.DE), EN: "The file " + r.file + " has mistakes:\n" + r.mistakes.In(lang.EN),
	})
}

// note adds a mistake at a path, or at the nearest path above it that stands
// in the file.
func (r *reader) note(path, de, en string) {
	line := 1
	for p := path; p != ""; {
		if n, ok := r.line[p]; ok {
			line = n
			break
		}
		p = p[:max(strings.LastIndexAny(p, ".["), 0)]
	}
	r.mistakes = append(r.mistakes, Mistake{File: r.file, Line: line, Key: path, Say: lang.Text{DE: de, EN: en}})
}

// read fills what into points to.
func (r *reader) read(b []byte, into any) {
	if len(b) > maxFile || !utf8.Valid(b) || deep(b) {
		r.note("", "Die Datei ist größer als 1 MiB, kein UTF-8 oder zu tief geschachtelt.", "The file is larger than 1 MiB, not UTF-8 or nested too deeply.")
		return
	}
	f, err := parse(b)
	if err != nil {
		m := Mistake{File: r.file, Line: 1, Say: lang.Text{DE: "Das ist kein YAML.", EN: "This is no YAML."}}
		var y yaml.Error
		if errors.As(err, &y) && y.GetToken() != nil && y.GetToken().Position != nil {
			m.Line = max(1, y.GetToken().Position.Line)
		}
		r.mistakes = append(r.mistakes, m)
		return
	}
	if len(f.Docs) != 1 || f.Docs[0] == nil || f.Docs[0].Body == nil {
		r.note("", "Die Datei ist leer oder enthält mehr als ein Dokument.", "The file is empty or holds more than one document.")
		return
	}
	r.value(f.Docs[0].Body, reflect.ValueOf(into).Elem(), "", 0)
}

// parse parses YAML. A panic of the parser on malformed input is an error.
func parse(b []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, errors.New("rulebook: the YAML parser gave up")
		}
	}()
	return parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
}

// deep reports whether brackets or indentation go further than any rulebook,
// which would exhaust the parser's stack.
func deep(b []byte) bool {
	open := 0
	for line := range strings.Lines(string(b)) {
		rest := strings.TrimLeft(line, " -?")
		open += strings.Count(line, "[") + strings.Count(line, "{")
		if len(line)-len(rest) > 8*maxDepth || open > 20_000 || strings.Count(line, "[")+strings.Count(line, "{") > 200 {
			return true
		}
	}
	return false
}

func (r *reader) value(n ast.Node, v reflect.Value, path string, depth int) {
	if t := n.GetToken(); t != nil && t.Position != nil {
		if _, ok := r.line[path]; !ok && path != "" {
			r.line[path] = max(1, t.Position.Line)
		}
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		r.note(path, "Anker, Verweise und Typangaben sind hier nicht erlaubt.", "Anchors, references and tags are not allowed here.")
		return
	}
	if depth > maxDepth {
		r.note(path, "Das ist zu tief geschachtelt.", "This is nested too deeply.")
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		r.duration(n, p, path)
		return
	case *lang.Text:
		if s, ok := word(n); ok {
			*p = lang.Text{DE: s}
			return
		}
		var both struct {
			DE string `yaml:"de"`
			EN string `yaml:"en"`
		}
		r.fields(n, reflect.ValueOf(&both).Elem(), path, depth)
		*p = lang.Text{DE: both.DE, EN: both.EN}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		r.fields(n, v, path, depth)
	case reflect.Slice:
		r.list(n, v, path, depth)
	case reflect.Map:
		out := reflect.MakeMap(v.Type())
		r.entries(n, path, func(key, at string, e ast.Node) {
			el := reflect.New(v.Type().Elem()).Elem()
			r.value(e, el, at, depth+1)
			out.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), el)
		})
		v.Set(out)
	default:
		r.scalar(n, v, path)
	}
}

func (r *reader) entries(n ast.Node, path string, each func(key, path string, e ast.Node)) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		r.note(path, "Hier werden Schlüssel mit Werten erwartet.", "Keys with values are expected here.")
		return
	}
	seen := map[string]bool{}
	for _, e := range values {
		key := ""
		if t := e.Key.GetToken(); t != nil {
			key = t.Value
		}
		at := strings.TrimPrefix(path+"."+key, ".")
		if t := e.Key.GetToken(); t != nil && t.Position != nil && (seen[key] || r.line[at] == 0) {
			r.line[at] = max(1, t.Position.Line)
		}
		switch {
		case key == "" || e.Value == nil:
			r.note(at, "Das ist kein Schlüssel.", "This is no key.")
		case seen[key]:
			r.note(at, "Dieser Schlüssel steht zweimal da.", "This key stands here twice.")
		default:
			seen[key] = true
			each(key, at, e.Value)
		}
	}
}

func (r *reader) fields(n ast.Node, v reflect.Value, path string, depth int) {
	known := map[string]int{}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			known[name] = i
		}
	}
	r.entries(n, path, func(key, at string, e ast.Node) {
		i, ok := known[key]
		if !ok {
			var names []string
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			r.note(at, "Diesen Schlüssel gibt es hier nicht. Möglich: "+strings.Join(names, ", ")+".", "There is no such key here. Possible: "+strings.Join(names, ", ")+".")
			return
		}
		r.value(e, v.Field(i), at, depth+1)
	})
}

func (r *reader) list(n ast.Node, v reflect.Value, path string, depth int) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.note(path, "Hier wird eine Liste erwartet.", "A list is expected here.")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, x := range seq.Values {
		r.value(x, out.Index(i), path+"["+strconv.Itoa(i)+"]", depth+1)
	}
	v.Set(out)
}

// word returns the text of a scalar as written.
func word(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return strings.TrimSpace(n.Value), true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

func (r *reader) scalar(n ast.Node, v reflect.Value, path string) {
	s, ok := word(n)
	if !ok {
		r.note(path, "Hier fehlt ein Wert.", "A value is missing here.")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if s != "true" && s != "false" {
			r.note(path, "Hier steht true oder false.", "This is true or false.")
			return
		}
		v.SetBool(s == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			r.note(path, "Hier wird eine ganze Zahl erwartet.", "A whole number is expected here.")
			return
		}
		v.SetInt(i)
	default:
		r.note(path, "Dieser Wert kann hier nicht stehen.", "This value cannot stand here.")
	}
}

// duration reads 15m, 2h, 3d or 1w; a sign is refused.
func (r *reader) duration(n ast.Node, p *time.Duration, path string) {
	s, _ := word(n)
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	if len(s) >= 2 {
		x, err := strconv.ParseUint(s[:len(s)-1], 10, 16)
		if u, ok := unit[s[len(s)-1:]]; ok && err == nil {
			*p = time.Duration(x) * u
			return
		}
	}
	r.note(path, "Hier wird eine Dauer erwartet, zum Beispiel 15m, 2h, 3d oder 1w.", "A duration is expected here, for example 15m, 2h, 3d or 1w.")
}

// required notes an empty value.
func (r *reader) required(path, s string) {
	if strings.TrimSpace(s) == "" {
		r.note(path, "Hier fehlt ein Wert.", "A value is missing here.")
	}
}

// short notes what is no short name.
func (r *reader) short(path, s string) {
	ok := s != "" && len(s) <= 40
	for _, c := range []byte(s) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')
	}
	if !ok {
		r.note(path, "Ein Kurzname hat bis zu 40 kleine Buchstaben, Ziffern und Bindestriche.", "A short name has up to 40 small letters, digits and hyphens.")
	}
}

// oneOf notes a value that is none of those allowed.
func oneOf[T ~string](r *reader, path string, v T, allowed []T) {
	if slices.Contains(allowed, v) {
		return
	}
	var names []string
	for _, a := range allowed {
		names = append(names, string(a))
	}
	r.note(path, "Erlaubt ist: "+strings.Join(names, ", ")+".", "Allowed: "+strings.Join(names, ", ")+".")
}
