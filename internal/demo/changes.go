package demo

import "time"

// scheduleChanges plans what else happens to a stay: data that changes, beds
// that are swapped, weekends at home, and mistakes that are put right.
func (w *world) scheduleChanges(s *stay) {
	d := &w.dice
	length := max(s.planned-w.now, 4*hour)
	some := func() int64 { return w.now + hour + int64(d.float()*0.9*float64(length)) }
	if d.percent(45) {
		w.at(w.now+d.span(3*hour, 30*hour), func() { w.newDiagnosis(s) })
	}
	if d.percent(8) {
		w.at(some(), func() { w.deletePhone(s) })
	}
	if s.bed.ward.plan.kind == Normal {
		if d.percent(11) {
			w.at(w.daylight(some()), func() { w.otherBed(s) })
		}
		if d.percent(2) {
			w.at(w.daylight(some()), func() { w.swapBeds(s) })
		}
		if d.percent(2) {
			w.at(some(), func() { w.wrongTransfer(s) })
		}
		if s.bed.ward.plan.code == "4B" && d.percent(30) {
			w.at(some(), func() { w.weekendAtHome(s) })
		}
	}
	if d.percent(2) {
		w.at(some(), func() { w.correctAdmission(s) })
	}
	if d.percent(2) {
		w.at(some(), func() { w.lateTransfer(s) })
	}
	if s.isolated() && d.percent(50) {
		w.at(w.now+d.span(day, 4*day), func() { w.endIsolation(s) })
	}
}

func (w *world) daylight(t int64) int64 {
	if h := w.hour(t); h < 7 || h > 19 {
		return w.clock(t, 0, w.dice.between(8, 17), w.dice.n(60))
	}
	return t
}

// newDiagnosis is the round's result: the working diagnosis and the weight.
func (w *world) newDiagnosis(s *stay) {
	if !s.here() {
		return
	}
	s.diags[0].kind = "W"
	if len(s.diags) > 1 && w.dice.percent(30) {
		s.diags[len(s.diags)-1].at = w.now
	}
	if len(s.p.allergy) == 0 && !s.p.noneKnwn && w.dice.percent(70) {
		s.p.noneKnwn = true // somebody has asked now
	}
	w.sendADT("A08", s, move{})
}

// deletePhone sends a field as deleted (""), not as empty.
func (w *world) deletePhone(s *stay) {
	if !s.here() {
		return
	}
	s.p.phone = ""
	m := w.begin(kisADT, "ADT", "A08", "ADT_A01")
	w.evn("A08", w.now)
	w.pid(m, s.p, true)
	m.null(13)
	w.pv1(s, move{})
	w.end(kisADT, s.p.lane)
}

// otherBed moves a patient within the ward.
func (w *world) otherBed(s *stay) {
	if !s.here() || s.away || s.bed.cot {
		return
	}
	if b := s.bed.ward.free(&w.dice, s); b != nil {
		w.transfer(s, b)
	}
}

// swapBeds swaps two patients of one ward and sex: one waits without a bed.
func (w *world) swapBeds(s *stay) {
	if !s.here() || s.away {
		return
	}
	for _, o := range w.stays {
		if o == s || !o.here() || o.away || o.bed.ward != s.bed.ward || o.p.sex != s.p.sex || o.isolated() || s.isolated() || o.bed.room == s.bed.room {
			continue
		}
		a, b := s.bed, o.bed
		from := a.spot()
		corridor := &bed{ward: a.ward, room: &roomState{}}
		s.bed = corridor // a stays kept for the other one
		w.moved(s, "A02", w.now, from)
		w.sendADT("A02", s, s.last)
		w.at(w.now+minute, func() { w.endSwap(s, o, a, b, corridor) })
		return
	}
}

// endSwap brings o into bed a, and s from the corridor into bed b. If one of
// them has gone meanwhile, s goes back.
func (w *world) endSwap(s, o *stay, a, b, corridor *bed) {
	if !s.here() || s.bed != corridor {
		a.by = nil
		return
	}
	hall := corridor.spot()
	if !o.here() || o.bed != b {
		s.bed = a
		w.sendADT("A02", s, w.moved(s, "A02", w.now, hall))
		return
	}
	o.bed, a.by, b.by = a, o, s
	w.sendADT("A02", o, w.moved(o, "A02", w.now, b.spot()))
	s.bed = b
	w.sendADT("A02", s, w.moved(s, "A02", w.now, hall))
}

// wrongTransfer moves a patient on paper and takes it back (A12).
func (w *world) wrongTransfer(s *stay) {
	if !s.here() || s.away || s.bed.cot || s.bed.ward == w.icu {
		return
	}
	b := s.bed.ward.free(&w.dice, s)
	if b == nil {
		return
	}
	old := s.bed
	from := old.spot()
	w.lie(s, b)
	mv := w.moved(s, "A02", w.now, from)
	w.sendADT("A02", s, mv)
	w.at(w.now+w.dice.span(3*minute, 40*minute), func() {
		if !s.here() || s.bed != b || old.by != nil {
			return
		}
		w.lie(s, old)
		back := mv
		back.event, back.to, back.from = "A12", old.spot(), b.spot()
		w.cancel(s, "A12", back, "A02")
	})
}

// cancel sends a movement as cancelled.
func (w *world) cancel(s *stay, event string, mv move, original string) {
	w.writeADT(event, s)
	w.pv1(s, mv)
	w.zbe(mv, "CANCEL", "N", original)
	w.details(event, s)
	w.end(kisADT, s.p.lane)
}

