package paper

import (
	"slices"
	"sort"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

// times is how many columns of times a cumulative table has.
const times = 6

// group is one block of a cumulative table: the analytes of one panel.
type group struct {
	name  string
	lines []*line
	at    []time.Time // newest first, at most times
	older int         // times that did not fit
}

// line is one analyte with its values, newest first.
type line struct {
	name   string
	unit   string
	ranges string
	values []chart.Item[clinical.Result]
}

func analyte(r clinical.Result) string {
	if r.Code.Code != "" {
		return r.Code.Code
	}
	return r.Local.Code + "\x1f" + r.Code.Text + r.Local.Text
}

func resultName(r clinical.Result) string {
	return firstOf(r.Code.Label(), r.Local.Label())
}

// groups sorts results into panels and analytes, in the order they first come.
func groups(results []chart.Item[clinical.Result], other string) []*group {
	var out []*group
	byName, byKey := map[string]*group{}, map[string]*line{}
	for _, r := range results {
		name := firstOf(r.V.Panel.Label(), other)
		g := byName[name]
		if g == nil {
			g = &group{name: name}
			byName[name] = g
			out = append(out, g)
		}
		key := name + "\x1f" + analyte(r.V) + "\x1f" + r.V.Unit
		l := byKey[key]
		if l == nil {
			l = &line{name: resultName(r.V), unit: r.V.Unit}
			byKey[key] = l
			g.lines = append(g.lines, l)
		}
		l.values = append(l.values, r)
	}
	for _, g := range out {
		var at []time.Time
		for _, l := range g.lines {
			sort.SliceStable(l.values, func(i, k int) bool { return l.values[i].V.At.After(l.values[k].V.At) })
			l.ranges = l.values[0].V.Range
			for _, v := range l.values {
				at = append(at, v.V.At)
			}
		}
		slices.SortFunc(at, func(a, b time.Time) int { return b.Compare(a) })
		at = slices.CompactFunc(at, time.Time.Equal)
		g.older = max(0, len(at)-times)
		g.at = at[:min(len(at), times)]
	}
	return out
}

// laboratory draws the cumulative table, newest column first, and below it what
// is no number: cultures and other results in words.
func (c *chartSheets) laboratory() {
	var lab, other []chart.Item[clinical.Result]
	for _, r := range c.p.Results {
		switch r.V.Section {
		case clinical.Vitals:
		case clinical.Laboratory:
			lab = append(lab, r)
		default:
			other = append(other, r)
		}
	}
	c.section(c.say("Labor, kumulativ", "Laboratory, cumulative"), c.fresh(newest(lab), c.o.Limits.Laboratory), 14)
	if len(lab) == 0 {
		c.none(c.say("kein Laborwert übermittelt", "no laboratory result was sent"))
	} else {
		c.cumulative(groups(lab, c.say("Labor", "Laboratory")))
	}
	if len(other) > 0 {
		c.inWords(other)
	}
}

const (
	nameWidth  = 42.0
	unitWidth  = 16.0
	rangeWidth = 22.0
)

func (c *chartSheets) cumulative(groups []*group) {
	heading := c.again
	var notes []string
	for _, g := range groups {
		c.again = heading
		t := table{lines: true, grid: true, cols: []column{
			{head: g.name, width: nameWidth}, {head: c.say("Einheit", "Unit"), width: unitWidth}, {head: c.say("Referenz", "Reference"), width: rangeWidth},
		}}
		w := (c.width() - nameWidth - unitWidth - rangeWidth) / times
		for i := range times {
			head := ""
			if i < len(g.at) {
				head = c.say("Zeit?", "time?")
				if !g.at[i].IsZero() {
					head = c.shortDay(g.at[i]) + "\n" + c.clock(g.at[i])
				}
			}
			t.cols = append(t.cols, column{head: head, width: w})
		}
		c.need(16)
		c.begin(t)
		for _, l := range g.lines {
			notes = c.analyteRow(t, g, l, notes)
		}
		if g.older > 0 {
			notes = append(notes, g.name+": "+itoa(g.older)+" "+c.say("ältere Zeiten hier nicht gedruckt", "older times not printed here"))
		}
		c.y += 1.5
	}
	c.again = heading
	s := style{c.f.cond, small}
	c.para(s, 0, c.say("↑ ↓ außerhalb der Referenz · ‼ kritisch, umrandet · v vorläufig · k korrigiert, alter Wert durchgestrichen · h hier erfasst · offen = noch kein Ergebnis",
		"↑ ↓ outside the reference · ‼ critical, boxed · v preliminary · k corrected, old value struck out · h entered here · open = no result yet"))
	for _, n := range notes {
		c.para(s, 0, n)
	}
}

// analyteRow draws one analyte. A value that does not fit its cell becomes a
// note, which is added to notes.
func (c *chartSheets) analyteRow(t table, g *group, l *line, notes []string) []string {
	var marks []mark
	cells := []cell{c.cell(l.name), {{text: l.unit, style: style{c.f.cond, small}}}, {{text: l.ranges, style: style{c.f.cond, small}}}}
	w := t.cols[3].width
	least := 0.0
	for i := range g.at {
		var in []chart.Item[clinical.Result]
		for _, v := range l.values {
			if v.V.At.Equal(g.at[i]) {
				in = append(in, v)
			}
		}
		ms := c.fewMarks(c.marks(in, w, &notes, l.name), &notes, l.name)
		for k := range ms {
			ms[k].col = i
			ms[k].line = k
		}
		marks = append(marks, ms...)
		least = max(least, float64(len(ms))*style{c.f.cond, body}.leading()+cellGap)
	}
	if len(l.values) > 0 && len(g.at) > 0 && !l.values[0].V.At.IsZero() && l.values[0].V.At.Before(g.at[len(g.at)-1]) {
		r := l.values[0].V
		cells[0] = append(cells[0], c.cell(c.say("zuletzt ", "last ")+c.when(r.At)+": "+c.valueWords(l.values[0]))...)
	}
	c.add(t, row{cells: cells, least: least, paint: func(x, y, h float64) {
		for _, m := range marks {
			c.drawMark(x+nameWidth+unitWidth+rangeWidth+float64(m.col)*w, y+0.35, w, m)
		}
	}})
	return notes
}

// mostMarks is how many values of one time and analyte a cell holds, earlier
// versions included; more become a note.
const mostMarks = 6

func (c *chartSheets) fewMarks(ms []mark, notes *[]string, name string) []mark {
	if len(ms) <= mostMarks {
		return ms
	}
	n := "[" + itoa(len(*notes)+1) + "]"
	var rest []string
	for _, m := range ms[mostMarks-1:] {
		gone := ""
		if m.strike {
			gone = c.say("(ungültig)", "(void)")
		}
		rest = append(rest, joined(" ", m.text, m.after, gone))
	}
	*notes = append(*notes, n+" "+name+", "+c.say("weitere Werte und Fassungen: ", "further values and versions: ")+strings.Join(rest, "; "))
	return append(ms[:mostMarks-1:mostMarks-1], mark{text: n})
}

// mark is one value as it stands in a cell.
type mark struct {
	text     string
	after    string // arrow and status letters
	strike   bool
	critical bool
	number   bool
	col      int
	line     int
}

func (c *chartSheets) marks(in []chart.Item[clinical.Result], w float64, notes *[]string, name string) []mark {
	s := style{c.f.condBold, body}
	var out []mark
	for _, r := range in {
		m := mark{text: c.clean(c.voice.number(r.V)), number: r.V.Number != nil, after: c.arrow(r.V), critical: r.V.Critical()}
		gone := r.Cancelled || r.V.Status == clinical.Withdrawn
		switch {
		case gone:
			m = mark{text: orUnsent(m.text, "–"), strike: true, number: m.number}
		case r.V.Status == clinical.Pending:
			m = mark{text: c.say("offen", "open")}
		case r.V.Status == clinical.NoResult:
			m = mark{text: c.say("entfällt", "none")}
		case m.text == "":
			m = mark{text: c.say("leer", "empty")}
		}
		switch r.V.Status {
		case clinical.Preliminary:
			m.after += " v"
		case clinical.Corrected:
			m.after += " k"
		case clinical.Final, clinical.Withdrawn, clinical.NoResult, clinical.Pending:
		}
		if r.Origin.Feed == "here" {
			m.after += " h"
		}
		m.after = strings.TrimSpace(m.after)
		tooWide := s.width(m.text+" "+m.after) > w-2*pad
		if tooWide || r.V.Comment != "" && !gone {
			n := "[" + itoa(len(*notes)+1) + "]"
			words := c.valueWords(r)
			if !tooWide {
				words = r.V.Comment
				m.after = strings.TrimSpace(m.after + " " + n)
			} else {
				if r.V.Comment != "" {
					words += " · " + r.V.Comment
				}
				m = mark{text: n, strike: m.strike, critical: m.critical}
			}
			*notes = append(*notes, n+" "+name+" "+c.when(r.V.At)+": "+words)
		}
		out = append(out, m)
		if gone {
			out = append(out, mark{text: c.say("storniert", "withdrawn")})
		}
		for _, was := range r.Was {
			if chart.MeasuredLater(&r, &was) {
				continue // nobody validated it
			}
			old := c.clean(c.voice.number(was.V))
			if old == "" || old == c.clean(c.voice.number(r.V)) && !gone {
				continue
			}
			o := mark{text: old, strike: true, number: was.V.Number != nil}
			if s.width(old) > w-2*pad {
				n := "[" + itoa(len(*notes)+1) + "]"
				*notes = append(*notes, n+" "+name+" "+c.when(was.V.At)+", "+c.say("überholte Fassung: ", "superseded version: ")+old)
				o = mark{text: n, strike: true}
			}
			out = append(out, o)
		}
	}
	return out
}

// drawMark draws a value with its decimal sign on the axis of its column.
func (c *chartSheets) drawMark(x, y, w float64, m mark) {
	s, q := style{c.f.cond, body}, style{c.f.condBold, small}
	if m.critical || m.after != "" && !m.strike {
		s = style{c.f.condBold, body}
	}
	y += float64(m.line) * s.leading()
	at := x + pad
	if m.number {
		whole := m.text
		if i := strings.IndexAny(whole, ",."); i >= 0 {
			whole = whole[:i]
		}
		at = max(at, x+w*0.46-s.width(whole))
		if over := at + s.width(m.text+" ") + q.width(m.after) - (x + w - 0.6); over > 0 {
			at = max(x+pad, at-over)
		}
	}
	c.text(at, y, s, m.text)
	end := at + s.width(m.text)
	if m.strike {
		mid := y + s.leading()*0.52
		c.flow.p.Line(at, mid, end, mid, 0.3, 0)
	}
	c.text(end+0.6, y+0.15, q, m.after)
	if m.critical {
		c.flow.p.Box(x+0.5, y-0.2, w-1, s.leading()+0.3, 0.5, 0)
	}
}

// valueWords returns value, unit, arrow and status in words.
func (c *chartSheets) valueWords(r chart.Item[clinical.Result]) string {
	status := ""
	switch {
	case r.Cancelled || r.V.Status == clinical.Withdrawn:
		status = c.say("(storniert)", "(withdrawn)")
	case r.V.Status == clinical.Corrected:
		status = c.say("(korrigiert)", "(corrected)")
	case r.V.Status == clinical.Preliminary:
		status = c.say("(vorläufig)", "(preliminary)")
	case r.V.Status == clinical.Pending:
		status = c.say("noch kein Ergebnis", "no result yet")
	case r.V.Status == clinical.NoResult:
		status = c.say("kein Ergebnis möglich", "no result possible")
	}
	return joined(" ", c.voice.number(r.V), r.V.Unit, c.arrow(r.V), status)
}

func (c *chartSheets) arrow(r clinical.Result) string {
	a := flagArrow(r.Flags)
	if r.Critical() {
		return strings.TrimSpace("‼ " + strings.Trim(a, "‼ "))
	}
	if a == "" && r.Abnormal() && r.Number != nil {
		if r.High != nil && *r.Number > *r.High {
			return "↑"
		}
		if r.Low != nil && *r.Number < *r.Low {
			return "↓"
		}
	}
	return a
}

// flagArrow writes the abnormal flags of HL7 table 0078.
func flagArrow(flags []string) string {
	for _, f := range flags {
		switch f {
		case "HH", "HU", ">":
			return "↑↑"
		case "LL", "LU", "<":
			return "↓↓"
		case "H":
			return "↑"
		case "L":
			return "↓"
		case "AA":
			return "‼"
		case "A":
			return "*"
		}
	}
	return ""
}

// inWords lists results that are no laboratory numbers, newest first.
func (c *chartSheets) inWords(results []chart.Item[clinical.Result]) {
	c.section(c.say("Mikrobiologie und weitere Ergebnisse", "Microbiology and further results"), c.fresh(newest(results), c.o.Limits.Laboratory), 14)
	t := table{lines: true, cols: []column{
		{head: c.say("Zeit", "Time"), width: 32}, {head: c.say("Untersuchung", "Test"), width: 58}, {head: c.say("Ergebnis", "Result"), width: c.width() - 90},
	}}
	c.begin(t)
	for _, r := range results {
		val := c.bold(orUnsent(c.valueWords(r), c.unsent()))
		val[0].strike = r.Cancelled || r.V.Status == clinical.Withdrawn
		for _, was := range r.Was {
			if was.V.Value != "" && was.V.Value != r.V.Value && !chart.MeasuredLater(&r, &was) {
				val = append(val, words{text: was.V.Value, style: style{c.f.cond, body}, strike: true})
			}
		}
		val = append(val, c.cell(r.V.Comment)...)
		c.add(t, row{cells: []cell{c.cell(c.when(r.V.At)), c.cell(joined(" · ", r.V.Panel.Label(), resultName(r.V))), val}})
	}
}
