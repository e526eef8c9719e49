package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/desk"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
	"notbetrieb/internal/watch"
)

func (s *Server) watchRoutes(on func(string, show)) {
	on("GET /watch", s.showWatch)
	on("GET /watch/system/{id}", s.showWatchSystem)
	on("GET /watch/maintenance", s.showMaintenance)
}

func (s *Server) watchForms(on func(string, show)) {
	on("POST /watch/system/{id}/{act}", s.actOnState)
	on("POST /watch/maintenance", s.planMaintenance)
	on("POST /watch/maintenance/{id}/off", s.callOffMaintenance)
}

// watcher returns the frame of a page of the watch; it opens also while no chart
// can be read.
func (s *Server) watcher(v *visit) (Frame, staff.Session, error) {
	sess, err := v.need(staff.WatchSystems)
	if err != nil {
		return Frame{}, sess, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v)
	}
	return f, sess, nil
}

func (s *Server) showWatch(v *visit) (http.Handler, error) {
	f, _, err := s.watcher(v)
	if err != nil {
		return nil, err
	}
	return watchPageT.of(newWatchPage(s.p.Watch.Board(), f, desk.NewKey(), nil))
}

// historyMonths is how many months the page of a system shows.
const historyMonths = 13

func (s *Server) showWatchSystem(v *visit) (http.Handler, error) {
	return s.drawWatchSystem(v, http.StatusOK, nil)
}

func (s *Server) drawWatchSystem(v *visit, code int, problems []problem) (http.Handler, error) {
	f, _, err := s.watcher(v)
	if err != nil {
		return nil, err
	}
	id := v.PathValue("id")
	row, history, ok := s.p.Watch.System(id)
	if !ok {
		return nil, fault.New(fault.NotFound, lang.Text{DE: "Dieses System gibt es nicht.", EN: "There is no such system."})
	}
	p := newWatchSystemPage(row, history, s.p.Watch.Months(id, historyMonths), s.p.Watch.Board(), f, desk.NewKey(), problems)
	return watchSystemPageT.status(code, p)
}

func watchCommand(v *visit, sess staff.Session) watch.Command {
	return watch.Command{Key: v.PostFormValue("key"), Person: sess.Person.ID, Name: sess.Person.Name}
}

// actOnState takes what a person says about the state of a system: that it is
// seen to, or that it is no outage.
func (s *Server) actOnState(v *visit) (http.Handler, error) {
	_, sess, err := s.watcher(v)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawWatchSystem(v, http.StatusOK, nil)
	}
	seq, err := strconv.ParseUint(v.PostFormValue("seq"), 10, 64)
	if err != nil {
		return s.unknown(v)
	}
	id, text := v.PathValue("id"), strings.TrimSpace(v.PostFormValue("text"))
	switch v.PathValue("act") {
	case "ack":
		err = s.p.Watch.Acknowledge(v.Context(), watchCommand(v, sess), id, seq, text)
	case "decline":
		err = s.p.Watch.Decline(v.Context(), watchCommand(v, sess), id, seq, text)
	default:
		return s.unknown(v)
	}
	if err != nil {
		switch k := fault.KindOf(err); k {
		case fault.Invalid, fault.Conflict:
			return s.drawWatchSystem(v, status(k), []problem{{Say: fault.Say(err)}})
		case fault.Internal, fault.NotFound, fault.Forbidden, fault.Unsigned, fault.Unavailable, fault.Corrupt:
		}
		return nil, err
	}
	return seeOther("/watch/system/" + id), nil
}

func (s *Server) showMaintenance(v *visit) (http.Handler, error) {
	return s.drawMaintenance(v, http.StatusOK, []string{v.FormValue("system")}, maintenanceForm{}, nil)
}

func (s *Server) drawMaintenance(v *visit, code int, chosen []string, form maintenanceForm, problems []problem) (http.Handler, error) {
	f, _, err := s.watcher(v)
	if err != nil {
		return nil, err
	}
	return maintenancePageT.status(code, newMaintenancePage(s.p.Watch.Board(), chosen, form, f, desk.NewKey(), problems))
}

func newMaintenancePage(b watch.Board, chosen []string, form maintenanceForm, f Frame, key string, problems []problem) maintenancePage {
	p := maintenancePage{Frame: f.titled("watch", lang.Text{DE: "Wartung planen", EN: "Plan maintenance"}), Form: form, Key: key, Problems: problems}
	for _, r := range b.Rows {
		name := r.System.Name
		if name.DE == "" {
			name.DE = r.System.ID
		}
		p.Systems = append(p.Systems, choice{r.System.ID, name, slices.Contains(chosen, r.System.ID)})
	}
	p.Windows = newWindowViews(b.Windows, namesOf(b.Rows), f)
	return p
}

