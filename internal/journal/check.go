package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/seal"
)

// CheckOptions say where Check finds what is not in the journal's folder.
type CheckOptions struct {
	AnchorDir string // as in [Options]
	vfs       string
}

// Check reads the whole journal and tells every damage. witnesses are signed
// checkpoints that were kept elsewhere: by stations, on printed pages, in a
// backup. It changes nothing and runs beside a writer; then it sees the
// journal as it was at one moment.
//
// An error means that the check could not be done to its end; the findings up
// to there are returned with it.
func Check(ctx context.Context, dir string, key seal.Key, v note.Verifier, witnesses [][]byte, o CheckOptions) ([]Finding, Stats, error) {
	if v == nil {
		return nil, Stats{}, errors.New("journal check: no verifier")
	}
	c := &checker{verify: v}
	box, err := newVault(key)
	if err != nil {
		return nil, Stats{}, err
	}
	c.v = box
	at := newStorage(dir, o.vfs)
	if _, err := os.Stat(at.path); errors.Is(err, fs.ErrNotExist) {
		c.found.add(CodeMissing, 0, 0, nil)
		return c.found.all, c.stats, nil
	}
	if err := c.readNotes(Options{AnchorDir: o.AnchorDir}.anchorPath(dir), anchorAway(dir, o.AnchorDir), witnesses); err != nil {
		return nil, Stats{}, storeFault(err, "check", sayUnreadable())
	}
	if err := c.checkFile(ctx, at); err != nil {
		return c.found.all, c.stats, storeFault(err, "check", sayUnreadable())
	}
	return c.found.all, c.stats, nil
}

// checker is one run of Check.
type checker struct {
	v      *vault
	verify note.Verifier
	found  findings
	stats  Stats

	notes  []witness // sorted by size
	head   headRow
	tree   frontier
	broken bool // the tree could not be followed to its end
	ids    *idIndex
	seen   map[tag]Seq // IDs not yet in the table
	inIDs  int         // rows of table ids that were confirmed
	holes  []span      // pruned places
	prunes []PruneReport
	failed []failedRow
}

// witness is a checkpoint to be compared, and where it comes from.
type witness struct {
	Checkpoint
	from string
}

// failedRow is a batch row that did not open.
type failedRow struct {
	first  Seq
	count  int
	before tlog.Hash
	body   []byte
}

// readNotes takes up the anchor and the witnesses.
func (c *checker) readNotes(anchor string, away error, witnesses [][]byte) error {
	b, err := os.ReadFile(anchor)
	switch {
	case away != nil:
		c.found.add(CodeAnchorAway, 0, 0, away)
	case err == nil:
		c.addNote(anchorFile, b)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	for _, b := range witnesses {
		c.addNote(witnessNote, b)
	}
	return nil
}

func (c *checker) addNote(from string, b []byte) {
	cp, err := OpenCheckpoint(b, c.verify)
	if err != nil {
		c.found.add(Code(from)+CodeUnread, 0, 0, err)
		return
	}
	c.notes = append(c.notes, witness{cp, from})
}

// checkFile opens the database in one read transaction and goes through it.
func (c *checker) checkFile(ctx context.Context, at storage) error {
	// While another process writes, the log changes under the scan.
	walErr := checkWAL(at.path)
	if errors.Is(walErr, errWAL) && !locked(at) {
		c.found.add(CodeWAL, 0, 0, walErr)
	} else if walErr != nil && !errors.Is(walErr, errWAL) {
		return walErr
	}
	conn, err := at.openReader()
	if err != nil {
		return c.sqlFinding(err)
	}
	defer closeConn(conn)
	conn.SetInterrupt(ctx)
	if err := conn.Exec("BEGIN"); err != nil {
		return c.sqlFinding(err)
	}
	if err := checkFormat(conn); err != nil {
		if fault.KindOf(err) == fault.Internal {
			return c.sqlFinding(err)
		}
		c.found.add(CodeFormat, 0, 0, err)
		return nil
	}
	if err := c.quickCheck(conn); err != nil {
		return c.sqlFinding(err)
	}
	if c.head, err = readHead(conn); err != nil {
		if errors.Is(err, errDecode) {
			c.found.add(CodeHead, 0, 0, err)
			return nil
		}
		return c.sqlFinding(err)
	}
	c.stats.Head = c.head.seq
	if err := c.v.fits(c.head.probe); err != nil {
		// A damaged probe is no wrong key: a batch that opens proves the key.
		if !c.anyBatchOpens(conn) {
			c.found.add(CodeKey, 0, 0, err)
			return nil
		}
		c.found.add(CodeHead, 0, 0, err)
	}
	return c.checkRows(ctx, conn)
}

// Locked reports whether a process has the journal in dir open for writing.
func Locked(dir string) bool { return locked(newStorage(dir, "")) }

// locked reports whether a process holds the journal's lock.
func locked(at storage) bool {
	path := at.path[:len(at.path)-len(dbName)] + lockName
	if _, err := os.Stat(path); err != nil {
		return false
	}
	conn, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		return false
	}
	defer conn.Close()
	return errors.Is(conn.Exec("BEGIN IMMEDIATE"), sqlite3.BUSY)
}

