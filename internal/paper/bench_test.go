package paper

import (
	"fmt"
	"io"
	"testing"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
)

// bedsOf returns a ward of n patients, each with a full chart of seven sheets.
func bedsOf(n int) (chart.Ward, []*chart.Patient) {
	w := chart.Ward{Code: "B", Name: "Station B", Beds: n, Occupied: n}
	var out []*chart.Patient
	for i := range n {
		p := anna()
		p.Key = clinical.PatientKey(fmt.Sprintf("key%d", i))
		p.Name.V.Given = fmt.Sprintf("Anna %d", i)
		p.Stays[0].Case = clinical.CaseNo(fmt.Sprint(4711000 + i))
		out = append(out, p)
		w.Rows = append(w.Rows, rowOf(p))
	}
	return w, out
}

func BenchmarkWardPack(b *testing.B) {
	for _, n := range []int{1, 30, 1000} {
		b.Run(fmt.Sprintf("patients=%d", n), func(b *testing.B) {
			w, patients := bedsOf(n)
			head := headOf(incident.Emergency, lang.DE)
			var m meter
			b.ReportAllocs()
			for b.Loop() {
				m.n = 0
				if err := WardPack(&m, head, w, patients, packOptions()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(m.n)/1024, "KiB/pdf")
		})
	}
}

func BenchmarkWardList(b *testing.B) {
	w, _ := bedsOf(30)
	head := headOf(incident.Emergency, lang.DE)
	b.ReportAllocs()
	for b.Loop() {
		if err := WardList(io.Discard, head, w, packOptions()); err != nil {
			b.Fatal(err)
		}
	}
}
