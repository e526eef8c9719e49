package paper

import (
	"io"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/paper/pdf"
)

// SpecimenLabels writes one label for the specimen of each order, beginning at
// the position start of the first sheet as [Labels] does. Both codes of a label,
// Code 128 and DataMatrix, hold the order's number and nothing else: it is what
// a laboratory's desk and its analysers read. Errors are those of [Labels].
func SpecimenLabels(w io.Writer, h Head, p *chart.Patient, orders []clinical.Order, sheet LabelSheet, start int) error {
	return onLabels(w, h, sheet, start, d2(h, "Probenetiketten", "Specimen labels"), len(orders), func(d *document, page *pdf.Page, x, y float64, i int) {
		d.specimenLabel(page, x, y, sheet.W, sheet.H, p, orders[i])
	})
}

// specimenLabel draws whose specimen it is, what and from when, the number
// below as bars, matrix and text.
func (d *document) specimenLabel(p *pdf.Page, x, y, w, h float64, c *chart.Patient, o clinical.Order) {
	const edge = 3.0
	stay, _ := c.Current()
	number := o.Placer
	if number == "" {
		number = o.Filler
	}
	low := min(13, h*0.42)
	side := matrix(p, x+w-edge+1, y+h-edge+1, span{most: low}, number)
	s := style{d.f.condBold, small}
	if used := bars(p, x+edge-1, y+h-edge-low+2, low-5.5, w-2*edge-side, number); used > 0 {
		p.Text(x+edge+used/2-s.width(number)/2-1, y+h-edge+0.3, s.font, s.size, 0, number)
	} else {
		p.Text(x+edge, y+h-edge+0.3, s.font, s.size, 0, number)
	}
	what := o.Specimen
	if what == "" {
		what = o.What.Label()
	}
	taken := d.say("entnommen: ____ Uhr", "taken: ____")
	if !o.Taken.IsZero() {
		taken = d.say("entnommen ", "taken ") + d.stamp(o.Taken)
	}
	urgent := ""
	if o.Priority == "S" {
		urgent = d.say("NOTFALL", "STAT")
	}
	lines := d.idLines(c, stay, nil)
	for i := range lines {
		lines[i].size = min(lines[i].size, 11)
		if lines[i].text == d.caseNo(stay.Case) && stay.Now.Known && stay.Now.V.Ward != "" {
			lines[i].text = joined(" · ", lines[i].text, stay.Now.V.Ward)
		}
	}
	lines = append(lines, idLine{joined(" · ", urgent, what), true, 10}, idLine{taken, false, small})
	d.fit(p, x+edge, y+edge-1, w-2*edge, h-2*edge-low+1.5, lines)
}
