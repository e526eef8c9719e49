package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// resultPage takes the values of one order: the first look writes them as
// preliminary, the second releases them. What an analyser sent stands in the
// same rows.
type resultPage struct {
	Frame
	Order    workRow
	Closed   lang.Text // why nothing can be entered
	Action   string
	Arrive   string // address that marks the specimen as arrived, "" if it has
	Key      string
	Rows     []resultRow
	Free     []freeRow
	Taken    string
	Reason   string
	Alone    string
	NeedWhy  bool // a released value was changed: the reason is asked for
	NeedDuo  bool // the second look by the same person: the reason is asked for
	Sure     []string
	Asked    []problem
	Problems []problem
	Resumed  bool
	Open     int // values that wait for the second look
	Labels   string
	Beside   *besideView
}

// resultRow is one analyte with what stands of it and what was typed.
type resultRow struct {
	No       string // names of its fields end in it
	Code     string
	Name     string
	Unit     string
	Range    string
	Value    string
	Comment  string
	None     bool
	Release  bool
	Can      bool   // there is something to release
	Seq      uint64 // of the statement the reader sees
	Status   lang.Text
	State    clinical.ResultStatus
	Device   bool
	By       string
	At       stamp
	Mark     mark
	Later    string // what the analyser measured since, not validated
	Wrong    lang.Text
	Numbered bool // typed as a number
	First    bool

	assay *catalogue.Analyte
	item  *chart.Item[clinical.Result]
}

// freeRow is an analyte that the order does not name.
type freeRow struct{ No, Name, Value, Unit string }

var resultPageT = parse[resultPage]("labresult")

// freeRows is how many further analytes a page takes at once.
const freeRows = 3

// labOpened is a patient's order at the laboratory's desk.
type labOpened struct {
	*opened
	order chart.Item[clinical.Order]
	rows  []resultRow
}

// resultRoutes are the pages of one order's values.
func (s *Server) resultRoutes(on func(string, show)) {
	on("GET /patient/{key}/results/{order}", s.showResults)
}

func (s *Server) resultForms(on func(string, show)) {
	on("POST /patient/{key}/results/{order}", s.enterResults)
	on("POST /patient/{key}/results/{order}/arrived", s.specimenArrived)
}

// orderAt opens the order named in the address for the station that answers it.
func (s *Server) orderAt(v *visit, st *station, part chart.Part) (*opened, chart.Item[clinical.Order], http.Handler, error) {
	var none chart.Item[clinical.Order]
	o, res, err := s.patient(v, part, st.read, "desk/"+st.at)
	if res != nil || err != nil {
		return nil, none, res, err
	}
	if res, err = s.mayWrite(v, o.ward, o.p.Key, st.write); res != nil || err != nil {
		return nil, none, res, err
	}
	it := findOrder(o.p.Orders, v.PathValue("order"))
	if it == nil || !slices.Contains(st.sections, it.V.Section) && it.V.Section != clinical.OtherSection {
		return nil, none, nil, fault.New(fault.NotFound, lang.Text{
			DE: "Der Auftrag " + v.PathValue("order") + " gehört nicht zu dieser Person oder nicht zu dieser Stelle. Es wurde nichts gespeichert. Bitte das Etikett am Röhrchen noch einmal scannen.",
			EN: "Order " + v.PathValue("order") + " does not belong to this person or not to this place. Nothing was stored. Please scan the label on the tube again.",
		})
	}
	return o, *it, nil, nil
}

func (s *Server) labOrder(v *visit) (*labOpened, http.Handler, error) {
	o, it, res, err := s.orderAt(v, laboratory, chart.Part{Lab: true})
	if res != nil || err != nil {
		return nil, res, err
	}
	l := &labOpened{opened: o, order: it}
	l.rows = s.resultRowsOf(l)
	return l, nil, nil
}

