// Package watch sees whether the hospital's systems live: it asks them, listens
// to the rhythm of their feeds and to other monitorings, and concludes where
// each stands and what one cause is behind many failures.
//
// What it writes into the journal are changes, not every look. It proposes an
// outage; it never declares one. What it learns about feeds it learns from the
// times of messages alone.
package watch

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"sync"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/watch/rhythm"
)

// Journal is what a Watch needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
}

// Feed is one feed that is listened to.
type Feed struct {
	Name   string
	Label  lang.Text
	System string        // where the estate does not say otherwise
	Silent time.Duration // what counts as silence while the rhythm is still learned, by day
}

// Options are where and how a Watch works. The zero values of times have
// defaults.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state
	Site string   // of the records written

	Zone  *time.Location   // of days, hours and sentences; time.Local
	State string           // the German state whose holidays count; "" for the nationwide ones
	Now   func() time.Time // the clock that is written down; time.Now
	Log   *slog.Logger     // nil is silent

	Estate func() *estate.Estate // the systems as they stand now; the same pointer while nothing changes
	Feeds  []Feed

	Every       time.Duration // from one probe to the next where the estate does not say; 1 minute
	Timeout     time.Duration // of one probe; 10 seconds
	Propose     time.Duration // a system must have been down so long for a proposal; 0: at once
	Settle      time.Duration // and well so long after it was down; 5 minutes
	FalseAlarms float64       // of each feed a year; 1
	Telematics  bool          // the telematics' status service may be asked
	Roots       *x509.CertPool
	Secret      func(name string) (string, error) // the password of that name
	Self        Self                              // what the hub watches of itself

	// Raise and Clear keep the alarms about Notbetrieb itself; nil for none.
	Raise func(key string, text lang.Text)
	Clear func(key string)
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Settle <= 0 {
		o.Settle = settled
	}
	if o.FalseAlarms <= 0 {
		o.FalseAlarms = 1
	}
	if o.Raise == nil {
		o.Raise = func(string, lang.Text) {}
	}
	if o.Clear == nil {
		o.Clear = func(string) {}
	}
}

// Watch is the watch over the hospital's systems. All methods may be used by
// many goroutines.
type Watch struct {
	*journal.Follower

	o       Options
	journal Journal
	now     *journal.Memory[*fold]
	sched   *schedule
	self    *self
	wake    chan struct{} // conclude now

	act sync.Mutex // held from check to record

	levels map[string]steady // by system: what the evidence showed last; guarded by now
}

// steady is a level and since when it is what it is.
type steady struct {
	level string
	since time.Time
}

const (
	saveRecords = 50_000          // records after which the state is saved
	saveAfter   = 5 * time.Minute // or so much time; acts do not hurry it: the rhythms make it large
)

func (o *Options) calendar() rhythm.Calendar {
	return rhythm.Calendar{Zone: o.Zone, State: o.State}
}

func (o *Options) rhythm() rhythm.Options { return rhythm.Options{FalseAlarms: o.FalseAlarms} }

// Open opens the watch and brings it up to the journal's end: from what was
// saved, or by learning every feed's rhythm from the journal in one pass.
func Open(ctx context.Context, j Journal, o Options) (*Watch, error) {
	o.fill()
	w := &Watch{o: o, journal: j, wake: make(chan struct{}, 1), now: newMemory(o), levels: map[string]steady{}}
	w.self = newSelf(o)
	w.sched = newSchedule(o, w.self.heard)
	f := journal.Following{Name: name, State: w.now, Log: o.Log, Acts: math.MaxInt, Records: saveRecords, After: saveAfter}
	if o.Dir != "" {
		f.File = file(o)
	}
	var err error
	w.Follower, err = journal.Follow(ctx, j, f)
	return w, err
}

// name is what errors and logs call the fold.
const name = "watch"

func file(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("watch view 1"))
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (w *Watch) Unreadable() uint64 {
	w.now.RLock()
	defer w.now.RUnlock()
	return w.now.Fold.unreadable
}

// write appends one record and folds it.
func (w *Watch) write(ctx context.Context, id journal.ID, e event) error {
	body, err := e.encode()
	if err != nil {
		return err
	}
	seq, err := w.journal.Append(ctx, journal.Record{ID: id, Time: e.At, Site: w.o.Site, Source: "watch", Kind: journal.Watch, Body: body})
	if err != nil {
		return fmt.Errorf("watch %s: %w", e.Step, err)
	}
	return w.Advance(ctx, seq)
}
