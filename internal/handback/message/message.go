// Package message turns what was documented in the outage into HL7 v2 messages
// for a system that has returned. It is pure: the same entry, subject and
// target give the same bytes, but for the time of sending.
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
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/lang"
)

// Kind is what a target can take, as its capability table names it.
type Kind string

// The kinds of what is handed back.
const (
	Admission  Kind = "admission"  // ADT: person, case, movements
	Vitals     Kind = "vitals"     // ORU: vital signs, scores, fluids
	Laboratory Kind = "laboratory" // ORU: laboratory and other results
	Document   Kind = "document"   // MDM: notes, findings, scanned sheets
	Order      Kind = "order"      // ORM or OMG
	Medication Kind = "medication" // RDE
	Dose       Kind = "dose"       // RAS
	Allergy    Kind = "allergy"    // ADT A60
	Diagnosis  Kind = "diagnosis"  // ADT A08 with DG1, PR1
	Warning    Kind = "warning"    // alerts: HL7 v2 has no common segment for them
)

// Kinds returns every kind, in the order of the conformance table.
func Kinds() []Kind {
	return []Kind{Admission, Vitals, Laboratory, Document, Order, Medication, Dose, Allergy, Diagnosis, Warning}
}

// Way says how a target takes a kind.
type Way string

// The ways.
const (
	AsData     Way = "data"     // by the segments that HL7 has for it
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
	Authority         string // of its patient numbers, PID-3.4
	OldOrders         bool   // ORM^O01 instead of OMG^O19 and OML^O21
	Zone              *time.Location
	Takes             map[Kind]Way // what is not named is ByHand
}

// Takes by default: what every KIS knows as data, the rest as document.
func DefaultTakes() map[Kind]Way {
	return map[Kind]Way{
		Admission: AsData, Vitals: AsData, Laboratory: AsData, Document: AsData, Order: AsData, Medication: AsData, Dose: AsData,
		Allergy: AsData, Diagnosis: AsData, Warning: AsDocument,
	}
}

// Subject is the patient as the target knows that one.
type Subject struct {
	IDs   []clinical.Identifier // the target's own number first
	Case  clinical.CaseNo
	Name  clinical.Name
	Birth clinical.Date
	Sex   clinical.Sex
	Place clinical.Place
	Class clinical.Class
}

// Message is one message of an entry.
type Message struct {
	Kind    Kind
	Type    string // "ORU^R01"
	Control string // MSH-10: the same for every attempt
	Raw     []byte
	Lost    int // characters that the target's charset does not have; each stands as "?"
}

// Left is what of an entry no message says to the target, and why.
type Left struct {
	Kind Kind
	Why  lang.Text
}

// ControlID is MSH-10 of the n-th message of a version of an entry to a target:
// 20 characters (HL7 v2.5 table of lengths), the same for every attempt.
func ControlID(target, key string, n int) string {
	sum := sha256.Sum256([]byte(target + "\x00" + key + "\x00" + strconv.Itoa(n)))
	return "NB" + base32.StdEncoding.EncodeToString(sum[:12])[:18]
}

// KindOf says what a fact is to a target; "" for what concerns only Notbetrieb.
func KindOf(f clinical.Fact) Kind {
	switch f := f.(type) {
	case clinical.Demographics, clinical.StayDetails, clinical.Movement, clinical.Insurance, clinical.Contact:
		return Admission
	case clinical.Result:
		if f.Section == clinical.Vitals || f.Section == clinical.Nursing {
			return Vitals
		}
		return Laboratory
	case clinical.Document:
		return Document
	case clinical.Order:
		return Order
	case clinical.Prescription:
		return Medication
	case clinical.Dose:
		return Dose
	case clinical.AllergyFact:
		return Allergy
	case clinical.Diagnosis, clinical.Procedure:
		return Diagnosis
	case clinical.Alert:
		return Warning
	}
	return ""
}

// For returns the messages of one entry in the order they must be sent, and
// what is left to people. pdf is the rendered entry, for kinds that the target
// takes as a document; nil if there is none. now is the time of sending.
func For(t Target, e *entry.Entry, s Subject, pdf []byte, now time.Time) ([]Message, []Left) {
	m := &maker{t: t, e: e, s: s, now: now}
	var left []Left
	render := false
	for _, kind := range Kinds() {
		facts := m.facts(kind)
		if len(facts) == 0 {
			continue
		}
		switch t.Takes[kind] {
		case AsData:
			m.data(kind, facts)
		case AsDocument:
			render = true
			if len(pdf) == 0 {
				left = append(left, Left{kind, lang.Text{DE: "Es gibt kein Blatt dazu.", EN: "There is no sheet of it."}})
			}
		case ByHand, "":
			left = append(left, Left{kind, lang.Text{DE: t.Name + " nimmt das nicht an: bitte von Hand eintragen.", EN: t.Name + " does not take this: please type it in."}})
		}
	}
	if render && len(pdf) > 0 {
		m.rendered(pdf)
	}
	return m.out, left
}

// maker writes the messages of one entry.
type maker struct {
	t   Target
	e   *entry.Entry
	s   Subject
	now time.Time
	out []Message
	b   *hl7.Builder
}

