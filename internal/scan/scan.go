// Package scan turns a stack of scanned paper into pages, and pages into the
// codes they carry. It knows nothing of patients: who files a page decides by
// what was read here, or asks a person.
//
// A page that cannot be decoded is still a page: it is counted, kept and shown
// to a person, never dropped.
package scan

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/png"
	"iter"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Limits keep a file from taking more memory or time than a stack of paper may.
type Limits struct {
	Bytes  int // of the file
	Pages  int // of the file
	Pixels int // of one page
}

// DefaultLimits are a feeder full of A4 on both sides, each page at 600 dpi.
func DefaultLimits() Limits { return Limits{Bytes: 256 << 20, Pages: 1000, Pixels: 50_000_000} }

// Page is one page of a stack.
type Page struct {
	Number int // from 1 in the file

	// Image is the page as the file says it is to be shown. It is nil where
	// nothing could be decoded, and a part of the page where Problem says so.
	Image image.Image

	// Problem is why the page is not shown or not shown whole; it is nil for a
	// good page. A person looks at the page then.
	Problem error

	keep func() (media string, data []byte, err error)
}

// Keep returns the bytes to file: those of the scanner where they are one
// picture, a PDF of the one page where it is more than pictures, else a lossless
// PNG. A page of which nothing could be decoded or cut out has no bytes of its
// own: Keep gives fault.NotFound, and the whole file is to be kept.
func (p Page) Keep() (media string, data []byte, err error) {
	if p.keep != nil {
		return p.keep()
	}
	if p.Image == nil {
		return "", nil, fault.New(fault.NotFound, lang.Text{
			DE: "Diese Seite lässt sich nicht einzeln speichern. Sie ist in der ganzen Datei enthalten.",
			EN: "This page cannot be stored by itself. It is part of the whole file.",
		})
	}
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, p.Image); err != nil {
		return "", nil, fault.Mark(err, fault.Internal, lang.Text{DE: "Die Seite konnte nicht gespeichert werden.", EN: "The page could not be stored."})
	}
	return "image/png", b.Bytes(), nil
}

// Grey returns the page in greys, or nil where it has no image.
func (p Page) Grey() *image.Gray { return greyOf(p.Image) }

func greyOf(img image.Image) *image.Gray {
	switch img := img.(type) {
	case nil:
		return nil
	case *image.Gray:
		if img.Rect.Min == (image.Point{}) {
			return img
		}
	case *image.YCbCr:
		return &image.Gray{Pix: img.Y, Stride: img.YStride, Rect: img.Rect.Sub(img.Rect.Min)}
	}
	b := img.Bounds()
	g := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(g, g.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(g, g.Rect, img, b.Min, draw.Over)
	return g
}

// Pages returns the pages of a PDF, TIFF, JPEG or PNG file in order, one in
// memory at a time. An error that is not of one page (no such format, a
// password, too large, ctx ended) comes as the last value, with no page.
func Pages(ctx context.Context, file []byte, l Limits) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		var err error
		switch kind := formatOf(file); {
		case len(file) == 0:
			err = fault.New(fault.Invalid, lang.Text{DE: "Die Datei ist leer.", EN: "The file is empty."})
		case len(file) > l.Bytes:
			err = fault.New(fault.Invalid, lang.Text{
				DE: "Die Datei ist zu groß. Bitte den Stapel teilen oder mit geringerer Auflösung scannen.",
				EN: "The file is too large. Please split the stack or scan with a lower resolution.",
			})
		case kind == "pdf":
			err = pdfPages(ctx, file, l, yield)
		case kind == "tiff":
			err = tiffPages(ctx, file, l, yield)
		case kind != "":
			yield(picturePage(file, kind, l), nil)
		default:
			err = fault.New(fault.Invalid, lang.Text{
				DE: "Diese Datei ist kein Scan. Lesbar sind PDF, TIFF, JPEG und PNG.",
				EN: "This file is no scan. PDF, TIFF, JPEG and PNG can be read.",
			})
		}
		if err != nil {
			yield(Page{}, err)
		}
	}
}

func formatOf(file []byte) string {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return "jpeg"
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return "png"
	case bytes.HasPrefix(file, []byte("II*\x00")), bytes.HasPrefix(file, []byte("MM\x00*")):
		return "tiff"
	case bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-")): // some devices write a line before it
		return "pdf"
	}
	return ""
}

// The sentences about one page.
func damaged(err error) error {
	return fault.Mark(err, fault.Invalid, lang.Text{
		DE: "Diese Seite ist beschädigt und nicht vollständig lesbar. Bitte neu scannen.",
		EN: "This page is damaged and cannot be read in full. Please scan it again.",
	})
}

func tooLarge() error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Diese Seite hat zu viele Bildpunkte. Bitte mit 300 dpi scannen.",
		EN: "This page has too many pixels. Please scan with 300 dpi.",
	})
}

func tooMany(pages int) error {
	return fault.Newf(fault.Invalid, lang.Text{
		DE: "Der Stapel hat zu viele Seiten. Bitte teilen.",
		EN: "The stack has too many pages. Please split it.",
	}, "file of %d pages", pages)
}

// foreign is a page in a way of storing pictures that is not read here.
func foreign(kind string, err error) error {
	return fault.Mark(err, fault.Invalid, lang.Text{
		DE: "Diese Seite ist in einer Form gespeichert, die hier nicht gelesen wird (" + kind + "). Bitte von Hand zuordnen oder als JPEG scannen.",
		EN: "This page is stored in a form that is not read here (" + kind + "). Please file it by hand or scan as JPEG.",
	})
}
