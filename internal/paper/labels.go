package paper

import (
	"fmt"
	"io"
	"slices"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/sheet"
)

// LabelSheet describes a sheet of labels; all lengths in millimetres.
type LabelSheet struct {
	W, H         float64 // one label
	Cols, Rows   int
	Left, Top    float64 // margin of the sheet before the first label
	GapX, GapY   float64
	PageW, PageH float64 // zero: A4 portrait
}

// Labels70x37 is the sheet of 24 labels found on wards.
func Labels70x37() LabelSheet { return LabelSheet{W: 70, H: 37, Cols: 3, Rows: 8, Top: 0.5} }

// Labels writes count labels of each patient, beginning at the position start
// (from 1, along the rows) of the first sheet, so that a used sheet can be used
// up. A sheet description that does not fit its page, or labels too small to
// read (under 40 × 20 mm), is fault.Invalid.
func Labels(w io.Writer, h Head, patients []*chart.Patient, sheet LabelSheet, count, start int) error {
	var each []*chart.Patient
	for _, p := range patients {
		if p != nil {
			each = append(each, slices.Repeat([]*chart.Patient{p}, max(count, 0))...)
		}
	}
	if count < 1 {
		start = 0 // refused below
	}
	return onLabels(w, h, sheet, start, d2(h, "Etiketten", "Labels"), len(each), func(d *document, page *pdf.Page, x, y float64, i int) {
		d.label(page, x, y, sheet.W, sheet.H, each[i])
	})
}

// onLabels draws n labels from the position start on.
func onLabels(w io.Writer, h Head, sheet LabelSheet, start int, title string, n int, draw func(d *document, page *pdf.Page, x, y float64, i int)) error {
	if sheet.PageW == 0 || sheet.PageH == 0 {
		sheet.PageW, sheet.PageH = 210, 297
	}
	per := sheet.Cols * sheet.Rows
	if start < 1 || start > max(1, per) {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Anzahl und Startfeld müssen mindestens 1 sein, und das Startfeld muss auf dem Bogen liegen. Es wurde nichts gedruckt.",
			EN: "Number and start position must be at least 1, and the position must be on the sheet. Nothing was printed.",
		})
	}
	if sheet.W < 40 || sheet.H < 20 || sheet.Cols < 1 || sheet.Rows < 1 ||
		sheet.Left+float64(sheet.Cols)*(sheet.W+sheet.GapX)-sheet.GapX > sheet.PageW+0.01 ||
		sheet.Top+float64(sheet.Rows)*(sheet.H+sheet.GapY)-sheet.GapY > sheet.PageH+0.01 {
		return tooSmall()
	}
	if n == 0 {
		return noPatients()
	}
	d, err := newDocument(w, h, PackOptions{}, title)
	if err != nil {
		return err
	}
	var page *pdf.Page
	for i, at := 0, start-1; i < n; i, at = i+1, at+1 {
		if at == per {
			if err := d.out.Add(page); err != nil {
				return fmt.Errorf("add labels: %w", err)
			}
			page, at = nil, 0
		}
		if page == nil {
			page = d.out.Page(sheet.PageW, sheet.PageH)
		}
		x := sheet.Left + float64(at%sheet.Cols)*(sheet.W+sheet.GapX)
		y := sheet.Top + float64(at/sheet.Cols)*(sheet.H+sheet.GapY)
		draw(d, page, x, y, i)
	}
	if err := d.out.Add(page); err != nil {
		return fmt.Errorf("add labels: %w", err)
	}
	return d.close()
}

// label draws one label: who, then Code 128 and DataMatrix below.
func (d *document) label(p *pdf.Page, x, y, w, h float64, c *chart.Patient) {
	const edge = 3.0 // what printers cannot reach, and what a feed may be off
	stay, _ := c.Current()
	code := sheet.Code{Form: sheet.FormLabel, Case: stay.Case, Key: c.Key, Page: 1, Seq: d.head.Seq}
	low := min(13, h*0.42)
	side := matrix(p, x+w-edge+1, y+h-edge+1, span{most: low}, code.String())
	s := style{d.f.cond, small}
	room := w - 2*edge - side
	if used := bars(p, x+edge-1, y+h-edge-low+2, low-5.5, room, string(stay.Case)); used > 0 {
		p.Text(x+edge+used/2-s.width(string(stay.Case))/2-1, y+h-edge+0.3, s.font, s.size, 0, string(stay.Case))
	}
	lines := d.idLines(c, stay, nil)
	for i := range lines {
		lines[i].size = min(lines[i].size, 12)
		if lines[i].text == d.caseNo(stay.Case) && stay.Now.Known && stay.Now.V.Ward != "" {
			lines[i].text = joined(" · ", lines[i].text, stay.Now.V.Ward)
		}
	}
	d.fit(p, x+edge, y+edge-1, w-2*edge, h-2*edge-low+1.5, lines)
}
