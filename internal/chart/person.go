package chart

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// demographics folds what was said about the person and reports whether
// something changed by which people find the chart.
func (h *head) demographics(r rules, d *clinical.Demographics, by clinical.Origin) bool {
	o := saying{by, d.Aside}
	p := &h.P
	before, born := p.Name, p.Birth
	found := sayAnew(r, &p.Name, d.Name, o)
	if found && before.Known && !before.V.Zero() {
		p.Names = enter(p.Names, Item[clinical.Name]{V: before.V, Origin: before.Origin},
			func(n *clinical.Name) bool { return *n == before.V })
	}
	if v, ok := d.Name.Value(); ok && !found && !d.Aside && v != p.Name.V && !v.Zero() {
		p.Names = enter(p.Names, Item[clinical.Name]{V: v, Origin: by}, func(n *clinical.Name) bool { return *n == v })
		found = true // an older name that came late finds the person too
	}
	found = sayAnew(r, &p.BirthName, d.BirthName, o) || found
	found = sayAnew(r, &p.Birth, d.Birth, o) || found
	found = sayAnew(r, &p.Sex, d.Sex, o) || found
	h.renamed(before, born, by)
	say(r, &p.BirthTime, d.BirthTime, o)
	say(r, &p.Address, d.Address, o)
	say(r, &p.Phones, d.Phones, o)
	say(r, &p.Language, d.Language, o)
	say(r, &p.Religion, d.Religion, o)
	say(r, &p.Citizen, d.Citizen, o)
	say(r, &p.Died, d.Died, o)
	if dead, said := d.Dead.Value(); d.Died.Silent() && (said && !dead || d.Dead.Cleared()) {
		say(r, &p.Died, clinical.Clear[time.Time](), o) // the patient lives: no time of death is left
	}
	say(r, &p.Dead, d.Dead, o)
	say(r, &p.Mother, d.Mother, o)
	say(r, &p.Order, d.BirthOrder, o)
	say(r, &p.Multiple, d.Multiple, o)
	unknown := d.Unknown
	if v, ok := d.Name.Value(); ok && unknown.Silent() && !d.Aside && (!p.Unnamed.Known || !sameName(v, before.V)) {
		unknown = clinical.Say(false) // named anew, and not as unidentified
	}
	say(r, &p.Unnamed, unknown, o)
	if !d.Aside {
		say(r, &p.Withdrawn, clinical.Say(false), o) // spoken of again after it was deleted
	}
	p.MotherKey = p.Mother.V.Key()
	return found
}

// maxRenamed is how many changes of identity the head keeps.
const maxRenamed = 8

// renamed notes that the person had another name or birth date until now.
func (h *head) renamed(was Value[clinical.Name], born Value[clinical.Date], by clinical.Origin) {
	p := &h.P
	named := was.Known && p.Name.Known && !was.V.Zero() && !sameName(was.V, p.Name.V)
	if !named && !(born.Known && p.Birth.Known && !born.V.Zero() && born.V != p.Birth.V) {
		return
	}
	p.Renamed = append(p.Renamed, Renaming{Was: was.V, Now: p.Name.V, WasBirth: born.V, Birth: p.Birth.V, Origin: by})
	if over := len(p.Renamed) - maxRenamed; over > 0 {
		p.Renamed = slices.Delete(p.Renamed, 0, over)
	}
}

// sameName reports whether two names differ in spelling only by what stands
// around family and given name.
func sameName(a, b clinical.Name) bool { return a.Family == b.Family && a.Given == b.Given }

// details folds what was said about a stay apart from movements.
func (s *stay) details(r rules, d *clinical.StayDetails, by clinical.Origin) {
	o := saying{by, d.Aside}
	say(r, &s.S.Class, d.Class, o)
	say(r, &s.S.PatientType, d.PatientType, o)
	say(r, &s.S.Service, d.Service, o)
	say(r, &s.S.Attending, d.Attending, o)
	say(r, &s.S.Referring, d.Referring, o)
	say(r, &s.S.Consulting, d.Consulting, o)
	say(r, &s.S.Admitting, d.Admitting, o)
	say(r, &s.S.Admitted, d.Admitted, o)
	say(r, &s.S.Discharged, d.Discharged, o)
	say(r, &s.S.ExpectedAdmit, d.ExpectedAdmit, o)
	say(r, &s.S.ExpectedDischarge, d.ExpectedDischarge, o)
	say(r, &s.S.Reason, d.Reason, o)
	say(r, &s.S.Disposition, d.Disposition, o)
	say(r, &s.S.Expecting, d.Expecting, o)
}

