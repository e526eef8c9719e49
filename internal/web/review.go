package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// reviewPage is one prescription at the pharmacy's desk.
type reviewPage struct {
	Frame
	Action    string
	Key       string
	Rx, Of    string
	Back      string
	Line      string
	Rows      []shownField
	State     lang.Text // it is not in force
	Findings  []findingLine
	Unchecked []findingLine
	Table     lang.Text
	Words     []pharmacyWord
	Remark    inputGroup
	Dispense  inputGroup
	Open      bool // something can be recorded now
	Reviewed  bool
	Problems  []problem
	Resumed   bool
}

// replyPage is where a remark or a request is answered.
type replyPage struct {
	Frame
	Action   string
	Key      string
	To, Of   string
	Back     string
	What     lang.Text
	By       string
	Said     stamp // when it was said
	Request  bool
	Answer   lang.Text // what stands already
	Group    inputGroup
	Problems []problem
	Resumed  bool
}

var (
	reviewPageT = parse[reviewPage]("review")
	replyPageT  = parse[replyPage]("reply")
)

// reviewing is a prescription at the desk with what was typed.
type reviewing struct {
	it    rxItem
	key   string
	of    string
	back  string
	typed map[string]string
}

// reviewPart is what the page of one prescription shows of the chart.
func (v *visit) reviewPart() chart.Part {
	return chart.Part{Lab: true, Doses: true, Since: v.recentDays(labDays)}
}

// reviewOpened opens a prescription for somebody of the pharmacy.
func (s *Server) reviewOpened(v *visit, rx string) (*opened, rxItem, http.Handler, error) {
	if _, err := v.need(staff.Dispense); err != nil {
		return nil, rxItem{}, nil, err
	}
	o, res, err := s.patient(v, v.reviewPart(), staff.SeeMedication, "pharmacy")
	if res != nil || err != nil {
		return nil, rxItem{}, res, err
	}
	it, err := rxNamed(o.p, rx)
	return o, it, nil, err
}

// deskBack is the list to go back to.
func deskBack(text string) string {
	if back := safeBack(text); strings.HasPrefix(back, "/desk/pharmacy") {
		return back
	}
	return "/desk/pharmacy"
}

func (s *Server) showReview(v *visit) (http.Handler, error) {
	o, it, res, err := s.reviewOpened(v, v.FormValue("rx"))
	if res != nil || err != nil {
		return res, err
	}
	x := reviewing{it: it, key: desk.NewKey(), of: uint64Word(it.Origin.Seq), back: deskBack(v.FormValue("back")), typed: map[string]string{"to": o.ward}}
	return s.drawReview(v, http.StatusOK, o, x, nil)
}

// The fields of the two forms that the page has beside its one button.
func remarkFields() []entry.Field   { return fieldsOf(entry.Reviewing, "rx", "checks") }
func dispenseFields() []entry.Field { return fieldsOf(entry.Dispensing, "rx") }

func (s *Server) drawReview(v *visit, code int, o *opened, x reviewing, wrong []entry.Mistake) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	report := s.c.Drugs.Table.Check(x.it.V, factsOf(o.p, o.near, v.now))
	p := reviewPage{
		Frame: f.titled("desk/pharmacy", lang.Text{DE: "Verordnung prüfen", EN: "Review a prescription"}), Action: "/patient/" + string(o.p.Key) + "/pharmacy",
		Key: x.key, Rx: x.it.V.Key(), Of: x.of, Back: x.back, Line: entry.RxLine(x.it.V), Rows: rxRows(x.it.V, f), State: rxStateWord(x.it, f),
		Findings: findingLines(report.Findings), Unchecked: findingLines(report.Unchecked), Table: s.tableLine(), Words: reviewWords(o.p, &x.it, f),
		Remark: inputGroups(remarkFields(), x.typed, wrong, "")[0], Dispense: inputGroups(dispenseFields(), x.typed, wrong, "")[0],
		Reviewed: o.p.Reviewed(&x.it), Problems: problemsOf(wrong), Resumed: v.resumed,
	}
	p.Open, _ = s.writable(v)
	return reviewPageT.status(code, p)
}

