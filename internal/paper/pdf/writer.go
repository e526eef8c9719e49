// Package pdf writes PDF 1.7 documents (ISO 32000-1) made of text, lines and
// bar code modules, page by page: a page leaves memory when it is added, so
// that a document of thousands of pages needs no more memory than one of ten.
//
// It refuses everything a printed form does not need: colours, transparency,
// forms to fill in, links, fonts without TrueType outlines. Pictures are only
// what was scanned. The same calls always give the same bytes.
package pdf

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Info is what a document says about itself.
type Info struct {
	Title    string
	Producer string
	Language string    // BCP 47, for screen readers: "de-DE"
	Created  time.Time // also the time of last change
}

// Writer writes one document. It is not safe for use by several goroutines.
type Writer struct {
	out     *bufio.Writer
	at      int64   // bytes written
	offsets []int64 // by object number - 1; 0 is reserved, not yet written
	pages   []int   // object numbers
	marks   []mark
	fonts   []fontUse
	numbers map[*Font]int
	forms   []*Form
	scans   []int // object numbers of pictures
	info    Info
	packed  bytes.Buffer
	spare   [][]byte // space of pages already written
	zip     *zlib.Writer
	err     error
}

type fontUse struct {
	font *Font
	obj  int
	used map[uint16]rune
}

type mark struct {
	title string
	deep  bool
	page  int // object number
}

// The first objects have fixed numbers.
const (
	objCatalog = 1 + iota
	objPages
	objResources
	objInfo
)

// NewWriter begins a document on out. Nothing is complete before Close.
func NewWriter(out io.Writer, info Info) *Writer {
	w := &Writer{out: bufio.NewWriterSize(out, 64<<10), numbers: map[*Font]int{}, info: info, offsets: make([]int64, objInfo)}
	w.zip, _ = zlib.NewWriterLevel(&w.packed, zlib.BestSpeed) // the level is valid
	w.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	return w
}

func (w *Writer) printf(format string, args ...any) {
	if w.err != nil {
		return
	}
	n, err := fmt.Fprintf(w.out, format, args...)
	w.at += int64(n)
	w.err = err
}

func (w *Writer) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *Writer) begin(obj int) {
	w.offsets[obj-1] = w.at
	w.printf("%d 0 obj\n", obj)
}

// stream writes a compressed stream object; dict holds further entries.
func (w *Writer) stream(obj int, dict string, body []byte) {
	w.packed.Reset()
	w.zip.Reset(&w.packed)
	if _, err := w.zip.Write(body); err != nil && w.err == nil {
		w.err = err
	}
	if err := w.zip.Close(); err != nil && w.err == nil {
		w.err = err
	}
	w.begin(obj)
	w.printf("<<%s/Filter/FlateDecode/Length %d>>\nstream\n", dict, w.packed.Len())
	if w.err == nil {
		var n int
		n, w.err = w.out.Write(w.packed.Bytes())
		w.at += int64(n)
	}
	w.printf("\nendstream\nendobj\n")
}

// use returns the number of a font, which is embedded at Close.
func (w *Writer) use(f *Font) int {
	if n, ok := w.numbers[f]; ok {
		return n
	}
	w.fonts = append(w.fonts, fontUse{font: f, obj: w.reserve(), used: map[uint16]rune{}})
	w.numbers[f] = len(w.fonts)
	return len(w.fonts)
}

// Add writes a finished page and forgets what is on it.
func (w *Writer) Add(p *Page) error {
	content, page := w.reserve(), w.reserve()
	w.stream(content, "", p.b)
	w.begin(page)
	w.printf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Resources %d 0 R/Contents %d 0 R>>\nendobj\n",
		objPages, p.W*pointPerMM, p.H*pointPerMM, objResources, content)
	w.pages = append(w.pages, page)
	if len(w.spare) < 16 {
		w.spare = append(w.spare, p.b[:0])
	}
	p.b = nil
	return w.err
}

// Pages returns how many pages were added.
func (w *Writer) Pages() int { return len(w.pages) }

// Mark puts an entry into the table of contents that leads to the last page
// added; a deep one goes below the last that is not.
func (w *Writer) Mark(title string, deep bool) {
	if len(w.pages) == 0 {
		return
	}
	w.marks = append(w.marks, mark{title, deep, w.pages[len(w.pages)-1]})
}

// Form is a drawing that many pages show and that is drawn later: the number of
// all pages is known only at the end.
type Form struct {
	obj  int
	page *Page
}

