package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/paper"
	"notbetrieb/internal/staff"
)

// packDays is how far back a pack reaches.
const packDays = 14

func (s *Server) showPrint(v *visit) (http.Handler, error) {
	sess, err := v.needSession()
	if err != nil {
		return nil, err
	}
	if !staff.May(sess.Person, staff.Print) && !staff.May(sess.Person, staff.PrintHouse) {
		_, err := v.need(staff.Print)
		return nil, err
	}
	name := ""
	key := v.FormValue("patient")
	if key != "" {
		v.SetPathValue("key", key)
		o, res, err := s.patient(v, chart.Head(), staff.Print, "print/choose")
		if res != nil || err != nil {
			return res, err
		}
		name, key = o.p.Name.V.Display(), string(o.p.Key)
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	p := newPrintPage(h.House, f, v.FormValue("ward"), key, name, s.jobs.running(f))
	if !staff.May(sess.Person, staff.Print) {
		p.Wards = nil
	}
	return printPageT.of(p)
}

// head is what every sheet of one job says about itself.
func (s *Server) head(v *visit) paper.Head {
	return paper.Head{
		Hospital: s.c.House, Mode: v.mode, AsOf: s.asOf(v), Seq: v.view.Seq(), Printed: v.now, PrintedBy: v.session.Person.Name,
		Where: v.from(), Lang: v.lang, Zone: s.c.Zone,
	}
}

// asOf is the age of the data on sheets, the same that pages state.
func (s *Server) asOf(v *visit) time.Time {
	h, err := s.houseOf(v)
	if err != nil {
		return v.view.AsOf()
	}
	return DataAsOf(h.Feeds, v.mode)
}

func (s *Server) packOptions(v *visit, h *houseAt) paper.PackOptions {
	names := s.c.WardNames
	if names == nil {
		names = map[string]string{}
		for _, w := range h.Wards {
			names[w.Code] = w.Name
		}
	}
	double := s.c.Drugs.Double()
	return paper.PackOptions{Double: &double, Limits: s.c.Paper, Feeds: h.Feeds, Wards: names, Duplex: v.FormValue("duplex") != ""}
}

// printWard draws a ward's folder, or its list alone.
func (s *Server) printWard(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	w, err := view.Ward(v.Context(), v.FormValue("ward"))
	if err != nil {
		return nil, err
	}
	since, _ := strconv.ParseUint(strings.Map(digits, v.FormValue("since")), 10, 64) // empty is the whole folder
	listOnly := v.FormValue("list") != ""
	patients, keys, err := s.packOf(v.Context(), view, w, since, listOnly, v)
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%d Patienten", len(patients))
	if listOnly {
		what = fmt.Sprintf("Liste, %d Betten", len(w.Rows))
	}
	res, err := s.pass(v, want{right: staff.Print, page: "print/ward", ward: w.Code, what: what})
	if res != nil || err != nil {
		return res, err
	}
	if err := s.recordEach(v, w.Code, keys); err != nil {
		return nil, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	o := s.packOptions(v, h)
	if since > 0 {
		o.Changed = paper.ChangedOnly{Seq: since, Since: v.now}
		if rec, err := s.p.Journal.Get(v.Context(), seqType(since)); err == nil {
			o.Changed.Since = rec.Received.In(s.c.Zone)
		}
	}
	var b bytes.Buffer
	if listOnly {
		err = paper.WardList(&b, s.head(v), w, o)
	} else {
		err = paper.WardPack(&b, s.head(v), w, patients, o)
	}
	if err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "station-"+w.Code), nil
}

func digits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// packOf reads the charts of a ward's patients, with since only those changed
// by a later record.
func (s *Server) packOf(ctx context.Context, view *chart.View, w chart.Ward, since uint64, listOnly bool, v *visit) ([]*chart.Patient, []clinical.PatientKey, error) {
	if listOnly {
		return nil, nil, nil
	}
	var only []clinical.PatientKey
	if since > 0 {
		var err error
		if only, err = view.Changed(ctx, w.Code, since); err != nil {
			return nil, nil, err
		}
	}
	part := chart.All()
	part.Since = v.recentDays(packDays)
	var out []*chart.Patient
	var keys []clinical.PatientKey
	for _, r := range w.Rows {
		if r.Free || since > 0 && !slices.Contains(only, r.Key) {
			continue
		}
		p, err := view.Patient(ctx, r.Key, part)
		if err != nil {
			return nil, nil, err
		}
		out, keys = append(out, p), append(keys, p.Key)
	}
	return out, keys, nil
}

// recordEach records the read of every chart in a pack, so that an auditor who
// asks for one patient finds the pack.
func (s *Server) recordEach(v *visit, ward string, keys []clinical.PatientKey) error {
	record := s.packRead(v, ward)
	g, ctx := errgroup.WithContext(v.Context())
	g.SetLimit(16)
	for _, k := range keys {
		g.Go(func() error { return record(ctx, ward, k) })
	}
	return g.Wait()
}

// packRead returns what records one chart of a pack. gateWard is the ward that
// the gate was passed for, "" for the house. It may outlive the visit.
func (s *Server) packRead(v *visit, gateWard string) func(ctx context.Context, ward string, key clinical.PatientKey) error {
	declared := v.mode.Kind == incident.Emergency || v.mode.Kind == incident.Exercise
	right := staff.Print
	if gateWard == "" {
		right = staff.PrintHouse
	}
	r := staff.Read{
		Person: v.session.Person.ID, Name: v.session.Person.Name, Roles: v.session.Person.Roles, Session: v.session.ID, From: v.from(),
		Page: "print/pack", Mode: string(v.mode.Kind), AsOf: v.view.Seq(),
	}
	if d := s.p.Staff.MayRead(*v.session, declared, gateWard, "", right, v.now); d.Glass != nil {
		r.Glass, r.Reason = true, d.Glass.Reason
	}
	return func(ctx context.Context, ward string, key clinical.PatientKey) error {
		one := r
		one.Ward, one.Patient = ward, key
		_, err := s.p.Staff.RecordRead(ctx, one)
		return err
	}
}

// printPatient draws the sheets of one patient: /print/patient/{key}.pdf.
func (s *Server) printPatient(v *visit) (http.Handler, error) {
	key, ok := strings.CutSuffix(v.PathValue("file"), ".pdf")
	if !ok {
		return s.unknown(v)
	}
	v.SetPathValue("key", key)
	part := chart.All()
	part.Since = v.recentDays(packDays)
	o, res, err := s.patient(v, part, staff.Print, "print/patient")
	if res != nil || err != nil {
		return res, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	opt := s.packOptions(v, h)
	if o.near.Alike {
		opt.Row = &chart.Row{NamesAlike: true}
	}
	var b bytes.Buffer
	if err := paper.Patient(&b, s.head(v), o.p, opt); err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), "fall-"+string(o.kase)), nil
}

