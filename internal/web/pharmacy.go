package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// pharmacyPage is what waits at the pharmacy in the whole house.
type pharmacyPage struct {
	Frame
	Filters  []filterLink
	Wards    []filterLink
	Back     string // address of the list as it is shown
	Rows     []pharmacyRow
	Remarks  bool // the rows are remarks that wait on the wards
	Requests []requestRow
	Asked    bool // the page lists what wards ask for
	Waiting  int  // tasks that are shown
	Total    int  // tasks that wait
	Table    lang.Text
	Done     bool
}

// pharmacyRow is one prescription with what the checks say.
type pharmacyRow struct {
	Key        clinical.PatientKey
	Name       string
	Birth      string
	Case       string
	Place      string
	Drug       string
	How        string // dose, scheme, route
	Was        string // before it was changed, "" for a new one
	Since      stamp
	By         string
	Findings   []findingLine // worst first
	Unchecked  int
	Action     string
	Href       string
	Rx, Of, No string
	Remark     string
	worst      dosing.Severity
}

// requestRow is one request of a ward.
type requestRow struct {
	Key          clinical.PatientKey
	Name, Birth  string
	Case, Place  string
	Drug, Amount string
	Note         string
	Stat, Urgent bool
	Since        stamp
	By           string
	Href         string
}

var pharmacyPageT = parse[pharmacyPage]("pharmacy")

// pharmacyRoutes are the pages of the pharmacy's desk.
func (s *Server) pharmacyRoutes(on func(string, show)) {
	on("GET /desk/pharmacy", s.showPharmacy)
	on("GET /patient/{key}/pharmacy", s.showReview)
	on("GET /patient/{key}/reply", s.showReply)
}

// pharmacyForms are those that take what is recorded there.
func (s *Server) pharmacyForms(on func(string, show)) {
	on("POST /patient/{key}/pharmacy", s.review)
	on("POST /patient/{key}/reply", s.reply)
}

// The ways to look at the list; the choice stands in the address.
const (
	showRemarks  = "remarks"
	showRequests = "requests"
)

var pharmacyFilters = []struct {
	name  string
	label lang.Text
	kind  chart.TaskKind
}{
	{"", lang.Text{DE: "zu prüfen", EN: "to review"}, chart.TaskReview},
	{showRemarks, lang.Text{DE: "Hinweis offen", EN: "remark open"}, chart.TaskRemark},
	{showRequests, lang.Text{DE: "Bedarf der Stationen", EN: "wards' requests"}, chart.TaskRequest},
}

func (s *Server) showPharmacy(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.Dispense); err != nil {
		return nil, err
	}
	tasks, total, err := s.worked(v, chart.WorkQuery{Kinds: []chart.TaskKind{chart.TaskReview, chart.TaskRemark, chart.TaskRequest}})
	if err != nil {
		return nil, err
	}
	read := len(tasks)
	tasks = slices.DeleteFunc(tasks, func(t chart.Task) bool { return over(&t, v.now) })
	res, err := s.pass(v, want{right: staff.SeeMedication, page: "desk/pharmacy", what: group(uint64(len(tasks))) + " Verordnungen"})
	if res != nil || err != nil {
		return res, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := pharmacyPage{
		Frame: f.titled("desk/pharmacy", lang.Text{DE: "Apotheke", EN: "Pharmacy"}), Table: s.tableLine(), Done: v.FormValue("signed") != "",
	}
	p.Refresh = true
	here := p.choose(tasks, v.FormValue("show"), v.FormValue("ward"))
	p.Total = len(here) + total - read
	here = firstWork(here)
	p.Waiting = len(here)
	if here == nil {
		return pharmacyPageT.of(p)
	}
	checked := map[clinical.PatientKey]dosing.Facts{}
	for _, t := range here {
		switch t.Kind {
		case chart.TaskRequest:
			p.Requests = append(p.Requests, newRequestRow(t, f))
		case chart.TaskReview, chart.TaskRemark:
			facts, ok := checked[t.Key]
			if !ok {
				if facts, err = s.checkedFacts(v, t.Key); err != nil {
					return nil, err
				}
				checked[t.Key] = facts
			}
			p.Rows = append(p.Rows, newPharmacyRow(t, s.c.Drugs.Table.Check(t.Prescription.V, facts), f))
		case chart.TaskOrder, chart.TaskCritical, chart.TaskDraft:
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b pharmacyRow) int { return cmp.Compare(b.worst, a.worst) }) // else the longest waiting first
	return pharmacyPageT.of(p)
}

// over reports whether a prescription that waits has ended: nobody is given it
// any more.
func over(t *chart.Task, now time.Time) bool {
	end := t.Prescription.V.End
	return t.Kind != chart.TaskRequest && !end.IsZero() && !end.After(now)
}

// firstWork is as much as a list shows of what waits the longest, with all that
// a ward needs at once.
func firstWork(tasks []chart.Task) []chart.Task {
	if len(tasks) <= maxWork {
		return tasks
	}
	rest := slices.DeleteFunc(slices.Clone(tasks[maxWork:]), func(t chart.Task) bool { return t.Request.V.Priority != "S" })
	return append(tasks[:maxWork:maxWork], rest...)
}

