package demo

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/hl7"
)

// ward is a receiver that acknowledges what it is sent, and remembers it.
type ward struct {
	addr string
	mu   sync.Mutex
	got  []string       // control IDs in the order of arrival
	seen map[string]int // control ID → how often it was accepted
	kind map[string]int // type^event
	last map[string]string
	mood func(n int) hl7.AckCode // "" hangs up without an answer
	n    int
	new  chan struct{}
}

func listen(t *testing.T, mood func(int) hl7.AckCode) *ward {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &ward{addr: ln.Addr().String(), seen: map[string]int{}, kind: map[string]int{}, last: map[string]string{}, mood: mood, new: make(chan struct{}, 1)}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go w.serve(t.Context(), nc)
		}
	}()
	return w
}

func (w *ward) serve(ctx context.Context, nc net.Conn) {
	c := hl7.NewConn(nc, hl7.Limits{})
	defer func() { _ = c.Close() }()
	for {
		raw, err := c.ReadFrame(ctx)
		if err != nil {
			return
		}
		h, err := hl7.ReadHeader(raw)
		if err != nil {
			return
		}
		code := w.note(h, raw)
		if code == "" {
			return
		}
		if err := c.WriteFrame(hl7.Answer(h, code, "", time.Now(), "1")); err != nil {
			return
		}
	}
}

func (w *ward) note(h hl7.Header, raw []byte) hl7.AckCode {
	w.mu.Lock()
	defer w.mu.Unlock()
	code := hl7.AA
	if w.mood != nil {
		code = w.mood(w.n)
	}
	w.n++
	if code.Positive() {
		w.got = append(w.got, h.ControlID)
		w.seen[h.ControlID]++
		w.kind[h.Type+"^"+h.Event]++
		w.last[h.ControlID] = string(raw)
	}
	select {
	case w.new <- struct{}{}:
	default:
	}
	return code
}

func (w *ward) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.got)
}

// until waits for done, looking after each message.
func (w *ward) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	limit := time.After(60 * time.Second)
	for !done() {
		select {
		case <-w.new:
		case <-limit:
			t.Fatalf("still waiting for %s", what)
		}
	}
}

func everyFeed(addr string) map[string]string {
	all := map[string]string{}
	for _, f := range feeds {
		all[f.name] = addr
	}
	return all
}

func TestFillSendsTheWholeHistoryThoughTheReceiverIsMoody(t *testing.T) {
	t.Parallel()
	w := listen(t, func(n int) hl7.AckCode {
		switch {
		case n%97 == 13:
			return "" // the connection breaks
		case n%101 == 7:
			return hl7.AR
		}
		return hl7.AA
	})
	p := testPlan(5)
	p.Small, p.Feeds = true, everyFeed(w.addr)
	h := New(p)
	want := map[string]bool{}
	var lanes = map[uint32][]string{}
	for m := range h.History(t.Context()) {
		head, err := hl7.ReadHeader(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		want[head.ControlID] = true
		if m.Feed == KISADT {
			lanes[m.lane] = append(lanes[m.lane], head.ControlID)
		}
	}
	if err := h.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.count() != len(want) {
		t.Errorf("%d messages accepted, want %d", w.count(), len(want))
	}
	place := map[string]int{}
	for i, id := range w.got {
		place[id] = i
		if !want[id] || w.seen[id] != 1 {
			t.Errorf("message %s accepted %d times", id, w.seen[id])
		}
	}
	for _, ids := range lanes {
		for i := 1; i < len(ids); i++ {
			if place[ids[i-1]] > place[ids[i]] {
				t.Errorf("messages of one patient changed their order")
			}
		}
	}
}

func TestFillOfTheWholeHouse(t *testing.T) {
	t.Parallel()
	w := listen(t, nil)
	p := testPlan(1)
	p.Feeds = everyFeed(w.addr)
	h := New(p)
	begin := time.Now()
	if err := h.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages in %s", w.count(), time.Since(begin))
}

func TestTheKISThatWasOffSendsWhatHappenedMeanwhile(t *testing.T) {
	t.Parallel()
	kis, other := listen(t, nil), listen(t, nil)
	p := testPlan(9)
	p.Speed, p.Feeds = 3600, everyFeed(other.addr)
	for _, f := range []string{KISADT, KISOrders, TERMINE, DOCS} {
		p.Feeds[f] = kis.addr
	}
	h := New(p)
	h.Power("kis", false)
	if h.Powered("kis") || h.Powered(KISADT) || !h.Powered(LIS) {
		t.Fatalf("the switch of the KIS is not that of its feeds alone")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Live(ctx) }()
	other.until(t, "messages of the other systems", func() bool { return other.count() > 200 })
	if n := kis.count(); n != 0 {
		t.Errorf("the KIS is off and sent %d messages", n)
	}
	h.Power("kis", true)
	kis.until(t, "late entries", func() bool { return kis.count() > 60 })
	cancel()
	if err := <-done; err == nil {
		t.Errorf("Live ended without the error of its context")
	}
	kis.mu.Lock()
	defer kis.mu.Unlock()
	late := 0
	for _, raw := range kis.last {
		x, err := hl7.Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if o, r := x.Get("EVN-6"), x.Get("EVN-2"); o != "" && o < r {
			late++
			if x.Get("MSH-7") != r {
				t.Errorf("a late entry is sent at %s and recorded at %s", x.Get("MSH-7"), r)
			}
		}
	}
	if late == 0 {
		t.Errorf("no message was a late entry")
	}
}

func TestLiveCatchesUpWithWhatHappenedSinceItBegan(t *testing.T) {
	t.Parallel()
	w := listen(t, nil)
	p := testPlan(11)
	p.Small, p.Feeds, p.Began = true, everyFeed(w.addr), time.Now().Add(-8*time.Hour)
	h := New(p)
	if late := h.Now().Sub(p.Start); late < 8*time.Hour || late > 9*time.Hour {
		t.Errorf("before Live the clock is %s after Start, want eight hours: a restarted hub must not live in the past", late)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Live(ctx) }()
	w.until(t, "eight hours of messages", func() bool { return w.count() > 60 })
	if late := h.Now().Sub(p.Start); late < 8*time.Hour || late > 9*time.Hour {
		t.Errorf("the house's clock is %s after Start, want eight hours", late)
	}
	if err := h.Live(ctx); err == nil {
		t.Errorf("the house lives twice")
	}
	cancel()
	<-done
}
