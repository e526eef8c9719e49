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
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
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

const (
	batch     = 256   // records read at once
	saveEvery = 20000 // records after which the fold is saved
)

// Tray is the paper of one house. Its methods may be called by many goroutines.
type Tray struct {
	j      *journal.Journal
	charts *chart.Chart
	sign   func(context.Context, entry.Entry) (journal.Seq, error)
	o      Options
	file   *sealedFile

	folding chan struct{} // held while records are taken in
	saved   journal.Seq
	mu      sync.RWMutex
	s       *state
	changed chan struct{} // closed when records were taken in
}

// Open loads the saved fold. sign stores a signed entry, once for each key.
func Open(ctx context.Context, j *journal.Journal, charts *chart.Chart, sign func(context.Context, entry.Entry) (journal.Seq, error), o Options) *Tray {
	if o.Limits == (scan.Limits{}) {
		o.Limits = DefaultLimits()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := &Tray{j: j, charts: charts, sign: sign, o: o, folding: make(chan struct{}, 1), s: newState(), changed: make(chan struct{})}
	if o.Dir == "" {
		return t
	}
	t.file = &sealedFile{dir: o.Dir, box: seal.NewBox(o.Key.Derive("tray view 1"))}
	s, err := t.file.load()
	switch {
	case err != nil:
		o.Log.InfoContext(ctx, "paper is folded anew", "err", err)
	case !t.follows(ctx, s):
		o.Log.WarnContext(ctx, "saved paper does not fit the journal and is folded anew", "seq", uint64(s.Seq))
	default:
		t.s, t.saved = s, s.Seq
	}
	return t
}

// follows reports whether the journal holds the record s stands at.
func (t *Tray) follows(ctx context.Context, s *state) bool {
	if s.Seq == 0 {
		return true
	}
	recs, err := t.j.Read(ctx, s.Seq, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == s.Seq && recs[0].ID == s.Record
}

// Run follows the journal and reads the files that came, until ctx ends; then
// it saves and returns nil.
func (t *Tray) Run(ctx context.Context) error {
	working := make(chan struct{})
	go func() {
		defer close(working)
		t.work(ctx)
	}()
	for ctx.Err() == nil {
		before := t.Seq()
		err := t.j.Wait(ctx, before)
		if err == nil {
			err = t.advance(ctx)
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			t.o.Log.ErrorContext(ctx, "paper does not follow the journal", "err", err)
		}
		if err != nil || t.Seq() == before { // the second: all that is new was pruned
			pause(ctx, time.Second)
		}
	}
	<-working
	t.folding <- struct{}{}
	defer func() { <-t.folding }()
	return t.save()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Seq returns the last record that was taken in.
func (t *Tray) Seq() journal.Seq {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.s.Seq
}

// Wait returns when the record seq was taken in.
func (t *Tray) Wait(ctx context.Context, seq journal.Seq) error {
	return t.until(ctx, func(s *state) bool { return s.Seq >= seq })
}

// Idle returns when every file that came is read.
func (t *Tray) Idle(ctx context.Context) error {
	head := t.j.Head()
	return t.until(ctx, func(s *state) bool {
		return s.Seq >= head && !slices.ContainsFunc(values(s.Files), func(f *File) bool { return !f.Read })
	})
}

func (t *Tray) until(ctx context.Context, is func(*state) bool) error {
	for {
		t.mu.RLock()
		ok, changed := is(t.s), t.changed
		t.mu.RUnlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("tray: %w", ctx.Err())
		}
	}
}

// advance reads the journal to its end.
func (t *Tray) advance(ctx context.Context) error {
	select {
	case t.folding <- struct{}{}:
		defer func() { <-t.folding }()
	case <-ctx.Done():
		return fmt.Errorf("tray: %w", ctx.Err())
	}
	for {
		recs, err := t.j.Read(ctx, t.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("tray: read journal: %w", err)
		}
		if len(recs) == 0 {
			return nil
		}
		t.mu.Lock()
		for i := range recs {
			t.s.apply(&recs[i])
		}
		close(t.changed)
		t.changed = make(chan struct{})
		t.mu.Unlock()
		if t.Seq()-t.saved >= saveEvery {
			if err := t.save(); err != nil { // derived: a later save makes it good
				t.o.Log.ErrorContext(ctx, "paper not saved", "err", err)
			}
		}
	}
}

// save writes the fold. The caller holds folding.
func (t *Tray) save() error {
	if t.file == nil {
		return nil
	}
	t.mu.RLock()
	at := t.s.Seq
	plain, err := json.Marshal(saved{savedVersion, t.s})
	t.mu.RUnlock()
	if err != nil {
		return fmt.Errorf("tray: %w", err)
	}
	if at == t.saved {
		return nil
	}
	if err := t.file.store(plain); err != nil {
		return err
	}
	t.saved = at
	return nil
}

func values[K comparable, V any](m map[K]V) []V {
	out := make([]V, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// Form returns a printed form by its serial.
func (t *Tray) Form(serial sheet.Serial) (Form, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	f, ok := t.s.Forms[serial]
	return f, ok
}

// Files returns the newest files, newest first; those being read come first.
func (t *Tray) Files(limit int) []File {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []File
	for _, f := range t.s.Files {
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
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := 0
	for _, p := range t.s.Pages {
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
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.s.sorted(is)
}

// Page returns one page.
func (t *Tray) Page(ref string) (Page, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	p := t.s.Pages[ref]
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
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.s.Typed[name])
}
