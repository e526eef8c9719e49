package chart

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Here is the feed name of entries made in Notbetrieb itself.
const Here = "here"

// Config says where the charts are and how the hospital is built.
type Config struct {
	Dir     string // folder of its own for the derived files; may be emptied at any time
	Key     seal.Key
	Zone    *time.Location // the hospital's; nil is UTC
	Wards   []WardPlan
	Feeds   []FeedPlan
	Now     func() time.Time // nil is the system clock; only for what is new or due
	Log     *slog.Logger     // nil is silent
	Readers int              // views at one time, 0 is 4
}

// WardPlan is one configured ward.
type WardPlan struct {
	Code, Name string
	Kind       string // as Ward.Kind
	Beds       []Bed  // in the order of the list
}

// Bed is one configured bed.
type Bed struct{ Room, Name string }

// FeedPlan is one configured feed.
type FeedPlan struct {
	Name   string
	Label  lang.Text
	System string // the estate's system: "kis" leads for person and stay
}

// source is the journal as the fold needs it.
type source interface {
	head() uint64
	// read returns the messages of the records from from on, at most max, and
	// the number of the last record looked at (0 if there is none).
	read(ctx context.Context, from uint64, max int) ([]message, uint64, error)
	// one returns the message of one record; zero if it was pruned.
	one(ctx context.Context, seq uint64) (message, error)
	wait(ctx context.Context, after uint64) error
}

// Chart is the derived charts of one hub. It is safe for use by many
// goroutines.
type Chart struct {
	cfg     Config
	rules   rules
	codecs  *codecs
	src     source
	version string // of mapping and rules

	mu      sync.Mutex
	shown   *file // what views read
	pos     uint64
	moved   chan struct{} // closed and replaced when pos grows
	subs    map[*sub]struct{}
	closed  bool
	rebuild bool // a reader met damage
	jobs    []job
	ended   bool   // Run has ended: nobody does jobs any more
	wake    func() // ends Run's waiting for the journal

	next     *file // what Run builds; shown once it has caught up
	progress func(journal.Seq)
}

// Open opens the charts in cfg.Dir. A missing, damaged or differently laid out
// file is started anew; one of another mapping goes on being shown while Run
// builds its successor beside it. Open reads no journal records: Run does.
func Open(ctx context.Context, cfg Config, j *journal.Journal, site *interpret.Site) (*Chart, error) {
	return openWith(ctx, cfg, &journalSource{j: j, site: site}, site.Version())
}

func openWith(_ context.Context, cfg Config, src source, mapping string) (*Chart, error) {
	c, err := newClosed(cfg, src, mapping)
	if err != nil {
		return nil, err
	}
	f, err := c.openCurrent()
	if err != nil {
		return nil, err
	}
	c.shown, c.pos = f, f.w.pos
	if f.stale {
		c.cfg.Log.Info("charts are of another mapping and will be rebuilt beside", slog.Uint64("seq", f.w.pos))
	}
	return c, nil
}

func defaults(cfg Config) Config {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Readers <= 0 {
		cfg.Readers = 4
	}
	return cfg
}

func rulesOf(cfg Config) rules {
	r := rules{leading: map[string]bool{Here: true}, zone: cfg.Zone}
	for _, f := range cfg.Feeds {
		if f.System == "kis" {
			r.leading[f.Name] = true
		}
	}
	return r
}

// versionOf names everything outside the documents' layout that decides what a
// record becomes.
func versionOf(mapping string, r rules) string {
	var lead []string
	for name := range r.leading {
		lead = append(lead, name)
	}
	slices.Sort(lead)
	sum := sha256.Sum256([]byte(mapping + "\x00" + strings.Join(lead, "\x01") + "\x00" + r.zone.String()))
	return fmt.Sprintf("%x", sum[:12])
}

func (c *Chart) plan(code string) (WardPlan, bool) {
	i := slices.IndexFunc(c.cfg.Wards, func(w WardPlan) bool { return w.Code == code })
	if i < 0 {
		return WardPlan{}, false
	}
	return c.cfg.Wards[i], true
}

// Position is the newest record that the shown charts hold.
func (c *Chart) Position() journal.Seq {
	c.mu.Lock()
	defer c.mu.Unlock()
	return journal.Seq(c.pos)
}

// Wait returns nil as soon as record seq is folded. It returns the error of ctx
// otherwise.
func (c *Chart) Wait(ctx context.Context, seq journal.Seq) error {
	for {
		c.mu.Lock()
		reached, moved := c.pos >= uint64(seq), c.moved
		c.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the chart: %w", ctx.Err())
		case <-moved:
		}
	}
}

// Moved says what has changed since the last one was received.
type Moved struct {
	Seq   uint64
	Wards []string // lists on which something changed
	All   bool     // the charts were rebuilt: anything may have changed
}

type sub struct{ ch chan Moved }

// Subscribe returns a channel that receives what changes, several batches in
// one where the receiver is slow, and a function that ends it and closes the
// channel.
func (c *Chart) Subscribe() (<-chan Moved, func()) {
	s := &sub{ch: make(chan Moved, 1)}
	c.mu.Lock()
	c.subs[s] = struct{}{}
	c.mu.Unlock()
	return s.ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, ok := c.subs[s]; ok {
			delete(c.subs, s)
			close(s.ch)
		}
	}
}

// publish moves the position that others see.
func (c *Chart) publish(m Moved) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pos = m.Seq
	close(c.moved)
	c.moved = make(chan struct{})
	for s := range c.subs {
		out := m
		select {
		case old := <-s.ch: // not yet received: add to it
			out.All = out.All || old.All
			for _, w := range old.Wards {
				if !slices.Contains(out.Wards, w) {
					out.Wards = append(slices.Clone(out.Wards), w)
				}
			}
		default:
		}
		s.ch <- out
	}
}

// hold returns the file that views read and keeps it open.
func (c *Chart) hold() (*file, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, unavailable(errors.New("chart: closed"))
	}
	c.shown.users.Add(1)
	return c.shown, nil
}

// Close ends all reading and closes the files. Run must have returned.
func (c *Chart) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	shown, next := c.shown, c.next
	c.mu.Unlock()
	var errs []error
	if next != nil {
		errs = append(errs, next.close(), remove(next.path))
	}
	return fault.Mark(errors.Join(append(errs, shown.close())...), fault.Internal, lang.Text{
		DE: "Die Akten ließen sich nicht sauber schließen. Sie werden beim nächsten Start geprüft.",
		EN: "The charts could not be closed cleanly. They are checked at the next start.",
	})
}
