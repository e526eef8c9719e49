// Package message turns what was documented in the outage into HL7 v2 messages
// for a system that has returned. It is pure: the same sending gives the same
// bytes, but for the time of sending.
package message

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
)

// Kind is what a target can take, as its capability table names it.
type Kind string

// The kinds of what is handed back.
const (
	Admission  Kind = "admission"  // ADT: person, case, movements, merges
	Vitals     Kind = "vitals"     // ORU: vital signs, scores, fluids
	Laboratory Kind = "laboratory" // ORU: laboratory and other results
	Document   Kind = "document"   // MDM: notes, findings, scanned sheets
	Order      Kind = "order"      // ORM, or OMG and OML
	Medication Kind = "medication" // RDE
	Dose       Kind = "dose"       // RAS
	Allergy    Kind = "allergy"    // ADT A60
	Diagnosis  Kind = "diagnosis"  // ADT A08 with DG1, PR1
	Warning    Kind = "warning"    // alerts: HL7 v2 has no common segment for them
	Other      Kind = "other"      // what has no message: notices, appointments, forms without facts
)

// Kinds returns every kind, in the order in which messages of an entry are sent.
func Kinds() []Kind {
	return []Kind{Admission, Vitals, Laboratory, Document, Order, Medication, Dose, Allergy, Diagnosis, Warning, Other}
}

// Way says how a target takes a kind.
type Way string

// The ways.
const (
	AsData     Way = "data"     // by the segments that HL7 has for it; as a document where it has none
	AsDocument Way = "document" // rendered, as MDM^T02 with a PDF
	ByHand     Way = "hand"     // not at all: a person types it in
)

// Target is the receiving system.
type Target struct {
	Name              string
	Version           string // MSH-12: "2.3.1", "2.5"
	Charset           string // MSH-18: "8859/1", "UNICODE UTF-8"
	SendingApp        string // MSH-3
	SendingFacility   string // MSH-4
	ReceivingApp      string // MSH-5
	ReceivingFacility string // MSH-6
	Processing        string // MSH-11; "" is P
	Authority         string // of its patient and case numbers, PID-3.4
	OldOrders         bool   // ORM^O01 instead of OMG^O19 and OML^O21
	Enhanced          bool   // wants accept and application acknowledgements (MSH-15 and MSH-16 AL)
	NoZBE             bool   // knows no movement segment: a movement that was corrected goes to a person
	Zone              *time.Location
	Takes             map[Kind]Way      // what is not named is ByHand
	Documents         map[string]string // its own document types (TXA-2) for ours: "note" → "VERLAUF"
}

// DefaultTakes is what most hospital information systems know as data, and the
// rest as documents.
func DefaultTakes() map[Kind]Way {
	return map[Kind]Way{
		Admission: AsData, Vitals: AsData, Laboratory: AsData, Document: AsData, Order: AsData, Medication: AsData, Dose: AsData,
		Allergy: AsData, Diagnosis: AsData, Warning: AsDocument, Other: AsDocument,
	}
}

// Subject is the patient as the target knows that one.
type Subject struct {
	IDs   []clinical.Identifier // the target's own number first
	New   bool                  // the target does not know the person yet
	Case  clinical.CaseNo
	Name  clinical.Name
	Birth clinical.Date
	Sex   clinical.Sex
	Place clinical.Place
	Class clinical.Class
}

// Sending is what the messages of one entry are made of.
type Sending struct {
	To     Target
	Entry  *entry.Entry
	About  Subject
	Sheet  []byte // the entry as a PDF, for what the target takes as a document; nil if there is none
	Before string // key of the version of this entry that the target took last; "" if it has none
	// Had says of each part of the entry which version of it the target holds,
	// where an earlier version did not go there whole; nil: all parts are those of
	// Before.
	Had   map[string]string
	Again int // how often the entry was released anew after a refusal: each time has control IDs of its own
	Now   time.Time
}

