package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

// putDone moves a stored file to the done folder of the day, or removes it. Its
// time becomes that of the move, from which its stay is counted.
func (f *Folder) putDone(name string) error {
	if f.c.Keep <= 0 {
		if err := os.Remove(filepath.Join(f.c.Dir, name)); err != nil {
			return withoutPath(err)
		}
		return syncDir(f.c.Dir)
	}
	dir := filepath.Join(f.c.Done, time.Now().Format(time.DateOnly))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return withoutPath(err)
	}
	to, err := freeName(dir, name)
	if err != nil {
		return err
	}
	if err := f.move(name, to); err != nil {
		return err
	}
	now := time.Now()
	_ = os.Chtimes(to, now, now) // without it the file goes earlier, and it is stored
	return nil
}

// moveBad writes the reason first: a file in the bad folder always has one.
func (f *Folder) moveBad(name, reason string) error {
	to, err := freeName(f.c.Bad, name)
	if err != nil {
		return err
	}
	if err := writeDurably(to+".reason.txt", []byte(reason+"\n")); err != nil {
		return withoutPath(err)
	}
	return f.move(name, to)
}

// move renames within the folder's file system and makes both sides durable.
func (f *Folder) move(name, to string) error {
	if err := os.Rename(filepath.Join(f.c.Dir, name), to); err != nil {
		return withoutPath(err)
	}
	return errors.Join(syncDir(filepath.Dir(to)), syncDir(f.c.Dir))
}

// freeName returns a path in dir that does not exist yet: name, name.2, …
func freeName(dir, name string) (string, error) {
	for n := 1; n < 100_000; n++ {
		path := filepath.Join(dir, name)
		if n > 1 {
			path += "." + strconv.Itoa(n)
		}
		_, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			return "", withoutPath(err)
		}
	}
	return "", errors.New("too many files of one name")
}

// writeDurably writes a file that is on stable storage when it returns.
func writeDurably(path string, b []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncDir makes a rename durable. Windows has no such call and needs none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return withoutPath(err)
	}
	return errors.Join(withoutPath(d.Sync()), d.Close())
}

// withoutPath takes file names out of an error: they may hold patients' names.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return fmt.Errorf("%s: %w", l.Op, l.Err)
	}
	return err
}
