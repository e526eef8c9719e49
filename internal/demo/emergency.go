package demo

// planEmergency plans those who come to the emergency department and go home.
func (w *world) planEmergency(_ *wardState) {
	for range w.dice.between(20, 30) {
		w.at(w.arrival(), func() { w.walkIn() })
	}
}

// door returns a free place in the emergency department, or nil.
func (w *world) door(s *stay) *bed {
	ws := w.byCode["ZNA"]
	if ws == nil {
		return nil
	}
	return ws.free(&w.dice, s)
}

// walkIn is an outpatient of the emergency department.
func (w *world) walkIn() {
	d := &w.dice
	c := minor[d.n(len(minor))]
	p := w.newPerson("FM"[d.n(2)], d.between(16, 88))
	s := w.newStay(p, nil, 'E')
	b := w.door(s)
	if b == nil {
		return // sent on to the practice next door
	}
	s.home, s.reason, s.admitted = b.ward, c.why, w.now
	s.ill = &ill{illness: illness{ward: "ZNA", icd: c.icd, text: c.text, why: c.why}}
	s.diags = []diagnosis{{icd: c.icd, text: c.text, kind: "A", at: w.now, main: true}}
	s.planned = w.now + d.span(hour, 5*hour)
	w.lie(s, b)
	w.stays = append(w.stays, s)
	w.sendADT("A04", s, w.moved(s, "A04", s.admitted, spot{}))
	w.rhythm(s)
	if d.percent(45) {
		w.order(s, "S", w.now+10*minute, w.h.cases.panels["KBB"])
	}
	if c.exam != "" {
		w.examine(s, w.h.cases.exams[c.exam], w.now+20*minute, "S")
	}
	w.at(s.planned, func() {
		if s.here() {
			w.leave(s, "A03")
			w.bill(s)
		}
	})
}

// emergency is a patient who will stay: registered in the emergency department,
// admitted to a ward hours later. Without an emergency department the ward
// takes the patient at once.
func (w *world) emergency(i *ill, toICU bool) {
	d := &w.dice
	if i.icd == "P59.9" {
		toICU = false
	}
	s := w.newPatient(i, 'E')
	s.admitted = w.now
	b := w.door(s)
	if b == nil {
		target := s.home
		if toICU {
			target = w.icu
		}
		w.admit(s, target, 0)
		return
	}
	w.plan(s)
	direct := d.percent(30) // admitted as an inpatient while still in the ZNA
	if direct {
		s.class = 'I'
	}
	w.lie(s, b)
	w.stays = append(w.stays, s)
	if direct {
		w.sendADT("A01", s, w.moved(s, "A01", s.admitted, spot{}))
	} else {
		w.sendADT("A04", s, w.moved(s, "A04", s.admitted, spot{}))
	}
	w.triage(s)
	if d.mille(14) {
		w.at(w.now+d.span(5*minute, 30*minute), func() { w.mistakenAdmission(s) })
		return
	}
	w.at(w.now+d.span(50*minute, 4*hour), func() { w.upstairs(s, toICU, 0) })
}

// upstairs takes a patient from the emergency department to a ward.
func (w *world) upstairs(s *stay, toICU bool, tries int) {
	if !s.here() {
		return
	}
	target := s.home
	if toICU || tries == 0 && w.icu != nil && w.dice.percent(s.ill.icu/4) {
		target = w.icu
	}
	b := target.free(&w.dice, s)
	if b == nil && tries > 5 {
		b = w.overflow(s)
	}
	if b == nil && tries > 12 {
		b = w.anyBed(target, s)
	}
	if b == nil {
		w.at(w.now+40*minute, func() { w.upstairs(s, false, tries+1) })
		return
	}
	if target == w.icu {
		s.icuUntil = w.now + w.dice.span(day/2, 4*day)
		s.planned = max(s.planned, s.icuUntil+day)
	}
	if s.class == 'I' {
		w.transfer(s, b)
	} else {
		from := s.bed.spot()
		w.lie(s, b)
		s.class = 'I'
		w.sendADT("A06", s, w.moved(s, "A06", w.now-w.dice.span(0, 10*minute), from))
		w.rhythm(s)
	}
	w.care(s, false)
	w.scheduleEnd(s)
}

// triage is what happens to everybody at the door: vital signs and blood.
func (w *world) triage(s *stay) {
	w.rhythm(s)
	w.order(s, "S", w.now+w.dice.span(8*minute, 20*minute), s.ill.panels...)
	for n, e := range s.ill.exams {
		if n == 0 {
			w.examine(s, e, w.now+w.dice.span(25*minute, 70*minute), "S")
		}
	}
}
