package numbers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"notbetrieb/internal/journal"
)

// given is every number that was given, as a bitmap in pages, so that ten
// million of them are checked in a moment.
type given struct {
	pages map[Scheme]map[uint64]*[1024]uint64
	at    map[Scheme]uint64 // the page in hand
	page  map[Scheme]*[1024]uint64
	total int
}

func newGiven() *given {
	return &given{pages: map[Scheme]map[uint64]*[1024]uint64{}, at: map[Scheme]uint64{}, page: map[Scheme]*[1024]uint64{}}
}

// add fails the test if the text is no number of the scheme or was given before.
func (g *given) add(t testing.TB, s Scheme, text string) {
	n, err := s.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	no := n >> 16
	p := g.page[s]
	if p == nil || g.at[s] != no {
		if g.pages[s] == nil {
			g.pages[s] = map[uint64]*[1024]uint64{}
		}
		if p = g.pages[s][no]; p == nil {
			p = new([1024]uint64)
			g.pages[s][no] = p
		}
		g.page[s], g.at[s] = p, no
	}
	word, bit := n>>6&1023, uint64(1)<<(n&63)
	if p[word]&bit != 0 {
		t.Fatalf("%s was given twice, the second time as number %d", text, g.total)
	}
	p[word] |= bit
	g.total++
}

var errCut = errors.New("the disk is gone")

// world is a hub and its nodes without disks: what is durable is a value here,
// and a kill throws everything else away.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	schemes map[Kind]Scheme
	kinds   []Kind
	given   *given

	journal *ledger // what the records of the journal fold to
	seq     journal.Seq
	backups []saved
	witness saved // numbers.state
	places  places
	hands   map[Kind]*hand

	nodes []*worldNode
	kills, restores, empty,
	found int
}

type worldNode struct {
	*Node
	name    string
	durable savedNode
	cut     bool // off from the hub
	fail    int  // the next write of the file: 1 fails before it is durable, 2 after
}

func (w *world) startHub() {
	w.places = places{at: map[Scheme]uint64{}, draw: w.rng.Uint64N}
	w.hands = map[Kind]*hand{}
	for _, k := range w.kinds {
		w.hands[k] = &hand{next: 1}
	}
}

func (w *world) record(e event) {
	body, err := e.encode()
	if err != nil {
		w.t.Fatal(err)
	}
	w.seq++
	w.journal.apply(journal.Record{Seq: w.seq, ID: journal.NewID(), Kind: journal.Numbers, Body: body})
}

// reserve is what Office.reserve does, killed at times between the steps.
func (w *world) reserve(node string, k Kind) (Block, bool) {
	s := w.schemes[k]
	x, ok := w.places.next(w.journal.taken(s), s, 200)
	if !ok {
		w.t.Fatal("the range is used up")
	}
	b := Block{Node: node, Kind: k, Scheme: s, From: x.From, To: x.To}
	point := w.rng.IntN(4000)
	if point == 0 { // before the record
		w.killHub()
		return b, false
	}
	w.record(event{Step: reserved, Block: b})
	if point == 1 { // before the witness
		w.killHub()
		return b, false
	}
	w.witness = w.journal.saved()
	if point == 2 { // before use
		w.killHub()
		return b, false
	}
	return b, true
}

func (w *world) killHub() { w.kills++; w.startHub() }

// restoreHub sets the journal back to an older copy; the witness may have
// stayed where it was.
func (w *world) restoreHub() {
	if len(w.backups) == 0 {
		return
	}
	w.restores++
	old, err := w.backups[w.rng.IntN(len(w.backups))].ledger()
	if err != nil {
		w.t.Fatal(err)
	}
	w.journal, w.seq = old, old.applied
	if w.rng.IntN(2) == 0 {
		witness, err := w.witness.ledger()
		if err != nil {
			w.t.Fatal(err)
		}
		for _, b := range w.journal.missing(witness) {
			w.found++
			w.record(event{Step: found, Block: b})
		}
	}
	w.startHub()
}

