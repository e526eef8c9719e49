package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// prescribePage is the form of a prescription, for a new one or a change.
type prescribePage struct {
	Frame
	Action   string
	Key      string
	Rx       string // the prescription that is changed, "" for a new one
	Of       string // the state of it that the form shows
	Was      string // it in one line
	WasHere  bool   // it was written here, not in the KIS
	Groups   []inputGroup
	Names    []string
	Table    lang.Text
	Problems []problem
	Resumed  bool
	Beside   *besideView
}

// prescribedPage is the one confirmation before a prescription is signed.
type prescribedPage struct {
	Frame
	Action    string
	Hidden    []hiddenField
	Line      string
	Was       string
	Rows      []shownField
	Findings  []findingLine
	Unchecked []findingLine
	Single    lang.Text
	Daily     lang.Text
	Second    bool
	SecondWhy lang.Text
	NeedWhy   bool
	NeedSure  bool
	Despite   string
	Table     lang.Text
	Problems  []problem
}

type hiddenField struct{ Name, Value string }

var (
	prescribePageT  = parse[prescribePage]("prescribe")
	prescribedPageT = parse[prescribedPage]("prescribed")
)

// prescribing is a prescription on its way.
type prescribing struct {
	form  *entry.Form
	typed map[string]string
	key   string
	rx    string
	of    string
	was   rxItem
	back  string
	paper fromPaper
}

// prescribeFields are what is filled in; the rest of the form's fields is
// written by the check.
func prescribeFields(form *entry.Form) []entry.Field {
	return fieldsOf(form, "checks", "despite", "was")
}

func (s *Server) showPrescribe(v *visit) (http.Handler, error) {
	form := entry.FormOf(entry.PrescriptionForm)
	o, res, err := s.patientFor(v, v.rxPart(), form, "prescribe")
	if res != nil || err != nil {
		return res, err
	}
	x := prescribing{form: form, key: desk.NewKey(), rx: v.FormValue("rx"), typed: map[string]string{}, paper: paperOf(v)}
	if err := s.nowInOutage(v); err != nil && x.paper.root == "" { // on paper it was prescribed then
		return nil, err
	}
	if x.rx != "" {
		if x.was, err = rxNamed(o.p, x.rx); err != nil {
			return nil, err
		}
		x.of, x.typed = rxState(o.p, x.was), entry.PrescriptionFields(x.was.V)
		if !x.was.V.End.IsZero() && x.was.V.End.After(v.now) {
			x.typed["end"] = x.was.V.End.In(v.now.Location()).Format("02.01.2006 15:04")
		}
	}
	return s.drawPrescribe(v, o, x, nil)
}

func (s *Server) drawPrescribe(v *visit, o *opened, x prescribing, wrong []entry.Mistake) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	title := lang.Text{DE: "Verordnen", EN: "Prescribe"}
	if x.rx != "" {
		title = lang.Text{DE: "Verordnung ändern", EN: "Change a prescription"}
	}
	p := prescribePage{
		Frame: f.titled("patient", title), Action: "/patient/" + string(o.p.Key) + "/prescribe", Key: x.key, Rx: x.rx, Of: x.of,
		Groups: inputGroups(prescribeFields(x.form), x.typed, wrong, "drug"), Names: s.c.Drugs.Table.Names(), Table: s.tableLine(),
		Problems: problemsOf(wrong), Resumed: v.resumed, Beside: s.besideOf(o, x.paper, x.typed[entry.AtField], true, wrong),
	}
	for i := range p.Groups {
		for j := range p.Groups[i].Fields {
			switch x := &p.Groups[i].Fields[j]; x.Name {
			case "drug":
				x.List = "drugs"
			case "route":
				x.List = "routes"
			case "form":
				x.List = "forms"
			case "interval":
				x.List = "intervals"
			}
		}
	}
	if x.rx != "" {
		p.Was, p.WasHere = entry.RxLine(x.was.V), x.was.Origin.Feed == chart.Here
	}
	return prescribePageT.status(codeFor(wrong), p)
}

