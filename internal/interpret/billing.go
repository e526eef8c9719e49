package interpret

import (
	"notbetrieb/internal/clinical"
)

// billing reads BAR and DFT for diagnoses, procedures and cover, and REF, which
// refers a patient. They move nobody, and what they say of person and stay
// fills gaps only.
func (r *reader) billing() {
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, true) })
		r.guard("PV1", func() { r.visit(&g) })
		for _, seg := range g.all {
			if seg.Name() != "OBX" {
				r.guarded(seg, r.list)
			}
		}
		for _, p := range r.panels(&g) {
			r.guard("OBR", func() { r.panel(&p) })
		}
	}
}

// problems reads PPR (PC1 to PC3): a problem list as diagnoses.
func (r *reader) problems() {
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, true) })
		r.guard("PV1", func() { r.visit(&g) })
		for _, seg := range g.all {
			if seg.Name() == "PRB" {
				r.guarded(seg, r.problemSegment)
			}
		}
		r.ownSegments(&g)
	}
}

func (r *reader) problemSegment(seg segment) {
	d := clinical.Diagnosis{
		ID: entity(seg.Field(4)), What: r.codedField(seg.Field(3)), Kind: "problem", At: r.time(seg, 2), Action: clinical.Insert,
	}
	if t := r.time(seg, 16); !t.IsZero() { // onset
		d.At = t
	}
	switch fold(seg.Field(1).Text()) { // HL7 table 0287
	case "DE", "D":
		d.Action = clinical.Cancel
	case "UP", "UC", "CO", "U":
		d.Action = clinical.Update
	}
	if d.What.Zero() {
		return
	}
	r.emit(d)
}
