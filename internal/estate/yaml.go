package estate

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"notbetrieb/internal/lang"
)

// readYAML reads a file of tables, each a list of rows, each row a mapping from
// head to value. A list of values stands for several separated by commas.
func (r *reading) readYAML(f File) {
	bad := func(n ast.Node, de, en string) {
		m := Mistake{File: f.Name, Row: 1, Say: lang.Text{DE: de, EN: en}}
		if n != nil {
			m.Row = lineOf(n)
		}
		r.wrong(m)
	}
	b := bytes.TrimPrefix(f.Data, []byte("\ufeff"))
	if !utf8.Valid(b) {
		bad(nil, "Die Datei ist kein UTF-8.", "The file is not UTF-8.")
		return
	}
	if deep(b) {
		bad(nil, "Die Datei ist zu tief geschachtelt.", "The file is nested too deeply.")
		return
	}
	tree, err := parseYAML(b)
	if err != nil {
		m := Mistake{File: f.Name, Row: 1, Say: lang.Text{DE: "Das ist kein YAML.", EN: "This is no YAML."}}
		var y yaml.Error
		if errors.As(err, &y) {
			if t := y.GetToken(); t != nil && t.Position != nil {
				m.Row = max(1, t.Position.Line)
			}
			m.Say.DE += " (" + y.GetMessage() + ")"
			m.Say.EN += " (" + y.GetMessage() + ")"
		}
		r.wrong(m)
		return
	}
	for _, doc := range tree.Docs {
		if doc == nil || doc.Body == nil {
			continue
		}
		pairs, ok := mapping(doc.Body)
		if !ok {
			switch doc.Body.(type) {
			case *ast.NullNode, *ast.CommentGroupNode, *ast.CommentNode:
			default:
				bad(doc.Body, "Erwartet werden Tabellen: systems: und darunter eine Liste.", "Tables are expected: systems: and a list below it.")
			}
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
	s := &sheet{file: f.Name, name: t.Key, headRow: lineOf(p.Key)}
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
		pairs, ok := mapping(item)
		if !ok {
			bad(item, "Eine Zeile der Tabelle besteht aus „Spalte: Wert“.", "A row of the table consists of “column: value”.")
			continue
		}
		l := line{n: lineOf(item), cells: make([]string, len(s.heads))}
		if len(pairs) > 0 {
			l.n = lineOf(pairs[0].Key)
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

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(1, t.Position.Line)
	}
	return 1
}

func mapping(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
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

var errParser = errors.New("estate: the YAML parser gave up")

// parseYAML parses YAML. A panic of the parser on malformed input is an error.
func parseYAML(b []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, errParser
		}
	}()
	return parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
}

// deep reports whether brackets or indentation go further than any table does,
// which would exhaust the parser's stack.
func deep(b []byte) bool {
	for row := range bytes.Lines(b) {
		open := 0
		if len(row)-len(bytes.TrimLeft(row, " ")) > 40 {
			return true
		}
		for _, c := range row {
			if c == '[' || c == '{' || c == '-' || c == '?' {
				if open++; open > 100 {
					return true
				}
			}
		}
	}
	return bytes.Count(b, []byte("[")) > 20*maxRows
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
