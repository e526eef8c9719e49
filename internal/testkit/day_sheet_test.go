package testkit_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"testing"

	"notbetrieb/internal/sheet"
)

// spacedSerial is a serial as pages write it.
func spacedSerial(serial string) string { return sheet.Serial(serial).Spaced() }

// worn is a sheet after a day on the ward, as the scanner sends it: written on,
// laid askew or upside down, with dust; where it is spoilt, without its code.
func worn(t *testing.T, l *leaf, dice *rand.Rand) []byte {
	t.Helper()
	page := handwritten(l.image, dice)
	if l.spoilt {
		page = withoutCode(page)
	}
	if dice.IntN(2) == 0 {
		page = askew(page, dice.Float64()*4-2)
	}
	if dice.IntN(3) == 0 {
		page = upsideDown(page)
	}
	return scanned(t, page, dice.Uint64())
}

// blankLike is a white page of the same size.
func blankLike(page *image.Gray) *image.Gray {
	out := image.NewGray(page.Rect)
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	return out
}

// handwritten is the page with strokes of a pen, away from its edges.
func handwritten(page *image.Gray, dice *rand.Rand) *image.Gray {
	out := image.NewGray(page.Rect)
	copy(out.Pix, page.Pix)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	for range 40 {
		x, y := float64(w/8+dice.IntN(w*3/5)), float64(h/4+dice.IntN(h/2))
		turn := dice.Float64() * 2 * math.Pi
		for range 10 + dice.IntN(25) {
			turn += dice.Float64() - 0.5
			x, y = x+2*math.Cos(turn), y+2*math.Sin(turn)
			draw.Draw(out, image.Rect(int(x), int(y), int(x)+3, int(y)+3), image.NewUniform(color.Gray{60}), image.Point{}, draw.Src)
		}
	}
	return out
}

// askew is the page turned by some degrees about its middle.
func askew(page *image.Gray, degrees float64) *image.Gray {
	out := blankLike(page)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	for y := range h {
		for x := range w {
			dx, dy := float64(x-w/2), float64(y-h/2)
			fx, fy := int(math.Round(dx*cos+dy*sin))+w/2, int(math.Round(dy*cos-dx*sin))+h/2
			if fx >= 0 && fy >= 0 && fx < w && fy < h {
				out.Pix[y*out.Stride+x] = page.Pix[fy*page.Stride+fx]
			}
		}
	}
	return out
}

// stackOf is a file as scanners make it: one JPEG on each page of a PDF.
func stackOf(pages [][]byte) []byte {
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 3+3*i)
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Count %d /Kids [ %s] >>", len(pages), kids)
	for i, page := range pages {
		n := 3 + 3*i
		c, _, err := image.DecodeConfig(bytes.NewReader(page))
		if err != nil {
			panic(err) // it was encoded a moment ago
		}
		draws := "q 595 0 0 842 0 0 cm /P Do Q"
		object("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents %d 0 R /Resources << /XObject << /P %d 0 R >> >> >>", n+1, n+2)
		object("<< /Length %d >>\nstream\n%s\nendstream", len(draws), draws)
		object("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream", c.Width, c.Height, len(page), page)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}
