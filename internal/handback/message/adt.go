package message

import (
	"strconv"

	"notbetrieb/internal/clinical"
)

// events are the triggers of movements, and of their cancels.
var events = map[clinical.MovementKind][2]string{
	clinical.Admission: {"A01", "A11"}, clinical.Visit: {"A04", "A11"}, clinical.Transfer: {"A02", "A12"},
	clinical.Discharge: {"A03", "A13"}, clinical.LeaveStart: {"A21", "A52"}, clinical.LeaveEnd: {"A22", "A53"},
	clinical.PlanAdmission: {"A05", "A38"}, clinical.ClassChange: {"A06", "A07"}, clinical.StaySnapshot: {"A08", "A08"},
}

// adt writes what was recorded of person, case and movements: one message for
// each movement, or one A08 (A28 without a case) where there is none.
func (m *maker) adt(facts []clinical.Fact) {
	var p person
	var moves []clinical.Movement
	for _, f := range facts {
		switch f := f.(type) {
		case clinical.Demographics:
			p.Demographics = f
		case clinical.StayDetails:
			p.StayDetails = f
		case clinical.Insurance:
			p.insurances = append(p.insurances, f)
		case clinical.Contact:
			p.contacts = append(p.contacts, f)
		case clinical.Movement:
			moves = append(moves, f)
		}
	}
	if len(moves) == 0 {
		event := "A08"
		if m.s.Case == "" {
			event = "A28"
		}
		m.begin(Admission, "ADT", event, "ADT_A01")
		m.admitted(p, clinical.Movement{To: m.s.Place})
		m.end()
		return
	}
	for _, mv := range moves {
		pair, ok := events[mv.Kind]
		if !ok {
			pair = events[clinical.StaySnapshot]
		}
		event := pair[0]
		if mv.Action == clinical.Cancel {
			event = pair[1]
		}
		m.begin(Admission, "ADT", event, "ADT_A01")
		m.admitted(p, mv)
		m.zbe(mv)
		m.end()
	}
}

// person is what an admission says.
type person struct {
	clinical.Demographics
	clinical.StayDetails
	insurances []clinical.Insurance
	contacts   []clinical.Contact
}

func said[T any](s clinical.Said[T], known T) T {
	if v, ok := s.Value(); ok {
		return v
	}
	return known
}

// admitted writes PID, NK1, PV1, PV2 and IN1.
func (m *maker) admitted(p person, mv clinical.Movement) {
	f := make([]string, 31)
	f[0], f[2] = "1", m.identifiers(m.s.IDs)
	f[4] = m.name(said(p.Name, m.s.Name))
	f[6], f[7] = date(said(p.Birth, m.s.Birth)), sex(said(p.Sex, m.s.Sex))
	if t, ok := p.BirthTime.Value(); ok {
		f[6] = m.clock(t)
	}
	if a, ok := p.Address.Value(); ok {
		f[10] = m.b.Comps(a.Street, "", a.City, "", a.Zip, a.Country)
	}
	if list, ok := p.Phones.Value(); ok {
		var reps []string
		for _, n := range list {
			reps = append(reps, m.b.Comps(n))
		}
		f[12] = m.b.Reps(reps...)
	}
	if mother, ok := p.Mother.Value(); ok {
		f[20] = m.identifiers([]clinical.Identifier{mother})
	}
	f[23], f[24] = yes(p.Multiple), whole(p.BirthOrder)
	if t, ok := p.Died.Value(); ok {
		f[28] = m.clock(t)
	}
	f[29], f[30] = yes(p.Dead), yes(p.Unknown)
	m.b.Segment("PID", f...)
	for i, c := range p.contacts {
		phone := ""
		if len(c.Phones) > 0 {
			phone = m.b.Text(c.Phones[0])
		}
		m.b.Segment("NK1", strconv.Itoa(i+1), m.name(c.Name), m.b.Comps("", c.Relation), "", phone)
	}
	m.stay(p, mv)
	for i, in := range p.insurances {
		n := make([]string, 36)
		n[0], n[2], n[3], n[35] = strconv.Itoa(i+1), m.b.Text(in.IK), m.b.Text(in.Fund), m.b.Text(in.Number)
		m.b.Segment("IN1", n...)
	}
}

func yes(s clinical.Said[bool]) string {
	if v, ok := s.Value(); ok && v {
		return "Y"
	}
	return ""
}

func whole(s clinical.Said[int]) string {
	if v, ok := s.Value(); ok {
		return strconv.Itoa(v)
	}
	return ""
}

