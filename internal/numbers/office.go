package numbers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/big"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Options are how an Office works. The zero Options are the defaults.
type Options struct {
	// Dir is the folder of numbers.state: what is reserved, beside the journal.
	// It saves reading the whole journal at each start, and it is the witness
	// against a journal that was set back: best kept on another disk, where the
	// anchor is, and not part of the backup. "" keeps none.
	Dir string
	// Block is how many numbers are reserved at a time. Default 200.
	Block uint64
	Site  string           // of the records written
	Now   func() time.Time // the clock that is written down; time.Now
	Log   *slog.Logger     // slog.Default()

	draw func(n uint64) uint64 // tests only: the random number below n
}

func (o *Options) fill() {
	if o.Block == 0 {
		o.Block = 200
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.draw == nil {
		o.draw = draw
	}
}

// draw returns a random number below n, at least 1. It never comes from a
// state that an older image of the machine would repeat.
func draw(n uint64) uint64 {
	r, err := rand.Int(rand.Reader, new(big.Int).SetUint64(n))
	if err != nil { // never: see crypto/rand
		return 0
	}
	return r.Uint64()
}

// Office is the hub's number office (Nummernstelle): it gives numbers itself
// and reserves blocks for nodes. All methods may be used by many goroutines.
type Office struct {
	o       Options
	j       *journal.Journal
	node    string
	schemes map[Kind]Scheme
	hands   map[Kind]*hand
	state   *stateFile // nil without a folder

	reserving chan struct{} // held by who reserves; guards places, pending
	places    places
	pending   map[want]Block
	ids       map[want]journal.ID

	folding chan struct{} // held by who reads the journal; guards saved
	saved   journal.Seq

	mu     sync.RWMutex
	ledger *ledger
}

// want is who asks for what. While it is unknown whether a reservation became
// durable, the same one is asked for again.
type want struct {
	node string
	kind Kind
}

// hand is the block a hub counts in. What is left of it ends with the process.
type hand struct {
	mu       sync.Mutex
	next, to uint64 // next > to: empty
}

func (h *hand) take() (uint64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.next > h.to {
		return 0, false
	}
	h.next++
	return h.next - 1, true
}

func (h *hand) left() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.to + 1 - h.next
}

const (
	batch     = 1024   // records read from the journal at once
	saveEvery = 20_000 // records without a block after which the position is saved
)

// Open opens the office of the node and brings it up to the journal's end. It
// reserves nothing: the first [Office.Next] does.
//
// If numbers.state knows blocks that the journal does not, the journal was set
// back: they are written into it again, so that nothing of them is ever given.
//
// The error's kind is Invalid for schemes that are wrong or mix with each other
// or with one used before (then it wraps [ErrSchemes]), Conflict if a newer
// version wrote reservations, else that of the journal.
func Open(ctx context.Context, j *journal.Journal, node string, schemes map[Kind]Scheme, o Options) (*Office, error) {
	o.fill()
	if !nodeName(node) {
		return nil, fault.Newf(fault.Invalid, lang.Text{
			DE: "Die Nummernstelle braucht den Namen ihres Knotens.",
			EN: "The number office needs the name of its node.",
		}, "numbers: node name of %d bytes", len(node))
	}
	f := &Office{
		o: o, j: j, node: node, schemes: maps.Clone(schemes), hands: make(map[Kind]*hand, len(schemes)),
		reserving: make(chan struct{}, 1), folding: make(chan struct{}, 1),
		places:  places{at: make(map[Scheme]uint64), draw: o.draw},
		pending: make(map[want]Block), ids: make(map[want]journal.ID),
		ledger: newLedger(),
	}
	for k := range schemes {
		f.hands[k] = &hand{next: 1}
	}
	var state *stateFile // not yet the Office's: a witness is not overwritten before it was heard
	var witness *ledger
	if o.Dir != "" {
		state = newStateFile(o.Dir)
		witness = f.remember(ctx, state)
	}
	if err := f.advance(ctx, 0); err != nil {
		return nil, err
	}
	if err := f.readable(); err != nil {
		return nil, err
	}
	if err := checkSchemes(schemes, f.ledger.schemes()); err != nil {
		return nil, err
	}
	if witness != nil {
		if err := f.recall(ctx, witness); err != nil {
			return nil, err
		}
	}
	f.state = state
	if err := f.save(); err != nil { // a later save makes it good
		o.Log.ErrorContext(ctx, "reserved numbers not saved", "err", err)
	}
	return f, nil
}

