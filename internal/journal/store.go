package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/mod/sumdb/tlog"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

const (
	dbName   = "journal.db"
	lockName = "journal.lock"

	// format is the version of the tables, PRAGMA user_version.
	format = 1
	// applicationID is PRAGMA application_id: "NBJ1".
	applicationID = 0x4e424a31

	// minSQLite is the first version without the WAL-reset bug, by which a
	// checkpoint beside a write could lose a committed transaction.
	minSQLite = "3.51.3"
)

// schema is format 1. Everything but numbers and tree roots is encrypted or
// keyed; see docs/journal-format.md.
const schema = `
CREATE TABLE head(
	one INTEGER PRIMARY KEY CHECK(one = 1),
	seq INTEGER NOT NULL,   -- records in the journal
	hash BLOB NOT NULL,     -- root of the tree over them
	ids INTEGER NOT NULL,   -- table ids holds every record up to here
	probe BLOB NOT NULL     -- a sealed constant: does the key fit?
) STRICT;
CREATE TABLE batch(
	first INTEGER PRIMARY KEY, -- Seq of the first record
	count INTEGER NOT NULL,
	before BLOB NOT NULL,      -- root of the tree before first
	body BLOB NOT NULL
) STRICT;
CREATE TABLE node(
	first INTEGER PRIMARY KEY, -- as in batch
	data BLOB NOT NULL         -- tree hashes completed by this batch
) STRICT;
CREATE TABLE ids(
	id BLOB PRIMARY KEY,       -- encrypted ID
	seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint(
	size INTEGER PRIMARY KEY,
	note BLOB NOT NULL
) STRICT;
`

// storage says where the database is and how connections to it are made.
type storage struct {
	path string
	vfs  string // "" is the operating system's
}

func newStorage(dir, vfs string) storage {
	return storage{path: filepath.Join(dir, dbName), vfs: vfs}
}

// connect opens a connection.
func (s storage) connect(flags sqlite3.OpenFlag) (*sqlite3.Conn, error) {
	name := s.path
	if s.vfs != "" {
		u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(s.path), RawQuery: "vfs=" + s.vfs}
		name = u.String()
		flags |= sqlite3.OPEN_URI
	}
	c, err := sqlite3.OpenFlags(name, flags)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := c.BusyTimeout(5 * time.Second); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// openWriter opens the writer's connection, making the file if it is new.
func (s storage) openWriter() (*sqlite3.Conn, error) {
	c, err := s.connect(sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE)
	if err != nil {
		return nil, err
	}
	if err := setUpWriter(c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func setUpWriter(c *sqlite3.Conn) error {
	version, err := queryText(c, "SELECT sqlite_version()")
	if err != nil {
		return err
	}
	if older(version, minSQLite) {
		return fault.Newf(fault.Internal, lang.Text{
			DE: "Die eingebaute SQLite-Version ist zu alt und kann Einträge verlieren. Bitte das Programm aktualisieren.",
			EN: "The built-in SQLite version is too old and may lose entries. Please update the program.",
		}, "journal: sqlite %s, want %s", version, minSQLite)
	}
	if err := c.Exec(`PRAGMA page_size=4096; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768`); err != nil {
		return err
	}
	mode, err := queryText(c, "PRAGMA journal_mode=WAL")
	if err != nil {
		return err
	}
	if mode != "wal" {
		return fault.Newf(fault.Unavailable, lang.Text{
			DE: "Das Journal braucht einen lokalen Datenträger. Dieser Ordner kann kein Schreibprotokoll (WAL) führen.",
			EN: "The journal needs a local disk. This folder cannot keep a write-ahead log.",
		}, "journal: journal_mode is %q, want wal", mode)
	}
	if err := c.Exec("PRAGMA synchronous=FULL"); err != nil {
		return err
	}
	if sync, err := queryText(c, "PRAGMA synchronous"); err != nil || sync != "2" {
		return errors.Join(fmt.Errorf("journal: synchronous is %q, want 2", sync), err)
	}
	// Checkpoints of the WAL are the writer's decision; see checkpointWAL.
	return c.WALAutoCheckpoint(0)
}

// connectRead connects for reading. On a read-only copy SQLite cannot make the
// shared memory that a write-ahead log needs; where the log is empty, as a hub
// leaves it, the database is all there is and nobody changes it.
func (s storage) connectRead() (*sqlite3.Conn, error) {
	c, err := s.connect(sqlite3.OPEN_READONLY)
	if err != nil {
		return nil, err
	}
	err = c.Exec("SELECT 1 FROM sqlite_schema")
	if err == nil || !errors.Is(err, sqlite3.CANTOPEN) && !errors.Is(err, sqlite3.READONLY) || s.vfs != "" {
		return c, nil // what else is wrong is found by who reads
	}
	if info, e := os.Stat(s.path + "-wal"); e == nil && info.Size() > 0 {
		return c, nil
	}
	u := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(s.path), RawQuery: "immutable=1"}
	if err := c.Close(); err != nil {
		return nil, err
	}
	if c, err = sqlite3.OpenFlags(u.String(), sqlite3.OPEN_READONLY|sqlite3.OPEN_URI); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return c, nil
}

// openReader opens a connection that cannot change the database.
func (s storage) openReader() (*sqlite3.Conn, error) {
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Mark(err, fault.NotFound, lang.Text{
			DE: "In diesem Datenordner ist kein Journal.",
			EN: "There is no journal in this data folder.",
		})
	}
	c, err := s.connectRead()
	if err != nil {
		return nil, err
	}
	if err := c.Exec("PRAGMA query_only=ON; PRAGMA cache_size=-4096"); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// closeConn closes a connection and the statements it still has.
func closeConn(c *sqlite3.Conn) error {
	var errs []error
	for _, st := range slices.Collect(c.Stmts()) {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, c.Close())...)
}

