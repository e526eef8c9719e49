package app

import (
	"testing"
	"time"

	"notbetrieb/internal/config"
)

// TestTheNightIsWhatTheClockOnTheWallSays: across midnight, in the hour that
// comes twice and in the one that is left out.
func TestTheNightIsWhatTheClockOnTheWallSays(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := config.Night{From: "20:00", Until: "06:00"}
	for _, c := range []struct {
		at   string // UTC
		n    config.Night
		want bool
	}{
		{"2026-11-22T18:59:59Z", night, false}, {"2026-11-22T19:00:00Z", night, true}, {"2026-11-22T04:59:59Z", night, true}, {"2026-11-22T05:00:00Z", night, false},
		{"2026-10-25T00:30:00Z", night, true}, {"2026-10-25T01:30:00Z", night, true}, // 02:30, twice
		{"2026-10-25T04:59:00Z", night, true}, {"2026-10-25T05:00:00Z", night, false}, // winter time already
		{"2026-03-29T01:00:00Z", night, true}, {"2026-03-29T04:00:00Z", night, false}, // 03:00 and 06:00 summer time
		{"2026-11-22T12:00:00Z", config.Night{From: "08:00", Until: "08:00"}, true},
		{"2026-11-22T12:00:00Z", config.Night{From: "12:00", Until: "14:00"}, true}, {"2026-11-22T10:59:00Z", config.Night{From: "12:00", Until: "14:00"}, false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := atNight(at.In(berlin), c.n); got != c.want {
			t.Errorf("%s in %s to %s: %t", c.at, c.n.From, c.n.Until, got)
		}
	}
}
