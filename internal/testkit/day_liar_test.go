package testkit_test

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// liar stands between a browser and a hub and makes of a sound hub one that
// loses, doubles and misfiles: what the ledger of the day exists for.
type liar struct {
	next   http.RoundTripper
	charts []string // addresses of other patients

	mu   sync.Mutex
	seen []string          // keys of the forms that were signed
	lies map[string]string // by key
}

// surely are the answers that a page asks for.
var surely = regexp.MustCompile(`name="sure" value="([^"]*)"`)

// told are the lies, by the place of the form among those that are signed.
var told = map[int]string{2: "lose", 4: "double", 6: "misfile"}

func (l *liar) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || !strings.Contains(r.URL.Path, "/write/") {
		return l.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	pass := func(r *http.Request, form url.Values) (*http.Response, error) {
		text := form.Encode()
		next := r.Clone(r.Context())
		next.Body, next.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		return l.next.RoundTrip(next)
	}
	if form.Get("act") != "sign" {
		return pass(r, form)
	}
	chart, _, _ := strings.Cut(r.URL.Path, "/write/")
	switch l.about(form.Get("key")) {
	case "lose":
		return &http.Response{
			Status: "303 See Other", StatusCode: http.StatusSeeOther, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Location": {chart}}, Body: io.NopCloser(&bytes.Buffer{}), Request: r,
		}, nil
	case "double":
		res, err := pass(r, form)
		if err != nil || res.StatusCode != http.StatusSeeOther {
			return res, err
		}
		again := clone(form)
		again.Set("key", strings.Repeat("0f", 16))
		for range 2 { // the same values so soon are asked about
			second, err := pass(r, again)
			if err != nil {
				return nil, err
			}
			page, err := io.ReadAll(second.Body)
			if err != nil {
				return nil, err
			}
			for _, m := range surely.FindAllSubmatch(page, -1) {
				again.Add("sure", html.UnescapeString(string(m[1])))
			}
		}
		return res, nil
	case "misfile":
		for _, other := range l.charts {
			if other != chart {
				next := r.Clone(r.Context())
				next.URL.Path = strings.Replace(r.URL.Path, chart, other, 1)
				return pass(next, form)
			}
		}
	}
	return pass(r, form)
}

// about is what is done with the form of a key, each time it is sent.
func (l *liar) about(key string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if what, ok := l.lies[key]; ok {
		return what
	}
	l.seen = append(l.seen, key)
	l.lies[key] = told[len(l.seen)]
	return l.lies[key]
}

// of is the key of the form that a lie was told about.
func (l *liar) of(what string) string {
	for key, lie := range l.lies {
		if lie == what {
			return key
		}
	}
	return "none"
}

// A day that finds nothing proves nothing unless it would have found something:
// a hub that loses one entry, stores one twice and puts one into another chart
// is found out, for these three and for nothing else.
func TestTheDayFindsALostADoubledAndAMisfiledEntry(t *testing.T) {
	t.Parallel()
	d := newDay(t, dayHouse{Seed: 3, Start: time.Date(2026, 11, 21, 4, 45, 0, 0, time.UTC), Days: 1, Small: true})
	if err := d.declare(t.Context()); err != nil {
		t.Fatal(err)
	}
	ward := d.wards[0]
	l := &liar{lies: map[string]string{}}
	id, at := nurseID(ward, "frueh", "1"), d.at(6, 30)
	d.plan(id, at, func(ctx context.Context, p *dayPerson) error {
		beds, err := p.patients(ctx, ward)
		if err != nil {
			return err
		}
		for _, b := range beds {
			l.charts = append(l.charts, b.href)
		}
		l.next = p.wire.transport()
		p.browser.Over(l)
		for i := range 12 {
			b := beds[i%len(beds)]
			d.plan(id, at.Add(time.Duration(i+1)*time.Minute), func(ctx context.Context, p *dayPerson) error {
				dice := d.dice("liar", i)
				form, values := writes("vitals", b.kase, dice)
				_, err := p.record(ctx, b, form, dice, values...)
				return err
			})
		}
		return nil
	})
	d.live(t.Context())
	pages := d.looksAround(t.Context())
	d.hub.child.end()
	left := d.read(t.Context())
	left.pages = pages
	var said []string
	r := d.ledger.compare(left, func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
	if r.signed < 8 || r.lost == 0 || r.doubled == 0 || r.wrong == 0 {
		t.Errorf("%d signed: lost %d, doubled %d, wrong patient %d", r.signed, r.lost, r.doubled, r.wrong)
	}
	for key, want := range map[string]string{
		l.of("lose"): "answered as signed and is not in the journal", strings.Repeat("0f", 16): "once more, under a key that nobody sent", l.of("misfile"): "was written for case",
	} {
		found := false
		for _, text := range said {
			found = found || strings.Contains(text, key) && strings.Contains(text, want)
		}
		if !found {
			t.Errorf("nobody says of %s: %s", key, want)
		}
	}
	for _, text := range said { // and of nothing else
		if !strings.Contains(text, l.of("lose")) && !strings.Contains(text, strings.Repeat("0f", 16)) && !strings.Contains(text, l.of("misfile")) {
			t.Errorf("said without a reason: %s", text)
		}
	}
}
