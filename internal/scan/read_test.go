package scan

import (
	"flag"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"notbetrieb/internal/sheet"
)

// rounds is how often each disturbance is tried, each time another one of its
// kind; the table in docs/testing.md was made with 100.
var rounds = flag.Int("rounds", 1, "pages of each kind of bad scan")

// disturbance is one way in which a page reaches us worse than it was printed.
type disturbance struct {
	name string
	mild bool // every page must be read
	do   func(t testing.TB, rng *rand.Rand, page *image.Gray) *image.Gray
}

func plain(dpi float64) camera { return camera{scale: dpi / 300} }

func shot(c camera) func(testing.TB, *rand.Rand, *image.Gray) *image.Gray {
	return func(_ testing.TB, rng *rand.Rand, page *image.Gray) *image.Gray { return c.shoot(rng, page) }
}

// then takes the page with a camera and disturbs the image.
func then(c camera, do func(rng *rand.Rand, img *image.Gray)) func(testing.TB, *rand.Rand, *image.Gray) *image.Gray {
	return func(_ testing.TB, rng *rand.Rand, page *image.Gray) *image.Gray {
		img := c.shoot(rng, page)
		do(rng, img)
		return img
	}
}

func turned(degrees float64) camera { return camera{scale: 0.5, turn: degrees, whole: true} }

func disturbances() []disturbance {
	list := []disturbance{
		{"as printed, 300 dpi", true, func(_ testing.TB, _ *rand.Rand, p *image.Gray) *image.Gray { return p }},
		{"200 dpi", true, shot(plain(200))},
		{"150 dpi", true, shot(plain(150))},
		{"120 dpi", false, shot(plain(120))},
		{"100 dpi", false, shot(plain(100))},
		{"600 dpi", true, func(_ testing.TB, _ *rand.Rand, p *image.Gray) *image.Gray { return doubled(p) }},
		{"printed at 90 %", true, shot(camera{scale: 0.5, dx: -0.04, dy: -0.04}.sized(0.9))},
		{"printed at 110 %, cut at the edge", true, shot(camera{scale: 0.55, dx: 0.02, dy: 0.02})},
		{"noise, sigma 20", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { noise(rng, i, 20) })},
		{"noise, sigma 50", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { noise(rng, i, 50) })},
		{"specks, 2 %", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { specks(rng, i, 0.02) })},
		{"specks, 10 %", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { specks(rng, i, 0.10) })},
		{"blurred once", true, then(plain(150), func(_ *rand.Rand, i *image.Gray) { blur(i, 1) })},
		{"blurred three times", false, then(plain(150), func(_ *rand.Rand, i *image.Gray) { blur(i, 3) })},
		{"low contrast, greys 150 to 200", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { contrast(i, 150, 200); noise(rng, i, 3) })},
		{"very low contrast, greys 180 to 205", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { contrast(i, 180, 205); noise(rng, i, 3) })},
		{"one bit, 150 dpi", true, then(plain(150), func(_ *rand.Rand, i *image.Gray) { oneBit(i, 128) })},
		{"one bit, too dark", false, then(plain(150), func(_ *rand.Rand, i *image.Gray) { oneBit(i, 200) })},
		{"one bit, too pale", false, then(plain(150), func(_ *rand.Rand, i *image.Gray) { oneBit(i, 70) })},
		{"fax, fine: one bit, 200 dpi, specks", true, then(plain(200), func(rng *rand.Rand, i *image.Gray) { oneBit(i, 140); specks(rng, i, 0.01) })},
		{"JPEG quality 30", true, func(t testing.TB, rng *rand.Rand, p *image.Gray) *image.Gray {
			return jpegged(t, plain(150).shoot(rng, p), 30)
		}},
		{"JPEG quality 10", false, func(t testing.TB, rng *rand.Rand, p *image.Gray) *image.Gray {
			return jpegged(t, plain(150).shoot(rng, p), 10)
		}},
		{"shadow", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { shade(rng, i) })},
		{"coffee", true, then(plain(150), func(rng *rand.Rand, i *image.Gray) { stains(rng, i, spotOf(i)) })},
		{"fold through the code", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { fold(rng, i, spotOf(i), 3) })},
		{"pen stroke through the code, 0.5 mm", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { pen(rng, i, spotOf(i), 3) })},
		{"pen stroke through the code, 1 mm", false, then(plain(150), func(rng *rand.Rand, i *image.Gray) { pen(rng, i, spotOf(i), 6) })},
		{"crumpled a little", true, shot(camera{scale: 0.5, wave: 1.5})},
		{"crumpled", false, shot(camera{scale: 0.5, wave: 4})},
		{"crumpled badly", false, shot(camera{scale: 0.5, wave: 7})},
		{"sheared by 3 %", true, shot(camera{scale: 0.5, shear: 0.03})},
		{"sheared by 8 %", false, shot(camera{scale: 0.5, shear: 0.08})},
		{"photographed at a slant", true, then(camera{scale: 0.6, tilt: 0.15, turn: 4, whole: true}, func(rng *rand.Rand, i *image.Gray) { shade(rng, i); noise(rng, i, 6) })},
		{"photographed from far off", false, then(camera{scale: 0.5, tilt: 0.1, turn: -7}.sized(0.75), func(rng *rand.Rand, i *image.Gray) { shade(rng, i); noise(rng, i, 6) })},
		{"all at once: turned, noise, blur, shadow, JPEG 40", false, func(t testing.TB, rng *rand.Rand, p *image.Gray) *image.Gray {
			img := camera{scale: 0.5, turn: rng.Float64()*360 - 180, shear: 0.01, whole: true, wave: 1}.shoot(rng, p)
			blur(img, 1)
			shade(rng, img)
			noise(rng, img, 10)
			return jpegged(t, img, 40)
		}},
	}
	for _, a := range []float64{0.5, 1, 2, 5, 10, 20, 45, 90, 95, 180, 183, 270, 266} {
		list = append(list, disturbance{fmt.Sprintf("turned by %g degrees", a), true, shot(turned(a))})
	}
	return list
}

// sized makes the page smaller in an image of the same size.
func (c camera) sized(by float64) camera {
	c.zoom = by
	return c
}

// outcome counts what became of the pages of one disturbance.
type outcome struct{ pages, read, misread int }

func (o *outcome) count(r Result, want sheet.Code) {
	o.pages++
	switch {
	case r.Problem == nil && r.Code == want:
		o.read++
	case r.Problem == nil:
		o.misread++
	}
	for _, c := range r.Sheets {
		if c != want {
			o.misread++
		}
	}
}

// TestDisturbedPagesAreReadOrLeftToAPerson is the measure of this package: how
// many pages of each kind of bad scan are read, and that none is misread.
func TestDisturbedPagesAreReadOrLeftToAPerson(t *testing.T) {
	t.Parallel()
	pages := sheets(t)
	for i, d := range disturbances() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			var o outcome
			for j := range *rounds {
				p := pages[(i+j)%len(pages)]
				rng := newRand(uint64(i)<<32 | uint64(j))
				o.count(Read(d.do(t, rng, p.img)), p.code)
			}
			t.Logf("%-50s read %3d of %d, misread %d", d.name, o.read, o.pages, o.misread)
			if o.misread > 0 {
				t.Errorf("%d of %d pages were misread", o.misread, o.pages)
			}
			if d.mild && o.read < o.pages {
				t.Errorf("%d of %d pages were read", o.read, o.pages)
			}
		})
	}
}