// sameCode reports whether two codes mean one thing: the same code of the same
// system, or the same words where a code is missing.
func sameCode(a, b clinical.Coded) bool {
	if a.Code != "" && b.Code != "" {
		return a.Code == b.Code && a.System == b.System
	}
	return strings.EqualFold(strings.TrimSpace(a.Text), strings.TrimSpace(b.Text)) && a.Text != ""
}

// allergy folds one allergy. "None known" never takes a known allergy away:
// only the sender's own withdrawal does.
func (h *head) allergy(r rules, f *clinical.AllergyFact, c *clinical.Change) {
	o := c.Origin
	if f.ClearAll {
		for i := range h.P.Allergies {
			if it := &h.P.Allergies[i]; it.Origin.Feed == o.Feed && later(o, it.Origin) && !it.withdraw(o.Feed) {
				it.Cancelled, it.Origin = true, o
			}
		}
		say(r, &h.P.NoneKnown, clinical.Clear[bool](), saying{by: o})
		return
	}
	if f.NoneKnown {
		none := clinical.Say(true)
		if f.Action == clinical.Cancel { // taken back: not known again
			none = clinical.Clear[bool]()
		}
		say(r, &h.P.NoneKnown, none, saying{by: o})
		return
	}
	if f.Action != clinical.Cancel {
		say(r, &h.P.NoneKnown, clinical.Say(false), saying{by: o})
	}
	it := itemOf(f.Allergy, c, f.Action)
	if echoes(h.P.Allergies, &it, "", func(a *clinical.Allergy) bool {
		return sameAllergy(a, &f.Allergy) && orSame(a.Severity, f.Severity) && orSame(a.Reaction, f.Reaction)
	}) {
		return
	}
	h.P.Allergies = claim(h.P.Allergies, it,
		func(a *clinical.Allergy) bool { return sameAllergy(a, &f.Allergy) })
}

// sameAllergy reports whether two entries name one allergy. Under one code, as
// houses have it for allergies in free words, different words are different
// allergies: one line too many is read, one too few is not.
func sameAllergy(a, b *clinical.Allergy) bool {
	if !sameCode(a.To, b.To) {
		return false
	}
	return a.To.Text == "" || b.To.Text == "" || strings.EqualFold(strings.TrimSpace(a.To.Text), strings.TrimSpace(b.To.Text))
}

func itemOf[T any](v T, c *clinical.Change, a clinical.Action) Item[T] {
	return Item[T]{V: v, Origin: c.Origin, Case: c.Case, Cancelled: a == clinical.Cancel}
}

func (h *head) alert(a clinical.Alert, c *clinical.Change) {
	it := itemOf(a, c, a.Action)
	it.V.Action = ""
	if echoes(h.P.Alerts, &it, "", func(b *clinical.Alert) bool {
		return b.Kind == a.Kind && sameCode(a.What, b.What) && sameMoment(a.Until, b.Until)
	}) {
		return
	}
	h.P.Alerts = claim(h.P.Alerts, it, func(b *clinical.Alert) bool {
		return b.Kind == a.Kind && (sameCode(a.What, b.What) || a.What.Zero() && b.What.Zero())
	})
}

func (h *head) diagnosis(d clinical.Diagnosis, c *clinical.Change) {
	it := itemOf(d, c, d.Action)
	it.V.Action = ""
	if echoes(h.P.Diagnoses, &it, d.ID, func(b *clinical.Diagnosis) bool {
		return sameCode(b.What, d.What) && b.Kind == d.Kind && b.Priority == d.Priority
	}) {
		return
	}
	h.P.Diagnoses = claim(h.P.Diagnoses, it, func(b *clinical.Diagnosis) bool {
		if d.What.Zero() { // a withdrawal may name only the number
			return d.ID != "" && b.ID == d.ID
		}
		return sameCode(b.What, d.What) && b.Kind == d.Kind
	})
}

