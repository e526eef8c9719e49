package chart

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/seal"
)

// deskLimit is how many bytes of decoded documents stay in memory between
// batches, roughly.
const deskLimit = 64 << 20

// dirtyMost is how many changed documents one transaction holds in memory,
// before it is stored whatever comes behind.
const dirtyMost = 20_000

// writer folds messages into one derived file. It belongs to one goroutine.
type writer struct {
	shelf  *dbShelf
	desk   *desk
	folder *folder

	pos     uint64
	asOf    time.Time
	waiting int64 // entries in the waiting table
}

// newWriter opens the file at path, which has the schema or is empty.
func newWriter(path string, key seal.Key, r rules, c *codecs, fast bool) (*writer, error) {
	cn, err := dial(path, key, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE, 48, fast)
	if err != nil {
		return nil, err
	}
	w := &writer{shelf: &dbShelf{conn: cn, codecs: c, rules: r, words: map[string]bool{}}}
	if err := w.start(r, c); err != nil {
		return nil, errors.Join(err, cn.Close())
	}
	return w, nil
}

func (w *writer) start(r rules, c *codecs) error {
	s := w.shelf
	tables, err := s.number("SELECT count(*) FROM sqlite_schema WHERE name='meta'")
	if err != nil {
		return err
	}
	if tables == 0 {
		if err := s.Exec("BEGIN;" + schema + "COMMIT"); err != nil {
			return fmt.Errorf("chart schema: %w", err)
		}
		if err := s.run("INSERT INTO meta VALUES('layout',?)", c.layout()); err != nil {
			return err
		}
	}
	pos, err := s.number("SELECT v FROM meta WHERE k='pos'")
	if err != nil {
		return err
	}
	asOf, err := s.number("SELECT v FROM meta WHERE k='asof'")
	if err != nil {
		return err
	}
	w.pos, w.asOf = uint64(pos), fromNano(asOf, r.zone)
	if w.waiting, err = s.number("SELECT count(*) FROM waiting"); err != nil {
		return err
	}
	if w.desk, err = newDesk(s); err != nil {
		return err
	}
	w.folder = &folder{rules: r, desk: w.desk, feeds: map[string]*feedState{}}
	return s.each(func(st *sqlite3.Stmt) bool {
		w.folder.feeds[st.ColumnText(0)] = &feedState{
			Last: fromNano(st.ColumnInt64(1), r.zone), LastSent: fromNano(st.ColumnInt64(2), r.zone),
			Count: uint64(st.ColumnInt64(3)),
		}
		return true
	}, "SELECT name, last, sent, count FROM feed")
}

// moved is what a batch changed.
type moved struct {
	wards []string
}

// batch folds the messages of the chunks, each as soon as it is there, and
// stores them with the position in one transaction. After an error nothing of
// it is stored and the writer must be closed. again returns a message that is
// waiting for its case.
func (w *writer) batch(ctx context.Context, chunks iter.Seq[chunk], again func(context.Context, uint64) (message, error)) (m moved, err error) {
	w.shelf.SetInterrupt(ctx)
	if err := w.shelf.run("BEGIN IMMEDIATE"); err != nil {
		return m, err
	}
	defer func() {
		w.shelf.SetInterrupt(context.Background()) // ctx may end before the connection is used again
		if err != nil {
			err = errors.Join(err, w.shelf.rollback())
		}
	}()
	last := w.pos
	for ch := range chunks {
		if err := w.take(ctx, ch.msgs, again); err != nil {
			return m, err
		}
		last = max(last, ch.last)
		if w.desk.dirty() >= dirtyMost {
			break
		}
	}
	if err := ctx.Err(); err != nil { // the chunks may have ended because of it
		return m, err
	}
	if m.wards, err = w.shelf.store(w.desk); err != nil {
		return m, err
	}
	if err := w.storeLists(); err != nil {
		return m, err
	}
	w.pos = last
	if err := w.shelf.run("INSERT OR REPLACE INTO meta VALUES('pos',?),('asof',?)", w.pos, toNano(w.asOf)); err != nil {
		return m, err
	}
	if err := w.shelf.run("COMMIT"); err != nil {
		return m, err
	}
	w.desk.stored(deskLimit)
	return m, nil
}

// take folds messages into the documents on the desk.
func (w *writer) take(ctx context.Context, msgs []message, again func(context.Context, uint64) (message, error)) error {
	for i := range msgs {
		known := len(w.desk.told)
		w.folder.apply(&msgs[i])
		if err := w.file(ctx, known, again); err != nil {
			return err
		}
		if w.desk.err != nil {
			return w.desk.err
		}
		// what people read, sign and declare here makes no data newer
		if !msgs[i].Silent && !msgs[i].Test && msgs[i].Received.After(w.asOf) {
			w.asOf = msgs[i].Received
		}
	}
	return nil
}

