package web

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/harm"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// crisisBoardPage is the board of the crisis team. With Wall it is drawn for a
// display on the wall.
type crisisBoardPage struct {
	crisisHead
	Wall     bool
	Systems  []boardSystem
	Due      []clockView
	DueMore  int
	Phases   []phaseView
	Tasks    []taskView
	TaskMore int
	Overdue  int
	Numbers  *boardNumbers
	Lines    []logLineView
	Team     []chairView
	Meeting  stamp
	Place    string
	Limits   []restrictionView
	Outages  []linkedOutage
	Kinds    []choice
	Evac     *evacCount
	Agree    int // commands that wait for a second person
	Calls    []calloutLine
	Uncalled *uncalledView
	Places   *placesView // nil: none are configured
}

// boardNumbers are how the house stands, in numbers.
type boardNumbers struct {
	Patients, Beds, Free       int
	Critical, Isolated         int
	Touched, Urgent, Untouched int
}

type linkedOutage struct {
	ID      string
	Name    lang.Text
	Since   stamp
	Linked  bool
	InForce bool
}

type evacCount struct {
	Moved int
	All   int
	Href  string
}

type phaseView struct {
	Name lang.Text
	crisis.Count
}

// Disturbed are the systems of the wall: those that somebody must look at.
func (p crisisBoardPage) Disturbed() []boardSystem {
	list := p.disturbed()
	return list[:min(len(list), wallRows)]
}

func (p crisisBoardPage) disturbed() []boardSystem {
	return slices.DeleteFunc(slices.Clone(p.Systems), func(x boardSystem) bool { return x.Up() || x.Planned })
}

// SystemMore is how many there are beyond those.
func (p crisisBoardPage) SystemMore() int { return max(len(p.disturbed())-wallRows, 0) }

var crisisBoardPageT = parse[crisisBoardPage]("crisis")

const (
	boardTasks = 8
	boardDue   = 4
	boardLines = 5
	wallTasks  = 6 // the wall has large type and no place to scroll
	wallLines  = 3
	wallRows   = 7 // systems on the wall: one line for each cause
)

func (s *Server) boardPage(v *visit, h crisisHead) crisisBoardPage {
	p := newBoardPage(h, s.p.Crisis.Deadlines(h.C), v.now, v.FormValue("wall") != "")
	if pb := s.p.Crisis.Playbook(h.C.Kind); pb != nil {
		p.Team = chairViews(h.C.Team(v.now, pb.Team), h.Frame)
	}
	p.Systems = s.systemsNow(h.Frame)
	if s.p.Watch != nil {
		p.Places = newPlacesView(s.p.Watch.Workplaces())
	}
	for _, o := range s.p.Outages.Outages(false) {
		name := s.systemName(o.System)
		p.Outages = append(p.Outages, linkedOutage{o.ID, name, h.stamp(o.Since), slices.Contains(h.C.Outages, o.ID), o.Effective()})
	}
	p.Numbers = s.numbersNow(v)
	for i, c := range s.p.Callout.Of(h.C.ID) {
		if l := newCalloutLine(c, h.Frame); i == 0 || !l.Over {
			p.Calls = append(p.Calls, l)
		}
	}
	p.Uncalled = s.uncalled(h.Frame, h.C)
	if h.C.Evacuation.Ordered.Done() {
		p.Evac = &evacCount{Moved: len(h.C.Evacuation.Moved), All: s.evacuees(v, h.C), Href: "/evacuation/" + h.C.ID}
	}
	return p
}

