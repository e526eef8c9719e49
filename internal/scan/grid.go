package scan

import (
	"cmp"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix/decoder"

	"notbetrieb/internal/sheet"
)

// sizes are the squares of a DataMatrix (ISO/IEC 16022, table 7) that a sheet
// code needs: from 18 codewords to 174.
var sizes = []int{18, 20, 22, 24, 26, 32, 36, 40, 44, 48}

// grid is a guess where a code lies in a patch: its corners from the upper left
// clockwise, as the code itself stands, and its modules on a side.
type grid struct {
	c     [4]point
	n     int
	score float32 // 1 where border and paper around are as they must be, 0 for noise

	dark, pale float32 // mean greys of the border's modules
}

// readAt reads the code around a place given in pixels of the page. Where the
// busiest place of a code lies at its border, the code runs over the edge of the
// patch; then the patch follows it.
func (l *level) readAt(x, y float64) (reading, bool) {
	for range 3 {
		p := l.patchAt(x, y)
		if p == nil || p.pale-p.dark < 8 {
			return reading{}, false
		}
		if r, ok := p.read(); ok {
			return r, true
		}
		middle, over := p.cut()
		if !over {
			return reading{}, false
		}
		at := p.page(middle)
		x, y = at.x/l.scale, at.y/l.scale
	}
	return reading{}, false
}

// read reads the code in the middle of the patch.
func (p *patch) read() (reading, bool) {
	for _, g := range p.guesses() {
		code, ok := p.decode(g)
		if !ok {
			continue
		}
		r := reading{code: code}
		for i, c := range g.c {
			at := p.page(point{c.x - 0.5, c.y - 0.5})
			r.corners[i] = point{(at.x + 0.5) / p.of.scale, (at.y + 0.5) / p.of.scale}
		}
		return r, true
	}
	return reading{}, false
}

const (
	hopeful = 0.30 // least score before a guess is moved into place
	likely  = 0.45 // and after
)

