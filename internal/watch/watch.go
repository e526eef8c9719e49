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
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Wait(ctx context.Context, after journal.Seq) error
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
	o       Options
	journal Journal
	file    *sealedFile
	sched   *schedule
	self    *self
	wake    chan struct{} // conclude now

	act sync.Mutex // held from check to record

	folding chan struct{} // held by who reads the journal; guards saved and savedAt
	saved   journal.Seq
	savedAt time.Time

	mu     sync.RWMutex // guards fold and looks
	fold   *fold
	levels map[string]steady // by system: what the evidence showed last
}

// steady is a level and since when it is what it is.
type steady struct {
	level string
	since time.Time
}

const (
	batch     = 1024            // records read from the journal at once
	saveEvery = 50_000          // records after which the state is saved
	saveAfter = 5 * time.Minute // or so much time
)

func (o *Options) calendar() rhythm.Calendar {
	return rhythm.Calendar{Zone: o.Zone, State: o.State}
}

func (o *Options) rhythm() rhythm.Options { return rhythm.Options{FalseAlarms: o.FalseAlarms} }

// Open opens the watch and brings it up to the journal's end: from what was
// saved, or by learning every feed's rhythm from the journal in one pass.
func Open(ctx context.Context, j Journal, o Options) (*Watch, error) {
	o.fill()
	w := &Watch{o: o, journal: j, folding: make(chan struct{}, 1), wake: make(chan struct{}, 1), fold: newFold(), levels: map[string]steady{}}
	for _, f := range o.Feeds {
		w.fold.feeds[f.Name] = rhythm.New(o.calendar(), o.rhythm())
	}
	w.self = newSelf(o)
	w.sched = newSchedule(o, w.self.heard)
	if o.Dir != "" {
		w.file = newSealedFile(o.Dir, o.Key)
		f, err := w.file.load(w.fold, func(b []byte) (*rhythm.Feed, error) { return rhythm.Load(o.calendar(), o.rhythm(), b) })
		switch {
		case err != nil:
			o.Log.InfoContext(ctx, "the watch is folded anew", "err", err)
		case !w.follows(ctx, f):
			o.Log.WarnContext(ctx, "the saved watch does not fit the journal and is folded anew", "seq", uint64(f.applied))
		default:
			w.fold, w.saved = f, f.applied
		}
	}
	w.savedAt = time.Now()
	if err := w.advance(ctx, 0); err != nil {
		return nil, err
	}
	return w, nil
}

// follows reports whether the journal holds the record f stands at.
func (w *Watch) follows(ctx context.Context, f *fold) bool {
	if f.applied == 0 {
		return true
	}
	recs, err := w.journal.Read(ctx, f.applied, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == f.applied && recs[0].ID == f.last
}

// Run follows the journal until ctx ends, then saves and returns nil. It asks
// nobody anything: that is [Watch.Look].
func (w *Watch) Run(ctx context.Context) error {
	for {
		before := w.Seq()
		err := w.journal.Wait(ctx, before)
		if err == nil {
			err = w.advance(ctx, 0)
		}
		if ctx.Err() != nil {
			return w.Close()
		}
		if err != nil {
			w.o.Log.ErrorContext(ctx, "the watch does not follow the journal", "err", err)
		}
		if err != nil || w.Seq() == before { // the second: all that is new was pruned
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Close saves the folded state.
func (w *Watch) Close() error {
	w.folding <- struct{}{}
	defer func() { <-w.folding }()
	return w.save()
}

// Seq returns the last record the Watch has taken in.
func (w *Watch) Seq() journal.Seq {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.fold.applied
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (w *Watch) Unreadable() uint64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.fold.unreadable
}

// Wait returns when the Watch has taken in the record seq.
func (w *Watch) Wait(ctx context.Context, seq journal.Seq) error {
	for w.Seq() < seq {
		if err := w.journal.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("watch: wait for record %d: %w", seq, err)
		}
		if err := w.advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the journal to its end, or at least to upto if that is not zero.
func (w *Watch) advance(ctx context.Context, upto journal.Seq) error {
	select {
	case w.folding <- struct{}{}:
		defer func() { <-w.folding }()
	case <-ctx.Done():
		return fmt.Errorf("watch: %w", ctx.Err())
	}
	for upto == 0 || w.Seq() < upto {
		recs, err := w.journal.Read(ctx, w.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("watch: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		w.mu.Lock()
		for _, r := range recs {
			w.fold.apply(r)
		}
		w.mu.Unlock()
		if at := w.Seq(); at-w.saved >= saveEvery || at > w.saved && time.Since(w.savedAt) >= saveAfter {
			if err := w.save(); err != nil { // derived: a later save makes it good
				w.o.Log.ErrorContext(ctx, "watch not saved", "err", err)
			}
		}
	}
	if upto != 0 && w.Seq() < upto {
		return fmt.Errorf("watch: record %d is not in the journal", upto)
	}
	return nil
}

// save writes the folded state. The caller holds folding.
func (w *Watch) save() error {
	w.savedAt = time.Now()
	if w.file == nil {
		return nil
	}
	w.mu.RLock()
	at := w.fold.applied
	plain, err := w.fold.bytes()
	w.mu.RUnlock()
	if err != nil || at == w.saved {
		return err
	}
	if err := w.file.store(plain); err != nil {
		return err
	}
	w.saved = at
	return nil
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
	return w.advance(ctx, seq)
}
