package scan

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"notbetrieb/internal/fault"
)

// all returns the pages of a file and what ended it.
func all(t testing.TB, file []byte, l Limits) ([]Page, error) {
	t.Helper()
	var out []Page
	for p, err := range Pages(context.Background(), file, l) {
		if err != nil {
			return out, err
		}
		if p.Number != len(out)+1 {
			t.Errorf("page %d has number %d", len(out)+1, p.Number)
		}
		out = append(out, p)
	}
	return out, nil
}

// codes reads what stands on good pages, in order.
func codes(t testing.TB, file []byte) string {
	t.Helper()
	pages, err := all(t, file, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range pages {
		if p.Problem != nil {
			t.Fatalf("page %d: %v", p.Number, p.Problem)
		}
		r := Read(p.Grey())
		if r.Problem != nil {
			t.Fatalf("page %d: %v", p.Number, r.Problem)
		}
		out = append(out, fmt.Sprintf("%s%d", r.Code.Form, r.Code.Page))
	}
	return strings.Join(out, " ")
}

// at150 is a printed page scanned at 150 dpi.
func at150(p printed) *image.Gray { return plain(150).shoot(newRand(1), p.img) }

func inColour(g *image.Gray) image.Image {
	c := image.NewRGBA(g.Rect)
	draw.Draw(c, c.Rect, g, image.Point{}, draw.Src)
	for y := range 40 {
		for x := range 400 {
			c.SetRGBA(200+x, 200+y, color.RGBA{200, 30, 30, 255})
		}
	}
	return c
}

func TestAStackOfAnyScannerIsTakenApart(t *testing.T) {
	t.Parallel()
	s := sheets(t)
	overview, plan, results := at150(s[0]), at150(s[1]), at150(s[2])
	w, h := overview.Rect.Dx(), overview.Rect.Dy()
	pdf := func(build func(b *builder)) []byte {
		b := &builder{}
		build(b)
		return b.bytes()
	}
	strip := func(g *image.Gray, from, to int) *image.Gray {
		return g.SubImage(image.Rect(0, from, w, to)).(*image.Gray)
	}
	rgb := func(img image.Image) []byte {
		var out []byte
		for y := range h {
			for x := range w {
				r, g, b, _ := img.At(x, y).RGBA()
				out = append(out, byte(r>>8), byte(g>>8), byte(b>>8))
			}
		}
		return out
	}
	lower := bitsOf(plan)
	turned := camera{scale: 0.5, turn: 90, whole: true}.shoot(newRand(1), s[0].img)
	for name, c := range map[string]struct{ file, want string }{
		"JPEG": {string(jpegOf(t, overview, 60)), "U1"},
		"PNG":  {string(pngOf(t, overview)), "U1"},
		"PDF of three JPEGs": {string(pdf(func(b *builder) {
			for _, g := range []*image.Gray{overview, plan, results} {
				b.page("", wholePage, b.jpegPicture(t, g))
			}
		})), "U1 M2 R3"},
		"PDF with greys, deflated": {string(pdf(func(b *builder) { b.page("", wholePage, b.greyPicture(t, plan, "")) })), "M2"},
		"PDF with one bit and a white palette entry first": {string(pdf(func(b *builder) {
			b.page("", wholePage, b.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace [/Indexed /DeviceRGB 1 <000000 FFFFFF>] /Filter /FlateDecode", w, h), deflated(t, lower)))
		})), "M2"},
		"PDF with a stencil": {string(pdf(func(b *builder) {
			b.page("", "0 g "+wholePage, b.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /ImageMask true /Width %d /Height %d /BitsPerComponent 1 /Filter /FlateDecode", w, h), deflated(t, lower)))
		})), "M2"},
		"PDF with colours": {string(pdf(func(b *builder) {
			b.page("", wholePage, b.stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode", w, h), deflated(t, rgb(inColour(plan)))))
		})), "M2"},
		"PDF with strips from below": {string(pdf(func(b *builder) {
			n := h / 3
			b.page("", fmt.Sprintf("q 595 0 0 %[1]f 0 0 cm /I2 Do Q q 595 0 0 %[2]f 0 %[1]f cm /I1 Do Q q 595 0 0 %[2]f 0 %[3]f cm /I0 Do Q",
				842*float64(h-2*n)/float64(h), 842*float64(n)/float64(h), 842*float64(h-n)/float64(h)),
				b.greyPicture(t, strip(results, 0, n), ""), b.greyPicture(t, strip(results, n, 2*n), ""), b.greyPicture(t, strip(results, 2*n, h), ""))
		})), "R3"},
		"PDF with a turned page": {string(pdf(func(b *builder) {
			b.page("/Rotate 270 /MediaBox [0 0 842 595]", "q 842 0 0 595 0 0 cm /I0 Do Q", b.greyPicture(t, turned, ""))
		})), "U1"},
		"PDF with a picture turned by its matrix": {string(pdf(func(b *builder) {
			b.page("", "q 0 842 -595 0 595 0 cm /I0 Do Q", b.greyPicture(t, turned, ""))
		})), "U1"},
		"PDF with a form and the scanner's own invisible text": {string(pdf(func(b *builder) {
			pic := b.greyPicture(t, plan, "")
			form := b.stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Matrix [595 0 0 842 0 0] /Resources << /XObject << /P %d 0 R >> >>", pic), []byte("/P Do"))
			b.page("", "BT 3 Tr (M\\)\\303\\274ller) Tj ET /I0 Do", form)
		})), "M2"},
		"PDF with a background and ink in a soft mask": {string(pdf(func(b *builder) {
			ink := image.NewGray(plan.Rect)
			for i, v := range plan.Pix {
				ink.Pix[i] = 255 - v
			}
			mask := b.greyPicture(t, ink, "")
			black := image.NewGray(image.Rect(0, 0, 8, 8))
			paper := image.NewGray(image.Rect(0, 0, 100, 140))
			draw.Draw(paper, paper.Rect, image.NewUniform(color.Gray{230}), image.Point{}, draw.Src)
			b.page("", wholePage+" q 595 0 0 842 0 0 cm /I1 Do Q", b.jpegPicture(t, paper), b.greyPicture(t, black, fmt.Sprintf("/SMask %d 0 R", mask)))
		})), "M2"},
		"PDF with a picture in its content": {string(pdf(func(b *builder) {
			b.page("", fmt.Sprintf("q 595 0 0 842 0 0 cm\nBI /W %d /H %d /BPC 1 /CS /G /F /Fl\nID %s\nEI\nQ\n", w, h, deflated(t, lower)))
		})), "M2"},
		"TIFF of three pages": {string(tiffOf(binary.LittleEndian, greyPart(overview), greyPart(plan), greyPart(results))), "U1 M2 R3"},
		"TIFF, other byte order, one bit, with a thumbnail": {string(tiffOf(binary.BigEndian,
			tiffPart{w: w, h: h, bits: 1, orientation: 1, compression: 1, data: lower},
			tiffPart{w: 8, h: 8, bits: 8, orientation: 1, compression: 1, data: make([]byte, 64), sub: 1},
			greyPart(results))), "M2 R3"},
		"TIFF with deflated rows": {string(tiffOf(binary.LittleEndian, tiffPart{w: w, h: h, bits: 8, orientation: 1, compression: 8, data: deflated(t, packed(plan))})), "M2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := codes(t, []byte(c.file)); got != c.want {
				t.Errorf("read %s, want %s", got, c.want)
			}
		})
	}
}

func TestAPageIsTurnedAsItsFileSays(t *testing.T) {
	t.Parallel()
	for o := 1; o <= 8; o++ {
		// A page with its upper left in black, as a camera of orientation o stores it.
		shown := image.NewGray(image.Rect(0, 0, 40, 60))
		draw.Draw(shown, shown.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(shown, image.Rect(0, 0, 20, 10), image.Black, image.Point{}, draw.Src)
		back := map[int]int{6: 8, 8: 6}
		as := o
		if b, ok := back[o]; ok {
			as = b
		}
		stored := upright(shown, as).(*image.Gray)
		part := greyPart(stored)
		part.orientation = o
		exif := tiffOf(binary.BigEndian, part)
		raw := jpegOf(t, stored, 100)
		seg := append([]byte("Exif\x00\x00"), exif...)
		raw = append(append([]byte{0xff, 0xd8, 0xff, 0xe1, byte((len(seg) + 2) >> 8), byte(len(seg) + 2)}, seg...), raw[2:]...)
		for kind, file := range map[string][]byte{"TIFF": tiffOf(binary.LittleEndian, part), "JPEG": raw} {
			pages, err := all(t, file, DefaultLimits())
			if err != nil || len(pages) != 1 || pages[0].Problem != nil {
				t.Fatalf("%s: %v, %v", kind, pages, err)
			}
			g := pages[0].Grey()
			if g.Rect != shown.Rect || g.GrayAt(3, 3).Y > 60 || g.GrayAt(17, 7).Y > 60 || g.GrayAt(30, 3).Y < 200 || g.GrayAt(3, 20).Y < 200 {
				t.Errorf("%s of orientation %d is %v and stands wrong", kind, o, g.Rect)
			}
		}
	}
}

// What is kept of a page shows the same page again.
func TestAPageIsKeptWithoutLoss(t *testing.T) {
	t.Parallel()
	g := at150(sheets(t)[1])
	b := &builder{}
	b.page("", wholePage, b.jpegPicture(t, g))
	b.page("", wholePage, b.greyPicture(t, g, ""))
	b.page("", wholePage+" BT (Stempel) Tj ET", b.greyPicture(t, g, ""))
	pages, err := all(t, b.bytes(), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"image/jpeg", "image/png", "application/pdf"} {
		media, data, err := pages[i].Keep()
		if err != nil || media != want {
			t.Fatalf("page %d is kept as %s, %v; want %s", i+1, media, err, want)
		}
		again, err := all(t, data, DefaultLimits())
		if err != nil || len(again) != 1 {
			t.Fatalf("page %d kept as %s has %d pages, %v", i+1, media, len(again), err)
		}
		if !bytes.Equal(packed(again[0].Grey()), packed(pages[i].Grey())) {
			t.Errorf("page %d kept as %s is another picture", i+1, media)
		}
	}
	if pages[2].Problem == nil {
		t.Error("a page with text that is not drawn passes for whole")
	}
}

func TestWhatCannotBeReadGetsAClearAnswer(t *testing.T) {
	t.Parallel()
	g := image.NewGray(image.Rect(0, 0, 800, 1100))
	scanned := func() []byte {
		b := &builder{}
		b.page("", wholePage, b.jpegPicture(t, g))
		b.page("", wholePage, b.greyPicture(t, g, ""))
		return b.bytes()
	}
	locked := func() []byte {
		conf := &model.Configuration{
			Reader15: true, ValidationMode: model.ValidationRelaxed, Eol: types.EolLF, Limits: model.DefaultResourceLimits(),
			Cmd: model.ENCRYPT, UserPW: "geheim", OwnerPW: "geheimer", EncryptUsingAES: true, EncryptKeyLength: 256,
		}
		doc, err := pdfcpu.ReadWithContext(t.Context(), bytes.NewReader(scanned()), conf)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		doc.Write.Writer = bufio.NewWriter(&out)
		if err := errors.Join(pdfcpu.WriteContext(doc), doc.Write.Flush()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	bomb := func(dict string, data []byte) []byte {
		b := &builder{}
		b.page("", wholePage, b.stream("/Type /XObject /Subtype /Image "+dict, data))
		return b.bytes()
	}
	circle := tiffOf(binary.LittleEndian, tiffPart{w: 2, h: 2, bits: 8, orientation: 1, compression: 1, data: make([]byte, 4)})
	copy(circle[len(circle)-4:], circle[4:8])
	small := DefaultLimits()
	small.Pages, small.Pixels = 2, 500_000
	text := patientPDF(t)
	for name, c := range map[string]struct {
		file   []byte
		l      Limits
		fatal  string // the sentence about the file
		page   string // or about each page
		pages  int
		kept   string // media of what is kept of the first page
		pixels bool   // there is an image nevertheless
	}{
		"nothing":                     {file: nil, fatal: "leer"},
		"a letter":                    {file: []byte("Sehr geehrte Damen und Herren"), fatal: "kein Scan"},
		"a large file":                {file: make([]byte, 300), l: Limits{Bytes: 299}, fatal: "zu groß"},
		"a PDF with a password":       {file: locked(), fatal: "Kennwort"},
		"a PDF of text only":          {file: text, page: "kein Bild", pages: 4, kept: "application/pdf"},
		"the head of a PDF":           {file: text[:200], fatal: "beschädigt"},
		"a PDF with its end cut off":  {file: scanned()[:len(scanned())*2/3], fatal: "beschädigt"},
		"too many pages":              {file: scanned(), l: Limits{Bytes: 1 << 20, Pages: 1, Pixels: 1 << 20}, fatal: "zu viele Seiten"},
		"too many pixels in a PDF":    {file: scanned(), l: small, page: "zu viele Bildpunkte", pages: 2, kept: "application/pdf"},
		"too many pixels in a JPEG":   {file: jpegOf(t, g, 50), l: small, page: "zu viele Bildpunkte", pages: 1, kept: "image/jpeg"},
		"too many pixels in a PNG":    {file: pngOf(t, g), l: small, page: "zu viele Bildpunkte", pages: 1, kept: "image/png"},
		"too many pixels in a TIFF":   {file: tiffOf(binary.LittleEndian, greyPart(g)), l: small, page: "zu viele Bildpunkte", pages: 1},
		"half a JPEG":                 {file: jpegOf(t, sheetless(), 50)[:9000], page: "beschädigt", pages: 1, kept: "image/jpeg"},
		"half a PNG":                  {file: pngOf(t, sheetless())[:9000], page: "beschädigt", pages: 1, kept: "image/png"},
		"half a TIFF":                 {file: tiffOf(binary.LittleEndian, greyPart(g))[:500_000], page: "beschädigt", pages: 1},
		"a TIFF that goes in circles": {file: circle, page: "", pages: 2},
		"a picture that says it is small and is not": {
			file: bomb("/Width 1000 /Height 1000 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode", deflated(t, make([]byte, 300_000_000))),
			page: "zu viele Bildpunkte", pages: 1, kept: "application/pdf"},
		"a picture of a million by a million": {file: bomb("/Width 1000000 /Height 1000000 /BitsPerComponent 1 /ColorSpace /DeviceGray", []byte("x")), page: "zu viele Bildpunkte", pages: 1, kept: "application/pdf"},
		"JBIG2":                               {file: bomb("/Width 100 /Height 100 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode", []byte("x")), page: "JBIG2", pages: 1, kept: "application/pdf"},
		"JPEG 2000":                           {file: bomb("/Width 100 /Height 100 /Filter /JPXDecode", []byte("x")), page: "JPX", pages: 1, kept: "application/pdf"},
		"a fax of noise":                      {file: bomb("/Width 100 /Height 100 /BitsPerComponent 1 /Filter /CCITTFaxDecode /DecodeParms << /K 4 /Columns 100 >>", []byte("x")), page: "beschädigt", pages: 1, kept: "application/pdf", pixels: true},
		"a picture with its end cut off": {
			file: bomb("/Width 100 /Height 100 /BitsPerComponent 8 /ColorSpace /DeviceGray", make([]byte, 5000)), page: "beschädigt", pages: 1, kept: "application/pdf", pixels: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := c.l
			if l == (Limits{}) {
				l = DefaultLimits()
			}
			if l.Bytes == 0 {
				l.Bytes = 1 << 30
			}
			pages, err := all(t, c.file, l)
			if c.fatal != "" {
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Say(err).DE, c.fatal) {
					t.Errorf("%d pages, then %v; want %q", len(pages), err, c.fatal)
				}
				return
			}
			if err != nil || len(pages) != c.pages {
				t.Fatalf("%d pages, %v; want %d", len(pages), err, c.pages)
			}
			for _, p := range pages {
				if c.page != "" && (fault.KindOf(p.Problem) != fault.Invalid || !strings.Contains(fault.Say(p.Problem).DE, c.page) || (p.Image != nil) != c.pixels) {
					t.Errorf("page %d: %v, image %v; want %q", p.Number, p.Problem, p.Image != nil, c.page)
				}
			}
			media, data, err := pages[0].Keep()
			if media != c.kept && c.page != "" {
				t.Errorf("kept as %q, %v; want %q", media, err, c.kept)
			}
			if c.kept == "" && c.page != "" && fault.KindOf(err) != fault.NotFound {
				t.Errorf("kept %d bytes, %v", len(data), err)
			}
		})
	}
}

// sheetless is a picture with many edges and no code.
func sheetless() *image.Gray {
	g := image.NewGray(image.Rect(0, 0, 800, 1100))
	rng := newRand(7)
	for i := range g.Pix {
		g.Pix[i] = uint8(rng.Uint32())
	}
	return g
}

func TestAStackStopsWhenItsReaderDoes(t *testing.T) {
	t.Parallel()
	b := &builder{}
	g := image.NewGray(image.Rect(0, 0, 50, 50))
	for range 3 {
		b.page("", wholePage, b.greyPicture(t, g, ""))
	}
	for _, file := range [][]byte{b.bytes(), tiffOf(binary.LittleEndian, greyPart(g), greyPart(g), greyPart(g))} {
		ctx, cancel := context.WithCancel(context.Background())
		n, last := 0, error(nil)
		for _, err := range Pages(ctx, file, DefaultLimits()) {
			if err != nil {
				last = err
				break
			}
			n++
			cancel()
		}
		if n != 1 || !errors.Is(last, context.Canceled) {
			t.Errorf("%d pages, then %v", n, last)
		}
		cancel()
		for range Pages(context.Background(), file, DefaultLimits()) {
			break
		}
	}
}
