// Package strict reads YAML that people write by hand: the configuration, the
// playbooks, the tables. It takes nothing that it does not know, and says every
// mistake at once, with its place in the file. (The YAML package's own decoder
// stops at the first one.)
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"notbetrieb/internal/lang"
)

// Limits are how much of a file is read at all.
type Limits struct {
	Bytes  int
	Levels int // of nesting
}

// Tree returns the documents of a file that say something, as syntax trees, or
// the mistake for which none can be made.
func Tree(b []byte, l Limits) ([]ast.Node, *Mistake) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	bad := func(de, en string) ([]ast.Node, *Mistake) {
		return nil, &Mistake{Line: 1, Column: 1, Say: lang.Text{DE: de, EN: en}}
	}
	switch {
	case len(b) > l.Bytes:
		n := max(1, l.Bytes>>20)
		return bad(fmt.Sprintf("Die Datei ist größer als %d MiB.", n), fmt.Sprintf("The file is larger than %d MiB.", n))
	case !utf8.Valid(b):
		return bad("Die Datei ist kein UTF-8.", "The file is not UTF-8.")
	case deep(b, l.Levels):
		return bad("Die Datei ist zu tief geschachtelt.", "The file is nested too deeply.")
	}
	f, err := parse(b)
	if err != nil {
		_, m := bad("Das ist kein YAML.", "This is no YAML.")
		var y yaml.Error
		if errors.As(err, &y) {
			if t := y.GetToken(); t != nil && t.Position != nil {
				m.Line, m.Column = max(1, t.Position.Line), max(1, t.Position.Column)
			}
			m.Say.DE += " (" + y.GetMessage() + ")"
			m.Say.EN += " (" + y.GetMessage() + ")"
		}
		return nil, m
	}
	var docs []ast.Node
	for _, d := range f.Docs {
		if d == nil || d.Body == nil {
			continue
		}
		switch d.Body.(type) {
		case *ast.NullNode, *ast.CommentGroupNode, *ast.CommentNode:
			continue
		}
		docs = append(docs, d.Body)
	}
	return docs, nil
}

var errParser = errors.New("strict: the YAML parser gave up")

// parse parses YAML. A panic of the parser on malformed input is an error.
func parse(b []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, errParser
		}
	}()
	return parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
}

const maxOpen = 2000 // brackets that are open at once, or begin in one line

// deep reports whether brackets or indentation go further than any real file,
// which would exhaust the parser's stack.
func deep(b []byte, levels int) bool {
	open := 0
	for line := range strings.Lines(string(b)) {
		body := strings.TrimLeft(line, " ")
		if len(line)-len(body) > 8*levels {
			return true
		}
		dashes := 0
		for strings.HasPrefix(body, "- ") || strings.HasPrefix(body, "? ") {
			body = strings.TrimLeft(body[2:], " ")
			if dashes++; dashes > levels {
				return true
			}
		}
		begun := strings.Count(line, "[") + strings.Count(line, "{")
		open += begun - strings.Count(line, "]") - strings.Count(line, "}")
		if open > maxOpen || begun > maxOpen {
			return true
		}
	}
	return false
}

// Place returns where n stands, from 1.
func Place(n ast.Node) (line, column int) {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return max(1, t.Position.Line), max(1, t.Position.Column)
	}
	return 1, 1
}

// Line returns the line in which n stands, from 1.
func Line(n ast.Node) int {
	line, _ := Place(n)
	return line
}

// Pairs returns the entries of a mapping; ok is false where n is none. An empty
// value (a key whose content is commented out) is an empty mapping.
func Pairs(n ast.Node) (out []*ast.MappingValueNode, ok bool) {
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

// Word returns the text of a scalar as written, that of a block without the
// blanks around it.
func Word(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}