// prescribe checks a filled form, asks once more, and signs it.
func (s *Server) prescribe(v *visit) (http.Handler, error) {
	form := entry.FormOf(entry.PrescriptionForm)
	o, res, err := s.patientFor(v, v.rxPart(), form, "prescribe")
	if res != nil || err != nil {
		return res, err
	}
	x := prescribing{form: form, key: v.PostFormValue("key"), rx: v.PostFormValue("rx"), of: v.PostFormValue("of"), typed: typedOf(v, prescribeFields(form)), paper: paperOf(v)}
	if err := s.nowInOutage(v); err != nil && x.paper.root == "" {
		return nil, err
	}
	if x.rx != "" {
		if x.was, err = rxNamed(o.p, x.rx); err != nil {
			return nil, err
		}
	}
	act := v.PostFormValue("act")
	if v.resumed || act == "edit" {
		return s.drawPrescribe(v, o, x, nil)
	}
	filled, wrong := form.Fill(func(name string) string { return x.typed[name] }, nil, aboutOf(v, o.p))
	if pzn := filled.Text("pzn"); pzn != "" {
		n, ok := dosing.ReadPZN(pzn)
		if !ok {
			wrong = append(wrong, entry.Mistake{Field: "pzn", Say: lang.Text{DE: "Das ist keine PZN, oder eine Ziffer ist falsch.", EN: "This is no PZN, or a digit is wrong."}})
		}
		filled.Typed["pzn"] = n
	}
	if x.paper.root != "" {
		_, late := s.paperTime(v, x.typed[entry.AtField])
		wrong = append(wrong, append(s.sheetMistakes(o, x.paper.form(x.typed[entry.AtField])), late...)...)
	}
	if len(wrong) > 0 {
		return s.drawPrescribe(v, o, x, wrong)
	}
	key := x.key
	if x.rx != "" {
		key = desk.KeyFor("prescription", string(o.p.Key), x.rx, x.of)
	}
	p := filled.Prescription(x.was.V, entry.Number(key), s.c.Drugs.Times)
	report := s.c.Drugs.Table.Check(p, factsOf(o.p, o.near, v.now))
	if act != "sign" {
		return s.drawPrescribed(o, x, p, report, "", nil)
	}
	return s.signPrescription(v, o, x, filled, p, report, key)
}

// reportSum tells two reports apart: what was confirmed is what was seen.
func reportSum(t *dosing.Table, r dosing.Report) string {
	sum := sha256.Sum256([]byte(reportText(t, r)))
	return hex.EncodeToString(sum[:8])
}

func (s *Server) signPrescription(v *visit, o *opened, x prescribing, filled *entry.Filled, p clinical.Prescription, report dosing.Report, key string) (http.Handler, error) {
	despite := strings.TrimSpace(v.PostFormValue("despite"))
	e := s.entryOf(v, o, x.form.Kind, key)
	e.Fields, e.Reason = filled.Typed, despite
	e.Fields["checks"] = reportText(s.c.Drugs.Table, report)
	if despite != "" {
		e.Fields["despite"] = despite
	}
	if x.rx != "" {
		e.Fields["was"] = entry.RxLine(x.was.V)
	}
	back := s.onPaper(o, x.paper, &e, "/patient/"+string(o.p.Key)+"/medication")
	if e.Sheet != "" {
		e.At = filled.At
	}
	if x.rx != "" && x.of != rxState(o.p, x.was) {
		if seq, ok := s.signedAlready(v, e); ok { // sent twice
			return s.signed(v, o, back, key, seq)
		}
		x.of = rxState(o.p, x.was)
		return s.drawPrescribe(v, o, x, []entry.Mistake{changedMistake(x.was, o.frame)})
	}
	var wrong []entry.Mistake
	stop, warn := report.Worst() >= dosing.Stop, report.Worst() >= dosing.Warn
	switch {
	case v.PostFormValue("seen") != reportSum(s.c.Drugs.Table, report):
		if seq, ok := s.signedAlready(v, e); ok {
			return s.signed(v, o, back, key, seq)
		}
		wrong = append(wrong, entry.Mistake{Say: lang.Text{DE: "Die Prüfung ergibt jetzt anderes als eben. Bitte noch einmal ansehen.", EN: "The check now says something else. Please look again."}})
	case stop && despite == "":
		wrong = append(wrong, entry.Mistake{Field: "despite", Say: lang.Text{DE: "Bitte begründen, warum trotzdem verordnet wird.", EN: "Please give the reason for prescribing it all the same."}})
	case warn && !stop && v.PostFormValue("warned") == "":
		wrong = append(wrong, entry.Mistake{Field: "warned", Say: lang.Text{DE: "Bitte bestätigen, dass die Hinweise gelesen sind.", EN: "Please confirm that the findings were read."}})
	}
	if len(wrong) > 0 {
		return s.drawPrescribed(o, x, p, report, despite, wrong)
	}
	e.Facts = entry.Facts{p}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if taken, ok := errors.AsType[*desk.Taken](err); ok {
		return s.drawPrescribe(v, o, x, []entry.Mistake{takenMistake(taken, o.frame)})
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Unavailable || k == fault.Invalid) {
		return s.drawPrescribed(o, x, p, report, despite, []entry.Mistake{{Say: fault.Say(err)}})
	}
	if err != nil {
		return nil, err
	}
	return s.signed(v, o, back, key, seq)
}

