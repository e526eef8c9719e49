package demo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sheet is what one PDF shows: a letterhead, the patient, paragraphs, and a
// drawing where a device made one.
type sheet struct {
	title   string
	patient string
	lines   []string
	signed  string
	drawing string // "", "ecg", "scope"
	seed    int
}

// pdf writes a sheet as a PDF 1.4 file of one or more A4 pages with the
// standard fonts (ISO 32000-1, sections 7.5 and 9.6.2.2). It is written by
// hand: the bytes must be the same each time, and carry no time of their own.
func (s sheet) pdf() []byte {
	pages := s.pages()
	var b strings.Builder
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.4\n%\xE2\xE3\xCF\xD3\n")
	kids := make([]string, len(pages))
	for i := range pages {
		kids[i] = strconv.Itoa(5+2*i) + " 0 R"
	}
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(pages)))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
	for i, p := range pages {
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>", 6+2*i))
		object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(p), p))
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return []byte(b.String())
}

const (
	left, right   = 62, 533
	top, bottom   = 780, 90
	leading       = 15
	lettersInLine = 92
)

// pages returns the content streams.
func (s sheet) pages() []string {
	var all []string
	var b strings.Builder
	y := top
	put := func(font string, size, x int, text string) {
		fmt.Fprintf(&b, "BT /%s %d Tf %d %d Td (%s) Tj ET\n", font, size, x, y, pdfText(text))
	}
	head := func() {
		y = top
		put("F2", 15, left, "Klinikum Sankt Lind")
		y -= 13
		put("F1", 8, left, "Am Klinikum 1 · 38990 Lindental · Telefon 05390 100-0 · IK "+ik(26030517))
		fmt.Fprintf(&b, "0.6 w %d %d m %d %d l S\n", left, y-6, right, y-6)
		y -= 30
		put("F2", 9, left, s.patient)
		y -= 26
	}
	head()
	put("F2", 13, left, s.title)
	y -= 26
	if s.drawing != "" {
		y = s.draw(&b, y)
	}
	for _, para := range s.lines {
		for _, line := range wrap(para, lettersInLine) {
			if y < bottom {
				put("F1", 8, right-40, "Seite "+strconv.Itoa(len(all)+1))
				all = append(all, b.String())
				b.Reset()
				head()
			}
			put("F1", 10, left, line)
			y -= leading
		}
		y -= 4
	}
	y -= 20
	put("F1", 10, left, s.signed)
	y -= leading
	put("F1", 8, left, "Elektronisch freigegeben, ohne Unterschrift gültig.")
	return append(all, b.String())
}

// draw draws a trace or a picture and returns where the text goes on.
func (s sheet) draw(b *strings.Builder, y int) int {
	const height = 150
	base := float64(y - height/2)
	fmt.Fprintf(b, "0.9 0.6 0.6 RG 0.2 w\n")
	for x := left; x <= right; x += 12 {
		fmt.Fprintf(b, "%d %d m %d %d l S\n", x, y, x, y-height)
	}
	for v := y; v >= y-height; v -= 12 {
		fmt.Fprintf(b, "%d %d m %d %d l S\n", left, v, right, v)
	}
	b.WriteString("0 0 0 RG 0.8 w\n")
	if s.drawing == "scope" {
		for ring := 1; ring <= 3; ring++ {
			for i := 0; i <= 72; i++ {
				a := float64(i) / 72 * 2 * math.Pi
				r := float64(22*ring) + 4*math.Sin(a*float64(3+ring)+float64(s.seed%7))
				point(b, i, 297+r*math.Cos(a), base+r*math.Sin(a))
			}
			b.WriteString("S\n")
		}
		return y - height - 24
	}
	beat := 52 + s.seed%26
	for i := 0; i <= (right-left)*1; i++ {
		t := float64(i%beat) / float64(beat)
		v := 8*bump(t, .18, .03) - 9*bump(t, .335, .008) + 62*bump(t, .36, .009) - 16*bump(t, .385, .009) + 14*bump(t, .62, .05)
		point(b, i, float64(left+i), base-12+v)
	}
	b.WriteString("S\n")
	return y - height - 24
}

func bump(t, middle, width float64) float64 {
	x := (t - middle) / width
	return math.Exp(-x * x / 2)
}

func point(b *strings.Builder, i int, x, y float64) {
	op := "l"
	if i == 0 {
		op = "m"
	}
	b.WriteString(number(x, 1) + " " + number(y, 1) + " " + op + "\n")
}

// pdfText returns s as a PDF string in WinAnsiEncoding.
func pdfText(s string) string {
	s = strings.NewReplacer("\\", "\\\\", "(", "\\(", ")", "\\)").Replace(s)
	return string(encodeLatin([]byte(s), false))
}

// wrap breaks a paragraph into lines of at most n letters.
func wrap(s string, n int) []string {
	var all []string
	for para := range strings.SplitSeq(s, "\n") {
		line := ""
		for word := range strings.FieldsSeq(para) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > n {
				all = append(all, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		all = append(all, line)
	}
	return all
}