// checkedFacts is what a prescription of that patient is checked against.
func (s *Server) checkedFacts(v *visit, key clinical.PatientKey) (dosing.Facts, error) {
	p, err := v.view.Patient(v.Context(), key, v.rxPart())
	if err != nil {
		return dosing.Facts{}, err
	}
	near, err := s.around(v, p, "")
	if err != nil {
		return dosing.Facts{}, err
	}
	return factsOf(p, near, v.now), nil
}

// choose makes the ways to look at the list and returns the tasks of the chosen
// one.
func (p *pharmacyPage) choose(tasks []chart.Task, show, ward string) []chart.Task {
	to := func(show, ward string) string {
		q := url.Values{}
		if show != "" {
			q.Set("show", show)
		}
		if ward != "" {
			q.Set("ward", ward)
		}
		if len(q) == 0 {
			return "/desk/pharmacy"
		}
		return "/desk/pharmacy?" + q.Encode()
	}
	at := max(0, slices.IndexFunc(pharmacyFilters, func(x struct {
		name  string
		label lang.Text
		kind  chart.TaskKind
	}) bool {
		return x.name == show
	}))
	show = pharmacyFilters[at].name
	p.Back, p.Remarks, p.Asked = to(show, ward), show == showRemarks, show == showRequests
	var here []chart.Task
	kinds, wards, all := map[chart.TaskKind]int{}, map[string]int{ward: 0}, 0
	for _, t := range tasks {
		if ward == "" || t.Place.Ward == ward {
			kinds[t.Kind]++
		}
		if t.Kind != pharmacyFilters[at].kind {
			continue
		}
		all++
		wards[t.Place.Ward]++
		if ward == "" || t.Place.Ward == ward {
			here = append(here, t)
		}
	}
	for i, x := range pharmacyFilters {
		p.Filters = append(p.Filters, filterLink{to(x.name, ward), x.label, kinds[x.kind], i == at})
	}
	delete(wards, "")
	p.Wards = append(p.Wards, filterLink{to(show, ""), lang.Text{DE: "alle Stationen", EN: "all wards"}, all, ward == ""})
	names := make([]string, 0, len(wards))
	for w := range wards {
		names = append(names, w)
	}
	slices.Sort(names)
	for _, w := range names {
		p.Wards = append(p.Wards, filterLink{to(show, w), lang.Text{DE: w, EN: w}, wards[w], w == ward})
	}
	return here
}

func newPharmacyRow(t chart.Task, r dosing.Report, f Frame) pharmacyRow {
	rx := t.Prescription.V
	row := pharmacyRow{
		Key: t.Key, Name: t.Name.Display(), Birth: t.Birth.German(), Case: string(t.Case), Place: placeWord(t.Place), Drug: cmp.Or(rx.Drug.Label(), rx.Substance),
		How: entry.RxLine(withoutDrug(rx)), Since: f.stamp(t.At), By: rx.By.Name, Findings: findingLines(r.Findings), Unchecked: len(r.Unchecked),
		Action: "/patient/" + string(t.Key) + "/pharmacy", Href: rxPath(t.Key, "pharmacy", rx.Key()), Rx: rx.Key(), Of: uint64Word(t.Prescription.Origin.Seq),
		No: desk.NewKey(), Remark: t.Review.V.Remark, worst: r.Worst(),
	}
	if rx.Strength != "" && !containsFold(row.Drug, rx.Strength) {
		row.Drug += " " + rx.Strength
	}
	if len(t.Prescription.Was) > 0 {
		row.Was = entry.RxLine(t.Prescription.Was[0].V)
	}
	return row
}

// withoutDrug is the prescription without the name and strength of its drug.
func withoutDrug(rx clinical.Prescription) clinical.Prescription {
	rx.Drug, rx.Strength = clinical.Coded{}, ""
	return rx
}

func newRequestRow(t chart.Task, f Frame) requestRow {
	r := t.Request.V
	return requestRow{
		Key: t.Key, Name: t.Name.Display(), Birth: t.Birth.German(), Case: string(t.Case), Place: placeWord(t.Place), Drug: r.Drug, Amount: r.Amount, Note: r.Note,
		Stat: r.Priority == "S", Urgent: r.Priority == "A", Since: f.stamp(t.At), By: r.By.Name, Href: replyPath(t.Key, r.ID),
	}
}

// replyPath is where a remark or a request is answered.
func replyPath(patient clinical.PatientKey, id string) string {
	return "/patient/" + url.PathEscape(string(patient)) + "/reply?to=" + url.QueryEscape(id)
}

// pharmacyWord is one thing that the pharmacy said, or is asked, beside a
// prescription or a patient.
type pharmacyWord struct {
	Text  lang.Text
	Open  bool   // it waits for somebody
	Reply string // address of the answer, "" if the reader may not give it
	Entry string
}

