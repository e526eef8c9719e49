package numbers

import (
	"math/rand/v2"
	"testing"
)

// TestSpansAgainstATable compares the set with a table of booleans.
func TestSpansAgainstATable(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 9))
	for range 300 {
		const last = 60
		var table [last + 2]bool
		var s spans
		for range 30 {
			x := span{From: 1 + rng.Uint64N(last)}
			x.To = min(last, x.From+rng.Uint64N(8))
			meets, fresh := false, uint64(0)
			for n := x.From; n <= x.To; n++ {
				meets = meets || table[n]
				if !table[n] {
					fresh++
				}
			}
			if got := s.meets(x); got != meets {
				t.Fatalf("%v meets %v: %v", s, x, got)
			}
			if got := s.without(x).count(); got != fresh {
				t.Fatalf("%v without %v: %d, want %d", s, x, got, fresh)
			}
			checkFree(t, s, table[:], rng, last)
			s = s.with(x)
			for n := x.From; n <= x.To; n++ {
				table[n] = true
			}
			checkWhole(t, s, table[:], last)
		}
	}
}

func checkFree(t *testing.T, s spans, table []bool, rng *rand.Rand, last uint64) {
	t.Helper()
	at, size := 1+rng.Uint64N(last+1), 1+rng.Uint64N(9)
	x, ok := s.free(at, size, last)
	if ok != (s.count() < last) {
		t.Fatalf("%v free from %d: %v", s, at, ok)
	}
	if !ok {
		return
	}
	want := at // the first free counter at or after at, else from 1
	for want <= last && table[want] {
		want++
	}
	if want > last {
		for want = 1; table[want]; want++ {
		}
	}
	if x.From != want || x.To > last || x.count() > size || s.meets(x) {
		t.Fatalf("%v free from %d, %d of them: %v, want from %d", s, at, size, x, want)
	}
	if x.count() < size && x.To < last && !table[x.To+1] {
		t.Fatalf("%v free from %d, %d of them: %v could be longer", s, at, size, x)
	}
}

func checkWhole(t *testing.T, s spans, table []bool, last uint64) {
	t.Helper()
	for i := range s {
		if s[i].To < s[i].From || i > 0 && s[i-1].To+1 >= s[i].From {
			t.Fatalf("not in order or not apart: %v", s)
		}
	}
	for n := uint64(1); n <= last; n++ {
		if s.meets(span{n, n}) != table[n] {
			t.Fatalf("%d in %v: want %v", n, s, table[n])
		}
	}
}
