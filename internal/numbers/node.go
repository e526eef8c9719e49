package numbers

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// NodeOptions are how a Node works. The zero NodeOptions are the defaults.
type NodeOptions struct {
	// Keep is how many numbers of each kind a node should hold while it is
	// connected: what it can give once it is cut off. Default 600.
	Keep uint64
	// Step is how many numbers are marked as given at once, before the first
	// of them is. A crash loses the rest of a step. Default 20.
	Step uint64
}

// Node gives numbers from blocks that were granted to it, also while it is cut
// off from the hub. All methods may be used by many goroutines.
//
// It must not be set back to an older copy of its folder while cut off: it
// would give again what it gave after that copy, and nothing on it can tell.
// Where that may have happened, and at each start with the hub in reach, call
// [Node.Renew].
type Node struct {
	name    string
	schemes map[Kind]Scheme
	o       NodeOptions
	lock    *os.File
	store   func(savedNode) error // a nil error means durable

	mu      sync.Mutex
	rooms   map[Scheme]*pouch
	stopped error // why it gives nothing any more
}

// pouch is what a node has of one scheme.
type pouch struct {
	next, to uint64 // the step in hand: marked as given; empty if next > to
	free     spans  // not begun
	ever     spans  // all that was ever taken: the same block twice is one
}

// nodeVersion is the layout of numbers.node.
const nodeVersion = 1

// savedNode is the file. What is not in Free may have been given.
type savedNode struct {
	Version int          `json:"v"`
	Node    string       `json:"node"`
	Rooms   []savedPouch `json:"rooms"`
}

type savedPouch struct {
	Scheme
	Free spans `json:"free"`
	Ever spans `json:"ever"`
}

var errLocked = errors.New("numbers: the folder is in use")

// OpenNode opens the node's numbers in a folder of its own, which one process
// may use at a time.
//
// The error's kind is Conflict if another process uses the folder, Corrupt if
// the file in it is damaged or another node's (then delete it, and take fresh
// blocks), Invalid for wrong schemes, Unavailable if the disk is away.
func OpenNode(dir, name string, schemes map[Kind]Scheme, o NodeOptions) (_ *Node, err error) {
	if err := checkSchemes(schemes, nil); err != nil {
		return nil, err
	}
	n := newNode(name, schemes, o)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, diskFault(err)
	}
	if n.lock, err = lockFile(filepath.Join(dir, "numbers.lock")); err != nil {
		return nil, diskFault(err)
	}
	f := file{filepath.Join(dir, "numbers.node")}
	n.store = func(v savedNode) error { return f.store(v) }
	var v savedNode
	switch err := f.load(&v); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, errors.Join(diskFault(err), n.lock.Close())
	default:
		if err := n.restore(v); err != nil {
			return nil, errors.Join(diskFault(err), n.lock.Close())
		}
	}
	return n, nil
}

func newNode(name string, schemes map[Kind]Scheme, o NodeOptions) *Node {
	if o.Keep == 0 {
		o.Keep = 600
	}
	if o.Step == 0 {
		o.Step = 20
	}
	return &Node{name: name, schemes: maps.Clone(schemes), o: o, rooms: make(map[Scheme]*pouch)}
}

// diskFault gives an error of the node's folder its kind.
func diskFault(err error) error {
	switch {
	case errors.Is(err, errLocked):
		return fault.Mark(err, fault.Conflict, lang.Text{
			DE: "Ein anderes Notbetrieb vergibt an diesem Arbeitsplatz schon Nummern.",
			EN: "Another Notbetrieb already gives numbers at this station.",
		})
	case errors.Is(err, errFile):
		return fault.Mark(err, fault.Corrupt, lang.Text{
			DE: "Die Nummern dieses Arbeitsplatzes sind nicht lesbar. Es werden keine vergeben, damit keine doppelt ist. Bitte die IT-Leitstelle anrufen.",
			EN: "The numbers of this station cannot be read. None are given, so that none is given twice. Please call the IT desk.",
		})
	}
	return fault.Mark(err, fault.Unavailable, lang.Text{
		DE: "Die Nummern können gerade nicht gespeichert werden. Es wurde keine vergeben. Bitte wiederholen.",
		EN: "The numbers cannot be stored just now. None was given. Please try again.",
	})
}

// restore takes up the saved state.
func (n *Node) restore(v savedNode) error {
	if v.Version != nodeVersion || v.Node != n.name {
		return errFile
	}
	for _, r := range v.Rooms {
		p := &pouch{next: 1}
		for _, set := range []struct {
			to   *spans
			from spans
		}{{&p.free, r.Free}, {&p.ever, r.Ever}} {
			for _, x := range set.from {
				b := Block{Node: n.name, Kind: lostKind, Scheme: r.Scheme, From: x.From, To: x.To}
				if b.valid() != nil {
					return errFile
				}
				*set.to = set.to.with(x)
			}
		}
		n.rooms[r.Scheme] = p
	}
	return nil
}

// Take adds blocks that the hub granted to this node. A nil error means that
// they are durable. A block that was taken before changes nothing. The error's
// kind is Invalid for a block of another node or of a kind without a scheme.
func (n *Node) Take(blocks ...Block) error { return n.take(false, blocks) }

// Renew is Take, and drops what the node held of the kinds of these blocks,
// in the same step. A node calls it with fresh blocks at each start with the
// hub in reach: what stands in its folder may be an older copy.
func (n *Node) Renew(blocks ...Block) error { return n.take(true, blocks) }

