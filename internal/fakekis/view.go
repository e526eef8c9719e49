package fakekis

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
)

// Patient is a person as the KIS knows that one.
type Patient struct {
	Number string // PID-3.1, the KIS's own where it has one
	Others []string
	Name   clinical.Name
	Birth  clinical.Date
	Sex    clinical.Sex
	Died   time.Time
	Into   string // number of the person that this one was merged into; "" if none
	Stays  []Stay
}

// Stay is one stay of a patient.
type Stay struct {
	Case       clinical.CaseNo
	Class      clinical.Class
	Place      clinical.Place
	Admitted   time.Time
	Discharged time.Time
	Away       bool // on leave
	Cancelled  bool
}

// view is what the KIS made of the messages that it took, and of its own doings.
type view struct {
	persons map[string]*Patient
	facts   map[string][]kept
	also    map[string]string // another number of a person
}

// kept is a fact under the name by which a later one supersedes it.
type kept struct {
	name string
	fact clinical.Fact
	all  []clinical.Fact // every state it had, the first one first
}

func newView() view {
	return view{persons: map[string]*Patient{}, facts: map[string][]kept{}, also: map[string]string{}}
}

// find follows other numbers and merges to the person; nil if unknown.
func (v *view) find(number string) *Patient {
	for range 16 {
		if as, ok := v.also[number]; ok {
			number = as
		}
		p := v.persons[number]
		if p == nil || p.Into == "" {
			return p
		}
		number = p.Into
	}
	return nil
}

func (v *view) person(number string) *Patient {
	if p := v.find(number); p != nil {
		return p
	}
	p := &Patient{Number: number}
	v.persons[number] = p
	return p
}

// fold adds what a message says.
func (v *view) fold(r interpret.Reading) {
	for _, c := range r.Changes {
		if len(c.IDs) == 0 {
			continue
		}
		p := v.person(c.IDs[0].Value)
		v.apply(p, c)
		if name := nameOf(c.What); name != "" {
			v.keep(p.Number, name, c.What)
		}
	}
}

func (v *view) keep(number, name string, f clinical.Fact) {
	list := v.facts[number]
	if d, ok := f.(clinical.Document); ok && d.Replaces != "" {
		if i := slices.IndexFunc(list, func(k kept) bool { return k.name == "document "+d.Replaces }); i >= 0 {
			list[i].name = name
		}
	}
	i := slices.IndexFunc(list, func(k kept) bool { return k.name == name })
	if i < 0 {
		v.facts[number] = append(list, kept{name: name, fact: f, all: []clinical.Fact{f}})
		return
	}
	list[i].fact, list[i].all = f, append(list[i].all, f)
}

// nameOf says what a fact is about; "" for what only repeats what is known.
func nameOf(f clinical.Fact) string {
	before := func(s, sep string) string { s, _, _ = strings.Cut(s, sep); return s }
	switch f := f.(type) {
	case clinical.Demographics:
		if f.Aside {
			return ""
		}
		return "person"
	case clinical.StayDetails:
		if f.Aside {
			return ""
		}
		return "stay"
	case clinical.Movement:
		if f.Kind == clinical.StaySnapshot {
			return ""
		}
		return "movement " + cmp.Or(f.ID, string(f.Kind)+f.Start.UTC().String())
	case clinical.Result:
		f.SubID = before(f.SubID, "@")
		return "result " + f.Key()
	case clinical.Order:
		if f.Aside {
			return ""
		}
		return "order " + cmp.Or(f.Placer, f.Filler)
	case clinical.Document:
		return "document " + f.ID
	case clinical.Prescription:
		return "prescription " + f.Key()
	case clinical.Dose:
		return "dose " + before(f.ID, "@")
	case clinical.AllergyFact:
		return "allergy " + f.To.Code + f.To.Text
	case clinical.Alert:
		return "alert " + string(f.Kind) + f.What.Code + f.What.Text
	case clinical.Diagnosis:
		return "diagnosis " + cmp.Or(f.ID, f.What.Code+f.What.Text)
	case clinical.Procedure:
		return "procedure " + cmp.Or(f.ID, f.What.Code+f.What.Text)
	case clinical.Insurance:
		return "insurance " + f.IK + f.Number
	case clinical.Contact:
		return "contact " + f.Name.Family + f.Name.Given
	}
	return ""
}

