package chart

import (
	"context"
	"errors"
	"iter"
	"log/slog"
)

// chunk is a piece of the journal on its way to the fold. last is the position
// behind it, which pruned records may put behind its last message.
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
	ahead := make(chan chunk, replayAhead)
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
		case out <- chunk{msgs: msgs, last: last, err: err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		pos = last
	}
}

// foldAhead folds what is read ahead, in transactions of many records. Each
// chunk is folded as soon as it is there, so that few messages are in memory.
func (c *Chart) foldAhead(ctx context.Context, f *file, ahead <-chan chunk) error {
	for {
		first, more := <-ahead
		if !more {
			return ctx.Err()
		}
		failed := first.err
		if failed == nil {
			if err := c.fold(ctx, f, hold(first, ahead, &failed)); err != nil {
				return errors.Join(failed, err)
			}
		}
		if failed != nil {
			return failed
		}
	}
}

// hold yields the chunks of one transaction: first and those behind it. One
// that could not be read ends it, and sets failed.
func hold(first chunk, ahead <-chan chunk, failed *error) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		n := 0
		for ch, more := first, true; more; ch, more = <-ahead {
			if *failed = ch.err; ch.err != nil || !yield(ch) {
				return
			}
			if n += len(ch.msgs); n >= replayHold {
				return
			}
		}
	}
}
