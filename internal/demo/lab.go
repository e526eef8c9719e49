package demo

import (
	"math"
	"strconv"
	"strings"
)

// sample is one order to the laboratory on its way.
type sample struct {
	s        *stay
	panel    *panel
	placer   string // of the KIS
	filler   string // of the LIS
	taken    int64
	priority string
	values   []value
}

// order orders panels in one message; the samples are taken at that time.
// Emergency laboratory comes back faster.
func (w *world) order(s *stay, priority string, taken int64, which ...int) {
	var all []*sample
	for _, k := range which {
		n := w.nextOrder()
		all = append(all, &sample{
			s: s, panel: &panels[k], placer: "K" + itoa(n), filler: "L" + itoa(n*10+1), taken: taken, priority: priority,
		})
	}
	if len(all) == 0 {
		return
	}
	w.sendLabOrder(all, "NW")
	for len(all) > 0 { // one tube serves several panels
		var tube, others []*sample
		for _, o := range all {
			switch {
			case w.dice.mille(8):
				w.at(taken-minute, func() { w.sendLabOrder([]*sample{o}, "CA") })
			case len(tube) == 0 || o.panel.specimen == tube[0].panel.specimen:
				tube = append(tube, o)
			default:
				others = append(others, o)
			}
		}
		if len(tube) > 0 {
			w.at(taken, func() { w.sampled(s, tube) })
		}
		all = others
	}
}

// sampled is the moment the tube leaves the patient.
func (w *world) sampled(s *stay, tube []*sample) {
	if !s.here() {
		w.sendLabOrder(tube, "CA")
		return
	}
	d := &w.dice
	late := int64(0)
	for _, o := range tube {
		w.measure(o)
		late = max(late, int64(o.panel.minutes)*minute)
	}
	if tube[0].priority == "S" {
		late = late * 2 / 3
	}
	late += d.span(0, late/2)
	if d.mille(6) { // clotted, spilled, wrong tube
		w.at(w.now+late, func() { w.report(s, tube, "X") })
		return
	}
	if len(tube) > 1 && d.percent(10) {
		w.at(w.now+late/2, func() { w.report(s, tube[:1], "P") })
	}
	w.at(w.now+late, func() {
		w.report(s, tube, "F")
		o := tube[0]
		if o.panel.code == "ELEK" && d.mille(9) || d.mille(5) {
			w.at(w.now+d.span(20*minute, 3*hour), func() { w.correct(o) })
		}
	})
}

// correct sends one value again: corrected, or withdrawn as haemolytic.
func (w *world) correct(o *sample) {
	v := o.values[w.dice.n(len(o.values))]
	for _, x := range o.values {
		if x.a.code == "KA" {
			v = x
		}
	}
	again := *o
	status := "D"
	v.note = "Probe hämolytisch, Wert nicht verwertbar"
	if !w.dice.percent(40) {
		status = "C"
		v.x = v.a.rounded(v.x * (0.86 + 0.1*w.dice.float()))
		v.note = "korrigierter Wert nach Wiederholungsmessung"
	}
	again.values = []value{v}
	w.report(o.s, []*sample{&again}, status)
}

// value is one measured value.
type value struct {
	a      *analyte
	x      float64
	lo, hi float64
	note   string
}

// measure makes the values of a panel as the patient is at this moment.
func (w *world) measure(o *sample) {
	child := w.age(o.s.p) < 15
	for code := range strings.FieldsSeq(o.panel.values) {
		k := w.h.cases.analytes[code]
		a := &analytes[k]
		lo, hi := a.limits(o.s.p.sex, child)
		o.values = append(o.values, value{a: a, x: a.rounded(w.level(o.s, k, lo, hi)), lo: lo, hi: hi})
	}
	o.filtration(w.age(o.s.p), child)
}

