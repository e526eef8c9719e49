package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// curvePage is the Fieberkurve: seven days to a page, three fields a day, as on
// paper.
type curvePage struct {
	Frame
	Fig   curveFigure
	Pager pagerView
	Table []curveLine // the same values in words, newest first
	Empty bool
}

type curveLine struct {
	At    stamp
	Cells []valueView
}

// curveFigure is the drawing in its own units (1 unit = 1 CSS pixel at full
// width).
type curveFigure struct {
	W, H       int
	Plot       box
	Days       []curveDay
	Fields     []float64 // x of the thin lines
	Steps      []curveStep
	Future     box
	NowX       float64 // 0 outside the page
	Temp       []curveTrace
	Pulse      []curveTrace
	Bars       []curveBar
	Rows       []curveRow
	Meds       []curveMed
	MedsY      float64
	MoreMeds   int
	Desc       string
	LabelsLeft float64
}

type box struct{ X, Y, W, H float64 }

type curveDay struct {
	X, Mid float64
	Label  string
	Day    string // day of the stay
	Today  bool
}

type curveStep struct {
	Y           float64
	T, P, RR    string
	Strong      bool
	LabelsShown bool
}

type curveTrace struct {
	Points string
	Dots   []curveDot
}

type curveDot struct {
	X, Y  float64
	Title string
	Label string // written beside abnormal values
	Here  bool
	Red   bool
}

type curveBar struct {
	X, Top, Bottom float64
	Title          string
	Red            bool
	Here           bool
}

type curveRow struct {
	Y, Base float64
	Label   lang.Text
	Unit    string
	Cells   []curveCell
}

type curveCell struct {
	X    float64
	Text string
	Bold bool
	Red  bool
}

type curveMed struct {
	Top, Y, Base float64
	Label        string
	X1, X2       float64 // while prescribed
	Marks        []curveMark
	Rate         string
}

type curveMark struct {
	X     float64
	Kind  string // given, partly, missed
	Title string
}

// The measures of the drawing.
const (
	curveW     = 1240.0
	curveLeft  = 176.0
	curveRight = 8.0
	curveHead  = 44.0
	curveStepH = 38.0
	curveSteps = 7
	rowH       = 22.0
	medH       = 20.0
	medRows    = 22
)

// Scales: one step is 1 °C, 20 beats a minute, 30 mmHg.
func tempY(v float64) float64  { return scaleY(v, 35, 1) }
func pulseY(v float64) float64 { return scaleY(v, 40, 20) }
func bpY(v float64) float64    { return scaleY(v, 40, 30) }

func scaleY(v, low, step float64) float64 {
	y := curveHead + curveStepH*(curveSteps-(v-low)/step)
	return min(max(y, curveHead+3), curveHead+curveStepH*curveSteps-3)
}

// span7 is the time a page of the curve shows.
type span7 struct{ from, to time.Time }

// x places a time on the page; days are equally wide also when the clock
// changes.
func (s span7) x(t time.Time) float64 {
	t = t.In(s.from.Location())
	day := int(midnight(t).Sub(s.from).Hours()+12) / 24
	frac := float64(t.Hour()*60+t.Minute()) / 1440
	return curveLeft + (float64(day)+frac)*(curveW-curveLeft-curveRight)/7
}

