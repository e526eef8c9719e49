// Package handback gives what was documented in the outage back to the
// hospital's systems: each entry once, released by a named person, with an
// account of every one at the end.
//
// Everything that happens is a record in the journal; the queue is folded from
// those and from the entries. A message is journalled as sent before its first
// byte leaves, and its answer before the queue moves on.
package handback

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/journal"
)

// State says where an entry stands with a target.
type State string

// The states. An entry moves along them; what is with a person stays there
// until that person decides.
const (
	Waiting  State = "waiting"  // nobody has released it
	Released State = "released" // may be sent
	Sent     State = "sent"     // on its way: what became of it is not known
	Accepted State = "accepted" // the target took every message of it
	Refused  State = "refused"  // the target refused it, in its own words: with a person
	Unclear  State = "unclear"  // no answer, and the target does not know repeats: with a person
	Rest     State = "rest"     // what could be said as messages was accepted, the rest is with a person
	Hand     State = "hand"     // a person entered it there by hand, or decided that it need not be
	Nothing  State = "nothing"  // holds nothing for this target
)

// Open reports whether the entry is not accounted for yet.
func (s State) Open() bool {
	switch s {
	case Accepted, Hand, Nothing:
		return false
	case Waiting, Released, Sent, Refused, Unclear, Rest:
	}
	return true
}

// WithPerson reports whether a person must look at the entry before anything
// goes on with it.
func (s State) WithPerson() bool { return s == Refused || s == Unclear || s == Rest }

// Mode says whether a target's queue is drained.
type Mode string

// The modes of a queue.
const (
	Closed  Mode = "closed"  // the system is not returning: nothing is listed
	Testing Mode = "testing" // it is being tested: listed, nothing is sent
	Paused  Mode = "paused"  // stopped by a person
	Slowly  Mode = "slowly"  // drained one entry at a time, with pauses
	Flowing Mode = "flowing" // drained
)

// drains reports whether messages leave.
func (m Mode) drains() bool { return m == Slowly || m == Flowing }

// Item is one entry with one target.
type Item struct {
	Target  string
	Root    string      // of the entry
	Key     string      // of the version that counts
	Seq     journal.Seq // of that version
	First   journal.Seq // of the first version: the order of delivery
	Needs   int         // how many people must release it
	Patient clinical.PatientKey
	Case    clinical.CaseNo
	Ward    string
	Form    string
	At      time.Time
	By      clinical.Staff
	State   State
	Kinds   []message.Kind

	Messages int    // how many it takes
	Done     int    // how many of them were accepted
	Attempts int    // of the one that is under way
	Control  string // of the one that is or was under way last
	Answer   string // the target's words at the last answer
	Hold     Hold   // why it cannot be released or sent as it is, "" for nothing
	Decided  Act    // who released it, or took it by hand
	Second   Act    // the second person, for kinds that need four eyes
	Again    int    // how often a person had it sent anew after a refusal
	Before   string // version that was accepted before it was corrected, "" for none

	Conflicts []Conflict // why somebody must look at it; what a person who decides has seen
	Over      []string   // marks of the conflicts that were confirmed

	s stateRow
}

// Hold says why an item waits for a decision.
type Hold string

// The reasons.
const (
	NoHold     Hold = ""
	Temporary  Hold = "temporary"  // the patient has no number there: to be matched by a person
	Unknown    Hold = "unknown"    // the patient has no number there, and the entry would admit a new one
	Merged     Hold = "merged"     // the patient was merged there meanwhile
	Renamed    Hold = "renamed"    // name or birth date are others there meanwhile
	Deleted    Hold = "deleted"    // the patient was deleted there meanwhile
	Discharged Hold = "discharged" // the case was closed there meanwhile
	CaseMerged Hold = "casemerged" // the case was merged there with another one
	CaseGone   Hold = "casegone"   // the case belongs to another person
	Newer      Hold = "newer"      // a newer value of the same kind came from there
	There      Hold = "there"      // the target has it already
	Behind     Hold = "behind"     // an earlier entry of the same patient is with a person, and this one needs it
	Unready    Hold = "unready"    // no message could be made of it, or the target does not say whom it is about
	Characters Hold = "characters" // holds characters that the target's charset does not have
)

// final reports whether no person can confirm it: without a number there is
// nobody to send it to, and with a case of somebody else it could reach that
// person.
func (h Hold) final() bool { return h == Temporary || h == CaseGone }

// Act is who did something, when, and why.
type Act struct {
	By  clinical.Staff `json:"by"`
	At  time.Time      `json:"at"`
	Why string         `json:"why,omitempty"`
}

// Done reports whether the act took place.
func (a Act) Done() bool { return !a.At.IsZero() }