// Form reserves a drawing of the given size; draw on Page before Close.
func (w *Writer) Form(width, height float64) *Form {
	f := &Form{obj: w.reserve(), page: w.Page(width, height)}
	w.forms = append(w.forms, f)
	return f
}

// Page returns what to draw the form on. Its origin is the upper left corner,
// which Page.Place puts at the place given there.
func (f *Form) Page() *Page { return f.page }

// Close writes fonts, table of contents and index. The document is complete
// only if Close returns nil; it does not close the underlying writer.
func (w *Writer) Close() error {
	if len(w.pages) == 0 && w.err == nil {
		w.err = errors.New("pdf: document without pages")
	}
	for _, f := range w.forms {
		w.stream(f.obj, fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 %.2f %.2f]/Matrix[1 0 0 1 0 %.2f]/Resources %d 0 R",
			f.page.W*pointPerMM, f.page.H*pointPerMM, -f.page.H*pointPerMM, objResources), f.page.b)
	}
	for _, f := range w.fonts {
		w.font(f)
	}
	w.resources()
	outline := w.outline()
	w.begin(objPages)
	w.printf("<</Type/Pages/Count %d/Kids[", len(w.pages))
	for _, p := range w.pages {
		w.printf("%d 0 R ", p)
	}
	w.printf("]>>\nendobj\n")
	w.begin(objCatalog)
	w.printf("<</Type/Catalog/Pages %d 0 R/Lang(%s)/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>%s>>\nendobj\n",
		objPages, plain(w.info.Language), outline)
	w.begin(objInfo)
	date := w.info.Created.UTC().Format("D:20060102150405Z")
	w.printf("<</Title%s/Producer%s/CreationDate(%s)/ModDate(%s)>>\nendobj\n", text(w.info.Title), text(w.info.Producer), date, date)
	w.index()
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write pdf: %w", w.err)
	}
	return nil
}

func (w *Writer) resources() {
	w.begin(objResources)
	w.printf("<</ProcSet[/PDF/Text/ImageB/ImageC]/Font<<")
	for i, f := range w.fonts {
		w.printf("/F%d %d 0 R", i+1, f.obj)
	}
	w.printf(">>/XObject<<")
	for _, f := range w.forms {
		w.printf("/X%d %d 0 R", f.obj, f.obj)
	}
	for _, obj := range w.scans {
		w.printf("/X%d %d 0 R", obj, obj)
	}
	w.printf(">>>>\nendobj\n")
}

func (w *Writer) index() {
	start := w.at
	w.printf("xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, o := range w.offsets {
		w.printf("%010d 00000 n \n", o)
	}
	w.printf("trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, objCatalog, objInfo, start)
}

// font writes a composite font whose character codes are glyph numbers (ISO
// 32000-1, 9.7.4), with the map back to Unicode for search and copying.
func (w *Writer) font(u fontUse) {
	glyphs := make([]uint16, 0, len(u.used))
	for g := range u.used {
		glyphs = append(glyphs, g)
	}
	slices.Sort(glyphs)
	f, name := u.font, fmt.Sprintf("NBAAA%c+Notbetrieb%d", 'A'+w.numbers[u.font]-1, w.numbers[u.font])
	file, desc, cid, uni := w.reserve(), w.reserve(), w.reserve(), w.reserve()
	data := f.subset(u.used)
	w.stream(file, fmt.Sprintf("/Length1 %d", len(data)), data)
	w.begin(desc)
	stem := 80
	if f.bold {
		stem = 140
	}
	w.printf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV %d/FontFile2 %d 0 R>>\nendobj\n",
		name, f.bbox[0], f.bbox[1], f.bbox[2], f.bbox[3], f.ascent, f.descent, f.capHeight, stem, file)
	w.begin(cid)
	w.printf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/CIDToGIDMap/Identity/FontDescriptor %d 0 R/DW 0/W[", name, desc)
	for _, g := range glyphs {
		w.printf("%d[%.2f]", g, float64(f.widths[g])*1000/f.upem)
	}
	w.printf("]>>\nendobj\n")
	w.stream(uni, "", toUnicode(glyphs, u.used))
	w.begin(u.obj)
	w.printf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>\nendobj\n", name, cid, uni)
}

func toUnicode(glyphs []uint16, runes map[uint16]rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
		"/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(glyphs, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&b, "<%04X><", g)
			for _, u := range utf16.Encode([]rune{runes[g]}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// text returns a text string object in UTF-16 (ISO 32000-1, 7.9.2.2).
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

// plain keeps letters, digits and hyphens.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}
