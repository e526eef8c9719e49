package intake

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"notbetrieb/internal/astm"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

const (
	handshakeLimit = 10 * time.Second
	keepAlive      = 30 * time.Second // finds senders that were switched off
	maxAcceptPause = time.Second
)

// Listener takes the messages of one feed over MLLP, or those of analysers over
// ASTM. Each connection is served by one goroutine, so its messages are stored
// and answered strictly in order.
type Listener struct {
	acceptor
	socket net.Listener
	talk   func(ctx, work context.Context, nc net.Conn, act *activity) error // until the connection ends

	mu    sync.Mutex
	conns map[net.Conn]*activity
	wg    sync.WaitGroup
}

// activity is when a connection last did something: a time in Unix nanoseconds,
// or working.
type activity struct{ since atomic.Int64 }

const working = math.MaxInt64

// NewListener opens the port of an MLLP feed, so that a port in use is found at
// the start. Run serves it.
func NewListener(feed Feed, j Appender, log *slog.Logger, m *Metrics) (*Listener, error) {
	l, err := open(feed, j, log, m)
	if err == nil {
		l.talk = l.talkMLLP
	}
	return l, err
}

// NewAnalyserListener is NewListener for a feed of analysers (ASTM).
func NewAnalyserListener(feed Feed, j Appender, log *slog.Logger, m *Metrics) (*Listener, error) {
	l, err := open(feed, j, log, m)
	if err == nil {
		l.talk = l.talkASTM
	}
	return l, err
}

func open(feed Feed, j Appender, log *slog.Logger, m *Metrics) (*Listener, error) {
	if feed.Name == "" {
		return nil, errors.New("listener: the feed has no name")
	}
	lc := net.ListenConfig{KeepAlive: keepAlive}
	socket, err := lc.Listen(context.Background(), "tcp", feed.Listen)
	if err != nil {
		return nil, fmt.Errorf("feed %s: %w", feed.Name, err)
	}
	l := &Listener{socket: socket, conns: make(map[net.Conn]*activity)}
	l.feed, l.journal, l.metrics = feed.withDefaults(), j, m.of(feed.Name)
	l.log = log.With("feed", feed.Name)
	l.ids.begin(time.Now())
	return l, nil
}

// Addr returns the address that is listened on.
func (l *Listener) Addr() net.Addr { return l.socket.Addr() }

// Close closes the port of a Listener that is not run.
func (l *Listener) Close() error { return l.socket.Close() }

// Run serves until ctx ends. A message that was received whole by then is still
// stored and answered, for Feed.Stop at the most; one that was not is neither.
// The error is nil after the end of ctx.
func (l *Listener) Run(ctx context.Context) error {
	// Storing must not be cut short by the stop: the answer would be lost.
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stopped := context.AfterFunc(ctx, func() {
		_ = l.socket.Close()
		timer := time.AfterFunc(l.feed.Stop, func() {
			cut()
			l.closeAll()
		})
		context.AfterFunc(work, func() { timer.Stop() })
	})
	defer stopped()
	l.log.InfoContext(ctx, "feed listens", "addr", l.Addr().String(), "tls", l.feed.TLS != nil)
	err := l.acceptAll(ctx, work)
	_ = l.socket.Close()
	l.wg.Wait()
	return err
}

