package rhythm

import (
	"encoding/json"
	"errors"
	"math"
)

// This file is the distribution of the gaps between messages, measured not in
// minutes but in messages expected: a gap of 5 is one in which five would have
// come. So a gap at night and one at noon can be compared.

// gaps counts gaps by length, each class 15 % longer than the one before. Of
// each class the sums are kept too, so that moments are exact.
type gaps struct {
	N, S, S2 [gapClasses]float64
}

const (
	gapClasses = 112
	gapFirst   = 0.02 // upper end of the first class
	gapFactor  = 1.15
)

func gapClass(g float64) int {
	if g <= gapFirst {
		return 0
	}
	return min(1+int(math.Log(g/gapFirst)/math.Log(gapFactor)), gapClasses-1)
}

func gapEnd(class int) float64 { return gapFirst * math.Pow(gapFactor, float64(class)) }

func (g *gaps) add(x float64) {
	i := gapClass(x)
	g.N[i]++
	g.S[i] += x
	g.S2[i] += x * x
}

// gapRow is a class that holds something, as it is kept.
type gapRow [4]float64

// MarshalJSON keeps the classes that hold something.
func (g gaps) MarshalJSON() ([]byte, error) {
	rows := []gapRow{}
	for i := range g.N {
		if g.N[i] > 1e-6 {
			rows = append(rows, gapRow{float64(i), g.N[i], g.S[i], g.S2[i]})
		}
	}
	return json.Marshal(rows)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (g *gaps) UnmarshalJSON(b []byte) error {
	var rows []gapRow
	if err := json.Unmarshal(b, &rows); err != nil {
		return err
	}
	*g = gaps{}
	for _, r := range rows {
		i := int(r[0])
		if i < 0 || i >= gapClasses || r[1] < 0 || r[2] < 0 || r[3] < 0 {
			return errors.New("rhythm: no such class of gaps")
		}
		g.N[i], g.S[i], g.S2[i] = r[1], r[2], r[3]
	}
	return nil
}

// fade lets old gaps count less.
func (g *gaps) fade(by float64) {
	for i := range g.N {
		g.N[i], g.S[i], g.S2[i] = g.N[i]*by, g.S[i]*by, g.S2[i]*by
	}
}

func (g *gaps) count() float64 {
	n := 0.0
	for _, x := range g.N {
		n += x
	}
	return n
}

const (
	// tailShare is how much of the expected traffic lies in the gaps that the
	// tail is fitted to. With even traffic these are about the longest eighth,
	// with traffic in bursts the gaps between the bursts.
	tailShare = 0.4
	// tailPrior is how many gaps of an exponential tail the fit begins with.
	tailPrior = 8
	// maxShape bounds how heavy a tail is believed to be.
	maxShape = 0.4
)

// beyond returns the gap that is exceeded once in so many gaps, by peaks over
// threshold: above a high threshold gaps follow a generalised Pareto
// distribution (Pickands, Balkema, de Haan), fitted by its moments. The answer
// is never below the longest gap that is remembered: what was seen and passed
// by itself is no alarm.
func (g *gaps) beyond(once float64) float64 {
	total, time := 0.0, 0.0
	for i := range g.N {
		total, time = total+g.N[i], time+g.S[i]
	}
	if total < 1 || time <= 0 {
		return math.Inf(1)
	}
	var n, s, s2 float64
	class, longest := gapClasses-1, 0
	for i := gapClasses - 1; i > 0; i-- {
		if longest == 0 && g.N[i] > 0.05 {
			longest = i
		}
		if n > 0 && s+g.S[i] > tailShare*time {
			break
		}
		n, s, s2, class = n+g.N[i], s+g.S[i], s2+g.S2[i], i
	}
	u := gapEnd(class - 1)
	mean := s/n - u
	second := (s2 - 2*u*s + n*u*u) / n // of the excess
	second = (n*second + tailPrior*2*mean*mean) / (n + tailPrior)
	variance := max(second-mean*mean, 1e-9)
	shape := min(max((1-mean*mean/variance)/2, 0), maxShape)
	scale := mean * (1 - shape)
	more := once * n / total // how often above u there is one above the answer
	limit := u
	switch {
	case more <= 1:
	case shape < 1e-3:
		limit += scale * math.Log(more)
	default:
		limit += scale / shape * (math.Pow(more, shape) - 1)
	}
	limit *= 1 + 1/math.Sqrt(n+tailPrior) // the fit itself is uncertain
	return max(limit, gapEnd(longest))
}
