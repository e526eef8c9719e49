package handback

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// lanes is the delivery to one target: several connections, one patient on one
// of them at a time, so that a patient's entries arrive in their order and one
// that is stuck keeps nobody else waiting.
//
// Memory holds whose turn it is, never what waits: of a patient the oldest item
// is read when a lane takes that one.
type lanes struct {
	b *Book
	t *Target

	mu      sync.Mutex
	ready   turns                             // whose turn it is, the oldest first
	waits   map[clinical.PatientKey]bool      // is in ready
	busy    map[clinical.PatientKey]bool      // on a lane; true: something happened meanwhile
	later   map[clinical.PatientKey]time.Time // tried in vain: when to try again
	tries   map[clinical.PatientKey]int       // in vain, since the last success
	mark    map[clinical.PatientKey]uint64    // answers of the target when a patient was tried in vain first
	answers uint64                            // of the target, to anything
	mutes   int                               // messages in a row that nobody answered and that are not sent again
	down    int                               // times in a row that no connection was had
	alone   time.Time                         // until then the target wants nothing
	wake    chan struct{}                     // closed and replaced when a patient is free again
}

// turn is a patient with the first record of the oldest item.
type turn struct {
	first journal.Seq
	p     clinical.PatientKey
}

// turns is a heap.
type turns []turn

func (h turns) Len() int           { return len(h) }
func (h turns) Less(i, j int) bool { return h[i].first < h[j].first }
func (h turns) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *turns) Push(x any)        { *h = append(*h, x.(turn)) }
func (h *turns) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func newLanes(b *Book, t *Target) *lanes {
	return &lanes{
		b: b, t: t, waits: map[clinical.PatientKey]bool{}, busy: map[clinical.PatientKey]bool{}, later: map[clinical.PatientKey]time.Time{},
		tries: map[clinical.PatientKey]int{}, mark: map[clinical.PatientKey]uint64{}, wake: make(chan struct{}),
	}
}

// load takes in everybody who has something open.
func (l *lanes) load(ctx context.Context) error {
	heads, err := l.b.heads(ctx, l.t.Name)
	if err != nil {
		return err
	}
	l.touch(heads)
	return nil
}

// touch says that something happened with items of patients: they are looked at
// anew, also those that were to be tried later.
func (l *lanes) touch(patients map[clinical.PatientKey]journal.Seq) {
	l.mu.Lock()
	defer l.mu.Unlock()
	news := len(patients) == 0
	for p, first := range patients {
		if _, ok := l.busy[p]; ok {
			l.busy[p] = true
			continue
		}
		delete(l.later, p)
		l.push(p, first)
		news = true
	}
	if news {
		l.free()
	}
}

// push gives a patient a turn. The caller holds the lock.
func (l *lanes) push(p clinical.PatientKey, first journal.Seq) {
	if !l.waits[p] {
		l.waits[p] = true
		heap.Push(&l.ready, turn{first, p})
	}
}

// next claims the oldest entry that may be sent now; nil if there is none, with
// how long until one may be tried again. While nothing is drained it claims only
// what must be settled: messages that are not sent again.
func (l *lanes) next(ctx context.Context, lane int) (*Item, time.Duration, error) {
	q, err := l.b.Queue(ctx, l.t.Name)
	if err != nil {
		return nil, 0, err
	}
	if q.Mode != Flowing && (q.Mode != Slowly || lane > 0) {
		it, err := l.stopped(ctx)
		return it, 0, err
	}
	for {
		x, wait, ok := l.claim()
		if !ok {
			return nil, wait, nil
		}
		it, err := l.b.head(ctx, l.t.Name, x.p)
		if err == nil && it != nil {
			return it, 0, nil
		}
		l.mu.Lock()
		again := l.busy[x.p] || err != nil
		delete(l.busy, x.p)
		if again {
			l.push(x.p, x.first)
		}
		l.mu.Unlock()
		if err != nil {
			return nil, 0, err
		}
	}
}

