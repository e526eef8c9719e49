package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// ownSource is the Source of records that the journal writes about itself.
const ownSource = "journal"

const pruneType = "journal.prune"

// PruneReport says what a Prune removed. In the journal it is the JSON body of
// a Command record whose Source is "journal".
type PruneReport struct {
	Type    string    `json:"type"`   // always "journal.prune"
	Before  time.Time `json:"before"` // records received earlier were asked about
	First   Seq       `json:"first"`  // the first record pruned
	Last    Seq       `json:"last"`   // the last record pruned
	Count   uint64    `json:"count"`  // how many records from First to Last were chosen
	Kept    uint64    `json:"-"`      // how many of them stayed, because drop said so when their turn came
	Command Seq       `json:"-"`      // the record that holds this report; 0 if nothing was pruned
}

// ParsePrune reads the report in a record; false if r is none.
func ParsePrune(r Record) (PruneReport, bool) {
	if r.Kind != Command || r.Source != ownSource {
		return PruneReport{}, false
	}
	var p PruneReport
	if err := json.Unmarshal(r.Body, &p); err != nil || p.Type != pruneType {
		return PruneReport{}, false
	}
	p.Command = r.Seq
	return p, true
}

// span is a run of records, both ends included.
type span struct{ first, last Seq }

// pruneStep is how many batches are read or rewritten at a time, so that
// neither readers nor appends wait long.
const pruneStep = 8

// Prune removes the content of every record that was received before the given
// time and for which drop says true. Place, ID, kind and leaf hash stay: the
// tree still verifies and the ID is never accepted again. What is pruned is
// itself appended first, as a Command record; such records are never pruned.
//
// The content goes in steps of a few batches. Each step asks drop again and is
// done by turn, which may hold a lock meanwhile; nil does it at once. So what drop
// refuses from some moment on stays, although it was chosen before.
//
// After an error a part may be pruned; calling again finishes the work. The
// freed space is overwritten and used again by later records.
func (j *Journal) Prune(ctx context.Context, before time.Time, drop func(Record) bool, turn func(step func() error) error) (PruneReport, error) {
	j.pruning.Lock()
	defer j.pruning.Unlock()
	spans, err := j.choose(ctx, before, drop)
	if err != nil {
		return PruneReport{}, storeFault(err, "prune", sayUnreadable())
	}
	p := PruneReport{Type: pruneType, Before: before.UTC().Round(0)}
	if len(spans) == 0 {
		return p, nil
	}
	p.First, p.Last = spans[0].first, spans[len(spans)-1].last
	for _, s := range spans {
		p.Count += uint64(s.last - s.first + 1)
	}
	body, err := json.Marshal(p)
	if err != nil {
		return PruneReport{}, fmt.Errorf("journal prune: %w", err)
	}
	now := j.o.Now()
	p.Command, err = j.Append(ctx, Record{ID: NewID(), Time: now, Received: now, Source: ownSource, Kind: Command, Body: body})
	if err != nil {
		return PruneReport{}, err
	}
	if turn == nil {
		turn = func(step func() error) error { return step() }
	}
	for len(spans) > 0 {
		err := turn(func() (err error) {
			var kept uint64
			if spans, kept, err = j.rewrite(ctx, spans, drop); err != nil {
				return storeFault(err, "prune", sayUnwritable())
			}
			p.Kept += kept
			return nil
		})
		if err != nil {
			return p, err
		}
	}
	return p, j.do(ctx, func(w *writer) error { return w.checkpointWAL(true) })
}

// choose asks drop about every record and returns the chosen ones in order.
func (j *Journal) choose(ctx context.Context, before time.Time, drop func(Record) bool) ([]span, error) {
	var spans []span
	head := j.Head()
	for from := Seq(1); from <= head; {
		batches := 0
		err := j.r.walk(ctx, from, func(b *opened) bool {
			for i := range b.entries {
				e := &b.entries[i]
				if _, mine := ParsePrune(e.Record); e.pruned || mine || !e.Received.Before(before) || !drop(e.Record) {
					continue
				}
				if n := len(spans); n > 0 && spans[n-1].last+1 == e.Seq {
					spans[n-1].last = e.Seq
				} else {
					spans = append(spans, span{e.Seq, e.Seq})
				}
			}
			from = b.end()
			batches++
			return batches < pruneStep
		})
		if err != nil {
			return nil, err
		}
		if batches == 0 {
			return nil, fmt.Errorf("%w: no batch holds record %d", errDecode, from)
		}
	}
	return spans, nil
}

