package interpret

import (
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// order is one ORC with everything that belongs to it.
type order struct {
	orc, obr, rxo, rxe, spm segment
	tq1, rxr, rxc, rxa, rxd []segment
	dg1                     []segment
	obx                     []noted
	note                    string
}

// orders reads ORM, OMG, OML, OMI and the pharmacy messages RDE, RDS, RAS: a
// list of orders of any kind.
func (r *reader) orders() { r.eachOrder(r.order) }

// answers reads ORR, ORL, ORG, RRE: what the filler says to an order. It
// matters only as far as it tells how the order stands.
func (r *reader) answers() {
	r.eachOrder(func(o *order) {
		status, said := controlStatus(o)
		if len(r.ids) == 0 && r.caseNo == "" {
			if status.Open() {
				return // "accepted", and no patient named: nothing to tell
			}
			r.problem(NoPatient, r.where(o.orc, 1), lang.Text{
				DE: "Eine Anforderung wurde abgelehnt oder storniert; die Antwort nennt keinen Patienten.",
				EN: "An order was refused or cancelled; the answer names no patient.",
			})
			return
		}
		if !said {
			return
		}
		if o.rxo.Exists() || o.rxe.Exists() || r.ofDrugs() {
			r.prescription(o)
			return
		}
		r.emitOrder(o, status, true)
	})
}

// eachOrder runs read for each order of the message.
func (r *reader) eachOrder(read func(*order)) {
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		if g.pid.Exists() {
			r.guard("PID", func() { r.person(g.pid, true) })
		}
		r.guard("PV1", func() { r.visit(&g) })
		for _, seg := range g.all {
			switch seg.Name() {
			case "AL1", "IAM", "IN1", "NK1":
				r.guarded(seg, r.list)
			}
		}
		list := r.orderGroups(&g)
		for i := range list {
			r.guard("ORC", func() { read(&list[i]) })
		}
		r.ownSegments(&g)
	}
}

// orderGroups sorts a group's segments by order. An ORC begins one; so does an
// OBR or RXO where the sender left ORC out.
func (r *reader) orderGroups(g *group) []order {
	var list []order
	var o *order
	begin := func() {
		list = append(list, order{})
		o = &list[len(list)-1]
	}
	for _, seg := range g.all {
		name := seg.Name()
		switch name {
		case "ORC":
			begin()
		case "OBR":
			if o == nil || o.obr.Exists() {
				begin()
			}
		case "RXO", "RXE":
			if o == nil {
				begin()
			}
		}
		if o == nil {
			continue
		}
		o.take(name, seg)
	}
	return list
}

func (o *order) take(name string, seg segment) {
	switch name {
	case "ORC":
		o.orc = seg
	case "OBR":
		o.obr = seg
	case "RXO":
		o.rxo = seg
	case "RXE":
		o.rxe = seg
	case "SPM":
		if !o.spm.Exists() {
			o.spm = seg
		}
	case "TQ1":
		o.tq1 = append(o.tq1, seg)
	case "RXR":
		o.rxr = append(o.rxr, seg)
	case "RXC":
		o.rxc = append(o.rxc, seg)
	case "RXA":
		o.rxa = append(o.rxa, seg)
	case "RXD":
		o.rxd = append(o.rxd, seg)
	case "DG1":
		o.dg1 = append(o.dg1, seg)
	case "OBX":
		o.obx = append(o.obx, observed(seg))
	case "NTE":
		if n := len(o.obx); n > 0 {
			o.obx[n-1].note = joinLines(o.obx[n-1].note, noteText(seg))
			return
		}
		o.note = joinLines(o.note, noteText(seg))
	}
}

// order reads one order by what it holds.
func (r *reader) order(o *order) {
	for _, rxa := range o.rxa {
		r.guarded(rxa, func(seg segment) { r.dose(o, seg, false) })
	}
	for _, rxd := range o.rxd {
		r.guarded(rxd, func(seg segment) { r.dispensing(o, seg) })
	}
	switch {
	case len(o.rxa) > 0 || len(o.rxd) > 0:
	case o.rxe.Exists() || o.rxo.Exists() || r.ofDrugs() && !o.obr.Exists():
		r.prescription(o)
		r.sideObservations(o)
	case fold(o.orc.Field(1).Text()) == "RE" && len(o.obx) > 0:
		r.panel(&panel{orc: o.orc, obr: o.obr, spm: o.spm, note: o.note, obx: o.obx})
	default:
		if status, ok := controlStatus(o); ok {
			r.emitOrder(o, status, !o.obr.Exists())
			r.sideObservations(o)
		}
	}
}

// ofDrugs reports whether the message is about prescriptions whatever it holds:
// one that stops or holds a drug may name it by its number in ORC alone.
func (r *reader) ofDrugs() bool {
	switch messageType(r.out.Kind) {
	case "RDE", "OMP", "RRE", "ORP":
		return true
	}
	return false
}

