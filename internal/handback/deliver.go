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

// enough is how often a message is sent without an answer, while the target
// answers others, until a person is asked.
const enough = 5

// linger is how long a connection without a message stays open. A receiver that
// hangs up an idle one must not make a message unclear.
const linger = 5 * time.Second

// maxKept is the longest message in bytes that the journal keeps as it left.
// Longer ones hold a sheet, which is drawn alike each time.
const maxKept = 16 << 10

// point is a place where a process can die, for the tests of what follows.
type point string

// The points, in the order in which a message, then a report, passes them.
const (
	beforeSending point = "before sending is journalled"
	beforeBytes   point = "before the bytes leave"
	beforeAnswer  point = "before the answer is journalled"
	afterAnswer   point = "after the answer is journalled"
	beforeReport  point = "before a report is journalled"
	afterReport   point = "after a report is journalled"
)

var errDead = errors.New("handback: the process died")

// alive asks a test whether the process dies here. What is dead writes nothing
// any more.
func (b *Book) alive(at point) error {
	if b.dies != nil && (b.dead.Load() || b.dies(at)) {
		b.dead.Store(true)
		return errDead
	}
	return nil
}

// deliver drains the target's queue until ctx ends.
func (b *Book) deliver(ctx context.Context, t *Target) {
	l := newLanes(b, t)
	b.mu.Lock()
	b.lanes[t.Name] = l // from here on the fold says what changes
	b.mu.Unlock()
	for {
		err := l.load(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			break
		}
		b.log.ErrorContext(ctx, "hand-back queue not read", "target", t.Name, "err", err)
		pause(ctx, time.Second)
	}
	if q, err := b.Queue(ctx, t.Name); err == nil && q.Braked {
		b.o.Braked(t.Name, true)
	}
	n := t.Lanes
	if n <= 0 {
		n = 4
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for lane := range n {
		wg.Go(func() { l.run(ctx, lane) })
	}
}

// run is one lane.
func (l *lanes) run(ctx context.Context, lane int) {
	way := l.t.outlet()
	defer func() { _ = way.Close() }()
	for ctx.Err() == nil && !l.b.dead.Load() {
		woken := l.woken() // before the look: what changes after it wakes this lane
		it, wait, err := l.next(ctx, lane)
		if err != nil {
			if ctx.Err() == nil {
				l.b.log.ErrorContext(ctx, "hand-back queue not read", "target", l.t.Name, "err", err)
			}
			pause(ctx, time.Second)
			continue
		}
		if it == nil {
			l.idle(ctx, way, woken, wait)
			continue
		}
		if err := l.connect(ctx, way, it); err != nil {
			l.unclaim(it)
			l.b.log.WarnContext(ctx, "hand-back: target not reached", "target", l.t.Name, "err", err)
			pause(ctx, l.unreached())
			continue
		}
		err = l.send(ctx, way, it)
		l.done(it, err)
		if err != nil && ctx.Err() == nil {
			l.b.log.WarnContext(ctx, "hand-back: message not delivered", "target", l.t.Name, "control", it.Control, "err", err)
			_ = way.Close() // an answer that comes after all is nobody's
			l.leave(err)
		}
		l.slow(ctx)
	}
}

// connect connects, where the item needs it.
func (l *lanes) connect(ctx context.Context, way outlet, it *Item) error {
	if l.settled(it) {
		return nil
	}
	return way.ready(ctx)
}

// slow pauses after an entry while the queue is drained slowly.
func (l *lanes) slow(ctx context.Context) {
	if q, err := l.b.Queue(ctx, l.t.Name); err != nil || q.Mode != Slowly {
		return
	}
	d := l.t.Slow
	if d <= 0 {
		d = time.Second
	}
	pause(ctx, d)
}

// idle waits until something changed, or for wait if that is sooner. A
// connection that is not needed is ended.
func (l *lanes) idle(ctx context.Context, way outlet, woken <-chan struct{}, wait time.Duration) {
	for _, d := range []time.Duration{linger, time.Minute} {
		last := wait > 0 && wait <= d
		if last {
			d = wait
		}
		t := time.NewTimer(d)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-woken:
			t.Stop()
			return
		case <-t.C:
		}
		if last {
			return
		}
		_ = way.Close()
	}
}

// needsTwo reports whether two people release the item.
func (t *Target) needsTwo(it *Item) bool {
	return slices.ContainsFunc(it.Kinds, func(k message.Kind) bool { return slices.Contains(t.FourEyes, k) })
}

// agreed reports whether as many people released the item as its kinds need.
func (t *Target) agreed(it *Item) bool { return it.Needs < 2 || it.Second.Done() }