func (m *maker) facts(kind Kind) []clinical.Fact {
	return slices.DeleteFunc(slices.Clone([]clinical.Fact(m.e.Facts)), func(f clinical.Fact) bool { return KindOf(f) != kind })
}

// data writes facts of one kind by the segments that HL7 has for them.
func (m *maker) data(kind Kind, facts []clinical.Fact) {
	switch kind {
	case Admission:
		m.adt(facts)
	case Vitals, Laboratory:
		m.oru(kind, facts)
	case Document:
		for _, f := range facts {
			m.mdm(f.(clinical.Document))
		}
	case Order:
		for _, f := range facts {
			m.order(f.(clinical.Order))
		}
	case Medication:
		for _, f := range facts {
			m.rde(f.(clinical.Prescription))
		}
	case Dose:
		for _, f := range facts {
			m.ras(f.(clinical.Dose))
		}
	case Allergy:
		m.allergies(facts)
	case Diagnosis:
		m.diagnoses(facts)
	case Warning: // no common segment: never data
	}
}

// begin starts a message: MSH, and EVN where the type has one.
func (m *maker) begin(kind Kind, typ, event, structure string) {
	m.b = hl7.NewBuilder(hl7.DefaultDelims(), m.t.Charset)
	control := ControlID(m.t.Name, m.e.Key, len(m.out))
	name := m.b.Comps(typ, event, structure)
	if m.t.Version < "2.4" {
		name = m.b.Comps(typ, event)
	}
	processing := m.t.Processing
	if processing == "" {
		processing = "P"
	}
	m.b.Segment("MSH", m.b.Text(m.t.SendingApp), m.b.Text(m.t.SendingFacility), m.b.Text(m.t.ReceivingApp), m.b.Text(m.t.ReceivingFacility),
		m.clock(m.now), "", name, control, processing, m.t.Version, "", "", "", "", "", m.t.Charset)
	m.out = append(m.out, Message{Kind: kind, Type: typ + "^" + event, Control: control})
	if typ == "ADT" || typ == "MDM" {
		m.b.Segment("EVN", event, m.clock(m.now), "", "", m.staff(m.e.By), m.clock(m.e.At))
	}
}

// end finishes the message.
func (m *maker) end() {
	last := &m.out[len(m.out)-1]
	last.Raw, last.Lost = m.b.Encode()
}

// clock writes a time with its zone (HL7 v2.5 section 2.A.89), "" for none.
func (m *maker) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(m.t.Zone).Format("20060102150405-0700")
}

// staff writes an XCN.
func (m *maker) staff(s clinical.Staff) string {
	if s.Zero() {
		return ""
	}
	family, given, _ := strings.Cut(s.Name, ", ")
	return m.b.Comps(s.ID, family, given)
}

// code writes a CE or CWE.
func (m *maker) code(c clinical.Coded) string {
	system := c.System
	if system == "Notbetrieb" {
		system = "L"
	}
	return m.b.Comps(c.Code, c.Text, system)
}

// place writes a PL.
func (m *maker) place(p clinical.Place) string {
	return m.b.Comps(p.Ward, p.Room, p.Bed, p.Facility)
}

// name writes an XPN of type L.
func (m *maker) name(n clinical.Name) string {
	if n.Zero() {
		return ""
	}
	family := m.b.Text(n.Family)
	if n.Prefix != "" {
		family = m.b.Subs(n.Prefix+" "+n.Family, n.Prefix, n.Family)
	}
	return m.b.Join(family, m.b.Text(n.Given), m.b.Text(n.Further), m.b.Text(n.Suffix), "", m.b.Text(n.Title), "L")
}

// identifiers writes PID-3.
func (m *maker) identifiers(ids []clinical.Identifier) string {
	var reps []string
	for _, id := range ids {
		authority := id.Authority
		if authority == "" {
			authority = m.t.Authority
		}
		typ := id.Type
		if typ == "" {
			typ = "PI"
		}
		reps = append(reps, m.b.Comps(id.Value, "", "", authority, typ))
	}
	return m.b.Reps(reps...)
}

func date(d clinical.Date) string { return strings.ReplaceAll(d.ISO(), "-", "") }

func sex(s clinical.Sex) string {
	switch s {
	case clinical.Female, clinical.Male:
		return string(s)
	case clinical.Diverse:
		return "O"
	case clinical.SexUnknown:
	}
	return "U"
}

// patient writes PID and PV1 as the subject is known.
func (m *maker) patient() {
	m.b.Segment("PID", "1", "", m.identifiers(m.s.IDs), "", m.name(m.s.Name), "", date(m.s.Birth), sex(m.s.Sex))
	m.visit(m.s.Place, "")
}

// visit writes PV1.
func (m *maker) visit(to clinical.Place, from string) {
	class := string(m.s.Class)
	if class == "" {
		class = "I"
	}
	fields := make([]string, 44)
	fields[0], fields[1], fields[2], fields[5] = "1", class, m.place(to), from
	fields[18] = m.b.Text(string(m.s.Case))
	m.b.Segment("PV1", fields...)
}
