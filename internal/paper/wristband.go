package paper

import (
	"fmt"
	"io"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/sheet"
)

// BandSize is the size of a wristband in millimetres. Clasp is kept free at its
// left end, Tail at its right.
type BandSize struct{ Width, Height, Clasp, Tail float64 }

// AdultBand is the usual band of thermal printers.
func AdultBand() BandSize { return BandSize{Width: 280, Height: 25, Clasp: 20, Tail: 25} }

// NewbornBand is the small band for newborns.
func NewbornBand() BandSize { return BandSize{Width: 190, Height: 22, Clasp: 10, Tail: 20} }

// Band is one wristband. Mother is the mother's chart where the child's is a
// newborn's and she is known here.
type Band struct {
	Patient *chart.Patient
	Mother  *chart.Patient
}

// Wristband writes one band a page: name, birth, sex, case number, Code 128 of
// the case number and DataMatrix; for a newborn also the mother. A band too
// small to be read (under 18 mm high or 120 mm long) is fault.Invalid.
func Wristband(w io.Writer, h Head, bands []Band, size BandSize) error {
	if size.Height < 18 || size.Width < 120 || size.Clasp < 0 || size.Tail < 0 || size.Width-size.Clasp-size.Tail < 110 {
		return tooSmall()
	}
	d, err := newDocument(w, h, PackOptions{}, d2(h, "Patientenarmband", "Wristband"))
	if err != nil {
		return err
	}
	for _, b := range bands {
		if b.Patient == nil {
			continue
		}
		p := d.out.Page(size.Width, size.Height)
		d.band(p, b, size)
		if err := d.out.Add(p); err != nil {
			return fmt.Errorf("add wristband: %w", err)
		}
	}
	if d.out.Pages() == 0 {
		return noPatients()
	}
	return d.close()
}

func tooSmall() error {
	return fault.New(fault.Invalid, lang.Text{
		DE: "Das Format passt nicht auf den Bogen oder ist zu klein für lesbare Schrift (9 Punkt). Bitte ein anderes Format einstellen.",
		EN: "The size does not fit the sheet or is too small for readable type (9 points). Please set another size.",
	})
}

func noPatients() error {
	return fault.New(fault.Invalid, lang.Text{DE: "Kein Patient gewählt. Es wurde nichts gedruckt.", EN: "No patient chosen. Nothing was printed."})
}

// band draws, from the clasp: DataMatrix, who, Code 128.
func (d *document) band(p *pdf.Page, b Band, size BandSize) {
	stay, _ := b.Patient.Current()
	code := sheet.Code{Form: sheet.FormWristband, Case: stay.Case, Key: b.Patient.Key, Page: 1, Seq: d.head.Seq}
	left, right := size.Clasp, size.Width-size.Tail
	most := size.Height - 3
	side := matrix(d.out.Page(1, 1), 0, 0, span{most: most}, code.String())
	matrix(p, left+side, (size.Height+side)/2, span{most: most}, code.String())
	x := left + side + 2
	right -= d.bandBars(p, right, size.Height, (right-x)*0.42, string(stay.Case))
	who := d.idLines(b.Patient, stay, b.Mother)
	d.fit(p, x, 1, right-x-2, size.Height-2, who)
}

// bandBars draws the case number as Code 128 with its digits below, ending at
// right, and returns the width used.
func (d *document) bandBars(p *pdf.Page, right, height, most float64, text string) float64 {
	scratch := d.out.Page(1, 1)
	w := bars(scratch, 0, 0, 1, most, text)
	if w == 0 {
		return 0
	}
	bars(p, right-w, 2, height-8.5, most, text)
	s := style{d.f.reg, small}
	p.Text(right-w/2-s.width(text)/2, height-2.8, s.font, s.size, 0, text)
	return w
}

// idLine is a line of a band or label: what, how big at most, and whether it
// may be left out if all else fails.
type idLine struct {
	text string
	bold bool
	size float64
}

