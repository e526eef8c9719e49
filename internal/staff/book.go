package staff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Journal is what a Book needs of the journal.
type Journal interface {
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Wait(ctx context.Context, after journal.Seq) error
}

// Options are the limits of a Book. A zero value means the default named.
type Options struct {
	Idle     time.Duration // a session ends when unused for so long; 30 min
	Absolute time.Duration // a session ends after so long; 12 h

	Wrong    int           // wrong passwords within Window until a person is locked; 5
	Window   time.Duration // 15 min
	Lock     time.Duration // the first lock; 15 min. Each further one lasts twice as long …
	LockMost time.Duration // … up to this; 4 h
	PerHost  int           // wrong passwords from one address at once; 20
	PerEvery time.Duration // one more is granted after each; 6 s

	Hash    HashCost // of new passwords
	Hashing int      // passwords checked at the same time; 2 (each takes Hash.Memory)

	Refresh   time.Duration // the same page by the same session is one read; 5 min
	GlassMost time.Duration // the longest break-glass grant; 4 h
	Glass     time.Duration // its length where none is asked for; 1 h

	AsideFile  string        // where reads wait when the journal cannot be written, best on another disk; "": in memory
	AsideMost  int           // how many wait at the most; 100,000
	AsideEvery time.Duration // how often the journal is tried again; 2 s
	Patience   time.Duration // a journal that does not answer for so long cannot be written; 10 s

	Site  string           // of the records written
	Now   func() time.Time // the clock that is written down; time.Now
	Log   *slog.Logger     // slog.Default()
	Alarm func(ctx context.Context, s Session, g Glass)
	// OnAside is told when reads begin to wait and when none waits any more.
	OnAside func(Aside)
}

