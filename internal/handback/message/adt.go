package message

import (
	"strconv"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
)

// trigger is the event of a movement, and of its cancel (HL7 table 0003).
type trigger struct{ event, cancel string }

var triggers = map[clinical.MovementKind]trigger{
	clinical.Admission: {"A01", "A11"}, clinical.Visit: {"A04", "A11"}, clinical.Transfer: {"A02", "A12"},
	clinical.Discharge: {"A03", "A13"}, clinical.LeaveStart: {"A21", "A52"}, clinical.LeaveEnd: {"A22", "A53"},
	clinical.PlanAdmission: {"A05", "A38"}, clinical.PlanTransfer: {"A15", "A26"}, clinical.PlanDischarge: {"A16", "A25"},
	clinical.Departing: {"A09", "A33"}, clinical.Arriving: {"A10", "A32"}, clinical.StaySnapshot: {"A08", ""},
}

// triggerOf returns the event of a movement; false for one that has none.
func triggerOf(mv clinical.Movement) (trigger, bool) {
	if mv.Kind == clinical.ClassChange {
		if mv.Class == clinical.Outpatient {
			return trigger{event: "A07"}, true
		}
		return trigger{event: "A06"}, true
	}
	t, ok := triggers[mv.Kind]
	return t, ok
}

// structures are the message structures of ADT events (HL7 v2.5 table 0354)
// where they are not named after the event itself.
var structures = map[string]string{
	"A04": "A01", "A08": "A01", "A13": "A01", "Z99": "A01", "A28": "A05", "A31": "A05", "A07": "A06", "A10": "A09", "A11": "A09",
	"A15": "A15", "A22": "A21", "A25": "A21", "A26": "A21", "A32": "A21", "A33": "A21", "A53": "A52", "A40": "A39",
}

func structure(event string) string {
	if s, ok := structures[event]; ok {
		return "ADT_" + s
	}
	return "ADT_" + event
}

// person is what an admission says.
type person struct {
	clinical.Demographics
	clinical.StayDetails
	insurances []clinical.Insurance
	contacts   []clinical.Contact
	moves      []clinical.Movement
	merges     []clinical.Merge
	unmerges   int
}

func collect(facts []clinical.Fact) (p person) {
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
			p.moves = append(p.moves, f)
		case clinical.Merge:
			p.merges = append(p.merges, f)
		case clinical.Unmerge:
			p.unmerges++
		}
	}
	return p
}

// adt writes what was recorded of person, case and movements: one message for
// each movement; where there is none, one that changes the data of the stay
// (A08) or of the person (A31), or adds the person (A28).
func (m *maker) adt(facts []clinical.Fact) {
	p := collect(facts)
	for i, mv := range p.moves {
		m.movement(p, mv, i)
	}
	if len(p.moves) == 0 && len(p.merges)+p.unmerges < len(facts) {
		event := "A08"
		switch {
		case m.s.New:
			event = "A28"
		case m.s.Case == "":
			event = "A31"
		}
		m.begin(Admission, "", "ADT", event, structure(event), m.e.At)
		m.admitted(p, clinical.Movement{}, nil)
		m.end()
	}
	for _, merge := range p.merges {
		m.merge(merge)
	}
	if p.unmerges > 0 {
		m.leave(Admission, nil, "Eine Zusammenführung wurde zurückgenommen. Bitte in %s von Hand trennen.", "A merge was taken back. Please part the two in %s by hand.")
	}
}

