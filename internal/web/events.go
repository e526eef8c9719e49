package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// eventPage is the report of an event.
type eventPage struct {
	Frame
	Form     eventForm
	Kinds    []choice
	Degrees  []choice
	Factors  []choice
	Problems []problem
	Resumed  bool
	Mine     []eventRow // what this person reported with a name
	Thanks   bool
}

// eventForm is the report as typed.
type eventForm struct {
	Key       string
	What      string
	At        string
	Ward      string
	Kind      harm.EventKind
	Degree    harm.Degree
	Factors   []harm.Factor
	Why       string
	Helped    string
	Patient   clinical.PatientKey
	Anonymous bool
}

// eventsPage lists the reports for those who work on them.
type eventsPage struct {
	Frame
	Rows []eventRow
	Tabs []filterLink
}

// eventRow is one report in a list. It never says which patient it is about.
type eventRow struct {
	ID       string
	At       stamp
	Stored   stamp
	Ward     string
	Kind     lang.Text
	Degree   lang.Text
	Grave    bool
	What     string
	By       string
	Status   lang.Text
	Measures string

	status harm.Status
}

// eventOnePage is one report with what follows from it.
type eventOnePage struct {
	Frame
	Row      eventRow
	Factors  []lang.Text
	Why      string
	Helped   string
	About    bool // a chart is named; it is not shown here
	Exercise bool
	Key      string
	Seen     uint64
	Statuses []choice
	Measures string
	ReviewBy string
	ReviewAt stamp
	Problems []problem
	Resumed  bool
}

// harmExportPage asks what leaves the house.
type harmExportPage struct {
	Frame
	Lines   int
	Reports int
}

var (
	eventPageT      = parse[eventPage]("event")
	eventsPageT     = parse[eventsPage]("events")
	eventOnePageT   = parse[eventOnePage]("eventone")
	harmExportPageT = parse[harmExportPage]("harmexport")
)

func (s *Server) showEventForm(v *visit) (http.Handler, error) {
	form := eventForm{Key: desk.NewKey(), Patient: clinical.PatientKey(v.FormValue("patient"))}
	if v.session != nil && len(v.session.Person.Wards) == 1 {
		form.Ward = v.session.Person.Wards[0]
	}
	return s.drawEventForm(v, http.StatusOK, form, nil)
}

// drawEventForm draws the form; a report about a chart is written under the
// patient's banner and by the gate of that chart.
func (s *Server) drawEventForm(v *visit, code int, form eventForm, problems []problem) (http.Handler, error) {
	sess, err := v.need(staff.ReportEvent)
	if err != nil {
		return nil, err
	}
	f := s.bare(v)
	if form.Patient != "" {
		v.SetPathValue("key", string(form.Patient))
		o, res, err := s.patient(v, chart.Head(), staff.SeeIdentity, "event")
		if res != nil || err != nil {
			return res, err
		}
		f, form.Patient = o.frame, o.p.Key
		f.Banner = newBanner(o.p, f, "harm", o.near)
		if form.Ward == "" {
			form.Ward = o.ward
		}
	} else if f, err = s.frame(v); err != nil {
		f = s.bare(v) // an event can be reported although no chart can be read
	}
	p := newEventPage(form, f, problems)
	p.Resumed, p.Thanks = v.resumed, v.FormValue("sent") != ""
	for _, r := range s.p.Harm.Reports() {
		if r.By != nil && r.By.Person == sess.Person.ID && len(p.Mine) < 20 {
			p.Mine = append(p.Mine, newEventRow(r, f))
		}
	}
	return eventPageT.status(code, p)
}

func newEventPage(form eventForm, f Frame, problems []problem) eventPage {
	p := eventPage{Frame: f.titled("event", lang.Text{DE: "Ereignis melden", EN: "Report an event"}), Form: form, Problems: problems}
	for _, k := range harm.EventKinds() {
		p.Kinds = append(p.Kinds, choice{string(k), eventKindWord(k), k == form.Kind})
	}
	for _, d := range harm.Degrees() {
		p.Degrees = append(p.Degrees, choice{string(d), degreeWord(d), d == form.Degree})
	}
	for _, x := range harm.Factors() {
		p.Factors = append(p.Factors, choice{string(x), factorWord(x), slices.Contains(form.Factors, x)})
	}
	return p
}

