package testkit_test

import (
	"context"
	"flag"
	"net/http"
	"slices"
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
	d.planFindings(from, to)
	d.planPharmacy(from, to)
	d.planPaper(3, 7)
	d.planMoves(from, to, 25*time.Minute, 6)
	d.planAdmissions(from, to, 6)
	d.planKills(5, from, to, false)
	d.planFullDisk(d.at(8, 5))
	d.returns(d.through(5, 500), 4)
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
	d.planFindings(from, to)
	d.planPharmacy(from, to)
	d.planPaper(6, 11, 19)
	d.planMoves(from, to, 40*time.Minute, 9, 22)
	d.planAdmissions(from, to, 8)
	d.planKills(24, from, to, true)
	d.planFullDisk(d.at(13, 10))
	d.returns(d.through(24, 14000), 12)
}

// through goes through the planned day and looks at what is left of it.
func (d *day) through(kills, least int) *left {
	d.t.Helper()
	ctx := d.t.Context()
	begun := time.Now()
	if err := d.declare(ctx); err != nil {
		d.t.Fatal("declare:", err)
	}
	d.live(ctx)
	pages := d.looksAround(ctx)
	d.hub.child.end()
	lived := time.Since(begun)
	d.hub.checkHouse()
	read := d.read(ctx)
	read.pages = pages
	r := d.ledger.compare(read, d.t.Errorf)
	d.t.Logf("%d signed in %d charts; lost %d, doubled %d, wrong patient %d, changed %d, strange %d; %d stand whose answer was lost and nobody asked again. %s. Lived in %s, all in %s",
		r.signed, len(read.charts), r.lost, r.doubled, r.wrong, r.changed, r.strange, r.unheard, d.ledger.tally(), lived.Round(time.Second), time.Since(begun).Round(time.Second))
	d.t.Logf("signed: %s", d.ledger.kinds())
	if r.signed < least {
		d.t.Errorf("only %d were signed, want %d", r.signed, least)
	}
	must := everyDay
	if !d.paperless {
		must = slices.Concat(everyDay, overPaper)
	}
	for _, what := range must {
		if d.ledger.of(what) == 0 {
			d.t.Errorf("nobody: %s", what)
		}
	}
	if n := d.ledger.of("kills"); n != kills {
		d.t.Errorf("the hub was killed %d times, want %d", n, kills)
	}
	return read
}

// everyDay is what no day goes by without, and overPaper what goes over paper.
var (
	everyDay = []string{
		"admitted in a crowd", "beds swapped", "critical values heard", "draft signed after a kill", "drugs handed out", "findings final", "findings seen on the ward",
		"form carried around the sign-in", "leave", "prescriptions reviewed", "remarks to wards", "requests answered", "results by telephone", "return",
	}
	overPaper = []string{"forms printed", "pages filed by hand", "pages set aside", "sheets through the folder", "stacks scanned", "transcribed"}
)

// looksAround reads the page of every ward, and of each scanned page.
func (d *day) looksAround(ctx context.Context) map[string][]bed {
	d.t.Helper()
	out := map[string][]bed{}
	p := d.byID["leitung"]
	for _, w := range d.hub.house.config().Wards {
		page, err := p.open(ctx, "/ward/"+w.Code)
		if err != nil || page.Status != http.StatusOK {
			d.t.Errorf("ward %s: %v", w.Code, err)
			continue
		}
		for _, kase := range page.Cases() {
			if kase != "" && !slices.ContainsFunc(out[kase], func(b bed) bool { return b.ward == w.Code }) {
				out[kase] = append(out[kase], bed{w.Code, page.In("tr[data-case=" + kase + "]").Text()})
			}
		}
	}
	for name, x := range d.ledger.paper {
		for _, ref := range x.refs {
			page, err := p.open(ctx, "/desk/scan/"+ref)
			if err != nil || page.Status != http.StatusOK {
				d.t.Errorf("the page %s of sheet %s is nowhere: %v", ref, name, err)
			}
		}
	}
	return out
}
