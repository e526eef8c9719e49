package scan

import (
	"image"
	"image/color"
	"math"
)

// alone reports whether the page is one upright picture that covers it, so that
// the picture is the page.
func (c *painter) alone(box []float64, turn int) (painted, bool) {
	if len(c.painted) != 1 || turn != 0 || len(box) != 4 {
		return painted{}, false
	}
	p := c.painted[0]
	w, h := math.Abs(box[2]-box[0]), math.Abs(box[3]-box[1])
	m := p.at
	ok := p.pic.img != nil && p.pic.mask == nil && m.a > 0.95*w && m.d > 0.95*h && m.a < 1.05*w && m.d < 1.05*h &&
		math.Abs(m.b) < 0.01*m.a && math.Abs(m.c) < 0.01*m.d && math.Abs(m.e-min(box[0], box[2])) < 0.05*w && math.Abs(m.f-min(box[1], box[3])) < 0.05*h
	return p, ok
}

// compose paints the pictures onto a page as fine as the finest of them.
func (c *painter) compose(box []float64, turn int) (image.Image, error) {
	x0, y0, x1, y1, ok := c.extent(box)
	if !ok {
		return nil, tooLarge()
	}
	fine := 0.0 // pixels per unit of the page, a 72nd of an inch
	colours := false
	for _, p := range c.painted {
		w, h := p.pic.size()
		if p.pic.mask != nil {
			w, h = max(w, p.pic.mask.Rect.Dx()), max(h, p.pic.mask.Rect.Dy())
		}
		if l := math.Hypot(p.at.a, p.at.b); l > 0 {
			fine = max(fine, float64(w)/l)
		}
		if l := math.Hypot(p.at.c, p.at.d); l > 0 {
			fine = max(fine, float64(h)/l)
		}
		if _, grey := p.pic.img.(*image.Gray); p.pic.img != nil && !grey {
			colours = true
		}
	}
	fine = min(fine, 600.0/72)
	w, h := (x1-x0)*fine, (y1-y0)*fine
	if most := float64(c.f.limits.Pixels); !(w*h <= most) {
		s := math.Sqrt(most / (w * h))
		fine, w, h = fine*s, w*s*0.999, h*s*0.999
	}
	// From the page, its y upwards, to pixels, y downwards, turned.
	to := matrix{fine, 0, 0, -fine, -x0 * fine, y1 * fine}
	switch turn {
	case 90:
		to, w, h = to.then(matrix{0, 1, -1, 0, h, 0}), h, w
	case 180:
		to = to.then(matrix{-1, 0, 0, -1, w, h})
	case 270:
		to, w, h = to.then(matrix{0, -1, 1, 0, 0, w}), h, w
	}
	b := image.Rect(0, 0, int(math.Round(w)), int(math.Round(h)))
	if !fits(b.Dx(), b.Dy(), c.f.limits.Pixels+b.Dx()+b.Dy()) {
		return nil, tooLarge()
	}
	out := newCanvas(b, colours)
	for _, p := range c.painted {
		if c.f.ctx.Err() != nil {
			return nil, c.f.ctx.Err()
		}
		out.paint(p.pic, p.at.then(to))
	}
	return out.image(), nil
}

// extent is the page's own box, or what the pictures cover if it has none.
func (c *painter) extent(box []float64) (x0, y0, x1, y1 float64, ok bool) {
	if len(box) == 4 {
		x0, x1 = min(box[0], box[2]), max(box[0], box[2])
		y0, y1 = min(box[1], box[3]), max(box[1], box[3])
	} else {
		x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, p := range c.painted {
			for _, k := range [][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
				x, y := p.at.of(k[0], k[1])
				x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
			}
		}
	}
	return x0, y0, x1, y1, x1-x0 >= 1 && y1-y0 >= 1 && x1-x0 < 20000 && y1-y0 < 20000
}

func (p pic) size() (w, h int) {
	b := image.Rectangle{}
	switch {
	case p.img != nil:
		b = p.img.Bounds()
	case p.mask != nil:
		b = p.mask.Rect
	}
	return b.Dx(), b.Dy()
}

// canvas is a page being painted, in greys or colours.
type canvas struct {
	grey *image.Gray
	rgb  *image.RGBA
}

func newCanvas(b image.Rectangle, colours bool) canvas {
	var pix []uint8
	var c canvas
	if colours {
		c.rgb = image.NewRGBA(b)
		pix = c.rgb.Pix
	} else {
		c.grey = image.NewGray(b)
		pix = c.grey.Pix
	}
	for i := range pix {
		pix[i] = 255
	}
	return c
}

func (c canvas) image() image.Image {
	if c.rgb != nil {
		return c.rgb
	}
	return c.grey
}

// paint puts a picture where at takes the unit square to, nearest pixel by
// nearest pixel.
func (c canvas) paint(p pic, at matrix) {
	back, ok := at.back()
	w, h := p.size()
	if !ok || w == 0 || h == 0 {
		return
	}
	b := c.image().Bounds()
	area := image.Rectangle{}
	for i, k := range [][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		x, y := at.of(k[0], k[1])
		x, y = max(-1, min(x, float64(b.Max.X))), max(-1, min(y, float64(b.Max.Y)))
		r := image.Rect(int(math.Floor(x)), int(math.Floor(y)), int(math.Ceil(x))+1, int(math.Ceil(y))+1)
		if i == 0 {
			area = r
		}
		area = area.Union(r)
	}
	area = area.Intersect(b)
	grey, _ := p.img.(*image.Gray)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			u, v := back.of(float64(x)+0.5, float64(y)+0.5)
			if !(u >= 0 && u < 1 && v > 0 && v <= 1) {
				continue
			}
			i, j := int(u*float64(w)), int((1-v)*float64(h))
			if p.mask != nil && !p.shows(u, 1-v) {
				continue
			}
			switch {
			case p.stencil:
				c.set(x, y, 0, 0, 0)
			case grey != nil:
				g := grey.Pix[j*grey.Stride+i]
				c.set(x, y, g, g, g)
			default:
				o := color.RGBAModel.Convert(p.img.At(p.img.Bounds().Min.X+i, p.img.Bounds().Min.Y+j)).(color.RGBA)
				c.set(x, y, o.R, o.G, o.B)
			}
		}
	}
}

func (p pic) shows(u, v float64) bool {
	i, j := int(u*float64(p.mask.Rect.Dx())), int(v*float64(p.mask.Rect.Dy()))
	return p.mask.Pix[j*p.mask.Stride+i] >= 128
}

func (c canvas) set(x, y int, r, g, b uint8) {
	if c.grey != nil {
		c.grey.Pix[y*c.grey.Stride+x] = r
		return
	}
	copy(c.rgb.Pix[y*c.rgb.Stride+4*x:], []uint8{r, g, b})
}