func (s span7) holds(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

var curvePageT = parse[curvePage]("curve")

// newCurvePage draws the week that ended week weeks ago, 0 the last seven days.
func newCurvePage(p *chart.Patient, f Frame, near around, week int) curvePage {
	f.Banner = newBanner(p, f, "curve", near)
	v := curvePage{Frame: f.titled("patient", lang.Text{DE: "Kurve", EN: "Vital signs"})}
	v.Refresh, v.Land = true, true
	by := readings(p.Results, f)
	week = max(week, 0)
	s := sevenDays(p, f.Now, week)
	oldest := f.Now
	for _, list := range by {
		oldest = earlier(oldest, list[0].stamp.At)
	}
	for _, d := range p.Doses {
		oldest = earlier(oldest, d.V.At)
	}
	v.Empty = len(by) == 0 && len(p.Doses) == 0
	base := "/patient/" + string(p.Key) + "/curve"
	if week == 1 {
		v.Pager.Newer = base
	} else if week > 1 {
		v.Pager.Newer = base + "?week=" + strconv.Itoa(week-1)
	}
	for _, st := range p.Stays {
		oldest = earlier(oldest, st.Admitted.V)
	}
	if oldest.Before(s.from) {
		v.Pager.Older = base + "?week=" + strconv.Itoa(week+1)
	}
	v.Pager.Label = s.from.Format("02.01.") + " – " + s.to.AddDate(0, 0, -1).Format("02.01.2006")
	v.Fig = drawCurve(p, by, s, f)
	v.Table = curveTable(by, s)
	return v
}

// sevenDays returns the page that holds now, or the one week pages before it.
// As on paper the first page begins on the day of admission.
func sevenDays(p *chart.Patient, now time.Time, week int) span7 {
	from := midnight(now).AddDate(0, 0, -6)
	if s, ok := p.Current(); ok && s.Admitted.Known && s.Admitted.V.Before(now) {
		first := midnight(s.Admitted.V.In(now.Location()))
		days := int(midnight(now).Sub(first).Hours()+12) / 24
		from = first.AddDate(0, 0, days/7*7)
	}
	from = from.AddDate(0, 0, -7*week)
	return span7{from: from, to: from.AddDate(0, 0, 7)}
}

func earlier(a, b time.Time) time.Time {
	if !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func drawCurve(p *chart.Patient, by map[string][]reading, s span7, f Frame) curveFigure {
	g := curveFigure{W: int(curveW), LabelsLeft: curveLeft - 10}
	g.Plot = box{curveLeft, curveHead, curveW - curveLeft - curveRight, curveStepH * curveSteps}
	g.grid(p, s, f)
	g.Temp = traces(by["temp"], s, tempY, f, true)
	g.Pulse = traces(by["pulse"], s, pulseY, f, false)
	g.Bars = bars(by["sys"], by["dia"], s, f)
	y := curveHead + curveStepH*curveSteps
	y = g.rows(by, s, y)
	y = g.medication(p, s, y, f)
	g.H = int(y) + 2
	g.Desc = p.Name.V.Display() + ", " + s.from.Format("02.01.") + "–" + s.to.AddDate(0, 0, -1).Format("02.01.2006")
	return g
}

func (g *curveFigure) grid(p *chart.Patient, s span7, f Frame) {
	width := g.Plot.W / 7
	stay, ok := p.Current()
	for i := range 7 {
		d := s.from.AddDate(0, 0, i)
		x := curveLeft + float64(i)*width
		day := curveDay{X: x, Mid: x + width/2, Label: f.stamp(d).day(f.Lang), Today: sameDay(d, f.Now)}
		if ok && stay.Admitted.Known && !d.Before(midnight(stay.Admitted.V.In(f.Now.Location()))) && d.Before(f.Now) {
			if n := stayDay(stamp{At: stay.Admitted.V.In(f.Now.Location()), Now: d}); n > 0 {
				day.Day = lang.Text{DE: "Tag ", EN: "Day "}.In(f.Lang) + strconv.Itoa(n)
			} else {
				day.Day = lang.Text{DE: "Tag 1", EN: "Day 1"}.In(f.Lang)
			}
		}
		g.Days = append(g.Days, day)
		g.Fields = append(g.Fields, x+width/3, x+2*width/3)
	}
	for i := range curveSteps + 1 {
		g.Steps = append(g.Steps, curveStep{
			Y: curveHead + curveStepH*float64(curveSteps-i), T: strconv.Itoa(35 + i), P: strconv.Itoa(40 + 20*i), RR: strconv.Itoa(40 + 30*i),
			Strong: i == 2, LabelsShown: i > 0,
		})
	}
	if s.holds(f.Now) {
		g.NowX = s.x(f.Now)
		g.Future = box{g.NowX, curveHead, curveW - curveRight - g.NowX, curveStepH * curveSteps}
	}
}

// traces draws one line, broken where nothing was measured for more than 36
// hours.
func traces(list []reading, s span7, y func(float64) float64, f Frame, label bool) []curveTrace {
	var out []curveTrace
	var cur curveTrace
	var pts []string
	var last time.Time
	flush := func() {
		if len(cur.Dots) > 0 {
			cur.Points = strings.Join(pts, " ")
			out = append(out, cur)
		}
		cur, pts = curveTrace{}, nil
	}
	for _, r := range list {
		if !s.holds(r.stamp.At) {
			continue
		}
		if !last.IsZero() && r.stamp.At.Sub(last) > 36*time.Hour {
			flush()
		}
		last = r.stamp.At
		d := curveDot{X: s.x(r.stamp.At), Y: y(r.value), Title: r.stamp.clock(f.Lang) + " " + r.text, Here: r.here, Red: r.mark.Critical}
		if label && (r.value >= 38.5 || r.value < 36 || r.mark.Critical) {
			d.Label = r.text
		}
		cur.Dots = append(cur.Dots, d)
		pts = append(pts, fmt.Sprintf("%.1f,%.1f", d.X, d.Y))
	}
	flush()
	return out
}

func bars(sys, dia []reading, s span7, f Frame) []curveBar {
	at := map[int64]reading{}
	for _, d := range dia {
		at[d.stamp.At.Unix()] = d
	}
	var out []curveBar
	for _, r := range sys {
		if !s.holds(r.stamp.At) {
			continue
		}
		b := curveBar{X: s.x(r.stamp.At), Top: bpY(r.value), Title: r.stamp.clock(f.Lang) + " RR " + r.text, Red: r.mark.Critical, Here: r.here}
		b.Bottom = b.Top
		if d, ok := at[r.stamp.At.Unix()]; ok {
			b.Bottom = bpY(d.value)
			b.Title += "/" + d.text
			b.Red = b.Red || d.mark.Critical
		}
		out = append(out, b)
	}
	return out
}

// rows draws the fields below the curve and returns the y below them.
func (g *curveFigure) rows(by map[string][]reading, s span7, y float64) float64 {
	for _, id := range []string{"resp", "spo2", "pain", "gcs"} {
		if c := fieldCells(by[id], s); len(c) > 0 {
			g.row(&y, signLabel(id), unitOf(id), c)
		}
	}
	in, out := daySums(by["in"], s), daySums(by["out"], s)
	if c := dayCells(in, s, false); len(c) > 0 {
		g.row(&y, lang.Text{DE: "Einfuhr", EN: "Fluid in"}, "ml", c)
	}
	if c := dayCells(out, s, false); len(c) > 0 {
		g.row(&y, lang.Text{DE: "Ausfuhr", EN: "Fluid out"}, "ml", c)
	}
	urine := daySums(by["urine"], s)
	if c := dayCells(urine, s, false); len(c) > 0 {
		g.row(&y, signLabel("urine"), "ml", c)
	}
	if len(out) == 0 {
		out = urine
	}
	balance := map[int]float64{}
	for d, v := range in {
		if o, ok := out[d]; ok {
			balance[d] = v - o
		}
	}
	if c := dayCells(balance, s, true); len(c) > 0 {
		g.row(&y, lang.Text{DE: "Bilanz", EN: "Balance"}, "ml", c)
	}
	for _, id := range []string{"stool", "weight"} {
		if c := fieldCells(by[id], s); len(c) > 0 {
			g.row(&y, signLabel(id), unitOf(id), c)
		}
	}
	return y
}

func (g *curveFigure) row(y *float64, label lang.Text, unit string, cells []curveCell) {
	g.Rows = append(g.Rows, curveRow{Y: *y + rowH, Base: *y + rowH - 6, Label: label, Unit: unit, Cells: cells})
	*y += rowH
}

func unitOf(id string) string {
	for _, s := range signs {
		if s.id == id {
			return s.unit
		}
	}
	return ""
}

// fieldCells writes the newest value of each field of eight hours.
func fieldCells(list []reading, s span7) []curveCell {
	var out []curveCell
	width := (curveW - curveLeft - curveRight) / 21
	at := map[int]int{}
	for _, r := range list {
		if !s.holds(r.stamp.At) {
			continue
		}
		field := int((s.x(r.stamp.At) - curveLeft) / width)
		c := curveCell{X: curveLeft + (float64(field)+.5)*width, Text: r.text, Bold: r.mark.Abnormal, Red: r.mark.Critical}
		if i, ok := at[field]; ok {
			out[i] = c
			continue
		}
		at[field] = len(out)
		out = append(out, c)
	}
	return out
}

// daySums adds what was measured on each day of the page.
func daySums(list []reading, s span7) map[int]float64 {
	out := map[int]float64{}
	for _, r := range list {
		if s.holds(r.stamp.At) {
			out[int(midnight(r.stamp.At).Sub(s.from).Hours()+12)/24] += r.value
		}
	}
	return out
}

func dayCells(sums map[int]float64, s span7, signed bool) []curveCell {
	width := (curveW - curveLeft - curveRight) / 7
	var out []curveCell
	for d := range 7 {
		v, ok := sums[d]
		if !ok {
			continue
		}
		text := group(uint64(max(v, -v)))
		if signed && v > 0 {
			text = "+" + text
		} else if v < 0 {
			text = "−" + text
		}
		out = append(out, curveCell{X: curveLeft + (float64(d)+.5)*width, Text: text, Bold: signed})
	}
	return out
}

// medication draws one row a prescription with its given doses.
func (g *curveFigure) medication(p *chart.Patient, s span7, y float64, f Frame) float64 {
	marks := map[string][]curveMark{}
	for _, d := range p.Doses {
		if d.Cancelled || !s.holds(d.V.At) || d.V.Status == clinical.Retracted || d.V.Status == clinical.Dispensed {
			continue
		}
		kind := "missed"
		switch d.V.Status {
		case clinical.Given:
			kind = "given"
		case clinical.Partly:
			kind = "partly"
		case clinical.Refused, clinical.NotGiven, clinical.Dispensed, clinical.Retracted:
		}
		marks[d.V.Prescription] = append(marks[d.V.Prescription], curveMark{X: s.x(d.V.At), Kind: kind, Title: f.stamp(d.V.At).clock(f.Lang) + " " + d.V.Drug.Label() + " " + d.V.Amount + " " + doseWord(d.V.Status).In(f.Lang)})
	}
	g.MedsY = y
	y += rowH
	for _, it := range p.Medication {
		r := it.V
		open := r.Start.Before(s.to) && (r.End.IsZero() || r.End.After(s.from))
		if it.Cancelled || !open || r.AsNeeded && len(marks[r.Key()]) == 0 {
			continue
		}
		if len(g.Meds) == medRows {
			g.MoreMeds++
			continue
		}
		m := curveMed{Top: y, Y: y + medH, Base: y + medH/2, Label: strings.TrimSpace(r.Drug.Label() + " " + r.Strength), Marks: marks[r.Key()], Rate: r.Rate}
		m.X1, m.X2 = curveLeft, curveW-curveRight
		if s.holds(r.Start) {
			m.X1 = s.x(r.Start)
		}
		end := f.Now
		if !r.End.IsZero() && r.End.Before(end) {
			end = r.End
		}
		if s.holds(end) {
			m.X2 = max(s.x(end), m.X1)
		}
		g.Meds = append(g.Meds, m)
		y += medH
	}
	return y
}

// curveTable says the curve in words, one line a time of measuring.
func curveTable(by map[string][]reading, s span7) []curveLine {
	ids := []string{"temp", "pulse", "sys", "dia", "resp", "spo2", "pain"}
	lines := map[int64]*curveLine{}
	for i, id := range ids {
		for _, r := range by[id] {
			if !s.holds(r.stamp.At) {
				continue
			}
			l := lines[r.stamp.At.Unix()]
			if l == nil {
				l = &curveLine{At: r.stamp, Cells: make([]valueView, len(ids))}
				lines[r.stamp.At.Unix()] = l
			}
			l.Cells[i] = valueView{Num: num{Whole: r.text}, Mark: r.mark}
		}
	}
	var out []curveLine
	for _, l := range lines {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b curveLine) int { return b.At.At.Compare(a.At.At) })
	return out
}
