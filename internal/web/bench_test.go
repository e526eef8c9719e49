package web

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
)

// BenchmarkDraw draws pages with fixtures: the part of the answer time that is
// ours alone.
func BenchmarkDraw(b *testing.B) {
	f := fixtureFrame(incident.Emergency)
	ward, p := fixtureWard(), fixturePatient()
	near := around{Weight: fixtureWeight()}
	b.Run("ward list", func(b *testing.B) {
		for b.Loop() {
			if _, err := wardPageT.bytes(newWardPage(ward, f, "")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("overview", func(b *testing.B) {
		for b.Loop() {
			if _, err := overviewPageT.bytes(newOverviewPage(p, f, near)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("laboratory", func(b *testing.B) {
		for b.Loop() {
			if _, err := labPageT.bytes(newLabPage(p, f, near, "", 0)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("curve", func(b *testing.B) {
		for b.Loop() {
			if _, err := curvePageT.bytes(newCurvePage(p, f, near, 0)); err != nil {
				b.Fatal(err)
			}
		}
	})
	for hour := range 7 * 24 { // as in intensive care
		for code, value := range map[string]float64{"8310-5": 37.4, "8867-4": 92, "8480-6": 124, "8462-4": 71, "59408-5": 96} {
			p.Results = append(p.Results, result(code, "", clinical.Vitals, value, 1, "", "", ago(time.Duration(hour)*time.Hour)))
		}
	}
	b.Run("curve of a week by the hour", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := curvePageT.bytes(newCurvePage(p, f, near, 0)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
