package handback

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
)

// lanes is the delivery to one target: several connections, one patient on one
// of them at a time, so that a patient's entries arrive in their order and one
// that is stuck keeps nobody else waiting.
type lanes struct {
	b *Book
	t *Target

	mu    sync.Mutex
	busy  map[clinical.PatientKey]bool
	later map[string]time.Time // root of an item that was tried in vain → when to try again
	tries map[string]int
	wake  chan struct{}
}

// deliver drains the target's queue until ctx ends.
func (b *Book) deliver(ctx context.Context, t *Target) {
	l := &lanes{b: b, t: t, busy: map[clinical.PatientKey]bool{}, later: map[string]time.Time{}, tries: map[string]int{}, wake: make(chan struct{}, 1)}
	n := t.Lanes
	if n <= 0 {
		n = 4
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for range n {
		wg.Go(func() { l.run(ctx) })
	}
}

// run is one lane.
func (l *lanes) run(ctx context.Context) {
	way := l.t.outlet()
	defer func() { _ = way.Close() }()
	for ctx.Err() == nil {
		moved := l.b.changed() // before the look: what changes after it wakes this lane
		it, wait, err := l.next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				l.b.log.ErrorContext(ctx, "hand-back queue not read", "target", l.t.Name, "err", err)
			}
			pause(ctx, time.Second)
			continue
		}
		if it == nil {
			l.idle(ctx, moved, wait)
			continue
		}
		fresh, err := l.still(ctx, it)
		if err == nil && fresh != nil {
			it = fresh
			err = l.send(ctx, way, it)
		}
		l.done(it, err)
		if err != nil && ctx.Err() == nil {
			l.b.log.WarnContext(ctx, "hand-back: message not delivered", "target", l.t.Name, "control", it.Control, "err", err)
			_ = way.Close() // an answer that comes after all is nobody's
		}
		if q, err := l.b.Queue(ctx, l.t.Name); err == nil && q.Mode == Slowly {
			slow := l.t.Slow
			if slow <= 0 {
				slow = time.Second
			}
			pause(ctx, slow)
		}
	}
}

// idle waits until moved is closed because the queue moved, or for wait if that is sooner.
func (l *lanes) idle(ctx context.Context, moved <-chan struct{}, wait time.Duration) {
	if wait <= 0 {
		wait = time.Minute
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-moved:
	case <-l.wake:
	case <-t.C:
	}
}

