package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/interpret"
	"notbetrieb/internal/journal"
)

// backlogReport is what a process says that opened a queue in which very many
// entries wait.
type backlogReport struct {
	Open     time.Duration // from its start until the first page of the queue and its counts were read
	Fold     time.Duration // of that, until everything was folded
	Counts   time.Duration // reading the counts of all wards
	Resident uint64        // bytes
	Peak     uint64
	Listed   int
	Waiting  int
}

// waiting measures what a million entries that nobody has released yet cost: the
// fold of them, the start with them, and the memory of the process.
func (b *bench) waiting(ctx context.Context) error {
	n := sized(b, 1_000_000, 2000)
	dir, err := b.folder("backlog")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := fillBacklog(ctx, dir, n); err != nil {
		return err
	}
	b.note("%d entries of 20,000 patients are signed", n)
	var cold, warm backlogReport
	for _, r := range []*backlogReport{&cold, &warm} {
		dropCaches(dir)
		if err := child(ctx, r, "backlog", "-dir", dir, "-began", fmt.Sprint(time.Now().UnixNano()), "-profile", b.profile); err != nil {
			return err
		}
		if r.Waiting != n || r.Listed == 0 {
			return fmt.Errorf("%d entries wait, %d are listed; want %d", r.Waiting, r.Listed, n)
		}
	}
	size := number(float64(n)) + " entries wait"
	b.add("Queue folded anew from the journal, "+size, float64(n)/cold.Fold.Seconds(), "entries/s", higher, goal(10_000))
	b.add("Start to the first page of the queue, "+size, warm.Open.Seconds(), "s", lower, goal(5))
	b.add("Counts of all wards, "+size, millis(warm.Counts), "ms", lower, goal(2000))
	b.add("Resident memory, "+size, float64(warm.Resident)/1e6, "MB", lower, goal(150))
	b.add("Largest resident memory while they were folded", float64(cold.Peak)/1e6, "MB", lower, goal(300))
	return nil
}

// fillBacklog signs n entries into the journal of dir.
func fillBacklog(ctx context.Context, dir string, n int) error {
	cfg, keys, err := demoHub(dir, time.Now())
	if err != nil {
		return err
	}
	at := filepath.Join(cfg.Data, "journal")
	if err := os.MkdirAll(at, 0o700); err != nil {
		return fmt.Errorf("journal folder: %w", err)
	}
	j, err := journal.Open(ctx, at, keys.Root, keys.Signer, journal.Options{})
	if err != nil {
		return err
	}
	return errors.Join(fillEntries(ctx, j, n, 20_000, cfg.Mapping.Identity.Authority), j.Close())
}

// backlogChild opens journal, charts and queue as the hub does, and reads what a
// person at the queue's page reads. The charts are not built: nothing of them is
// needed before something is sent.
func backlogChild(ctx context.Context, args []string, out io.Writer) (err error) {
	fs := flag.NewFlagSet("backlog", flag.ContinueOnError)
	dir := fs.String("dir", "", "data folder")
	began := fs.Int64("began", 0, "when this process was asked for, in Unix nanoseconds")
	profile := fs.String("profile", "", "folder for a CPU profile")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *profile != "" {
		stop, err := startProfile(filepath.Join(*profile, fmt.Sprintf("backlog-%d.cpu", *began)))
		if err != nil {
			return err
		}
		defer stop()
	}
	begun := time.Unix(0, *began)
	cfg, keys, err := demoHub(*dir, time.Now())
	if err != nil {
		return err
	}
	j, err := journal.Open(ctx, filepath.Join(cfg.Data, "journal"), keys.Root, keys.Signer, journal.Options{})
	if err != nil {
		return err
	}
	site, err := interpret.Compile(cfg.Mapping, time.UTC)
	if err != nil {
		return errors.Join(err, j.Close())
	}
	charts, err := chart.Open(ctx, chart.Config{Dir: filepath.Join(cfg.Data, "chart"), Key: keys.Root.Derive("chart"), Zone: time.UTC}, j, site)
	if err != nil {
		return errors.Join(err, j.Close())
	}
	book, err := handback.Open(ctx, filepath.Join(cfg.Data, "handback"), keys.Root, j, charts, []handback.Target{{
		Target: message.Target{Name: "kis", Version: "2.5", Takes: message.DefaultTakes()}, System: "kis", Address: "127.0.0.1:1",
	}}, handback.Options{})
	if err != nil {
		return errors.Join(err, charts.Close(), j.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- book.Run(ctx) }()
	r, err := readBacklog(ctx, book, j, begun)
	stop()
	return errors.Join(err, <-done, book.Close(), charts.Close(), j.Close(), json.NewEncoder(out).Encode(r))
}

func readBacklog(ctx context.Context, book *handback.Book, j *journal.Journal, begun time.Time) (r backlogReport, err error) {
	open := time.Now()
	if err := book.Wait(ctx, j.Head()); err != nil {
		return r, err
	}
	r.Fold = time.Since(open)
	q, err := book.Queue(ctx, "kis")
	if err != nil {
		return r, err
	}
	if q.Mode == handback.Closed {
		by := handback.Act{By: clinical.Staff{ID: "it", Name: "Vogel, R."}, At: time.Now()}
		if err := book.SetMode(ctx, journal.NewID(), "kis", handback.Testing, by); err != nil {
			return r, err
		}
	}
	items, err := book.Items(ctx, "kis", handback.Filter{})
	if err != nil {
		return r, err
	}
	r.Listed = len(items)
	r.Open = time.Since(begun)
	open = time.Now()
	wards, err := book.Progress(ctx, "kis")
	if err != nil {
		return r, err
	}
	r.Counts = time.Since(open)
	for _, w := range wards {
		r.Waiting += w.Count[handback.Waiting]
	}
	r.Resident, r.Peak = memoryOf("VmRSS"), memoryOf("VmHWM")
	return r, nil
}
