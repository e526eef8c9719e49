package interpret

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// panel is one OBR with everything that belongs to it.
type panel struct {
	orc, obr, spm  segment
	placer, filler string
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
	list := make([]panel, 0, 2)
	var orc, spm segment
	last := ""
	for _, seg := range g.all {
		switch name := seg.Name(); name {
		case "ORC":
			orc, last = seg, name
		case "SPM":
			spm, last = seg, name
			if n := len(list); n > 0 && !list[n-1].spm.Exists() && list[n-1].obr.Exists() && !orc.Exists() {
				list[n-1].spm = seg
			}
		case "OBR":
			list = append(list, panel{orc: orc, obr: seg, spm: spm})
			orc, last = segment{}, name
		case "OBX":
			if len(list) == 0 || last == "SPM" {
				list = append(list, panel{spm: spm})
			}
			p := &list[len(list)-1]
			p.obx = append(p.obx, observed(seg))
			last = name
		case "NTE":
			note := noteText(seg)
			if n := len(list); n > 0 && note != "" {
				switch p := &list[n-1]; last {
				case "OBX":
					p.obx[len(p.obx)-1].note = joinLines(p.obx[len(p.obx)-1].note, note)
				case "OBR":
					p.note = joinLines(p.note, note)
				}
			}
		}
	}
	return list
}

const cutMark = "\n… [gekürzt, siehe Rohnachricht]"

func noteText(seg segment) string { return trim(freeText(seg.Field(3))) }

// maxNote bounds what notes can add up to in bytes.
const maxNote = 256 << 10

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
	p.placer, p.filler = entity(p.obr.Field(2)), entity(p.obr.Field(3))
	if p.placer == "" {
		p.placer = entity(p.orc.Field(2))
	}
	if p.filler == "" {
		p.filler = entity(p.orc.Field(3))
	}
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

// observations reads the OBX that are results. Lines of one text, sent as
// several OBX with the same code and sub-ID, are one result.
func (r *reader) observations(p *panel, list []noted) {
	r.out.Changes = slices.Grow(r.out.Changes, len(list)+1)
	var seen map[string]int
	for i := 0; i < len(list); i++ {
		var res clinical.Result
		ok := false
		r.guarded(list[i].seg, func(seg segment) { res, ok = r.observation(p, list[i]) })
		if ok {
			i += r.furtherLines(&res, list[i:])
		}
		if !ok {
			continue
		}
		if len(list) > 1 {
			if seen == nil {
				seen = make(map[string]int, len(list))
			}
			key := res.Key()
			if seen[key]++; seen[key] > 1 { // the same twice: keep both
				res.SubID = fmt.Sprintf("%s#%d", res.SubID, seen[key])
			}
		}
		r.emit(res)
	}
}

// furtherLines adds the OBX that go on with the text of the first one, and
// returns how many there were.
func (r *reader) furtherLines(res *clinical.Result, list []noted) int {
	n := 1
	lines := []string(nil)
	for n < len(list) && continues(list[n-1], list[n]) {
		lines = append(lines, freeText(list[n].seg.Field(5)))
		res.Comment = joinLines(res.Comment, list[n].note)
		n++
	}
	if n > 1 {
		res.Value = strings.Join(append([]string{res.Value}, lines...), "\n")
		res.Number, res.Comparator = nil, ""
	}
	return n - 1
}

// continues reports whether b is the next line of the text a.
func continues(a, b noted) bool {
	switch b.kind {
	case "TX", "FT", "ST":
	default:
		return false
	}
	name := word(a.seg.Field(3))
	return a.kind == b.kind && name != "" && name == word(b.seg.Field(3)) &&
		word(a.seg.Field(4)) == word(b.seg.Field(4)) &&
		b.seg.Field(6).Empty() && b.seg.Field(7).Empty() && b.seg.Field(8).Empty()
}