// printBands draws a wristband or a sheet of labels.
func (s *Server) printBands(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.Print, "print/"+strings.TrimSuffix(v.PathValue("file"), ".pdf"))
	if res != nil || err != nil {
		return res, err
	}
	var b bytes.Buffer
	switch v.PathValue("file") {
	case "wristband.pdf":
		band := paper.Band{Patient: o.p}
		size := s.c.Band
		if o.p.Mother.Known { // a newborn's wrist
			size = paper.NewbornBand()
		}
		if o.p.MotherKey != "" {
			if band.Mother, err = v.view.Patient(v.Context(), o.p.MotherKey, chart.Head()); err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
		}
		err = paper.Wristband(&b, s.head(v), []paper.Band{band}, size)
	case "labels.pdf":
		start, convErr := strconv.Atoi(v.FormValue("start"))
		if convErr != nil || start < 1 {
			start = 1
		}
		per := s.c.Labels.Cols * s.c.Labels.Rows
		err = paper.Labels(&b, s.head(v), []*chart.Patient{o.p}, s.c.Labels, max(per-start+1, 1), min(start, per))
	default:
		return s.unknown(v)
	}
	if err != nil {
		return nil, err
	}
	return pdf(b.Bytes(), strings.TrimSuffix(v.PathValue("file"), ".pdf")+"-"+string(o.kase)), nil
}

// pdf answers with a sheet that no cache may keep.
func pdf(body []byte, name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Type", "application/pdf")
		h.Set("Content-Disposition", `inline; filename="`+strings.Map(plainName, name)+`.pdf"`)
		h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

func plainName(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
		return r
	}
	return '-'
}

// printHouse starts the house job.
func (s *Server) printHouse(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	if _, err := s.charts(v); err != nil {
		return nil, err
	}
	h, err := s.houseOf(v)
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: staff.PrintHouse, page: "print/house", what: fmt.Sprintf("%d Patienten", h.Patients+h.Unplaced)})
	if res != nil || err != nil {
		return res, err
	}
	j, err := s.jobs.start(v.now, v.session.Person.ID, h.Patients+h.Unplaced)
	if err != nil {
		return nil, err
	}
	head, opt := s.head(v), s.packOptions(v, h)
	since := v.recentDays(packDays)
	wards := h.Wards
	record, lng := s.packRead(v, ""), v.lang
	go func() { // ends with the job or with Close
		body, err := s.drawHouse(j, head, opt, wardsOf{wards, since, lng, record})
		if err != nil {
			s.log.ErrorContext(j.ctx, "house folder not drawn", "err", err)
		}
		j.finish(body, err)
	}()
	return seeOther("/print/house/" + j.id), nil
}

func (s *Server) showJob(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.PrintHouse)
	if err != nil {
		return nil, err
	}
	id, isFile := strings.CutSuffix(v.PathValue("id"), ".pdf")
	j := s.jobs.find(id)
	if j == nil || j.by != sess.Person.ID {
		return nil, noSuch(lang.Text{DE: "Diesen Druckauftrag gibt es nicht mehr. Bitte neu zeichnen.", EN: "This print job is gone. Please draw it again."})
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	view := j.view(f)
	if !isFile || !view.Finished {
		return jobPageT.of(newJobPage(view, f))
	}
	if err := s.record(v, sess, staff.Decision{}, want{page: "print/house", what: fmt.Sprintf("%d Patienten", view.Done)}); err != nil {
		return nil, err
	}
	return pdf(j.bytes(), "hausmappe"), nil
}
