package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// shelf is a journal of batches of ten records, a minute apart.
type shelf struct {
	received []time.Time // of record i+1
	damaged  []journal.Seq
	pruned   []journal.Seq // begins of batches
	reads    int
}

func newShelf(n int) *shelf {
	s := &shelf{}
	for i := range n {
		s.received = append(s.received, dawn.Add(time.Duration(i)*time.Minute))
	}
	return s
}

var dawn = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func batchOf(s journal.Seq) journal.Seq { return (s-1)/10*10 + 1 }

func (s *shelf) Head() journal.Seq { return journal.Seq(len(s.received)) }

func (s *shelf) Read(_ context.Context, from journal.Seq, limit int) ([]journal.Record, error) {
	s.reads++
	var out []journal.Record
	for q := from; q <= s.Head() && len(out) < limit; q++ {
		if slices.Contains(s.damaged, batchOf(q)) {
			if len(out) == 0 {
				return nil, fault.Newf(fault.Corrupt, lang.Text{DE: "x", EN: "x"}, "batch %d", batchOf(q))
			}
			break
		}
		if !slices.Contains(s.pruned, batchOf(q)) {
			out = append(out, journal.Record{Seq: q, Received: s.received[q-1]})
		}
	}
	return out, nil
}

func (s *shelf) Get(_ context.Context, q journal.Seq) (journal.Record, error) {
	switch {
	case slices.Contains(s.damaged, batchOf(q)):
		return journal.Record{}, fault.New(fault.Corrupt, lang.Text{DE: "x", EN: "x"})
	case slices.Contains(s.pruned, batchOf(q)):
		return journal.Record{}, fmt.Errorf("%d: %w", q, journal.ErrPruned)
	}
	return journal.Record{Seq: q}, nil
}

func (s *shelf) Beyond(_ context.Context, q journal.Seq) (journal.Seq, error) {
	if next := batchOf(q) + 10; next <= s.Head() {
		return next, nil
	}
	return 0, nil
}

func TestTheBeginOfASelectionIsSoughtByHalves(t *testing.T) {
	t.Parallel()
	backwards := newShelf(50_000)
	for i := 20_000; i < 30_000; i++ { // a week in which the clock stood in another year
		backwards.received[i] = backwards.received[i].AddDate(-1, 0, 0)
	}
	nudged := newShelf(50_000)
	nudged.received[24_000] = nudged.received[24_000].Add(-time.Hour)
	holed := newShelf(50_000)
	for b := journal.Seq(20_001); b < 30_001; b += 10 {
		holed.pruned = append(holed.pruned, b)
	}
	torn := newShelf(50_000)
	torn.damaged = []journal.Seq{batchOf(33_334)}
	for name, c := range map[string]struct {
		s      *shelf
		minute int
		want   journal.Seq // at most; and no record of the time lies before it
		reads  int
	}{
		"in the middle":                             {newShelf(50_000), 33_333, 33_334, 70},
		"before everything":                         {newShelf(50_000), -5, 1, 70},
		"behind everything":                         {newShelf(50_000), 60_000, 50_001, 70},
		"an empty journal":                          {newShelf(0), 5, 1, 1},
		"a clock set back by an hour":               {nudged, 24_000, 24_002, 70},
		"a clock that stood in another year":        {backwards, 15_000, 15_001, 70},
		"what was pruned lies in the middle":        {holed, 25_000, 30_001, 70},
		"damage where it looks: everything is read": {torn, 33_333, 1, 70},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := firstSince(t.Context(), c.s, dawn.Add(time.Duration(c.minute)*time.Minute))
			if err != nil || got > c.want {
				t.Errorf("begins at %d, want %d at most: %v", got, c.want, err)
			}
			if c.s.reads > c.reads {
				t.Errorf("%d reads", c.s.reads)
			}
		})
	}
}

func TestASelectionGoesOnBehindDamageAndSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damaged, pruned []journal.Seq
		want            string
		records         int
	}{
		"nothing":                        {nil, nil, "", 95},
		"one batch":                      {[]journal.Seq{31}, nil, "31-40 ", 85},
		"two that lie side by side":      {[]journal.Seq{31, 41}, nil, "31-50 ", 75},
		"two with a sound one between":   {[]journal.Seq{31, 51}, nil, "31-40 51-60 ", 75},
		"the first and the last":         {[]journal.Seq{1, 91}, nil, "1-10 91-95 ", 80},
		"what was pruned is not damaged": {[]journal.Seq{41}, []journal.Seq{31, 51}, "41-50 ", 65},
		"damaged, pruned, damaged":       {[]journal.Seq{31, 51}, []journal.Seq{41}, "31-40 51-60 ", 65},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(95)
			s.damaged, s.pruned = c.damaged, c.pruned
			told, n := "", 0
			for _, err := range records(t.Context(), s, 1) {
				if gap := (*Missing)(nil); errors.As(err, &gap) {
					if fault.KindOf(err) != fault.Corrupt {
						t.Errorf("%v is of kind %v", err, fault.KindOf(err))
					}
					told += fmt.Sprintf("%d-%d ", gap.From, gap.To)
				} else if err != nil {
					t.Fatal(err)
				} else {
					n++
				}
			}
			if told != c.want || n != c.records {
				t.Errorf("%d records, missing %q; want %d, %q", n, told, c.records, c.want)
			}
		})
	}
}
