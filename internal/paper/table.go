package paper

// A column of a table; widths in millimetres.
type column struct {
	head  string
	width float64
	right bool // text right-aligned
}

// words is a run of text of one style inside a cell.
type words struct {
	text   string
	style  style
	strike bool
}

type cell []words

// row is one row of a table. Paint, if set, draws behind the text of a row
// given its upper edge and height (not of a part of a row that was split).
type row struct {
	cells []cell
	least float64 // height at least
	paint func(x, y, h float64)
}

// table draws rows under a head that is repeated on each page.
type table struct {
	cols  []column
	grid  bool // rules between columns
	lines bool // rule below each row
}

const (
	pad      = 1.0 // between text and the edge of its cell
	mostHead = 4   // lines of a table head
	cellGap  = 0.9 // above and below the lines of a cell together
)

type cellLine struct {
	text   string
	style  style
	strike bool
}

func (f *flow) breakCell(c cell, width float64) []cellLine {
	var out []cellLine
	for _, w := range c {
		if w.text == "" {
			continue
		}
		for _, l := range w.style.wrap(f.clean(w.text), width-2*pad) {
			out = append(out, cellLine{l, w.style, w.strike})
		}
	}
	return out
}

func height(lines []cellLine) float64 {
	h := 0.0
	for _, l := range lines {
		h += l.style.leading()
	}
	return h
}

// begin draws the head; it becomes part of what a new page repeats.
func (f *flow) begin(t table) {
	heading := f.again
	f.tableHead(t)
	f.again = func() {
		if heading != nil {
			heading()
		}
		f.tableHead(t)
	}
}

func (f *flow) tableHead(t table) {
	s := style{f.f.condBold, small}
	r := row{}
	titled := false
	for _, c := range t.cols {
		r.cells = append(r.cells, cell{{text: c.head, style: s}})
		titled = titled || c.head != ""
	}
	if !titled {
		return
	}
	parts, h := f.measure(t, r)
	for i, lines := range parts {
		if len(lines) > mostHead { // repeated on each page: a head must leave room for rows
			parts[i] = append(lines[:mostHead-1:mostHead-1], cellLine{text: "…", style: s})
			h = float64(mostHead)*s.leading() + cellGap
		}
	}
	f.drawRow(t, r, parts, h, false)
	f.p.Line(f.left, f.y, f.right, f.y, 0.35, 0)
}

func (f *flow) measure(t table, r row) ([][]cellLine, float64) {
	parts := make([][]cellLine, len(t.cols))
	h := r.least
	for i := range t.cols {
		if i < len(r.cells) {
			parts[i] = f.breakCell(r.cells[i], t.cols[i].width)
			h = max(h, height(parts[i])+cellGap)
		}
	}
	return parts, h
}

// add draws one row: on this page if it fits, else on the next; a row higher
// than a page goes on over several.
func (f *flow) add(t table, r row) {
	parts, h := f.measure(t, r)
	if f.y+h > f.bottom {
		f.turn()
	}
	for f.y+h > f.bottom {
		now := make([][]cellLine, len(parts))
		moved := false
		for i := range parts {
			used := cellGap
			for len(parts[i]) > 0 && f.y+used+parts[i][0].style.leading() <= f.bottom {
				used += parts[i][0].style.leading()
				now[i] = append(now[i], parts[i][0])
				parts[i] = parts[i][1:]
				moved = true
			}
		}
		if !moved { // no room for a line even on a fresh page: draw it anyway
			break
		}
		f.drawRow(t, row{}, now, f.bottom-f.y, t.lines)
		f.turn()
		h = r.least
		for _, p := range parts {
			h = max(h, height(p)+cellGap)
		}
	}
	f.drawRow(t, r, parts, h, t.lines)
}

func (f *flow) drawRow(t table, r row, parts [][]cellLine, h float64, rule bool) {
	if r.paint != nil {
		r.paint(f.left, f.y, h)
	}
	x := f.left
	for i, c := range t.cols {
		y := f.y + 0.35
		for _, l := range parts[i] {
			at := x + pad
			w := l.style.width(l.text)
			if c.right {
				at = x + c.width - pad - w
			}
			f.text(at, y, l.style, l.text)
			if l.strike {
				mid := y + l.style.leading()*0.52
				f.p.Line(at, mid, at+w, mid, 0.3, 0)
			}
			y += l.style.leading()
		}
		if t.grid && i > 0 {
			f.p.Line(x, f.y, x, f.y+h, 0.2, 0.3)
		}
		x += c.width
	}
	f.y += h
	if rule {
		f.p.Line(f.left, f.y, f.right, f.y, 0.15, 0.45)
	}
}
