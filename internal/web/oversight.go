package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/oversight"
	"notbetrieb/internal/review"
	"notbetrieb/internal/staff"
)

// foundPerPage is how many hits are on one page.
const foundPerPage = 50

// reviewTabs are the pages of those who look over accesses.
var reviewTabs = []struct {
	path  string
	label lang.Text
}{
	{"/review", lang.Text{DE: "Treffer", EN: "Hits"}},
	{"/review/changes", lang.Text{DE: "Änderungen", EN: "Changes"}},
	{"/review/logs", lang.Text{DE: "Protokolle und Listen", EN: "Logs and lists"}},
	{"/review/rules", lang.Text{DE: "Regeln", EN: "Rules"}},
}

var (
	hitsTitle    = lang.Text{DE: "Auswertung der Zugriffe", EN: "Access review"}
	changesTitle = lang.Text{DE: "Änderungen an eigenen Daten", EN: "Changes to our own data"}
)

// reviewHead is what each of these pages says.
type reviewHead struct {
	Frame
	Tabs     []filterLink
	Problems []problem
	Resumed  bool
	From, To string
	Found    foundView
}

// hitsPage lists what the rules found.
type hitsPage struct {
	reviewHead
	Asked     bool // a review was made
	Accesses  int
	Left      int
	Logs      int
	Strangers int
	Nameless  int
	Cut       bool
	Rules     []filterLink
	States    []filterLink
	Sorts     []filterLink
	Person    string
	Hidden    []labelledText // the filter, for the form
	Rows      []foundRow
	Total     int
	Pager     pagerView
}

type labelledText struct{ Name, Value string }

type foundRow struct {
	ID       string
	Href     string
	Rule     lang.Text
	Name     string
	Person   string
	From, To stamp
	Count    int
	Patients int
	Points   int
	Why      lang.Text
	Verdict  lang.Text
	Judged   string // the verdict's word for marks

	rule string
}

// hitPage is one hit with its accesses.
type hitPage struct {
	reviewHead
	Row      foundRow
	Why      []lang.Text
	Against  []lang.Text
	Unknown  lang.Text
	Events   []accessRow
	More     int
	Judged   []judgedRow
	Verdicts []choice
	Reason   string
	Key      string
	Rooms    []choice // sealed investigations that are open to this session
	Own      bool     // the hit is about the reader
}

type accessRow struct {
	At      stamp
	Ref     string
	Href    string
	System  string
	What    lang.Text
	Patient string
	Case    string
	Ward    string
	From    string
	Reason  string
}

type judgedRow struct {
	Verdict lang.Text
	Why     string
	By      string
	At      stamp
}

var (
	hitsPageT = parse[hitsPage]("hits")
	hitPageT  = parse[hitPage]("hit")
)

func (s *Server) oversightRoutes(on func(string, show)) {
	on("GET /review", s.showHits)
	on("POST /review", s.startReview)
	on("GET /review/hit/{id}", s.showHit)
	on("GET /review/changes", s.showChanges)
	on("POST /review/changes", s.startReview)
	on("GET /review/changes.csv", s.changesCSV)
	on("GET /review/changes.pdf", s.changesPDF)
	on("GET /review/logs", s.showLogs)
	on(logUpload, s.takeLog)
	on("POST /review/lists", s.takeList)
	on("GET /review/rules", s.showRules)
}

func (s *Server) oversightForms(on func(string, show)) {
	on("POST /review/hit/{id}", s.judgeHit)
	on("POST /review/rules", s.setRules)
	on("POST /review/logs/{id}/drop", s.dropLog)
}

// reviewed passes the gate of these pages and makes their head.
func (s *Server) reviewed(v *visit, tab string, title lang.Text) (reviewHead, staff.Session, error) {
	sess, err := v.need(staff.ReviewAccess)
	if err != nil {
		return reviewHead{}, sess, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v)
	}
	h := reviewHead{Frame: f.titled("review", title), Resumed: v.resumed, From: strings.TrimSpace(v.FormValue("from")), To: strings.TrimSpace(v.FormValue("to"))}
	if h.From == "" && h.To == "" {
		h.From, h.To = v.now.AddDate(0, 0, -6).Format("02.01.2006"), v.now.Format("02.01.2006")
	}
	h.Tabs = reviewTabLinks(tab)
	return h, sess, nil
}

