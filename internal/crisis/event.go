package crisis

import (
	"slices"
	"time"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/rulebook"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "crisis record", Version: 1, Most: 1 << 20}

// Step says what an act did. The words are the stored form and never change.
type Step string

const (
	stepOpened        Step = "opened"
	stepDeclared      Step = "declared"
	stepConfirmed     Step = "confirmed"
	stepCloseAsked    Step = "close-asked"
	stepCloseOff      Step = "close-called-off"
	stepClosed        Step = "closed"
	stepClosedAlone   Step = "closed-alone"
	stepKind          Step = "kind-changed"
	stepLinked        Step = "linked"
	stepUnlinked      Step = "unlinked"
	stepTaskAdded     Step = "task-added"
	stepTaskTaken     Step = "task-taken"
	stepTaskDue       Step = "task-due"
	stepTaskDone      Step = "task-done"
	stepTaskNot       Step = "task-not-needed"
	stepTaskReopened  Step = "task-reopened"
	stepAgreed        Step = "agreed"
	stepDisagreed     Step = "disagreed"
	stepRun           Step = "run-started"
	stepRan           Step = "run-ended"
	stepSeated        Step = "seated"
	stepUnseated      Step = "unseated"
	stepHandover      Step = "handover"
	stepAccepted      Step = "handover-accepted"
	stepMeetingSet    Step = "meeting-set"
	stepMeetingHeld   Step = "meeting-held"
	stepLogged        Step = "logged"
	stepLogCorrected  Step = "log-corrected"
	stepObserved      Step = "observed"
	stepKnowledge     Step = "knowledge"
	stepDuty          Step = "duty-decided"
	stepReport        Step = "report-saved"
	stepSent          Step = "report-sent"
	stepWarned        Step = "warned"
	stepNotice        Step = "notice"
	stepNoticeGone    Step = "notice-withdrawn"
	stepStatement     Step = "statement"
	stepReleased      Step = "statement-released"
	stepRestricted    Step = "restricted"
	stepLifted        Step = "lifted"
	stepCapacity      Step = "capacity"
	stepEvacuation    Step = "evacuation"
	stepMoved         Step = "moved"
	stepMovedBack     Step = "moved-back"
	stepMobility      Step = "mobility"
	stepEvacuationEnd Step = "evacuation-ended"
	stepSituation     Step = "situation"
)

// event is the body of a record of kind Crisis. Each step uses some fields.
type event struct {
	V      int         `json:"v"`
	Step   Step        `json:"t"`
	Crisis string      `json:"crisis,omitempty"` // empty for opened: the record's ID is the crisis's
	Prev   journal.Seq `json:"prev,omitempty"`   // the record of this crisis before it: none can be left out
	By     Act         `json:"by"`

	Kind     rulebook.Kind `json:"kind,omitempty"`
	Title    string        `json:"title,omitempty"`
	Began    time.Time     `json:"began,omitzero"`
	Sure     bool          `json:"sure,omitempty"`
	Exercise bool          `json:"exercise,omitempty"`
	Alone    string        `json:"alone,omitempty"`
	Outages  []string      `json:"outages,omitempty"`
	Plan     *plan         `json:"plan,omitempty"`

	Task   string            `json:"task,omitempty"`
	New    *Task             `json:"new,omitempty"`
	Person string            `json:"person,omitempty"`
	Name   string            `json:"name,omitempty"`
	Text   string            `json:"text,omitempty"`
	At     time.Time         `json:"at,omitzero"`
	Until  time.Time         `json:"until,omitzero"`
	Of     string            `json:"of,omitempty"`   // what it is about: a shift, a handover, a notice, a duty …
	Word   string            `json:"word,omitempty"` // a word of the step: line kind, level, service, light
	Role   rulebook.Role     `json:"role,omitempty"`
	Deputy bool              `json:"deputy,omitempty"`
	Reach  string            `json:"reach,omitempty"`
	Wards  []string          `json:"wards,omitempty"`
	Number int               `json:"number,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	Parts  []Section         `json:"parts,omitempty"`
	Head   *ReportHead       `json:"head,omitempty"`
	Digest string            `json:"digest,omitempty"`
	Code   int               `json:"code,omitempty"`
	Output string            `json:"output,omitempty"`
	Ward   string            `json:"ward,omitempty"`
	Bed    string            `json:"bed,omitempty"`

	Patient string `json:"patient,omitempty"` // the key, nothing else
	Said    string `json:"said,omitempty"`    // the moment At in words of the house
}

// plan is what a crisis takes over from a playbook: later changes of the file
// do not reach back.
type plan struct {
	Version string        `json:"version"`
	First   string        `json:"first,omitempty"`
	Rhythm  time.Duration `json:"rhythm,omitempty"`
	Agenda  []string      `json:"agenda,omitempty"`
	Tasks   []Task        `json:"tasks"`
}

func (e event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

// decodeEvent reads the body of a record of kind Crisis. It never returns an act
// that lacks what its step needs.
func decodeEvent(body []byte) (event, error) {
	var e event
	if err := form.Decode(body, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.By.At.IsZero() || !e.whole() {
		return event{}, journal.ErrBody
	}
	return e, nil
}

// whole reports whether the event has what its step needs.
func (e *event) whole() bool {
	automatic := e.Step == stepObserved || e.Step == stepWarned || e.Step == stepRun || e.Step == stepRan
	if e.By.Person == "" && !automatic || e.Step != stepOpened && e.Crisis == "" {
		return false
	}
	switch e.Step {
	case stepOpened:
		return slices.Contains(rulebook.Kinds(), e.Kind) && e.Title != "" && !e.Began.IsZero()
	case stepDeclared, stepKind:
		return e.Plan != nil && len(e.Plan.Tasks) > 0 && (e.Step == stepDeclared || slices.Contains(rulebook.Kinds(), e.Kind))
	case stepConfirmed, stepCloseOff, stepClosed, stepEvacuationEnd:
		return true
	case stepCloseAsked, stepObserved, stepMeetingHeld:
		return e.Text != ""
	case stepClosedAlone:
		return e.Alone != ""
	case stepLinked, stepUnlinked:
		return len(e.Outages) > 0
	case stepTaskAdded:
		return e.New != nil && e.New.Title != "" && slices.Contains(rulebook.Phases(), e.New.Phase)
	case stepTaskTaken, stepTaskDone, stepTaskReopened, stepAgreed, stepDisagreed:
		return e.Task != ""
	case stepTaskDue, stepTaskNot:
		return e.Task != "" && (e.Text != "" || !e.At.IsZero())
	case stepRun, stepRan:
		return e.Task != "" && e.Of != ""
	case stepSeated:
		return slices.Contains(rulebook.Roles(), e.Role) && e.Name != "" && e.Until.After(e.At)
	case stepUnseated, stepAccepted, stepNoticeGone, stepReleased, stepLifted:
		return e.Of != ""
	case stepHandover:
		return e.Role != "" && e.Text != "" && e.Name != ""
	case stepMeetingSet:
		return !e.At.IsZero()
	case stepLogged:
		return e.Text != "" && slices.Contains(LineKinds(), LineKind(e.Word))
	case stepLogCorrected:
		return e.Text != "" && e.Number > 0
	case stepKnowledge:
		return !e.At.IsZero() && (e.Word == string(rulebook.FromKnowledge) || e.Word == string(rulebook.FromBreach))
	case stepDuty:
		return e.Of != "" && (e.Word == "yes" || e.Word == "no")
	case stepReport:
		return e.Of != "" && e.Fields != nil
	case stepSent:
		return e.Of != "" && e.Number > 0 && !e.At.IsZero() && e.Digest != ""
	case stepWarned:
		return e.Of != "" && e.Number > 0
	case stepNotice:
		return e.Text != "" && slices.Contains(Levels(), Level(e.Word))
	case stepStatement:
		return e.Text != "" && e.Word != ""
	case stepRestricted:
		return slices.Contains(Services(), Service(e.Word)) && !e.At.IsZero()
	case stepCapacity:
		return e.Name != "" && (e.Word == "green" || e.Word == "yellow" || e.Word == "red")
	case stepEvacuation:
		return e.Text != ""
	case stepMoved, stepMovedBack:
		return e.Patient != ""
	case stepMobility:
		return e.Patient != "" && (e.Word == "" || slices.Contains(Mobilities(), Mobility(e.Word)))
	case stepSituation:
		return len(e.Parts) > 0
	}
	return false
}
