package web

import (
	"net/http"
	"strings"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

func (s *Server) showOutages(v *visit) (http.Handler, error) {
	form := declareForm{}
	if id := v.FormValue("system"); id != "" && s.p.Watch != nil { // what the watch proposes
		form = proposed(s.p.Watch.Board(), id, s.bare(v))
	}
	return s.drawOutages(v, http.StatusOK, form, nil)
}

func (s *Server) drawOutages(v *visit, code int, form declareForm, problems []problem) (http.Handler, error) {
	if _, err := v.need(staff.SeeHouse); err != nil {
		return nil, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v) // an outage can be declared although no chart can be read
	}
	b := board{systems: s.p.Outages.Systems(), states: s.p.Outages.States(), outages: s.p.Outages.Outages(true)}
	if s.p.Watch != nil {
		b.watched = s.p.Watch.Board()
	}
	p := newOutagesPage(b, f, form, problems, journal.NewID().String())
	for i := range p.Open {
		if o := &p.Open[i]; o.ID == v.PathValue("id") {
			o.act, o.typed = v.PathValue("act"), v.PostForm
		}
	}
	return outagesPageT.status(code, p)
}

func declareFormOf(v *visit) declareForm {
	return declareForm{
		System: v.PostFormValue("system"), Why: strings.TrimSpace(v.PostFormValue("why")), Since: strings.TrimSpace(v.PostFormValue("since")),
		Exercise: v.PostFormValue("exercise") != "", Alone: strings.TrimSpace(v.PostFormValue("alone")),
	}
}

// checkDeclare returns what is wrong with the form, in the order of its fields.
func (s *Server) checkDeclare(v *visit, form declareForm) []problem {
	var out []problem
	if form.System == "" {
		out = append(out, problem{"system", lang.Text{DE: "Bitte das System wählen.", EN: "Please choose the system."}})
	}
	if _, err := parseSince(form.Since, v.now); err != nil {
		out = append(out, problem{"since", fault.Say(err)})
	}
	if len(form.Why) < 3 {
		out = append(out, problem{"why", lang.Text{DE: "Bitte in ein paar Worten sagen, was geschehen ist.", EN: "Please say in a few words what happened."}})
	}
	return out
}

// askDeclare shows what is going to be declared and asks once more.
func (s *Server) askDeclare(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.DeclareOutage); err != nil {
		return nil, err
	}
	form := declareFormOf(v)
	if problems := s.checkDeclare(v, form); len(problems) > 0 {
		return s.drawOutages(v, http.StatusUnprocessableEntity, form, problems)
	}
	since, err := parseSince(form.Since, v.now)
	if err != nil {
		return nil, err
	}
	f := s.bare(v)
	form.Since = since.Format("02.01.2006 15:04")
	p := declarePage{Frame: f.titled("outages", lang.Text{DE: "Ausfall erklären", EN: "Declare an outage"}), Form: form, Since: f.stamp(since), Key: v.PostFormValue("key"), System: lang.Text{DE: form.System}}
	for _, x := range s.p.Outages.Systems() {
		if x.ID == form.System {
			p.System = x.Name
		}
	}
	return declarePageT.of(p)
}

func (s *Server) declare(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.DeclareOutage)
	if err != nil {
		return nil, err
	}
	form := declareFormOf(v)
	if problems := s.checkDeclare(v, form); len(problems) > 0 {
		return s.drawOutages(v, http.StatusUnprocessableEntity, form, problems)
	}
	since, err := parseSince(form.Since, v.now)
	if err != nil {
		return nil, err
	}
	o, err := s.p.Outages.Declare(v.Context(), act(v, sess, form.Why), form.System, since, form.Exercise, form.Alone)
	if err != nil {
		return s.refused(v, form, err)
	}
	return seeOther("/outages#" + o.ID), nil
}

func act(v *visit, sess staff.Session, why string) incident.Act {
	return incident.Act{Person: sess.Person.ID, Name: sess.Person.Name, Why: why, Key: v.PostFormValue("key")}
}

// refused shows the outages again with the sentence, what was typed kept.
func (s *Server) refused(v *visit, form declareForm, err error) (http.Handler, error) {
	switch k := fault.KindOf(err); k {
	case fault.Invalid, fault.Conflict, fault.NotFound:
		return s.drawOutages(v, status(k), form, []problem{{Say: fault.Say(err)}})
	case fault.Internal, fault.Forbidden, fault.Unsigned, fault.Unavailable, fault.Corrupt:
	}
	return nil, err
}

// actOnOutage confirms, withdraws, corrects or ends an outage, or says where its
// system stands meanwhile.
func (s *Server) actOnOutage(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.DeclareOutage)
	if err != nil {
		return nil, err
	}
	id, why := v.PathValue("id"), strings.TrimSpace(v.PostFormValue("why"))
	by := act(v, sess, why)
	switch v.PathValue("act") {
	case "confirm":
		_, err = s.p.Outages.Confirm(v.Context(), by, id)
	case "withdraw":
		_, err = s.p.Outages.Withdraw(v.Context(), by, id)
	case "end":
		if alone := strings.TrimSpace(v.PostFormValue("alone")); alone != "" {
			_, err = s.p.Outages.EndAlone(v.Context(), by, id, alone)
		} else {
			_, err = s.p.Outages.AskEnd(v.Context(), by, id)
		}
	case "correct":
		var since time.Time // an empty one is refused: it would mean now
		if text := strings.TrimSpace(v.PostFormValue("since")); text != "" {
			since, err = parseSince(text, v.now)
		}
		if err == nil {
			_, err = s.p.Outages.Correct(v.Context(), by, id, since)
		}
	case "state":
		o, ok := s.p.Outages.Outage(id)
		if !ok || o.Exercise {
			return s.unknown(v)
		}
		if !o.Effective() { // ended meanwhile: its system would stay so, with no form to change it
			return s.refused(v, declareForm{}, fault.New(fault.Conflict, lang.Text{DE: "Dieser Ausfall ist nicht mehr in Kraft. Der Stand wurde nicht geändert.", EN: "This outage is not in force any more. The state was not changed."}))
		}
		err = s.p.Outages.SetState(v.Context(), by, o.System, incident.State(v.PostFormValue("state")))
	case "confirm-end":
		_, err = s.p.Outages.ConfirmEnd(v.Context(), by, id)
	case "call-off-end":
		_, err = s.p.Outages.CallOffEnd(v.Context(), by, id)
	default:
		return s.unknown(v)
	}
	if err != nil {
		return s.refused(v, declareForm{}, err)
	}
	return seeOther("/outages"), nil
}

// confirmAlarm ends an alarm about something that happened, once a person has
// seen to it.
func (s *Server) confirmAlarm(v *visit) (http.Handler, error) {
	sess, err := v.need(staff.ConfirmAlarms)
	if err != nil {
		return nil, err
	}
	if s.c.Confirm == nil {
		return s.unknown(v)
	}
	if err := s.c.Confirm(v.Context(), sess.Person, v.PostFormValue("key"), v.PostFormValue("mark")); err != nil {
		return nil, err
	}
	return seeOther("/"), nil
}

func (s *Server) switchDemo(v *visit) (http.Handler, error) {
	if _, err := v.need(staff.OperateDemo); err != nil {
		return nil, err
	}
	if s.p.Demo == nil {
		return s.unknown(v)
	}
	if err := s.p.Demo.Switch(v.Context(), v.PostFormValue("kis") == "on"); err != nil {
		return nil, err
	}
	return seeOther(safeBack(v.PostFormValue("back"))), nil
}
