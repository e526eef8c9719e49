package interpret

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// identifier reads one CX. An identifier without authority has the feed's.
func (r *reader) identifier(rep hl7.Rep) clinical.Identifier {
	id := clinical.Identifier{Value: value(rep.Comp(1)), Type: fold(rep.Comp(5).Text())}
	if id.Value == "" || rep.Comp(1).Null() {
		return clinical.Identifier{}
	}
	id.Authority = r.authority(rep.Comp(4))
	return id
}

// authority maps an assigning authority to its canonical spelling: by the
// site's aliases over the whole component, its name or its OID.
func (r *reader) authority(c hl7.Comp) string {
	name := trim(c.Sub(1))
	if len(r.s.aliases) > 0 {
		for _, as := range [...]string{value(c), name, trim(c.Sub(2))} {
			if canon, ok := r.s.aliases[as]; ok && as != "" {
				return canon
			}
		}
	}
	if name == "" {
		name = trim(c.Sub(2))
	}
	return name
}

// settle fills in the feed's authority for identifiers that can be the
// hospital's own number.
func (r *reader) settle(id clinical.Identifier) clinical.Identifier {
	if id.Authority == "" && r.rank(id) >= 0 {
		id.Authority = r.f.authority
	}
	return id
}

// rank says how good an identifier is as the hospital's own number: its type's
// place in the feed's list, -1 if it cannot be one.
func (r *reader) rank(id clinical.Identifier) int {
	t := id.Type
	if t == "" {
		t = "-"
	}
	for i, want := range r.f.types {
		if want == t {
			return i
		}
	}
	return -1
}

// identifiers reads a field of CX (PID-3, MRG-1): the hospital's own number
// first, then the others in the order sent. Where none can be the hospital's
// own number there are no identifiers at all: a health insurance number alone
// names nobody here.
func (r *reader) identifiers(f hl7.Field) []clinical.Identifier {
	if f.Empty() {
		return nil
	}
	all := make([]clinical.Identifier, 0, 2)
	best, bestScore := -1, 0
	for _, rep := range f.Reps() {
		id := r.settle(r.identifier(rep))
		if id.Value == "" {
			continue
		}
		if rank := r.rank(id); rank >= 0 {
			score := 1000 - rank
			if r.s.own != "" && id.Authority == r.s.own {
				score += 10_000
			}
			if r.s.here != "" && id.Authority == r.s.here {
				score -= 500
			}
			if score > bestScore {
				best, bestScore = len(all), score
			}
		}
		all = append(all, id)
	}
	if best < 0 {
		return nil
	}
	own := all[best]
	copy(all[1:best+1], all[:best])
	all[0] = own
	return all
}

// enter makes a PID (and the PV1 that belongs to it) the patient at hand.
func (r *reader) enter(pid, pv1 segment) {
	ids := r.identifiers(pid.Field(3))
	r.scope = scope{ids: ids, pv1: pv1}
	r.caseNo = r.readCase(pid, pv1)
	r.homeless = false
	if r.out.IDs == nil {
		r.out.IDs = ids
	}
	if r.out.Case == "" {
		r.out.Case = r.caseNo
	}
}

// readCase finds the case number where the feed has it.
func (r *reader) readCase(pid, pv1 segment) clinical.CaseNo {
	for _, p := range r.f.casePaths {
		var seg segment
		switch p.segment {
		case "PID":
			seg = pid
		case "PV1":
			seg = pv1
		default:
			seg, _ = r.first(p.segment)
		}
		if n := value(seg.Field(p.field).Comp(p.comp)); n != "" {
			return clinical.CaseNo(n)
		}
	}
	return ""
}
