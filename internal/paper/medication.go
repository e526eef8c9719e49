package paper

import (
	"sort"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// A quarter is a column of the medication plan.
type quarter int

const (
	morning quarter = iota
	noon
	evening
	night
	quarters = 4
)

// quarterOf sorts a time of day (minutes) into the plan's columns.
func quarterOf(d clinical.DayTime) quarter {
	switch h := int(d) / 60; {
	case h >= 4 && h < 11:
		return morning
	case h >= 11 && h < 16:
		return noon
	case h >= 16 && h < 21:
		return evening
	}
	return night
}

// drugKind is the part of the plan a prescription stands in.
type drugKind int

const (
	regular drugKind = iota
	infusion
	asNeeded
	stopped
	drugKinds = 4
)

func (c *chartSheets) kindOf(i chart.Item[clinical.Prescription]) drugKind {
	p := i.V
	switch {
	case i.Cancelled, p.Status != "" && !p.Status.Open(), !p.End.IsZero() && p.End.Before(c.now):
		return stopped
	case p.AsNeeded:
		return asNeeded
	case p.Rate != "":
		return infusion
	}
	return regular
}

const (
	drugWidth = 49.0
	doseWidth = 26.0
	boxWidth  = 18.0
	boxHeight = 14.5

	signHeight = 8.0 // of one line for time and initials
	mostSigns  = 6   // such lines in one box

	newRowHeight = 17.0 // of a row for a new order with the prescriber's name
)

// medication lays out the plan of one day with boxes to sign.
func (c *chartSheets) medication() {
	day := c.o.PlanDay
	if day.IsZero() {
		day = c.now
	}
	c.plan(day, planRows{})
}

// planRows says what the rows of a plan that is a form of its own have more.
type planRows struct {
	sign   bool                             // empty rows have a field for the prescriber
	double func(clinical.Prescription) bool // needs a second person; nil: none
}

// plan lays out the plan of one day.
func (c *chartSheets) plan(day time.Time, o planRows) {
	c.section(c.say("Gaben am ", "Doses on ")+c.fullDay(day), c.fresh(newest(c.p.Medication), c.o.Limits.Medication), 20)
	c.contests()
	var kinds [drugKinds][]chart.Item[clinical.Prescription]
	for _, m := range c.p.Medication {
		k := c.kindOf(m)
		kinds[k] = append(kinds[k], m)
	}
	t := c.planTable()
	heading := c.again
	c.begin(t)
	if len(kinds[regular])+len(kinds[infusion])+len(kinds[asNeeded]) == 0 {
		c.para(style{c.f.condBold, body}, pad, c.say("Keine laufende Medikation übermittelt. Das heißt nicht, dass der Patient nichts bekommt.", "No current medication was sent. That does not mean that the patient gets none."))
	}
	for k, name := range []string{"", c.say("Infusionen", "Infusions"), c.say("Bei Bedarf", "When needed")} {
		if len(kinds[k]) == 0 {
			continue
		}
		if name != "" {
			c.subhead(name, boxHeight)
		}
		for _, m := range kinds[k] {
			c.add(t, c.drugRow(m, drugKind(k), day, o.double != nil && o.double(m.V)))
		}
	}
	c.again = heading
	c.otherDoses(kinds, day)
	c.stoppedDrugs(kinds[stopped])
	c.newOrders(t, o.sign)
}

// contests says of which drugs another system says otherwise than was signed
// here: the plan shows what was signed here.
func (c *chartSheets) contests() {
	for _, x := range c.p.Contests() {
		source := c.source(x.Theirs.Origin)
		say := x.Say(lang.Text{DE: source, EN: source}, c.zone).In(c.lang)
		c.para(style{c.f.condBold, body}, pad, c.say("▲ STRITTIG, bitte ärztlich klären: ", "▲ CONTESTED, a physician decides: ")+x.Drug()+" – "+say)
	}
}

func (c *chartSheets) planTable() table {
	times := c.say("Zeit | Hz.", "time | init.")
	t := table{lines: true, grid: true, cols: []column{
		{head: c.say("Medikament", "Drug"), width: drugWidth}, {head: c.say("Dosis, Weg", "Dose, route"), width: doseWidth},
	}}
	for _, q := range []string{c.say("Früh", "Morning"), c.say("Mittag", "Noon"), c.say("Abend", "Evening"), c.say("Nacht", "Night")} {
		t.cols = append(t.cols, column{head: q + "\n" + times, width: boxWidth})
	}
	t.cols = append(t.cols, column{head: c.say("Hinweis, zuletzt", "Note, last given"), width: c.width() - drugWidth - doseWidth - quarters*boxWidth})
	return t
}

// subhead writes the name of a part of a table.
func (c *chartSheets) subhead(name string, least float64) {
	s := style{c.f.bold, body}
	c.need(s.leading() + 1.5 + least)
	c.flow.p.Bar(c.left, c.y+0.1, c.width(), s.leading()+0.8, 0.88)
	c.text(c.left+pad, c.y+0.6, s, c.clean(name))
	c.y += s.leading() + 1
	c.flow.p.Line(c.left, c.y, c.right, c.y, 0.2, 0)
}

func (c *chartSheets) drugName(p clinical.Prescription) cell {
	name := p.Drug.Label()
	out := c.bold(firstOf(firstOf(name, p.Substance), c.say("Medikament nicht übermittelt", "drug not sent")))
	sub := ""
	if p.Substance != "" && !strings.EqualFold(p.Substance, name) {
		sub = p.Substance
	}
	return append(out, c.cell(joined(" · ", joined(" ", sub, notIn(name, p.Strength)), p.Form))...)
}

// notIn returns s unless it stands in the text already as words of its own:
// "5 mg" does not stand in "2,5 mg".
func notIn(text, s string) string {
	if s != "" && strings.Contains(" "+strings.ToLower(text)+" ", " "+strings.ToLower(s)+" ") {
		return ""
	}
	return s
}

func (c *chartSheets) drugRow(i chart.Item[clinical.Prescription], kind drugKind, day time.Time, double bool) row {
	p := i.V
	dose := append(c.bold(orUnsent(p.Dose, c.say("Dosis nicht übermittelt", "dose not sent"))), c.cell(orUnsent(p.Route, c.say("Weg nicht übermittelt", "route not sent")))...)
	for _, w := range []string{p.Rate, p.Interval} {
		dose = append(dose, c.bold(w)...)
	}
	if p.MaxDaily != "" {
		dose = append(dose, c.bold(c.say("max. ", "max ")+p.MaxDaily+c.say("/Tag", "/day"))...)
	}
	amounts, known := c.schedule(p)
	later := c.beginsAfter(p.Start, day)
	if later {
		amounts, known, kind = [quarters][]string{}, true, regular
	}
	if !known && p.Scheme != "" {
		dose = append(dose, c.bold(c.say("Schema ", "scheme ")+p.Scheme)...)
	}
	if !known && kind == regular && p.Scheme == "" && p.Interval == "" {
		dose = append(dose, c.cell(c.say("Zeiten nicht übermittelt", "times not sent"))...)
	}
	cells := []cell{c.drugName(p), dose}
	given, last := c.given(p, day)
	lines, signs := 0, 1
	for q := range quarter(quarters) {
		box := c.boxWords(amounts[q], known && kind == regular)
		box = append(box, given[q]...)
		lines, signs = max(lines, len(c.breakCell(box, boxWidth))), max(signs, len(amounts[q]))
		cells = append(cells, box)
	}
	note := c.cell(joined("\n", p.Indication, p.Note))
	if later {
		note = append(c.bold(c.say("BEGINNT ERST ", "BEGINS ONLY ")+c.when(p.Start)), note...)
	}
	if p.Status == clinical.OnHold {
		note = append(c.bold(c.say("PAUSIERT", "ON HOLD")), note...)
	}
	note = append(note, c.cell(joined(" · ", c.since(p), p.By.Name))...)
	if kind == infusion {
		note = append(note, c.cell(c.say("Beginn, Ende, Rate eintragen", "write start, end, rate"))...)
	}
	if !last.IsZero() {
		note = append(note, c.bold(c.say("zuletzt ", "last ")+c.when(last))...)
	}
	each := 1
	if double {
		each = 2
		note = append(c.bold(c.say("◆ ZWEITE PERSON", "◆ SECOND PERSON")), note...)
	}
	s := style{c.f.condBold, body}
	h := max(boxHeight, min(float64(lines), 12)*s.leading()+1.5+signHeight*float64(each*min(signs, mostSigns)))
	return row{cells: append(cells, note), least: h, paint: c.boxes(amounts, known && kind == regular, each)}
}

// boxes paints the line between time and initials into each box that somebody
// may have to sign, with so many lines for each dose.
func (c *chartSheets) boxes(amounts [quarters][]string, known bool, each int) func(x, y, h float64) {
	return func(x, y, h float64) {
		for q := range quarters {
			if known && len(amounts[q]) == 0 {
				continue
			}
			left := x + drugWidth + doseWidth + float64(q)*boxWidth
			n := each * min(max(1, len(amounts[q])), mostSigns)
			top := y + h - signHeight*float64(n)
			c.flow.p.Line(left+boxWidth*0.56, top, left+boxWidth*0.56, y+h, 0.15, 0.3)
			for k := range n {
				line := top + signHeight*float64(k)
				c.flow.p.Dashed([][2]float64{{left, line}, {left + boxWidth, line}}, 0.15, 0.3, 0.8, 0.8)
				if each > 1 && k%each > 0 {
					c.text(left+0.4, line+0.2, style{c.f.cond, small}, "◆")
				}
			}
		}
	}
}

func (c *chartSheets) boxWords(amounts []string, known bool) cell {
	if known && len(amounts) == 0 {
		return c.cell("–")
	}
	var out cell
	for _, a := range amounts {
		out = append(out, c.bold(a)...)
	}
	return out
}

func (c *chartSheets) since(p clinical.Prescription) string {
	out := ""
	if !p.Start.IsZero() {
		out = c.say("ab ", "from ") + c.day(p.Start)
	}
	if !p.End.IsZero() {
		out = joined(" ", out, c.say("bis ", "until ")+c.when(p.End))
	}
	return out
}

// schedule returns what is planned in each quarter of the day, and whether
// anything about times was sent that could be read.
func (c *chartSheets) schedule(p clinical.Prescription) ([quarters][]string, bool) {
	var out [quarters][]string
	if len(p.Times) > 0 {
		times := append([]clinical.DayTime(nil), p.Times...)
		sort.Slice(times, func(i, k int) bool { return sinceMorning(times[i]) < sinceMorning(times[k]) })
		for _, t := range times {
			q := quarterOf(t)
			out[q] = append(out[q], clockOf(t))
		}
		var amounts []string
		if s, ok := scheme(p.Scheme); ok {
			for _, a := range s {
				if a != "0" {
					amounts = append(amounts, a)
				}
			}
		}
		n := 0
		for q := range out {
			for i := range out[q] {
				if len(amounts) == len(times) { // else the scheme says something else: the times stand alone
					out[q][i] = amounts[n] + " · " + out[q][i]
				}
				n++
			}
		}
		return out, true
	}
	amounts, ok := scheme(p.Scheme)
	if !ok {
		return out, false
	}
	for q, a := range amounts {
		if a != "0" {
			out[q] = []string{a}
		}
	}
	return out, true
}

// sinceMorning orders the times of a plan: its day begins at four.
func sinceMorning(t clinical.DayTime) int { return ((int(t)+20*60)%(24*60) + 24*60) % (24 * 60) }

// scheme reads "1-0-1" and "1-0-½-0": morning, noon, evening, night.
func scheme(s string) ([quarters]string, bool) {
	out := [quarters]string{"0", "0", "0", "0"}
	parts := strings.Split(strings.ReplaceAll(s, " ", ""), "-")
	if len(parts) < 3 || len(parts) > quarters {
		return out, false
	}
	for i, p := range parts {
		if p == "" || len(p) > 8 || strings.Trim(p, "0123456789.,/½¼¾") != "" {
			return out, false
		}
		if strings.Trim(p, "0,.") == "" {
			p = "0"
		}
		out[i] = p
	}
	return out, true
}

// given returns the doses of the plan's day by quarter, so that nobody gives
// them twice, and the time of the last dose before that day.
func (c *chartSheets) given(p clinical.Prescription, day time.Time) ([quarters]cell, time.Time) {
	var out [quarters]cell
	var last time.Time
	for n := len(c.p.Doses) - 1; n >= 0; n-- { // oldest first
		d := c.p.Doses[n]
		if d.V.Prescription == "" || d.V.Prescription != p.Key() && d.V.Prescription != p.Placer && d.V.Prescription != p.Filler {
			continue
		}
		if d.Cancelled || d.V.Status == clinical.Retracted || d.V.Status == clinical.Dispensed {
			continue
		}
		if !c.sameDay(d.V.At, day) {
			if d.V.Status != clinical.Refused && d.V.Status != clinical.NotGiven && d.V.At.After(last) {
				last = d.V.At
			}
			continue
		}
		at := d.V.At.In(c.zone)
		q := quarterOf(clinical.DayTime(at.Hour()*60 + at.Minute()))
		mark := "✓ " + c.clock(d.V.At)
		if d.V.Status != clinical.Given {
			mark = c.clock(d.V.At) + " " + c.doseStatus(d.V)
		}
		out[q] = append(out[q], c.cell(mark)...)
	}
	return out, last
}

// beginsAfter reports whether a start lies after the whole plan day.
func (c *chartSheets) beginsAfter(start, day time.Time) bool {
	return !start.IsZero() && start.After(day) && !c.sameDay(start, day)
}

// otherDoses lists what was given in the last 24 hours or on the plan's day and
// belongs to no prescription in the plan above, so that it is not given again.
func (c *chartSheets) otherDoses(kinds [drugKinds][]chart.Item[clinical.Prescription], day time.Time) {
	listed := map[string]bool{}
	for _, k := range []drugKind{regular, infusion, asNeeded} {
		for _, m := range kinds[k] {
			listed[m.V.Key()], listed[m.V.Placer], listed[m.V.Filler] = true, true, true
		}
	}
	delete(listed, "")
	t := table{lines: true, cols: []column{
		{head: c.say("Zeit", "Time"), width: 32}, {head: c.say("Medikament", "Drug"), width: 78}, {head: c.say("Menge, Weg", "Amount, route"), width: 36}, {head: c.say("Stand · durch", "Status · by"), width: c.width() - 146},
	}}
	n := 0
	for _, d := range c.p.Doses {
		if listed[d.V.Prescription] || d.Cancelled || d.V.Status == clinical.Retracted || d.V.Status == clinical.Dispensed {
			continue
		}
		if !d.V.At.IsZero() && !c.sameDay(d.V.At, day) && d.V.At.Before(c.now.Add(-24*time.Hour)) {
			continue
		}
		if n++; n == 1 {
			c.section(c.say("Gegeben in 24 Stunden ohne laufende Verordnung", "Given in 24 hours without a current prescription"), c.fresh(newest(c.p.Doses), c.o.Limits.Medication), 14)
			c.begin(t)
		}
		name := orUnsent(d.V.Drug.Label(), c.drugOf(d.V.Prescription))
		c.add(t, row{cells: []cell{c.bold(c.when(d.V.At)), c.bold(orUnsent(name, c.unsent())), c.cell(joined(" · ", d.V.Amount, d.V.Route)), c.cell(joined(" · ", c.doseStatus(d.V), d.V.By.Name, c.source(d.Origin)))}})
	}
}

// drugOf returns the name on a prescription, "" if it is not known here.
func (c *chartSheets) drugOf(key string) string {
	for _, m := range c.p.Medication {
		if key != "" && (m.V.Key() == key || m.V.Placer == key || m.V.Filler == key) {
			return m.V.Drug.Label()
		}
	}
	return ""
}

func (c *chartSheets) doseStatus(d clinical.Dose) string {
	words := ""
	switch d.Status {
	case clinical.Given:
		words = c.say("gegeben", "given")
	case clinical.Partly:
		words = c.say("teilweise gegeben", "partly given")
	case clinical.Refused:
		words = c.say("abgelehnt", "refused")
	case clinical.NotGiven:
		words = c.say("nicht gegeben", "not given")
	case clinical.Dispensed, clinical.Retracted:
	}
	return joined(": ", words, d.Reason)
}

// newOrders fills the rest of the page, and at least two rows, with boxes for
// what a physician orders by hand.
func (c *chartSheets) newOrders(t table, sign bool) {
	h, note := boxHeight, c.say("Arzt: Datum, Uhrzeit, Unterschrift im Feld Hinweis", "physician: date, time, signature in the field Note")
	var cells []cell
	if sign {
		h, note = newRowHeight, ""
		s := style{c.f.cond, small}
		cells = []cell{nil, nil, nil, nil, nil, nil, {{text: c.say("☐ ◆ zweite Person\nArzt, Datum, Zeit:", "☐ ◆ second person\nPhysician, date, time:"), style: s}}}
	}
	c.section(c.say("Neue Anordnungen", "New orders"), note, 10+2*h)
	c.begin(t)
	for c.y+h <= c.bottom {
		c.add(t, row{cells: cells, least: h, paint: c.boxes([quarters][]string{}, false, 1)})
	}
}

func (c *chartSheets) stoppedDrugs(list []chart.Item[clinical.Prescription]) {
	if len(list) == 0 {
		return
	}
	c.section(c.say("Abgesetzt, beendet", "Stopped, ended"), "", 14)
	t := table{lines: true, cols: []column{
		{head: c.say("Medikament", "Drug"), width: 80}, {head: c.say("Dosis, Weg, Schema", "Dose, route, scheme"), width: 50}, {head: c.say("Stand", "Status"), width: c.width() - 130},
	}}
	c.begin(t)
	for _, i := range list {
		name := c.drugName(i.V)
		for k := range name {
			name[k].strike = true
		}
		dose := c.cell(joined(" · ", i.V.Dose, i.V.Route, i.V.Scheme, i.V.Rate))
		for k := range dose {
			dose[k].strike = true
		}
		what := c.orderStatus(i.V.Status)
		if i.Cancelled {
			what = c.say("zurückgezogen", "withdrawn")
		} else if !i.V.End.IsZero() && i.V.End.Before(c.now) {
			what = c.say("beendet ", "ended ") + c.when(i.V.End)
		}
		c.add(t, row{cells: []cell{name, dose, c.cell(joined(" · ", what, i.V.By.Name))}})
	}
}
