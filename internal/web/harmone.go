package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/desk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// patientHarmPage is what the outage may have done to one patient, to be taken
// over and settled.
type patientHarmPage struct {
	Frame
	Action   string
	Key      string
	Seen     uint64
	Open     []harmLine
	Done     []harmLine
	Outcomes []choice
	Text     string
	Problems []problem
	Resumed  bool
	Report   string // the address of the report of an event about this patient
	Record   string // where doses and values are recorded
}

// harmLine is one finding.
type harmLine struct {
	Ref      string
	Kind     lang.Text
	What     string
	System   lang.Text
	Ward     string
	At       stamp
	High     bool
	Owner    string
	Chosen   bool
	Standing lang.Text
	Settled  bool // by a person: can be opened again
	By       string
	ByAt     stamp
	Text     string
	Source   sourceView
}

// choice is one option of a form.
type choice struct {
	Value string
	Label lang.Text
	Here  bool
}

var patientHarmPageT = parse[patientHarmPage]("patientharm")

// openHarm opens one patient's findings: the right to the list, the right to
// know who it is, and the recorded read.
func (s *Server) openHarm(v *visit) (*opened, []harm.Line, http.Handler, error) {
	if _, err := v.need(staff.SeeHarm); err != nil {
		return nil, nil, nil, err
	}
	windows := harm.Windows(s.p.Outages.Outages(true), v.now)
	part := chart.Head()
	if len(windows) > 0 {
		part = harm.Part(windows[0].From)
	}
	o, res, err := s.patient(v, part, staff.SeeIdentity, "harm")
	if res != nil || err != nil {
		return nil, nil, res, err
	}
	lines, err := s.linesOf(v, o)
	return o, lines, nil, err
}

// linesOf returns what was found about the opened patient and what was done
// about it, as far as the reader's rights open it in a chart.
func (s *Server) linesOf(v *visit, o *opened) ([]harm.Line, error) {
	h, err := s.harmSight(v)
	if err != nil {
		return nil, err
	}
	h.patient = o.p.Key
	item := harm.ItemOf(o.p, harm.Windows(s.p.Outages.Outages(true), v.now), v.now)
	return slices.DeleteFunc(s.p.Harm.Lines([]harm.Item{item}, v.now), func(l harm.Line) bool {
		return !h.may(o.ward, harmRight(l.Kind, l.Section)).Allowed()
	}), nil
}

func (s *Server) showPatientHarm(v *visit) (http.Handler, error) {
	o, lines, res, err := s.openHarm(v)
	if res != nil || err != nil {
		return res, err
	}
	return s.drawPatientHarm(v, http.StatusOK, o, lines, harmForm{key: desk.NewKey()}, nil)
}

// harmForm is what the browser sends back of the form.
type harmForm struct {
	key     string
	refs    []string
	act     string
	outcome harm.Outcome
	text    string
}

func harmFormOf(v *visit) harmForm {
	return harmForm{
		key: v.PostFormValue("key"), refs: v.PostForm["ref"], act: v.PostFormValue("act"), outcome: harm.Outcome(v.PostFormValue("outcome")),
		text: strings.TrimSpace(v.PostFormValue("text")),
	}
}

func (s *Server) drawPatientHarm(v *visit, code int, o *opened, lines []harm.Line, form harmForm, problems []problem) (http.Handler, error) {
	f := o.frame
	f.Banner = newBanner(o.p, f, "harm", o.near)
	p := newPatientHarmPage(lines, form, f, s.systemName)
	p.Action, p.Problems, p.Resumed = "/patient/"+string(o.p.Key)+"/harm", problems, v.resumed
	if f.User.Can(string(staff.ReportEvent)) {
		p.Report = "/event?patient=" + string(o.p.Key)
	}
	if f.User.Records() && f.Mode.Kind == incident.Emergency {
		p.Record = "/patient/" + string(o.p.Key) + "/write"
	}
	return patientHarmPageT.status(code, p)
}

