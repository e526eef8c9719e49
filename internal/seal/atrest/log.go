package atrest

import (
	"sync"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// files is a file system whose write-ahead logs are read and written in turn.
type files struct{ vfs.VFS }

// OpenFilename opens a file for SQLite.
func (f files) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, got, err := vfsutil.WrapOpenFilename(f.VFS, name, flags)
	if err != nil || flags&vfs.OPEN_WAL == 0 {
		return file, got, err
	}
	return &logFile{File: file, path: name.String(), turn: take(name.String())}, got, nil
}

// logFile is one connection's hold of a write-ahead log.
type logFile struct {
	vfs.File
	path string
	turn *turn
}

// ReadAt reads what no write is just changing.
func (l *logFile) ReadAt(p []byte, off int64) (int, error) {
	l.turn.RLock()
	defer l.turn.RUnlock()
	return l.File.ReadAt(p, off)
}

// WriteAt writes while nobody reads.
func (l *logFile) WriteAt(p []byte, off int64) (int, error) {
	l.turn.Lock()
	defer l.turn.Unlock()
	return l.File.WriteAt(p, off)
}

// Truncate cuts the log while nobody reads.
func (l *logFile) Truncate(size int64) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	return l.File.Truncate(size)
}

// Close gives the log back.
func (l *logFile) Close() error {
	give(l.path)
	return l.File.Close()
}

// turn is shared by all connections of one log.
type turn struct {
	sync.RWMutex
	users int
}

var logs = struct {
	sync.Mutex
	turns map[string]*turn
}{turns: map[string]*turn{}}

func take(path string) *turn {
	logs.Lock()
	defer logs.Unlock()
	t := logs.turns[path]
	if t == nil {
		t = &turn{}
		logs.turns[path] = t
	}
	t.users++
	return t
}

func give(path string) {
	logs.Lock()
	defer logs.Unlock()
	if t := logs.turns[path]; t != nil {
		if t.users--; t.users == 0 {
			delete(logs.turns, path)
		}
	}
}
