package interpret

import "slices"

// group is the segments of one patient within a message: a PID and what follows
// it up to the next PID.
type group struct {
	pid, pd1, pv1, pv2, mrg segment
	zbe                     []segment
	all                     []segment
}

// groups parts a message by its patients. A message without PID is one group
// (a PV1 with a case number can stand alone). Where one patient has several
// visits (A45) or several MRG, each MRG or PV1 after the first begins a group
// of the same PID.
func (r *reader) groups(splitVisits bool) []group {
	segs := r.segments()
	r.out.Changes = slices.Grow(r.out.Changes, len(segs)+1)
	list := make([]group, 0, 1)
	var g *group
	begin := func(pid segment) {
		list = append(list, group{pid: pid})
		g = &list[len(list)-1]
	}
	for i, seg := range segs {
		name := seg.Name()
		switch name {
		case "MSH", "EVN", "SFT", "UAC":
			continue
		case "PID":
			begin(seg)
		}
		if g == nil {
			begin(segment{})
		}
		if splitVisits && (name == "MRG" && g.mrg.Exists() || name == "PV1" && g.pv1.Exists()) {
			begin(g.pid)
		}
		switch name {
		case "PD1":
			g.pd1 = seg
		case "PV1":
			if !g.pv1.Exists() {
				g.pv1 = seg
			}
		case "PV2":
			if !g.pv2.Exists() {
				g.pv2 = seg
			}
		case "MRG":
			if !g.mrg.Exists() {
				g.mrg = seg
			}
		case "ZBE":
			g.zbe = append(g.zbe, seg)
		}
		if g.all == nil {
			g.all = segs[i:i:len(segs)]
		}
		g.all = append(g.all, seg)
	}
	return list
}

// adt reads admission, transfer, discharge and changes of a person's data.
func (r *reader) adt() {
	evn, _ := r.first("EVN")
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, false) })
		r.guard("PV1", func() { r.stay(g.pv1, g.pv2, false) })
		r.guard("ZBE", func() { r.movements(&g, evn) })
		r.lists(&g)
	}
}

// lists reads the segments that can follow any PID: allergies, diagnoses,
// cover, contacts, observations, the site's own.
func (r *reader) lists(g *group) {
	for _, seg := range g.all {
		r.guarded(seg, r.list)
	}
	r.alertsOfVisit(g)
}

// list reads one segment of a list; others it leaves alone.
func (r *reader) list(seg segment) {
	switch name := seg.Name(); name {
	case "AL1":
		r.allergy(seg)
	case "IAM":
		r.adverse(seg)
	case "DG1":
		r.diagnosis(seg)
	case "PR1":
		r.procedure(seg)
	case "IN1":
		r.insurance(seg)
	case "NK1":
		r.contact(seg)
	case "OBX":
		r.observationAside(seg)
	default:
		if rules := r.f.segments[name]; rules != nil {
			r.ownSegment(seg, rules)
		}
	}
}