// apply changes person and stays.
func (v *view) apply(p *Patient, c clinical.Change) {
	switch f := c.What.(type) {
	case clinical.Demographics:
		if !f.Aside {
			p.say(f)
		}
	case clinical.StayDetails:
		if s := p.stay(c.Case); s != nil && !f.Aside {
			s.say(f)
		}
	case clinical.Movement:
		if s := p.stay(c.Case); s != nil {
			s.move(f)
		}
	case clinical.Merge:
		for _, id := range f.From {
			v.merge(p, id.Value)
		}
	}
}

// merge makes from one with p.
func (v *view) merge(p *Patient, from string) {
	old := v.person(from)
	if old == p {
		return
	}
	old.Into = p.Number
	p.Others = append(p.Others, old.Number)
	p.Stays = append(p.Stays, old.Stays...)
	old.Stays = nil
	v.facts[p.Number] = append(v.facts[p.Number], v.facts[old.Number]...)
	delete(v.facts, old.Number)
}

func put[T any](to *T, s clinical.Said[T]) {
	if v, ok := s.Value(); ok || s.Cleared() {
		*to = v
	}
}

func (p *Patient) say(f clinical.Demographics) {
	put(&p.Name, f.Name)
	put(&p.Birth, f.Birth)
	put(&p.Sex, f.Sex)
	put(&p.Died, f.Died)
}

// stay returns the stay of that number, a new one if there is none; nil without
// a number.
func (p *Patient) stay(no clinical.CaseNo) *Stay {
	if no == "" {
		return nil
	}
	i := slices.IndexFunc(p.Stays, func(s Stay) bool { return s.Case == no })
	if i < 0 {
		p.Stays = append(p.Stays, Stay{Case: no})
		i = len(p.Stays) - 1
	}
	return &p.Stays[i]
}

func (s *Stay) say(f clinical.StayDetails) {
	put(&s.Class, f.Class)
	put(&s.Admitted, f.Admitted)
	put(&s.Discharged, f.Discharged)
}

// move applies a movement.
func (s *Stay) move(m clinical.Movement) {
	back := m.Action == clinical.Cancel
	switch m.Kind {
	case clinical.StaySnapshot, clinical.PlanTransfer, clinical.PlanDischarge, clinical.PlanAdmission, clinical.Departing:
		return
	case clinical.Admission, clinical.Visit:
		s.Cancelled = back
		if !back {
			s.Admitted = m.Start
		}
	case clinical.Discharge:
		s.Discharged = m.Start
		if back {
			s.Discharged = time.Time{}
		}
	case clinical.LeaveStart:
		s.Away = !back
	case clinical.LeaveEnd:
		s.Away = back
	case clinical.Transfer, clinical.ClassChange, clinical.Arriving:
	}
	if !m.To.Zero() && !m.Historic {
		s.Place = m.To
	}
	if m.Class != "" {
		s.Class = m.Class
	}
}

// Patients returns everybody the KIS knows, by number; those merged into others
// too.
func (k *KIS) Patients() []Patient {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]Patient, 0, len(k.view.persons))
	for _, n := range slices.Sorted(maps.Keys(k.view.persons)) {
		out = append(out, copied(k.view.persons[n]))
	}
	return out
}

// Patient returns the person with that number, also one of before a merge; false
// if the KIS knows none.
func (k *KIS) Patient(number string) (Patient, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.view.find(number)
	if p == nil {
		return Patient{}, false
	}
	return copied(p), true
}

func copied(p *Patient) Patient {
	out := *p
	out.Others, out.Stays = slices.Clone(p.Others), slices.Clone(p.Stays)
	return out
}

// Facts returns what the KIS knows of a patient as it stands now: each fact in
// its last state, in the order in which it first came.
func (k *KIS) Facts(number string) []clinical.Fact {
	return k.each(number, func(f kept) []clinical.Fact { return []clinical.Fact{f.fact} })
}

// History returns every state that each fact of a patient had.
func (k *KIS) History(number string) []clinical.Fact {
	return k.each(number, func(f kept) []clinical.Fact { return f.all })
}

func (k *KIS) each(number string, of func(kept) []clinical.Fact) (out []clinical.Fact) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.view.find(number)
	if p == nil {
		return nil
	}
	for _, f := range k.view.facts[p.Number] {
		out = append(out, of(f)...)
	}
	return out
}
