package bundle

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback/message"
)

// observations writes results. Both values of a blood pressure are one
// Observation with two components, as the profiles of vital signs want it.
func (b *builder) observations(facts []clinical.Fact) {
	pressure := map[string][]clinical.Result{}
	for _, f := range facts {
		r := f.(clinical.Result)
		if r.Code.Code == "8480-6" || r.Code.Code == "8462-4" {
			key := r.Filler + r.At.UTC().String() + string(r.Status)
			pressure[key] = append(pressure[key], r)
		}
	}
	for _, f := range facts {
		r := f.(clinical.Result)
		key := r.Filler + r.At.UTC().String() + string(r.Status)
		pair := pressure[key]
		if (r.Code.Code == "8480-6" || r.Code.Code == "8462-4") && len(pair) == 2 {
			if r.Code.Code == "8480-6" {
				b.pressure(pair)
			}
			continue
		}
		o := b.observation(r)
		b.value(o, r)
		b.add(b.observationID(r), o)
	}
}

func (b *builder) observationID(r clinical.Result) string {
	no := r.Filler
	if no == "" {
		no = r.Placer
	}
	if no == "" {
		no = b.id("")
	}
	part := r.SubID
	if part == "" {
		part = r.Local.Code + r.Code.Code
	}
	return no + "-" + part
}

// pressure writes 85354-9 with its components.
func (b *builder) pressure(pair []clinical.Result) {
	first := pair[0]
	if first.Code.Code != "8480-6" {
		first = pair[1]
	}
	panel := first
	panel.Code, panel.SubID, panel.Local = clinical.Coded{Code: "85354-9", Text: "Blutdruck", System: "LN"}, "bp", clinical.Coded{}
	o := b.observation(panel)
	var parts []obj
	for _, r := range pair {
		part := obj{"code": b.concept(r.Code)}
		b.value(part, r)
		delete(part, "note")
		parts = append(parts, part)
	}
	o["component"] = parts
	note(o, first.Comment)
	b.add(b.observationID(panel), o)
}

// observation is all of an Observation but its value.
func (b *builder) observation(r clinical.Result) obj {
	codes := []clinical.Coded{r.Code}
	if !r.Local.Zero() {
		codes = append(codes, r.Local)
	}
	o := b.of(obj{
		"resourceType": "Observation", "status": b.observed(r.Status), "category": []obj{coded(hl7org+"observation-category", category(r.Section))},
		"code": b.concept(codes...),
	}, "subject", "encounter")
	b.when(o, "effectiveDateTime", r.At)
	b.when(o, "issued", b.e.Written)
	if !r.By.Zero() {
		o["performer"] = []obj{b.staff(r.By)}
	}
	if r.Placer != "" {
		o["basedOn"] = []obj{{"type": "ServiceRequest", "identifier": b.number(r.Placer)}}
	}
	return o
}

func category(s clinical.Section) string {
	switch s {
	case clinical.Vitals:
		return "vital-signs"
	case clinical.Laboratory, clinical.Microbiology, clinical.Pathology:
		return "laboratory"
	case clinical.Radiology, clinical.Cardiology:
		return "imaging"
	case clinical.Endoscopy, clinical.Surgery:
		return "procedure"
	case clinical.Nursing:
		return "survey"
	}
	return "exam"
}

