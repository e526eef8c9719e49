package journal

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// appendFrom runs b.N appends from n goroutines, each waiting for its answer,
// and reports records per second and how long an answer takes.
func appendFrom(b *testing.B, j *Journal, n int, recs []Record, id func(int64) ID) {
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	for range n {
		wg.Go(func() {
			var mine []time.Duration
			for {
				i := next.Add(1) - 1
				if i >= int64(b.N) {
					break
				}
				r := recs[i%int64(len(recs))]
				r.ID = id(i)
				start := time.Now()
				if _, err := j.Append(context.Background(), r); err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	wg.Wait()
	b.StopTimer()
	if b.Failed() {
		return
	}
	slices.Sort(took)
	var batches int64
	if err := j.r.with(context.Background(), func(rc *readConn) (err error) {
		batches, err = queryInt(rc.c, fmt.Sprintf("SELECT count(*) FROM batch WHERE first > %d", int(j.Head())-b.N))
		return err
	}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/float64(max(batches, 1)), "rec/batch")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rec/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkAppend appends 1.5 KB messages from 1, 16 and 256 goroutines.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			j := keysFor(b).open(b, b.TempDir(), Options{})
			recs := make([]Record, 4096)
			for i := range recs {
				recs[i] = adt(i)
			}
			b.SetBytes(int64(len(recs[0].Body)))
			b.ResetTimer()
			appendFrom(b, j, n, recs, func(i int64) (id ID) {
				binary.BigEndian.PutUint64(id[:], uint64(i)+1)
				return id
			})
		})
	}
}

// BenchmarkRawFsync is what the same disk does with a plain file: the bytes of
// n messages appended in one write, then fsync.
func BenchmarkRawFsync(b *testing.B) {
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f, err := os.OpenFile(filepath.Join(b.TempDir(), "raw"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			var buf []byte
			for i := range n {
				buf = append(buf, adt(i).Body...)
			}
			b.SetBytes(int64(len(buf) / n))
			b.ResetTimer()
			for done := 0; done < b.N; done += n {
				if _, err := f.Write(buf); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rec/s")
		})
	}
}

// BenchmarkRead reads a journal from its first record to its last.
func BenchmarkRead(b *testing.B) {
	k, ctx := keysFor(b), context.Background()
	j := k.open(b, b.TempDir(), Options{})
	const n = 40000
	var recs []Record
	for i := range n {
		recs = append(recs, adt(i))
		if len(recs) == 256 || i == n-1 {
			if _, err := j.AppendAll(ctx, recs); err != nil {
				b.Fatal(err)
			}
			recs = recs[:0]
		}
	}
	b.ResetTimer()
	from := Seq(1)
	for done := 0; done < b.N; {
		got, err := j.Read(ctx, from, 1000)
		if err != nil {
			b.Fatal(err)
		}
		if len(got) == 0 {
			from = 1
			continue
		}
		from = got[len(got)-1].Seq + 1
		done += len(got)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rec/s")
}

// BenchmarkAppendToLarge is BenchmarkAppend/256 on a journal that already has
// a million records, so that the IDs lie in a large table.
func BenchmarkAppendToLarge(b *testing.B) {
	k, ctx := keysFor(b), context.Background()
	dir := b.TempDir()
	j := k.open(b, dir, Options{BatchMax: 4096})
	small := make([]Record, 4096)
	for i := 0; i < 1_000_000; i += len(small) {
		for x := range small {
			small[x] = Record{ID: KeyOf("large", fmt.Sprint(i+x), nil), Kind: Read, Body: []byte("x")}
		}
		if _, err := j.AppendAll(ctx, small); err != nil {
			b.Fatal(err)
		}
	}
	closeJournal(b, j)
	start := time.Now()
	j = k.open(b, dir, Options{})
	started := time.Since(start)
	recs := make([]Record, 4096)
	for i := range recs {
		recs[i] = adt(i)
	}
	b.ResetTimer()
	appendFrom(b, j, 256, recs, func(i int64) ID { return KeyOf("more", fmt.Sprint(i), nil) })
	b.ReportMetric(float64(started.Milliseconds()), "start-ms")
}

// BenchmarkCheck verifies a whole journal.
func BenchmarkCheck(b *testing.B) {
	k, dir := keysFor(b), b.TempDir()
	j := k.open(b, dir, Options{})
	const n = 20480
	for i := 0; i < n; i += 256 {
		appendBatch(b, j, i, 256)
	}
	closeJournal(b, j)
	for b.Loop() {
		fs, _, err := Check(context.Background(), dir, k.key, k.verify, nil, CheckOptions{})
		if err != nil || len(fs) != 0 {
			b.Fatal(fs, err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rec/s")
}
