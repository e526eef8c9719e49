package web

import (
	"slices"

	"notbetrieb/internal/callout"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// This file is the one place that says who may know of an incident. Whatever a
// page shows of incidents, of call-outs, of evidence and of legal holds comes
// through here: what somebody may not know of is not there for them.

// mayKnow reports whether the person who looks may know of the incident. One
// that is kept among few is known to its circle, to those who lead crises, and to
// auditors; to nobody else, administrators among them.
func mayKnow(p *staff.Person, c *crisis.Crisis) bool {
	return !c.Few() || p != nil && (staff.May(*p, staff.LeadCrisis) || staff.May(*p, staff.ReviewAccess) || c.Circle(p.ID))
}

// knows reports whether the one who looks may know of the incident.
func (v *visit) knows(c *crisis.Crisis) bool {
	if v.session == nil {
		return mayKnow(nil, c)
	}
	return mayKnow(&v.session.Person, c)
}

// knowsOf is [visit.knows] by the ID of an incident; of none everybody may know.
func (s *Server) knowsOf(v *visit, id string) bool {
	if id == "" {
		return true
	}
	c, err := s.p.Crisis.Crisis(id)
	return err != nil || v.knows(c)
}

// incidents are those that the one who looks may know of, the newest first.
func (s *Server) incidents(v *visit) []*crisis.Crisis {
	return slices.DeleteFunc(s.p.Crisis.All(), func(c *crisis.Crisis) bool { return !v.knows(c) })
}

// crisisOf is an incident that the one who looks may know of; any other is not
// there.
func (s *Server) crisisOf(v *visit, id string) (*crisis.Crisis, error) {
	c, err := s.p.Crisis.Crisis(id)
	if err == nil && !v.knows(c) {
		_, err = s.p.Crisis.Crisis("") // the same words as for one that nobody opened
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// evacuationOf is an incident for those who bring patients out. An evacuation is
// everybody's: of one that belongs to an incident they may not know of they see
// all but what that incident is.
func (s *Server) evacuationOf(v *visit, id string) (*crisis.Crisis, error) {
	c, err := s.p.Crisis.Crisis(id)
	if err != nil || v.knows(c) {
		return c, err
	}
	if !c.Evacuation.Ordered.Done() {
		return s.crisisOf(v, id)
	}
	veiled := *c
	veiled.Title, veiled.Kind = c.Outside(), ""
	return &veiled, nil
}

// evacuations are the IDs of the evacuations that run in incidents that the one
// who looks may not know of.
func (s *Server) evacuations(v *visit) []string {
	var out []string
	for _, c := range s.p.Crisis.All() {
		if c.Evacuation.Runs() && !v.knows(c) {
			out = append(out, c.ID)
		}
	}
	return out
}

// breaches are the lines of the register that the one who looks may know of.
func (s *Server) breaches(v *visit) []crisis.Breach {
	return slices.DeleteFunc(s.p.Crisis.Register(), func(b crisis.Breach) bool { return !v.knows(b.Crisis) })
}

// callouts are those that tell of nothing that the one who looks may not know of.
func (s *Server) callouts(v *visit) []*callout.Callout {
	return slices.DeleteFunc(s.p.Callout.All(), func(c *callout.Callout) bool { return !s.knowsCallout(v, c) })
}

func (s *Server) knowsCallout(v *visit, c *callout.Callout) bool {
	return s.knowsOf(v, c.Crisis) && !slices.ContainsFunc(c.Of, func(o callout.Occasion) bool { return !s.knowsOf(v, o.Crisis) })
}

// calloutOf is a call-out of [Server.callouts]; any other is not there.
func (s *Server) calloutOf(v *visit, id string) (*callout.Callout, error) {
	c, err := s.p.Callout.Callout(id)
	if err == nil && !s.knowsCallout(v, c) {
		return s.p.Callout.Callout("")
	}
	return c, err
}

// itemOf is an item of evidence from an incident that the one who looks may know
// of; any other is not there.
func (s *Server) itemOf(v *visit, id string) (*evidence.Item, error) {
	i, err := s.p.Evidence.Item(id)
	if err == nil && !s.knowsOf(v, i.Case) {
		return s.p.Evidence.Item("")
	}
	return i, err
}

// labelled is the item with the label, if the one who looks may know of it; nil
// for none.
func (s *Server) labelled(v *visit, label string) *evidence.Item {
	if i := s.p.Evidence.ByLabel(label); i != nil && s.knowsOf(v, i.Case) {
		return i
	}
	return nil
}

// caseOf is what was secured in an incident that the one who looks may know of;
// nil for nothing.
func (s *Server) caseOf(v *visit, id string) *evidence.Case {
	if c := s.p.Evidence.Case(id); c != nil && s.knowsOf(v, c.ID) {
		return c
	}
	return nil
}

// holds are the legal holds but for those that belong to an incident that the
// one who looks may not know of. They hold nevertheless.
func (s *Server) holds(v *visit) []evidence.Hold {
	return slices.DeleteFunc(s.p.Evidence.Holds(), func(h evidence.Hold) bool { return !s.knowsOf(v, h.Scope.Case) })
}

// standingHolds are those of [Server.holds] that stand.
func (s *Server) standingHolds(v *visit) []evidence.Hold {
	return slices.DeleteFunc(s.holds(v), func(h evidence.Hold) bool { return !h.Stands() })
}

// holdOf refuses an act on a hold that is not one of [Server.holds].
func (s *Server) holdOf(v *visit, id string) error {
	if slices.ContainsFunc(s.holds(v), func(h evidence.Hold) bool { return h.ID == id }) {
		return nil
	}
	return fault.New(fault.NotFound, lang.Text{DE: "Diesen Sperrvermerk gibt es hier nicht.", EN: "There is no such hold here."})
}
