package inquiry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/seal"
)

// What these tests hold: whoever sees when sealed records came, how many at once
// and how large they are sees nothing in an ordinary investigation that a hub
// without one does not write, too.

// shapes notes what was written at once: the sizes of its records.
type shapes struct {
	Journal
	mu   sync.Mutex
	seen map[string]bool
}

func shapeOf(recs []journal.Record) string {
	var sizes []string
	for _, r := range recs {
		sizes = append(sizes, fmt.Sprint(len(r.Body)))
	}
	return strings.Join(sizes, " ")
}

func (s *shapes) AppendAll(ctx context.Context, recs []journal.Record) ([]journal.Seq, error) {
	s.mu.Lock()
	s.seen[shapeOf(recs)] = true
	s.mu.Unlock()
	return s.Journal.AppendAll(ctx, recs)
}

func TestNoiseHasTheShapesOfAnInvestigation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seen := &shapes{Journal: h.journal, seen: map[string]bool{}}
	h.journal = seen
	ctx := t.Context()
	h.begin()
	room := h.enterAs("adler", "stein")
	h.see("adler", room)
	h.ok(h.Note(ctx, who("adler"), room, "n1", "Konto sperren", false))
	h.ok(h.Note(ctx, who("adler"), room, "n2", strings.Repeat("lange Notiz ", 700), true))
	var facts []string
	for i := range 500 {
		facts = append(facts, fmt.Sprintf("18.11.2026 02:%02d:00 #%d Notbetrieb Akte: Verlauf aaaabbbbccccdddd 10.0.3.17", i%60, 4711+i))
	}
	h.ok(h.Take(ctx, who("adler"), room, "t1", Taken{Ref: "x", Title: "Massenhaft gelesen", Facts: facts}, false))
	h.ok(h.Attach(ctx, who("adler"), room, "f1", "tuer.csv", "text/csv", strings.NewReader(strings.Repeat("02:10;Tor 3\n", 3000))))
	h.ok(h.Attach(ctx, who("adler"), room, "f2", "film.mp4", "video/mp4", strings.NewReader(strings.Repeat("0123456789", 120_000))))
	code, err := h.Invite(who("adler"), room)
	h.ok(err)
	h.ok(h.Join(ctx, who("neu"), code, phrase("neu"), phrase("neu")))
	agree := func(key string, k Kind, member string) {
		h.ok(h.Propose(ctx, who("adler"), room, key, k, member, "zwei Wochen Urlaub"))
		c, _, err := h.Case(ctx, who("stein"), room, "Vorgang")
		h.ok(err)
		h.ok(h.Agree(ctx, who("stein"), room, key+"b", c.Open[len(c.Open)-1].ID))
	}
	agree("p1", Add, "neu")
	agree("p2", Remove, "brandt")
	agree("p3", Close, "")
	h.ok(h.Leave(ctx, who("adler"), room))

	noise := map[string]bool{}
	for range 6000 {
		for _, x := range newVisit() {
			noise[h.blankShape(x)] = true
		}
	}
	if len(seen.seen) < 6 {
		t.Fatalf("the investigation has only the shapes %v", seen.seen)
	}
	for s := range seen.seen {
		if !noise[s] {
			t.Errorf("an investigation writes %q at once, noise never does", s)
		}
	}
}

// blankShape is shapeOf the records of a blank, without the work to make them.
func (h *house) blankShape(x blank) string {
	var sizes []string
	for _, n := range x.sizes {
		size := lockSize
		if n > 4<<10 {
			n = n*4/3 + 4
		}
		for n != lockHere && size < n+60+4+seal.Overhead {
			size *= 2
		}
		sizes = append(sizes, fmt.Sprint(size))
	}
	return strings.Join(sizes, " ")
}

// The reckoning of sizes above is that of the records.
func TestBlanksAreOfTheSizesReckoned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, n := range []int{lockHere, 0, 1199, 5000, 60_000, pieceSize} {
		recs, err := h.blanks(seal.NewKey(), blank{sizes: []int{n, 10}})
		h.ok(err)
		if got, want := shapeOf(recs), h.blankShape(blank{sizes: []int{n, 10}}); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}

// A year of a hub without an investigation: how many visits it has, and that
// days and weeks with many of them are ordinary.
func TestAYearWithoutAnInvestigation(t *testing.T) {
	t.Parallel()
	const years = 200
	var perYear, busiestWeek, busiestDay, pages []int
	for range years {
		m := newMoods()
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		end := now.AddDate(1, 0, 0)
		days, weeks := map[int]int{}, map[int]int{}
		visits, records := 0, 0
		for now = now.Add(m.next(now)); now.Before(end); now = now.Add(m.next(now)) {
			visits++
			days[now.YearDay()]++
			weeks[now.YearDay()/7]++
			for _, x := range newVisit() {
				now, records = now.Add(x.after), records+len(x.sizes)
			}
		}
		most := func(of map[int]int) (n int) {
			for _, x := range of {
				n = max(n, x)
			}
			return n
		}
		perYear, pages, busiestWeek, busiestDay = append(perYear, visits), append(pages, records), append(busiestWeek, most(weeks)), append(busiestDay, most(days))
	}
	middle := func(n []int) int { slices.Sort(n); return n[len(n)/2] }
	t.Logf("in the middle of %d years: %d visits, %d records, %d visits in the busiest week, %d on the busiest day; least %d and most %d visits", years, middle(perYear), middle(pages), middle(busiestWeek), middle(busiestDay), perYear[0], perYear[years-1])
	if n := middle(perYear); n < 150 || n > 500 {
		t.Errorf("%d visits in a year", n)
	}
	if n := middle(pages); n > 8000 {
		t.Errorf("%d records in a year: opening an investigation tries each", n)
	}
	if n := middle(busiestWeek); n < 15 {
		t.Errorf("%d visits in the busiest week: a busy investigation stands out", n)
	}
	if n := middle(busiestDay); n < 4 {
		t.Errorf("%d visits on the busiest day", n)
	}
}

// A record that stands alone is no lock: opening an investigation does not try
// the looks and notes of years.
func TestRecordsThatStandAloneAreNotTried(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.begin()
	for i := range 20 {
		recs, err := h.blanks(seal.NewKey(), blank{sizes: []int{100}})
		h.ok(err)
		message := journal.Record{ID: journal.NewID(), Time: h.now, Source: "kis", Kind: journal.HL7, Body: []byte{byte(i)}}
		_, err = h.j.AppendAll(ctx, []journal.Record{message, recs[0]})
		h.ok(err)
	}
	_, err := h.j.AppendAll(ctx, []journal.Record{{ID: journal.NewID(), Time: h.now, Source: "kis", Kind: journal.HL7, Body: []byte("x")}})
	h.ok(err)
	h.ok(h.Advance(ctx, 0))
	locks, err := h.locks(ctx)
	h.ok(err)
	if sealed, _ := h.lists(); len(sealed) != 22 || len(locks) != 2 {
		t.Errorf("%d of %d sealed records are tried, want the lock and the page beside it", len(locks), len(sealed))
	}
	h.enterAs("adler", "stein")
}
