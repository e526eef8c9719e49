package web

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// harmPerPage is how many rows of the harm list are on one page.
const harmPerPage = 60

// harmPage is the list of patients whom the outage may have harmed.
type harmPage struct {
	Frame
	Windows  []harmWindow
	Blind    bool // some rows are shown without content: numbers, not patients
	Filter   harmQuery
	Shows    []filterLink
	Kinds    []filterLink
	Owners   []filterLink
	Wards    []string
	Sorts    []filterLink
	Rows     []harmRow
	Total    int // rows of the filter
	Patients int
	High     int
	Nobodys  int
	Pager    pagerView
	CSV      string
	All      string // the address of the whole list on one page
}

// harmWindow is one outage as the list names it.
type harmWindow struct {
	System       lang.Text
	Since, Until stamp
}

// harmRow is what was found of one kind about one patient.
type harmRow struct {
	Key      clinical.PatientKey
	Href     string // "" where the reader may not open it
	Name     string // or initials
	Birth    string
	Case     string
	Ward     string
	Bed      string
	Gone     bool
	Dead     bool
	Kind     lang.Text
	What     []string
	More     int
	Count    int
	Since    stamp
	High     bool
	Owner    string
	Mine     bool
	Standing lang.Text
	Done     bool
	By       string
	ByEntry  bool

	kind     harm.Kind
	severity harm.Severity
}

// harmQuery chooses and sorts rows.
type harmQuery struct {
	Show  string // "" open, "done", "all"
	Kind  harm.Kind
	Ward  string
	Owner string // "" all, "mine", "none"
	High  bool
	Sort  string // "" the most pressing first, "since", "ward", "name"
	Page  int
	Whole bool // all rows on one page, for print
}

var harmPageT = parse[harmPage]("harm")

func (s *Server) harmRoutes(on func(string, show)) {
	on("GET /harm", s.showHarm)
	on("GET /harm/list.csv", s.harmCSV)
	on("GET /harm/export", s.showHarmExport)
	on("POST /harm/export", s.exportHarm)
	on("GET /patient/{key}/harm", s.showPatientHarm)
	on("GET /event", s.showEventForm)
	on("GET /events", s.showEvents)
	on("GET /events/{id}", s.showEvent)
}

func (s *Server) harmForms(on func(string, show)) {
	on("POST /patient/{key}/harm", s.actOnHarm)
	on("POST /event", s.reportEvent)
	on("POST /events/{id}", s.reviewEvent)
}

// harmSight is what one person may see of the harm list.
type harmSight struct {
	s        *Server
	sess     staff.Session
	declared bool
	now      time.Time
	patient  clinical.PatientKey
}

func (s *Server) harmSight(v *visit) (harmSight, error) {
	sess, err := v.need(staff.SeeHarm)
	declared := v.mode.Kind == incident.Emergency || v.mode.Kind == incident.Exercise
	return harmSight{s: s, sess: sess, declared: declared, now: v.now}, err
}

func (h harmSight) may(ward string, r staff.Right) staff.Decision {
	return h.s.p.Staff.MayRead(h.sess, h.declared, ward, h.patient, r, h.now)
}

// harmRight is the right that opens what a finding says.
func harmRight(k harm.Kind, section clinical.Section) staff.Right {
	switch {
	case k == harm.Dose:
		return staff.SeeMedication
	case k == harm.CalledOff:
		return staff.SeeChart
	}
	switch section {
	case clinical.Laboratory, clinical.Microbiology:
		return staff.SeeResults
	case clinical.Radiology, clinical.Cardiology, clinical.Endoscopy, clinical.Pathology:
		return staff.SeeFindings
	}
	return staff.SeeChart
}

// shown reports whether a line is in the person's list, and whether with name
// and content. Who sees patients on that ward sees what their rights open in a
// chart; who sees none (the crisis team) sees that there is something, not what.
func (h harmSight) shown(l *harm.Line) (listed, open bool) {
	if !h.may(l.Ward, staff.SeeHarm).Allowed() {
		return false, false
	}
	if !staff.May(h.sess.Person, staff.SeeIdentity) || !h.may(l.Ward, staff.SeeIdentity).Allowed() {
		return true, false
	}
	open = h.may(l.Ward, harmRight(l.Kind, l.Section)).Allowed()
	return open, open
}

// harmLines returns the lines that the person may see, with the windows they
// come from.
func (s *Server) harmLines(v *visit) ([]harm.Line, []harm.Window, error) {
	windows := harm.Windows(s.p.Outages.Outages(true), v.now)
	view, err := s.charts(v)
	if err != nil {
		return nil, nil, err
	}
	items, err := s.watch.Items(v.Context(), view, windows, v.now)
	if err != nil {
		return nil, nil, err
	}
	return s.p.Harm.Lines(items, v.now), windows, nil
}

