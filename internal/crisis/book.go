package crisis

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
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
	journal.Source
	Append(ctx context.Context, r journal.Record) (journal.Seq, error)
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
	*journal.Follower

	o       Options
	journal Journal
	now     *journal.Memory[*fold]

	act  sync.Mutex // held from check to record: of two people acting at once one wins
	runs sync.WaitGroup
	mine sync.Map // starters of the runs of this process
}

// saveActs is how many acts come before the state is saved: a start folds the rest
// anew.
const saveActs = 64

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
	b := &Book{o: o, journal: j, now: journal.NewMemory(newFold, readFold)}
	f := journal.Following{Name: name, State: b.now, Log: o.Log, Acts: saveActs}
	if o.Dir != "" {
		f.File = file(o)
	}
	var err error
	b.Follower, err = journal.Follow(ctx, j, f)
	return b, err
}

// name is what errors and logs call the fold.
const name = "crisis"

func file(o Options) *seal.File {
	return seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("crisis view 1"))
}

// Run follows the journal until ctx ends, then waits for commands that run,
// saves and returns nil.
func (b *Book) Run(ctx context.Context) error {
	return errors.Join(b.Follower.Run(ctx), b.Close())
}

// Close waits for commands that run and saves the folded state.
func (b *Book) Close() error {
	b.runs.Wait()
	return b.Follower.Close()
}

// Unreadable returns how many records could not be understood: damaged, or
// written by a newer version.
func (b *Book) Unreadable() uint64 {
	b.now.RLock()
	defer b.now.RUnlock()
	return b.now.Fold.unreadable
}

// All returns the incidents, the newest first.
func (b *Book) All() []*Crisis {
	b.now.RLock()
	defer b.now.RUnlock()
	out := slices.Clone(b.now.Fold.crises)
	slices.Reverse(out)
	return out
}

// Crisis returns one incident.
func (b *Book) Crisis(id string) (*Crisis, error) {
	b.now.RLock()
	defer b.now.RUnlock()
	if c := b.now.Fold.find(id); c != nil {
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
	out := slices.DeleteFunc(b.Posted(now), func(n Notice) bool {
		return len(n.Wards) > 0 && !slices.ContainsFunc(n.Wards, func(w string) bool { return slices.Contains(wards, w) })
	})
	slices.SortStableFunc(out, func(a, b Notice) int {
		if d := slices.Index(Levels(), b.Level) - slices.Index(Levels(), a.Level); d != 0 {
			return d
		}
		return b.By.At.Compare(a.By.At)
	})
	return out
}

// Said returns the titles of the incidents that every page and sheet names at its
// head: those declared and no exercise. What is kept among few is not said to the
// whole house.
func (b *Book) Said() []string {
	var out []string
	for _, c := range b.Running() {
		if !c.Exercise && !c.Few() {
			out = append(out, c.Title)
		}
	}
	return out
}

// Posted returns the messages to staff that stand at now, whomever they are for,
// those of the newest incident first.
func (b *Book) Posted(now time.Time) []Notice {
	var out []Notice
	for _, c := range b.All() {
		if c.Stage == StageClosed {
			continue
		}
		for _, n := range c.Notices {
			if n.Stands(now) {
				out = append(out, n)
			}
		}
	}
	return out
}

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
