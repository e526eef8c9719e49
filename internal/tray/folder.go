package tray

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Folder is where scanners put their files.
type Folder struct {
	Dir    string
	Ward   string          // whose paper it is; empty: not known
	Poll   time.Duration   // how often to look; 2 s
	Retry  time.Duration   // how long to wait for a folder that is not there; 5 s
	Raise  func(lang.Text) // of what stands until it is better
	Clear  func()
	Tell   func(lang.Text) // of what happened once
	tray   *Tray
	seen   map[string]version
	stored map[string]version // stored, but not moved yet
}

type version struct {
	size int64
	mod  time.Time
}

// Watch takes what scanners put into the folder until ctx ends, then returns
// nil. A file is taken when two looks found it unchanged: it is stored in the
// journal, then moved to done; after a crash in between it is met again, and is
// the same file. What cannot be taken goes to failed. A folder that cannot be
// reached raises an alarm and is tried again.
func (t *Tray) Watch(ctx context.Context, f Folder) error {
	f.tray = t
	f.Poll, f.Retry = cmp.Or(f.Poll, 2*time.Second), cmp.Or(f.Retry, 5*time.Second)
	f.seen, f.stored = map[string]version{}, map[string]version{}
	for ctx.Err() == nil {
		wait := f.Poll
		if err := f.look(ctx); err != nil && ctx.Err() == nil {
			t.o.Log.ErrorContext(ctx, "scan folder not read to its end, will try again", "err", withoutPath(err))
			f.Raise(lang.Text{
				DE: "Der Scan-Ordner lässt sich nicht lesen oder leeren, oder das Journal nimmt nichts an. Die Dateien bleiben dort. Bitte Freigabe, Rechte und Platz prüfen.",
				EN: "The scan folder cannot be read or emptied, or the journal takes nothing. The files stay there. Please check the share, permissions and space.",
			})
			wait = f.Retry
		} else if err == nil {
			f.Clear()
		}
		pause(ctx, wait)
	}
	return nil
}

// withoutPath takes the path out of an error: a file name may hold a name.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return fmt.Errorf("%s: %w", l.Op, l.Err)
	}
	return err
}

func taken(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

// look goes through the folder once, in the order the files were written.
func (f *Folder) look(ctx context.Context) error {
	list, err := os.ReadDir(f.Dir)
	if err != nil {
		return err
	}
	now := map[string]version{}
	var ready []string
	for _, e := range list {
		info, err := e.Info()
		if err != nil || !e.Type().IsRegular() || !taken(e.Name()) {
			continue // gone since, or not of a scanner
		}
		v := version{info.Size(), info.ModTime()}
		now[e.Name()] = v
		if f.seen[e.Name()] == v {
			ready = append(ready, e.Name())
		}
	}
	f.seen = now
	slices.SortFunc(ready, func(a, b string) int {
		return cmp.Or(now[a].mod.Compare(now[b].mod), cmp.Compare(a, b))
	})
	var errs []error
	for _, name := range ready {
		if err := f.take(ctx, name, now[name]); err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// take stores one file and moves it. One that somebody still writes to is left.
func (f *Folder) take(ctx context.Context, name string, v version) error {
	path := filepath.Join(f.Dir, name)
	if f.stored[name] != v {
		if v.size > MaxFile || v.size == 0 {
			return f.refuse(name)
		}
		body, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if info, err := os.Stat(path); err != nil || (version{info.Size(), info.ModTime()}) != v || int64(len(body)) != v.size {
			return nil // its writer went on: the next look meets it
		}
		_, err = f.tray.Take(ctx, body, Came{Name: name, By: clinical.Staff{ID: machine.ID, Name: machine.Name}, From: "folder", Ward: f.Ward})
		if err != nil && fault.KindOf(err) == fault.Invalid {
			return f.refuse(name)
		}
		if err != nil {
			return err
		}
		f.stored[name] = v
	}
	if err := f.move(name, "done"); err != nil {
		return err
	}
	delete(f.stored, name)
	return nil
}

// refuse puts a file aside that cannot be taken.
func (f *Folder) refuse(name string) error {
	f.Tell(lang.Text{
		DE: "Eine Datei im Scan-Ordner ist leer oder größer als erlaubt. Sie liegt dort im Ordner failed. Bitte den Stapel teilen und neu scannen.",
		EN: "A file in the scan folder is empty or larger than allowed. It lies there in the folder failed. Please split the stack and scan again.",
	})
	return f.move(name, "failed")
}

// move puts a file into a folder inside the watched one. A file of the same name
// there stays beside it.
func (f *Folder) move(name, to string) error {
	dir := filepath.Join(f.Dir, to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	target := filepath.Join(dir, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(target); errors.Is(err, os.ErrNotExist) {
			return os.Rename(filepath.Join(f.Dir, name), target)
		}
		ext := filepath.Ext(name)
		target = filepath.Join(dir, fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext))
	}
}