func (h *head) procedure(p clinical.Procedure, c *clinical.Change) {
	it := itemOf(p, c, p.Action)
	it.V.Action = ""
	if echoes(h.P.Procedures, &it, p.ID, func(b *clinical.Procedure) bool { return sameCode(b.What, p.What) && sameMoment(b.At, p.At) }) {
		return
	}
	h.P.Procedures = claim(h.P.Procedures, it, func(b *clinical.Procedure) bool {
		return sameCode(b.What, p.What) && b.At.Equal(p.At)
	})
}

func (h *head) insurance(in clinical.Insurance, c *clinical.Change) {
	if in.Clear {
		for i := range h.P.Insurances {
			if it := &h.P.Insurances[i]; it.Origin.Feed == c.Origin.Feed && later(c.Origin, it.Origin) {
				it.Cancelled, it.Origin = true, c.Origin
			}
		}
		return
	}
	h.P.Insurances = enter(h.P.Insurances, itemOf(in, c, ""), func(b *clinical.Insurance) bool {
		if in.IK != "" && b.IK != "" {
			return in.IK == b.IK && in.Number == b.Number
		}
		return in.Fund == b.Fund && in.Number == b.Number
	})
}

func (h *head) contact(n clinical.Contact, c *clinical.Change) {
	h.P.Contacts = enter(h.P.Contacts, itemOf(n, c, ""), func(b *clinical.Contact) bool {
		return b.Name == n.Name && b.Relation == n.Relation
	})
}

func (h *head) appointment(a clinical.Appointment, c *clinical.Change) {
	it := itemOf(a, c, "")
	gone := a.Status == clinical.CalledOff || a.Status == clinical.Removed
	i := indexItem(h.P.Appointments, func(b *clinical.Appointment) bool { return sameAppointment(b, &a) })
	if i >= 0 && gone { // one that is called off often has numbers only
		old := &h.P.Appointments[i].V
		if it.V.Start.IsZero() {
			it.V.Start, it.V.End = old.Start, old.End
		}
		if it.V.What.Zero() {
			it.V.What = old.What
		}
		it.V.Place = or(it.V.Place, old.Place)
	}
	h.P.Appointments = enter(h.P.Appointments, it, func(b *clinical.Appointment) bool { return sameAppointment(b, &a) })
	for i := range h.P.Appointments {
		if b := &h.P.Appointments[i]; sameAppointment(&b.V, &a) && b.V.Status == a.Status {
			b.Cancelled = gone
		}
	}
}

// sameAppointment reports whether two messages speak of one appointment: by the
// filler's number where both have it, else by the placer's.
func sameAppointment(a, b *clinical.Appointment) bool {
	if a.Filler != "" && b.Filler != "" {
		return a.Filler == b.Filler
	}
	return a.Placer != "" && a.Placer == b.Placer
}

// sameOrder reports whether two orders share a number of the same side.
func sameOrder(a, b *clinical.Order) bool {
	return a.Placer != "" && a.Placer == b.Placer || a.Filler != "" && a.Filler == b.Filler
}

// order folds one order. A status message names often only numbers and status;
// what was known stays. A status told aside, by a result or an answer, changes
// nothing else, and makes no order that nobody has to act on any more.
func (h *head) order(n clinical.Order, c *clinical.Change) {
	aside := n.Aside
	n.Aside = false
	if aside && n.What.Zero() && h.statusOfDrug(&n, c) {
		return
	}
	i := indexItem(h.P.Orders, func(b *clinical.Order) bool { return sameOrder(b, &n) })
	switch {
	case i < 0 && aside && !n.Status.Open():
		return
	case i >= 0 && aside:
		known := h.P.Orders[i].V
		fillOrder(&known, &n)
		known.Status = n.Status
		n = known
	case i >= 0:
		fillOrder(&n, &h.P.Orders[i].V)
	}
	it := itemOf(n, c, "")
	if !aside && echoes(h.P.Orders, &it, "", func(b *clinical.Order) bool {
		return sameOrder(b, &n) && sameCode(b.What, n.What) && b.Section == n.Section && b.Status == n.Status && orSame(b.Priority, n.Priority)
	}) {
		if known := &h.P.Orders[i].V; known.Filler == "" {
			known.Filler = n.Filler
		}
		return
	}
	h.P.Orders = enter(h.P.Orders, it, func(b *clinical.Order) bool { return sameOrder(b, &n) })
	for i := range h.P.Orders {
		if it := &h.P.Orders[i]; sameOrder(&it.V, &n) {
			if it.V.What.Zero() { // its cancel or hold came first
				fillOrder(&it.V, &n)
			}
			it.Cancelled = it.V.Status == clinical.Cancelled
		}
	}
}

