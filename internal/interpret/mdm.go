package interpret

import (
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
)

// documents reads MDM: TXA says what the document is, OBX hold it.
func (r *reader) documents() {
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, true) })
		r.guard("PV1", func() { r.visit(&g) })
		var txa, orc, obr segment
		var obx []noted
		for _, seg := range g.all {
			switch seg.Name() {
			case "TXA":
				if txa.Exists() {
					r.guarded(txa, func(segment) { r.document(txa, orc, obr, obx) })
					obx = nil
				}
				txa = seg
			case "ORC":
				orc = seg
			case "OBR":
				obr = seg
			case "OBX":
				obx = append(obx, observed(seg))
			case "NTE":
				if n := len(obx); n > 0 {
					obx[n-1].note = joinLines(obx[n-1].note, noteText(seg))
				}
			}
		}
		if txa.Exists() || len(obx) > 0 {
			r.guarded(txa, func(segment) { r.document(txa, orc, obr, obx) })
		}
		r.ownSegments(&g)
	}
}

// document reads one document of an MDM.
func (r *reader) document(txa, orc, obr segment, obx []noted) {
	p := panel{orc: orc, obr: obr}
	r.describe(&p)
	d := r.documentHead(&p, txa)
	var text []noted
	var bodies []clinical.Document
	for _, o := range obx {
		if !o.encapsulated() {
			text = append(text, o)
			continue
		}
		for i, rep := range o.seg.Field(5).Reps() {
			one := d
			if r.body(&one, o, rep, i+1) {
				bodies = append(bodies, one)
			}
		}
	}
	if len(text) > 0 {
		d.Text, d.Media = joinReport(text), "text/plain"
	}
	if len(bodies) == 0 {
		r.emit(d)
		return
	}
	for i, one := range bodies {
		if i == 0 {
			one.Text = joinLines(d.Text, one.Text)
		} else {
			one.ID += "#" + strconv.Itoa(i+1)
			if one.Replaces != "" {
				one.Replaces += "#" + strconv.Itoa(i+1)
			}
		}
		r.emit(one)
	}
}

// documentHead reads TXA.
func (r *reader) documentHead(p *panel, txa segment) clinical.Document {
	d := clinical.Document{
		ID: entity(txa.Field(12)), Kind: r.codedField(txa.Field(2)), Placer: p.placer, Filler: p.filler, Of: p.of,
		At: r.firstTime(at{txa, 4}, at{txa, 6}, at{txa, 7}, at{p.obr, 7}), Status: r.documentStatus(txa),
	}
	for _, f := range [...]int{5, 9, 10} { // activity provider, originator, authenticator
		if d.By.Zero() {
			d.By = staffField(txa.Field(f))
		}
	}
	if d.Placer == "" {
		d.Placer, d.Of.Placer = r.number(txa.Field(14))
	}
	if d.Filler == "" {
		d.Filler, d.Of.Filler = r.number(txa.Field(15))
	}
	if d.ID == "" {
		d.ID = r.out.Control
	}
	if d.Kind.Zero() {
		d.Kind = p.what
	}
	if d.Title = word(txa.Field(25)); d.Title == "" {
		d.Title = d.Kind.Text
	}
	file := word(txa.Field(16))
	if d.Title == "" {
		d.Title = strings.TrimSuffix(file, ".pdf")
	}
	if d.Title == "" {
		d.Title = p.what.Label()
	}
	if d.Title == "" {
		d.Title = d.Kind.Code
	}
	if d.At.IsZero() {
		d.At = r.stated()
	}
	parent := entity(txa.Field(13))
	switch r.eventCode() {
	case "T05", "T06":
		d.Addendum = parent
	case "T09", "T10":
		d.Replaces = parent
	case "T11":
		if d.Status = clinical.Withdrawn; parent != "" && word(txa.Field(12)) == "" {
			d.ID = parent
		}
	}
	d.Section = r.f.sectionOf(r.app, p.obr.Field(24).Text(), d.Kind.Code, d.Title)
	return d
}

// documentStatus reads TXA-17 (HL7 table 0271) and TXA-19 (0273).
func (r *reader) documentStatus(txa segment) clinical.ResultStatus {
	switch fold(txa.Field(19).Text()) {
	case "CA", "OB":
		return clinical.Withdrawn
	}
	switch fold(txa.Field(17).Text()) {
	case "AU", "LA", "":
		return clinical.Final
	}
	return clinical.Preliminary
}
