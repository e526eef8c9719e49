package forward

import (
	"context"
	"errors"
	"slices"
	"time"

	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

// Where the destination takes repeats once, the position is written down after
// so many messages or so long; after a crash those since are sent again. Where it
// does not, it is written after each.
const (
	noteEvery = 256
	noteAfter = 2 * time.Second
)

// lane passes on to one destination. It belongs to one goroutine.
type lane struct {
	r *Relay
	d *Destination
	c *hl7.Client

	recs  []journal.Record // read from the journal and not looked at yet
	scan  journal.Seq      // everything up to here was looked at
	count uint64           // accepted since the last fact
	last  time.Time        // when the last one of them was
	fresh journal.Seq      // the last one of them
	since time.Time        // when the first one of them was accepted
}

// pass serves a destination until ctx ends. What was accepted is written down at
// the end.
func (r *Relay) pass(ctx context.Context, d *Destination) {
	l := &lane{r: r, d: d}
	defer l.hangUp()
	l.scan = l.pos()
	for tries := 0; ctx.Err() == nil; {
		err := l.next(ctx)
		if err == nil {
			tries = 0
			continue
		}
		if errDied(err) {
			return
		}
		l.hangUp()
		if ctx.Err() != nil {
			break
		}
		tries++
		r.o.Log.WarnContext(ctx, "forwarding: message not delivered", "destination", d.Name, "tries", tries, "err", err)
		l.wait(ctx, min(r.o.Retry<<min(tries-1, 6), time.Minute))
	}
	if err := l.note(context.WithoutCancel(ctx)); err != nil {
		r.o.Log.WarnContext(ctx, "forwarding: position not written", "destination", d.Name, "err", err)
	}
}

func (l *lane) pos() journal.Seq {
	l.r.now.RLock()
	defer l.r.now.RUnlock()
	s := l.r.now.Fold.Dests[l.d.Name]
	return max(s.Pos, s.Clear)
}

func (l *lane) hangUp() {
	if l.c != nil {
		_ = l.c.Close() // what was not answered is sent again
		l.c = nil
	}
}

// next does one thing: it sends a message that was aside, looks at the next of
// the journal, or waits. With an error the same comes again.
func (l *lane) next(ctx context.Context) error {
	moved := l.r.changed()
	l.r.now.RLock()
	var again *Aside
	if a := l.r.now.Fold.Dests[l.d.Name].ready(); a != nil {
		one := *a
		again = &one
	}
	l.r.now.RUnlock()
	if again != nil {
		return l.once(ctx, again)
	}
	if len(l.recs) == 0 {
		var err error
		if l.recs, err = l.r.j.Read(ctx, l.scan+1, batch); err != nil {
			return err
		}
	}
	if len(l.recs) == 0 {
		return l.idle(ctx, moved)
	}
	rec := &l.recs[0]
	if l.d.wants(rec) {
		if err := l.one(ctx, rec); err != nil {
			return err
		}
	}
	l.scan, l.recs = rec.Seq, l.recs[1:]
	if l.count >= noteEvery || l.count > 0 && (!l.d.Repeats || time.Since(l.since) > noteAfter) {
		return l.note(ctx)
	}
	return nil
}

// idle writes down what was accepted and waits for more.
func (l *lane) idle(ctx context.Context, moved <-chan struct{}) error {
	if err := l.note(ctx); err != nil {
		return err
	}
	l.r.now.Lock()
	delete(l.r.at, l.d.Name)
	s := l.r.now.Fold.Dests[l.d.Name]
	stale := s.Seen > s.Handled && l.scan > s.Pos && l.scan >= l.r.now.Fold.Applied // it wanted more under an earlier configuration
	l.r.now.Unlock()
	if stale {
		return l.fact(ctx, event{Step: passed, To: l.scan})
	}
	select {
	case <-ctx.Done():
	case <-moved:
	}
	return nil
}

// wait lets time pass after a message without an answer; a decision of a person
// ends it sooner.
func (l *lane) wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	was := l.decisions()
	for {
		moved := l.r.changed()
		if l.decisions() != was {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			return
		case <-moved:
		}
	}
}

func (l *lane) decisions() uint64 {
	l.r.now.RLock()
	defer l.r.now.RUnlock()
	return l.r.now.Fold.Dests[l.d.Name].Decided
}

// note writes down up to where everything was accepted.
func (l *lane) note(ctx context.Context) error {
	if l.count == 0 {
		return nil
	}
	return l.fact(ctx, event{Step: passed, To: l.fresh})
}

