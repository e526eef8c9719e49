package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

const (
	readConns  = 4        // connections that read at once
	cacheBytes = 16 << 20 // opened batches kept, about
	cacheMax   = 64
)

// opened is a batch, decrypted.
type opened struct {
	first   Seq
	entries []entry
	size    int // bytes of plaintext, about
}

func (b *opened) end() Seq { return b.first + Seq(len(b.entries)) }

// reader reads batches over connections of its own. It is safe for use by many
// goroutines.
type reader struct {
	at storage
	v  *vault

	slots chan struct{} // one token for each connection in use

	mu     sync.Mutex
	idle   []*readConn
	cache  []*opened // newest use first
	cached int
	gen    uint64 // counts prunes
	closed bool
}

// readConn is a connection with its statements.
type readConn struct {
	c                 *sqlite3.Conn
	head, batch, node *sqlite3.Stmt
}

func newReader(at storage, v *vault) *reader {
	return &reader{at: at, v: v, slots: make(chan struct{}, readConns)}
}

func newReadConn(c *sqlite3.Conn) (*readConn, error) {
	rc := &readConn{c: c}
	for _, p := range []struct {
		to  **sqlite3.Stmt
		sql string
	}{
		{&rc.head, "SELECT seq, hash FROM head WHERE one = 1"},
		{&rc.batch, `SELECT first, count, before, body FROM batch
			WHERE first >= coalesce((SELECT max(first) FROM batch WHERE first <= ?1), 0) ORDER BY first`},
		{&rc.node, "SELECT first, data FROM node WHERE first <= ? ORDER BY first DESC LIMIT 1"},
	} {
		st, _, err := c.PrepareFlags(p.sql, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return nil, err
		}
		*p.to = st
	}
	return rc, nil
}

// with lends a connection to fn.
func (r *reader) with(ctx context.Context, fn func(*readConn) error) error {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.slots }()
	rc, err := r.take()
	if err != nil {
		return err
	}
	rc.c.SetInterrupt(ctx)
	err = fn(rc)
	rc.c.SetInterrupt(context.Background())
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err := errors.Join(rc.head.Reset(), rc.batch.Reset(), rc.node.Reset()); err != nil || !r.put(rc) {
		return errors.Join(err, closeConn(rc.c))
	}
	return err
}

func (r *reader) take() (*readConn, error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, ErrClosed
	}
	if n := len(r.idle); n > 0 {
		rc := r.idle[n-1]
		r.idle = r.idle[:n-1]
		r.mu.Unlock()
		return rc, nil
	}
	r.mu.Unlock()
	c, err := r.at.openReader()
	if err != nil {
		return nil, err
	}
	rc, err := newReadConn(c)
	if err != nil {
		return nil, errors.Join(err, closeConn(c))
	}
	return rc, nil
}

// put takes a connection back; false if the reader was closed meanwhile.
func (r *reader) put(rc *readConn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.idle = append(r.idle, rc)
	}
	return !r.closed
}

func (r *reader) close() error {
	r.mu.Lock()
	idle := r.idle
	r.closed, r.idle, r.cache = true, nil, nil
	r.mu.Unlock()
	var errs []error
	for _, rc := range idle {
		errs = append(errs, closeConn(rc.c))
	}
	return errors.Join(errs...)
}

// lookup returns the cached batch that covers s.
func (r *reader) lookup(s Seq) *opened {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, b := range r.cache {
		if s >= b.first && s < b.end() {
			copy(r.cache[1:i+1], r.cache[:i])
			r.cache[0] = b
			return b
		}
	}
	return nil
}

// remember caches b, unless a batch was pruned since gen was read: then b may
// hold what must be forgotten.
func (r *reader) remember(b *opened, gen uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.gen != gen || b.size > cacheBytes/2 ||
		slices.ContainsFunc(r.cache, func(c *opened) bool { return c.first == b.first }) {
		return
	}
	r.cache = append(r.cache, nil)
	copy(r.cache[1:], r.cache)
	r.cache[0] = b
	r.cached += b.size
	for len(r.cache) > cacheMax || r.cached > cacheBytes {
		last := len(r.cache) - 1
		r.cached -= r.cache[last].size
		r.cache[last] = nil
		r.cache = r.cache[:last]
	}
}

// forget drops the cached batch at first, because it was pruned.
func (r *reader) forget(first Seq) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gen++
	for i, b := range r.cache {
		if b.first == first {
			r.cached -= b.size
			r.cache = append(r.cache[:i], r.cache[i+1:]...)
			return
		}
	}
}

// openRow opens the batch under the cursor of st.
func (r *reader) openRow(st *sqlite3.Stmt) (*opened, error) {
	first, count := Seq(st.ColumnInt64(0)), st.ColumnInt(1)
	var before tlog.Hash
	copy(before[:], st.ColumnRawBlob(2))
	body := st.ColumnRawBlob(3)
	es, err := r.v.openBatch(body, first, count, before)
	if err != nil {
		return nil, fmt.Errorf("batch %d: %w", first, err)
	}
	b := &opened{first: first, entries: es}
	for i := range es {
		b.size += 256 + len(es[i].Body)
	}
	return b, nil
}

