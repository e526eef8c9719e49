package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// When the journal cannot be written, reading goes on: a chart that stays shut
// because its look cannot be recorded does more harm than a record that comes
// late. Reads, and what signing in needs, then wait aside, in the order in which
// they happened, and are appended with a mark once the journal takes them again.
// Adding people and changing passwords is refused meanwhile.

// Aside says what waits because the journal cannot be written.
type Aside struct {
	Since   time.Time // zero: nothing waits
	Waiting int
	Kept    int // of those, on the disk of the second place; the others end with the program
	Lost    int // reads beyond [Options.AsideMost]: shown, not recorded
}

// aside is what waits, oldest first.
type aside struct {
	bringing sync.Mutex // held by who appends what waits

	mu      sync.Mutex
	waiting []journal.Record
	file    *asideFile
	kept    int // how many of waiting, from the first on, are in the file
	since   time.Time
	lost    int
}

func (a *aside) now() Aside {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Aside{Since: a.since, Waiting: len(a.waiting), Kept: a.kept, Lost: a.lost}
}

func (a *aside) open() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.since.IsZero()
}

// Aside returns what waits to be recorded.
func (b *Book) Aside() Aside { return b.aside.now() }

// append stores r in the journal. Where that cannot be written, late, if it is
// not nil, is the body under which r is set aside; the Seq is then 0. e is the
// fact that r states, to be in force at once; nil for a read.
func (b *Book) append(ctx context.Context, r journal.Record, late []byte, e *event) (journal.Seq, error) {
	switch waits := b.aside.open(); {
	case waits && late != nil && b.following.Load():
		return 0, b.setAside(ctx, r, late, e)
	case waits: // what came before goes before
		if err := b.bringIn(ctx); err != nil {
			return 0, err
		}
	}
	seq, err := b.appendNow(ctx, r)
	if err != nil && late != nil && b.defers(ctx, err) {
		b.o.Log.ErrorContext(ctx, "the journal cannot be written, reads are recorded aside", "err", err)
		return 0, b.setAside(ctx, r, late, e)
	}
	return seq, err
}

// appendNow appends to the journal and waits no longer than [Options.Patience]:
// a disk that hangs answers nothing at all.
func (b *Book) appendNow(ctx context.Context, r journal.Record) (journal.Seq, error) {
	ctx, cancel := context.WithTimeout(ctx, b.o.Patience)
	defer cancel()
	return b.journal.Append(ctx, r)
}

// defers reports whether a record that the journal refused with err may wait. A
// command that follows nothing and will be gone in a moment never defers.
func (b *Book) defers(ctx context.Context, err error) bool {
	return b.following.Load() && ctx.Err() == nil && !errors.Is(err, journal.ErrClosed) &&
		(fault.KindOf(err) == fault.Unavailable || errors.Is(err, context.DeadlineExceeded))
}

// setAside keeps r until the journal takes it.
func (b *Book) setAside(ctx context.Context, r journal.Record, late []byte, e *event) error {
	r.Body = late
	a := b.aside
	a.mu.Lock()
	began := a.since.IsZero()
	if began {
		a.since = b.o.Now()
	}
	if len(a.waiting) >= b.o.AsideMost {
		defer a.mu.Unlock()
		if r.Kind != journal.Read {
			return fault.Newf(fault.Unavailable, sayNoRoom(), "staff: %d records wait aside already", len(a.waiting))
		}
		if a.lost++; a.lost%1000 == 1 {
			b.o.Log.ErrorContext(ctx, "reads are shown that cannot be recorded", "reads", a.lost)
		}
		return nil
	}
	a.waiting = append(a.waiting, r)
	a.keep(ctx, b)
	if e != nil {
		b.mu.Lock()
		b.state.ahead[r.ID] = true
		b.state.applyEvent(*e)
		b.mu.Unlock()
	}
	a.mu.Unlock()
	if began {
		b.tellAside()
	}
	return nil
}

// keep writes what is in memory only to the file.
func (a *aside) keep(ctx context.Context, b *Book) {
	if a.file == nil || a.kept == len(a.waiting) {
		return
	}
	n, err := a.file.add(a.waiting[a.kept:])
	a.kept += n
	if err != nil {
		b.o.Log.ErrorContext(ctx, "reads that wait are in memory only", "reads", len(a.waiting)-a.kept, "err", err)
	}
}