// reviewWords is what the pharmacy said of a prescription, newest first: the
// newest review, and each remark that waits; and what it handed out last.
func reviewWords(p *chart.Patient, it *rxItem, f Frame) []pharmacyWord {
	var out []pharmacyWord
	for i, r := range p.ReviewsOf(&it.V) {
		open := p.Unanswered(&r)
		if i > 0 && !open {
			continue
		}
		w := pharmacyWord{Open: open, Entry: enteredPath(p.Key, r.Origin)}
		at := f.stamp(r.V.At)
		w.Text = lang.Text{DE: "geprüft von " + r.V.By.Name + " " + at.clock(lang.DE), EN: "reviewed by " + r.V.By.Name + " " + at.clock(lang.EN)}
		if r.V.Of < it.Origin.Seq {
			w.Text.DE, w.Text.EN = w.Text.DE+" (vor der letzten Änderung)", w.Text.EN+" (before the last change)"
		}
		if r.V.Remark != "" {
			w.Text.DE, w.Text.EN = w.Text.DE+", Hinweis: "+r.V.Remark, w.Text.EN+", remark: "+r.V.Remark
		}
		if a := p.ReplyTo(r.V.ID, r.Origin.Seq); a != nil {
			said := replyWord(a.V, f)
			w.Text.DE, w.Text.EN = w.Text.DE+" – Kenntnis: "+said.DE, w.Text.EN+" – noted: "+said.EN
		}
		if open && f.User.Can(string(staff.Prescribe)) {
			w.Reply = replyPath(p.Key, r.V.ID)
		}
		out = append(out, w)
	}
	for _, d := range p.Doses { // newest first
		if d.Origin.Feed == chart.Here && !d.Cancelled && d.V.Status == clinical.Dispensed && chart.Of(&d.V, &it.V) {
			at := f.stamp(d.V.At)
			out = append(out, pharmacyWord{Entry: enteredPath(p.Key, d.Origin), Text: lang.Text{
				DE: "abgegeben " + at.clock(lang.DE) + ": " + d.V.Amount + " (" + d.V.By.Name + ")", EN: "dispensed " + at.clock(lang.EN) + ": " + d.V.Amount + " (" + d.V.By.Name + ")",
			}})
			break
		}
	}
	return out
}

func replyWord(r clinical.Reply, f Frame) lang.Text {
	at, note := f.stamp(r.At), ""
	if r.Note != "" {
		note = ": " + r.Note
	}
	return lang.Text{DE: r.By.Name + " " + at.clock(lang.DE) + note, EN: r.By.Name + " " + at.clock(lang.EN) + note}
}

// openRemarks are the remarks about prescriptions in force that no physician
// took note of.
func openRemarks(p *chart.Patient, f Frame) []pharmacyWord {
	var out []pharmacyWord
	for i := range p.Medication {
		it := &p.Medication[i]
		if it.Cancelled || !rxActive(it.V, f.Now) {
			continue
		}
		for _, w := range reviewWords(p, it, f) {
			if w.Open {
				w.Text.DE, w.Text.EN = it.V.Drug.Label()+": "+w.Text.DE, it.V.Drug.Label()+": "+w.Text.EN
				out = append(out, w)
			}
		}
	}
	return out
}

// maxRequests is how many requests of a patient are shown.
const maxRequests = 20

// requestWords are the ward's requests with what became of them, newest first.
func requestWords(p *chart.Patient, f Frame) []pharmacyWord {
	var out []pharmacyWord
	for _, it := range slices.Backward(p.Requests) {
		if it.Cancelled || len(out) == maxRequests {
			continue
		}
		r := it.V
		at := f.stamp(r.At)
		what := r.Drug + " " + r.Amount + " · " + r.By.Name + " "
		w := pharmacyWord{Entry: enteredPath(p.Key, it.Origin)}
		a := p.ReplyTo(r.ID, it.Origin.Seq)
		switch {
		case a == nil:
			w.Open = true
			w.Text = lang.Text{DE: what + at.clock(lang.DE) + " – wartet", EN: what + at.clock(lang.EN) + " – waits"}
		case a.V.Refused:
			w.Text = lang.Text{DE: what + at.clock(lang.DE) + " – abgelehnt von " + replyWord(a.V, f).DE, EN: what + at.clock(lang.EN) + " – refused by " + replyWord(a.V, f).EN}
		default:
			w.Text = lang.Text{DE: what + at.clock(lang.DE) + " – erledigt von " + replyWord(a.V, f).DE, EN: what + at.clock(lang.EN) + " – done by " + replyWord(a.V, f).EN}
		}
		out = append(out, w)
	}
	return out
}

// requestPath is the form with which a ward asks the pharmacy, "" if the reader
// may not.
func requestPath(patient clinical.PatientKey, back string, f Frame, open bool) string {
	if !open || !f.User.Can(string(staff.GiveDoses)) {
		return ""
	}
	return "/patient/" + url.PathEscape(string(patient)) + "/write/" + entry.DrugRequestForm + "?back=" + url.QueryEscape(back)
}
