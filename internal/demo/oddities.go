package demo

// planOddities plans what does not happen every day, but in every house.
func (w *world) planOddities() {
	d := &w.dice
	left := w.h.days - w.dayNo
	at := func(hh, mm int) int64 { return w.clock(w.now, 0, hh, mm) + d.span(0, 20*minute) }
	w.at(at(9, 10), w.newAddress)
	w.at(at(10, 30), w.testMessages)
	switch {
	case w.dayNo%4 == 2:
		w.at(at(11, 15), w.doublet)
	case w.dayNo%5 == 1 && left != 1:
		w.at(at(2, 20), func() { w.unknownPatient(30 * hour) })
	}
	if left == 3 || left == 1 {
		w.twins = 1
	}
	switch left {
	case 2:
		w.at(at(8, 0), w.invite)
	case 1:
		w.at(at(3, 40), func() { w.unknownPatient(0) })
		w.at(at(15, 0), w.wrongMerge)
		w.at(at(9, 45), w.doublet)
	}
	if left > 0 && left < 7 || left < 0 && w.dayNo%6 == 0 {
		for n := range 2 {
			w.at(at(7+5*n, 25), func() { w.garble(2*w.dayNo + n) })
		}
	}
}

// newAddress is a change of a person without a case: A28 for somebody new, A31
// for somebody known.
func (w *world) newAddress() {
	d := &w.dice
	p := w.newPerson("FM"[d.n(2)], d.between(20, 85))
	w.sendPerson("A28", p)
	if len(w.known) > 0 {
		q := w.known[d.n(len(w.known))]
		if !q.unknown && q.mother == nil {
			w.home(q)
			w.sendPerson("A31", q)
		}
	}
}

// know remembers a person for later changes; of a house that lives long only
// the newest are remembered.
func (w *world) know(p *person) {
	const most = 2000
	if len(w.known) < most {
		w.known = append(w.known, p)
		return
	}
	w.known[w.dice.n(most)] = p
}

// sendPerson sends a person's data without a stay.
func (w *world) sendPerson(event string, p *person) {
	w.writeADT(event, &stay{p: p})
	w.buf.seg("PV1")
	w.buf.raw(1, "1")
	w.buf.raw(2, "N")
	w.al1(p)
	w.in1(p)
	w.end(kisADT, p.lane)
}

// doublet: a patient was admitted under a new number although there is an old
// one. The old number takes the new one in (A40).
func (w *world) doublet() {
	for range 40 {
		if len(w.stays) == 0 {
			return
		}
		s := w.stays[w.dice.n(len(w.stays))]
		if !s.here() || s.class != 'I' || s.p.unknown || s.p.mother != nil || len(s.babies) > 0 || s.bed.ward.plan.kind == Obstetrics {
			continue
		}
		old := *s.p
		old.no = s.p.no - 3_000_000 - w.dice.n(1000)
		w.sendPerson("A28", &old)
		w.at(w.now+w.dice.span(20*minute, 2*hour), func() { w.merge(s, &old) })
		return
	}
}

// merge lets the patient of s go on under the number of into.
func (w *world) merge(s *stay, into *person) {
	if !s.here() {
		return
	}
	from := s.p.no
	s.p = into
	w.know(into)
	w.sendMerge(into, from)
}

func (w *world) sendMerge(into *person, from int) {
	m := w.begin(kisADT, "ADT", "A40", "ADT_A39")
	w.evn("A40", w.now)
	w.pid(m, into, true)
	m.seg("MRG")
	m.f(1, itoa(from), "", "", "KIS", "PI")
	w.end(kisADT, into.lane)
}