// Why nobody knows what became of a message, for people.
const (
	unheardStop    = "Vor dem Neustart kam keine Antwort. Bitte im Zielsystem nachsehen."
	unheardAnswer  = "Keine Antwort. Bitte im Zielsystem nachsehen."
	unheardRecall  = "Zurückgezogen, als die Nachricht schon unterwegs war. Bitte im Zielsystem nachsehen."
	unheardMute    = "Das Zielsystem antwortet auf andere Nachrichten, auf diese nicht. Bitte dort nachsehen."
	unreadyHere    = "Aus diesem Eintrag ließ sich mehrmals keine Nachricht machen. Bitte von Hand eintragen und die IT rufen."
	unreadyThere   = "Das Zielsystem sagt nicht, wer diese Person und was dieser Aufenthalt dort ist; auf andere Nachrichten antwortet es. Bitte dort nachsehen."
	unheardPatient = "Seit dem ersten Versuch hat sich die Patientennummer geändert. Bitte im Zielsystem nachsehen."
)

// send delivers what is left of an entry's messages, one after the other.
func (l *lanes) send(ctx context.Context, way outlet, it *Item) error {
	switch {
	case it.State == Sent && (it.s.Past != "" || it.s.Stopped):
		return l.unheard(ctx, it, unheardRecall)
	case it.State == Sent && !l.t.Repeats: // it left before the last stop, and nobody knows what became of it
		return l.unheard(ctx, it, unheardStop)
	case it.State == Sent && l.mute(it):
		return l.unheard(ctx, it, unheardMute)
	}
	e, err := l.b.entry(ctx, it.Seq)
	if err != nil {
		return l.unready(ctx, it, err, true)
	}
	subject, conflict, err := l.b.subject(ctx, l.t, &e, it)
	if err != nil {
		return l.unready(ctx, it, err, true)
	}
	if conflict != nil { // nobody has confirmed it: back to a person
		return l.record(ctx, it, event{Step: withheld, Hold: conflict.Kind, Text: conflict.Say.DE, Turn: it.s.Turn, At: l.b.o.Now()})
	}
	s := message.Sending{To: l.t.Target, Entry: &e, About: subject, Before: it.Before, Had: it.s.Had, Again: it.Again, Now: l.b.o.Now()}
	if s.Sheet, err = l.b.sheet(ctx, &s); err != nil {
		return l.unready(ctx, it, err, true)
	}
	all, left, err := way.messages(s)
	if err != nil {
		return l.unready(ctx, it, err, true)
	}
	if all, err = l.b.joining(ctx, l.t, &e, all); err != nil {
		return err
	}
	to := ""
	if len(subject.IDs) > 0 {
		to = subject.IDs[0].Value
	}
	if it.State == Sent {
		if it.s.To != to {
			return l.unheard(ctx, it, unheardPatient)
		}
		same := slices.IndexFunc(all, func(m message.Message) bool { return m.Control == it.Control })
		if same < 0 {
			return l.unheard(ctx, it, unheardStop) // what the target takes was changed meanwhile
		}
		if raw, err := l.b.raw(ctx, it.s.Leaves); err != nil {
			return err
		} else if raw != nil {
			all[same].Raw = raw // what is around the entry may have changed: a transfer, a name
		}
	}
	return l.sendAll(ctx, way, it, event{Of: len(all), Left: reasons(left), To: to}, all)
}

// reasons says in words what no message says.
func reasons(left []message.Left) string {
	var why []string
	for _, x := range left {
		if !slices.Contains(why, x.Why.DE) {
			why = append(why, x.Why.DE)
		}
	}
	return strings.Join(why, " ")
}

