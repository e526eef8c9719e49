package demo

import "strings"

// request is one order for an examination.
type request struct {
	s        *stay
	e        *exam
	placer   string
	filler   string
	at       int64 // when it is to happen
	priority string
	visit    *appointment
	asked    string
}

// examine orders an examination for a time; the finding follows.
func (w *world) examine(s *stay, k int, at int64, priority string) {
	n := w.nextOrder()
	r := &request{s: s, e: &exams[k], placer: "K" + itoa(n), filler: "R" + itoa(n*10+3), at: at, priority: priority, asked: s.reason}
	w.at(w.now, func() {
		w.sendRequest(r, "NW", "SC")
		if priority == "R" {
			w.bookExam(r)
		}
	})
	w.at(at, func() { w.examined(r) })
}

// examined is the patient in the department.
func (w *world) examined(r *request) {
	if !r.s.here() {
		w.sendRequest(r, "CA", "CA")
		if r.visit != nil {
			w.sendSIU("S15", r.visit)
		}
		return
	}
	if r.s.away {
		w.at(w.now+day, func() { w.examined(r) })
		return
	}
	r.at = w.now
	d := &w.dice
	late := int64(r.e.minutes) * minute
	if r.priority == "S" {
		late /= 2
	}
	late += d.span(0, late/2)
	result := r.e.result[d.n(len(r.e.result))]
	if r.e.pdf {
		w.sendRequest(r, "SC", "IP")
		w.at(w.now+late, func() {
			w.examDocument(r, result)
			w.sendRequest(r, "SC", "CM")
		})
		return
	}
	if d.percent(7) {
		w.at(w.now+late/2, func() { w.sendReport(r, result, "P") })
	}
	w.at(w.now+late, func() { w.sendReport(r, result, "F") })
	switch t := d.n(1000); {
	case t < 25:
		w.at(w.now+late+d.span(hour, 20*hour), func() {
			w.sendReport(r, result+" Nachtrag nach Zweitbefundung: Befund bestätigt, Seitenangabe korrigiert.", "C")
		})
	case t < 31:
		w.at(w.now+late+d.span(10*minute, hour), func() { w.sendReport(r, result, "D") })
	}
}

// sendRequest sends the order or its new state (ORM O01).
func (w *world) sendRequest(r *request, control, status string) {
	s := r.s
	m := w.begin(kisOrders, "ORM", "O01", "ORM_O01")
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	m.seg("ORC")
	m.raw(1, control)
	m.raw(2, r.placer)
	m.raw(5, status)
	m.raw(9, w.ts(w.now))
	m.f(12, s.doc.id, s.doc.family, s.doc.given, "", "", s.doc.title)
	m.seg("OBR")
	m.raw(1, "1")
	m.raw(2, r.placer)
	m.f(4, r.e.code, r.e.text, "L")
	m.raw(5, r.priority)
	m.raw(6, w.ts(w.now))
	m.raw(24, r.e.service)
	w.quantity(m, r.at, r.priority)
	m.f(31, "", r.asked)
	w.end(kisOrders, s.p.lane)
}

// sendReport sends a written finding (ORU R01): the text and its assessment.
func (w *world) sendReport(r *request, result, status string) {
	s := r.s
	m := w.begin(ris, "ORU", "R01", "")
	w.pid(m, s.p, false)
	w.visit(m, s, w.lisWard(s))
	m.seg("ORC")
	m.raw(1, "RE")
	m.raw(2, r.placer)
	m.raw(3, r.filler)
	m.raw(5, map[bool]string{true: "IP", false: "CM"}[status == "P"])
	m.seg("OBR")
	m.raw(1, "1")
	m.raw(2, r.placer)
	m.raw(3, r.filler)
	m.f(4, r.e.code, r.e.text, "L")
	m.raw(7, w.ts(r.at))
	m.raw(22, w.ts(w.now))
	m.raw(24, r.e.service)
	m.raw(25, status)
	reader := w.reader(r.e)
	m.to(32)
	m.b = append(m.b, reader.id+"&"+reader.family+"&"+reader.given+"&&&"+reader.title...)
	line := func(n int, part, text string) {
		m.seg("OBX")
		m.num(1, n)
		m.raw(2, "TX")
		m.to(3)
		m.b = append(m.b, r.e.code+"&"+part+"^"...)
		m.text(r.e.text)
		m.b = append(m.b, "^L"...)
		m.raw(4, "1")
		m.f(5, text)
		m.raw(11, status)
		m.raw(14, w.ts(w.now))
	}
	line(1, "GDT", "Klinische Angaben: "+r.asked+".")
	n := 2
	for _, t := range r.e.body {
		line(n, "GDT", t)
		n++
	}
	line(n, "IMP", result)
	w.end(ris, s.p.lane)
}

// reader is the physician who signs findings of that kind.
func (w *world) reader(e *exam) doctor {
	l := w.h.lists
	n := len(e.code)*7 + int(e.code[0])
	return doctor{id: "F" + itoa(3000+n%40), family: l.family[n%len(l.family)], given: l.menMid[n%len(l.menMid)], title: "Dr. med."}
}

// findingText is a finding as it is read on paper.
func findingText(r *request, result string) string {
	var b strings.Builder
	b.WriteString("Fragestellung: " + r.asked + "\n\nBefund:\n")
	for _, t := range r.e.body {
		b.WriteString(t + "\n")
	}
	b.WriteString("\nBeurteilung:\n" + result)
	return b.String()
}