// signedAlready finds the entry if the person at the screen signed the same
// under its key before: a second click.
func (s *Server) signedAlready(v *visit, e entry.Entry) (seq journal.Seq, ok bool) {
	was, err := s.p.Desk.Current(v.Context(), e.Key)
	if err != nil || was.By.ID != e.By.ID || was.Form != e.Form || was.Patient != e.Patient {
		return 0, false
	}
	for name, text := range e.Fields {
		if name != "checks" && name != "was" && was.Fields[name] != text {
			return 0, false
		}
	}
	return was.Seq, true
}

func (s *Server) drawPrescribed(o *opened, x prescribing, rx clinical.Prescription, r dosing.Report, despite string, wrong []entry.Mistake) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	p := prescribedPage{
		Frame: f.titled("patient", lang.Text{DE: "Verordnung bestätigen", EN: "Confirm the prescription"}), Action: "/patient/" + string(o.p.Key) + "/prescribe",
		Line: entry.RxLine(rx), Findings: findingLines(r.Findings), Unchecked: findingLines(r.Unchecked), Single: r.Single, Daily: r.Daily,
		Second: s.c.Drugs.second(rx), SecondWhy: s.c.Drugs.secondWhy(rx), Despite: despite, Table: s.tableLine(), Problems: problemsOf(wrong),
	}
	p.NeedWhy = r.Worst() >= dosing.Stop
	p.NeedSure = !p.NeedWhy && r.Worst() >= dosing.Warn
	add := func(name, value string) { p.Hidden = append(p.Hidden, hiddenField{name, value}) }
	for _, field := range prescribeFields(x.form) {
		if v := x.typed[field.Name]; v != "" {
			add(field.Name, v)
		}
	}
	p.Hidden = append(p.Hidden, x.paper.hidden()...)
	if x.paper.root != "" {
		add(entry.AtField, x.typed[entry.AtField])
	}
	add("key", x.key)
	add("rx", x.rx)
	add("of", x.of)
	add("seen", reportSum(s.c.Drugs.Table, r))
	if x.rx != "" {
		p.Was = entry.RxLine(x.was.V)
	}
	p.Rows = rxRows(rx, f)
	if x.paper.root != "" {
		p.Rows = append(p.Rows, shownField{Label: lang.Text{DE: "Vom Papier", EN: "From paper"}, Text: x.paper.by + ", " + x.typed[entry.AtField]})
	}
	return prescribedPageT.status(codeFor(wrong), p)
}

// rxRows are the parts of a prescription, each with its name.
func rxRows(p clinical.Prescription, f Frame) []shownField {
	l := newRxLine(rxItem{V: p}, nil, f)
	var times []string
	for _, t := range l.Times {
		times = append(times, t.Clock)
	}
	end := lang.Text{DE: "bis auf Weiteres", EN: "until further notice"}.In(f.Lang)
	if l.End.Known() {
		end = l.End.clock(f.Lang)
	}
	needed := ""
	if p.AsNeeded {
		needed = lang.Text{DE: "ja, höchstens ", EN: "yes, at most "}.In(f.Lang) + p.MaxDaily
	}
	var out []shownField
	for _, x := range []shownField{
		{Label: lang.Text{DE: "Mittel", EN: "Drug"}, Text: p.Drug.Label()},
		{Label: lang.Text{DE: "Stärke", EN: "Strength"}, Text: p.Strength},
		{Label: lang.Text{DE: "Form", EN: "Form"}, Text: p.Form},
		{Label: lang.Text{DE: "Einzeldosis", EN: "Single dose"}, Text: p.Dose},
		{Label: lang.Text{DE: "Weg", EN: "Route"}, Text: p.Route},
		{Label: lang.Text{DE: "Schema", EN: "Scheme"}, Text: p.Scheme},
		{Label: lang.Text{DE: "Abstand", EN: "Interval"}, Text: p.Interval},
		{Label: lang.Text{DE: "Uhrzeiten", EN: "Times"}, Text: strings.Join(times, " · ")},
		{Label: lang.Text{DE: "Laufrate", EN: "Rate"}, Text: p.Rate},
		{Label: lang.Text{DE: "Bei Bedarf", EN: "As needed"}, Text: needed},
		{Label: lang.Text{DE: "Wogegen", EN: "Indication"}, Text: p.Indication},
		{Label: lang.Text{DE: "Ab", EN: "From"}, Text: l.Start.clock(f.Lang)},
		{Label: lang.Text{DE: "Bis", EN: "Until"}, Text: end},
		{Label: lang.Text{DE: "Hinweis", EN: "Note"}, Text: p.Note},
	} {
		if x.Text != "" {
			out = append(out, x)
		}
	}
	return out
}

