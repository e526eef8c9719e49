// Package forward passes the messages of a feed on to a second receiver, as they
// came in: store and forward, in good times too. What is passed on is what the
// journal holds, so nothing is lost while a receiver is gone, and a receiver
// that is stuck holds up nobody: neither the intake nor another receiver.
//
// Each message arrives at least once and, for each patient, in its order. One
// that is refused is set aside for a person, with those of the same patient that
// come behind it; the others go on.
package forward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Destination is a second receiver.
type Destination struct {
	Name    string
	Feeds   []string // whose messages it gets
	Types   []string // "ADT", or "ORU^R01"; none: all
	Address string   // host:port of its MLLP listener
	Dial    hl7.ClientOptions
	// Repeats says that it takes a message that comes again with the same control
	// ID once. Without it a crash may double the one message that was under way.
	Repeats bool
}

// wants reports whether the destination gets a message.
func (d *Destination) wants(rec *journal.Record) bool {
	if rec.Kind != journal.HL7 || !slices.Contains(d.Feeds, rec.Source) {
		return false
	}
	if len(d.Types) == 0 {
		return true
	}
	h, err := hl7.ReadHeader(rec.Body)
	return err == nil && (slices.Contains(d.Types, h.Type) || slices.Contains(d.Types, h.Type+"^"+h.Event))
}

// Options are where and how a Relay keeps its state.
type Options struct {
	Dir  string   // folder for the folded state; "" keeps none: each start reads the whole journal
	Key  seal.Key // seals the folded state
	Site string   // of the records written

	Now   func() time.Time // the clock that is written down; nil: time.Now
	Log   *slog.Logger     // nil is silent
	Retry time.Duration    // after a message without an answer; 0: 1 s, doubled up to a minute
}

// Relay is the forwarding to all destinations. It is safe for use by many
// goroutines.
type Relay struct {
	o     Options
	j     *journal.Journal
	dests []Destination
	file  *sealedFile

	folding chan struct{} // held by who reads the journal; guards saved
	saved   journal.Seq

	mu    sync.RWMutex
	fold  *fold
	moved chan struct{} // closed and replaced when the fold moved
	stuck map[string]Stuck
	at    map[string]time.Time // when what a destination is about arrived

	step func(what string) error // in tests: where a process may die
}

const (
	batch     = 512    // records read from the journal at once
	saveEvery = 20_000 // records without an event after which the position is saved
)

