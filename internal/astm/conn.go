package astm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

var (
	// ErrTooLarge means that a message is over its limit.
	ErrTooLarge = errors.New("astm: over the size limit")
	// ErrNotASTM means that a connection carries something else.
	ErrNotASTM = errors.New("astm: no transmission begins on this connection")
	// ErrIdle means that nothing came for longer than Limits.Idle.
	ErrIdle = errors.New("astm: silent for too long")
	// ErrContention means that the other side, which has priority, began to
	// send at the same moment: receive first, then send again.
	ErrContention = errors.New("astm: the other side sends first")
	// ErrNoReply means that the other side did not answer in time.
	ErrNoReply = errors.New("astm: no reply")
	// ErrRefused means that the other side refused a frame, or the session,
	// again and again.
	ErrRefused = errors.New("astm: refused")
)

// Limits are the size and the times of a connection. Zero values mean the
// default named with each of them, which is that of LIS1-A where it has one.
type Limits struct {
	Max   int           // bytes of one transmission; 4 MiB
	Idle  time.Duration // longest silence between sessions; 12 h
	Wait  time.Duration // receiving: longest silence in a session; 30 s
	Reply time.Duration // sending: longest time to an answer; 15 s
	Busy  time.Duration // sending: pause after a refused session; 10 s
	Yield time.Duration // sending as the instrument: pause after contention; 1 s
	Tries int           // sending: how often a frame or a session is tried again; 6

	// Instrument is the side that has priority when both begin to send.
	Instrument bool
}

func (l Limits) orDefault() Limits {
	set := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	if l.Max <= 0 {
		l.Max = 4 << 20
	}
	if l.Tries <= 0 {
		l.Tries = 6
	}
	set(&l.Idle, 12*time.Hour)
	set(&l.Wait, 30*time.Second)
	set(&l.Reply, 15*time.Second)
	set(&l.Busy, 10*time.Second)
	set(&l.Yield, time.Second)
	return l
}

const (
	writeLimit = 10 * time.Second
	lookAhead  = 500 * time.Millisecond // for the CR LF that ends a frame
	maxNoise   = 256 << 10              // bytes without a session
	readBuffer = 4 << 10
)

// Noise counts what a connection carried beside good frames.
type Noise struct {
	Skipped  uint64 // bytes outside frames, line ends not counted
	Torn     uint64 // transmissions that were given up before their end; the sender has them still
	Refused  uint64 // frames refused: a wrong checksum or number
	Repeated uint64 // frames that came again after their acknowledgement was lost
}

// Conn receives and sends over one connection, one at a time: it belongs to one
// goroutine.
type Conn struct {
	nc     net.Conn
	in     *bufio.Reader
	limits Limits
	noise  Noise

	open    bool   // a session was begun by ENQ
	text    []byte // of the acknowledged frames that wait for the end of their message
	last    *frame // the last acknowledged frame of the session
	held    *frame // ends a message; waits for Accept or Refuse
	refused bool   // the newest frame was refused
	buf     []byte // of the frame that is read

	mu      sync.Mutex // of watched, against contexts that ended after their call
	watched context.Context
	unwatch func() bool
}

// NewConn wraps a connection.
func NewConn(nc net.Conn, limits Limits) *Conn {
	return &Conn{nc: nc, in: bufio.NewReaderSize(nc, readBuffer), limits: limits.orDefault()}
}

// Noise returns what was counted so far. It belongs to the goroutine that
// receives.
func (c *Conn) Noise() Noise { return c.noise }

// Close closes the connection.
func (c *Conn) Close() error {
	if c.unwatch != nil {
		c.unwatch()
	}
	return c.nc.Close()
}

// Receive returns the next message, or several that came as one; the bytes are
// the caller's. Its last frame is not acknowledged yet: the caller says Accept
// once the message is safe, or Refuse, after which the sender repeats it.
//
// A message ends with its terminator record (L). A session that the sender ends
// before (EOT) gives what came until then, which [Whole] tells: all of its
// frames were acknowledged. A session that breaks off, goes silent or is begun
// anew gives nothing, for its sender knows that it was not taken.
//
// At the clean end of the stream the error is io.EOF, inside a session
// io.ErrUnexpectedEOF. The others are ErrTooLarge, ErrNotASTM, ErrIdle, the
// context's, or the network's. After any of them the connection is of no more
// use.
func (c *Conn) Receive(ctx context.Context) ([]byte, error) {
	c.watch(ctx)
	c.held = nil
	skipped := 0
	for {
		b, err := c.next(ctx)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && c.open:
			c.end()
			continue
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, ErrIdle
		case err != nil:
			c.end()
			return nil, err
		}
		var whole []byte
		switch {
		case b == enq:
			whole, err = nil, c.begin()
			skipped = 0
		case b == eot && c.open:
			whole = c.rest()
		case b == stx && c.open:
			whole, err = c.frame(ctx)
		case lineEnd(b), b == eot:
		default:
			c.noise.Skipped++
			if skipped++; skipped > maxNoise {
				return nil, ErrNotASTM
			}
		}
		if err != nil || whole != nil {
			return whole, err
		}
	}
}

// Accept acknowledges the last frame of the message that Receive returned.
func (c *Conn) Accept() error {
	if c.held == nil {
		return nil
	}
	c.last, c.held, c.text = c.held, nil, nil
	return c.write(ack)
}

// Refuse refuses the last frame of the message that Receive returned. The
// sender repeats it some times, and keeps the message if that is in vain.
func (c *Conn) Refuse() error {
	if c.held == nil {
		return nil
	}
	c.held = nil
	return c.refuse()
}