// unknownPatient comes by ambulance without papers, and is identified after so
// many seconds: merged into the number that the house already has. 0: not yet.
func (w *world) unknownPatient(identified int64) {
	d := &w.dice
	var i *ill
	for k := range w.h.cases.ills {
		if x := &w.h.cases.ills[k]; (x.icd == "S06.0" || x.icd == "S27.0" || x.icd == "N17.93") && w.byCode[x.ward] != nil {
			i = x
		}
	}
	if i == nil {
		return
	}
	real := w.newPerson('M', d.between(36, 46))
	real.no -= 2_000_000
	w.lastPerson++
	p := &person{
		no: w.lastPerson, lane: real.lane, sex: 'M', family: "Unbekannt", given: "männlich, ca. 40",
		born: civil{y: w.civil(w.now).y - 40}, unknown: true, height: 180, weight: 80,
	}
	s := w.newStay(p, i, 'I')
	s.reason = "Bewusstlos aufgefunden, keine Papiere"
	s.admitted, s.planned = w.now, w.now+5*day
	w.judge(s)
	b := w.door(s)
	if b == nil && w.icu != nil {
		b = w.icu.free(d, s)
	}
	if b == nil {
		return
	}
	w.lie(s, b)
	w.stays = append(w.stays, s)
	w.sendADT("A01", s, w.moved(s, "A01", s.admitted, spot{}))
	w.triage(s)
	if b.ward == w.icu {
		w.care(s, false)
		w.scheduleEnd(s)
	} else {
		w.at(w.now+hour, func() { w.upstairs(s, true, 0) })
	}
	if identified == 0 {
		return
	}
	w.at(w.now+identified, func() {
		if !s.here() {
			return
		}
		w.sendPerson("A28", real)
		w.merge(s, real)
		w.sendADT("A08", s, move{})
	})
}

// guest is somebody whose name tests every screen and sheet.
type guest struct {
	ward, prefix, family, given string
	sex                         byte
	age                         int
}

var guests = [...]guest{
	{"3A", "", "Müller", "Hans", 'M', 81},
	{"3A", "", "Müller", "Hans", 'M', 74},
	{"3A", "von der", "Heide", "Karl-Otto", 'M', 68},
	{"3B", "", "Müller-Lüdenscheidt", "Hildegard", 'F', 79},
	{"4A", "", "Đorđević", "Ljiljana", 'F', 66},
	{"2A", "", "Łukasiewicz", "Paweł", 'M', 49},
	{"2B", "", "Şahin", "İbrahim", 'M', 57},
	{"5B", "", "Yılmaz", "Ayşe", 'F', 44},
	{"SU", "", "Nguyễn", "Văn Hùng", 'M', 61},
	{"4B", "", "Weißgerber-Großkreutz", "Elfriede", 'F', 93},
}

// invite admits the guests for more than two days.
func (w *world) invite() {
	for n, g := range guests {
		ws := w.byCode[g.ward]
		if ws == nil {
			continue
		}
		w.at(w.now+int64(n)*4*minute, func() {
			i := w.illFor(ws)
			for range 30 {
				if i.losLo >= 4 && (i.sex == 0 || i.sex == g.sex) && i.dies < 50 {
					break
				}
				i = w.illFor(ws)
			}
			p := w.newPerson(g.sex, g.age)
			p.prefix, p.family, p.given, p.further, p.maiden = g.prefix, g.family, g.given, "", ""
			if g.family == "Müller" { // merged by mistake: their messages must keep one order
				p.lane = 1
				p.fund, p.maiden = 0, ""
			}
			s := w.newStay(p, i, 'P')
			w.judge(s)
			s.alone = false
			w.guests = append(w.guests, s)
			w.know(p)
			w.admitGuest(s, ws, 0)
		})
	}
}

// admitGuest admits as usual, and keeps the guest for the demo.
func (w *world) admitGuest(s *stay, ws *wardState, tries int) {
	w.admit(s, ws, tries)
	s.planned = max(s.planned, w.start+day+w.dice.span(0, 2*day))
}

// wrongMerge merges two patients of one name (A40) and takes it back (A37).
func (w *world) wrongMerge() {
	if len(w.guests) < 2 || !w.guests[0].here() || !w.guests[1].here() {
		return
	}
	a, b := w.guests[0].p, w.guests[1].p
	w.sendMerge(a, b.no)
	w.at(w.now+w.dice.span(hour, 3*hour), func() {
		m := w.begin(kisADT, "ADT", "A37", "ADT_A37")
		w.evn("A37", w.now)
		w.pid(m, a, true)
		w.pid(m, b, true)
		w.end(kisADT, a.lane)
	})
}

// somebody is any patient in a bed; nil in an empty house.
func (w *world) somebody() *stay {
	for range 50 {
		if len(w.stays) == 0 {
			return nil
		}
		if s := w.stays[w.dice.n(len(w.stays))]; s.here() && s.bed.name != "" {
			return s
		}
	}
	return nil
}

