package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"notbetrieb/internal/testkit"
)

// What a connection can do to a form: nothing, break once the form was sent, or
// break when the answer begins.
const (
	whole int32 = iota
	cutSent
	cutAnswer
)

var errCut = errors.New("the connection broke")

// wire is the way from one browser to the hub.
type wire struct {
	cut  atomic.Int32
	idle func()
}

func (w *wire) transport() http.RoundTripper {
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &wireConn{Conn: c, w: w}, nil
		},
		MaxIdleConnsPerHost: 2,
	}
	w.idle = t.CloseIdleConnections
	return t
}

func (w *wire) hangUp() { w.idle() }

type wireConn struct {
	net.Conn
	w *wire
}

// Write sends the form; the break comes while the hub works on it.
func (c *wireConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.w.cut.CompareAndSwap(cutSent, whole) {
		time.AfterFunc(time.Duration(n%8)*time.Millisecond, func() { _ = c.Close() })
	}
	return n, err
}

func (c *wireConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.w.cut.CompareAndSwap(cutAnswer, whole) {
		return 0, errors.Join(errCut, c.Close())
	}
	return n, err
}

// errGivesUp is of somebody who may not do what was planned: the patient has
// left the ward meanwhile, or somebody else was faster.
var errGivesUp = errors.New("not done")

// mostTries is how often somebody presses the button again. Whoever presses it
// more often has found a hub that never comes back.
const mostTries = 300