// localTime is the form in which browsers send a local date and time.
const localTime = "2006-01-02T15:04"

func (s *Server) planMaintenance(v *visit) (http.Handler, error) {
	_, sess, err := s.watcher(v)
	if err != nil {
		return nil, err
	}
	chosen := v.PostForm["system"]
	form := maintenanceForm{From: v.PostFormValue("from"), To: v.PostFormValue("to"), Why: strings.TrimSpace(v.PostFormValue("why"))}
	if v.resumed {
		return s.drawMaintenance(v, http.StatusOK, chosen, form, nil)
	}
	from, ferr := time.ParseInLocation(localTime, form.From, s.c.Zone)
	to, terr := time.ParseInLocation(localTime, form.To, s.c.Zone)
	var problems []problem
	if ferr != nil {
		problems = append(problems, problem{"from", lang.Text{DE: "Bitte den Beginn mit Datum und Uhrzeit angeben.", EN: "Please give the begin with date and time."}})
	}
	if terr != nil {
		problems = append(problems, problem{"to", lang.Text{DE: "Bitte das Ende mit Datum und Uhrzeit angeben.", EN: "Please give the end with date and time."}})
	}
	if len(problems) > 0 {
		return s.drawMaintenance(v, http.StatusUnprocessableEntity, chosen, form, problems)
	}
	if err := s.p.Watch.Plan(v.Context(), watchCommand(v, sess), chosen, from, to, form.Why); err != nil {
		if k := fault.KindOf(err); k == fault.Invalid || k == fault.NotFound {
			return s.drawMaintenance(v, status(k), chosen, form, []problem{{Say: fault.Say(err)}})
		}
		return nil, err
	}
	return seeOther("/watch/maintenance"), nil
}

func (s *Server) callOffMaintenance(v *visit) (http.Handler, error) {
	_, sess, err := s.watcher(v)
	if err != nil {
		return nil, err
	}
	if v.resumed {
		return s.drawMaintenance(v, http.StatusOK, nil, maintenanceForm{}, nil)
	}
	if err := s.p.Watch.CallOff(v.Context(), watchCommand(v, sess), v.PathValue("id")); err != nil {
		return nil, err
	}
	return seeOther("/watch/maintenance"), nil
}

// proposalView is an outage that the watch proposes.
type proposalView struct {
	System string
	Name   lang.Text
	Since  stamp
	Why    []causeView
	From   []lang.Text
	Seq    uint64
	Here   bool // it can be declared on this page
}

// newProposals are the proposals about systems that have no open outage.
func newProposals(b watch.Board, busy, declarable map[string]bool, f Frame) []proposalView {
	names, feeds := namesOf(b.Rows), feedNames(b.Feeds)
	var out []proposalView
	for _, p := range b.Proposals {
		if busy[p.System.ID] {
			continue
		}
		out = append(out, proposalView{
			System: p.System.ID, Name: names.of([]string{p.System.ID})[0], Since: f.stamp(p.Since), Why: newCauseViews(p.Why, feeds),
			From: names.of(p.From), Seq: p.Seq, Here: declarable[p.System.ID],
		})
	}
	return out
}

// proposalsNow are the outages that the watch proposes and nobody has declared.
func (s *Server) proposalsNow(f Frame) []proposalView {
	if s.p.Watch == nil {
		return nil
	}
	busy, declarable := map[string]bool{}, map[string]bool{}
	for _, o := range s.p.Outages.Outages(false) {
		busy[o.System] = true
	}
	for _, x := range s.p.Outages.Systems() {
		declarable[x.ID] = true
	}
	return newProposals(s.p.Watch.Board(), busy, declarable, f)
}

// proposed fills the form of a declaration with what the watch saw of a system.
func proposed(b watch.Board, system string, f Frame) declareForm {
	form := declareForm{System: system}
	feeds := feedNames(b.Feeds)
	for _, p := range b.Proposals {
		if p.System.ID != system {
			continue
		}
		form.Since = f.stamp(p.Since).At.Format("02.01.2006 15:04")
		var why []string
		for _, c := range newCauseViews(p.Why, feeds) {
			why = append(why, c.What.In(f.Lang)+": "+c.Say.In(f.Lang))
		}
		form.Why = strings.Join(why, " ")
	}
	return form
}
