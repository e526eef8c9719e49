package interpret

import (
	"strings"

	"notbetrieb/internal/clinical"
)

// panel is one OBR with everything that belongs to it.
type panel struct {
	orc, obr, spm  segment
	placer, filler string
	of             clinical.Assigned
	what           clinical.Coded
	section        clinical.Section
	note           string // NTE behind the OBR
	obx            []noted
}

// noted is an OBX with the NTE behind it.
type noted struct {
	seg  segment
	kind string // OBX-2
	note string
}

func observed(seg segment) noted { return noted{seg: seg, kind: fold(seg.Field(2).Text())} }

// results reads ORU and OUL: each OBR with its OBX, in any of the orders that
// the standard allows (ORU: ORC OBR NTE OBX NTE SPM; OUL R22: SPM ORC OBR OBX).
func (r *reader) results() {
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, true) })
		r.guard("PV1", func() { r.visit(&g) })
		for _, p := range r.panels(&g) {
			r.guard("OBR", func() { r.panel(&p) })
		}
		r.ownSegments(&g)
	}
}

// visit reads the PV1 of a message about something else.
func (r *reader) visit(g *group) {
	if !g.pv1.Exists() {
		return
	}
	r.stay(g.pv1, g.pv2, true)
	m := clinical.Movement{Event: r.eventCode(), To: r.place(g.pv1, 3)}
	if c, ok := r.class(g.pv1.Field(2)).Value(); ok {
		m.Class = c
	}
	r.snapshot(m)
}

// panels sorts a group's segments. An OBX before any OBR (OUL: about the
// specimen or the patient) is a panel of its own.
func (r *reader) panels(g *group) []panel {
	s := sorter{list: make([]panel, 0, 2), bySpecimen: r.eventCode() == "R22", orcBehind: messageType(r.out.Kind) == "OUL"}
	for _, seg := range g.all {
		switch seg.Name() {
		case "ORC":
			s.order(seg)
		case "SPM":
			s.specimen(seg)
		case "OBR":
			s.list = append(s.list, panel{orc: s.orc, obr: seg, spm: s.spm})
			s.orc, s.last = segment{}, "OBR"
		case "OBX":
			s.observation(seg)
		case "NTE":
			s.note(noteText(seg))
		}
	}
	return s.list
}

// sorter is the work of panels.
type sorter struct {
	list       []panel
	orc, spm   segment
	last       string
	bySpecimen bool // OUL R22: an SPM begins a specimen with its orders
	orcBehind  bool // OUL: an ORC may follow its OBR
}

// now is the panel at hand, or nil.
func (s *sorter) now() *panel {
	if len(s.list) == 0 {
		return nil
	}
	return &s.list[len(s.list)-1]
}

func (s *sorter) order(orc segment) {
	if p := s.now(); s.orcBehind && p != nil && s.last == "OBR" && !p.orc.Exists() && sameNumbers(orc, p.obr) {
		p.orc = orc
		return
	}
	s.orc, s.last = orc, "ORC"
}

// sameNumbers reports whether an ORC is about that OBR: they share a number, or
// the OBR has none.
func sameNumbers(orc, obr segment) bool {
	placer, filler := entity(obr.Field(2)), entity(obr.Field(3))
	if placer == "" && filler == "" {
		return true
	}
	return placer != "" && placer == entity(orc.Field(2)) || filler != "" && filler == entity(orc.Field(3))
}

func (s *sorter) specimen(spm segment) {
	s.spm, s.last = spm, "SPM"
	if p := s.now(); p != nil && !s.bySpecimen && !p.spm.Exists() && p.obr.Exists() && !s.orc.Exists() {
		p.spm = spm
	}
}

// observation adds an OBX to the panel at hand. Behind an SPM it is about the
// specimen, unless the order before it has had none yet (OUL R24).
func (s *sorter) observation(obx segment) {
	p := s.now()
	if p == nil || s.last == "SPM" && (s.bySpecimen || len(p.obx) > 0) {
		s.list = append(s.list, panel{spm: s.spm})
		p = s.now()
	}
	p.obx = append(p.obx, observed(obx))
	s.last = "OBX"
}

