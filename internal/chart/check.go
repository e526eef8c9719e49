package chart

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/interpret"
	"notbetrieb/internal/lang"
)

// The codes of findings. They are stable.
const (
	FoundMissing = "chart-missing"  // there is no complete file; it is built at the next start
	FoundDamaged = "chart-damaged"  // bytes are wrong, or the key is another one
	FoundVersion = "chart-version"  // of another program or mapping; it is rebuilt at the next start
	FoundAhead   = "chart-ahead"    // holds records that the journal does not have
	FoundDiffers = "chart-differs"  // a fresh fold of the journal gives something else
	FoundBehind  = "chart-position" // stops before the end of the journal; Run catches up
)

// Finding is one thing that Check found wrong. Nothing in it is health data.
type Finding struct {
	Code  string
	Text  lang.Text
	Count int   // persons or rows concerned, 0 where there is no number
	Err   error // for the operator; may be nil
}

// Check looks at the derived files without changing them: whether they open,
// every page is sound, the position fits the journal, and, with refold, whether
// a fresh fold of the same records gives exactly the same. No finding means all
// is well. The error is for a check that could not be done. No Chart may be
// open on the folder.
func Check(ctx context.Context, cfg Config, j Journal, site *interpret.Site, refold bool) ([]Finding, error) {
	return check(ctx, cfg, &journalSource{j: j, site: site}, site.Version(), refold)
}

func check(ctx context.Context, cfg Config, src source, mapping string, refold bool) ([]Finding, error) {
	c, err := newClosed(cfg, src, mapping)
	if err != nil {
		return nil, err
	}
	name, err := os.ReadFile(filepath.Join(cfg.Dir, pointer))
	if errors.Is(err, os.ErrNotExist) {
		return []Finding{missing()}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("check charts: %w", err)
	}
	path := filepath.Join(cfg.Dir, filepath.Base(strings.TrimSpace(string(name))))
	if _, err := os.Stat(path); err != nil {
		return []Finding{missing()}, nil
	}
	f, err := c.openFile(path)
	switch {
	case errors.Is(err, errOther):
		return []Finding{other(err)}, nil
	case err != nil && rebuildable(err):
		return []Finding{damaged(err)}, nil
	case err != nil:
		return nil, err
	}
	defer f.close() //nolint:errcheck // only read
	f.w.shelf.SetInterrupt(ctx)
	if found, err := c.pages(f); err != nil || len(found) > 0 {
		return found, err
	}
	var out []Finding
	if f.w.pos < src.head() {
		out = append(out, Finding{Code: FoundBehind, Count: int(src.head() - f.w.pos), Text: lang.Text{
			DE: "Die Akten enthalten die neuesten Meldungen noch nicht. Sie werden beim Start nachgetragen.",
			EN: "The charts do not hold the newest messages yet. They are added at the next start.",
		}})
	}
	if f.stale {
		return append(out, other(nil)), nil
	}
	if !refold {
		return out, nil
	}
	found, err := c.refold(ctx, f)
	return append(out, found...), err
}

func missing() Finding {
	return Finding{Code: FoundMissing, Text: lang.Text{
		DE: "Es gibt keine vollständigen Akten. Sie werden beim nächsten Start aus dem Journal aufgebaut.",
		EN: "There are no complete charts. They are built from the journal at the next start.",
	}}
}

func other(err error) Finding {
	if err != nil && strings.Contains(err.Error(), "journal") && strings.Contains(err.Error(), "position") {
		return Finding{Code: FoundAhead, Err: err, Text: lang.Text{
			DE: "Die Akten enthalten Meldungen, die das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The charts hold messages that the journal does not have. Was an older journal restored?",
		}}
	}
	return Finding{Code: FoundVersion, Err: err, Text: lang.Text{
		DE: "Die Akten stammen von einer anderen Programmfassung oder Zuordnung. Sie werden beim nächsten Start neu aufgebaut.",
		EN: "The charts are of another program version or mapping. They are rebuilt at the next start.",
	}}
}

func damaged(err error) Finding {
	return Finding{Code: FoundDamaged, Err: err, Text: lang.Text{
		DE: "Die Akten-Datei ist beschädigt oder mit einem anderen Schlüssel geschrieben. Sie wird beim nächsten Start aus dem Journal neu aufgebaut.",
		EN: "The chart file is damaged or was written with another key. It is rebuilt from the journal at the next start.",
	}}
}

// pages runs SQLite's own check and decodes every document.
func (c *Chart) pages(f *file) ([]Finding, error) {
	s := f.w.shelf
	bad := 0
	err := s.each(func(st *sqlite3.Stmt) bool {
		if st.ColumnText(0) != "ok" {
			bad++
		}
		return true
	}, "PRAGMA integrity_check(100)")
	if err == nil && bad == 0 {
		bad, err = c.documents(f)
	}
	switch {
	case err != nil && rebuildable(err):
		return []Finding{damaged(err)}, nil
	case err != nil:
		return nil, err
	case bad > 0:
		found := damaged(nil)
		found.Count = bad
		return []Finding{found}, nil
	}
	return nil, nil
}

