package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// File keeps one sealed value, replaced as a whole. The file's name is part of
// what is sealed: one file in the place of another does not open.
type File struct {
	path string
	box  *Box
}

// NewFile returns the file at path, which need not exist, sealed with key.
func NewFile(path string, key Key) *File { return &File{path: path, box: NewBox(key)} }

// Name returns the file's name in its folder.
func (f *File) Name() string { return filepath.Base(f.path) }

// Load returns the value. An error wraps [os.ErrNotExist] where nothing was
// stored yet.
func (f *File) Load() ([]byte, error) {
	b, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("sealed file: %w", err)
	}
	plain, err := f.box.Open(nil, b, []byte(f.Name()))
	if err != nil {
		return nil, fmt.Errorf("sealed file %s: %w", f.Name(), err)
	}
	return plain, nil
}

// Sweep removes what a Store has left whose process was killed. Nobody may be
// storing meanwhile.
func (f *File) Sweep() error {
	dir, name := filepath.Split(f.path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if n, ok := strings.CutPrefix(e.Name(), name+"."); ok && n != "" && strings.Trim(n, "0123456789") == "" { // as os.CreateTemp names it
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("sealed file: %w", err)
	}
	return nil
}

// Store replaces the value: a new file is written and synced beside the old one
// and renamed over it. A crash leaves the old value or the new one.
func (f *File) Store(plain []byte) (err error) {
	dir, name := filepath.Split(f.path)
	tmp, err := os.CreateTemp(filepath.Clean(dir), name+".*")
	if err != nil {
		return fmt.Errorf("sealed file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("sealed file: %w", err)
		}
	}()
	if _, err = tmp.Write(f.box.Seal(nil, plain, []byte(name))); err != nil {
		_ = tmp.Close()
		return err
	}
	if err = tmp.Sync(); err != nil {
		_ = tmp.Close()
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), f.path)
}