// acceptAll takes connections until ctx ends.
func (l *Listener) acceptAll(ctx, work context.Context) error {
	pause := time.Duration(0)
	for {
		nc, err := l.socket.Accept()
		switch {
		case err == nil:
			pause = 0
			l.admit(ctx, work, nc)
			continue
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("feed %s: %w", l.feed.Name, err)
		}
		// Out of file handles, or the peer was gone already: go on.
		if l.seldom.now("accept") {
			l.log.WarnContext(ctx, "connection not taken", "err", err)
		}
		pause = min(max(2*pause, 10*time.Millisecond), maxAcceptPause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// admit starts serving a connection, or closes it.
func (l *Listener) admit(ctx, work context.Context, nc net.Conn) {
	if !l.allowed(nc.RemoteAddr()) {
		l.metrics.refusedAddress.Inc()
		l.refuse(ctx, nc, "address not allowed")
		return
	}
	act := &activity{}
	act.since.Store(time.Now().UnixNano())
	if !l.enter(nc, act) {
		l.metrics.refusedFull.Inc()
		l.refuse(ctx, nc, "too many connections")
		return
	}
	l.metrics.accepted.Inc()
	l.metrics.connections.Inc()
	l.wg.Go(func() {
		defer l.forget(nc)
		l.serve(ctx, work, nc, act)
	})
}

// enter finds a place for a connection, if need be by closing the one that has
// been silent longest.
func (l *Listener) enter(nc net.Conn, act *activity) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) < l.feed.MaxConns {
		l.conns[nc] = act
		return true
	}
	var oldest net.Conn
	since := time.Now().Add(-l.feed.Spare).UnixNano()
	for other, a := range l.conns {
		if at := a.since.Load(); at < since {
			oldest, since = other, at
		}
	}
	if oldest == nil {
		return false
	}
	_ = oldest.Close()
	delete(l.conns, oldest)
	l.metrics.evicted.Inc()
	l.conns[nc] = act
	return true
}

func (l *Listener) refuse(ctx context.Context, nc net.Conn, why string) {
	if l.seldom.now(why) {
		l.log.WarnContext(ctx, "connection refused", "why", why, "peer", nc.RemoteAddr().String())
	}
	_ = nc.Close()
}

func (l *Listener) allowed(addr net.Addr) bool {
	if len(l.feed.Allow) == 0 {
		return true
	}
	from, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return false
	}
	ip := from.Addr().Unmap().WithZone("")
	for _, p := range l.feed.Allow {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func (l *Listener) forget(nc net.Conn) {
	_ = nc.Close()
	l.mu.Lock()
	delete(l.conns, nc)
	l.mu.Unlock()
	l.metrics.connections.Dec()
}

func (l *Listener) closeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for nc := range l.conns {
		_ = nc.Close()
	}
}

// serve reads, stores and answers until the connection ends.
func (l *Listener) serve(ctx, work context.Context, nc net.Conn, act *activity) {
	peer := nc.RemoteAddr().String()
	if l.feed.TLS != nil {
		secured := tls.Server(nc, l.feed.TLS)
		hello, cancel := context.WithTimeout(ctx, handshakeLimit)
		err := secured.HandshakeContext(hello)
		cancel()
		if err != nil {
			l.metrics.refusedTLS.Inc()
			if ctx.Err() == nil && l.seldom.now("tls") {
				l.log.WarnContext(ctx, "TLS handshake failed", "peer", peer, "err", err)
			}
			return
		}
		nc = secured
	}
	l.ended(ctx, peer, l.talk(ctx, work, nc, act))
}

// talkMLLP serves one connection and returns why it ended.
func (l *Listener) talkMLLP(ctx, work context.Context, nc net.Conn, act *activity) error {
	room := &share{b: l.feed.Budget}
	conn := hl7.NewConn(nc, hl7.Limits{Max: l.feed.MaxMessage, Idle: l.feed.Idle, Read: l.feed.FrameTime, Room: func(ctx context.Context) error {
		act.since.Store(working) // who waits is not silent
		defer func() { act.since.Store(time.Now().UnixNano()) }()
		return room.take(ctx, int64(l.feed.MaxMessage))
	}})
	err := l.exchange(ctx, work, conn, act, room)
	room.give(0)
	noise := conn.Noise()
	l.metrics.skipped.Add(float64(noise.Skipped))
	l.metrics.torn.Add(float64(noise.Torn))
	_ = conn.Close()
	return err
}

// exchange is the loop of one connection. It returns why it ended.
func (l *Listener) exchange(ctx, work context.Context, conn *hl7.Conn, act *activity, room *share) error {
	for {
		raw, err := conn.ReadFrame(ctx)
		if err != nil {
			return err
		}
		room.give(int64(len(raw)))
		start := time.Now()
		act.since.Store(working)
		answers, err := l.accept(work, raw)
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if err := conn.WriteFrame(answer); err != nil {
				return err
			}
		}
		room.give(0)
		end := time.Now()
		act.since.Store(end.UnixNano())
		l.metrics.seconds.Observe(end.Sub(start).Seconds())
	}
}

// ended says what a person should know about the end of a connection.
func (l *Listener) ended(ctx context.Context, peer string, err error) {
	switch {
	case errors.Is(err, ErrStore):
		if l.seldom.now("store") {
			l.log.ErrorContext(ctx, "message not stored, connection closed without answer", "peer", peer, "err", err)
		}
	case errors.Is(err, hl7.ErrTooLarge), errors.Is(err, astm.ErrTooLarge):
		l.metrics.oversized.Inc()
		if l.seldom.now("size") {
			l.log.ErrorContext(ctx, "message over the limit, connection closed without answer", "peer", peer, "limit", l.feed.MaxMessage)
		}
		l.feed.Alarm(l.feed.Name, alarmed(ErrOversized, fault.Invalid, lang.Text{
			DE: "Eine Nachricht ist größer als erlaubt und wurde nicht angenommen. Der Absender hält an ihr fest. Bitte die Grenze dieser Verbindung prüfen.",
			EN: "A message is larger than allowed and was not taken. Its sender holds on to it. Please check this feed's limit.",
		}, fmt.Sprintf("limit %d bytes", l.feed.MaxMessage)))
	case ctx.Err() != nil, errors.Is(err, io.EOF), errors.Is(err, hl7.ErrIdle), errors.Is(err, astm.ErrIdle),
		errors.Is(err, net.ErrClosed):
		l.log.DebugContext(ctx, "connection ended", "peer", peer, "why", err)
	default:
		if l.seldom.now("ended") {
			l.log.WarnContext(ctx, "connection broken", "peer", peer, "err", err)
		}
	}
}