// statusOfDrug takes a status that names nothing but numbers (ORM with ORC
// alone: stop, hold) as one of the prescription that has them; false if none
// has, or an order has them too.
func (h *head) statusOfDrug(n *clinical.Order, c *clinical.Change) bool {
	p := clinical.Prescription{Placer: n.Placer, Filler: n.Filler, Status: n.Status, By: n.By, Aside: true}
	if indexItem(h.P.Orders, func(b *clinical.Order) bool { return sameOrder(b, n) }) >= 0 ||
		indexItem(h.P.Medication, func(b *clinical.Prescription) bool { return samePrescription(b, &p) }) < 0 {
		return false
	}
	h.prescription(p, c)
	return true
}

// fillOrder adds to n what only old says.
func fillOrder(n, old *clinical.Order) {
	n.Placer, n.Filler, n.Group = or(n.Placer, old.Placer), or(n.Filler, old.Filler), or(n.Group, old.Group)
	n.Priority, n.Question, n.Specimen = or(n.Priority, old.Priority), or(n.Question, old.Question), or(n.Specimen, old.Specimen)
	if n.What.Zero() {
		n.What = old.What
	}
	if n.Section == "" || n.Section == clinical.OtherSection {
		n.Section = old.Section
	}
	if n.Requested.IsZero() {
		n.Requested = old.Requested
	}
	if n.Due.IsZero() {
		n.Due = old.Due
	}
	if n.By.Zero() {
		n.By = old.By
	}
	if n.Taken.IsZero() {
		n.Taken = old.Taken
	}
	if len(n.Parts) == 0 {
		n.Parts = old.Parts
	}
}

// advance moves an order on because results for it came: never back, and never
// one that its sender cancelled.
func (h *head) advance(placer, filler string, to clinical.OrderStatus, o clinical.Origin) {
	ref := clinical.Order{Placer: placer, Filler: filler}
	for i := range h.P.Orders {
		it := &h.P.Orders[i]
		if !sameOrder(&it.V, &ref) || !it.V.Status.Open() || it.V.Status == to {
			continue
		}
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Order]{V: it.V, Origin: it.Origin})
		it.V.Status, it.Origin = to, o
		it.V.Filler = or(it.V.Filler, filler)
	}
}

// reopen gives an order back to the desk that closed it: something came for it
// that a person has to look at.
func (h *head) reopen(placer, filler string, o clinical.Origin) {
	ref := clinical.Order{Placer: placer, Filler: filler}
	for i := range h.P.Orders {
		it := &h.P.Orders[i]
		if !sameOrder(&it.V, &ref) || it.V.Status != clinical.Completed {
			continue
		}
		it.Was = slices.Insert(it.Was, 0, Version[clinical.Order]{V: it.V, Origin: it.Origin})
		it.V.Status, it.Origin = clinical.PartResult, o
	}
}

// samePrescription reports whether two messages speak of one prescription.
func samePrescription(a, b *clinical.Prescription) bool {
	if a.Placer != "" && b.Placer != "" {
		return a.Placer == b.Placer
	}
	return a.Filler != "" && a.Filler == b.Filler
}

