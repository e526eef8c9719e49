package web

import (
	"fmt"
	"net/http"
	"net/url"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/staff"
)

// want is what a page is about to show about patients.
type want struct {
	right   staff.Right
	page    string // "chart/lab", "ward", "search", …
	ward    string
	patient clinical.PatientKey
	kase    clinical.CaseNo
	what    string // how much, no health data
}

// pass is the gate: session, right, recorded read. It returns nil, nil when the
// page may go out, and it does so only after the read is durable. Otherwise it
// returns where the reader must go first, or an error.
func (s *Server) pass(v *visit, w want) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	d := s.p.Staff.MayRead(sess, v.declared(), w.ward, w.patient, w.right, v.now)
	switch d.Verdict {
	case staff.Allowed:
	case staff.NeedsGlass:
		return s.toGlass(v, w.ward, w.patient), nil
	case staff.Denied:
		return nil, fault.New(fault.Forbidden, d.Say)
	default:
		return nil, fault.New(fault.Forbidden, d.Say)
	}
	return nil, s.record(v, sess, d, w)
}

// toGlass leads to the page that asks for a reason. That page carries a form
// that was sent, so that what was typed is not lost where the patient was moved
// or the outage ended meanwhile.
func (s *Server) toGlass(v *visit, ward string, patient clinical.PatientKey) http.Handler {
	if c := s.carry(v); c != nil {
		ask := glassAsk{patient: string(patient), back: c.Path, carried: c}
		if patient == "" {
			ask.ward = ward
		}
		if res, err := s.drawGlass(v, http.StatusForbidden, ask); err == nil {
			return res
		}
	}
	q := url.Values{"back": {v.URL.RequestURI()}}
	if v.Method != http.MethodGet { // the form is sent again by hand, from the page it stands on
		q.Set("back", v.cameFrom())
	}
	if patient != "" {
		q.Set("patient", string(patient))
	} else if ward != "" {
		q.Set("ward", ward)
	}
	return seeOther("/glass?" + q.Encode())
}

// record writes the read into the journal and returns when it is durable.
func (s *Server) record(v *visit, sess staff.Session, d staff.Decision, w want) error {
	r := staff.Read{
		Person: sess.Person.ID, Name: sess.Person.Name, Roles: sess.Person.Roles, Session: sess.ID, From: v.from(),
		Patient: w.patient, Case: w.kase, Ward: w.ward, Page: w.page, What: w.what, Mode: string(v.mode.Kind),
	}
	if v.view != nil {
		r.AsOf = v.view.Seq()
	}
	if d.Glass != nil {
		r.Glass, r.Reason = true, d.Glass.Reason
	}
	if _, err := s.p.Staff.RecordRead(v.Context(), r); err != nil {
		return fmt.Errorf("read not recorded: %w", err)
	}
	return nil
}

// opened is a patient's chart that may be shown.
type opened struct {
	p     *chart.Patient
	frame Frame
	near  around
	ward  string
	kase  clinical.CaseNo
}

// patient opens the chart named in the address with the parts asked for,
// passes the gate for it and makes the frame.
func (s *Server) patient(v *visit, part chart.Part, right staff.Right, page string) (*opened, http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, nil, err
	}
	p, err := view.Patient(v.Context(), clinical.PatientKey(v.PathValue("key")), part)
	if err != nil {
		return nil, nil, err
	}
	o := &opened{p: p}
	if st, ok := p.Current(); ok {
		o.ward, o.kase = st.Now.V.Ward, st.Case
	}
	res, err := s.pass(v, want{right: right, page: page, ward: o.ward, patient: p.Key, kase: o.kase})
	if res != nil || err != nil {
		return nil, res, err
	}
	if o.near, err = s.around(v, p, o.ward); err != nil {
		return nil, nil, err
	}
	o.frame, err = s.frame(v)
	return o, nil, err
}

// around asks the ward for whom the patient can be confused with and for the
// patient's children.
func (s *Server) around(v *visit, p *chart.Patient, ward string) (around, error) {
	var n around
	w, ok, err := v.view.NewestVital(v.Context(), p.Key, v.recentDays(weightDays), isWeight)
	if err != nil {
		return n, err
	}
	if ok {
		n.Weight = &w.V
	}
	if ward == "" {
		return n, nil
	}
	near, err := s.neighbours(v, ward)
	if err != nil {
		return n, err
	}
	n.Alike = near.alike[p.Key]
	n.Children = near.children[p.Key]
	return n, nil
}

// neighbours is what one ward says about confusable names and newborns, as of
// one record.
type neighbours struct {
	seq      uint64
	alike    map[clinical.PatientKey]bool
	children map[clinical.PatientKey][]linkView
}

// maxNeighbours is how many wards are kept.
const maxNeighbours = 200

// neighbours reads a ward once for each record that the charts show, not once
// for each chart page.
func (s *Server) neighbours(v *visit, ward string) (neighbours, error) {
	seq := v.view.Seq()
	s.nearMu.Lock()
	n, ok := s.near[ward]
	s.nearMu.Unlock()
	if ok && n.seq == seq {
		return n, nil
	}
	w, err := v.view.Ward(v.Context(), ward)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return neighbours{}, err
	}
	n = neighbours{seq: seq, alike: map[clinical.PatientKey]bool{}, children: map[clinical.PatientKey][]linkView{}}
	for _, r := range w.Rows {
		if r.NamesAlike {
			n.alike[r.Key] = true
		}
		if r.Mother != "" {
			n.children[r.Mother] = append(n.children[r.Mother], linkView{Key: r.Key, Text: r.Name.Display() + " *" + r.Birth.German()})
		}
	}
	s.nearMu.Lock()
	defer s.nearMu.Unlock()
	if len(s.near) >= maxNeighbours {
		clear(s.near)
	}
	s.near[ward] = n
	return n, nil
}