// filtration computes the eGFR from the creatinine beside it, as the laboratory
// does for adults.
func (o *sample) filtration(age int, child bool) {
	of := func(code string) *value {
		for i := range o.values {
			if o.values[i].a.code == code {
				return &o.values[i]
			}
		}
		return nil
	}
	gfr, krea := of("GFR"), of("KREA")
	if gfr == nil || krea == nil || child {
		return
	}
	gfr.hi = 0 // only low values matter
	gfr.x = gfr.a.rounded(ckdEPI(krea.x, age, o.s.p.sex))
}

// ckdEPI is the CKD-EPI equation of 2021: ml/min/1,73 m² from creatinine in
// mg/dl.
func ckdEPI(creatinine float64, age int, sex byte) float64 {
	k, alpha, factor := 0.9, -0.302, 1.0
	if sex == 'F' {
		k, alpha, factor = 0.7, -0.241, 1.012
	}
	ratio := creatinine / k
	return 142 * math.Pow(math.Min(ratio, 1), alpha) * math.Pow(math.Max(ratio, 1), -1.2) * math.Pow(0.9938, float64(age)) * factor
}

// limits returns the reference range for sex and age.
func (a *analyte) limits(sex byte, child bool) (lo, hi float64) {
	switch {
	case child && a.hiC > 0:
		return a.loC, a.hiC
	case sex == 'F' && a.hiF > 0:
		return a.loF, a.hiF
	}
	return a.lo, a.hi
}

func (a *analyte) rounded(x float64) float64 { return round(x, a.digits) }

// level is the value of analyte k now: the course of the illness, or the
// patient's own middle, with a wobble from day to day.
func (w *world) level(s *stay, k int, lo, hi float64) float64 {
	d := &w.dice
	a := &analytes[k]
	own, ok := s.lab[k]
	if !ok {
		mid, width := (lo+hi)/2, (hi-lo)/2
		if a.onlyUpper {
			mid, width = hi*0.45, hi*0.3
		}
		own = mid + width*0.55*d.bell()
		if a.onlyUpper {
			own = math.Max(own, hi*0.08)
		}
		s.lab[k] = own
	}
	base := own
	if c, ok := s.ill.course[a.code]; ok {
		base = drift(c, w.progress(s))
	} else if d.percent(4) {
		base += (hi - lo) * 0.35 * d.bell()
	}
	x := base * (1 + a.wobble*d.bell())
	if !(a.code == "BGBE") && x < 0 {
		x = hi * 0.1
	}
	if d.mille(3) { // what the laboratory has to telephone
		switch {
		case a.code == "KA":
			return 6.1
		case a.critHigh > 0 && d.percent(50):
			return a.critHigh * 1.06
		case a.critLow > 0:
			return a.critLow * 0.96
		}
	}
	return x
}

// drift follows a course: fast first, then slower.
func drift(c [2]float64, progress float64) float64 {
	return c[1] + (c[0]-c[1])*math.Exp(-3.2*progress)
}

// flag returns the flag of a value (HL7 table 0078).
func (v *value) flag() string {
	a := v.a
	switch {
	case a.critHigh > 0 && v.x >= a.critHigh:
		return "HH"
	case a.critLow > 0 && v.x <= a.critLow:
		return "LL"
	case v.hi > 0 && v.x > v.hi:
		return "H"
	case !a.onlyUpper && v.x < v.lo:
		return "L"
	}
	return ""
}

func (v *value) refRange() string {
	d := v.a.digits
	switch {
	case v.a.onlyUpper:
		return "< " + number(v.hi, d)
	case v.hi == 0:
		return "> " + number(v.lo, d)
	}
	return number(v.lo, d) + " - " + number(v.hi, d)
}

func number(x float64, digits int) string { return strconv.FormatFloat(x, 'f', digits, 64) }