// sideObservations reads vital signs and warnings that stand in an order:
// weight, isolation. Everything else an order holds is part of its question.
func (r *reader) sideObservations(o *order) {
	for _, x := range o.obx {
		r.guarded(x.seg, func(segment) {
			p := panel{orc: o.orc, obr: o.obr, section: clinical.OtherSection}
			if x.encapsulated() {
				r.describe(&p)
				r.attachment(&p, x)
				return
			}
			p = panel{section: clinical.OtherSection}
			if res, ok := r.observation(&p, x); ok && res.Section == clinical.Vitals {
				r.emit(res)
			}
		})
	}
}

// controlStatus reads ORC-1 (HL7 table 0119) together with ORC-5; false where
// the order stands as it stood.
func controlStatus(o *order) (clinical.OrderStatus, bool) {
	code := fold(o.orc.Field(1).Text())
	switch code {
	case "CA", "CR", "OC", "DC", "DR", "OD", "RP", "RQ", "RU":
		return clinical.Cancelled, true
	case "HD", "HR", "OH":
		return clinical.OnHold, true
	case "UA", "DE":
		return clinical.OrderFailed, true
	case "RL", "OE", "OR":
		return clinical.Ordered, true
	case "SS", "NA", "UC", "UD", "UH", "UM", "UN", "UR", "UX", "UF", "OP", "PY", "MC":
		if status, ok := orderStatusOf(o.orc.Field(5)); ok {
			return status, true
		}
		return "", false
	}
	if status, ok := orderStatusOf(o.orc.Field(5)); ok {
		return status, true
	}
	if status, ok := reportedStatus(o.obr); ok && (code == "SC" || code == "SR" || code == "OK" || code == "XX") {
		return status, true
	}
	return clinical.Ordered, true
}

// emitOrder reads the order itself.
func (r *reader) emitOrder(o *order, status clinical.OrderStatus, aside bool) {
	p := panel{orc: o.orc, obr: o.obr, spm: o.spm}
	r.describe(&p)
	out := clinical.Order{
		Placer: p.placer, Filler: p.filler, Group: entity(o.orc.Field(4)), What: p.what, Section: p.section,
		Status: status, Priority: r.priority(o), Requested: r.firstTime(at{o.orc, 9}, at{o.obr, 6}),
		By: staffField(o.orc.Field(12)), Question: r.question(o), Specimen: r.specimen(o.obr, o.spm), Aside: aside,
		Of: p.of,
	}
	if !o.obr.Exists() {
		out.Section = "" // not said
	}
	if out.By.Zero() {
		out.By = staffField(o.obr.Field(16))
	}
	if out.Placer == "" && out.Filler == "" {
		if out.What.Zero() {
			return
		}
		out.Filler = "@" + r.out.Control // an order without number is known by its message
	}
	if due := r.timings(o); due.start != (time.Time{}) {
		out.Due = due.start
	} else {
		out.Due = r.time(o.obr, 36)
	}
	r.emit(out)
}

// at names a field of a segment.
type at struct {
	seg segment
	n   int
}

// firstTime is the first of the fields that holds a time.
func (r *reader) firstTime(fields ...at) time.Time {
	for _, f := range fields {
		if t := r.time(f.seg, f.n); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// priority is TQ1-9, OBR-27.6, ORC-7.6 or OBR-5, by its first letter (HL7 table
// 0485).
func (r *reader) priority(o *order) string {
	var list []string
	for _, tq := range o.tq1 {
		list = append(list, word(tq.Field(9)))
	}
	list = append(list, value(o.obr.Field(27).Comp(6)), value(o.orc.Field(7).Comp(6)), word(o.obr.Field(5)))
	for _, p := range list {
		switch p = fold(p); {
		case p == "":
		case strings.HasPrefix(p, "S"), strings.HasPrefix(p, "N"): // stat, Notfall
			return "S"
		case strings.HasPrefix(p, "A"), strings.HasPrefix(p, "E"): // asap, eilig
			return "A"
		case strings.HasPrefix(p, "R"):
			return "R"
		default:
			return p
		}
	}
	return ""
}

// question is what the orderer wants to know: reason, clinical information,
// notes, diagnoses, and the answers given with the order.
func (r *reader) question(o *order) string {
	var list []string
	note := func(s string) {
		if s != "" && (len(list) == 0 || list[len(list)-1] != s) {
			list = append(list, s)
		}
	}
	note(joinReps(o.obr.Field(31)))
	note(word(o.obr.Field(13)))
	note(label(r.codedField(o.orc.Field(16))))
	note(o.note)
	for _, seg := range o.dg1 {
		c := r.codedField(seg.Field(3))
		if c.Text == "" {
			c.Text = word(seg.Field(4))
		}
		note(joinWords(c.Code, c.Text))
	}
	for _, x := range o.obx {
		if x.encapsulated() {
			continue
		}
		name, v := r.codedField(x.seg.Field(3)).Label(), r.measure(x).text
		if v != "" && name != "" {
			v = name + ": " + v
		}
		note(joinWords(v, r.s.unit(word(x.seg.Field(6)))))
	}
	return strings.Join(list, "\n")
}
