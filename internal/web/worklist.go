package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// A station is a place of the house that answers orders: what it answers, who
// works there, and where an order's answer is written.
type station struct {
	at       string // address and place in the navigation
	title    lang.Text
	sections []clinical.Section
	read     staff.Right // to see the list
	write    staff.Right // to answer
	answer   string      // last but one part of the address of an answer
}

var laboratory = &station{
	at: "lab", title: lang.Text{DE: "Labor", EN: "Laboratory"}, sections: []clinical.Section{clinical.Laboratory, clinical.Microbiology},
	read: staff.SeeResults, write: staff.EnterResults, answer: "results",
}

var findingDesk = &station{
	at: "findings", title: lang.Text{DE: "Befundung", EN: "Reporting"},
	sections: []clinical.Section{clinical.Radiology, clinical.Endoscopy, clinical.Cardiology, clinical.Consult, clinical.Pathology},
	read:     staff.SeeFindings, write: staff.ReportFindings, answer: "report",
}

// worklistPage is the list of what waits at a station, or of a ward's open
// orders.
type worklistPage struct {
	Frame
	Here    string // address
	Scan    string // what was scanned
	Scanner bool   // the list takes scans
	Problem lang.Text
	Done    string // order that was answered just now
	Filters []filterLink
	Rows    []workRow
	Total   int
	Cut     bool // more wait than are shown
	Ward    string
}

type workRow struct {
	Key      clinical.PatientKey
	Name     string
	Birth    string
	Case     string
	Place    string
	Number   string
	What     string
	Question string
	Specimen string
	Section  lang.Text
	Status   lang.Text
	State    clinical.OrderStatus
	Stat     bool // emergency
	Urgent   bool
	Dead     bool // it waits for nobody any more
	At       stamp
	Due      stamp
	By       string
	Href     string // of the answer, "" for who may not write it
}

var worklistPageT = parse[worklistPage]("worklist")

// deskRoutes are the lists of the places that answer orders.
func (s *Server) deskRoutes(on func(string, show)) {
	on("GET /desk/lab", func(v *visit) (http.Handler, error) { return s.showWorklist(v, laboratory) })
	on("GET /desk/findings", func(v *visit) (http.Handler, error) { return s.showWorklist(v, findingDesk) })
	on("GET /ward/{code}/orders", s.showWardOrders)
}

// maxWork is how many tasks a list shows, maxRead how many are read for it: what
// is urgent stands on the list however much waits before it.
const (
	maxWork = 300
	maxRead = 3000
)

// worked reads the open orders that a query finds, and how many it finds in all.
func (s *Server) worked(v *visit, q chart.WorkQuery) ([]chart.Task, int, error) {
	view, err := s.charts(v)
	if err != nil {
		return nil, 0, err
	}
	q.Limit = maxRead
	if len(q.Kinds) == 0 {
		q.Kinds = []chart.TaskKind{chart.TaskOrder}
	}
	return view.Work(v.Context(), q)
}

