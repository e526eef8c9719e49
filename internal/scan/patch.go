package scan

import (
	"math"
	"slices"
)

const (
	patchSide = 240 // pixels
	patchMM   = 30  // of an A4 page: the largest code twice
	perMM     = patchSide / patchMM
)

// patch is the surroundings of one spot, turned so that the edges in it run
// across and down.
type patch struct {
	pix        []float32 // patchSide squared
	of         *level
	cx, cy     float64 // centre in pixels of the level
	cos, sin   float64
	step       float64 // pixels of the level per pixel of the patch
	dark, pale float32 // typical greys of ink and paper
}

// patchAt cuts out the surroundings of a place given in pixels of the page.
func (l *level) patchAt(x, y float64) *patch {
	p := &patch{of: l, cx: x * l.scale, cy: y * l.scale, cos: 1, step: l.mm / perMM, pix: make([]float32, patchSide*patchSide)}
	p.draw()
	angle, ok := p.grain()
	if !ok {
		return nil
	}
	p.cos, p.sin = math.Cos(angle), math.Sin(angle)
	p.draw()
	p.greys()
	return p
}

// draw takes the pixels from the page.
func (p *patch) draw() {
	for j := range patchSide {
		for i := range patchSide {
			at := p.page(point{float64(i), float64(j)})
			p.pix[j*patchSide+i] = p.of.grey(at.x, at.y)
		}
	}
}

// page returns where a point of the patch lies on the level.
func (p *patch) page(at point) point {
	u, v := (at.x-patchSide/2)*p.step, (at.y-patchSide/2)*p.step
	return point{p.cx + u*p.cos - v*p.sin, p.cy + u*p.sin + v*p.cos}
}

// grey is the grey at a place between pixels; outside the page there is paper.
func (l *level) grey(x, y float64) float32 {
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-x0), float32(y-y0)
	i, j := int(x0), int(y0)
	if i < 0 || j < 0 || i+1 >= l.w || j+1 >= l.h {
		return 255
	}
	a := l.pix[j*l.w+i : j*l.w+i+2]
	b := l.pix[(j+1)*l.w+i : (j+1)*l.w+i+2]
	top := float32(a[0]) + fx*(float32(a[1])-float32(a[0]))
	low := float32(b[0]) + fx*(float32(b[1])-float32(b[0]))
	return top + fy*(low-top)
}

// grain returns the angle, within an eighth of a turn, by which the edges in the
// middle of the patch are turned clockwise: the mean direction of the gradients
// when four of them a quarter turn apart count as one.
func (p *patch) grain() (float64, bool) {
	const from, to = patchSide * 3 / 10, patchSide * 7 / 10
	var re, im, sum float64
	for j := from; j < to; j++ {
		for i := from; i < to; i++ {
			gx := float64(p.pix[j*patchSide+i+1] - p.pix[j*patchSide+i-1])
			gy := float64(p.pix[(j+1)*patchSide+i] - p.pix[(j-1)*patchSide+i])
			m := gx*gx + gy*gy
			if m == 0 {
				continue
			}
			a, b := (gx*gx-gy*gy)/m, 2*gx*gy/m // the doubled angle
			re += m * (a*a - b*b)
			im += m * 2 * a * b
			sum += m
		}
	}
	return math.Atan2(im, re) / 4, sum > 0
}

// greys finds the greys of ink and paper in the middle of the patch.
func (p *patch) greys() {
	const from, to = patchSide * 3 / 10, patchSide * 7 / 10
	var all []float32
	for j := from; j < to; j += 2 {
		for i := from; i < to; i += 2 {
			all = append(all, p.pix[j*patchSide+i])
		}
	}
	slices.Sort(all)
	p.dark, p.pale = all[len(all)/10], all[len(all)*9/10]
}

// box is a rectangle in a patch, its edges in pixels.
type box struct{ x0, y0, x1, y1 int }

// boxes returns the rectangles around the middle of the patch that are bounded
// by paper on all sides, seen with several ideas of what is ink and how much
// paper it takes.
func (p *patch) boxes() []box {
	var out []box
	for _, part := range []float32{0.5, 0.35, 0.65} {
		s := p.inked(p.dark + part*(p.pale-p.dark))
		for _, gap := range []int{4, 7, 3} {
			b, ok := s.around(gap)
			if ok && !slices.ContainsFunc(out, b.same) {
				out = append(out, b)
			}
		}
	}
	return out
}

// cut reports whether what lies in the middle of the patch runs over its edge,
// and returns the middle of what is seen of it.
func (p *patch) cut() (point, bool) {
	b, _ := p.inked(p.dark + (p.pale-p.dark)/2).around(4)
	over := b.x0 < 4 || b.y0 < 4 || b.x1+4 > patchSide || b.y1+4 > patchSide
	return point{float64(b.x0+b.x1) / 2, float64(b.y0+b.y1) / 2}, over
}

func (b box) same(o box) bool {
	return max(b.x0-o.x0, o.x0-b.x0, b.y0-o.y0, o.y0-b.y0, b.x1-o.x1, o.x1-b.x1, b.y1-o.y1, o.y1-b.y1) <= 1
}

// ink counts the dark pixels of each rectangle that begins at the upper left.
type ink []int32

func (p *patch) inked(limit float32) ink {
	s := make(ink, (patchSide+1)*(patchSide+1))
	for j := range patchSide {
		row := int32(0)
		for i := range patchSide {
			if p.pix[j*patchSide+i] < limit {
				row++
			}
			s[(j+1)*(patchSide+1)+i+1] = s[j*(patchSide+1)+i+1] + row
		}
	}
	return s
}

// paper reports whether less than a seventh of a strip is ink.
func (s ink) paper(x0, y0, x1, y1 int) bool {
	n := s[y1*(patchSide+1)+x1] - s[y0*(patchSide+1)+x1] - s[y1*(patchSide+1)+x0] + s[y0*(patchSide+1)+x0]
	return int(n)*7 < (x1-x0)*(y1-y0)
}

// around grows a box from the middle until a strip of paper of the given width
// lies at each side.
func (s ink) around(gap int) (box, bool) {
	const half, least, most = 16, 5 * perMM, 25 * perMM
	b := box{patchSide/2 - half, patchSide/2 - half, patchSide/2 + half, patchSide/2 + half}
	for grown := true; grown; {
		grown = false
		for b.x0 >= gap && !s.paper(b.x0-gap, b.y0, b.x0, b.y1) {
			b.x0, grown = b.x0-1, true
		}
		for b.x1+gap <= patchSide && !s.paper(b.x1, b.y0, b.x1+gap, b.y1) {
			b.x1, grown = b.x1+1, true
		}
		for b.y0 >= gap && !s.paper(b.x0, b.y0-gap, b.x1, b.y0) {
			b.y0, grown = b.y0-1, true
		}
		for b.y1+gap <= patchSide && !s.paper(b.x0, b.y1, b.x1, b.y1+gap) {
			b.y1, grown = b.y1+1, true
		}
	}
	w, h := b.x1-b.x0, b.y1-b.y0
	inside := b.x0 >= gap && b.y0 >= gap && b.x1+gap <= patchSide && b.y1+gap <= patchSide
	return b, inside && min(w, h) >= least && max(w, h) <= most && w*4 < h*5 && h*4 < w*5
}