// review records one of three things about a prescription: that it was looked
// at, a remark to the ward, or that the drug was handed out.
func (s *Server) review(v *visit) (http.Handler, error) {
	o, it, res, err := s.reviewOpened(v, v.PostFormValue("rx"))
	if res != nil || err != nil {
		return res, err
	}
	if res, err = s.mayWrite(v, o.ward, o.p.Key, staff.Dispense); res != nil || err != nil {
		return res, err
	}
	x := reviewing{it: it, key: v.PostFormValue("key"), of: v.PostFormValue("of"), back: deskBack(v.PostFormValue("back"))}
	x.typed = typedOf(v, append(remarkFields(), dispenseFields()...))
	if v.resumed {
		return s.drawReview(v, http.StatusOK, o, x, nil)
	}
	e, wrong := s.reviewEntry(v, o, x)
	if len(wrong) > 0 {
		return s.drawReview(v, http.StatusUnprocessableEntity, o, x, wrong)
	}
	if seq, ok := s.signedAlready(v, e); ok { // a second click
		return s.signed(v, o, x.back, e.Root, seq)
	}
	if x.of != uint64Word(it.Origin.Seq) {
		x.of, x.key = uint64Word(it.Origin.Seq), desk.NewKey()
		return s.drawReview(v, http.StatusConflict, o, x, []entry.Mistake{changedMistake(it, o.frame)})
	}
	if v.PostFormValue("act") == "review" && o.p.Reviewed(&it) { // somebody was faster; the page says who
		return seeOther(x.back), nil
	}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if err != nil {
		if mistake, ok := refused(err, o.frame); ok {
			x.key = desk.NewKey()
			return s.drawReview(v, status(fault.KindOf(err)), o, x, []entry.Mistake{mistake})
		}
		return nil, err
	}
	return s.signed(v, o, x.back, e.Root, seq)
}

// refused is why an entry was not stored, false where the form cannot help.
func refused(err error, f Frame) (entry.Mistake, bool) {
	if taken, ok := errors.AsType[*desk.Taken](err); ok {
		return takenMistake(taken, f), true
	}
	k := fault.KindOf(err)
	return entry.Mistake{Say: fault.Say(err)}, k == fault.Invalid || k == fault.Conflict || k == fault.Unavailable
}

// fewWords reads the fields of a form that may stay empty.
func fewWords(v *visit, o *opened, fields []entry.Field, typed map[string]string) (map[string]string, []entry.Mistake) {
	if !slices.ContainsFunc(fields, func(x entry.Field) bool { return entry.Clean(typed[x.Name]) != "" }) {
		return map[string]string{}, nil
	}
	filled, wrong := (&entry.Form{Fields: fields}).Fill(func(name string) string { return typed[name] }, nil, aboutOf(v, o.p))
	return filled.Typed, wrong
}

// otherwise refuses a button while something is typed for another one: it would
// be lost.
func otherwise(act string, typed map[string]string) []entry.Mistake {
	for _, x := range []struct {
		field, act string
		label      lang.Text
	}{
		{"remark", "remark", lang.Text{DE: "ein Hinweis", EN: "a remark"}},
		{"amount", "dispense", lang.Text{DE: "eine Abgabe", EN: "something dispensed"}},
		{"lot", "dispense", lang.Text{DE: "eine Abgabe", EN: "something dispensed"}},
	} {
		if act != x.act && entry.Clean(typed[x.field]) != "" {
			return []entry.Mistake{{Field: x.field, Say: lang.Text{
				DE: "Es ist auch " + x.label.DE + " getippt. Jede Taste trägt nur das Ihre ein: erst das eine, dann das andere. Eingetragen wurde nichts.",
				EN: "There is also " + x.label.EN + " typed. Each button records its own part only: first the one, then the other. Nothing was recorded.",
			}}}
		}
	}
	return nil
}

