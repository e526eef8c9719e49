package watch

import (
	"container/heap"
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch/probe"
)

const (
	atOnce   = 256              // probes that run at the same time
	quickest = 10 * time.Second // shortest time from one probe to the next
	again    = 3                // while a result is not settled it is asked so much more often
)

// look is what is known of one probe.
type look struct {
	spec    estate.Probe
	every   time.Duration
	taken   probe.Verdict // what it is taken to be, after hysteresis
	last    probe.Result
	at      time.Time // of last
	results history
}

// schedule runs the probes of an estate: each by its interval, spread evenly
// over time, none twice at once, each in a goroutine of its own, so that a
// system that does not answer keeps nobody else waiting.
type schedule struct {
	o     Options
	heard func(probe.Result) // told of every result; for the clock

	shared probe.Shared // answers of services that may be asked seldom
	slots  chan struct{}
	wake   chan struct{}

	mu    sync.Mutex
	from  *estate.Estate
	looks map[string]*look
	queue due
	ran   uint64
	late  time.Duration // the longest a probe began after its time
}

func newSchedule(o Options, heard func(probe.Result)) *schedule {
	return &schedule{o: o, heard: heard, slots: make(chan struct{}, atOnce), wake: make(chan struct{}, 1), looks: map[string]*look{}}
}

// turn is when a probe is due.
type turn struct {
	at time.Time
	id string
	of *look
}

// due is the turns, the next first.
type due []turn

func (d due) Len() int           { return len(d) }
func (d due) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d due) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }

// Push is for package heap.
func (d *due) Push(x any) { *d = append(*d, x.(turn)) }

// Pop is for package heap.
func (d *due) Pop() any {
	x := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return x
}

// plan takes over the probes of an estate. Those that are as before go on.
func (s *schedule) plan(e *estate.Estate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e == s.from {
		return
	}
	s.from = e
	now := time.Now()
	looks := map[string]*look{}
	for _, p := range e.Probes {
		if p.Kind == estate.ProbeWebhook || looks[p.ID] != nil {
			continue
		}
		if _, there := e.System(p.System); !there {
			continue
		}
		every := s.every(p)
		if was := s.looks[p.ID]; was != nil && same(was.spec, p) {
			was.every, was.spec = every, p
			looks[p.ID] = was
			continue
		}
		l := &look{spec: p, every: every}
		looks[p.ID] = l
		h := fnv.New32a()
		_, _ = h.Write([]byte(p.ID))
		first := time.Duration(h.Sum32()) * every / (1 << 32) // spread, the same at each start
		heap.Push(&s.queue, turn{now.Add(min(first, time.Minute)), p.ID, l})
	}
	s.looks = looks
	s.ring()
}

func same(a, b estate.Probe) bool {
	if a.System != b.System || a.Kind != b.Kind || a.Target != b.Target || len(a.Options) != len(b.Options) {
		return false
	}
	for k, v := range a.Options {
		if w, ok := b.Options[k]; !ok || v != w {
			return false
		}
	}
	return true
}

func (s *schedule) every(p estate.Probe) time.Duration {
	every := s.o.Every
	if p.Interval.Stated {
		every = p.Interval.D
	}
	return max(every, quickest, probe.Slowest(string(p.Kind)))
}

func (s *schedule) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run runs what is due until ctx ends, and waits for what runs.
func (s *schedule) run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		t, wait, ok := s.pop()
		if !ok {
			timer.Reset(wait)
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			case <-s.wake:
			}
			continue
		}
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		s.began(t)
		running.Go(func() {
			defer func() { <-s.slots }()
			s.ask(ctx, t)
		})
	}
}

// pop returns the turn that is due, or how long to wait for it. Turns of probes
// that are gone are dropped.
func (s *schedule) pop() (turn, time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 {
		t := s.queue[0]
		if s.looks[t.id] != t.of {
			heap.Pop(&s.queue)
			continue
		}
		if wait := time.Until(t.at); wait > 0 {
			return turn{}, wait, false
		}
		heap.Pop(&s.queue)
		return t, 0, true
	}
	return turn{}, time.Minute, false
}

func (s *schedule) began(t turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ran++
	s.late = max(s.late, time.Since(t.at))
}

// ask runs one probe, keeps its result and plans the next.
func (s *schedule) ask(ctx context.Context, t turn) {
	s.mu.Lock()
	spec := t.of.spec
	s.mu.Unlock()
	res := s.result(ctx, spec)
	if ctx.Err() != nil {
		return
	}
	s.heard(res)
	s.mu.Lock()
	defer s.mu.Unlock()
	l := t.of
	l.last, l.at = res, s.o.Now()
	if l.results = append(l.results, res.Verdict); len(l.results) > remember {
		l.results = l.results[len(l.results)-remember:]
	}
	l.taken = settle(l.results, l.taken, l.every)
	wait := l.every
	if l.taken != res.Verdict { // something changes: look more closely
		wait = max(wait/again, quickest)
	}
	wait += time.Duration(rand.Int64N(int64(wait)/10+1)) - wait/20
	wait = max(wait, probe.Slowest(string(spec.Kind)))
	heap.Push(&s.queue, turn{time.Now().Add(wait), t.id, l})
	s.ring()
}

func (s *schedule) result(ctx context.Context, p estate.Probe) probe.Result {
	if p.Kind == estate.ProbeTILage && !s.o.Telematics {
		return probe.Result{Verdict: probe.Blind, Say: lang.Text{
			DE: "Die Abfrage der Telematik ist nicht eingeschaltet (watch.telematics).", EN: "Asking the telematics is not switched on (watch.telematics).",
		}}
	}
	spec := probe.Spec{Kind: string(p.Kind), Target: p.Target, Options: p.Options, Roots: s.o.Roots, Shared: &s.shared}
	if name := p.Options["secret"]; name != "" {
		blind := probe.Result{Verdict: probe.Blind, Say: lang.Text{
			DE: "Das Kennwort „" + name + "“ ist hier nicht hinterlegt.", EN: "The password “" + name + "” is not stored here.",
		}}
		if s.o.Secret == nil {
			return blind
		}
		var err error
		if spec.Secret, err = s.o.Secret(name); err != nil {
			return blind
		}
	}
	return probe.Run(ctx, spec, s.o.Timeout)
}

// results returns what is known of every probe.
func (s *schedule) results() map[string]look {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]look, len(s.looks))
	for id, l := range s.looks {
		if !l.at.IsZero() {
			out[id] = look{spec: l.spec, every: l.every, taken: l.taken, last: l.last, at: l.at}
		}
	}
	return out
}