func reviewTabLinks(here string) []filterLink {
	var out []filterLink
	for _, t := range reviewTabs {
		out = append(out, filterLink{Href: t.path, Label: t.label, Here: t.path == here})
	}
	return out
}

// span reads the days of a form; the last one is in it.
func (h *reviewHead) span(now time.Time) (review.Span, bool) {
	from, ok := parseDay(h.From, now)
	to, ok2 := parseDay(h.To, now)
	if !ok || !ok2 {
		h.Problems = append(h.Problems, problem{"from", lang.Text{DE: "Bitte beide Tage angeben, so: 19.11.2026.", EN: "Please give both days, like 19.11.2026."}})
		return review.Span{}, false
	}
	return review.Span{From: from, To: to.AddDate(0, 0, 1)}, true
}

func byOf(sess staff.Session) oversight.Act {
	return oversight.Act{Person: sess.Person.ID, Name: sess.Person.Name}
}

func verdictWord(v oversight.Verdict) lang.Text {
	switch v {
	case oversight.Explained:
		return lang.Text{DE: "erklärt", EN: "explained"}
	case oversight.Suspicious:
		return lang.Text{DE: "verdächtig", EN: "suspicious"}
	case oversight.Reopened:
	}
	return lang.Text{DE: "offen", EN: "open"}
}

// lastVerdict is the last verdict about a hit; open where accesses came since.
func lastVerdict(list []oversight.Judgement, h *review.Hit) oversight.Verdict {
	if n := len(list); n > 0 && list[n-1].Covers(h) {
		return list[n-1].Verdict
	}
	return oversight.Reopened
}

func (s *Server) showHits(v *visit) (http.Handler, error) {
	h, sess, err := s.reviewed(v, "/review", hitsTitle)
	if err != nil {
		return nil, err
	}
	p := hitsPage{reviewHead: h, Person: strings.TrimSpace(v.FormValue("person"))}
	if v.FormValue("from") == "" {
		p.Found.Ready = s.readyReviews(v.URL.Path, &p.reviewHead)
		return hitsPageT.of(p)
	}
	span, ok := p.span(v.now)
	if !ok {
		return hitsPageT.status(http.StatusUnprocessableEntity, p)
	}
	run, err := s.foundFor(v, sess, &p.reviewHead, span)
	if err != nil {
		return nil, err
	}
	if run == nil {
		return hitsPageT.of(p)
	}
	if err := s.record(v, sess, staff.Decision{}, want{page: "review", what: fmt.Sprintf("%d Treffer", len(run.Outcome.Hits))}); err != nil {
		return nil, err
	}
	judged := map[string]oversight.Verdict{}
	for _, x := range run.Outcome.Hits {
		list, err := s.p.Review.Judgements(v.Context(), x.ID)
		if err != nil {
			return nil, err
		}
		judged[x.ID] = lastVerdict(list, &x)
	}
	p.fill(run, judged, hitsQuery{Rule: v.FormValue("rule"), State: v.FormValue("state"), Sort: v.FormValue("sort"), Page: pageNumber(v)})
	return hitsPageT.of(p)
}

