package paper

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// A day on the Kurve begins with the early shift: a night belongs to the day
// it began on.
const (
	shiftStart = 6 // hour of the day
	shifts     = 3
)

// sign is one line of vital signs with the LOINC codes it is sent under.
type sign struct {
	de, en string
	unit   string
	codes  []string
}

// Signs that are printed where they are known.
var (
	signTemperature = sign{"Temp", "Temp", "°C", []string{loincTemperature, "8329-5", "8331-1", "8332-9"}}
	signPulse       = sign{"Puls", "Pulse", "/min", []string{loincPulse}}
	signSystolic    = sign{"RR syst.", "BP syst", "mmHg", []string{loincSystolic}}
	signDiastolic   = sign{"RR diast.", "BP diast", "mmHg", []string{loincDiastolic}}
	signOxygen      = sign{"SpO₂", "SpO₂", "%", []string{"59408-5", "2708-6"}}
	signBreaths     = sign{"Atemfr.", "Resp rate", "/min", []string{"9279-1"}}
	signPain        = sign{"Schmerz", "Pain", "", []string{"72514-3", "38208-5"}}
	signWeight      = sign{"Gewicht", "Weight", "kg", []string{loincWeight, "3141-9"}}
)

// values returns what was measured of a sign, newest first; withdrawn and
// pending ones, and those without a time, are left out.
func (c *chartSheets) values(s sign) []chart.Item[clinical.Result] {
	var out []chart.Item[clinical.Result]
	for _, r := range c.p.Results {
		if r.Cancelled || r.V.Status == clinical.Withdrawn || r.V.Status == clinical.Pending || r.V.Value == "" || r.V.At.IsZero() || r.V.At.After(c.now) {
			continue
		}
		if slices.Contains(s.codes, r.V.Code.Code) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b chart.Item[clinical.Result]) int { return b.V.At.Compare(a.V.At) })
	return out
}

// lastKnown writes the newest value of each vital sign, or that none is known.
func (c *formSheets) lastKnown() {
	if !c.known {
		return
	}
	var out []string
	for _, s := range []sign{signTemperature, signPulse, signSystolic, signDiastolic, signOxygen, signBreaths, signPain, signWeight} {
		if v := c.values(s); len(v) > 0 {
			out = append(out, c.say(s.de, s.en)+" "+joined(" ", c.voice.number(v[0].V), firstOf(v[0].V.Unit, s.unit))+" ("+c.when(v[0].V.At)+")")
		}
	}
	words := c.say("Letzte bekannte Werte: ", "Last known values: ")
	if len(out) == 0 {
		out = []string{c.unsent()}
	}
	s := style{c.f.condBold, body}
	for _, l := range c.atMost(4, s.wrap(c.clean(words+strings.Join(out, " · ")), c.width())) {
		c.text(c.left, c.y, s, l)
		c.y += s.leading()
	}
	c.y += 1
}

// curveRow is a line of boxes below the grid: one for each shift, or one for
// each day.
type curveRow struct {
	name  string
	daily bool
	sign  sign
}

func (c *formSheets) curveRows() []curveRow {
	return []curveRow{
		{c.say("Schmerz 0–10", "Pain 0–10"), false, signPain},
		{"SpO₂ %", false, signOxygen},
		{c.say("Atemfrequenz", "Resp. rate"), false, signBreaths},
		{c.say("Blutzucker", "Glucose"), false, sign{}},
		{c.say("Einfuhr ml", "Intake ml"), false, sign{}},
		{c.say("Ausfuhr ml", "Output ml"), false, sign{}},
		{c.say("Bilanz 24 h", "Balance 24 h"), true, sign{}},
		{c.say("Stuhl", "Stool"), false, sign{}},
		{c.say("Gewicht kg", "Weight kg"), true, signWeight},
		{c.say("Uhrzeit", "Time"), false, sign{}},
		{c.say("Handzeichen", "Initials"), false, sign{}},
	}
}

const (
	curveAxis   = 25.0
	curveRowH   = 7.4
	leastCurve  = 48.0 // height of the grid
	mostCurve   = 86.0
	curveLegend = 9.5
	curveHeadH  = 9.2 // days and shifts above the grid
)

// curveForm draws the Kurve of seven days: what was measured stands on it, the
// rest is written by hand.
func (c *formSheets) curveForm() {
	from := c.b.From
	if from.IsZero() {
		from = c.now.AddDate(0, 0, -1)
	}
	y, m, d := from.In(c.zone).Date()
	begin := time.Date(y, m, d, shiftStart, 0, 0, 0, c.zone)
	dates := c.known || !c.b.From.IsZero()
	c.lastKnown()
	rows := c.curveRows()
	head := curveHeadH
	if !dates {
		head += 3.5 // room to write them
	}
	room := c.bottom - c.y - head - curveLegend - float64(len(rows))*curveRowH
	at := frame{c.left + curveAxis, c.y + head, c.width() - curveAxis, min(max(room, leastCurve), mostCurve)}
	c.need(head + at.h)
	at.top = c.y + head
	c.curveHead(at, begin, head)
	c.writingGrid(at)
	c.traces(c.p.Results, at, begin, begin.AddDate(0, 0, curveDays))
	c.y = at.top + at.h
	for _, r := range rows {
		if c.y+curveRowH > c.bottom {
			c.turn()
			at.top = c.y + head
			c.curveHead(at, begin, head)
			c.y = at.top
		}
		c.curveRow(r, at, begin)
	}
	c.y += 0.8
	s := style{c.f.cond, small}
	c.para(s, 0, c.say("Temperatur ● durchgezogen · Puls ○ gestrichelt · Blutdruck senkrechter Strich von syst. bis diast. · □ hier erfasst",
		"temperature ● solid · pulse ○ dashed · blood pressure as a bar from syst to diast · □ entered here"))
	c.para(s, 0, c.say("F Früh 6–14 · S Spät 14–22 · N Nacht 22–6, zählt zum Tag, an dem sie beginnt", "E early 6–14 · L late 14–22 · N night 22–6, belongs to the day it begins on"))
}