// takeBack undoes a discharge (A13) while the bed is still free.
func (w *world) takeBack(s *stay) {
	b := w.bedOf(s.last.from)
	if b == nil || b.by != nil || s.dead {
		return
	}
	mv := s.last
	mv.to, mv.from = b.spot(), spot{}
	s.ended = 0
	w.lie(s, b)
	w.stays = append(w.stays, s)
	s.planned = w.dischargeTime(w.now, w.dice.span(day, 2*day))
	w.cancel(s, "A13", mv, "A03")
	var again []*prescription
	for _, r := range s.rx {
		if r.stopped && r.end >= mv.start {
			n := *r
			n.no, n.start, n.end, n.stopped = w.nextOrder(), w.now, 0, false
			again = append(again, &n)
		}
	}
	s.rx = append(s.rx, again...)
	if len(again) > 0 {
		w.sendRDE(s, again, "NW")
	}
	s.measured = 0 // the rounds ended with the discharge
	w.rhythm(s)
	w.at(s.planned, func() { w.discharge(s) })
}

func (w *world) bedOf(at spot) *bed {
	ws := w.byCode[at.ward]
	if ws == nil {
		return nil
	}
	for _, r := range ws.rooms {
		for _, b := range r.beds {
			if r.name == at.room && b.name == at.bed {
				return b
			}
		}
	}
	return nil
}

// mistakenAdmission cancels an admission: the patient left, or never was the
// one they thought (A11).
func (w *world) mistakenAdmission(s *stay) {
	if !s.here() {
		return
	}
	mv := s.last
	w.cancel(s, "A11", mv, mv.event)
	s.ended = w.now
	s.bed.by = nil
	s.bed = nil
	w.forget(s)
}

// correctAdmission puts the time of the admission right (a historic movement).
func (w *world) correctAdmission(s *stay) {
	if !s.here() || s.last.event != "A01" || s.last.to != s.bed.spot() {
		return
	}
	s.admitted -= w.dice.span(20*minute, 3*hour)
	s.last.start = s.admitted
	w.writeADT("A08", s)
	w.pv1(s, s.last)
	w.zbe(s.last, "UPDATE", "Y", s.last.event)
	w.details("A08", s)
	w.end(kisADT, s.p.lane)
}

// lateTransfer enters a stay in another bed that somebody forgot to enter (a
// historic movement: the patient is where the patient is), and takes half of
// them back again.
func (w *world) lateTransfer(s *stay) {
	if !s.here() || s.away || s.last.event != "A01" || w.now-s.admitted < 8*hour || s.bed.cot {
		return
	}
	was := s.bed.ward.beds[w.dice.n(len(s.bed.ward.beds))].spot()
	if was == s.bed.spot() {
		return
	}
	w.lastMove++
	mv := move{id: w.lastMove, event: "A02", start: s.admitted + (w.now-s.admitted)/3, from: s.bed.spot(), to: was}
	send := func(event, action, original string) {
		w.writeADT(event, s)
		w.pv1(s, mv)
		w.zbe(mv, action, "Y", original)
		w.end(kisADT, s.p.lane)
	}
	send("A02", "INSERT", "")
	if w.dice.percent(50) {
		w.at(w.now+w.dice.span(10*minute, 2*hour), func() {
			if s.here() {
				send("A12", "CANCEL", "A02")
			}
		})
	}
}

// weekendAtHome sends a patient on leave from Saturday to Sunday (A21, A22).
func (w *world) weekendAtHome(s *stay) {
	out := w.clock(w.now, int(time.Saturday-w.weekday(w.now)), 9, w.dice.n(60))
	if out < w.now || out > s.planned-2*day {
		return
	}
	w.at(out, func() {
		if !s.here() || s.bed.ward.plan.kind != Normal {
			return
		}
		s.away = true
		w.sendADT("A21", s, w.moved(s, "A21", w.now, s.bed.spot()))
		w.at(w.clock(out, 1, 17, w.dice.n(60)), func() {
			if s.here() {
				s.away = false
				w.sendADT("A22", s, w.moved(s, "A22", w.now, s.bed.spot()))
			}
		})
	})
}

// endIsolation lifts the isolation: the observation is sent as deleted, the
// vendor's segment as ended.
func (w *world) endIsolation(s *stay) {
	if !s.here() || !s.isolated() {
		return
	}
	s.alone = false
	for i, a := range s.alerts {
		if a.code != "ISO" {
			continue
		}
		m := w.begin(kisADT, "ADT", "A08", "ADT_A01")
		w.evn("A08", w.now)
		w.pid(m, s.p, true)
		w.pv1(s, move{})
		if s.no%2 == 0 {
			m.seg("OBX")
			m.raw(1, "1")
			m.raw(2, "CE")
			m.f(3, a.code, a.text, "L")
			m.f(5, a.value, a.say, "L")
			m.raw(11, "D")
			m.raw(14, w.ts(a.from))
		} else {
			m.seg("ZIS")
			m.raw(1, "1")
			m.f(2, a.value, a.say)
			m.raw(3, w.ts(a.from))
			m.raw(4, w.ts(w.now))
			m.raw(5, "E")
		}
		w.end(kisADT, s.p.lane)
		s.alerts = append(s.alerts[:i:i], s.alerts[i+1:]...)
		return
	}
}