// stopped claims an item that is under way and is not sent again.
func (l *lanes) stopped(ctx context.Context) (*Item, error) {
	list, err := l.b.underWay(ctx, l.t.Name)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range list {
		it := &list[i]
		if _, ok := l.busy[it.Patient]; !ok && l.settled(it) {
			l.busy[it.Patient] = false
			return it, nil
		}
	}
	return nil, nil
}

// claim takes the next turn; without one it says how long until there is one.
func (l *lanes) claim() (turn, time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if wait := l.alone.Sub(now); wait > 0 {
		return turn{}, wait, false
	}
	var soonest time.Duration
	for p, at := range l.later {
		if wait := at.Sub(now); wait > 0 {
			if soonest == 0 || wait < soonest {
				soonest = wait
			}
			continue
		}
		delete(l.later, p)
		l.push(p, 0)
	}
	for len(l.ready) > 0 {
		x := heap.Pop(&l.ready).(turn)
		delete(l.waits, x.p)
		if _, ok := l.busy[x.p]; ok { // a lane settles something of theirs: it gives the turn back
			l.busy[x.p] = true
			continue
		}
		l.busy[x.p] = false
		return x, 0, true
	}
	return turn{}, soonest, false
}

// settled reports whether the item is under way and not to be sent again: only
// what became of it must be noted.
func (l *lanes) settled(it *Item) bool {
	return it.State == Sent && (!l.t.Repeats || it.s.Stopped || it.s.Past != "")
}

// unclaim gives a patient free whose turn it still is.
func (l *lanes) unclaim(it *Item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, it.Patient)
	l.push(it.Patient, it.First)
	l.free()
}

// done gives a patient free. One whose delivery failed is tried again later; the
// others go on.
func (l *lanes) done(it *Item, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, it.Patient)
	if err == nil {
		delete(l.tries, it.Patient)
		delete(l.mark, it.Patient)
		l.push(it.Patient, it.First)
	} else {
		if l.tries[it.Patient]++; l.tries[it.Patient] == 1 {
			l.mark[it.Patient] = l.answers
		}
		l.later[it.Patient] = time.Now().Add(l.backoff(l.tries[it.Patient]))
	}
	l.free()
}

// free wakes the lanes that wait. The caller holds the lock.
func (l *lanes) free() {
	close(l.wake)
	l.wake = make(chan struct{})
}

func (l *lanes) woken() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wake
}

// backoff is how long to wait after so many failures: doubled up to a minute.
func (l *lanes) backoff(tries int) time.Duration {
	return min(l.b.o.Retry<<min(max(tries, 1)-1, 16), time.Minute)
}

// leave notes that the target said for how long it wants to be left alone.
func (l *lanes) leave(err error) {
	no := (*notTaken)(nil)
	if !errors.As(err, &no) || no.after <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(no.after); until.After(l.alone) {
		l.alone = until
	}
}

// heard notes an answer of the target.
func (l *lanes) heard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers++
	l.down, l.mutes = 0, 0
}

// silent counts a message without an answer, and returns how many there were in
// a row.
func (l *lanes) silent() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mutes++
	return l.mutes
}

// mute reports whether the target answers others and not this item.
func (l *lanes) mute(it *Item) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return it.Attempts >= enough && l.tries[it.Patient] > 0 && l.answers > l.mark[it.Patient]
}

// hopeless reports whether an entry that could not be made ready is not tried
// again by itself: the target answers others, or the fault is on this side and
// has been there for minutes.
func (l *lanes) hopeless(it *Item, ours bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.tries[it.Patient]
	return n >= enough && (l.answers > l.mark[it.Patient] || ours && n >= 2*enough)
}

// unreached notes that no connection was had, and returns how long to wait.
func (l *lanes) unreached() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down++
	return l.backoff(l.down)
}
