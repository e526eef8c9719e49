package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// tick is how often the living house looks at its clock.
const tick = 200 * time.Millisecond

// Now returns the time in the house: Plan.Start until it began to live (Live, or
// Plan.Began), then Plan.Start plus what has passed since, times Plan.Speed.
func (h *House) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now()
}

func (h *House) now() time.Time {
	begun := h.begun
	if !h.living {
		begun = h.plan.Began
	}
	if begun.IsZero() {
		return h.plan.Start
	}
	return h.plan.Start.Add(time.Duration(float64(time.Since(begun)) * h.plan.Speed))
}

// errLiving means that Live was called twice.
var errLiving = errors.New("demo: the house lives already")

// Live goes on from Plan.Start (or from where Fill ended) until ctx ends, and
// sends each message when it happens. A message without an answer is sent
// again, those behind it wait. What happened since Plan.Began is caught up
// with first: a demo that is started anew with the same plan tells the same
// messages again, which their receiver knows. It returns the error of ctx.
func (h *House) Live(ctx context.Context) error {
	h.mu.Lock()
	if h.living {
		h.mu.Unlock()
		return errLiving
	}
	w := h.world
	h.living, h.begun = true, h.plan.Began
	if h.begun.IsZero() {
		h.begun = time.Now()
	}
	h.mu.Unlock()
	if w == nil {
		if w = h.tell(ctx, func(Message) bool { return true }); w == nil {
			return ctx.Err()
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	boxes := map[string]*outbox{}
	for _, f := range feeds {
		if addr := h.plan.Feeds[f.name]; addr != "" {
			box := newOutbox(f.name)
			boxes[f.name] = box
			g.Go(func() error { return h.deliver(ctx, box, addr) })
		}
	}
	w.out = func(m Message) {
		if box := boxes[m.Feed]; box != nil {
			box.put(m)
		}
	}
	g.Go(func() error { return h.run(ctx, w) })
	return g.Wait()
}

// run lets the world catch up with the clock, again and again.
func (h *House) run(ctx context.Context, w *world) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		w.runTo(h.Now().Unix())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// deliver sends what is in the box, one after the other, while the feed is on.
func (h *House) deliver(ctx context.Context, box *outbox, addr string) error {
	l := &line{addr: addr}
	defer l.hangUp()
	var on time.Time // when the system came back last: what is older is a late entry
	for {
		m, err := box.next(ctx)
		if err != nil {
			return err
		}
		waited, err := h.waitForPower(ctx, box.feed, l)
		if err != nil {
			return err
		}
		if waited {
			on = h.Now()
		}
		raw := m.Raw
		if m.At.Before(on) {
			raw = late(raw, h.Now().In(h.plan.Zone))
		}
		if err := l.deliver(ctx, raw); err != nil {
			return fmt.Errorf("demo live: %w", err)
		}
	}
}

// waitForPower hangs up and waits while the feed is off; it reports whether it
// had to wait.
func (h *House) waitForPower(ctx context.Context, feed string, l *line) (waited bool, err error) {
	for ; ; waited = true {
		h.mu.Lock()
		on, changed := h.powered(feed), h.changed
		h.mu.Unlock()
		if on {
			return waited, nil
		}
		l.hangUp()
		select {
		case <-ctx.Done():
			return waited, ctx.Err()
		case <-changed:
		}
	}
}

// late makes a message of an earlier time a late entry: it is sent and recorded
// now (MSH-7, EVN-2); when it happened (EVN-6, ZBE-2, OBX-14 …) stays.
func late(raw []byte, now time.Time) []byte {
	out := slices.Clone(raw)
	stamp := now.Format("20060102150405")
	restamp(out, 0, 6, stamp)
	if i := bytes.Index(out, []byte("\rEVN|")); i >= 0 {
		restamp(out, i+1, 2, stamp)
	}
	return out
}

// restamp overwrites the timestamp behind the n-th field separator of the
// segment that begins at i, if there is a full one.
func restamp(b []byte, i, n int, stamp string) {
	for ; n > 0; n-- {
		next := bytes.IndexByte(b[i:], '|')
		if next < 0 {
			return
		}
		i += next + 1
	}
	end := bytes.IndexAny(b[i:], "|\r")
	if end == len(stamp) {
		copy(b[i:], stamp)
	}
}

// outbox is the queue of one feed. It has no limit: while a system is off its
// ward goes on.
type outbox struct {
	feed string
	mu   sync.Mutex
	list []Message
	more chan struct{} // holds one token while the list may have grown
}

func newOutbox(feed string) *outbox { return &outbox{feed: feed, more: make(chan struct{}, 1)} }

func (o *outbox) put(m Message) {
	o.mu.Lock()
	o.list = append(o.list, m)
	o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
}

// next takes the oldest message, and waits for one.
func (o *outbox) next(ctx context.Context) (Message, error) {
	for {
		o.mu.Lock()
		if len(o.list) > 0 {
			m := o.list[0]
			o.list[0] = Message{}
			o.list = o.list[1:]
			o.mu.Unlock()
			return m, nil
		}
		o.mu.Unlock()
		select {
		case <-ctx.Done():
			return Message{}, ctx.Err()
		case <-o.more:
		}
	}
}
