package demo

import (
	"math"
	"strconv"
	"time"
)

// facility is the house as its systems name it.
const facility = "KSL"

// sender is how each feed's system writes its header.
var senders = [...]struct {
	app, version, ack string
	set               charset
	prefix            string // of control IDs
}{
	kisADT:    {"KIS", "2.5", "", latin9, "KA"},
	kisOrders: {"KIS-ORDER", "2.5", "", latin9, "KO"},
	lis:       {"LIS", "2.5.1", "", utf8Set, "L"},
	ris:       {"RIS", "2.3.1", "", latin1, "R"},
	pdms:      {"PDMS", "2.6", "AL", utf8Set, "P"},
	apo:       {"MEDIKATION", "2.5", "", utf8Set, "M"},
	termine:   {"KIS-TERMIN", "2.4", "", unnamed9, "T"},
	docs:      {"KIS-DOK", "2.5", "", utf8Set, "D"},
}

// begin starts a message of a feed: MSH with type^event^structure.
func (w *world) begin(f feedNo, kind, event, structure string) *wire {
	return w.beginMode(f, kind, event, structure, "P")
}

// beginMode is begin with a processing ID (MSH-11): P, or T for tests.
func (w *world) beginMode(f feedNo, kind, event, structure, mode string) *wire {
	m := &w.buf
	m.b, m.at = m.b[:0], 0
	s := &senders[f]
	w.control[f]++
	m.b = append(m.b, `MSH|^~\&`...)
	m.at = 2
	m.f(3, s.app)
	m.f(4, facility)
	m.f(5, "NOTBETRIEB")
	m.f(6, facility)
	m.raw(7, w.ts(w.now))
	m.f(9, kind, event, structure)
	m.raw(10, s.prefix+pad(w.control[f], 8))
	m.raw(11, mode)
	m.raw(12, s.version)
	if s.ack != "" {
		m.raw(15, s.ack)
		m.raw(16, "NE")
	}
	m.raw(17, "DEU")
	if l := s.set.label(); l != "" {
		m.raw(18, l)
	}
	return m
}

// end finishes the message and hands it out.
func (w *world) end(f feedNo, lane uint32) {
	w.hand(f, lane, w.buf.bytes(senders[f].set))
}

func (w *world) hand(f feedNo, lane uint32, raw []byte) {
	w.out(Message{Feed: feeds[f].name, At: time.Unix(w.now, 0).In(w.h.plan.Zone), Raw: raw, lane: lane})
}

// sendADT sends an admission, discharge or transfer message for a stay, with
// its movement if there is one.
func (w *world) sendADT(event string, s *stay, m move) {
	w.writeADT(event, s)
	w.pv1(s, m)
	if m.id != 0 {
		w.zbe(m, "INSERT", "N", "")
	}
	w.details(event, s)
	w.end(kisADT, s.p.lane)
}

// structures of ADT events (HL7 table 0354).
func structureOf(event string) string {
	switch event {
	case "A01", "A04", "A08", "A13", "A28", "A31":
		return "ADT_A01"
	case "A05":
		return "ADT_A05"
	case "A02":
		return "ADT_A02"
	case "A03":
		return "ADT_A03"
	case "A06", "A07":
		return "ADT_A06"
	case "A40":
		return "ADT_A39"
	case "A37":
		return "ADT_A37"
	}
	return "ADT_" + event
}

// writeADT writes MSH, EVN and PID.
func (w *world) writeADT(event string, s *stay) {
	mode := "P"
	if s.test {
		mode = "T"
	}
	m := w.beginMode(kisADT, "ADT", event, structureOf(event), mode)
	w.evn(event, w.now)
	w.pid(m, s.p, true)
	if r := s.p.relative; r != nil && fullEvent(event) {
		m.seg("NK1")
		m.raw(1, "1")
		m.f(2, r.family, r.given)
		m.f(3, r.code, r.relation)
		m.f(5, r.phone, "PRN", "PH")
	}
}

// fullEvent reports whether the KIS sends everything it knows with the event.
func fullEvent(event string) bool {
	switch event {
	case "A01", "A04", "A05", "A06", "A08", "A13", "A28", "A31":
		return true
	}
	return false
}

