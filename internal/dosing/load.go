package dosing

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/strict"
)

// Mistake is one thing wrong in a table.
type Mistake = strict.Mistake

// Mistakes are all mistakes of a table in the order of its lines. It is the
// error of [Load]; its kind is fault.Invalid.
type Mistakes = strict.Mistakes

var limits = strict.Limits{Bytes: 8 << 20, Levels: 10}

// loader reads a table and notes every mistake.
type loader struct {
	mistakes Mistakes
	lines    map[any]int // line of each entry that a check speaks of
}

func (l *loader) note(line int, de, en string) {
	l.mistakes = append(l.mistakes, Mistake{Line: line, Say: lang.Text{DE: de, EN: en}})
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
	l.mistakes.Sort()
	n := len(l.mistakes)
	say := lang.Text{DE: fmt.Sprintf("Die Arzneimitteltabelle hat %d Fehler.", n), EN: fmt.Sprintf("The drug table has %d mistakes.", n)}
	if n == 1 {
		say = lang.Text{DE: "Die Arzneimitteltabelle hat einen Fehler.", EN: "The drug table has one mistake."}
	}
	return nil, fault.Mark(l.mistakes, fault.Invalid, say)
}

// tree returns the table as a syntax tree, nil if there is none.
func (l *loader) tree(b []byte) ast.Node {
	docs, wrong := strict.Tree(b, limits)
	switch {
	case wrong != nil:
		l.note(wrong.Line, wrong.Say.DE, wrong.Say.EN)
	case len(docs) != 1:
		l.note(1, "Die Datei muss genau eine Tabelle enthalten.", "The file must hold exactly one table.")
	default:
		return docs[0]
	}
	return nil
}

// value reads n into v.
func (l *loader) value(n ast.Node, v reflect.Value, depth int) {
	if depth > limits.Levels {
		l.note(strict.Line(n), "Das ist zu tief geschachtelt.", "This is nested too deeply.")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		l.lines[v.Interface()] = strict.Line(n)
		l.value(n, v.Elem(), depth+1)
	case reflect.Struct:
		l.fields(n, v, depth)
	case reflect.Slice:
		seq, ok := n.(*ast.SequenceNode)
		if !ok {
			l.note(strict.Line(n), "Hier wird eine Liste erwartet.", "A list is expected here.")
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
	pairs, ok := strict.Pairs(n)
	if !ok {
		l.note(strict.Line(n), "Hier werden Schlüssel mit Werten erwartet.", "Keys with values are expected here.")
		return
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		key := ""
		if t := p.Key.GetToken(); t != nil {
			key = t.Value
		}
		at := strict.Line(p.Key)
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
	s, ok := strict.Word(n)
	if !ok {
		l.note(strict.Line(n), "Hier fehlt ein Wert.", "A value is missing here.")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		if s != "true" && s != "false" {
			l.note(strict.Line(n), "Hier steht true oder false.", "This is true or false.")
		}
		v.SetBool(s == "true")
	case reflect.Int:
		i, err := strconv.Atoi(s)
		if err != nil || i < 0 || i > 150 {
			l.note(strict.Line(n), "Hier wird eine Zahl von Jahren erwartet.", "A number of years is expected here.")
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x > 0 && x < 1000) {
			l.note(strict.Line(n), "Hier wird eine Zahl über 0 erwartet.", "A number over 0 is expected here.")
		}
		v.SetFloat(x)
	default:
		l.note(strict.Line(n), "Dieser Wert kann hier nicht stehen.", "This value cannot stand here.")
	}
}
