package crisis

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/seal"
)

// Journal is what a Book needs of the journal.
type Journal interface {
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Wait(ctx context.Context, after journal.Seq) error
}

// Options are where and how a Book keeps its state, and what the house has
// decided.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state
	Site string   // of the records written

	Hospital  string // its name, on logbooks
	House     rulebook.House
	Playbooks map[rulebook.Kind]*rulebook.Playbook // nil: the built-in ones
	Duties    []*rulebook.Duty                     // nil: those of House.Country
	Hooks     []Hook
	Signer    note.Signer // of logbook pages

	Zone *time.Location   // of times in sentences; time.Local
	Now  func() time.Time // the clock that is written down; time.Now
	Log  *slog.Logger     // nil is silent
}

// Book is the incidents of the house. All methods may be used by many
// goroutines.
type Book struct {
	o       Options
	journal Journal
	file    *sealedFile

	act  sync.Mutex // held from check to record: of two people acting at once one wins
	runs sync.WaitGroup
	mine sync.Map // runs that this process started

	folding chan struct{} // held by who reads the journal; guards saved
	saved   journal.Seq
	unsaved int // acts since

	mu   sync.RWMutex
	fold *fold
}

const (
	batch     = 1024   // records read from the journal at once
	saveEvery = 20_000 // records after which the position is saved
	saveActs  = 64     // acts after which it is saved: a start folds the rest anew
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
	if o.Playbooks == nil {
		o.Playbooks = rulebook.Default()
	}
	if o.Duties == nil {
		o.Duties = rulebook.Duties(o.House.Country)
	}
	b := &Book{o: o, journal: j, folding: make(chan struct{}, 1), fold: newFold()}
	if o.Dir != "" {
		b.file = newSealedFile(o.Dir, o.Key)
		f, err := b.file.load()
		switch {
		case err != nil:
			o.Log.InfoContext(ctx, "incidents are folded anew", "err", err)
		case !b.follows(ctx, f):
			o.Log.WarnContext(ctx, "saved incidents do not fit the journal and are folded anew", "seq", uint64(f.applied))
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
func (b *Book) follows(ctx context.Context, f *fold) bool {
	if f.applied == 0 {
		return true
	}
	recs, err := b.journal.Read(ctx, f.applied, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == f.applied && recs[0].ID == f.last
}

// Run follows the journal until ctx ends, then waits for commands that run,
// saves and returns nil.
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
			b.o.Log.ErrorContext(ctx, "incidents do not follow the journal", "err", err)
		}
		if err != nil || b.Seq() == before { // the second: all that is new was pruned
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// Close waits for commands that run and saves the folded state.
func (b *Book) Close() error {
	b.runs.Wait()
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
			return fmt.Errorf("crisis: wait for record %d: %w", seq, err)
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
		return fmt.Errorf("crisis: %w", ctx.Err())
	}
	for upto == 0 || b.Seq() < upto {
		recs, err := b.journal.Read(ctx, b.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("crisis: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		if b.unsaved += b.take(recs); b.unsaved >= saveActs || b.Seq()-b.saved >= saveEvery {
			if err := b.save(); err != nil { // derived: a later save makes it good
				b.o.Log.ErrorContext(ctx, "incidents not saved", "err", err)
			}
		}
	}
	if upto != 0 && b.Seq() < upto {
		return fmt.Errorf("crisis: record %d is not in the journal", upto)
	}
	return nil
}

// take folds records and returns how many acts were among them.
func (b *Book) take(recs []journal.Record) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.fold.known)
	for _, r := range recs {
		b.fold.apply(r)
	}
	return len(b.fold.known) - n
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
	b.saved, b.unsaved = at, 0
	return nil
}

// All returns the incidents, the newest first.
func (b *Book) All() []*Crisis {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := slices.Clone(b.fold.crises)
	slices.Reverse(out)
	return out
}

// Crisis returns one incident.
func (b *Book) Crisis(id string) (*Crisis, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if c := b.fold.find(id); c != nil {
		return c, nil
	}
	_, say := noCrisis.say(by(Act{}, nil))
	return nil, fault.New(fault.NotFound, say)
}

// Running returns the incidents that are declared and not closed, the newest
// first; open ones are not among them.
func (b *Book) Running() []*Crisis {
	return slices.DeleteFunc(b.All(), func(c *Crisis) bool { return !c.Running() })
}

// Notices returns the messages to staff that stand at now, the loudest first,
// those of wards only where ward is one of them.
func (b *Book) Notices(now time.Time, wards ...string) []Notice {
	var out []Notice
	for _, c := range b.All() {
		if c.Stage == StageClosed {
			continue
		}
		for _, n := range c.Notices {
			if n.Stands(now) && (len(n.Wards) == 0 || slices.ContainsFunc(n.Wards, func(w string) bool { return slices.Contains(wards, w) })) {
				out = append(out, n)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Notice) int {
		if d := slices.Index(Levels(), b.Level) - slices.Index(Levels(), a.Level); d != 0 {
			return d
		}
		return b.By.At.Compare(a.By.At)
	})
	return out
}

// House returns what the duties depend on.
func (b *Book) House() rulebook.House { return b.o.House }

// Duties returns every duty of the house's country.
func (b *Book) Duties() []*rulebook.Duty { return b.o.Duties }

// Playbook returns the playbook of a kind, nil if there is none.
func (b *Book) Playbook(k rulebook.Kind) *rulebook.Playbook { return b.o.Playbooks[k] }

// Search returns the lines of the logbook that hold each word of the text and
// are of the kind, "" for every kind; the newest first.
func (c *Crisis) Search(text string, kind LineKind) []Line {
	var out []Line
	words := strings.Fields(strings.ToLower(text))
	for _, l := range slices.Backward(c.Lines) {
		have := strings.ToLower(l.Text + " " + l.By)
		if (kind == "" || l.Kind == kind) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(have, w) }) {
			out = append(out, l)
		}
	}
	return out
}
