package harm

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Journal is what a Register needs of the journal.
type Journal interface {
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Wait(ctx context.Context, after journal.Seq) error
}

// Options are where and how a Register keeps its state.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state
	Site string   // of the records written

	Zone *time.Location   // of times in sentences; time.Local
	Now  func() time.Time // the clock that is written down; time.Now
	Log  *slog.Logger     // nil is silent
}

// Register is what people did about findings, and their reports of events. All
// methods may be used by many goroutines.
type Register struct {
	o       Options
	journal Journal
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

// Open opens the register and brings it up to the journal's end.
func Open(ctx context.Context, j Journal, o Options) (*Register, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Register{o: o, journal: j, folding: make(chan struct{}, 1), fold: newFold()}
	if o.Dir != "" {
		g.file = newSealedFile(o.Dir, o.Key)
		f, err := g.file.load()
		switch {
		case err != nil:
			o.Log.InfoContext(ctx, "the harm list is folded anew", "err", err)
		case !g.follows(ctx, f):
			o.Log.WarnContext(ctx, "the saved harm list does not fit the journal and is folded anew", "seq", uint64(f.applied))
		default:
			g.fold, g.saved = f, f.applied
		}
	}
	if err := g.advance(ctx, 0); err != nil {
		return nil, err
	}
	return g, nil
}

// follows reports whether the journal holds the record f stands at.
func (g *Register) follows(ctx context.Context, f *fold) bool {
	if f.applied == 0 {
		return true
	}
	recs, err := g.journal.Read(ctx, f.applied, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == f.applied && recs[0].ID == f.last
}

// Run follows the journal until ctx ends, then saves and returns nil.
func (g *Register) Run(ctx context.Context) error {
	for {
		before := g.Seq()
		err := g.journal.Wait(ctx, before)
		if err == nil {
			err = g.advance(ctx, 0)
		}
		if ctx.Err() != nil {
			return g.Close()
		}
		if err != nil {
			g.o.Log.ErrorContext(ctx, "the harm list does not follow the journal", "err", err)
		}
		if err != nil || g.Seq() == before { // the second: all that is new was pruned
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Close saves the folded state.
func (g *Register) Close() error {
	g.folding <- struct{}{}
	defer func() { <-g.folding }()
	return g.save()
}

// Seq returns the last record the Register has taken in.
func (g *Register) Seq() journal.Seq {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.fold.applied
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (g *Register) Unreadable() uint64 {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.fold.unreadable
}

// Wait returns when the Register has taken in the record seq.
func (g *Register) Wait(ctx context.Context, seq journal.Seq) error {
	for g.Seq() < seq {
		if err := g.journal.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("harm: wait for record %d: %w", seq, err)
		}
		if err := g.advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the journal to its end, or at least to upto if that is not zero.
func (g *Register) advance(ctx context.Context, upto journal.Seq) error {
	select {
	case g.folding <- struct{}{}:
		defer func() { <-g.folding }()
	case <-ctx.Done():
		return fmt.Errorf("harm: %w", ctx.Err())
	}
	for upto == 0 || g.Seq() < upto {
		recs, err := g.journal.Read(ctx, g.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("harm: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		if acts := g.take(recs); acts || g.Seq()-g.saved >= saveEvery {
			if err := g.save(); err != nil { // derived: a later save makes it good
				g.o.Log.ErrorContext(ctx, "harm list not saved", "err", err)
			}
		}
	}
	if upto != 0 && g.Seq() < upto {
		return fmt.Errorf("harm: record %d is not in the journal", upto)
	}
	return nil
}

// take folds records and reports whether there was an act among them.
func (g *Register) take(recs []journal.Record) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.fold.known)
	for _, r := range recs {
		g.fold.apply(r)
	}
	return len(g.fold.known) > n
}

// save writes the folded state. The caller holds folding.
func (g *Register) save() error {
	if g.file == nil {
		return nil
	}
	g.mu.RLock()
	at := g.fold.applied
	plain, err := g.fold.bytes()
	g.mu.RUnlock()
	if err != nil || at == g.saved {
		return err
	}
	if err := g.file.store(plain); err != nil {
		return err
	}
	g.saved = at
	return nil
}

// States returns what people did about the findings of one person, by ref. keys
// are all identities that are merged into one: what was done under any of them
// counts, the newest where two differ.
func (g *Register) States(keys ...clinical.PatientKey) map[string]State {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := map[string]State{}
	for _, k := range keys {
		for ref, s := range g.fold.states[k] {
			if was, ok := out[ref]; !ok || was.Act < s.Act {
				out[ref] = *s
			}
		}
	}
	return out
}

// Reports returns the reports of events, the newest first.
func (g *Register) Reports() []Report {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := make([]Report, 0, len(g.fold.reports))
	for _, r := range slices.Backward(g.fold.reports) {
		out = append(out, *r)
	}
	return out
}

// Report returns one report.
func (g *Register) Report(id string) (Report, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if r := g.fold.report(id); r != nil {
		return *r, nil
	}
	return Report{}, errGone()
}
