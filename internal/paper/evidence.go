package paper

import (
	"image"
	"io"

	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/sheet"
)

// Fact is one named value of a sheet of evidence.
type Fact struct{ Name, Value string }

// CustodyLine is one line of the chain of an item.
type CustodyLine struct {
	Number string
	At     string
	What   string
	Text   []string
	By     string
	Loud   bool // a gap, a difference of hashes
}

// Signer signs a sheet by hand; Picture is what was drawn on a screen, nil for a
// line to sign on.
type Signer struct {
	Who     string
	Picture image.Image
}

// CustodySheet is a receipt, or the sheet that goes with an item.
type CustodySheet struct {
	Kind    string // at the head of each page
	Title   string
	Label   string // of the item, drawn as a code too
	Facts   []Fact
	Warn    string
	Chain   []CustodyLine
	Words   string
	Signers []Signer
	Foot    string
}

// Custody writes receipts or custody sheets, each beginning on its own page. The
// error is that of w, or of a font that cannot be read.
func Custody(w io.Writer, h Head, sheets []CustodySheet) error {
	d, err := newDocument(w, h, PackOptions{}, d2(h, "Beweismittel", "Evidence"))
	if err != nil {
		return err
	}
	for _, s := range sheets {
		f := d.newFlow(false, sheet.Code{Ward: "-"}, s.Kind)
		f.start(sheet.FormList)
		if s.Label != "" {
			matrix(f.p, f.right, f.y+17, span{least: 14, most: 16}, s.Label)
			f.text(f.right-16-(style{f.f.bold, 20}).width(s.Label)-4, f.y+3, style{f.f.bold, 20}, s.Label)
		}
		top := f.y
		for _, l := range (style{f.f.bold, title}).wrap(f.clean(s.Title), f.width()-70) {
			f.text(f.left, f.y, style{f.f.bold, title}, l)
			f.y += (style{f.f.bold, title}).leading()
		}
		f.y = max(f.y, top+19)
		f.p.Line(f.left, f.y, f.right, f.y, 0.4, 0)
		f.y += 1.5
		if s.Warn != "" {
			f.para(style{f.f.bold, strong}, 0, "‼ "+s.Warn)
			f.y += 1.5
		}
		f.facts(s.Facts)
		f.chain(s.Chain)
		if s.Words != "" {
			f.y += 3
			f.para(style{f.f.reg, 10.5}, 0, s.Words)
		}
		if err := f.signers(s.Signers); err != nil {
			return err
		}
		if s.Foot != "" {
			f.y += 3
			f.para(style{f.f.cond, small}, 0, s.Foot)
		}
		if err := f.finish(s.Label, false); err != nil {
			return err
		}
	}
	return d.close()
}

// facts writes names and values in two columns; empty ones are left out.
func (f *flow) facts(list []Fact) {
	t := table{lines: true, cols: f.rest([]column{{width: 48}, {}})}
	f.begin(t)
	for _, x := range list {
		if x.Value != "" {
			f.add(t, row{cells: []cell{{{text: x.Name, style: style{f.f.cond, body}}}, {{text: x.Value, style: style{f.f.reg, body}}}}})
		}
	}
	f.again = nil
}

func (f *flow) chain(lines []CustodyLine) {
	if len(lines) == 0 {
		return
	}
	f.y += 2
	f.section(f.say("Kette", "Chain"), "", 20)
	t := table{grid: true, lines: true, cols: f.rest([]column{{head: f.say("Nr.", "No."), width: 9, right: true}, {head: f.say("Zeit", "Time"), width: 28}, {head: f.say("Was", "What")}, {head: f.say("Eingetragen von", "Written by"), width: 34}})}
	f.begin(t)
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	for _, l := range lines {
		head := b
		what := l.What
		if l.Loud {
			what = "‼ " + what
		}
		text := cell{{text: what, style: head}}
		for _, s := range l.Text {
			text = append(text, words{text: s, style: c})
		}
		f.add(t, row{cells: []cell{{{text: l.Number, style: c}}, {{text: l.At, style: c}}, text, {{text: l.By, style: c}}}})
	}
	f.again = nil
}

