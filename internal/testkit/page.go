package testkit

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is an answer as a browser has it.
type Page struct {
	Path   string // where the reader ended up, with the query
	Status int
	Header http.Header
	Body   []byte

	by   *Person
	t    testing.TB
	root *html.Node // nil: no HTML
	what string     // the selector of a part
}

// In returns the part of the page that a selector finds, or fails the test. All
// that it finds counts as one part.
//
// A selector is a row of steps, each inside the one before: tag, .class, #id,
// [attribute], [attribute=value], [attribute^=begin], also joined
// (tr.link[data-case=1]). A value holds no blank.
func (p *Page) In(selector string) *Page {
	p.t.Helper()
	part := *p
	part.what = strings.TrimSpace(p.what + " " + selector)
	part.root = &html.Node{Type: html.DocumentNode}
	found := p.find(selector)
	if len(found) == 0 {
		p.t.Fatalf("%s has no %s:\n%s", p.Path, part.what, p.Text())
	}
	for _, n := range found {
		part.root.AppendChild(clone(n))
	}
	return &part
}

// Has reports whether the selector finds something.
func (p *Page) Has(selector string) bool { return len(p.find(selector)) > 0 }

// Sees fails the test for each text that is not there. Blanks of every kind
// and number count as one, and capitals as small letters: MÜLLER is Müller.
func (p *Page) Sees(texts ...string) *Page {
	p.t.Helper()
	have := strings.ToLower(p.Text())
	for _, want := range texts {
		if !strings.Contains(have, strings.ToLower(plain(want))) {
			p.t.Errorf("%s %s does not show %q:\n%s", p.Path, p.what, want, have)
		}
	}
	return p
}

// NotSees fails the test for each text that is there, read as by Sees.
func (p *Page) NotSees(texts ...string) *Page {
	p.t.Helper()
	have := strings.ToLower(p.Text())
	for _, not := range texts {
		if strings.Contains(have, strings.ToLower(plain(not))) {
			p.t.Errorf("%s %s shows %q and must not:\n%s", p.Path, p.what, not, have)
		}
	}
	return p
}

// Answers fails the test unless the answer has this status.
func (p *Page) Answers(status int) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Fatalf("%s answered %d, want %d:\n%s", p.Path, p.Status, status, p.Text())
	}
	return p
}

// By names the browser that the page was opened in.
func (p *Page) By() string { return p.by.ID }

// Location is where the answer sends the reader; "" if it does not.
func (p *Page) Location() string { return p.Header.Get("Location") }

// Links returns the addresses of the links, images and frames of the page.
func (p *Page) Links() []string {
	var out []string
	walk(p.root, func(n *html.Node) {
		for _, name := range []string{"href", "src", "data"} {
			if v := attr(n, name); v != "" {
				out = append(out, v)
			}
		}
	})
	return out
}

// Submit fills in the form that goes to action and sends it as the browser
// does, with the values that stand in it. values are names and values; a value
// of a button counts as pressing it.
func (p *Page) Submit(action string, values ...string) *Page {
	p.t.Helper()
	form, sent, err := p.fill(action, values)
	if err != nil {
		p.t.Fatal(err)
	}
	if strings.EqualFold(attr(form, "method"), "post") {
		return p.by.do(p.by.request(http.MethodPost, action, sent), true)
	}
	return p.by.do(p.by.request(http.MethodGet, action+"?"+sent.Encode(), nil), true)
}

// Form returns what Submit would send, and sends nothing.
func (p *Page) Form(action string, values ...string) (url.Values, error) {
	_, sent, err := p.fill(action, values)
	return sent, err
}

