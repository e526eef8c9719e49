package numbers

import (
	"cmp"
	"maps"
	"slices"

	"notbetrieb/internal/journal"
)

// ledger is everything that follows from the records of numbers. It uses no
// clock and does no I/O: the same records give the same ledger.
type ledger struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	rooms      map[Scheme]*room
	unreadable uint64
	asked      map[journal.ID]bool // reservations waited for: true once they hold
}

// room is what is taken of one scheme's counters.
type room struct {
	all spans
	by  map[string]spans // by node
}

func newLedger() *ledger {
	return &ledger{rooms: make(map[Scheme]*room), asked: make(map[journal.ID]bool)}
}

// taken returns the counters of the scheme that are reserved.
func (l *ledger) taken(s Scheme) spans {
	if r := l.rooms[s]; r != nil {
		return r.all
	}
	return nil
}

// of returns the counters of the scheme that are the node's.
func (l *ledger) of(s Scheme, node string) spans {
	if r := l.rooms[s]; r != nil {
		return r.by[node]
	}
	return nil
}

func (l *ledger) schemes() []Scheme {
	out := make([]Scheme, 0, len(l.rooms))
	for s := range l.rooms {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Scheme) int {
		return cmp.Or(cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(a.Digits, b.Digits))
	})
	return out
}

// apply takes one record. A reservation holds only if nothing of it was taken
// before: of two that meet, the first in the journal wins.
func (l *ledger) apply(r journal.Record) {
	if r.Seq <= l.applied {
		return
	}
	l.applied, l.last = r.Seq, r.ID
	if r.Kind != journal.Numbers {
		return
	}
	e, err := decodeEvent(r.Body)
	if err != nil {
		l.unreadable++
		return
	}
	if e.Step == reserved && l.taken(e.Scheme).meets(e.span()) {
		return
	}
	l.add(e.Block)
	if _, ok := l.asked[r.ID]; ok {
		l.asked[r.ID] = true
	}
}

// add takes what is free of the block for its node.
func (l *ledger) add(b Block) {
	r := l.rooms[b.Scheme]
	if r == nil {
		r = &room{by: make(map[string]spans)}
		l.rooms[b.Scheme] = r
	}
	for _, x := range r.all.without(b.span()) {
		r.by[b.Node] = r.by[b.Node].with(x)
	}
	r.all = r.all.with(b.span())
}

// missing returns what of another ledger this one does not know, as blocks.
func (l *ledger) missing(o *ledger) []Block {
	var out []Block
	for _, s := range o.schemes() {
		for _, node := range slices.Sorted(maps.Keys(o.rooms[s].by)) {
			for _, x := range o.of(s, node) {
				for _, y := range l.taken(s).without(x) {
					out = append(out, Block{Node: node, Kind: lostKind, Scheme: s, From: y.From, To: y.To})
				}
			}
		}
	}
	return out
}

// lostKind stands where a block is known and what it was for is not.
const lostKind Kind = "?"

// places chooses where the next block of each scheme is taken from. It begins
// at a place drawn at random and goes on from there, so that a hub that was
// set back to an older copy of its journal, and cannot know it, will hardly
// come across what it gave after that copy. See docs/operations.md.
type places struct {
	at   map[Scheme]uint64
	draw func(n uint64) uint64 // a random number below n
}

// next returns a free place for up to size counters; false if there is none.
func (p *places) next(taken spans, s Scheme, size uint64) (span, bool) {
	at, ok := p.at[s]
	if !ok {
		at = 1 + p.draw(s.Last())
	}
	x, ok := taken.free(at, size, s.Last())
	if ok {
		p.at[s] = x.To + 1
	}
	return x, ok
}
