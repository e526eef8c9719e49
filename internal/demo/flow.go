package demo

import "time"

const (
	minute = 60
	hour   = 3600
	day    = 24 * hour
)

// takeOver fills the house as it was when the interfaces went live: patients
// who came in the weeks before are sent as admissions of then.
func (w *world) takeOver() {
	d := &w.dice
	for _, ws := range w.wards {
		if ws.plan.kind == Emergency {
			continue
		}
		want := len(ws.beds) * ws.plan.fill / 100
		for range want {
			s := w.newPatient(w.illFor(ws), 'I')
			length := d.span(int64(s.ill.losLo), int64(s.ill.losHi))*day + d.span(0, day/2)
			s.admitted = w.first - int64(d.float()*float64(length)) - d.span(0, 6*hour)
			s.planned = w.dischargeTime(s.admitted, length)
			if s.planned <= w.first {
				s.planned = w.clock(w.first, 0, d.between(9, 14), d.n(60))
			}
			b := w.anyBed(ws, s)
			if b == nil {
				continue
			}
			w.lie(s, b)
			w.stays = append(w.stays, s)
			if ws == w.icu {
				s.icuUntil = w.first + d.span(day/2, 4*day)
			}
			w.at(w.first+d.span(2*minute, 2*hour), func() {
				s.diags[0].at = s.admitted
				w.sendADT("A01", s, w.moved(s, "A01", s.admitted, spot{}))
				w.care(s, true)
				w.scheduleEnd(s)
			})
		}
	}
}

// anyBed finds a bed on ws for s; where sex and isolation leave none, any.
func (w *world) anyBed(ws *wardState, s *stay) *bed {
	if b := ws.free(&w.dice, s); b != nil {
		return b
	}
	s.alone = false
	if b := ws.free(&w.dice, s); b != nil {
		return b
	}
	return nil
}

// illFor throws an illness for a patient of the ward; intensive care takes the
// worst cases of the others.
func (w *world) illFor(ws *wardState) *ill {
	list := w.h.cases.byWard[ws.plan.code]
	weight := make([]int, 0, 64)
	if ws.plan.kind == Intensive {
		list = nil
		for i := range w.h.cases.ills {
			x := &w.h.cases.ills[i]
			if x.icu > 0 && x.ward != "KIN" && w.byCode[x.ward] != nil {
				list = append(list, x)
				weight = append(weight, x.icu*x.n)
			}
		}
		return list[w.dice.weighted(weight)]
	}
	for _, x := range list {
		weight = append(weight, x.n)
	}
	return list[w.dice.weighted(weight)]
}

// dischargeTime is a forenoon at the end of the stay, seldom a Sunday.
func (w *world) dischargeTime(from, length int64) int64 {
	t := w.clock(from+length, 0, w.dice.between(9, 14), w.dice.n(60))
	if w.weekday(t) == time.Sunday && w.dice.percent(60) {
		t += day
	}
	return t
}

// newDay plans the day that begins and the next one.
func (w *world) newDay() {
	for _, ws := range w.wards {
		if ws.plan.kind == Emergency {
			w.planEmergency(ws)
			continue
		}
		w.planWard(ws)
	}
	w.planClinics()
	w.planOddities()
	w.dayNo++
	w.at(w.midnight(w.now, 1), w.newDay)
}

// planWard plans as many admissions as the ward needs to stay as full as it
// usually is.
func (w *world) planWard(ws *wardState) {
	d := &w.dice
	leaving := 0
	for _, s := range w.stays {
		ends := s.planned
		if ws == w.icu {
			ends = s.icuUntil
		}
		if s.bed != nil && s.bed.ward == ws && ends < w.now+day && !s.bed.cot {
			leaving++
		}
	}
	coming := 0
	if ws != w.icu && w.icu != nil {
		for _, s := range w.stays {
			if s.bed != nil && s.bed.ward == w.icu && s.home == ws && s.icuUntil < w.now+day {
				coming++
			}
		}
	}
	need := len(ws.beds)*ws.plan.fill/100 - ws.occupied() + leaving - coming - ws.expect/2 + d.between(0, 2)
	weekend := w.weekday(w.now) == time.Saturday || w.weekday(w.now) == time.Sunday
	for range max(need, 0) {
		i := w.illFor(ws)
		if d.percent(i.planned) && ws != w.icu {
			if !weekend || d.percent(40) {
				w.planElective(i)
				continue
			}
		}
		w.at(w.arrival(), func() { w.emergency(i, ws == w.icu) })
	}
}

// arrival is a time of the day, seldom at night.
func (w *world) arrival() int64 {
	hours := []int{1, 1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 7, 7, 7, 7, 7, 6, 6, 6, 5, 4, 3, 2}
	return w.midnight(w.now, 0) + int64(w.dice.weighted(hours))*hour + w.dice.span(0, hour-1)
}

// planElective sends a pre-admission today and the patient two to four days on.
func (w *world) planElective(i *ill) {
	d := &w.dice
	came := w.clock(w.now, d.between(1, 3), d.between(7, 10), d.n(60))
	if wd := w.weekday(came); wd == time.Saturday || wd == time.Sunday {
		came += 2 * day
	}
	home := w.byCode[i.ward]
	home.expect++
	w.at(w.clock(w.now, 0, d.between(8, 15), d.n(60)), func() {
		s := w.newPatient(i, 'P')
		s.admitted = came // expected
		w.lastMove++
		s.last = move{id: w.lastMove, event: "A05", start: came, to: spot{ward: i.ward, name: home.plan.name}}
		w.sendADT("A05", s, s.last)
		if d.percent(4) {
			w.at(w.now+d.span(2*hour, day/2), func() { w.calledOff(s, home) })
			return
		}
		w.at(came, func() {
			home.expect--
			w.admit(s, home, 0)
		})
	})
}