// remember takes up the saved ledger, or returns it as a witness if it does
// not fit the journal.
func (f *Office) remember(ctx context.Context, state *stateFile) *ledger {
	l, err := state.load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		f.o.Log.WarnContext(ctx, "reserved numbers are read from the journal anew", "err", err)
		return nil
	case !f.follows(ctx, l):
		f.o.Log.WarnContext(ctx, "saved numbers do not fit the journal, which is read anew", "seq", uint64(l.applied))
		return l
	}
	f.ledger, f.saved = l, l.applied
	return nil
}

// follows reports whether the journal holds the record l stands at.
func (f *Office) follows(ctx context.Context, l *ledger) bool {
	if l.applied == 0 {
		return true
	}
	recs, err := f.j.Read(ctx, l.applied, 1)
	return err == nil && len(recs) == 1 && recs[0].Seq == l.applied && recs[0].ID == l.last
}

// recall writes into the journal what only the witness knows.
func (f *Office) recall(ctx context.Context, witness *ledger) error {
	lost := f.ledger.missing(witness)
	if len(lost) == 0 {
		return nil
	}
	f.o.Log.WarnContext(ctx, "the journal was set back: blocks of numbers it has lost are closed", "blocks", len(lost))
	return f.Claim(ctx, lost...)
}

// readable refuses to go on beside reservations that nobody here can read.
func (f *Office) readable() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.ledger.unreadable == 0 {
		return nil
	}
	return fault.Newf(fault.Conflict, lang.Text{
		DE: "Ein neueres Notbetrieb hat in diesem Journal Nummern vergeben. Bitte das neuere Programm verwenden.",
		EN: "A newer Notbetrieb has given numbers in this journal. Please use the newer program.",
	}, "numbers: %d unreadable records", f.ledger.unreadable)
}

// Next returns the next number of the kind. It is fast: only once for each
// block does it wait for the journal.
//
// The error's kind is Invalid for a kind without a scheme, Unavailable when
// the range is used up (then it wraps [ErrUsedUp]), else that of the journal.
func (f *Office) Next(ctx context.Context, kind Kind) (string, error) {
	s, ok := f.schemes[kind]
	if !ok {
		return "", unknownKind(kind)
	}
	for h := f.hands[kind]; ; {
		if n, ok := h.take(); ok {
			return s.Format(n), nil
		}
		if err := f.refill(ctx, kind, h); err != nil {
			return "", err
		}
	}
}

// refill reserves a block for the hub itself, unless another did meanwhile.
func (f *Office) refill(ctx context.Context, kind Kind, h *hand) error {
	if err := f.lockReserving(ctx); err != nil {
		return err
	}
	defer func() { <-f.reserving }()
	if h.left() > 0 {
		return nil
	}
	b, err := f.reserve(ctx, want{f.node, kind})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next, h.to = b.From, b.To
	return nil
}

func (f *Office) lockReserving(ctx context.Context) error {
	select {
	case f.reserving <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("numbers: %w", ctx.Err())
	}
}

// Grant reserves a block for another node. A nil error means that the block is
// in the journal and will be nobody else's. A block that does not reach its
// node is lost, which harms nobody. Errors are those of [Office.Next].
func (f *Office) Grant(ctx context.Context, node string, kind Kind) (Block, error) {
	if _, ok := f.schemes[kind]; !ok {
		return Block{}, unknownKind(kind)
	}
	if !nodeName(node) || node == f.node {
		return Block{}, fault.Newf(fault.Invalid, lang.Text{
			DE: "Nummernblöcke gibt es nur für andere Knoten mit einem Namen.",
			EN: "Blocks of numbers are only for other nodes with a name.",
		}, "numbers: grant to node %q", node)
	}
	if err := f.lockReserving(ctx); err != nil {
		return Block{}, err
	}
	defer func() { <-f.reserving }()
	return f.reserve(ctx, want{node, kind})
}