// Message is one message of an entry.
type Message struct {
	Kind    Kind
	Part    string // of the entry: the same in every version of it
	Type    string // "ORU^R01"
	Control string // MSH-10: the same for every attempt
	Raw     []byte
	Spelled int // characters that the target's charset does not have and that were spelled another way: ≥ as >=
	Lost    int // characters that could not be spelled; each stands as "?"
}

// Left is what of an entry is not sent, and why: a person must see to it.
type Left struct {
	Kind    Kind
	Why     lang.Text
	Message *Message // what would be sent if a person says so; nil if there is nothing
}

// ControlID is MSH-10 of a part of a version of an entry to a target: 20
// characters (HL7 v2.5 table of lengths), the same for every attempt. It does
// not depend on what else is sent of the entry, so that a change of the target's
// capabilities never gives the ID of one message to another.
func ControlID(target, key, part string, again int) string {
	sum := sha256.Sum256([]byte(target + "\x00" + key + "\x00" + part + "\x00" + strconv.Itoa(again)))
	return "NB" + base32.StdEncoding.EncodeToString(sum[:12])[:18]
}

// KindOf says what a fact is to a target; "" for what concerns only Notbetrieb.
func KindOf(f clinical.Fact) Kind {
	switch f := f.(type) {
	case clinical.Demographics, clinical.StayDetails, clinical.Movement, clinical.Insurance, clinical.Contact, clinical.Merge, clinical.Unmerge:
		return Admission
	case clinical.Result:
		if f.Section == clinical.Vitals || f.Section == clinical.Nursing {
			return Vitals
		}
		return Laboratory
	case clinical.Document:
		return Document
	case clinical.Order, clinical.Progress:
		return Order
	case clinical.Prescription:
		if f.Settled == clinical.TookTheirs { // it says so itself
			return ""
		}
		return Medication
	case clinical.Dose:
		return Dose
	case clinical.AllergyFact:
		return Allergy
	case clinical.Diagnosis, clinical.Procedure:
		return Diagnosis
	case clinical.Alert:
		return Warning
	case clinical.Draft:
		return ""
	}
	return Other
}

// For returns the messages of one entry in the order in which they must be
// sent, and what is left to people. Every fact of a signed entry is in the one
// or in the other, but for those that take back what the target never had.
//
// A message that the target's charset cannot hold is never sent by itself: it is
// left to a person, with what would be sent.
func For(s Sending) ([]Message, []Left) {
	m := newMaker(s)
	if s.Entry.State != entry.Signed || s.Entry.Withdrawn && s.Before == "" {
		return nil, nil
	}
	if len(s.About.IDs) == 0 {
		for _, kind := range m.Kinds() {
			m.leave(kind, nil, "Zu dieser Person ist keine Nummer bekannt, die %s kennt.", "No number of this person is known that %s knows.")
		}
		return nil, m.left
	}
	for _, kind := range m.Kinds() {
		switch m.t.Takes[kind] {
		case AsData:
			m.data(kind, m.Facts(kind))
		case AsDocument:
			m.asDocument(kind)
		case ByHand, "":
			m.byHand(kind)
		}
	}
	m.rendered()
	return m.out, m.left
}

// maker writes the messages of one entry.
type maker struct {
	Sending
	t      Target
	e      *entry.Entry
	s      Subject
	b      pen
	count  map[Kind]int
	wanted []Kind // kinds that go as a document
	out    []Message
	left   []Left
	now    Message // the one at hand
	doubt  bool    // it could stop more than what the entry takes back
}

func newMaker(s Sending) *maker {
	if s.To.Zone == nil {
		s.To.Zone = time.UTC
	}
	return &maker{Sending: s, t: s.To, e: s.Entry, s: s.About, count: map[Kind]int{}}
}

// had returns the version that the target holds of the part at hand or, between
// two, of the next one of a kind; "" if it has none.
func (m *maker) had(kind Kind) string {
	part := m.now.Part
	if part == "" {
		part = partOf(kind, m.count[kind]+1)
	}
	return m.hadPart(part)
}

func (m *maker) hadPart(part string) string {
	if m.Had == nil {
		return m.Before
	}
	return m.Had[part]
}

// known reports whether the target has an earlier version of the part at hand.
func (m *maker) known() bool { return m.had(m.now.Kind) != "" }

