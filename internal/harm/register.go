package harm

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Journal is what a Register needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
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
	*journal.Follower

	o       Options
	journal Journal
	now     *journal.Memory[*fold]

	act sync.Mutex // held from check to record: of two people acting at once one wins
}

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
	g := &Register{o: o, journal: j, now: journal.NewMemory(newFold, readFold)}
	f := journal.Following{Name: name, State: g.now, Log: o.Log}
	if o.Dir != "" {
		f.File = file(o)
	}
	var err error
	g.Follower, err = journal.Follow(ctx, j, f)
	return g, err
}

// name is what errors and logs call the fold.
const name = "harm list"

func file(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("harm view 1"))
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (g *Register) Unreadable() uint64 {
	g.now.RLock()
	defer g.now.RUnlock()
	return g.now.Fold.unreadable
}

// States returns what people did about the findings of one person, by ref. keys
// are all identities that are merged into one: what was done under any of them
// counts, the newest where two differ.
func (g *Register) States(keys ...clinical.PatientKey) map[string]State {
	g.now.RLock()
	defer g.now.RUnlock()
	out := map[string]State{}
	for _, k := range keys {
		for ref, s := range g.now.Fold.states[k] {
			if was, ok := out[ref]; !ok || was.Act < s.Act {
				out[ref] = *s
			}
		}
	}
	return out
}

// Reports returns the reports of events, the newest first.
func (g *Register) Reports() []Report {
	g.now.RLock()
	defer g.now.RUnlock()
	out := make([]Report, 0, len(g.now.Fold.reports))
	for _, r := range slices.Backward(g.now.Fold.reports) {
		out = append(out, *r)
	}
	return out
}

// Report returns one report.
func (g *Register) Report(id string) (Report, error) {
	g.now.RLock()
	defer g.now.RUnlock()
	if r := g.now.Fold.report(id); r != nil {
		return *r, nil
	}
	return Report{}, errGone()
}
