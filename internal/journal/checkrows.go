package journal

import (
	"context"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/tlog"
)

// checkStmts are the statements of a check.
type checkStmts struct{ batch, at, node, id *sqlite3.Stmt }

// batchRows goes through batch and node in order, rebuilds the tree and looks
// up every ID.
func (c *checker) batchRows(ctx context.Context, conn *sqlite3.Conn) error {
	var s checkStmts
	for _, p := range []struct {
		to  **sqlite3.Stmt
		sql string
	}{
		{&s.batch, "SELECT first, count, before, body FROM batch WHERE first > ? ORDER BY first"},
		{&s.at, "SELECT first, count, before, body FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"},
		{&s.node, "SELECT data FROM node WHERE first = ?"},
		{&s.id, "SELECT seq FROM ids WHERE id = ?"},
	} {
		st, _, err := conn.Prepare(p.sql)
		if err != nil {
			return err
		}
		defer st.Close()
		*p.to = st
	}
	if err := s.batch.BindInt64(1, -1<<62); err != nil {
		return err
	}
	c.compare(0, false)
	for s.batch.Step() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.batchRow(&s); err != nil {
			return err
		}
	}
	if err := s.batch.Err(); err != nil {
		return err
	}
	if end := Seq(c.tree.n); end < c.head.seq {
		if err := c.bridge(&s, end+1, c.head.seq); err != nil {
			return err
		}
	}
	return nil
}

// batchRow checks the row under the cursor of s.batch.
func (c *checker) batchRow(s *checkStmts) error {
	first, count := Seq(s.batch.ColumnInt64(0)), s.batch.ColumnInt(1)
	next := Seq(c.tree.n) + 1
	end := first + Seq(count)
	if s.batch.ColumnInt64(0) < 1 || count < 1 || count > 1<<30 || first < next || first > c.head.seq || end-1 > c.head.seq {
		c.found.add(CodeExtra, first, end-1, nil)
		return nil
	}
	if first > next {
		if err := c.bridge(s, next, first-1); err != nil {
			return err
		}
	}
	c.stats.Batches++
	var before tlog.Hash
	copy(before[:], s.batch.ColumnRawBlob(2))
	es, err := c.v.openBatch(s.batch.ColumnRawBlob(3), first, count, before)
	if err != nil {
		c.found.add(CodeBatch, first, end-1, err)
		if len(c.failed) < 64 {
			c.failed = append(c.failed, failedRow{first, count, before, s.batch.ColumnBlob(3, nil)})
		}
	} else if !c.broken && before != c.tree.root() {
		c.found.add(CodeTree, first, end-1, errors.New("batch follows another tree"))
	}
	stored, nodeErr := c.nodeRow(s, first)
	if err != nil && nodeErr != nil {
		c.lose(first, end-1, nodeErr)
		return nil
	}
	return c.grow(s, first, count, es, stored, nodeErr)
}

// lose gives the tree up: neither records nor hashes of these places are left.
func (c *checker) lose(first, last Seq, err error) {
	c.found.add(CodeTree, first, last, err)
	c.broken = true
	c.tree = frontier{n: int64(last)} // places still count
}

// nodeRow reads the tree hashes that the batch at first brought.
func (c *checker) nodeRow(s *checkStmts, first Seq) ([]tlog.Hash, error) {
	if err := s.node.BindInt64(1, int64(first)); err != nil {
		return nil, err
	}
	defer s.node.Reset()
	if !s.node.Step() {
		if err := s.node.Err(); err != nil {
			return nil, err
		}
		return nil, errors.New("no tree hashes stored")
	}
	return c.v.openNodes(s.node.ColumnRawBlob(0), first)
}

// leavesOf picks the leaf hashes out of stored hashes.
func leavesOf(first Seq, stored []tlog.Hash) []tlog.Hash {
	var out []tlog.Hash
	at := tlog.StoredHashCount(int64(first) - 1)
	for i := range stored {
		if level, _ := tlog.SplitStoredHashIndex(at + int64(i)); level == 0 {
			out = append(out, stored[i])
		}
	}
	return out
}