// signers draws a line for each who signs, and above it what was drawn.
func (f *flow) signers(list []Signer) error {
	if len(list) == 0 {
		return nil
	}
	const high = 22.0
	f.need(high + 12)
	f.y += 4
	wide := (f.width() - 8*float64(len(list)-1)) / float64(len(list))
	for i, s := range list {
		x := f.left + float64(i)*(wide+8)
		if s.Picture != nil {
			pic, err := f.out.Image(s.Picture)
			if err != nil {
				return err
			}
			b := s.Picture.Bounds()
			scale := min(wide/float64(max(b.Dx(), 1)), high/float64(max(b.Dy(), 1)))
			f.p.Picture(pic, x, f.y+high-scale*float64(b.Dy()), scale*float64(b.Dx()), scale*float64(b.Dy()))
		}
		f.p.Line(x, f.y+high, x+wide, f.y+high, 0.25, 0)
		c := style{f.f.cond, small}
		for n, l := range f.atMost(2, c.wrap(f.clean(s.Who), wide)) {
			f.text(x, f.y+high+0.8+float64(n)*c.leading(), c, l)
		}
	}
	f.y += high + 8
	return nil
}

// EvidenceRow is one item of a list.
type EvidenceRow struct {
	Ref, What, Found, Holder, Place, Seal, State string
	Loud                                         bool
}

// EvidenceList writes the list of what was secured. The error is that of w, or of
// a font that cannot be read.
func EvidenceList(w io.Writer, h Head, incident string, rows []EvidenceRow) error {
	d, err := newDocument(w, h, PackOptions{}, d2(h, "Beweismittelliste", "List of evidence"))
	if err != nil {
		return err
	}
	f := d.newFlow(true, sheet.Code{Ward: "-"}, d.say("Beweismittelliste", "List of evidence"))
	f.start(sheet.FormList)
	f.para(style{f.f.bold, strong}, 0, incident)
	f.y += 1
	t := table{grid: true, lines: true, cols: f.rest([]column{
		{head: d.say("Nr.", "No."), width: 20}, {head: d.say("Was", "What")}, {head: d.say("Gefunden", "Found"), width: 48}, {head: d.say("Hat jetzt", "Held by"), width: 45},
		{head: d.say("Ort", "Place"), width: 38}, {head: d.say("Siegel", "Seal"), width: 22}, {head: d.say("Stand", "State"), width: 34},
	})}
	f.begin(t)
	c, b := style{f.f.cond, body}, style{f.f.condBold, body}
	for _, r := range rows {
		state := c
		if r.Loud {
			state = b
		}
		f.add(t, row{cells: []cell{{{text: r.Ref, style: b}}, {{text: r.What, style: c}}, {{text: r.Found, style: c}}, {{text: r.Holder, style: c}}, {{text: r.Place, style: c}}, {{text: r.Seal, style: c}}, {{text: r.State, style: state}}}})
	}
	f.again = nil
	if err := f.finish("", false); err != nil {
		return err
	}
	return d.close()
}

// EvidenceLabel is what is stuck on a bag or a device.
type EvidenceLabel struct{ Ref, Title, House, Seal, At string }

// EvidenceLabels writes count labels of each item, beginning at the position
// start of the first sheet. Errors are those of [Labels].
func EvidenceLabels(w io.Writer, h Head, labels []EvidenceLabel, s LabelSheet, count, start int) error {
	n := max(count, 0)
	return onLabels(w, h, s, start, d2(h, "Etiketten", "Labels"), n*len(labels), func(d *document, page *pdf.Page, x, y float64, i int) {
		d.evidenceLabel(page, x, y, s.W, s.H, labels[i/n])
	})
}

// evidenceLabel draws one label: the number large, as Code 128 and DataMatrix.
func (d *document) evidenceLabel(p *pdf.Page, x, y, w, h float64, l EvidenceLabel) {
	const edge = 3.0
	low := min(13, h*0.42)
	side := matrix(p, x+w-edge+1, y+h-edge+1, span{most: low}, l.Ref)
	bars(p, x+edge-1, y+h-edge-low+2, low-2, w-2*edge-side, l.Ref)
	big, c := style{d.f.bold, 16}, style{d.f.cond, small}
	p.Text(x+edge, y+edge+4.5, big.font, big.size, 0, l.Ref)
	line := y + edge + 8.5
	for _, s := range []string{l.Title, joined(" · ", l.At, l.Seal), l.House} {
		for n, part := range c.wrap(d.f.draw(s), w-2*edge) {
			if s == "" || n > 0 || line > y+h-edge-low+1 {
				break
			}
			p.Text(x+edge, line, c.font, c.size, 0, part)
			line += c.leading()
		}
	}
}