// reviewEntry is what was chosen on the page, with what is missing.
func (s *Server) reviewEntry(v *visit, o *opened, x reviewing) (entry.Entry, []entry.Mistake) {
	rx := x.it.V
	form, fields := entry.Reviewing, []entry.Field(nil)
	act := v.PostFormValue("act")
	switch act {
	case "remark":
		fields = remarkFields()
	case "dispense":
		form, fields = entry.Dispensing, dispenseFields()
	case "review":
	default:
		return entry.Entry{}, []entry.Mistake{{Say: lang.Text{DE: "Bitte wählen, was eingetragen wird.", EN: "Please choose what is recorded."}}}
	}
	typed, wrong := fewWords(v, o, fields, x.typed)
	wrong = append(wrong, otherwise(act, x.typed)...)
	e := s.entryOf(v, o, form.Kind, x.key)
	e.Fields = typed
	e.Fields["rx"] = entry.RxLine(rx)
	if act == "dispense" {
		if typed["amount"] == "" {
			wrong = append(wrong, entry.Mistake{Field: "amount", Say: lang.Text{DE: "Die abgegebene Menge fehlt.", EN: "The amount dispensed is missing."}})
		}
		e.Facts = entry.Facts{clinical.Dose{
			ID: entry.Number(e.Root), Prescription: rx.Key(), Drug: cmp.Or(rx.Drug, clinical.Coded{Text: rx.Substance}), Amount: typed["amount"],
			Route: rx.Route, Lot: typed["lot"], At: v.now, By: v.by(), Status: clinical.Dispensed,
		}}
		return e, wrong
	}
	if act == "remark" && typed["remark"] == "" {
		wrong = append(wrong, entry.Mistake{Field: "remark", Say: lang.Text{DE: "Der Hinweis fehlt. Ohne Hinweis bitte „geprüft“ wählen.", EN: "The remark is missing. Without one please choose “reviewed”."}})
	}
	e.Fields["checks"] = reportText(s.c.Drugs.Table, s.c.Drugs.Table.Check(rx, factsOf(o.p, o.near, v.now)))
	e.Facts = entry.Facts{clinical.Review{
		ID: entry.Number(e.Root), Prescription: rx.Key(), Of: x.it.Origin.Seq, By: v.by(), At: v.now, Remark: typed["remark"],
	}}
	return e, wrong
}

// answering is a remark or a request on its way to its answer.
type answering struct {
	id      string
	seq     uint64
	what    string
	by      string
	at      stamp
	request bool
	answer  lang.Text
	form    *entry.Form
}

// answerOf finds what is answered. The error's kind is NotFound.
func answerOf(p *chart.Patient, id string, f Frame) (answering, error) {
	a := answering{id: id}
	for _, it := range p.Requests {
		if it.V.ID == id && !it.Cancelled {
			a.seq, a.what, a.by, a.at = it.Origin.Seq, strings.TrimSpace(it.V.Drug+" "+it.V.Amount), it.V.By.Name, f.stamp(it.V.At)
			if it.V.Note != "" {
				a.what += " – " + it.V.Note
			}
			a.request, a.form = true, entry.RequestAnswered
		}
	}
	for _, it := range p.Reviews {
		if it.V.ID == id && it.V.Remark != "" && !it.Cancelled {
			a.seq, a.what, a.by, a.at, a.form = it.Origin.Seq, it.V.Remark, it.V.By.Name, f.stamp(it.V.At), entry.RemarkNoted
			i := slices.IndexFunc(p.Medication, func(m rxItem) bool { return m.V.Key() == it.V.Prescription })
			if i >= 0 {
				a.what = entry.RxLine(p.Medication[i].V) + ": " + a.what
			}
		}
	}
	if a.form == nil {
		return a, noSuch(lang.Text{DE: "Das gibt es in dieser Akte nicht mehr.", EN: "This is no longer in this chart."})
	}
	if r := p.ReplyTo(a.id, a.seq); r != nil {
		a.answer = replyWord(r.V, f)
	}
	return a, nil
}

