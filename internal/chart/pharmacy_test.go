package chart

import (
	"testing"

	"notbetrieb/internal/clinical"
)

// pharmacyWork is the kinds of what waits at the pharmacy, in the order of time.
func (w *world) pharmacyWork() []TaskKind {
	w.t.Helper()
	var out []TaskKind
	for _, t := range w.work(WorkQuery{Kinds: []TaskKind{TaskReview, TaskRemark, TaskRequest}}) {
		out = append(out, t.Kind)
	}
	return out
}

func (w *world) waits(when string, want ...TaskKind) {
	w.t.Helper()
	got := w.pharmacyWork()
	same := len(got) == len(want)
	for i := range got {
		same = same && got[i] == want[i]
	}
	if !same {
		w.t.Errorf("%s: waits %v, want %v", when, got, want)
	}
}

func TestAPrescriptionMadeHereWaitsForAPharmacist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	pharmacist := clinical.Staff{ID: "apotheke", Name: "K. Sommer"}
	rx := clinical.Prescription{Placer: "NB1", Drug: clinical.Coded{Text: "Pantoprazol"}, Dose: "1 Tbl.", Status: clinical.InProgress}
	w.send("kis", of("100", "1", clinical.Prescription{Placer: "K1", Drug: clinical.Coded{Text: "Ramipril"}, Status: clinical.InProgress}))
	w.waits("of the KIS")
	first := w.send(Here, of("100", "1", rx))
	w.waits("made here", TaskReview)
	review := clinical.Review{ID: "R1", Prescription: "NB1", Of: first, By: pharmacist, At: w.now}
	w.send(Here, of("100", "1", review))
	w.waits("reviewed")

	rx.Dose = "2 Tbl."
	second := w.send(Here, of("100", "1", rx))
	w.waits("changed", TaskReview)
	remark := clinical.Review{ID: "R2", Prescription: "NB1", Of: second, By: pharmacist, At: w.now, Remark: "zu viel?"}
	said := w.send(Here, of("100", "1", remark))
	w.waits("remarked", TaskRemark)
	w.send(Here, of("100", "1", clinical.Reply{ID: "A0", To: "R2", Of: said - 1, By: pharmacist, At: w.now}))
	w.waits("answered as it stood before", TaskRemark)
	w.send(Here, of("100", "1", clinical.Reply{ID: "A1", To: "R2", Of: said, By: pharmacist, At: w.now}))
	w.waits("noted")
	w.send(Here, of("100", "1", clinical.Reply{ID: "A1", To: "R2", Of: said, By: pharmacist, At: w.now, Off: true}))
	w.waits("the note was an error", TaskRemark)
	remark.Off = true
	w.send(Here, of("100", "1", remark))
	w.waits("the remark was an error", TaskReview)
	rx.Status = clinical.Cancelled
	w.send(Here, of("100", "1", rx))
	w.waits("stopped")

	request := clinical.Request{ID: "Q1", Drug: "Heparin", Amount: "5", At: w.now}
	asked := w.send(Here, of("100", "1", request))
	w.waits("asked", TaskRequest)
	w.send(Here, of("100", "1", clinical.Reply{ID: "A2", To: "Q1", Of: asked, By: pharmacist, At: w.now}))
	w.waits("answered")
	request.Amount = "10"
	w.send(Here, of("100", "1", request))
	w.waits("corrected", TaskRequest)
	p := w.patient("100")
	if len(p.Reviews) != 2 || len(p.Requests) != 1 || len(p.Replies) != 3 {
		t.Errorf("%d reviews, %d requests, %d replies", len(p.Reviews), len(p.Requests), len(p.Replies))
	}
}

func TestWhatThePharmacySaidStaysWithAMergedPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Müller", "Anna", place("3A", "302", "F"))
	rx := clinical.Prescription{Placer: "NB1", Drug: clinical.Coded{Text: "Pantoprazol"}, Status: clinical.InProgress}
	seq := w.send(Here, of("200", "2", rx))
	w.send(Here, of("200", "2", clinical.Review{ID: "R1", Prescription: "NB1", Of: seq, At: w.now}))
	w.send("kis", of("100", "", clinical.Merge{From: []clinical.Identifier{id("200")}}))
	w.waits("merged")
	if p := w.patient("100"); len(p.Medication) != 1 || len(p.ReviewsOf(&p.Medication[0].V)) != 1 {
		t.Errorf("%+v", p.Reviews)
	}
}
