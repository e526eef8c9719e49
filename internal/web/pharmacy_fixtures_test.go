package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// fixtureMedicated is a patient with a prescription made here, a remark on it
// and a request.
func fixtureMedicated() (*chart.Patient, rxItem) {
	p := fixturePatient()
	it := rxItem{Origin: org(88000, "here", time.Hour), V: clinical.Prescription{
		Placer: "NBRX", Drug: clinical.Coded{Text: "Amoxicillin"}, Strength: "1000 mg", Form: "Tablette", Dose: "1 Tbl.", Route: "p.o.", Scheme: "1-0-1-0",
		Start: ago(time.Hour), Status: clinical.InProgress, By: clinical.Staff{ID: "huber", Name: "Dr. K. Huber"},
	}}
	pharmacist := clinical.Staff{ID: "apotheke", Name: "K. Sommer"}
	p.Medication = append(p.Medication, it)
	p.Reviews = []chart.Item[clinical.Review]{{Origin: org(88001, "here", 40*time.Minute), V: clinical.Review{ID: "NBREV", Prescription: "NBRX", Of: 88000, By: pharmacist, At: ago(40 * time.Minute), Remark: "Niere: Abstand auf 12 h verlängern?"}}}
	p.Requests = []chart.Item[clinical.Request]{{Origin: org(88002, "here", 20*time.Minute), V: clinical.Request{ID: "NBREQ", Drug: "Heparin 25 000 IE", Amount: "5 Ampullen", Priority: "S", By: clinical.Staff{Name: "S. Weber"}, At: ago(20 * time.Minute)}}}
	return p, it
}

// pharmacyGallery draws the pages of the pharmacy's desk.
func pharmacyGallery(t testing.TB, add func(string, []byte, error), f Frame) {
	s := drugServer(t)
	p, it := fixtureMedicated()
	o := &opened{p: p, frame: f, near: around{Weight: fixtureWeight()}, ward: "3A"}
	r := httptest.NewRequest(http.MethodGet, "/patient/x/pharmacy", nil)
	v := &visit{Request: r, now: theNow, mode: incident.Mode{Kind: incident.Emergency}, session: &staff.Session{Person: fixturePeople()[0]}}
	page := func(name string, h http.Handler, err error) {
		rec := httptest.NewRecorder()
		if err == nil {
			h.ServeHTTP(rec, r)
		}
		add(name, rec.Body.Bytes(), err)
	}
	bare := f
	bare.Banner = nil
	task := chart.Task{
		Kind: chart.TaskReview, Key: p.Key, Case: "4711001", Name: p.Name.V, Birth: p.Birth.V, Place: clinical.Place{Ward: "3A", Room: "301", Bed: "F"}, At: ago(time.Hour), Prescription: it,
	}
	remark, request := task, task
	remark.Kind, remark.Review, remark.Place.Ward = chart.TaskRemark, p.Reviews[0], "3B"
	request.Kind, request.Request = chart.TaskRequest, p.Requests[0]
	tasks := []chart.Task{task, remark, request}
	for _, x := range pharmacyFilters {
		list := pharmacyPage{Frame: bare.titled("desk/pharmacy", lang.Text{DE: "Apotheke", EN: "Pharmacy"}), Waiting: 3, Total: 4, Table: s.tableLine(), Done: true}
		for _, t := range list.choose(tasks, x.name, "") {
			if t.Kind == chart.TaskRequest {
				list.Requests = append(list.Requests, newRequestRow(t, f))
				continue
			}
			list.Rows = append(list.Rows, newPharmacyRow(t, s.c.Drugs.Table.Check(it.V, factsOf(p, o.near, theNow)), f))
		}
		draw(add, "pharmacy"+x.name, pharmacyPageT, list)
	}
	h, err := s.drawReview(v, http.StatusOK, o, reviewing{it: it, key: "k", of: "88000", back: "/desk/pharmacy"}, []entry.Mistake{{Field: "amount", Say: lang.Text{DE: "Die abgegebene Menge fehlt.", EN: "The amount dispensed is missing."}}})
	page("review", h, err)
	h, err = s.drawReply(v, http.StatusOK, o, answering{id: "NBREQ", what: "Heparin 25 000 IE 5 Ampullen", by: "S. Weber", at: f.stamp(ago(time.Hour)), request: true, form: entry.RequestAnswered}, "k", nil)
	page("reply", h, err)
	draw(add, "medication-pharmacy", medicationPageT, newMedicationPage(p, f, o.near))
}
