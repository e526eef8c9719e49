package paper

import (
	"bytes"
	"context"
	"encoding/xml"
	"image"
	_ "image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
)

// drawn is a finished document on disk.
type drawn struct{ file string }

func drawTo(t *testing.T, write func(io.Writer) error) drawn {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	d := drawn{filepath.Join(t.TempDir(), "sheet.pdf")}
	if err := os.WriteFile(d.file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// poppler runs one of the poppler tools; without it the test is skipped, but
// not in CI.
func poppler(t *testing.T, tool string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed (poppler-utils)", tool)
		}
		t.Skipf("%s is not installed (poppler-utils): the sheet is not read back", tool)
	}
	out, err := exec.CommandContext(context.Background(), path, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return out
}

func (d drawn) text(t *testing.T) string {
	return string(poppler(t, "pdftotext", "-layout", "-enc", "UTF-8", d.file, "-"))
}

// flat returns the text with runs of blanks made one, to look for sentences.
func (d drawn) flat(t *testing.T) string {
	return strings.Join(strings.Fields(string(poppler(t, "pdftotext", "-enc", "UTF-8", d.file, "-"))), " ")
}

type word struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

type boxedPage struct {
	W     float64 `xml:"width,attr"`
	H     float64 `xml:"height,attr"`
	Words []word  `xml:"word"`
}

func (d drawn) pages(t *testing.T) []boxedPage {
	t.Helper()
	var doc struct {
		Pages []boxedPage `xml:"body>doc>page"`
	}
	out := poppler(t, "pdftotext", "-bbox", "-enc", "UTF-8", d.file, "-")
	dec := xml.NewDecoder(bytes.NewReader(out))
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc.Pages
}

// field is a part of a page in millimetres.
type field struct{ x, y, w, h float64 }

// scan returns a field of page n (from 1) as a scan at 150 dpi in greys.
func (d drawn) scan(t *testing.T, n int, f field) image.Image {
	t.Helper()
	px := func(mm float64) string { return strconv.Itoa(int(mm * 150 / 25.4)) }
	page := strconv.Itoa(n)
	out := poppler(t, "pdftoppm", "-r", "150", "-gray", "-png", "-f", page, "-l", page, "-x", px(f.x), "-y", px(f.y), "-W", px(f.w), "-H", px(f.h), d.file)
	img, _, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func bitmap(t *testing.T, img image.Image) *gozxing.BinaryBitmap {
	t.Helper()
	b, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readMatrix(t *testing.T, img image.Image) string {
	t.Helper()
	r, err := datamatrix.NewDataMatrixReader().Decode(bitmap(t, img), nil)
	if err != nil {
		t.Fatalf("DataMatrix not readable at 150 dpi: %v", err)
	}
	return r.GetText()
}

func readBars(t *testing.T, img image.Image) string {
	t.Helper()
	r, err := oned.NewCode128Reader().Decode(bitmap(t, img), nil)
	if err != nil {
		t.Fatalf("Code 128 not readable at 150 dpi: %v", err)
	}
	return r.GetText()
}
