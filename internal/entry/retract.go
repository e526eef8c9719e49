package entry

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
)

// Retract returns what takes the facts of an entry back: each stays in the
// chart as history, struck out.
func Retract(facts Facts) Facts {
	var out Facts
	for _, f := range facts {
		switch f := f.(type) {
		case clinical.Result:
			f.Status = clinical.Withdrawn
			out = append(out, f)
		case clinical.Document:
			f.Status = clinical.Withdrawn
			out = append(out, f)
		case clinical.Dose:
			f.Status = clinical.Retracted
			out = append(out, f)
		case clinical.Order:
			f.Status = clinical.Cancelled
			out = append(out, f)
		case clinical.Prescription:
			f.Status = clinical.Cancelled
			out = append(out, f)
		case clinical.AllergyFact:
			f.Action = clinical.Cancel
			out = append(out, f)
		case clinical.Alert:
			f.Action = clinical.Cancel
			out = append(out, f)
		case clinical.Diagnosis:
			f.Action = clinical.Cancel
			out = append(out, f)
		case clinical.Procedure:
			f.Action = clinical.Cancel
			out = append(out, f)
		case clinical.Movement:
			f.Action = clinical.Cancel
			out = append(out, f)
		case clinical.Appointment:
			f.Status = clinical.Removed
			out = append(out, f)
		case clinical.Review:
			f.Off = true
			out = append(out, f)
		case clinical.Request:
			f.Off = true
			out = append(out, f)
		case clinical.Reply:
			f.Off = true
			out = append(out, f)
		case clinical.Merge:
			out = append(out, clinical.Unmerge{From: f.From})
		case clinical.Demographics:
			if dead, said := f.Dead.Value(); said && dead { // the patient lives; what else was said of the person stays until it is said anew
				out = append(out, clinical.Demographics{Died: clinical.Clear[time.Time](), Dead: clinical.Say(false)})
			}
		case clinical.StayDetails:
			if _, said := f.Disposition.Value(); said {
				out = append(out, clinical.StayDetails{Disposition: clinical.Clear[string]()})
			}
		}
	}
	return out
}

// Supersede returns the facts of a correction: first what takes back those of
// the old version that the new one no longer says, then the new ones. In this
// order a fact stands even where a chart takes the old and the new one for the
// same thing: a diagnosis that gets its code, a name spelt otherwise. What has
// no number of its own is always taken back first and said anew, so that each
// entry says it once.
func Supersede(old, facts Facts) Facts {
	said := map[string]bool{}
	for _, f := range facts {
		if !numberless(f) {
			said[identity(f)] = true
		}
	}
	out := make(Facts, 0, len(facts))
	for _, f := range old {
		switch f := f.(type) {
		case clinical.Demographics: // a death that was no death
			if dead, _ := f.Dead.Value(); dead && !slices.ContainsFunc(facts, saysDead) {
				out = append(out, Retract(Facts{f})...)
			}
		case clinical.StayDetails:
			if _, said := f.Disposition.Value(); said && !slices.ContainsFunc(facts, saysDisposition) {
				out = append(out, Retract(Facts{f})...)
			}
		}
		if id := identity(f); id != "" && !said[id] {
			out = append(out, Retract(Facts{f})...)
		}
	}
	for _, f := range facts {
		if r, ok := f.(clinical.Result); ok && r.Status == clinical.Final {
			r.Status = clinical.Corrected
			f = r
		}
		out = append(out, f)
	}
	return out
}

func saysDead(f clinical.Fact) bool {
	d, ok := f.(clinical.Demographics)
	dead, _ := d.Dead.Value()
	return ok && dead
}

func saysDisposition(f clinical.Fact) bool {
	d, ok := f.(clinical.StayDetails)
	_, said := d.Disposition.Value()
	return ok && said
}

// numberless reports whether charts know a fact by its words, not by a number.
func numberless(f clinical.Fact) bool {
	switch f.(type) {
	case clinical.AllergyFact, clinical.Alert, clinical.Diagnosis, clinical.Procedure:
		return true
	}
	return false
}

// identity names what a fact speaks of, "" where it speaks of the person.
func identity(f clinical.Fact) string {
	switch f := f.(type) {
	case clinical.Result:
		return "result " + f.Key()
	case clinical.Document:
		return "document " + f.ID
	case clinical.Dose:
		return "dose " + f.ID
	case clinical.Order:
		return "order " + f.Placer + f.Filler
	case clinical.Prescription:
		return "prescription " + f.Key()
	case clinical.AllergyFact:
		return "allergy " + f.To.Code + f.To.Text
	case clinical.Alert:
		return "alert " + string(f.Kind) + f.What.Code + f.What.Text
	case clinical.Diagnosis:
		return "diagnosis " + f.What.Code + f.What.Text + f.Kind
	case clinical.Procedure:
		return "procedure " + f.What.Code + f.What.Text
	case clinical.Movement:
		return "movement " + f.ID
	case clinical.Appointment:
		return "appointment " + f.Key()
	case clinical.Review:
		return "review " + f.ID
	case clinical.Request:
		return "request " + f.ID
	case clinical.Reply:
		return "reply " + f.ID
	}
	return ""
}