// create makes the tables in an empty file and writes the head of an empty
// journal, in one transaction.
func create(c *sqlite3.Conn, v *vault) error {
	n, err := queryInt(c, "SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	if n != 0 {
		return checkFormat(c)
	}
	if err := c.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := createIn(c, v); err != nil {
		return errors.Join(err, c.Exec("ROLLBACK"))
	}
	return c.Exec("COMMIT")
}

func createIn(c *sqlite3.Conn, v *vault) error {
	if err := c.Exec(schema + fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, format)); err != nil {
		return err
	}
	st, _, err := c.Prepare("INSERT INTO head VALUES(1, 0, ?, 0, ?)")
	if err != nil {
		return err
	}
	defer st.Close()
	root := (&frontier{}).root()
	return errors.Join(st.BindBlob(1, root[:]), st.BindBlob(2, v.probe()), st.Exec())
}

func checkFormat(c *sqlite3.Conn) error {
	app, err := queryInt(c, "PRAGMA application_id")
	if err != nil {
		return err
	}
	have, err := queryInt(c, "PRAGMA user_version")
	if err != nil {
		return err
	}
	if app != applicationID || have < 1 {
		return fault.Newf(fault.Corrupt, lang.Text{
			DE: "Die Datei journal.db ist kein Journal von Notbetrieb.",
			EN: "The file journal.db is not a journal of Notbetrieb.",
		}, "journal: application_id %#x, user_version %d", app, have)
	}
	if have > format {
		return fault.Newf(fault.Conflict, lang.Text{
			DE: "Das Journal wurde von einer neueren Version geschrieben. Bitte das Programm aktualisieren.",
			EN: "The journal was written by a newer version. Please update the program.",
		}, "journal: format %d, this program knows %d", have, format)
	}
	return nil
}

// headRow is the table head.
type headRow struct {
	seq   Seq
	hash  tlog.Hash
	ids   Seq
	probe []byte
}

func readHead(c *sqlite3.Conn) (headRow, error) {
	st, _, err := c.Prepare("SELECT seq, hash, ids, probe FROM head WHERE one = 1")
	if err != nil {
		return headRow{}, err
	}
	defer st.Close()
	if !st.Step() {
		return headRow{}, errors.Join(st.Err(), fmt.Errorf("%w: no head row", errDecode))
	}
	h := headRow{seq: Seq(st.ColumnInt64(0)), ids: Seq(st.ColumnInt64(2)), probe: st.ColumnBlob(3, nil)}
	if hash := st.ColumnRawBlob(1); len(hash) == len(h.hash) {
		copy(h.hash[:], hash)
		return h, nil
	}
	return headRow{}, fmt.Errorf("%w: head hash", errDecode)
}

const probeText = "notbetrieb journal format 1"

func (v *vault) probe() []byte {
	return v.batch.Seal(nil, []byte(probeText), []byte("notbetrieb journal probe"))
}

// fits reports whether the journal was written with this key.
func (v *vault) fits(probe []byte) error {
	p, err := v.batch.Open(nil, probe, []byte("notbetrieb journal probe"))
	if err == nil && string(p) == probeText {
		return nil
	}
	return fault.Newf(fault.Forbidden, lang.Text{
		DE: "Der Schlüssel passt nicht zu diesem Journal.",
		EN: "The key does not fit this journal.",
	}, "journal: wrong key")
}

func queryText(c *sqlite3.Conn, sql string) (string, error) {
	st, _, err := c.Prepare(sql)
	if err != nil {
		return "", err
	}
	defer st.Close()
	if !st.Step() {
		return "", errors.Join(st.Err(), fmt.Errorf("%q returned nothing", sql))
	}
	return st.ColumnText(0), st.Err()
}

func queryInt(c *sqlite3.Conn, sql string) (int64, error) {
	s, err := queryText(c, sql)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(s, 10, 64)
}

// older compares dotted versions.
func older(v, than string) bool {
	a, b := strings.Split(v, "."), strings.Split(than, ".")
	for i := range min(len(a), len(b)) {
		x, _ := strconv.Atoi(a[i])
		y, _ := strconv.Atoi(b[i])
		if x != y {
			return x < y
		}
	}
	return len(a) < len(b)
}
