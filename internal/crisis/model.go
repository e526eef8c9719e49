// Package crisis is how a house is led through an incident: who declared it, the
// tasks of its playbook, the crisis team and its shifts, the logbook, the clocks
// of the reports, messages to staff, restriction of service, evacuation and the
// situation report. Everything is folded from records of the journal; people
// act, this package only keeps, works out and reminds.
//
// It holds no health data but one: an evacuation names a patient by key and bed,
// and how the patient can be brought out where a person said so.
package crisis

import (
	"slices"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// Act is who did a thing and when.
type Act struct {
	Person string    `json:"person,omitempty"` // sign-in name; "" for what the hub did by itself
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
	Key    string    `json:"key,omitempty"` // command key of the form: the same key again is the same act
}

// Done reports whether somebody has acted.
func (a Act) Done() bool { return !a.At.IsZero() }

// Stage is how far an incident has come.
type Stage string

const (
	StageOpen      Stage = "open"      // somebody opened it: not yet a crisis
	StageDeclared  Stage = "declared"  // a second person is awaited
	StageConfirmed Stage = "confirmed" // in force
	StageClosed    Stage = "closed"
)

// Crisis is one incident as it stands. It is never changed: what is read stays
// as of one record.
type Crisis struct {
	ID        string
	Kind      rulebook.Kind
	Title     string
	Stage     Stage
	Exercise  bool
	Began     time.Time
	BeganSure bool

	Opened      Act
	Declared    Act
	Alone       string // the reason for declaring with one person only
	Confirmed   Act
	Closing     Act
	ClosingWhy  string
	Closed      Act
	ClosedAlone string

	Outages []string      // declared outages of systems that belong to it
	First   string        // the playbook's sentence for the first minutes
	Plan    string        // version of the playbook
	Agenda  []string      // standing points of a meeting
	Rhythm  time.Duration // between meetings

	Tasks     []Task
	Shifts    []Shift
	Handovers []Handover
	Meeting   Meeting // the next one
	Held      []Meeting

	Knowledge map[rulebook.Start]Known // knowledge, breach
	Reports   map[string]Report        // by duty

	Notices      []Notice
	Texts        []Statement
	Restrictions []Restriction
	Capacity     []Capacity
	Evacuation   Evacuation
	Situations   []Situation

	Lines []Line // the logbook, oldest first
	Last  journal.Seq
	Told  journal.Seq // newest record of another kind with a line
}

// Running reports whether the crisis concerns anybody.
func (c *Crisis) Running() bool { return c.Stage == StageDeclared || c.Stage == StageConfirmed }

// Few reports whether the incident is kept among few: the one who is suspected
// may be anybody in the house.
func (c *Crisis) Few() bool { return c.Kind == rulebook.Insider }

// Outside is how the incident is named to people who are not in the house, in an
// alarm that anybody may read over a shoulder: its kind and title, of one that is
// kept among few only that there is one.
func (c *Crisis) Outside() string {
	if c.Few() {
		return "Krisenlage, Näheres nur mündlich"
	}
	return KindName(c.Kind).DE + ": " + c.Title
}

// Circle reports whether a person has to do with the incident: opened, declared
// or confirmed it, has or had a seat of its crisis team, or one of its tasks.
func (c *Crisis) Circle(person string) bool {
	return person != "" && (c.Opened.Person == person || c.Declared.Person == person || c.Confirmed.Person == person ||
		slices.ContainsFunc(c.Shifts, func(s Shift) bool { return s.Person == person }) ||
		slices.ContainsFunc(c.Tasks, func(t Task) bool { return t.Person == person }))
}

// Task finds a task.
func (c *Crisis) Task(id string) (Task, bool) {
	for _, t := range c.Tasks {
		if t.ID == id {
			return t, true
		}
	}
	return Task{}, false
}

// TaskState is how far a task is. The words are the stored form.
type TaskState string

const (
	TaskOpen      TaskState = "open"
	TaskDone      TaskState = "done"
	TaskNotNeeded TaskState = "not-needed"
)

// Task is one thing to do.
type Task struct {
	ID          string         `json:"id"`
	Phase       rulebook.Phase `json:"phase"`
	Title       string         `json:"title"`
	How         string         `json:"how,omitempty"`
	Role        rulebook.Role  `json:"role"`
	Due         time.Time      `json:"due,omitzero"`
	After       []string       `json:"after,omitempty"`
	Containment bool           `json:"containment,omitempty"`
	Hook        string         `json:"hook,omitempty"`
	Own         bool           `json:"own,omitempty"` // not from the playbook

	State  TaskState `json:"-"`
	Person string    `json:"-"` // who took it
	Name   string    `json:"-"`
	Note   string    `json:"-"` // what was done, or why it is not needed
	By     Act       `json:"-"` // who ended it

	Agreed []Act `json:"-"` // to run the command
	Runs   []Run `json:"-"`
}

// Overdue reports whether an open task should have been done by now.
func (t Task) Overdue(now time.Time) bool {
	return t.State == TaskOpen && !t.Due.IsZero() && now.After(t.Due)
}

// Run is one run of a task's command.
type Run struct {
	ID      string
	Starter string // drawn by the one call that runs it; "" in old records
	Hook    string
	Agreed  []Act
	Started time.Time
	Ended   time.Time // zero: it runs, or the hub died meanwhile and nobody knows
	Code    int       // exit code; -1: it could not be started or was stopped
	Output  string
	Note    string // e.g. that it was an exercise
}

// Shift is somebody on a seat of the crisis team for a while.
type Shift struct {
	ID     string
	Role   rulebook.Role
	Deputy bool
	Person string // sign-in name, "" for somebody who does not sign in
	Name   string
	Reach  string // telephone
	From   time.Time
	Until  time.Time
	Ended  Act
}

// Holds reports whether the seat is taken by it at t.
func (s Shift) Holds(t time.Time) bool {
	return !t.Before(s.From) && t.Before(s.Until) && (!s.Ended.Done() || t.Before(s.Ended.At))
}

// Handover is what one shift says to the next.
type Handover struct {
	ID       string
	Role     rulebook.Role
	Text     string
	To       string // name
	ToPerson string
	By       Act
	Accepted Act
}

// Meeting is one meeting of the crisis team.
type Meeting struct {
	At       time.Time
	Place    string
	Set      Act
	Held     Act
	Outcome  string
	Attended string
}

// Known is a signed moment of knowledge.
type Known struct {
	At  time.Time
	Who string
	How string
	By  Act
	Was []Known // what was signed before
}

// Report is one report that a duty asks for.
type Report struct {
	Duty     string
	Applies  string // "yes", "no"; "" nobody decided
	Why      string
	Decided  Act
	Versions []ReportVersion
	Sent     []Dispatch
	Passed   rulebook.Warning // the newest warning that is in the logbook
}

// ReportVersion is what a report said. It is never changed, and reads the same
// when the duty is worded otherwise later.
type ReportVersion struct {
	Number int
	Fields map[string]string
	Head   ReportHead
	Form   []Section // every field as it was called then, with what it says; nil in old records
	By     Act
	Seq    journal.Seq
}

// ReportHead is the duty of a report as it was worded when a version was saved.
type ReportHead struct {
	Kind rulebook.Kind `json:"kind"` // of the incident
	Law  string        `json:"law"`
	Name lang.Text     `json:"name"`
	To   string        `json:"to"`
}

// Dispatch is the proof that a version went out.
type Dispatch struct {
	Version int
	At      time.Time
	Way     string
	To      string
	Number  string // given by the authority
	Note    string
	Digest  string // SHA-256 of the report's JSON
	By      Act
	Seq     journal.Seq
}

// Level says how loud a notice is.
type Level string

const (
	Info      Level = "info"
	Important Level = "important"
	Urgent    Level = "urgent"
)

// Levels returns every level, the quietest first.
func Levels() []Level { return []Level{Info, Important, Urgent} }

// Notice is a message to the staff.
type Notice struct {
	ID        string
	Crisis    string
	Exercise  bool
	Title     string
	Text      string
	Level     Level
	Wards     []string // empty: the whole house
	Until     time.Time
	By        Act
	Withdrawn Act
}

// Stands reports whether the notice is shown at t.
func (n Notice) Stands(t time.Time) bool {
	return !n.Withdrawn.Done() && (n.Until.IsZero() || t.Before(n.Until))
}

// Statement is a text for people outside: press, patients, relatives.
type Statement struct {
	ID       string
	What     string // press, patients, relatives, dispatch
	Version  int
	Title    string
	Text     string
	By       Act
	Released Act
}

// Service is what can be restricted. The words are the stored form.
type Service string

const (
	Ambulances Service = "ambulances"
	Elective   Service = "elective"
	Outpatient Service = "outpatient"
	Transfers  Service = "transfers"
	Births     Service = "births"
	Visitors   Service = "visitors"
)

// Services returns every service in the order of the form.
func Services() []Service {
	return []Service{Ambulances, Elective, Outpatient, Transfers, Births, Visitors}
}

// Restriction is a part of the service that the house does not give.
type Restriction struct {
	ID      string
	Service Service
	Scope   string
	Why     string
	From    time.Time
	Until   time.Time // forecast
	By      Act
	Lifted  Act
}

// Capacity is what one unit can take, as it says itself.
type Capacity struct {
	Unit  string
	Light string // green, yellow, red
	Free  string
	Note  string
	By    Act
}

// Evacuation is the clearing of wards.
type Evacuation struct {
	Ordered Act
	Why     string
	Wards   []string // empty: the whole house
	Point   string   // where people gather
	Ended   Act
	Moved   map[string]Moved // by patient key

	Mobility map[string]Moves // as people said it, by patient key
}

// Runs reports whether wards are being cleared.
func (e Evacuation) Runs() bool { return e.Ordered.Done() && !e.Ended.Done() }

// Mobility is how a patient is brought out. The words are the stored form.
type Mobility string

const (
	OnFoot      Mobility = "walks"
	ByChair     Mobility = "chair"
	LyingDown   Mobility = "lying"
	WithMonitor Mobility = "intensive" // drips, ventilator: a team of its own
)

// Mobilities returns every way to be brought out, the easiest first.
func Mobilities() []Mobility { return []Mobility{OnFoot, ByChair, LyingDown, WithMonitor} }

// Moves is how a person said that a patient can be brought out.
type Moves struct {
	How Mobility
	By  Act
}

// Moved is one patient who was checked off.
type Moved struct {
	Ward string
	Bed  string
	To   string
	By   Act
}

// Situation is one version of the situation report.
type Situation struct {
	Number   int
	Sections []Section
	By       Act
	Seq      journal.Seq
}

// Section is one part of a situation report.
type Section struct {
	ID    string    `json:"id"`
	Title lang.Text `json:"title"`
	Text  string    `json:"text"`
}

// LineKind says what a line of the logbook is. The words are the stored form.
type LineKind string

const (
	Decision    LineKind = "decision"
	MessageIn   LineKind = "in"
	MessageOut  LineKind = "out"
	Observation LineKind = "observation"
	State       LineKind = "state" // written by an act
)

// LineKinds returns the kinds that a person can write.
func LineKinds() []LineKind { return []LineKind{Decision, MessageIn, MessageOut, Observation} }

// Line is one line of the logbook. Number and text never change.
type Line struct {
	Number   int
	Seq      journal.Seq
	At       time.Time // when it happened
	Recorded time.Time // when it was written, where that is later
	Kind     LineKind
	By       string
	Text     string
	Corrects int // number of the line it corrects
}
