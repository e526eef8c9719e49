package handback

import "testing"

// A lane that settles what is under way claims a patient who may have a turn as
// well. No second lane may take that turn meanwhile.
func TestNoTwoLanesHaveOnePatient(t *testing.T) {
	t.Parallel()
	l := newLanes(nil, &Target{})
	l.push("100", 1)
	l.busy["100"] = false // by a lane that settles something
	l.push("101", 2)
	if x, _, ok := l.claim(); !ok || x.p != "101" {
		t.Fatalf("claimed %q", x.p)
	}
	if x, _, ok := l.claim(); ok {
		t.Fatalf("%q is on two lanes", x.p)
	}
	l.done(&Item{Patient: "100", First: 1}, nil)
	if x, _, ok := l.claim(); !ok || x.p != "100" {
		t.Error("the turn is lost")
	}
}
