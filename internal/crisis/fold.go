package crisis

import (
	"maps"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
)

// fold is everything that follows from the records of crises. It uses no clock
// and does no I/O. A *Crisis in it is never changed but replaced.
type fold struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	crises     []*Crisis  // in the order of their opening
	known      map[journal.ID]journal.Seq
	refused    map[journal.ID]refusal
	unreadable uint64
}

// refusal is an act that had no effect, and what it collided with.
type refusal struct {
	Why     Reason
	Against Act
}

func newFold() *fold {
	return &fold{known: map[journal.ID]journal.Seq{}, refused: map[journal.ID]refusal{}}
}

func (f *fold) find(id string) *Crisis {
	for _, c := range f.crises {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// At returns the last record taken in.
func (f *fold) At() (journal.Seq, journal.ID) { return f.applied, f.last }

// Take takes records in and returns how many acts were among them.
func (f *fold) Take(recs []journal.Record) (acts int) {
	n := len(f.known)
	for _, r := range recs {
		if f.apply(r) {
			acts++
		}
	}
	return acts + len(f.known) - n
}

// apply takes one record and reports whether one of another kind made a line.
// Records that were applied before change nothing.
func (f *fold) apply(r journal.Record) (line bool) {
	if r.Seq <= f.applied {
		return false
	}
	f.applied, f.last = r.Seq, r.ID
	if r.Kind == journal.Crisis {
		f.act(r)
		return false
	}
	return f.tell(r)
}

// act takes a record of a crisis.
func (f *fold) act(r journal.Record) {
	e, err := decodeEvent(r.Body)
	if err != nil {
		f.unreadable++
		return
	}
	f.known[r.ID] = r.Seq
	if why, against := f.judge(e); why != "" {
		f.refused[r.ID] = refusal{why, against}
		if c := f.find(e.Crisis); c != nil { // it stays in the chain of records
			next := *c
			next.Last = r.Seq
			f.replace(&next)
		}
		return
	}
	if e.Step == stepOpened {
		c := &Crisis{ID: r.ID.String(), Kind: e.Kind, Title: e.Title, Stage: StageOpen, Exercise: e.Exercise, Began: e.Began, BeganSure: e.Sure, Opened: e.By, Outages: e.Outages, Last: r.Seq}
		c.log(r.Seq, e, State)
		f.crises = append(f.crises, c)
		return
	}
	c := f.find(e.Crisis).clone()
	c.Last = r.Seq
	c.take(e, r)
	f.replace(c)
}

func (f *fold) replace(c *Crisis) {
	for i := range f.crises {
		if f.crises[i].ID == c.ID {
			f.crises[i] = c
		}
	}
}

// clone copies what take may change. Lines are only ever appended: old and new
// share them.
func (c *Crisis) clone() *Crisis {
	n := *c
	n.Outages, n.Tasks, n.Shifts, n.Handovers, n.Held = slices.Clone(c.Outages), slices.Clone(c.Tasks), slices.Clone(c.Shifts), slices.Clone(c.Handovers), slices.Clone(c.Held)
	n.Notices, n.Texts, n.Restrictions, n.Capacity = slices.Clone(c.Notices), slices.Clone(c.Texts), slices.Clone(c.Restrictions), slices.Clone(c.Capacity)
	n.Situations = slices.Clone(c.Situations)
	n.Knowledge, n.Reports = maps.Clone(c.Knowledge), maps.Clone(c.Reports)
	n.Evacuation.Moved, n.Evacuation.Mobility = maps.Clone(c.Evacuation.Moved), maps.Clone(c.Evacuation.Mobility)
	return &n
}

// take changes the crisis by an act that was found to have effect, and writes
// its line into the logbook.
func (c *Crisis) take(e event, r journal.Record) {
	kind := State
	switch e.Step {
	case stepDeclared:
		c.Stage, c.Declared, c.Alone = StageDeclared, e.By, e.Alone
		if e.Alone != "" {
			c.Stage = StageConfirmed
		}
		c.plan(e.Plan)
	case stepConfirmed:
		c.Stage, c.Confirmed = StageConfirmed, e.By
	case stepCloseAsked:
		c.Closing, c.ClosingWhy = e.By, e.Text
	case stepCloseOff:
		c.Closing, c.ClosingWhy = Act{}, ""
	case stepClosed, stepClosedAlone:
		c.Stage, c.Closed, c.ClosedAlone = StageClosed, e.By, e.Alone
	case stepKind:
		c.Kind = e.Kind
		c.plan(e.Plan)
	case stepLinked:
		for _, o := range e.Outages {
			if !slices.Contains(c.Outages, o) {
				c.Outages = append(c.Outages, o)
			}
		}
	case stepUnlinked:
		c.Outages = slices.DeleteFunc(c.Outages, func(o string) bool { return slices.Contains(e.Outages, o) })
	case stepMeetingSet:
		c.Meeting = Meeting{At: e.At, Place: e.Text, Set: e.By}
	case stepMeetingHeld:
		m := c.Meeting
		m.Held, m.Outcome, m.Attended = e.By, e.Text, e.Name
		if m.At.IsZero() {
			m.At = e.By.At
		}
		c.Held = append(c.Held, m)
		c.Meeting = Meeting{At: e.At, Place: m.Place, Set: e.By}
		kind = Decision
	case stepLogged, stepLogCorrected:
		kind = LineKind(e.Word)
		if e.Step == stepLogCorrected {
			kind = c.Lines[e.Number-1].Kind
		}
	case stepObserved:
		kind = Observation
	case stepEvacuation:
		c.Evacuation = Evacuation{Ordered: e.By, Why: e.Text, Wards: e.Wards, Point: e.Name, Moved: map[string]Moved{}}
		kind = Decision
	case stepMoved:
		if c.Evacuation.Moved == nil {
			c.Evacuation.Moved = map[string]Moved{}
		}
		c.Evacuation.Moved[e.Patient] = Moved{Ward: e.Ward, Bed: e.Bed, To: e.Text, By: e.By}
	case stepMovedBack:
		delete(c.Evacuation.Moved, e.Patient)
	case stepMobility: // no line: it is said of one patient, for the list alone
		c.Evacuation.setMobility(e)
		return
	case stepEvacuationEnd:
		c.Evacuation.Ended = e.By
	case stepSituation:
		c.Situations = append(c.Situations, Situation{Number: len(c.Situations) + 1, Sections: e.Parts, By: e.By, Seq: r.Seq})
	default:
		c.takeTask(e)
		c.takeTeam(e, r)
		c.takeReport(e, r)
		c.takeOutside(e, r)
	}
	c.log(r.Seq, e, kind)
}

func (v *Evacuation) setMobility(e event) {
	if e.Word == "" {
		delete(v.Mobility, e.Patient)
		return
	}
	if v.Mobility == nil {
		v.Mobility = map[string]Moves{}
	}
	v.Mobility[e.Patient] = Moves{How: Mobility(e.Word), By: e.By}
}

// plan takes over the tasks of a playbook. Tasks that are there already stay as
// they are: a change of the kind adds what is missing.
func (c *Crisis) plan(p *plan) {
	c.Plan, c.First, c.Rhythm, c.Agenda = p.Version, p.First, p.Rhythm, p.Agenda
	for _, t := range p.Tasks {
		if _, there := c.Task(t.ID); !there {
			t.State = TaskOpen
			c.Tasks = append(c.Tasks, t)
		}
	}
	if c.Meeting.At.IsZero() && p.Rhythm > 0 {
		c.Meeting = Meeting{At: c.Declared.At.Add(30 * time.Minute)}
	}
}

func (c *Crisis) takeTask(e event) {
	if e.Step == stepTaskAdded {
		t := *e.New
		t.State, t.Own = TaskOpen, true
		c.Tasks = append(c.Tasks, t)
		return
	}
	i := slices.IndexFunc(c.Tasks, func(t Task) bool { return t.ID == e.Task })
	if i < 0 {
		return
	}
	t := c.Tasks[i]
	switch e.Step {
	case stepTaskTaken:
		t.Person, t.Name = e.Person, e.Name
	case stepTaskDue:
		t.Due = e.At
	case stepTaskDone:
		t.State, t.Note, t.By = TaskDone, e.Text, e.By
	case stepTaskNot:
		t.State, t.Note, t.By = TaskNotNeeded, e.Text, e.By
	case stepTaskReopened:
		t.State, t.Note, t.By = TaskOpen, "", Act{}
	case stepAgreed:
		t.Agreed = append(slices.Clone(t.agreed(e.By.At)), e.By)
	case stepDisagreed:
		t.Agreed = nil
	case stepRun:
		t.Runs = append(slices.Clone(t.Runs), Run{ID: e.Of, Starter: e.Word, Hook: t.Hook, Agreed: t.Agreed, Started: e.By.At})
		t.Agreed = nil
	case stepRan:
		t.Runs = slices.Clone(t.Runs)
		for j := range t.Runs {
			if run := &t.Runs[j]; run.ID == e.Of {
				run.Ended, run.Code, run.Output, run.Note = e.By.At, e.Code, e.Output, e.Text
			}
		}
	}
	c.Tasks[i] = t
}

func (c *Crisis) takeTeam(e event, r journal.Record) {
	switch e.Step {
	case stepSeated:
		c.Shifts = append(c.Shifts, Shift{ID: r.ID.String(), Role: e.Role, Deputy: e.Deputy, Person: e.Person, Name: e.Name, Reach: e.Reach, From: e.At, Until: e.Until})
	case stepUnseated:
		for i := range c.Shifts {
			if c.Shifts[i].ID == e.Of {
				c.Shifts[i].Ended = e.By
			}
		}
	case stepHandover:
		c.Handovers = append(c.Handovers, Handover{ID: r.ID.String(), Role: e.Role, Text: e.Text, To: e.Name, ToPerson: e.Person, By: e.By})
	case stepAccepted:
		for i := range c.Handovers {
			if h := &c.Handovers[i]; h.ID == e.Of {
				h.Accepted = e.By
			}
		}
	}
}

func (c *Crisis) takeReport(e event, r journal.Record) {
	if c.Reports == nil {
		c.Reports = map[string]Report{}
	}
	if e.Step == stepKnowledge {
		if c.Knowledge == nil {
			c.Knowledge = map[rulebook.Start]Known{}
		}
		which := rulebook.Start(e.Word)
		k := Known{At: e.At, Who: e.Name, How: e.Text, By: e.By}
		if was, ok := c.Knowledge[which]; ok {
			before := was
			before.Was = nil
			k.Was = append(slices.Clone(was.Was), before)
		}
		c.Knowledge[which] = k
		for id, rep := range c.Reports { // the clocks begin anew
			rep.Passed = rulebook.Calm
			c.Reports[id] = rep
		}
		return
	}
	rep := c.Reports[e.Of]
	rep.Duty = e.Of
	switch e.Step {
	case stepDuty:
		rep.Applies, rep.Why, rep.Decided = e.Word, e.Text, e.By
	case stepReport:
		v := ReportVersion{Number: len(rep.Versions) + 1, Fields: e.Fields, Form: e.Parts, By: e.By, Seq: r.Seq}
		if e.Head != nil {
			v.Head = *e.Head
		}
		rep.Versions = append(slices.Clone(rep.Versions), v)
	case stepSent:
		rep.Sent = append(slices.Clone(rep.Sent), Dispatch{Version: e.Number, At: e.At, Way: e.Word, To: e.Name, Number: e.Reach, Note: e.Text, Digest: e.Digest, By: e.By, Seq: r.Seq})
	case stepWarned:
		rep.Passed = rulebook.Warning(e.Number)
	default:
		return
	}
	c.Reports[e.Of] = rep
}

func (c *Crisis) takeOutside(e event, r journal.Record) {
	id := r.ID.String()
	switch e.Step {
	case stepNotice:
		c.Notices = append(c.Notices, Notice{ID: id, Crisis: c.ID, Exercise: c.Exercise, Title: e.Title, Text: e.Text, Level: Level(e.Word), Wards: e.Wards, Until: e.Until, By: e.By})
	case stepNoticeGone:
		for i := range c.Notices {
			if c.Notices[i].ID == e.Of {
				c.Notices[i].Withdrawn = e.By
			}
		}
	case stepStatement:
		n := 1
		for _, s := range c.Texts {
			if s.What == e.Word {
				n++
			}
		}
		c.Texts = append(c.Texts, Statement{ID: id, What: e.Word, Version: n, Title: e.Title, Text: e.Text, By: e.By})
	case stepReleased:
		for i := range c.Texts {
			if c.Texts[i].ID == e.Of {
				c.Texts[i].Released = e.By
			}
		}
	case stepRestricted:
		c.Restrictions = append(c.Restrictions, Restriction{ID: id, Service: Service(e.Word), Scope: e.Name, Why: e.Text, From: e.At, Until: e.Until, By: e.By})
	case stepLifted:
		for i := range c.Restrictions {
			if c.Restrictions[i].ID == e.Of {
				c.Restrictions[i].Lifted = e.By
			}
		}
	case stepCapacity:
		c.Capacity = slices.DeleteFunc(c.Capacity, func(x Capacity) bool { return x.Unit == e.Name })
		c.Capacity = append(c.Capacity, Capacity{Unit: e.Name, Light: e.Word, Free: e.Reach, Note: e.Text, By: e.By})
		slices.SortFunc(c.Capacity, func(a, b Capacity) int { return strings.Compare(a.Unit, b.Unit) })
	}
}

// Diverted is when the house last began to turn ambulances away in this crisis;
// zero if it did not.
func (c *Crisis) Diverted() time.Time {
	for _, r := range slices.Backward(c.Restrictions) {
		if r.Service == Ambulances {
			return r.From
		}
	}
	return time.Time{}
}
