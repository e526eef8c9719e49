package paper

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"strings"

	"notbetrieb/internal/clinical"
	forms "notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper/pdf"
	"notbetrieb/internal/sheet"
)

// Recorded is one signed entry for a sheet of its own.
type Recorded struct {
	Form     *forms.Form    // nil: a form that is not known here
	Versions []*forms.Entry // the first one first; the last one stands

	Name  clinical.Name
	Birth clinical.Date
	Sex   clinical.Sex
	Ward  string // name of the ward it was written for
	Scan  []byte // the scanned page that the entry filed, nil for none
	Media string // of the scan: image/jpeg, image/png
}

// Record writes the sheet of one entry: what goes to a system that cannot take
// it as data. It says whose it is, what was typed, who signed, when and where,
// and how it was corrected. Nothing on it comes from a clock: the same entry
// gives the same bytes. h.Printed and h.AsOf are when it was signed. The error
// is that of w, of a font or of a picture that cannot be read.
func Record(w io.Writer, h Head, r Recorded) error {
	last := r.Versions[len(r.Versions)-1]
	title := last.Form
	if r.Form != nil {
		title = r.Form.Title.In(h.Lang)
	}
	h.Printed, h.AsOf, h.Seq = last.Written, last.Written, last.Seen
	d, err := newDocument(w, h, PackOptions{}, title)
	if err != nil {
		return err
	}
	d.record = true
	f := d.newFlow(false, sheet.Code{}, title)
	c := &recordSheets{flow: f, r: r, e: last}
	f.banner = c.identity
	f.start("")
	c.content()
	c.signing()
	c.earlier()
	if len(r.Scan) > 0 {
		if err := c.scan(); err != nil {
			return err
		}
	}
	if err := f.finish("", false); err != nil {
		return err
	}
	return d.close()
}

// recordSheets lays out the sheet of one entry.
type recordSheets struct {
	*flow
	r Recorded
	e *forms.Entry
}

// identity draws the box that says whose entry it is.
func (c *recordSheets) identity(y float64) float64 {
	top := y
	b, s := style{c.f.bold, title}, style{c.f.cond, body}
	y += 1
	for _, l := range b.wrap(c.clean(c.name(c.r.Name, false)), c.width()-4) {
		c.text(c.left+2, y, b, l)
		y += b.leading()
	}
	var numbers []string
	for _, id := range c.e.IDs {
		numbers = append(numbers, joined(" ", id.Value, id.Authority))
	}
	about := joined(" · ", c.birth(c.r.Birth), c.sex(c.r.Sex), c.caseNo(c.e.Case), c.r.Ward)
	for _, words := range []string{about, joined(" ", c.say("Patientennummer", "Patient number"), strings.Join(numbers, ", "))} {
		for _, l := range s.wrap(c.clean(words), c.width()-4) {
			c.text(c.left+2, y, s, l)
			y += s.leading()
		}
	}
	y += 1
	c.flow.p.Box(c.left, top, c.width(), y-top, 0.7, 0)
	return y + 2
}

func (c *recordSheets) cell(text string) cell {
	return cell{{text: text, style: style{c.f.cond, body}}}
}

func (c *recordSheets) rows() table {
	return table{lines: true, cols: []column{{width: 52}, {width: c.width() - 52}}}
}

func (c *recordSheets) row(t table, label, text string) {
	if text != "" {
		c.add(t, row{cells: []cell{c.cell(label), {{text: text, style: style{c.f.condBold, body}}}}})
	}
}

// said writes one field as typed: a short one as a row, a long one below its
// label over the whole width.
func (c *recordSheets) said(t table, label, text string) {
	const short = 300
	if len(text) <= short {
		c.add(t, row{cells: []cell{c.cell(label), {{text: text, style: style{c.f.condBold, body}, strike: c.e.Withdrawn}}}})
		return
	}
	c.need(4 * style{c.f.cond, body}.leading())
	c.para(style{c.f.cond, body}, pad, label)
	c.para(style{c.f.condBold, body}, pad+3, text)
	c.y += 1
}

func (c *recordSheets) fields(e *forms.Entry) []forms.Shown {
	if c.r.Form == nil {
		return forms.AsTyped(e.Fields)
	}
	return c.r.Form.Shown(e.Fields, c.lang)
}

