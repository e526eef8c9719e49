package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch"
)

// This file makes the watch over the hospital's systems.

func (h *Hub) openWatch(ctx context.Context) error {
	o, err := h.watchOptions()
	if err != nil {
		return err
	}
	h.Watch, err = watch.Open(ctx, h.Journal, o)
	return err
}

func (h *Hub) watchOptions() (watch.Options, error) {
	c := h.Config.Watch
	roots, err := watchRoots(c.CA)
	if err != nil {
		return watch.Options{}, err
	}
	o := watch.Options{
		Dir: h.folder("watch"), Key: h.Keys.Root, Site: h.Config.Hospital.Site, Zone: h.Zone, State: c.Holidays, Now: h.now, Log: h.log,
		Estate: h.watched(), Every: c.Every, Timeout: c.Timeout, Propose: c.Propose, FalseAlarms: c.FalseAlarms, Telematics: c.Telematics,
		Roots: roots, Secret: watch.SecretsIn(c.Secrets), Raise: h.Alarms.Raise, Clear: h.Alarms.Clear,
		Self: watch.Self{Folders: []string{h.folder("journal")}, Free: journal.Free, MinFree: uint64(c.MinFree), Certs: h.ownCertificates(), Clock: h.clock},
	}
	for _, p := range c.Workplaces {
		from, _ := p.From() // the configuration was checked
		o.Self.Workplaces = append(o.Self.Workplaces, watch.Workplace{Name: p.Name, Ward: p.Ward, From: from})
	}
	for _, f := range h.Config.Feeds {
		label := f.Label
		if label.DE == "" {
			label.DE = f.Name
		}
		o.Feeds = append(o.Feeds, watch.Feed{Name: f.Name, Label: label, System: f.System, Silent: f.Silence.Red})
	}
	return o, nil
}

// watched returns the estate as the watch sees it: with every system of the
// configuration that people have not described yet.
func (h *Hub) watched() func() *estate.Estate {
	var mu sync.Mutex
	var from, out *estate.Estate
	return func() *estate.Estate {
		now, _ := h.Estate.Current()
		mu.Lock()
		defer mu.Unlock()
		if now == from && out != nil {
			return out
		}
		t := now.Tables
		t.Systems = append([]estate.System(nil), t.Systems...)
		for _, s := range h.Config.Systems {
			if _, there := now.System(s.ID); !there {
				t.Systems = append(t.Systems, estate.System{ID: s.ID, Name: s.Name, Weight: estate.Essential})
			}
		}
		if h.probes != nil {
			t.Probes = h.probes()
		}
		from, out = now, estate.New(t)
		return out
	}
}

// watchRoots are the authorities that probes trust: those of the machine and
// those of the file.
func watchRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	bad := func(err error) error {
		return fault.Mark(fmt.Errorf("watch.ca: %w", err), fault.Invalid, lang.Text{
			DE: "watch.ca: " + file + " fehlt oder enthält kein Zertifikat.", EN: "watch.ca: " + file + " is missing or holds no certificate.",
		})
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, bad(err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, bad(errors.New("no certificate"))
	}
	return pool, nil
}

// ownCertificates are the certificate files of this hub.
func (h *Hub) ownCertificates() []string {
	files := []string{h.Config.Web.TLS.Cert}
	for _, f := range h.Config.Feeds {
		files = append(files, f.TLS.Cert)
	}
	for _, t := range h.Config.Targets {
		files = append(files, t.TLS.Cert)
	}
	var out []string
	seen := map[string]bool{"": true}
	for _, f := range files {
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
}

// alertHook takes the alerts of other monitorings; nil where none are taken.
func (h *Hub) alertHook() (http.Handler, error) {
	file := h.Config.Watch.AlertToken
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	token := strings.TrimSpace(string(b))
	if err == nil && len(token) < 16 {
		err = errors.New("shorter than 16 characters")
	}
	if err != nil {
		return nil, fault.Mark(fmt.Errorf("watch.alert_token: %w", err), fault.Invalid, lang.Text{
			DE: "watch.alert_token: " + file + " fehlt oder ist kürzer als 16 Zeichen.", EN: "watch.alert_token: " + file + " is missing or shorter than 16 characters.",
		})
	}
	return h.Watch.Hook(token), nil
}
