package harm

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "harm record", Version: 1, Most: 256 << 10}

// Step says what an act did. The words are the stored form and never change.
type Step string

const (
	Taken    Step = "taken"    // somebody took findings over
	Released Step = "released" // and gave them back
	Settled  Step = "settled"  // with an outcome
	Reopened Step = "reopened" // the outcome was taken back
	Reported Step = "reported" // an event
	Reviewed Step = "reviewed" // what follows from an event
)

// Outcome is what came of a finding. The words are the stored form.
type Outcome string

const (
	NoHarm        Outcome = "no-harm"        // looked at: the patient took no harm
	Averted       Outcome = "averted"        // harm was averted
	Harmed        Outcome = "harmed"         // harm occurred: an event is reported
	NotApplicable Outcome = "not-applicable" // there was nothing to it
)

// Outcomes returns every outcome in the order of the form.
func Outcomes() []Outcome { return []Outcome{NoHarm, Averted, Harmed, NotApplicable} }

// Act is who did something, and when. It is empty in an anonymous report.
type Act struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
}

// Touched is a finding as the person saw it who took it over or settled it.
type Touched struct {
	Ref  string    `json:"ref"`
	Kind Kind      `json:"kind"`
	What string    `json:"what"`
	Ward string    `json:"ward,omitempty"`
	At   time.Time `json:"at"`
	From time.Time `json:"from"`
}

// record is the body of a record of kind Harm.
type record struct {
	V    int  `json:"v"`
	Step Step `json:"t"`
	By   *Act `json:"by,omitempty"` // nil: an anonymous report

	Patient clinical.PatientKey `json:"patient,omitempty"`
	Found   []Touched           `json:"found,omitempty"`
	Seen    uint64              `json:"seen,omitempty"` // the newest act that the person saw
	Outcome Outcome             `json:"outcome,omitempty"`
	Text    string              `json:"text,omitempty"`

	Event    *Event `json:"event,omitempty"`    // Reported
	Of       string `json:"of,omitempty"`       // Reviewed: ID of the report
	Status   Status `json:"status,omitempty"`   // Reviewed
	Measures string `json:"measures,omitempty"` // Reviewed
}

func (r record) encode() ([]byte, error) {
	r.V = form.Version
	return form.Encode(r)
}

// decodeRecord reads the body of a record of kind Harm. It never returns an act
// that lacks what its step needs.
func decodeRecord(b []byte) (record, error) {
	var r record
	if err := form.Decode(b, &r, &r.V); err != nil {
		return record{}, err
	}
	if !r.whole() {
		return record{}, journal.ErrBody
	}
	return r, nil
}

func (r *record) whole() bool {
	named := r.By != nil && r.By.Person != "" && !r.By.At.IsZero()
	switch r.Step {
	case Taken, Released, Reopened:
		return named && r.about()
	case Settled:
		return named && r.about() && slices.Contains(Outcomes(), r.Outcome)
	case Reported:
		e := r.Event
		return e != nil && e.whole() && (named || r.By == nil && e.Patient == "")
	case Reviewed:
		return named && r.Of != "" && slices.Contains(Statuses(), r.Status)
	}
	return false
}

func (r *record) about() bool {
	return r.Patient != "" && len(r.Found) > 0 && !slices.ContainsFunc(r.Found, func(t Touched) bool { return t.Ref == "" })
}
