package incident

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

// Journal is what a Board needs of the journal.
type Journal interface {
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Wait(ctx context.Context, after journal.Seq) error
}

// Options are where and how a Board keeps its state.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state
	Site string   // of the records written

	Zone    *time.Location   // of times in sentences; time.Local
	Now     func() time.Time // the clock that is written down; time.Now
	Log     *slog.Logger     // slog.Default()
	Changed func()           // called after an act had effect; must not block
}

// Board is the outages of the house. All methods may be used by many goroutines.
type Board struct {
	o       Options
	journal Journal
	systems []System
	file    *sealedFile

	act sync.Mutex // held from check to record: of two people acting at once one wins

	folding chan struct{} // held by who reads the journal; guards saved
	saved   journal.Seq

	mu   sync.RWMutex
	fold *fold
}

const (
	batch     = 1024   // records read from the journal at once
	saveEvery = 20_000 // records without an act after which the position is saved
)

// Open opens the board and brings it up to the journal's end. Systems are those
// of the configuration; an outage of a system that is no longer there stays.
func Open(ctx context.Context, j Journal, systems []System, o Options) (*Board, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	b := &Board{o: o, journal: j, systems: slices.Clone(systems), folding: make(chan struct{}, 1), fold: newFold()}
	if o.Dir != "" {
		b.file = newSealedFile(o.Dir, o.Key)
		f, err := b.file.load()
		switch {
		case err != nil:
			o.Log.InfoContext(ctx, "outages are folded anew", "err", err)
		case !b.follows(ctx, f):
			o.Log.WarnContext(ctx, "saved outages do not fit the journal and are folded anew", "seq", uint64(f.applied))
		default:
			b.fold, b.saved = f, f.applied
		}
	}
	if err := b.advance(ctx, 0); err != nil {
		return nil, err
	}
	return b, nil
}

// follows reports whether the journal holds the record f stands at.
func (b *Board) follows(ctx context.Context, f *fold) bool {
	if f.applied == 0 {
		return true
	}
	recs, err := b.journal.Read(ctx, f.applied, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == f.applied && recs[0].ID == f.last
}

// Run follows the journal until ctx ends, then saves and returns nil.
func (b *Board) Run(ctx context.Context) error {
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
			b.o.Log.ErrorContext(ctx, "outages do not follow the journal", "err", err)
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
func (b *Board) Close() error {
	b.folding <- struct{}{}
	defer func() { <-b.folding }()
	return b.save()
}

// Seq returns the last record the Board has taken in.
func (b *Board) Seq() journal.Seq {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.fold.applied
}

// Unreadable returns how many records of outages could not be understood:
// damaged, or written by a newer version.
func (b *Board) Unreadable() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.fold.unreadable
}

// Wait returns when the Board has taken in the record seq.
func (b *Board) Wait(ctx context.Context, seq journal.Seq) error {
	for b.Seq() < seq {
		if err := b.journal.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("outages: wait for record %d: %w", seq, err)
		}
		if err := b.advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the journal to its end, or at least to upto if that is not zero.
func (b *Board) advance(ctx context.Context, upto journal.Seq) error {
	select {
	case b.folding <- struct{}{}:
		defer func() { <-b.folding }()
	case <-ctx.Done():
		return fmt.Errorf("outages: %w", ctx.Err())
	}
	for upto == 0 || b.Seq() < upto {
		recs, err := b.journal.Read(ctx, b.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("outages: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		acts := b.take(recs)
		if acts || b.Seq()-b.saved >= saveEvery {
			if err := b.save(); err != nil { // derived: a later save makes it good
				b.o.Log.ErrorContext(ctx, "outages not saved", "err", err)
			}
		}
		if acts && b.o.Changed != nil {
			b.o.Changed()
		}
	}
	if upto != 0 && b.Seq() < upto {
		return fmt.Errorf("outages: record %d is not in the journal", upto)
	}
	return nil
}

// take folds records and reports whether there was an act among them.
func (b *Board) take(recs []journal.Record) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.fold.log)
	for _, r := range recs {
		b.fold.apply(r)
	}
	return len(b.fold.log) > n
}

// save writes the folded state. The caller holds folding.
func (b *Board) save() error {
	if b.file == nil {
		return nil
	}
	b.mu.RLock()
	at := b.fold.applied
	plain, err := b.fold.bytes()
	b.mu.RUnlock()
	if err != nil {
		return err
	}
	if at == b.saved {
		return nil
	}
	if err := b.file.store(plain); err != nil {
		return err
	}
	b.saved = at
	return nil
}

// Mode returns what every page and sheet says at its head.
func (b *Board) Mode(now time.Time) Mode {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.fold.mode(now, b.system)
}

// Systems returns the systems of the configuration.
func (b *Board) Systems() []System { return slices.Clone(b.systems) }

// System returns the system with the ID, or one whose name is the ID.
func (b *Board) system(id string) System {
	if i := slices.IndexFunc(b.systems, func(s System) bool { return s.ID == id }); i >= 0 {
		return b.systems[i]
	}
	s := System{ID: id}
	s.Name.DE = id
	return s
}

// States returns the state of every system: what people set last, or what
// followed from an outage since then.
func (b *Board) States() map[string]State {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make(map[string]State, len(b.systems))
	for _, s := range b.systems {
		out[s.ID] = Up
	}
	for id, st := range b.fold.states {
		out[id] = st.State
	}
	return out
}

// Outages returns the open outages, newest declaration first; all adds those
// that ended or were withdrawn.
func (b *Board) Outages(all bool) []Outage {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []Outage
	for _, o := range slices.Backward(b.fold.outages) {
		if all || o.Open() {
			out = append(out, *o)
		}
	}
	return out
}

// Outage returns one outage.
func (b *Board) Outage(id string) (Outage, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if o := b.fold.find(id); o != nil {
		return *o, true
	}
	return Outage{}, false
}

// Log returns the newest acts, newest first; 0 means all.
func (b *Board) Log(limit int) []Entry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := slices.Clone(b.fold.log)
	slices.Reverse(out)
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}