func (w *world) evn(event string, occurred int64) {
	m := &w.buf
	m.seg("EVN")
	m.raw(1, event)
	m.raw(2, w.ts(w.now))
	m.raw(6, w.ts(occurred))
}

// pid writes the person. Subsystems know little: number, name, birth, sex.
func (w *world) pid(m *wire, p *person, full bool) {
	m.seg("PID")
	m.raw(1, "1")
	m.f(3, itoa(p.no), "", "", "KIS", "PI")
	if full && p.kvnr != "" && funds[p.fund].group != "P" {
		m.rep(p.kvnr, "", "", "GKV", "NH")
	}
	m.to(5)
	w.xpn(m, p)
	m.raw(7, p.birthStamp(w))
	m.to(8)
	m.b = append(m.b, p.sex)
	if !full {
		return
	}
	if p.street != "" {
		m.f(11, p.street, "", p.town, "", p.zip, "DE", "H")
	}
	if p.phone != "" {
		m.f(13, p.phone, "PRN", "PH")
	}
	if p.mother != nil {
		m.f(21, itoa(p.mother.no), "", "", "KIS", "PI")
	}
	if p.order > 0 {
		m.raw(24, map[bool]string{true: "Y", false: "N"}[p.multiple])
		m.num(25, p.order)
	}
	if p.died != 0 {
		m.raw(29, w.ts(p.died))
		m.raw(30, "Y")
	}
	if p.unknown {
		m.raw(31, "Y")
	}
}

// xpn writes the name; a prefix goes into the sub-components of the family name
// (FN: surname & own prefix & own name).
func (w *world) xpn(m *wire, p *person) {
	if p.prefix != "" {
		m.text(p.prefix + " " + p.family)
		m.b = append(m.b, '&')
		m.text(p.prefix)
		m.b = append(m.b, '&')
		m.text(p.family)
	} else {
		m.text(p.family)
	}
	m.b = append(m.b, '^')
	m.text(p.given)
	m.b = append(m.b, '^')
	m.text(p.further)
	m.b = append(m.b, "^^^"...)
	m.text(p.title)
	m.b = append(m.b, "^L"...)
	if p.maiden != "" {
		m.rep(p.maiden, "", "", "", "", "", "M")
	}
}

func (p *person) birthStamp(w *world) string {
	switch {
	case p.bornAt != 0:
		return w.ts(p.bornAt)[:12]
	case p.born.y == 0:
		return ""
	case p.born.m == 0:
		return itoa(p.born.y)
	}
	return itoa(p.born.y) + pad(p.born.m, 2) + pad(p.born.d, 2)
}

// pv1 writes the stay with the place that the movement leads to.
func (w *world) pv1(s *stay, mv move) {
	m := &w.buf
	m.seg("PV1")
	m.raw(1, "1")
	m.to(2)
	m.b = append(m.b, s.class)
	to := mv.to
	if mv.id == 0 && s.bed != nil {
		to = s.bed.spot()
	}
	if to.ward != "" {
		m.f(3, to.ward, to.room, to.bed, facility)
	}
	if mv.from.ward != "" && mv.event == "A02" {
		m.f(6, mv.from.ward, mv.from.room, mv.from.bed, facility)
	}
	if s.doc.id != "" {
		m.f(7, s.doc.id, s.doc.family, s.doc.given, "", "", s.doc.title)
		m.raw(10, serviceOf(s))
		m.f(17, s.doc.id, s.doc.family, s.doc.given, "", "", s.doc.title)
	}
	m.f(19, itoa(s.no), "", "", "KIS", "VN")
	if s.ended != 0 {
		m.raw(36, map[bool]string{true: "07", false: "01"}[s.dead]) // Entlassungsgrund § 301
	}
	if s.class != 'P' {
		m.raw(44, w.ts(s.admitted))
	}
	if s.ended != 0 {
		m.raw(45, w.ts(s.ended))
	}
	m.seg("PV2")
	if s.reason != "" {
		m.f(3, "", s.reason)
	}
	if s.class == 'P' {
		m.raw(8, w.ts(s.admitted))
	}
	if s.planned != 0 && s.class == 'I' && s.ended == 0 {
		m.raw(9, w.ts(s.planned)[:8])
	}
}

