package tray

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"notbetrieb/internal/scan"
)

// mostLossless is the size in bytes from which a picture is kept as JPEG: the
// file it came in is kept beside it.
const mostLossless = 3 << 20

// upright returns the picture of a page as it is shown, turned clockwise by a
// multiple of 90 degrees: never a file that could hold more than a picture.
// Pages that nothing could be decoded of have none.
func upright(p scan.Page, turn int) (media string, data []byte, err error) {
	if p.Image == nil {
		return "", nil, nil
	}
	if turn == 0 {
		media, data, err := p.Keep()
		if err == nil && (media == "image/jpeg" || media == "image/png") {
			return media, data, nil
		}
	}
	return encode(turned(p.Image, turn))
}

// Turned returns a picture turned clockwise by a multiple of 90 degrees.
func Turned(data []byte, turn int) (media string, out []byte, err error) {
	img, err := decode(data)
	if err != nil {
		return "", nil, err
	}
	return encode(turned(img, turn))
}

// Thumb returns a picture of at most side pixels along its longer side, turned.
func Thumb(data []byte, side, turn int) (media string, out []byte, err error) {
	img, err := decode(data)
	if err != nil {
		return "", nil, err
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, turned(smaller(img, side), turn), &jpeg.Options{Quality: 75}); err != nil {
		return "", nil, fmt.Errorf("tray: %w", err)
	}
	return "image/jpeg", b.Bytes(), nil
}

func decode(data []byte) (image.Image, error) {
	for p := range scan.Pages(background, data, DefaultLimits()) {
		if p.Image != nil {
			return p.Image, nil
		}
	}
	return nil, fmt.Errorf("tray: a picture that was stored does not decode")
}

func encode(img image.Image) (media string, data []byte, err error) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, img); err != nil {
		return "", nil, fmt.Errorf("tray: %w", err)
	}
	if b.Len() <= mostLossless {
		return "image/png", b.Bytes(), nil
	}
	b.Reset()
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		return "", nil, fmt.Errorf("tray: %w", err)
	}
	return "image/jpeg", b.Bytes(), nil
}

// turned returns the image turned clockwise. Grey stays grey.
func turned(img image.Image, turn int) image.Image {
	turn = (turn%360 + 360) % 360
	if turn == 0 || turn%90 != 0 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if turn != 180 {
		w, h = h, w
	}
	to := func(x, y int) (int, int) {
		switch turn {
		case 90:
			return b.Dy() - 1 - y, x
		case 180:
			return b.Dx() - 1 - x, b.Dy() - 1 - y
		}
		return y, b.Dx() - 1 - x
	}
	if g, ok := img.(*image.Gray); ok {
		out := image.NewGray(image.Rect(0, 0, w, h))
		for y := range b.Dy() {
			for x := range b.Dx() {
				tx, ty := to(x, y)
				out.Pix[ty*out.Stride+tx] = g.Pix[y*g.Stride+x]
			}
		}
		return out
	}
	src := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(src, src.Rect, img, b.Min, draw.Src)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range b.Dy() {
		for x := range b.Dx() {
			tx, ty := to(x, y)
			copy(out.Pix[ty*out.Stride+4*tx:][:4], src.Pix[y*src.Stride+4*x:][:4])
		}
	}
	return out
}

// smaller returns the image in greys, each pixel the mean of those it stands for.
func smaller(img image.Image, side int) *image.Gray {
	g := scan.Page{Image: img}.Grey()
	w, h := g.Rect.Dx(), g.Rect.Dy()
	long := max(w, h, 1)
	side = min(side, long)
	out := image.NewGray(image.Rect(0, 0, max(w*side/long, 1), max(h*side/long, 1)))
	for y := range out.Rect.Dy() {
		y0, y1 := y*h/out.Rect.Dy(), max((y+1)*h/out.Rect.Dy(), y*h/out.Rect.Dy()+1)
		for x := range out.Rect.Dx() {
			x0, x1 := x*w/out.Rect.Dx(), max((x+1)*w/out.Rect.Dx(), x*w/out.Rect.Dx()+1)
			sum, n := 0, 0
			for sy := y0; sy < min(y1, h); sy++ {
				for _, v := range g.Pix[sy*g.Stride+x0 : sy*g.Stride+min(x1, w)] {
					sum += int(v)
					n++
				}
			}
			out.Pix[y*out.Stride+x] = uint8(sum / max(n, 1))
		}
	}
	return out
}

// empty reports whether nothing is on the page: no more dark spots than dust
// makes.
func empty(g *image.Gray) bool {
	if g == nil {
		return false
	}
	small := smaller(g, 600)
	w, h := small.Rect.Dx(), small.Rect.Dy()
	sum, n := 0, 0
	inner := image.Rect(w/20, h/20, w-w/20, h-h/20) // without the shadow of the edge
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			sum += int(small.Pix[y*small.Stride+x])
			n++
		}
	}
	if n == 0 {
		return false
	}
	mean, dark := sum/n, 0
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			if int(small.Pix[y*small.Stride+x]) < mean-40 {
				dark++
			}
		}
	}
	return mean > 100 && dark*5000 < n // a black page is no empty one
}