func eventFormOf(v *visit) eventForm {
	form := eventForm{
		Key: v.PostFormValue("key"), What: strings.TrimSpace(v.PostFormValue("what")), At: strings.TrimSpace(v.PostFormValue("at")),
		Ward: strings.TrimSpace(v.PostFormValue("ward")), Kind: harm.EventKind(v.PostFormValue("kind")), Degree: harm.Degree(v.PostFormValue("degree")),
		Why: strings.TrimSpace(v.PostFormValue("why")), Helped: strings.TrimSpace(v.PostFormValue("helped")),
		Patient: clinical.PatientKey(v.PostFormValue("patient")), Anonymous: v.PostFormValue("anonymous") != "",
	}
	for _, x := range harm.Factors() {
		if slices.Contains(v.PostForm["factor"], string(x)) {
			form.Factors = append(form.Factors, x)
		}
	}
	return form
}

// reportEvent stores a report. Of an anonymous one nothing is kept that says
// who wrote it: neither in the record nor in the log.
func (s *Server) reportEvent(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReportEvent)
	if err != nil {
		return nil, err
	}
	form := eventFormOf(v)
	if v.resumed {
		return s.drawEventForm(v, http.StatusOK, form, nil)
	}
	if form.Patient != "" { // the gate of the chart it is about
		v.SetPathValue("key", string(form.Patient))
		o, res, err := s.patient(v, chart.Head(), staff.SeeIdentity, "event")
		if res != nil || err != nil {
			return res, err
		}
		form.Patient = o.p.Key
	}
	e := harm.Event{
		What: form.What, Ward: form.Ward[:min(len(form.Ward), 40)], Kind: form.Kind, Degree: form.Degree, Factors: form.Factors, Why: form.Why, Helped: form.Helped,
		Patient: form.Patient, Exercise: v.mode.Kind == incident.Exercise,
	}
	at, err := parseSince(form.At, v.now)
	if err == nil {
		e.At = at
	}
	if wrong := e.Check(form.Anonymous, v.now); len(wrong) > 0 {
		var problems []problem
		for _, field := range []string{"what", "at", "kind", "degree", "why", "helped", "anonymous"} {
			if say, ok := wrong[field]; ok {
				problems = append(problems, problem{field, say})
			}
		}
		return s.drawEventForm(v, http.StatusUnprocessableEntity, form, problems)
	}
	var by *harm.Act
	if !form.Anonymous {
		by = &harm.Act{Person: sess.Person.ID, Name: sess.Person.Name}
	}
	if _, err := s.p.Harm.Submit(v.Context(), form.Key, by, e); err != nil {
		switch k := fault.KindOf(err); k {
		case fault.Invalid, fault.Conflict, fault.Unavailable:
			if k == fault.Conflict {
				form.Key = desk.NewKey()
			}
			return s.drawEventForm(v, status(k), form, []problem{{Say: fault.Say(err)}})
		case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unsigned, fault.Corrupt:
		}
		return nil, err
	}
	return seeOther("/event?sent=1"), nil
}

func newEventRow(r harm.Report, f Frame) eventRow {
	e := &r.Event
	row := eventRow{
		ID: r.ID, At: f.stamp(e.At), Stored: f.stamp(r.Stored), Ward: e.Ward, Kind: eventKindWord(e.Kind), Degree: degreeWord(e.Degree),
		Grave: e.Degree == harm.Temporary || e.Degree == harm.Lasting, What: e.What, Status: eventStatusWord(r.Status), Measures: r.Measures, status: r.Status,
	}
	if r.By != nil {
		row.By = r.By.Name
	}
	return row
}

func (s *Server) showEvents(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewHarm)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := newEventsPage(s.p.Harm.Reports(), v.FormValue("show") == "all", f)
	if err := s.record(v, sess, staff.Decision{}, want{page: "events", what: fmt.Sprintf("%d Meldungen", len(p.Rows))}); err != nil {
		return nil, err
	}
	return eventsPageT.of(p)
}

func newEventsPage(reports []harm.Report, all bool, f Frame) eventsPage {
	p := eventsPage{Frame: f.titled("events", lang.Text{DE: "Ereignismeldungen", EN: "Reports of events"})}
	p.Refresh = true
	open := 0
	for _, r := range reports {
		if r.Status != harm.Closed {
			open++
		}
		if all || r.Status != harm.Closed {
			p.Rows = append(p.Rows, newEventRow(r, f))
		}
	}
	p.Tabs = []filterLink{
		{"/events", lang.Text{DE: "offen", EN: "open"}, open, !all}, {"/events?show=all", lang.Text{DE: "alle", EN: "all"}, len(reports), all},
	}
	return p
}