func (n *Node) take(renew bool, blocks []Block) error {
	for _, b := range blocks {
		if err := b.valid(); err != nil {
			return err
		}
		s, ok := n.schemes[b.Kind]
		if !ok {
			return unknownKind(b.Kind)
		}
		if s != b.Scheme || b.Node != n.name {
			return fault.Newf(fault.Invalid, lang.Text{
				DE: "Dieser Nummernblock ist für einen anderen Arbeitsplatz oder einen anderen Nummernkreis.",
				EN: "This block of numbers is for another station or another number range.",
			}, "numbers: node %q takes a block of %q, scheme %s, has %s", n.name, b.Node, b.Scheme, s)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	after := make(map[Scheme]*pouch)
	for _, b := range blocks {
		p := after[b.Scheme]
		if p == nil {
			p = &pouch{next: 1}
			if old := n.rooms[b.Scheme]; old != nil {
				p.ever = slices.Clone(old.ever)
				if !renew {
					p.next, p.to, p.free = old.next, old.to, slices.Clone(old.free)
				}
			}
			after[b.Scheme] = p
		}
		for _, x := range p.ever.without(b.span()) {
			p.free = p.free.with(x)
		}
		p.ever = p.ever.with(b.span())
	}
	return n.change(after)
}

// change makes the pouches durable, then puts them in place. Nothing changes
// here after an error; the file then holds the old or the new, and both hold
// back what was given. The caller holds mu.
func (n *Node) change(after map[Scheme]*pouch) error {
	if n.stopped != nil {
		return n.stopped
	}
	v := savedNode{Version: nodeVersion, Node: n.name}
	for _, from := range []map[Scheme]*pouch{after, n.rooms} {
		for s, p := range from {
			if after[s] == p || after[s] == nil {
				v.Rooms = append(v.Rooms, savedPouch{Scheme: s, Free: p.free, Ever: p.ever})
			}
		}
	}
	if err := n.store(v); err != nil {
		return diskFault(err)
	}
	maps.Copy(n.rooms, after)
	return nil
}

// Next returns the next number of the kind.
//
// The error's kind is Invalid for a kind without a scheme, Unavailable if the
// node has none left (then it wraps [ErrEmpty]) or cannot write its file: then
// no number was given.
func (n *Node) Next(kind Kind) (string, error) {
	s, ok := n.schemes[kind]
	if !ok {
		return "", unknownKind(kind)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopped != nil {
		return "", n.stopped
	}
	p := n.rooms[s]
	if p == nil || p.next > p.to {
		var err error
		if p, err = n.begin(kind, s, p); err != nil {
			return "", err
		}
	}
	p.next++
	return s.Format(p.next - 1), nil
}

// begin marks the next step as given and returns the pouch with it in hand.
func (n *Node) begin(kind Kind, s Scheme, p *pouch) (*pouch, error) {
	if p == nil || len(p.free) == 0 {
		return nil, fault.Mark(fmt.Errorf("%w: %s", ErrEmpty, kind), fault.Unavailable, lang.Text{
			DE: fmt.Sprintf("Dieser Arbeitsplatz hat keine freien Nummern „%s“ mehr. Bitte an einem anderen Platz eine holen oder auf Papier weiterarbeiten.", kind),
			EN: fmt.Sprintf("This station has no free numbers “%s” left. Please get one at another station or go on with paper.", kind),
		})
	}
	q := &pouch{free: slices.Clone(p.free), ever: p.ever}
	first := q.free[0]
	q.next, q.to = first.From, min(first.To, first.From+n.o.Step-1)
	if q.free[0].From = q.to + 1; q.to == first.To {
		q.free = q.free[1:]
	}
	if err := n.change(map[Scheme]*pouch{s: q}); err != nil {
		return nil, err
	}
	return q, nil
}

// Left returns how many numbers of the kind the node can give.
func (n *Node) Left(kind Kind) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ok := n.schemes[kind]
	p := n.rooms[s]
	if !ok || p == nil {
		return 0
	}
	return p.to + 1 - p.next + p.free.count()
}

// Wants returns how many numbers of the kind are missing to what the node
// should hold: the time to ask the hub for a block. 0 without a scheme.
func (n *Node) Wants(kind Kind) uint64 {
	if _, ok := n.schemes[kind]; !ok {
		return 0
	}
	return n.o.Keep - min(n.o.Keep, n.Left(kind))
}

// Taken returns every block the node ever took, for [Office.Claim]. Blocks
// beside each other come as one.
func (n *Node) Taken() []Block {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []Block
	for _, k := range slices.Sorted(maps.Keys(n.schemes)) {
		s := n.schemes[k]
		if p := n.rooms[s]; p != nil {
			for _, x := range p.ever {
				out = append(out, Block{Node: n.name, Kind: k, Scheme: s, From: x.From, To: x.To})
			}
		}
	}
	return out
}

// Close gives the folder free. Calls after it give nothing.
func (n *Node) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopped != nil {
		return nil
	}
	n.stopped = fault.New(fault.Unavailable, lang.Text{
		DE: "Die Nummernvergabe dieses Arbeitsplatzes ist beendet.",
		EN: "This station has stopped giving numbers.",
	})
	return n.lock.Close()
}