// resultRowsOf puts the analytes that the order asks for and the values that
// stand under its number into one list.
func (s *Server) resultRowsOf(l *labOpened) []resultRow {
	var rows []resultRow
	add := func(a *catalogue.Analyte) int {
		i := slices.IndexFunc(rows, func(r resultRow) bool { return r.assay == a })
		if i < 0 {
			i = len(rows)
			rows = append(rows, resultRow{assay: a, Code: a.Code, Name: a.Name.In(l.frame.Lang), Unit: a.Unit, Numbered: !a.Words})
		}
		return i
	}
	parts := l.order.V.Parts
	if len(parts) == 0 {
		parts = []clinical.Coded{l.order.V.What}
	}
	for _, p := range parts {
		for _, a := range s.c.Catalogue.Of(cmp.Or(p.Code, p.Text)) {
			add(a)
		}
	}
	for i := range l.p.Results {
		it := &l.p.Results[i]
		if it.V.Section != clinical.Laboratory && it.V.Section != clinical.Microbiology || !ofOrder(&it.V, &l.order.V) {
			continue
		}
		a := s.assayOf(&it.V)
		at := -1
		if a != nil {
			at = slices.IndexFunc(rows, func(r resultRow) bool { return r.assay == a && r.item == nil })
		}
		if at < 0 {
			at = len(rows)
			rows = append(rows, resultRow{assay: a, Code: cmp.Or(it.V.Local.Code, it.V.Code.Code), Name: it.V.Code.Label(), Numbered: it.V.Number != nil})
		}
		rows[at].item = it
	}
	p := whom(l.opened)
	for i := range rows {
		rows[i].No = strconv.Itoa(i)
		rows[i].First = i == 0
		rows[i].stands(l.frame, p)
	}
	return rows
}

// ofOrder reports whether a result stands under an order's number.
func ofOrder(r *clinical.Result, o *clinical.Order) bool {
	return r.Placer != "" && r.Placer == o.Placer || r.Filler != "" && r.Filler == o.Filler
}

// assayOf returns the catalogue's analyte of a result, nil if it has none.
func (s *Server) assayOf(r *clinical.Result) *catalogue.Analyte {
	for _, code := range []string{r.Code.Code, r.Local.Code, r.Code.Text} {
		if a := s.c.Catalogue.Analyte(code); a != nil {
			return a
		}
	}
	return nil
}

// personOf is what a reference range depends on.
func whom(o *opened) catalogue.Person {
	years, known := entry.About{Now: o.frame.Now, Birth: o.p.Birth.V}.Years()
	return catalogue.Person{Years: years, Known: known, Sex: o.p.Sex.V}
}

// stands fills in what the chart says of the row's analyte.
func (r *resultRow) stands(f Frame, p catalogue.Person) {
	if r.assay != nil {
		if ref, ok := r.assay.Range(p); ok {
			r.Range = ref.Text(r.assay.Digits)
		}
	}
	if r.item == nil {
		return
	}
	v := r.item.V
	r.Seq, r.State, r.Status, r.Device, r.By, r.At = r.item.Origin.Seq, v.Status, resultWord(v.Status), v.Device, v.By.Name, f.stamp(v.At)
	r.Value, r.Comment, r.Mark = v.Shown(), entry.Clean(v.Comment), markResult(v) // cleaned as they come back
	r.Unit, r.None = cmp.Or(v.Unit, r.Unit), v.Status == clinical.NoResult
	if r.Range == "" {
		r.Range = v.Range
	}
	if r.None || v.Status == clinical.Withdrawn || v.Status == clinical.Pending {
		r.Value = ""
	}
	if v.Released.Name != "" {
		r.By += ", " + v.Released.Name
	}
	for i := range r.item.Was {
		if w := &r.item.Was[i]; chart.MeasuredLater(r.item, w) {
			r.Later = plain(w.V.Shown(), f.Lang)
			break
		}
	}
	r.Can = v.Status == clinical.Preliminary && r.Value != ""
	r.Value = plain(entry.Clean(r.Value), lang.DE)
}

func (s *Server) showResults(v *visit) (http.Handler, error) {
	l, res, err := s.labOrder(v)
	if res != nil || err != nil {
		return res, err
	}
	for i := range l.rows {
		r := &l.rows[i]
		r.Release = r.Can && (r.Device || r.item.V.By.ID != v.session.Person.ID)
	}
	return s.drawResults(v, http.StatusOK, l, resultForm{key: desk.NewKey(), paper: paperOf(v)}, nil)
}

// resultForm is what the browser sends beside the rows.
type resultForm struct {
	key, taken, reason, alone string
	sure                      []string
	free                      []freeRow
	resumed                   bool
	needDuo                   bool
	paper                     fromPaper
	at                        string // on the paper
}

