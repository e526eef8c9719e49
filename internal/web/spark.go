package web

import (
	"fmt"
	"strings"

	"notbetrieb/internal/clinical"
)

// A spark is the small course of one value, oldest left, drawn without axes.
// The zero spark draws nothing.
type spark struct {
	Points string  // of the line
	X, Y   float64 // of the newest value
	Low    float64 // of the reference band, 0 if none
	High   float64
	Band   bool
}

const sparkW, sparkH = 72.0, 20.0

// sparkOf draws the last twelve readings.
func sparkOf(list []reading) spark {
	var t []float64
	var v []float64
	for _, r := range list[max(0, len(list)-12):] {
		t, v = append(t, float64(r.stamp.At.Unix())), append(v, r.value)
	}
	return drawSpark(t, v, nil, nil)
}

// drawSpark scales the values into the small field; low and high draw the
// reference band where both are known.
func drawSpark(t, v []float64, low, high *float64) spark {
	if len(v) < 2 || t[len(t)-1] <= t[0] {
		return spark{}
	}
	lo, hi := v[0], v[0]
	for _, x := range v {
		lo, hi = min(lo, x), max(hi, x)
	}
	s := spark{}
	if low != nil && high != nil && *high > *low {
		lo, hi = min(lo, *low), max(hi, *high)
	}
	if hi == lo {
		hi, lo = hi+1, lo-1
	}
	x := func(at float64) float64 { return 2 + (at-t[0])/(t[len(t)-1]-t[0])*(sparkW-6) }
	y := func(at float64) float64 { return 2 + (hi-at)/(hi-lo)*(sparkH-4) }
	var b strings.Builder
	for i := range v {
		fmt.Fprintf(&b, "%.1f,%.1f ", x(t[i]), y(v[i]))
	}
	s.Points = strings.TrimSpace(b.String())
	s.X, s.Y = x(t[len(t)-1]), y(v[len(v)-1])
	if low != nil && high != nil && *high > *low {
		s.Band, s.High, s.Low = true, y(*high), y(*low)-y(*high)
	}
	return s
}

// Drawn reports whether there is a course to draw.
func (s spark) Drawn() bool { return s.Points != "" }

// numberOf returns the number of a result, if it is one.
func numberOf(r clinical.Result) (float64, bool) {
	if r.Number == nil || !usable(r) {
		return 0, false
	}
	return *r.Number, true
}
