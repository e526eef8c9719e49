package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
	"notbetrieb/internal/seal/atrest"
)

// storeVersion is the layout of staff.db. A file of another layout is thrown
// away and folded anew: nothing in it exists only there.
const storeVersion = 1

const storeSchema = `
CREATE TABLE at (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, seq INTEGER NOT NULL,
  record BLOB NOT NULL, unreadable INTEGER NOT NULL, top INTEGER NOT NULL);
CREATE TABLE person (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE session (hash BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE read (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, top INTEGER NOT NULL, person TEXT NOT NULL,
  patient TEXT NOT NULL, ward TEXT NOT NULL, page TEXT NOT NULL, glass INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX read_person ON read (person, seq);
CREATE INDEX read_patient ON read (patient, seq) WHERE patient <> '';
CREATE INDEX read_ward ON read (ward, seq) WHERE ward <> '';
CREATE INDEX read_glass ON read (seq) WHERE glass = 1;
CREATE INDEX read_top ON read (top, seq);
CREATE INDEX read_back ON read (seq) WHERE top - time > 60000;
`

// store is staff.db: people, sessions and the read audit as of one record of
// the journal, encrypted page by page.
type store struct {
	db  *sql.DB
	at  position
	top int64 // highest time of a read so far, Unix milliseconds
}

// position is the last record the store has taken in.
type position struct {
	seq        journal.Seq
	record     journal.ID
	unreadable uint64
}

var errLayout = errors.New("staff.db: another layout")

// openStore opens dir/staff.db. A file that is damaged, of another layout or
// sealed with another key is removed and begun anew; fresh says so.
func openStore(ctx context.Context, dir string, key seal.Key) (st *store, fresh bool, err error) {
	path := filepath.Join(dir, "staff.db")
	if _, err := os.Stat(path); err == nil {
		if st, err := tryStore(ctx, path, key); err == nil {
			return st, false, nil
		}
	}
	if st, err = newStore(ctx, path, key); err != nil {
		return nil, true, fmt.Errorf("staff.db: %w", err)
	}
	return st, true, nil
}

func tryStore(ctx context.Context, path string, key seal.Key) (*store, error) {
	db, err := openDB(path, key)
	if err != nil {
		return nil, err
	}
	st := &store{db: db}
	var version int
	var rec []byte
	err = db.QueryRowContext(ctx, `SELECT version, seq, record, unreadable, top FROM at`).
		Scan(&version, &st.at.seq, &rec, &st.at.unreadable, &st.top)
	if err == nil && (version != storeVersion || len(rec) != len(st.at.record)) {
		err = errLayout
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	copy(st.at.record[:], rec)
	return st, nil
}

func newStore(ctx context.Context, path string, key seal.Key) (*store, error) {
	for _, tail := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	db, err := openDB(path, key)
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, storeSchema)
	if err == nil {
		_, err = db.ExecContext(ctx, `INSERT INTO at VALUES (1, ?, 0, x'', 0, 0)`, storeVersion)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return &store{db: db}, nil
}

func openDB(path string, key seal.Key) (*sql.DB, error) {
	return atrest.Open(path, key.Derive("staff view 1"), 4096)
}

// personRow and sessionRow are how people and sessions are kept between starts.
type personRow struct {
	personFact
	PHC      string    `json:"phc,omitempty"`
	LockedAt time.Time `json:"locked_at,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	Locks    int       `json:"locks,omitempty"`
}

type sessionRow struct {
	seatFact
	Person string      `json:"person"`
	Used   time.Time   `json:"used"`
	Glass  []glassFact `json:"glass,omitempty"`
}

// load fills a state with what the store holds.
func (st *store) load(ctx context.Context) (*state, error) {
	s := newState()
	s.applied, s.unreadable = st.at.seq, st.at.unreadable
	err := eachBody(ctx, st.db, `SELECT body FROM person`, func(b []byte) error {
		var r personRow
		if err := json.Unmarshal(b, &r); err != nil {
			return journal.ErrBody
		}
		m := &member{Person: r.person(), phc: r.PHC, lockedAt: r.LockedAt, locks: r.Locks}
		m.LockedUntil = r.Until
		s.people[r.ID] = m
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("staff.db people: %w", err)
	}
	err = eachBody(ctx, st.db, `SELECT body FROM session`, func(b []byte) error {
		var r sessionRow
		if err := json.Unmarshal(b, &r); err != nil || len(r.Hash) != hashSize || s.people[r.Person] == nil {
			return journal.ErrBody
		}
		x := &seat{hash: tokenHash(r.Hash), person: r.Person, id: r.ID, started: r.Started, expires: r.Expires,
			used: r.Used, from: r.From}
		for _, g := range r.Glass {
			x.glass = append(x.glass, Glass(g))
		}
		s.seats[x.hash], s.bySession[x.id] = x, x
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("staff.db sessions: %w", err)
	}
	return s, nil
}

func eachBody(ctx context.Context, db *sql.DB, query string, f func([]byte) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		if err := f(b); err != nil {
			return err
		}
	}
	return rows.Err()
}

// change is what one save writes: people and sessions as they are now (nil for
// a session that ended) and new reads, up to a position.
type change struct {
	people   map[string][]byte
	sessions map[tokenHash][]byte
	reads    []Read
	to       position
}

// save writes c in one transaction.
func (st *store) save(ctx context.Context, c change) (err error) {
	tx, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("staff.db: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
			err = fmt.Errorf("staff.db: %w", err)
		}
	}()
	for id, body := range c.people {
		if _, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO person VALUES (?, ?)`, id, body); err != nil {
			return err
		}
	}
	for h, body := range c.sessions {
		if body == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM session WHERE hash = ?`, h[:])
		} else {
			_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO session VALUES (?, ?)`, h[:], body)
		}
		if err != nil {
			return err
		}
	}
	top, err := insertReads(ctx, tx, c.reads, st.top)
	if err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, `UPDATE at SET seq = ?, record = ?, unreadable = ?, top = ?`,
		int64(c.to.seq), c.to.record[:], int64(c.to.unreadable), top); err != nil {
		return err
	}
	if err = tx.Commit(); err != nil {
		return err
	}
	st.at, st.top = c.to, top
	return nil
}

