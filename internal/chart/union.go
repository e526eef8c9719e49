package chart

import (
	"cmp"
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// union returns the chart of one person from the heads of its identities, the
// survivor first: values by the newest statement, lists of all. The bulky
// lists are added by the view.
func union(r rules, group []*headDoc) *Patient {
	first := group[0]
	p := first.P
	p.IDs = slices.Clone(p.IDs)
	p.Linked = nil
	p.Names = slices.Clone(p.Names)
	stays := slices.Clone(first.Stays)
	lists := []func(*headDoc){
		joining(func(p *Patient) *[]Item[clinical.Allergy] { return &p.Allergies }, &p, sameAllergy),
		joining(func(p *Patient) *[]Item[clinical.Alert] { return &p.Alerts }, &p, func(a, b *clinical.Alert) bool {
			return a.Kind == b.Kind && sameCode(a.What, b.What)
		}),
		joining(func(p *Patient) *[]Item[clinical.Diagnosis] { return &p.Diagnoses }, &p, never),
		joining(func(p *Patient) *[]Item[clinical.Procedure] { return &p.Procedures }, &p, never),
		joining(func(p *Patient) *[]Item[clinical.Insurance] { return &p.Insurances }, &p, func(a, b *clinical.Insurance) bool {
			return a.IK == b.IK && a.Fund == b.Fund && a.Number == b.Number
		}),
		joining(func(p *Patient) *[]Item[clinical.Contact] { return &p.Contacts }, &p, func(a, b *clinical.Contact) bool {
			return a.Name == b.Name && a.Relation == b.Relation
		}),
		joining(func(p *Patient) *[]Item[clinical.Order] { return &p.Orders }, &p, sameOrder),
		joining(func(p *Patient) *[]Item[clinical.Prescription] { return &p.Medication }, &p, func(a, b *clinical.Prescription) bool {
			return a.Key() == b.Key() && a.Key() != "f"
		}),
		joining(func(p *Patient) *[]Item[clinical.Prescription] { return &p.Claims }, &p, samePrescription),
		joining(func(p *Patient) *[]Item[clinical.Appointment] { return &p.Appointments }, &p, sameAppointment),
		joining(func(p *Patient) *[]Item[clinical.Draft] { return &p.Drafts }, &p, never),
		joining(func(p *Patient) *[]Item[clinical.Notice] { return &p.Notices }, &p, never),
		joining(func(p *Patient) *[]Item[clinical.Review] { return &p.Reviews }, &p, func(a, b *clinical.Review) bool { return a.ID == b.ID }),
		joining(func(p *Patient) *[]Item[clinical.Request] { return &p.Requests }, &p, func(a, b *clinical.Request) bool { return a.ID == b.ID }),
		joining(func(p *Patient) *[]Item[clinical.Reply] { return &p.Replies }, &p, func(a, b *clinical.Reply) bool { return a.ID == b.ID }),
	}
	for _, h := range group[1:] {
		p.Seq = max(p.Seq, h.P.Seq)
		p.Told = max(p.Told, h.P.Told)
		p.Linked = append(p.Linked, Link{Key: h.P.Key, IDs: h.P.IDs, Origin: h.IntoBy})
		unionPerson(r, &p, &h.P)
		for _, join := range lists {
			join(h)
		}
		p.MoreDrafts = p.MoreDrafts || h.P.MoreDrafts
		p.Unheard = append(slices.Clip(p.Unheard), h.P.Unheard...)
		stays = append(stays, h.Stays...)
	}
	p.Stays = make([]Stay, 0, len(stays))
	for i := range stays {
		p.Stays = append(p.Stays, stays[i].public(r))
	}
	sortPatient(&p)
	return &p
}

func never[T any](*T, *T) bool { return false }

// joining returns a function that adds one list of another identity to p's. Of
// one entry on both sides the newer counts; but what was withdrawn under one
// number before the two were merged is not withdrawn under the other: a clerk
// who empties a doublet takes no allergy from the patient.
func joining[T any](list func(*Patient) *[]Item[T], p *Patient, same func(a, b *T) bool) func(*headDoc) {
	owned := false
	return func(other *headDoc) {
		src := *list(&other.P)
		if len(src) == 0 {
			return
		}
		dst := list(p)
		if !owned {
			*dst, owned = slices.Clone(*dst), true
		}
		for _, it := range src {
			i := indexItem(*dst, func(d *T) bool { return same(d, &it.V) })
			switch {
			case i < 0:
				*dst = append(*dst, it)
			case it.Cancelled && !(*dst)[i].Cancelled && !later(it.Origin, other.IntoBy):
			case (*dst)[i].Cancelled && !it.Cancelled && !later((*dst)[i].Origin, other.IntoBy):
				(*dst)[i] = it
			case later(it.Origin, (*dst)[i].Origin):
				(*dst)[i] = it
			}
		}
	}
}

// unionPerson adds what another identity knows of the person. Name and birth
// are the survivor's wherever it has them.
func unionPerson(r rules, p, o *Patient) {
	fill := func(have bool, take func()) {
		if !have {
			take()
		}
	}
	fill(p.Name.Known, func() { p.Name = o.Name })
	fill(p.BirthName.Known, func() { p.BirthName = o.BirthName })
	fill(p.Birth.Known, func() { p.Birth = o.Birth })
	fill(p.BirthTime.Known, func() { p.BirthTime = o.BirthTime })
	fill(p.Sex.Known, func() { p.Sex = o.Sex })
	fill(p.Mother.Known, func() { p.Mother, p.MotherKey = o.Mother, o.MotherKey })
	fill(p.Order.Known, func() { p.Order = o.Order })
	fill(p.Multiple.Known, func() { p.Multiple = o.Multiple })
	p.Address = newest(r, p.Address, o.Address)
	p.Phones = newest(r, p.Phones, o.Phones)
	p.Language = newest(r, p.Language, o.Language)
	p.Religion = newest(r, p.Religion, o.Religion)
	p.Citizen = newest(r, p.Citizen, o.Citizen)
	p.Died = newest(r, p.Died, o.Died)
	p.Dead = newest(r, p.Dead, o.Dead)
	p.NoneKnown = newest(r, p.NoneKnown, o.NoneKnown)
	for _, id := range o.IDs {
		if !slices.Contains(p.IDs, id) {
			p.IDs = append(p.IDs, id)
		}
	}
	add := func(n clinical.Name, by clinical.Origin) {
		if n.Zero() || n == p.Name.V || indexItem(p.Names, func(was *clinical.Name) bool { return *was == n }) >= 0 {
			return
		}
		p.Names = append(p.Names, Item[clinical.Name]{V: n, Origin: by})
	}
	p.Renamed = append(slices.Clip(p.Renamed), o.Renamed...)
	add(o.Name.V, o.Name.Origin)
	for _, n := range o.Names {
		add(n.V, n.Origin)
	}
}

// sortPatient puts every list into the order the model promises.
func sortPatient(p *Patient) {
	slices.SortStableFunc(p.Stays, func(a, b Stay) int {
		return cmp.Or(stayTime(&b).Compare(stayTime(&a)), cmp.Compare(b.Case, a.Case))
	})
	p.Orders = slices.Clone(p.Orders)
	slices.SortStableFunc(p.Orders, func(a, b Item[clinical.Order]) int {
		return cmp.Or(at(b.V.Requested, b.Origin).Compare(at(a.V.Requested, a.Origin)), cmp.Compare(b.Origin.Seq, a.Origin.Seq))
	})
	p.Medication = slices.Clone(p.Medication)
	slices.SortStableFunc(p.Medication, func(a, b Item[clinical.Prescription]) int {
		return cmp.Or(at(b.V.Start, b.Origin).Compare(at(a.V.Start, a.Origin)), cmp.Compare(b.Origin.Seq, a.Origin.Seq))
	})
	p.Appointments = slices.Clone(p.Appointments)
	slices.SortStableFunc(p.Appointments, func(a, b Item[clinical.Appointment]) int { return a.V.Start.Compare(b.V.Start) })
}

// stayTime orders stays: admission, else the plan, else the newest movement.
func stayTime(s *Stay) time.Time {
	switch {
	case s.Admitted.Known:
		return s.Admitted.V
	case s.ExpectedAdmit.Known:
		return s.ExpectedAdmit.V
	case s.Now.Known:
		return when(s.Now.Origin)
	case len(s.Movements) > 0:
		return when(s.Movements[len(s.Movements)-1].Origin)
	}
	return when(s.Class.Origin)
}

func at(t time.Time, o clinical.Origin) time.Time {
	if t.IsZero() {
		return when(o)
	}
	return t
}
