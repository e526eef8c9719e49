package handback

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // the encrypting VFS registers itself

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// storeVersion is the layout of handback.db. A file of another layout is thrown
// away and folded anew: nothing in it exists only there.
const storeVersion = 3

const storeName = "handback.db"

// An entry's row is what every target shares of it; a state row exists where
// something has happened with a target. So a million entries that wait cost one
// row each, and none in memory.
const storeSchema = `
CREATE TABLE at (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, seq INTEGER NOT NULL,
  record BLOB NOT NULL, unreadable INTEGER NOT NULL);
INSERT INTO at VALUES (1, 3, 0, x'', 0);
CREATE TABLE entry (root TEXT PRIMARY KEY, key TEXT NOT NULL, seq INTEGER NOT NULL, first INTEGER NOT NULL, patient TEXT NOT NULL,
  kase TEXT NOT NULL, ward TEXT NOT NULL, form TEXT NOT NULL, at INTEGER NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
  kinds TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX entry_first ON entry (first);
CREATE INDEX entry_patient ON entry (patient, first);
CREATE TABLE state (target TEXT, root TEXT, state TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (target, root)) WITHOUT ROWID;
CREATE INDEX state_of ON state (target, state, seq);
CREATE TABLE queue (target TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE match (target TEXT, patient TEXT, body BLOB NOT NULL, PRIMARY KEY (target, patient)) WITHOUT ROWID;
`

// store is handback.db, encrypted page by page.
type store struct {
	db *sql.DB
	at position
}

// position is the last record the store has taken in.
type position struct {
	seq        journal.Seq
	record     journal.ID
	unreadable uint64
}

// entryRow is the version of an entry that counts.
type entryRow struct {
	root, key string
	seq       journal.Seq // of that version
	first     journal.Seq // of the first version: the order of delivery
	patient   clinical.PatientKey
	kase      clinical.CaseNo
	ward      string
	form      string
	at        int64
	by        clinical.Staff
	kinds     []string
}

// stateRow is what has happened with an entry and a target.
type stateRow struct {
	Key      string `json:"key"` // version it is about
	State    State  `json:"state"`
	Of       int    `json:"of,omitempty"`
	Done     int    `json:"done,omitempty"`
	Attempts int    `json:"attempts,omitempty"`
	Control  string `json:"control,omitempty"`
	Code     string `json:"code,omitempty"`
	Answer   string `json:"answer,omitempty"`
	Decided  Act    `json:"decided,omitzero"`
	Second   Act    `json:"second,omitzero"`
	Again    int    `json:"again,omitempty"`
	Before   string `json:"before,omitempty"`
	Hold     Hold   `json:"hold,omitempty"`
}

// queueRow is a target's queue.
type queueRow struct {
	Mode  Mode        `json:"mode"`
	Since journal.Seq `json:"since"`
	Act   Act         `json:"act"`
	Begun Act         `json:"begun"`
}

// openStore opens dir/handback.db. A file that is damaged, of another layout or
// sealed with another key is removed and begun anew.
func openStore(ctx context.Context, dir string, key seal.Key) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	path := filepath.Join(dir, storeName)
	if _, err := os.Stat(path); err == nil {
		if st, err := tryStore(ctx, path, key); err == nil {
			return st, nil
		}
	}
	return newStore(ctx, path, key)
}

var errLayout = errors.New("handback.db: another layout")

func tryStore(ctx context.Context, path string, key seal.Key) (*store, error) {
	db, err := openDB(path, key)
	if err != nil {
		return nil, err
	}
	st := &store{db: db}
	var version int
	var rec []byte
	err = db.QueryRowContext(ctx, `SELECT version, seq, record, unreadable FROM at`).Scan(&version, &st.at.seq, &rec, &st.at.unreadable)
	if err == nil && version != storeVersion {
		err = errLayout
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	copy(st.at.record[:], rec)
	return st, nil
}

func newStore(ctx context.Context, path string, key seal.Key) (*store, error) {
	for _, tail := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("handback.db: %w", err)
		}
	}
	db, err := openDB(path, key)
	if err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	if _, err := db.ExecContext(ctx, storeSchema+peopleSchema); err != nil {
		return nil, errors.Join(fmt.Errorf("handback.db: %w", err), db.Close())
	}
	return &store{db: db}, nil
}

func openDB(path string, key seal.Key) (*sql.DB, error) {
	k := key.Derive("handback view 1")
	dsn := (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: "vfs=adiantum&_txlock=immediate"}).String()
	db, err := driver.Open(dsn, func(c *sqlite3.Conn) error {
		// The key is set by a pragma so that it never stands in the address.
		return c.Exec(`PRAGMA hexkey='` + hex.EncodeToString(k[:]) + `';
			PRAGMA busy_timeout=10000; PRAGMA journal_mode=wal; PRAGMA synchronous=normal;
			PRAGMA temp_store=memory; PRAGMA cache_size=-8192;`)
	})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(2)
	return db, nil
}

// tx is one transaction of the fold.
type tx struct {
	*sql.Tx
	ctx context.Context
}

func (t tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, query, args...)
	return err
}

// entry returns the row of an entry, nil if there is none.
func (t tx) entry(root string) (*entryRow, error) {
	row := t.QueryRowContext(t.ctx, `SELECT `+entryColumns+` FROM entry e WHERE root=?`, root)
	e, err := scanEntry(row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return e, err
}

const entryColumns = `e.root, e.key, e.seq, e.first, e.patient, e.kase, e.ward, e.form, e.at, e.by_id, e.by_name, e.kinds`

type scanner interface{ Scan(...any) error }

func scanEntry(s scanner, more ...any) (*entryRow, error) {
	e := &entryRow{}
	kinds := ""
	err := s.Scan(append([]any{&e.root, &e.key, &e.seq, &e.first, &e.patient, &e.kase, &e.ward, &e.form, &e.at, &e.by.ID, &e.by.Name, &kinds}, more...)...)
	if err != nil {
		return nil, err
	}
	e.kinds = strings.Fields(kinds)
	return e, nil
}

func (t tx) putEntry(e *entryRow) error {
	return t.exec(`INSERT OR REPLACE INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?,?)`, e.root, e.key, int64(e.seq), int64(e.first), string(e.patient),
		string(e.kase), e.ward, e.form, e.at, e.by.ID, e.by.Name, strings.Join(e.kinds, " "))
}

// state returns what has happened with an entry and a target; zero for nothing.
func (t tx) state(target, root string) (stateRow, error) {
	var body []byte
	var s stateRow
	err := t.QueryRowContext(t.ctx, `SELECT body FROM state WHERE target=? AND root=?`, target, root).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return stateRow{}, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &s)
	}
	return s, err
}

func (t tx) putState(target string, e *entryRow, s stateRow) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.exec(`INSERT OR REPLACE INTO state VALUES(?,?,?,?,?)`, target, e.root, string(s.State), int64(e.first), body)
}

func (t tx) queue(target string) (queueRow, error) {
	var body []byte
	var q queueRow
	err := t.QueryRowContext(t.ctx, `SELECT body FROM queue WHERE target=?`, target).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return queueRow{Mode: Closed}, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	return q, err
}

func (t tx) put(query string, keys []any, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.exec(query, append(keys, body)...)
}
