package chart

import (
	"context"
	"errors"
	"log/slog"
)

// chunk is a piece of the journal on its way to the fold.
type chunk struct {
	msgs []message
	last uint64
	err  error
}

// catchUp folds everything up to the present head of the journal in large
// transactions, reading and interpreting ahead on the other cores.
func (c *Chart) catchUp(ctx context.Context, f *file) error {
	begun, from, head := c.cfg.Now(), f.w.pos, c.src.head()
	ctx, cancel := context.WithCancel(ctx)
	ahead := make(chan chunk, replayHold/replayBatch) // the next transaction is read while one is folded
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(ahead)
		c.readAhead(ctx, from, head, ahead)
	}()
	err := c.foldAhead(ctx, f, ahead)
	cancel()
	for range ahead { // lets the reader end
	}
	<-done
	if err == nil {
		n := f.w.pos - from
		c.cfg.Log.Info("journal folded", slog.Uint64("records", n), slog.Uint64("seq", f.w.pos),
			slog.Duration("took", c.cfg.Now().Sub(begun)))
	}
	return err
}

func (c *Chart) readAhead(ctx context.Context, pos, head uint64, out chan<- chunk) {
	for pos < head {
		msgs, last, err := c.src.read(ctx, pos+1, replayBatch)
		if err == nil && last == 0 {
			return
		}
		select {
		case out <- chunk{msgs, last, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		pos = last
	}
}

// foldAhead folds what was read ahead, in transactions of many records.
func (c *Chart) foldAhead(ctx context.Context, f *file, ahead <-chan chunk) error {
	var msgs []message
	last := uint64(0)
	flush := func() error {
		if last == 0 {
			return nil
		}
		err := c.fold(ctx, f, msgs, last)
		clear(msgs)
		msgs, last = msgs[:0], 0
		return err
	}
	for ch := range ahead {
		if ch.err != nil {
			return errors.Join(ch.err, flush())
		}
		msgs, last = append(msgs, ch.msgs...), ch.last
		if len(msgs) >= replayHold {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return flush()
}
