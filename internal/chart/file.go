package chart

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/ncruces/go-sqlite3"
)

// file is one derived database with its writer and readers. Several can lie in
// the folder while a successor is built; the pointer file names the one that
// counts.
type file struct {
	path    string
	w       *writer
	readers *readers
	users   sync.WaitGroup // views
	stale   bool           // of another mapping: shown until its successor is ready
	fresh   bool           // not complete yet: not durable, not named by the pointer
}

const pointer = "current"

// openCurrent opens the file that the pointer names, or starts a fresh one.
func (c *Chart) openCurrent() (*file, error) {
	if err := os.MkdirAll(c.cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("chart folder: %w", err)
	}
	name, err := os.ReadFile(filepath.Join(c.cfg.Dir, pointer))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("chart pointer: %w", err)
	}
	current := strings.TrimSpace(string(name))
	if filepath.Base(current) != current {
		current = ""
	}
	c.sweep(current)
	if current != "" {
		f, err := c.openFile(filepath.Join(c.cfg.Dir, current))
		switch {
		case err == nil:
			return f, nil
		case !rebuildable(err):
			return nil, err
		}
		c.cfg.Log.Warn("charts are rebuilt", slog.String("reason", err.Error()))
		if err := remove(filepath.Join(c.cfg.Dir, current)); err != nil {
			return nil, fmt.Errorf("remove charts: %w", err)
		}
	}
	return c.freshFile()
}

// sweep removes files that no pointer names: what an interrupted build or
// comparison left.
func (c *Chart) sweep(current string) {
	if left, err := filepath.Glob(filepath.Join(c.cfg.Dir, "compare-*")); err == nil {
		for _, dir := range left {
			if err := os.RemoveAll(dir); err != nil {
				c.cfg.Log.Warn("the folder of a comparison stays", slog.String("file", filepath.Base(dir)))
			}
		}
	}
	found, err := filepath.Glob(filepath.Join(c.cfg.Dir, "view-*.db"))
	if err != nil {
		return // only for a malformed pattern
	}
	for _, path := range found {
		if filepath.Base(path) == current {
			continue
		}
		if err := remove(path); err != nil {
			c.cfg.Log.Warn("an old chart file stays", slog.String("file", filepath.Base(path)))
		}
	}
}

var errOther = errors.New("charts of another version or another journal")

// openFile opens an existing file and checks that it fits program and journal.
func (c *Chart) openFile(path string) (*file, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	w, err := newWriter(path, c.cfg.Key, c.rules, c.codecs, false)
	if err != nil {
		return nil, err
	}
	f := &file{path: path, w: w}
	layout, err := w.shelf.text("SELECT v FROM meta WHERE k='layout'")
	if err == nil && layout != c.codecs.layout() {
		err = errOther
	}
	mapping := ""
	if err == nil {
		mapping, err = w.shelf.text("SELECT v FROM meta WHERE k='mapping'")
	}
	if err == nil && w.pos > c.src.head() {
		err = fmt.Errorf("%w: position %d, journal %d", errOther, w.pos, c.src.head())
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	f.stale = mapping != c.version
	c.addReaders(f)
	return f, nil
}

// freshFile starts an empty file beside all others.
func (c *Chart) freshFile() (*file, error) {
	for n := 1; ; n++ {
		path := filepath.Join(c.cfg.Dir, "view-"+strconv.Itoa(n)+".db")
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := remove(path); err != nil { // a write-ahead log without its file
			return nil, fmt.Errorf("remove charts: %w", err)
		}
		w, err := newWriter(path, c.cfg.Key, c.rules, c.codecs, true)
		if err != nil {
			return nil, err
		}
		if err := w.shelf.run("INSERT OR REPLACE INTO meta VALUES('mapping',?)", c.version); err != nil {
			return nil, errors.Join(err, w.close())
		}
		f := &file{path: path, w: w, fresh: true}
		c.addReaders(f)
		return f, nil
	}
}

func (c *Chart) addReaders(f *file) {
	f.readers = newReaders(c.cfg.Readers, func() (*conn, error) {
		return dial(f.path, c.cfg.Key, sqlite3.OPEN_READWRITE, 24, false)
	})
}

// settle makes a file that has caught up durable and points to it.
func (c *Chart) settle(f *file) error {
	s := f.w.shelf
	for _, sql := range []string{
		"PRAGMA synchronous=FULL", "INSERT OR REPLACE INTO meta VALUES('complete',1)", "PRAGMA wal_checkpoint(TRUNCATE)",
		"PRAGMA optimize",
	} {
		if err := s.run(sql); err != nil {
			return err
		}
	}
	tmp := filepath.Join(c.cfg.Dir, pointer+".new")
	if err := os.WriteFile(tmp, []byte(filepath.Base(f.path)+"\n"), 0o600); err != nil {
		return fmt.Errorf("chart pointer: %w", err)
	}
	if err := os.Rename(tmp, filepath.Join(c.cfg.Dir, pointer)); err != nil {
		return fmt.Errorf("chart pointer: %w", err)
	}
	f.fresh = false
	return nil
}

func baseName(path string) string { return filepath.Base(path) }

func (f *file) release() { f.users.Done() }

// close waits for the views and closes everything.
func (f *file) close() error {
	f.users.Wait()
	return errors.Join(f.readers.close(), f.w.close())
}

// rebuildable reports whether an error means that the file is worthless, as
// opposed to a disk that is away or full.
func rebuildable(err error) bool {
	return errors.Is(err, errDamaged) || errors.Is(err, errOther) ||
		errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, sqlite3.NOTADB)
}