func (w *world) startNode(n *worldNode) {
	n.Node = newNode(n.name, w.schemes, NodeOptions{})
	n.store = func(v savedNode) error {
		fail := n.fail
		n.fail = 0
		if fail == 1 {
			return errCut
		}
		n.durable = v
		if fail == 2 {
			return errCut
		}
		return nil
	}
	if n.durable.Version != 0 {
		if err := n.restore(n.durable); err != nil {
			w.t.Fatal(err)
		}
	}
}

// meet is a node that reaches the hub: it says what it has and is filled up.
func (w *world) meet(n *worldNode) {
	for _, b := range n.Taken() {
		for _, x := range w.journal.taken(b.Scheme).without(b.span()) {
			e := event{Step: found, Block: b}
			e.From, e.To = x.From, x.To
			w.record(e)
			w.found++
		}
	}
	for _, k := range w.kinds {
		for n.Wants(k) > 0 {
			if b, ok := w.reserve(n.name, k); ok {
				if err := n.Take(b, b); err != nil && !errors.Is(err, errCut) {
					w.t.Fatal(err)
				}
			}
		}
	}
}

// work is a time at one node.
func (w *world) work(n *worldNode) {
	if n.cut = n.cut != (w.rng.IntN(10) == 0); !n.cut {
		w.meet(n)
	}
	k := w.kinds[w.rng.IntN(len(w.kinds))]
	switch w.rng.IntN(30) {
	case 0:
		w.kills++
		w.startNode(n)
	case 1, 2:
		n.fail = 1 + w.rng.IntN(2)
	}
	s := w.schemes[k]
	for range w.rng.IntN(500) {
		text, err := n.Next(k)
		switch {
		case errors.Is(err, ErrEmpty):
			w.empty++
			return
		case errors.Is(err, errCut):
			if w.rng.IntN(2) == 0 { // and then the process dies
				w.kills++
				w.startNode(n)
			}
			return
		case err != nil:
			w.t.Fatal(err)
		}
		w.given.add(w.t, s, text)
	}
}

// workHub is a time at the hub's own desks.
func (w *world) workHub() {
	k := w.kinds[w.rng.IntN(len(w.kinds))]
	s := w.schemes[k]
	for range w.rng.IntN(3000) {
		h := w.hands[k]
		c, ok := h.take()
		if !ok {
			if b, ok := w.reserve("hub", k); ok {
				h.next, h.to = b.From, b.To
			}
			continue
		}
		w.given.add(w.t, s, s.Format(c))
	}
	switch w.rng.IntN(200) {
	case 0, 1, 2, 3:
		w.killHub()
	case 4:
		w.restoreHub()
	case 5, 6:
		w.backups = append(w.backups[max(0, len(w.backups)-5):], w.journal.saved())
	}
}

// Forty nodes, cut off from the hub and from each other for long, killed
// between any two steps, on disks that fail; a hub that is killed, restarted,
// and set back to old copies of its journal with and without its witness.
func TestTenMillionNumbersNoneTwice(t *testing.T) {
	t.Parallel()
	want := 10_000_000
	if testing.Short() {
		want /= 20
	}
	w := &world{t: t, rng: rand.New(rand.NewPCG(20, 26)), kinds: []Kind{"case", "patient"}, given: newGiven(), journal: newLedger(),
		schemes: map[Kind]Scheme{"patient": {Prefix: "N", Digits: 10}, "case": {Prefix: "F", Digits: 10}}}
	w.startHub()
	for i := range 40 {
		n := &worldNode{name: fmt.Sprintf("node-%d", i), cut: i%3 == 0}
		w.startNode(n)
		w.nodes = append(w.nodes, n)
	}
	for w.given.total < want {
		w.workHub()
		w.work(w.nodes[w.rng.IntN(len(w.nodes))])
	}
	if !testing.Short() && (w.kills < 50 || w.restores == 0 || w.empty == 0 || w.found == 0) {
		t.Errorf("too quiet a world: %d kills, %d restores, %d times empty, %d blocks found", w.kills, w.restores, w.empty, w.found)
	}
	t.Logf("%d numbers, none twice; %d kills, %d restores, %d times a node was empty, %d blocks found again",
		w.given.total, w.kills, w.restores, w.empty, w.found)
}
