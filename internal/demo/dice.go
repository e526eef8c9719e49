package demo

import "math"

// dice is a small deterministic source of chance (SplitMix64). The same seed
// gives the same throws on every machine and with every Go version, which the
// generators of the standard library do not promise.
type dice struct{ s uint64 }

// newDice returns dice for one purpose: the same seed and name throw the same.
func newDice(seed int64, name string) dice {
	d := dice{s: uint64(seed) * 0x9E3779B97F4A7C15}
	for i := range len(name) {
		d.s = d.s*1099511628211 ^ uint64(name[i])
		d.next()
	}
	return d
}

func (d *dice) next() uint64 {
	d.s += 0x9E3779B97F4A7C15
	z := d.s
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// n returns a number from 0 to n-1; 0 if n < 1.
func (d *dice) n(n int) int {
	if n < 1 {
		return 0
	}
	return int(d.next() >> 33 % uint64(n))
}

// between returns a number from lo to hi, both included.
func (d *dice) between(lo, hi int) int { return lo + d.n(hi-lo+1) }

// span returns a number of seconds from lo to hi.
func (d *dice) span(lo, hi int64) int64 {
	if hi <= lo {
		return lo
	}
	return lo + int64(d.next()>>1)%(hi-lo+1)
}

// percent reports true in p of 100 throws.
func (d *dice) percent(p int) bool { return d.n(100) < p }

// mille reports true in p of 1,000 throws.
func (d *dice) mille(p int) bool { return d.n(1000) < p }

// float returns a number from 0 to just under 1.
func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }

// bell returns a number with mean 0 and standard deviation 1, never beyond ±3.
func (d *dice) bell() float64 {
	sum := 0.0
	for range 4 {
		sum += d.float()
	}
	return math.Max(-3, math.Min(3, (sum-2)*1.732))
}

// weighted returns an index of w, chosen by its weights.
func (d *dice) weighted(w []int) int {
	sum := 0
	for _, x := range w {
		sum += x
	}
	t := d.n(sum)
	for i, x := range w {
		if t -= x; t < 0 {
			return i
		}
	}
	return 0
}

// pick returns one of list.
func pick[T any](d *dice, list []T) T { return list[d.n(len(list))] }
