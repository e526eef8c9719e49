package handback

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/seal/atrest"
)

// storeVersion is the layout of handback.db. A file of another layout is thrown
// away and folded anew: nothing in it exists only there.
const storeVersion = 8

const storeName = "handback.db"

// openStates are the states that decide what of a patient goes next: an index
// holds only them, so that what is done costs nothing.
const openStates = `('waiting','released','sent','refused','unclear')`

// An entry's row is what every target shares of it; a state row exists where
// something has happened with a target. So a million entries that wait cost one
// row each, and none in memory.
const storeSchema = `
CREATE TABLE at (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, seq INTEGER NOT NULL,
  record BLOB NOT NULL, unreadable INTEGER NOT NULL);
CREATE TABLE entry (first INTEGER PRIMARY KEY, root TEXT NOT NULL UNIQUE, key TEXT NOT NULL, seq INTEGER NOT NULL, patient TEXT NOT NULL,
  kase TEXT NOT NULL, ward TEXT NOT NULL, form TEXT NOT NULL, at INTEGER NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
  kinds TEXT NOT NULL, idle INTEGER NOT NULL);
CREATE INDEX entry_patient ON entry (patient);
CREATE INDEX entry_count ON entry (ward, idle, seq);
CREATE TABLE state (target TEXT, root TEXT, state TEXT NOT NULL, seq INTEGER NOT NULL, patient TEXT NOT NULL, ward TEXT NOT NULL,
  idle INTEGER NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (target, root)) WITHOUT ROWID;
CREATE INDEX state_root ON state (root);
CREATE INDEX state_count ON state (target, ward, idle, state, version);
CREATE INDEX state_open ON state (target, patient, seq) WHERE state IN ` + openStates + `;
CREATE INDEX state_sent ON state (target, seq) WHERE state='sent';
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
	Key      string            `json:"key"` // version it is about
	State    State             `json:"state"`
	Of       int               `json:"of,omitempty"`
	Done     []string          `json:"done,omitempty"`   // parts of this version that were taken
	Had      map[string]string `json:"had,omitempty"`    // by part, the earlier version that the target holds
	Before   string            `json:"before,omitempty"` // the latest of those
	Turn     int               `json:"turn,omitempty"`   // grows with each decision and each version
	Attempts int               `json:"attempts,omitempty"`
	Control  string            `json:"control,omitempty"` // of the message under way
	Part     string            `json:"part,omitempty"`
	To       string            `json:"to,omitempty"`
	Leaves   journal.Seq       `json:"leaves,omitempty"` // record that said so
	Past     string            `json:"past,omitempty"`   // the message under way is of this earlier version
	Stopped  bool              `json:"stopped,omitempty"`
	Code     string            `json:"code,omitempty"`
	Answer   string            `json:"answer,omitempty"`
	Decided  Act               `json:"decided,omitzero"`
	Second   Act               `json:"second,omitzero"`
	Again    int               `json:"again,omitempty"`
	Hold     Hold              `json:"hold,omitempty"`
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
func openStore(ctx context.Context, dir string, key seal.Key, log *slog.Logger) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("handback.db: %w", err)
	}
	path := filepath.Join(dir, storeName)
	if _, err := os.Stat(path); err == nil {
		st, err := tryStore(ctx, path, key)
		if err == nil {
			return st, nil
		}
		log.WarnContext(ctx, "hand-back queues are folded anew", "err", err)
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
	_, err = db.ExecContext(ctx, storeSchema+peopleSchema)
	if err == nil {
		_, err = db.ExecContext(ctx, `INSERT INTO at VALUES (1, ?, 0, x'', 0)`, storeVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("handback.db: %w", err), db.Close())
	}
	return &store{db: db}, nil
}

func openDB(path string, key seal.Key) (*sql.DB, error) {
	return atrest.Open(path, key.Derive("handback view 1"), 8192)
}

// tx is one transaction of the fold.
type tx struct {
	*sql.Tx
	ctx     context.Context
	ready   map[string]*sql.Stmt
	touched touched
}

// touched is, by target, whose items changed, each with the first record of the
// oldest of them.
type touched map[string]map[clinical.PatientKey]journal.Seq

func (t *tx) touch(target string, p clinical.PatientKey, first journal.Seq) {
	t.touchAll(target)
	if old, ok := t.touched[target][p]; !ok || first < old {
		t.touched[target][p] = first
	}
}

// touchAll notes that a queue as a whole changed.
func (t *tx) touchAll(target string) {
	if t.touched[target] == nil {
		t.touched[target] = map[clinical.PatientKey]journal.Seq{}
	}
}

// stmt returns a statement, prepared once in a transaction.
func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if st := t.ready[query]; st != nil {
		return st, nil
	}
	st, err := t.PrepareContext(t.ctx, query)
	if err == nil {
		t.ready[query] = st
	}
	return st, err
}

func (t *tx) exec(query string, args ...any) error {
	st, err := t.stmt(query)
	if err == nil {
		_, err = st.ExecContext(t.ctx, args...)
	}
	return err
}

// one reads one row; the error is sql.ErrNoRows where there is none.
func (t *tx) one(query string, args []any, into ...any) error {
	st, err := t.stmt(query)
	if err != nil {
		return err
	}
	return st.QueryRowContext(t.ctx, args...).Scan(into...)
}

// entry returns the row of an entry, nil if there is none.
func (t *tx) entry(root string) (*entryRow, error) {
	st, err := t.stmt(`SELECT ` + entryColumns + ` FROM entry e WHERE root=?`)
	if err != nil {
		return nil, err
	}
	e, err := scanEntry(st.QueryRowContext(t.ctx, root))
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

func (t *tx) putEntry(e *entryRow) error {
	return t.exec(`INSERT OR REPLACE INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)`, e.values()...)
}

// addEntry adds the row of an entry, if there is none.
func (t *tx) addEntry(e *entryRow) (bool, error) {
	st, err := t.stmt(`INSERT OR IGNORE INTO entry VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)`)
	if err != nil {
		return false, err
	}
	res, err := st.ExecContext(t.ctx, e.values()...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func (e *entryRow) values() []any {
	return []any{
		int64(e.first), e.root, e.key, int64(e.seq), string(e.patient), string(e.kase), e.ward, e.form, e.at, e.by.ID, e.by.Name, strings.Join(e.kinds, " "),
		len(e.kinds) == 0,
	}
}

// states returns what has happened with an entry, by target.
func (t *tx) states(root string) (map[string]stateRow, error) {
	st, err := t.stmt(`SELECT target, body FROM state WHERE root=?`)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(t.ctx, root)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	out := map[string]stateRow{}
	for rows.Next() {
		var target string
		var body []byte
		var s stateRow
		if err := rows.Scan(&target, &body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &s); err != nil {
			return nil, err
		}
		out[target] = s
	}
	return out, rows.Err()
}

// state returns what has happened with an entry and a target; zero for nothing.
func (t *tx) state(target, root string) (stateRow, error) {
	var body []byte
	var s stateRow
	err := t.one(`SELECT body FROM state WHERE target=? AND root=?`, []any{target, root}, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return stateRow{}, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &s)
	}
	return s, err
}

func (t *tx) putState(target string, e *entryRow, s stateRow) error {
	if s.State == Waiting && len(e.kinds) == 0 {
		s.State = Nothing
	}
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	t.touch(target, e.patient, e.first)
	return t.exec(`INSERT OR REPLACE INTO state VALUES(?,?,?,?,?,?,?,?,?)`, target, e.root, string(s.State), int64(e.first), string(e.patient), e.ward,
		len(e.kinds) == 0, int64(e.seq), body)
}

func (t *tx) queue(target string) (queueRow, error) {
	var body []byte
	var q queueRow
	err := t.one(`SELECT body FROM queue WHERE target=?`, []any{target}, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return queueRow{Mode: Closed}, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	return q, err
}

func (t *tx) put(query string, keys []any, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.exec(query, append(keys, body)...)
}
