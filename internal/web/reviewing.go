package web

import (
	"net/http"
	"net/url"
	"slices"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

// A review is worked out beside the pages: its form begins it, the page of its
// days shows how far it is and then what came of it, as long as that is kept.

// foundView says how the review of a page's days stands.
type foundView struct {
	Asked bool // days were chosen
	Kept  bool // a result is shown
	Made  stamp
	Until stamp
	Old   bool // rules, logs or lists changed since

	Running bool
	Begun   stamp
	Stage   lang.Text
	Step    int // of Steps
	Steps   int
	Done    int
	Total   int
	Failed  lang.Text
	Other   string // the address of a review of other days that this person has under way
	Ready   []readyReview
}

// readyReview leads to a result that is kept.
type readyReview struct{ Href, From, To string }

// readyReviews are the results kept of other days than the page's.
func (s *Server) readyReviews(path string, h *reviewHead) []readyReview {
	var out []readyReview
	for _, x := range s.p.Review.Spans() {
		r := readyReview{From: x.From.Format("02.01.2006"), To: x.To.AddDate(0, 0, -1).Format("02.01.2006")}
		r.Href = path + "?" + url.Values{"from": {r.From}, "to": {r.To}}.Encode()
		if !h.Found.Kept || r.From != h.From || r.To != h.To {
			out = append(out, r)
		}
	}
	return out
}

// Percent is the part of a stage that is done.
func (f foundView) Percent() int {
	if f.Total == 0 {
		return 0
	}
	return min(f.Done*100/f.Total, 100)
}

// RefreshSeconds is short while a review is worked out.
func (h reviewHead) RefreshSeconds() int {
	if h.Found.Running {
		return 3
	}
	return h.Frame.RefreshSeconds()
}

func stageWord(s oversight.Stage) lang.Text {
	switch s {
	case oversight.Waiting:
		return lang.Text{DE: "Eine andere Auswertung ist noch vorher dran", EN: "Another review comes first"}
	case oversight.Reading:
		return lang.Text{DE: "Eigene Zugriffe lesen", EN: "Reading our own accesses"}
	case oversight.Importing:
		return lang.Text{DE: "Protokolle anderer Systeme lesen", EN: "Reading logs of other systems"}
	case oversight.Comparing:
		return lang.Text{DE: "Akten auf gelöschte und geänderte Daten durchsehen", EN: "Looking through charts for deleted and altered data"}
	case oversight.Following:
		return lang.Text{DE: "Aufenthalte der gelesenen Patienten nachschlagen", EN: "Looking up the stays of the patients read"}
	case oversight.Judging:
		return lang.Text{DE: "Regeln anwenden", EN: "Applying the rules"}
	}
	return lang.Text{}
}

// foundFor returns the result for the days of a page, nil where none is kept, and
// says on the page how it stands.
func (s *Server) foundFor(v *visit, sess staff.Session, h *reviewHead, span review.Span) (*oversight.Run, error) {
	run, old, err := s.p.Review.Kept(v.Context(), span)
	if err != nil {
		return nil, err
	}
	f := &h.Found
	f.Asked = true
	if run != nil {
		f.Kept, f.Old, f.Made, f.Until = true, old, h.stamp(run.At), h.stamp(run.Until)
	}
	f.Ready = s.readyReviews(v.URL.Path, h)
	w, ok := s.p.Review.Working(sess.Person.ID)
	switch {
	case !ok:
	case !w.Span.From.Equal(span.From) || !w.Span.To.Equal(span.To):
		if w.Failed == (lang.Text{}) {
			f.Other = "/review?" + url.Values{"from": {w.Span.From.Format("02.01.2006")}, "to": {w.Span.To.AddDate(0, 0, -1).Format("02.01.2006")}}.Encode()
		}
	case w.Failed != (lang.Text{}):
		f.Failed = w.Failed
	default:
		f.Running, f.Begun, f.Stage, f.Done, f.Total = true, h.stamp(w.Started), stageWord(w.Stage), w.Done, w.Total
		f.Step, f.Steps = slices.Index(oversight.Stages(), w.Stage), len(oversight.Stages())-1
		h.Refresh = true
	}
	return run, nil
}

// errNotKept is the answer where a result is asked for that is gone.
func errNotKept() error {
	return fault.New(fault.NotFound, lang.Text{
		DE: "Das Ergebnis dieser Auswertung liegt nicht mehr bereit. Bitte die Tage unter Auswertung noch einmal auswerten; Bewertungen sind nicht verloren.",
		EN: "The result of this review is no longer kept. Please review these days again; judgements are not lost.",
	})
}

// startReview begins or stops the review of the chosen days and goes back to the
// page, which shows how far it is.
func (s *Server) startReview(v *visit) (http.Handler, error) {
	h, sess, err := s.reviewed(v, "", lang.Text{})
	if err != nil {
		return nil, err
	}
	to := url.Values{"from": {h.From}, "to": {h.To}}
	for _, name := range []string{"person", "reason", "rule", "kind", "state", "sort"} {
		if x := v.PostFormValue(name); x != "" {
			to.Set(name, x)
		}
	}
	there := v.URL.Path + "?" + to.Encode()
	if v.PostFormValue("act") == "stop" {
		s.p.Review.Stop(sess.Person.ID)
		return seeOther(there), nil
	}
	span, ok := h.span(v.now)
	if !ok { // the page says what is missing
		return seeOther(there), nil
	}
	err = s.p.Review.Start(v.Context(), sess.Person.ID, span)
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict || k == fault.Unavailable) {
		h.Problems = append(h.Problems, problem{"from", fault.Say(err)})
		return s.drawRefused(v, sess, h, status(k), span)
	}
	if err != nil {
		return nil, err
	}
	return seeOther(there), nil
}

// drawRefused is the page of a review that was not begun.
func (s *Server) drawRefused(v *visit, sess staff.Session, h reviewHead, code int, span review.Span) (http.Handler, error) {
	if _, err := s.foundFor(v, sess, &h, span); err != nil {
		return nil, err
	}
	h.Found.Kept = false
	if v.URL.Path == "/review/changes" {
		p := changesPage{reviewHead: h, Person: v.PostFormValue("person"), Reason: v.PostFormValue("reason")}
		p.Tabs, p.Frame = reviewTabLinks("/review/changes"), h.titled("review", changesTitle)
		return changesPageT.status(code, p)
	}
	p := hitsPage{reviewHead: h, Person: v.PostFormValue("person")}
	p.Tabs, p.Frame = reviewTabLinks("/review"), h.titled("review", hitsTitle)
	return hitsPageT.status(code, p)
}
