package journal

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"

	"notbetrieb/internal/fault"
)

// dirLock says that this process writes in a folder. It is an empty SQLite
// file with an open transaction: a lock of the operating system that ends with
// the process, on every system SQLite knows.
type dirLock struct{ c *sqlite3.Conn }

func takeLock(dir string) (*dirLock, error) {
	c, err := sqlite3.Open(filepath.Join(dir, lockName))
	if err != nil {
		return nil, storeFault(err, "lock", sayUnwritable())
	}
	err = c.Exec("BEGIN IMMEDIATE")
	if err == nil {
		return &dirLock{c}, nil
	}
	err = errors.Join(err, c.Close())
	if errors.Is(err, sqlite3.BUSY) {
		return nil, fault.Mark(fmt.Errorf("journal lock: %w", err), fault.Conflict, sayLocked())
	}
	return nil, storeFault(err, "lock", sayUnwritable())
}

func (l *dirLock) release() error {
	return errors.Join(l.c.Exec("ROLLBACK"), l.c.Close())
}