// Open opens the relay and brings it up to the journal's end. A destination that
// is new begins here: it gets what arrives from now on.
func Open(ctx context.Context, j *journal.Journal, dests []Destination, o Options) (*Relay, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Retry <= 0 {
		o.Retry = time.Second
	}
	r := &Relay{o: o, j: j, dests: dests, folding: make(chan struct{}, 1), fold: newFold(), moved: make(chan struct{}), stuck: map[string]Stuck{}, at: map[string]time.Time{}}
	if o.Dir != "" {
		r.file = newSealedFile(o.Dir, o.Key)
		f, err := r.file.load()
		switch {
		case err != nil:
			o.Log.InfoContext(ctx, "the forwarding is folded anew", "err", err)
		case !r.follows(ctx, f):
			o.Log.WarnContext(ctx, "the saved forwarding does not fit the journal and is folded anew", "seq", uint64(f.Applied))
		default:
			r.fold, r.saved = f, f.Applied
		}
	}
	if err := r.advance(ctx, 0); err != nil {
		return nil, err
	}
	for i := range dests {
		if r.fold.Dests[dests[i].Name] != nil {
			continue
		}
		if err := r.write(ctx, journal.NewID(), event{Step: begun, Dest: dests[i].Name, To: j.Head()}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// follows reports whether the journal holds the record f stands at.
func (r *Relay) follows(ctx context.Context, f *fold) bool {
	if f.Applied == 0 {
		return true
	}
	rec, err := r.j.Get(ctx, f.Applied)
	return errors.Is(err, journal.ErrPruned) && f.Applied <= r.j.Head() || err == nil && rec.ID == f.Last
}

// Run follows the journal and passes on until ctx ends, then saves and returns
// nil.
func (r *Relay) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for i := range r.dests {
		wg.Go(func() { r.pass(ctx, &r.dests[i]) })
	}
	for ctx.Err() == nil {
		before := r.Seq()
		err := r.j.Wait(ctx, before)
		if err == nil {
			err = r.advance(ctx, 0)
		}
		if err != nil && ctx.Err() == nil {
			r.o.Log.ErrorContext(ctx, "the forwarding does not follow the journal", "err", err)
		}
		if err != nil || r.Seq() == before { // the second: all that is new was pruned
			pause(ctx, time.Second)
		}
	}
	wg.Wait()
	return r.Close()
}

// Close saves the folded state.
func (r *Relay) Close() error {
	r.folding <- struct{}{}
	defer func() { <-r.folding }()
	return r.save()
}

// Seq returns the last record the relay has taken in.
func (r *Relay) Seq() journal.Seq {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.fold.Applied
}

// Wait returns when the relay has taken in the record seq.
func (r *Relay) Wait(ctx context.Context, seq journal.Seq) error {
	for r.Seq() < seq {
		if err := r.j.Wait(ctx, seq-1); err != nil {
			return fmt.Errorf("forward: wait for record %d: %w", seq, err)
		}
		if err := r.advance(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

// advance reads the journal to its end, or at least to upto if that is not zero.
func (r *Relay) advance(ctx context.Context, upto journal.Seq) error {
	select {
	case r.folding <- struct{}{}:
		defer func() { <-r.folding }()
	case <-ctx.Done():
		return fmt.Errorf("forward: %w", ctx.Err())
	}
	for upto == 0 || r.Seq() < upto {
		recs, err := r.j.Read(ctx, r.Seq()+1, batch)
		if err != nil {
			return fmt.Errorf("forward: read journal: %w", err)
		}
		if len(recs) == 0 {
			break
		}
		r.mu.Lock()
		for i := range recs {
			r.fold.apply(&recs[i], r.dests)
		}
		close(r.moved)
		r.moved = make(chan struct{})
		r.mu.Unlock()
		if r.Seq()-r.saved >= saveEvery {
			if err := r.save(); err != nil { // derived: a later save makes it good
				r.o.Log.ErrorContext(ctx, "forwarding not saved", "err", err)
			}
		}
	}
	if upto != 0 && r.Seq() < upto {
		return fmt.Errorf("forward: record %d is not in the journal", upto)
	}
	return nil
}

// save writes the folded state. The caller holds folding.
func (r *Relay) save() error {
	if r.file == nil {
		return nil
	}
	r.mu.RLock()
	at := r.fold.Applied
	plain, err := r.fold.bytes()
	r.mu.RUnlock()
	if err != nil || at == r.saved {
		return err
	}
	if err := r.file.store(plain); err != nil {
		return err
	}
	r.saved = at
	return nil
}

// write appends one fact and waits until it is folded.
func (r *Relay) write(ctx context.Context, id journal.ID, e event) error {
	body, err := e.encode()
	if err != nil {
		return fmt.Errorf("forward: %w", err)
	}
	seq, err := r.j.Append(ctx, journal.Record{ID: id, Time: r.o.Now(), Site: r.o.Site, Source: "forward", Kind: journal.Forward, Body: body})
	if err != nil {
		return err
	}
	return r.Wait(ctx, seq)
}

// changed returns a channel that is closed when the fold moves.
func (r *Relay) changed() <-chan struct{} {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.moved
}

// Stuck is a message that gets no answer. Those behind it wait.
type Stuck struct {
	Seq     journal.Seq
	Control string
	Type    string
	Since   time.Time
	Tries   int
}

// Standing is how a destination stands.
type Standing struct {
	Name    string
	Feeds   []string
	Repeats bool
	Passed  uint64    // accepted since it began
	Waiting uint64    // arrived and not passed on yet
	Skipped uint64    // left out by a person
	Oldest  time.Time // when the oldest that waits arrived; zero for none
	Last    time.Time // when the last one was accepted; zero for none
	Stuck   *Stuck    // nil: none
	Aside   []Aside   // with a person, oldest first
}

// Standings returns how the destinations stand, in the order of the
// configuration.
func (r *Relay) Standings() []Standing {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []Standing
	for i := range r.dests {
		d := &r.dests[i]
		s := Standing{Name: d.Name, Feeds: d.Feeds, Repeats: d.Repeats}
		if f := r.fold.Dests[d.Name]; f != nil {
			s.Passed, s.Skipped, s.Last = f.Passed, f.Skipped, f.At
			if f.Seen > f.Handled {
				s.Waiting, s.Oldest = f.Seen-f.Handled, r.at[d.Name]
			}
			for _, a := range f.Aside {
				s.Aside = append(s.Aside, *a)
			}
		}
		if x, ok := r.stuck[d.Name]; ok {
			s.Stuck = &x
		}
		out = append(out, s)
	}
	return out
}

// Decision is what a person decides about a message.
type Decision string

// The decisions.
const (
	Again Decision = "again" // it is sent once more, after those that were passed on meanwhile
	Skip  Decision = "skip"  // it is left out
)

// Decide records a decision about messages that are aside, or about the one that
// is stuck (only Skip). The error's kind is NotFound where one is neither any
// more. key makes the same act sent twice one.
func (r *Relay) Decide(ctx context.Context, key journal.ID, dest string, d Decision, seqs []journal.Seq, by clinical.Staff) error {
	if d != Again && d != Skip || len(seqs) == 0 {
		return fault.New(fault.Invalid, lang.Text{DE: "Bitte Nachrichten auswählen.", EN: "Please choose messages."})
	}
	if seq, err := r.j.Find(ctx, key); err != nil || seq != 0 {
		return err // sent twice
	}
	r.mu.RLock()
	f, stuck := r.fold.Dests[dest], r.stuck[dest]
	for _, seq := range seqs {
		if f == nil || f.aside(seq) == nil && (d != Skip || stuck.Seq != seq) {
			r.mu.RUnlock()
			return fault.New(fault.NotFound, lang.Text{
				DE: "Über diese Nachricht ist schon entschieden. Bitte die Seite neu öffnen.", EN: "This message was decided about already. Please open the page again.",
			})
		}
	}
	r.mu.RUnlock()
	return r.write(ctx, key, event{Step: decided, Dest: dest, How: d, Seqs: seqs, By: by, At: r.o.Now()})
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
