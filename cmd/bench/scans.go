package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/boombuler/barcode/datamatrix"
	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/scan"
	"notbetrieb/internal/sheet"
)

// scans measures how many pages of a stack are taken in a second: decoded, and
// their code found and read. Beside it stands how many of the pages could be
// read that were turned, pale, blurred, noisy, stained or faxed on their way. A
// page that is read as another one fails the measure.
func scans(ctx context.Context, b *bench) error {
	var pages []scanned
	for n := range sized(b, 6, 1) {
		for _, way := range ways() {
			p, err := onItsWay(n, way.spoil)
			if err != nil {
				return err
			}
			p.way = way.name
			pages = append(pages, p)
		}
	}
	read := make([]bool, len(pages))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	begun := time.Now()
	for i, p := range pages {
		g.Go(func() (err error) {
			read[i], err = p.take(ctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	took := time.Since(begun)
	lost := map[string]int{}
	count := 0
	for i, ok := range read {
		if ok {
			count++
		} else {
			lost[pages[i].way]++
		}
	}
	for way, n := range lost {
		b.note("not read: %d of %d pages, %s", n, len(pages)/len(ways()), way)
	}
	b.add("Scanned pages taken in, 200 dpi JPEG", float64(len(pages))/took.Seconds(), "pages/s", higher, goal(2))
	b.add("Codes read on disturbed pages", 100*float64(count)/float64(len(pages)), "%", higher, goal(95))
	return nil
}

// scanned is a page as the scanner delivers it, and what stands on it.
type scanned struct {
	way  string
	code sheet.Code
	file []byte
}

// take decodes the page and reads its code.
func (p scanned) take(ctx context.Context) (bool, error) {
	for page, err := range scan.Pages(ctx, p.file, scan.DefaultLimits()) {
		if err != nil {
			return false, err
		}
		if page.Image == nil {
			return false, fmt.Errorf("a page cannot be decoded: %w", page.Problem)
		}
		r := scan.Read(page.Grey())
		if r.Problem != nil {
			return false, nil
		}
		if r.Code != p.code {
			return false, fmt.Errorf("a page was read as another one, %s", p.way)
		}
		return true, nil
	}
	return false, fmt.Errorf("a file without a page")
}

// onItsWay makes page n, lets something happen to it and encodes it.
func onItsWay(n int, spoil func(*rand.Rand, *image.Gray) *image.Gray) (scanned, error) {
	rng := rand.New(rand.NewPCG(uint64(n), 20261121))
	p := scanned{code: sheet.Code{Form: sheet.FormMedication, Case: clinical.CaseNo(fmt.Sprint(4711000 + n)), Page: 1 + n%4, Seq: uint64(88000 + n)}}
	img, err := drawSheet(rng, p.code)
	if err != nil {
		return p, err
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, spoil(rng, img), &jpeg.Options{Quality: 75}); err != nil {
		return p, fmt.Errorf("page: %w", err)
	}
	p.file = file.Bytes()
	return p, nil
}

// A4 at 200 dpi, as offices scan.
const (
	sheetWide, sheetHigh = 1654, 2339
	dotsPerMM            = 200 / 25.4
)

// drawSheet draws lines of words and a table as a sheet has them, and its code at
// the lower right in squares of 0.55 mm.
func drawSheet(rng *rand.Rand, code sheet.Code) (*image.Gray, error) {
	img := image.NewGray(image.Rect(0, 0, sheetWide, sheetHigh))
	for i := range img.Pix {
		img.Pix[i] = 250
	}
	for y := 120; y < sheetHigh-360; y += 34 {
		for x := 120; x < sheetWide-140; {
			word := 20 + rng.IntN(120)
			for c := 0; c < word; c += 3 { // strokes with gaps between
				h := 8 + rng.IntN(14)
				fillRect(img, x+c, y+22-h, 2, h, 40)
			}
			x += word + 14
		}
		if y%170 == 120 {
			fillRect(img, 110, y+28, sheetWide-230, 2, 90)
		}
	}
	m, err := datamatrix.Encode(code.String())
	if err != nil {
		return nil, fmt.Errorf("code: %w", err)
	}
	side := m.Bounds().Dx()
	const square = 0.55 * dotsPerMM
	left, top := float64(sheetWide)-12*dotsPerMM-float64(side)*square, float64(sheetHigh)-14*dotsPerMM-float64(side)*square
	for y := range int(float64(side) * square) {
		for x := range int(float64(side) * square) {
			if r, _, _, _ := m.At(int(float64(x)/square), int(float64(y)/square)).RGBA(); r == 0 {
				img.Pix[(int(top)+y)*img.Stride+int(left)+x] = 20
			}
		}
	}
	return img, nil
}

func fillRect(img *image.Gray, x, y, w, h int, grey uint8) {
	for j := max(y, 0); j < min(y+h, img.Rect.Dy()); j++ {
		for i := max(x, 0); i < min(x+w, img.Rect.Dx()); i++ {
			img.Pix[j*img.Stride+i] = grey
		}
	}
}

// way is what happens to a page between printer and file.
type way struct {
	name  string
	spoil func(*rand.Rand, *image.Gray) *image.Gray
}

func ways() []way {
	turn := func(degrees float64) func(*rand.Rand, *image.Gray) *image.Gray {
		return func(rng *rand.Rand, img *image.Gray) *image.Gray { return turned(img, degrees+rng.Float64()*6-3) }
	}
	each := func(f func(rng *rand.Rand, x, y int, v float64) float64) func(*rand.Rand, *image.Gray) *image.Gray {
		return func(rng *rand.Rand, img *image.Gray) *image.Gray {
			for i, v := range img.Pix {
				img.Pix[i] = uint8(min(255, max(0, f(rng, i%img.Stride, i/img.Stride, float64(v)))))
			}
			return img
		}
	}
	return []way{
		{"as printed", func(_ *rand.Rand, img *image.Gray) *image.Gray { return img }},
		{"laid in askew", turn(0)}, {"upside down", turn(180)}, {"sideways", turn(90)},
		{"pale", each(func(_ *rand.Rand, _, _ int, v float64) float64 { return 150 + v*0.35 })},
		{"dark and in shadow", each(func(_ *rand.Rand, x, _ int, v float64) float64 { return v * (0.45 + 0.4*float64(x)/sheetWide) })},
		{"noisy", each(func(rng *rand.Rand, _, _ int, v float64) float64 { return v + rng.NormFloat64()*22 })},
		{"specked", each(func(rng *rand.Rand, _, _ int, v float64) float64 {
			if rng.Float64() < 0.01 {
				return float64(rng.IntN(2) * 255)
			}
			return v
		})},
		{"black and white", each(func(_ *rand.Rand, _, _ int, v float64) float64 { return 255 * math.Round(v/255) })},
		{"stained", stained}, {"blurred", func(_ *rand.Rand, img *image.Gray) *image.Gray { return blurred(img) }},
	}
}

// turned turns a page around its middle; what is beside it is white.
func turned(img *image.Gray, degrees float64) *image.Gray {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	ow, oh := w*math.Abs(cos)+h*math.Abs(sin), w*math.Abs(sin)+h*math.Abs(cos)
	out := image.NewGray(image.Rect(0, 0, int(ow), int(oh)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			u, v := float64(x)-ow/2, float64(y)-oh/2
			i, j := int(u*cos+v*sin+w/2), int(-u*sin+v*cos+h/2)
			grey := uint8(245)
			if i >= 0 && j >= 0 && i < img.Rect.Dx() && j < img.Rect.Dy() {
				grey = img.Pix[j*img.Stride+i]
			}
			out.Pix[y*out.Stride+x] = grey
		}
	}
	return out
}

// blurred is the mean of each three by three pixels.
func blurred(img *image.Gray) *image.Gray {
	out := image.NewGray(img.Rect)
	copy(out.Pix, img.Pix)
	for y := 1; y < img.Rect.Dy()-1; y++ {
		for x := 1; x < img.Rect.Dx()-1; x++ {
			sum := 0
			for j := -1; j <= 1; j++ {
				row := img.Pix[(y+j)*img.Stride+x-1:]
				sum += int(row[0]) + int(row[1]) + int(row[2])
			}
			out.Pix[y*out.Stride+x] = uint8(sum / 9)
		}
	}
	return out
}

// stained has rings of a coffee cup, one of them near the code.
func stained(rng *rand.Rand, img *image.Gray) *image.Gray {
	for k := range 3 {
		cx, cy := rng.Float64()*sheetWide, rng.Float64()*sheetHigh
		if k == 0 {
			cx, cy = sheetWide-320+rng.Float64()*200, sheetHigh-320+rng.Float64()*200
		}
		r := 60 + rng.Float64()*120
		for y := max(0, int(cy-r)); y < min(sheetHigh, int(cy+r)); y++ {
			for x := max(0, int(cx-r)); x < min(sheetWide, int(cx+r)); x++ {
				d := math.Hypot(float64(x)-cx, float64(y)-cy) / r
				p := &img.Pix[y*img.Stride+x]
				switch {
				case d < 0.9:
					*p = uint8(float64(*p) * 0.85)
				case d < 1:
					*p = uint8(float64(*p) * 0.6)
				}
			}
		}
	}
	return img
}
