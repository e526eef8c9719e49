package hl7

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

// The framing bytes of MLLP (HL7 Transport Specification, Minimal Lower Layer
// Protocol, release 1): 0x0B message 0x1C 0x0D.
const (
	startBlock = 0x0B
	endBlock   = 0x1C
	endFrame   = 0x0D
)

const (
	readBuffer  = 16 << 10
	maxNoise    = 64 << 10 // bytes between two frames after which the peer speaks no MLLP
	lookAhead   = 250 * time.Millisecond
	writeLimit  = 30 * time.Second
	defaultIdle = 12 * time.Hour
	defaultRead = time.Minute
	defaultMax  = 32 << 20
)

var (
	// ErrNotMLLP means that a peer sent much and never a frame.
	ErrNotMLLP = errors.New("mllp: peer does not send frames")
	// ErrIdle means that nothing arrived within the idle limit.
	ErrIdle = errors.New("mllp: idle limit")
	// ErrSlow means that a frame was begun and not finished in time.
	ErrSlow = errors.New("mllp: frame not finished in time")
)

// Limits bound what a peer may do on a connection. A zero limit means its
// default.
type Limits struct {
	Max  int           // longest message in bytes; 32 MiB
	Idle time.Duration // longest silence between two frames; 12 hours
	Read time.Duration // longest time for one frame, from its first byte to its last; 1 minute

	// Room is asked once for each frame that outgrows the connection's own buffer
	// of 16 KiB, before more of it is read; it may wait, and the time that it
	// waits does not count towards Read. Its error ends the connection. Nil: there
	// is always room.
	Room func(ctx context.Context) error
}

func (l Limits) orDefault() Limits {
	if l.Max <= 0 {
		l.Max = defaultMax
	}
	if l.Idle <= 0 {
		l.Idle = defaultIdle
	}
	if l.Read <= 0 {
		l.Read = defaultRead
	}
	return l
}

// Noise counts what a connection carried beside whole frames.
type Noise struct {
	Skipped uint64 // bytes between frames, line ends not counted
	Torn    uint64 // frames that were begun anew before they ended; the first part is dropped
}

// Conn reads and writes MLLP frames. One goroutine may read while another
// writes.
type Conn struct {
	nc     net.Conn
	in     *bufio.Reader
	limits Limits
	noise  Noise
	bare   bool // the peer ends its frames with 0x1C alone
	out    []byte

	mu      sync.Mutex // of watched, against contexts that ended after their read
	watched context.Context
	unwatch func() bool
}

// NewConn wraps a connection.
func NewConn(nc net.Conn, limits Limits) *Conn {
	return &Conn{nc: nc, in: bufio.NewReaderSize(nc, readBuffer), limits: limits.orDefault()}
}

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Noise returns what was skipped so far. It belongs to the reading goroutine.
func (c *Conn) Noise() Noise { return c.noise }

// Close closes the connection.
func (c *Conn) Close() error {
	if c.unwatch != nil {
		c.unwatch()
	}
	return c.nc.Close()
}

// ReadFrame returns the next message without its framing; the bytes are the
// caller's. How the stream was cut on the wire makes no difference. A frame
// without its last 0x0D is taken; bytes between frames are skipped and counted.
// A 0x1C ends a frame only before 0x0D, before the next frame, or before
// silence: UTF-16 text may hold one.
//
// At the clean end of the stream the error is io.EOF, inside a frame
// io.ErrUnexpectedEOF. The others are ErrTooLarge, ErrNotMLLP, ErrIdle, ErrSlow,
// the context's, or the network's. After any of them the connection is of no
// more use.
func (c *Conn) ReadFrame(ctx context.Context) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	c.watch(ctx)
	if err := c.findStart(ctx); err != nil {
		return nil, err
	}
	frame, err := c.readBody(ctx)
	if err != nil {
		return nil, err
	}
	// A sender that gave up inside a frame and began again.
	if bytes.IndexByte(frame, startBlock) >= 0 {
		if i := bytes.LastIndex(frame, []byte{startBlock, 'M', 'S', 'H'}); i >= 0 {
			c.noise.Torn++
			frame = frame[i+1:]
		}
	}
	return frame, nil
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
		if c.watched == ctx { // a later read has its own context and deadline
			_ = c.nc.SetReadDeadline(time.Unix(1, 0))
		}
	})
}

// deadline sets when reading gives up; it reports the context's end.
func (c *Conn) deadline(ctx context.Context, t time.Time) error {
	if err := c.nc.SetReadDeadline(t); err != nil {
		return fmt.Errorf("mllp: %w", err)
	}
	return ctx.Err() // after the deadline: the watch may have fired just before
}

