package estate

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
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

// Options are where and how a Book keeps its state.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state
	Site string   // of the records written

	Zone    *time.Location   // of times in sentences; time.Local
	Now     func() time.Time // the clock that is written down; time.Now
	Changed func()           // called after the estate has changed; must not block
	Log     *slog.Logger     // nil is silent
}

// Book is the estate as people accepted it, with every version. All methods may
// be used by many goroutines.
type Book struct {
	o       Options
	journal Journal
	file    *sealedFile

	act sync.Mutex // held from check to record: of two people acting at once one wins

	folding chan struct{} // held by who reads the journal; guards saved
	saved   journal.Seq

	mu      sync.RWMutex
	fold    *fold
	current *Estate // of fold
}

const (
	batch     = 1024   // records read from the journal at once
	saveEvery = 20_000 // records without an act after which the position is saved
)

// Open opens the book and brings it up to the journal's end.
func Open(ctx context.Context, j Journal, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Book{o: o, journal: j, folding: make(chan struct{}, 1), fold: newFold()}
	if o.Dir != "" {
		b.file = newSealedFile(o.Dir, o.Key)
		f, err := b.file.load()
		switch {
		case err != nil:
			o.Log.InfoContext(ctx, "the estate is folded anew", "err", err)
		case !b.follows(ctx, f):
			o.Log.WarnContext(ctx, "the saved estate does not fit the journal and is folded anew", "seq", uint64(f.applied))
		default:
			b.fold, b.saved = f, f.applied
		}
	}
	b.current = New(*b.fold.tables())
	if err := b.advance(ctx, 0); err != nil {
		return nil, err
	}
	return b, nil
}

// follows reports whether the journal holds the record f stands at.
func (b *Book) follows(ctx context.Context, f *fold) bool {
	if f.applied == 0 {
		return true
	}
	recs, err := b.journal.Read(ctx, f.applied, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == f.applied && recs[0].ID == f.last
}

// Run follows the journal until ctx ends, then saves and returns nil.
func (b *Book) Run(ctx context.Context) error {
	for {
		before := b.Seq()
		err := b.journal.Wait(ctx, before)
		if err == nil {
			err = b.advance(ctx, 0)
		}
		if ctx.Err() != nil {
			return b.Close()
		}
		if err != nil {
			b.o.Log.ErrorContext(ctx, "the estate does not follow the journal", "err", err)
		}
		if err != nil || b.Seq() == before { // the second: all that is new was pruned
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Close saves the folded state.
func (b *Book) Close() error {
	b.folding <- struct{}{}
	defer func() { <-b.folding }()
	return b.save()
}

// Seq returns the last record the Book has taken in.
func (b *Book) Seq() journal.Seq {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.fold.applied
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (b *Book) Unreadable() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.fold.unreadable
}

// Wait returns when the Book has taken in the record seq.
func (b *Book) Wait(ctx context.Context, seq journal.Seq) error {
	for b.Seq() < seq {
		if err := b.journal.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("estate: wait for record %d: %w", seq, err)
		}
		if err := b.advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the journal to its end, or at least to upto if that is not zero.
func (b *Book) advance(ctx context.Context, upto journal.Seq) error {
	select {
	case b.folding <- struct{}{}:
		defer func() { <-b.folding }()
	case <-ctx.Done():
		return fmt.Errorf("estate: %w", ctx.Err())
	}
	changed := false
	for upto == 0 || b.Seq() < upto {
		recs, err := b.journal.Read(ctx, b.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("estate: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		acts := b.take(recs)
		changed = changed || acts
		if acts || b.Seq()-b.saved >= saveEvery {
			if err := b.save(); err != nil { // derived: a later save makes it good
				b.o.Log.ErrorContext(ctx, "estate not saved", "err", err)
			}
		}
	}
	if changed && b.o.Changed != nil {
		b.o.Changed()
	}
	if upto != 0 && b.Seq() < upto {
		return fmt.Errorf("estate: record %d is not in the journal", upto)
	}
	return nil
}

// take folds records and reports whether there was an act among them.
func (b *Book) take(recs []journal.Record) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, seen := len(b.fold.known), b.fold.seen()
	for _, r := range recs {
		b.fold.apply(r)
	}
	if b.fold.seen() != seen {
		b.current = New(*b.fold.tables())
	}
	return len(b.fold.known) > known
}

// save writes the folded state. The caller holds folding.
func (b *Book) save() error {
	if b.file == nil {
		return nil
	}
	b.mu.RLock()
	at := b.fold.applied
	plain, err := b.fold.bytes()
	b.mu.RUnlock()
	if err != nil || at == b.saved {
		return err
	}
	if err := b.file.store(plain); err != nil {
		return err
	}
	b.saved = at
	return nil
}

// Current returns the estate as it stands and the newest version's number, 0 if
// nobody has accepted anything yet.
func (b *Book) Current() (*Estate, uint64) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.current, b.fold.seen()
}

// Versions returns every accepted version, the newest first.
func (b *Book) Versions() []Version {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := slices.Clone(b.fold.versions)
	slices.Reverse(out)
	return out
}

// Today returns the day in the hospital's zone.
func (b *Book) Today() Date { return DateOf(b.o.Now().In(b.o.Zone)) }

// At returns the estate as the version of the given number left it
// (fault.NotFound).
func (b *Book) At(ctx context.Context, version uint64) (*Estate, error) {
	b.mu.RLock()
	versions := slices.Clone(b.fold.versions)
	b.mu.RUnlock()
	f := newFold()
	for _, v := range versions {
		if v.Seq > version {
			break
		}
		recs, err := b.journal.Read(ctx, journal.Seq(v.Seq), 1)
		if err != nil {
			return nil, fmt.Errorf("estate: read version %d: %w", v.Seq, err)
		}
		if len(recs) != 1 || uint64(recs[0].Seq) != v.Seq {
			return nil, errNoVersion()
		}
		f.apply(recs[0])
	}
	if f.seen() != version || version == 0 {
		return nil, errNoVersion()
	}
	return New(*f.tables()), nil
}