func (c *Conn) refuse() error {
	c.noise.Refused++
	c.refused = true
	return c.write(nak)
}

// begin answers ENQ. Within a session it says that the sender starts over.
func (c *Conn) begin() error {
	c.end()
	c.open = true
	return c.write(ack)
}

// end forgets a session and what it has not finished.
func (c *Conn) end() {
	if len(c.text) > 0 {
		c.noise.Torn++
	}
	c.open, c.text, c.last, c.held, c.refused = false, nil, nil, nil, false
}

// rest ends a session as its sender wants it and returns what has no terminator;
// nothing where the sender gave up because a frame was refused.
func (c *Conn) rest() []byte {
	if c.refused || len(bytes.TrimSpace(c.text)) == 0 {
		c.end()
		return nil
	}
	text := c.text
	c.text = nil
	c.end()
	return text
}

// frame reads one frame behind its STX and answers it, unless it ends a
// message: then it is held, and the message returned.
func (c *Conn) frame(ctx context.Context) ([]byte, error) {
	f, good, err := c.readFrame(ctx)
	switch {
	case errors.Is(err, errGivenUp):
		return nil, nil
	case err != nil:
		return nil, err
	case !good:
		return nil, c.refuse()
	}
	if c.last != nil && f.number == c.last.number {
		if f.end == c.last.end && bytes.Equal(f.text, c.last.text) { // its acknowledgement was lost
			c.noise.Repeated++
			return nil, c.write(ack)
		}
		return nil, c.refuse()
	}
	if c.last == nil && f.number > 1 || c.last != nil && f.number != (c.last.number+1)&7 {
		return nil, c.refuse() // some begin at 0; nobody goes on without our answer
	}
	c.refused = false
	f.text = bytes.Clone(f.text)
	text := append(c.text, f.text...) // c.text keeps its length until the frame is acknowledged
	if Whole(text) && (f.end == etx || lineEnd(text[len(text)-1])) {
		c.held = &f
		return bytes.Clone(text), nil
	}
	c.text, c.last = text, &f
	return nil, c.write(ack)
}

// errGivenUp says that the sender gave up inside a frame.
var errGivenUp = errors.New("astm: frame given up")

// readFrame reads up to the end of a frame. Its text is in c.buf.
func (c *Conn) readFrame(ctx context.Context) (f frame, good bool, err error) {
	c.buf = c.buf[:0]
	left := -1 // bytes of the checksum that are still to come, once the text has ended
	for left != 0 {
		b, err := c.next(ctx)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.end()
			return f, false, errGivenUp
		case err != nil:
			c.end()
			return f, false, err
		}
		switch b {
		case stx: // the frame again, from its start
			c.buf, left = c.buf[:0], -1
			continue
		case enq:
			return f, false, errors.Join(c.begin(), errGivenUp)
		case eot: // the sender waits for no answer: it knows that this was not taken
			c.end()
			return f, false, errGivenUp
		}
		c.buf = append(c.buf, b)
		switch {
		case left > 0:
			left--
		case b == etx || b == etb:
			left = 2
		}
		if len(c.text)+len(c.buf) > c.limits.Max {
			return f, false, ErrTooLarge
		}
	}
	f, good = readFrame(c.buf)
	return f, good, c.endOfFrame(ctx)
}

// endOfFrame reads the CR LF behind a frame. Some senders listen for the answer
// only when they have sent it; some do not send it.
func (c *Conn) endOfFrame(ctx context.Context) error {
	for range 2 {
		if c.in.Buffered() == 0 {
			if err := c.deadline(ctx, time.Now().Add(lookAhead)); err != nil {
				return err
			}
		}
		b, err := c.in.Peek(1)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil, errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return c.cause(ctx, err)
		case !lineEnd(b[0]):
			return nil
		}
		_, _ = c.in.Discard(1)
		if b[0] == '\n' {
			return nil
		}
	}
	return nil
}

// next reads one byte. Silence is os.ErrDeadlineExceeded.
func (c *Conn) next(ctx context.Context) (byte, error) {
	if c.in.Buffered() == 0 {
		wait := c.limits.Idle
		if c.open {
			wait = c.limits.Wait
		}
		if err := c.deadline(ctx, time.Now().Add(wait)); err != nil {
			return 0, err
		}
	}
	b, err := c.in.ReadByte()
	if err != nil {
		return 0, c.cause(ctx, err)
	}
	return b, nil
}

// watch makes the end of ctx end a waiting read.
func (c *Conn) watch(ctx context.Context) {
	if ctx == c.watched {
		return
	}
	if c.unwatch != nil {
		c.unwatch()
	}
	c.mu.Lock()
	c.watched = ctx
	c.mu.Unlock()
	c.unwatch = context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.watched == ctx { // a later call has its own context and deadline
			_ = c.nc.SetReadDeadline(time.Unix(1, 0))
		}
	})
}

// deadline sets when reading gives up; it reports the context's end.
func (c *Conn) deadline(ctx context.Context, t time.Time) error {
	if err := c.nc.SetReadDeadline(t); err != nil {
		return fmt.Errorf("astm: %w", err)
	}
	return ctx.Err() // after the deadline: the watch may have fired just before
}

// cause turns a read error into what it means.
func (c *Conn) cause(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	case errors.Is(err, io.EOF) && c.open:
		return io.ErrUnexpectedEOF
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return fmt.Errorf("astm: %w", err)
}

func (c *Conn) write(b ...byte) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return fmt.Errorf("astm: %w", err)
	}
	if _, err := c.nc.Write(b); err != nil {
		return fmt.Errorf("astm: %w", err)
	}
	return nil
}