func (b *Book) tellAside() {
	if b.o.OnAside != nil {
		b.o.OnAside(b.Aside())
	}
}

// bringIn appends everything that waits, in order. Each record has its ID since
// it was first tried, so that none is written twice.
func (b *Book) bringIn(ctx context.Context) error {
	a := b.aside
	a.bringing.Lock()
	defer a.bringing.Unlock()
	n := 0
	for {
		a.mu.Lock()
		if len(a.waiting) == 0 {
			defer b.tellAside()
			defer a.mu.Unlock()
			return a.end(ctx, b, n)
		}
		a.keep(ctx, b)
		recs := slices.Clone(a.waiting[:min(len(a.waiting), batch)])
		a.mu.Unlock()
		done, err := b.appendSome(ctx, recs)
		n += done
		a.mu.Lock()
		a.waiting = slices.Delete(a.waiting, 0, done)
		a.kept = max(a.kept-done, 0)
		a.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// appendSome appends recs and folds them; done is how many are in the journal.
func (b *Book) appendSome(ctx context.Context, recs []journal.Record) (done int, err error) {
	var last journal.Seq
	for _, r := range recs {
		seq, err := b.appendNow(ctx, r)
		if err != nil {
			return done, fmt.Errorf("what waits aside: %w", err)
		}
		last = max(last, seq)
		done++
	}
	if err := b.advance(ctx, last); err != nil {
		return done, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range recs {
		delete(b.state.ahead, r.ID) // also where the journal had it all the time
	}
	return done, nil
}

// end says that nothing waits any more.
func (a *aside) end(ctx context.Context, b *Book, n int) error {
	if a.since.IsZero() {
		return nil
	}
	b.o.Log.WarnContext(ctx, "what was recorded aside is in the journal", "records", n, "since", a.since, "lost", a.lost)
	a.since, a.lost, a.kept, a.waiting = time.Time{}, 0, 0, nil
	if a.file == nil {
		return nil
	}
	if err := a.file.clear(); err != nil { // at the next start its IDs are known: nothing is written twice
		b.o.Log.WarnContext(ctx, "the file of what was aside is not removed", "err", err)
	}
	return nil
}

// bringAlways tries again and again to append what waits.
func (b *Book) bringAlways(ctx context.Context) {
	for {
		pause(ctx, b.o.AsideEvery)
		if ctx.Err() != nil {
			return
		}
		if b.aside.open() {
			_ = b.bringIn(ctx) // it was said when it began; the alarm stands
		}
	}
}

// lastAside tries a last time when the hub stops and says what stays behind.
func (b *Book) lastAside(ctx context.Context) {
	if !b.aside.open() || b.bringIn(ctx) == nil {
		return
	}
	s := b.Aside()
	b.o.Log.ErrorContext(ctx, "stopped before the journal could be written again", "waiting", s.Waiting, "kept", s.Kept,
		"lost", s.Lost+s.Waiting-s.Kept)
}

// recoverAside takes in what a run before this one left in the file.
func (b *Book) recoverAside(ctx context.Context) {
	a := b.aside
	if a.file == nil {
		return
	}
	recs, err := a.file.load()
	if err != nil {
		b.o.Log.ErrorContext(ctx, "what was recorded aside is not all readable", "records", len(recs), "err", err)
	}
	if len(recs) == 0 {
		return
	}
	a.waiting, a.kept, a.since = recs, len(recs), b.o.Now()
	if b.bringIn(ctx) == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range a.waiting {
		if e, err := decodeEvent(r.Body); r.Kind == journal.Staff && err == nil {
			b.state.ahead[r.ID] = true
			b.state.applyEvent(e)
		}
	}
}

func sayNoRoom() lang.Text {
	return lang.Text{
		DE: "Das Journal kann nicht geschrieben werden, und auch daneben ist kein Platz mehr. Bitte sofort die IT-Leitstelle anrufen.",
		EN: "The journal cannot be written, and there is no room beside it either. Please call the IT desk at once.",
	}
}
