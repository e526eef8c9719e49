package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
)

// picturePage is the one page of a JPEG or PNG file.
func picturePage(file []byte, kind string, l Limits) Page {
	p := Page{Number: 1, keep: func() (string, []byte, error) { return "image/" + kind, file, nil }}
	p.Image, p.Problem = picture(file, kind, l)
	return p
}

// picture decodes a JPEG or PNG and turns it as its camera says.
func picture(file []byte, kind string, l Limits) (image.Image, error) {
	config, decode := jpeg.DecodeConfig, jpeg.Decode
	if kind == "png" {
		config, decode = png.DecodeConfig, png.Decode
	}
	c, err := config(bytes.NewReader(file))
	if err != nil {
		return nil, damaged(err)
	}
	if !fits(c.Width, c.Height, l.Pixels) {
		return nil, tooLarge()
	}
	img, err := decode(bytes.NewReader(file))
	if err != nil {
		return nil, damaged(err)
	}
	if kind == "jpeg" {
		img = upright(img, orientation(file))
	}
	return img, nil
}

func fits(w, h, pixels int) bool { return w > 0 && h > 0 && w <= pixels/h }

// orientation returns the Exif orientation (tag 0112, 1 to 8) of a JPEG; 1 if it
// says none.
func orientation(file []byte) int {
	for b := file[2:]; len(b) >= 4 && b[0] == 0xff && b[1] != 0xda; {
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < 2 || len(b) < 2+n {
			break
		}
		seg := b[4 : 2+n]
		if tiff, ok := bytes.CutPrefix(seg, []byte("Exif\x00\x00")); ok && b[1] == 0xe1 {
			if d, err := directories(tiff, 1); err == nil && len(d) == 1 {
				return d[0].number(tagOrientation, 1)
			}
			break
		}
		b = b[2+n:]
	}
	return 1
}

// upright turns and mirrors an image by an orientation of TIFF 6.0.
func upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	ow, oh := w, h
	if orientation >= 5 {
		ow, oh = h, w
	}
	from := func(x, y int) (int, int) {
		switch orientation {
		case 2:
			return w - 1 - x, y
		case 3:
			return w - 1 - x, h - 1 - y
		case 4:
			return x, h - 1 - y
		case 5:
			return y, x
		case 6:
			return y, h - 1 - x
		case 7:
			return w - 1 - y, h - 1 - x
		default:
			return w - 1 - y, x
		}
	}
	if g, ok := img.(*image.Gray); ok {
		out := image.NewGray(image.Rect(0, 0, ow, oh))
		for y := range oh {
			for x := range ow {
				sx, sy := from(x, y)
				out.Pix[y*out.Stride+x] = g.Pix[sy*g.Stride+sx]
			}
		}
		return out
	}
	src := rgbaOf(img)
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := from(x, y)
			copy(out.Pix[y*out.Stride+4*x:][:4], src.Pix[sy*src.Stride+4*sx:][:4])
		}
	}
	return out
}

func rgbaOf(img image.Image) *image.RGBA {
	b := img.Bounds()
	if r, ok := img.(*image.RGBA); ok && b.Min == (image.Point{}) {
		return r
	}
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return out
}

// guarded runs a decoder that others wrote: should it panic on a hostile file,
// that is an error, without what it was about, which may be of a patient.
func guarded[T any](decode func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decoder gave up (%T)", r)
		}
	}()
	return decode()
}
