// Package harm finds the patients whom an outage may harm: doses that nobody
// recorded, orders without a result, critical values without a reader,
// operations called off. What it finds follows from the charts; who took it
// over and what came of it are records in the journal. Reports of events that
// people write are kept beside them.
package harm

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
)

// Kind says what is amiss. The words are the stored form and never change.
type Kind string

const (
	Dose        Kind = "dose"        // a planned dose without a record
	Order       Kind = "order"       // an order without a result
	Result      Kind = "result"      // a result that was announced and did not come
	Preliminary Kind = "preliminary" // urgent or critical, and only preliminary
	Critical    Kind = "critical"    // a critical value that nobody has taken note of
	CalledOff   Kind = "called-off"  // an operation or appointment called off in the outage
)

// Kinds returns every kind, the most pressing first.
func Kinds() []Kind { return []Kind{Critical, Dose, Preliminary, Order, Result, CalledOff} }

// Severity orders findings by how pressing they are.
type Severity int

const (
	Low    Severity = 1
	Medium Severity = 2
	High   Severity = 3
)

// How long a thing may wait before it is a finding. Until then it is the work
// of the shift, not a risk.
const (
	doseGrace     = chart.DoseGrace  // after the planned time: as on every list of doses
	criticalGrace = 30 * time.Minute // to take note of a critical value
	statWait      = time.Hour        // for the result of an urgent order that was placed in the outage
	orderWait     = 12 * time.Hour   // for that of any other
	resultWait    = 4 * time.Hour    // after a result was announced
	prelimWait    = 6 * time.Hour    // for the final result
	orderAge      = 14 * 24 * time.Hour
	resultAge     = 7 * 24 * time.Hour
	before        = time.Hour // an outage begins before somebody sees it
)

// Kept is how long after its end an outage is still looked at. What is not
// settled by then is left in the charts alone.
const Kept = 90 * 24 * time.Hour

// Window is the time in which one system was out of service.
type Window struct {
	Outage string // ID
	System string
	From   time.Time
	To     time.Time // zero while it lasts
}

// Windows returns the times of the outages that may have harmed anybody:
// declared and in force at some time, no exercises, oldest first.
func Windows(outages []incident.Outage, now time.Time) []Window {
	var out []Window
	for _, o := range outages {
		inForce := !o.Confirmed.At.IsZero() || o.Alone != ""
		if o.Exercise || !inForce || !o.Withdrawn.At.IsZero() || !o.Ended.At.IsZero() && now.Sub(o.Ended.At) > Kept {
			continue
		}
		out = append(out, Window{Outage: o.ID, System: o.System, From: o.Since, To: o.Ended.At})
	}
	slices.SortFunc(out, func(a, b Window) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return strings.Compare(a.Outage, b.Outage)
	})
	return out
}

// holds reports whether t lies in the window, which begins a while before it
// was seen to begin.
func (w Window) holds(t time.Time) bool {
	return !t.Before(w.From.Add(-before)) && (w.To.IsZero() || !t.After(w.To))
}

// lis, ris and the others are the sections that a system serves. What the
// hospital calls another name, and its own information system, serve all.
var serves = map[string][]clinical.Section{
	"lis":  {clinical.Laboratory, clinical.Microbiology, clinical.Pathology},
	"ris":  {clinical.Radiology},
	"pacs": {clinical.Radiology, clinical.Cardiology, clinical.Endoscopy},
}

// touches reports whether an outage of the system may have led to a finding of
// the kind in the section. A system that is not known by name may carry
// anything: rather a row too many than a patient too few.
func (w Window) touches(k Kind, s clinical.Section) bool {
	switch sections, known := serves[strings.ToLower(w.System)]; {
	case known && (k == Dose || k == CalledOff && s == ""):
		return false
	case known:
		return slices.Contains(sections, s)
	}
	switch strings.ToLower(w.System) {
	case "pdms", "kurve", "medikation", "medication":
		return k == Dose
	}
	return true
}

// AnswerKind says what settled a finding without anybody settling it.
type AnswerKind string

const (
	Recorded AnswerKind = "recorded" // the dose was recorded: given, refused, not given
	Stopped  AnswerKind = "stopped"  // ended before it was due, or the patient had left
	Resulted AnswerKind = "resulted" // the result came
	Revoked  AnswerKind = "revoked"  // the order was cancelled, the value corrected or withdrawn
	Noticed  AnswerKind = "noticed"  // somebody took note of it
	Deceased AnswerKind = "deceased" // the patient had died before it became a finding
	Rebooked AnswerKind = "rebooked" // there is a new appointment
)

// Answer is the entry or the message that settled a finding.
type Answer struct {
	Kind AnswerKind
	At   time.Time // when it was stored
	By   string    // who did it, "" where it came from a system
	Feed string
	Seq  uint64
}

// Finding is one thing that may have harmed one patient.
type Finding struct {
	Ref      string // names the finding among those of the patient
	Kind     Kind
	Section  clinical.Section // "" for doses and appointments
	System   string           // whose outage it was
	What     string           // drug, examination, value: as the chart has it
	Ward     string           // where the patient was at the time, as far as is known
	At       time.Time        // when it was due, asked for, announced, called off
	From     time.Time        // when it became a finding
	Severity Severity
	Answer   *Answer // nil while nothing has settled it
}

// Shown reports whether the finding stands in the list at now: it is due, and
// nothing settled it before it was.
func (f *Finding) Shown(now time.Time) bool {
	return !now.Before(f.From) && (f.Answer == nil || f.Answer.At.After(f.From))
}