// rewritten is a batch body without its pruned records.
type rewritten struct {
	first Seq
	body  []byte
	gone  uint64 // records that are pruned by it
	kept  uint64 // chosen ones that stay, because drop says so now
}

// rewrite replaces the next batches that hold records of spans, in one
// transaction, and returns the spans that are left, and how many chosen records
// of those batches stay.
func (j *Journal) rewrite(ctx context.Context, spans []span, drop func(Record) bool) (_ []span, kept uint64, err error) {
	var rows []rewritten
	for n := 0; n < pruneStep && len(spans) > 0; n++ {
		row, end, err := j.r.without(ctx, spans, drop)
		if err != nil {
			return nil, kept, err
		}
		if kept += row.kept; row.gone > 0 {
			rows = append(rows, row)
		}
		for len(spans) > 0 && spans[0].last < end {
			spans = spans[1:]
		}
		if len(spans) > 0 && spans[0].first < end {
			spans = append([]span{{end, spans[0].last}}, spans[1:]...)
		}
	}
	if len(rows) == 0 {
		return spans, kept, nil
	}
	err = j.do(ctx, func(w *writer) error {
		return w.transact(func() error {
			for _, row := range rows {
				st := w.st.rewrite
				if err := errors.Join(st.BindBlob(1, row.body), st.BindInt64(2, int64(row.first)), st.Exec()); err != nil {
					return err
				}
			}
			return w.st.commit.Exec()
		})
	})
	for _, row := range rows {
		j.r.forget(row.first)
	}
	return spans, kept, err
}

// without reads the batch that holds the first record of spans and packs it
// again without those of them that drop lets go. end is the Seq after the batch.
func (r *reader) without(ctx context.Context, spans []span, drop func(Record) bool) (row rewritten, end Seq, err error) {
	err = r.with(ctx, func(rc *readConn) error {
		if err := rc.batch.BindInt64(1, int64(spans[0].first)); err != nil {
			return err
		}
		if !rc.batch.Step() {
			return errors.Join(rc.batch.Err(), fmt.Errorf("%w: no batch holds record %d", errDecode, spans[0].first))
		}
		var before tlog.Hash
		copy(before[:], rc.batch.ColumnRawBlob(2))
		b, err := r.openRow(rc.batch)
		if err != nil {
			return err
		}
		if row, err = packWithout(b, spans, drop); err != nil {
			return err
		}
		row.body = r.v.sealBatch(row.body, b.first, len(b.entries), before)
		end = b.end()
		return nil
	})
	return row, end, err
}

// packWithout packs a batch again; the body is not sealed yet.
func packWithout(b *opened, spans []span, drop func(Record) bool) (rewritten, error) {
	row := rewritten{first: b.first, body: []byte{batchVersion}}
	var scratch []byte
	var leaf tlog.Hash
	for i := range b.entries {
		e := &b.entries[i]
		for len(spans) > 0 && spans[0].last < e.Seq {
			spans = spans[1:]
		}
		chosen := !e.pruned && len(spans) > 0 && spans[0].first <= e.Seq
		goes := chosen && drop(e.Record)
		if goes || e.pruned {
			if goes {
				row.gone++
			}
			row.body = appendPruned(row.body, e)
			continue
		}
		if chosen {
			row.kept++
		}
		row.body, scratch, leaf = appendEntry(row.body, &e.Record, scratch)
		if leaf != e.leaf {
			return rewritten{}, fmt.Errorf("%w: record %d encodes to other bytes", errDecode, e.Seq)
		}
	}
	return row, nil
}