// sendAll delivers those of the messages that were not taken yet.
func (l *lanes) sendAll(ctx context.Context, way outlet, it *Item, e event, all []message.Message) error {
	open := slices.DeleteFunc(all, func(m message.Message) bool { return slices.Contains(it.s.Done, m.Part) })
	if it.State == Sent { // the one under way first
		slices.SortStableFunc(open, func(a, b message.Message) int {
			return boolInt(b.Control == it.Control) - boolInt(a.Control == it.Control)
		})
	}
	for i := range open {
		e.Part, e.Last, e.Turn = open[i].Part, i == len(open)-1, it.s.Turn
		if more, err := l.one(ctx, way, it, e, &open[i]); err != nil || !more {
			return err
		}
	}
	if len(open) > 0 {
		return nil
	}
	return l.record(ctx, it, event{Step: leftover, Text: e.Left, At: l.b.o.Now()})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// one delivers one message: journalled before it leaves, and its answer before
// anything else goes on. It reports whether the next one may follow.
func (l *lanes) one(ctx context.Context, way outlet, it *Item, e event, m *message.Message) (more bool, err error) {
	if err := way.prepare(ctx, m); err != nil {
		return false, l.unready(ctx, it, err, false)
	}
	if err := l.b.alive(beforeSending); err != nil {
		return false, err
	}
	sum := sha256.Sum256(m.Raw)
	it.Control = m.Control
	e.Step, e.Control, e.Type, e.Sum, e.At = sending, m.Control, m.Type, sum[:], l.b.o.Now()
	if len(m.Raw) <= maxKept {
		e.Raw = m.Raw
	}
	seq, err := l.write(ctx, it, e)
	if err != nil {
		return false, err
	}
	// The journal decides what came first, the message or a person who stopped it.
	now, err := l.b.item(ctx, l.t.Name, it.Root)
	if err != nil || now == nil || now.State != Sent || now.s.Leaves != seq {
		return false, err
	}
	if err := l.b.alive(beforeBytes); err != nil {
		return false, err
	}
	a, err := way.send(ctx, m)
	if dead := l.b.alive(beforeAnswer); dead != nil {
		return false, dead
	}
	if err != nil {
		if l.t.Repeats || ctx.Err() != nil {
			return false, err // sent again with the same control ID
		}
		if no := (*notTaken)(nil); errors.As(err, &no) && no.sure {
			return false, errors.Join(err, l.record(ctx, it, event{Step: untaken, Control: m.Control, Part: m.Part, At: l.b.o.Now()}))
		}
		return false, errors.Join(l.brake(ctx), l.unheard(ctx, it, unheardAnswer), way.Close())
	}
	l.heard()
	e.Step, e.Code, e.Text, e.Sum, e.Raw, e.At = answered, a.code, a.text, nil, nil, l.b.o.Now()
	if err := l.record(ctx, it, e); err != nil {
		return false, err
	}
	if err := l.b.alive(afterAnswer); err != nil {
		return false, err
	}
	now, err = l.b.item(ctx, l.t.Name, it.Root)
	if err != nil || now == nil || now.Key != it.Key || now.State != Released {
		return false, err
	}
	it.s = now.s
	return true, nil
}

// itself is who pauses a queue without being asked to.
var itself = clinical.Staff{ID: "notbetrieb", Name: "Notbetrieb"}

// brake counts a message that nobody answered and that is not sent again, and
// pauses the queue when it is one too many in a row: a target that went silent
// must not make every entry unclear, one after the other.
func (l *lanes) brake(ctx context.Context) error {
	n := l.t.Brake
	if n <= 0 {
		n = 3
	}
	if l.silent() < n {
		return nil
	}
	q, err := l.b.Queue(ctx, l.t.Name)
	if err != nil || !q.Mode.drains() {
		return err
	}
	act := Act{By: itself, At: l.b.o.Now(), Why: fmt.Sprintf("%d Nachrichten nacheinander ohne Antwort", n)}
	if _, err := l.b.write(ctx, journal.NewID(), event{Step: opened, Target: l.t.Name, Mode: Paused, Act: act}); err != nil {
		return err
	}
	l.heard()
	l.b.log.ErrorContext(ctx, "hand-back paused by itself: the target does not answer", "target", l.t.Name, "messages", n)
	l.b.o.Braked(l.t.Name, true)
	return nil
}

// unready is what becomes of an entry that could not be made ready for sending:
// it is tried again, and in the end with a person, so that nothing stays released
// without anybody knowing why. ours says that the fault is on this side.
func (l *lanes) unready(ctx context.Context, it *Item, err error, ours bool) error {
	if ctx.Err() != nil || !l.hopeless(it, ours) {
		return err
	}
	l.b.log.ErrorContext(ctx, "hand-back: entry could not be made ready, a person must look", "target", l.t.Name, "record", uint64(it.Seq), "err", err)
	why := unreadyThere
	if ours {
		why = unreadyHere
	}
	if it.State == Sent {
		return l.unheard(ctx, it, why)
	}
	return l.record(ctx, it, event{Step: withheld, Hold: Unready, Text: why, Turn: it.s.Turn, At: l.b.o.Now()})
}

func (l *lanes) unheard(ctx context.Context, it *Item, why string) error {
	key := it.Key
	if it.s.Past != "" {
		key = it.s.Past
	}
	e := event{Step: unheard, Key: key, Control: it.Control, Text: why, At: l.b.o.Now()}
	_, err := l.write(ctx, it, e)
	return err
}

// record appends what happened to a message.
func (l *lanes) record(ctx context.Context, it *Item, e event) error {
	_, err := l.write(ctx, it, e)
	return err
}

func (l *lanes) write(ctx context.Context, it *Item, e event) (journal.Seq, error) {
	e.Target, e.Root, e.Patient = l.t.Name, it.Root, it.Patient
	if e.Key == "" {
		e.Key = it.Key
	}
	return l.b.write(ctx, journal.NewID(), e)
}