// next claims the oldest entry that may be sent now; nil if there is none, with
// how long until one may be tried again.
func (l *lanes) next(ctx context.Context) (*Item, time.Duration, error) {
	q, err := l.b.Queue(ctx, l.t.Name)
	if err != nil || q.Mode != Flowing && q.Mode != Slowly {
		return nil, 0, err
	}
	list, err := l.b.sendable(ctx, l.t.Name, q.Since)
	if err != nil {
		return nil, 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	var soonest time.Duration
	stuck := map[clinical.PatientKey]bool{}
	for i := range list {
		it := &list[i]
		switch at := l.later[it.Root]; {
		case l.busy[it.Patient] || stuck[it.Patient]:
			continue
		case it.State == Refused || it.State == Unclear: // what comes behind an admission needs it
			stuck[it.Patient] = slices.Contains(it.Kinds, message.Admission)
			continue
		case !l.t.agreed(it):
			continue
		case now.Before(at):
			stuck[it.Patient] = true // the order of a patient's entries is kept
			if d := at.Sub(now); soonest == 0 || d < soonest {
				soonest = d
			}
			continue
		}
		l.busy[it.Patient] = true
		return it, 0, nil
	}
	return nil, soonest, nil
}

// still reads the claimed item once more: between the reading of the queue and
// the claim another lane may have delivered it. Nil means that it is done.
func (l *lanes) still(ctx context.Context, it *Item) (*Item, error) {
	now, err := l.b.item(ctx, l.t.Name, it.Root)
	if err != nil || now == nil || now.State != Released && now.State != Sent {
		return nil, err
	}
	return now, nil
}

// needsTwo reports whether two people release the item.
func (t *Target) needsTwo(it *Item) bool {
	return slices.ContainsFunc(it.Kinds, func(k message.Kind) bool { return slices.Contains(t.FourEyes, k) })
}

// agreed reports whether as many people released the item as its kinds need.
func (t *Target) agreed(it *Item) bool { return it.Needs < 2 || it.Second.Done() }

// done gives the patient free. An item whose delivery failed is tried again
// later; the others go on.
func (l *lanes) done(it *Item, err error) {
	l.mu.Lock()
	delete(l.busy, it.Patient)
	if err == nil {
		delete(l.later, it.Root)
		delete(l.tries, it.Root)
	} else {
		l.tries[it.Root]++
		wait := l.b.o.Retry << min(l.tries[it.Root]-1, 6)
		l.later[it.Root] = time.Now().Add(min(wait, time.Minute))
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// send delivers what is left of an entry's messages, one after the other.
func (l *lanes) send(ctx context.Context, way outlet, it *Item) error {
	if it.State == Sent && !l.t.Repeats { // it left before the last stop, and nobody knows what became of it
		return l.unheard(ctx, it, "Keine Antwort vor dem Neustart.")
	}
	e, err := l.b.entry(ctx, it.Seq)
	if err != nil {
		return err
	}
	subject, hold, err := l.b.subject(ctx, l.t, &e)
	if err != nil || hold != NoHold {
		return errors.Join(err, held(hold))
	}
	s := message.Sending{To: l.t.Target, Entry: &e, About: subject, Before: it.Before, Again: it.Again, Now: l.b.o.Now()}
	if s.Sheet, err = l.b.sheet(ctx, &s); err != nil {
		return err
	}
	all, left, err := way.messages(s)
	if err != nil {
		return err
	}
	if len(all) == 0 && len(left) == 0 {
		return l.record(ctx, it, event{Step: answered, Of: 0, Code: "AA"})
	}
	for n := it.Done; n < len(all); n++ {
		if err := l.one(ctx, way, it, n, len(all), &all[n]); err != nil {
			return err
		}
		if it.State != Released && it.State != Accepted {
			return nil // refused or unclear: with a person
		}
	}
	if len(left) == 0 {
		return nil
	}
	var why []string
	for _, x := range left {
		why = append(why, x.Why.DE)
	}
	return l.record(ctx, it, event{Step: leftover, Text: strings.Join(why, " "), At: l.b.o.Now()})
}

func held(h Hold) error {
	if h == NoHold {
		return nil
	}
	return fmt.Errorf("handback: held: %s", h)
}

// one delivers one message: journalled before it leaves, and its answer before
// anything else goes on.
func (l *lanes) one(ctx context.Context, way outlet, it *Item, n, of int, m *message.Message) error {
	if err := way.ready(ctx); err != nil {
		return err
	}
	sum := sha256.Sum256(m.Raw)
	it.Control = m.Control
	if err := l.record(ctx, it, event{Step: sending, N: n, Of: of, Control: m.Control, Type: m.Type, Sum: sum[:], At: l.b.o.Now()}); err != nil {
		return err
	}
	a, err := way.send(ctx, m)
	if err == nil {
		it.State = Released
		if !positive(a.code) {
			it.State = Refused
		}
		return l.record(ctx, it, event{Step: answered, N: n, Of: of, Control: m.Control, Code: a.code, Text: a.text, At: l.b.o.Now()})
	}
	if l.t.Repeats || ctx.Err() != nil {
		return err // sent again with the same control ID
	}
	it.State = Unclear
	return errors.Join(l.unheard(ctx, it, "Keine Antwort."), way.Close())
}

func (l *lanes) unheard(ctx context.Context, it *Item, why string) error {
	return l.record(ctx, it, event{Step: unheard, Control: it.Control, Text: why, At: l.b.o.Now()})
}

// record appends what happened to a message. The same fact of the same attempt
// is one record.
func (l *lanes) record(ctx context.Context, it *Item, e event) error {
	e.Target, e.Root, e.Key, e.Patient = l.t.Name, it.Root, it.Key, it.Patient
	_, err := l.b.write(ctx, journal.NewID(), e)
	return err
}
