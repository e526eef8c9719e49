package interpret

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// The limits of reading a CDA or HTML document.
const (
	maxDepth = 200
	maxWords = 256 << 10 // bytes of text taken
)

// cdaText returns the readable text of a CDA document (HL7 CDA R2): the title
// and every section's title and text, in their order. It takes what it can: a
// document that breaks off gives the words before the break.
func cdaText(b []byte) (string, bool) {
	return xmlText(b, true)
}

// markupText returns the words of an HTML page.
func markupText(b []byte) (string, bool) {
	return xmlText(b, false)
}

// xmlText collects text. In a CDA only title and text elements have any; in
// HTML everything has, except for script and style.
func xmlText(b []byte, cda bool) (string, bool) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	if !cda {
		d.AutoClose = xml.HTMLAutoClose
	}
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		enc, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return enc.NewDecoder().Reader(in), nil
	}
	w := wordCollector{cda: cda}
	for {
		tok, err := d.RawToken()
		if err != nil {
			text := w.text()
			return text, text != "" && (errors.Is(err, io.EOF) || w.n > 0)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if len(w.open) >= maxDepth {
				return w.text(), w.n > 0
			}
			w.start(strings.ToLower(t.Name.Local))
		case xml.EndElement:
			w.end(strings.ToLower(t.Name.Local))
		case xml.CharData:
			w.words(string(t))
		}
		if w.n > maxWords {
			return w.text(), true
		}
	}
}

// wordCollector writes words as lines.
type wordCollector struct {
	cda    bool
	open   []string
	taking int // how many open elements are taken
	hidden int
	n      int
	b      strings.Builder
	gap    bool // a blank is due before the next word
}

func (w *wordCollector) start(name string) {
	w.open = append(w.open, name)
	if w.cda && (name == "title" || name == "text") {
		w.taking++
		w.newline()
	}
	switch name {
	case "script", "style", "head":
		if !w.cda {
			w.hidden++
		}
	case "br", "p", "paragraph", "tr", "item", "li", "div", "caption", "h1", "h2", "h3", "h4":
		w.newline()
	case "td", "th":
		if w.gap {
			w.b.WriteString(" |")
		}
	}
}

func (w *wordCollector) end(name string) {
	for i := len(w.open) - 1; i >= 0; i-- { // close what was left open
		if w.open[i] != name {
			continue
		}
		for _, closed := range w.open[i:] {
			if w.cda && (closed == "title" || closed == "text") {
				w.taking--
				w.newline()
			}
			if !w.cda && (closed == "script" || closed == "style" || closed == "head") {
				w.hidden--
			}
		}
		w.open = w.open[:i]
		return
	}
}

func (w *wordCollector) newline() {
	w.gap = false
	if s := w.b.Len(); s > 0 && !strings.HasSuffix(w.b.String(), "\n") {
		w.b.WriteByte('\n')
	}
}

func (w *wordCollector) words(s string) {
	if w.cda && w.taking == 0 || w.hidden > 0 {
		return
	}
	for _, word := range strings.Fields(s) {
		if w.gap {
			w.b.WriteByte(' ')
		}
		w.b.WriteString(word)
		w.gap = true
		w.n += len(word) + 1
		if w.n > maxWords {
			return
		}
	}
}

func (w *wordCollector) text() string { return strings.TrimSpace(w.b.String()) }
