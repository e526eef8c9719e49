// Package bundle turns what was documented in the outage into a FHIR R4
// transaction: the second way to hand back, for systems that take resources and
// no HL7 v2. It is pure.
package bundle

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/handback/message"
	"notbetrieb/internal/lang"
)

// Systems are the namespaces of a hospital (Identifier.system, Coding.system).
type Systems struct {
	Patients string            // of the target's patient numbers
	Cases    string            // of its case numbers
	Entries  string            // of ours: what an entry, an order, a prescription is known by
	Staff    string            // of our sign-in names
	Codes    string            // of our own codes
	Orders   string            // of the target's order and prescription numbers; "" if it has no one system
	Types    map[string]string // document types of KDL for ours: "note" → "VL160105"

	// Ours reports whether an order or prescription has a number that was drawn in
	// the outage. Nil: only those of the entry itself are.
	Ours func(number string) bool
}

// The systems that are the same everywhere (SPECS of ISiK; FHIR R4 terminologies).
const (
	loinc  = "http://loinc.org"
	snomed = "http://snomed.info/sct"
	ucum   = "http://unitsofmeasure.org"
	pzn    = "http://fhir.de/CodeSystem/ifa/pzn"
	atc    = "http://fhir.de/CodeSystem/bfarm/atc"
	icd    = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
	ops    = "http://fhir.de/CodeSystem/bfarm/ops"
	kdl    = "http://dvmd.de/fhir/CodeSystem/kdl"
	hl7org = "http://terminology.hl7.org/CodeSystem/"
	v2     = hl7org + "v2-0203"
)

// obj is a JSON object. Its keys are written in order, so that the same entry
// gives the same bytes.
type obj = map[string]any

// Bundle is one transaction.
type Bundle struct {
	Raw       []byte
	Resources int // without Provenance
}

// For returns the transaction of one entry, and what is left to people; a Bundle
// without Raw if nothing is sent. Sent again it changes nothing: what is new is
// created only if its identifier is not there, what the target has is updated
// by its identifier.
func For(s message.Sending, y Systems) (Bundle, []message.Left, error) {
	b := &builder{s: s, e: s.Entry, y: y, zone: s.To.Zone, here: map[string]string{}}
	if b.zone == nil {
		b.zone = time.UTC
	}
	if s.Entry.State != entry.Signed || s.Entry.Withdrawn && s.Before == "" {
		return Bundle{}, nil, nil
	}
	for _, kind := range s.Kinds() {
		switch {
		case len(s.About.IDs) == 0:
			b.leave(kind, "Zu dieser Person ist keine Nummer bekannt.", "No number of this person is known.")
		case s.To.Takes[kind] == message.AsData:
			b.data(kind, s.Facts(kind))
		case s.To.Takes[kind] == message.AsDocument:
			b.asSheet(kind)
		default:
			b.byHand(kind)
		}
	}
	b.sheet()
	if len(b.entries) == 0 {
		return Bundle{}, b.left, nil
	}
	n := len(b.entries)
	b.provenance()
	raw, err := json.MarshalIndent(obj{"resourceType": "Bundle", "type": "transaction", "timestamp": b.instant(s.Now), "entry": b.entries}, "", "  ")
	if err != nil {
		return Bundle{}, b.left, fmt.Errorf("bundle: %w", err)
	}
	return Bundle{Raw: raw, Resources: n}, b.left, nil
}

// builder writes the resources of one entry.
type builder struct {
	s       message.Sending
	e       *entry.Entry
	y       Systems
	zone    *time.Location
	entries []obj
	here    map[string]string // what the transaction itself creates: "Patient" → its full URL
	sheets  bool
	left    []message.Left
}

func (b *builder) leave(kind message.Kind, de, en string) {
	b.left = append(b.left, message.Left{Kind: kind, Why: lang.Text{DE: de, EN: en}})
}

func (b *builder) byHand(kind message.Kind) {
	b.leave(kind, "Das wird nicht angenommen. Bitte von Hand eintragen.", "This is not taken. Please type it in.")
}

