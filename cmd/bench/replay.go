package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/app"
)

// replay measures how fast all charts are built anew from a journal of the demo
// hospital's histories: read, decrypt, interpret, fold, store.
func replay(ctx context.Context, b *bench) error {
	dir, err := b.folder("replay")
	if err != nil {
		return err
	}
	hub, err := openHub(ctx, dir)
	if err != nil {
		return err
	}
	f, err := fillHistories(ctx, hub.Journal, 3, b.short)
	if err := errors.Join(err, hub.Close()); err != nil {
		return err
	}
	b.note("%d messages of %d bytes on average", f.total, f.bytes/int64(f.total))
	var rates []float64
	for range sized(b, 3, 1) {
		if err := os.RemoveAll(filepath.Join(dir, "chart")); err != nil {
			return err
		}
		took, err := rebuild(ctx, dir)
		if err != nil {
			return err
		}
		rates = append(rates, float64(f.total)/took.Seconds())
	}
	b.add("Rebuild of all charts from the journal", median(rates), "messages/s", higher, goal(20_000))
	return os.RemoveAll(dir)
}

// rebuild opens a hub without charts and waits until they hold everything.
func rebuild(ctx context.Context, dir string) (time.Duration, error) {
	hub, err := openHub(ctx, dir)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	err = foldAll(ctx, hub)
	took := time.Since(begun)
	return took, errors.Join(err, hub.Close())
}

// foldAll runs the fold of the charts alone until it has reached the journal's
// head.
func foldAll(ctx context.Context, hub *app.Hub) error {
	run, stop := context.WithCancel(ctx)
	g, run := errgroup.WithContext(run)
	g.Go(func() error { return hub.Chart.Run(run) })
	g.Go(func() error {
		defer stop()
		return hub.Chart.Wait(run, hub.Journal.Head())
	})
	return g.Wait()
}
