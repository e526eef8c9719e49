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
	Key    string // command key, given by the form: the same key again is the same act. May be empty
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
	EndAlone  string // the reason for ending with one person only
	Withdrawn Act    // the declaration was taken back before a second person confirmed it
	Corrected Act    // the last correction of Since; zero if there was none
}

// Open reports whether the outage still concerns anybody: in force, or waiting
// for a second person.
func (o Outage) Open() bool { return o.Ended.At.IsZero() && o.Withdrawn.At.IsZero() }

// Pending reports whether the outage waits for a second person.
func (o Outage) Pending() bool { return o.Open() && !o.Effective() }

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

// Mode is what every page and sheet says at its head. A real outage decides the
// frame also while an exercise runs; the systems of both are named.
type Mode struct {
	Kind    ModeKind
	Since   time.Time // begin of the earliest outage in force
	Systems []System  // out of service now (in Exercise mode: in the exercise)
	Drill   []System  // in an exercise that runs while a real outage decides the frame
	Pending []Outage  // declared, waiting for a second person
	Crises  []string  // titles of the incidents that are declared and no exercise; they do not decide the kind
}
