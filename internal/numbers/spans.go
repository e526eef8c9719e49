package numbers

import "sort"

// span is a run of counters, both ends included.
type span struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

func (s span) count() uint64 { return s.To - s.From + 1 }

// spans is a set of counters: in order, apart from each other by at least one.
type spans []span

// from returns the index of the first span that ends at n or later.
func (s spans) from(n uint64) int {
	return sort.Search(len(s), func(i int) bool { return s[i].To >= n })
}

func (s spans) count() (n uint64) {
	for _, x := range s {
		n += x.count()
	}
	return n
}

// meets reports whether the set and x have a counter in common.
func (s spans) meets(x span) bool {
	i := s.from(x.From)
	return i < len(s) && s[i].From <= x.To
}

// with returns the set and x together. It may use the memory of s.
func (s spans) with(x span) spans {
	i := s.from(x.From - min(x.From, 1)) // one that ends just before x grows
	j := i
	for ; j < len(s) && s[j].From <= x.To+1; j++ {
		x.From, x.To = min(x.From, s[j].From), max(x.To, s[j].To)
	}
	if i < j {
		s[i] = x
		return append(s[:i+1], s[j:]...)
	}
	s = append(s, span{})
	copy(s[i+1:], s[i:])
	s[i] = x
	return s
}

// without returns the parts of x that are not in the set.
func (s spans) without(x span) spans {
	var out spans
	for i := s.from(x.From); i < len(s) && s[i].From <= x.To; i++ {
		if s[i].From > x.From {
			out = append(out, span{x.From, s[i].From - 1})
		}
		if s[i].To >= x.To {
			return out
		}
		x.From = s[i].To + 1
	}
	return append(out, x)
}

// free returns the first place at or after at that is not in the set, of size
// counters or up to the next one that is; behind last it goes on at 1. False
// means that 1 to last is all in the set.
func (s spans) free(at, size, last uint64) (span, bool) {
	for range 2 {
		i := s.from(at)
		if i < len(s) && s[i].From <= at {
			at = s[i].To + 1
			i++
		}
		if at >= 1 && at <= last {
			end := min(at+size-1, last)
			if i < len(s) {
				end = min(end, s[i].From-1)
			}
			return span{at, end}, true
		}
		at = 1
	}
	return span{}, false
}
