package web

import (
	"strings"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/staff"
)

// crisisTasksPage is the tasks of an incident by phase.
type crisisTasksPage struct {
	crisisHead
	Shows  []filterLink
	Groups []taskGroup
	Phases []choice
	Roles  []choice
}

type taskGroup struct {
	Name  lang.Text
	Tasks []taskView
}

// taskView is one task.
type taskView struct {
	ID       string
	Title    string
	How      string
	Role     lang.Text
	Name     string // who took it
	Due      stamp
	Overdue  bool
	Phase    lang.Text
	State    crisis.TaskState
	Note     string
	By       actView
	Waits    []string // open tasks that come first
	Contain  bool
	Hook     lang.Text
	Command  string
	HookName string
	Agreed   []actView
	Mine     bool // the reader agreed already
	Runs     []runView
	Own      bool
}

type runView struct {
	Started stamp
	Ended   stamp
	Code    int
	Output  string
	Note    string
	By      string
}

var crisisTasksPageT = parse[crisisTasksPage]("crisistasks")

func newTaskView(c *crisis.Crisis, t crisis.Task, hook *crisis.Hook, f Frame) taskView {
	v := taskView{ID: t.ID, Title: t.Title, How: t.How, Role: crisis.RoleName(t.Role), Name: t.Name, Due: f.stamp(t.Due), Overdue: t.Overdue(f.Now), Phase: crisis.PhaseName(t.Phase), State: t.State,
		Note: t.Note, By: f.crisisAct(t.By), Contain: t.Containment, HookName: t.Hook, Own: t.Own}
	for _, x := range c.WaitsFor(t) {
		v.Waits = append(v.Waits, x.Title)
	}
	for _, a := range t.Agreements(f.Now) {
		v.Agreed = append(v.Agreed, f.crisisAct(a))
		v.Mine = v.Mine || f.User != nil && a.Person == f.User.ID
	}
	for _, r := range t.Runs {
		var who []string
		for _, a := range r.Agreed {
			who = append(who, a.Name)
		}
		v.Runs = append(v.Runs, runView{f.stamp(r.Started), f.stamp(r.Ended), r.Code, r.Output, r.Note, strings.Join(who, ", ")})
	}
	if hook != nil {
		v.Hook, v.Command = hook.Label, strings.Join(hook.Command, " ")
	}
	return v
}

func newCrisisTasksPage(h crisisHead, b *crisis.Book, showed string, now time.Time) crisisTasksPage {
	p := crisisTasksPage{crisisHead: h}
	open, done, contain := 0, 0, 0
	fits := func(t crisis.Task) bool {
		switch showed {
		case "all":
			return true
		case "done":
			return t.State != crisis.TaskOpen
		case "contain":
			return t.Containment
		case "late":
			return t.Overdue(now)
		}
		return t.State == crisis.TaskOpen
	}
	late := 0
	for _, t := range h.C.Tasks {
		switch {
		case t.State != crisis.TaskOpen:
			done++
		default:
			open++
		}
		if t.Overdue(now) {
			late++
		}
		if t.Containment {
			contain++
		}
	}
	for _, ph := range rulebook.Phases() {
		g := taskGroup{Name: crisis.PhaseName(ph)}
		for _, t := range h.C.Tasks {
			if t.Phase != ph || !fits(t) {
				continue
			}
			var hook *crisis.Hook
			if b != nil {
				if x, ok := b.Hook(t.Hook); ok {
					hook = &x
				}
			}
			g.Tasks = append(g.Tasks, newTaskView(h.C, t, hook, h.Frame))
		}
		if len(g.Tasks) > 0 {
			p.Groups = append(p.Groups, g)
		}
		p.Phases = append(p.Phases, choice{string(ph), crisis.PhaseName(ph), string(ph) == h.Was("task-add", "phase")})
	}
	for _, r := range rulebook.Roles() {
		p.Roles = append(p.Roles, choice{string(r), crisis.RoleName(r), string(r) == h.Was("task-add", "role")})
	}
	at := "/crisis/" + h.C.ID + "/tasks"
	p.Shows = []filterLink{
		{at, lang.Text{DE: "offen", EN: "open"}, open, showed == ""},
		{at + "?show=late", lang.Text{DE: "überfällig", EN: "overdue"}, late, showed == "late"},
		{at + "?show=contain", lang.Text{DE: "Eindämmung", EN: "containment"}, contain, showed == "contain"},
		{at + "?show=done", lang.Text{DE: "erledigt", EN: "done"}, done, showed == "done"},
		{at + "?show=all", lang.Text{DE: "alle", EN: "all"}, open + done, showed == "all"},
	}
	return p
}

var taskActs = map[string]crisisAct{
	"task-take": {staff.WorkCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.TakeTask(v.Context(), by, id, v.PostFormValue("of"), by.Person, by.Name)
		return err
	}},
	"task-give": {staff.LeadCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.TakeTask(v.Context(), by, id, v.PostFormValue("of"), "", v.PostFormValue("name"))
		return err
	}},
	"task-done": {staff.WorkCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.EndTask(v.Context(), by, id, v.PostFormValue("of"), v.PostFormValue("note"))
		return err
	}},
	"task-drop": {staff.WorkCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.DropTask(v.Context(), by, id, v.PostFormValue("of"), v.PostFormValue("note"))
		return err
	}},
	"task-reopen": {staff.WorkCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.ReopenTask(v.Context(), by, id, v.PostFormValue("of"), v.PostFormValue("note"))
		return err
	}},
	"task-move": {staff.LeadCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		due, err := parseAhead(v.PostFormValue("due"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.MoveTask(v.Context(), by, id, v.PostFormValue("of"), due, v.PostFormValue("note"))
		return err
	}},
	"task-add": {staff.WorkCrisis, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		due, err := parseAhead(v.PostFormValue("due"), v.now)
		if err != nil {
			return err
		}
		_, err = s.p.Crisis.AddTask(v.Context(), by, id, crisis.Task{Title: v.PostFormValue("title"), How: v.PostFormValue("how"), Phase: rulebook.Phase(v.PostFormValue("phase")), Role: rulebook.Role(v.PostFormValue("role")), Due: due})
		return err
	}},
	"agree": {staff.AgreeContain, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Agree(v.Context(), by, id, v.PostFormValue("of"))
		return err
	}},
	"disagree": {staff.AgreeContain, "tasks", func(s *Server, v *visit, by crisis.Act, id string) error {
		_, err := s.p.Crisis.Disagree(v.Context(), by, id, v.PostFormValue("of"), v.PostFormValue("note"))
		return err
	}},
}