// movement writes one movement. One that the target has already is updated by
// its number (IHE PAM: Z99 with ZBE-4 UPDATE).
func (m *maker) movement(p person, mv clinical.Movement, i int) {
	t, ok := triggerOf(mv)
	update := ok && mv.Action == clinical.Update || mv.Action == clinical.Insert && m.had(Admission) != ""
	event := t.event
	switch {
	case mv.Action == clinical.Cancel:
		event = t.cancel
	case update:
		event = "Z99"
	}
	if !ok || event == "" || update && m.t.NoZBE {
		m.leave(Admission, nil, "Diese Bewegung kann %s nicht als Nachricht nehmen. Bitte von Hand eintragen.", "%s cannot take this movement as a message. Please type it in.")
		return
	}
	m.begin(Admission, "", "ADT", event, structure(event), mv.Start)
	m.admitted(p, mv, func() {
		if m.t.NoZBE {
			return
		}
		action, original := "INSERT", ""
		switch {
		case mv.Action == clinical.Cancel:
			action, original = "CANCEL", t.event
		case update:
			action, original = "UPDATE", t.event
		}
		historic := "N"
		if mv.Historic {
			historic = "Y"
		}
		id := mv.ID
		if id == "" {
			id = entry.Number(m.e.Root) + "-" + strconv.Itoa(i+1)
		}
		m.b.Segment("ZBE", m.b.Comps(id, m.t.SendingApp), m.clock(mv.Start), m.clock(mv.End), action, historic, original, m.b.Comps(mv.Responsible))
	})
	m.end()
}

// merge writes A40: the numbers in From are those of the subject.
func (m *maker) merge(merge clinical.Merge) {
	if len(merge.From) == 0 {
		m.byHand(Admission)
		return
	}
	event := "A40"
	if m.before("2.3.1") {
		event = "A34"
	}
	m.begin(Admission, "", "ADT", event, structure(event), m.e.At)
	m.b.Segment("PID", "1", "", m.identifiers(m.s.IDs), "", m.name(m.s.Name, "L"), "", date(m.s.Birth))
	m.b.Segment("MRG", m.identifiers(merge.From))
	m.end()
}

// said writes a field: what was said, null for what was deleted, and what is
// known where nothing was said.
func said[T any](s clinical.Said[T], known T, write func(T) string) string {
	if s.Cleared() {
		return null
	}
	if v, ok := s.Value(); ok {
		return write(v)
	}
	return write(known)
}

// only writes what was said, and nothing where nothing was.
func only[T any](s clinical.Said[T], write func(T) string) string {
	if s.Silent() {
		return ""
	}
	var none T
	return said(s, none, write)
}

func yesNo(v bool) string {
	if v {
		return "Y"
	}
	return "N"
}

// admitted writes PID, NK1, PV1, PV2, what then follows, and IN1.
func (m *maker) admitted(p person, mv clinical.Movement, then func()) {
	m.pid(p)
	for i, c := range p.contacts {
		var phones []string
		for _, n := range c.Phones {
			phones = append(phones, m.phone(n))
		}
		m.b.Segment("NK1", strconv.Itoa(i+1), m.name(c.Name, "L"), m.words(c.Relation), "", m.b.Reps(phones...), "", m.words(c.Role))
	}
	m.stay(p, mv)
	if then != nil {
		then()
	}
	for i, in := range p.insurances {
		f := fields(36)
		plan := in.Plan
		if plan == "" { // IN1-2 is required
			plan = in.Fund
		}
		f.set(1, strconv.Itoa(i+1))
		f.set(2, m.b.Comps(in.IK, plan))
		f.set(3, m.b.Comps(in.IK, "", "", "", "NII"))
		if in.IK == "" {
			f.set(3, "")
		}
		f.set(4, m.b.Text(in.Fund))
		f.set(12, date(in.From))
		f.set(13, date(in.Until))
		f.set(36, m.b.Text(in.Number))
		m.b.Segment("IN1", f...)
	}
}

func (m *maker) phone(n string) string { return m.b.Comps(n, "PRN", "PH") }