// report sends the values of samples with their status (HL7 table 0085).
func (w *world) report(s *stay, tube []*sample, status string) {
	m := w.begin(lis, "ORU", "R01", "ORU_R01")
	w.pid(m, s.p, false)
	w.visit(m, s, w.lisWard(s))
	for i, o := range tube {
		m.seg("ORC")
		m.raw(1, "RE")
		m.raw(2, o.placer)
		m.raw(3, o.filler)
		m.raw(5, map[bool]string{true: "IP", false: "CM"}[status == "P"])
		m.seg("OBR")
		m.num(1, i+1)
		m.raw(2, o.placer)
		m.raw(3, o.filler)
		m.f(4, o.panel.code, o.panel.text, "L")
		m.raw(7, w.ts(o.taken))
		m.f(15, o.panel.specimen)
		m.raw(22, w.ts(w.now))
		m.raw(24, "LAB")
		m.raw(25, status)
		for k := range o.values {
			w.obxLab(m, k+1, &o.values[k], o, status)
		}
	}
	w.end(lis, s.p.lane)
}

func (w *world) obxLab(m *wire, n int, v *value, o *sample, status string) {
	m.seg("OBX")
	m.num(1, n)
	m.raw(2, "NM")
	if v.a.sendsLOINC {
		m.f(3, v.a.code, v.a.text, "L", v.a.loinc, v.a.text, "LN")
	} else {
		m.f(3, v.a.code, v.a.text, "L")
	}
	m.raw(4, "1")
	if status != "X" {
		m.raw(5, number(v.x, v.a.digits))
	}
	m.f(6, v.a.unit)
	m.raw(7, v.refRange())
	if status != "X" {
		m.raw(8, v.flag())
	}
	m.raw(11, status)
	m.raw(14, w.ts(o.taken))
	note := v.note
	if status == "X" && n == 1 {
		note = "Kein Ergebnis: Probe geronnen, bitte neue Abnahme"
	}
	if note != "" {
		m.seg("NTE")
		m.raw(1, "1")
		m.raw(2, "L")
		m.f(3, note)
	}
}

// visit writes the PV1 of a subsystem: class, place as it knows it, case.
func (w *world) visit(m *wire, s *stay, ward string) {
	m.seg("PV1")
	m.raw(1, "1")
	m.to(2)
	m.b = append(m.b, s.class)
	m.f(3, ward)
	m.f(19, itoa(s.no), "", "", "KIS", "VN")
}

// lisWard is the ward as LIS, RIS and PDMS call it.
func (w *world) lisWard(s *stay) string {
	if s.bed != nil {
		return s.bed.ward.plan.other
	}
	return ""
}

// sendLabOrder sends orders of the KIS (ORM O01): NW new, CA cancelled.
func (w *world) sendLabOrder(list []*sample, control string) {
	s := list[0].s
	m := w.begin(kisOrders, "ORM", "O01", "ORM_O01")
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	for i, o := range list {
		m.seg("ORC")
		m.raw(1, control)
		m.raw(2, o.placer)
		m.raw(5, map[bool]string{true: "CA", false: "SC"}[control == "CA"])
		m.raw(9, w.ts(w.now))
		m.f(12, s.doc.id, s.doc.family, s.doc.given, "", "", s.doc.title)
		m.seg("OBR")
		m.num(1, i+1)
		m.raw(2, o.placer)
		m.f(4, o.panel.code, o.panel.text, "L")
		m.raw(5, o.priority)
		m.raw(6, w.ts(w.now))
		m.f(15, o.panel.specimen)
		m.raw(24, "LAB")
		w.quantity(m, o.taken, o.priority)
	}
	w.end(kisOrders, s.p.lane)
}

// quantity writes OBR-27: when, and how urgent.
func (w *world) quantity(m *wire, at int64, priority string) {
	m.to(27)
	m.b = append(m.b, "^^^"...)
	m.b = append(m.b, w.ts(at)...)
	m.b = append(m.b, "^^"...)
	m.b = append(m.b, priority...)
}

// pv1Short writes the stay as the KIS sends it to subsystems.
func (w *world) pv1Short(m *wire, s *stay) {
	m.seg("PV1")
	m.raw(1, "1")
	m.to(2)
	m.b = append(m.b, s.class)
	if s.bed != nil {
		at := s.bed.spot()
		m.f(3, at.ward, at.room, at.bed, facility)
	}
	m.f(19, itoa(s.no), "", "", "KIS", "VN")
}