// content writes the fields as typed, and what was computed from them or
// numbered.
func (c *recordSheets) content() {
	note := ""
	if c.e.Withdrawn {
		note = c.say("ZURÜCKGENOMMEN: war ein Irrtum", "WITHDRAWN: was made in error")
	}
	c.section(c.say("Eingetragen", "Recorded"), note, 12)
	t := c.rows()
	shown := c.fields(c.e)
	for _, x := range shown {
		c.said(t, x.Label.In(c.lang), joined(" ", x.Text, x.Unit))
	}
	if len(shown) == 0 {
		c.para(style{c.f.cond, body}, pad, c.say("Das Formular hat keine Felder.", "The form has no fields."))
	}
	for _, f := range c.e.Facts {
		switch f := f.(type) {
		case clinical.Order:
			c.row(t, c.say("Auftragsnummer", "Order number"), joined(" ", f.Placer, f.What.Label()))
		case clinical.Prescription:
			c.row(t, c.say("Nummer der Verordnung", "Prescription number"), firstOf(f.Placer, f.Filler))
		case clinical.Result:
			if f.SubID == "score" {
				c.row(t, resultName(f)+" "+c.say("(berechnet)", "(computed)"), joined(" ", f.Value, f.Unit))
			}
		}
	}
}

// signing says who, when and where.
func (c *recordSheets) signing() {
	c.section(c.say("Unterschrieben", "Signed"), "", 12)
	t := c.rows()
	c.row(t, c.say("Wann geschehen", "When it happened"), c.stamp(c.e.At))
	c.row(t, c.say("Wann eingetragen", "When it was recorded"), c.stamp(c.e.Written))
	c.row(t, c.say("Von", "By"), joined(" · ", c.e.By.Name, c.e.By.ID, c.e.Role))
	c.row(t, c.say("Geprüft von", "Checked by"), joined(" · ", c.e.Second.Name, c.e.Second.ID))
	c.row(t, c.say("Eingetragen an", "Recorded at"), c.e.From)
	c.row(t, c.say("Abgeschrieben von Bogen", "Taken from the form"), joined(" · ", c.e.Sheet, c.e.SheetBy))
	c.row(t, c.say("Grund", "Reason"), c.e.Reason)
	c.row(t, c.say("Nummer des Eintrags", "Number of the entry"), forms.Number(c.e.Root))
}

// earlier lists the versions that this one supersedes.
func (c *recordSheets) earlier() {
	old := c.r.Versions[:len(c.r.Versions)-1]
	if len(old) == 0 {
		return
	}
	c.section(c.say("Frühere Fassungen, gelten nicht mehr", "Earlier versions, superseded"), "", 12)
	t := table{lines: true, cols: []column{{width: 10}, {width: 52}, {width: c.width() - 62}}}
	for i, e := range old {
		var said []string
		for _, x := range c.fields(e) {
			said = append(said, x.Label.In(c.lang)+": "+joined(" ", x.Text, x.Unit))
		}
		c.add(t, row{cells: []cell{
			c.cell(itoa(i + 1)), c.cell(joined(" · ", c.stamp(e.Written), e.By.Name, e.Reason)),
			{{text: strings.Join(said, "; "), style: style{c.f.cond, body}, strike: true}},
		}})
	}
}

// scan puts the scanned page on pages of its own, as large as they allow.
func (c *recordSheets) scan() error {
	var m *pdf.Picture
	var err error
	switch c.r.Media {
	case "image/png":
		img, decodeErr := png.Decode(bytes.NewReader(c.r.Scan))
		if err = decodeErr; err == nil {
			m, err = c.out.Image(img)
		}
	default:
		m, err = c.out.JPEG(c.r.Scan)
	}
	if err != nil {
		return fault.Mark(fmt.Errorf("scanned page: %w", err), fault.Invalid, lang.Text{
			DE: "Das Bild der gescannten Seite ist nicht lesbar.", EN: "The picture of the scanned page cannot be read.",
		})
	}
	c.again = nil
	c.turn()
	w, h := c.width(), c.bottom-c.y
	if tall := w * float64(m.H) / float64(m.W); tall <= h {
		h = tall
	} else {
		w = h * float64(m.W) / float64(m.H)
	}
	c.flow.p.Picture(m, c.left, c.y, w, h)
	c.y += h
	return nil
}
