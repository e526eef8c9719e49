// Package tray takes the paper of the outage back: it knows which forms were
// printed, keeps each scanned file in the journal before anything is made of
// it, has its pages read, files those whose code names exactly one patient, and
// keeps the others until a person has decided. It guesses nothing and drops
// nothing: each page of each file is in a chart, set aside with a reason, or
// waits.
//
// What it knows is folded from the journal and saved beside it.
package tray

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/sheet"
)

// Options are what the surroundings give; zero values have defaults.
type Options struct {
	Dir    string           // where the fold is saved; "": nowhere
	Key    seal.Key         // the saved fold is sealed with
	Site   string           // of records
	Limits scan.Limits      // zero: [DefaultLimits]
	Now    func() time.Time // nil: the system clock
	Log    *slog.Logger     // nil: silent
}

// MaxFile is the largest file in bytes: what one record of the journal holds.
const MaxFile = 60 << 20

// DefaultLimits are those of package scan for files that fit into a record.
func DefaultLimits() scan.Limits {
	l := scan.DefaultLimits()
	l.Bytes = MaxFile
	return l
}

// Tray is the paper of one house. Its methods may be called by many goroutines.
type Tray struct {
	*journal.Follower

	j      *journal.Journal
	charts *chart.Chart
	sign   func(context.Context, entry.Entry) (journal.Seq, error)
	o      Options
	now    *journal.Memory[*state]

	changed chan struct{} // closed when paper came or something was done about it; guarded by now
}

// Open opens the tray and brings it up to the journal's end. sign stores a
// signed entry, once for each key.
func Open(ctx context.Context, j *journal.Journal, charts *chart.Chart, sign func(context.Context, entry.Entry) (journal.Seq, error), o Options) (*Tray, error) {
	if o.Limits == (scan.Limits{}) {
		o.Limits = DefaultLimits()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := &Tray{j: j, charts: charts, sign: sign, o: o, now: journal.NewMemory(newState, readState), changed: make(chan struct{})}
	f := journal.Following{Name: "tray", State: t.now, Log: o.Log, Acts: math.MaxInt, Changed: t.tell}
	if o.Dir != "" {
		f.File = seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("tray view 1"))
	}
	var err error
	t.Follower, err = journal.Follow(ctx, j, f)
	return t, err
}

// tell wakes who waits for a change.
func (t *Tray) tell() {
	t.now.Lock()
	defer t.now.Unlock()
	close(t.changed)
	t.changed = make(chan struct{})
}

// Run follows the journal and reads the files that came, until ctx ends; then
// it saves and returns nil.
func (t *Tray) Run(ctx context.Context) error {
	working := make(chan struct{})
	go func() {
		defer close(working)
		t.work(ctx)
	}()
	err := t.Follower.Run(ctx)
	<-working
	return errors.Join(err, t.Close())
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Idle returns when every file that came is read.
func (t *Tray) Idle(ctx context.Context) error {
	if err := t.Wait(ctx, t.j.Head()); err != nil {
		return err
	}
	for {
		t.now.RLock()
		reading, changed := t.now.Fold.unread() != nil, t.changed
		t.now.RUnlock()
		if !reading {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("tray: %w", ctx.Err())
		}
	}
}

// Form returns a printed form by its serial.
func (t *Tray) Form(serial sheet.Serial) (Form, bool) {
	t.now.RLock()
	defer t.now.RUnlock()
	f, ok := t.now.Fold.Forms[serial]
	return f, ok
}

// Files returns the newest files, newest first; those being read come first.
func (t *Tray) Files(limit int) []File {
	t.now.RLock()
	defer t.now.RUnlock()
	var out []File
	for _, f := range t.now.Fold.Files {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(b.Seq, a.Seq) })
	return out[:min(limit, len(out))]
}

// PagesOf returns the pages of a file.
func (t *Tray) PagesOf(file journal.Seq) []Page {
	return t.pages(func(p *Page) bool { return p.Known && p.File == file })
}

// Waiting returns the pages that wait for a person, the longest waiting first.
func (t *Tray) Waiting() []Page { return t.pages((*Page).Waits) }

// WaitingCount returns how many pages wait for a person on the wards that is
// chooses.
func (t *Tray) WaitingCount(is func(ward string) bool) int {
	t.now.RLock()
	defer t.now.RUnlock()
	n := 0
	for _, p := range t.now.Fold.Pages {
		if p.Waits() && is(p.Ward) {
			n++
		}
	}
	return n
}

// SetAside returns the pages that belong to no chart.
func (t *Tray) SetAside() []Page {
	return t.pages(func(p *Page) bool { return p.Known && p.Aside != nil })
}

// Untranscribed returns the filed pages whose content is not transcribed yet.
func (t *Tray) Untranscribed() []Page {
	return t.pages(func(p *Page) bool { return p.Known && p.Filed != nil && !p.Filed.Done })
}

// Of returns every scan of one form.
func (t *Tray) Of(serial sheet.Serial) []Page {
	return t.pages(func(p *Page) bool { return p.Filed != nil && serial != "" && p.Filed.Serial == serial })
}

func (t *Tray) pages(is func(*Page) bool) []Page {
	t.now.RLock()
	defer t.now.RUnlock()
	return t.now.Fold.sorted(is)
}

// Page returns one page.
func (t *Tray) Page(ref string) (Page, bool) {
	t.now.RLock()
	defer t.now.RUnlock()
	p := t.now.Fold.Pages[ref]
	if p == nil || !p.Known {
		return Page{}, false
	}
	return *p, true
}

// Filed returns the page that stands filed under the entry root.
func (t *Tray) Filed(root string) (Page, bool) {
	all := t.pages(func(p *Page) bool { return p.Filed != nil && p.Filed.Root == root })
	if len(all) == 0 {
		return Page{}, false
	}
	return all[0], true
}

// Named returns the filed page of a patient that entries call so, the newest
// scan of it.
func (t *Tray) Named(name string, of func(clinical.PatientKey) bool) (Page, bool) {
	all := t.pages(func(p *Page) bool { return p.Filed != nil && p.Name() == name && of(p.Filed.Patient) })
	if len(all) == 0 {
		return Page{}, false
	}
	return all[len(all)-1], true
}

// Typed returns the entries that were taken from the sheet of that name.
func (t *Tray) Typed(name string) []Typed {
	t.now.RLock()
	defer t.now.RUnlock()
	return slices.Clone(t.now.Fold.Typed[name])
}
