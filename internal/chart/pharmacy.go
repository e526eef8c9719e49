package chart

import (
	"slices"

	"notbetrieb/internal/clinical"
)

// struck is the action of a statement that may have been made in error.
func struck(off bool) clinical.Action {
	if off {
		return clinical.Cancel
	}
	return ""
}

// pharmacy keeps what the pharmacy and the wards say to each other, each
// statement under its ID.
func (h *head) pharmacy(f clinical.Fact, c *clinical.Change) {
	p := &h.P
	switch f := f.(type) {
	case clinical.Review:
		p.Reviews = enter(p.Reviews, itemOf(f, c, struck(f.Off)), func(b *clinical.Review) bool { return b.ID == f.ID })
	case clinical.Request:
		p.Requests = enter(p.Requests, itemOf(f, c, struck(f.Off)), func(b *clinical.Request) bool { return b.ID == f.ID })
	case clinical.Reply:
		p.Replies = enter(p.Replies, itemOf(f, c, struck(f.Off)), func(b *clinical.Reply) bool { return b.ID == f.ID })
	}
}

// ReviewsOf returns what pharmacists said of a prescription and did not take
// back, newest first.
func (p *Patient) ReviewsOf(rx *clinical.Prescription) []Item[clinical.Review] {
	var out []Item[clinical.Review]
	for _, it := range p.Reviews {
		if !it.Cancelled && ofPrescription(it.V.Prescription, rx) {
			out = append(out, it)
		}
	}
	slices.SortStableFunc(out, func(a, b Item[clinical.Review]) int { return b.V.At.Compare(a.V.At) })
	return out
}

// Reviewed reports whether a pharmacist looked at the prescription as it stands.
func (p *Patient) Reviewed(rx *Item[clinical.Prescription]) bool {
	return slices.ContainsFunc(p.ReviewsOf(&rx.V), func(r Item[clinical.Review]) bool { return r.V.Of >= rx.Origin.Seq })
}

// ReplyTo returns the newest answer to a statement of a person: the one with
// that ID and journal number. Nil for none.
func (p *Patient) ReplyTo(id string, seq uint64) *Item[clinical.Reply] {
	var best *Item[clinical.Reply]
	for i := range p.Replies {
		it := &p.Replies[i]
		if !it.Cancelled && it.V.To == id && it.V.Of >= seq && (best == nil || it.V.At.After(best.V.At)) {
			best = it
		}
	}
	return best
}

// Unanswered reports whether a review has a remark of which no physician took
// note.
func (p *Patient) Unanswered(r *Item[clinical.Review]) bool {
	return r.V.Remark != "" && !r.Cancelled && p.ReplyTo(r.V.ID, r.Origin.Seq) == nil
}

// pharmacyTasks returns what waits at the pharmacy, and of what it said. Nothing
// waits for somebody who left.
func pharmacyTasks(p *Patient, base Task) []Task {
	if base.State == Left {
		return nil
	}
	var out []Task
	for i := range p.Medication {
		it := &p.Medication[i]
		if it.Cancelled || !it.V.Status.Open() {
			continue
		}
		t := base
		t.Prescription, t.Section = *it, clinical.Pharmacy
		t.Prescription.Was = t.Prescription.Was[:min(len(t.Prescription.Was), 1)]
		if it.Origin.Feed == Here && !p.Reviewed(it) {
			t.Kind, t.At = TaskReview, when(it.Origin)
			out = append(out, t)
		}
		for _, r := range p.ReviewsOf(&it.V) {
			if p.Unanswered(&r) {
				t.Kind, t.At, t.Review = TaskRemark, r.V.At, r
				out = append(out, t)
			}
		}
	}
	for _, it := range p.Requests {
		if it.Cancelled || p.ReplyTo(it.V.ID, it.Origin.Seq) != nil {
			continue
		}
		t := base
		t.Kind, t.Section, t.At, t.Request = TaskRequest, clinical.Pharmacy, it.V.At, it
		out = append(out, t)
	}
	return out
}