func newPatientHarmPage(lines []harm.Line, form harmForm, f Frame, system func(string) lang.Text) patientHarmPage {
	p := patientHarmPage{Frame: f.titled("harm", lang.Text{DE: "Ausfall: was zu prüfen ist", EN: "Outage: what to check"}), Key: form.key, Text: form.text}
	for _, x := range harm.Outcomes() {
		p.Outcomes = append(p.Outcomes, choice{Value: string(x), Label: outcomeWord(x), Here: x == form.outcome})
	}
	for i := range lines {
		l := &lines[i]
		p.Seen = max(p.Seen, l.State.Act)
		x := harmLine{
			Ref: l.Ref, Kind: harmKindWord(l.Kind), What: l.What, System: system(l.System), Ward: l.Ward, At: f.stamp(l.At), High: l.Severity == harm.High,
			Owner: l.State.Owner.Name, Chosen: form.act == "" || slices.Contains(form.refs, l.Ref),
		}
		switch l.Standing() {
		case harm.WithOutcome:
			x.Standing, x.Settled, x.By, x.ByAt, x.Text = outcomeWord(l.State.Outcome), true, l.State.By.Name, f.stamp(l.State.By.At), l.State.Text
			p.Done = append(p.Done, x)
		case harm.ByEntry:
			x.Standing, x.By, x.ByAt = settledWord(l.Answer.Kind), l.Answer.By, f.stamp(l.Answer.At)
			x.Source = sourceView{Seq: l.Answer.Seq, Feed: lang.Text{DE: l.Answer.Feed}}
			p.Done = append(p.Done, x)
		case harm.Waiting:
			p.Open = append(p.Open, x)
		}
	}
	return p
}

// actOnHarm takes findings over, gives them back, settles them or takes an
// outcome back.
func (s *Server) actOnHarm(v *visit) (http.Handler, error) {
	o, lines, res, err := s.openHarm(v)
	if res != nil || err != nil {
		return res, err
	}
	form := harmFormOf(v)
	if v.resumed {
		return s.drawPatientHarm(v, http.StatusOK, o, lines, form, nil)
	}
	seen, err := strconv.ParseUint(v.PostFormValue("seen"), 10, 64)
	if err != nil {
		return s.unknown(v)
	}
	sess := *v.session
	c := harm.Command{Key: form.key, Person: sess.Person.ID, Name: sess.Person.Name, Patient: o.p.Key, Seen: seen}
	for i := range lines {
		if slices.Contains(form.refs, lines[i].Ref) {
			c.Found = append(c.Found, lines[i].Touch())
		}
	}
	switch form.act {
	case "take":
		err = s.p.Harm.Take(v.Context(), c)
	case "release":
		err = s.p.Harm.Release(v.Context(), c)
	case "settle":
		err = s.p.Harm.Settle(v.Context(), c, form.outcome, form.text)
	case "reopen":
		err = s.p.Harm.Reopen(v.Context(), c)
	default:
		return s.unknown(v)
	}
	if err != nil {
		return s.harmRefused(v, o, lines, form, err)
	}
	if form.act == "settle" && form.outcome == harm.Harmed {
		return seeOther("/event?patient=" + string(o.p.Key)), nil
	}
	return seeOther("/patient/" + string(o.p.Key) + "/harm"), nil
}

// harmRefused shows the page again with the sentence and what was typed; after
// somebody was faster, as it stands now.
func (s *Server) harmRefused(v *visit, o *opened, lines []harm.Line, form harmForm, err error) (http.Handler, error) {
	k := fault.KindOf(err)
	if k != fault.Invalid && k != fault.Conflict && k != fault.Unavailable {
		return nil, err
	}
	say := []problem{{Say: fault.Say(err)}}
	if k == fault.Conflict {
		form.key = desk.NewKey()
		if lines, err = s.linesOf(v, o); err != nil {
			return nil, err
		}
	}
	return s.drawPatientHarm(v, status(k), o, lines, form, say)
}
