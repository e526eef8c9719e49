package chart

import (
	"context"
	"errors"
	"fmt"
	"os"

	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
)

// newClosed returns a chart without a file: for rebuilding and checking.
func newClosed(cfg Config, src source, mapping string) (*Chart, error) {
	cfg = defaults(cfg)
	c := &Chart{cfg: cfg, rules: rulesOf(cfg), src: src, moved: make(chan struct{}), subs: map[*sub]struct{}{}}
	c.version = versionOf(mapping, c.rules)
	var err error
	c.codecs, err = newCodecs(cfg.Zone)
	return c, err
}

// Replay folds the whole journal into a new file beside the present one and
// switches to it in one step; until then, and after any error, the present one
// stays as it is. progress, which may be nil, is told the record reached. No
// Chart may be open on the folder.
func Replay(ctx context.Context, cfg Config, j *journal.Journal, site *interpret.Site, progress func(journal.Seq)) error {
	return replay(ctx, cfg, &journalSource{j: j, site: site}, site.Version(), progress)
}

func replay(ctx context.Context, cfg Config, src source, mapping string, progress func(journal.Seq)) error {
	c, err := newClosed(cfg, src, mapping)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("chart folder: %w", err)
	}
	f, err := c.build(ctx, progress)
	if err != nil {
		return err
	}
	if err := c.settle(f); err != nil {
		return errors.Join(err, f.close(), remove(f.path))
	}
	if err := f.close(); err != nil {
		return err
	}
	c.sweep(baseName(f.path))
	return nil
}

// build folds the whole journal into a fresh file.
func (c *Chart) build(ctx context.Context, progress func(journal.Seq)) (*file, error) {
	f, err := c.freshFile()
	if err != nil {
		return nil, err
	}
	if err := c.bring(ctx, f, progress); err != nil {
		return nil, errors.Join(err, f.close(), remove(f.path))
	}
	return f, nil
}

// bring folds everything there is into f.
func (c *Chart) bring(ctx context.Context, f *file, progress func(journal.Seq)) error {
	c.progress = progress
	for f.w.pos < c.src.head() {
		before := f.w.pos
		if err := c.catchUp(ctx, f); err != nil {
			return err
		}
		if f.w.pos == before {
			return fmt.Errorf("chart: the journal ends at %d, before its head %d", before, c.src.head())
		}
	}
	return nil
}