// documents counts the documents that cannot be decoded.
func (c *Chart) documents(f *file) (bad int, err error) {
	count := func(err error) bool {
		if err != nil {
			bad++
		}
		return true
	}
	err = f.w.shelf.each(func(st *sqlite3.Stmt) bool {
		var h head
		var t trace
		_, e1 := decode(c.codecs, c.codecs.head, st.ColumnRawBlob(0), &h)
		_, e2 := decode(c.codecs, c.codecs.trace, st.ColumnRawBlob(1), &t)
		return count(errors.Join(e1, e2))
	}, "SELECT head, trace FROM person")
	return bad, errors.Join(err, f.w.shelf.each(func(st *sqlite3.Stmt) bool {
		var ch chapter
		_, e := decode(c.codecs, c.codecs.chapter, st.ColumnRawBlob(0), &ch)
		return count(e)
	}, "SELECT body FROM chapter"))
}

// upTo is a source that ends at a record.
type upTo struct {
	source
	end uint64
}

func (u upTo) head() uint64 { return min(u.end, u.source.head()) }

func (u upTo) read(ctx context.Context, from uint64, limit int) ([]message, uint64, error) {
	if from > u.end {
		return nil, 0, nil
	}
	msgs, last, err := u.source.read(ctx, from, int(min(uint64(limit), u.end-from+1)))
	for len(msgs) > 0 && msgs[len(msgs)-1].Seq > u.end { // pruned records make the piece longer
		msgs = msgs[:len(msgs)-1]
	}
	return msgs, min(last, u.end), err
}

// refold folds the journal up to the same record again and compares every row.
func (c *Chart) refold(ctx context.Context, f *file) (out []Finding, err error) {
	dir, err := os.MkdirTemp(c.cfg.Dir, "compare-")
	if err != nil {
		return nil, fmt.Errorf("check charts: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg := c.cfg
	cfg.Dir = dir
	again, err := newClosed(cfg, upTo{c.src, f.w.pos}, "")
	if err != nil {
		return nil, err
	}
	g, err := again.build(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer g.close() //nolint:errcheck // the folder is removed
	for _, q := range []struct{ what, sql string }{
		{"person", "SELECT key, present, seq, hit, trace, head FROM person ORDER BY key"},
		{"chapter", "SELECT p.key, c.kind, c.day, c.body FROM chapter c JOIN person p USING(pid) ORDER BY 1, 2, 3"},
		{"bed", "SELECT p.key, b.ward, b.no, b.body FROM bed b JOIN person p USING(pid) ORDER BY 1, 2, 3"},
		{"name", "SELECT p.key, n.present, n.a, n.b, n.birth FROM name n JOIN person p USING(pid) ORDER BY 1, 2, 3, 4"},
		{"number", "SELECT p.key, n.v FROM number n JOIN person p USING(pid) ORDER BY 1, 2"},
		{"owner", "SELECT o.no, p.key FROM owner o JOIN person p USING(pid) ORDER BY 1"},
		{"ordered", "SELECT o.no, p.key FROM ordered o JOIN person p USING(pid) ORDER BY 1, 2"},
		{"unread", "SELECT seq, n, aside, by, at, body FROM unread ORDER BY seq, n"},
	} {
		n, err := differing(f.w.shelf.conn, g.w.shelf.conn, q.sql)
		if err != nil {
			return out, err
		}
		if n > 0 {
			out = append(out, Finding{Code: FoundDiffers, Count: n, Err: fmt.Errorf("table %s", q.what), Text: lang.Text{
				DE: "Aus dem Journal neu aufgebaut ergeben sich andere Akten. Bitte »notbetrieb replay« ausführen und den Vorfall melden.",
				EN: "A fresh fold of the journal gives other charts. Please run \"notbetrieb replay\" and report it.",
			}})
		}
	}
	return out, nil
}

// differing counts the rows that are in one answer only. Rows are compared by
// digest, so that a large house fits into memory.
func differing(a, b *conn, sql string) (int, error) {
	seen := map[[16]byte]int{}
	for sign, cn := range map[int]*conn{1: a, -1: b} {
		if err := cn.each(func(s *sqlite3.Stmt) bool {
			seen[rowDigest(s)] += sign
			return true
		}, sql); err != nil {
			return 0, err
		}
	}
	one := map[bool]int{}
	for _, n := range seen {
		if n > 0 {
			one[true] += n
		} else {
			one[false] -= n
		}
	}
	return max(one[true], one[false]), nil
}

func rowDigest(s *sqlite3.Stmt) (d [16]byte) {
	h := sha256.New()
	var n [8]byte
	for i := range s.ColumnCount() {
		b := s.ColumnRawBlob(i)
		if s.ColumnType(i) == sqlite3.INTEGER {
			b = []byte(s.ColumnText(i))
		}
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	copy(d[:], h.Sum(nil))
	return d
}
