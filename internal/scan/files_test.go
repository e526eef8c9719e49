package scan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

// builder writes a PDF as a scanner would.
type builder struct {
	objects []string
	pages   []int
}

func (b *builder) add(object string) int {
	b.objects = append(b.objects, object)
	return len(b.objects)
}

func (b *builder) stream(dict string, data []byte) int {
	return b.add(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data))
}

// page adds a page with pictures named I0, I1, … in its resources.
func (b *builder) page(more, content string, pictures ...int) {
	c := b.stream("", []byte(content))
	x := ""
	for i, p := range pictures {
		x += fmt.Sprintf("/I%d %d 0 R ", i, p)
	}
	b.pages = append(b.pages, b.add(fmt.Sprintf("<< /Type /Page /Parent 0 0 R /Contents %d 0 R /Resources << /XObject << %s >> >> %s >>", c, x, more)))
}

func (b *builder) bytes() []byte {
	kids := ""
	for _, p := range b.pages {
		kids += fmt.Sprintf("%d 0 R ", p)
	}
	tree := len(b.objects) + 1
	for _, p := range b.pages {
		b.objects[p-1] = string(bytes.Replace([]byte(b.objects[p-1]), []byte("/Parent 0 0 R"), fmt.Appendf(nil, "/Parent %d 0 R", tree), 1))
	}
	b.add(fmt.Sprintf("<< /Type /Pages /Count %d /MediaBox [0 0 595 842] /Kids [%s] >>", len(b.pages), kids))
	root := b.add(fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", tree))
	var out bytes.Buffer
	out.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range b.objects {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, root, xref)
	return out.Bytes()
}

const wholePage = "q 595 0 0 842 0 0 cm /I0 Do Q"

func jpegOf(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deflated(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bitsOf packs an image at one bit a pixel, 1 for white.
func bitsOf(g *image.Gray) []byte {
	row := (g.Rect.Dx() + 7) / 8
	out := make([]byte, row*g.Rect.Dy())
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			if g.Pix[y*g.Stride+x] >= 128 {
				out[y*row+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return out
}

func (b *builder) greyPicture(t testing.TB, g *image.Gray, more string) int {
	return b.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode %s", g.Rect.Dx(), g.Rect.Dy(), more), deflated(t, packed(g)))
}

func (b *builder) jpegPicture(t testing.TB, g image.Image) int {
	return b.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode", g.Bounds().Dx(), g.Bounds().Dy()), jpegOf(t, g, 85))
}

// packed is the pixels without the end of each row that is not of the picture.
func packed(g *image.Gray) []byte {
	out := make([]byte, 0, g.Rect.Dx()*g.Rect.Dy())
	for y := range g.Rect.Dy() {
		out = append(out, g.Pix[y*g.Stride:y*g.Stride+g.Rect.Dx()]...)
	}
	return out
}

// tiffPart is one page of a TIFF.
type tiffPart struct {
	w, h, bits, orientation, compression int
	data                                 []byte
	sub                                  uint32 // NewSubfileType
}

func greyPart(g *image.Gray) tiffPart {
	return tiffPart{w: g.Rect.Dx(), h: g.Rect.Dy(), bits: 8, orientation: 1, compression: 1, data: packed(g)}
}

// tiffOf writes a TIFF of several pages.
func tiffOf(order binary.AppendByteOrder, parts ...tiffPart) []byte {
	out := []byte("II*\x00")
	if order.AppendUint16(nil, 1)[0] == 0 {
		out = []byte("MM\x00*")
	}
	next := len(out) // where the offset of the next page goes
	out = order.AppendUint32(out, 0)
	for _, p := range parts {
		data := len(out)
		out = append(out, p.data...)
		if len(out)%2 == 1 {
			out = append(out, 0)
		}
		copy(out[next:], order.AppendUint32(nil, uint32(len(out))))
		entries := [][3]uint32{
			{0x00fe, 4, p.sub}, {0x0100, 4, uint32(p.w)}, {0x0101, 4, uint32(p.h)}, {0x0102, 3, uint32(p.bits)}, {0x0103, 3, uint32(p.compression)}, {0x0106, 3, 1},
			{0x0111, 4, uint32(data)}, {0x0112, 3, uint32(p.orientation)}, {0x0115, 3, 1}, {0x0116, 4, uint32(p.h)}, {0x0117, 4, uint32(len(p.data))},
		}
		out = order.AppendUint16(out, uint16(len(entries)))
		for _, e := range entries {
			out = order.AppendUint16(out, uint16(e[0]))
			out = order.AppendUint16(out, uint16(e[1]))
			out = order.AppendUint32(out, 1)
			if e[1] == 3 {
				out = order.AppendUint16(out, uint16(e[2]))
				out = order.AppendUint16(out, 0)
			} else {
				out = order.AppendUint32(out, e[2])
			}
		}
		next = len(out)
		out = order.AppendUint32(out, 0)
	}
	return out
}