// testMessages are what the vendor of the KIS tries out (MSH-11 T): they must
// never reach a ward.
func (w *world) testMessages() {
	near := w.somebody()
	if near == nil {
		return
	}
	p := &person{no: 99_000_000 + w.dayNo, lane: 99, sex: 'M', family: "Testpatient", given: "Test", born: civil{1950, 1, 1}}
	s := &stay{p: p, no: 9_900_000 + w.dayNo, class: 'I', admitted: w.now, test: true, reason: "Schnittstellentest"}
	w.lastMove++
	w.sendADT("A01", s, move{id: w.lastMove, event: "A01", start: w.now, to: near.bed.spot()})
	m := w.beginMode(lis, "ORU", "R01", "ORU_R01", "T")
	w.pid(m, near.p, false)
	w.visit(m, near, w.lisWard(near))
	m.seg("OBR")
	m.raw(1, "1")
	m.raw(3, "LTEST"+itoa(w.dayNo))
	m.f(4, "ELEK", "Elektrolyte", "L")
	m.raw(7, w.ts(w.now))
	m.raw(24, "LAB")
	m.raw(25, "F")
	m.line("OBX|1|NM|KA^Kalium^L|1|9.9|mmol/l|3.5 - 5.1|HH|||F")
	w.end(lis, near.p.lane)
}

// garble sends what no receiver can understand as it stands.
func (w *world) garble(n int) {
	s := w.somebody()
	if s == nil {
		return
	}
	p := s.p
	switch n % 10 {
	case 0: // an event that nobody knows
		m := w.begin(kisADT, "ADT", "A99", "ADT_A99")
		w.evn("A99", w.now)
		w.pid(m, p, true)
	case 1: // no patient number
		m := w.begin(kisADT, "ADT", "A01", "ADT_A01")
		w.evn("A01", w.now)
		m.line("PID|1||||Ohne^Nummer||19700101|M")
		m.line("PV1|1|I|" + s.bed.ward.plan.code)
	case 2: // a result for nobody
		m := w.begin(lis, "ORU", "R01", "ORU_R01")
		m.line("OBR|1||L0|KBB^Kleines Blutbild^L\rOBX|1|NM|HB^Hämoglobin^L||11.2|g/dl|12.0 - 15.6|L|||F")
		w.end(lis, p.lane)
		return
	case 3: // a message type of the vendor's own
		m := w.begin(kisADT, "ZQX", "Z01", "")
		w.pid(m, p, false)
	case 4: // a message that does not say what it is
		m := w.begin(kisADT, "", "", "")
		w.pid(m, p, false)
	case 5: // says UTF-8, is ISO-8859-15
		m := w.begin(pdms, "ORU", "R01", "ORU_R01")
		w.pid(m, p, false)
		w.visit(m, s, "Städtische Übernahme")
		m.line("OBR|1||V0|VITAL^Vitalzeichen^L\rOBX|1|NM|8310-5^Körpertemperatur^LN||37.1|Cel|||||F")
		w.hand(pdms, p.lane, m.bytes(latin9))
		return
	case 6: // a document of which nothing arrived
		m := w.begin(docs, "MDM", "T02", "MDM_T02")
		w.evn("T02", w.now)
		w.pid(m, p, false)
		w.pv1Short(m, s)
		m.line("TXA|1|BEF^Konsilbefund^L|AP|" + w.ts(w.now) + "||||||||DLEER" + itoa(w.dayNo) + "^KIS-DOK|||||AU||AV")
		m.line("OBX|1|ED|BEF^Konsilbefund^L||KIS-DOK^application^pdf^Base64^||||||F")
		w.end(docs, p.lane)
		return
	case 7: // a merge that does not say with whom
		m := w.begin(kisADT, "ADT", "A40", "ADT_A39")
		w.evn("A40", w.now)
		w.pid(m, p, true)
		m.line("MRG|")
	case 8: // a ward that does not exist, a day that does not exist
		m := w.begin(kisADT, "ADT", "A08", "ADT_A01")
		m.line("EVN|A08|20261399")
		w.pid(m, p, true)
		m.line("PV1|1|I|9Z^901^F||||||||||||||||" + itoa(s.no) + "^^^KIS^VN")
	case 9: // a movement with a word of the vendor's own
		m := w.begin(kisADT, "ADT", "A08", "ADT_A01")
		w.evn("A08", w.now)
		w.pid(m, p, true)
		w.pv1(s, move{})
		m.line("ZBE|0^KIS|" + w.ts(w.now) + "||AENDERUNG|N")
	}
	w.end(kisADT, p.lane)
}
