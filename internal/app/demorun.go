package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/demo"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// A Demo is the simulated hospital, the hub that listens to it, and the switch
// between them.
type Demo struct {
	Dir    string
	Listen string
	Seed   int64
	Speed  float64
	Small  bool // two wards: for tests
	Log    *slog.Logger
	Hash   staff.HashCost
	Answer func(*Demo, *Hub) // told when the pages can be opened, before the wards are filled

	house  *demo.House
	filled atomic.Bool
	hub    *Hub
	url    string
}

// URL returns the address of the pages.
func (d *Demo) URL() string { return d.url }

// Hub returns the running hub.
func (d *Demo) Hub() *Hub { return d.hub }

// Run runs the demo until ctx ends. opened is called when the pages answer,
// filled when the wards are full.
func (d *Demo) Run(ctx context.Context, opened, filled func()) (err error) {
	plan := demo.Plan{Seed: d.Seed, Start: time.Now(), Speed: d.Speed, Small: d.Small}
	cfg := DemoConfig(demo.New(plan), d.Dir, d.Listen)
	if _, err := os.Stat(cfg.Keys.File); errors.Is(err, os.ErrNotExist) {
		if err := CreateKeys(cfg.Keys.File, "demo", ""); err != nil {
			return err
		}
	}
	keys, err := OpenKeys(cfg.Keys.File, "")
	if err != nil {
		return err
	}
	o := Options{Log: d.Log, Hash: d.Hash}
	if d.hub, err = Open(ctx, cfg, keys, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.hub.Close()) }()
	d.hub.unready = func() error {
		if d.filled.Load() {
			return nil
		}
		return fault.New(fault.Unavailable, lang.Text{DE: "Die Stationen werden noch gefüllt.", EN: "The wards are still being filled."})
	}
	s, err := d.hub.Listen(o, Pages(d, lang.Text{
		DE: "Vorführung: pflege, arzt, aufnahme, labor, radiologie, apotheke, it, krisenstab oder revision, Passwort " + DemoPassword,
		EN: "Demonstration: pflege, arzt, aufnahme, labor, radiologie, apotheke, it, krisenstab or revision, password " + DemoPassword,
	}))
	if err != nil {
		return err
	}
	plan.Feeds = map[string]string{}
	for _, f := range cfg.Feeds {
		plan.Feeds[f.Name] = s.FeedAddr(f.Name).String()
	}
	d.house, d.url = demo.New(plan), s.URL()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Run(ctx) })
	g.Go(func() error { return ended(ctx, d.live(ctx, opened, filled)) })
	return g.Wait()
}

// live fills the wards and lets the house go on living.
func (d *Demo) live(ctx context.Context, opened, filled func()) error {
	people := make(chan error, 1)
	go func() { people <- DemoPeople(ctx, d.hub.Staff) }()
	if err := d.house.Fill(ctx); err != nil {
		return err
	}
	if err := <-people; err != nil {
		return err
	}
	opened()
	if err := d.hub.Chart.Wait(ctx, d.hub.Journal.Head()); err != nil {
		return err
	}
	d.filled.Store(true)
	filled()
	return d.house.Live(ctx)
}

// On reports whether the simulated KIS sends.
func (d *Demo) On() bool { return d.house.Powered("kis") }

// Note says what the switch does.
func (d *Demo) Note() lang.Text {
	return lang.Text{
		DE: "Simuliertes KIS. Ausgeschaltet schickt es nichts; was im Haus geschieht, kommt nach, wenn es wieder an ist.",
		EN: "Simulated HIS. Switched off it sends nothing; what happens in the house follows when it is on again.",
	}
}

// Switch turns the simulated KIS on or off.
func (d *Demo) Switch(_ context.Context, on bool) error {
	d.house.Power("kis", on)
	return nil
}

// DemoDir makes the folder of a demo: dir, or a temporary one that remove
// removes.
func DemoDir(dir string) (path string, remove func() error, err error) {
	if dir != "" {
		path, err = filepath.Abs(dir)
		return path, func() error { return nil }, err
	}
	path, err = os.MkdirTemp("", "notbetrieb-demo-")
	return path, func() error { return os.RemoveAll(path) }, err
}
