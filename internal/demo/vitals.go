package demo

// vitals are the patient's own middle values.
type vitals struct {
	pulse, sys, dia, resp, o2 float64
	set                       bool
}

// thinned is how long before Plan.Start the vital signs are told less densely,
// as archives of monitors do.
const thinned = 3 * day

// rhythm begins the vital signs of the ward where the patient lies now. It ends
// when the patient leaves that ward.
func (w *world) rhythm(s *stay) {
	epoch := s.epoch
	if s.measured == epoch {
		return
	}
	s.measured = epoch
	w.at(w.now+w.dice.span(4*minute, 18*minute), func() { w.round(s, epoch, true) })
}

// round measures, and plans the next round.
func (w *world) round(s *stay, epoch int, first bool) {
	if !s.in(epoch) {
		return
	}
	if !s.away {
		w.vitalSigns(s, first)
	}
	w.at(w.nextRound(s), func() { w.round(s, epoch, false) })
}

// nextRound is when the ward measures again.
func (w *world) nextRound(s *stay) int64 {
	d := &w.dice
	switch s.bed.ward.plan.kind {
	case Intensive:
		every := int64(hour)
		if w.start-w.now > thinned {
			every = 4 * hour
		}
		return w.now - mod(w.now, hour) + every + d.span(0, 5*minute)
	case Emergency:
		return w.now + d.span(110*minute, 170*minute)
	case Stroke:
		if w.now-s.admitted < 3*day && w.start-w.now < thinned {
			return w.now + 4*hour + d.span(-10*minute, 10*minute)
		}
	case Normal, Obstetrics, Children, Service:
	}
	times := [][2]int{{6, 20}, {13, 30}, {19, 30}}
	switch old := w.start-w.now > thinned; {
	case old && (s.bed.ward.plan.kind == Obstetrics || w.start-w.now > 7*day):
		times = times[:1]
	case old || s.bed.ward.plan.kind == Obstetrics:
		times = [][2]int{{6, 20}, {19, 0}}
	}
	for days := 0; ; days++ {
		for _, t := range times {
			at := w.clock(w.now, days, t[0], t[1]) + d.span(0, 50*minute)
			if at > w.now+2*hour {
				return at
			}
		}
	}
}

// vitalSigns sends one round of measurements.
func (w *world) vitalSigns(s *stay, first bool) {
	kind := s.bed.ward.plan.kind
	intensive := kind == Intensive
	w.ownMiddle(s)
	m := w.begin(pdms, "ORU", "R01", "ORU_R01")
	w.pid(m, s.p, false)
	w.visit(m, s, s.bed.ward.plan.other)
	m.seg("OBR")
	m.raw(1, "1")
	m.raw(3, "V"+itoa(w.control[pdms]))
	m.f(4, "VITAL", "Vitalzeichen", "L")
	m.raw(7, w.ts(w.now))
	m.raw(25, "F")
	n := 0
	adult := w.age(s.p) > 14
	put := func(k int, x float64) {
		n++
		w.obxVital(m, n, k, x, manner{local: intensive, flagged: adult || k == vTemp || k == vO2})
	}
	v, d := &s.vit, &w.dice
	put(vTemp, w.course(s, "TEMP", 36.7, 0.25))
	put(vPulse, w.course(s, "PULS", v.pulse, 6))
	sys := w.course(s, "RR", v.sys, 8)
	dia := sys*0.42 + v.dia*0.35
	if !s.bed.cot { // nobody takes a healthy newborn's blood pressure
		put(vSys, sys)
		put(vDia, dia)
	}
	if intensive {
		put(vMean, (sys+2*dia)/3)
	}
	if intensive || kind == Emergency || kind == Stroke || kind == Children || d.percent(30) || w.sickLungs(s) {
		put(vResp, w.course(s, "AF", v.resp, 1.6))
		put(vO2, min(100, w.course(s, "SPO2", v.o2, 1)))
	}
	if w.age(s.p) > 3 {
		put(vPain, max(0, min(10, w.course(s, "NRS", 1, 1))))
	}
	if intensive || kind == Stroke {
		put(vGCS, float64(w.gcs(s)))
	}
	if intensive {
		put(vFiO2, float64(21+5*d.n(8)))
		put(vIn, float64(40+d.n(180)))
		put(vOut, float64(20+d.n(140)))
	}
	w.oncePerDay(s, put, first)
	w.end(pdms, s.p.lane)
}

