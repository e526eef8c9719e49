package rhythm

import "math"

// This file is the distribution of a count: negative binomial, which is a
// Poisson count whose rate itself varies by a gamma distribution. With mean m
// and spread s its variance is m + s·m².

// minSpread keeps a feed that was very even for some weeks from being believed
// to be so for ever.
const minSpread = 0.01

// atMost is the probability of a count of k or less.
func atMost(k int, mean, spread float64) float64 {
	switch {
	case k < 0:
		return 0
	case mean <= 0:
		return 1
	}
	r := 1 / max(spread, minSpread)
	return betaInc(r, float64(k)+1, r/(r+mean))
}

// atLeast is the probability of a count of k or more.
func atLeast(k int, mean, spread float64) float64 {
	switch {
	case k <= 0:
		return 1
	case mean <= 0:
		return 0
	}
	r := 1 / max(spread, minSpread)
	return betaInc(float64(k), r, mean/(r+mean))
}

// lowest is the largest count that is too small: a count up to it has a
// probability of p or less. -1 if even none is not too small.
func lowest(p, mean, spread float64) int {
	if atMost(0, mean, spread) > p {
		return -1
	}
	low, high := 0, int(mean)+1 // atMost(low) <= p < atMost(high)
	for high-low > 1 {
		if mid := (low + high) / 2; atMost(mid, mean, spread) <= p {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// highest is the smallest count that is too large.
func highest(p, mean, spread float64) int {
	low, high := 0, int(mean)+4
	for atLeast(high, mean, spread) > p && high < math.MaxInt32 {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if mid := (low + high) / 2; atLeast(mid, mean, spread) <= p {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// betaInc is the regularised incomplete beta function I_x(a, b), by its
// continued fraction (Abramowitz and Stegun 26.5.8) and Lentz's method.
func betaInc(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2): // the fraction converges fast on one side only
		return 1 - betaInc(b, a, 1-x)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	c, d := 1.0, 1-(a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	f := d
	for m := 1.0; m < 10_000; m++ {
		for _, t := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			if d = 1 + t*d; math.Abs(d) < tiny {
				d = tiny
			}
			if c = 1 + t/c; math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			f *= c * d
			if math.Abs(c*d-1) < 1e-12 && t < 0 {
				return min(front*f, 1)
			}
		}
	}
	return min(front*f, 1)
}
