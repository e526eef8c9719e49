package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func (s *Server) showSearch(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.Search); err != nil {
		return nil, err
	}
	q := chart.Query{Text: strings.TrimSpace(v.FormValue("q")), Limit: hitsPerPage}
	q.Offset, _ = strconv.Atoi(v.FormValue("offset")) // anything else is the first page
	q.Offset = max(0, min(q.Offset, 10_000))
	if len(q.Text) > 200 {
		q.Text = strings.ToValidUTF8(q.Text[:200], "")
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	var hits []chart.Hit
	total := 0
	if q.Text != "" {
		if hits, total, err = view.Search(v.Context(), q); err != nil {
			return nil, err
		}
	}
	res, err := s.pass(v, want{right: staff.Search, page: "search", what: fmt.Sprintf("%d Treffer", total)})
	if res != nil || err != nil {
		return res, err
	}
	if len(hits) == 1 && total == 1 && hits[0].Why.DE == "" && q.Offset == 0 {
		return seeOther("/patient/" + string(hits[0].Key)), nil
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	return searchPageT.of(newSearchPage(hits, total, q, f))
}

func (s *Server) showUnread(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.SeeUnread); err != nil {
		return nil, err
	}
	view, err := s.charts(v)
	if err != nil {
		return nil, err
	}
	filter := chart.UnreadFilter{Aside: v.FormValue("aside") != "", Limit: unreadPerPage}
	filter.Before, _ = strconv.ParseUint(v.FormValue("before"), 10, 64) // anything else is the newest page
	list, total, err := view.Unread(v.Context(), filter)
	if err != nil {
		return nil, err
	}
	messages, err := view.UnreadMessages(v.Context(), filter)
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	return unreadPageT.of(newUnreadPage(list, total, messages, filter.Aside, f))
}

// setAside records that a person has looked at an unread item, or opens it
// again.
func (s *Server) setAside(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.SeeUnread)
	if err != nil {
		return nil, err
	}
	seq, err := seqOf(v)
	if err != nil {
		return nil, err
	}
	if _, err := s.unreadOf(v, seq); err != nil {
		return nil, err
	}
	body, err := chart.Aside(journal.Seq(seq), v.PostFormValue("segment"), sess.Person.Name, v.PostFormValue("do") == "open")
	if err != nil {
		return nil, err
	}
	at, err := s.p.Journal.Append(v.Context(), journal.Record{ID: journal.NewID(), Time: v.now.UTC(), Site: s.c.Site, Source: "web", Kind: journal.Command, Body: body})
	if err != nil {
		return nil, err
	}
	if err := s.p.Charts.Wait(v.Context(), at); err != nil {
		return nil, err
	}
	return seeOther("/unread"), nil
}

func (s *Server) showAudit(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.SearchReads)
	if err != nil {
		return nil, err
	}
	form := auditForm{
		Person: strings.TrimSpace(v.FormValue("person")), Patient: strings.TrimSpace(v.FormValue("patient")), Ward: strings.TrimSpace(v.FormValue("ward")),
		Page: v.FormValue("page"), From: strings.TrimSpace(v.FormValue("from")), To: strings.TrimSpace(v.FormValue("to")), Glass: v.FormValue("glass") != "",
	}
	filter := staff.ReadFilter{Person: strings.ToLower(form.Person), Patient: clinical.PatientKey(form.Patient), Ward: form.Ward, Page: form.Page, Glass: form.Glass, Limit: 100}
	filter.Before, _ = strconv.ParseUint(v.FormValue("before"), 10, 64) // anything else is the newest page
	if t, ok := parseDay(form.From, v.now); ok {
		filter.From = t
	}
	if t, ok := parseDay(form.To, v.now); ok {
		filter.To = t.AddDate(0, 0, 1)
	}
	reads, err := s.p.Staff.Reads(v.Context(), filter)
	if err != nil {
		return nil, err
	}
	err = s.record(v, sess, staff.Decision{}, want{page: "audit", what: fmt.Sprintf("%d Zugriffe", len(reads))})
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	older := ""
	if len(reads) == filter.Limit {
		q := url.Values{"person": {form.Person}, "patient": {form.Patient}, "ward": {form.Ward}, "from": {form.From}, "to": {form.To}, "before": {strconv.FormatUint(reads[len(reads)-1].Seq, 10)}}
		if form.Glass {
			q.Set("glass", "1")
		}
		older = "/audit?" + q.Encode()
	}
	return auditPageT.of(newAuditPage(reads, form, older, f))
}

// parseDay reads 19.11.2026, 19.11. or 2026-11-19 in the zone of now.
func parseDay(text string, now time.Time) (time.Time, bool) {
	for _, layout := range []string{"02.01.2006", "2.1.2006", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, true
		}
	}
	if t, err := time.ParseInLocation("2.1.", text, now.Location()); err == nil {
		return time.Date(now.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location()), true
	}
	return time.Time{}, false
}

// parseSince reads the begin of an outage: 02:10 (today, or yesterday if that
// is still to come), 18.11. 23:40, 18.11.2026 23:40; empty is now.
func parseSince(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "Uhr"))
	if text == "" {
		return now.Truncate(time.Second), nil
	}
	day, clock := "", text
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		day, clock = strings.TrimSpace(text[:i]), text[i+1:]
	}
	at, err := time.Parse("15:04", strings.Replace(clock, ".", ":", 1))
	if err == nil {
		base := midnight(now)
		ok := true
		if day != "" {
			base, ok = parseDay(day, now)
		}
		t := time.Date(base.Year(), base.Month(), base.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
		if day == "" && t.After(now.Add(time.Minute)) {
			t = t.AddDate(0, 0, -1)
		}
		if ok && !t.After(now.Add(time.Minute)) {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, lang.Text{
		DE: "Die Uhrzeit ist nicht lesbar oder liegt in der Zukunft. So: 02:10 oder 18.11. 23:40.",
		EN: "The time cannot be read or lies in the future. Like this: 02:10 or 18.11. 23:40.",
	})
}