// oncePerDay adds balance, stool and weight to the morning round.
func (w *world) oncePerDay(s *stay, put func(int, float64), first bool) {
	h := w.hour(w.now)
	d := &w.dice
	kind := s.bed.ward.plan.kind
	if kind == Intensive || kind == Emergency || h > 8 && !first {
		return
	}
	if s.bed.cot || kind == Children || s.ill.course["GEW"][0] > 0 || first {
		put(vWeight, s.p.weight*w.grow(s))
	}
	if first || s.bed.cot {
		return
	}
	if d.percent(45) {
		put(vIn, float64(1100+50*d.n(30)))
		put(vOut, float64(700+50*d.n(34)))
	}
	if d.percent(60) {
		put(vStool, float64(d.n(3)))
	}
	if _, diabetic := s.ill.course["GLU"]; diabetic || s.hasICD("E11.90") {
		put(vSugar, w.course(s, "GLU", 138, 24))
	}
}

// grow is the weight now as part of that at admission: newborns lose some
// first, hearts that fail are freed of water.
func (w *world) grow(s *stay) float64 {
	switch {
	case s.bed.cot:
		days := float64(w.now-s.admitted) / day
		return 1 - 0.06*min(days, 3)/3 + 0.02*max(0, min(days-3, 3))
	case s.ill.course["GEW"][0] > 0:
		return drift(s.ill.course["GEW"], w.progress(s))
	}
	return 1
}

func (s *stay) hasICD(code string) bool {
	for _, x := range s.diags {
		if x.icd == code {
			return true
		}
	}
	return false
}

func (w *world) sickLungs(s *stay) bool {
	_, ok := s.ill.course["SPO2"]
	return ok
}

func (w *world) gcs(s *stay) int {
	if s.bed.ward == w.icu {
		return min(15, 7+int(9*w.progress(s))+w.dice.n(3))
	}
	return 15 - w.dice.n(2)
}

// ownMiddle throws the patient's own middle values once.
func (w *world) ownMiddle(s *stay) {
	v, d := &s.vit, &w.dice
	if v.set {
		return
	}
	v.set = true
	age := w.age(s.p)
	switch {
	case age < 1:
		*v = vitals{132, 78, 48, 40, 97, true}
	case age < 6:
		*v = vitals{108, 96, 58, 26, 98, true}
	case age < 14:
		*v = vitals{88, 108, 64, 20, 98, true}
	default:
		*v = vitals{76, 122 + float64(min(age, 80))/8, 74, 15, 96.5, true}
	}
	v.pulse += 7 * d.bell()
	v.sys += 9 * d.bell()
	v.dia += 5 * d.bell()
	v.o2 = min(99, v.o2+d.bell())
}

// course is a vital sign now: of the illness, else the patient's own middle.
func (w *world) course(s *stay, name string, middle, wobble float64) float64 {
	if c, ok := s.ill.course[name]; ok {
		middle = drift(c, w.progress(s))
	}
	if name == "TEMP" && w.dice.mille(12) {
		middle += 1.8 // a fever that nobody expected
	}
	return middle + wobble*w.dice.bell()
}

// flag marks what the ward must see (HL7 table 0078).
func (v *vitalSign) flag(x float64) string {
	switch {
	case v.alarmHigh > 0 && x >= v.alarmHigh:
		return "HH"
	case v.alarmLow > 0 && x <= v.alarmLow:
		return "LL"
	case v.high > 0 && x >= v.high:
		return "H"
	case v.low > 0 && x <= v.low:
		return "L"
	}
	return ""
}

// manner is how a measurement is written: under the monitor's own code, and
// with a flag where the limits of adults hold.
type manner struct{ local, flagged bool }

func (w *world) obxVital(m *wire, n, k int, x float64, how manner) {
	v := &vitalSigns[k]
	m.seg("OBX")
	m.num(1, n)
	m.raw(2, "NM")
	if how.local || v.loinc == "" {
		m.f(3, v.local, v.text, "PDMS")
	} else {
		m.f(3, v.loinc, v.text, "LN")
	}
	x = round(max(x, 0), v.digits)
	m.raw(5, number(x, v.digits))
	m.f(6, v.unit)
	if how.flagged {
		m.raw(8, v.flag(x))
	}
	m.raw(11, "F")
	m.raw(14, w.ts(w.now))
}
