package handback_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fakekis"
	"notbetrieb/internal/handback"
	"notbetrieb/internal/journal"
)

// newQueue is a trial in which nothing happens by chance: one lane, and a KIS
// that knows repetitions and keeps to the rules.
func newQueue(t *testing.T, rules ...fakekis.Rule) *trial {
	t.Helper()
	x := newTrial(t, 1)
	x.kis.SetChances(nil)
	x.kis.SetRules(rules...)
	x.to.Lanes, x.to.Repeats, x.to.Enhanced = 1, true, false
	x.lives = 8 // no life ends by itself
	x.rise()
	x.mode(handback.Flowing)
	return x
}

// until waits until the items, in the order they were written, are in these
// states.
func (x *trial) until(states ...handback.State) []handback.Item {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), time.Minute)
	defer cancel()
	for {
		before := x.b.Seq()
		items := x.items(func(handback.State) bool { return true })
		fits := len(items) == len(states)
		for i := range items {
			fits = fits && items[i].State == states[i]
		}
		if fits {
			return items
		}
		if err := x.b.Wait(ctx, before+1); err != nil {
			x.t.Fatalf("want %v, the queue stands still: %+v", states, items)
		}
	}
}

func everything(handback.Item) bool { return true }

func TestAPatientWhoIsStuckKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	x := newQueue(t, fakekis.Rule{Patient: "100", Do: fakekis.Silent})
	x.writes(nil, false, "100", "vitals")
	x.writes(nil, false, "100", "vitals")
	x.writes(nil, false, "101", "vitals")
	x.decide(handback.Release, everything)
	x.until(handback.Sent, handback.Released, handback.Accepted)

	x.writes(nil, false, "101", "vitals") // the KIS answers others: what it does not answer goes to a person in the end
	x.decide(handback.Release, func(it handback.Item) bool { return it.State == handback.Waiting })
	items := x.until(handback.Unclear, handback.Sent, handback.Accepted, handback.Accepted)
	if !strings.Contains(items[0].Answer, "antwortet auf andere") || items[0].Attempts < 5 {
		t.Errorf("%d attempts, %q", items[0].Attempts, items[0].Answer)
	}
}

func TestWhatNeedsAnAdmissionWaitsBehindIt(t *testing.T) {
	t.Parallel()
	x := newQueue(t, fakekis.Rule{Type: "ADT", Do: fakekis.Refuse})
	x.writes(nil, false, "100", "transfer")
	x.writes(nil, false, "100", "vitals")
	x.writes(nil, false, "101", "vitals")
	x.decide(handback.Release, everything)
	x.until(handback.Refused, handback.Released, handback.Accepted)
	x.bury() // it waits over a restart, too
	x.rise()
	x.until(handback.Refused, handback.Released, handback.Accepted)
	x.kis.SetRules()
	x.decide(handback.Resend, func(it handback.Item) bool { return it.State == handback.Refused })
	x.until(handback.Accepted, handback.Accepted, handback.Accepted)
	if took := x.kis.Accepted(); len(took) != 3 || took[1].Type != "ADT^A02" || took[2].Type != "ORU^R01" {
		t.Errorf("%d taken, in the wrong order", len(took))
	}
}

// A message that is on its way when it is recalled, or stopped with the queue, is
// not sent again by itself.
func TestWhatIsRecalledOnItsWayGoesToAPerson(t *testing.T) {
	t.Parallel()
	x := newQueue(t, fakekis.Rule{Do: fakekis.Silent})
	x.writes(nil, false, "100", "vitals")
	x.decide(handback.Release, everything)
	x.until(handback.Sent)
	x.mode(handback.Paused)
	x.decide(handback.Recall, everything)
	if items := x.until(handback.Unclear); !strings.Contains(items[0].Answer, "Zurückgezogen") {
		t.Errorf("%q", items[0].Answer)
	}
	arrived := len(x.kis.Arrived())
	x.mode(handback.Flowing)
	x.writes(nil, false, "101", "vitals")
	x.decide(handback.Release, func(it handback.Item) bool { return it.State == handback.Waiting })
	x.until(handback.Unclear, handback.Sent)
	for _, a := range x.kis.Arrived()[arrived:] {
		if a.Patient == "100" {
			t.Error("it was sent again")
		}
	}
}

// What was typed in by hand and is corrected here then, is not sent beside it.
func TestACorrectionOfWhatWasTypedInGoesToAPerson(t *testing.T) {
	t.Parallel()
	x := newQueue(t)
	x.writes(nil, false, "100", "vitals")
	x.decide(handback.TypedIn, everything)
	x.until(handback.Hand)
	first := x.versions[x.roots[0]][0]
	x.signs(&first, false)
	if items := x.until(handback.Unclear); !strings.Contains(items[0].Answer, "von Hand eingetragen") {
		t.Errorf("%q", items[0].Answer)
	}
}

// In enhanced mode "stored" is not yet "taken".
func TestStoredIsNotTaken(t *testing.T) {
	t.Parallel()
	x := newTrial(t, 1)
	x.kis.SetChances(nil)
	x.kis.SetRules(fakekis.Rule{Do: fakekis.RefuseLater, Text: "Fall ist abgeschlossen"})
	x.to.Lanes, x.to.Repeats, x.to.Enhanced, x.lives = 1, true, true, 8
	x.rise()
	x.mode(handback.Flowing)
	x.writes(nil, false, "100", "vitals")
	x.decide(handback.Release, everything)
	if items := x.until(handback.Refused); items[0].Answer != "Fall ist abgeschlossen" {
		t.Errorf("%q", items[0].Answer)
	}
}