// insertReads adds reads and returns the new highest time.
func insertReads(ctx context.Context, tx *sql.Tx, reads []Read, top int64) (int64, error) {
	if len(reads) == 0 {
		return top, nil
	}
	ins, err := tx.PrepareContext(ctx, `INSERT OR REPLACE INTO read VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return top, err
	}
	defer ins.Close()
	for _, r := range reads {
		body, err := encodeRead(r)
		if err != nil {
			return top, err
		}
		ms := r.Time.UnixMilli()
		top = max(top, ms)
		if _, err := ins.ExecContext(ctx, int64(r.Seq), ms, top, r.Person, string(r.Patient), r.Ward, r.Page, r.Glass, body); err != nil {
			return top, err
		}
	}
	return top, nil
}

// takeChanged returns the rows of everything that changed since the last save
// and forgets that it changed.
func (s *state) takeChanged() (people map[string][]byte, sessions map[tokenHash][]byte, err error) {
	people, sessions = make(map[string][]byte), make(map[tokenHash][]byte)
	defer func() { clear(s.changedPeople); clear(s.changedSeats); clear(s.usedSeats) }()
	for h := range s.usedSeats {
		s.changedSeats[h] = true
	}
	for id := range s.changedPeople {
		m := s.people[id]
		people[id], err = json.Marshal(personRow{personFact: *factOf(m.Person), PHC: m.phc, LockedAt: m.lockedAt,
			Until: m.LockedUntil, Locks: m.locks})
		if err != nil {
			return nil, nil, fmt.Errorf("staff.db person: %w", err)
		}
	}
	for h := range s.changedSeats {
		sessions[h] = nil
		x := s.seats[h]
		if x == nil {
			continue
		}
		row := sessionRow{seatFact: seatFact{ID: x.id, Hash: x.hash[:], Started: x.started, Expires: x.expires, From: x.from},
			Person: x.person, Used: x.used}
		for _, g := range x.glass {
			row.Glass = append(row.Glass, glassFact(g))
		}
		if sessions[h], err = json.Marshal(row); err != nil {
			return nil, nil, fmt.Errorf("staff.db session: %w", err)
		}
	}
	return people, sessions, nil
}
