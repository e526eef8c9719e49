package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func (s *Server) showHouse(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeHouse); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	h, err := s.houseAs(v, view) // not a second old: the page says as of which record it is
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := newHousePage(h.House, f)
	if s.c.Alarms != nil {
		p.Alarms = s.c.Alarms()
		for i := range p.Alarms {
			p.Alarms[i].Since = p.Alarms[i].Since.In(s.c.Zone)
		}
	}
	return housePageT.of(p)
}

func (s *Server) showWard(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	w, err := view.Ward(v.Context(), v.PathValue("code"))
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: staff.SeeWard, page: "ward", ward: w.Code, what: fmt.Sprintf("%d Betten", len(w.Rows))})
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := newWardPage(w, f, v.FormValue("show"))
	if p.Unheard, err = s.unheard(v, w.Code, f); err != nil {
		return nil, err
	}
	p.Done = v.FormValue("round") == "done"
	if f.User.Can(string(staff.SeeChart)) {
		p.Handover = "/ward/" + url.PathEscape(w.Code) + "/handover"
	}
	if open, declared := s.writable(v); s.p.Staff.MayWrite(*v.session, open, declared, w.Code, "", staff.WriteNursing, v.now).Verdict == staff.Allowed {
		p.writing()
	}
	return wardPageT.of(p)
}

// How many days back the pages look for what they do not show in full. The
// pages say so: nothing is called unsent that was only not looked for.
const (
	overviewDays = 4
	doseDays     = 14
)

// recentDays is how far the overview and the banner look back for results.
func (v *visit) recentDays(n int) time.Time { return midnight(v.now).AddDate(0, 0, -n) }

func (s *Server) showOverview(v *visit) (http.Handler, error) {
	if v.session != nil && !staff.May(v.session.Person, staff.SeeChart) && staff.May(v.session.Person, staff.SeeIdentity) {
		return seeOther("/patient/" + url.PathEscape(v.PathValue("key")) + "/course"), nil
	}
	o, res, err := s.patient(v, chart.Part{Lab: true, Vitals: true, Documents: true, Doses: true, Since: v.recentDays(overviewDays)}, staff.SeeChart, "chart/overview")
	if res != nil || err != nil {
		return res, err
	}
	p := newOverviewPage(o.p, o.frame, o.near)
	p.News = s.newsOf(v, o, p.Frame)
	return overviewPageT.of(p)
}

func (s *Server) showCurve(v *visit) (http.Handler, error) {
	week, _ := strconv.Atoi(v.FormValue("week")) // anything else is this week
	week = max(0, min(week, 500))
	part := chart.Part{Vitals: true, Doses: true, Since: v.recentDays(7*(week+2) + 1)}
	o, res, err := s.patient(v, part, staff.SeeResults, "chart/curve")
	if res != nil || err != nil {
		return res, err
	}
	if !o.frame.User.Can(string(staff.SeeMedication)) {
		o.p.Medication, o.p.Doses = nil, nil
	}
	return curvePageT.of(newCurvePage(o.p, o.frame, o.near, week))
}

func (s *Server) showMedication(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Part{Doses: true, Since: v.recentDays(doseDays)}, staff.SeeMedication, "chart/medication")
	if res != nil || err != nil {
		return res, err
	}
	page := newMedicationPage(o.p, o.frame, o.near)
	open, _ := s.writable(v)
	page.rxRights(o.frame, o.p.Key, open)
	return medicationPageT.of(page)
}

func (s *Server) showLab(v *visit) (http.Handler, error) {
	n, _ := strconv.Atoi(v.FormValue("page")) // anything else is the newest page
	o, res, err := s.patient(v, chart.Part{Lab: true}, staff.SeeResults, "chart/lab")
	if res != nil || err != nil {
		return res, err
	}
	return labPageT.of(newLabPage(o.p, o.frame, o.near, v.FormValue("group"), n))
}

func (s *Server) showFindings(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Part{Documents: true}, staff.SeeFindings, "chart/findings")
	if res != nil || err != nil {
		return res, err
	}
	return findingsPageT.of(newFindingsPage(o.p, o.frame, o.near, v.FormValue("section")))
}

func (s *Server) showFinding(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Part{Documents: true}, staff.SeeFindings, "chart/finding")
	if res != nil || err != nil {
		return res, err
	}
	if d, ok := findEdition(o.p.Documents, func(d chart.Item[clinical.Document]) bool { return documentID(d) == v.PathValue("id") }); ok {
		return findingPageT.of(newFindingPage(o.p, d, o.frame, o.near))
	}
	return nil, noSuch(lang.Text{DE: "Dieser Befund ist in der Akte nicht vorhanden.", EN: "This finding is not in the chart."})
}

func noSuch(say lang.Text) error { return fault.New(fault.NotFound, say) }

// shown are the media types a browser may show; everything else is only given
// out as a file.
func shown(media string) bool {
	switch media {
	case "application/pdf", "image/png", "image/jpeg", "image/gif":
		return true
	}
	return false
}

// showDocument gives out the bytes of an embedded document, as they came.
func (s *Server) showDocument(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Part{Documents: true}, staff.SeeFindings, "chart/document")
	if res != nil || err != nil {
		return res, err
	}
	where := v.PathValue("seq") + "/" + v.PathValue("segment")
	if d, ok := findEdition(o.p.Documents, func(d chart.Item[clinical.Document]) bool { return d.V.Body.Size > 0 && fileOf(d) == where }); ok {
		rec, err := s.p.Journal.Get(v.Context(), journal.Seq(carrier(d.Item)))
		if err != nil {
			return nil, err
		}
		body, err := chart.Body(rec, d.V.Body)
		if err != nil {
			return nil, err
		}
		return file(body, d.V.Media), nil
	}
	return nil, noSuch(lang.Text{DE: "Dieses Dokument ist in der Akte nicht vorhanden.", EN: "This document is not in the chart."})
}

