// Package entry is what people of the hospital record while its systems are
// gone: the forms with their fields, rules and words, and the entry that a
// signed form becomes. It is pure: no clock, no disk, no patient list. The same
// form is drawn on screen, printed on paper and read back from it.
package entry

import (
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// Feed is the source of every entry, as charts and pages name it.
const Feed = "here"

// State says where an entry stands.
type State string

const (
	Draft   State = "draft"   // begun, kept, not signed: no part of the chart
	Signed  State = "signed"  // stands in the chart
	Dropped State = "dropped" // a draft that was thrown away
)

// Entry is one thing that a person recorded. A signed entry never changes: a
// correction is a new entry that names the one it corrects.
type Entry struct {
	Key       string `json:"key"`                 // 32 hexadecimal digits, drawn when the form was opened: sent twice it is one entry
	Root      string `json:"root"`                // key of the first version; Key itself for a first one
	Corrects  string `json:"corrects,omitempty"`  // key of the version that this one supersedes
	Withdrawn bool   `json:"withdrawn,omitempty"` // the corrected version was made in error: it stands struck out
	Reason    string `json:"reason,omitempty"`    // of a correction, of a late entry, of going on against a warning
	Form      string `json:"form"`
	State     State  `json:"state"`

	Patient clinical.PatientKey   `json:"patient,omitempty"`
	IDs     []clinical.Identifier `json:"ids,omitempty"`
	Case    clinical.CaseNo       `json:"case,omitempty"`
	Ward    string                `json:"ward,omitempty"`

	At      time.Time      `json:"at"`                // when it happened
	Written time.Time      `json:"written"`           // when it was signed, or last kept
	By      clinical.Staff `json:"by"`                // who signed
	Role    string         `json:"role,omitempty"`    // in which role
	Second  clinical.Staff `json:"second,omitzero"`   // who checked it, for what two people sign
	From    string         `json:"from,omitempty"`    // screen or station it was written at
	Node    string         `json:"node,omitempty"`    // node it was written on
	Seen    uint64         `json:"seen,omitempty"`    // journal position of the page the writer looked at
	Sheet   string         `json:"sheet,omitempty"`   // serial of the paper it was taken from
	SheetBy string         `json:"sheetby,omitempty"` // who wrote on that paper, as read there

	Fields map[string]string `json:"fields,omitempty"` // as typed: what a correction starts from
	Facts  Facts             `json:"facts,omitempty"`  // what it says of the patient
}

// Late reports whether the entry was written long enough after the event for
// both times to be shown.
func (e *Entry) Late() bool { return e.Written.Sub(e.At) > 15*time.Minute }

// Number is what the facts of an entry are numbered with: the same for every
// version, so that a correction supersedes. It begins with NB and is made of
// the 74 random bits of the first version's key.
func Number(root string) string {
	b, err := hex.DecodeString(root)
	if err != nil || len(b) != 16 {
		return "NB" + root
	}
	return "NB" + strings.TrimRight(base32.StdEncoding.EncodeToString(b[6:]), "=")
}

// Check reports what the entry lacks to be kept at all. The error's kind is
// Invalid.
func (e *Entry) Check() error {
	bad := func(what string) error {
		return fault.Newf(fault.Invalid, lang.Text{
			DE: "Der Eintrag ist unvollständig und wurde nicht gespeichert. Bitte das Formular neu öffnen.",
			EN: "The entry is incomplete and was not stored. Please open the form again.",
		}, "entry: %s", what)
	}
	switch _, err := hex.DecodeString(e.Key); {
	case err != nil || len(e.Key) != 32:
		return bad("key")
	case e.Root == "" || e.Corrects == "" && e.Root != e.Key:
		return bad("root")
	case e.Corrects != "" && (e.Key == e.Root || e.Key == e.Corrects):
		return bad("key of another version")
	case e.Form == "":
		return bad("form")
	case e.State != Draft && e.State != Signed && e.State != Dropped:
		return bad("state")
	case e.By.ID == "":
		return bad("author")
	case e.At.IsZero() || e.Written.IsZero():
		return bad("time")
	case e.Withdrawn && e.Corrects == "":
		return bad("withdrawn without what it withdraws")
	}
	return nil
}

// Changes is what the entry says to the charts: nothing unless it is signed.
func (e *Entry) Changes(origin clinical.Origin) []clinical.Change {
	if len(e.IDs) == 0 && e.Case == "" {
		return nil
	}
	var out []clinical.Change
	add := func(f clinical.Fact) {
		out = append(out, clinical.Change{Origin: origin, IDs: e.IDs, Case: e.Case, What: f})
	}
	if e.State == Signed {
		for _, f := range e.Facts {
			add(f)
		}
	}
	add(clinical.Draft{Key: e.Key, Form: e.Form, By: e.By, At: e.Written, Ended: e.State != Draft})
	return out
}
