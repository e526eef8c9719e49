package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/handback"
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

	house  atomic.Pointer[demo.House]
	filled atomic.Bool
	kis    *fakekis.KIS // the side of the simulated KIS that receives
	does   atomic.Pointer[string]
	echo   atomic.Bool
	ledger *handback.Ledger
	hub    *Hub
	url    string
}

// demoState is what a demo with a folder of its own remembers of itself, so
// that the same house goes on living after a restart.
type demoState struct {
	Seed  int64
	Start time.Time
	Began time.Time // when it was Start, by the wall clock; zero until the wards were filled
	Speed float64
}

// remember reads the state of a demo in dir, or begins one.
func (d *Demo) remember() (demoState, error) {
	b, err := os.ReadFile(d.stateFile())
	if errors.Is(err, os.ErrNotExist) {
		return demoState{Seed: d.Seed, Start: time.Now(), Speed: d.Speed}, nil
	}
	var s demoState
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, fmt.Errorf("demo state: %w", err)
	}
	return s, nil
}

func (d *Demo) stateFile() string { return filepath.Join(d.Dir, "demo.json") }

func (d *Demo) save(s demoState) error {
	b, err := json.Marshal(s)
	if err == nil {
		err = os.WriteFile(d.stateFile(), b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("demo state: %w", err)
	}
	return nil
}

// now is the clock of the simulated house, which goes faster than the wall's.
func (d *Demo) now() time.Time { return d.house.Load().Now() }

// URL returns the address of the pages.
func (d *Demo) URL() string { return d.url }

// Hub returns the running hub.
func (d *Demo) Hub() *Hub { return d.hub }

// Run runs the demo until ctx ends. opened is called when the pages answer,
// filled when the wards are full.
func (d *Demo) Run(ctx context.Context, opened, filled func()) (err error) {
	state, err := d.remember()
	if err != nil {
		return err
	}
	plan := demo.Plan{Seed: state.Seed, Start: state.Start, Began: state.Began, Speed: state.Speed, Small: d.Small}
	d.house.Store(demo.New(plan))
	cfg := DemoConfig(d.house.Load(), d.Dir, d.Listen)
	if err := d.openKIS(d.house.Load(), cfg.Hospital.Timezone); err != nil {
		return err
	}
	defer d.kis.Stop()
	cfg.Targets = []config.HandbackTarget{demoTargetConfig(d.kis.Addr())}
	cfg.Watch = demoWatch(cfg.Watch)
	cfg.Web.Session = config.Session{Idle: pace(cfg.Web.Session.Idle, plan.Speed), Absolute: pace(cfg.Web.Session.Absolute, plan.Speed)}
	if _, err := os.Stat(cfg.Keys.File); errors.Is(err, os.ErrNotExist) {
		if err := CreateKeys(cfg.Keys.File, "demo", ""); err != nil {
			return err
		}
	}
	keys, err := OpenKeys(cfg.Keys.File, "")
	if err != nil {
		return err
	}
	o := Options{Log: d.Log, Hash: d.Hash, Now: d.now, Glass: pace(time.Hour, plan.Speed)}
	if d.hub, err = Open(ctx, cfg, keys, o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.hub.Close()) }()
	d.ledger = handback.NewLedger(d.hub.Journal, demoTarget)
	unwatch, err := d.watchDemo()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unwatch()) }()
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
	d.house.Store(demo.New(plan))
	d.url = s.URL()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Run(ctx) })
	g.Go(func() error { return ended(ctx, d.live(ctx, state, opened, filled)) })
	g.Go(func() error { return ended(ctx, d.feedBack(ctx, plan.Feeds[demo.KISADT])) })
	return g.Wait()
}

// pace stretches a duration of people into the faster clock of the house.
func pace(d time.Duration, speed float64) time.Duration {
	return time.Duration(float64(d) * max(speed, 1))
}

// live fills the wards, unless that was done before, and lets the house go on
// living.
func (d *Demo) live(ctx context.Context, state demoState, opened, filled func()) error {
	house := d.house.Load()
	people := make(chan error, 1)
	go func() {
		people <- errors.Join(DemoPeople(ctx, d.hub.Staff), DemoEstate(ctx, d.hub.Estate, d.hub.Config))
	}()
	if state.Began.IsZero() {
		if err := house.Fill(ctx); err != nil {
			return err
		}
		state.Began = time.Now()
		if err := d.save(state); err != nil {
			return err
		}
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
	return house.Live(ctx)
}

// On reports whether the simulated KIS sends.
func (d *Demo) On() bool { return d.house.Load().Powered("kis") }

// Note says what the switch does.
func (d *Demo) Note() lang.Text {
	return lang.Text{
		DE: "Ausgeschaltet schickt es nichts; was im Haus geschieht, kommt nach, wenn es wieder an ist.",
		EN: "Switched off it sends nothing; what happens in the house follows when it is on again.",
	}
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
