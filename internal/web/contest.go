package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// contestView is a prescription that another system has otherwise than it was
// signed here.
type contestView struct {
	Drug string
	Say  lang.Text
	Href string // where it is decided, "" for readers who may not

	key string // of the prescription
}

// contestSay is a contest in the words of this house.
func contestSay(c chart.Contest, f Frame) lang.Text {
	return c.Say(f.source(c.Theirs.Origin).Feed, f.Now.Location())
}

// contestViews are the contested prescriptions of a chart.
func contestViews(p *chart.Patient, f Frame, open bool) []contestView {
	var out []contestView
	for _, c := range p.Contests() {
		v := contestView{Drug: c.Drug(), Say: contestSay(c, f), key: c.Ours.V.Key()}
		if open && f.User.Can(string(staff.Prescribe)) {
			v.Href = rxPath(p.Key, "contest", v.key)
		}
		out = append(out, v)
	}
	return out
}

// rxState names the state of a prescription that a form shows: the record that
// says how it stands here, and the one that says otherwise. Whoever signs
// something about it must have seen both.
func rxState(p *chart.Patient, it rxItem) string {
	state := strconv.FormatUint(it.Origin.Seq, 10)
	if c, ok := p.Contest(&it); ok {
		state += "-" + strconv.FormatUint(c.Theirs.Origin.Seq, 10)
	}
	return state
}

// contestPage lets a person decide between two states of a prescription.
type contestPage struct {
	Frame
	Action    string
	Rx        string
	Of        string
	Drug      string
	Say       lang.Text // "" where it is decided
	Decided   lang.Text
	System    lang.Text
	Ours      sideView
	Theirs    sideView
	Why       string
	Findings  []findingLine // on the side that is given, or both
	Unchecked []findingLine
	Table     lang.Text
	Problems  []problem
	Resumed   bool
}

// sideView is one side.
type sideView struct {
	Line   string
	State  lang.Text
	Rows   []shownField
	At     stamp
	By     string
	Origin sourceView
}

var contestPageT = parse[contestPage]("contest")

// contestOf opens the prescription that is decided on.
func (s *Server) contestOf(v *visit, key string) (*opened, rxItem, chart.Contest, http.Handler, error) {
	o, res, err := s.patientFor(v, v.rxPart(), entry.FormOf(entry.ContestForm), "contest")
	if res != nil || err != nil {
		return nil, rxItem{}, chart.Contest{}, res, err
	}
	it, err := rxNamed(o.p, key)
	if err != nil {
		return nil, it, chart.Contest{}, nil, err
	}
	sides, ok := o.p.Sides(&it)
	if !ok && v.Method == http.MethodPost { // the page was open while it was settled
		return o, it, sides, nil, fault.New(fault.Conflict, lang.Text{
			DE: "Zu dieser Verordnung ist inzwischen nichts mehr zu entscheiden: Das andere System sagt nichts anderes mehr. Gespeichert wurde nichts.",
			EN: "There is nothing left to decide about this prescription: the other system says nothing else any more. Nothing was stored.",
		})
	}
	if !ok {
		return nil, it, sides, nil, noSuch(lang.Text{
			DE: "Zu dieser Verordnung ist nichts zu entscheiden: Es ist nur ein Stand bekannt.",
			EN: "There is nothing to decide about this prescription: only one state is known.",
		})
	}
	return o, it, sides, nil, nil
}

func (s *Server) showContest(v *visit) (http.Handler, error) {
	o, it, sides, res, err := s.contestOf(v, v.FormValue("rx"))
	if res != nil || err != nil {
		return res, err
	}
	return s.drawContest(v, o, it, sides, nil)
}

func (s *Server) drawContest(v *visit, o *opened, it rxItem, sides chart.Contest, wrong []entry.Mistake) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "medication", o.near)
	p := contestPage{
		Frame: f.titled("patient", lang.Text{DE: "Strittige Verordnung entscheiden", EN: "Decide a contested prescription"}), Action: "/patient/" + string(o.p.Key) + "/contest",
		Rx: it.V.Key(), Of: rxState(o.p, it), Drug: sides.Drug(), System: f.source(sides.Theirs.Origin).Feed, Why: v.PostFormValue("why"),
		Ours: newSide(sides.Ours, f), Theirs: newSide(sides.Theirs, f), Table: s.tableLine(), Problems: problemsOf(wrong), Resumed: v.resumed,
	}
	if it.V.Settled == clinical.TookTheirs { // its state bears our origin now
		p.System, p.Theirs.Origin = lang.Text{DE: "Übernommener Stand", EN: "State that was taken over"}, sourceView{}
	}
	if c, ok := o.p.Contest(&it); ok {
		p.Say = contestSay(c, f)
	} else {
		p.Decided = decidedWord(it.V.Settled)
	}
	facts := factsOf(o.p, o.near, v.now)
	for _, side := range []clinical.Prescription{sides.Ours.V, sides.Theirs.V} {
		if !side.Status.Open() {
			continue
		}
		r := s.c.Drugs.Table.Check(side, facts)
		p.Findings, p.Unchecked = appendLines(p.Findings, r.Findings), appendLines(p.Unchecked, r.Unchecked)
	}
	return contestPageT.status(codeFor(wrong), p)
}

