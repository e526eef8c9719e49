package demo

// appointment is one booked time.
type appointment struct {
	no       int
	p        *person
	s        *stay // nil: an outpatient
	code     string
	what     string
	place    string
	start    int64
	minutes  int
	with     doctor
	reason   string
	placerNo string
}

// bookExam books a time for an inpatient's examination.
func (w *world) bookExam(r *request) {
	w.lastVisit++
	a := &appointment{
		no: w.lastVisit, p: r.s.p, s: r.s, code: r.e.code, what: r.e.text, place: roomOf(r.e.service),
		start: r.at, minutes: 20, with: w.reader(r.e), placerNo: r.placer, reason: r.asked,
	}
	r.visit = a
	w.sendSIU("S12", a)
	d := &w.dice
	half := w.now + (r.at-w.now)/2
	switch t := d.n(100); {
	case t < 7 && half > w.now+20*minute:
		w.at(half, func() {
			if r.s.here() {
				a.start += d.span(2, 8) * 15 * minute
				w.sendSIU("S13", a)
			}
		})
	case t < 11 && half > w.now+20*minute:
		w.at(half, func() {
			if r.s.here() {
				a.place += " (Raum 2)"
				w.sendSIU("S14", a)
			}
		})
	}
}

func roomOf(service string) string {
	switch service {
	case "EN":
		return "Endoskopie"
	case "CUS", "CTH":
		return "Funktionsdiagnostik"
	case "CT":
		return "CT 1"
	case "MR":
		return "MRT"
	case "RUS":
		return "Sonographie"
	}
	return "Röntgen 1"
}

// clinics are what outpatients come for.
var clinics = [...]struct{ code, what, place, reason string }{
	{"SPGA", "Sprechstunde Gastroenterologie", "Ambulanz Innere", "Befundbesprechung"},
	{"SPKA", "Schrittmacherkontrolle", "Ambulanz Kardiologie", "Halbjährliche Kontrolle"},
	{"SPCH", "Chirurgische Sprechstunde", "Ambulanz Chirurgie", "Vorstellung zur Operation"},
	{"SPAN", "Prämedikationsambulanz", "Anästhesie-Ambulanz", "Narkosevorbereitung"},
	{"SPON", "Ambulante Chemotherapie", "Onkologische Tagesklinik", "Zyklus 4, Tag 1"},
	{"SPUR", "Urologische Sprechstunde", "Ambulanz Urologie", "Nachsorge"},
	{"SPGY", "Schwangerenambulanz", "Kreißsaal-Ambulanz", "Geburtsplanung"},
	{"SPWU", "Wundsprechstunde", "Ambulanz Chirurgie", "Verbandswechsel"},
	{"SPNE", "Neurologische Sprechstunde", "Ambulanz Neurologie", "Verlaufskontrolle"},
	{"SPKI", "Kinderambulanz", "Ambulanz Kinderklinik", "Kontrolle nach Entlassung"},
}

// planClinics books the outpatients of the day after tomorrow, and on the first
// day those of the first days.
func (w *world) planClinics() {
	if w.dayNo == 0 {
		for days := range 2 {
			w.clinicDay(days)
		}
	}
	w.clinicDay(2)
}

// clinicDay books the outpatients of a day that many days from now.
func (w *world) clinicDay(days int) {
	d := &w.dice
	date := w.clock(w.now, days, 12, 0)
	if wd := w.weekday(date); wd == 0 || wd == 6 {
		return
	}
	count := d.between(22, 30)
	if w.h.plan.Small {
		count = 4
	}
	for range count {
		c := clinics[d.n(len(clinics))]
		age, sex := d.between(19, 86), "FM"[d.n(2)]
		switch c.code {
		case "SPKI":
			age = d.between(1, 15)
		case "SPGY":
			age, sex = d.between(19, 42), 'F'
		}
		w.lastVisit++
		a := &appointment{
			no: w.lastVisit, code: c.code, what: c.what, place: c.place, reason: c.reason,
			start: w.clock(date, 0, d.between(8, 15), 15*d.n(4)), minutes: d.between(1, 3) * 15,
			with: pick(d, w.wards[d.n(len(w.wards))].staff), placerNo: "",
		}
		w.at(w.now+d.span(8*hour, 16*hour)/max(int64(1), int64(3-days)), func() {
			a.p = w.newPerson(sex, age)
			w.sendSIU("S12", a)
			w.at(a.start-d.span(-5*minute, 25*minute), func() { w.outpatient(a) })
		})
	}
}

