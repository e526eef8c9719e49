package paper

// entry is a labelled box to write in.
type entry struct {
	label string
	share float64  // of the width of its row, 0 is 1
	value string   // printed where it is known
	ticks []string // boxes to tick
	most  int      // lines of value at most, 0 is mostValue; more are counted
}

const (
	entryHeight = 11.5 // of a box: label above, more than 7 mm to write
	tickSide    = 3.8
	tickStep    = 6.2 // between rows of boxes to tick
	lineStep    = 8.5 // between lines to write on
	mostValue   = 4   // lines of what is printed in a box
	mostText    = 10  // the same above lines to write on

	pen    = 0.25 // of boxes to write in
	rowPen = 0.2  // of rows to write in
)

// strip is a horizontal part of a page in millimetres.
type strip struct{ x, w float64 }

// all is the strip of the whole width.
func (f *flow) all() strip { return strip{f.left, f.width()} }

// entries draws a row of boxes over the whole width and moves below it.
func (f *flow) entries(h float64, list ...entry) { f.within(f.all(), h, list...) }

// within draws a row of boxes, at least h high, and moves below it. The row
// grows with what is printed in it.
func (f *flow) within(at strip, h float64, list ...entry) {
	sum := 0.0
	for i := range list {
		if list[i].share == 0 {
			list[i].share = 1
		}
		sum += list[i].share
	}
	for _, e := range list {
		h = max(h, f.entryHeight(e, at.w*e.share/sum))
	}
	f.need(h)
	x := at.x
	for _, e := range list {
		w := at.w * e.share / sum
		f.p.Box(x, f.y, w, h, pen, 0)
		f.drawEntry(e, x, f.y, w)
		x += w
	}
	f.y += h
}

func (f *flow) entryStyles() (label, value style) {
	return style{f.f.cond, small}, style{f.f.condBold, 10.5}
}

// valueLines breaks what is printed in a box into lines.
func (f *flow) valueLines(e entry, w float64) []string {
	if e.value == "" {
		return nil
	}
	_, v := f.entryStyles()
	most := e.most
	if most == 0 {
		most = mostValue
	}
	return f.few(most, v, e.value, w-2*pad)
}

// few breaks text into lines and leaves out those over most, counted in words
// that are broken into lines as well.
func (f *flow) few(most int, s style, text string, w float64) []string {
	lines := f.atMost(most, s.wrap(f.clean(text), w))
	n := len(lines) - 1
	return append(lines[:n:n], s.wrap(lines[n], w)...)
}

func (f *flow) entryHeight(e entry, w float64) float64 {
	l, v := f.entryStyles()
	h := 0.6 + float64(len(l.wrap(f.clean(e.label), w-2*pad)))*l.leading()
	if n := len(f.valueLines(e, w)); n > 0 {
		h += float64(n)*v.leading() + 0.6
	}
	if len(e.ticks) > 0 {
		h += float64(len(f.tickRows(e.ticks, w-2*pad)))*tickStep + 0.4
	}
	return h
}

func (f *flow) drawEntry(e entry, x, y, w float64) {
	l, v := f.entryStyles()
	y += 0.4
	for _, line := range l.wrap(f.clean(e.label), w-2*pad) {
		f.text(x+pad, y, l, line)
		y += l.leading()
	}
	for _, line := range f.valueLines(e, w) {
		f.text(x+pad, y+0.4, v, line)
		y += v.leading()
	}
	for _, r := range f.tickRows(e.ticks, w-2*pad) {
		at := x + pad
		for _, t := range r {
			at += f.tick(at, y+0.9, t)
		}
		y += tickStep
	}
}

// tickWidth is the room of a box with its word.
func (f *flow) tickWidth(words string) float64 {
	return tickSide + 1.2 + style{f.f.cond, body}.width(f.clean(words)) + 3
}

// tickRows breaks boxes to tick into rows.
func (f *flow) tickRows(ticks []string, w float64) [][]string {
	var out [][]string
	used := 0.0
	for _, t := range ticks {
		n := f.tickWidth(t)
		if len(out) == 0 || used+n-3 > w {
			out, used = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], t)
		used += n
	}
	return out
}

// tick draws one box with its word and returns the room it takes.
func (f *flow) tick(x, y float64, words string) float64 {
	s := style{f.f.cond, body}
	f.p.Box(x, y, tickSide, tickSide, 0.35, 0)
	f.text(x+tickSide+1.2, y-0.25, s, f.clean(words))
	return f.tickWidth(words)
}

// ticked is a heading with boxes below it.
type ticked struct {
	head  string
	ticks []string
}