// serviceOf returns the Fachabteilungsschlüssel (§ 301 SGB V) of the stay.
func serviceOf(s *stay) string {
	code := ""
	switch {
	case s.home != nil:
		code = s.home.plan.code
	case s.bed != nil:
		code = s.bed.ward.plan.code
	}
	switch code {
	case "ITS":
		return "3600"
	case "SU":
		return "2800"
	case "1B":
		return "2200"
	case "2A":
		return "1500"
	case "2B":
		return "1600"
	case "4A":
		return "0300"
	case "4B":
		return "0200"
	case "5A":
		return "0500"
	case "5B", "GEB":
		return "2400"
	case "KIN":
		return "1000"
	}
	return "0100"
}

// zbe writes the movement (IHE PAM).
func (w *world) zbe(mv move, action, historic, original string) {
	m := &w.buf
	m.seg("ZBE")
	m.f(1, strconv.Itoa(mv.id), "KIS")
	m.raw(2, w.ts(mv.start))
	m.raw(4, action)
	m.raw(5, historic)
	if original != "" {
		m.raw(6, original)
	}
	if mv.to.ward != "" {
		m.f(7, mv.to.name, "", "", "", "", "", "", "", "", mv.to.ward)
	}
}

// details writes what goes with a full event: warnings, allergies, diagnoses,
// insurance.
func (w *world) details(event string, s *stay) {
	if !fullEvent(event) {
		return
	}
	m := &w.buf
	set := 0
	obx := func(at int64, kind, code, text, value, say, unit string) {
		set++
		m.seg("OBX")
		m.num(1, set)
		m.raw(2, kind)
		m.f(3, code, text, "L")
		if kind == "NM" {
			m.f(5, value)
		} else {
			m.f(5, value, say, "L")
		}
		m.f(6, unit)
		m.raw(11, "F")
		m.raw(14, w.ts(at))
	}
	if s.p.height > 0 && s.class != 'P' {
		obx(s.admitted, "NM", "8302-2", "Größe", itoa(s.p.height), "", "cm")
		obx(s.admitted, "NM", "29463-7", "Gewicht", strconv.FormatFloat(math.Round(s.p.weight*10)/10, 'f', -1, 64), "", "kg")
	}
	for _, a := range s.alerts {
		if a.code != "ISO" || s.no%2 == 0 {
			obx(a.from, "CE", a.code, a.text, a.value, a.say, "")
		}
	}
	w.al1(s.p)
	for i, x := range s.diags {
		w.dg1(i+1, x)
	}
	w.in1(s.p)
	for _, a := range s.alerts { // half of the wards use the vendor's own segment
		if a.code == "ISO" && s.no%2 == 1 {
			m.seg("ZIS")
			m.raw(1, "1")
			m.f(2, a.value, a.say)
			m.raw(3, w.ts(a.from))
		}
	}
}

func (w *world) al1(p *person) {
	m := &w.buf
	if p.noneKnwn {
		m.seg("AL1")
		m.raw(1, "1")
		m.f(3, "NKA", "keine Allergien bekannt", "L")
	}
	for i, k := range p.allergy {
		a := &allergens[k]
		m.seg("AL1")
		m.num(1, i+1)
		m.raw(2, a.kind)
		m.f(3, a.code, a.text, "L")
		m.raw(4, a.severity)
		m.f(5, a.reaction)
	}
}

func (w *world) dg1(n int, x diagnosis) {
	m := &w.buf
	m.seg("DG1")
	m.num(1, n)
	m.f(3, x.icd, x.text, "ICD10GM2026")
	m.raw(5, w.ts(x.at))
	m.raw(6, x.kind)
	if x.main {
		m.raw(15, "1")
	} else {
		m.raw(15, "2")
	}
}

func (w *world) in1(p *person) {
	if p.kvnr == "" {
		return
	}
	m := &w.buf
	f := &funds[p.fund]
	number := ik(f.digits)
	m.seg("IN1")
	m.raw(1, "1")
	m.f(2, number)
	m.f(3, number, "", "", "ARGE-IK", "NII")
	m.f(4, f.name)
	m.raw(12, "20200101")
	m.raw(15, map[bool]string{true: "PKV", false: "GKV"}[f.group == "P"])
	if f.group == "P" {
		m.f(36, pad(p.no*7%100_000_000, 9))
	} else {
		m.f(36, p.kvnr)
	}
}