// outpatient comes, is late, cancels, or does not come.
func (w *world) outpatient(a *appointment) {
	switch t := w.dice.n(1000); {
	case t < 35:
		w.sendSIU("S15", a)
	case t < 70:
		a.start += day
		w.sendSIU("S13", a)
		w.at(a.start, func() { w.outpatient(a) })
	case t < 85:
		w.sendSIU("S17", a)
	case t < 95:
		w.sendSIU("S16", a)
	case t < 140:
		w.at(a.start+30*minute, func() { w.sendSIU("S26", a) })
	default:
		s := w.newStay(a.p, nil, 'O')
		s.admitted, s.reason = w.now, a.reason
		s.doc = a.with
		w.lastMove++
		w.sendADT("A04", s, move{id: w.lastMove, event: "A04", start: w.now, to: spot{ward: "AMB", name: a.place}})
		w.at(a.start+int64(a.minutes)*minute+w.dice.span(5*minute, 50*minute), func() {
			s.ended = w.now
			w.lastMove++
			w.sendADT("A03", s, move{id: w.lastMove, event: "A03", start: w.now, to: spot{ward: "AMB", name: a.place}})
		})
	}
}

// siuState returns the state (SCH-25, HL7 table 0278) and the words for an event.
func siuState(event string) (state, words string) {
	switch event {
	case "S13":
		return "Booked", "verschoben"
	case "S14":
		return "Booked", "geändert"
	case "S15":
		return "Cancelled", "abgesagt"
	case "S16":
		return "Discontinued", "abgebrochen"
	case "S17":
		return "Deleted", "gelöscht"
	case "S26":
		return "Noshow", "nicht erschienen"
	}
	return "Booked", ""
}

// sendSIU sends an appointment (SIU S12 to S17, S26).
func (w *world) sendSIU(event string, a *appointment) {
	m := w.begin(termine, "SIU", event, "SIU_S12")
	state, words := siuState(event)
	from, to := w.ts(a.start), w.ts(a.start+int64(a.minutes)*minute)
	m.seg("SCH")
	m.raw(1, a.placerNo)
	m.raw(2, "T"+itoa(a.no))
	if words != "" {
		m.f(6, event, words, "L")
	}
	m.f(7, "", a.reason)
	m.f(8, a.code, a.what, "L")
	m.num(9, a.minutes)
	m.raw(10, "min")
	m.raw(11, "1^^"+"M"+itoa(a.minutes)+"^"+from+"^"+to)
	m.f(16, a.with.id, a.with.family, a.with.given, "", "", a.with.title)
	m.f(25, state)
	w.pid(m, a.p, false)
	if a.s != nil {
		w.pv1Short(m, a.s)
	}
	m.seg("RGS")
	m.raw(1, "1")
	m.raw(2, "A")
	m.seg("AIS")
	m.raw(1, "1")
	m.raw(2, "A")
	m.f(3, a.code, a.what, "L")
	m.raw(4, from)
	m.num(7, a.minutes)
	m.raw(8, "min")
	m.seg("AIL")
	m.raw(1, "1")
	m.raw(2, "A")
	m.f(3, "", a.place)
	m.raw(6, from)
	m.seg("AIP")
	m.raw(1, "1")
	m.raw(2, "A")
	m.f(3, a.with.id, a.with.family, a.with.given, "", "", a.with.title)
	m.raw(6, from)
	w.end(termine, a.p.lane)
}
