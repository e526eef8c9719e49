package incident

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// Journal is what a Board needs of the journal.
type Journal interface {
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
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
	*journal.Follower

	o       Options
	journal Journal
	systems []System
	now     *journal.Memory[*fold]

	act sync.Mutex // held from check to record: of two people acting at once one wins
}

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
	b := &Board{o: o, journal: j, systems: slices.Clone(systems), now: journal.NewMemory(newFold, readFold)}
	f := journal.Following{Name: name, State: b.now, Log: o.Log, Changed: o.Changed}
	if o.Dir != "" {
		f.File = file(o)
	}
	var err error
	b.Follower, err = journal.Follow(ctx, j, f)
	return b, err
}

// name is what errors and logs call the fold.
const name = "outages"

func file(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("outages view 1"))
}

// Unreadable returns how many records of outages could not be understood:
// damaged, or written by a newer version.
func (b *Board) Unreadable() uint64 {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.unreadable
}

// Mode returns what every page and sheet says at its head.
func (b *Board) Mode(now time.Time) Mode {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.mode(now, b.system)
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
	b.now.RLock()
	defer b.now.RUnlock()
	out := make(map[string]State, len(b.systems))
	for _, s := range b.systems {
		out[s.ID] = Up
	}
	for id, st := range b.now.Fold.states {
		out[id] = st.State
	}
	return out
}

// Outages returns the open outages, newest declaration first; all adds those
// that ended or were withdrawn.
func (b *Board) Outages(all bool) []Outage {
	b.now.RLock()
	defer b.now.RUnlock()
	var out []Outage
	for _, o := range slices.Backward(b.now.Fold.outages) {
		if all || o.Open() {
			out = append(out, *o)
		}
	}
	return out
}

// Outage returns one outage.
func (b *Board) Outage(id string) (Outage, bool) {
	b.now.RLock()
	defer b.now.RUnlock()
	if o := b.now.Fold.find(id); o != nil {
		return *o, true
	}
	return Outage{}, false
}

// Log returns the newest acts, newest first; 0 means all.
func (b *Board) Log(limit int) []Entry {
	b.now.RLock()
	defer b.now.RUnlock()
	out := slices.Clone(b.now.Fold.log)
	slices.Reverse(out)
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}
