package incident

import (
	"time"

	"notbetrieb/internal/journal"
)

// Entry is one act as the log shows it. Acts stay in the log whatever comes
// after them; a correction is an entry of its own.
type Entry struct {
	Seq      journal.Seq
	Record   journal.ID
	Step     Step
	Act      Act
	Outage   string // ID, "" where only a state was set
	System   string
	Exercise bool
	Since    time.Time // Declared, Corrected: the begin as stated
	Before   time.Time // Corrected: the begin as stated before
	Alone    string    // reason for acting alone
	State    State     // StateSet
	Refused  Reason    // why the act had no effect, "" if it had
	Against  Act       // what it was refused for: who was faster, and when
}

// Reason says why an act has no effect.
type Reason string

const (
	alreadyDeclared Reason = "already-declared" // the system has an open outage
	noSuchOutage    Reason = "no-such-outage"
	alreadyOver     Reason = "already-over" // ended or withdrawn
	alreadyDone     Reason = "already-done" // confirmed, or an end asked for, by somebody else
	samePerson      Reason = "same-person"  // the second person must be another one
	notInForce      Reason = "not-in-force" // it still waits for a second person
	inForce         Reason = "in-force"     // too late to withdraw; the outage decides the state
	endNotAsked     Reason = "end-not-asked"
)

// stateSet is the newest fact about a system's state.
type stateSet struct {
	State State
	Act   Act
	Seq   journal.Seq
}

// fold is everything that follows from the records of outages. It uses no clock
// and does no I/O: the same records give the same fold.
type fold struct {
	applied    journal.Seq
	last       journal.ID // record at applied
	outages    []*Outage  // in the order of their declaration
	states     map[string]stateSet
	log        []Entry // oldest first
	byRecord   map[journal.ID]int
	unreadable uint64
}

func newFold() *fold {
	return &fold{states: make(map[string]stateSet), byRecord: make(map[journal.ID]int)}
}

