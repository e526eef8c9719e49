package atrest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"notbetrieb/internal/seal"
)

// TestReadersBesideAWriter has people read rows of which each carries its own
// digest while one goes on writing small transactions: what was committed is
// read as it was written.
func TestReadersBesideAWriter(t *testing.T) {
	t.Parallel()
	path, key := filepath.Join(t.TempDir(), "x.db"), seal.NewKey()
	db, err := Open(path, key, 64) // a small cache: pages come from the file
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	writer, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	// Without a sync there are as many commits as the machine can do.
	if _, err := writer.ExecContext(t.Context(), "PRAGMA synchronous=off; PRAGMA wal_autocheckpoint=200; CREATE TABLE r(id INTEGER PRIMARY KEY, body BLOB, sum BLOB)"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := readAll(ctx, db); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 6000 {
		body := make([]byte, 50+r.IntN(900))
		for i := range body {
			body[i] = byte(r.Uint32())
		}
		sum := sha256.Sum256(body)
		if _, err := writer.ExecContext(ctx, "INSERT OR REPLACE INTO r VALUES(?,?,?)", r.IntN(300), body, sum[:]); err != nil {
			t.Error(err)
			break
		}
	}
	stop()
	readers.Wait()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("CREATE TABLE")) || bytes.HasPrefix(raw, []byte("SQLite")) {
		t.Error("the file can be read without the key")
	}
}

func readAll(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT body, sum FROM r")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body, sum []byte
		if err := rows.Scan(&body, &sum); err != nil {
			return err
		}
		if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
			return errors.New("a committed row is read as noise")
		}
	}
	return rows.Err()
}

// TestAnotherKeyOpensNothing: a key that is not the file's is told at once.
func TestAnotherKeyOpensNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	for i, key := range []seal.Key{seal.NewKey(), seal.NewKey()} {
		db, err := Open(path, key, 64)
		if err == nil {
			_, err = db.Exec("CREATE TABLE IF NOT EXISTS r(id INTEGER)")
			defer db.Close()
		}
		if (err != nil) != (i == 1) {
			t.Errorf("key %d: %v", i, err)
		}
	}
}