// standingPage stops, pauses and resumes a prescription.
type standingPage struct {
	Frame
	Action   string
	Rx       string
	Of       string
	Line     string
	Rows     []shownField
	State    lang.Text
	Here     bool
	Hold     bool
	Off      bool
	Why      string
	Problems []problem
	Resumed  bool
}

var standingPageT = parse[standingPage]("standing")

func (s *Server) showStanding(v *visit) (http.Handler, error) {
	o, res, err := s.patientFor(v, chart.Head(), entry.FormOf(entry.StandingForm), "prescription")
	if res != nil || err != nil {
		return res, err
	}
	it, err := rxNamed(o.p, v.FormValue("rx"))
	if err != nil {
		return nil, err
	}
	return s.drawStanding(v, o, it, nil)
}

func (s *Server) drawStanding(v *visit, o *opened, it rxItem, wrong []entry.Mistake) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	return standingPageT.status(codeFor(wrong), standingPage{
		Frame: f.titled("patient", lang.Text{DE: "Absetzen, pausieren, fortsetzen", EN: "Stop, pause, resume"}), Action: "/patient/" + string(o.p.Key) + "/prescription",
		Rx: it.V.Key(), Of: rxState(o.p, it), Line: entry.RxLine(it.V), Rows: rxRows(it.V, f), Here: it.Origin.Feed == chart.Here,
		Hold: it.V.Status == clinical.OnHold, Off: it.Cancelled || !rxActive(it.V, v.now), Why: v.PostFormValue("why"),
		State: orderWord(it.V.Status), Problems: problemsOf(wrong), Resumed: v.resumed,
	})
}

// standingNotes are what a note says of how a prescription stands.
var standingNotes = map[string]string{"stop": "abgesetzt", "hold": "pausiert"}

// setStanding signs that a prescription is stopped, paused or resumed, also one
// that came from the KIS.
func (s *Server) setStanding(v *visit) (http.Handler, error) {
	form := entry.FormOf(entry.StandingForm)
	o, res, err := s.patientFor(v, chart.Head(), form, "prescription")
	if res != nil || err != nil {
		return res, err
	}
	if err := s.nowInOutage(v); err != nil {
		return nil, err
	}
	it, err := rxNamed(o.p, v.PostFormValue("rx"))
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawStanding(v, o, it, nil)
	}
	typed := map[string]string{"to": v.PostFormValue("to"), "why": v.PostFormValue("why")}
	filled, wrong := form.Fill(func(name string) string { return typed[name] }, nil, aboutOf(v, o.p))
	if len(wrong) > 0 {
		return s.drawStanding(v, o, it, wrong)
	}
	key := desk.KeyFor("prescription", string(o.p.Key), it.V.Key(), v.PostFormValue("of"))
	e := s.entryOf(v, o, form.Kind, key)
	e.Fields, e.Reason = filled.Typed, filled.Text("why")
	e.Fields["drug"] = it.V.Drug.Label()
	back := "/patient/" + string(o.p.Key) + "/medication"
	if v.PostFormValue("of") != rxState(o.p, it) {
		if seq, ok := s.signedAlready(v, e); ok {
			return s.signed(v, o, back, key, seq)
		}
		return s.drawStanding(v, o, it, []entry.Mistake{changedMistake(it, o.frame)})
	}
	e.Facts = entry.Facts{standing(it.V, filled, v.session.Person)}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if taken, ok := errors.AsType[*desk.Taken](err); ok {
		return s.drawStanding(v, o, it, []entry.Mistake{takenMistake(taken, o.frame)})
	}
	if err != nil {
		return nil, err
	}
	return s.signed(v, o, back, key, seq)
}

// standing is the prescription as it stands after what was filled in: whole, so
// that nothing of it is lost, with the reason where its note is.
func standing(p clinical.Prescription, filled *entry.Filled, by staff.Person) clinical.Prescription {
	for _, word := range standingNotes {
		p.Note, _, _ = strings.Cut(p.Note, word+" von ")
	}
	p.Note = strings.TrimSuffix(strings.TrimSpace(p.Note), ";")
	p.Settled, p.Stood = "", clinical.Staff{ID: by.ID, Name: by.Name}
	to := filled.Text("to")
	if word := standingNotes[to]; word != "" {
		p.Note = strings.TrimPrefix(p.Note+"; "+word+" von "+by.Name+": "+filled.Text("why"), "; ")
	}
	switch to {
	case "stop":
		p.Status, p.End = clinical.Cancelled, filled.At
	case "hold":
		p.Status = clinical.OnHold
	case "resume":
		if !p.End.IsZero() && !p.End.After(filled.Now) {
			p.End = clinical.Prescription{}.End
		}
		p.Status = clinical.InProgress
	}
	return p
}
