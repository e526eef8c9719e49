package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// shim is a file system that can be told to fail, and that knows which bytes
// would survive a power cut.
type shim struct {
	vfs.VFS
	name string

	mu     sync.Mutex
	ops    int   // writes, syncs, truncations and deletions so far
	failAt int   // fail the operation with this number; 0 never
	stay   bool  // and every one after it
	torn   bool  // a failing write leaves its first half
	room   int64 // bytes that may still be written beyond a file's end; negative: no limit
	hit    bool  // a failure was injected
	files  map[string]*image
}

// image is what of a file is durable, and what was written since.
type image struct {
	durable []byte
	pending []change
}

// change is a write, or a truncation if data is nil.
type change struct {
	off  int64
	data []byte
}

func (c change) apply(b []byte) []byte {
	if c.data == nil {
		if int64(len(b)) > c.off {
			return b[:c.off]
		}
		return append(b, make([]byte, c.off-int64(len(b)))...)
	}
	if end := c.off + int64(len(c.data)); end > int64(len(b)) {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	copy(b[c.off:], c.data)
	return b
}

func newShim(t testing.TB) *shim {
	t.Helper()
	s := &shim{VFS: vfs.Find("os"), room: -1, files: map[string]*image{}}
	s.name = fmt.Sprintf("shim-%p", s)
	vfs.Register(s.name, s)
	t.Cleanup(func() { vfs.Unregister(s.name) })
	return s
}

// arm forgets what happened and fails the n-th operation from now on.
func (s *shim) arm(n int, stay, torn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ops, s.failAt, s.stay, s.torn, s.hit = 0, n, stay, torn, false
}

func (s *shim) setRoom(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room = n
}

func (s *shim) count() (ops int, hit bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ops, s.hit
}

var errInjected = errors.New("injected failure")

// fails counts an operation and says whether it must fail.
func (s *shim) fails() bool {
	s.ops++
	if s.failAt > 0 && (s.ops == s.failAt || s.stay && s.ops > s.failAt) {
		s.hit = true
		return true
	}
	return false
}

func (s *shim) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return nil, flags, sqlite3.CANTOPEN
}

func (s *shim) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(s.VFS, name, flags)
	if err != nil || name == nil {
		return f, flags, err
	}
	base := filepath.Base(name.String())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files[base] == nil {
		b, err := os.ReadFile(name.String())
		if err != nil {
			return nil, flags, err
		}
		s.files[base] = &image{durable: b}
	}
	return &shimFile{File: f, s: s, base: base}, flags, nil
}

func (s *shim) Delete(name string, syncDir bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails() {
		return vfs.SystemError(errInjected, sqlite3.IOERR_DELETE)
	}
	delete(s.files, filepath.Base(name))
	return s.VFS.Delete(name, syncDir)
}

// cut writes to dir what a power cut could leave: all that was synced, and of
// the rest any part in any state.
func (s *shim) cut(t testing.TB, dir string, rng *rand.Rand) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for base, im := range s.files {
		b := append([]byte(nil), im.durable...)
		keep := rng.IntN(3) // none, any, all
		for _, c := range im.pending {
			if keep == 0 || keep == 1 && rng.IntN(2) == 0 {
				continue
			}
			if keep == 1 && len(c.data) > 1 && rng.IntN(4) == 0 {
				c.data = c.data[:rng.IntN(len(c.data)-1)+1]
			}
			b = c.apply(b)
		}
		if err := os.WriteFile(filepath.Join(dir, base), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

type shimFile struct {
	vfs.File
	s    *shim
	base string
}

func (f *shimFile) image() *image {
	im := f.s.files[f.base]
	if im == nil {
		im = &image{}
		f.s.files[f.base] = im
	}
	return im
}

func (f *shimFile) WriteAt(p []byte, off int64) (int, error) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.s.fails() {
		if !f.s.torn {
			return 0, vfs.SystemError(errInjected, sqlite3.IOERR_WRITE)
		}
		p = p[:len(p)/2]
		f.note(p, off)
		n, _ := f.File.WriteAt(p, off)
		return n, vfs.SystemError(errInjected, sqlite3.IOERR_WRITE)
	}
	if f.s.room >= 0 {
		size, err := f.Size()
		if err != nil {
			return 0, err
		}
		if grow := off + int64(len(p)) - size; grow > f.s.room {
			f.s.hit = true
			return 0, vfs.SystemError(errInjected, sqlite3.FULL)
		} else if grow > 0 {
			f.s.room -= grow
		}
	}
	f.note(p, off)
	return f.File.WriteAt(p, off)
}

func (f *shimFile) note(p []byte, off int64) {
	im := f.image()
	im.pending = append(im.pending, change{off, append([]byte{}, p...)})
}

func (f *shimFile) Truncate(size int64) error {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.s.fails() {
		return vfs.SystemError(errInjected, sqlite3.IOERR_TRUNCATE)
	}
	im := f.image()
	im.pending = append(im.pending, change{off: size})
	return f.File.Truncate(size)
}

func (f *shimFile) Sync(flags vfs.SyncFlag) error {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.s.fails() {
		return vfs.SystemError(errInjected, sqlite3.IOERR_FSYNC)
	}
	im := f.image()
	for _, c := range im.pending {
		im.durable = c.apply(im.durable)
	}
	im.pending = nil
	return nil // the image knows; the real disk need not
}

func (f *shimFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f *shimFile) LockState() vfs.LockLevel       { return vfsutil.WrapLockState(f.File) }
func (f *shimFile) HasMoved() (bool, error)        { return vfsutil.WrapHasMoved(f.File) }
func (f *shimFile) PowersafeOverwrite() bool       { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f *shimFile) SetPowersafeOverwrite(on bool)  { vfsutil.WrapSetPowersafeOverwrite(f.File, on) }
func (f *shimFile) BusyHandler(h func() bool)      { vfsutil.WrapBusyHandler(f.File, h) }
