package demo

// newborn is what a healthy child stays for.
func newbornIll(multiple bool) *ill {
	i := &ill{illness: illness{ward: "GEB", icd: "Z38.0", text: "Einling, Geburt im Krankenhaus", why: "Neugeborenes"}}
	if multiple {
		i.icd, i.text = "Z38.3", "Zwilling, Geburt im Krankenhaus"
	}
	i.course = map[string][2]float64{"BILG": {6.5, 9.8}, "TEMP": {36.9, 36.8}}
	return i
}

// birth lets the mother's child be born: hours from now, or before the
// interfaces went live.
func (w *world) birth(mother *stay, early bool) {
	d := &w.dice
	born := w.now + d.span(2*hour, 14*hour)
	if mother.ill.planned > 60 {
		born = w.now + d.span(hour, 4*hour)
	}
	if early {
		born = min(mother.admitted+d.span(2*hour, 20*hour), w.first-minute)
	}
	w.at(max(born, w.now+d.span(minute, 5*minute)), func() {
		if !mother.here() || mother.bed.ward.plan.kind != Obstetrics {
			return
		}
		count := 1
		if w.twins > 0 || d.percent(3) {
			count = 2
			w.twins--
		}
		for n := range count {
			w.child(mother, born+int64(n)*7*minute, n+1, count)
		}
	})
}

// child is one newborn: an own person with an own case in a cot beside the
// mother.
func (w *world) child(mother *stay, born int64, order, count int) {
	d := &w.dice
	cot := mother.bed.cotBeside()
	if cot == nil {
		return
	}
	w.lastPerson += d.between(1, 4)
	m := mother.p
	p := &person{
		no: w.lastPerson, lane: m.lane, sex: "FM"[d.n(2)], prefix: m.prefix, family: m.family,
		born: w.civil(born), bornAt: born, street: m.street, zip: m.zip, town: m.town, phone: m.phone,
		fund: m.fund, mother: m, order: order, multiple: count > 1,
		height: d.between(48, 54), weight: float64(d.between(29, 41)) / 10,
	}
	p.given = w.givenName(p.sex, 0)
	if count > 1 {
		p.weight -= 0.6
	}
	p.relative = &relative{m.family, m.given, "Mutter", "MTH", m.phone}
	s := w.newStay(p, newbornIll(count > 1), 'I')
	s.admitted, s.planned = born, mother.planned
	s.diags = []diagnosis{{icd: s.ill.icd, text: s.ill.text, kind: "A", at: born, main: true}}
	mother.babies = append(mother.babies, s)
	w.know(p)
	w.lie(s, cot)
	w.stays = append(w.stays, s)
	w.sendADT("A01", s, w.moved(s, "A01", born, spot{}))
	w.rhythm(s)
	k := w.h.cases.drugs["vitk"]
	s.rx = []*prescription{{d: &drugs[k], no: w.nextOrder(), pzn: pznOf(k), start: w.now, amount: "2"}}
	w.sendRDE(s, s.rx, "NW")
	w.give(s, s.rx)
	if d.percent(40) {
		w.order(s, "R", max(w.now, born+2*day), w.h.cases.panels["LEBE"])
	}
	if kin := w.byCode["KIN"]; kin != nil && d.percent(9) {
		w.at(w.now+d.span(6*hour, 2*day), func() { w.toChildren(s, kin) })
	}
	w.at(s.planned+hour, func() { w.discharge(s) })
}

// toChildren moves a newborn to the children's ward; it goes home from there.
func (w *world) toChildren(s *stay, kin *wardState) {
	if !s.here() || !s.bed.cot {
		return
	}
	if b := kin.free(&w.dice, s); b != nil {
		s.home = kin
		s.planned = w.dischargeTime(w.now, w.dice.span(2*day, 5*day))
		w.transfer(s, b)
	}
}

// homeWith discharges the newborns that lie beside their mother.
func (w *world) homeWith(mother *stay) {
	for _, b := range mother.babies {
		if b.here() && b.bed.cot {
			w.leave(b, "A03")
			w.bill(b)
		}
	}
}
