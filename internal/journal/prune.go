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
	Count   uint64    `json:"count"`  // how many records from First to Last
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
// After an error a part may be pruned; calling again finishes the work. The
// freed space is overwritten and used again by later records.
func (j *Journal) Prune(ctx context.Context, before time.Time, drop func(Record) bool) (PruneReport, error) {
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
	for len(spans) > 0 {
		if spans, err = j.rewrite(ctx, spans); err != nil {
			return p, storeFault(err, "prune", sayUnwritable())
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
}

// rewrite replaces the next batches that hold records of spans, in one
// transaction, and returns the spans that are left.
func (j *Journal) rewrite(ctx context.Context, spans []span) ([]span, error) {
	var rows []rewritten
	for len(rows) < pruneStep && len(spans) > 0 {
		row, end, err := j.r.without(ctx, spans)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		for len(spans) > 0 && spans[0].last < end {
			spans = spans[1:]
		}
		if len(spans) > 0 && spans[0].first < end {
			spans = append([]span{{end, spans[0].last}}, spans[1:]...)
		}
	}
	err := j.do(ctx, func(w *writer) error {
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
	return spans, err
}

// without reads the batch that holds the first record of spans and packs it
// again without them. end is the Seq after the batch.
func (r *reader) without(ctx context.Context, spans []span) (row rewritten, end Seq, err error) {
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
		plain, err := packWithout(b, spans)
		if err != nil {
			return err
		}
		row = rewritten{b.first, r.v.sealBatch(plain, b.first, len(b.entries), before)}
		end = b.end()
		return nil
	})
	return row, end, err
}

func packWithout(b *opened, spans []span) ([]byte, error) {
	plain := []byte{batchVersion}
	var scratch []byte
	var leaf tlog.Hash
	for i := range b.entries {
		e := &b.entries[i]
		for len(spans) > 0 && spans[0].last < e.Seq {
			spans = spans[1:]
		}
		if e.pruned || len(spans) > 0 && spans[0].first <= e.Seq {
			plain = appendPruned(plain, e)
			continue
		}
		plain, scratch, leaf = appendEntry(plain, &e.Record, scratch)
		if leaf != e.leaf {
			return nil, fmt.Errorf("%w: record %d encodes to other bytes", errDecode, e.Seq)
		}
	}
	return plain, nil
}
