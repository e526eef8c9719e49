// Package fakekis is a hospital information system to hand back to: it accepts,
// refuses, stays silent, answers late or wrongly, cuts connections and dies, as
// it is told, and keeps what it took. It serves demonstrations, drills and
// tests; nothing of a hospital depends on it.
package fakekis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/interpret"
)

// Options are the choices of New. The zero value is a KIS that takes everything
// on a free port of this machine.
type Options struct {
	Addr      string      // host:port; "" is a free port of 127.0.0.1
	TLS       *tls.Config // nil: plain TCP
	Name      string      // MSH-3 of what it sends; "" is KIS
	Facility  string      // MSH-4
	Authority string      // of its patient numbers, PID-3.4; "" is KIS
	Zone      *time.Location
	Dir       string // where it keeps what it took, for one that comes back in another process; "": in memory

	Rules   []Rule            // what it does with which message; the first that fits counts
	Chances map[Behaviour]int // per mille of what no rule says; the rest is accepted
	Seed    uint64            // of the chances

	Strict  bool // refuses (AE) messages about a patient it does not know, or knows under another number
	Doubles bool // does not notice that the same message came twice, and takes it twice
	Echo    bool // tells what it took on its feed, as a message of its own
	Numbers bool // gives a person that came with a foreign number one of its own, and says so on its feed (A47)

	Site *interpret.Site  // how it reads; nil: the built-in tables
	Now  func() time.Time // nil: the clock
}

// KIS is one such system. Its methods may be called at any time.
type KIS struct {
	o    Options
	site *interpret.Site

	mu      sync.Mutex
	addr    string
	run     *running // nil while it is down
	seen    int      // messages that arrived
	answers int
	left    []int // of each rule, how often it may still fire; -1: always
	skip    []int // of each rule, how many fitting messages it still lets pass
	took    []Accepted
	control map[string]int // sender and control ID → index in took
	said    []Arrival
	view    view
	feed    [][]byte // its own messages that were not sent yet
	told    int      // control IDs of its own messages
	hold    chan struct{}
	change  *sync.Cond // of moved: something arrived, was taken, or the KIS went down
	moved   int
	runs    []*running // those that were not waited for
}

// running is a KIS that is up.
type running struct {
	listener net.Listener
	cancel   context.CancelFunc
	conns    map[*hl7.Conn]bool
	wait     sync.WaitGroup
}

// New returns a KIS that is down; Start brings it up. The error is that of its
// folder or its tables.
func New(o Options) (*KIS, error) {
	pick := func(s *string, built string) {
		if *s == "" {
			*s = built
		}
	}
	pick(&o.Addr, "127.0.0.1:0")
	pick(&o.Name, "KIS")
	pick(&o.Authority, "KIS")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Site == nil {
		site, err := interpret.Compile(interpret.Tables{Identity: interpret.IdentityTable{Authority: o.Authority}}, o.Zone)
		if err != nil {
			return nil, fmt.Errorf("fakekis: %w", err)
		}
		o.Site = site
	}
	k := &KIS{o: o, site: o.Site, addr: o.Addr, control: map[string]int{}, hold: make(chan struct{}), view: newView()}
	k.change = sync.NewCond(&k.mu)
	k.SetRules(o.Rules...)
	return k, k.load()
}

// SetRules replaces the rules.
func (k *KIS) SetRules(rules ...Rule) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.o.Rules = append([]Rule(nil), rules...)
	k.left, k.skip = make([]int, len(rules)), make([]int, len(rules))
	for i, r := range rules {
		k.left[i], k.skip[i] = r.Times, r.After
		if r.Times <= 0 {
			k.left[i] = -1
		}
	}
}

// SetEcho says whether the KIS tells what it takes from now on on its feed.
func (k *KIS) SetEcho(on bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.o.Echo = on
}

// SetChances replaces the chances.
func (k *KIS) SetChances(chances map[Behaviour]int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.o.Chances = maps.Clone(chances)
}

// Start brings the KIS up: the first time on the configured address, later on
// the one it had. Starting one that is up does nothing.
func (k *KIS) Start() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.run != nil {
		return nil
	}
	l, err := listen(k.addr)
	if err != nil {
		return fmt.Errorf("fakekis: %w", err)
	}
	k.addr = l.Addr().String()
	if k.o.TLS != nil {
		l = tls.NewListener(l, k.o.TLS)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{listener: l, cancel: cancel, conns: map[*hl7.Conn]bool{}}
	k.run, k.runs = r, append(k.runs, r)
	r.wait.Add(1)
	go k.accept(ctx, r)
	k.notify()
	return nil
}

// listen takes, where any port will do, one that systems do not give to
// connections that go out: a KIS that was down finds it free again.
func listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	for range 100 {
		if err != nil || port != "0" {
			break
		}
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(20_000+rand.IntN(12_000)))); err == nil {
			return l, nil
		}
	}
	return net.Listen("tcp", addr)
}

// Addr is host:port, once it was started.
func (k *KIS) Addr() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.addr
}

// Up reports whether the KIS is up.
func (k *KIS) Up() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.run != nil
}

// Stop takes the KIS down as a power cut would: every connection ends where it
// is, nothing more is answered. What it took stays. It returns when all is quiet.
func (k *KIS) Stop() {
	k.down()
	k.mu.Lock()
	runs := k.runs
	k.runs = nil
	k.mu.Unlock()
	for _, r := range runs { // also those before: one that died may still be taking what it had read
		r.wait.Wait()
	}
}

// down ends listener and connections without waiting for them.
func (k *KIS) down() {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.run
	if r == nil {
		return
	}
	k.run = nil
	r.cancel()
	_ = r.listener.Close()
	for c := range r.conns {
		_ = c.Close()
	}
	k.notify()
}

// notify wakes who waits. The caller holds the lock.
func (k *KIS) notify() {
	k.moved++
	k.change.Broadcast()
}

func (k *KIS) accept(ctx context.Context, r *running) {
	defer r.wait.Done()
	for {
		nc, err := r.listener.Accept()
		if err != nil {
			return
		}
		conn := hl7.NewConn(nc, hl7.Limits{})
		k.mu.Lock()
		if k.run != r {
			k.mu.Unlock()
			_ = conn.Close()
			return
		}
		r.conns[conn] = true
		r.wait.Add(1)
		k.mu.Unlock()
		go func() {
			defer r.wait.Done()
			k.talk(ctx, conn)
			k.mu.Lock()
			delete(r.conns, conn)
			k.mu.Unlock()
			_ = conn.Close()
		}()
	}
}

var errCut = errors.New("fakekis: the connection is cut")

// talk serves one connection.
func (k *KIS) talk(ctx context.Context, conn *hl7.Conn) {
	for {
		raw, err := conn.ReadFrame(ctx)
		if err != nil {
			return
		}
		if err := k.receive(ctx, conn, raw); err != nil {
			return
		}
	}
}

// Release lets every answer that is held go out (behaviour Late without a
// delay).
func (k *KIS) Release() {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.hold)
	k.hold = make(chan struct{})
}

// Wait returns when enough is true, or with the context's error. enough is asked
// anew whenever something arrived, was taken or the KIS went down.
func (k *KIS) Wait(ctx context.Context, enough func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.change.Broadcast()
	})
	defer stop()
	for {
		k.mu.Lock()
		was := k.moved
		k.mu.Unlock()
		if enough() {
			return nil
		}
		k.mu.Lock()
		for k.moved == was && ctx.Err() == nil {
			k.change.Wait()
		}
		k.mu.Unlock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