// guesses returns what may be a code in the patch, the likeliest first.
func (p *patch) guesses() []grid {
	var rough []grid
	for _, b := range p.boxes() {
		at := [4]point{{float64(b.x0), float64(b.y0)}, {float64(b.x1), float64(b.y0)}, {float64(b.x1), float64(b.y1)}, {float64(b.x0), float64(b.y1)}}
		for turn := range 4 {
			for _, n := range sizes {
				if b.x1-b.x0 < 2*n {
					break // under two pixels a module
				}
				g := grid{n: n}
				for i := range 4 {
					g.c[i] = at[(i+turn)%4]
				}
				if p.rate(&g); g.score >= hopeful {
					rough = append(rough, g)
				}
			}
		}
	}
	best := func(a, b grid) int { return cmp.Compare(b.score, a.score) }
	slices.SortStableFunc(rough, best)
	var out []grid
	for _, g := range rough[:min(len(rough), 6)] {
		if g = p.settle(g); g.score >= likely {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, best)
	return out
}

// settle moves the corners of g to where border and paper fit best.
func (p *patch) settle(g grid) grid {
	for _, step := range []float64{2, 1, 0.5} {
		for range 6 {
			was := g.score
			for i := range 4 {
				for _, d := range []point{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
					next := g
					next.c[i].x += d.x
					next.c[i].y += d.y
					if p.rate(&next); next.score > g.score {
						g = next
					}
				}
			}
			if g.score <= was {
				break
			}
		}
	}
	return g
}

// rate sets the score of g: how much darker the solid left and lower border is
// than the paper around, and the dark modules of the dotted upper and right
// border than the pale ones, in parts of the contrast of the patch.
func (p *patch) rate(g *grid) {
	t := g.plane()
	var solid, quiet, dark, pale float32
	n := g.n
	for i := range n {
		m := float64(i) + 0.5
		far := float64(n) - 0.5
		solid += p.at(t.of(0.5, m)) + p.at(t.of(m, far))
		quiet += p.at(t.of(-0.8, m)) + p.at(t.of(m, float64(n)+0.8)) + p.at(t.of(m, -0.8)) + p.at(t.of(float64(n)+0.8, m))
		// The upper border starts dark at the left, the right one ends dark below.
		top, right := p.at(t.of(m, 0.5)), p.at(t.of(far, m))
		if i%2 == 0 {
			dark, pale = dark+top, pale+right
		} else {
			dark, pale = dark+right, pale+top
		}
	}
	k := float32(n)
	solid, quiet, dark, pale = solid/(2*k), quiet/(4*k), dark/k, pale/k
	g.dark, g.pale = (solid+dark)/2, (quiet+pale)/2
	g.score = (quiet - solid + 2*(pale-dark)) / (3 * (p.pale - p.dark))
}

// at is the grey at a place of the patch.
func (p *patch) at(c point) float32 {
	x, y := c.x-0.5, c.y-0.5 // the middle of pixel 0 is at 0.5
	i, j := int(x), int(y)
	if x < 0 || y < 0 || i+1 >= patchSide || j+1 >= patchSide {
		return p.pale
	}
	fx, fy := float32(x-float64(i)), float32(y-float64(j))
	a := p.pix[j*patchSide+i : j*patchSide+i+2]
	b := p.pix[(j+1)*patchSide+i : (j+1)*patchSide+i+2]
	top := a[0] + fx*(a[1]-a[0])
	low := b[0] + fx*(b[1]-b[0])
	return top + fy*(low-top)
}

// plane maps the modules of a grid, counted from its upper left corner, to the
// patch: the perspective of a flat sheet.
type plane struct{ a, b, c, d, e, f, g, h, n float64 }

func (g *grid) plane() plane {
	p0, p1, p2, p3 := g.c[0], g.c[1], g.c[2], g.c[3]
	dx1, dx2, sx := p1.x-p2.x, p3.x-p2.x, p0.x-p1.x+p2.x-p3.x
	dy1, dy2, sy := p1.y-p2.y, p3.y-p2.y, p0.y-p1.y+p2.y-p3.y
	det := dx1*dy2 - dx2*dy1
	if det == 0 {
		return plane{n: float64(g.n)}
	}
	gg, hh := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	return plane{
		p1.x - p0.x + gg*p1.x, p3.x - p0.x + hh*p3.x, p0.x,
		p1.y - p0.y + gg*p1.y, p3.y - p0.y + hh*p3.y, p0.y,
		gg, hh, float64(g.n),
	}
}

func (t *plane) of(x, y float64) point {
	x, y = x/t.n, y/t.n
	w := t.g*x + t.h*y + 1
	return point{(t.a*x + t.b*y + t.c) / w, (t.d*x + t.e*y + t.f) / w}
}

// decode reads the modules of g with several ideas of what is dark. Each try is
// decoded whole, and only a text whose own check is right is a code.
func (p *patch) decode(g grid) (sheet.Code, bool) {
	t := g.plane()
	grey := make([]float32, g.n*g.n)
	for y := range g.n {
		for x := range g.n {
			grey[y*g.n+x] = p.module(&t, float64(x)+0.5, float64(y)+0.5)
		}
	}
	span := g.pale - g.dark
	for _, sharp := range []float32{0, 0.25, 0.5} {
		clear := sharpened(grey, g.n, g.pale, sharp)
		for _, part := range []float32{0.5, 0.4, 0.6, 0.3, 0.7} {
			if c, ok := decoded(clear, g.n, g.dark+part*span); ok {
				return c, true
			}
		}
	}
	return sheet.Code{}, false
}

// module is the mean grey of the middle of a module.
func (p *patch) module(t *plane, x, y float64) float32 {
	sum := 2 * p.at(t.of(x, y))
	for _, d := range [4]point{{0.2, 0.2}, {-0.2, 0.2}, {0.2, -0.2}, {-0.2, -0.2}} {
		sum += p.at(t.of(x+d.x, y+d.y))
	}
	return sum / 6
}

// sharpened takes from each module what its four neighbours have blurred into
// it; around the code there is paper.
func sharpened(grey []float32, n int, paper, by float32) []float32 {
	if by == 0 {
		return grey
	}
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= n || y >= n {
			return paper
		}
		return grey[y*n+x]
	}
	out := make([]float32, len(grey))
	for y := range n {
		for x := range n {
			mean := (at(x-1, y) + at(x+1, y) + at(x, y-1) + at(x, y+1)) / 4
			out[y*n+x] = at(x, y) + by*(at(x, y)-mean)
		}
	}
	return out
}

func decoded(grey []float32, n int, limit float32) (sheet.Code, bool) {
	bits, err := gozxing.NewSquareBitMatrix(n)
	if err != nil {
		return sheet.Code{}, false
	}
	for i, v := range grey {
		if v < limit {
			bits.Set(i%n, i/n)
		}
	}
	text, err := decoder.NewDecoder().Decode(bits)
	if err != nil {
		return sheet.Code{}, false
	}
	c, err := sheet.Parse(text.GetText())
	return c, err == nil
}
