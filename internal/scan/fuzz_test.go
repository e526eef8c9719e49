package scan

import (
	"context"
	"encoding/binary"
	"image"
	"testing"
)

// FuzzPages: any bytes end in pages or an answer, within the limits.
func FuzzPages(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 20, 30))
	b := &builder{}
	b.page("", wholePage, b.greyPicture(f, small, ""))
	b.page("/Rotate 90", "q 595 0 0 842 0 0 cm BI /W 4 /H 4 /BPC 8 /CS /G ID 0123456789abcdef EI Q BT (x) Tj ET", b.jpegPicture(f, small))
	b.page("", wholePage, b.stream("/Type /XObject /Subtype /Image /Width 301 /Height 48 /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 301 >>", faxedBytes(f, "group 4")))
	f.Add(b.bytes())
	f.Add(tiffOf(binary.LittleEndian, greyPart(small), tiffPart{w: 301, h: 48, bits: 1, orientation: 6, compression: 4, data: faxedBytes(f, "group 4")}))
	f.Add(tiffOf(binary.BigEndian, tiffPart{w: 20, h: 30, bits: 8, orientation: 1, compression: 8, data: deflated(f, packed(small))}))
	f.Add(jpegOf(f, small, 50))
	f.Add(pngOf(f, small))
	l := Limits{Bytes: 1 << 20, Pages: 20, Pixels: 100_000}
	f.Fuzz(func(t *testing.T, file []byte) {
		n := 0
		for p, err := range Pages(context.Background(), file, l) {
			if err != nil {
				return
			}
			if n++; p.Number != n || n > l.Pages {
				t.Fatalf("page %d has number %d", n, p.Number)
			}
			if p.Image == nil {
				if p.Problem == nil {
					t.Fatal("a page without image and without a word about it")
				}
				continue
			}
			if b := p.Image.Bounds(); b.Dx() <= 0 || b.Dy() <= 0 || b.Dx()*b.Dy() > l.Pixels+1000 {
				t.Fatalf("an image of %v", b)
			}
			if g := p.Grey(); g.Rect.Min != (image.Point{}) || len(g.Pix) < (g.Rect.Dy()-1)*g.Stride+g.Rect.Dx() {
				t.Fatalf("a grey image of %v", g.Rect)
			}
		}
	})
}

func FuzzFax(f *testing.F) {
	for name, k := range faxKinds {
		f.Add(faxedBytes(f, name), int16(301), int16(48), int8(k), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, w, h int16, k int8, aligned bool) {
		if w < 1 || h < 1 || int(w)*int(h) > 100_000 {
			return
		}
		g, err := fax{w: int(w), h: int(h), k: int(k), aligned: aligned}.decode(data)
		if g == nil || g.Rect != image.Rect(0, 0, int(w), int(h)) {
			t.Fatalf("%v, %v", g, err)
		}
	})
}

// FuzzRead: whatever is on a page, a code is only what was printed.
func FuzzRead(f *testing.F) {
	code, page := drawnPage()
	f.Add([]byte{1, 2, 3}, uint16(900), uint16(930), uint8(3))
	f.Add([]byte{255}, uint16(0), uint16(0), uint8(200))
	f.Fuzz(func(t *testing.T, stamp []byte, x, y uint16, wide uint8) {
		img := image.NewGray(page.Rect)
		copy(img.Pix, page.Pix)
		w := max(1, int(wide))
		for i, v := range stamp {
			sx, sy := (int(x)+i%w)%img.Rect.Dx(), (int(y)+i/w)%img.Rect.Dy()
			img.Pix[sy*img.Stride+sx] = v
		}
		if r := Read(img); r.Problem == nil && r.Code != code {
			t.Fatalf("read %v", r.Code)
		}
	})
}