// stay writes PV1 and, where a reason is known, PV2.
func (m *maker) stay(p person, mv clinical.Movement) {
	to := mv.To
	if to.Zero() {
		to = m.s.Place
	}
	f := make([]string, 45)
	class := said(p.Class, m.s.Class)
	if mv.Class != "" {
		class = mv.Class
	}
	if class == "" {
		class = clinical.Inpatient
	}
	f[0], f[1], f[2], f[5] = "1", string(class), m.place(to), m.place(mv.From)
	f[6], f[18] = m.staff(said(p.Attending, clinical.Staff{})), m.b.Text(string(m.s.Case))
	f[35] = m.b.Text(said(p.Disposition, ""))
	if t, ok := p.Admitted.Value(); ok {
		f[43] = m.clock(t)
	} else if mv.Kind == clinical.Admission || mv.Kind == clinical.Visit {
		f[43] = m.clock(mv.Start)
	}
	if t, ok := p.Discharged.Value(); ok {
		f[44] = m.clock(t)
	} else if mv.Kind == clinical.Discharge {
		f[44] = m.clock(mv.Start)
	}
	m.b.Segment("PV1", f...)
	if reason, ok := p.Reason.Value(); ok {
		m.b.Segment("PV2", "", "", m.b.Comps("", reason))
	}
}

// zbe writes the movement (HL7 Deutschland, segment ZBE).
func (m *maker) zbe(mv clinical.Movement) {
	action, original := "INSERT", ""
	switch mv.Action {
	case clinical.Update:
		action, original = "UPDATE", mv.Event
	case clinical.Cancel:
		action, original = "CANCEL", mv.Event
	case clinical.Insert:
	}
	historic := "N"
	if mv.Historic {
		historic = "Y"
	}
	id := mv.ID
	if id == "" {
		id = ControlID(m.t.Name, m.e.Root, 0)
	}
	m.b.Segment("ZBE", m.b.Comps(id, "NOTBETRIEB"), m.clock(mv.Start), m.clock(mv.End), action, historic, original, m.b.Comps(mv.Responsible))
}

// allergies writes ADT^A60 (HL7 v2.5 section 3.3.60).
func (m *maker) allergies(facts []clinical.Fact) {
	m.begin(Allergy, "ADT", "A60", "ADT_A60")
	m.patient()
	for i, fact := range facts {
		a := fact.(clinical.AllergyFact)
		f := make([]string, 20)
		f[0], f[1], f[2] = strconv.Itoa(i+1), m.b.Text(a.Kind), m.code(a.To)
		if a.NoneKnown {
			f[2] = m.b.Comps("", "Keine Allergien bekannt")
		}
		f[3], f[4] = m.b.Text(a.Severity), m.b.Text(a.Reaction)
		f[5] = "A"
		if a.Action == clinical.Cancel {
			f[5] = "D"
		}
		f[10] = date(clinical.Date{Year: a.Since.Year(), Month: int(a.Since.Month()), Day: a.Since.Day()})
		if a.Since.IsZero() {
			f[10] = ""
		}
		m.b.Segment("IAM", f...)
	}
	m.end()
}

// diagnoses writes ADT^A08 with DG1 and PR1.
func (m *maker) diagnoses(facts []clinical.Fact) {
	m.begin(Diagnosis, "ADT", "A08", "ADT_A01")
	m.patient()
	n := 0
	for _, fact := range facts {
		d, ok := fact.(clinical.Diagnosis)
		if !ok {
			continue
		}
		n++
		f := make([]string, 21)
		f[0], f[2], f[4], f[5] = strconv.Itoa(n), m.code(d.What), m.clock(d.At), m.b.Text(d.Kind)
		if d.Priority > 0 {
			f[14] = strconv.Itoa(d.Priority)
		}
		f[15], f[19], f[20] = m.staff(d.By), m.b.Text(d.ID), action(d.Action)
		m.b.Segment("DG1", f...)
	}
	n = 0
	for _, fact := range facts {
		p, ok := fact.(clinical.Procedure)
		if !ok {
			continue
		}
		n++
		f := make([]string, 20)
		f[0], f[2], f[4], f[7] = strconv.Itoa(n), m.code(p.What), m.clock(p.At), m.staff(p.By)
		f[18], f[19] = m.b.Text(p.ID), action(p.Action)
		m.b.Segment("PR1", f...)
	}
	m.end()
}

// action is DG1-21 and PR1-20 (HL7 table 0206).
func action(a clinical.Action) string {
	switch a {
	case clinical.Update:
		return "U"
	case clinical.Cancel:
		return "D"
	case clinical.Insert:
	}
	return "A"
}
