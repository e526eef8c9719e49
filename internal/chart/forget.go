package chart

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// job is work on the writer's connection between batches.
type job struct {
	do   func(context.Context, *file) error
	done chan error
}

// ask has fn done by Run between two batches. What comes when Run has ended is
// refused: a hub that stops does not wait for it.
func (c *Chart) ask(ctx context.Context, fn func(context.Context, *file) error) error {
	j := job{do: fn, done: make(chan error, 1)}
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return errEnded()
	}
	c.jobs = append(c.jobs, j)
	if c.wake != nil {
		c.wake()
	}
	c.mu.Unlock()
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("chart: %w", ctx.Err())
	}
}

// work does what was asked for.
func (c *Chart) work(ctx context.Context, f *file) {
	c.mu.Lock()
	jobs := c.jobs
	c.jobs = nil
	c.mu.Unlock()
	for _, j := range jobs {
		j.done <- j.do(ctx, f)
	}
}

func errEnded() error { return unavailable(errors.New("chart: nothing is folded any more")) }

// end refuses what was asked for and not done.
func (c *Chart) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for _, j := range c.jobs {
		j.done <- errEnded()
	}
	c.jobs = nil
}

// Forget removes whole persons of whom no record was received since before and
// who are neither in house nor expected, and returns how many. A person of whom
// kept reports one of the identities stays whole; nil keeps nobody. Run must be
// running. The journal is not touched: prune it with [View.Keep], then call
// [Chart.Dropped].
func (c *Chart) Forget(ctx context.Context, before time.Time, kept func(clinical.PatientKey) bool) (n int, err error) {
	err = c.ask(ctx, func(ctx context.Context, f *file) error {
		if f != c.shown {
			return unavailable(errors.New("chart: rebuilding, nothing is forgotten now"))
		}
		n, err = f.w.forget(ctx, before, kept)
		return err
	})
	if err == nil && n > 0 {
		c.publish(Moved{Seq: uint64(c.Position()), All: true})
	}
	return n, err
}

// Forgot reports whether the journal may still hold records of people that
// Forget removed: [Chart.Dropped] was not called since.
func (c *Chart) Forgot(ctx context.Context) (bool, error) {
	v, err := c.View(ctx)
	if err != nil {
		return false, err
	}
	n, err := v.conn.number("SELECT count(*) FROM meta WHERE k='forgot'")
	return n > 0, errors.Join(err, v.Close())
}

// Dropped says that the journal holds nothing more of those whom Forget removed.
func (c *Chart) Dropped(ctx context.Context) error {
	return c.ask(ctx, func(_ context.Context, f *file) error {
		return f.w.shelf.run("DELETE FROM meta WHERE k='forgot'")
	})
}

// Refold has Run fold the whole journal anew, beside what is shown: who was
// forgotten and is still in the journal comes back.
func (c *Chart) Refold(ctx context.Context) error {
	return c.ask(ctx, func(_ context.Context, f *file) error {
		f.stale = f.stale || f == c.shown // else the successor is on its way already
		return nil
	})
}

// forget removes persons in one transaction.
func (w *writer) forget(ctx context.Context, before time.Time, kept func(clinical.PatientKey) bool) (n int, err error) {
	s := w.shelf
	s.SetInterrupt(ctx)
	if err := s.run("BEGIN IMMEDIATE"); err != nil {
		return 0, err
	}
	defer func() {
		s.SetInterrupt(context.Background())
		w.desk.clear() // what is on the desk may be gone
		if err != nil {
			err = errors.Join(err, s.rollback())
		}
	}()
	var roots []int64
	err = s.each(func(st *sqlite3.Stmt) bool { roots = append(roots, st.ColumnInt64(0)); return true },
		`SELECT root FROM person GROUP BY root HAVING max(seen)<? AND max(present)=0
			AND NOT EXISTS(SELECT 1 FROM bed WHERE bed.pid=person.root AND (till=0 OR till>?))`, before.Unix(), before.Unix())
	if err != nil {
		return 0, err
	}
	for _, root := range roots {
		var members []int64
		stays := false
		if err := s.each(func(st *sqlite3.Stmt) bool {
			members = append(members, st.ColumnInt64(0))
			stays = stays || kept != nil && kept(clinical.PatientKey(st.ColumnText(1)))
			return true
		}, "SELECT pid, key FROM person WHERE root=?", root); err != nil {
			return 0, err
		}
		if stays {
			continue
		}
		for _, pid := range members {
			if err := w.erase(pid); err != nil {
				return 0, err
			}
		}
		n++
	}
	if err := s.run("DELETE FROM typo WHERE word NOT IN (SELECT a FROM name)"); err != nil {
		return 0, err
	}
	if n > 0 {
		if err := s.run("INSERT OR REPLACE INTO meta VALUES('forgot',1)"); err != nil {
			return 0, err
		}
	}
	clear(s.words)
	return n, s.run("COMMIT")
}

