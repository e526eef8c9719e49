package demo

import "strings"

// operate plans the procedures of the illness. Of those who came before the
// interfaces the operation is history.
func (w *world) operate(s *stay) {
	d := &w.dice
	for code := range strings.FieldsSeq(s.ill.ops) {
		text := w.h.cases.ops[code]
		at := w.workTime(w.now + d.span(4*hour, 28*hour))
		if s.ill.planned < 30 {
			at = w.now + d.span(2*hour, 12*hour)
		}
		if s.admitted < w.first {
			s.done = append(s.done, procedure{code, text, min(s.admitted+d.span(4*hour, day), w.first)})
			continue
		}
		w.at(at, func() {
			if !s.here() {
				return
			}
			s.done = append(s.done, procedure{code, text, w.now})
			w.code(s)
			if strings.HasPrefix(code, "5-") && d.percent(50) {
				w.at(w.now+d.span(hour, 8*hour), func() { w.operationNote(s, text) })
			}
		})
	}
}

func (w *world) operationNote(s *stay, text string) {
	if !s.here() {
		return
	}
	w.lastDoc++
	w.sendMDM("T02", &paper{
		no: w.lastDoc, s: s, kind: "OPB", title: "OP-Bericht", at: w.now, by: s.home.staff[1], form: "text", complete: "AU",
		text: "Eingriff: " + text + "\nTeam-Time-out durchgeführt, Antibiotikaprophylaxe gegeben.\n" +
			"Der Eingriff verlief planmäßig, Blutverlust gering, Zählkontrolle vollständig.\n" +
			"Weiteres Vorgehen: Mobilisation am Abend, Laborkontrolle am Folgetag, Thromboseprophylaxe.",
	})
}

// code sends diagnoses and procedures as they stand (BAR P12).
func (w *world) code(s *stay) {
	m := w.begin(kisADT, "BAR", "P12", "BAR_P12")
	w.account(m, s, "P12", false)
	w.end(kisADT, s.p.lane)
}

// bill sends the final coding: mostly BAR P05, from some departments DFT P03.
func (w *world) bill(s *stay) {
	for i := range s.diags {
		s.diags[i].kind = "F"
	}
	if s.class == 'E' || w.dice.percent(15) {
		m := w.begin(kisADT, "DFT", "P03", "DFT_P03")
		w.account(m, s, "P03", true)
		w.end(kisADT, s.p.lane)
		return
	}
	m := w.begin(kisADT, "BAR", "P05", "BAR_P05")
	w.account(m, s, "P05", false)
	w.in1(s.p)
	w.end(kisADT, s.p.lane)
}

func (w *world) account(m *wire, s *stay, event string, charge bool) {
	w.evn(event, w.now)
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	if charge {
		m.seg("FT1")
		m.raw(1, "1")
		m.raw(4, w.ts(w.now))
		m.raw(6, "CG")
		m.f(7, "NOTFALL", "Notfallpauschale", "L")
		m.raw(10, "1")
	}
	for i, x := range s.diags {
		w.dg1(i+1, x)
	}
	for i, x := range s.done {
		m.seg("PR1")
		m.num(1, i+1)
		m.f(3, x.ops, x.text, "OPS2026")
		m.raw(5, w.ts(x.at))
	}
}
