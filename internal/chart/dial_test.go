package chart

import (
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/seal"
)

// A page that is opened while the writer has the whole file to itself, as when
// it empties its log, waits for it instead of failing.
func TestAReaderWaitsForAWriterThatHasTheFileToItself(t *testing.T) {
	t.Parallel()
	path, key := filepath.Join(t.TempDir(), "view.db"), seal.NewKey()
	writer, err := dial(path, key, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Exec("CREATE TABLE t(x); PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO t VALUES(1)"); err != nil {
		t.Fatal(err)
	}
	begun, opened := make(chan struct{}), make(chan error, 1)
	go func() {
		close(begun)
		reader, err := dial(path, key, sqlite3.OPEN_READWRITE, 1, false)
		if err == nil {
			err = reader.Close()
		}
		opened <- err
	}()
	<-begun
	for range 200 { // gives the reader time to meet the lock
		if err := writer.Exec("INSERT INTO t VALUES(1)"); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Exec("COMMIT; PRAGMA locking_mode=NORMAL; SELECT count(*) FROM t"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Errorf("the reader did not wait: %v", err)
	}
}
