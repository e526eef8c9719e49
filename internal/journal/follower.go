package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"notbetrieb/internal/seal"
)

// Source is what a Follower needs of the journal.
type Source interface {
	Read(ctx context.Context, from Seq, max int) ([]Record, error)
	Wait(ctx context.Context, after Seq) error
}

// State is what a Follower folds records into. It locks by itself: the Follower
// calls Take, Load and Reset one after the other, but others read meanwhile.
type State interface {
	// At returns the last record taken in, zero for none.
	At() (Seq, ID)
	// Take folds records and returns how many acts were among them.
	Take(recs []Record) (acts int)
	// Save returns the state as it is kept between starts, and where it stands.
	Save() (plain []byte, at Seq, err error)
	// Load sets the state to what Save returned. After an error it is as Reset
	// leaves it.
	Load(plain []byte) error
	// Reset empties the state.
	Reset()
}

// Following says what a Follower follows and how it keeps what it has.
type Following struct {
	Name  string // of what is folded, in errors and logs: "harm list"
	State State
	File  *seal.File // where the state is kept; nil: each start reads the whole journal
	Log   *slog.Logger

	Acts    int           // acts after which the state is saved; 1
	Records Seq           // records after which its position is; 20,000
	After   time.Duration // what came waits no longer than this to be saved; 0: as long as it takes
	Changed func()        // called after acts were taken in; must not block
}

const followBatch = 1024 // records read at once

// Follower keeps a state that is derived from the journal at the journal's end.
// Its methods may be used by many goroutines.
type Follower struct {
	f       Following
	journal Source

	folding chan struct{} // held by who reads the journal; guards what follows
	saved   Seq
	savedAt time.Time
	unsaved int // acts
}

// Follow brings the state up to the journal's end, from what was saved or, where
// that is missing, damaged or of another journal, from the first record.
func Follow(ctx context.Context, j Source, f Following) (*Follower, error) {
	f.Acts, f.Records = max(f.Acts, 1), max(f.Records, 0)
	if f.Records == 0 {
		f.Records = 20_000
	}
	w := &Follower{f: f, journal: j, folding: make(chan struct{}, 1), savedAt: time.Now()}
	if f.File != nil {
		w.load(ctx)
	}
	if err := w.Advance(ctx, 0); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *Follower) load(ctx context.Context) {
	if err := w.f.File.Sweep(); err != nil { // what lies about is only in the way
		w.f.Log.WarnContext(ctx, "left behind", "what", w.f.Name, "err", err)
	}
	plain, err := w.f.File.Load()
	if err == nil {
		err = w.f.State.Load(plain)
	}
	at, _ := w.f.State.At()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		w.f.Log.InfoContext(ctx, "folded anew", "what", w.f.Name, "err", err)
	case !w.fits(ctx):
		w.f.Log.WarnContext(ctx, "what was saved does not fit the journal and is folded anew", "what", w.f.Name, "seq", uint64(at))
		w.f.State.Reset()
	default:
		w.saved = at
	}
}

// fits reports whether the journal holds the record the state stands at, or
// pruned it and goes on behind it.
func (w *Follower) fits(ctx context.Context) bool {
	at, id := w.f.State.At()
	if at == 0 {
		return true
	}
	recs, err := w.journal.Read(ctx, at, 1)
	return err == nil && len(recs) == 1 && (recs[0].Seq > at || recs[0].ID == id)
}

// Seq returns the last record that was taken in.
func (w *Follower) Seq() Seq {
	at, _ := w.f.State.At()
	return at
}

// Run follows the journal until ctx ends, then saves and returns nil.
func (w *Follower) Run(ctx context.Context) error {
	for {
		before := w.Seq()
		err := w.journal.Wait(ctx, before)
		if err == nil {
			err = w.Advance(ctx, 0)
		}
		if ctx.Err() != nil {
			return w.Close()
		}
		if err != nil {
			w.f.Log.ErrorContext(ctx, "the journal is not followed", "what", w.f.Name, "err", err)
		}
		if err != nil || w.Seq() == before { // the second: all that is new was pruned
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Close saves the state.
func (w *Follower) Close() error {
	w.folding <- struct{}{}
	defer func() { <-w.folding }()
	return w.save()
}

// Wait returns when the record seq was taken in.
func (w *Follower) Wait(ctx context.Context, seq Seq) error {
	for w.Seq() < seq {
		if err := w.journal.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("%s: wait for record %d: %w", w.f.Name, seq, err)
		}
		if err := w.Advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// Advance reads the journal to its end, or at least to upto if that is not zero.
func (w *Follower) Advance(ctx context.Context, upto Seq) error {
	select {
	case w.folding <- struct{}{}:
		defer func() { <-w.folding }()
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", w.f.Name, ctx.Err())
	}
	acts, err := w.read(ctx, upto)
	if acts > 0 && w.f.Changed != nil {
		w.f.Changed()
	}
	if err == nil && upto != 0 && w.Seq() < upto {
		err = fmt.Errorf("%s: record %d is not in the journal", w.f.Name, upto)
	}
	return err
}

func (w *Follower) read(ctx context.Context, upto Seq) (acts int, err error) {
	for upto == 0 || w.Seq() < upto {
		recs, err := w.journal.Read(ctx, w.Seq()+1, followBatch)
		if err != nil {
			return acts, fmt.Errorf("%s: read journal: %w", w.f.Name, err)
		}
		if len(recs) == 0 {
			break
		}
		n := w.f.State.Take(recs)
		acts, w.unsaved = acts+n, w.unsaved+n
		if w.due() {
			if err := w.save(); err != nil { // derived: a later save makes it good
				w.f.Log.ErrorContext(ctx, "not saved", "what", w.f.Name, "err", err)
			}
		}
	}
	return acts, nil
}

func (w *Follower) due() bool {
	return w.unsaved >= w.f.Acts || w.Seq()-w.saved >= w.f.Records || w.f.After > 0 && time.Since(w.savedAt) >= w.f.After
}

// save keeps the state. The caller holds folding.
func (w *Follower) save() error {
	w.savedAt = time.Now()
	if w.f.File == nil {
		return nil
	}
	plain, at, err := w.f.State.Save()
	if err != nil || at == w.saved {
		return err
	}
	if err := w.f.File.Store(plain); err != nil {
		return err
	}
	w.saved, w.unsaved = at, 0
	return nil
}
