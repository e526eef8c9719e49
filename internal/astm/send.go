package astm

import (
	"context"
	"errors"
	"os"
	"time"
)

// Send sends one message and returns nil once its last frame is acknowledged.
// ErrContention means that nothing was sent and the other side is about to;
// after ErrNoReply and ErrRefused the session is ended and the message may or
// may not have been taken: send it again as it is.
func (c *Conn) Send(ctx context.Context, message []byte) error {
	c.watch(ctx)
	if err := c.establish(ctx); err != nil {
		return err
	}
	for _, f := range cut(message) {
		if err := c.sendFrame(ctx, &f); err != nil {
			return errors.Join(err, c.write(eot))
		}
	}
	return c.write(eot)
}

// establish asks for the session (LIS1-A section 8.2).
func (c *Conn) establish(ctx context.Context) error {
	for range c.limits.Tries + 1 {
		if err := c.write(enq); err != nil {
			return err
		}
		answer, err := c.reply(ctx)
		switch {
		case errors.Is(err, ErrNoReply):
			return errors.Join(err, c.write(eot))
		case err != nil:
			return err
		case answer == ack:
			return nil
		case answer == enq && !c.limits.Instrument:
			return ErrContention
		case answer == enq:
			err = pause(ctx, c.limits.Yield)
		default:
			err = pause(ctx, c.limits.Busy)
		}
		if err != nil {
			return err
		}
	}
	return ErrRefused
}

// sendFrame sends one frame until it is acknowledged. EOT acknowledges it too,
// and asks to stop soon; a whole message is sent in any case.
func (c *Conn) sendFrame(ctx context.Context, f *frame) error {
	for range c.limits.Tries + 1 {
		if err := c.write(f.bytes()...); err != nil {
			return err
		}
		answer, err := c.reply(ctx)
		if err != nil {
			return err
		}
		if answer == ack || answer == eot {
			return nil
		}
	}
	return ErrRefused
}

// reply waits for an answer: ACK, NAK, EOT or ENQ. Other bytes are none.
func (c *Conn) reply(ctx context.Context) (byte, error) {
	until := time.Now().Add(c.limits.Reply)
	for {
		if c.in.Buffered() == 0 {
			if err := c.deadline(ctx, until); err != nil {
				return 0, err
			}
		}
		b, err := c.in.ReadByte()
		if err != nil {
			if err = c.cause(ctx, err); errors.Is(err, os.ErrDeadlineExceeded) {
				err = ErrNoReply
			}
			return 0, err
		}
		switch b {
		case ack, nak, eot, enq:
			return b, nil
		}
		c.noise.Skipped++
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
