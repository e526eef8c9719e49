package oversight

import (
	"context"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/review"
)

func (h *house) read(person, page string) {
	h.t.Helper()
	body := `{"v":1,"time":"` + h.now.Format(time.RFC3339) + `","person":"` + person + `","page":"` + page + `"}`
	_, err := h.j.Append(h.t.Context(), journal.Record{ID: journal.NewID(), Time: h.now, Source: "staff", Kind: journal.Read, Body: []byte(body)})
	must(h.t, err)
}

// A review goes on when the page that asked for it is left, its result waits as
// long as it says, and the same question has the same answer meanwhile.
func TestAReviewGoesOnBesideThePages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.receive(adt("A01")+admit, letter("T02", "Herd rechts"), letter("T11", ""))
	h.read("kurz", "export")
	request, leave := context.WithCancel(t.Context())
	must(t, h.Start(request, "adler", all()))
	leave() // the page
	must(t, h.Idle(t.Context()))
	run, old, err := h.Kept(t.Context(), all())
	must(t, err)
	if run == nil || old || run.By != "adler" || run.Outcome.Accesses != 1 || len(run.Changes) != 1 || !run.Until.Equal(run.At.Add(keepFor)) {
		t.Fatalf("kept: %+v, old %t", run, old)
	}
	if run.Changes[0].Before != "" {
		t.Errorf("the finding itself waits in memory: %q", run.Changes[0].Before)
	}

	h.now = h.now.Add(time.Minute)
	must(t, h.Start(t.Context(), "adler", all()))
	must(t, h.Idle(t.Context()))
	if again, _, _ := h.Kept(t.Context(), all()); again != run {
		t.Error("the same question a minute later was worked out anew")
	}
	must(t, h.SetRules(t.Context(), Act{Person: "adler"}, "mass:\n  least: 50\n", "Bettenplanung liest viel"))
	if _, old, _ = h.Kept(t.Context(), all()); !old {
		t.Error("after other rules the result does not say that it is an old one")
	}
	must(t, h.Start(t.Context(), "adler", all()))
	must(t, h.Idle(t.Context()))
	if run, old, _ = h.Kept(t.Context(), all()); run == nil || old {
		t.Errorf("after other rules: %+v, old %t", run, old)
	}
	h.now = run.Until.Add(-time.Second)
	if run, _, _ = h.Kept(t.Context(), all()); run == nil {
		t.Error("the result is gone before its time")
	}
	h.now = h.now.Add(time.Second)
	if run, _, _ = h.Kept(t.Context(), all()); run != nil {
		t.Error("the result is kept beyond its time")
	}
}

func days(n int) review.Span {
	return review.Span{From: all().From.AddDate(0, 0, -n), To: all().To}
}

// One review at a time: a person has one, others wait for their turn, and each
// can be stopped.
func TestReviewsWaitForEachOtherAndCanBeStopped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.turn <- struct{}{} // somebody's review is being made
	must(t, h.Start(t.Context(), "adler", all()))
	must(t, h.Start(t.Context(), "adler", all())) // a second click
	if err := h.Start(t.Context(), "adler", days(1)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second review of one person: %v", err)
	}
	must(t, h.Start(t.Context(), "blum", days(1)))
	for _, who := range []string{"adler", "blum"} {
		if w, ok := h.Working(who); !ok || w.Stage != Waiting {
			t.Errorf("%s: %+v %t", who, w, ok)
		}
	}
	h.Stop("adler")
	if _, ok := h.Working("adler"); ok {
		t.Error("a stopped review goes on")
	}
	<-h.turn
	must(t, h.Idle(t.Context()))
	if run, _, _ := h.Kept(t.Context(), days(1)); run == nil {
		t.Error("the other one was stopped, too")
	}
	if run, _, _ := h.Kept(t.Context(), all()); run != nil {
		t.Error("a stopped review has a result")
	}
	must(t, h.Start(t.Context(), "adler", days(2)))
	must(t, h.Idle(t.Context()))
}

// What is kept is bounded: a fourth result of a person replaces the first one,
// and never that of somebody else.
func TestKeptResultsAreFew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	must(t, h.Start(t.Context(), "blum", days(9)))
	must(t, h.Idle(t.Context()))
	for n := range keepEach + 1 {
		must(t, h.Start(t.Context(), "adler", days(n)))
		must(t, h.Idle(t.Context()))
	}
	for n, want := range map[int]bool{0: false, 1: true, 2: true, 3: true, 9: true} {
		if run, _, _ := h.Kept(t.Context(), days(n)); (run != nil) != want {
			t.Errorf("%d days: kept %t, want %t", n, run != nil, want)
		}
	}
	for i := range keepAll {
		h.mu.Lock()
		h.runs = append(h.runs, &Run{By: "x", Span: days(20 + i), Until: h.now.Add(time.Hour)})
		h.mu.Unlock()
	}
	if err := h.Start(t.Context(), "carl", all()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a result more than is kept: %v", err)
	}
}

// A hub that is told to stop does not wait for a review.
func TestAReviewEndsWithTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.turn <- struct{}{}
	must(t, h.Start(t.Context(), "adler", all()))
	h.quit()
	if err := h.Start(t.Context(), "blum", all()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a review after the end: %v", err)
	}
}

// In a quarter of a year a large house has more patients than a review can keep
// in mind: room is taken by those who were read or altered, by nobody else.
func TestPatientsWhomNobodyReadTakeNoRoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	of := func(no, message string) string {
		return strings.NewReplacer("4711^", no+"^", "9001^", "9"+no+"^", "Heidenreich", map[string]string{"4711": "Kolbe", "4712": "Ritter", "4713": "Zander"}[no], "|P1|F1|", "|P"+no+"|F"+no+"|").Replace(message)
	}
	for _, no := range []string{"4711", "4712", "4713"} {
		h.receive(of(no, adt("A01")+admit), of(no, lab("F", "6.1")))
	}
	h.receive(of("4712", lab("C", "4.6")))
	known := map[clinical.PatientKey]review.Patient{}
	list, err := h.changes(t.Context(), all(), map[clinical.PatientKey]bool{h.number("4711"): true}, known, func(Progress) {})
	must(t, err)
	_, read := known[h.number("4711")]
	_, altered := known[h.number("4712")]
	if len(list) != 1 || len(known) != 2 || !read || !altered {
		t.Errorf("%d changes; known are %v", len(list), known)
	}
}
