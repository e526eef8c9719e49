package handback

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/journal"
)

// form is that of the bodies this package writes.
var form = journal.Form{Name: "handback record", Version: 1, Most: 16 << 20}

// step says which fact a record states. The words are the stored form and never
// change.
type step string

const (
	opened   step = "opened"   // the target's queue is in Mode from now on
	released step = "released" // the items may be sent
	seconded step = "seconded" // the second person agrees to the items
	recalled step = "recalled" // the items are not to be sent after all
	sending  step = "sending"  // a message leaves
	answered step = "answered" // its answer came
	unheard  step = "unheard"  // no answer came
	untaken  step = "untaken"  // the target said that it did nothing with it: it goes again
	leftover step = "left"     // what no message says to the target is with a person
	byHand   step = "by-hand"  // the items are done by a person
	again    step = "again"    // items that were with a person are to be sent anew
	matched  step = "matched"  // a temporary patient is this one there
	agreed   step = "agreed"   // the second person agrees to who the patient is there
	parted   step = "parted"   // that was taken back
	withheld step = "withheld" // a conflict came up that nobody had confirmed: the item waits again
	reported step = "reported" // a report was made; the hand-back is over if it is the last
	pages    step = "pages"    // a part of its lines
	closed   step = "closed"   // the hand-back to the target is over: from before reported said it
)

// versionOf is an entry in the version that a person saw: a decision about one
// that was corrected meanwhile has no effect.
type versionOf struct {
	Root string   `json:"root"`
	Key  string   `json:"key"`
	Over []string `json:"over,omitempty"` // marks of the conflicts that the person confirmed
}

// event is the body of a record of kind Handback. Which fields are set depends
// on the step.
type event struct {
	V      int         `json:"v"`
	Step   step        `json:"t"`
	Target string      `json:"target"`
	Act    Act         `json:"act,omitzero"`
	Mode   Mode        `json:"mode,omitempty"`
	Items  []versionOf `json:"items,omitempty"` // what a person decided about

	Key     string    `json:"key,omitempty"` // version of the entry a message is of
	Root    string    `json:"root,omitempty"`
	Part    string    `json:"part,omitempty"` // which of its messages
	Of      int       `json:"of,omitempty"`   // how many messages there are
	Last    bool      `json:"last,omitempty"` // all others were taken
	Left    string    `json:"left,omitempty"` // what no message says, and why: with a person in the end
	To      string    `json:"to,omitempty"`   // the patient's number in the message
	Turn    int       `json:"turn,omitempty"` // state of the decisions that it leaves under
	Control string    `json:"control,omitempty"`
	Type    string    `json:"type,omitempty"`
	Sum     []byte    `json:"sum,omitempty"` // SHA-256 of the bytes
	Raw     []byte    `json:"raw,omitempty"` // the bytes, where they are few: a message that goes again is the same
	Code    string    `json:"code,omitempty"`
	Text    string    `json:"text,omitempty"` // the target's words
	At      time.Time `json:"at,omitzero"`

	Patient clinical.PatientKey   `json:"patient,omitempty"`
	IDs     []clinical.Identifier `json:"ids,omitempty"`
	Case    clinical.CaseNo       `json:"case,omitempty"`
	New     bool                  `json:"new,omitempty"` // the patient is new there

	Hold   Hold        `json:"hold,omitempty"`
	Upto   journal.Seq `json:"upto,omitempty"` // last record that was accounted for
	Report *Report     `json:"report,omitempty"`
	Lines  []byte      `json:"lines,omitempty"` // of a report: JSON, compressed
}

// MessageOf returns the message that left with a record; nil for any other
// record, and where its bytes were not kept.
func MessageOf(rec journal.Record) []byte {
	if rec.Kind != journal.Handback {
		return nil
	}
	e, err := decode(rec.Body)
	if err != nil || e.Step != sending {
		return nil
	}
	return e.Raw
}

func (e *event) encode() ([]byte, error) {
	e.V = form.Version
	return form.Encode(e)
}

func decode(body []byte) (event, error) {
	var e event
	if err := form.Decode(body, &e, &e.V); err != nil {
		return event{}, err
	}
	if e.Step == "" || e.Step == reported && e.Report == nil {
		return event{}, journal.ErrBody
	}
	return e, nil
}