func (b *builder) asSheet(kind message.Kind) {
	if len(b.s.Sheet) == 0 && !b.e.Withdrawn {
		b.leave(kind, "Dazu gibt es kein Blatt. Bitte von Hand eintragen.", "There is no sheet of it. Please type it in.")
		return
	}
	b.sheets = true
}

// add puts a resource into the transaction under an identifier of ours.
func (b *builder) add(id string, r obj) {
	typ := r["resourceType"].(string)
	list := []obj{{"system": b.y.Entries, "value": id}}
	if own, ok := r["identifier"].([]obj); ok {
		list = append(list, own...)
	}
	r["identifier"] = list
	b.put(typ, id, b.y.Entries, id, b.s.Before != "", r)
}

// put adds a resource that is known by system and value.
func (b *builder) put(typ, id, system, value string, known bool, r obj) {
	query := "identifier=" + url.QueryEscape(system+"|"+value)
	request := obj{"method": "POST", "url": typ, "ifNoneExist": query}
	if known {
		request = obj{"method": "PUT", "url": typ + "?" + query}
	}
	at := "urn:uuid:" + uuid(b.s.To.Name, b.e.Root, typ, id)
	if typ == "Patient" || typ == "Encounter" {
		b.here[typ] = at
	}
	b.entries = append(b.entries, obj{"fullUrl": at, "resource": r, "request": request})
}