func (f *fold) find(id string) *Outage {
	for _, o := range f.outages {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// judge says why e has no effect now, or "". The act is the one it collides
// with.
func (f *fold) judge(e event) (Reason, Act) {
	switch e.Step {
	case Declared:
		for _, o := range f.outages {
			if o.System == e.System && o.Exercise == e.Exercise && o.Open() {
				return alreadyDeclared, o.Declared
			}
		}
		return "", Act{}
	case StateSet:
		for _, o := range f.outages {
			if e.State == Up && o.System == e.System && !o.Exercise && o.Effective() {
				return inForce, o.Declared
			}
		}
		return "", Act{}
	case Confirmed, EndAsked, EndCalledOff, EndConfirmed, EndedAlone, WasWithdrawn, Corrected:
	}
	o := f.find(e.Outage)
	switch {
	case o == nil:
		return noSuchOutage, Act{}
	case !o.Ended.At.IsZero() && e.Step != Corrected:
		return alreadyOver, o.Ended
	case !o.Withdrawn.At.IsZero():
		return alreadyOver, o.Withdrawn
	}
	return o.judge(e)
}

// judge is the table of steps for an outage that is not over.
func (o *Outage) judge(e event) (Reason, Act) {
	asked := !o.Ending.At.IsZero()
	switch {
	case e.Step == Confirmed && !o.Confirmed.At.IsZero():
		return alreadyDone, o.Confirmed
	case e.Step == Confirmed && o.Declared.Person == e.Act.Person:
		return samePerson, o.Declared
	case e.Step == WasWithdrawn && !o.Confirmed.At.IsZero():
		return inForce, o.Confirmed
	case e.Step == WasWithdrawn && o.Effective():
		return inForce, o.Declared
	case e.Step == Confirmed, e.Step == WasWithdrawn, e.Step == Corrected:
		return "", Act{}
	case !o.Effective():
		return notInForce, o.Declared
	case e.Step == EndAsked && asked:
		return alreadyDone, o.Ending
	case (e.Step == EndConfirmed || e.Step == EndCalledOff) && !asked:
		return endNotAsked, o.Declared
	case e.Step == EndConfirmed && o.Ending.Person == e.Act.Person:
		return samePerson, o.Ending
	}
	return "", Act{}
}

// At returns the last record taken in.
func (f *fold) At() (journal.Seq, journal.ID) { return f.applied, f.last }

// Take takes records in and returns how many acts were among them.
func (f *fold) Take(recs []journal.Record) (acts int) {
	n := len(f.log)
	for _, r := range recs {
		f.apply(r)
	}
	return len(f.log) - n
}

// apply takes one record. Records that were applied before change nothing.
func (f *fold) apply(r journal.Record) {
	if r.Seq <= f.applied {
		return
	}
	f.applied, f.last = r.Seq, r.ID
	if r.Kind != journal.Outage {
		return
	}
	e, err := decodeEvent(r.Body)
	if err != nil {
		f.unreadable++
		return
	}
	n := Entry{Seq: r.Seq, Record: r.ID, Step: e.Step, Act: Act(e.Act), Outage: e.Outage, System: e.System,
		Exercise: e.Exercise, Since: e.Since, Alone: e.Alone, State: e.State}
	n.Refused, n.Against = f.judge(e)
	if e.Step == Declared && n.Refused == "" {
		n.Outage = r.ID.String()
		f.outages = append(f.outages, &Outage{ID: n.Outage, System: e.System, Exercise: e.Exercise})
	}
	if o := f.find(n.Outage); o != nil {
		n.System, n.Exercise, n.Before = o.System, o.Exercise, o.Since
		if n.Refused == "" {
			o.take(e)
			f.follow(o, n)
		}
	}
	if e.Step == StateSet && n.Refused == "" {
		f.states[e.System] = stateSet{State: e.State, Act: n.Act, Seq: n.Seq}
	}
	f.byRecord[n.Record] = len(f.log)
	f.log = append(f.log, n)
}

// take changes the outage by an act that was found to have effect.
func (o *Outage) take(e event) {
	act := Act(e.Act)
	switch e.Step {
	case Declared:
		o.Declared, o.Since, o.Alone = act, e.Since, e.Alone
	case Confirmed:
		o.Confirmed = act
	case EndAsked:
		o.Ending = act
	case EndCalledOff:
		o.Ending = Act{}
	case EndConfirmed:
		o.Ended = act
	case EndedAlone:
		o.Ended, o.EndAlone = act, e.Alone
	case WasWithdrawn:
		o.Withdrawn = act
	case Corrected:
		o.Since, o.Corrected = e.Since, act
	case StateSet: // concerns no outage
	}
}

// follow lets the state of the system follow a real outage: down when it comes
// into force, up when it ends. What people set afterwards counts until then.
func (f *fold) follow(o *Outage, n Entry) {
	if o.Exercise {
		return
	}
	switch {
	case n.Step == Declared && o.Alone != "", n.Step == Confirmed && o.Alone == "":
		f.states[o.System] = stateSet{State: Down, Act: n.Act, Seq: n.Seq}
	case n.Step == EndConfirmed, n.Step == EndedAlone:
		f.states[o.System] = stateSet{State: Up, Act: n.Act, Seq: n.Seq}
	}
}

// mode returns the mode that follows from the outages.
func (f *fold) mode(now time.Time, system func(string) System) Mode {
	m := Mode{Kind: Normal}
	var real, drill []System
	var realSince, drillSince time.Time
	for _, o := range f.outages {
		switch {
		case o.Pending():
			m.Pending = append(m.Pending, *o)
		case !o.Effective():
		case o.Exercise:
			drill, drillSince = append(drill, system(o.System)), earlier(drillSince, o.Since)
		default:
			real, realSince = append(real, system(o.System)), earlier(realSince, o.Since)
		}
	}
	switch {
	case len(real) != 0:
		m.Kind, m.Systems, m.Since, m.Drill = Emergency, real, realSince, drill
	case len(drill) != 0:
		m.Kind, m.Systems, m.Since = Exercise, drill, drillSince
	}
	if m.Since.After(now) { // a clock that was set back
		m.Since = now
	}
	return m
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