// pid writes the person.
func (m *maker) pid(p person) {
	f := fields(31)
	f.set(1, "1")
	f.set(3, m.identifiers(m.s.IDs))
	name := said(p.Name, m.s.Name, func(n clinical.Name) string { return m.name(n, "L") })
	if birth, ok := p.BirthName.Value(); ok && name != null {
		name = m.b.Reps(name, m.name(birth, "M"))
	}
	f.set(5, name)
	f.set(7, said(p.Birth, m.s.Birth, date))
	if t, ok := p.BirthTime.Value(); ok {
		f.set(7, m.clock(t))
	}
	if !p.Sex.Silent() || m.s.Sex != clinical.SexUnknown { // one that nobody knows must not overwrite
		f.set(8, said(p.Sex, m.s.Sex, sexCode))
	}
	f.set(11, only(p.Address, func(a clinical.Address) string {
		return m.b.Comps(a.Street, "", a.City, "", a.Zip, a.Country, "H")
	}))
	f.set(13, only(p.Phones, func(list []string) string {
		var reps []string
		for _, n := range list {
			reps = append(reps, m.phone(n))
		}
		return m.b.Reps(reps...)
	}))
	f.set(15, only(p.Language, m.words))
	f.set(17, only(p.Religion, m.words))
	f.set(21, only(p.Mother, func(id clinical.Identifier) string { return m.identifiers([]clinical.Identifier{id}) }))
	f.set(24, only(p.Multiple, yesNo))
	f.set(25, only(p.BirthOrder, strconv.Itoa))
	f.set(26, only(p.Citizen, m.words))
	f.set(29, only(p.Died, m.clock))
	f.set(30, only(p.Dead, yesNo))
	if !m.before("2.4") {
		f.set(31, only(p.Unknown, yesNo))
	}
	m.b.Segment("PID", f...)
}

// stay writes PV1, and PV2 where it says something.
func (m *maker) stay(p person, mv clinical.Movement) {
	f := fields(45)
	f.set(1, "1")
	known := m.s.Class
	if mv.Class != "" {
		known = mv.Class
	}
	f.set(2, said(p.Class, known, class))
	to, from := m.whither(mv)
	f.set(3, m.place(to))
	f.set(6, m.place(from))
	f.set(7, only(p.Attending, m.staff))
	f.set(8, only(p.Referring, m.staff))
	f.set(9, only(p.Consulting, m.staff))
	f.set(10, only(p.Service, m.b.Text))
	f.set(17, only(p.Admitting, m.staff))
	f.set(18, only(p.PatientType, m.b.Text))
	f.set(19, m.caseNumber())
	f.set(36, only(p.Disposition, m.b.Text))
	f.set(42, only(p.Expecting, m.place))
	switch mv.Kind {
	case clinical.PlanAdmission, clinical.PlanTransfer, clinical.Departing:
		f.set(42, m.place(mv.To))
	}
	f.set(44, only(p.Admitted, m.clock))
	if f[43] == "" && (mv.Kind == clinical.Admission || mv.Kind == clinical.Visit) {
		f.set(44, m.clock(mv.Start))
	}
	f.set(45, only(p.Discharged, m.clock))
	if f[44] == "" && mv.Kind == clinical.Discharge && mv.Action != clinical.Cancel {
		f.set(45, m.clock(mv.Start))
	}
	m.b.Segment("PV1", f...)
	g := fields(9)
	g.set(3, only(p.Reason, m.words))
	g.set(8, only(p.ExpectedAdmit, m.clock))
	g.set(9, only(p.ExpectedDischarge, m.clock))
	if g[2]+g[7]+g[8] != "" {
		m.b.Segment("PV2", g...)
	}
}

// whither is PV1-3 and PV1-6. Without a movement they are empty: a place in A08
// would move the patient. After a cancel the patient is where the target has to
// show that one again.
func (m *maker) whither(mv clinical.Movement) (to, from clinical.Place) {
	or := func(a, b clinical.Place) clinical.Place {
		if a.Zero() {
			return b
		}
		return a
	}
	switch {
	case mv.Kind == "":
		return to, from
	case mv.Action == clinical.Cancel && mv.Kind == clinical.Transfer:
		return or(mv.From, m.s.Place), clinical.Place{}
	case mv.Kind == clinical.PlanTransfer || mv.Kind == clinical.Departing:
		return or(mv.From, m.s.Place), clinical.Place{}
	case mv.Kind == clinical.PlanAdmission:
		return to, from
	}
	return or(mv.To, m.s.Place), mv.From
}

