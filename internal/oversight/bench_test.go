package oversight

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

var large = flag.Bool("large", false, "the benchmark has the size of 300 beds over a quarter of a year")

// quarter fills a house: charts with a result each, of which every hundredth was
// corrected, and reads by 300 people over 120 days.
func (h *house) quarter(charts, reads int) review.Span {
	h.t.Helper()
	ctx := h.t.Context()
	day0 := time.Date(2026, 8, 1, 6, 0, 0, 0, time.UTC)
	var recs []journal.Record
	var last journal.Seq
	put := func(r journal.Record) {
		if recs = append(recs, r); len(recs) == 1000 {
			seqs, err := h.j.AppendAll(ctx, recs)
			must(h.t, err)
			recs, last = recs[:0], seqs[len(seqs)-1]
		}
	}
	keys := make([]clinical.PatientKey, charts)
	for i := range charts {
		at := day0.Add(110 * 24 * time.Hour / time.Duration(charts) * time.Duration(i))
		h.now = at
		ward, no := fmt.Sprintf("%dA", 1+i%12), fmt.Sprint(100000+i)
		keys[i] = h.number(no)
		messages := []string{adt("A01") + "ZBE|B1^KIS|{t}||INSERT|N|A01\n", lab("F", "6.1")}
		if i%100 == 0 {
			messages = append(messages, lab("C", "4.6"))
		}
		for _, m := range messages {
			h.sent++
			body := strings.NewReplacer("{t}", at.Format("20060102150405"), "{n}", fmt.Sprint(h.sent), "4711^", no+"^", "3A^301", ward+"^301", "9001", no, "\n", "\r").Replace(m)
			put(journal.Record{ID: journal.NewID(), Time: at, Source: "kis", Kind: journal.HL7, Body: []byte(body)})
		}
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for i := range reads {
		at := day0.Add(120 * 24 * time.Hour / time.Duration(reads) * time.Duration(i))
		h.now = at
		who := draw.IntN(300)
		near := min(i*charts/reads*120/110, charts-1)
		of := keys[max(0, near-draw.IntN(600))]
		body := fmt.Sprintf(`{"v":1,"time":%q,"person":"p%03d","name":"P. Nr%03d","roles":["nurse"],"session":"s%d","from":"10.0.0.%d","patient":%q,"ward":"%dA","page":"chart/course"}`, at.Format(time.RFC3339), who, who, i/2000, who%200, of, 1+who%12)
		put(journal.Record{ID: journal.NewID(), Time: at, Source: "staff", Kind: journal.Read, Patient: string(of), Body: []byte(body)})
	}
	if len(recs) > 0 {
		seqs, err := h.j.AppendAll(ctx, recs)
		must(h.t, err)
		last = seqs[len(seqs)-1]
	}
	must(h.t, h.charts.Wait(ctx, last))
	h.now = day0.AddDate(0, 0, 120)
	return review.Span{From: day0.AddDate(0, 0, 29), To: day0.AddDate(0, 0, 120)}
}

// A review of a quarter of a year: how long it takes and how much memory it needs
// on top of what the house has. With -large of 20,000 charts and 600,000 reads.
func BenchmarkReview(b *testing.B) {
	h := newHouse(b)
	charts, reads := 1000, 30_000
	if *large {
		charts, reads = 20_000, 600_000
	}
	began := time.Now()
	span := h.quarter(charts, reads)
	_, err := h.staff.Reads(b.Context(), staffAll())
	must(b, err)
	b.Logf("filled in %v", time.Since(began))
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var most atomic.Uint64
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	b.ResetTimer()
	for b.Loop() {
		run, err := h.Look(b.Context(), span, nil)
		must(b, err)
		if len(run.Outcome.Hits) == 0 || run.Cut {
			b.Fatalf("%d hits of %d accesses", len(run.Outcome.Hits), run.Outcome.Accesses)
		}
		b.ReportMetric(float64(run.Outcome.Accesses), "accesses")
		b.ReportMetric(float64(len(run.Outcome.Hits)), "hits")
	}
	b.StopTimer()
	close(stop)
	b.ReportMetric(float64(most.Load()-min(before.HeapAlloc, most.Load()))/(1<<20), "MB")
}

func staffAll() staff.ReadFilter { return staff.ReadFilter{Limit: 1} }
