package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// Missing is the error for records that the journal holds but cannot give out
// any more: their part of the file is damaged. It is of kind Corrupt.
type Missing struct {
	From, To journal.Seq // both included
}

// Error names the range.
func (m *Missing) Error() string {
	return fmt.Sprintf("records %d to %d are damaged and missing here", m.From, m.To)
}

func (m *Missing) marked() error {
	return fault.Mark(m, fault.Corrupt, lang.Text{
		DE: fmt.Sprintf("Die Sätze %d bis %d sind beschädigt und fehlen hier.", m.From, m.To),
		EN: fmt.Sprintf("Records %d to %d are damaged and missing here.", m.From, m.To),
	})
}

// ledger is what selecting needs of the journal.
type ledger interface {
	Head() journal.Seq
	Read(ctx context.Context, from journal.Seq, max int) ([]journal.Record, error)
	Get(ctx context.Context, s journal.Seq) (journal.Record, error)
	Beyond(ctx context.Context, s journal.Seq) (journal.Seq, error)
}

// readAtOnce is how many records are read from the journal at a time.
const readAtOnce = 512

// clockMargin is how far the hub's clock may have been set back without
// [Selection] with a begin losing a record.
const clockMargin = 24 * time.Hour

// Select yields the selected records in the order of the journal, up to the
// head as it is now. Where the journal is damaged it yields an error that is a
// [*Missing]; who goes on, gets what lies behind. Every other error is the last
// thing yielded.
func (h *Hub) Select(ctx context.Context, s Selection) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		from, to, err := h.span(s)
		if err != nil {
			yield(journal.Record{}, err)
			return
		}
		wanted, err := h.behind(ctx, s.Patient)
		if err != nil {
			yield(journal.Record{}, err)
			return
		}
		begin := journal.Seq(1)
		if !from.IsZero() {
			if begin, err = firstSince(ctx, h.Journal, from.Add(-clockMargin)); err != nil {
				yield(journal.Record{}, err)
				return
			}
		}
		for r, err := range records(ctx, h.Journal, begin) {
			if err == nil && !s.fits(r, from, to, wanted) {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// records yields the records from begin to the present head, and a [*Missing]
// for each range that is damaged.
func records(ctx context.Context, j ledger, begin journal.Seq) iter.Seq2[journal.Record, error] {
	return func(yield func(journal.Record, error) bool) {
		head := j.Head()
		var gap *Missing // not yet told: the next batch may be damaged too
		tell := func() bool {
			m := gap
			gap = nil
			return m == nil || yield(journal.Record{}, m.marked())
		}
		for next := begin; next <= head; {
			recs, err := j.Read(ctx, next, readAtOnce)
			if err != nil {
				end, bad, err := behindDamage(ctx, j, next, head, err)
				if err != nil {
					yield(journal.Record{}, err)
					return
				}
				switch {
				case bad && gap != nil:
					gap.To = end
				case bad:
					gap = &Missing{next, end}
				case !tell(): // pruned, not damaged
					return
				}
				next = end + 1
				continue
			}
			if !tell() || len(recs) == 0 {
				return
			}
			for _, r := range recs {
				if r.Seq > head || !yield(r, nil) {
					return
				}
			}
			next = recs[len(recs)-1].Seq + 1
		}
		tell()
	}
}

// behindDamage is asked after Read failed with cause at next. It returns the
// last record of the batch there, and whether that is the damaged one: what
// lies before it may have been pruned.
func behindDamage(ctx context.Context, j ledger, next, head journal.Seq, cause error) (end journal.Seq, bad bool, err error) {
	if fault.KindOf(cause) != fault.Corrupt {
		return 0, false, cause
	}
	_, one := j.Get(ctx, next)
	behind, err := j.Beyond(ctx, next)
	if err != nil {
		return 0, false, errors.Join(cause, err)
	}
	if behind == 0 {
		return head, true, nil
	}
	return behind - 1, one != nil && !errors.Is(one, journal.ErrPruned), nil
}

// soundings is at how many places the clock is looked at before the search.
const soundings = 32

// firstSince returns a record before which none was stored at or after t. It
// searches by halves, for the hub's clock runs forward. Where it meets a clock
// that was set back further than [clockMargin], or damage, it answers 1, and
// everything is read.
func firstSince(ctx context.Context, j ledger, t time.Time) (journal.Seq, error) {
	low, high := journal.Seq(1), j.Head()+1
	var before, since time.Time // the newest found before t, and the oldest found since
	look := func(at journal.Seq) (sound bool, err error) {
		recs, err := j.Read(ctx, at, 1)
		switch {
		case err != nil:
			return false, ctx.Err() // reading from the beginning tells what is damaged
		case len(recs) == 0 || recs[0].Seq >= high: // pruned up to high
			high = at
			return true, nil
		}
		got := recs[0].Received
		if !before.IsZero() && got.Before(before.Add(-clockMargin)) || !since.IsZero() && got.After(since.Add(clockMargin)) {
			return false, nil
		}
		if got.Before(t) {
			low, before = recs[0].Seq+1, got
		} else {
			high, since = at, got
		}
		return true, nil
	}
	step := max(j.Head()/soundings, 1)
	for at := journal.Seq(1); at < high; at += step {
		if at < low {
			continue
		}
		if sound, err := look(at); !sound {
			return 1, err
		}
	}
	for low < high {
		if sound, err := look(low + (high-low)/2); !sound {
			return 1, err
		}
	}
	return low, nil
}
