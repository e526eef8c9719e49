package scan

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// picture decodes an image of a PDF (ISO 32000-1, 8.9). Where the data is cut
// off, what there is comes with the error.
func (f *pdfFile) picture(sd types.StreamDict, resources types.Object) (pic, error) {
	p, err := f.opaque(sd, resources)
	if p.img == nil {
		return p, err
	}
	for _, key := range []string{"SMask", "Mask"} {
		m, ok := f.get(sd.Dict[key]).(types.StreamDict)
		if !ok {
			continue
		}
		w, _ := f.number(m.Dict["Width"])
		h, _ := f.number(m.Dict["Height"])
		if !fits(int(w), int(h), f.limits.Pixels) {
			return pic{}, tooLarge()
		}
		mask, merr := f.opaque(m, resources)
		if err == nil {
			err = merr
		}
		switch {
		case mask.stencil: // painted are the pixels that the stencil leaves out (8.9.6.3)
			p.mask, p.jpeg = mask.mask, nil
			for i := range p.mask.Pix {
				p.mask.Pix[i] = 255 - p.mask.Pix[i]
			}
		case mask.img != nil:
			p.mask, p.jpeg = greyOf(mask.img), nil
		}
		break
	}
	return p, err
}

// opaque decodes an image without its mask.
func (f *pdfFile) opaque(sd types.StreamDict, resources types.Object) (pic, error) {
	wf, _ := f.number(sd.Dict["Width"])
	hf, _ := f.number(sd.Dict["Height"])
	w, h := int(wf), int(hf)
	last := ""
	if n := len(sd.FilterPipeline); n > 0 {
		last = sd.FilterPipeline[n-1].Name
	}
	switch last {
	case filter.DCT:
		return f.jpeg(sd)
	case filter.JBIG2, filter.JPX:
		return pic{}, foreign(last[:len(last)-len("Decode")], filter.ErrUnsupportedFilter)
	}
	s := samples{w: w, h: h, bits: 1, space: f.space(sd.Dict["ColorSpace"], resources, 0), decode: f.numbers(sd.Dict["Decode"])}
	if b, ok := f.number(sd.Dict["BitsPerComponent"]); ok {
		s.bits = int(b)
	}
	mask, _ := f.get(sd.Dict["ImageMask"]).(types.Boolean)
	if mask {
		s.bits, s.space = 1, space{n: 1}
	}
	var err error
	if last == filter.CCITTFax {
		s.bits = 1
		s.data, err = f.fax(sd, w, h)
	} else {
		s.data, err = f.decoded(sd, len(sd.FilterPipeline), s.size())
	}
	if len(s.data) == 0 {
		return pic{}, orDamaged(err)
	}
	img, perr := s.image()
	if perr != nil {
		return pic{}, perr
	}
	if err == nil && len(s.data) < s.size() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = orDamaged(err)
	}
	if mask {
		g := greyOf(img)
		for i := range g.Pix {
			g.Pix[i] = 255 - g.Pix[i] // sample 0 paints
		}
		return pic{mask: g, stencil: true}, err
	}
	return pic{img: img}, err
}

