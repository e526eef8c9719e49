package staff

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// maxGuarded bounds what the guard remembers: names that nobody has cost an
// attacker nothing to invent.
const maxGuarded = 20_000

// guard counts wrong passwords by sign-in name and by address. It forgets them
// at a restart; a lock of a person is a record and stays.
type guard struct {
	o     Options
	mu    sync.Mutex
	names map[string]*tries
	hosts map[string]*bucket
}

// tries is what is known about one name, whether somebody has it or not.
type tries struct {
	wrong   int
	pending int // passwords being checked now: they count as wrong until they are right
	first   time.Time
	last    time.Time
	locks   int       // only for names nobody has: they lock like all others,
	until   time.Time // so that a lock does not tell who exists
}

// bucket grants wrong passwords to an address.
type bucket struct {
	left float64
	at   time.Time
}

func newGuard(o Options) *guard {
	return &guard{o: o, names: make(map[string]*tries), hosts: make(map[string]*bucket)}
}

// begin asks for leave to check one password. Each begin that returns nil is
// followed by one end.
func (g *guard) begin(name, from string, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.names) >= maxGuarded || len(g.hosts) >= maxGuarded {
		g.clear(now)
	}
	h := g.host(from, now)
	t := g.names[name]
	if t == nil {
		t = &tries{first: now}
		g.names[name] = t
	}
	if now.Sub(t.first) > g.o.Window || now.Before(t.first) {
		t.first, t.wrong = now, 0
	}
	t.last = now
	if now.Before(t.until) && t.until.Sub(now) <= g.o.LockMost {
		return errLocked(t.until, now)
	}
	if h.left < 1 || t.wrong+t.pending >= g.o.Wrong {
		return fault.Newf(fault.Unavailable, lang.Text{
			DE: "Zu viele Versuche auf einmal. Bitte in einer Minute noch einmal.",
			EN: "Too many attempts at once. Please try again in a minute.",
		}, "sign-in: too many attempts")
	}
	h.left--
	t.pending++
	return nil
}

// end takes the outcome of one check. known says whether somebody has the name;
// locks is how often that person was locked since the last sign-in. It returns
// how long the name is now locked, or 0.
func (g *guard) end(name, from string, right, known bool, locks int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.names[name]
	if t == nil {
		return 0
	}
	t.pending--
	if right {
		h := g.host(from, now)
		h.left = min(h.left+1, float64(g.o.PerHost))
		t.wrong, t.locks, t.until = 0, 0, time.Time{}
		return 0
	}
	t.wrong++
	if t.wrong < g.o.Wrong {
		return 0
	}
	if known {
		return g.o.lockFor(locks) // counted until the lock is in force: see locked
	}
	t.wrong = 0
	d := g.o.lockFor(t.locks)
	t.locks++
	t.until = now.Add(d)
	return d
}

// locked says that the lock which end returned is in force.
func (g *guard) locked(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := g.names[name]; t != nil {
		t.wrong = 0
	}
}

// cancel takes back a begin whose password was never checked.
func (g *guard) cancel(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := g.names[name]; t != nil {
		t.pending--
	}
}

// lockFor returns how long the next lock lasts after so many before it.
func (o Options) lockFor(before int) time.Duration {
	d := o.Lock
	for range before {
		if d *= 2; d >= o.LockMost {
			return o.LockMost
		}
	}
	return min(d, o.LockMost)
}

func (g *guard) host(from string, now time.Time) *bucket {
	key := hostOf(from)
	h := g.hosts[key]
	if h == nil {
		h = &bucket{left: float64(g.o.PerHost), at: now}
		g.hosts[key] = h
	}
	if d := now.Sub(h.at); d > 0 {
		h.left = min(h.left+float64(d)/float64(g.o.PerEvery), float64(g.o.PerHost))
	}
	h.at = now
	return h
}

// hostOf returns what attempts are counted by: the address without its port,
// for IPv6 the network of 64 bits that one machine can roam in.
func hostOf(from string) string {
	host, _, err := net.SplitHostPort(from)
	if err != nil {
		host = from
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}

// prune forgets what no longer matters.
func (g *guard) prune(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clear(now)
}

func (g *guard) clear(now time.Time) {
	for n, t := range g.names {
		if t.pending == 0 && now.Sub(t.last).Abs() > g.o.Window && !now.Before(t.until) {
			delete(g.names, n)
		}
	}
	for h, b := range g.hosts {
		if now.Sub(b.at).Abs() > time.Duration(g.o.PerHost)*g.o.PerEvery {
			delete(g.hosts, h)
		}
	}
	if len(g.names) < maxGuarded && len(g.hosts) < maxGuarded {
		return
	}
	for n, t := range g.names { // still too many: somebody invents names
		if len(g.names) < maxGuarded*3/4 {
			break
		}
		if t.pending == 0 && t.wrong < 2 {
			delete(g.names, n)
		}
	}
	for h := range g.hosts {
		if len(g.hosts) < maxGuarded*3/4 {
			break
		}
		delete(g.hosts, h)
	}
}

func errLocked(until, now time.Time) error {
	m := max(1, int((until.Sub(now)+time.Minute-1)/time.Minute))
	return fault.Newf(fault.Forbidden, lang.Text{
		DE: "Nach zu vielen falschen Passwörtern gesperrt, noch " + minutes(m, "Minute", "Minuten") + ". Die IT kann die Sperre aufheben.",
		EN: "Locked after too many wrong passwords for another " + minutes(m, "minute", "minutes") + ". IT can lift the lock.",
	}, "sign-in: locked")
}
