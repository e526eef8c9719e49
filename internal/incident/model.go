// Package incident holds the declared outages of the hospital's systems and the
// mode that follows from them. An outage is declared and ended by people; this
// package never declares one by itself.
package incident

import (
	"time"

	"notbetrieb/internal/lang"
)

// System is one of the hospital's systems that can be declared out of service.
type System struct {
	ID   string // "kis"
	Name lang.Text
}

// State is where a system stands (docs/architecture.md, modes).
type State string

const (
	Up         State = "up"
	Degraded   State = "degraded"
	Down       State = "down"
	Restoring  State = "restoring"
	CatchingUp State = "catching-up"
)

// Act is who did a thing, when and why.
type Act struct {
	Person string
	Name   string
	At     time.Time
	Why    string
}

// Outage is one declared outage of one system.
type Outage struct {
	ID        string
	System    string
	Exercise  bool      // a drill: mode ÜBUNG
	Since     time.Time // when the system failed, as the declarer states it
	Declared  Act
	Confirmed Act    // zero while a second person is awaited
	Alone     string // the reason for declaring with one person only
	Ending    Act    // somebody has asked to end it
	Ended     Act    // zero while it lasts
	EndAlone  string
}

// Effective reports whether the outage is in force: declared and confirmed by a
// second person, or by one alone with a reason, and not ended.
func (o Outage) Effective() bool {
	return !o.Declared.At.IsZero() && o.Ended.At.IsZero() && (!o.Confirmed.At.IsZero() || o.Alone != "")
}

// ModeKind is how a page is framed.
type ModeKind string

const (
	Normal    ModeKind = "normal"    // Normalbetrieb
	Emergency ModeKind = "emergency" // NOTBETRIEB
	Exercise  ModeKind = "exercise"  // ÜBUNG
)

// Mode is what every page and sheet says at its head.
type Mode struct {
	Kind    ModeKind
	Since   time.Time // begin of the earliest outage in force
	Systems []System  // out of service now
	Pending []Outage  // declared, waiting for a second person
}
