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
	"log/slog"
	"math"
	"path/filepath"
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
	*journal.Follower

	o     Options
	j     *journal.Journal
	dests []Destination
	now   *journal.Memory[*fold] // guards what follows too

	moved chan struct{} // closed and replaced when the fold moved
	stuck map[string]Stuck
	at    map[string]time.Time // when what a destination is about arrived

	step func(what string) error // in tests: where a process may die
}

const batch = 512 // records that a lane reads from the journal at once

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
	fresh := func() *fold { return newFold(dests) }
	read := func(plain []byte) (*fold, error) { return readFold(plain, dests) }
	r := &Relay{o: o, j: j, dests: dests, now: journal.NewMemory(fresh, read), moved: make(chan struct{}), stuck: map[string]Stuck{}, at: map[string]time.Time{}}
	f := journal.Following{Name: "forward", State: r.now, Log: o.Log, Acts: math.MaxInt, Changed: r.tell}
	if o.Dir != "" {
		f.File = seal.NewFile(filepath.Join(o.Dir, savedName), o.Key.Derive("forward view 1"))
	}
	var err error
	if r.Follower, err = journal.Follow(ctx, j, f); err != nil {
		return nil, err
	}
	for i := range dests {
		if r.now.Fold.Dests[dests[i].Name] != nil {
			continue
		}
		if err := r.write(ctx, journal.NewID(), event{Step: begun, Dest: dests[i].Name, To: j.Head()}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// tell wakes the lanes.
func (r *Relay) tell() {
	r.now.Lock()
	defer r.now.Unlock()
	close(r.moved)
	r.moved = make(chan struct{})
}

// Run follows the journal and passes on until ctx ends, then saves and returns
// nil.
func (r *Relay) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for i := range r.dests {
		wg.Go(func() { r.pass(ctx, &r.dests[i]) })
	}
	err := r.Follower.Run(ctx)
	wg.Wait()
	return errors.Join(err, r.Close())
}

// write appends one fact and waits until it is folded.
func (r *Relay) write(ctx context.Context, id journal.ID, e event) error {
	body, err := e.encode()
	if err != nil {
		return err
	}
	seq, err := r.j.Append(ctx, journal.Record{ID: id, Time: r.o.Now(), Site: r.o.Site, Source: "forward", Kind: journal.Forward, Body: body})
	if err != nil {
		return err
	}
	return r.Wait(ctx, seq)
}

// changed returns a channel that is closed when the fold moves.
func (r *Relay) changed() <-chan struct{} {
	r.now.RLock()
	defer r.now.RUnlock()
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
	r.now.RLock()
	defer r.now.RUnlock()
	var out []Standing
	for i := range r.dests {
		d := &r.dests[i]
		s := Standing{Name: d.Name, Feeds: d.Feeds, Repeats: d.Repeats}
		if f := r.now.Fold.Dests[d.Name]; f != nil {
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
	r.now.RLock()
	f, stuck := r.now.Fold.Dests[dest], r.stuck[dest]
	for _, seq := range seqs {
		if f == nil || f.aside(seq) == nil && (d != Skip || stuck.Seq != seq) {
			r.now.RUnlock()
			return fault.New(fault.NotFound, lang.Text{
				DE: "Über diese Nachricht ist schon entschieden. Bitte die Seite neu öffnen.", EN: "This message was decided about already. Please open the page again.",
			})
		}
	}
	r.now.RUnlock()
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