func (c *conn) rollback() error {
	c.SetInterrupt(context.Background())
	if c.GetAutocommit() {
		return nil
	}
	return c.run("ROLLBACK")
}

// file folds the messages whose case or order has just become known: what is
// told from index known on.
func (w *writer) file(ctx context.Context, known int, again func(context.Context, uint64) (message, error)) error {
	if err := w.wait(); err != nil {
		return err
	}
	if w.waiting == 0 || known == len(w.desk.told) {
		return nil
	}
	now := w.folder.m.Received
	for _, no := range slices.Clone(w.desk.told[known:]) {
		var seqs []uint64
		err := w.shelf.each(func(st *sqlite3.Stmt) bool {
			seqs = append(seqs, uint64(st.ColumnInt64(0)))
			return true
		}, "SELECT seq FROM waiting WHERE no=? ORDER BY seq", no)
		if err != nil {
			return err
		}
		for _, seq := range seqs {
			if err := w.refile(ctx, seq, since(no, now), again); err != nil {
				return err
			}
		}
		if err := w.shelf.run("DELETE FROM waiting WHERE no=?", no); err != nil {
			return err
		}
		w.waiting -= int64(len(seqs))
	}
	return nil
}

// refile folds a message a second time, if it was not received before oldest:
// the first time it could not be filed.
func (w *writer) refile(ctx context.Context, seq uint64, oldest time.Time, again func(context.Context, uint64) (message, error)) error {
	m, err := again(ctx, seq)
	if err != nil {
		return fmt.Errorf("waiting record: %w", err)
	}
	if m.Seq == 0 || m.Received.Before(oldest) {
		return nil // pruned meanwhile, or not to be trusted any more
	}
	if err := w.storeLists(); err != nil {
		return err
	}
	m.Silent = true // it was counted when it came
	m.Problems = nil
	w.folder.apply(&m)
	if err := w.wait(); err != nil {
		return err
	}
	return w.shelf.run("DELETE FROM unread WHERE seq=? AND code IN ('unknown-case','unknown-order')", seq)
}

// wait stores which messages wait for a case or an order.
func (w *writer) wait() error {
	for _, x := range w.folder.lists.waiting {
		if err := w.shelf.run("INSERT OR IGNORE INTO waiting VALUES(?,?)", x.no, x.seq); err != nil {
			return err
		}
		w.waiting++
	}
	w.folder.lists.waiting = w.folder.lists.waiting[:0]
	return nil
}

// storeLists writes unread items, what was set aside, and the feeds.
func (w *writer) storeLists() error {
	s, l := w.shelf, &w.folder.lists
	for i := range l.unread {
		u := &l.unread[i]
		err := s.run(`INSERT INTO unread VALUES(?1,(SELECT ifnull(max(n),0)+1 FROM unread WHERE seq=?1),?2,?3,?4,?5,?6,0,'',0,?7,?8)`,
			u.Seq, u.Feed, u.Code, u.Segment, u.Ward, string(u.Key), encode(s.codecs, s.codecs.unread, u), u.alike())
		if err != nil {
			return err
		}
	}
	for _, a := range l.asides {
		by, at := a.By, toNano(a.At)
		if a.Undo {
			by, at = "", 0
		}
		if err := s.run("UPDATE unread SET aside=?1, by=?2, at=?5 WHERE seq=?3 AND (?4='' OR segment=?4)", !a.Undo, by, a.Seq, a.Segment, at); err != nil {
			return err
		}
		// Those it stands for; never a newer one, which nobody has seen.
		if err := s.run(`UPDATE unread SET aside=?1, by=?2, at=?6 WHERE aside=?5 AND alike<>'' AND seq<?3
			AND alike IN (SELECT alike FROM unread WHERE seq=?3 AND (?4='' OR segment=?4))`, !a.Undo, by, a.Seq, a.Segment, a.Undo, at); err != nil {
			return err
		}
	}
	for name, f := range w.folder.feeds {
		if !f.dirty {
			continue
		}
		f.dirty = false
		if err := s.run("INSERT OR REPLACE INTO feed VALUES(?,?,?,?)", name, toNano(f.Last), toNano(f.LastSent), f.Count); err != nil {
			return err
		}
	}
	l.unread, l.asides = l.unread[:0], l.asides[:0]
	return nil
}

func (w *writer) close() error { return w.shelf.Close() }

func toNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNano(n int64, zone *time.Location) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).In(zone)
}
