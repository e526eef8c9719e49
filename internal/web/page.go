package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strconv"
	"sync"

	"notbetrieb/internal/lang"
)

//go:embed kit pages
var templates embed.FS

// A page ties one template to the one type it may be given, in both languages.
type page[T any] struct {
	name string
	in   map[lang.Lang]func() *template.Template
}

// framed is what every page value has.
type framed interface{ language() lang.Lang }

// drawings are the templates of every page, for the test that parses them all.
var drawings []func() *template.Template

// parse ties the page's template to the kit. It is read when the page is first
// drawn, so that a hub is there at once however many pages it has. A template
// that does not parse panics: the templates are part of the program, and a test
// parses each.
func parse[T framed](name string) page[T] {
	p := tied[T](name)
	drawings = append(drawings, p.in[lang.DE], p.in[lang.EN])
	return p
}

func tied[T framed](name string) page[T] {
	p := page[T]{name: name, in: map[lang.Lang]func() *template.Template{}}
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		p.in[l] = sync.OnceValue(func() *template.Template {
			t := template.Must(kits[l]().Clone())
			return template.Must(t.Parse(source("pages/"+name+"/page.tmpl", l)))
		})
	}
	return p
}

// kits are the parts that pages share, in each language.
var kits = map[lang.Lang]func() *template.Template{lang.DE: kit(lang.DE), lang.EN: kit(lang.EN)}

func kit(l lang.Lang) func() *template.Template {
	return sync.OnceValue(func() *template.Template {
		t := template.New("layout").Funcs(functions(l))
		for _, file := range must(fs.Glob(templates, "kit/*.tmpl")) {
			t = template.Must(t.Parse(source(file, l)))
		}
		return t
	})
}

// source is a template file in one language.
func source(file string, l lang.Lang) string {
	return inLanguage(string(must(templates.ReadFile(file))), l)
}

// spoken is a text in both languages as a template says it.
var spoken = regexp.MustCompile(`\{\{t ("(?:[^"\\]|\\.)*") ("(?:[^"\\]|\\.)*")\}\}`)

// inLanguage puts the words of language l where a template says them. Doing it
// once, before the template is parsed, makes half of a page plain text.
func inLanguage(source string, l lang.Lang) string {
	return spoken.ReplaceAllStringFunc(source, func(s string) string {
		m := spoken.FindStringSubmatch(s)
		text := lang.Text{DE: must(strconv.Unquote(m[1])), EN: must(strconv.Unquote(m[2]))}
		return template.HTMLEscapeString(text.In(l))
	})
}

// of renders data completely before a byte is sent: a nurse sees the whole page
// or an error page, never the first half of a medication list.
func (p page[T]) of(data T) (http.Handler, error) { return p.status(http.StatusOK, data) }

// status is of with another status code.
func (p page[T]) status(code int, data T) (http.Handler, error) {
	b, err := p.bytes(data)
	if err != nil {
		return nil, err
	}
	return wholePage(code, b), nil
}

// sheets are where pages are drawn, so that a long one does not grow anew each
// time.
var sheets = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (p page[T]) bytes(data T) ([]byte, error) {
	b := sheets.Get().(*bytes.Buffer)
	defer sheets.Put(b)
	b.Reset()
	l := any(data).(framed).language()
	t, ok := p.in[l]
	if !ok {
		t = p.in[lang.DE]
	}
	if err := t().ExecuteTemplate(b, "layout", data); err != nil {
		return nil, fmt.Errorf("page %s: %w", p.name, err)
	}
	return bytes.Clone(b.Bytes()), nil
}

// wholePage answers with one whole page that no cache may keep.
func wholePage(code int, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(code)
		_, _ = w.Write(body) // the reader is gone; there is nobody to tell
	})
}

// functions are the words a template may say in language l.
func functions(l lang.Lang) template.FuncMap {
	return template.FuncMap{
		"t":      func(de, en string) string { return lang.Text{DE: de, EN: en}.In(l) },
		"say":    func(t lang.Text) string { return t.In(l) },
		"clock":  func(s stamp) string { return s.clock(l) },
		"age":    func(s stamp) string { return s.age(l) },
		"day":    func(s stamp) string { return s.day(l) },
		"number": func(n uint64) string { return group(n) },
		"count":  func(n int) string { return group(uint64(max(n, 0))) },
		"lang":   func() string { return string(l) },
		"asset":  assetURL,
	}
}
