package handback

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

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

// A server that says when it wants to be asked again is left alone until then,
// by every lane.
func TestATargetIsLeftAloneAsLongAsItSays(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"": 0, "bald": 0, "-5": 0, "120": 2 * time.Minute, "86400": maxAfter, "99999999999999999999": 0, "Fri, 13 Nov 2026 08:00:00 GMT": 0,
		time.Now().Add(24 * time.Hour).UTC().Format(http.TimeFormat): maxAfter,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
	l := newLanes(nil, &Target{})
	l.push("100", 1)
	l.leave(errors.New("no connection"))
	l.leave(&notTaken{status: http.StatusServiceUnavailable})
	l.leave(errors.Join(errors.New("search"), &notTaken{status: http.StatusTooManyRequests, after: time.Hour}))
	l.leave(&notTaken{status: http.StatusTooManyRequests, after: time.Minute}) // the longer one counts
	if _, wait, ok := l.claim(); ok || wait < 50*time.Minute {
		t.Errorf("asked again after %s", wait)
	}
	l.alone = time.Time{}
	if _, _, ok := l.claim(); !ok {
		t.Error("the turn is lost")
	}
}
