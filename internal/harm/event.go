package harm

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// EventKind says what an event was about. The words are the stored form.
type EventKind string

const (
	EventMedication    EventKind = "medication"
	EventLaboratory    EventKind = "laboratory"
	EventIdentity      EventKind = "identity" // mixed up
	EventDelay         EventKind = "delay"
	EventDevice        EventKind = "device"
	EventCommunication EventKind = "communication"
	EventOther         EventKind = "other"
)

// EventKinds returns every kind in the order of the form.
func EventKinds() []EventKind {
	return []EventKind{EventMedication, EventLaboratory, EventIdentity, EventDelay, EventDevice, EventCommunication, EventOther}
}

// Degree is how far an event reached and what it did, in five steps in the
// manner of the index of NCC MERP for medication errors. The words are the
// stored form.
type Degree string

const (
	Hazard    Degree = "hazard"    // could have led to an error (A)
	NearMiss  Degree = "near-miss" // an error that did not reach the patient (B)
	Reached   Degree = "reached"   // reached the patient without harm (C, D)
	Temporary Degree = "temporary" // passing harm (E, F)
	Lasting   Degree = "lasting"   // lasting harm, danger to life, death (G, H, I)
)

// Degrees returns every degree, the lightest first.
func Degrees() []Degree { return []Degree{Hazard, NearMiss, Reached, Temporary, Lasting} }

// Factor is what contributed to an event. The words are the stored form.
type Factor string

const (
	FactorOutage    Factor = "outage"    // a system was missing
	FactorStaffing  Factor = "staffing"  // too few people, or strange to the ward
	FactorHandover  Factor = "handover"  // handover, communication
	FactorPaper     Factor = "paper"     // paper not to be read, not found, double
	FactorTraining  Factor = "training"  // the way to do it was not known
	FactorSurround  Factor = "surround"  // noise, light, interruption
	FactorEquipment Factor = "equipment" // device, material
)

// Factors returns every factor in the order of the form.
func Factors() []Factor {
	return []Factor{FactorOutage, FactorStaffing, FactorHandover, FactorPaper, FactorTraining, FactorSurround, FactorEquipment}
}

// Event is the report of an event that harmed or could have harmed a patient,
// as somebody wrote it.
type Event struct {
	What     string              `json:"what"`
	At       time.Time           `json:"at"` // when it happened; in an anonymous report to the hour
	Ward     string              `json:"ward,omitempty"`
	Kind     EventKind           `json:"kind"`
	Degree   Degree              `json:"degree"`
	Factors  []Factor            `json:"factors,omitempty"`
	Why      string              `json:"why,omitempty"`     // contributing factors in words
	Helped   string              `json:"helped,omitempty"`  // what helped, or would have
	Patient  clinical.PatientKey `json:"patient,omitempty"` // never in an anonymous report
	Exercise bool                `json:"exercise,omitempty"`
}

const (
	minText = 10   // characters of what happened
	maxText = 8000 // bytes of each text
)

func (e *Event) whole() bool {
	return strings.TrimSpace(e.What) != "" && !e.At.IsZero() && slices.Contains(EventKinds(), e.Kind) && slices.Contains(Degrees(), e.Degree)
}

// Check says what is wrong with a report, by field; nil if it can be sent.
func (e *Event) Check(anonymous bool, now time.Time) map[string]lang.Text {
	out := map[string]lang.Text{}
	if utf8.RuneCountInString(strings.TrimSpace(e.What)) < minText {
		out["what"] = lang.Text{DE: "Bitte in ein, zwei Sätzen sagen, was geschehen ist.", EN: "Please say in a sentence or two what happened."}
	}
	for field, text := range map[string]string{"what": e.What, "why": e.Why, "helped": e.Helped} {
		if len(text) > maxText {
			out[field] = lang.Text{DE: "Der Text ist zu lang.", EN: "The text is too long."}
		}
	}
	if !slices.Contains(EventKinds(), e.Kind) {
		out["kind"] = lang.Text{DE: "Bitte die Art wählen.", EN: "Please choose the kind."}
	}
	if !slices.Contains(Degrees(), e.Degree) {
		out["degree"] = lang.Text{DE: "Bitte wählen, wie weit es ging.", EN: "Please choose how far it went."}
	}
	if e.At.IsZero() || e.At.After(now.Add(time.Minute)) {
		out["at"] = lang.Text{DE: "Die Zeit ist nicht lesbar oder liegt in der Zukunft.", EN: "The time cannot be read or lies in the future."}
	}
	if anonymous && e.Patient != "" {
		out["anonymous"] = lang.Text{
			DE: "Eine Meldung zu einer Akte kann nicht anonym sein: der Blick in die Akte ist gespeichert. Bitte ohne Akte melden oder mit Namen.",
			EN: "A report about a chart cannot be anonymous: the look into the chart is recorded. Please report without the chart or with your name.",
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// Status is where the work on a report stands. The words are the stored form.
type Status string

const (
	New     Status = "new"
	Working Status = "working"
	Decided Status = "decided" // measures are decided
	Closed  Status = "closed"
)

// Statuses returns every status in the order of the work.
func Statuses() []Status { return []Status{New, Working, Decided, Closed} }

// Report is an event with what followed from it.
type Report struct {
	ID     string
	Seq    uint64
	Event  Event
	By     *Act      // nil: anonymous
	Stored time.Time // when it was reported; of an anonymous one to the hour

	Status   Status
	Measures string
	Review   Act    // who changed status or measures last
	Act      uint64 // the newest record about it
}

func errGone() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Diese Meldung gibt es nicht.", EN: "There is no such report."})
}