// walk calls fn for each batch from the one that covers from, until fn returns
// false or the journal ends. A gap in the journal is an error.
func (r *reader) walk(ctx context.Context, from Seq, fn func(*opened) bool) error {
	for b := r.lookup(from); b != nil; b = r.lookup(from) {
		if !fn(b) {
			return nil
		}
		from = b.end()
	}
	r.mu.Lock()
	gen := r.gen
	r.mu.Unlock()
	return r.with(ctx, func(rc *readConn) error {
		if err := rc.batch.BindInt64(1, int64(from)); err != nil {
			return err
		}
		next := from
		for rc.batch.Step() {
			first, end := Seq(rc.batch.ColumnInt64(0)), Seq(rc.batch.ColumnInt64(0)+rc.batch.ColumnInt64(1))
			if end <= next && next == from {
				continue // the journal ends before from, or a gap begins
			}
			if first > next {
				return fmt.Errorf("%w: records %d to %d are missing", errDecode, next, first-1)
			}
			b, err := r.openRow(rc.batch)
			if err != nil {
				return err
			}
			r.remember(b, gen)
			if !fn(b) {
				return nil
			}
			next = end
		}
		return rc.batch.Err()
	})
}

// read returns up to limit records from on; head is the last one there is.
// After an error the records before it are returned too.
func (r *reader) read(ctx context.Context, from, head Seq, limit int) ([]Record, error) {
	from = max(from, 1)
	if limit <= 0 || from > head {
		return nil, nil
	}
	out := make([]Record, 0, min(limit, int(min(head-from+1, 1<<16))))
	last := from - 1
	err := r.walk(ctx, from, func(b *opened) bool {
		for i := int(max(from, b.first) - b.first); i < len(b.entries) && len(out) < limit; i++ {
			last = b.entries[i].Seq
			if !b.entries[i].pruned {
				out = append(out, b.entries[i].Record)
			}
		}
		return len(out) < limit && last < head
	})
	if err == nil && len(out) < limit && last < head {
		err = fmt.Errorf("%w: records %d to %d are missing", errDecode, last+1, head)
	}
	return out, storeFault(err, "read", sayUnreadable())
}

// good returns what was read before an error: the next call meets it again.
func good(recs []Record, err error) ([]Record, error) {
	if len(recs) > 0 {
		return recs, nil
	}
	return nil, err
}

// get returns the record with this number.
func (r *reader) get(ctx context.Context, s Seq) (Record, error) {
	var e *entry
	var err error
	if s > 0 {
		err = r.walk(ctx, s, func(b *opened) bool {
			if s >= b.first && s < b.end() {
				e = &b.entries[s-b.first]
			}
			return false
		})
	}
	switch {
	case err != nil:
		return Record{}, storeFault(err, "get", sayUnreadable())
	case e == nil:
		return Record{}, fault.Newf(fault.NotFound, lang.Text{
			DE: fmt.Sprintf("Einen Journaleintrag %d gibt es nicht.", s),
			EN: fmt.Sprintf("There is no journal record %d.", s),
		}, "journal record %d: not found", s)
	case e.pruned:
		return Record{}, fault.Mark(fmt.Errorf("journal record %d: %w", s, ErrPruned), fault.NotFound, lang.Text{
			DE: fmt.Sprintf("Der Inhalt des Journaleintrags %d wurde nach Ablauf der Aufbewahrungsfrist gelöscht.", s),
			EN: fmt.Sprintf("The content of journal record %d was deleted when its retention ended.", s),
		})
	}
	return e.Record, nil
}

// ErrPruned is wrapped when a record's content is gone because its retention
// ended.
var ErrPruned = errors.New("record was pruned")

// currentHead reads the head row.
func (r *reader) currentHead(ctx context.Context) (seq Seq, root tlog.Hash, err error) {
	err = r.with(ctx, func(rc *readConn) error {
		if !rc.head.Step() {
			return errors.Join(rc.head.Err(), fmt.Errorf("%w: no head row", errDecode))
		}
		seq = Seq(rc.head.ColumnInt64(0))
		if hash := rc.head.ColumnRawBlob(1); copy(root[:], hash) != len(root) {
			return fmt.Errorf("%w: head hash", errDecode)
		}
		return nil
	})
	return seq, root, err
}

// hashes returns a reader of stored tree hashes, for proofs.
func (r *reader) hashes(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(index []int64) (out []tlog.Hash, err error) {
		err = r.with(ctx, func(rc *readConn) error {
			out, err = r.v.readHashes(rc.node, index)
			return err
		})
		return out, err
	})
}

// readHashes reads stored hashes by index through st, the statement for node.
func (v *vault) readHashes(st *sqlite3.Stmt, index []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(index))
	var lo, hi int64
	var row []tlog.Hash
	for _, x := range index {
		if x < lo || x >= hi {
			s := storedAt(x)
			if err := st.BindInt64(1, int64(s)); err != nil {
				return nil, err
			}
			if !st.Step() {
				return nil, errors.Join(st.Err(), st.Reset(), fmt.Errorf("%w: no tree hashes for record %d", errDecode, s))
			}
			first := Seq(st.ColumnInt64(0))
			var err error
			row, err = v.openNodeRow(st, first)
			if err := errors.Join(err, st.Reset()); err != nil {
				return nil, fmt.Errorf("tree hashes of batch %d: %w", first, err)
			}
			lo = tlog.StoredHashCount(int64(first) - 1)
			hi = lo + int64(len(row))
			if x < lo || x >= hi {
				return nil, fmt.Errorf("%w: no tree hashes for record %d", errDecode, s)
			}
		}
		out = append(out, row[x-lo])
	}
	return out, nil
}

func (v *vault) openNodeRow(st *sqlite3.Stmt, first Seq) ([]tlog.Hash, error) {
	return v.openNodes(st.ColumnRawBlob(1), first)
}