// erase removes every row of one identity.
func (w *writer) erase(pid int64) error {
	h := w.desk.head(pid)
	if err := w.shelf.storeTrace(h, &trace{}, nil); err != nil {
		return err
	}
	if err := w.shelf.run("DELETE FROM task WHERE pid=?", pid); err != nil {
		return err
	}
	for _, no := range h.Cases {
		if err := w.shelf.run("DELETE FROM owner WHERE no=? AND pid=?", string(no), pid); err != nil {
			return err
		}
	}
	for i := range h.P.Orders {
		for _, no := range numbers(&h.P.Orders[i].V) {
			if err := w.shelf.run("DELETE FROM ordered WHERE no=? AND pid=?", no, pid); err != nil {
				return err
			}
		}
	}
	for _, sql := range []string{
		"DELETE FROM unread WHERE key=(SELECT key FROM person WHERE pid=?)", "DELETE FROM chapter WHERE pid=?",
		"DELETE FROM person WHERE pid=?",
	} {
		if err := w.shelf.run(sql, pid); err != nil {
			return err
		}
	}
	return nil
}

// Keep returns which records must stay in the journal: those behind the charts
// that are here, and those that are open on the unread list or wait for a case.
// Records that the chart does not fold (entries, commands, reads) are for the
// caller to decide. The answer may be used after the view is closed.
func (v *View) Keep(ctx context.Context) (func(journal.Seq) bool, error) {
	v.conn.SetInterrupt(ctx)
	bits := make([]uint64, v.seq/64+1)
	set := func(n uint64) {
		if i := n / 64; i < uint64(len(bits)) {
			bits[i] |= 1 << (n % 64)
		}
	}
	var bad error
	err := v.conn.each(func(s *sqlite3.Stmt) bool {
		var ch chapter
		if _, bad = decode(v.c.codecs, v.c.codecs.chapter, s.ColumnRawBlob(0), &ch); bad != nil {
			return false
		}
		for _, src := range ch.Sources {
			set(src.Seq)
		}
		return true
	}, "SELECT body FROM chapter WHERE kind=?", chapterSources)
	err = errors.Join(err, bad, v.conn.each(func(s *sqlite3.Stmt) bool { set(uint64(s.ColumnInt64(0))); return true },
		"SELECT seq FROM unread WHERE aside=0 UNION SELECT seq FROM waiting WHERE substr(no,1,length(?1))<>?1", awaitedOrder("")))
	if err != nil {
		return nil, err
	}
	top := v.seq
	return func(n journal.Seq) bool { // what is not folded yet stays
		return uint64(n) > top || bits[n/64]&(1<<(n%64)) != 0
	}, nil
}

// unplaced are the persons who are in house and on no ward at a time.
const unplaced = `root=pid AND pid IN (SELECT pid FROM person INDEXED BY person_birth WHERE present=1)
		AND pid NOT IN (SELECT pid FROM bed WHERE arriving=0 AND (till=0 OR till>?))`

// Unplaced returns those who are in house, not for a visit alone, and whom no
// message has put into a ward: they stand on no ward's list.
func (v *View) Unplaced(ctx context.Context) (out []Row, err error) {
	defer v.note(&err)
	v.conn.SetInterrupt(ctx)
	var bad error
	err = v.conn.each(func(s *sqlite3.Stmt) bool {
		var doc hitDoc
		if _, bad = decode(v.c.codecs, v.c.codecs.hit, s.ColumnRawBlob(0), &doc); bad != nil {
			return false
		}
		out = append(out, Row{Key: doc.Key, Name: doc.Name, Birth: doc.Birth, Sex: doc.Sex, Case: doc.Case, State: doc.State})
		return true
	}, "SELECT hit FROM person WHERE "+unplaced+" ORDER BY key", v.now.Unix())
	return out, errors.Join(err, bad)
}

// NoWard is the code of the list of those whom no message has put into a ward.
const NoWard = "ohne Station"

// Nowhere is the list of [View.Unplaced] as a ward's is, for folders that forget
// nobody; without rows where everybody has a ward.
func (v *View) Nowhere(ctx context.Context, l lang.Lang) (Ward, error) {
	rows, err := v.Unplaced(ctx)
	return Ward{Code: NoWard, Rows: rows, Occupied: len(rows), Name: lang.Text{DE: "ohne Station: im Haus, aber wo, sagt keine Nachricht", EN: "no ward: in house, but no message says where"}.In(l)}, err
}

// InHouse returns the keys of everybody who is in house or expected: for
// retention and for the ward packs of the whole house.
func (v *View) InHouse(ctx context.Context) ([]clinical.PatientKey, error) {
	v.conn.SetInterrupt(ctx)
	var out []clinical.PatientKey
	err := v.conn.each(func(s *sqlite3.Stmt) bool {
		out = append(out, clinical.PatientKey(s.ColumnText(0)))
		return true
	}, "SELECT key FROM person WHERE pid IN (SELECT pid FROM bed WHERE till=0 OR till>?) ORDER BY key", v.now.Unix())
	return out, err
}