// tickColumns draws headed columns of boxes to tick in one frame.
func (f *flow) tickColumns(list ...ticked) {
	b, s := style{f.f.condBold, body}, style{f.f.cond, body}
	w := f.width() / float64(len(list))
	most := 0.0
	for _, t := range list {
		h := b.leading() + 1.4
		for _, word := range t.ticks {
			h += float64(len(s.wrap(f.clean(word), w-2*pad-tickSide-1.2))-1)*s.leading() + tickStep
		}
		most = max(most, h)
	}
	f.need(most)
	f.p.Box(f.left, f.y, f.width(), most, pen, 0)
	for i, t := range list {
		x, y := f.left+float64(i)*w, f.y+0.5
		if i > 0 {
			f.p.Line(x, f.y, x, f.y+most, pen, 0)
		}
		f.text(x+pad, y, b, f.clean(t.head))
		y += b.leading() + 0.6
		for _, word := range t.ticks {
			f.p.Box(x+pad, y, tickSide, tickSide, 0.35, 0)
			for k, line := range s.wrap(f.clean(word), w-2*pad-tickSide-1.2) {
				if k > 0 {
					y += s.leading()
				}
				f.text(x+pad+tickSide+1.2, y-0.25, s, line)
			}
			y += tickStep
		}
	}
	f.y += most
}

// lined draws a box with n lines to write on below its label; what is known is
// printed first.
func (f *flow) lined(label, value string, n int) {
	e := entry{label: label, value: value, most: mostText}
	h := max(entryHeight, f.entryHeight(e, f.width())+float64(n)*lineStep)
	f.need(h)
	f.p.Box(f.left, f.y, f.width(), h, pen, 0)
	f.drawEntry(e, f.left, f.y, f.width())
	for i := 1; i < n; i++ {
		y := f.y + h - float64(i)*lineStep
		f.p.Line(f.left+pad, y, f.right-pad, y, 0.15, 0)
	}
	f.y += h
}

// linedTo is lined with as many lines as the page has room for when leave
// millimetres are kept below, at least least lines; with none it is left out.
func (f *flow) linedTo(label, value string, leave float64, least int) {
	head := f.entryHeight(entry{label: label, value: value, most: mostText}, f.width())
	if n := max(least, int((f.bottom-leave-f.y-head)/lineStep)); n > 0 {
		f.lined(label, value, n)
	}
}

// ruled draws a table to write in: a head and a row for each of the given ones,
// nil where nothing is printed. A row grows with what is printed in it. The head
// is repeated where the rows go on over a page.
func (f *flow) ruled(cols []column, rowH float64, rows [][]cell) {
	head := f.ruledHead(cols)
	f.need(head + rowH)
	f.drawHead(cols, head)
	for _, r := range rows {
		parts, h := f.ruledRow(cols, rowH, r)
		if f.y+h > f.bottom {
			f.turn()
			f.drawHead(cols, head)
		}
		x := f.left
		for i, c := range cols {
			f.p.Box(x, f.y, c.width, h, rowPen, 0)
			y := f.y + (h-height(parts[i]))/2
			for _, l := range parts[i] {
				f.text(x+pad, y, l.style, l.text)
				y += l.style.leading()
			}
			x += c.width
		}
		f.y += h
	}
}

// ruledRow breaks what is printed in a row into lines and returns its height.
func (f *flow) ruledRow(cols []column, rowH float64, r []cell) ([][]cellLine, float64) {
	parts, h := make([][]cellLine, len(cols)), rowH
	for i, c := range r {
		if len(c) == 0 || c[0].text == "" {
			continue
		}
		for _, l := range f.few(mostValue, c[0].style, c[0].text, cols[i].width-2*pad) {
			parts[i] = append(parts[i], cellLine{text: l, style: c[0].style})
		}
		h = max(h, height(parts[i])+cellGap)
	}
	return parts, h
}

// ruledTo is ruled with as many rows as the page has room for when leave
// millimetres are kept below, at least least rows.
func (f *flow) ruledTo(cols []column, rowH, leave float64, least int) {
	f.ruled(cols, rowH, make([][]cell, max(least, int((f.bottom-leave-f.y-f.ruledHead(cols))/rowH))))
}

func (f *flow) ruledHead(cols []column) float64 {
	s := style{f.f.condBold, small}
	h := 0.0
	for _, c := range cols {
		h = max(h, float64(len(s.wrap(f.clean(c.head), c.width-2*pad)))*s.leading()+1)
	}
	return h
}

func (f *flow) drawHead(cols []column, h float64) {
	s := style{f.f.condBold, small}
	x := f.left
	for _, c := range cols {
		f.p.Box(x, f.y, c.width, h, 0.35, 0)
		for k, l := range s.wrap(f.clean(c.head), c.width-2*pad) {
			f.text(x+pad, f.y+0.4+float64(k)*s.leading(), s, l)
		}
		x += c.width
	}
	f.y += h
}

// part is a section whose boxes begin at the line of its heading.
func (f *flow) part(heading, note string, least float64) {
	f.section(heading, note, least)
	f.y -= 0.8
}

// rest sets the last column to what is left of the width.
func (f *flow) rest(cols []column) []column {
	sum := 0.0
	for _, c := range cols[:len(cols)-1] {
		sum += c.width
	}
	cols[len(cols)-1].width = f.width() - sum
	return cols
}

// signed is the row that ends a form: who, when.
func (c *formSheets) signed(who string) {
	c.entries(entryHeight, entry{label: who, share: 5}, entry{label: c.say("Datum, Uhrzeit", "Date, time"), share: 3}, entry{label: c.say("Telefon, Funk", "Phone, pager"), share: 3}, entry{label: c.say("Unterschrift", "Signature"), share: 4})
}
