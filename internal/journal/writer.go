package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/tlog"
)

// rowBytes is the plaintext at which a batch row is closed; one record may be
// larger.
const rowBytes = 8 << 20

// request is one call of Append or AppendAll, or a job for the writer.
type request struct {
	recs []Record
	seqs []Seq // the answer
	job  func(*writer) error
	err  error
	done chan struct{} // receives once, after seqs or err is set
}

// writer owns the one connection that writes. Only its goroutine uses it.
type writer struct {
	at  storage
	v   *vault
	max int // records in a batch row

	conn *sqlite3.Conn // nil after a failure, until reload
	st   writeStmts

	tree frontier
	root tlog.Hash
	ids  *idIndex

	acked    Seq   // the highest Seq a caller was told
	walPages int   // pages in the WAL after the last commit
	dead     error // why this writer will never write again

	plain, scratch []byte
	nodes          []tlog.Hash
}

type writeStmts struct {
	begin, commit, rollback     *sqlite3.Stmt
	batch, node, head, look, id *sqlite3.Stmt
	note, unnote, rewrite       *sqlite3.Stmt
}

func (w *writer) seq() Seq { return Seq(w.tree.n) }

// prepare makes the statements of a fresh connection.
func (s *writeStmts) prepare(c *sqlite3.Conn) error {
	for _, p := range []struct {
		to  **sqlite3.Stmt
		sql string
	}{
		{&s.begin, "BEGIN IMMEDIATE"},
		{&s.commit, "COMMIT"},
		{&s.rollback, "ROLLBACK"},
		{&s.batch, "INSERT INTO batch(first, count, before, body) VALUES(?, ?, ?, ?)"},
		{&s.node, "INSERT INTO node(first, data) VALUES(?, ?)"},
		{&s.head, "UPDATE head SET seq = ?, hash = ?, ids = ? WHERE one = 1 AND seq = ? AND hash = ?"},
		{&s.look, "SELECT seq FROM ids WHERE id = ?"},
		{&s.id, "INSERT OR IGNORE INTO ids(id, seq) VALUES(?, ?)"},
		{&s.note, "INSERT OR REPLACE INTO checkpoint(size, note) VALUES(?, ?)"},
		{&s.unnote, "DELETE FROM checkpoint WHERE size = ?"},
		{&s.rewrite, "UPDATE batch SET body = ? WHERE first = ?"},
	} {
		st, _, err := c.PrepareFlags(p.sql, sqlite3.PREPARE_PERSISTENT)
		if err != nil {
			return err
		}
		*p.to = st
	}
	return nil
}

// reload opens a connection and takes the state of the journal from the disk.
// It is called at the start and after every failed transaction, because a
// commit that failed may have become durable all the same.
func (w *writer) reload(ctx context.Context) error {
	if w.dead != nil {
		return w.dead
	}
	w.drop()
	c, err := w.at.openWriter()
	if err != nil {
		return err
	}
	w.conn = c
	if err := w.load(ctx, c); err != nil {
		return errors.Join(err, w.drop())
	}
	return nil
}

func (w *writer) drop() error {
	if w.conn == nil {
		return nil
	}
	c := w.conn
	w.conn, w.st = nil, writeStmts{}
	return closeConn(c)
}

func (w *writer) load(ctx context.Context, c *sqlite3.Conn) error {
	if err := create(c, w.v); err != nil {
		return err
	}
	h, err := readHead(c)
	if err != nil {
		return err
	}
	if err := w.v.fits(h.probe); err != nil {
		return err
	}
	if h.seq < w.acked {
		return fmt.Errorf("%w: head is %d, but %d was acknowledged", errDecode, h.seq, w.acked)
	}
	rc, err := newReadConn(c)
	if err != nil {
		return err
	}
	tree, err := frontierAt(int64(h.seq), tlog.HashReaderFunc(func(x []int64) ([]tlog.Hash, error) {
		return w.v.readHashes(rc.node, x)
	}))
	if err != nil {
		return err
	}
	if tree.root() != h.hash {
		return fmt.Errorf("%w: head does not match the tree of %d records", errDecode, h.seq)
	}
	if err := w.st.prepare(c); err != nil {
		return err
	}
	c.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		w.walPages = pages
		return nil
	})
	w.tree, w.root = tree.clone(), h.hash
	return w.loadIDs(ctx, rc, h)
}

