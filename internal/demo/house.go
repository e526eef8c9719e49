// Package demo is a simulated German hospital: wards, people, illnesses,
// laboratory, medication and documents, told as the HL7 v2 messages that the
// systems of such a house send over MLLP.
//
// It makes up everything; no message, name or number comes from a real person.
// It knows nothing of what becomes of its messages: it sends, waits for the
// answer, and sends again if there was none. It refuses to guess: the same plan
// gives the same history byte for byte.
package demo

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"
)

// Feeds of the house, as they are named in Plan.Feeds.
const (
	KISADT    = "kis-adt"    // admission, discharge, transfer, persons, billing
	KISOrders = "kis-orders" // orders to laboratory, imaging and consults
	LIS       = "lis"        // laboratory results
	RIS       = "ris"        // imaging reports
	PDMS      = "pdms"       // vital signs
	APO       = "apo"        // medication: orders, administrations, dispensing
	TERMINE   = "termine"    // appointments
	DOCS      = "docs"       // documents
)

// feeds in the order of their numbers; system is whose switch they hang on.
var feeds = [...]struct{ name, system string }{
	{KISADT, "kis"}, {KISOrders, "kis"}, {LIS, "lis"}, {RIS, "ris"},
	{PDMS, "pdms"}, {APO, "apo"}, {TERMINE, "kis"}, {DOCS, "kis"},
}

type feedNo uint8

const (
	kisADT feedNo = iota
	kisOrders
	lis
	ris
	pdms
	apo
	termine
	docs
)

// Plan says what hospital is simulated, and where it sends to.
type Plan struct {
	Seed  int64             // the same seed and start give the same history
	Start time.Time         // "now" of the demo; the history ends here
	Speed float64           // of Live: 1 is real time, 60 is a minute a second; 0 counts as 1
	Began time.Time         // when it was Start in the house, by the wall clock; zero: when Live is called
	Zone  *time.Location    // of the house; nil is Europe/Berlin, where known
	Feeds map[string]string // feed name → host:port of an MLLP listener; a feed left out is not sent
	Days  int               // of history; 0 is 14, for a small house 2
	Small bool              // two wards, some 20 patients, two days: for quick tests
}

// Message is one HL7 message of the history.
type Message struct {
	Feed string    // one of the feed names
	At   time.Time // when the system sent it
	Raw  []byte    // without MLLP framing
	lane uint32    // messages of one lane must keep their order
}

// House is a simulated hospital. Its methods may be called by many goroutines.
type House struct {
	plan  Plan
	days  int // of history
	lists *lists
	cases *cases

	mu      sync.Mutex
	world   *world // at Plan.Start or later, once Fill or Live has run
	off     map[string]bool
	changed chan struct{} // closed and replaced when a switch is turned
	begun   time.Time     // when Live began, by the wall clock
	living  bool
}

// New lays out the hospital of p. It makes no connection.
func New(p Plan) *House {
	if p.Zone == nil {
		p.Zone = time.UTC
		if z, err := time.LoadLocation("Europe/Berlin"); err == nil {
			p.Zone = z
		}
	}
	if p.Speed <= 0 {
		p.Speed = 1
	}
	p.Start = p.Start.Truncate(time.Second)
	p.Feeds = maps.Clone(p.Feeds)
	h := &House{plan: p, days: 14, lists: cutLists(), cases: readCases(), off: map[string]bool{}, changed: make(chan struct{})}
	if p.Small {
		h.days = 2
	}
	if p.Days > 0 {
		h.days = p.Days
	}
	return h
}

// Wards returns the wards of the house in their usual order, services last.
func (h *House) Wards() []Ward {
	var all []Ward
	for _, p := range plans(h.plan.Small) {
		all = append(all, p.build())
	}
	return append(all, services[:]...)
}

// Feeds returns the names of all feeds of the house.
func (h *House) Feeds() []string {
	var all []string
	for _, f := range feeds {
		all = append(all, f.name)
	}
	return all
}

// Systems returns the systems that can be switched off, with their feeds.
func (h *House) Systems() map[string][]string {
	all := map[string][]string{}
	for _, f := range feeds {
		all[f.system] = append(all[f.system], f.name)
	}
	return all
}

// History returns the two weeks before Plan.Start in time order. Each range
// over it tells the same history anew; it ends early when ctx does.
func (h *House) History(ctx context.Context) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		h.tell(ctx, yield)
	}
}

// tell runs a new world up to Plan.Start. It returns nil if it was stopped.
func (h *House) tell(ctx context.Context, yield func(Message) bool) *world {
	w := h.newWorld()
	var made []Message
	w.out = func(m Message) { made = append(made, m) }
	for len(w.queue) > 0 && w.queue[0].at <= w.start {
		w.step()
		for _, m := range made {
			if !yield(m) || ctx.Err() != nil {
				return nil
			}
		}
		made = made[:0]
	}
	w.now = w.start
	return w
}

// powered reports whether the system of a feed is on. It needs h.mu.
func (h *House) powered(feed string) bool {
	i := slices.IndexFunc(feeds[:], func(f struct{ name, system string }) bool { return f.name == feed })
	return !h.off[feed] && (i < 0 || !h.off[feeds[i].system])
}

// Power switches a system ("kis", "lis", "ris", "pdms", "apo") or a single feed
// off or on. What is off sends nothing; its ward goes on working, and what
// happened meanwhile is sent when it is on again, as late entries.
func (h *House) Power(name string, on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if on {
		delete(h.off, name)
	} else {
		h.off[name] = true
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// Powered reports whether a system or feed is on. A feed is off with its system.
func (h *House) Powered(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.powered(name)
}
