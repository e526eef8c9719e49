package incident

import (
	"time"

	"notbetrieb/internal/journal"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "outage record", Version: 1, Most: 64 << 10}

// Step says what an act did. The words are the stored form and never change.
type Step string

const (
	Declared     Step = "declared"
	Confirmed    Step = "confirmed"
	EndAsked     Step = "end-asked"
	EndCalledOff Step = "end-called-off"
	EndConfirmed Step = "end-confirmed"
	EndedAlone   Step = "ended-alone"
	WasWithdrawn Step = "withdrawn"
	Corrected    Step = "corrected"
	StateSet     Step = "state-set"
)

// event is the body of a record of kind Outage.
type event struct {
	V        int       `json:"v"`
	Step     Step      `json:"t"`
	Outage   string    `json:"outage,omitempty"` // empty for Declared: the record's ID is the outage's
	System   string    `json:"system,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Exercise bool      `json:"exercise,omitempty"`
	Alone    string    `json:"alone,omitempty"` // the reason for acting alone
	State    State     `json:"state,omitempty"`
	Act      actFact   `json:"act"`
}

type actFact struct {
	Person string    `json:"person"`
	Name   string    `json:"name,omitempty"`
	At     time.Time `json:"at"`
	Why    string    `json:"why,omitempty"`
	Key    string    `json:"key,omitempty"`
}

func (e event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

// decodeEvent reads the body of a record of kind Outage. It never returns an
// act that lacks what its step needs.
func decodeEvent(b []byte) (event, error) {
	var e event
	if err := form.Decode(b, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.Act.Person == "" || e.Act.At.IsZero() || !e.whole() {
		return event{}, journal.ErrBody
	}
	e.Since, e.Act.At = e.Since.UTC(), e.Act.At.UTC()
	return e, nil
}

func (e event) whole() bool {
	switch e.Step {
	case Declared:
		return e.System != "" && !e.Since.IsZero()
	case Confirmed, EndAsked, EndCalledOff, EndConfirmed, WasWithdrawn:
		return e.Outage != ""
	case EndedAlone:
		return e.Outage != "" && e.Alone != ""
	case Corrected:
		return e.Outage != "" && !e.Since.IsZero()
	case StateSet:
		return e.System != "" && knownState(e.State)
	}
	return false
}

func knownState(s State) bool {
	switch s {
	case Up, Degraded, Down, Restoring, CatchingUp:
		return true
	}
	return false
}