// sqlFinding turns an answer of SQLite that means damage into a finding, and
// returns every other error.
func (c *checker) sqlFinding(err error) error {
	for _, code := range []sqlite3.ErrorCode{sqlite3.CORRUPT, sqlite3.NOTADB, sqlite3.FORMAT, sqlite3.ERROR, sqlite3.TOOBIG, sqlite3.MISMATCH} {
		if errors.Is(err, code) {
			c.found.add(CodeDatabase, 0, 0, err)
			return nil
		}
	}
	if errors.Is(err, sqlite3.IOERR_SHORT_READ) {
		c.found.add(CodeDatabase, 0, 0, err)
		return nil
	}
	return err
}

func (c *checker) quickCheck(conn *sqlite3.Conn) error {
	st, _, err := conn.Prepare("PRAGMA quick_check(20)")
	if err != nil {
		return err
	}
	defer st.Close()
	for st.Step() {
		if s := st.ColumnText(0); s != "ok" {
			c.found.add(CodeDatabase, 0, 0, fmt.Errorf("quick_check: %s", s))
		}
	}
	return st.Err()
}

func (c *checker) anyBatchOpens(conn *sqlite3.Conn) bool {
	rc, err := newReadConn(conn)
	if err != nil || rc.batch.BindInt64(1, 1) != nil {
		return false
	}
	r := reader{v: c.v}
	for i := 0; i < 16 && rc.batch.Step(); i++ {
		if _, err := r.openRow(rc.batch); err == nil {
			return true
		}
	}
	return false
}

// checkRows goes through all tables.
func (c *checker) checkRows(ctx context.Context, conn *sqlite3.Conn) error {
	if err := c.checkpointRows(conn); err != nil {
		return c.sqlFinding(err)
	}
	slices.SortStableFunc(c.notes, func(a, b witness) int { return int(a.Size) - int(b.Size) })
	c.ids = newIDIndex(c.v.ids)
	c.seen = make(map[tag]Seq)
	err := c.batchRows(ctx, conn)
	if err != nil {
		c.broken = true
		if err := c.sqlFinding(err); err != nil {
			return err
		}
	}
	c.compare(Seq(c.tree.n), true)
	c.moved()
	c.explain()
	if !c.broken && (Seq(c.tree.n) != c.head.seq || c.tree.root() != c.head.hash) {
		c.found.add(CodeHead, 0, 0, fmt.Errorf("head row says %d records, the batches hold %d", c.head.seq, c.tree.n))
	}
	return c.sqlFinding(c.countIDs(conn))
}

// checkpointRows verifies the signatures of the stored checkpoints and takes
// them up for comparison.
func (c *checker) checkpointRows(conn *sqlite3.Conn) error {
	st, _, err := conn.Prepare("SELECT size, note FROM checkpoint ORDER BY size")
	if err != nil {
		return err
	}
	defer st.Close()
	for st.Step() {
		cp, err := OpenCheckpoint(st.ColumnRawBlob(1), c.verify)
		if size := Seq(st.ColumnInt64(0)); err != nil || cp.Size != size {
			c.found.add(checkpointRow+CodeUnread, size, size, err)
			continue
		}
		c.stats.Checkpoints++
		c.notes = append(c.notes, witness{cp, checkpointRow})
	}
	return st.Err()
}

// compare holds the tree against every checkpoint of its present size. At the
// end it tells those that are larger.
func (c *checker) compare(size Seq, end bool) {
	for len(c.notes) > 0 && (c.notes[0].Size <= size || end) {
		w := c.notes[0]
		c.notes = c.notes[1:]
		switch {
		case c.broken:
			// behind a hole nothing can be said; the hole itself was found
		case w.Size > size:
			c.found.add(Code(w.from)+CodeShorter, size+1, w.Size, nil)
		case c.tree.root() != w.Root:
			c.found.add(Code(w.from)+CodeForked, 0, 0, fmt.Errorf("at %d records", w.Size))
		case w.from != checkpointRow:
			c.stats.Witnesses++
		}
	}
}

// moved finds out which of the damaged batches only stand in a wrong place.
func (c *checker) moved() {
	for i := range c.failed {
		for k := range c.failed {
			a, b := &c.failed[i], &c.failed[k]
			if i == k || bytes.Equal(a.body, b.body) {
				continue
			}
			// Either the body alone was moved or the whole row.
			_, err := c.v.openBatch(a.body, b.first, b.count, b.before)
			if err != nil {
				_, err = c.v.openBatch(a.body, b.first, a.count, a.before)
			}
			if err == nil {
				c.found.add(CodeMoved, a.first, a.first+Seq(a.count)-1, fmt.Errorf("belongs at %d", b.first))
			}
		}
	}
}

// explain looks for a prune record for each pruned place.
func (c *checker) explain() {
	var claimed, gone uint64
	for _, p := range c.prunes {
		claimed += p.Count
	}
	for _, h := range c.holes {
		gone += uint64(h.last - h.first + 1)
		for at := h.first; at <= h.last; {
			end := at - 1 // the prunes account for all up to here
			for _, p := range c.prunes {
				if p.First <= at && p.Last >= at && p.Command > p.Last {
					end = max(end, p.Last)
				}
			}
			if end < at {
				c.found.add(CodeUnexpl, at, at, nil)
				end = at
			}
			at = end + 1
		}
	}
	if gone > claimed && !c.broken {
		c.found.add(CodeUnexpl, 0, 0, fmt.Errorf("%d places are pruned, %d are accounted for", gone, claimed))
	}
}
