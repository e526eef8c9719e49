package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strconv"
)

// Picture is a scanned page. Its measures are in its own dots.
type Picture struct {
	W, H int
	obj  int
}

// errInk means that a picture has other colours than a scan of paper.
var errInk = errors.New("pdf: a picture in neither grey nor YCbCr colours")

// JPEG puts a JPEG file into the document as it is (ISO 32000-1, 7.4.8). The
// error says that it is none, or one of four colours.
func (w *Writer) JPEG(file []byte) (*Picture, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("pdf: picture: %w", err)
	}
	space := "DeviceRGB"
	switch c.ColorModel {
	case color.GrayModel:
		space = "DeviceGray"
	case color.YCbCrModel, color.RGBAModel:
	default:
		return nil, errInk
	}
	p := &Picture{W: c.Width, H: c.Height, obj: w.reserve()}
	w.scans = append(w.scans, p.obj)
	w.begin(p.obj)
	w.printf("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/%s/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n", p.W, p.H, space, len(file))
	if w.err == nil {
		var n int
		n, w.err = w.out.Write(file)
		w.at += int64(n)
	}
	w.printf("\nendstream\nendobj\n")
	return p, w.err
}

// Image puts any picture into the document as a JPEG of good quality.
func (w *Writer) Image(m image.Image) (*Picture, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}); err != nil {
		return nil, fmt.Errorf("pdf: picture: %w", err)
	}
	return w.JPEG(b.Bytes())
}

// Picture draws a picture into the box with the upper left corner (x, y).
func (p *Page) Picture(m *Picture, x, y, width, height float64) {
	p.b = append(p.b, "q "...)
	p.num(width * pointPerMM)
	p.b = append(p.b, "0 0 "...)
	p.num(height * pointPerMM)
	p.at(x, y+height)
	p.b = append(p.b, "cm /X"...)
	p.b = strconv.AppendInt(p.b, int64(m.obj), 10)
	p.op(" Do Q")
}