func orDamaged(err error) error {
	if errors.Is(err, filter.ErrDecodeLimitExceeded) {
		return tooLarge()
	}
	if errors.Is(err, filter.ErrUnsupportedFilter) {
		return foreign("PDF", err)
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return damaged(err)
}

// decoded applies the first n filters of a stream that should have a size; one
// that swells much further is filter.ErrDecodeLimitExceeded.
func (f *pdfFile) decoded(sd types.StreamDict, n, size int) ([]byte, error) {
	if n == 0 {
		return sd.Raw, nil
	}
	sd.FilterPipeline, sd.Content = sd.FilterPipeline[:n], nil
	return guarded(func() ([]byte, error) { return sd.DecodeLengthWithLimit(-1, int64(size)+1<<20) })
}

func (f *pdfFile) jpeg(sd types.StreamDict) (pic, error) {
	data, err := f.decoded(sd, len(sd.FilterPipeline)-1, f.limits.Pixels)
	if err != nil {
		return pic{}, orDamaged(err)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return pic{}, damaged(err)
	}
	if !fits(c.Width, c.Height, f.limits.Pixels) {
		return pic{}, tooLarge()
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return pic{}, damaged(err)
	}
	if d := f.numbers(sd.Dict["Decode"]); len(d) >= 2 && d[0] > d[1] {
		if g, ok := img.(*image.Gray); ok {
			for i := range g.Pix {
				g.Pix[i] = 255 - g.Pix[i]
			}
			return pic{img: g}, nil
		}
	}
	return pic{img: img, jpeg: data}, nil
}

// fax decodes a picture of CCITTFaxDecode (ISO 32000-1, 7.4.6) into bits, one
// byte-aligned row after the other, 0 for black unless the stream says otherwise.
func (f *pdfFile) fax(sd types.StreamDict, w, h int) ([]byte, error) {
	n := len(sd.FilterPipeline)
	data, err := f.decoded(sd, n-1, f.limits.Pixels)
	if err != nil {
		return nil, err
	}
	parms := sd.FilterPipeline[n-1].DecodeParms
	k, _ := f.number(parms["K"])
	if cols, ok := f.number(parms["Columns"]); ok && int(cols) != w || !ok && w != 1728 {
		return nil, fmt.Errorf("fax: %v columns in a picture of %d", cols, w)
	}
	align, _ := f.get(parms["EncodedByteAlign"]).(types.Boolean)
	black1, _ := f.get(parms["BlackIs1"]).(types.Boolean)
	g, err := fax{w: w, h: h, k: int(k), aligned: bool(align)}.decode(data)
	row := (w + 7) / 8
	out := make([]byte, row*h)
	for y := range h {
		for x, v := range g.Pix[y*g.Stride : y*g.Stride+w] {
			if (v == 0) == bool(black1) {
				out[y*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return out, err
}

// space is a colour space as far as it can be shown: by the number of its
// components, or by its palette.
type space struct {
	n       int    // components of a sample
	base    int    // components of a palette's entry, 0 without a palette
	palette []byte // base bytes an entry
	ink     bool   // one component of ink: 0 is paper
}

// space reads a colour space (8.6). One that is not known has no components.
func (f *pdfFile) space(o, resources types.Object, depth int) space {
	if depth > mostNesting {
		return space{}
	}
	switch v := f.get(o).(type) {
	case nil:
		return space{n: 1}
	case types.Name:
		switch v {
		case "DeviceGray", "CalGray", "G":
			return space{n: 1}
		case "DeviceRGB", "CalRGB", "RGB":
			return space{n: 3}
		case "DeviceCMYK", "CMYK":
			return space{n: 4}
		}
		res, _ := f.get(resources).(types.Dict)
		spaces, _ := f.get(res["ColorSpace"]).(types.Dict)
		if named, ok := spaces[string(v)]; ok {
			return f.space(named, nil, depth+1)
		}
	case types.Array:
		if len(v) == 0 {
			return space{}
		}
		switch family, _ := f.get(v[0]).(types.Name); {
		case len(v) == 1, family == "CalGray", family == "CalRGB":
			return f.space(family, resources, depth+1)
		case family == "Lab":
			return space{n: 3}
		case family == "ICCBased":
			sd, _ := f.get(v[1]).(types.StreamDict)
			n, _ := f.number(sd.Dict["N"])
			return space{n: int(n)}
		case family == "Separation":
			return space{n: 1, ink: true}
		case (family == "Indexed" || family == "I") && len(v) == 4:
			return space{n: 1, base: f.space(v[1], resources, depth+1).n, palette: f.bytes(v[3])}
		}
	}
	return space{}
}

func (f *pdfFile) bytes(o types.Object) []byte {
	switch v := f.get(o).(type) {
	case types.StringLiteral:
		b, err := types.Unescape(v.Value())
		if err != nil {
			return nil
		}
		return b
	case types.HexLiteral:
		b, err := v.Bytes()
		if err != nil {
			return nil
		}
		return b
	case types.StreamDict:
		b, err := f.decoded(v, len(v.FilterPipeline), 1<<16)
		if err != nil {
			return nil
		}
		return b
	}
	return nil
}

// samples are the plain bits of a picture.
type samples struct {
	w, h, bits int
	space      space
	decode     []float64
	data       []byte
}

func (s *samples) size() int { return (s.w*s.space.n*s.bits + 7) / 8 * s.h }

// image gives the samples colours; what is missing at the end stays white.
func (s *samples) image() (image.Image, error) {
	switch s.bits {
	case 1, 2, 4, 8, 16:
	default:
		return nil, foreign("PDF", fmt.Errorf("pdf: %d bits a component", s.bits))
	}
	n := s.space.n
	if n != 1 && n != 3 && n != 4 || s.space.palette != nil && s.space.base != 1 && s.space.base != 3 && s.space.base != 4 {
		return nil, foreign("PDF", fmt.Errorf("pdf: colour space of %d components", n))
	}
	row := (s.w*n*s.bits + 7) / 8
	grey := n == 1 && (s.space.palette == nil || s.space.base == 1)
	g := image.NewGray(image.Rect(0, 0, s.w, s.h))
	var rgb *image.RGBA
	if !grey {
		g, rgb = nil, image.NewRGBA(image.Rect(0, 0, s.w, s.h))
		for i := range rgb.Pix {
			rgb.Pix[i] = 255
		}
	} else {
		for i := range g.Pix {
			g.Pix[i] = 255
		}
	}
	flip := len(s.decode) >= 2 && s.decode[0] > s.decode[1]
	if s.space.ink {
		flip = !flip
	}
	var c [4]uint8
	for y := range s.h {
		if (y+1)*row > len(s.data) {
			break
		}
		line := s.data[y*row : (y+1)*row]
		for x := range s.w {
			for k := range n {
				c[k] = s.sample(line, x*n+k, flip)
			}
			if grey {
				g.Pix[y*g.Stride+x] = c[0]
				continue
			}
			v := rgb.Pix[y*rgb.Stride+4*x:][:3]
			v[0], v[1], v[2] = s.colour(c)
		}
	}
	if grey {
		return g, nil
	}
	return rgb, nil
}

// sample is one component, 0 to 255; of a palette with greys, the grey; of one
// with colours, the entry's number.
func (s *samples) sample(line []byte, i int, flip bool) uint8 {
	var v, most int
	switch s.bits {
	case 8:
		v, most = int(line[i]), 255
	case 16:
		v, most = int(line[2*i]), 255
	default:
		most = 1<<s.bits - 1
		v = int(line[i*s.bits/8]) >> (8 - s.bits - i*s.bits%8) & most
	}
	if s.space.palette != nil {
		if s.space.base != 1 {
			return uint8(v)
		}
		if v >= len(s.space.palette) {
			return 255
		}
		return s.space.palette[v]
	}
	if flip {
		v = most - v
	}
	return uint8(v * 255 / most)
}

func (s *samples) colour(c [4]uint8) (r, g, b uint8) {
	if s.space.palette != nil {
		i := int(c[0]) * s.space.base
		if i+s.space.base > len(s.space.palette) {
			return 255, 255, 255
		}
		copy(c[:], s.space.palette[i:i+s.space.base])
		if s.space.base == 3 {
			return c[0], c[1], c[2]
		}
	}
	if s.space.n == 3 {
		return c[0], c[1], c[2]
	}
	k := 255 - int(c[3])
	return uint8((255 - int(c[0])) * k / 255), uint8((255 - int(c[1])) * k / 255), uint8((255 - int(c[2])) * k / 255)
}