// observed is Observation.status.
func (b *builder) observed(s clinical.ResultStatus) string {
	switch s {
	case clinical.Preliminary:
		return "preliminary"
	case clinical.Corrected:
		if b.s.Before == "" && b.e.Corrects != "" {
			return "final"
		}
		return "corrected"
	case clinical.Withdrawn:
		return "entered-in-error"
	case clinical.NoResult:
		return "cancelled"
	case clinical.Pending:
		return "registered"
	case clinical.Final:
	}
	return "final"
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// value writes what was measured.
func (b *builder) value(o obj, r clinical.Result) {
	switch {
	case r.Number != nil:
		q := quantity(plain(*r.Number), r.Unit)
		text(q, "comparator", r.Comparator)
		o["valueQuantity"] = q
	case r.Value != "":
		o["valueString"] = r.Value
	case r.Status != clinical.Pending:
		o["dataAbsentReason"] = coded(hl7org+"data-absent-reason", "unknown")
	}
	var flags []obj
	for _, f := range r.Flags {
		flags = append(flags, coded(hl7org+"v3-ObservationInterpretation", f))
	}
	if flags != nil {
		o["interpretation"] = flags
	}
	limits := obj{}
	if r.Low != nil {
		limits["low"] = quantity(plain(*r.Low), r.Unit)
	}
	if r.High != nil {
		limits["high"] = quantity(plain(*r.High), r.Unit)
	}
	text(limits, "text", r.Range)
	if len(limits) > 0 {
		o["referenceRange"] = []obj{limits}
	}
	note(o, r.Comment)
}

// document writes a DocumentReference with its text, or with the sheet.
func (b *builder) document(d clinical.Document) {
	media, data := "text/plain; charset=UTF-8", []byte(d.Text)
	if d.Text == "" {
		media, data = "application/pdf", b.s.Sheet
	}
	if len(data) == 0 && d.Status != clinical.Withdrawn {
		b.leave(message.Document, "Zu diesem Dokument liegt kein Inhalt vor.", "There is no content of this document.")
		return
	}
	id := d.ID
	if id == "" {
		id = b.id("doc")
	}
	b.reference(id, d, media, data)
}

func (b *builder) reference(id string, d clinical.Document, media string, data []byte) {
	attachment := obj{"contentType": media, "title": d.Title, "language": "de"}
	if len(data) > 0 {
		attachment["data"] = base64.StdEncoding.EncodeToString(data)
	}
	b.when(attachment, "creation", d.At)
	status, state := "current", "final"
	switch d.Status {
	case clinical.Withdrawn:
		status, state = "entered-in-error", "entered-in-error"
	case clinical.Preliminary:
		state = "preliminary"
	}
	r := b.of(obj{
		"resourceType": "DocumentReference", "status": status, "docStatus": state, "type": b.concept(d.Kind), "description": d.Title,
		"masterIdentifier": obj{"system": b.y.Entries, "value": id},
		"content":          []obj{{"attachment": attachment, "format": obj{"system": "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "code": "urn:ihe:iti:xds:2017:mimeTypeSufficient"}}},
		"securityLabel":    []obj{coded(hl7org+"v3-Confidentiality", "N")},
	}, "subject", "")
	if code := b.y.Types[d.Kind.Code]; code != "" {
		list, _ := r["type"].(obj)["coding"].([]obj)
		r["type"].(obj)["coding"] = append([]obj{{"system": kdl, "code": code}}, list...)
	}
	context := obj{"facilityType": coded("http://ihe-d.de/CodeSystems/PatientBezogenenGesundheitsversorgung", "KHS"), "practiceSetting": coded("http://ihe-d.de/CodeSystems/AerztlicheFachrichtungen", "ALLG")}
	if no := string(b.s.About.Case); no != "" {
		context["encounter"] = []obj{b.found("Encounter", b.y.Cases, no)}
	}
	r["context"] = context
	b.when(r, "date", b.e.Written)
	if !d.By.Zero() {
		r["author"] = []obj{b.staff(d.By)}
	}
	if old := d.Replaces + d.Addendum; old != "" {
		how := "appends"
		if d.Replaces != "" {
			how = "replaces"
		}
		r["relatesTo"] = []obj{{"code": how, "target": obj{"type": "DocumentReference", "identifier": obj{"system": b.y.Entries, "value": old}}}}
	}
	b.add(id, r)
}

// sheet writes the whole entry as a PDF, once for all kinds that go so.
func (b *builder) sheet() {
	if !b.sheets {
		return
	}
	d := clinical.Document{Kind: clinical.Coded{Code: b.e.Form, Text: "Eintrag aus dem Notbetrieb"}, Title: "Eintrag aus dem Notbetrieb", At: b.e.At, By: b.e.By}
	if b.e.Withdrawn {
		d.Status = clinical.Withdrawn
	}
	b.reference(b.id("BLATT"), d, "application/pdf", b.s.Sheet)
}

// order writes a ServiceRequest.
func (b *builder) order(o clinical.Order) {
	id := o.Placer
	if id == "" {
		id = o.Filler
	}
	created := o.Requested.Equal(b.e.At) // the entry that requested it
	if !created && (!b.ours(id) || o.Status == clinical.Cancelled && b.e.Corrects != "") {
		b.theirs(message.Order)
		return
	}
	status := "active"
	switch o.Status {
	case clinical.Completed:
		status = "completed"
	case clinical.OnHold:
		status = "on-hold"
	case clinical.Cancelled, clinical.OrderFailed:
		status = "revoked"
		if b.e.Withdrawn {
			status = "entered-in-error"
		}
	}
	r := b.of(obj{"resourceType": "ServiceRequest", "status": status, "intent": "order", "code": b.concept(o.What), "category": []obj{{"text": string(o.Section)}}}, "subject", "encounter")
	b.when(r, "authoredOn", o.Requested)
	b.when(r, "occurrenceDateTime", o.Due)
	text(r, "priority", map[string]string{"S": "stat", "A": "urgent", "R": "routine"}[o.Priority])
	if !o.By.Zero() {
		r["requester"] = b.staff(o.By)
	}
	if o.Question != "" {
		r["reasonCode"] = []obj{words(o.Question)}
	}
	if o.Specimen != "" {
		note(r, "Material: "+o.Specimen)
	}
	known := b.s.Before != "" || !o.Status.Open() || !created
	r["identifier"] = []obj{{"system": b.y.Entries, "value": id, "type": coded(v2, "PLAC")}}
	b.put("ServiceRequest", id, b.y.Entries, id, known, r)
}

// progress is left to people where no result says how far the order is: a
// ServiceRequest only knows that it is active.
func (b *builder) progress(p clinical.Progress) {
	for _, f := range b.e.Facts {
		if r, ok := f.(clinical.Result); ok && (p.Placer != "" && p.Placer == r.Placer || p.Filler != "" && p.Filler == r.Filler) {
			return
		}
	}
	b.leave(message.Order, "Wie weit die Anforderung ist, hat keine Ressource. Bitte von Hand eintragen.", "How far the order is has no resource. Please type it in.")
}

// drug is a medication: its code, and its substance in words beside it.
func (b *builder) drug(c clinical.Coded, substance string) obj {
	if c.Zero() {
		return words(substance)
	}
	return b.concept(c)
}

// prescription writes a MedicationRequest.
func (b *builder) prescription(p clinical.Prescription) {
	own := strings.HasPrefix(p.Placer, b.id(""))
	if !b.ours(p.Key()) || !own && p.Status == clinical.Cancelled && b.e.Corrects != "" {
		b.theirs(message.Medication)
		return
	}
	status := "active"
	switch p.Status {
	case clinical.Completed:
		status = "completed"
	case clinical.OnHold:
		status = "on-hold"
	case clinical.Cancelled, clinical.OrderFailed:
		status = "stopped"
		if b.e.Withdrawn && own {
			status = "entered-in-error"
		}
	}
	r := b.of(obj{"resourceType": "MedicationRequest", "status": status, "intent": "order", "medicationCodeableConcept": b.drug(p.Drug, p.Substance)}, "subject", "encounter")
	b.when(r, "authoredOn", b.e.Written)
	if !p.By.Zero() {
		r["requester"] = b.staff(p.By)
	}
	if p.Indication != "" {
		r["reasonCode"] = []obj{words(p.Indication)}
	}
	r["dosageInstruction"] = []obj{b.dosage(p)}
	note(r, p.Note)
	r["identifier"] = []obj{{"system": b.y.Entries, "value": p.Key()}}
	b.put("MedicationRequest", p.Key(), b.y.Entries, p.Key(), b.s.Before != "" || !own, r)
}

// dosage says how much and when: in words all of it, as data what means the
// same each time.
func (b *builder) dosage(p clinical.Prescription) obj {
	d := obj{}
	var said []string
	for _, s := range []string{p.Strength, p.Form, p.Dose, p.Scheme, p.Interval, p.Rate, p.Route} {
		if s != "" {
			said = append(said, s)
		}
	}
	repeat := obj{}
	if p.Scheme == "" || message.Even(p.Scheme) {
		var at []string
		for _, t := range p.Times {
			at = append(at, fmt.Sprintf("%02d:%02d:00", int(t)/60%24, int(t)%60))
		}
		if at != nil {
			repeat["timeOfDay"] = at
		}
	}
	bounds := obj{}
	b.when(bounds, "start", p.Start)
	b.when(bounds, "end", p.End)
	if len(bounds) > 0 {
		repeat["boundsPeriod"] = bounds
	}
	if len(repeat) > 0 {
		d["timing"] = obj{"repeat": repeat}
	}
	switch {
	case p.AsNeeded && p.Indication != "":
		d["asNeededCodeableConcept"] = words(p.Indication)
	case p.AsNeeded:
		d["asNeededBoolean"] = true
	}
	if p.AsNeeded {
		said = append(said, "bei Bedarf")
	}
	if p.Route != "" {
		d["route"] = words(p.Route)
	}
	if p.MaxDaily != "" {
		said = append(said, "höchstens "+p.MaxDaily+" in 24 h")
		if n, high, unit, ok := message.Amount(p.MaxDaily); ok && high == "" {
			d["maxDosePerPeriod"] = obj{"numerator": quantity(n, unit), "denominator": quantity("24", "h")}
		}
	}
	rate := obj{}
	if low, high, unit, ok := message.Amount(p.Dose); ok && (p.Scheme == "" || message.Even(p.Scheme)) {
		rate["doseQuantity"] = quantity(low, unit)
		if high != "" {
			delete(rate, "doseQuantity")
			rate["doseRange"] = obj{"low": quantity(low, unit), "high": quantity(high, unit)}
		}
	}
	if n, unit, ok := message.Rate(p.Rate); ok {
		rate["rateQuantity"] = quantity(n, unit)
	}
	if len(rate) > 0 {
		d["doseAndRate"] = []obj{rate}
	}
	text(d, "text", strings.Join(said, ", "))
	return d
}

// dose writes a MedicationAdministration.
func (b *builder) dose(g clinical.Dose) {
	status := "completed"
	switch g.Status {
	case clinical.Refused, clinical.NotGiven, clinical.Postponed:
		status = "not-done"
	case clinical.Retracted:
		status = "entered-in-error"
	}
	given := status == "completed"
	low, high, unit, ok := message.Amount(g.Amount)
	if given && (!ok || high != "") {
		b.leave(message.Dose, "Die gegebene Menge lässt sich nicht als Zahl mit Einheit senden. Bitte von Hand eintragen.", "The amount given cannot be sent as a number with a unit. Please type it in.")
		return
	}
	r := b.of(obj{"resourceType": "MedicationAdministration", "status": status, "medicationCodeableConcept": b.drug(g.Drug, "")}, "subject", "context")
	b.when(r, "effectiveDateTime", g.At)
	var who []obj
	if !g.By.Zero() {
		who = append(who, obj{"actor": b.staff(g.By)})
	}
	if !g.Checked.Zero() {
		who = append(who, obj{"function": coded(hl7org+"med-admin-perform-function", "verifier"), "actor": b.staff(g.Checked)})
	}
	if who != nil {
		r["performer"] = who
	}
	if g.Prescription != "" {
		r["request"] = obj{"type": "MedicationRequest", "identifier": b.number(g.Prescription)}
	}
	if ok && high == "" {
		dosage := obj{"text": g.Amount, "dose": quantity(low, unit)}
		if g.Route != "" {
			dosage["route"] = words(g.Route)
		}
		r["dosage"] = dosage
	}
	reason, until := g.Reason, ""
	if g.Status == clinical.Postponed && !g.Until.IsZero() {
		until = "verschoben auf " + g.Until.In(b.zone).Format("02.01.2006 15:04")
	}
	if !given && reason != "" {
		r["statusReason"] = []obj{words(reason)}
		reason = ""
	}
	part := ""
	if g.Status == clinical.Partly {
		part = "nur zum Teil gegeben"
	}
	note(r, part, reason, until)
	id := g.ID
	if id == "" {
		id = b.id("dose")
	}
	b.add(id, r)
}
