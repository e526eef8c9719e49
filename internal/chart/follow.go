package chart

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Journal is what the charts need of the journal: an open one, or for [Check]
// one that is only read.
type Journal interface {
	Head() journal.Seq
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Get(ctx context.Context, s journal.Seq) (journal.Record, error)
	Wait(ctx context.Context, after journal.Seq) error
}

// journalSource reads the journal and interprets it.
type journalSource struct {
	j    Journal
	site *interpret.Site
}

func (s *journalSource) head() uint64 { return uint64(s.j.Head()) }

func (s *journalSource) wait(ctx context.Context, after uint64) error {
	return s.j.Wait(ctx, journal.Seq(after))
}

func (s *journalSource) read(ctx context.Context, from uint64, limit int) ([]message, uint64, error) {
	head := s.j.Head()
	recs, err := s.j.Read(ctx, journal.Seq(from), limit)
	if err != nil {
		return nil, 0, fmt.Errorf("read journal: %w", err)
	}
	if len(recs) == 0 {
		if uint64(head) >= from {
			return nil, uint64(head), nil // all of it was pruned
		}
		return nil, 0, nil
	}
	out := make([]message, len(recs))
	for i := range recs {
		out[i] = s.message(&recs[i])
	}
	return out, uint64(recs[len(recs)-1].Seq), nil
}

func (s *journalSource) one(ctx context.Context, seq uint64) (message, error) {
	rec, err := s.j.Get(ctx, journal.Seq(seq))
	if errors.Is(err, journal.ErrPruned) {
		return message{}, nil
	}
	if err != nil {
		return message{}, fmt.Errorf("read journal: %w", err)
	}
	return s.message(&rec), nil
}

// message turns a record into what the fold needs.
func (s *journalSource) message(rec *journal.Record) message {
	m := message{Seq: uint64(rec.Seq), Received: rec.Received, Feed: rec.Source, Silent: rec.Kind != journal.HL7 && rec.Kind != journal.ASTM}
	switch rec.Kind {
	case journal.HL7, journal.ASTM:
		r := s.site.Record(*rec)
		m.Kind, m.Control, m.Sent, m.Test, m.Changes = r.Kind, r.Control, r.Sent, r.Test, r.Changes
		m.hint = hint{ids: r.IDs, no: r.Case, ward: r.Ward}
		for _, p := range r.Problems {
			m.Problems = append(m.Problems, problem{Code: p.Code, Reason: p.Reason, Segment: p.Segment})
		}
	case journal.Entry:
		m.entered(rec)
	case journal.Command:
		m.Aside = readAside(rec.Body)
	default:
	}
	return m
}

// entered reads an entry made in Notbetrieb. One that cannot be read is listed
// like a message that cannot.
func (m *message) entered(rec *journal.Record) {
	m.Feed = Here
	e, err := entry.Decode(rec.Body)
	if err != nil {
		m.Kind = "entry"
		m.Problems = []problem{{Code: interpret.Syntax, Reason: lang.Text{
			DE: "Ein hier geschriebener Eintrag konnte nicht gelesen werden. Er ist im Journal erhalten.",
			EN: "An entry written here could not be read. It is kept in the journal.",
		}}}
		return
	}
	m.Kind, m.Control, m.Sent = "entry^"+e.Form, e.Key, e.Written
	m.Changes = e.Changes(clinical.Origin{Seq: uint64(rec.Seq), Feed: Here, Sent: e.Written, Received: rec.Received})
	if len(e.IDs) > 0 {
		m.hint = hint{ids: e.IDs, no: e.Case, ward: e.Ward}
	}
}

const (
	liveBatch   = 2000             // records in a transaction while following
	replayBatch = 500              // records read at once while catching up
	replayAhead = 16               // such batches read ahead of the fold
	replayHold  = 60000            // records in a transaction while catching up, unless they change too many documents
	replayFrom  = 5000             // records behind the head that make it a replay
	retryAfter  = time.Second      // after a disk error
	gather      = time.Millisecond // lets records that come together be folded together
	gatherMost  = 300 * time.Millisecond
)

// gatherAfter is how long to wait for more after a batch of n records. Up to
// 2,000 records a second it stays at gather, so that a page is fresh at once;
// in a flood it grows, because one transaction for many records of the same
// patients costs a fraction.
func gatherAfter(n int) time.Duration {
	return min(max(time.Duration(n)*time.Millisecond/2, gather), gatherMost)
}