func (s *Server) showEvent(v *visit) (http.Handler, error) {
	return s.drawEvent(v, http.StatusOK, "", "", nil)
}

// drawEvent draws one report; status and measures are what was typed, "" for
// what stands.
func (s *Server) drawEvent(v *visit, code int, chosen harm.Status, measures string, problems []problem) (http.Handler, error) {
	sess, err := v.need(staff.ReviewHarm)
	if err != nil {
		return nil, err
	}
	r, err := s.p.Harm.Report(v.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	if err := s.record(v, sess, staff.Decision{}, want{page: "events", ward: r.Event.Ward, what: "1 Meldung"}); err != nil {
		return nil, err
	}
	p := newEventOnePage(r, chosen, measures, f)
	p.Problems, p.Resumed = problems, v.resumed
	return eventOnePageT.status(code, p)
}

func newEventOnePage(r harm.Report, chosen harm.Status, measures string, f Frame) eventOnePage {
	p := eventOnePage{
		Frame: f.titled("events", lang.Text{DE: "Ereignismeldung", EN: "Report of an event"}), Row: newEventRow(r, f), Why: r.Event.Why, Helped: r.Event.Helped,
		About: r.Event.Patient != "", Exercise: r.Event.Exercise, Key: desk.NewKey(), Seen: r.Act, Measures: measures, ReviewBy: r.Review.Name, ReviewAt: f.stamp(r.Review.At),
	}
	for _, x := range r.Event.Factors {
		p.Factors = append(p.Factors, factorWord(x))
	}
	if chosen == "" {
		chosen, p.Measures = r.Status, r.Measures
	}
	for _, x := range harm.Statuses() {
		p.Statuses = append(p.Statuses, choice{string(x), eventStatusWord(x), x == chosen})
	}
	return p
}

func (s *Server) reviewEvent(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewHarm)
	if err != nil {
		return nil, err
	}
	to, measures := harm.Status(v.PostFormValue("status")), strings.TrimSpace(v.PostFormValue("measures"))
	if v.resumed {
		return s.drawEvent(v, http.StatusOK, to, measures, nil)
	}
	seen, err := strconv.ParseUint(v.PostFormValue("seen"), 10, 64)
	if err != nil {
		return s.unknown(v)
	}
	id := v.PathValue("id")
	err = s.p.Harm.Review(v.Context(), v.PostFormValue("key"), harm.Act{Person: sess.Person.ID, Name: sess.Person.Name}, id, seen, to, measures)
	if err != nil {
		switch k := fault.KindOf(err); k {
		case fault.Invalid, fault.Conflict:
			return s.drawEvent(v, status(k), to, measures, []problem{{Say: fault.Say(err)}})
		case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unsigned, fault.Unavailable, fault.Corrupt:
		}
		return nil, err
	}
	return seeOther("/events/" + url.PathEscape(id)), nil
}

func (s *Server) showHarmExport(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.ReviewHarm); err != nil {
		return nil, err
	}
	lines, _, err := s.harmLines(v)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	return harmExportPageT.of(harmExportPage{
		Frame: f.titled("events", lang.Text{DE: "Auswertung unter Pseudonymen", EN: "Evaluation under pseudonyms"}), Lines: len(lines), Reports: len(s.p.Harm.Reports()),
	})
}

// exportHarm writes the list and the reports under pseudonyms. It is recorded
// as an export and as a read before the first byte leaves.
func (s *Server) exportHarm(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewHarm)
	if err != nil {
		return nil, err
	}
	o := harm.ExportOptions{Format: "csv", Texts: v.PostFormValue("texts") != "", MapWards: v.PostFormValue("wards") != ""}
	media := "text/csv; charset=utf-8"
	if v.PostFormValue("format") == "json" {
		o.Format, media = "json", "application/json"
	}
	lines, _, err := s.harmLines(v)
	if err != nil {
		return nil, err
	}
	reports := s.p.Harm.Reports()
	if err := s.p.Harm.RecordExport(v.Context(), sess.Person.ID, o, len(lines), len(reports)); err != nil {
		return nil, err
	}
	if err := s.record(v, sess, staff.Decision{}, want{page: "export", what: fmt.Sprintf("Ausfallfolgen, %d Zeilen, %d Meldungen", len(lines), len(reports))}); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := harm.Export(&b, lines, reports, o, s.c.Zone, v.now); err != nil {
		return nil, err
	}
	return download("ausfallfolgen-"+v.now.Format(time.DateOnly)+"."+o.Format, media, b.Bytes()), nil
}
