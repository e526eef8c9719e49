package main

import (
	"math"
	"slices"
	"time"
)

// sample is a set of durations.
type sample []time.Duration

// quantile returns the nearest-rank quantile, 0 for an empty sample.
func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

func (s sample) p50() float64 { return millis(s.quantile(0.50)) }
func (s sample) p99() float64 { return millis(s.quantile(0.99)) }

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// median of a few numbers; 0 for none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}
