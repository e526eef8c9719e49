package interpret

import (
	"os"
	"testing"

	"notbetrieb/internal/journal"
)

// BenchmarkRecord reads one admission with ZBE and lists, and one laboratory
// result of seven values.
func BenchmarkRecord(b *testing.B) {
	s := germanSite(b)
	for _, bench := range []struct{ name, file, feed string }{
		{"ADT", "testdata/german/kis-01-stay-with-zbe.hl7", "kis"},
		{"ORU", "testdata/german/lis-01-results-and-corrections.hl7", "lis"},
	} {
		raw, err := os.ReadFile(bench.file)
		if err != nil {
			b.Fatal(err)
		}
		msg := messagesOf(raw)[0]
		rec := journal.Record{Seq: 1, Source: bench.feed, Kind: journal.HL7, Body: msg}
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(msg)))
			for b.Loop() {
				if r := s.Record(rec); len(r.Changes) == 0 {
					b.Fatal("no changes")
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