// loadIDs takes up the IDs that are not yet in table ids, and reads at least
// the newest batch, which so proves to be whole.
func (w *writer) loadIDs(ctx context.Context, rc *readConn, h headRow) error {
	w.ids.reset(h.ids)
	if h.seq == 0 {
		return nil
	}
	from := min(h.ids+1, h.seq)
	if err := rc.batch.BindInt64(1, int64(from)); err != nil {
		return err
	}
	r := reader{v: w.v}
	next := from
	for rc.batch.Step() {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := r.openRow(rc.batch)
		if err != nil {
			return err
		}
		if b.first > next || b.end() <= next {
			break
		}
		next = b.end()
		for i := range b.entries {
			if e := &b.entries[i]; e.Seq > h.ids {
				w.ids.add(w.ids.tagOf(e.ID), e.Seq)
			}
		}
	}
	if err := errors.Join(rc.batch.Err(), rc.batch.Reset()); err != nil {
		return err
	}
	if next != h.seq+1 {
		return fmt.Errorf("%w: head is %d, but the batches end at %d", errDecode, h.seq, next-1)
	}
	return nil
}

// fresh is a record that gets a new Seq, and who asked for it.
type fresh struct {
	rec *Record
	tag tag
}

// append stores all records of reqs in one transaction and answers each
// request.
func (w *writer) append(ctx context.Context, reqs []*request) error {
	err := w.ready(ctx)
	if err == nil {
		// The look-ups stand inside the transaction: outside, SQLite would lock
		// and unlock the file for each of them.
		err = w.transact(func() error {
			news, err := w.number(reqs)
			if err != nil {
				return err
			}
			if len(news) == 0 {
				return w.st.rollback.Exec()
			}
			return w.insert(news)
		})
	}
	if err != nil {
		err = storeFault(err, "append", sayUnwritable())
		for _, q := range reqs {
			q.seqs, q.err = nil, err
		}
		return err
	}
	w.acked = w.seq()
	return nil
}

func (w *writer) ready(ctx context.Context) error {
	if w.dead != nil {
		return w.dead
	}
	if w.conn != nil {
		return nil
	}
	if err := w.reload(ctx); err != nil {
		return err
	}
	return w.emptyWAL()
}

// emptyWAL begins the write-ahead log anew, so that nothing of a failed
// transaction stays in it.
func (w *writer) emptyWAL() error {
	w.walPages = 1 // the true length is not known before the first commit
	return w.checkpointWAL(true)
}

// number gives each record its Seq: the first one its ID ever had, or the
// next.
func (w *writer) number(reqs []*request) ([]fresh, error) {
	n := 0
	for _, q := range reqs {
		n += len(q.recs)
	}
	news := make([]fresh, 0, n)
	var here map[tag]Seq
	if n > 1 {
		here = make(map[tag]Seq, n)
	}
	next := w.seq() + 1
	for _, q := range reqs {
		q.seqs = q.seqs[:0]
		for i := range q.recs {
			r := &q.recs[i]
			t := w.ids.tagOf(r.ID)
			s, known := here[t]
			if !known {
				var err error
				if s, known, err = w.ids.find(t, w.st.look); err != nil {
					return nil, err
				}
			}
			if !known {
				s = next
				next++
				if here != nil {
					here[t] = s
				}
				r.Seq = s
				news = append(news, fresh{r, t})
			}
			q.seqs = append(q.seqs, s)
		}
	}
	return news, nil
}

// transact runs fn in a transaction. After any failure the connection is given
// up: the next use reads the truth from the disk.
func (w *writer) transact(fn func() error) error {
	err := w.st.begin.Exec()
	if err == nil {
		err = fn()
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrFenced) {
		w.dead = storeFault(err, "append", sayFenced())
	}
	if w.conn != nil && !w.conn.GetAutocommit() {
		err = errors.Join(err, w.st.rollback.Exec())
	}
	return errors.Join(err, w.drop())
}

