package interpret

import (
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// encapsulated reports whether an OBX holds a document (ED) or points at one
// (RP).
func (o noted) encapsulated() bool { return o.kind == "ED" || o.kind == "RP" }

// reportLine reports whether an OBX in a report section is text and not a
// measured value.
func (o noted) reportLine() bool {
	switch o.kind {
	case "TX", "FT":
		return true
	case "ST", "":
		seg := o.seg
		return seg.Field(6).Empty() && seg.Field(7).Empty() && numeric(trim(seg.Field(5).All())).number == nil
	}
	return false
}

// textReport joins the text lines of a panel to one document.
func (r *reader) textReport(p *panel, lines []noted) {
	d := clinical.Document{
		ID: r.documentID(p), Kind: p.what, Title: p.what.Label(), Section: p.section, At: r.observedAt(p, lines[0].seg, p.section),
		By: r.author(p, lines[0].seg), Media: "text/plain", Placer: p.placer, Filler: p.filler, Of: p.of,
		Text: joinReport(lines),
	}
	d.Status = r.reportStatus(p, lines)
	if p.note != "" {
		d.Text = joinLines(d.Text, p.note)
	}
	if d.Text == "" && d.Status != clinical.Withdrawn {
		return
	}
	r.emit(d)
}

// joinReport puts the lines in order, with a heading where the observation
// changes: a report may come as findings and impression under codes of their
// own (OBX-3, with &GDT and &IMP as suffixes).
func joinReport(lines []noted) string {
	several := false
	for _, l := range lines[1:] {
		several = several || heading(l.seg) != heading(lines[0].seg)
	}
	var b strings.Builder
	last := ""
	for i, l := range lines {
		if withdrawn(l.seg.Field(11)) {
			continue
		}
		if h := heading(l.seg); several && h != "" && (i == 0 || h != last) {
			if b.Len() > 0 {
				b.WriteString("\n")
			}
			b.WriteString(h + ":\n")
		}
		last = heading(l.seg)
		b.WriteString(freeText(l.seg.Field(5)))
		b.WriteByte('\n')
		if l.note != "" {
			b.WriteString(l.note + "\n")
		}
	}
	return strings.Trim(b.String(), "\n ")
}

func heading(seg segment) string {
	c := seg.Field(3).Comp(1)
	switch trim(c.Sub(2)) {
	case "GDT":
		return "Befund"
	case "IMP":
		return "Beurteilung"
	case "REC":
		return "Empfehlung"
	case "TCM":
		return "Kommentar"
	}
	return value(seg.Field(3).Comp(2))
}

func (r *reader) reportStatus(p *panel, lines []noted) clinical.ResultStatus {
	gone, preliminary, corrected := true, false, fold(p.obr.Field(25).Text()) == "C"
	for _, l := range lines {
		switch fold(l.seg.Field(11).Text()) {
		case "D", "W":
			continue
		case "P", "R", "S", "I":
			preliminary = true
		case "C", "A":
			corrected = true
		case "":
			switch fold(p.obr.Field(25).Text()) {
			case "P", "R", "S", "I", "A":
				preliminary = true
			}
		}
		gone = false
	}
	switch {
	case gone:
		return clinical.Withdrawn
	case preliminary:
		return clinical.Preliminary
	case corrected:
		return clinical.Corrected
	}
	return clinical.Final
}

// documentID names the document of a panel: its order and what it is, so that
// a corrected report supersedes the earlier one.
func (r *reader) documentID(p *panel) string {
	id := p.filler
	if id == "" {
		id = p.placer
	}
	if id == "" {
		if t := r.time(p.obr, 7); !t.IsZero() {
			id = "@" + t.UTC().Format("20060102150405")
		} else {
			id = r.out.Control
		}
	}
	if p.what.Code != "" {
		id += "/" + p.what.Code
	}
	return id
}

// author is who answers for a report: OBR-32, else OBX-16.
func (r *reader) author(p *panel, seg segment) clinical.Staff {
	if f := p.obr.Field(32); !f.Empty() {
		// NDL: the person is the first component, its parts are subcomponents;
		// some send it as XCN.
		c := f.Rep(0).Comp(1)
		if c.Subs() > 1 {
			return clinical.Staff{ID: trim(c.Sub(1)), Name: staffName(clinical.Name{
				Family: trim(c.Sub(2)), Given: trim(c.Sub(3)), Title: trim(c.Sub(6)),
			})}
		}
		return staff(f.Rep(0))
	}
	return staffField(seg.Field(16))
}

// attachment reads an OBX of type ED or RP.
func (r *reader) attachment(p *panel, o noted) {
	seg := o.seg
	name := r.codedField(seg.Field(3))
	for i, rep := range seg.Field(5).Reps() {
		d := clinical.Document{
			ID: r.documentID(p), Kind: name, Title: name.Label(), Section: p.section, At: r.observedAt(p, seg, clinical.OtherSection),
			By: r.author(p, seg), Placer: p.placer, Filler: p.filler, Of: p.of, Text: o.note,
		}
		if d.Kind.Zero() {
			d.Kind = p.what
		}
		if d.Title == "" {
			d.Title = p.what.Label()
		}
		if name.Code != "" && name.Code != p.what.Code {
			d.ID += "/" + name.Code
		}
		if sub := entity(seg.Field(4)); sub != "" {
			d.ID += "/" + sub
		}
		if i > 0 {
			d.ID += "#" + strconv.Itoa(i+1)
		}
		if r.given[d.ID] {
			d.ID += "#" + strconv.Itoa(seg.Index())
		}
		v := measured{text: "document"}
		status, ok := r.resultStatus(p, seg, v)
		if !ok {
			continue
		}
		d.Status = status
		if r.body(&d, o, rep, i+1) {
			if r.given == nil {
				r.given = map[string]bool{}
			}
			r.given[d.ID] = true
			r.emit(d)
		}
	}
}

// body fills in media type and content. It reports false for a document of
// which the message holds nothing.
func (r *reader) body(d *clinical.Document, o noted, rep hl7.Rep, n int) bool {
	seg := o.seg
	if o.kind == "RP" {
		return pointer(d, seg, rep, n)
	}
	e := readEncapsulated(rep)
	d.Media = e.media
	if len(e.data) == 0 {
		if d.Text != "" {
			d.Media = "text/plain"
			return true
		}
		if d.Status == clinical.Withdrawn {
			return true
		}
		r.problem(BadValue, r.where(seg, 5), lang.Text{
			DE: "Das eingebettete Dokument ist leer.", EN: "The embedded document is empty.",
		})
		return false
	}
	d.Body = clinical.BodyRef{Segment: seg.Index(), Field: 5, Rep: n, Coding: e.coding, Size: e.size()}
	if text, media, ok := e.readable(); ok {
		d.Text = joinLines(text, d.Text)
		d.Media = media
	}
	return true
}

// pointer reads an RP: pointer^application^type^subtype.
func pointer(d *clinical.Document, seg segment, rep hl7.Rep, n int) bool {
	url := value(rep.Comp(1))
	if url == "" {
		return d.Status == clinical.Withdrawn
	}
	d.Media = mediaType(value(rep.Comp(3)), value(rep.Comp(4)), "")
	d.Body = clinical.BodyRef{Segment: seg.Index(), Field: 5, Rep: n, URL: url}
	return true
}
