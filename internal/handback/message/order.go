package message

import (
	"slices"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
)

// order writes ORM^O01, or OMG^O19 and for the laboratory OML^O21.
func (m *maker) order(o clinical.Order) {
	typ, event, structure := "OMG", "O19", "OMG_O19"
	if o.Section == clinical.Laboratory || o.Section == clinical.Microbiology {
		typ, event, structure = "OML", "O21", "OML_O21"
	}
	old := m.t.OldOrders || m.before("2.4")
	if old {
		typ, event, structure = "ORM", "O01", "ORM_O01"
	}
	m.begin(Order, "", typ, event, structure, m.e.At)
	m.doubt = o.Status == clinical.Cancelled && m.e.Corrects != "" && !o.Requested.Equal(m.e.At)
	m.patient(true)
	tq := ""
	if old || m.before("2.5") { // TQ1 came with 2.5, and ORM never got it
		tq = m.b.Comps("", "", "", m.clock(o.Due), "", o.Priority)
	}
	c := fields(12)
	c.set(1, m.control(o))
	c.set(2, m.number(o.Placer))
	c.set(3, m.number(o.Filler))
	c.set(4, m.number(o.Group))
	c.set(5, state(o.Status))
	c.set(7, tq)
	c.set(9, m.clock(o.Requested))
	c.set(10, m.staff(m.e.By))
	c.set(12, m.staff(o.By))
	m.b.Segment("ORC", c...)
	if tq == "" && !(o.Due.IsZero() && o.Priority == "") {
		m.b.Segment("TQ1", "1", "", "", "", "", "", m.clock(o.Due), "", m.b.Text(o.Priority))
	}
	m.obr(o, tq, old)
	if o.Specimen != "" && !old && !m.before("2.5") {
		m.b.Segment("SPM", "1", "", "", m.words(o.Specimen))
	}
	m.end()
}

// progress writes how far an order is, and nothing else of it. Where results of
// the order go in the same entry, they say so.
func (m *maker) progress(p clinical.Progress) {
	if m.To.Takes[Laboratory] == AsData && slices.ContainsFunc(m.e.Facts, func(f clinical.Fact) bool {
		r, ok := f.(clinical.Result)
		return ok && KindOf(r) == Laboratory && of(p, r)
	}) {
		return
	}
	m.begin(Order, "", "ORM", "O01", "ORM_O01", m.e.At)
	m.patient(true)
	c := fields(10)
	c.set(1, "SC")
	c.set(2, m.number(p.Placer))
	c.set(3, m.number(p.Filler))
	c.set(5, state(p.Status))
	c.set(9, m.clock(m.e.At))
	c.set(10, m.staff(m.e.By))
	m.b.Segment("ORC", c...)
	m.end()
}

// of reports whether a result belongs to the order whose progress p is.
func of(p clinical.Progress, r clinical.Result) bool {
	return p.Placer != "" && p.Placer == r.Placer || p.Filler != "" && p.Filler == r.Filler
}

// shortQuestion is how long a question may be to stand in OBR alone; a longer
// one, or one of several lines, follows as NTE.
const shortQuestion = 200

func (m *maker) obr(o clinical.Order, tq string, old bool) {
	f := fields(31)
	f.set(1, "1")
	f.set(2, m.number(o.Placer))
	f.set(3, m.number(o.Filler))
	f.set(4, m.code(o.What))
	if tq != "" {
		f.set(5, m.b.Text(o.Priority))
		f.set(6, m.clock(o.Requested))
	}
	question := oneLine(o.Question)
	long := question != o.Question || utf8.RuneCountInString(question) > shortQuestion
	if long {
		f.set(13, m.b.Text(cut(question, shortQuestion)))
	} else {
		f.set(13, m.b.Text(question))
		f.set(31, m.words(question))
	}
	if o.Specimen != "" && (old || m.before("2.5")) {
		f.set(15, m.b.Subs("", o.Specimen)) // SPS.1 is a CWE of its own
	}
	f.set(16, m.staff(o.By))
	f.set(24, sectionCode(o.Section))
	f.set(27, tq)
	m.b.Segment("OBR", f...)
	if long {
		m.lines(o.Question)
	}
}

// cut shortens a text to n characters, with a mark that it goes on.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-4]) + " ..."
}

// control is ORC-1 (HL7 table 0119). An order is new in the entry that requested
// it; everywhere else its state changes.
func (m *maker) control(o clinical.Order) string {
	switch {
	case o.Status == clinical.Cancelled:
		return "CA"
	case o.Status == clinical.OnHold:
		return "HD"
	case !o.Status.Open(), !o.Requested.Equal(m.e.At):
		return "SC"
	case m.known():
		return "XO"
	}
	return "NW"
}

// state is ORC-5 (HL7 table 0038).
func state(s clinical.OrderStatus) string {
	switch s {
	case clinical.Scheduled:
		return "SC"
	case clinical.InProgress:
		return "IP"
	case clinical.PartResult:
		return "A"
	case clinical.Completed:
		return "CM"
	case clinical.OnHold:
		return "HD"
	case clinical.Cancelled:
		return "CA"
	case clinical.OrderFailed:
		return "ER"
	case clinical.Ordered:
	}
	return ""
}

// sectionCode is OBR-24 (HL7 table 0074), which has no code for endoscopy,
// consults, surgery, diet and transport.
func sectionCode(s clinical.Section) string {
	switch s {
	case clinical.Laboratory:
		return "LAB"
	case clinical.Microbiology:
		return "MB"
	case clinical.Radiology:
		return "RAD"
	case clinical.Cardiology:
		return "CUS"
	case clinical.Pathology:
		return "SP"
	case clinical.Nursing, clinical.Vitals:
		return "NRS"
	case clinical.Pharmacy:
		return "PHR"
	case clinical.Endoscopy, clinical.Consult, clinical.Diet, clinical.Transport, clinical.Surgery, clinical.OtherSection:
	}
	return "OTH"
}