// A ward round's worth of entries is released with one act, and the act holds
// after everything derived is gone.
func TestThousandsAreReleasedAtOnce(t *testing.T) {
	t.Parallel()
	const n = 2500
	x := newQueue(t)
	x.mode(handback.Testing)
	id := clinical.Identifier{Value: "100", Authority: "HAUS", Type: "PI"}
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	var recs []journal.Record
	for range n {
		key := journal.NewID()
		e := entry.Entry{Key: key.String(), Root: key.String(), State: entry.Signed, Form: "vitals", Patient: id.Key(), IDs: []clinical.Identifier{id}, At: at, Written: at, By: clinical.Staff{ID: "pflege"}}
		e.Facts = x.facts(e.Form, e.Root, at)
		body, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, journal.Record{ID: key, Kind: journal.Entry, Source: entry.Feed, Time: at, Body: body})
	}
	seqs, err := x.j.AppendAll(t.Context(), recs)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.b.Wait(t.Context(), seqs[n-1]); err != nil {
		t.Fatal(err)
	}
	items, err := x.b.Items(t.Context(), "kis", handback.Filter{Limit: 2 * n})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.b.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items, act("arzt")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		counts, err := x.b.Progress(t.Context(), "kis")
		if err != nil {
			t.Fatal(err)
		}
		if len(counts) != 1 || counts[0].Count[handback.Released] != n || len(counts[0].Count) != 1 {
			t.Errorf("%+v", counts)
		}
		x.stop()
		x.lives++ // another folder: nothing derived is there
		x.rise()
	}
}

// TestASilentTargetIsNotAskedForEverything: where a message is not sent again, a
// target that went silent would make each entry unclear, one after the other.
func TestASilentTargetIsNotAskedForEverything(t *testing.T) {
	t.Parallel()
	x := newTrial(t, 1)
	x.kis.SetChances(nil)
	x.kis.SetRules(fakekis.Rule{Do: fakekis.Silent})
	x.to.Lanes, x.to.Repeats, x.to.Enhanced, x.to.Brake = 1, false, false, 2
	x.lives = 8
	x.rise()
	x.mode(handback.Testing)
	for n := range 6 {
		x.writes(nil, false, fmt.Sprint(100+n), "vitals")
	}
	x.decide(handback.Release, everything)
	x.mode(handback.Flowing)
	x.until(handback.Unclear, handback.Unclear, handback.Released, handback.Released, handback.Released, handback.Released)
	paused := func() {
		t.Helper()
		if q, err := x.b.Queue(t.Context(), "kis"); err != nil || !q.Braked || q.Mode != handback.Paused || !x.alarm.Load() || q.Act.Why == "" {
			t.Fatalf("%+v, alarm %t, %v", q, x.alarm.Load(), err)
		}
	}
	paused()
	x.alarm.Store(false)
	x.bury()
	x.rise() // the alarm stands after a start too
	x.mode(handback.Slowly)
	if x.alarm.Load() {
		t.Error("the alarm stands though a person decided")
	}
	x.until(handback.Unclear, handback.Unclear, handback.Unclear, handback.Unclear, handback.Released, handback.Released)
	paused()
	x.kis.SetRules()
	x.mode(handback.Flowing)
	x.until(handback.Unclear, handback.Unclear, handback.Unclear, handback.Unclear, handback.Accepted, handback.Accepted)
	if q, err := x.b.Queue(t.Context(), "kis"); err != nil || q.Braked || x.alarm.Load() {
		t.Errorf("%+v, %v", q, err)
	}
}

// TestAHandBackEndsOnceWhereverTheProcessDies: the person who closes it again,
// on a page drawn anew, gets the report that is there, or the only one.
func TestAHandBackEndsOnceWhereverTheProcessDies(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]int64{"before its report": 1, "after its report": 2} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			x := newQueue(t)
			x.mode(handback.Paused)
			x.writes(nil, false, "100", "vitals")
			x.decide(handback.TypedIn, everything)
			ctx, key := t.Context(), journal.NewID()
			if _, err := x.b.Report(ctx, key, "kis", act("it")); err != nil {
				t.Fatal(err)
			}
			x.fuse.Store(want)
			if err := x.b.SetMode(ctx, journal.NewID(), "kis", handback.Closed, act("it")); err == nil || !x.b.Dead() {
				t.Fatalf("it did not die: %v", err)
			}
			x.bury()
			x.rise()
			x.writes(nil, false, "100", "vitals") // nobody knew that it was closed
			for range 2 {
				if q, err := x.b.Queue(ctx, "kis"); err != nil || q.Mode == handback.Closed {
					break
				}
				x.decide(handback.TypedIn, everything)
				if err := x.b.SetMode(ctx, journal.NewID(), "kis", handback.Closed, act("it")); err != nil {
					t.Fatal(err)
				}
			}
			list, err := x.b.Reports(ctx, "kis")
			if err != nil || len(list) != 2 || list[0].Final || !list[1].Final || !list[1].Whole() {
				t.Fatalf("%+v, %v", list, err)
			}
			x.mode(handback.Paused)
			if left := len(x.items(func(handback.State) bool { return true })); left+list[1].Entries != 2 {
				t.Errorf("%d entries in the report, %d in the next hand-back", list[1].Entries, left)
			}
			again, err := x.b.Report(ctx, key, "kis", act("it"))
			if err != nil || again.Version != 1 {
				t.Errorf("the interim report sent twice: %+v, %v", again, err)
			}
		})
	}
}
