package web

import (
	"testing"

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
}