func (s *sorter) note(text string) {
	p := s.now()
	if p == nil || text == "" {
		return
	}
	switch s.last {
	case "OBX":
		o := &p.obx[len(p.obx)-1]
		o.note = joinLines(o.note, text)
	case "OBR":
		p.note = joinLines(p.note, text)
	}
}

const cutMark = "\n… [gekürzt, siehe Rohnachricht]"

func noteText(seg segment) string { return trim(freeText(seg.Field(3))) }

// maxNote bounds what notes can add up to in bytes.
const maxNote = 64 << 10

// joinLines puts b under a. What goes beyond maxNote is left out, and said so;
// the raw message has it.
func joinLines(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	if len(a) > maxNote {
		if strings.HasSuffix(a, cutMark) {
			return a
		}
		return a + cutMark
	}
	return a + "\n" + b
}

// panel reads one OBR: the state of the order, its results and its documents.
func (r *reader) panel(p *panel) {
	r.describe(p)
	if p.section == clinical.OtherSection && measuredAny(p.obx) {
		p.section = clinical.Laboratory // results that no rule sorts: most senders of ORU are laboratories
	}
	report := r.s.report[p.section] || p.section == clinical.OtherSection && onlyText(p.obx)
	var lines []noted
	singles := make([]noted, 0, len(p.obx))
	for _, o := range p.obx {
		switch {
		case o.encapsulated():
			r.guarded(o.seg, func(segment) { r.attachment(p, o) })
		case report && o.reportLine():
			lines = append(lines, o)
		default:
			singles = append(singles, o)
		}
	}
	if len(lines) > 0 {
		r.guarded(lines[0].seg, func(segment) { r.textReport(p, lines) })
	}
	r.observations(p, singles)
	r.orderState(p)
}

// describe reads what a panel is and who ordered it.
func (r *reader) describe(p *panel) {
	p.placer, p.of.Placer = r.numberOf(p.obr.Field(2), p.orc.Field(2))
	p.filler, p.of.Filler = r.numberOf(p.obr.Field(3), p.orc.Field(3))
	p.what = r.codedField(p.obr.Field(4))
	p.section = r.f.sectionOf(r.app, p.obr.Field(24).Text(), p.what.Code, p.what.Text)
}

// measuredAny reports whether some OBX holds a number.
func measuredAny(obx []noted) bool {
	for _, o := range obx {
		switch o.kind {
		case "NM", "SN":
			return true
		}
	}
	return false
}

func onlyText(obx []noted) bool {
	some := false
	for _, o := range obx {
		switch o.kind {
		case "TX", "FT":
			some = true
		case "ED", "RP":
		default:
			return false
		}
	}
	return some
}

// orderState tells how the order of a panel stands (OBR-25, HL7 table 0123).
func (r *reader) orderState(p *panel) {
	if p.placer == "" && p.filler == "" || p.section == clinical.Vitals {
		return // measurements were ordered by nobody
	}
	o := clinical.Order{
		Placer: p.placer, Filler: p.filler, What: p.what, Section: p.section, Aside: true,
		Requested: r.time(p.obr, 6), Specimen: r.specimen(p.obr, p.spm), By: staffField(p.obr.Field(16)), Of: p.of,
	}
	status, ok := reportedStatus(p.obr)
	if !ok {
		status, ok = orderStatusOf(p.orc.Field(5))
	}
	switch {
	case ok:
		o.Status = status
	case len(p.obx) > 0 && allFinal(p.obx):
		o.Status = clinical.Completed
	default:
		o.Status = clinical.PartResult
	}
	r.emit(o)
}

func allFinal(obx []noted) bool {
	for _, o := range obx {
		switch fold(o.seg.Field(11).Text()) {
		case "F", "C", "X", "D", "W", "":
		default:
			return false
		}
	}
	return true
}

// specimen is OBR-15 or SPM-4 in words.
func (r *reader) specimen(obr, spm segment) string {
	if spm.Exists() {
		if c := r.codedField(spm.Field(4)); !c.Zero() {
			return c.Label()
		}
	}
	source := obr.Field(15).Comp(1) // CWE within a component before v2.5
	if text := trim(source.Sub(2)); text != "" {
		return text
	}
	if text := value(obr.Field(15).Comp(2)); text != "" { // sent as code^text
		return text
	}
	return trim(source.Sub(1))
}