// newBoardPage is the board as far as the incident itself knows it.
func newBoardPage(h crisisHead, due []crisis.Due, now time.Time, wall bool) crisisBoardPage {
	p := crisisBoardPage{crisisHead: h, Wall: wall, Kinds: kindChoices(h.C.Kind), Meeting: h.stamp(h.C.Meeting.At), Place: h.C.Meeting.Place}
	p.Refresh, p.Frame.Wall = true, wall
	tasks, lines := boardTasks, boardLines
	if wall {
		tasks, lines = wallTasks, wallLines
	}
	for _, d := range due {
		if !d.Open() || !d.Runs() {
			continue
		}
		if len(p.Due) == boardDue {
			p.DueMore++
			continue
		}
		p.Due = append(p.Due, newClockView(d, h.Frame))
	}
	counts := h.C.Counts(now)
	for _, ph := range rulebook.Phases() {
		p.Phases = append(p.Phases, phaseView{crisis.PhaseName(ph), counts[ph]})
		p.Overdue += counts[ph].Overdue
	}
	for _, t := range h.C.Pressing() {
		if n := len(t.Agreements(now)); n == 1 {
			p.Agree++
		}
		if len(p.Tasks) == tasks {
			p.TaskMore++
			continue
		}
		p.Tasks = append(p.Tasks, newTaskView(h.C, t, nil, h.Frame))
	}
	for _, l := range slices.Backward(h.C.Lines) {
		if len(p.Lines) == lines {
			break
		}
		p.Lines = append(p.Lines, newLogLineView(l, h.Frame))
	}
	p.Limits = restrictionViews(h.C, h.Frame, false)
	return p
}

// numbersNow is how the house stands; nil while the charts cannot be read.
func (s *Server) numbersNow(v *visit) *boardNumbers {
	house, err := s.houseOf(v)
	if err != nil {
		return nil
	}
	n := &boardNumbers{Patients: house.Patients}
	for _, w := range house.Wards {
		n.Beds += w.Beds
		n.Free += max(w.Beds-w.Occupied, 0)
		n.Critical += w.Critical
		n.Isolated += w.Isolated
	}
	if s.p.Harm == nil {
		return n
	}
	lines, _, err := s.harmLines(v)
	if err != nil {
		return n
	}
	touched := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		if l.Standing() != harm.Waiting {
			continue
		}
		touched[string(l.Item.Key)] = true
		if l.Severity == harm.High {
			n.Urgent++
		}
		if l.State.Owner.Person == "" {
			n.Untouched++
		}
	}
	n.Touched = len(touched)
	return n
}

// logLineView is one line of the logbook.
type logLineView struct {
	Number    int
	At        stamp
	Recorded  stamp
	Kind      lang.Text
	KindID    crisis.LineKind
	By        string
	Text      string
	Corrected int // number of the newest line that corrects it; 0 for none
}

func newLogLineView(l crisis.Line, f Frame) logLineView {
	return logLineView{l.Number, f.stamp(l.At), f.stamp(l.Recorded), crisis.LineName(l.Kind), l.Kind, l.By, l.Text, 0}
}

// crisisLogPage is the logbook.
type crisisLogPage struct {
	crisisHead
	Lines []logLineView
	Query string
	Only  crisis.LineKind
	Kinds []choice
	Write []choice
	Total int
	Pages int
	Hash  string // of the newest page
}

var crisisLogPageT = parse[crisisLogPage]("crisislog")

func newCrisisLogPage(h crisisHead, query string, kind crisis.LineKind) crisisLogPage {
	p := crisisLogPage{crisisHead: h, Query: strings.TrimSpace(query), Only: kind, Total: len(h.C.Lines)}
	if p.form != "" { // what was typed belongs to the form, not to the search
		p.Query, p.Only = "", ""
	}
	corrected := map[int]int{}
	for _, l := range h.C.Lines {
		corrected[l.Corrects] = l.Number
	}
	for _, l := range h.C.Search(p.Query, p.Only) {
		x := newLogLineView(l, h.Frame)
		x.Corrected = corrected[l.Number]
		p.Lines = append(p.Lines, x)
	}
	for _, k := range append(crisis.LineKinds(), crisis.State) {
		p.Kinds = append(p.Kinds, choice{string(k), crisis.LineName(k), k == p.Only})
	}
	for _, k := range crisis.LineKinds() {
		p.Write = append(p.Write, choice{string(k), crisis.LineName(k), string(k) == h.Was("log", "kind")})
	}
	if pages := crisis.Paged(h.C.ID, h.C.Lines); len(pages) > 0 {
		p.Pages, p.Hash = len(pages), pages[len(pages)-1].Hash
	}
	p.Land = true
	return p
}
