package chart

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/chart/pack"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/seal/atrest"
)

// foldVersion is raised when the fold itself changes its mind, so that derived
// files of an older one are rebuilt. A changed layout of documents is noticed
// by itself.
const foldVersion = 9

const schema = `
CREATE TABLE meta(k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID;
CREATE TABLE person(
	pid INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, root INTEGER NOT NULL, birth INTEGER NOT NULL,
	present INTEGER NOT NULL, seq INTEGER NOT NULL, seen INTEGER NOT NULL, hit BLOB NOT NULL, trace BLOB NOT NULL, head BLOB NOT NULL) STRICT;
CREATE INDEX person_birth ON person(birth, present);
CREATE INDEX person_seen ON person(seen, root);
CREATE TABLE chapter(pid INTEGER, kind INTEGER, day INTEGER, body BLOB NOT NULL, PRIMARY KEY(pid, kind, day)) STRICT, WITHOUT ROWID;
CREATE TABLE owner(no TEXT PRIMARY KEY, pid INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE ordered(no TEXT, pid INTEGER, PRIMARY KEY(no, pid)) STRICT, WITHOUT ROWID;
CREATE TABLE name(present INTEGER, a TEXT, b TEXT, pid INTEGER, birth INTEGER NOT NULL, PRIMARY KEY(present, a, b, pid)) STRICT, WITHOUT ROWID;
CREATE TABLE number(v TEXT, pid INTEGER, PRIMARY KEY(v, pid)) STRICT, WITHOUT ROWID;
CREATE TABLE typo(k TEXT, word TEXT, PRIMARY KEY(k, word)) STRICT, WITHOUT ROWID;
CREATE TABLE bed(
	ward TEXT, pid INTEGER, no TEXT, seq INTEGER NOT NULL, arriving INTEGER NOT NULL, isolated INTEGER NOT NULL,
	critical INTEGER NOT NULL, till INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(ward, pid, no)) STRICT, WITHOUT ROWID;
CREATE TABLE feed(name TEXT PRIMARY KEY, last INTEGER, sent INTEGER, count INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE unread(
	seq INTEGER, n INTEGER, feed TEXT, code TEXT, segment TEXT, ward TEXT, key TEXT, aside INTEGER NOT NULL, by TEXT NOT NULL,
	at INTEGER NOT NULL, body BLOB NOT NULL, alike TEXT NOT NULL, PRIMARY KEY(seq, n)) STRICT, WITHOUT ROWID;
CREATE INDEX unread_open ON unread(aside, seq);
CREATE INDEX unread_alike ON unread(aside, alike, seq);
CREATE TABLE task(
	pid INTEGER, kind INTEGER, ref TEXT, section INTEGER NOT NULL, ward TEXT NOT NULL, at INTEGER NOT NULL, number TEXT NOT NULL,
	who TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY(pid, kind, ref)) STRICT, WITHOUT ROWID;
CREATE INDEX task_at ON task(kind, section, at);
CREATE INDEX task_ward ON task(ward, kind, at);
CREATE TABLE waiting(no TEXT, seq INTEGER, PRIMARY KEY(no, seq)) STRICT, WITHOUT ROWID;
`

// codecs turn documents into bytes and back. They are shared and safe for use
// by many goroutines.
type codecs struct {
	head    *pack.Codec[head]
	chapter *pack.Codec[chapter]
	row     *pack.Codec[rowDoc]
	hit     *pack.Codec[hitDoc]
	trace   *pack.Codec[trace]
	unread  *pack.Codec[Unread]
	task    *pack.Codec[Task]
	enc     *zstd.Encoder
	dec     *zstd.Decoder
}

func newCodecs(zone *time.Location) (*codecs, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithEncoderConcurrency(2))
	if err != nil {
		return nil, fmt.Errorf("chart compression: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, fmt.Errorf("chart compression: %w", err)
	}
	return &codecs{
		head: pack.New[head](zone), chapter: pack.New[chapter](zone), row: pack.New[rowDoc](zone),
		hit: pack.New[hitDoc](zone), trace: pack.New[trace](zone), unread: pack.New[Unread](zone), task: pack.New[Task](zone), enc: enc, dec: dec,
	}, nil
}

// layout names the shape of everything that is stored.
func (c *codecs) layout() string {
	return fmt.Sprintf("%d-%x-%x-%x-%x-%x-%x-%x", foldVersion, c.head.Layout(), c.chapter.Layout(), c.row.Layout(),
		c.hit.Layout(), c.trace.Layout(), c.unread.Layout(), c.task.Layout())
}

// The first byte of a document says whether it is compressed.
const (
	bodyPlain = 0
	bodyZstd  = 1
	zstdFrom  = 400 // bytes; below, compressing gains too little
)

func encode[T any](c *codecs, p *pack.Codec[T], v *T) []byte {
	b, _ := encodeSized(c, p, v)
	return b
}

// encodeSized also returns how long the document is before compression.
func encodeSized[T any](c *codecs, p *pack.Codec[T], v *T) (b []byte, plain int) {
	b = p.Encode(make([]byte, 1, 512), v)
	plain = len(b) - 1
	if len(b) < zstdFrom {
		return b, plain
	}
	out := c.enc.EncodeAll(b[1:], append(make([]byte, 0, len(b)/2+32), bodyZstd))
	if len(out) >= len(b) {
		return b, plain
	}
	return out, plain
}

