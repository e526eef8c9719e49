package intake

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// sweepEvery is how often the done folder is looked through.
const sweepEvery = 10 * time.Minute

// sweep removes files from the done folder that have lain there for as long as
// Keep says: they hold messages in plain, and the journal has them. Only what
// lies in a folder of a day is touched, and files in the bad folder stay until
// somebody has looked at them.
func (f *Folder) sweep(ctx context.Context, now time.Time) {
	if !f.swept.IsZero() && now.Sub(f.swept) < sweepEvery {
		return
	}
	f.swept = now
	days, err := os.ReadDir(f.c.Done)
	errs := []error{withoutPath(err)}
	for _, day := range days {
		if _, err := time.Parse(time.DateOnly, day.Name()); err != nil || !day.IsDir() {
			continue
		}
		if ctx.Err() != nil {
			return
		}
		errs = append(errs, sweepDay(filepath.Join(f.c.Done, day.Name()), now.Add(-f.c.Keep)))
	}
	if err := errors.Join(errs...); err != nil && f.seldom.now("sweep") {
		f.log.ErrorContext(ctx, "stored files not removed from the done folder, will try again", "err", err)
	}
}

// sweepDay removes the files of one day whose time is not after before, and the
// day's folder when nothing is left in it. The error is the first one met: one
// reason mostly holds for all files.
func sweepDay(dir string, before time.Time) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return withoutPath(err)
	}
	left := 0
	for _, e := range files {
		info, infoErr := e.Info()
		if infoErr != nil || !info.Mode().IsRegular() || info.ModTime().After(before) {
			left++
			continue
		}
		if rmErr := os.Remove(filepath.Join(dir, e.Name())); rmErr != nil && !errors.Is(rmErr, fs.ErrNotExist) {
			left++
			if err == nil {
				err = withoutPath(rmErr)
			}
		}
	}
	if left == 0 {
		_ = os.Remove(dir) // an empty folder does no harm
	}
	return err
}
