package paper

import (
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"

	"notbetrieb/internal/paper/pdf"
)

// module is the side of one DataMatrix square in millimetres: 3.2 pixels of a
// scan at 150 dpi.
const module = 0.55

// span is the side a code may have in millimetres.
type span struct{ least, most float64 }

// matrix draws a DataMatrix with its lower right corner at (right, bottom),
// two modules of white around it included, and returns its side. A text that
// makes less or more than the span is drawn larger or smaller.
func matrix(p *pdf.Page, right, bottom float64, within span, text string) float64 {
	code, err := datamatrix.Encode(text)
	if err != nil {
		return 0 // over 1,500 characters: the sheet says the same in words
	}
	n := code.Bounds().Dx()
	m := min(max(module, within.least/float64(n+4)), within.most/float64(n+4))
	side := m * float64(n+4)
	modules(p, code, right-side+2*m, bottom-side+2*m, m*float64(n), m*float64(code.Bounds().Dy()))
	return side
}

func modules(p *pdf.Page, code barcode.Barcode, x, y, w, h float64) {
	b := code.Bounds()
	p.Modules(x, y, w, h, b.Dx(), b.Dy(), func(i, j int) bool {
		r, _, _, _ := code.At(b.Min.X+i, b.Min.Y+j).RGBA()
		return r == 0
	})
}

// bars draws a Code 128 no wider than most, ten modules of white on both sides
// included, and returns its whole width; 0 if the text cannot be coded or would
// need bars narrower than a scanner reads.
func bars(p *pdf.Page, x, y, h, most float64, text string) float64 {
	if text == "" {
		return 0
	}
	code, err := code128.Encode(text)
	if err != nil {
		return 0
	}
	n := code.Bounds().Dx()
	m := min(0.5, most/float64(n+20))
	if m < 0.25 {
		return 0
	}
	modules(p, code, x+10*m, y, m*float64(n), h)
	return m * float64(n+20)
}