// reserve writes a block into the journal and returns it once the journal says
// that it holds. The caller holds reserving.
func (f *Office) reserve(ctx context.Context, w want) (Block, error) {
	for {
		if err := f.readable(); err != nil {
			return Block{}, err
		}
		b, ok := f.pending[w]
		if !ok {
			var err error
			if b, err = f.plan(w); err != nil {
				return Block{}, err
			}
			f.pending[w], f.ids[w] = b, journal.NewID()
		}
		held, err := f.settle(ctx, b, f.ids[w])
		if err != nil {
			return Block{}, err // unknown: the next try asks for the same
		}
		delete(f.pending, w)
		delete(f.ids, w)
		if err := f.save(); err != nil { // the journal has it
			f.o.Log.ErrorContext(ctx, "reserved numbers not saved", "err", err)
		}
		if held {
			return b, nil
		}
	}
}

// plan chooses a block that is free as far as is known here.
func (f *Office) plan(w want) (Block, error) {
	s := f.schemes[w.kind]
	f.mu.RLock()
	taken := f.ledger.taken(s)
	if len(f.pending) > 0 {
		taken = append(spans(nil), taken...)
		for _, b := range f.pending {
			if b.Scheme == s {
				taken = taken.with(b.span())
			}
		}
	}
	x, ok := f.places.next(taken, s, f.o.Block)
	f.mu.RUnlock()
	if !ok {
		return Block{}, usedUp(w.kind, s)
	}
	return Block{Node: w.node, Kind: w.kind, Scheme: s, From: x.From, To: x.To}, nil
}

// settle appends the reservation and reports whether it holds.
func (f *Office) settle(ctx context.Context, b Block, id journal.ID) (bool, error) {
	f.mu.Lock()
	if _, ok := f.ledger.asked[id]; !ok {
		f.ledger.asked[id] = false
	}
	f.mu.Unlock()
	if err := f.write(ctx, event{Step: reserved, Block: b}, id); err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	held := f.ledger.asked[id]
	delete(f.ledger.asked, id)
	return held, nil
}

// write appends a record and folds the journal up to it.
func (f *Office) write(ctx context.Context, e event, id journal.ID) error {
	body, err := e.encode()
	if err != nil {
		return err
	}
	seq, err := f.j.Append(ctx, journal.Record{
		ID: id, Time: f.o.Now(), Site: f.o.Site, Source: "numbers", Kind: journal.Numbers, Body: body,
	})
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	return f.advance(ctx, seq)
}

// Claim tells the office which blocks a node holds, when it is heard of again.
// Blocks that the journal does not know, because it was set back to an older
// copy, are written into it and never given again. The error wraps [ErrTwice],
// of kind Conflict, if part of a block was given to another node meanwhile:
// then people have to look at the numbers of both.
func (f *Office) Claim(ctx context.Context, blocks ...Block) error {
	if err := f.lockReserving(ctx); err != nil {
		return err
	}
	defer func() { <-f.reserving }()
	var twice error
	for _, b := range blocks {
		if err := b.valid(); err != nil {
			return err
		}
		f.mu.RLock()
		lost := f.ledger.taken(b.Scheme).without(b.span())
		foreign := f.ledger.of(b.Scheme, b.Node).without(b.span()).count() != lost.count()
		f.mu.RUnlock()
		for _, x := range lost {
			e := event{Step: found, Block: b}
			e.From, e.To = x.From, x.To
			if err := f.write(ctx, e, journal.NewID()); err != nil {
				return err
			}
		}
		if foreign {
			twice = errors.Join(twice, fmt.Errorf("%w: %s %d to %d of %s", ErrTwice, b.Scheme, b.From, b.To, b.Node))
		}
	}
	if err := f.save(); err != nil {
		f.o.Log.ErrorContext(ctx, "reserved numbers not saved", "err", err)
	}
	return fault.Mark(twice, fault.Conflict, lang.Text{
		DE: "Ein Nummernblock gehört zwei Arbeitsplätzen, weil das Journal auf einen alten Stand zurückgesetzt wurde. Bitte die Nummern beider Plätze vergleichen.",
		EN: "A block of numbers belongs to two stations, because the journal was set back to an old copy. Please compare the numbers of both.",
	})
}

// Left returns how many numbers of the kind are free: not yet reserved, or in
// the hub's own hand. 0 for a kind without a scheme.
func (f *Office) Left(kind Kind) uint64 {
	s, ok := f.schemes[kind]
	if !ok {
		return 0
	}
	own := f.hands[kind].left()
	f.mu.RLock()
	defer f.mu.RUnlock()
	return own + s.Last() - f.ledger.taken(s).count()
}
