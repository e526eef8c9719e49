package app

import (
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/watch"
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
		{"2026-11-22T03:00:00Z", config.Night{From: "20:00", Until: "6:00"}, true}, {"2026-11-22T05:00:00Z", config.Night{From: "20:00", Until: "6:00"}, false}, // without a leading 0
		{"2026-11-22T21:00:00Z", config.Night{From: "9:00", Until: "18:00"}, false}, {"2026-11-22T12:00:00Z", config.Night{From: "9:00", Until: "18:00"}, true},
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

// TestQuietHoursCanBeNone: the same begin and end are no hours, not all of them.
func TestQuietHoursCanBeNone(t *testing.T) {
	t.Parallel()
	at := func(h, m int) time.Time { return time.Date(2026, 11, 22, h, m, 0, 0, time.UTC) }
	for _, c := range []struct {
		at          time.Time
		from, until string
		want        bool
	}{{at(3, 0), "22:00", "06:00", true}, {at(6, 0), "22:00", "06:00", false}, {at(21, 59), "22:00", "06:00", false}, {at(22, 0), "22:00", "06:00", true}, {at(3, 0), "0:00", "00:00", false}} {
		if got := atQuiet(c.at, config.Quiet{From: c.from, Until: c.until}); got != c.want {
			t.Errorf("%s in %s to %s: %t", c.at.Format("15:04"), c.from, c.until, got)
		}
	}
}

// TestANightIsNoStorm: a network that fails takes many systems with it, and one
// of them comes and goes. People are called for all at once, then for what is
// new, and nothing that stands is forgotten.
func TestANightIsNoStorm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	down := func(id string, seq uint64) watch.Proposal {
		return watch.Proposal{System: estate.System{ID: id}, Seq: seq, Since: now}
	}
	n := &nightTold{}
	for _, c := range []struct {
		what string
		pass time.Duration
		all  []watch.Proposal
		want []string
	}{
		{"the network fails", 0, []watch.Proposal{down("kis", 1), down("lis", 2), down("pacs", 3)}, []string{"kis/1", "lis/2", "pacs/3"}},
		{"the same", time.Minute, []watch.Proposal{down("kis", 1), down("lis", 2)}, nil},
		{"another, but it is early", time.Minute, []watch.Proposal{down("kis", 1), down("mail", 4)}, nil},
		{"now it is time", 8 * time.Minute, []watch.Proposal{down("kis", 1), down("mail", 4)}, []string{"mail/4"}},
		{"one was away for a moment", 15 * time.Minute, []watch.Proposal{down("kis", 5), down("mail", 4)}, nil},
		{"and is still down", 36 * time.Minute, []watch.Proposal{down("kis", 5), down("mail", 4)}, []string{"kis/5"}},
		{"the clock is set back", -5 * time.Hour, []watch.Proposal{down("tk", 6)}, []string{"tk/6"}},
		{"it is the next day", 30 * time.Hour, []watch.Proposal{down("alt", 7)}, nil},
	} {
		now = now.Add(c.pass)
		if c.what == "it is the next day" {
			c.all[0].Since = now.Add(-nightOld - time.Minute)
		} else {
			for i := range c.all {
				c.all[i].Since = now.Add(-time.Minute)
			}
		}
		var got []string
		due := n.due(c.all, now)
		for _, p := range due {
			got = append(got, proposalKey(p))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if len(due) > 0 {
			n.tell(due, now)
		}
	}
}