// appendLines adds the findings that are not there yet.
func appendLines(list []findingLine, more []dosing.Finding) []findingLine {
	for _, l := range findingLines(more) {
		known := false
		for _, x := range list {
			known = known || x == l
		}
		if !known {
			list = append(list, l)
		}
	}
	return list
}

// decidedWord says how it was decided, nothing if nobody has.
func decidedWord(s clinical.Settlement) lang.Text {
	switch s {
	case clinical.KeptOurs:
		return lang.Text{DE: "Entschieden: Es gilt, was hier unterschrieben wurde. Die Entscheidung kann hier geändert werden.", EN: "Decided: what was signed here holds. The decision can be changed here."}
	case clinical.TookTheirs:
		return lang.Text{DE: "Entschieden: Der andere Stand wurde übernommen. Die Entscheidung kann hier geändert werden.", EN: "Decided: the other state was taken over. The decision can be changed here."}
	}
	return lang.Text{}
}

func newSide(it rxItem, f Frame) sideView {
	out := sideView{Line: entry.RxLine(it.V), State: chart.Stands(&it.V), Rows: rxRows(it.V, f), At: f.stamp(it.Origin.Sent), Origin: f.source(it.Origin)}
	out.By = it.V.By.Name
	if it.V.Stood.Name != "" {
		out.By = it.V.Stood.Name
	}
	return out
}

// setContest signs the decision of a person who may prescribe.
func (s *Server) setContest(v *visit) (http.Handler, error) {
	o, it, sides, res, err := s.contestOf(v, v.PostFormValue("rx"))
	if err != nil && o != nil { // settled by now: sent twice, or too late
		key := desk.KeyFor("prescription", string(o.p.Key), it.V.Key(), v.PostFormValue("of"))
		e := s.entryOf(v, o, entry.ContestForm, key)
		e.Fields = map[string]string{"to": v.PostFormValue("to"), "why": strings.TrimSpace(v.PostFormValue("why"))}
		if seq, ok := s.signedAlready(v, e); ok && !v.resumed {
			return s.signed(v, o, "/patient/"+string(o.p.Key)+"/medication", key, seq)
		}
	}
	if res != nil || err != nil {
		return res, err
	}
	if v.resumed {
		return s.drawContest(v, o, it, sides, nil)
	}
	form := entry.FormOf(entry.ContestForm)
	typed := map[string]string{"to": v.PostFormValue("to"), "why": v.PostFormValue("why")}
	filled, wrong := form.Fill(func(name string) string { return typed[name] }, nil, aboutOf(v, o.p))
	if len(wrong) > 0 {
		return s.drawContest(v, o, it, sides, wrong)
	}
	of := v.PostFormValue("of")
	key := desk.KeyFor("prescription", string(o.p.Key), it.V.Key(), of)
	e := s.entryOf(v, o, form.Kind, key)
	e.Fields, e.Reason = filled.Typed, filled.Text("why")
	e.Fields["drug"] = sides.Drug()
	back := "/patient/" + string(o.p.Key) + "/medication"
	if of != rxState(o.p, it) {
		if seq, ok := s.signedAlready(v, e); ok { // sent twice
			return s.signed(v, o, back, key, seq)
		}
		return s.drawContest(v, o, it, sides, []entry.Mistake{changedMistake(it, o.frame)})
	}
	e.Fields["ours"], e.Fields["theirs"] = sideLine(sides.Ours.V), sideLine(sides.Theirs.V)
	e.Facts = entry.Facts{decided(it.V, sides, filled.Text("to"), filled.By)}
	seq, err := s.p.Desk.Sign(v.Context(), e)
	if taken, ok := errors.AsType[*desk.Taken](err); ok {
		return s.drawContest(v, o, it, sides, []entry.Mistake{takenMistake(taken, o.frame)})
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Unavailable || k == fault.Invalid) {
		return s.drawContest(v, o, it, sides, []entry.Mistake{{Say: fault.Say(err)}})
	}
	if err != nil {
		return nil, err
	}
	return s.signed(v, o, back, key, seq)
}

// sideLine is one side as it is kept in the entry.
func sideLine(p clinical.Prescription) string {
	return strings.TrimSpace(chart.Stands(&p).DE + ": " + entry.RxLine(p))
}

// decided is the prescription as it stands after a decision, under the numbers
// that it has here.
func decided(now clinical.Prescription, sides chart.Contest, to string, by clinical.Staff) clinical.Prescription {
	p := sides.Ours.V
	p.Settled = clinical.KeptOurs
	if to == "theirs" {
		p = sides.Theirs.V
		p.Settled = clinical.TookTheirs
	}
	p.Placer, p.Filler, p.Stood = now.Placer, now.Filler, by
	return p
}