// headInMemory and chapterInMemory are about what a document takes decoded.
func headInMemory(plain int) int { return 8*plain + 5000 }

func chapterInMemory(plain int) int { return 12*plain + 600 }

// errDamaged says that a derived file cannot be trusted; it is rebuilt.
var errDamaged = errors.New("chart: damaged derived data")

func decode[T any](c *codecs, p *pack.Codec[T], b []byte, v *T) (plain int, err error) {
	if len(b) == 0 {
		return 0, errDamaged
	}
	body := b[1:]
	if b[0] == bodyZstd {
		if body, err = c.dec.DecodeAll(body, nil); err != nil {
			return 0, errDamaged
		}
	}
	if err := p.Decode(body, v); err != nil {
		return 0, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return len(body), nil
}

// conn is one connection with its prepared statements.
type conn struct {
	*sqlite3.Conn
	ready map[string]*sqlite3.Stmt
}

// dial opens the file at path. fast gives up durability: only for a file that
// is thrown away if the process ends before it is complete.
func dial(path string, key seal.Key, flags sqlite3.OpenFlag, cacheMB int, fast bool) (*conn, error) {
	c, err := sqlite3.OpenFlags(atrest.Address(path), flags|sqlite3.OPEN_URI)
	if err != nil {
		return nil, fmt.Errorf("open chart: %w", err)
	}
	sync := "FULL" // see atrest.Open
	if fast {
		sync = "OFF"
	}
	// The time-out comes before the first look into the file: the writer may be
	// emptying its log just now, and a page must wait for that, not fail.
	err = c.Exec(atrest.Pragma(key.Derive("chart view 1")) + fmt.Sprintf(`PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA cache_size=-%d;
		PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000; PRAGMA cell_size_check=ON`,
		sync, cacheMB<<10))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open chart: %w", err), c.Close())
	}
	return &conn{Conn: c, ready: map[string]*sqlite3.Stmt{}}, nil
}

// Close ends the statements and the connection.
func (c *conn) Close() error {
	var errs []error
	for _, s := range c.ready {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}

// stmt returns the prepared statement for sql, reset and with the arguments
// bound: int64, int, bool, string and []byte.
func (c *conn) stmt(sql string, args ...any) (*sqlite3.Stmt, error) {
	s := c.ready[sql]
	if s == nil {
		var err error
		if s, _, err = c.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT); err != nil {
			return nil, fmt.Errorf("chart statement: %w", err)
		}
		c.ready[sql] = s
	}
	if err := s.Reset(); err != nil {
		return nil, fmt.Errorf("chart statement: %w", err)
	}
	for i, a := range args {
		var err error
		switch v := a.(type) {
		case int64:
			err = s.BindInt64(i+1, v)
		case uint64:
			err = s.BindInt64(i+1, int64(v))
		case int:
			err = s.BindInt64(i+1, int64(v))
		case bool:
			err = s.BindBool(i+1, v)
		case string:
			err = s.BindText(i+1, v)
		case []byte:
			err = s.BindBlob(i+1, v)
		default:
			err = fmt.Errorf("argument of type %T", a)
		}
		if err != nil {
			return nil, fmt.Errorf("chart statement: %w", err)
		}
	}
	return s, nil
}

// run executes a statement that returns no rows.
func (c *conn) run(sql string, args ...any) error {
	s, err := c.stmt(sql, args...)
	if err != nil {
		return err
	}
	s.Step()
	if err := s.Reset(); err != nil {
		return fmt.Errorf("chart write: %w", err)
	}
	return nil
}

// each calls row for every row of the answer until it returns false.
func (c *conn) each(row func(*sqlite3.Stmt) bool, sql string, args ...any) error {
	s, err := c.stmt(sql, args...)
	if err != nil {
		return err
	}
	for s.Step() {
		if !row(s) {
			break
		}
	}
	if err := errors.Join(s.Err(), s.Reset()); err != nil {
		return fmt.Errorf("chart read: %w", err)
	}
	return nil
}

// number returns the one number a query answers, 0 for none.
func (c *conn) number(sql string, args ...any) (n int64, err error) {
	err = c.each(func(s *sqlite3.Stmt) bool { n = s.ColumnInt64(0); return false }, sql, args...)
	return n, err
}

// text returns the one text a query answers, "" for none.
func (c *conn) text(sql string, args ...any) (t string, err error) {
	err = c.each(func(s *sqlite3.Stmt) bool { t = s.ColumnText(0); return false }, sql, args...)
	return t, err
}

// remove deletes a derived file with its write-ahead log.
func remove(path string) error {
	var errs []error
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// readers is a pool of connections for views.
type readers struct {
	free chan *conn
	dial func() (*conn, error)
}

func newReaders(n int, dial func() (*conn, error)) *readers {
	r := &readers{free: make(chan *conn, n), dial: dial}
	for range n {
		r.free <- nil // opened when first needed
	}
	return r
}

func (r *readers) take(ctx context.Context) (*conn, error) {
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("chart view: %w", ctx.Err())
	case c := <-r.free:
		if c != nil {
			return c, nil
		}
		c, err := r.dial()
		if err != nil {
			r.free <- nil
			return nil, err
		}
		return c, nil
	}
}

// close waits for every view and closes the connections.
func (r *readers) close() error {
	var errs []error
	for range cap(r.free) {
		if c := <-r.free; c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
