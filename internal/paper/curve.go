package paper

import (
	"math"
	"sort"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/paper/pdf"
)

// LOINC codes of the lines of a Fieberkurve.
const (
	loincTemperature = "8310-5"
	loincPulse       = "8867-4"
	loincSystolic    = "8480-6"
	loincDiastolic   = "8462-4"
)

const curveDays = 7

// scale maps a value to a height on the grid.
type scale struct{ low, high float64 }

func (s scale) y(top, h, v float64) float64 {
	v = min(max(v, s.low), s.high)
	return top + h*(s.high-v)/(s.high-s.low)
}

var (
	celsius = scale{35, 42}
	beats   = scale{20, 230} // pulse per minute and mmHg share an axis: 30 to a degree, 80 at 37 °C
)

type point struct {
	at   time.Time
	v    float64
	here bool
}

// vitals draws seven days of temperature, pulse and blood pressure and then the
// newest values as a table.
func (c *chartSheets) vitals() {
	var list []chart.Item[clinical.Result]
	for _, r := range c.p.Results {
		if r.V.Section == clinical.Vitals {
			list = append(list, r)
		}
	}
	const high = 62.0
	c.section(c.say("Vitalzeichen, 7 Tage", "Vital signs, 7 days"), c.measured(list), high+20)
	if len(list) == 0 {
		c.none(c.say("keine Vitalzeichen übermittelt", "no vital signs were sent"))
		return
	}
	c.curve(list, high)
	flat := make([]chart.Item[clinical.Result], len(list))
	for i, r := range list {
		r.V.Panel = clinical.Coded{Text: c.say("Vitalzeichen", "Vital signs")}
		flat[i] = r
	}
	c.cumulative(groups(flat, ""))
}

// lastMidnight returns the midnight that ends the curve.
func (v voice) lastMidnight() time.Time {
	y, m, d := v.now.In(v.zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, v.zone)
}

// measured says how old the newest measurement is.
func (c *chartSheets) measured(list []chart.Item[clinical.Result]) string {
	var last chart.Item[clinical.Result]
	for _, r := range list {
		if !r.Cancelled && r.V.At.After(last.V.At) && !r.V.At.After(c.now) {
			last = r
		}
	}
	if last.V.At.IsZero() {
		return ""
	}
	out := c.say("neueste Messung ", "newest measurement ") + joined(" ", c.when(last.V.At), c.source(last.Origin)) + ", " + c.ago(last.V.At)
	if l := c.o.Limits.Vitals; l > 0 && c.now.Sub(last.V.At) > l {
		out += " · " + c.outdated()
	}
	return out
}

func (c *chartSheets) curve(list []chart.Item[clinical.Result], h float64) {
	const axis = 20.0
	x, w, top := c.left+axis, c.width()-axis, c.y+5
	end := c.lastMidnight()
	y, m, d := c.now.In(c.zone).Date()
	begin := time.Date(y, m, d-curveDays+1, 0, 0, 0, 0, c.zone)
	c.grid(x, top, w, h, begin)
	c.traces(list, frame{x, top, w, h}, begin, end)
	c.y = top + h + 1
	s := style{c.f.cond, small}
	c.para(s, 0, c.say("● Temperatur °C, durchgezogen · ○ Puls/min, gestrichelt · I Blutdruck mmHg (syst. – diast.) · □ hier erfasst · Werte außerhalb der Skala am Rand",
		"● temperature °C, solid · ○ pulse/min, dashed · I blood pressure mmHg (syst – diast) · □ entered here · values beyond the scale at its edge"))
	c.y += 1.5
}

// frame is a field of a page in millimetres.
type frame struct{ x, top, w, h float64 }

