package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"notbetrieb/internal/app"
	"notbetrieb/internal/journal"
)

// journalRates measures the journal alone, without sockets: appends by many
// callers that each wait, reading everything, and checking everything.
func journalRates(ctx context.Context, b *bench) error {
	messages, err := corpus(ctx, 2000)
	if err != nil {
		return err
	}
	long := sized(b, 4*time.Second, 200*time.Millisecond)
	var last string
	var keys app.Keys
	for _, callers := range []int{1, 16, 256} {
		dir, err := b.folder("journal")
		if err != nil {
			return err
		}
		last = filepath.Join(dir, "journal")
		if keys, err = b.appendRate(ctx, dir, messages, callers, long); err != nil {
			return err
		}
	}
	return b.readRates(ctx, last, keys)
}

// appendRate measures appends by a number of callers in a fresh journal.
func (b *bench) appendRate(ctx context.Context, dir string, messages []template, callers int, long time.Duration) (app.Keys, error) {
	at := filepath.Join(dir, "journal")
	_, keys, err := demoHub(dir, time.Now())
	if err != nil {
		return keys, err
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		return keys, fmt.Errorf("journal folder: %w", err)
	}
	j, err := journal.Open(ctx, at, keys.Root, keys.Signer, journal.Options{})
	if err != nil {
		return keys, err
	}
	rate, size, err := appendFor(ctx, j, messages, callers, long)
	if err := errors.Join(err, j.Close()); err != nil {
		return keys, err
	}
	_, stats, err := journal.Check(ctx, at, keys.Root, keys.Verifier, nil, journal.CheckOptions{})
	if err != nil {
		return keys, err
	}
	batch := float64(stats.Records) / float64(max(stats.Batches, 1))
	raw, err := rawRate(b.dir, int(batch*size), long/2)
	if err != nil {
		return keys, err
	}
	name := fmt.Sprintf("Journal, %d callers: appends", callers)
	if callers == 1 {
		name = "Journal, 1 caller: appends"
	}
	b.add(name, rate, "records/s", higher, peer(raw*batch, "raw append+fsync of the same batches"))
	return keys, nil
}

// appendFor appends for some time and returns records a second and the mean
// size of a body in bytes.
func appendFor(ctx context.Context, j *journal.Journal, messages []template, callers int, long time.Duration) (rate, size float64, err error) {
	var next, done, bytes atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, callers)
	begun := time.Now()
	end := begun.Add(long)
	for n := range callers {
		wg.Go(func() {
			for time.Now().Before(end) && errs[n] == nil {
				i := next.Add(1)
				r := journal.Record{Time: begun, Source: "bench", Kind: journal.HL7, Body: messages[int(i)%len(messages)].with(nil, fmt.Sprint(i))}
				binary.BigEndian.PutUint64(r.ID[:], uint64(i))
				_, errs[n] = j.Append(ctx, r)
				done.Add(1)
				bytes.Add(int64(len(r.Body)))
			}
		})
	}
	wg.Wait()
	took := time.Since(begun).Seconds()
	return float64(done.Load()) / took, float64(bytes.Load()) / float64(max(done.Load(), 1)), errors.Join(errs...)
}

// readRates reads and checks the journal that was filled before.
func (b *bench) readRates(ctx context.Context, at string, keys app.Keys) error {
	r, err := journal.OpenReader(ctx, at, keys.Root, journal.Options{})
	if err != nil {
		return err
	}
	defer r.Close()
	begun := time.Now()
	n := 0
	for from := journal.Seq(1); ; {
		recs, err := r.Read(ctx, from, 2000)
		if err != nil {
			return err
		}
		if len(recs) == 0 {
			break
		}
		n += len(recs)
		from = recs[len(recs)-1].Seq + 1
	}
	b.add("Journal: read from first to last", float64(n)/time.Since(begun).Seconds(), "records/s", higher)
	begun = time.Now()
	found, stats, err := journal.Check(ctx, at, keys.Root, keys.Verifier, nil, journal.CheckOptions{})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("journal check: %d findings in a sound journal", len(found))
	}
	b.add("Journal: check of records, tree and checkpoints", float64(stats.Records)/time.Since(begun).Seconds(), "records/s", higher)
	return nil
}
