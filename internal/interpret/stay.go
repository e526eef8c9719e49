package interpret

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// stay reads PV1 and PV2 apart from movements.
func (r *reader) stay(pv1, pv2 segment, aside bool) {
	if !pv1.Exists() && !pv2.Exists() {
		return
	}
	d := clinical.StayDetails{
		Class: r.class(pv1.Field(2)), PatientType: saidLabel(pv1.Field(18)), Service: saidLabel(pv1.Field(10)),
		Attending: saidStaff(pv1.Field(7)), Referring: saidStaff(pv1.Field(8)), Consulting: saidStaff(pv1.Field(9)),
		Admitting: saidStaff(pv1.Field(17)), Admitted: r.saidTime(pv1, 44), Discharged: r.saidTime(pv1, 45),
		Disposition: saidLabel(pv1.Field(36)), Aside: aside || r.f.aside,
	}
	if pv2.Exists() {
		d.ExpectedAdmit, d.ExpectedDischarge = r.saidTime(pv2, 8), r.saidTime(pv2, 9)
		if said := saidLabel(pv2.Field(3)); !said.Silent() {
			d.Reason = said
		}
		if p := r.place(pv2, 1); !p.Zero() {
			d.Expecting = clinical.Say(p)
		}
	}
	if f := pv1.Field(42); f.Null() {
		d.Expecting = clinical.Clear[clinical.Place]()
	} else if p := r.place(pv1, 42); !p.Zero() {
		d.Expecting = clinical.Say(p)
	}
	if d != (clinical.StayDetails{Aside: d.Aside}) {
		r.emit(d)
	}
}

// class reads PV1-2. A class that the tables do not have says nothing.
func (r *reader) class(f hl7.Field) clinical.Said[clinical.Class] {
	if f.Null() {
		return clinical.Clear[clinical.Class]()
	}
	if c, ok := r.s.classes[fold(f.Text())]; ok && c != "" {
		return clinical.Say(c)
	}
	return clinical.Said[clinical.Class]{}
}

// place reads a place (PL) of a segment: by the feed's rules for places of
// their own form, else component by component; then the ward's alias.
func (r *reader) place(seg segment, n int) clinical.Place {
	f := seg.Field(n)
	if f.Empty() || f.Null() {
		return clinical.Place{}
	}
	rep := f.Rep(0)
	comp := func(n int) string {
		if n == 0 {
			return ""
		}
		return trim(rep.Comp(n).Sub(1))
	}
	at := r.f.place
	p := clinical.Place{Ward: comp(at.Ward), Room: comp(at.Room), Bed: comp(at.Bed), Facility: comp(at.Facility)}
	if len(r.f.places) > 0 {
		whole := p.Ward + "^" + p.Room + "^" + p.Bed
		for _, rule := range r.f.places {
			m := rule.match.FindStringSubmatchIndex(whole)
			if m == nil {
				continue
			}
			p.Ward = string(rule.match.ExpandString(nil, rule.ward, whole, m))
			p.Room = string(rule.match.ExpandString(nil, rule.room, whole, m))
			p.Bed = string(rule.match.ExpandString(nil, rule.bed, whole, m))
			break
		}
	}
	if p.Ward == "" {
		return p
	}
	code, ok := r.s.wards[fold(p.Ward)]
	if ok {
		p.Ward = code
	} else if r.s.closed && n != 6 { // a prior ward may have been closed long ago
		r.problem(UnknownWard, r.where(seg, n), lang.Text{
			DE: "Die Station „" + shown(p.Ward) + "“ steht nicht in der Stationstabelle. Der Patient wird unter diesem Kürzel geführt.",
			EN: "The ward \"" + shown(p.Ward) + "\" is not in the table of wards. The patient is shown under this code.",
		})
	}
	if r.out.Ward == "" {
		r.out.Ward = p.Ward
	}
	return p
}