// harmRows passes the gate for the list and returns its rows, all of them.
func (s *Server) harmRows(v *visit, q harmQuery, page string) ([]harmRow, []harm.Window, bool, http.Handler, error) {
	h, err := s.harmSight(v)
	if err != nil {
		return nil, nil, false, nil, err
	}
	lines, windows, err := s.harmLines(v)
	if err != nil || len(windows) == 0 {
		return nil, nil, false, nil, err
	}
	d := h.may(q.Ward, staff.SeeHarm)
	if q.Ward == "" {
		for _, w := range h.sess.Person.Wards {
			if x := h.may(w, staff.SeeHarm); !d.Allowed() && x.Allowed() {
				d = x
			}
		}
	}
	switch d.Verdict {
	case staff.Allowed:
	case staff.NeedsGlass:
		return nil, nil, false, s.toGlass(v, q.Ward, ""), nil
	case staff.Denied:
		return nil, nil, false, nil, fault.New(fault.Forbidden, d.Say)
	}
	f := s.bare(v)
	rows, blind := newHarmRows(lines, h.shown, f)
	err = s.record(v, h.sess, d, want{page: page, ward: q.Ward, what: fmt.Sprintf("%d Zeilen", len(rows))})
	return rows, windows, blind, nil, err
}

// newHarmRows puts the lines of one patient and kind together, open ones and
// settled ones apart.
func newHarmRows(lines []harm.Line, shown func(*harm.Line) (bool, bool), f Frame) ([]harmRow, bool) {
	type key struct {
		patient clinical.PatientKey
		ward    string
		kind    harm.Kind
		at      harm.Standing
		owner   string
	}
	at := map[key]int{}
	var out []harmRow
	blind := false
	for i := range lines {
		l := &lines[i]
		listed, open := shown(l)
		if !listed {
			continue
		}
		blind = blind || !open
		k := key{l.Item.Key, l.Ward, l.Kind, l.Standing(), l.State.Owner.Person}
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, newHarmRow(l, open, f))
		}
		r := &out[n]
		r.Count++
		r.severity = max(r.severity, l.Severity)
		r.High = r.severity == harm.High
		if t := f.stamp(l.At); t.At.Before(r.Since.At) {
			r.Since = t
		}
		if !open {
			continue
		}
		if what := l.What; len(r.What) < 3 {
			if l.Kind == harm.Dose {
				what = f.stamp(l.At).clock(f.Lang) + " " + what
			}
			r.What = append(r.What, what)
		} else {
			r.More++
		}
	}
	return out, blind
}

func newHarmRow(l *harm.Line, open bool, f Frame) harmRow {
	it := l.Item
	r := harmRow{
		Key: it.Key, Case: string(it.Case), Ward: l.Ward, Gone: it.Gone, Dead: it.Dead, Kind: harmKindWord(l.Kind), kind: l.Kind, Since: f.stamp(l.At),
		Owner: l.State.Owner.Name, Mine: f.User != nil && l.State.Owner.Person == f.User.ID && f.User.ID != "", Name: initials(it.Name),
	}
	if it.Unnamed {
		r.Name = lang.Text{DE: "unbekannt", EN: "unidentified"}.In(f.Lang)
	}
	if open {
		r.Name, r.Birth = it.Name.Display(), it.Birth.German()
		r.Href = "/patient/" + string(it.Key) + "/harm"
		r.Bed = strings.TrimSpace(it.Place.Room + " " + it.Place.Bed)
	}
	switch l.Standing() {
	case harm.WithOutcome:
		r.Done, r.Standing, r.By = true, outcomeWord(l.State.Outcome), l.State.By.Name
	case harm.ByEntry:
		r.Done, r.ByEntry, r.Standing = true, true, settledWord(l.Answer.Kind)
		if open {
			r.By = l.Answer.By
		}
	case harm.Waiting:
	}
	return r
}