// idLines returns what a band or label says, most important first.
func (d *document) idLines(p *chart.Patient, stay chart.Stay, mother *chart.Patient) []idLine {
	birth := d.birth(p.Birth.V)
	if p.BirthTime.Known && !p.BirthTime.V.IsZero() {
		birth += " " + d.clock(p.BirthTime.V) + d.say(" Uhr", "")
	}
	lines := []idLine{{d.name(p.Name.V, p.Unnamed.V), true, 19}}
	if p.MotherKey != "" || p.Mother.Known || mother != nil {
		lines[0].text = joined(" ", lines[0].text, d.order(p))
	}
	if d.head.Mode.Kind == incident.Exercise {
		lines = append(lines, idLine{d.say("ÜBUNG – nicht für die Versorgung", "EXERCISE – not for patient care"), true, strong})
	}
	lines = append(lines, idLine{joined(" · ", birth, d.sex(p.Sex.V)), true, 15}, idLine{d.caseNo(stay.Case), false, 13})
	switch {
	case mother != nil:
		ms, _ := mother.Current()
		lines = append(lines, idLine{d.say("Mutter: ", "Mother: ") + joined(" · ", d.name(mother.Name.V, mother.Unnamed.V), d.birth(mother.Birth.V), d.caseNo(ms.Case)), true, strong})
	case p.Mother.Known || p.MotherKey != "":
		lines = append(lines, idLine{d.say("Mutter: Pat.-Nr. ", "Mother: patient no. ") + orUnsent(p.Mother.V.Value, d.unsent()), true, strong})
	}
	return lines
}

// order says which child of a multiple birth this is.
func (d *document) order(p *chart.Patient) string {
	switch {
	case p.Order.V > 0 && p.Multiple.V:
		return fmt.Sprintf(d.say("(%d. Kind)", "(child %d)"), p.Order.V)
	case p.Multiple.V:
		return d.say("(Mehrling)", "(multiple birth)")
	}
	return ""
}

// fit writes lines into a field at the largest sizes that fit, none under
// small. What does not fit even then is shortened, and says so.
func (d *document) fit(p *pdf.Page, x, y, w, h float64, lines []idLine) {
	for shrink := 0.0; ; shrink += 0.5 {
		type drawn struct {
			text string
			s    style
		}
		var out []drawn
		sum, last := 0.0, true
		for _, l := range lines {
			s := style{d.f.cond, max(small, l.size-shrink)}
			if l.bold {
				s.font = d.f.condBold
			}
			last = last && s.size == small
			for _, part := range s.wrap(d.f.draw(l.text), w) {
				out = append(out, drawn{part, s})
				sum += s.size * 25.4 / 72 * 1.18
			}
		}
		if sum > h && last {
			d.shortened(p, x, y, w, h, lines)
			return
		}
		if sum > h {
			continue
		}
		for _, l := range out {
			step := l.s.size * 25.4 / 72 * 1.18
			p.Text(x, y+step*0.8, l.s.font, l.s.size, 0, l.text)
			y += step
		}
		return
	}
}

// shortened writes the first line, the name, on as many lines as the others
// leave when each of them takes one, with "…" where something was cut; it drops
// the last lines rather than the first.
func (d *document) shortened(p *pdf.Page, x, y, w, h float64, lines []idLine) {
	s := style{d.f.condBold, small}
	step := s.size * 25.4 / 72 * 1.18
	room := max(1, int(h/step))
	lines = lines[:min(len(lines), room)]
	for i, l := range lines {
		most := 1
		if i == 0 {
			most = room - len(lines) + 1
		}
		parts := s.wrap(d.f.draw(strings.ReplaceAll(l.text, "\n", " ")), w)
		for k, text := range parts[:min(len(parts), most)] {
			if k == most-1 && len(parts) > most {
				mark := d.say(" … gekürzt", " … shortened")
				text = parts[k] + " " + parts[k+1]
				text = text[:s.cut(text, max(10, w-s.width(mark)))] + mark
			}
			p.Text(x, y+step*0.8, s.font, s.size, 0, text)
			y += step
		}
	}
}
