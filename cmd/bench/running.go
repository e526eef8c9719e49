package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// running is a hub that serves: feeds, folds and pages.
type running struct {
	hub  *app.Hub
	url  string
	feed func(name string) net.Addr
	stop context.CancelFunc
	done chan error
}

// serve opens the hub in dir and serves it on loopback until close.
func serve(ctx context.Context, dir string) (*running, error) {
	hub, err := openHub(ctx, dir)
	if err != nil {
		return nil, err
	}
	s, err := hub.Listen(app.Options{}, app.Pages(nil, lang.Text{}))
	if err != nil {
		return nil, errors.Join(err, hub.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	r := &running{hub: hub, url: s.URL(), feed: s.FeedAddr, stop: stop, done: make(chan error, 1)}
	go func() { r.done <- s.Run(ctx) }()
	return r, nil
}

func (r *running) close() error {
	r.stop()
	return errors.Join(<-r.done, r.hub.Close())
}

// prepare makes the people of the demo hospital and declares an outage of the
// KIS, so that charts may be read without a reason of their own.
func prepare(ctx context.Context, hub *app.Hub) error {
	if err := app.DemoPeople(ctx, hub.Staff); err != nil {
		return err
	}
	by := incident.Act{Person: "krisenstab", Name: "Dr. A. Stein", At: time.Now(), Why: "KIS antwortet nicht"}
	_, err := hub.Board.Declare(ctx, by, "kis", time.Time{}, false, "niemand sonst erreichbar")
	return err
}

// filled serves a hub that holds one history of the demo hospital.
func filled(ctx context.Context, b *bench, dir string) (*running, error) {
	r, err := serve(ctx, dir)
	if err != nil {
		return nil, err
	}
	_, err = fillHistories(ctx, r.hub.Journal, 1, b.short)
	if err == nil {
		err = prepare(ctx, r.hub)
	}
	if err == nil {
		head := r.hub.Journal.Head()
		err = errors.Join(r.hub.Chart.Wait(ctx, head), r.hub.Staff.Wait(ctx, head), r.hub.Board.Wait(ctx, head))
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// reader is a person at a browser.
type reader struct {
	url    string
	client *http.Client
	signed int // entries so far
}

// signIn signs a person of the demo hospital in.
func signIn(ctx context.Context, address, id string) (*reader, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	r := &reader{url: address, client: &http.Client{
		Jar:           jar,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	body := url.Values{"id": {id}, "password": {app.DemoPassword}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/signin", strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("sign in: %s", res.Status)
	}
	return r, nil
}

// get reads a page whole.
func (r *reader) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("page: %s", res.Status)
	}
	return body, nil
}

var seqOfPage = regexp.MustCompile(`data-seq="(\d+)"`)

// pageSeq returns the record that a page is as of.
func pageSeq(body []byte) (uint64, error) {
	m := seqOfPage.FindSubmatch(body)
	if m == nil {
		return 0, errors.New("page: it does not say as of which record")
	}
	return strconv.ParseUint(string(m[1]), 10, 64)
}