// curveHead writes the days and shifts above the grid, ending at its upper
// edge. A higher one has room to write the days in.
func (c *formSheets) curveHead(at frame, begin time.Time, height float64) {
	b, s := style{c.f.condBold, body}, style{c.f.cond, small}
	day := at.w / curveDays
	top := at.top - height
	p := c.flow.p
	p.Line(at.x, top, at.x+at.w, top, 0.35, 0)
	p.Line(at.x, at.top-4.2, at.x+at.w, at.top-4.2, 0.18, 0)
	c.text(c.left, at.top-4.3, style{c.f.condBold, small}, "°C")
	c.textRight(at.x-1, at.top-4.3, style{c.f.condBold, small}, "P, RR")
	if height > curveHeadH {
		c.text(c.left, top+2, style{c.f.condBold, small}, c.say("Datum", "Date"))
	}
	letters := []string{c.say("F", "E"), c.say("S", "L"), "N"}
	for i := range curveDays + 1 {
		x := at.x + float64(i)*day
		p.Line(x, top, x, at.top, 0.5, 0)
		if i == curveDays {
			break
		}
		if height == curveHeadH {
			words := c.clean(c.day(begin.AddDate(0, 0, i)))
			c.text(x+(day-b.width(words))/2, top+0.5, b, words)
		}
		for k, l := range letters {
			third := day / shifts
			c.text(x+float64(k)*third+(third-s.width(l))/2, at.top-4.1, s, l)
		}
	}
}

// writingGrid rules the field for the lines: whole degrees strong, half ones
// thin, 37 °C strongest; days strong, shifts thin.
func (c *formSheets) writingGrid(at frame) {
	p, s := c.flow.p, style{c.f.cond, small}
	for v := celsius.low; v <= celsius.high; v += 0.5 {
		y := celsius.y(at.top, at.h, v)
		whole := v == float64(int(v))
		switch {
		case v == 37:
			p.Line(at.x, y, at.x+at.w, y, 0.7, 0)
		case whole:
			p.Line(at.x, y, at.x+at.w, y, 0.25, 0)
		default:
			p.Dashed([][2]float64{{at.x, y}, {at.x + at.w, y}}, 0.17, 0, 0.5, 0.9)
		}
		if whole && v > celsius.low && v < celsius.high {
			c.text(c.left, y-2.1, s, itoa(int(v)))
			c.textRight(at.x-1, y-2.1, s, itoa(int(beats.low+(v-celsius.low)*30)))
		}
	}
	for i := range curveDays*shifts + 1 {
		x := at.x + float64(i)*at.w/(curveDays*shifts)
		width := 0.17
		if i%shifts == 0 {
			width = 0.5
		}
		p.Line(x, at.top, x, at.top+at.h, width, 0)
	}
	p.Box(at.x, at.top, at.w, at.h, 0.5, 0)
}

// curveRow draws one line of boxes with the values that are known: the newest
// of each shift or day. A value too wide for its box is left to the line above
// the grid.
func (c *formSheets) curveRow(r curveRow, at frame, begin time.Time) {
	p, s, b := c.flow.p, style{c.f.cond, small}, style{c.f.condBold, small}
	n := curveDays * shifts
	if r.daily {
		n = curveDays
	}
	w := at.w / float64(n)
	c.text(c.left, c.y+1.7, b, c.clean(r.name))
	end := begin.AddDate(0, 0, curveDays)
	filled := map[int]bool{}
	for _, v := range c.values(r.sign) {
		if v.V.At.Before(begin) || !v.V.At.Before(end) {
			continue
		}
		i := c.shift(v.V.At, begin)
		if r.daily {
			i /= shifts
		}
		words := c.clean(c.voice.number(v.V))
		if filled[i] || s.width(words) > w-0.6 {
			continue
		}
		filled[i] = true
		c.text(at.x+float64(i)*w+(w-s.width(words))/2, c.y+1.7, s, words)
	}
	for i := range n + 1 {
		x := at.x + float64(i)*w
		width := 0.17
		if r.daily || i%shifts == 0 {
			width = 0.5
		}
		p.Line(x, c.y, x, c.y+curveRowH, width, 0)
	}
	p.Line(c.left, c.y+curveRowH, c.right, c.y+curveRowH, 0.25, 0)
	c.y += curveRowH
}

// shift returns how many shifts after begin a time lies, by the clock on the
// wall: a day of 23 or 25 hours has three as well.
func (c *formSheets) shift(t, begin time.Time) int {
	date := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	t, begin = t.In(c.zone), begin.In(c.zone)
	day, hour := int(date(t).Sub(date(begin)).Hours()/24), t.Hour()-shiftStart
	if hour < 0 {
		day, hour = day-1, hour+24
	}
	return day*shifts + hour*shifts/24
}