// calledOff cancels a planned admission.
func (w *world) calledOff(s *stay, home *wardState) {
	home.expect--
	w.writeADT("A38", s)
	w.pv1(s, s.last)
	w.zbe(s.last, "CANCEL", "N", "A05")
	w.end(kisADT, s.p.lane)
}

// admit puts a patient with an appointment into a bed of the ward.
func (w *world) admit(s *stay, ws *wardState, tries int) {
	b := ws.free(&w.dice, s)
	if b == nil && tries > 6 {
		b = w.overflow(s)
	}
	if b == nil {
		if tries < 30 {
			w.at(w.now+30*minute, func() { w.admit(s, ws, tries+1) })
		}
		return
	}
	s.class = 'I'
	s.admitted = w.now - w.dice.span(0, 15*minute)
	s.diags[0].at = w.now
	w.lie(s, b)
	w.stays = append(w.stays, s)
	w.plan(s)
	w.sendADT("A01", s, w.moved(s, "A01", s.admitted, spot{}))
	w.care(s, false)
	w.scheduleEnd(s)
}

// overflow finds a bed on another ward of adults.
func (w *world) overflow(s *stay) *bed {
	for _, ws := range w.wards {
		switch ws.plan.kind {
		case Normal, Stroke:
			if w.age(s.p) > 15 && (ws.plan.code != "5B" || s.p.sex == 'F') {
				if b := ws.free(&w.dice, s); b != nil {
					return b
				}
			}
		case Emergency, Intensive, Obstetrics, Children, Service:
		}
	}
	return nil
}

// plan sets how long the stay will last from now.
func (w *world) plan(s *stay) {
	length := w.dice.span(int64(s.ill.losLo), int64(s.ill.losHi)) * day
	s.planned = w.dischargeTime(s.admitted, length)
	if s.planned < s.admitted+20*hour {
		s.planned += day
	}
}

// scheduleEnd lets the stay end: at home, elsewhere, or by death.
func (w *world) scheduleEnd(s *stay) {
	d := &w.dice
	if s.bed.ward == w.icu {
		if s.icuUntil == 0 {
			s.icuUntil = w.now + d.span(day/2, 4*day)
		}
		w.at(s.icuUntil, func() { w.stepDown(s) })
	} else if s.ill.icu > 0 && w.icu != nil && d.percent(s.ill.icu/6) {
		w.at(w.now+d.span(6*hour, 2*day), func() { w.deteriorate(s) })
	}
	if d.mille(s.ill.dies) {
		w.at(w.now+int64(d.float()*float64(max(s.planned-w.now, hour))), func() { w.die(s) })
	}
	w.at(s.planned, func() { w.discharge(s) })
	w.scheduleChanges(s)
}

// stepDown moves a patient from intensive care to the ward of the illness.
func (w *world) stepDown(s *stay) {
	if !s.here() || s.bed.ward != w.icu {
		return
	}
	b := s.home.free(&w.dice, s)
	if b == nil && w.dice.percent(30) {
		b = w.overflow(s)
	}
	if b == nil {
		w.at(w.now+w.dice.span(2*hour, 6*hour), func() { w.stepDown(s) })
		return
	}
	w.transfer(s, b)
}

// deteriorate moves a patient to intensive care.
func (w *world) deteriorate(s *stay) {
	if !s.here() || s.away || s.bed.ward == w.icu || s.bed.cot {
		return
	}
	b := w.icu.free(&w.dice, s)
	if b == nil {
		return
	}
	s.icuUntil = w.now + w.dice.span(day, 4*day)
	s.planned = max(s.planned, s.icuUntil+2*day)
	w.transfer(s, b)
	w.at(s.icuUntil, func() { w.stepDown(s) })
}

// transfer moves a patient to another bed.
func (w *world) transfer(s *stay, b *bed) {
	from := s.bed.spot()
	ward := s.bed.ward
	w.lie(s, b)
	w.sendADT("A02", s, w.moved(s, "A02", w.now-w.dice.span(0, 12*minute), from))
	if ward != b.ward {
		w.rhythm(s)
	}
}

// discharge ends the stay; not from intensive care, and not while on leave.
func (w *world) discharge(s *stay) {
	if !s.here() {
		return
	}
	if s.planned > w.now || s.bed.ward == w.icu || s.away {
		s.planned = max(s.planned, w.now+w.dice.span(4*hour, 20*hour))
		w.at(s.planned, func() { w.discharge(s) })
		return
	}
	w.leave(s, "A03")
	w.homeWith(s)
	w.letter(s)
	w.bill(s)
	if w.dice.mille(12) { // the wrong patient was discharged: taken back
		w.at(w.now+w.dice.span(8*minute, 40*minute), func() { w.takeBack(s) })
	}
}

// leave ends the stay and frees the bed.
func (w *world) leave(s *stay, event string) {
	from := s.bed.spot()
	s.ended = w.now - w.dice.span(0, 10*minute)
	w.stopAll(s)
	m := w.moved(s, event, s.ended, from)
	m.to = from
	s.last = m
	w.sendADT(event, s, m)
	s.bed.by = nil
	s.bed = nil
	w.forget(s)
}

func (w *world) forget(s *stay) {
	for i, x := range w.stays {
		if x == s {
			w.stays[i] = w.stays[len(w.stays)-1]
			w.stays = w.stays[:len(w.stays)-1]
			return
		}
	}
}

func (w *world) die(s *stay) {
	if !s.here() || s.away {
		return
	}
	s.dead, s.p.died = true, w.now-w.dice.span(5*minute, 40*minute)
	w.leave(s, "A03")
	w.bill(s)
}