func (s *Server) drawResults(v *visit, code int, l *labOpened, w resultForm, wrong []entry.Mistake) (http.Handler, error) {
	f := l.frame
	f.Banner = newBanner(l.p, f, "lab", l.near)
	o := l.order.V
	p := resultPage{
		Frame: f.titled("desk/lab", lang.Text{DE: "Werte", EN: "Values"}), Action: answerPath(laboratory, l.p.Key, o), Key: w.key, Rows: l.rows, Free: w.free,
		Taken: w.taken, Reason: w.reason, Alone: w.alone, Sure: w.sure, Resumed: w.resumed, NeedDuo: w.needDuo,
		Beside: s.besideOf(l.opened, w.paper, w.at, true, wrong),
		Order: workRow{
			Number: cmp.Or(o.Placer, o.Filler), What: o.What.Label(), Question: o.Question, Specimen: o.Specimen, Section: sectionWord(o.Section),
			Status: orderWord(o.Status), State: o.Status, Stat: o.Priority == "S", Urgent: o.Priority == "A", At: f.stamp(o.Requested), By: o.By.Name,
		},
	}
	if p.Taken == "" && !o.Taken.IsZero() && w.free == nil {
		p.Taken = v.clockOf(o.Taken)
	}
	if l.order.Cancelled {
		p.Closed = lang.Text{
			DE: "Dieser Auftrag ist storniert. Werte, die schon gemessen sind, bitte der Station mitteilen.",
			EN: "This order is cancelled. Please tell the ward about values that are measured already.",
		}
	}
	if o.Status == clinical.Ordered || o.Status == clinical.Scheduled {
		p.Arrive = p.Action + "/arrived"
	}
	p.Labels = "/patient/" + string(l.p.Key) + "/specimens.pdf?order=" + p.Order.Number
	for len(p.Free) < freeRows {
		p.Free = append(p.Free, freeRow{No: strconv.Itoa(len(p.Free))})
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		if r.Can {
			p.Open++
		}
		p.NeedWhy = p.NeedWhy || r.item != nil && done(r.State)
	}
	for _, m := range wrong {
		if m.Sure != "" {
			p.Asked = append(p.Asked, problem{m.Field, m.Say})
			p.Sure = append(p.Sure, m.Sure)
			continue
		}
		p.Problems = append(p.Problems, problem{m.Field, m.Say})
		for i := range p.Rows {
			if m.Field == "v"+p.Rows[i].No {
				p.Rows[i].Wrong = m.Say
			}
		}
	}
	return resultPageT.status(code, p)
}

// done reports whether a value was released or said not to be had.
func done(s clinical.ResultStatus) bool {
	switch s {
	case clinical.Final, clinical.Corrected, clinical.NoResult, clinical.Withdrawn:
		return true
	case clinical.Preliminary, clinical.Pending:
	}
	return false
}

// specimenArrived marks an order's specimen as received by the laboratory. Values
// that were typed already stay on the page, to be entered.
func (s *Server) specimenArrived(v *visit) (http.Handler, error) {
	l, res, err := s.labOrder(v)
	if res != nil || err != nil {
		return res, err
	}
	o := l.order.V
	back := answerPath(laboratory, l.p.Key, o)
	var seq journal.Seq
	if !v.resumed && (o.Status == clinical.Ordered || o.Status == clinical.Scheduled) {
		e := s.entryOf(v, l.opened, entry.SpecimenArrived.Kind, desk.KeyFor("arrived", v.PostFormValue("key")))
		e.Fields = map[string]string{"number": cmp.Or(o.Placer, o.Filler), "what": o.What.Label()}
		e.Facts = entry.Facts{clinical.Progress{Placer: o.Placer, Filler: o.Filler, Status: clinical.InProgress}}
		if seq, err = s.p.Desk.Sign(v.Context(), e); err != nil {
			k := s.lookingAt(v, l)
			k.reads()
			return k.notStored(err)
		}
		s.shown(v, seq)
	}
	if k := s.lookingAt(v, l); k.reads() {
		if seq != 0 {
			if k, res, err = s.lookAgain(v); res != nil || err != nil {
				return res, err
			}
			k.reads()
		}
		k.w.resumed = true // what stands in the fields is not stored
		return s.drawResults(v, http.StatusOK, k.l, k.w, k.wrong)
	}
	return seeOther(back), nil
}

// lookAgain opens the order as it stands now, after something was signed.
func (s *Server) lookAgain(v *visit) (*looking, http.Handler, error) {
	if v.view != nil {
		if err := v.view.Close(); err != nil {
			return nil, nil, err
		}
		v.view = nil
	}
	l, res, err := s.labOrder(v)
	if res != nil || err != nil {
		return nil, res, err
	}
	return s.lookingAt(v, l), nil, nil
}

// number reads a typed value: a comparator before it, and what it says in words
// where it is no number.
func numberTyped(text string) (comparator string, value *float64) {
	for _, c := range []string{"<=", ">=", "<", ">"} {
		if rest, ok := strings.CutPrefix(text, c); ok {
			comparator, text = c, strings.TrimSpace(rest)
			break
		}
	}
	if x, ok := entry.ParseNumber(text); ok {
		value = &x
	}
	return comparator, value
}

// Ident names the row in the form that comes back.
func (r resultRow) Ident() string { return r.Code + "/" + r.sub() }