// traces draws the values from begin to end into the field of a Kurve.
func (c *chartSheets) traces(list []chart.Item[clinical.Result], at frame, begin, end time.Time) {
	pos := func(t time.Time) float64 { return at.x + at.w*float64(t.Sub(begin))/float64(end.Sub(begin)) }
	series := func(code string) []point { return pointsOf(list, code, begin, end) }
	page := c.flow.p
	sys, dia := series(loincSystolic), series(loincDiastolic)
	for _, s := range sys {
		for _, d := range dia {
			if d.at.Equal(s.at) {
				c.pressure(pos(s.at), beats.y(at.top, at.h, s.v), beats.y(at.top, at.h, d.v), s.here)
			}
		}
	}
	pulse, temp := series(loincPulse), series(loincTemperature)
	for _, l := range []struct {
		points []point
		scale  scale
		dashed bool
	}{{pulse, beats, true}, {temp, celsius, false}} {
		var line [][2]float64
		for _, p := range l.points {
			line = append(line, [2]float64{pos(p.at), l.scale.y(at.top, at.h, p.v)})
		}
		if l.dashed && len(line) > 1 {
			page.Dashed(line, 0.3, 0, 1.2, 0.8)
		} else {
			page.Polyline(line, 0.5, 0)
		}
		for i, p := range l.points {
			c.symbol(page, line[i][0], line[i][1], l.dashed, p.here)
		}
	}
}

func pointsOf(list []chart.Item[clinical.Result], code string, begin, end time.Time) []point {
	var out []point
	for _, r := range list {
		if r.V.Code.Code != code || r.V.Number == nil || math.IsNaN(*r.V.Number) || r.Cancelled || r.V.Status == clinical.Withdrawn || r.V.Status == clinical.Pending || r.V.At.Before(begin) || !r.V.At.Before(end) {
			continue
		}
		out = append(out, point{r.V.At, *r.V.Number, r.Origin.Feed == "here"})
	}
	sort.SliceStable(out, func(i, k int) bool { return out[i].at.Before(out[k].at) })
	return out
}

// symbol marks one value: a dot, a ring for the pulse; a square if it was
// entered here.
func (c *chartSheets) symbol(p *pdf.Page, x, y float64, ring, here bool) {
	const r = 0.75
	if here {
		p.Bar(x-r-0.2, y-r-0.2, 2*r+0.4, 2*r+0.4, 1)
		p.Box(x-r-0.2, y-r-0.2, 2*r+0.4, 2*r+0.4, 0.3, 0)
		if !ring {
			p.Bar(x-0.35, y-0.35, 0.7, 0.7, 0)
		}
		return
	}
	p.Dot(x, y, r, !ring)
}

func (c *chartSheets) pressure(x, sys, dia float64, here bool) {
	p := c.flow.p
	if here {
		p.Box(x-0.45, sys, 0.9, dia-sys, 0.2, 0)
	} else {
		p.Bar(x-0.3, sys, 0.6, dia-sys, 0)
	}
	p.Line(x-1, sys, x+1, sys, 0.35, 0)
	p.Line(x-1, dia, x+1, dia, 0.35, 0)
}

// grid draws the ruled field of a Kurve: days with three shifts, whole degrees
// bold, 37 °C boldest, both scales at the left.
func (c *chartSheets) grid(x, top, w, h float64, begin time.Time) {
	p, s, b := c.flow.p, style{c.f.cond, small}, style{c.f.condBold, small}
	c.text(c.left, top-4.6, b, "°C")
	c.textRight(x-1, top-4.6, b, "P, RR")
	for v := celsius.low; v <= celsius.high+0.01; v += 0.5 {
		y := celsius.y(top, h, v)
		whole := v == float64(int(v))
		width, gray := 0.1, 0.6
		if whole {
			width, gray = 0.15, 0.3
		}
		if v == 37 {
			width, gray = 0.6, 0
		}
		p.Line(x, y, x+w, y, width, gray)
		if whole && v > celsius.low && v < celsius.high {
			c.text(c.left, y-2.1, s, itoa(int(v)))
			c.textRight(x-1, y-2.1, s, itoa(int(beats.low+(v-celsius.low)*30)))
		}
	}
	day := w / curveDays
	for d := range curveDays {
		left := x + float64(d)*day
		p.Line(left, top-4.6, left, top+h, 0.35, 0)
		for k := 1; k < 3; k++ {
			p.Line(left+float64(k)*day/3, top, left+float64(k)*day/3, top+h, 0.1, 0.6)
		}
		if !begin.IsZero() {
			c.text(left+1, top-4.6, b, c.clean(c.day(begin.AddDate(0, 0, d))))
		}
	}
	p.Box(x, top, w, h, 0.35, 0)
}
