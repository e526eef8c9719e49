package testkit_test

import (
	"flag"
	"strings"
	"testing"
	"time"
)

// wholeDay runs the long day of the soak.
var wholeDay = flag.Bool("day", false, "the whole house writes for 24 hours")

func lower(s string) string { return strings.ToLower(s) }

// A morning on four wards: everything is written here while the hub is killed,
// the disk fills up, and connections break.
func TestAMorningWithoutKISLosesDoublesAndMixesUpNothing(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 4, 45, 0, 0, time.UTC)
	d := newDay(t, dayHouse{Seed: 7, Start: start, Days: 1}, "ITS", "3A", "GEB", "KIN")
	from, to := d.at(6, 0), d.at(9, 0)
	d.planWards(from, to)
	d.planDrugs(from, to)
	d.planLab(from, to)
	d.planAdmissions(from, to, 6)
	d.planKills(5, from, to, false)
	d.planFullDisk(d.at(8, 5))
	d.through(5, 500)
}

func TestADayOfAWholeHouseWithoutKISLosesDoublesAndMixesUpNothing(t *testing.T) {
	if !*wholeDay {
		t.Skip("the long day runs under make soak")
	}
	start := time.Date(2026, 11, 21, 4, 45, 0, 0, time.UTC)
	d := newDay(t, dayHouse{Seed: 11, Start: start, Days: 2})
	from, to := d.at(6, 0), d.at(30, 0)
	d.planWards(from, to)
	d.planDrugs(from, to)
	d.planLab(from, to)
	d.planAdmissions(from, to, 8)
	d.planKills(24, from, to, true)
	d.planFullDisk(d.at(13, 10))
	d.through(24, 14000)
}

// through goes through the planned day and looks at what is left of it.
func (d *day) through(kills, least int) {
	d.t.Helper()
	ctx := d.t.Context()
	begun := time.Now()
	if err := d.declare(ctx); err != nil {
		d.t.Fatal("declare:", err)
	}
	d.live(ctx)
	d.hub.child.end()
	lived := time.Since(begun)
	d.hub.checkHouse()
	read := d.read(ctx)
	r := d.ledger.compare(read, d.t.Errorf)
	d.t.Logf("%d signed in %d charts; lost %d, doubled %d, wrong patient %d, changed %d, strange %d. %s. Lived in %s, all in %s",
		r.signed, len(read.charts), r.lost, r.doubled, r.wrong, r.changed, r.strange, d.ledger.tally(), lived.Round(time.Second), time.Since(begun).Round(time.Second))
	if r.signed < least {
		d.t.Errorf("only %d were signed, want %d", r.signed, least)
	}
	if n := d.ledger.of("kills"); n != kills {
		d.t.Errorf("the hub was killed %d times, want %d", n, kills)
	}
}