// Run follows the journal until ctx ends, and then returns nil. What goes wrong
// with the derived files is logged and tried again, or they are rebuilt; only
// a closed or damaged journal ends Run with an error.
func (c *Chart) Run(ctx context.Context) error {
	c.mu.Lock()
	c.ended = false
	c.mu.Unlock()
	defer c.end()
	for ctx.Err() == nil {
		err := c.follow(ctx)
		switch {
		case ctx.Err() != nil || err == nil:
		case errors.Is(err, journal.ErrClosed):
			return err
		default:
			c.cfg.Log.Error("folding the journal failed", slog.String("error", err.Error()), slog.Uint64("seq", uint64(c.Position())))
			if err := c.recover(err); err != nil {
				c.cfg.Log.Error("reopening the charts failed", slog.String("error", err.Error()))
			}
			pause(ctx, retryAfter)
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// follow folds until something goes wrong.
func (c *Chart) follow(ctx context.Context) error {
	if c.shown.stale && c.next == nil {
		next, err := c.freshFile()
		if err != nil {
			return err
		}
		c.next = next
	}
	for {
		f := c.shown
		if c.next != nil {
			f = c.next
		}
		if err := c.damage(); err != nil {
			return err
		}
		c.work(ctx, f)
		if c.shown.stale && c.next == nil {
			return nil // Run begins again, with a successor
		}
		if c.src.head() > f.w.pos+replayFrom {
			if err := c.catchUp(ctx, f); err != nil {
				return err
			}
			continue
		}
		msgs, last, err := c.src.read(ctx, f.w.pos+1, liveBatch)
		if err != nil {
			return err
		}
		if last == 0 {
			if err := c.idle(ctx, f); err != nil {
				return err
			}
			continue
		}
		if err := c.fold(ctx, f, slices.Values([]chunk{{msgs: msgs, last: last}})); err != nil {
			return err
		}
		if wait := gatherAfter(len(msgs)); wait > gather {
			pause(ctx, wait)
		}
	}
}

// idle is what happens when everything is folded.
func (c *Chart) idle(ctx context.Context, f *file) error {
	if f.fresh {
		if err := c.settle(f); err != nil {
			return err
		}
	}
	if c.next != nil {
		c.switchTo(f)
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	c.mu.Lock()
	c.wake = cancel
	if len(c.jobs) > 0 {
		cancel()
	}
	c.mu.Unlock()
	err := c.src.wait(waiting, f.w.pos)
	if waiting.Err() != nil && ctx.Err() == nil {
		return nil // woken for other work
	}
	if err != nil {
		return err
	}
	pause(ctx, gather)
	return nil
}

// fold stores one batch and tells others, if it is the file they see.
func (c *Chart) fold(ctx context.Context, f *file, chunks iter.Seq[chunk]) error {
	m, err := f.w.batch(ctx, chunks, c.src.one)
	if err != nil {
		return err
	}
	if c.progress != nil {
		c.progress(journal.Seq(f.w.pos))
	}
	if f == c.shown {
		c.publish(Moved{Seq: f.w.pos, Wards: m.wards})
	}
	return nil
}

// switchTo shows f from now on and removes the file before it once its last
// view is closed.
func (c *Chart) switchTo(f *file) {
	c.mu.Lock()
	old := c.shown
	c.shown, c.next = f, nil
	c.mu.Unlock()
	c.publish(Moved{Seq: f.w.pos, All: true})
	if err := errors.Join(old.close(), remove(old.path)); err != nil {
		c.cfg.Log.Warn("the old charts could not be removed", slog.String("error", err.Error()))
	}
}

// damage answers an error if a reader met a damaged page.
func (c *Chart) damage() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	met := c.rebuild
	c.rebuild = false
	if met && c.next == nil { // else the successor is on its way already
		return errDamaged
	}
	return nil
}

// recover makes the files usable after an error of the writer: a worthless one
// gets a successor, any other a new connection.
func (c *Chart) recover(cause error) error {
	f := c.shown
	if c.next != nil {
		f = c.next
	}
	if rebuildable(cause) && c.next == nil {
		f.stale = true // shown as far as it can be read, until its successor is ready
		return nil
	}
	if f.fresh && f != c.shown {
		c.next = nil
		return errors.Join(f.close(), remove(f.path))
	}
	w, err := newWriter(f.path, c.cfg.Key, c.rules, c.codecs, f.fresh)
	if err != nil {
		return err
	}
	err = f.w.close()
	f.w = w
	return err
}