// uuid makes a UUID (RFC 9562 version 8) of parts: the same every time.
func uuid(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	sum[6], sum[8] = sum[6]&0x0F|0x80, sum[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// id numbers the resources of the entry.
func (b *builder) id(part string) string {
	if part == "" {
		return entry.Number(b.e.Root)
	}
	return entry.Number(b.e.Root) + "-" + part
}

// found is a reference to what the transaction creates, or else one that the
// target resolves by the identifier (FHIR R4, section 3.1.0.11.2: conditional
// references in a transaction).
func (b *builder) found(typ, system, value string) obj {
	if at := b.here[typ]; at != "" {
		return obj{"reference": at}
	}
	return obj{"reference": typ + "?identifier=" + url.QueryEscape(system+"|"+value)}
}

func (b *builder) patient() obj {
	return b.found("Patient", b.y.Patients, b.s.About.IDs[0].Value)
}

// of puts subject and encounter into a resource.
func (b *builder) of(r obj, subject, encounter string) obj {
	r[subject] = b.patient()
	if no := string(b.s.About.Case); no != "" && encounter != "" {
		r[encounter] = b.found("Encounter", b.y.Cases, no)
	}
	return r
}

// staff is a person of the hospital: known by the sign-in name here, so no
// reference that could be resolved.
func (b *builder) staff(s clinical.Staff) obj {
	out := obj{"type": "Practitioner"}
	if s.ID != "" {
		out["identifier"] = obj{"system": b.y.Staff, "value": s.ID}
	}
	if s.Name != "" {
		out["display"] = s.Name
	}
	return out
}

// instant writes a time.
func (b *builder) instant(t time.Time) string { return t.In(b.zone).Format(time.RFC3339) }

// when sets a time that is known.
func (b *builder) when(r obj, field string, t time.Time) {
	if !t.IsZero() {
		r[field] = b.instant(t)
	}
}

// text sets a text that is not empty.
func text(r obj, field, s string) {
	if s != "" {
		r[field] = s
	}
}

// note sets the remarks that are not empty.
func note(r obj, notes ...string) {
	var list []obj
	for _, n := range notes {
		if n != "" {
			list = append(list, obj{"text": n})
		}
	}
	if list != nil {
		r["note"] = list
	}
}

// concept is a CodeableConcept of our codes in the systems' own names.
func (b *builder) concept(codes ...clinical.Coded) obj {
	var list []obj
	words := ""
	for _, c := range codes {
		if words == "" {
			words = c.Text
		}
		if c.Code == "" {
			continue
		}
		one := obj{"code": c.Code, "system": b.system(c.System)}
		if c.System == "ICD-10-GM" || c.System == "I10" || c.System == "OPS" {
			one["version"] = fmt.Sprint(b.e.At.In(b.zone).Year())
		}
		text(one, "display", c.Text)
		list = append(list, one)
	}
	out := obj{}
	if list != nil {
		out["coding"] = list
	}
	text(out, "text", words)
	return out
}

func (b *builder) system(s string) string {
	switch s {
	case "LN", "LOINC":
		return loinc
	case "SCT":
		return snomed
	case "PZN":
		return pzn
	case "ATC":
		return atc
	case "ICD-10-GM", "I10":
		return icd
	case "OPS":
		return ops
	case "UCUM":
		return ucum
	}
	return b.y.Codes
}

// coded is a CodeableConcept of one code.
func coded(system, code string) obj {
	return obj{"coding": []obj{{"system": system, "code": code}}}
}

func words(s string) obj { return obj{"text": s} }

// quantity is a Quantity: the figure as it was written, the unit as printed and
// in UCUM where it has one.
func quantity(figure, unit string) obj {
	q := obj{"value": json.Number(figure)}
	text(q, "unit", unit)
	if code, ok := message.UCUM(unit); ok {
		q["system"], q["code"] = ucum, code
	}
	return q
}

// provenance says who wrote all of it, when, and that it was written in the
// outage. It has no identifier, so it stands under an id of its own.
func (b *builder) provenance() {
	var about []obj
	for _, e := range b.entries {
		about = append(about, obj{"reference": e["fullUrl"]})
	}
	id := uuid(b.s.To.Name, b.e.Key, "Provenance")
	agents := []obj{{"type": coded(hl7org+"provenance-participant-type", "author"), "who": b.staff(b.e.By)}}
	if !b.e.Second.Zero() {
		agents = append(agents, obj{"type": coded(hl7org+"provenance-participant-type", "verifier"), "who": b.staff(b.e.Second)})
	}
	r := obj{
		"resourceType": "Provenance", "id": id, "target": about, "recorded": b.instant(b.e.Written), "occurredDateTime": b.instant(b.e.At),
		"agent":  agents,
		"entity": []obj{{"role": "source", "what": obj{"identifier": obj{"system": b.y.Entries, "value": b.e.Key}, "display": "Notbetrieb"}}},
	}
	if b.e.Reason != "" {
		r["reason"] = []obj{words(b.e.Reason)}
	}
	b.entries = append(b.entries, obj{"fullUrl": "urn:uuid:" + id, "resource": r, "request": obj{"method": "PUT", "url": "Provenance/" + id}})
}

// data writes the facts of one kind.
func (b *builder) data(kind message.Kind, facts []clinical.Fact) {
	switch kind {
	case message.Admission:
		b.admission(facts)
		return
	case message.Vitals, message.Laboratory:
		b.observations(facts)
		return
	case message.Other:
		b.asSheet(kind)
		return
	}
	for i, f := range facts {
		switch f := f.(type) {
		case clinical.Document:
			b.document(f)
		case clinical.Order:
			b.order(f)
		case clinical.Progress:
			b.progress(f)
		case clinical.Prescription:
			b.prescription(f)
		case clinical.Dose:
			b.dose(f)
		case clinical.AllergyFact:
			b.allergy(i, f)
		case clinical.Diagnosis:
			b.condition(i, f)
		case clinical.Procedure:
			b.procedure(i, f)
		case clinical.Alert:
			b.flag(i, f)
		default:
			b.byHand(kind)
		}
	}
}

// ours reports whether a number was drawn in the outage.
func (b *builder) ours(no string) bool {
	return strings.HasPrefix(no, entry.Number(b.e.Root)) || b.y.Ours != nil && b.y.Ours(no)
}

// number is the identifier of an order or prescription.
func (b *builder) number(no string) obj {
	id := obj{"value": no}
	system := b.y.Orders
	if b.ours(no) {
		system = b.y.Entries
	}
	text(id, "system", system)
	return id
}

// theirs leaves a change of the target's own order to people: an update would
// put our copy in the place of its own resource. So does the withdrawal of a
// change: it would stop the whole.
func (b *builder) theirs(kind message.Kind) {
	b.leave(kind, "Das ändert eine Anforderung oder Verordnung, die nicht aus diesem Eintrag stammt. Bitte von Hand ändern.", "This changes an order or prescription that is not this entry's own. Please change it by hand.")
}