// observation reads one OBX as a result; false if it makes none.
func (r *reader) observation(p *panel, o noted) (clinical.Result, bool) {
	seg := o.seg
	sent := r.codedField(seg.Field(3))
	if r.alertOf(seg, sent) {
		return clinical.Result{}, false
	}
	v := r.measure(o)
	res := clinical.Result{
		Placer: p.placer, Filler: p.filler, Panel: p.what, SubID: entity(seg.Field(4)), Section: p.section,
		Value: v.text, Number: v.number, Comparator: v.comparator, Range: trim(seg.Field(7).All()),
		Comment: joinLines(p.note, o.note), By: staffField(seg.Field(16)),
	}
	if sent.Zero() {
		sent = p.what
	}
	if sent.Zero() {
		return clinical.Result{}, false
	}
	r.nameResult(&res, seg, sent)
	r.unitOf(&res, seg, v.unit)
	res.Low, res.High = reference(res.Range)
	res.Flags = r.flags(seg.Field(8))
	res.At = r.observedAt(p, seg, res.Section)
	var ok bool
	if res.Status, ok = r.resultStatus(p, seg, v); !ok {
		return clinical.Result{}, false
	}
	if res.Section == clinical.Vitals { // a measurement is told from the next one by its time
		res.SubID += "@" + res.At.UTC().Format("20060102150405")
	}
	return res, true
}

// nameResult maps the code that was sent: by the site's table, else by a LOINC
// code that the message itself gives.
func (r *reader) nameResult(res *clinical.Result, seg segment, sent clinical.Coded) {
	rule, ok := r.f.results[resultKey(sent.Code, sent.System)]
	if !ok || sent.System == "" {
		if plain, found := r.f.results[sent.Code]; found && !ok {
			rule, ok = plain, true
		}
	}
	res.Code = sent
	if !ok {
		r.alternateCode(res, seg, sent)
		return
	}
	if rule.section != "" {
		res.Section = rule.section
	}
	res.Group, res.Sort = rule.group, rule.sort
	res.Unit = rule.unit
	if rule.loinc != "" && rule.loinc != sent.Code {
		res.Local = sent
		res.Code = clinical.Coded{Code: rule.loinc, Text: sent.Text, System: "LN"}
	}
	if rule.text != "" {
		res.Code.Text = rule.text
	}
}

// alternateCode takes the second triple of OBX-3 if that is a LOINC code.
func (r *reader) alternateCode(res *clinical.Result, seg segment, sent clinical.Coded) {
	if sent.System == "LN" {
		return
	}
	rep := seg.Field(3).Rep(0)
	if code := value(rep.Comp(4)); code != "" && code != sent.Code && r.s.system(value(rep.Comp(6))) == "LN" {
		res.Local = sent
		res.Code = clinical.Coded{Code: code, Text: sent.Text, System: "LN"}
		if rule, ok := r.f.results[code]; ok {
			res.Group, res.Sort, res.Unit = rule.group, rule.sort, rule.unit
			if rule.section != "" {
				res.Section = rule.section
			}
		}
		return
	}
	if r.f.mappedOnly {
		r.problem(Unmapped, r.where(seg, 3), lang.Text{
			DE: "Der Befundcode „" + shown(sent.Code) + "“ steht nicht in der Tabelle. Der Wert wird angezeigt, wie er kam.",
			EN: "The result code \"" + shown(sent.Code) + "\" is not in the table. The value is shown as it came.",
		})
	}
}

// unitOf sets the unit as printed: OBX-6, else the value's own, else the one
// that the site's table names for this code.
func (r *reader) unitOf(res *clinical.Result, seg segment, own string) {
	unit := word(seg.Field(6))
	if unit == "" {
		unit = value(seg.Field(6).Comp(2))
	}
	if unit == "" {
		unit = own
	}
	if unit != "" {
		res.Unit = r.s.unit(unit)
	} else if res.Number == nil {
		res.Unit = ""
	}
}

func (r *reader) flags(f hl7.Field) []string {
	if f.Empty() || f.Null() {
		return nil
	}
	var list []string
	for _, rep := range f.Reps() {
		flag := value(rep.Comp(1))
		if mapped, ok := r.s.flags[fold(flag)]; ok {
			flag = mapped
		}
		if flag != "" {
			list = append(list, flag)
		}
	}
	return list
}

