package dosing

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Mistake is one thing wrong in a table.
type Mistake struct {
	Line int // from 1
	Say  lang.Text
}

// Mistakes are all mistakes of a table in the order of its lines. It is the
// error of [Load]; its kind is fault.Invalid.
type Mistakes []Mistake

// Error returns one line for each mistake, in English.
func (m Mistakes) Error() string { return m.In(lang.EN) }

// In returns one line for each mistake in l: "12: …".
func (m Mistakes) In(l lang.Lang) string {
	lines := make([]string, len(m))
	for i, x := range m {
		lines[i] = fmt.Sprintf("%d: %s", x.Line, x.Say.In(l))
	}
	return strings.Join(lines, "\n")
}

const maxTable = 8 << 20 // bytes

// loader reads a table and notes every mistake.
type loader struct {
	mistakes Mistakes
	lines    map[any]int // line of each entry that a check speaks of
}

func (l *loader) note(line int, de, en string) {
	l.mistakes = append(l.mistakes, Mistake{line, lang.Text{DE: de, EN: en}})
}

// Load reads a table. It is strict: unknown keys, units, routes, levels, codes
// and names that stand twice are mistakes, and all of them are told at once as
// [Mistakes].
func Load(b []byte) (*Table, error) {
	l := &loader{lines: map[any]int{}}
	var f file
	if root := l.tree(b); root != nil {
		l.value(root, reflect.ValueOf(&f).Elem(), 0)
	}
	var t *Table
	if len(l.mistakes) == 0 {
		t = l.index(&f)
	}
	if len(l.mistakes) == 0 {
		return t, nil
	}
	slices.SortStableFunc(l.mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	n := len(l.mistakes)
	say := lang.Text{DE: fmt.Sprintf("Die Arzneimitteltabelle hat %d Fehler.", n), EN: fmt.Sprintf("The drug table has %d mistakes.", n)}
	if n == 1 {
		say = lang.Text{DE: "Die Arzneimitteltabelle hat einen Fehler.", EN: "The drug table has one mistake."}
	}
	return nil, fault.Mark(l.mistakes, fault.Invalid, say)
}

var errParser = errors.New("dosing: the YAML parser gave up")

// parseTree parses YAML. A panic of the parser on malformed input is an error.
func parseTree(b []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, errParser
		}
	}()
	return parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
}

func (l *loader) tree(b []byte) ast.Node {
	if len(b) > maxTable || !utf8.Valid(b) || slices.ContainsFunc(strings.Split(string(b), "\n"), tooDeep) {
		l.note(1, "Die Datei ist kein lesbarer Text.", "The file is no readable text.")
		return nil
	}
	f, err := parseTree(b)
	if err != nil {
		line, detail := 1, ""
		var y yaml.Error
		if errors.As(err, &y) {
			if t := y.GetToken(); t != nil && t.Position != nil {
				line = max(1, t.Position.Line)
			}
			detail = " (" + y.GetMessage() + ")"
		}
		l.note(line, "Das ist kein YAML."+detail, "This is no YAML."+detail)
		return nil
	}
	if len(f.Docs) != 1 || f.Docs[0] == nil || f.Docs[0].Body == nil {
		l.note(1, "Die Datei muss genau eine Tabelle enthalten.", "The file must hold exactly one table.")
		return nil
	}
	return f.Docs[0].Body
}

// tooDeep keeps nesting from exhausting the parser's stack.
func tooDeep(line string) bool {
	return len(line)-len(strings.TrimLeft(line, " ")) > 200 || strings.Count(line, "[")+strings.Count(line, "{") > 200 || strings.Count(line, "- ") > 100
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(1, t.Position.Line)
	}
	return 1
}

// value reads n into v.
func (l *loader) value(n ast.Node, v reflect.Value, depth int) {
	if depth > 10 {
		l.note(lineOf(n), "Das ist zu tief geschachtelt.", "This is nested too deeply.")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		l.lines[v.Interface()] = lineOf(n)
		l.value(n, v.Elem(), depth+1)
	case reflect.Struct:
		l.fields(n, v, depth)
	case reflect.Slice:
		seq, ok := n.(*ast.SequenceNode)
		if !ok {
			l.note(lineOf(n), "Hier wird eine Liste erwartet.", "A list is expected here.")
			return
		}
		out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
		for i, x := range seq.Values {
			l.value(x, out.Index(i), depth+1)
		}
		v.Set(out)
	default:
		l.scalar(n, v)
	}
}

func (l *loader) fields(n ast.Node, v reflect.Value, depth int) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		l.note(lineOf(n), "Hier werden Schlüssel mit Werten erwartet.", "Keys with values are expected here.")
		return
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		key := ""
		if t := p.Key.GetToken(); t != nil {
			key = t.Value
		}
		at := lineOf(p.Key)
		i := slices.IndexFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool {
			return f.IsExported() && f.Tag.Get("yaml") == key
		})
		switch {
		case seen[key]:
			l.note(at, "„"+key+"“ steht zweimal da.", "“"+key+"” stands here twice.")
		case i < 0:
			l.note(at, "„"+key+"“ gibt es hier nicht.", "There is no “"+key+"” here.")
		case p.Value == nil:
			l.note(at, "„"+key+"“ hat keinen Wert.", "“"+key+"” has no value.")
		default:
			l.value(p.Value, v.Field(i), depth+1)
		}
		seen[key] = true
	}
}

func (l *loader) scalar(n ast.Node, v reflect.Value) {
	var s string
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s = strings.TrimSpace(n.GetToken().Value)
	default:
		l.note(lineOf(n), "Hier fehlt ein Wert.", "A value is missing here.")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(s))
	case reflect.Bool:
		if s != "true" && s != "false" {
			l.note(lineOf(n), "Hier steht true oder false.", "This is true or false.")
		}
		v.SetBool(s == "true")
	case reflect.Int:
		i, err := strconv.Atoi(s)
		if err != nil || i < 0 || i > 150 {
			l.note(lineOf(n), "Hier wird eine Zahl von Jahren erwartet.", "A number of years is expected here.")
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x > 0 && x < 1000) {
			l.note(lineOf(n), "Hier wird eine Zahl über 0 erwartet.", "A number over 0 is expected here.")
		}
		v.SetFloat(x)
	default:
		l.note(lineOf(n), "Dieser Wert kann hier nicht stehen.", "This value cannot stand here.")
	}
}
