package scan

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// camera is how a page gets from paper into an image.
type camera struct {
	scale  float64 // pixels per pixel of the printed page: 0.5 is 150 dpi
	turn   float64 // degrees clockwise
	shear  float64
	tilt   float64 // perspective: how much narrower the far edge is
	dx, dy float64 // shift in parts of the page
	wave   float64 // crumpled: pixels of the printed page that the paper is out of place
	zoom   float64 // the page fills only this part of the image; 0 is all
	lid    uint8   // what is beside the paper; 0 is white
	whole  bool    // the image grows to hold the turned page
}

// shoot takes a picture of the page; each pixel is the mean of four rays.
func (c camera) shoot(rng *rand.Rand, page *image.Gray) *image.Gray {
	w, h := float64(page.Rect.Dx()), float64(page.Rect.Dy())
	sin, cos := math.Sincos(c.turn * math.Pi / 180)
	zoom := c.scale
	if c.zoom != 0 {
		zoom *= c.zoom
	}
	ow, oh := w*c.scale, h*c.scale
	if c.whole {
		ow, oh = (w*math.Abs(cos)+h*math.Abs(sin))*c.scale, (w*math.Abs(sin)+h*math.Abs(cos))*c.scale
	}
	out := image.NewGray(image.Rect(0, 0, int(ow), int(oh)))
	ax, ay, bx, by := rng.Float64()*6, rng.Float64()*6, 1+rng.Float64()*2, 1+rng.Float64()*2
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum := 0.0
			for k := range 4 {
				u := (float64(x)+float64(k%2)/2+0.25-ow/2)/zoom + c.dx*w
				v := (float64(y)+float64(k/2)/2+0.25-oh/2)/zoom + c.dy*h
				px, py := u*cos+v*sin, -u*sin+v*cos
				z := 1 + c.tilt*py/h
				px, py = px*z, py*z
				px += c.shear * py
				if c.wave != 0 {
					px, py = px+c.wave*math.Sin(ax+by*py/150), py+c.wave*math.Sin(ay+bx*px/150)
				}
				sum += float64(greyAt(page, px+w/2, py+h/2, c.lid))
			}
			out.Pix[y*out.Stride+x] = uint8(sum / 4)
		}
	}
	return out
}

// greyAt is the grey of a place on the page, or of the scanner's lid beside it.
func greyAt(page *image.Gray, x, y float64, lid uint8) uint8 {
	i, j := int(math.Floor(x)), int(math.Floor(y))
	if i < 0 || j < 0 || i >= page.Rect.Dx() || j >= page.Rect.Dy() {
		if lid != 0 {
			return lid
		}
		return 250
	}
	return page.Pix[j*page.Stride+i]
}

func each(img *image.Gray, f func(x, y int, v float64) float64) {
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			p := &img.Pix[y*img.Stride+x]
			*p = uint8(min(255, max(0, f(x, y, float64(*p)))))
		}
	}
}

func noise(rng *rand.Rand, img *image.Gray, sigma float64) {
	each(img, func(_, _ int, v float64) float64 { return v + rng.NormFloat64()*sigma })
}

// specks are the dots that a bad fax line or a dirty glass leaves.
func specks(rng *rand.Rand, img *image.Gray, part float64) {
	each(img, func(_, _ int, v float64) float64 {
		if rng.Float64() < part {
			return float64(rng.IntN(2) * 255)
		}
		return v
	})
}

func contrast(img *image.Gray, dark, pale float64) {
	each(img, func(_, _ int, v float64) float64 { return dark + v/255*(pale-dark) })
}

func oneBit(img *image.Gray, limit float64) {
	each(img, func(_, _ int, v float64) float64 {
		if v < limit {
			return 0
		}
		return 255
	})
}

func blur(img *image.Gray, times int) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for range times {
		src := bytes.Clone(img.Pix)
		for y := 1; y < h-1; y++ {
			for x := 1; x < w-1; x++ {
				i, sum := y*img.Stride+x, 0
				for _, d := range []int{-1, 0, 1} {
					r := i + d*img.Stride
					k := 2 - d*d
					sum += k * (int(src[r-1]) + 2*int(src[r]) + int(src[r+1]))
				}
				img.Pix[i] = uint8(sum / 16)
			}
		}
	}
}

// shade lies over the page like a shadow across it.
func shade(rng *rand.Rand, img *image.Gray) {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	a, b := rng.Float64()*2-1, rng.Float64()*2-1
	each(img, func(x, y int, v float64) float64 {
		return v * (0.65 + 0.3*math.Tanh(3*(a*(float64(x)/w-0.5)+b*(float64(y)/h-0.5))))
	})
}

// stains are rings of coffee, and one lies on the code's corner.
func stains(rng *rand.Rand, img *image.Gray, at image.Point) {
	w := float64(img.Rect.Dx())
	for k := range 4 {
		cx, cy := rng.Float64()*w, rng.Float64()*w
		if k == 0 {
			cx, cy = float64(at.X)+(rng.Float64()-0.5)*w/20, float64(at.Y)+(rng.Float64()-0.5)*w/20
		}
		r := w * (0.03 + rng.Float64()*0.08)
		each(img, func(x, y int, v float64) float64 {
			d := math.Hypot(float64(x)-cx, float64(y)-cy) / r
			switch {
			case d < 0.9:
				return v * 0.8
			case d < 1:
				return v * 0.55
			}
			return v
		})
	}
}

// fold is a crease through a place: pale where ink broke off, with a shadow.
func fold(rng *rand.Rand, img *image.Gray, at image.Point, wide float64) {
	sin, cos := math.Sincos(rng.Float64() * math.Pi)
	off := (rng.Float64() - 0.5) * float64(img.Rect.Dx()) / 30
	each(img, func(x, y int, v float64) float64 {
		d := (float64(x)-float64(at.X))*cos + (float64(y)-float64(at.Y))*sin - off
		switch {
		case math.Abs(d) < wide/2:
			return max(v, 200)
		case d > 0 && d < 4*wide:
			return v * (0.7 + 0.3*d/(4*wide))
		}
		return v
	})
}

// pen draws a stroke over a place.
func pen(rng *rand.Rand, img *image.Gray, at image.Point, wide float64) {
	sin, cos := math.Sincos(rng.Float64() * math.Pi)
	off := (rng.Float64() - 0.5) * float64(img.Rect.Dx()) / 30
	each(img, func(x, y int, v float64) float64 {
		u, d := float64(x)-float64(at.X), float64(y)-float64(at.Y)
		if math.Abs(u*cos+d*sin-off) < wide/2 && math.Abs(-u*sin+d*cos) < float64(img.Rect.Dx())/12 {
			return min(v, 60)
		}
		return v
	})
}

func jpegged(t testing.TB, img *image.Gray, quality int) *image.Gray {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return pictureOf(t, &b)
}

// spotOf is the middle of the code of a printed page on an image taken by a
// camera that neither turns nor shifts.
func spotOf(img *image.Gray) image.Point {
	return image.Pt(img.Rect.Dx()*920/1000, img.Rect.Dy()*943/1000)
}

func doubled(img *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, 2*img.Rect.Dx(), 2*img.Rect.Dy()))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Pix[y*out.Stride+x] = img.Pix[y/2*img.Stride+x/2]
		}
	}
	return out
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 20261121)) }
