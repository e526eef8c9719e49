package hl7

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// ErrNoAnswer means that a peer did not answer this message: it must be taken
// as not delivered, and as perhaps delivered.
var ErrNoAnswer = errors.New("mllp: no answer to this message")

// maxStrange is how many answers to other messages Send reads over.
const maxStrange = 64

// Client sends messages over one MLLP connection, one after the other.
type Client struct {
	conn *Conn
	wait time.Duration
}

// ClientOptions are the choices of Dial; the zero value is plain TCP with the
// default limits and an answer within 30 seconds.
type ClientOptions struct {
	TLS    *tls.Config   // nil: no TLS
	Limits Limits        // of the answers
	Answer time.Duration // how long Send waits for an answer
}

// Dial connects to an MLLP listener at host:port.
func Dial(ctx context.Context, addr string, o ClientOptions) (*Client, error) {
	var dial interface {
		DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	} = &net.Dialer{Timeout: 10 * time.Second}
	if o.TLS != nil {
		dial = &tls.Dialer{Config: o.TLS}
	}
	nc, err := dial.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mllp dial: %w", err)
	}
	if o.Answer <= 0 {
		o.Answer = 30 * time.Second
	}
	return &Client{conn: NewConn(nc, o.Limits), wait: o.Answer}, nil
}

// Close closes the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Send sends a message and returns the first answer whose MSA-2 is the
// message's control ID; answers to other messages are read over. The answer may
// be negative: see ParseAck. On an error the connection must be closed, and
// whether the message arrived is not known.
func (c *Client) Send(ctx context.Context, raw []byte) (ack []byte, err error) {
	h, err := ReadHeader(raw)
	if err != nil {
		return nil, err
	}
	if err := c.conn.WriteFrame(raw); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	for range maxStrange {
		answer, err := c.conn.ReadFrame(ctx)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
		}
		if a, err := ParseAck(answer); err == nil && a.ControlID == h.ControlID {
			return answer, nil
		}
	}
	return nil, ErrNoAnswer
}

// Receive returns the next frame: the application acknowledgement that follows
// an accept acknowledgement.
func (c *Client) Receive(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.wait)
	defer cancel()
	return c.conn.ReadFrame(ctx)
}