// prescription folds one prescription. A message that only stops, holds or
// releases it names little else: dose and schedule stay as they were said. What
// people sign here stands over all that was known when they did; what another
// system says of it afterwards is weighed by [head.contest].
func (h *head) prescription(p clinical.Prescription, c *clinical.Change) {
	aside := p.Aside
	p.Aside = false
	same := func(b *clinical.Prescription) bool { return samePrescription(&p, b) }
	it := itemOf(p, c, "")
	if echoes(h.P.Medication, &it, "", func(b *clinical.Prescription) bool { return sameRx(b, &p) }) {
		return
	}
	i := indexItem(h.P.Medication, same)
	if i >= 0 && h.contest(&h.P.Medication[i], p, aside, c) {
		return
	}
	if aside && i >= 0 {
		fillPrescription(&p, &h.P.Medication[i].V)
	}
	if i >= 0 && c.Origin.Feed == Here {
		h.P.Medication[i].sign(p, c.Origin)
	} else {
		h.P.Medication = enter(h.P.Medication, itemOf(p, c, ""), same)
	}
	for i := range h.P.Medication {
		it := &h.P.Medication[i]
		if samePrescription(&it.V, &p) && it.V.Drug.Zero() && !p.Drug.Zero() { // its hold or stop came first
			fillPrescription(&it.V, &p)
		}
		if it.V.Key() == p.Key() {
			it.Cancelled = it.V.Status == clinical.Cancelled
		}
	}
}

// fillPrescription adds to n what only old says.
func fillPrescription(n, old *clinical.Prescription) {
	if n.Drug.Zero() {
		n.Drug = old.Drug
	}
	for _, f := range []struct{ to, from *string }{
		{&n.Placer, &old.Placer}, {&n.Filler, &old.Filler}, {&n.Substance, &old.Substance}, {&n.Strength, &old.Strength},
		{&n.Form, &old.Form}, {&n.Dose, &old.Dose}, {&n.Route, &old.Route}, {&n.Rate, &old.Rate}, {&n.MaxDaily, &old.MaxDaily},
		{&n.Indication, &old.Indication}, {&n.Note, &old.Note},
	} {
		*f.to = or(*f.to, *f.from)
	}
	if n.Scheme == "" && len(n.Times) == 0 && n.Interval == "" && !n.AsNeeded {
		n.Scheme, n.Times, n.Interval, n.AsNeeded = old.Scheme, old.Times, old.Interval, old.AsNeeded
	}
	if n.Start.IsZero() {
		n.Start = old.Start
	}
	if n.End.IsZero() {
		n.End = old.End
	}
	if n.By.Zero() {
		n.By = old.By
	}
}

// maxGiven is how many of the newest doses of a prescription the head knows at
// least, as many given ones and as many that were not: so that a retracted one
// uncovers the one before, and a refused one is not called overdue. Of the last
// givenBack it knows up to mostGiven, so that a drug given each hour is not
// called overdue either.
const (
	maxGiven  = 8
	mostGiven = 48
	givenBack = 26 * time.Hour
)

// given notes a dose for "last given" and for what is due.
func (h *head) given(d *clinical.Dose) {
	if d.Prescription == "" || d.At.IsZero() {
		return
	}
	name := doseKey(d)
	same := func(g lastGiven) bool { return g.Prescription == d.Prescription && g.ID == name }
	h.Given = slices.DeleteFunc(h.Given, same)
	if !answers(d.Status) {
		return
	}
	h.Given = append(h.Given, lastGiven{Prescription: d.Prescription, ID: name, At: d.At, Due: d.Due, Until: d.Until, Status: d.Status})
	n, oldest := 0, -1
	for i, g := range h.Given {
		if g.Prescription != d.Prescription || gave(g.Status) != gave(d.Status) {
			continue
		}
		n++
		if oldest < 0 || g.At.Before(h.Given[oldest].At) {
			oldest = i
		}
	}
	if n > maxGiven && (n > mostGiven || d.At.Sub(h.Given[oldest].At) > givenBack) {
		h.Given = slices.Delete(h.Given, oldest, oldest+1)
	}
}

// answersIn returns the newest answers to doses of the prescription.
func answersIn(group []*headDoc, p *clinical.Prescription) []Answer {
	var out []Answer
	for _, h := range group {
		for _, g := range h.Given {
			if ofPrescription(g.Prescription, p) {
				out = append(out, Answer{Due: g.Due, At: g.At, Until: g.Until, Status: g.Status})
			}
		}
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
