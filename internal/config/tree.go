package config

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"notbetrieb/internal/lang"
)

// tree returns the root of the file's syntax tree, or nil where it is empty or
// no YAML.
func (d *decoder) tree(b []byte) ast.Node {
	switch {
	case len(b) > maxFile:
		d.note("", "Die Datei ist größer als 8 MiB.", "The file is larger than 8 MiB.")
		return nil
	case !utf8.Valid(b):
		d.note("", "Die Datei ist kein UTF-8.", "The file is not UTF-8.")
		return nil
	case deep(b):
		d.note("", "Die Datei ist zu tief geschachtelt.", "The file is nested too deeply.")
		return nil
	}
	f, err := parseTree(b)
	if err != nil {
		m := Mistake{Line: 1, Column: 1, Say: lang.Text{DE: "Das ist kein YAML.", EN: "This is no YAML."}}
		var y yaml.Error
		if errors.As(err, &y) {
			if t := y.GetToken(); t != nil && t.Position != nil {
				m.Line, m.Column = max(1, t.Position.Line), max(1, t.Position.Column)
			}
			m.Say.DE += " (" + y.GetMessage() + ")"
			m.Say.EN += " (" + y.GetMessage() + ")"
		}
		d.mistakes = append(d.mistakes, m)
		return nil
	}
	var root ast.Node
	for _, doc := range f.Docs {
		if doc == nil || doc.Body == nil {
			continue
		}
		switch doc.Body.(type) {
		case *ast.NullNode, *ast.CommentGroupNode, *ast.CommentNode:
			continue
		}
		if root != nil {
			d.at[""] = placeOf(doc.Body)
			d.note("", "Die Datei enthält mehr als ein Dokument.", "The file holds more than one document.")
			return nil
		}
		root = doc.Body
	}
	return root
}

var errParser = errors.New("config: the YAML parser gave up")

// parseTree parses YAML. A panic of the parser on malformed input is an error.
func parseTree(b []byte) (f *ast.File, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, errParser
		}
	}()
	return parser.ParseBytes(b, 0, parser.AllowDuplicateMapKey())
}

// deep reports whether brackets or indentation go further than any real file,
// which would exhaust the parser's stack.
func deep(b []byte) bool {
	open := 0
	for line := range strings.Lines(string(b)) {
		body := strings.TrimLeft(line, " ")
		if len(line)-len(body) > 8*maxDepth {
			return true
		}
		dashes := 0
		for strings.HasPrefix(body, "- ") || strings.HasPrefix(body, "? ") {
			body = strings.TrimLeft(body[2:], " ")
			if dashes++; dashes > maxDepth {
				return true
			}
		}
		open += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		if open > 2000 || strings.Count(line, "[")+strings.Count(line, "{") > 2000 {
			return true
		}
	}
	return false
}