// initials is a name for those who may not know it: A. M.
func initials(n clinical.Name) string {
	var out []string
	for _, part := range []string{n.Given, n.Family} {
		for _, c := range part {
			out = append(out, strings.ToUpper(string(c))+".")
			break
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, " ")
}

func harmQueryOf(v *visit) harmQuery {
	q := harmQuery{
		Show: v.FormValue("show"), Kind: harm.Kind(v.FormValue("kind")), Ward: strings.TrimSpace(v.FormValue("ward")), Owner: v.FormValue("owner"),
		High: v.FormValue("high") != "", Sort: v.FormValue("sort"), Whole: v.FormValue("whole") != "",
	}
	if !slices.Contains(harm.Kinds(), q.Kind) {
		q.Kind = ""
	}
	q.Page, _ = strconv.Atoi(v.FormValue("page")) // anything else is the first page
	q.Page = max(0, min(q.Page, 10_000))
	return q
}

// with is the address of the list with one value changed; it begins anew at the
// first page.
func (q harmQuery) with(name, value string) string {
	u := url.Values{}
	for k, x := range map[string]string{"show": q.Show, "kind": string(q.Kind), "ward": q.Ward, "owner": q.Owner, "sort": q.Sort} {
		if x != "" {
			u.Set(k, x)
		}
	}
	if q.High {
		u.Set("high", "1")
	}
	u.Set(name, value)
	if value == "" {
		u.Del(name)
	}
	if len(u) == 0 {
		return "/harm"
	}
	return "/harm?" + u.Encode()
}

// fits reports whether a row belongs under the query.
func (q harmQuery) fits(r *harmRow) bool {
	switch {
	case q.Show == "" && r.Done, q.Show == "done" && !r.Done:
		return false
	case q.Kind != "" && r.kind != q.Kind, q.Ward != "" && r.Ward != q.Ward, q.High && !r.High:
		return false
	case q.Owner == "mine":
		return r.Mine
	case q.Owner == "none":
		return r.Owner == ""
	}
	return true
}

// sort puts rows in the order of the query; what is equal stands by patient.
func (q harmQuery) sort(rows []harmRow) {
	slices.SortStableFunc(rows, func(a, b harmRow) int {
		c := 0
		switch q.Sort {
		case "since":
			c = a.Since.At.Compare(b.Since.At)
		case "ward":
			c = cmp.Or(cmp.Compare(a.Ward, b.Ward), cmp.Compare(a.Bed, b.Bed))
		case "name":
			c = cmp.Compare(a.Name, b.Name)
		}
		order := func(k harm.Kind) int { return slices.Index(harm.Kinds(), k) }
		return cmp.Or(c, cmp.Compare(b.severity, a.severity), cmp.Compare(order(a.kind), order(b.kind)), a.Since.At.Compare(b.Since.At), cmp.Compare(a.Key, b.Key))
	})
}

func (s *Server) showHarm(v *visit) (http.Handler, error) {
	q := harmQueryOf(v)
	rows, windows, blind, res, err := s.harmRows(v, q, "harm")
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := newHarmPage(rows, q, f)
	p.Blind = blind
	for _, w := range windows {
		p.Windows = append(p.Windows, harmWindow{System: s.systemName(w.System), Since: f.stamp(w.From), Until: f.stamp(w.To)})
	}
	return harmPageT.of(p)
}

// systemName is how the house calls a system.
func (s *Server) systemName(id string) lang.Text {
	for _, x := range s.p.Outages.Systems() {
		if x.ID == id {
			return x.Name
		}
	}
	return lang.Text{DE: strings.ToUpper(id)}
}

func newHarmPage(rows []harmRow, q harmQuery, f Frame) harmPage {
	p := harmPage{Frame: f.titled("harm", lang.Text{DE: "Wen der Ausfall betrifft", EN: "Whom the outage touches"}), Filter: q}
	p.Refresh, p.Land = true, true
	patients, wards := map[clinical.PatientKey]bool{}, map[string]bool{}
	open, done := 0, 0
	var fit []harmRow
	for i := range rows {
		r := &rows[i]
		wards[r.Ward] = true
		if r.Done {
			done++
		} else {
			open++
			patients[r.Key] = true
			if r.High {
				p.High++
			}
			if r.Owner == "" {
				p.Nobodys++
			}
		}
		if q.fits(r) {
			fit = append(fit, *r)
		}
	}
	p.Patients, p.Total = len(patients), len(fit)
	for w := range wards {
		if w != "" {
			p.Wards = append(p.Wards, w)
		}
	}
	slices.Sort(p.Wards)
	q.sort(fit)
	p.Shows = []filterLink{
		{q.with("show", ""), lang.Text{DE: "offen", EN: "open"}, open, q.Show == ""},
		{q.with("show", "done"), lang.Text{DE: "erledigt", EN: "done"}, done, q.Show == "done"},
		{q.with("show", "all"), lang.Text{DE: "alle", EN: "all"}, open + done, q.Show == "all"},
	}
	p.links(rows, q)
	p.CSV = strings.Replace(q.with("", ""), "/harm", "/harm/list.csv", 1)
	if !q.Whole {
		p.page(fit, q)
		return p
	}
	p.Rows = fit
	return p
}

// links are the filters by kind and owner and the orders, with what they find
// among the rows that stand open or done as chosen.
func (p *harmPage) links(rows []harmRow, q harmQuery) {
	count := func(with harmQuery) int {
		n := 0
		for i := range rows {
			if with.fits(&rows[i]) {
				n++
			}
		}
		return n
	}
	of := func(change func(*harmQuery)) int { x := q; change(&x); return count(x) }
	p.Kinds = []filterLink{{q.with("kind", ""), lang.Text{DE: "jede Art", EN: "every kind"}, of(func(x *harmQuery) { x.Kind = "" }), q.Kind == ""}}
	for _, k := range harm.Kinds() {
		if n := of(func(x *harmQuery) { x.Kind = k }); n > 0 || q.Kind == k {
			p.Kinds = append(p.Kinds, filterLink{q.with("kind", string(k)), harmKindWord(k), n, q.Kind == k})
		}
	}
	p.Owners = []filterLink{
		{q.with("owner", ""), lang.Text{DE: "bei allen", EN: "anybody's"}, of(func(x *harmQuery) { x.Owner = "" }), q.Owner == ""},
		{q.with("owner", "mine"), lang.Text{DE: "bei mir", EN: "mine"}, of(func(x *harmQuery) { x.Owner = "mine" }), q.Owner == "mine"},
		{q.with("owner", "none"), lang.Text{DE: "bei niemandem", EN: "nobody's"}, of(func(x *harmQuery) { x.Owner = "none" }), q.Owner == "none"},
	}
	high := "1"
	if q.High {
		high = ""
	}
	p.Owners = append(p.Owners, filterLink{q.with("high", high), lang.Text{DE: "nur dringend", EN: "urgent only"}, of(func(x *harmQuery) { x.High = true }), q.High})
	for _, o := range []struct {
		sort  string
		label lang.Text
	}{
		{"", lang.Text{DE: "Dringendes zuerst", EN: "urgent first"}}, {"since", lang.Text{DE: "am längsten", EN: "longest"}},
		{"ward", lang.Text{DE: "Station", EN: "ward"}}, {"name", lang.Text{DE: "Name", EN: "name"}},
	} {
		p.Sorts = append(p.Sorts, filterLink{Href: q.with("sort", o.sort), Label: o.label, Here: q.Sort == o.sort})
	}
}

func (p *harmPage) page(fit []harmRow, q harmQuery) {
	from := min(q.Page*harmPerPage, len(fit))
	to := min(from+harmPerPage, len(fit))
	p.Rows = fit[from:to]
	if from == 0 && to == len(fit) {
		return
	}
	p.All = q.with("whole", "1")
	p.Pager.Label = fmt.Sprintf("%d–%d / %d", from+1, to, len(fit))
	if q.Page > 0 {
		p.Pager.Newer = q.with("page", strconv.Itoa(q.Page-1))
	}
	if to < len(fit) {
		p.Pager.Older = q.with("page", strconv.Itoa(q.Page+1))
	}
}

// harmCSV is the list as a table for a spreadsheet. It is a recorded read like
// the page.
func (s *Server) harmCSV(v *visit) (http.Handler, error) {
	q := harmQueryOf(v)
	rows, _, _, res, err := s.harmRows(v, q, "harm/csv")
	if res != nil || err != nil {
		return res, err
	}
	rows = slices.DeleteFunc(rows, func(r harmRow) bool { return !q.fits(&r) })
	q.sort(rows)
	var b strings.Builder
	b.WriteString("\ufeff") // tells spreadsheets the character set
	c := csv.NewWriter(&b)
	c.Comma = ';'
	say := func(t lang.Text) string { return t.In(v.lang) }
	_ = c.Write([]string{ // errors stay in the writer: see below
		say(lang.Text{DE: "Station", EN: "Ward"}), say(lang.Text{DE: "Patient", EN: "Patient"}), say(lang.Text{DE: "geboren", EN: "born"}),
		say(lang.Text{DE: "Fall", EN: "Case"}), say(lang.Text{DE: "Art", EN: "Kind"}), say(lang.Text{DE: "Zahl", EN: "Count"}),
		say(lang.Text{DE: "Was", EN: "What"}), say(lang.Text{DE: "seit", EN: "since"}), say(lang.Text{DE: "dringend", EN: "urgent"}),
		say(lang.Text{DE: "bei", EN: "with"}), say(lang.Text{DE: "Stand", EN: "State"}),
	})
	for _, r := range rows {
		urgent := ""
		if r.High {
			urgent = "x"
		}
		what := strings.Join(r.What, ", ")
		if r.More > 0 {
			what += " +" + strconv.Itoa(r.More)
		}
		_ = c.Write([]string{
			harm.Cell(r.Ward), harm.Cell(r.Name), r.Birth, harm.Cell(r.Case), say(r.Kind), strconv.Itoa(r.Count), harm.Cell(what),
			r.Since.At.Format("2006-01-02 15:04"), urgent, harm.Cell(r.Owner), say(r.Standing),
		})
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return nil, fmt.Errorf("harm list: %w", err)
	}
	return download("schadensliste-"+v.now.Format("2006-01-02-1504")+".csv", "text/csv; charset=utf-8", []byte(b.String())), nil
}

// download answers with a file that the browser stores.
func download(name, media string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", media)
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the reader is gone; there is nobody to tell
	})
}
