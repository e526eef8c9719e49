package interpret

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// merges reads A40 and its older forms (A18, A30, A34, A36, A39): each PID with
// each MRG that belongs to it. Only A18 and A36 are about numbers below the
// person too. A40 is not: many senders repeat the present case beside one of
// the other number's, and two stays made one could not be parted again by A37.
func (r *reader) merges() {
	event := r.eventCode()
	r.eachMerge(func(g *group) {
		r.mergePersons(g)
		if event == "A18" || event == "A36" {
			r.mergeCases(g, false)
		}
	})
}

// caseMerges reads A35, A41, A42, A49 and A50: one case number takes the place
// of another of the same person.
func (r *reader) caseMerges() { r.eachMerge(func(g *group) { r.mergeCases(g, true) }) }

// renumbers reads A46 and A47: the person has a new number.
func (r *reader) renumbers() {
	r.eachMerge(func(g *group) {
		old := r.identifiers(g.mrg.Field(1))
		if len(old) == 0 {
			r.noPrior(g, 1)
			return
		}
		r.emit(clinical.Renumber{Old: old})
	})
}

// caseMoves reads A44 and A45: a case goes to another person. Where the old
// case number differs, the case is renumbered too.
func (r *reader) caseMoves() {
	r.eachMerge(func(g *group) {
		stays, prior := r.caseNo, r.priorCase(g.mrg)
		if prior == "" {
			prior = stays
		}
		if prior == "" {
			r.noPrior(g, 5)
			return
		}
		r.caseNo = prior
		r.emit(clinical.CaseMove{From: r.identifiers(g.mrg.Field(1))})
		if stays != "" && stays != prior {
			r.caseNo = stays
			r.emit(clinical.Merge{FromCase: prior})
		}
	})
}

// eachMerge runs read for each PID and MRG of the message, in their order.
func (r *reader) eachMerge(read func(*group)) {
	for _, g := range r.groups(true) {
		r.enter(g.pid, g.pv1)
		r.guard("PID", func() { r.person(g.pid, false) })
		r.guard("MRG", func() { read(&g) })
	}
}

func (r *reader) mergePersons(g *group) {
	from := r.identifiers(g.mrg.Field(1))
	own := from[:0:0]
	for _, id := range from {
		if len(r.ids) == 0 || id.Value != r.ids[0].Value || id.Authority != r.ids[0].Authority {
			own = append(own, id)
		}
	}
	if len(own) == 0 {
		r.noPrior(g, 1)
		return
	}
	if len(r.ids) == 0 { // a case number cannot name the one who stays
		r.noSurvivor()
		return
	}
	r.emit(clinical.Merge{From: own})
}

func (r *reader) noSurvivor() {
	r.problem(NoPatient, "PID-3", lang.Text{
		DE: "Die Zusammenführung nennt nicht, welche Patientennummer bleibt.",
		EN: "The merge does not name the patient number that stays.",
	})
}

// mergeCases reads the prior case of MRG. It must be there where the event is
// about cases.
func (r *reader) mergeCases(g *group, must bool) {
	prior := r.priorCase(g.mrg)
	if r.caseNo == "" {
		r.caseNo = clinical.CaseNo(word(g.pid.Field(18)))
	}
	if prior != "" && r.caseNo != "" && prior != r.caseNo {
		r.emit(clinical.Merge{FromCase: prior})
		return
	}
	if must {
		r.noPrior(g, 5)
	}
}

// priorCase is MRG-5 (prior visit), else MRG-3 (prior account).
func (r *reader) priorCase(mrg segment) clinical.CaseNo {
	if n := word(mrg.Field(5)); n != "" {
		return clinical.CaseNo(n)
	}
	return clinical.CaseNo(word(mrg.Field(3)))
}

func (r *reader) noPrior(g *group, field int) {
	where := "MRG"
	if g.mrg.Exists() {
		where = r.where(g.mrg, field)
	}
	r.problem(BadValue, where, lang.Text{
		DE: "Die Nachricht nennt keine andere bisherige Nummer. Es wurde nichts zusammengeführt oder umgehängt.",
		EN: "The message names no other prior number. Nothing was merged or moved.",
	})
}

// unmerges reads A37: the two persons of the message are different ones.
func (r *reader) unmerges() {
	pids := r.m.All("PID")
	if len(pids) == 0 {
		r.noSurvivor()
		return
	}
	pv1, _ := r.first("PV1")
	var from []clinical.Identifier
	if len(pids) > 1 {
		from = r.identifiers(pids[1].Field(3))
	} else if mrg, ok := r.first("MRG"); ok {
		from = r.identifiers(mrg.Field(1))
	}
	r.enter(pids[0], pv1)
	if len(from) == 0 || len(r.ids) == 0 {
		r.noPrior(&group{}, 1)
		return
	}
	r.emit(clinical.Unmerge{From: from})
}

// deletions reads A29: the sender withdraws the person.
func (r *reader) deletions() {
	for _, g := range r.groups(false) {
		r.enter(g.pid, g.pv1)
		r.emit(clinical.PersonDeleted{})
	}
}

// byHand notes an event that a person has to decide.
func (r *reader) byHand() {
	r.hint()
	r.problem(ByHand, "", lang.Text{
		DE: "Dieses Ereignis (" + r.event.Meaning.DE + ") wird nicht von selbst übernommen. Bitte prüfen.",
		EN: "This event (" + r.event.Meaning.EN + ") is not applied by itself. Please check.",
	})
}

// nothing reads an event that carries nothing for the chart.
func (r *reader) nothing() {}