// sheetPart is the part of an entry that goes as a PDF.
const sheetPart = "sheet"

func partOf(kind Kind, n int) string { return string(kind) + "/" + strconv.Itoa(n) }

// hadAny reports whether the target holds anything of a kind.
func (s *Sending) hadAny(kind Kind) bool {
	if s.Had == nil {
		return s.Before != ""
	}
	for part := range s.Had {
		if strings.HasPrefix(part, string(kind)+"/") || !strings.Contains(part, "/") { // what is of no kind holds all
			return true
		}
	}
	return false
}

// Kinds returns what the entry is about.
func (s *Sending) Kinds() []Kind {
	var out []Kind
	for _, kind := range Kinds() {
		if len(s.Facts(kind)) > 0 || kind == Other && len(s.Entry.Facts) == 0 {
			out = append(out, kind)
		}
	}
	return out
}

// Facts returns those of one kind, without what takes back something that the
// target never had.
func (s *Sending) Facts(kind Kind) []clinical.Fact {
	return slices.DeleteFunc(slices.Clone([]clinical.Fact(s.Entry.Facts)), func(f clinical.Fact) bool {
		return KindOf(f) != kind || s.Entry.Corrects != "" && !s.hadAny(kind) && takesBack(f, entry.Number(s.Entry.Root))
	})
}

// takesBack reports whether a fact only takes back one that was numbered own.
// Orders and prescriptions are not among them: one that is stopped may be the
// target's own.
func takesBack(f clinical.Fact, own string) bool {
	switch f := f.(type) {
	case clinical.Result:
		return f.Status == clinical.Withdrawn
	case clinical.Document:
		return f.Status == clinical.Withdrawn
	case clinical.Dose:
		return f.Status == clinical.Retracted
	case clinical.AllergyFact:
		return f.Action == clinical.Cancel
	case clinical.Alert:
		return f.Action == clinical.Cancel
	case clinical.Diagnosis:
		return f.Action == clinical.Cancel
	case clinical.Procedure:
		return f.Action == clinical.Cancel
	case clinical.Movement:
		return f.Action == clinical.Cancel && (f.ID == "" || len(f.ID) >= len(own) && f.ID[:len(own)] == own)
	}
	return false
}

// data writes facts of one kind by the segments that HL7 has for them.
func (m *maker) data(kind Kind, facts []clinical.Fact) {
	switch kind {
	case Admission:
		m.adt(facts)
	case Vitals, Laboratory:
		m.oru(kind, facts)
	case Allergy:
		m.allergies(facts)
	case Diagnosis:
		m.diagnoses(facts)
	case Warning, Other: // no segment that all know
		m.asDocument(kind)
	case Document, Order, Medication, Dose:
		for _, f := range facts {
			switch f := f.(type) {
			case clinical.Document:
				m.mdm(f)
			case clinical.Order:
				m.order(f)
			case clinical.Progress:
				m.progress(f)
			case clinical.Prescription:
				m.rde(f)
			case clinical.Dose:
				m.ras(f)
			default:
				m.byHand(kind)
			}
		}
	}
}

// asDocument notes that a kind goes as the rendered entry.
func (m *maker) asDocument(kind Kind) {
	if len(m.Sheet) == 0 && !m.e.Withdrawn {
		m.leave(kind, nil, "Dazu gibt es kein Blatt, das %s annehmen könnte. Bitte von Hand eintragen.", "There is no sheet of it that %s could take. Please type it in.")
		return
	}
	m.wanted = append(m.wanted, kind)
}

func (m *maker) byHand(kind Kind) {
	m.leave(kind, nil, "%s nimmt das nicht an. Bitte von Hand eintragen.", "%s does not take this. Please type it in.")
}

// leave notes what a person must see to; %s is the target's name.
func (m *maker) leave(kind Kind, msg *Message, de, en string) {
	m.left = append(m.left, Left{Kind: kind, Message: msg, Why: lang.Text{DE: named(de, m.t.Name), EN: named(en, m.t.Name)}})
}