// findStart skips to behind the next 0x0B.
func (c *Conn) findStart(ctx context.Context) error {
	skipped, timed := 0, false
	for {
		if c.in.Buffered() == 0 {
			if !timed {
				if err := c.deadline(ctx, time.Now().Add(c.limits.Idle)); err != nil {
					return err
				}
				timed = true
			}
			if _, err := c.in.Peek(1); err != nil {
				return c.cause(ctx, err, ErrIdle)
			}
		}
		waiting, _ := c.in.Peek(c.in.Buffered())
		i := bytes.IndexByte(waiting, startBlock)
		seen := waiting
		if i >= 0 {
			seen = waiting[:i]
		}
		for _, b := range seen {
			if b != '\r' && b != '\n' && b != endBlock {
				c.noise.Skipped++
				skipped++
			}
		}
		if i >= 0 {
			_, _ = c.in.Discard(i + 1)
			return nil
		}
		_, _ = c.in.Discard(len(waiting))
		if skipped > maxNoise {
			return ErrNotMLLP
		}
	}
}

// readBody reads up to the end of the frame.
func (c *Conn) readBody(ctx context.Context) ([]byte, error) {
	var body []byte
	var until time.Time
	for {
		if until.IsZero() && !c.complete() {
			until = time.Now().Add(c.limits.Read)
			if err := c.deadline(ctx, until); err != nil {
				return nil, err
			}
		}
		piece, err := c.in.ReadSlice(endBlock)
		if len(body)+len(piece) > c.limits.Max+1 {
			return nil, ErrTooLarge
		}
		if err == nil {
			if body == nil {
				body = make([]byte, 0, len(piece))
			}
			if until, err = c.askRoom(ctx, body, piece, until); err != nil {
				return nil, err
			}
			body = append(body, piece...)
			end, err := c.atEnd(ctx, until)
			if err != nil {
				return nil, err
			}
			if end {
				return body[:len(body)-1], nil
			}
			continue
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			if until, err = c.askRoom(ctx, body, piece, until); err != nil {
				return nil, err
			}
			body = append(body, piece...)
			continue
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, c.cause(ctx, err, ErrSlow)
	}
}

// askRoom asks for room when piece lets body outgrow the buffer, and returns
// until when the frame must be whole.
func (c *Conn) askRoom(ctx context.Context, body, piece []byte, until time.Time) (time.Time, error) {
	if c.limits.Room == nil || len(body) >= readBuffer || len(body)+len(piece) < readBuffer {
		return until, nil
	}
	if err := c.limits.Room(ctx); err != nil {
		return until, err
	}
	until = time.Now().Add(c.limits.Read)
	return until, c.deadline(ctx, until)
}

// complete reports whether the rest of the frame is in the buffer already, as
// it mostly is: then no deadline needs to be set.
func (c *Conn) complete() bool {
	waiting, _ := c.in.Peek(c.in.Buffered())
	i := bytes.IndexByte(waiting, endBlock)
	return i >= 0 && i+1 < len(waiting)
}

// atEnd decides, behind a 0x1C, whether the frame is over.
func (c *Conn) atEnd(ctx context.Context, until time.Time) (bool, error) {
	looked := c.in.Buffered() == 0
	if looked {
		if c.bare {
			return true, nil
		}
		if err := c.deadline(ctx, time.Now().Add(lookAhead)); err != nil {
			return false, err
		}
	}
	next, err := c.in.Peek(1)
	switch {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
		c.bare = true
		return true, nil
	case errors.Is(err, io.EOF):
		return true, nil
	default:
		return false, c.cause(ctx, err, ErrSlow)
	}
	switch next[0] {
	case endFrame:
		_, _ = c.in.Discard(1)
		return true, nil
	case startBlock, '\n':
		return true, nil
	}
	if looked { // the frame goes on, under its own limit again
		return false, c.deadline(ctx, until)
	}
	return false, nil
}

// cause turns a read error into what it means.
func (c *Conn) cause(ctx context.Context, err, late error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return late
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	return fmt.Errorf("mllp: %w", err)
}

// WriteFrame sends one message in its frame, in a single write.
func (c *Conn) WriteFrame(message []byte) error {
	c.out = append(c.out[:0], startBlock)
	c.out = append(c.out, message...)
	c.out = append(c.out, endBlock, endFrame)
	if err := c.nc.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return fmt.Errorf("mllp: %w", err)
	}
	if _, err := c.nc.Write(c.out); err != nil {
		return fmt.Errorf("mllp: %w", err)
	}
	if cap(c.out) > 1<<20 {
		c.out = nil
	}
	return nil
}
