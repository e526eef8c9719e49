package web

import (
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
)

// rows draws the fields below the curve and returns the y below them.
func (g *curveFigure) rows(by map[string][]reading, s span7, y float64) float64 {
	for _, id := range []string{"news2", "resp", "spo2", "o2", "awake", "pain", "gcs"} {
		if c := fieldCells(by[id], s); len(c) > 0 {
			for i := range c {
				if id == "awake" {
					c[i].Text = awakeLetter(c[i].Text)
				}
			}
			g.row(&y, signLabel(id), unitOf(id), c)
		}
	}
	in, out, net := map[int]float64{}, map[int]float64{}, map[int]float64{}
	for d := range 7 {
		from := s.from.AddDate(0, 0, d)
		if sums, ok := balanceOf(by, from, from.AddDate(0, 0, 1)); ok {
			if sums.In > 0 {
				in[d] = sums.In
			}
			if sums.Out > 0 {
				out[d] = sums.Out
			}
			if sums.In > 0 && sums.Out > 0 {
				net[d] = sums.In - sums.Out
			}
		}
	}
	for _, x := range []struct {
		label lang.Text
		sums  map[int]float64
	}{
		{lang.Text{DE: "Einfuhr", EN: "Fluid in"}, in}, {lang.Text{DE: "Ausfuhr", EN: "Fluid out"}, out}, {signLabel("urine"), daySums(by["urine"], s)},
	} {
		if c := dayCells(x.sums, false); len(c) > 0 {
			g.row(&y, x.label, "ml", c)
		}
	}
	if c := dayCells(net, true); len(c) > 0 {
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

// awakeLetter is the level of consciousness as the paper curve has room for it:
// a letter of ACVPU, or the begin of what else was written.
func awakeLetter(text string) string {
	if field, ok := entry.FormOf("vitals").Field("acvpu"); ok {
		for _, o := range field.Options {
			if o.Label.DE == text {
				return o.Value
			}
		}
	}
	if r := []rune(text); len(r) > 6 {
		return string(r[:5]) + "…"
	}
	return text
}

// fieldCells writes the newest value of each field of eight hours.
func fieldCells(list []reading, s span7) []curveCell {
	var out []curveCell
	width := (curveW - curveLeft - curveRight) / 21
	written := map[int]int{}
	for _, r := range list {
		if !s.holds(r.stamp.At) {
			continue
		}
		field := int((s.x(r.stamp.At) - curveLeft) / width)
		c := curveCell{X: coordOf(curveLeft + (float64(field)+.5)*width), Text: r.text, Bold: r.mark.Abnormal, Red: r.mark.Critical}
		if i, ok := written[field]; ok {
			out[i] = c
			continue
		}
		written[field] = len(out)
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

func dayCells(sums map[int]float64, net bool) []curveCell {
	width := (curveW - curveLeft - curveRight) / 7
	var out []curveCell
	for d := range 7 {
		v, ok := sums[d]
		if !ok {
			continue
		}
		text := group(uint64(v + .5))
		if net {
			text = signed(v)
		}
		out = append(out, curveCell{X: coordOf(curveLeft + (float64(d)+.5)*width), Text: text, Bold: net})
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
		marks[d.V.Prescription] = append(marks[d.V.Prescription], curveMark{X: coordOf(s.x(d.V.At)), Kind: kind, Title: f.stamp(d.V.At).clock(f.Lang) + " " + d.V.Drug.Label() + " " + d.V.Amount + " " + doseWord(d.V.Status).In(f.Lang)})
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
		from, to := curveLeft, curveW-curveRight
		if s.holds(r.Start) {
			from = s.x(r.Start)
		}
		end := f.Now
		if !r.End.IsZero() && r.End.Before(end) {
			end = r.End
		}
		if s.holds(end) {
			to = max(s.x(end), from)
		}
		m.X1, m.X2 = coordOf(from), coordOf(to)
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
			if r.here {
				l.seq, l.back = r.seq, r.back
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
