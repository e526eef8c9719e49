package demo

// cultures orders what goes to microbiology.
func (w *world) cultures(s *stay) {
	d := &w.dice
	switch s.ill.icd {
	case "N10", "F05.1":
		w.culture(s, 1)
	case "J18.1", "J44.11":
		w.culture(s, 2)
	case "A41.51", "D70.10":
		w.culture(s, 0)
		w.culture(s, 1)
	case "A09.0", "A08.0":
		w.culture(s, 4)
	case "A46":
		w.culture(s, 5)
	default:
		if d.percent(14) {
			w.culture(s, 3)
		}
	}
}

// plate is one culture on its way.
type plate struct {
	s                    *stay
	code, text, material string
	placer, filler       string
	taken                int64
	grown                bool
}

// screening is the index of the MRSA screening in cultures.
const screening = 3

// culture orders one culture; the answer takes two to four days.
func (w *world) culture(s *stay, k int) {
	d := &w.dice
	n := w.nextOrder()
	c := &cultures[k]
	p := &plate{
		s: s, code: c.code, text: c.text, material: c.material, placer: "K" + itoa(n), filler: "MB" + itoa(n),
		taken: w.now + d.span(10*minute, 2*hour), grown: d.percent(45),
	}
	w.orderCulture(p)
	germ := germs[d.n(len(germs))]
	first, last := "Mikroskopie: keine Erreger sichtbar. Kultur folgt.", "Kein Wachstum nach 72 h Bebrütung."
	switch {
	case k == screening:
		p.grown = s.isolated()
		last = "MRSA nicht nachgewiesen."
		if p.grown {
			last = "MRSA nachgewiesen (mecA positiv)."
		}
	case p.grown:
		first = "Mikroskopie: Bakterien nachgewiesen. Wachstum nach 24 h, Differenzierung folgt."
		last = germ.name + ", " + germ.amount + "\nsensibel: " + germ.sensible
		if germ.resistant != "" {
			last += "\nresistent: " + germ.resistant
		}
	}
	w.at(p.taken+d.span(20*hour, 28*hour), func() { w.cultured(p, first, "P") })
	w.at(p.taken+d.span(50*hour, 90*hour), func() { w.cultured(p, last, "F") })
}

// orderCulture sends the order (OML O21).
func (w *world) orderCulture(p *plate) {
	s := p.s
	m := w.begin(kisOrders, "OML", "O21", "OML_O21")
	w.pid(m, s.p, false)
	w.pv1Short(m, s)
	m.seg("ORC")
	m.raw(1, "NW")
	m.raw(2, p.placer)
	m.raw(5, "SC")
	m.raw(9, w.ts(w.now))
	m.f(12, s.doc.id, s.doc.family, s.doc.given, "", "", s.doc.title)
	m.seg("TQ1")
	m.raw(1, "1")
	m.raw(7, w.ts(p.taken))
	m.raw(9, "R")
	m.seg("OBR")
	m.raw(1, "1")
	m.raw(2, p.placer)
	m.f(4, p.code, p.text, "L")
	m.raw(24, "MB")
	m.seg("SPM")
	m.raw(1, "1")
	m.f(4, "", p.material)
	m.raw(17, w.ts(p.taken))
	w.end(kisOrders, s.p.lane)
}

// cultured sends a result of microbiology (OUL R22).
func (w *world) cultured(p *plate, say, status string) {
	s := p.s
	m := w.begin(lis, "OUL", "R22", "OUL_R22")
	w.pid(m, s.p, false)
	w.visit(m, s, w.lisWard(s))
	m.seg("SPM")
	m.raw(1, "1")
	m.f(4, "", p.material)
	m.raw(17, w.ts(p.taken))
	m.seg("OBR")
	m.raw(1, "1")
	m.raw(2, p.placer)
	m.raw(3, p.filler)
	m.f(4, p.code, p.text, "L")
	m.raw(7, w.ts(p.taken))
	m.raw(22, w.ts(w.now))
	m.raw(24, "MB")
	m.raw(25, status)
	m.seg("OBX")
	m.raw(1, "1")
	m.raw(2, "FT")
	m.f(3, p.code, p.text, "L")
	m.raw(4, "1")
	m.f(5, say)
	if p.grown && status == "F" {
		m.raw(8, "A")
	}
	m.raw(11, status)
	m.raw(14, w.ts(p.taken))
	w.end(lis, s.p.lane)
}
