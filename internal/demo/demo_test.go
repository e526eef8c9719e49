package demo

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"notbetrieb/internal/hl7"
)

func testPlan(seed int64) Plan {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		zone = time.UTC
	}
	return Plan{Seed: seed, Start: time.Date(2026, 11, 21, 14, 5, 0, 0, zone), Zone: zone}
}

func fingerprint(t *testing.T, p Plan) ([32]byte, int) {
	t.Helper()
	sum, n := sha256.New(), 0
	for m := range New(p).History(context.Background()) {
		sum.Write([]byte(m.Feed))
		sum.Write([]byte(m.At.UTC().String()))
		sum.Write(m.Raw)
		n++
	}
	return [32]byte(sum.Sum(nil)), n
}

func TestTheSameSeedTellsTheSameHistory(t *testing.T) {
	t.Parallel()
	p := testPlan(1)
	p.Small = true
	a, n := fingerprint(t, p)
	b, _ := fingerprint(t, p)
	if a != b {
		t.Errorf("two histories of seed 1 differ")
	}
	q := testPlan(2)
	q.Small = true
	if c, _ := fingerprint(t, q); c == a {
		t.Errorf("seeds 1 and 2 tell the same history of %d messages", n)
	}
}

func TestEveryMessageOfTheHistoryParses(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	bytes, n := 0, 0
	var last time.Time
	for m := range New(testPlan(1)).History(t.Context()) {
		x, err := hl7.Parse(m.Raw)
		if err != nil {
			t.Fatalf("message %d of %s: %v", n, m.Feed, err)
		}
		if m.At.Before(last) {
			t.Fatalf("message %d of %s goes back in time", n, m.Feed)
		}
		last = m.At
		counts[m.Feed+" "+x.Get("MSH-9.1")+"^"+x.Get("MSH-9.2")]++
		bytes += len(m.Raw)
		n++
	}
	t.Logf("%d messages, %d bytes: %v", n, bytes, counts)
}

func TestAShorterHistoryEndsWithTheSameFullHouse(t *testing.T) {
	t.Parallel()
	p := testPlan(6)
	p.Days = 3
	n, names := 0, map[string]bool{}
	for m := range New(p).History(t.Context()) {
		x, err := hl7.Parse(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if x.Get("PID-5.1") == "Müller" && x.Get("PID-5.2") == "Hans" {
			names[x.Get("PID-3")] = true
		}
		n++
	}
	if n < 8_000 || n > 20_000 || len(names) < 2 {
		t.Errorf("%d messages, %d of one name", n, len(names))
	}
}