// observedAt is the time of sampling for laboratory results (OBR-7, SPM-17),
// and the time of the observation (OBX-14) for all others.
func (r *reader) observedAt(p *panel, seg segment, section clinical.Section) time.Time {
	own := r.time(seg, 14)
	if section != clinical.Laboratory && section != clinical.Microbiology && !own.IsZero() {
		return own
	}
	if t := r.time(p.obr, 7); !t.IsZero() {
		return t
	}
	if t := r.time(p.spm, 17); !t.IsZero() {
		return t
	}
	if !own.IsZero() {
		return own
	}
	if t := r.time(p.obr, 22); !t.IsZero() {
		return t
	}
	return r.stated()
}

// resultStatus reads OBX-11 (HL7 table 0085), else OBR-25. Partial and
// unverified results that come with a value are preliminary ones.
func (r *reader) resultStatus(p *panel, seg segment, v measured) (clinical.ResultStatus, bool) {
	code := fold(seg.Field(11).Text())
	if code == "" {
		code = fold(p.obr.Field(25).Text())
	}
	if v.null {
		return clinical.Withdrawn, true
	}
	switch code {
	case "F", "V", "B":
		return clinical.Final, true
	case "C", "A":
		return clinical.Corrected, true
	case "P":
		return clinical.Preliminary, true
	case "D", "W":
		return clinical.Withdrawn, true
	case "X", "N":
		return clinical.NoResult, true
	case "R", "S":
		if v.text != "" {
			return clinical.Preliminary, true
		}
		return clinical.Pending, true
	case "I", "O":
		return clinical.Pending, true
	case "U":
		if v.text != "" {
			return clinical.Final, true
		}
		r.problem(ByHand, r.where(seg, 11), lang.Text{
			DE: "Ein vorläufiger Wert wird ohne erneute Übermittlung endgültig (Status U). Er bleibt als vorläufig angezeigt.",
			EN: "A preliminary value becomes final without being sent again (status U). It stays shown as preliminary.",
		})
		return "", false
	case "":
		if v.text == "" {
			return clinical.Pending, true
		}
		return clinical.Final, true
	}
	r.problem(BadValue, r.where(seg, 11), lang.Text{
		DE: "Der Befundstatus ist nicht bekannt. Der Wert wird als vorläufig angezeigt.",
		EN: "The status of the result is not known. The value is shown as preliminary.",
	})
	return clinical.Preliminary, true
}

// observationAside reads an OBX that stands in an ADT message or the like:
// weight, height, isolation.
func (r *reader) observationAside(seg segment) {
	p := panel{section: r.f.sectionOf(r.app, "", "", "")}
	o := observed(seg)
	if o.encapsulated() {
		r.attachment(&p, o)
		return
	}
	if res, ok := r.observation(&p, o); ok {
		r.emit(res)
	}
}

// orderState tells how the order of a panel stands (OBR-25, HL7 table 0123).
func (r *reader) orderState(p *panel) {
	if p.placer == "" && p.filler == "" || p.section == clinical.Vitals {
		return // measurements were ordered by nobody
	}
	o := clinical.Order{
		Placer: p.placer, Filler: p.filler, What: p.what, Section: p.section, Aside: true,
		Requested: r.time(p.obr, 6), Specimen: r.specimen(p.obr, p.spm), By: staffField(p.obr.Field(16)),
	}
	switch code := fold(p.obr.Field(25).Text()); code {
	case "F", "C":
		o.Status = clinical.Completed
	case "P", "R", "A":
		o.Status = clinical.PartResult
	case "S":
		o.Status = clinical.Scheduled
	case "I":
		o.Status = clinical.InProgress
	case "O":
		o.Status = clinical.Ordered
	case "X":
		o.Status = clinical.Cancelled
	default:
		status, ok := orderStatusOf(p.orc.Field(5))
		switch {
		case ok:
			o.Status = status
		case len(p.obx) > 0 && allFinal(p.obx):
			o.Status = clinical.Completed
		default:
			o.Status = clinical.PartResult
		}
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