func pageNumber(v *visit) int {
	n, err := strconv.Atoi(v.FormValue("page"))
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

// hitsQuery chooses and sorts hits.
type hitsQuery struct {
	Rule  string
	State string // "" all, "open", "explained", "suspicious"
	Sort  string // "" the most pressing first, "time", "person", "count"
	Page  int
}

// fill lays the hits of a review out as the query wants them.
func (p *hitsPage) fill(run *oversight.Run, judged map[string]oversight.Verdict, q hitsQuery) {
	o := run.Outcome
	p.Asked, p.Accesses, p.Logs, p.Strangers, p.Nameless, p.Left, p.Cut = true, o.Accesses, run.Logs, o.Strangers, o.Nameless, o.Left, run.Cut
	base := url.Values{"from": {p.From}, "to": {p.To}}
	set := func(u url.Values, name, value string) {
		if value != "" {
			u.Set(name, value)
		}
	}
	set(base, "person", p.Person)
	link := func(rule, state, order string, page int) string {
		u := url.Values{}
		for k, x := range base {
			u[k] = x
		}
		set(u, "rule", rule)
		set(u, "state", state)
		set(u, "sort", order)
		if page > 0 {
			u.Set("page", strconv.Itoa(page))
		}
		return "/review?" + u.Encode()
	}
	perRule, perState := map[string]int{}, map[string]int{}
	var rows []foundRow
	for i := range o.Hits {
		r := newFoundRow(&o.Hits[i], judged[o.Hits[i].ID], p.Frame)
		r.Href = "/review/hit/" + r.ID + "?" + url.Values{"from": {p.From}, "to": {p.To}}.Encode()
		if p.Person != "" && !strings.Contains(strings.ToLower(r.Person+" "+r.Name), strings.ToLower(p.Person)) {
			continue
		}
		perRule[r.rule]++
		perState[r.Judged]++
		if (q.Rule == "" || q.Rule == r.rule) && (q.State == "" || q.State == r.Judged) {
			rows = append(rows, r)
		}
	}
	all := 0
	for _, n := range perRule {
		all += n
	}
	p.Rules = []filterLink{{Href: link("", q.State, q.Sort, 0), Label: lang.Text{DE: "alle", EN: "all"}, Count: all, Here: q.Rule == ""}}
	for _, id := range review.IDs() {
		if perRule[id] > 0 || q.Rule == id {
			p.Rules = append(p.Rules, filterLink{Href: link(id, q.State, q.Sort, 0), Label: review.Name(id), Count: perRule[id], Here: q.Rule == id})
		}
	}
	p.States = []filterLink{{Href: link(q.Rule, "", q.Sort, 0), Label: lang.Text{DE: "alle", EN: "all"}, Count: all, Here: q.State == ""}}
	for _, x := range []oversight.Verdict{oversight.Reopened, oversight.Suspicious, oversight.Explained} {
		p.States = append(p.States, filterLink{Href: link(q.Rule, string(x), q.Sort, 0), Label: verdictWord(x), Count: perState[string(x)], Here: q.State == string(x)})
	}
	for _, x := range []struct {
		id string
		filterLink
	}{{"", filterLink{Label: lang.Text{DE: "dringend zuerst", EN: "pressing first"}}}, {"time", filterLink{Label: lang.Text{DE: "neueste zuerst", EN: "newest first"}}}, {"person", filterLink{Label: lang.Text{DE: "nach Person", EN: "by person"}}}, {"count", filterLink{Label: lang.Text{DE: "nach Anzahl", EN: "by number"}}}} {
		p.Sorts = append(p.Sorts, filterLink{Href: link(q.Rule, q.State, x.id, 0), Label: x.Label, Here: q.Sort == x.id})
	}
	p.Hidden = []labelledText{{"rule", q.Rule}, {"state", q.State}, {"sort", q.Sort}}
	sortHits(rows, q.Sort)
	p.Total = len(rows)
	from := min(q.Page*foundPerPage, len(rows))
	to := min(from+foundPerPage, len(rows))
	p.Rows = rows[from:to]
	if q.Page > 0 {
		p.Pager.Newer = link(q.Rule, q.State, q.Sort, q.Page-1)
	}
	if to < len(rows) {
		p.Pager.Older = link(q.Rule, q.State, q.Sort, q.Page+1)
	}
	p.Pager.Label = fmt.Sprintf("%d–%d / %d", min(from+1, to), to, len(rows))
}

func sortHits(rows []foundRow, order string) {
	slices.SortStableFunc(rows, func(a, b foundRow) int {
		switch order {
		case "time":
			return b.To.At.Compare(a.To.At)
		case "person":
			return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(b.Points, a.Points))
		case "count":
			return cmp.Compare(b.Count, a.Count)
		}
		return cmp.Compare(b.Points, a.Points)
	})
}

func newFoundRow(h *review.Hit, judged oversight.Verdict, f Frame) foundRow {
	r := foundRow{ID: h.ID, Rule: review.Name(h.Rule), rule: h.Rule, Name: cmp.Or(h.Name, h.Person), Person: h.Person, From: f.stamp(h.From), To: f.stamp(h.To), Count: h.Count, Patients: len(h.Patients), Points: h.Points, Judged: string(cmp.Or(judged, oversight.Reopened))}
	r.Verdict = verdictWord(oversight.Verdict(r.Judged))
	if len(h.Why) > 0 {
		r.Why = h.Why[0]
	}
	return r
}

