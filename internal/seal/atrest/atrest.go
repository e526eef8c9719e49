// Package atrest keeps databases encrypted at rest: SQLite on the adiantum file
// system, made safe for those who read while one writes.
//
// Adiantum enciphers blocks of 4,096 bytes and changes every bit of a block when
// one changes. A frame of the write-ahead log is a page and 24 bytes, so that
// whoever appends a frame rewrites the block in which the frame before it ends.
// An operating system may give a reader one half of the old block and one of the
// new, which deciphers to noise: in a page that was committed before, and
// without a checksum that would tell. Here the log of a database is therefore
// written while nobody in this process reads it.
package atrest

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"

	"notbetrieb/internal/seal"
)

// name is the file system's among SQLite's.
const name = "sealed"

func init() { vfs.Register(name, adiantum.Wrap(files{vfs.Find("")}, nil)) }

// Address returns what SQLite opens for the file at path. The key is set by
// [Pragma] on each connection, so that it never stands in an address.
func Address(path string) string { return address(path, nil) }

func address(path string, more url.Values) string {
	if more == nil {
		more = url.Values{}
	}
	more.Set("vfs", name)
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: more.Encode()}).String()
}

// Pragma returns the statement that must be the first on a connection.
func Pragma(k seal.Key) string { return fmt.Sprintf("PRAGMA hexkey='%s';", hex.EncodeToString(k[:])) }

// Open opens the database at path with a pool of four connections of cacheKB
// KiB of pages each. Transactions begin as writers. Each commit is synced: SQLite
// then fills the log up to the next block, and a power cut while a later frame
// rewrites its block harms only a copy.
func Open(path string, k seal.Key, cacheKB int) (*sql.DB, error) {
	db, err := driver.Open(address(path, url.Values{"_txlock": {"immediate"}}), func(c *sqlite3.Conn) error {
		return c.Exec(Pragma(k) + fmt.Sprintf(`PRAGMA busy_timeout=10000; PRAGMA journal_mode=wal; PRAGMA synchronous=full;
			PRAGMA temp_store=memory; PRAGMA cache_size=-%d;`, cacheKB))
	})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(2)
	return db, nil
}
