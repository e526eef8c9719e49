package pdf

import (
	"math"
	"strconv"
)

const (
	mmPerPoint = 25.4 / 72
	pointPerMM = 72 / 25.4
)

// A Page collects what is drawn on one sheet. Lengths are in millimetres, the
// origin is the upper left corner; sizes of type are in points. A Page may be
// drawn on until it is given to Writer.Add.
type Page struct {
	W, H float64
	w    *Writer
	b    []byte
	font int // number of the font in force, 0 none
	size float64
	gray float64 // of fills; text is filled too
	pen  float64 // line width in force
	ink  float64 // gray of strokes
}

// Page begins a page of the given size in millimetres.
func (w *Writer) Page(width, height float64) *Page {
	p := &Page{W: width, H: height, w: w}
	if n := len(w.spare); n > 0 {
		p.b, w.spare = w.spare[n-1], w.spare[:n-1]
	} else {
		p.b = make([]byte, 0, 32<<10)
	}
	return p
}

// num writes a number with at most two decimals.
func (p *Page) num(v float64) {
	if !(math.Abs(v) < 1e6) { // also what is no number: a reader would refuse the page
		v = 0
	}
	r := int64(math.Round(v * 100))
	if r < 0 {
		p.b = append(p.b, '-')
		r = -r
	}
	p.b = strconv.AppendInt(p.b, r/100, 10)
	if r%100 != 0 {
		p.b = append(p.b, '.', byte('0'+r/10%10))
		if r%10 != 0 {
			p.b = append(p.b, byte('0'+r%10))
		}
	}
	p.b = append(p.b, ' ')
}

func (p *Page) at(x, y float64) { p.num(x * pointPerMM); p.num((p.H - y) * pointPerMM) }
func (p *Page) op(s string)     { p.b = append(p.b, s...); p.b = append(p.b, '\n') }

func (p *Page) fill(gray float64) {
	if gray != p.gray {
		p.num(gray)
		p.op("g")
		p.gray = gray
	}
}

func (p *Page) stroke(width, gray float64) {
	if gray != p.ink {
		p.num(gray)
		p.op("G")
		p.ink = gray
	}
	if width != p.pen {
		p.num(width * pointPerMM)
		p.op("w")
		p.pen = width
	}
}

// Text writes s with its base line at y, starting at x. Gray 0 is black, 1 is
// white. Runes the font lacks are drawn as its "missing" glyph.
func (p *Page) Text(x, y float64, f *Font, size, gray float64, s string) {
	if s == "" {
		return
	}
	p.fill(gray)
	p.op("BT")
	p.setFont(f, size)
	p.at(x, y)
	p.b = append(p.b, "Td "...)
	p.show(f, s)
	p.op("ET")
}

// Turned writes s with its base line turned by degrees anti-clockwise about
// (x, y), as an outline of the given pen width and gray.
func (p *Page) Turned(x, y, degrees float64, f *Font, size, pen, gray float64, s string) {
	p.stroke(pen, gray)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	p.op("BT")
	p.setFont(f, size)
	p.op("1 Tr")
	for _, v := range []float64{cos, sin, -sin, cos} {
		p.b = strconv.AppendFloat(p.b, math.Round(v*1e5)/1e5, 'f', -1, 64)
		p.b = append(p.b, ' ')
	}
	p.at(x, y)
	p.b = append(p.b, "Tm "...)
	p.show(f, s)
	p.op("0 Tr ET")
}

func (p *Page) setFont(f *Font, size float64) {
	n := p.w.use(f)
	if n == p.font && size == p.size {
		return
	}
	p.b = append(p.b, "/F"...)
	p.b = strconv.AppendInt(p.b, int64(n), 10)
	p.b = append(p.b, ' ')
	p.num(size)
	p.op("Tf")
	p.font, p.size = n, size
}

const hexDigits = "0123456789ABCDEF"