// fill finds the form that goes to action and types values into it.
func (p *Page) fill(action string, values []string) (form *html.Node, sent url.Values, err error) {
	walk(p.root, func(n *html.Node) {
		if form == nil && n.Data == "form" && (attr(n, "action") == action || sendsTo(n, action)) {
			form = n
		}
	})
	if form == nil {
		return nil, nil, fmt.Errorf("%s has no form for %s:\n%s", p.Path, action, p.Text())
	}
	sent = standing(form)
	names := map[string]bool{}
	walk(form, func(n *html.Node) { names[attr(n, "name")] = true })
	for name, v := range pairs(values) {
		if !names[name] {
			return nil, nil, fmt.Errorf("the form for %s on %s has no field %s", action, p.Path, name)
		}
		sent[name] = v
	}
	return form, sent, nil
}

// sendsTo reports whether a button of the form sends it there instead.
func sendsTo(form *html.Node, action string) bool {
	found := false
	walk(form, func(n *html.Node) { found = found || n.Data == "button" && attr(n, "formaction") == action })
	return found
}

// standing returns what a form holds before anybody types.
func standing(form *html.Node) url.Values {
	sent := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		if name == "" {
			return
		}
		switch n.Data {
		case "input":
			kind := attr(n, "type")
			if (kind == "checkbox" || kind == "radio") && !has(n, "checked") {
				return
			}
			sent.Add(name, attr(n, "value"))
		case "textarea":
			for c := n.FirstChild; c != nil; c = c.NextSibling { // to the letter
				sent[name] = []string{sent.Get(name) + c.Data}
			}
		case "select":
			walk(n, func(o *html.Node) {
				if o.Data == "option" && (has(o, "selected") || !sent.Has(name)) {
					sent.Set(name, attr(o, "value"))
				}
			})
		}
	})
	return sent
}

// Answered returns the questions that the page asks, as their ticks answer them.
func (p *Page) Answered() []string {
	var out []string
	for _, n := range p.find("input") {
		if attr(n, "name") == "sure" && attr(n, "type") == "checkbox" {
			out = append(out, attr(n, "value"))
		}
	}
	return out
}

// Form is a form that records something.
type Form struct {
	Action string
	Sent   url.Values // as it stands, with nothing typed
	Typed  []string   // the names of the fields for words and numbers
}

// Forms returns the forms of the page that are posted. Those that take files are
// none of them.
func (p *Page) Forms() []Form {
	var out []Form
	walk(p.root, func(n *html.Node) {
		if n.Data != "form" || !strings.EqualFold(attr(n, "method"), "post") || attr(n, "enctype") != "" {
			return
		}
		f := Form{Action: attr(n, "action"), Sent: standing(n)}
		walk(n, func(x *html.Node) {
			name, kind := attr(x, "name"), attr(x, "type")
			words := x.Data == "textarea" || x.Data == "input" && (kind == "" || kind == "text" || kind == "search" || kind == "number" || kind == "tel")
			if words && name != "" && !has(x, "readonly") && !slices.Contains(f.Typed, name) {
				f.Typed = append(f.Typed, name)
			}
		})
		out = append(out, f)
		walk(n, func(x *html.Node) {
			if to := attr(x, "formaction"); x.Data == "button" && to != "" {
				out = append(out, Form{to, f.Sent, f.Typed})
			}
		})
	})
	return out
}

// Text is what a reader sees, in one line.
func (p *Page) Text() string {
	if p.root == nil {
		return plain(string(p.Body[:min(len(p.Body), 2000)]))
	}
	return plain(textOf(p.root))
}

// Attr returns the attribute of the first element that the selector finds.
func (p *Page) Attr(selector, name string) string {
	p.t.Helper()
	found := p.find(selector)
	if len(found) == 0 {
		p.t.Fatalf("%s has no %s:\n%s", p.Path, selector, p.Text())
	}
	return attr(found[0], name)
}

// Count returns how many elements the selector finds.
func (p *Page) Count(selector string) int { return len(p.find(selector)) }

// Cases returns the case numbers of the patients that a ward list shows.
func (p *Page) Cases() []string {
	var out []string
	for _, n := range p.find("tr[data-case]") {
		out = append(out, attr(n, "data-case"))
	}
	return out
}