// allergies writes ADT^A60 (HL7 v2.5 section 3.3.60). Versions before 2.4 have
// only AL1, a list whose missing lines some receivers delete: there it is the
// sheet, or a person.
func (m *maker) allergies(facts []clinical.Fact) {
	if m.before("2.4") {
		m.asDocument(Allergy)
		return
	}
	m.begin(Allergy, "", "ADT", "A60", "ADT_A60", m.e.At)
	m.patient(false)
	for i, fact := range facts {
		a := fact.(clinical.AllergyFact)
		f := fields(20)
		f.set(1, strconv.Itoa(i+1))
		f.set(2, m.b.Text(a.Kind))
		f.set(3, m.code(a.To))
		if a.NoneKnown {
			f.set(3, m.b.Comps("716186003", "Keine Allergien bekannt", "SCT"))
		}
		if a.ClearAll {
			f.set(3, null)
		}
		f.set(4, m.b.Text(a.Severity))
		f.set(5, m.b.Text(a.Reaction))
		f.set(6, action(a.Action, false))
		f.set(7, entry.Number(m.e.Root)+"-"+strconv.Itoa(i+1))
		f.set(11, m.day(a.Since))
		f.set(17, m.words(a.Confirmed))
		f.set(18, m.staff(m.e.By))
		f.set(20, m.clock(m.e.Written))
		m.b.Segment("IAM", f...)
	}
	m.end()
}

// diagnoses writes ADT^A08 with DG1 and PR1. Versions before 2.5 have no way to
// take one back or change it.
func (m *maker) diagnoses(facts []clinical.Fact) {
	changes := m.had(Diagnosis) != ""
	for _, fact := range facts {
		switch f := fact.(type) {
		case clinical.Diagnosis:
			changes = changes || f.Action == clinical.Cancel || f.Action == clinical.Update
		case clinical.Procedure:
			changes = changes || f.Action == clinical.Cancel || f.Action == clinical.Update
		}
	}
	if changes && m.before("2.5") {
		m.leave(Diagnosis, nil, "Eine Korrektur von Diagnosen oder Prozeduren hat in der HL7-Version von %s keine Nachricht. Bitte von Hand ändern.", "A correction of diagnoses or procedures has no message in the HL7 version of %s. Please change it by hand.")
		return
	}
	m.begin(Diagnosis, "", "ADT", "A08", "ADT_A01", m.e.At)
	m.patient(false)
	n := 0
	for _, fact := range facts {
		if d, ok := fact.(clinical.Diagnosis); ok {
			n++
			m.dg1(n, d)
		}
	}
	n = 0
	for _, fact := range facts {
		if p, ok := fact.(clinical.Procedure); ok {
			n++
			m.pr1(n, p)
		}
	}
	m.end()
}

func (m *maker) dg1(n int, d clinical.Diagnosis) {
	f := fields(21)
	f.set(1, strconv.Itoa(n))
	f.set(3, m.code(d.What))
	f.set(5, m.clock(d.At))
	f.set(6, "W")
	if d.Kind != "" {
		f.set(6, m.b.Text(d.Kind))
	}
	if d.Priority > 0 {
		f.set(15, strconv.Itoa(d.Priority))
	}
	f.set(16, m.staff(d.By))
	if !m.before("2.5") {
		f.set(20, m.b.Text(d.ID))
		f.set(21, action(d.Action, m.known()))
	}
	m.b.Segment("DG1", f...)
}

func (m *maker) pr1(n int, p clinical.Procedure) {
	f := fields(20)
	f.set(1, strconv.Itoa(n))
	f.set(3, m.code(p.What))
	f.set(5, m.clock(p.At))
	f.set(12, m.staff(p.By))
	if !m.before("2.5") {
		f.set(19, m.b.Text(p.ID))
		f.set(20, action(p.Action, m.known()))
	}
	m.b.Segment("PR1", f...)
}

// action is IAM-6, DG1-21 and PR1-20 (HL7 tables 0206 and 0323).
func action(a clinical.Action, known bool) string {
	switch {
	case a == clinical.Cancel:
		return "D"
	case a == clinical.Update || known:
		return "U"
	}
	return "A"
}
