package estate

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Journal is what a Book needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
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
	*journal.Follower

	o       Options
	journal Journal
	now     *journal.Memory[*fold]

	act sync.Mutex // held from check to record: of two people acting at once one wins
}

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
	b := &Book{o: o, journal: j, now: journal.NewMemory(newFold, readFold)}
	f := journal.Following{Name: name, State: b.now, Log: o.Log, Changed: o.Changed}
	if o.Dir != "" {
		f.File = stateFile(o)
	}
	var err error
	b.Follower, err = journal.Follow(ctx, j, f)
	return b, err
}

// name is what errors and logs call the fold.
const name = "estate"

func stateFile(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("estate view 1"))
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (b *Book) Unreadable() uint64 {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.unreadable
}

// Current returns the estate as it stands and the newest version's number, 0 if
// nobody has accepted anything yet.
func (b *Book) Current() (*Estate, uint64) {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.current, b.now.Fold.seen()
}

// Versions returns every accepted version, the newest first.
func (b *Book) Versions() []Version {
	b.now.RLock()
	defer b.now.RUnlock()
	out := slices.Clone(b.now.Fold.versions)
	slices.Reverse(out)
	return out
}

// Today returns the day in the hospital's zone.
func (b *Book) Today() Date { return DateOf(b.o.Now().In(b.o.Zone)) }

// At returns the estate as the version of the given number left it
// (fault.NotFound).
func (b *Book) At(ctx context.Context, version uint64) (*Estate, error) {
	b.now.RLock()
	versions := slices.Clone(b.now.Fold.versions)
	b.now.RUnlock()
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
