package estate

import (
	"bytes"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/strict"
)

// readYAML reads a file of tables, each a list of rows, each row a mapping from
// head to value. A list of values stands for several separated by commas.
func (r *reading) readYAML(f File) {
	bad := func(n ast.Node, de, en string) {
		m := Mistake{File: f.Name, Row: 1, Say: lang.Text{DE: de, EN: en}}
		if n != nil {
			m.Row = strict.Line(n)
		}
		r.wrong(m)
	}
	docs, wrong := strict.Tree(f.Data, strict.Limits{Bytes: maxFile, Levels: 6})
	if wrong != nil {
		r.wrong(Mistake{File: f.Name, Row: wrong.Line, Say: wrong.Say})
	}
	for _, doc := range docs {
		pairs, ok := strict.Pairs(doc)
		if !ok {
			bad(doc, "Erwartet werden Tabellen: systems: und darunter eine Liste.", "Tables are expected: systems: and a list below it.")
			continue
		}
		for _, p := range pairs {
			r.yamlTable(f, p, bad)
		}
	}
}

func (r *reading) yamlTable(f File, p *ast.MappingValueNode, bad func(ast.Node, string, string)) {
	name := p.Key.GetToken().Value
	if aside(name) {
		return
	}
	t, ok := tableNamed(name)
	if !ok {
		bad(p.Key, "Eine Tabelle „"+name+"“ gibt es nicht. Es gibt: "+names(lang.DE, "")+".", "There is no table “"+name+"”. There are: "+names(lang.EN, "")+".")
		return
	}
	s := &sheet{file: f.Name, name: t.Key, headRow: strict.Line(p.Key)}
	at := map[string]int{}
	var list []ast.Node
	switch v := p.Value.(type) {
	case *ast.SequenceNode:
		list = v.Values
	case *ast.NullNode, nil:
	default:
		bad(v, "Unter "+name+" wird eine Liste erwartet.", "A list is expected below "+name+".")
		return
	}
	for _, item := range list {
		pairs, ok := strict.Pairs(item)
		if !ok {
			bad(item, "Eine Zeile der Tabelle besteht aus „Spalte: Wert“.", "A row of the table consists of “column: value”.")
			continue
		}
		l := line{n: strict.Line(item), cells: make([]string, len(s.heads))}
		if len(pairs) > 0 {
			l.n = strict.Line(pairs[0].Key)
		}
		seen := map[int]bool{}
		for _, cell := range pairs {
			head := cell.Key.GetToken().Value
			i, ok := at[head]
			if !ok {
				i, ok = at[folded(head)]
				if !ok {
					i = len(s.heads)
					at[folded(head)] = i
					s.heads = append(s.heads, head)
				}
				at[head] = i // most rows head their values alike
			}
			for len(l.cells) <= i {
				l.cells = append(l.cells, "")
			}
			v, ok := scalar(cell.Value, true)
			if !ok || seen[i] || len(s.heads) > maxCols {
				bad(cell.Key, "„"+head+"“ braucht genau einen Wert oder eine Liste von Werten.", "“"+head+"” needs exactly one value or a list of values.")
				continue
			}
			seen[i], l.cells[i] = true, v
		}
		s.lines = append(s.lines, l)
	}
	r.take(t, s)
}

// scalar returns a value as text; a list only where lists may stand.
func scalar(n ast.Node, lists bool) (string, bool) {
	switch v := n.(type) {
	case nil, *ast.NullNode:
		return "", true
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(v.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.GetToken().Value, true
	case *ast.SequenceNode:
		if !lists {
			return "", false
		}
		var parts []string
		for _, x := range v.Values {
			s, ok := scalar(x, false)
			if !ok {
				return "", false
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, ", "), true
	}
	return "", false
}

// YAML returns all tables with stored keys and the words of language l.
func YAML(of *Tables, l lang.Lang) []byte {
	var b bytes.Buffer
	for _, t := range tables {
		rows := t.Rows(of)
		if len(rows) == 0 {
			b.WriteString(t.Key + ": []\n")
			continue
		}
		b.WriteString(t.Key + ":\n")
		for _, cells := range rows {
			mark := "- "
			for i, v := range cells {
				if v == "" {
					continue
				}
				b.WriteString("  " + mark + t.Columns[i].Key + ": " + quote(t.Columns[i].Show(v, l)) + "\n")
				mark = "  "
			}
		}
	}
	return b.Bytes()
}

// quote returns a value that every YAML reader takes for the same text.
func quote(s string) string {
	simple := s != "" && s == strings.TrimSpace(s)
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("äöüÄÖÜß", r)
		if !letter && (i == 0 || !strings.ContainsRune(" 0123456789-,.()/", r)) {
			simple = false
		}
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf":
		simple = false
	}
	if simple {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(s) + `"`
}