func (s *Server) answerOpened(v *visit, id string) (*opened, answering, http.Handler, error) {
	o, res, err := s.patient(v, chart.Head(), staff.SeeMedication, "reply")
	if res != nil || err != nil {
		return nil, answering{}, res, err
	}
	a, err := answerOf(o.p, id, o.frame)
	if err != nil {
		return nil, a, nil, err
	}
	res, err = s.mayWrite(v, o.ward, o.p.Key, staff.Right(a.form.Right))
	return o, a, res, err
}

func (s *Server) showReply(v *visit) (http.Handler, error) {
	o, a, res, err := s.answerOpened(v, v.FormValue("to"))
	if res != nil || err != nil {
		return res, err
	}
	return s.drawReply(v, http.StatusOK, o, a, desk.NewKey(), nil)
}

func (s *Server) drawReply(v *visit, code int, o *opened, a answering, key string, wrong []entry.Mistake) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	return replyPageT.status(code, replyPage{
		Frame: f.titled("patient", a.form.Title), Action: "/patient/" + string(o.p.Key) + "/reply", Key: key, To: a.id, Of: uint64Word(a.seq),
		What: lang.Text{DE: a.what, EN: a.what}, By: a.by, Said: a.at, Request: a.request, Answer: a.answer,
		Group: inputGroups(fieldsOf(a.form, "what", "act"), typedOf(v, a.form.Fields), wrong, "note")[0], Problems: problemsOf(wrong), Resumed: v.resumed,
	})
}

// reply records a physician's note of a remark, or the pharmacy's answer to a
// request.
func (s *Server) reply(v *visit) (http.Handler, error) {
	o, a, res, err := s.answerOpened(v, v.PostFormValue("to"))
	if res != nil || err != nil {
		return res, err
	}
	key := v.PostFormValue("key")
	if v.resumed {
		return s.drawReply(v, http.StatusOK, o, a, key, nil)
	}
	back := "/patient/" + string(o.p.Key) + "/medication"
	if a.request {
		back = "/desk/pharmacy?show=" + showRequests
	}
	fields := fieldsOf(a.form, "what", "act")
	typed, wrong := fewWords(v, o, fields, typedOf(v, fields))
	refuse := a.request && v.PostFormValue("act") == "refuse"
	if refuse && typed["note"] == "" {
		wrong = append(wrong, entry.Mistake{Field: "note", Say: lang.Text{DE: "Bitte der Station sagen, warum nicht.", EN: "Please tell the ward why not."}})
	}
	if len(wrong) > 0 {
		return s.drawReply(v, http.StatusUnprocessableEntity, o, a, key, wrong)
	}
	e := s.entryOf(v, o, a.form.Kind, key)
	e.Fields = typed
	e.Fields["what"] = a.what
	if a.request {
		e.Fields["act"] = map[bool]string{false: "done", true: "refuse"}[refuse]
	}
	e.Facts = entry.Facts{clinical.Reply{ID: entry.Number(e.Root), To: a.id, Of: a.seq, Refused: refuse, Note: typed["note"], By: v.by(), At: v.now}}
	if seq, ok := s.signedAlready(v, e); ok { // a second click
		return s.signed(v, o, back, e.Root, seq)
	}
	switch {
	case v.PostFormValue("of") != uint64Word(a.seq):
		return s.drawReply(v, http.StatusConflict, o, a, desk.NewKey(), []entry.Mistake{{Say: lang.Text{
			DE: "Das wurde inzwischen geändert. Bitte den neuen Stand lesen; eingetragen wurde nichts.", EN: "This was changed meanwhile. Please read how it stands now; nothing was recorded.",
		}}})
	case a.answer.DE != "": // somebody was faster
		return s.drawReply(v, http.StatusConflict, o, a, desk.NewKey(), []entry.Mistake{{Say: lang.Text{
			DE: "Inzwischen hat schon jemand geantwortet. Ihre Antwort wurde nicht gespeichert.", EN: "Somebody has answered meanwhile. Your answer was not stored.",
		}}})
	}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if err != nil {
		if mistake, ok := refused(err, o.frame); ok {
			return s.drawReply(v, status(fault.KindOf(err)), o, a, desk.NewKey(), []entry.Mistake{mistake})
		}
		return nil, err
	}
	return s.signed(v, o, back, e.Root, seq)
}