func (p *Page) show(f *Font, s string) {
	used := p.w.fonts[p.w.use(f)-1].used
	p.b = append(p.b, '<')
	for _, r := range s {
		g := f.glyph(r)
		if g == 0 {
			r = 0xfffd
		}
		if _, seen := used[g]; !seen {
			used[g] = r
		}
		p.b = append(p.b, hexDigits[g>>12], hexDigits[g>>8&15], hexDigits[g>>4&15], hexDigits[g&15])
	}
	p.op("> Tj")
}

// Line draws a straight line of the given width.
func (p *Page) Line(x1, y1, x2, y2, width, gray float64) {
	p.stroke(width, gray)
	p.at(x1, y1)
	p.b = append(p.b, "m "...)
	p.at(x2, y2)
	p.op("l S")
}

// Dashed draws a line of dashes, on and off lengths in millimetres.
func (p *Page) Dashed(points [][2]float64, width, gray, on, off float64) {
	p.b = append(p.b, '[')
	p.num(on * pointPerMM)
	p.num(off * pointPerMM)
	p.op("] 0 d")
	p.Polyline(points, width, gray)
	p.op("[] 0 d")
}

// Polyline joins the points in order.
func (p *Page) Polyline(points [][2]float64, width, gray float64) {
	if len(points) < 2 {
		return
	}
	p.stroke(width, gray)
	for i, q := range points {
		p.at(q[0], q[1])
		if i == 0 {
			p.b = append(p.b, "m "...)
		} else {
			p.b = append(p.b, "l "...)
		}
	}
	p.op("S")
}

// Box draws the outline of a rectangle.
func (p *Page) Box(x, y, w, h, width, gray float64) {
	p.stroke(width, gray)
	p.rect(x, y, w, h)
	p.op("S")
}

// Bar fills a rectangle.
func (p *Page) Bar(x, y, w, h, gray float64) {
	p.fill(gray)
	p.rect(x, y, w, h)
	p.op("f")
}

func (p *Page) rect(x, y, w, h float64) {
	p.at(x, y+h)
	p.num(w * pointPerMM)
	p.num(h * pointPerMM)
	p.b = append(p.b, "re "...)
}

// Dot draws a circle of radius r about (x, y): filled, or white with a rim.
func (p *Page) Dot(x, y, r float64, filled bool) {
	k := r * 0.5523
	if filled {
		p.fill(0)
	} else {
		p.fill(1)
		p.stroke(0.25, 0)
	}
	p.at(x+r, y)
	p.b = append(p.b, "m "...)
	for _, c := range [4][6]float64{
		{r, -k, k, -r, 0, -r}, {-k, -r, -r, -k, -r, 0}, {-r, k, -k, r, 0, r}, {k, r, r, k, r, 0},
	} {
		p.at(x+c[0], y+c[1])
		p.at(x+c[2], y+c[3])
		p.at(x+c[4], y+c[5])
		p.b = append(p.b, "c "...)
	}
	if filled {
		p.op("f")
		return
	}
	p.op("b")
}

// Modules fills the dark squares of a bar code: dark(i, j) says whether column
// i of row j is dark. Neighbours in a row are drawn as one bar, so that no seam
// shows between them.
func (p *Page) Modules(x, y, w, h float64, cols, rows int, dark func(i, j int) bool) {
	p.fill(0)
	dx, dy := w/float64(cols), h/float64(rows)
	for j := range rows {
		for i := 0; i < cols; i++ {
			if !dark(i, j) {
				continue
			}
			from := i
			for i+1 < cols && dark(i+1, j) {
				i++
			}
			p.rect(x+float64(from)*dx, y+float64(j)*dy, float64(i+1-from)*dx, dy)
		}
	}
	p.op("f")
}

// Place draws a form made by Writer.Form with its origin at (x, y).
func (p *Page) Place(f *Form, x, y float64) {
	p.b = append(p.b, "q 1 0 0 1 "...)
	p.at(x, y)
	p.b = append(p.b, "cm /X"...)
	p.b = strconv.AppendInt(p.b, int64(f.obj), 10)
	p.op(" Do Q")
}