// file answers with bytes that a sender gave us: never as a page of ours.
func file(body []byte, media string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'")
		h.Set("Content-Type", media)
		h.Set("Content-Disposition", "inline")
		if !shown(media) {
			h.Set("Content-Type", "application/octet-stream")
			h.Set("Content-Disposition", `attachment; filename="dokument"`)
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

func (s *Server) showOrders(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeChart, "chart/orders")
	if res != nil || err != nil {
		return res, err
	}
	return ordersPageT.of(newOrdersPage(o.p, o.frame, o.near))
}

func (s *Server) showAppointments(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeChart, "chart/appointments")
	if res != nil || err != nil {
		return res, err
	}
	return appointmentsPageT.of(newAppointmentsPage(o.p, o.frame, o.near))
}

func (s *Server) showCourse(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeIdentity, "chart/course")
	if res != nil || err != nil {
		return res, err
	}
	return coursePageT.of(newCoursePage(o.p, o.frame, o.near))
}

func (s *Server) showSources(v *visit) (http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeSources, "chart/sources")
	if res != nil || err != nil {
		return res, err
	}
	before, _ := strconv.ParseUint(v.FormValue("before"), 10, 64) // anything else is the newest page
	list, err := v.view.Sources(v.Context(), o.p.Key, before, sourcesPerPage)
	if err != nil {
		return nil, err
	}
	return sourcesPageT.of(newSourcesPage(o.p, list, o.frame, o.near))
}

// showPatientRecord shows a raw message, if it is one behind this chart.
func (s *Server) showPatientRecord(v *visit) (http.Handler, error) {
	seq, err := seqOf(v)
	if err != nil {
		return nil, err
	}
	o, res, err := s.patient(v, chart.Head(), staff.SeeSources, "raw")
	if res != nil || err != nil {
		return res, err
	}
	behind, err := v.view.Sources(v.Context(), o.p.Key, seq+1, 1)
	if err != nil {
		return nil, err
	}
	if len(behind) == 0 || behind[0].Seq != seq {
		return nil, noSuch(lang.Text{DE: "Diese Meldung gehört nicht zu dieser Akte.", EN: "This message does not belong to this chart."})
	}
	o.frame.Banner = newBanner(o.p, o.frame, "sources", o.near)
	return s.drawRecord(v, o.frame, seq, chart.UnreadFilter{Seq: seq})
}

func seqOf(v *visit) (uint64, error) {
	n, err := strconv.ParseUint(v.PathValue("seq"), 10, 64)
	if err != nil || n == 0 {
		return 0, noSuch(lang.Text{DE: "Diese Nummer gibt es nicht.", EN: "There is no such number."})
	}
	return n, nil
}

func (s *Server) drawRecord(v *visit, f Frame, seq uint64, filter chart.UnreadFilter) (http.Handler, error) {
	rec, err := s.p.Journal.Get(v.Context(), journal.Seq(seq))
	if err != nil {
		return nil, err
	}
	open, _, err := v.view.Unread(v.Context(), filter)
	if err != nil {
		return nil, err
	}
	filter.Aside = true
	aside, _, err := v.view.Unread(v.Context(), filter)
	if err != nil {
		return nil, err
	}
	items := append(open, aside...)
	lasts := make([]uint64, len(items))
	for i := range items {
		u := &items[i]
		if u.Count, u.First, lasts[i], err = v.view.Alike(v.Context(), *u); err != nil {
			return nil, err
		}
	}
	p := newRecordPage(rec, items, f)
	for i := range p.Missed {
		p.Missed[i].Last = lasts[i]
	}
	if f.User.Can(string(staff.SeeUnread)) {
		p.Aside = "/record/" + strconv.FormatUint(seq, 10) + "/aside"
	}
	return recordPageT.of(p)
}

// unreadOf returns the unread items of a record, the open ones and those set
// aside. A record without one is no business of the unread list.
func (s *Server) unreadOf(v *visit, seq uint64) ([]chart.Unread, error) {
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	var all []chart.Unread
	for _, aside := range []bool{false, true} {
		list, _, err := view.Unread(v.Context(), chart.UnreadFilter{Seq: seq, Aside: aside})
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	if len(all) == 0 {
		return nil, noSuch(lang.Text{DE: "Zu dieser Nummer ist nichts ungelesen. Die Meldung steht bei den Quellen der Akte.", EN: "Nothing is unread at this number. The message is among the sources of its chart."})
	}
	return all, nil
}

// showRecord shows the raw message of an unread item.
func (s *Server) showRecord(v *visit) (http.Handler, error) {
	if _, err := v.needSession(); err != nil {
		return nil, err
	}
	seq, err := seqOf(v)
	if err != nil {
		return nil, err
	}
	items, err := s.unreadOf(v, seq)
	if err != nil {
		return nil, err
	}
	w := want{right: staff.SeeSources, page: "raw", what: "Nr. " + strconv.FormatUint(seq, 10)}
	for _, u := range items {
		if u.Ward != "" {
			w.ward = u.Ward
		}
		if u.Key != "" {
			w.patient = clinical.PatientKey(u.Key)
		}
	}
	if res, err := s.pass(v, w); res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	f.At = "unread"
	return s.drawRecord(v, f, seq, chart.UnreadFilter{Seq: seq})
}
