package demo

// care begins what belongs to a stay: laboratory, examinations, medication and
// vital signs. Early is true for those who were there before the interfaces.
func (w *world) care(s *stay, early bool) {
	d := &w.dice
	w.rhythm(s)
	w.prescribe(s)
	fromDoor := s.last.event == "A06" || s.last.event == "A02" // blood was taken in the ZNA
	switch {
	case early && d.percent(70):
		w.order(s, "R", w.clock(w.now, 0, 6, d.between(5, 50)), s.ill.panels...)
	case !early && !fromDoor:
		w.order(s, "R", w.now+d.span(20*minute, 90*minute), s.ill.panels...)
	}
	for n, e := range s.ill.exams {
		if n == 0 && (fromDoor || early) {
			continue
		}
		w.examine(s, e, w.workTime(w.now+d.span(3*hour, 40*hour)), "R")
	}
	w.cultures(s)
	w.operate(s)
	if s.home.plan.kind == Obstetrics && (s.ill.icd == "O80" || s.ill.icd == "O82" || s.ill.icd == "O42.0") {
		w.birth(s, early)
	}
	w.at(w.orderTime(0), func() { w.morningBlood(s) })
}

// orderTime is when the round of a day orders the blood of the next morning.
func (w *world) orderTime(days int) int64 {
	return w.clock(w.now, days, w.dice.between(11, 16), w.dice.n(60))
}

// workTime moves t into the working hours of its day or the next one.
func (w *world) workTime(t int64) int64 {
	h := w.hour(t)
	switch {
	case h < 8:
		return w.clock(t, 0, 8, w.dice.between(0, 59)) + w.dice.span(0, 5*hour)
	case h > 16:
		return w.clock(t, 1, 8, w.dice.between(0, 59)) + w.dice.span(0, 5*hour)
	}
	return t
}

// morningBlood orders what the round wants to know tomorrow.
func (w *world) morningBlood(s *stay) {
	if !s.here() {
		return
	}
	d := &w.dice
	chance := 17
	switch {
	case s.bed.ward == w.icu:
		chance = 60
	case s.bed.cot:
		chance = 4
	case s.bed.ward.plan.kind == Obstetrics, s.bed.ward.plan.kind == Children:
		chance = 16
	case w.now-s.admitted < 3*day:
		chance = 28
	}
	if !s.away && d.percent(chance) {
		var list []int
		for n, k := range s.ill.panels {
			if n < 2 || d.percent(30) {
				list = append(list, k)
			}
		}
		w.order(s, "R", w.clock(w.now, 1, 6, d.between(0, 50)), list...)
		if s.bed.ward == w.icu {
			for range 3 {
				w.order(s, "S", w.now+d.span(hour, 20*hour), w.h.cases.panels["BGA"])
			}
		}
	}
	w.at(w.orderTime(1), func() { w.morningBlood(s) })
}