func (o Options) withDefaults() Options {
	def(&o.Idle, 30*time.Minute)
	def(&o.Absolute, 12*time.Hour)
	def(&o.Wrong, 5)
	def(&o.Window, 15*time.Minute)
	def(&o.Lock, 15*time.Minute)
	def(&o.LockMost, 4*time.Hour)
	def(&o.PerHost, 20)
	def(&o.PerEvery, 6*time.Second)
	def(&o.Hash, DefaultHashCost())
	def(&o.Hashing, 2)
	def(&o.Refresh, 5*time.Minute)
	def(&o.GlassMost, 4*time.Hour)
	def(&o.Glass, time.Hour)
	def(&o.AsideMost, 100_000)
	def(&o.AsideEvery, 2*time.Second)
	def(&o.Patience, 10*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Book is the people of the house, their sessions and what they read. All
// methods may be used by many goroutines.
type Book struct {
	o       Options
	journal Journal
	hashing chan struct{} // one slot for each password being checked
	dummy   string        // hash that unknown names are checked against
	guard   *guard
	recent  *recent
	aside   *aside

	following atomic.Bool // Run is at work: what waits aside is seen to

	act sync.Mutex // held from check to record: two people cannot change one person at once

	folding chan struct{} // held by who reads the journal and writes the store
	store   *store
	at      position // the last record folded; guarded by folding, as is
	reads   []Read   // what was read from the journal and is not yet saved

	mu    sync.RWMutex
	state *state
}

const (
	batch     = 1024   // records read from the journal at once
	saveEvery = 20_000 // records without a fact about people after which the position is saved
)

// Open opens the book kept in dir/staff.db and brings it up to the journal's
// end. The file is derived: where it is missing, damaged, or ahead of the
// journal (restored from a backup), it is folded anew from the first record.
func Open(ctx context.Context, dir string, key seal.Key, j Journal, o Options) (*Book, error) {
	o = o.withDefaults()
	b := &Book{
		o: o, journal: j, guard: newGuard(o), recent: newRecent(o.Refresh),
		hashing: make(chan struct{}, o.Hashing), folding: make(chan struct{}, 1),
		aside: &aside{file: newAsideFile(o.AsideFile, key)},
	}
	b.dummy = dummyHash(o.Hash)
	var fresh bool
	var err error
	if b.store, fresh, err = openStore(ctx, dir, key); err != nil {
		return nil, err
	}
	if !fresh && !b.follows(ctx) {
		o.Log.WarnContext(ctx, "staff.db does not fit the journal and is folded anew", "seq", uint64(b.store.at.seq))
		if err := b.restart(ctx, dir, key); err != nil {
			return nil, err
		}
	}
	if b.state, err = b.store.load(ctx); err != nil {
		o.Log.WarnContext(ctx, "staff.db is damaged and is folded anew", "err", err)
		if err := b.restart(ctx, dir, key); err != nil {
			return nil, err
		}
		b.state = newState()
	}
	b.at = b.store.at
	if err := b.advance(ctx, 0); err != nil {
		_ = b.store.db.Close()
		return nil, err
	}
	b.recoverAside(ctx)
	return b, nil
}

// follows reports whether the journal holds the record the store stands at.
func (b *Book) follows(ctx context.Context) bool {
	if b.store.at.seq == 0 {
		return true
	}
	recs, err := b.journal.Read(ctx, b.store.at.seq, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == b.store.at.seq && recs[0].ID == b.store.at.record
}

// restart throws the store away and begins an empty one.
func (b *Book) restart(ctx context.Context, dir string, key seal.Key) error {
	_ = b.store.db.Close()
	st, err := newStore(ctx, filepath.Join(dir, "staff.db"), key)
	if err != nil {
		return fmt.Errorf("staff.db: %w", err)
	}
	b.store = st
	return nil
}

// Run follows the journal until ctx ends, then saves and returns nil. It must
// run once for each Book; without it the Book still answers rightly about its
// own commands, but does not see what others append.
func (b *Book) Run(ctx context.Context) error {
	b.following.Store(true)
	defer b.following.Store(false)
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { b.sweepAlways(ctx) })
	beside.Go(func() { b.bringAlways(ctx) })
	for {
		before := b.Seq()
		err := b.journal.Wait(ctx, before)
		if err == nil {
			err = b.advance(ctx, 0)
		}
		if ctx.Err() != nil {
			b.lastAside(context.WithoutCancel(ctx))
			return b.flush(context.WithoutCancel(ctx))
		}
		if err != nil {
			b.o.Log.ErrorContext(ctx, "people do not follow the journal", "err", err)
		}
		if err != nil || b.Seq() == before { // the second: all that is new was pruned
			pause(ctx, time.Second)
		}
	}
}

// sweepAlways clears away once a minute what ran out.
func (b *Book) sweepAlways(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := b.sweep(ctx); err != nil && ctx.Err() == nil {
			b.o.Log.WarnContext(ctx, "staff.db not saved", "err", err)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Close saves the last use of the sessions and closes the store. The Book must
// not be used afterwards.
func (b *Book) Close() error {
	return errors.Join(b.flush(context.Background()), b.store.db.Close())
}

// Seq returns the last record the Book has taken in.
func (b *Book) Seq() journal.Seq {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.state.applied
}

// Unreadable returns how many records of people and reads could not be
// understood: damaged, or written by a newer version.
func (b *Book) Unreadable() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.state.unreadable
}

// Wait returns when the Book has taken in the record seq. A record that was
// pruned since is an error.
func (b *Book) Wait(ctx context.Context, seq journal.Seq) error {
	for b.Seq() < seq {
		if err := b.journal.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("staff: wait for record %d: %w", seq, err)
		}
		if err := b.advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the journal to its end, or at least to upto if that is not
// zero. What cannot be saved in the store is saved by a later call: people and
// sessions work from memory meanwhile.
func (b *Book) advance(ctx context.Context, upto journal.Seq) error {
	if upto != 0 && b.Seq() >= upto {
		return nil
	}
	select {
	case b.folding <- struct{}{}:
		defer func() { <-b.folding }()
	case <-ctx.Done():
		return fmt.Errorf("staff: %w", ctx.Err())
	}
	for upto == 0 || b.Seq() < upto {
		recs, err := b.journal.Read(ctx, b.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("staff: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		b.take(recs)
		if !b.worthSaving() {
			continue
		}
		if err := b.save(ctx); err != nil {
			if upto == 0 {
				return err
			}
			b.o.Log.ErrorContext(ctx, "staff.db not saved", "err", err)
		}
	}
	if upto != 0 && b.Seq() < upto {
		return fmt.Errorf("staff: record %d is not in the journal", upto)
	}
	return nil
}

// worthSaving reports whether the store lacks more than a position a little
// behind: most records of the journal are messages and change nothing here.
func (b *Book) worthSaving() bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.reads)+len(b.state.changedPeople)+len(b.state.changedSeats) > 0 || b.at.seq-b.store.at.seq >= saveEvery
}

// take folds records into memory and keeps the reads for the next save.
func (b *Book) take(recs []journal.Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range recs {
		b.state.apply(r)
		if r.Kind != journal.Read {
			continue
		}
		if rd, err := decodeRead(r.Body); err == nil {
			rd.Seq = uint64(r.Seq)
			b.reads = append(b.reads, rd)
		}
	}
	b.at = position{seq: b.state.applied, record: recs[len(recs)-1].ID, unreadable: b.state.unreadable}
}

// save writes what changed to the store. Where it fails, everything stays
// marked for the next save. While facts are in force that wait aside, nothing is
// saved: the store holds what follows from the journal up to its position.
func (b *Book) save(ctx context.Context) error {
	b.mu.Lock()
	if len(b.state.ahead) > 0 {
		b.mu.Unlock()
		return nil
	}
	people, sessions, err := b.state.takeChanged()
	b.mu.Unlock()
	if err == nil {
		err = b.store.save(ctx, change{people: people, sessions: sessions, reads: b.reads, to: b.at})
	}
	if err == nil {
		b.reads = nil
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range people {
		b.state.changedPeople[id] = true
	}
	for h := range sessions {
		b.state.changedSeats[h] = true
	}
	return err
}

// flush saves what changed without a record, such as the last use of sessions.
func (b *Book) flush(ctx context.Context) error {
	b.folding <- struct{}{}
	defer func() { <-b.folding }()
	return b.save(ctx)
}

// sweep forgets sessions that ran out and saves.
func (b *Book) sweep(ctx context.Context) error {
	now := b.o.Now()
	b.mu.Lock()
	for _, st := range b.state.seats {
		if b.ended(st, now) {
			b.state.drop(st)
		}
	}
	b.mu.Unlock()
	b.guard.prune(now)
	b.recent.prune(now)
	return b.flush(ctx)
}
