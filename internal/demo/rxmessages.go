package demo

import "strings"

// sendRDE sends prescriptions (RDE O11): NW new, XO changed, DC stopped.
func (w *world) sendRDE(s *stay, list []*prescription, control string) {
	m := w.begin(apo, "RDE", "O11", "RDE_O11")
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	for _, r := range list {
		m.seg("ORC")
		m.raw(1, control)
		m.raw(2, "M"+itoa(r.no))
		m.raw(5, map[string]string{"NW": "IP", "XO": "IP", "DC": "DC"}[control])
		m.raw(9, w.ts(w.now))
		m.f(12, s.doc.id, s.doc.family, s.doc.given, "", "", s.doc.title)
		w.rxe(m, r)
		w.tq1(m, r)
		w.rxr(m, r.d)
	}
	w.end(apo, s.p.lane)
}

// rxe writes what is to be given.
func (w *world) rxe(m *wire, r *prescription) {
	d := r.d
	m.seg("RXE")
	m.f(2, r.pzn, d.text, "PZN", d.atc, d.substance, "ATC")
	m.f(3, decimal(r.amount))
	m.f(5, d.unit)
	m.f(6, d.form)
	if d.scheme == "bb" {
		m.f(7, "", "bei Bedarf: "+d.why+"; höchstens "+d.max+" in 24 h")
	}
	if d.rate != "" {
		value, unit, _ := strings.Cut(d.rate, " ")
		m.f(23, decimal(value))
		m.f(24, unit)
	}
	if value, unit, ok := strings.Cut(d.strength, " "); ok {
		m.f(25, decimal(value))
		m.f(26, unit)
	}
	if d.why != "" {
		m.f(27, "", d.why)
	}
}

// tq1 writes when it is to be given.
func (w *world) tq1(m *wire, r *prescription) {
	d := r.d
	m.seg("TQ1")
	m.raw(1, "1")
	m.f(2, decimal(r.amount), d.unit)
	switch d.scheme {
	case "bb":
		m.f(3, "PRN")
	case "inf":
		m.f(3, "C")
	case "1x":
		m.f(3, "ONCE")
	case "q8":
		m.f(3, "Q8H")
		m.raw(4, "0600~1400~2200")
	default:
		m.f(3, d.scheme)
	}
	m.raw(7, w.ts(r.start))
	m.raw(8, w.ts(r.end))
	m.raw(9, map[bool]string{true: "PRN", false: "R"}[d.scheme == "bb"])
	if d.scheme == "bb" {
		m.f(10, d.why)
	}
}

func (w *world) rxr(m *wire, d *drug) {
	m.seg("RXR")
	m.f(1, d.route, "", "HL70162")
}

// decimal writes a German decimal number as HL7 wants it.
func decimal(s string) string { return strings.ReplaceAll(s, ",", ".") }

// give records administrations (RAS O17). Now and then a patient refuses, takes
// half, or is not to have anything before an operation.
func (w *world) give(s *stay, list []*prescription) {
	if !s.here() || w.now < w.start-givenFrom {
		return
	}
	d := &w.dice
	m := w.begin(apo, "RAS", "O17", "RAS_O17")
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	for i, r := range list {
		m.seg("ORC")
		m.raw(1, "RE")
		m.raw(2, "M"+itoa(r.no))
		m.raw(5, "IP")
		status, reason, amount := "CP", "", r.amount
		switch t := d.n(1000); {
		case t < 12:
			status, reason = "RE", "Patient lehnt ab"
		case t < 26:
			status, reason = "NA", pick(d, []string{"nüchtern vor Untersuchung", "Patient nicht auf Station", "RR systolisch unter 100"})
		case t < 32:
			status, reason = "PA", "nur teilweise genommen"
		}
		m.seg("RXA")
		m.raw(1, "0")
		m.num(2, i+1)
		m.raw(3, w.ts(w.now))
		m.raw(4, w.ts(w.now))
		m.f(5, r.pzn, r.d.text, "PZN", r.d.atc, r.d.substance, "ATC")
		m.f(6, decimal(amount))
		m.f(7, r.d.unit)
		m.f(8, r.d.form)
		nurse := w.nurse(s)
		m.f(10, nurse.id, nurse.family, nurse.given)
		if reason != "" {
			m.f(18, "", reason)
		}
		m.raw(20, status)
		m.raw(21, "A")
		w.rxr(m, r.d)
	}
	w.end(apo, s.p.lane)
}

// nurse is who is on duty on the ward in this shift.
func (w *world) nurse(s *stay) doctor {
	n := int(w.now/(8*hour))*7 + s.bed.ward.plan.first
	l := w.h.lists
	return doctor{id: "P" + itoa(2000+mod2(n, 90)), family: l.family[mod2(n*13, len(l.family))], given: l.womMid[mod2(n*5, len(l.womMid))]}
}

func mod2(a, b int) int { return ((a % b) + b) % b }

// dispense records what the pharmacy made or handed out for this patient (RDS
// O13): cancer drugs, blood products and antibiotics on special request.
func (w *world) dispense(s *stay, r *prescription) {
	special := strings.HasPrefix(r.d.atc, "L0") || strings.HasPrefix(r.d.atc, "B05AX") || r.d.key == "pipta"
	if !special {
		return
	}
	w.at(w.now+w.dice.span(30*minute, 3*hour), func() {
		if !s.here() {
			return
		}
		m := w.begin(apo, "RDS", "O13", "RDS_O13")
		w.pid(m, s.p, false)
		w.pv1Short(m, s)
		m.seg("ORC")
		m.raw(1, "RE")
		m.raw(2, "M"+itoa(r.no))
		m.raw(3, "A"+itoa(r.no))
		m.raw(5, "IP")
		m.seg("RXD")
		m.raw(1, "1")
		m.f(2, r.pzn, r.d.text, "PZN")
		m.raw(3, w.ts(w.now))
		m.f(4, decimal(r.amount))
		m.f(5, r.d.unit)
		m.f(6, r.d.form)
		m.raw(7, "A"+itoa(r.no))
		m.raw(18, "CH"+pad(r.no%100000, 6))
		w.rxr(m, r.d)
		w.end(apo, s.p.lane)
	})
}
