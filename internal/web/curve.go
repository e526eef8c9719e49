package web

import (
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
	Fluid []fluidLine
	Empty bool
}

type curveLine struct {
	At    stamp
	Cells []valueView
	Entry string // address of the entry that the values were written here with
	seq   uint64
	back  chart.Echo
	Back  lang.Text // the system that has it too
}

// curveFigure is the drawing in its own units (1 unit = 1 CSS pixel at full
// width).
type curveFigure struct {
	W, H       int
	Plot       box
	Days       []curveDay
	Fields     []coord // x of the thin lines
	Steps      []curveStep
	Future     box
	NowX       coord // "" outside the page
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

// coord is a place in the drawing as SVG writes it, to a tenth of a unit: a
// page has thousands, and the template only puts them in.
type coord string

func coordOf(v float64) coord { return coord(strconv.FormatFloat(v, 'f', 1, 64)) }

type curveDay struct {
	X, Mid coord
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
	X, Y  coord
	Title string
	Label string // written beside abnormal values
	Here  bool
	Red   bool
}

type curveBar struct {
	Path  string
	Title string
	Red   bool
	Here  bool
}

type curveRow struct {
	Y, Base float64
	Label   lang.Text
	Unit    string
	Cells   []curveCell
}

type curveCell struct {
	X    coord
	Text string
	Bold bool
	Red  bool
}

type curveMed struct {
	Top, Y, Base float64
	Label        string
	X1, X2       coord // while prescribed
	Marks        []curveMark
	Rate         string
}

type curveMark struct {
	X     coord
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
	for i := range v.Table {
		if seq := v.Table[i].seq; seq != 0 {
			from := f.source(clinical.Origin{Seq: seq, Feed: chart.Here}, v.Table[i].back)
			v.Table[i].Entry, v.Table[i].Back = from.Href, from.Back
		}
	}
	v.Fluid = fluidTable(by, s, f)
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
		day := curveDay{X: coordOf(x), Mid: coordOf(x + width/2), Label: f.stamp(d).day(f.Lang), Today: sameDay(d, f.Now)}
		if ok && stay.Admitted.Known && !d.Before(midnight(stay.Admitted.V.In(f.Now.Location()))) && d.Before(f.Now) {
			if n := stayDay(stamp{At: stay.Admitted.V.In(f.Now.Location()), Now: d}); n > 0 {
				day.Day = lang.Text{DE: "Tag ", EN: "Day "}.In(f.Lang) + strconv.Itoa(n)
			} else {
				day.Day = lang.Text{DE: "Tag 1", EN: "Day 1"}.In(f.Lang)
			}
		}
		g.Days = append(g.Days, day)
		g.Fields = append(g.Fields, coordOf(x+width/3), coordOf(x+2*width/3))
	}
	for i := range curveSteps + 1 {
		g.Steps = append(g.Steps, curveStep{
			Y: curveHead + curveStepH*float64(curveSteps-i), T: strconv.Itoa(35 + i), P: strconv.Itoa(40 + 20*i), RR: strconv.Itoa(40 + 30*i),
			Strong: i == 2, LabelsShown: i > 0,
		})
	}
	if s.holds(f.Now) {
		x := s.x(f.Now)
		g.NowX = coordOf(x)
		g.Future = box{x, curveHead, curveW - curveRight - x, curveStepH * curveSteps}
	}
}

// traces draws one line, broken where nothing was measured for more than 36
// hours.
func traces(list []reading, s span7, y func(float64) float64, f Frame, label bool) []curveTrace {
	var out []curveTrace
	var cur curveTrace
	var pts strings.Builder
	var last time.Time
	flush := func() {
		if len(cur.Dots) > 0 {
			cur.Points = pts.String()
			out = append(out, cur)
		}
		cur = curveTrace{}
		pts.Reset()
	}
	for _, r := range list {
		if !s.holds(r.stamp.At) {
			continue
		}
		if !last.IsZero() && r.stamp.At.Sub(last) > 36*time.Hour {
			flush()
		}
		last = r.stamp.At
		d := curveDot{X: coordOf(s.x(r.stamp.At)), Y: coordOf(y(r.value)), Title: r.stamp.clock(f.Lang) + " " + r.text, Here: r.here, Red: r.mark.Critical}
		if label && (r.value >= 38.5 || r.value < 36 || r.mark.Critical) {
			d.Label = r.text
		}
		if len(cur.Dots) > 0 {
			pts.WriteByte(' ')
		}
		pts.WriteString(string(d.X + "," + d.Y))
		cur.Dots = append(cur.Dots, d)
	}
	flush()
	return out
}

func bars(sys, dia []reading, s span7, f Frame) []curveBar {
	below := map[int64]reading{}
	for _, d := range dia {
		below[d.stamp.At.Unix()] = d
	}
	var out []curveBar
	for _, r := range sys {
		if !s.holds(r.stamp.At) {
			continue
		}
		b := curveBar{Title: r.stamp.clock(f.Lang) + " RR " + r.text, Red: r.mark.Critical, Here: r.here}
		x, top := coordOf(s.x(r.stamp.At)), coordOf(bpY(r.value))
		bottom := top
		if d, ok := below[r.stamp.At.Unix()]; ok {
			bottom = coordOf(bpY(d.value))
			b.Title += "/" + d.text
			b.Red = b.Red || d.mark.Critical
		}
		b.Path = string("M" + x + " " + top + "V" + bottom + "m-4 0h8M" + x + " " + top + "m-4 0h8")
		out = append(out, b)
	}
	return out
}
