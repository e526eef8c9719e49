package testkit

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Person is a browser in the hands of somebody.
type Person struct {
	ID string

	t    testing.TB
	base func() string // the address of the pages now
	c    *http.Client
	from string // the site whose page a form stands on; "" is ours
	last string // the address of the page before, as the browser says it
}

// Visitor returns a browser in which nobody has signed in.
func (h *Hospital) Visitor() *Person {
	h.t.Helper()
	return Browser(h.t, h.URL)
}

// Browser returns a browser for the pages of any hub; base is their address.
func Browser(t testing.TB, base func() string) *Person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Person{t: t, base: base, c: &http.Client{Jar: jar, Timeout: patience}}
}

// As returns the browser of somebody of the hospital, who signs in through the
// form at the first call and stays signed in.
func (h *Hospital) As(id string) *Person {
	h.t.Helper()
	if p := h.people[id]; p != nil {
		return p
	}
	p := h.Visitor()
	p.SignIn(id, Password)
	h.people[id] = p
	return p
}

// SignIn fills in the form and fails the test if that does not lead in.
func (p *Person) SignIn(id, password string) *Page {
	p.t.Helper()
	page := p.Page("/signin").Submit("/signin", "id", id, "password", password)
	if page.Status != http.StatusOK || strings.HasPrefix(page.Path, "/signin") {
		p.t.Fatalf("%s cannot sign in: %d %s", id, page.Status, page.Text())
	}
	p.ID = id
	return page
}

// Page opens a page and follows where it sends the reader.
func (p *Person) Page(path string) *Page {
	p.t.Helper()
	return p.do(p.request(http.MethodGet, path, nil), true)
}

// Look opens a page and follows nowhere.
func (p *Person) Look(path string) *Page {
	p.t.Helper()
	return p.do(p.request(http.MethodGet, path, nil), false)
}

// Post sends a form that stands on no page: what a button would send, or what
// an attacker might. It follows nowhere.
func (p *Person) Post(path string, values ...string) *Page {
	p.t.Helper()
	return p.do(p.request(http.MethodPost, path, pairs(values)), false)
}

// WithReason opens everything of the person's own work by break-glass.
func (p *Person) WithReason(reason string) *Person {
	p.t.Helper()
	if got := p.Page("/glass").Submit("/glass", "reason", reason); got.Status != http.StatusOK {
		p.t.Fatalf("glass: %d %s", got.Status, got.Text())
	}
	return p
}

// From returns the same browser, showing a page of another site.
func (p *Person) From(site string) *Person {
	other := *p
	other.from = site
	return &other
}

func pairs(values []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	return form
}

func (p *Person) request(method, path string, form url.Values) *http.Request {
	p.t.Helper()
	base := p.base()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, base+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "de")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", base)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if p.from != "" {
			r.Header.Set("Origin", p.from)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
	}
	if p.last != "" {
		r.Header.Set("Referer", base+p.last)
	}
	return r
}

func (p *Person) do(r *http.Request, follow bool) *Page {
	p.t.Helper()
	page, err := p.try(r, follow)
	if err != nil {
		p.t.Fatal(err)
	}
	return page
}

// Over lets the browser's connections go through another way than a plain
// socket.
func (p *Person) Over(way http.RoundTripper) { p.c.Transport = way }

// Try sends a request as the browser does, to a hub that may be gone: without
// an answer there is an error and the test goes on. A form is sent by POST and
// leads nowhere; without one the page is opened, and the reader follows.
func (p *Person) Try(path string, form url.Values, header ...string) (*Page, error) {
	p.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r := p.request(method, path, form)
	for name, v := range pairs(header) {
		r.Header[name] = v
	}
	return p.try(r, form == nil)
}

func (p *Person) try(r *http.Request, follow bool) (*Page, error) {
	c := *p.c
	if !follow {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)
	}
	page := &Page{Path: res.Request.URL.RequestURI(), Status: res.StatusCode, Header: res.Header, Body: body, by: p, t: p.t}
	if media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type")); err == nil && media == "text/html" {
		if page.root, err = html.Parse(bytes.NewReader(body)); err != nil {
			return nil, fmt.Errorf("%s is no HTML: %w", page.Path, err)
		}
		p.last = page.Path
	}
	return page, nil
}

// URL is the address of the pages now.
func (h *Hospital) URL() string {
	if h.still != "" {
		return h.still
	}
	return h.serves.URL()
}