// showWorklist draws the orders that wait at a station. A scanned number leads
// straight to its order.
func (s *Server) showWorklist(v *visit, st *station) (http.Handler, error) {
	scan := strings.TrimSpace(v.FormValue("scan"))
	ward := v.FormValue("ward")
	tasks, total, err := s.worked(v, chart.WorkQuery{Sections: st.sections, Ward: ward, Number: scan})
	if err != nil {
		return nil, err
	}
	res, err := s.pass(v, want{right: st.read, page: "desk/" + st.at, ward: ward, what: group(uint64(len(tasks))) + " Anforderungen"})
	if res != nil || err != nil {
		return res, err
	}
	if scan != "" && len(tasks) == 1 && staff.May(v.session.Person, st.write) {
		return seeOther(answerPath(st, tasks[0].Key, tasks[0].Order.V)), nil
	}
	p := worklistPage{Here: "/desk/" + st.at, Scan: scan, Scanner: true, Done: v.FormValue("done"), Total: total, Ward: ward}
	code := http.StatusOK
	switch {
	case scan != "" && len(tasks) == 0:
		code = http.StatusNotFound
		p.Problem = lang.Text{
			DE: "Kein offener Auftrag hat die Nummer " + scan + ". Etikett noch einmal scannen. Bleibt es so: Auftrag storniert, schon fertig oder Etikett einer anderen Stelle. Die Probe behalten und auf der Station nachfragen.",
			EN: "No open order has the number " + scan + ". Scan the label again. If it stays so: the order is cancelled, done, or the label is of another place. Keep the specimen and ask the ward.",
		}
		if tasks, p.Total, err = s.worked(v, chart.WorkQuery{Sections: st.sections, Ward: ward}); err != nil {
			return nil, err
		}
	case scan != "" && len(tasks) > 1:
		p.Problem = lang.Text{
			DE: "Mehrere Aufträge haben die Nummer " + scan + ". Namen und Geburtsdatum auf dem Röhrchen vergleichen, dann wählen.",
			EN: "Several orders have the number " + scan + ". Compare name and birth date on the tube, then choose.",
		}
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p.Frame = f.titled("desk/"+st.at, st.title)
	p.fill(tasks, v.FormValue("show"), func(t chart.Task) string {
		if !staff.May(v.session.Person, st.write) {
			return ""
		}
		return answerPath(st, t.Key, t.Order.V)
	})
	return worklistPageT.status(code, p)
}

// answerPath is where the answer to an order is written.
func answerPath(st *station, key clinical.PatientKey, o clinical.Order) string {
	return "/patient/" + string(key) + "/" + st.answer + "/" + url.PathEscape(cmp.Or(o.Placer, o.Filler))
}

// showWardOrders draws a ward's open orders.
func (s *Server) showWardOrders(v *visit) (http.Handler, error) {
	ward := v.PathValue("code")
	res, err := s.pass(v, want{right: staff.SeeWard, page: "ward/orders", ward: ward})
	if res != nil || err != nil {
		return res, err
	}
	if !staff.May(v.session.Person, staff.SeeChart) {
		return nil, fault.New(fault.Forbidden, lang.Text{DE: "Diese Ansicht gehört nicht zu Ihren Aufgaben im Haus.", EN: "This view is not part of your role in the house."})
	}
	tasks, total, err := s.worked(v, chart.WorkQuery{Ward: ward})
	if err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		return nil, err
	}
	p := worklistPage{Frame: f.titled("ward/"+ward, lang.Text{DE: "Offene Anforderungen " + ward, EN: "Open orders " + ward}), Here: "/ward/" + url.PathEscape(ward) + "/orders", Total: total, Ward: ward}
	p.fill(tasks, v.FormValue("show"), func(t chart.Task) string { return "/patient/" + string(t.Key) + "/orders" })
	return worklistPageT.of(p)
}

// workFilter is one way to look at a list; the choice stands in the address.
type workFilter struct {
	name  string
	label lang.Text
	shows func(o *clinical.Order) bool
}

var workFilters = []workFilter{
	{"", lang.Text{DE: "alle", EN: "all"}, func(*clinical.Order) bool { return true }},
	{"urgent", lang.Text{DE: "Notfall, eilig", EN: "stat, urgent"}, func(o *clinical.Order) bool { return o.Priority == "S" || o.Priority == "A" }},
	{"arrived", lang.Text{DE: "angekommen", EN: "arrived"}, func(o *clinical.Order) bool { return o.Status == clinical.InProgress }},
	{"validate", lang.Text{DE: "Werte zu prüfen", EN: "values to validate"}, func(o *clinical.Order) bool { return o.Status == clinical.PartResult }},
}

// fill makes the rows, the longest waiting first; emergencies stay in their
// place and are marked, so that the list does not jump.
func (p *worklistPage) fill(tasks []chart.Task, show string, href func(chart.Task) string) {
	p.Refresh = true
	for _, x := range workFilters {
		n := 0
		for i := range tasks {
			if x.shows(&tasks[i].Order.V) {
				n++
			}
		}
		q := url.Values{}
		if x.name != "" {
			q.Set("show", x.name)
		}
		if p.Scanner && p.Ward != "" {
			q.Set("ward", p.Ward)
		}
		to := p.Here
		if len(q) > 0 {
			to += "?" + q.Encode()
		}
		p.Filters = append(p.Filters, filterLink{to, x.label, n, x.name == show})
	}
	at := slices.IndexFunc(workFilters, func(x workFilter) bool { return x.name == show })
	pressing := 0
	for _, t := range tasks {
		o := t.Order.V
		if at >= 0 && !workFilters[at].shows(&o) {
			continue
		}
		switch presses := !t.Dead && (o.Priority == "S" || o.Priority == "A"); {
		case presses:
			pressing++
		case len(p.Rows)-pressing >= maxWork:
			p.Cut = true
			continue
		}
		p.Rows = append(p.Rows, workRow{
			Key: t.Key, Name: t.Name.Display(), Birth: t.Birth.German(), Case: string(t.Case), Place: placeWord(t.Place), Number: cmp.Or(o.Placer, o.Filler),
			What: o.What.Label(), Question: o.Question, Specimen: o.Specimen, Section: sectionWord(o.Section), Status: orderWord(o.Status), State: o.Status,
			Stat: o.Priority == "S" && !t.Dead, Urgent: o.Priority == "A" && !t.Dead, Dead: t.Dead, At: p.stamp(t.At), Due: p.stamp(o.Due), By: o.By.Name, Href: href(t),
		})
	}
}
