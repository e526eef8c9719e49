package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/hl7"
)

const (
	lanesPerFeed = 32                    // connections of one feed while filling
	answerWithin = 20 * time.Second      // then the message counts as not delivered
	firstPause   = 50 * time.Millisecond // before the first repetition
	longestPause = 5 * time.Second       // between two repetitions
	slice        = 12 * 3600             // seconds of history that are sent together
)

// Fill sends the history through the sockets and returns when everything is
// acknowledged. Each feed uses several connections; messages of one patient
// keep their order, and what the KIS says of half a day arrives before
// what the other systems say of it. A message without an answer is sent again
// until ctx ends. The switches of Power do not hold for the history.
func (h *House) Fill(ctx context.Context) error {
	f := newFiller(h.plan.Feeds)
	defer f.close()
	var batch []Message
	var until int64
	var fail error
	w := h.tell(ctx, func(m Message) bool {
		if at := m.At.Unix(); at >= until {
			fail = f.send(ctx, batch)
			batch, until = batch[:0], at-mod(at, slice)+slice
		}
		batch = append(batch, m)
		return fail == nil
	})
	if fail == nil && w != nil {
		fail = f.send(ctx, batch)
	}
	if fail == nil {
		fail = ctx.Err()
	}
	if fail != nil {
		return fmt.Errorf("demo fill: %w", fail)
	}
	h.mu.Lock()
	h.world = w
	h.mu.Unlock()
	return nil
}

// filler holds the connections of all feeds.
type filler struct{ lines map[string][]*line }

func newFiller(addrs map[string]string) *filler {
	f := &filler{lines: map[string][]*line{}}
	for _, x := range feeds {
		if addrs[x.name] == "" {
			continue
		}
		for range lanesPerFeed {
			f.lines[x.name] = append(f.lines[x.name], &line{addr: addrs[x.name]})
		}
	}
	return f
}

func (f *filler) close() {
	for _, lines := range f.lines {
		for _, l := range lines {
			l.hangUp()
		}
	}
}

// send sends a batch: first the patients and their movements, then the rest.
func (f *filler) send(ctx context.Context, batch []Message) error {
	isADT := func(m Message) bool { return m.Feed == KISADT }
	for _, first := range []bool{true, false} {
		queues := map[*line][]Message{}
		for _, m := range batch {
			lines := f.lines[m.Feed]
			if isADT(m) != first || len(lines) == 0 {
				continue
			}
			l := lines[m.lane%uint32(len(lines))]
			queues[l] = append(queues[l], m)
		}
		var g errgroup.Group // one context for all slices: each connection watches one
		for l, queue := range queues {
			g.Go(func() error {
				for _, m := range queue {
					if err := l.deliver(ctx, m.Raw); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// line is one connection to a listener, opened when it is needed. It belongs
// to one goroutine at a time, and to one context in all its life.
type line struct {
	addr string
	conn *hl7.Conn
}

func (l *line) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close() // what was not answered is sent again
		l.conn = nil
	}
}

// errRefused means that the receiver answered: not now.
var errRefused = errors.New("message was not accepted")

// deliver sends raw until it is accepted, or ctx ends. An answer AE or CE says
// that the same bytes would fail again: it ends the message, too.
func (l *line) deliver(ctx context.Context, raw []byte) error {
	head, err := hl7.ReadHeader(raw)
	if err != nil {
		return err
	}
	pause := firstPause
	for {
		err := l.once(ctx, raw, head.ControlID)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errRefused) {
			l.hangUp()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(pause*2, longestPause)
	}
}

// once sends raw and reads its answer; answers to other messages are read over.
func (l *line) once(ctx context.Context, raw []byte, id string) error {
	if l.conn == nil {
		nc, err := (&net.Dialer{Timeout: answerWithin}).DialContext(ctx, "tcp", l.addr)
		if err != nil {
			return err
		}
		l.conn = hl7.NewConn(nc, hl7.Limits{Idle: answerWithin})
	}
	if err := l.conn.WriteFrame(raw); err != nil {
		return err
	}
	for {
		answer, err := l.conn.ReadFrame(ctx)
		if err != nil {
			return err
		}
		a, err := hl7.ParseAck(answer)
		switch {
		case err != nil || a.ControlID != id:
			continue
		case a.Code == hl7.AR, a.Code == hl7.CR:
			return errRefused
		}
		return nil
	}
}