// insert writes the rows of news, moves the head, commits, and only then
// changes the state in memory.
func (w *writer) insert(news []fresh) error {
	tree, before := w.tree.clone(), w.root
	for rest := news; len(rest) > 0; {
		n, err := w.insertRow(rest, &tree, before)
		if err != nil {
			return err
		}
		rest, before = rest[n:], tree.root()
	}
	old := w.seq()
	moved, err := w.ids.write(w.st.id, pendingMax, len(news))
	if err != nil {
		return err
	}
	if err := w.moveHead(Seq(tree.n), before, w.ids.lowAfter(moved, old)); err != nil {
		return err
	}
	if err := w.st.commit.Exec(); err != nil {
		return err
	}
	w.tree, w.root = tree, before
	w.ids.done(moved, old)
	for i := range news {
		w.ids.add(news[i].tag, news[i].rec.Seq)
	}
	return nil
}

// moveHead is the compare-and-swap that fences a second writer.
func (w *writer) moveHead(seq Seq, hash tlog.Hash, ids Seq) error {
	st := w.st.head
	if err := errors.Join(st.BindInt64(1, int64(seq)), st.BindBlob(2, hash[:]), st.BindInt64(3, int64(ids)),
		st.BindInt64(4, int64(w.seq())), st.BindBlob(5, w.root[:]), st.Exec()); err != nil {
		return err
	}
	if w.conn.Changes() != 1 {
		return ErrFenced
	}
	return nil
}

// insertRow writes one batch row with the first n records of news.
func (w *writer) insertRow(news []fresh, tree *frontier, before tlog.Hash) (n int, err error) {
	first := news[0].rec.Seq
	w.plain, w.nodes = append(w.plain[:0], batchVersion), w.nodes[:0]
	for n < len(news) && n < w.max && len(w.plain) < rowBytes {
		var leaf tlog.Hash
		w.plain, w.scratch, leaf = appendEntry(w.plain, news[n].rec, w.scratch)
		w.nodes = tree.push(w.nodes, leaf)
		n++
	}
	body := w.v.sealBatch(w.plain, first, n, before)
	st := w.st.batch
	if err := errors.Join(st.BindInt64(1, int64(first)), st.BindInt64(2, int64(n)), st.BindBlob(3, before[:]),
		st.BindBlob(4, body), st.Exec()); err != nil {
		return 0, fmt.Errorf("batch: %w", err)
	}
	st = w.st.node
	if err := errors.Join(st.BindInt64(1, int64(first)), st.BindBlob(2, w.v.sealNodes(w.nodes, first)), st.Exec()); err != nil {
		return 0, fmt.Errorf("node: %w", err)
	}
	if cap(w.plain) > 4*rowBytes { // one giant must not be kept for ever
		w.plain, w.scratch = nil, nil
	}
	return n, nil
}

// settle puts every waiting ID into the table, so that the next start reads
// nothing twice.
func (w *writer) settle() error {
	if w.conn == nil || w.ids.low() == w.seq() {
		return nil
	}
	return w.transact(func() error {
		moved, err := w.ids.write(w.st.id, -1, 0)
		if err != nil {
			return err
		}
		at := w.seq()
		if err := w.moveHead(at, w.root, at); err != nil {
			return err
		}
		if err := w.st.commit.Exec(); err != nil {
			return err
		}
		w.ids.done(moved, at)
		return nil
	})
}

// walLimit is the length of the WAL in pages at which the writer moves it into
// the database. Short, because a damaged byte in the WAL costs everything
// after it; not too short, because each time costs two fsyncs.
const walLimit = 1000

// checkpointWAL moves the WAL into the database. truncate also empties the
// file; it gives way to readers.
func (w *writer) checkpointWAL(truncate bool) error {
	if w.conn == nil || w.walPages == 0 {
		return nil
	}
	mode := sqlite3.CHECKPOINT_PASSIVE
	if truncate {
		mode = sqlite3.CHECKPOINT_TRUNCATE
	}
	n, done, err := w.conn.WALCheckpoint("main", mode)
	if errors.Is(err, sqlite3.BUSY) {
		return nil // a reader holds it: next time
	}
	if err != nil {
		return errors.Join(fmt.Errorf("wal checkpoint: %w", err), w.drop())
	}
	if done >= n {
		w.walPages = 0
	}
	return nil
}