// grow adds a batch to the tree: by its records, or where they are damaged by
// the stored leaf hashes.
func (c *checker) grow(s *checkStmts, first Seq, count int, es []entry, stored []tlog.Hash, nodeErr error) error {
	leaves := make([]tlog.Hash, 0, count)
	if es != nil {
		for i := range es {
			leaves = append(leaves, es[i].leaf)
		}
	} else if leaves = leavesOf(first, stored); len(leaves) != count {
		c.lose(first, first+Seq(count)-1, errors.New("wrong number of tree hashes"))
		return nil
	}
	if nodeErr != nil {
		c.found.add(CodeTree, first, first+Seq(count)-1, nodeErr)
	}
	if c.broken {
		c.tree.n += int64(count)
	} else {
		same := true
		var hs []tlog.Hash
		at := 0
		for _, leaf := range leaves {
			hs = c.tree.push(hs[:0], leaf)
			for i := range hs {
				same = same && nodeErr == nil && at < len(stored) && stored[at] == hs[i]
				at++
			}
			c.compare(Seq(c.tree.n), false)
		}
		if nodeErr == nil && (!same || at != len(stored)) {
			c.found.add(CodeTree, first, first+Seq(count)-1, errors.New("stored hashes differ"))
		}
	}
	for i := range es {
		if err := c.record(s, &es[i]); err != nil {
			return err
		}
	}
	return nil
}

// record counts one place and looks up its ID.
func (c *checker) record(s *checkStmts, e *entry) error {
	if e.pruned {
		c.stats.Pruned++
		if n := len(c.holes); n > 0 && c.holes[n-1].last+1 == e.Seq {
			c.holes[n-1].last = e.Seq
		} else {
			c.holes = append(c.holes, span{e.Seq, e.Seq})
		}
	} else {
		c.stats.Records++
		c.stats.Bytes += int64(len(e.Body))
		if p, ok := ParsePrune(e.Record); ok {
			c.prunes = append(c.prunes, p)
		}
	}
	t := c.ids.tagOf(e.ID)
	if err := s.id.BindBlob(1, t[:]); err != nil {
		return err
	}
	defer s.id.Reset()
	have := s.id.Step()
	if err := s.id.Err(); err != nil {
		return err
	}
	var says Seq
	if have {
		says = Seq(s.id.ColumnInt64(0))
	} else {
		says = c.seen[t]
	}
	switch {
	case have && says == e.Seq:
		c.inIDs++
	case !have && says == 0 && e.Seq > c.head.ids:
		c.seen[t] = e.Seq
	case says != 0 && says < e.Seq && c.sameID(s, says, e):
		c.found.add(CodeTwice, e.Seq, e.Seq, fmt.Errorf("first stored as %d", says))
	default:
		c.found.add(CodeIDs, e.Seq, e.Seq, nil)
	}
	return nil
}

// sameID reports whether record says has the ID of e: then it stands twice,
// else the table is wrong.
func (c *checker) sameID(s *checkStmts, says Seq, e *entry) bool {
	if err := s.at.BindInt64(1, int64(says)); err != nil {
		return false
	}
	defer s.at.Reset()
	if !s.at.Step() {
		return false
	}
	b, err := (&reader{v: c.v}).openRow(s.at)
	return err == nil && says >= b.first && says < b.end() && b.entries[says-b.first].ID == e.ID
}

// bridge tells a gap and, where the tree hashes are still there, carries the
// tree across it.
func (c *checker) bridge(s *checkStmts, first, last Seq) error {
	c.found.add(CodeGap, first, last, nil)
	for next := first; next <= last && !c.broken; next = Seq(c.tree.n) + 1 {
		stored, err := c.nodeRow(s, next)
		leaves := leavesOf(next, stored)
		if err != nil || len(leaves) == 0 || next+Seq(len(leaves))-1 > last {
			break
		}
		for _, leaf := range leaves {
			c.tree.push(nil, leaf)
			c.compare(Seq(c.tree.n), false)
		}
	}
	if Seq(c.tree.n) < last {
		c.broken = true
		c.tree = frontier{n: int64(last)}
	}
	return nil
}

// countIDs finds rows of ids that belong to no record.
func (c *checker) countIDs(conn *sqlite3.Conn) error {
	n, err := queryInt(conn, "SELECT count(*) FROM ids")
	if err != nil {
		return err
	}
	damaged := c.broken || len(c.failed) > 0
	for _, f := range c.found.all {
		damaged = damaged || f.Code == CodeGap || f.Code == CodeIDs || f.Code == CodeTwice
	}
	if int(n) != c.inIDs && !damaged {
		c.found.add(CodeIDs, 0, 0, fmt.Errorf("%d IDs in the table, %d belong to records", n, c.inIDs))
	}
	return nil
}
