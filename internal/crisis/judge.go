package crisis

import (
	"slices"
	"time"

	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Reason says why an act has no effect.
type Reason string

const (
	noCrisis    Reason = "no-such-crisis"
	notThere    Reason = "not-there" // the task, shift, notice … it is about
	isClosed    Reason = "closed"
	tooEarly    Reason = "not-declared"
	alreadyDone Reason = "already-done"
	samePerson  Reason = "same-person"
	waitsFor    Reason = "waits-for" // a task that comes first is open and nobody said why
	notAgreed   Reason = "not-agreed"
	running     Reason = "running" // the command runs
	notYours    Reason = "not-yours"
	onlyOnce    Reason = "only-once"
)

// agreement is how long an agreement to run a command holds.
const agreement = 30 * time.Minute

// judge says why e has no effect now, or "". The act is the one it collides with.
func (f *fold) judge(e event) (Reason, Act) {
	if e.Step == stepOpened {
		return "", Act{}
	}
	c := f.find(e.Crisis)
	switch {
	case c == nil:
		return noCrisis, Act{}
	case c.Stage == StageClosed && !afterwards(e.Step):
		return isClosed, c.Closed
	}
	switch e.Step {
	case stepDeclared:
		if c.Stage != StageOpen {
			return alreadyDone, c.Declared
		}
	case stepConfirmed:
		switch {
		case c.Stage == StageOpen:
			return tooEarly, c.Opened
		case c.Confirmed.Done():
			return alreadyDone, c.Confirmed
		case c.Declared.Person == e.By.Person:
			return samePerson, c.Declared
		}
	case stepCloseAsked:
		if c.Closing.Done() {
			return alreadyDone, c.Closing
		}
	case stepClosed, stepCloseOff:
		switch {
		case !c.Closing.Done():
			return notThere, Act{}
		case e.Step == stepClosed && c.Closing.Person == e.By.Person:
			return samePerson, c.Closing
		}
	case stepKind:
		if c.Stage == StageOpen {
			return tooEarly, c.Opened
		}
	}
	if why, against := c.judgeTask(e); why != "" {
		return why, against
	}
	return c.judgeRest(e)
}

// afterwards reports whether the step is still taken when the crisis is over:
// its paper, its reports and its logbook go on.
func afterwards(s Step) bool {
	switch s {
	case stepTaskDone, stepTaskNot, stepTaskAdded, stepTaskTaken, stepTaskDue, stepTaskReopened, stepLogged, stepLogCorrected, stepObserved, stepKnowledge, stepDuty, stepReport, stepSent,
		stepWarned, stepRan, stepNoticeGone, stepStatement, stepReleased, stepLifted, stepEvacuationEnd, stepMoved, stepMovedBack, stepSituation, stepAccepted, stepUnseated, stepUnlinked:
		return true
	}
	return false
}

func (c *Crisis) judgeTask(e event) (Reason, Act) {
	if e.Task == "" {
		return "", Act{}
	}
	t, ok := c.Task(e.Task)
	if !ok {
		return notThere, Act{}
	}
	switch e.Step {
	case stepTaskDone, stepTaskNot, stepTaskTaken, stepTaskDue:
		if t.State != TaskOpen {
			return alreadyDone, t.By
		}
		if e.Step == stepTaskDone && e.Text == "" && len(c.WaitsFor(t)) > 0 {
			return waitsFor, Act{}
		}
	case stepTaskReopened:
		if t.State == TaskOpen {
			return notThere, Act{}
		}
	case stepAgreed:
		live := t.agreed(e.By.At)
		switch {
		case t.Hook == "" || t.State != TaskOpen:
			return notThere, Act{}
		case t.running():
			return running, Act{}
		case slices.ContainsFunc(live, func(a Act) bool { return a.Person == e.By.Person }):
			return samePerson, live[0]
		case len(live) >= 2:
			return alreadyDone, live[1]
		}
	case stepRun:
		switch {
		case t.running():
			return running, Act{}
		case len(t.agreed(e.By.At)) < 2:
			return notAgreed, Act{}
		}
	case stepRan:
		i := slices.IndexFunc(t.Runs, func(r Run) bool { return r.ID == e.Of })
		if i < 0 || !t.Runs[i].Ended.IsZero() {
			return notThere, Act{}
		}
	}
	return "", Act{}
}

// agreed returns the agreements that hold at now, of different people.
func (t Task) agreed(now time.Time) []Act {
	var out []Act
	for _, a := range t.Agreed {
		if now.Sub(a.At) <= agreement {
			out = append(out, a)
		}
	}
	return out
}

// Agreements returns the agreements to run the task's command that hold at now.
func (t Task) Agreements(now time.Time) []Act { return t.agreed(now) }

// running reports whether the command may be running: after longer than any
// limit a run without an end is one whose hub died.
func (t Task) running() bool {
	return len(t.Runs) > 0 && t.Runs[len(t.Runs)-1].Ended.IsZero()
}

// WaitsFor returns the open tasks that come before t.
func (c *Crisis) WaitsFor(t Task) []Task {
	var out []Task
	for _, id := range t.After {
		if first, ok := c.Task(id); ok && first.State == TaskOpen {
			out = append(out, first)
		}
	}
	return out
}

func (c *Crisis) judgeRest(e event) (Reason, Act) {
	switch e.Step {
	case stepUnseated:
		i := slices.IndexFunc(c.Shifts, func(s Shift) bool { return s.ID == e.Of })
		if i < 0 {
			return notThere, Act{}
		}
		if c.Shifts[i].Ended.Done() {
			return alreadyDone, c.Shifts[i].Ended
		}
	case stepAccepted:
		i := slices.IndexFunc(c.Handovers, func(h Handover) bool { return h.ID == e.Of })
		switch {
		case i < 0:
			return notThere, Act{}
		case c.Handovers[i].Accepted.Done():
			return alreadyDone, c.Handovers[i].Accepted
		case c.Handovers[i].By.Person == e.By.Person:
			return samePerson, c.Handovers[i].By
		case c.Handovers[i].ToPerson != "" && c.Handovers[i].ToPerson != e.By.Person:
			return notYours, c.Handovers[i].By
		}
	case stepLogCorrected:
		if e.Number > len(c.Lines) {
			return notThere, Act{}
		}
	case stepSent:
		r := c.Reports[e.Of]
		if e.Number > len(r.Versions) {
			return notThere, Act{}
		}
	case stepWarned:
		if int(c.Reports[e.Of].Passed) >= e.Number {
			return onlyOnce, Act{}
		}
	case stepNoticeGone:
		i := slices.IndexFunc(c.Notices, func(n Notice) bool { return n.ID == e.Of })
		if i < 0 || c.Notices[i].Withdrawn.Done() {
			return notThere, Act{}
		}
	case stepReleased:
		i := slices.IndexFunc(c.Texts, func(s Statement) bool { return s.ID == e.Of })
		switch {
		case i < 0:
			return notThere, Act{}
		case c.Texts[i].Released.Done():
			return alreadyDone, c.Texts[i].Released
		case c.Texts[i].By.Person == e.By.Person:
			return samePerson, c.Texts[i].By
		}
	case stepLifted:
		i := slices.IndexFunc(c.Restrictions, func(r Restriction) bool { return r.ID == e.Of })
		if i < 0 || c.Restrictions[i].Lifted.Done() {
			return notThere, Act{}
		}
	case stepEvacuation:
		if c.Evacuation.Runs() {
			return alreadyDone, c.Evacuation.Ordered
		}
	case stepEvacuationEnd, stepMobility:
		if !c.Evacuation.Runs() {
			return notThere, Act{}
		}
	case stepMoved:
		if m, ok := c.Evacuation.Moved[e.Patient]; ok && m.To == e.Text {
			return onlyOnce, m.By
		}
	}
	return "", Act{}
}

// say is the sentence for a refused act.
func (r Reason) say(by lang.Text) (fault.Kind, lang.Text) {
	switch r {
	case noCrisis:
		return fault.NotFound, lang.Text{DE: "Diese Lage gibt es nicht.", EN: "There is no such incident."}
	case notThere:
		return fault.Conflict, lang.Text{DE: "Das gibt es hier nicht oder nicht mehr. Bitte die Seite neu laden.", EN: "This is not here, or no longer. Please reload the page."}
	case isClosed:
		return fault.Conflict, lang.Text{DE: "Die Lage ist schon beendet: " + by.DE + ".", EN: "The incident is already closed: " + by.EN + "."}
	case tooEarly:
		return fault.Conflict, lang.Text{DE: "Die Lage ist noch nicht erklärt.", EN: "The incident is not declared yet."}
	case alreadyDone:
		return fault.Conflict, lang.Text{DE: "Jemand war schneller: " + by.DE + ".", EN: "Somebody was faster: " + by.EN + "."}
	case samePerson:
		return fault.Conflict, lang.Text{DE: "Das muss eine zweite Person tun. Zuerst war es: " + by.DE + ".", EN: "A second person has to do this. The first was: " + by.EN + "."}
	case waitsFor:
		return fault.Invalid, lang.Text{
			DE: "Eine Aufgabe davor ist noch offen. Bitte dazuschreiben, warum diese trotzdem erledigt ist.",
			EN: "A task that comes first is still open. Please write why this one is done nevertheless.",
		}
	case notAgreed:
		return fault.Conflict, lang.Text{DE: "Zwei verschiedene Personen müssen zugestimmt haben; eine Zustimmung gilt 30 Minuten.", EN: "Two different people must have agreed; an agreement holds for 30 minutes."}
	case running:
		return fault.Conflict, lang.Text{DE: "Der Befehl läuft gerade.", EN: "The command is running."}
	case notYours:
		return fault.Conflict, lang.Text{DE: "Diese Übergabe ist für jemand anderen geschrieben.", EN: "This handover was written for somebody else."}
	case onlyOnce:
		return fault.Conflict, lang.Text{DE: "Das ist schon eingetragen.", EN: "This is recorded already."}
	}
	return fault.Conflict, lang.Text{DE: "Das geht jetzt nicht.", EN: "This is not possible now."}
}
