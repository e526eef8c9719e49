package interpret

import (
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// action reads an action code (HL7 tables 0206, 0323): A, D, U. One that is not
// sent adds.
func action(f hl7.Field) clinical.Action {
	switch fold(f.Text()) {
	case "D", "R", "DELETE", "REMOVE":
		return clinical.Cancel
	case "U", "UPDATE":
		return clinical.Update
	}
	return clinical.Insert
}

// allergy reads AL1. The list is a snapshot whose missing entries delete
// nothing; a null in AL1-3 deletes the sender's list.
func (r *reader) allergy(seg segment) {
	f := seg.Field(3)
	if f.Null() || f.Rep(0).Comp(1).Null() {
		r.emit(clinical.AllergyFact{Action: clinical.Cancel, ClearAll: true})
		return
	}
	a := clinical.Allergy{
		Kind: word(seg.Field(2)), To: r.codedField(f), Severity: word(seg.Field(4)),
		Reaction: joinReps(seg.Field(5)), Since: r.time(seg, 6),
	}
	r.emitAllergy(a, clinical.Insert, seg)
}

// adverse reads IAM (A60): allergies one by one, each with its action.
func (r *reader) adverse(seg segment) {
	f := seg.Field(3)
	if f.Null() {
		r.emit(clinical.AllergyFact{Action: clinical.Cancel, ClearAll: true})
		return
	}
	a := clinical.Allergy{
		Kind: word(seg.Field(2)), To: r.codedField(f), Severity: word(seg.Field(4)),
		Reaction: joinReps(seg.Field(5)), Since: r.time(seg, 11), Confirmed: label(r.codedField(seg.Field(17))),
	}
	r.emitAllergy(a, action(seg.Field(6)), seg)
}

func label(c clinical.Coded) string { return c.Label() }

func (r *reader) emitAllergy(a clinical.Allergy, act clinical.Action, seg segment) {
	if a.To.Zero() {
		return
	}
	none := r.s.noAllergy[fold(a.To.Code)] || r.s.noAllergy[fold(a.To.Text)]
	r.emit(clinical.AllergyFact{Allergy: a, Action: act, NoneKnown: none})
	r.alerts(seg, a.To, act)
}

// joinReps joins the repetitions of a text or coded field.
func joinReps(f hl7.Field) string {
	if f.Empty() || f.Null() {
		return ""
	}
	var list []string
	for _, rep := range f.Reps() {
		w := value(rep.Comp(2))
		if w == "" {
			w = value(rep.Comp(1))
		}
		if w != "" {
			list = append(list, w)
		}
	}
	return strings.Join(list, ", ")
}

// diagnosis reads DG1. Before v2.3 code, text and coding method are fields of
// their own (DG1-3, -4, -2).
func (r *reader) diagnosis(seg segment) {
	d := clinical.Diagnosis{
		ID: entity(seg.Field(20)), What: r.codedField(seg.Field(3)), Kind: word(seg.Field(6)),
		Priority: number(seg.Field(15).Text()), At: r.time(seg, 5), By: staffField(seg.Field(16)),
		Action: action(seg.Field(21)),
	}
	if d.What.Text == "" {
		d.What.Text = word(seg.Field(4))
	}
	if d.What.System == "" {
		d.What.System = r.s.system(word(seg.Field(2)))
	}
	if d.What.Code == "" && d.What.Text == "" {
		return
	}
	r.emit(d)
	r.alerts(seg, d.What, d.Action)
}

// procedure reads PR1.
func (r *reader) procedure(seg segment) {
	p := clinical.Procedure{
		ID: entity(seg.Field(19)), What: r.codedField(seg.Field(3)), At: r.time(seg, 5),
		By: staffField(seg.Field(11)), Action: action(seg.Field(20)),
	}
	if p.By.Zero() {
		p.By = staffField(seg.Field(12))
	}
	if p.What.Text == "" {
		p.What.Text = word(seg.Field(4))
	}
	if p.What.System == "" {
		p.What.System = r.s.system(word(seg.Field(2)))
	}
	if p.What.Code == "" && p.What.Text == "" {
		return
	}
	r.emit(p)
}

// insurance reads IN1. The fund's Institutionskennzeichen is the nine-digit one
// of its numbers; the insured number is IN1-36, or IN1-49.
func (r *reader) insurance(seg segment) {
	if seg.Field(2).Null() || seg.Field(3).Null() {
		r.emit(clinical.Insurance{Clear: true})
		return
	}
	in := clinical.Insurance{
		Fund: word(seg.Field(4)), Plan: label(r.codedField(seg.Field(2))), Number: word(seg.Field(36)),
		From: r.date(seg, 12), Until: r.date(seg, 13),
	}
	for _, rep := range seg.Field(3).Reps() {
		n := value(rep.Comp(1))
		if in.IK == "" || len(n) == 9 && strings.Trim(n, "0123456789") == "" && len(in.IK) != 9 {
			in.IK = n
		}
	}
	if in.Number == "" {
		in.Number = word(seg.Field(49))
	}
	if in != (clinical.Insurance{}) {
		r.emit(in)
	}
}

// contact reads NK1. A relation that names the mother links a newborn to her,
// where NK1-33 has her number.
func (r *reader) contact(seg segment) {
	relation := r.codedField(seg.Field(3))
	c := clinical.Contact{Relation: relation.Label(), Role: label(r.codedField(seg.Field(7)))}
	if f := seg.Field(2); !f.Empty() && !f.Null() {
		c.Name = personName(f.Rep(0))
	}
	if c.Name.Zero() && !seg.Field(30).Empty() { // NK1-30: contact person of an organisation
		c.Name = personName(seg.Field(30).Rep(0))
	}
	if c.Name.Zero() {
		c.Name.Family = word(seg.Field(13)) // NK1-13: organisation
	}
	c.Phones = append(phones(seg.Field(5)), phones(seg.Field(6))...)
	if len(c.Phones) == 0 {
		c.Phones = phones(seg.Field(31))
	}
	if c.Name.Zero() && len(c.Phones) == 0 {
		return
	}
	r.emit(c)
	if !r.s.motherRelation[fold(relation.Code)] {
		return
	}
	if ids := r.identifiers(seg.Field(33)); ids != nil {
		r.emit(clinical.Demographics{Mother: clinical.Say(ids[0]), Aside: true})
	}
}
