package testkit

import (
	"strings"

	"golang.org/x/net/html"
)

// walk calls f for every element from n on, in the order of the page.
func walk(n *html.Node, f func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func (p *Page) find(selector string) []*html.Node {
	if p.root == nil {
		return nil
	}
	at := []*html.Node{p.root}
	for _, step := range strings.Fields(selector) {
		var next []*html.Node
		seen := map[*html.Node]bool{}
		for _, n := range at {
			walk(n, func(c *html.Node) {
				if c != n && !seen[c] && fits(c, step) {
					seen[c] = true
					next = append(next, c)
				}
			})
		}
		at = next
	}
	return at
}

// fits reports whether n is what one step of a selector names.
func fits(n *html.Node, step string) bool {
	for step != "" {
		end := 1
		if step[0] == '[' {
			end = strings.IndexByte(step, ']') + 1
		} else if i := strings.IndexAny(step[1:], ".#["); i >= 0 {
			end = i + 1
		} else {
			end = len(step)
		}
		if !fitsOne(n, step[:end]) {
			return false
		}
		step = step[end:]
	}
	return true
}

func fitsOne(n *html.Node, part string) bool {
	switch part[0] {
	case '.':
		return strings.Contains(" "+attr(n, "class")+" ", " "+part[1:]+" ")
	case '#':
		return attr(n, "id") == part[1:]
	case '[':
		name, value, exact := strings.Cut(strings.Trim(part, "[]"), "=")
		value = strings.Trim(value, `"'`)
		if begin, ok := strings.CutSuffix(name, "^"); ok {
			return strings.HasPrefix(attr(n, begin), value)
		}
		return has(n, name) && (!exact || attr(n, name) == value)
	}
	return n.Data == part
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: n.Attr}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.AppendChild(clone(k))
	}
	return c
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var put func(*html.Node)
	put = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			put(c)
		}
		if n.Type == html.ElementNode && !inline[n.Data] {
			b.WriteByte(' ')
		}
	}
	put(n)
	return b.String()
}

// inline elements put no blank behind their text.
var inline = map[string]bool{"a": true, "b": true, "i": true, "s": true, "span": true, "sup": true, "strong": true, "time": true}

// plain makes one blank of all blanks: also of the narrow and fixed ones.
func plain(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009':
			return ' '
		case '\u00ad', '\u200b':
			return -1
		}
		return r
	}, s)), " ")
}