// fact writes one that moves the position.
func (l *lane) fact(ctx context.Context, e event) error {
	e.Dest, e.N = l.d.Name, l.count
	if e.At = l.last; e.At.IsZero() {
		e.At = l.r.o.Now()
	}
	if err := l.r.write(ctx, journal.NewID(), e); err != nil {
		return err
	}
	l.count, l.last = 0, time.Time{}
	return l.r.dies("noted")
}

// one passes on the next message of the journal, or sets it aside.
func (l *lane) one(ctx context.Context, rec *journal.Record) error {
	e := event{To: rec.Seq, Feed: rec.Source, Received: rec.Received}
	h, err := hl7.ReadHeader(rec.Body)
	if err != nil {
		e.Step, e.Text = refused, "Die Nachricht hat keinen lesbaren Kopf (MSH) und kann nicht weitergegeben werden."
		return l.fact(ctx, e)
	}
	e.Control, e.Type, e.Patient = h.ControlID, h.Type+"^"+h.Event, patientOf(rec.Body)
	l.r.now.Lock()
	l.r.at[l.d.Name] = rec.Received
	s := l.r.now.Fold.Dests[l.d.Name]
	held, skip := s.held(e.Patient), slices.Contains(s.Skip, rec.Seq)
	l.r.now.Unlock()
	switch {
	case skip:
		e.Step = skipped
	case held:
		e.Step = behind
	case h.Enhanced() && !h.WantsAccept() && !h.WantsApplication(true):
		e.Step, e.Text = refused, "Der Absender verlangt keine Antwort (MSH-15, MSH-16). Ob die Nachricht ankommt, wäre nicht zu erfahren."
	default:
		a, err := l.send(ctx, rec)
		if err != nil {
			return l.r.stick(l.d.Name, rec.Seq, e.Control, e.Type, err)
		}
		if positive(string(a.Code)) {
			l.accepted(rec.Seq)
			l.r.unstick(l.d.Name)
			return nil
		}
		e.Step, e.Code, e.Text = refused, string(a.Code), a.Text
	}
	l.r.unstick(l.d.Name)
	return l.fact(ctx, e)
}

func (l *lane) accepted(seq journal.Seq) {
	if l.count == 0 {
		l.since = time.Now()
	}
	l.count, l.fresh, l.last = l.count+1, seq, l.r.o.Now()
}

// once sends a message that was aside.
func (l *lane) once(ctx context.Context, a *Aside) error {
	e := event{Step: settled, Dest: l.d.Name, Seq: a.Seq}
	rec, err := l.r.j.Get(ctx, a.Seq)
	if err != nil {
		return err
	}
	answer, err := l.send(ctx, &rec)
	if err != nil {
		return l.r.stick(l.d.Name, a.Seq, a.Control, a.Type, err)
	}
	l.r.unstick(l.d.Name)
	e.Code, e.Text, e.At = string(answer.Code), answer.Text, l.r.o.Now()
	return l.r.write(ctx, journal.NewID(), e)
}

// send sends the bytes as they came in and returns the answer to them.
func (l *lane) send(ctx context.Context, rec *journal.Record) (hl7.Ack, error) {
	if l.c == nil {
		c, err := hl7.Dial(ctx, l.d.Address, l.d.Dial)
		if err != nil {
			return hl7.Ack{}, err
		}
		l.c = c
	}
	if err := l.r.dies("sending"); err != nil {
		return hl7.Ack{}, err
	}
	raw, err := l.c.Send(ctx, rec.Body)
	if err != nil {
		return hl7.Ack{}, err
	}
	if err := l.r.dies("answered"); err != nil {
		return hl7.Ack{}, err
	}
	return hl7.ParseAck(raw)
}

// patientOf is PID-3 of a message as it was sent; "" if it names nobody.
func patientOf(raw []byte) string {
	m, err := hl7.Parse(raw)
	if err != nil {
		return ""
	}
	if id := m.Get("PID-3.1"); id != "" {
		return id + "^" + m.Get("PID-3.4")
	}
	return ""
}

// stick notes the message that gets no answer, and returns the error.
func (r *Relay) stick(dest string, seq journal.Seq, control, typ string, err error) error {
	r.now.Lock()
	defer r.now.Unlock()
	x := r.stuck[dest]
	if x.Seq != seq {
		x = Stuck{Seq: seq, Control: control, Type: typ, Since: r.o.Now()}
	}
	x.Tries++
	r.stuck[dest] = x
	return err
}

func (r *Relay) unstick(dest string) {
	r.now.Lock()
	defer r.now.Unlock()
	delete(r.stuck, dest)
}

// errKilled is what a test's process dies of.
var errKilled = errors.New("forward: killed")

func errDied(err error) bool { return errors.Is(err, errKilled) }

// dies is where a test may end the process.
func (r *Relay) dies(what string) error {
	if r.step == nil {
		return nil
	}
	return r.step(what)
}