// again waits until the hub is back, and a moment longer each time.
func (p *dayPerson) again(ctx context.Context, try int) error {
	if try > mostTries {
		return fmt.Errorf("no answer after %d tries", try)
	}
	if !p.d.hub.back(ctx) {
		return ctx.Err()
	}
	select {
	case <-time.After(min(time.Duration(try+1)*5*time.Millisecond, 200*time.Millisecond)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open opens a page, and signs in where asked to.
func (p *dayPerson) open(ctx context.Context, path string) (*testkit.Page, error) {
	for try := 0; ; try++ {
		page, err := p.browser.Try(path, nil)
		switch {
		case err != nil || page.Status >= 500:
			if err := p.again(ctx, try); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		case strings.HasPrefix(page.Path, "/signin"):
			if _, err := p.signIn(ctx, page); err != nil {
				return nil, err
			}
		default:
			return page, nil
		}
	}
}

// signIn fills in the sign-in on page. The answer is what the hub leads to: for
// a form that was carried along, that form.
func (p *dayPerson) signIn(ctx context.Context, page *testkit.Page) (*testkit.Page, error) {
	sent, err := page.Form("/signin", "id", p.id, "password", testkit.Password)
	if err != nil {
		return nil, err
	}
	if p.in {
		p.d.ledger.count("signed in again")
	}
	for try := 0; ; try++ {
		page, err := p.browser.Try("/signin", sent)
		switch {
		case err != nil || page.Status >= 500:
			if err := p.again(ctx, try); err != nil {
				return nil, fmt.Errorf("sign in: %w", err)
			}
		case page.Status == http.StatusSeeOther, sent.Has("resume"):
			p.in = true
			return page, nil
		default:
			return nil, fmt.Errorf("sign in: %d %s", page.Status, page.Text())
		}
	}
}

// send sends a form until it is answered, as somebody does who presses the
// button again: with the same key. The answer is a redirect, or the form with
// what is wrong.
func (p *dayPerson) send(ctx context.Context, action string, sent url.Values) (*testkit.Page, error) {
	for try := 0; ; try++ {
		page, err := p.post(action, sent)
		switch {
		case err != nil:
			p.d.ledger.count("answer lost")
		case page.Status >= 500:
			p.d.ledger.count("not stored")
		case page.Status == http.StatusUnauthorized:
			back, err := p.signIn(ctx, page)
			if err != nil {
				return nil, err
			}
			if sent, err = carriedBack(back, action, sent); err != nil {
				return nil, err
			}
			p.d.ledger.count("form carried around the sign-in")
			continue
		default:
			return page, nil
		}
		if err := p.again(ctx, try); err != nil {
			return nil, fmt.Errorf("%s: %w", action, err)
		}
	}
}

// confirmations are what stands only on a page that asks once more. Whoever had
// to sign in there is led back to the form before it.
var confirmations = []string{"confirmed", "seen", "sure", "warned", "despite", "alone", "was"}

// carriedBack is the form that came back from the sign-in: everything that was
// typed must stand in it.
func carriedBack(page *testkit.Page, action string, sent url.Values) (url.Values, error) {
	if strings.HasSuffix(action, "/critical") && (!page.Has("input[value="+sent.Get("key")+"]") || page.Count("form[action="+action+"]") > 1) {
		return nil, errGivesUp // somebody was faster, or one more value has come
	}
	again, err := page.Form(action)
	if err != nil {
		return nil, err
	}
	for name, values := range sent {
		if name == "asof" { // the page that came back shows a newer state
			continue
		}
		if name == "act" {
			again[name] = values
			if page.Has("button[value=check]") {
				again[name] = []string{"check"}
			}
			continue
		}
		if page.Has("button[name=" + name + "]") { // pressed again
			again[name] = values
			continue
		}
		if slices.Contains(confirmations, name) && !again.Has(name) {
			continue
		}
		if strings.Join(values, "") != "" && !slices.Equal(again[name], values) {
			return nil, fmt.Errorf("%s: after the sign-in %s is %q, typed was %q", action, name, again[name], values)
		}
	}
	return again, nil
}

// confirmed is the answer to a page that asks once more: yes to everything.
func confirmed(page *testkit.Page, action string) (url.Values, error) {
	sent, err := page.Form(action, "act", "sign")
	if err != nil {
		return nil, err
	}
	if page.Has("#sure0") {
		sent.Del("sure")
	}
	for i := 0; page.Has(fmt.Sprintf("#sure%d", i)); i++ {
		sent.Add("sure", page.Attr(fmt.Sprintf("#sure%d", i), "value"))
	}
	for id, answer := range map[string]string{"alone": "Nachtdienst allein", "warned": "1", "despite": "Nutzen überwiegt"} {
		if page.Has("#" + id) {
			sent.Set(id, answer)
		}
	}
	return sent, nil
}

// twice sends a form two times at once, as a double click does.
func (p *dayPerson) twice(ctx context.Context, action string, sent url.Values) (*testkit.Page, error) {
	var pages [2]*testkit.Page
	var errs [2]error
	var both sync.WaitGroup
	for i := range pages {
		one := *p
		b := *p.browser
		one.browser = &b
		both.Go(func() { pages[i], errs[i] = one.send(ctx, action, sent) })
	}
	both.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if pages[0].Status != pages[1].Status || pages[0].Location() != pages[1].Location() {
		return nil, fmt.Errorf("%s: two clicks lead to %d %s and %d %s", action, pages[0].Status, pages[0].Location(), pages[1].Status, pages[1].Location())
	}
	p.d.ledger.count("double click")
	return pages[0], nil
}

// bedside is a patient as somebody has the chart open: whom they mean, and
// where the ward page led them.
type bedside struct {
	kase string
	href string
	ward string
}

// patients reads the ward page.
func (p *dayPerson) patients(ctx context.Context, ward string) ([]bedside, error) {
	page, err := p.open(ctx, "/ward/"+ward)
	if err != nil {
		return nil, err
	}
	if page.Status != http.StatusOK {
		return nil, fmt.Errorf("ward %s: %d %s", ward, page.Status, page.Text())
	}
	var out []bedside
	for _, kase := range page.Cases() {
		if kase == "" || slices.ContainsFunc(out, func(b bedside) bool { return b.kase == kase }) {
			continue
		}
		for _, link := range page.In("tr.link[data-case=" + kase + "]").Links() {
			if strings.HasPrefix(link, "/patient/") {
				out = append(out, bedside{kase, link, ward})
				break
			}
		}
	}
	return out, nil
}

// form opens a form of the patient and looks whose it is.
func (p *dayPerson) form(ctx context.Context, b bedside, path string) (*testkit.Page, error) {
	page, err := p.open(ctx, path)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(page.Path, "/glass") || page.Status == http.StatusForbidden {
		p.d.ledger.count("left the ward")
		return nil, errGivesUp
	}
	if page.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: %d %s", path, page.Status, page.Text())
	}
	if whose := page.In(".banner").Text(); !strings.Contains(whose, b.kase) {
		return nil, fmt.Errorf("%s shows %s, meant is case %s", path, whose, b.kase)
	}
	return page, nil
}