func (s *Server) showHit(v *visit) (http.Handler, error) { return s.drawHit(v, http.StatusOK, nil) }

// hitOf returns a hit of the result that is kept for the days of the address.
// The error's kind is NotFound.
func (s *Server) hitOf(v *visit, h *reviewHead) (review.Hit, *oversight.Run, error) {
	span, ok := h.span(v.now)
	if !ok {
		return review.Hit{}, nil, fault.New(fault.NotFound, lang.Text{DE: "Diesen Treffer gibt es nicht.", EN: "There is no such hit."})
	}
	run, _, err := s.p.Review.Kept(v.Context(), span)
	if err != nil || run == nil {
		return review.Hit{}, nil, cmp.Or(err, errNotKept())
	}
	hit, err := run.Hit(v.PathValue("id"))
	return hit, run, err
}

func (s *Server) drawHit(v *visit, code int, problems []problem) (http.Handler, error) {
	h, sess, err := s.reviewed(v, "/review", lang.Text{DE: "Treffer", EN: "Hit"})
	if err != nil {
		return nil, err
	}
	hit, _, err := s.hitOf(v, &h)
	if err != nil {
		return nil, err
	}
	if err := s.record(v, sess, staff.Decision{}, want{page: "review/hit", what: hit.Rule + " " + hit.Person}); err != nil {
		return nil, err
	}
	judged, err := s.p.Review.Judgements(v.Context(), hit.ID)
	if err != nil {
		return nil, err
	}
	h.Problems = append(h.Problems, problems...)
	p := newHitPage(h, hit, judged)
	p.Own = hit.Person == sess.Person.ID
	p.Rooms = s.openRooms(v)
	p.Reason = v.PostFormValue("why")
	for i := range p.Verdicts {
		p.Verdicts[i].Here = p.Verdicts[i].Value == v.PostFormValue("verdict")
	}
	return hitPageT.status(code, p)
}

func newHitPage(h reviewHead, hit review.Hit, judged []oversight.Judgement) hitPage {
	last := lastVerdict(judged, &hit)
	p := hitPage{reviewHead: h, Row: newFoundRow(&hit, last, h.Frame), Why: hit.Why, Against: hit.Against, Unknown: hit.Unknown, More: hit.Count - len(hit.Events), Key: desk.NewKey()}
	for i := range hit.Events {
		a := &hit.Events[i]
		p.Events = append(p.Events, accessRow{At: h.stamp(a.At), Ref: a.Ref, System: a.System, What: accessWord(a), Patient: cmp.Or(string(a.Patient), a.Number), Case: a.Case, Ward: a.Ward, From: a.From, Reason: a.Reason})
		if a.Patient != "" {
			p.Events[i].Href = "/audit?patient=" + url.QueryEscape(string(a.Patient))
		}
	}
	for _, j := range slices.Backward(judged) {
		p.Judged = append(p.Judged, judgedRow{verdictWord(j.Verdict), j.Why, j.By.Name, h.stamp(j.By.At)})
	}
	for _, x := range oversight.Verdicts() {
		p.Verdicts = append(p.Verdicts, choice{string(x), verdictWord(x), false})
	}
	return p
}

// accessWord is the word for what was opened. Another system's log keeps its own.
func accessWord(a *review.Access) lang.Text {
	if a.System == review.Here {
		return pageWord(a.What)
	}
	return lang.Text{DE: a.What}
}

// judgeHit records a judgement. It goes into no investigation: taking a hit in
// is another form, and leaves nothing here.
func (s *Server) judgeHit(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ReviewAccess)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawHit(v, http.StatusOK, nil)
	}
	h, _, err := s.reviewed(v, "/review", lang.Text{})
	if err != nil {
		return nil, err
	}
	hit, _, err := s.hitOf(v, &h)
	if err != nil {
		return nil, err
	}
	err = s.p.Review.Judge(v.Context(), byOf(sess), v.PostFormValue("key"), hit, oversight.Verdict(v.PostFormValue("verdict")), v.PostFormValue("why"))
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Forbidden) {
		return s.drawHit(v, status(k), []problem{{"why", fault.Say(err)}})
	}
	if err != nil {
		return nil, err
	}
	return seeOther("/review/hit/" + hit.ID + "?" + url.Values{"from": {h.From}, "to": {h.To}}.Encode()), nil
}
