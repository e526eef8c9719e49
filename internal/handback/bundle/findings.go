package bundle

import (
	"strconv"

	"notbetrieb/internal/clinical"
)

// part numbers the resources of a kind within the entry.
func part(kind string, i int) string { return kind + strconv.Itoa(i+1) }

// allergy writes an AllergyIntolerance.
func (b *builder) allergy(i int, a clinical.AllergyFact) {
	verified := "confirmed"
	if a.Action == clinical.Cancel {
		verified = "entered-in-error"
	}
	r := b.of(obj{
		"resourceType": "AllergyIntolerance", "verificationStatus": coded(hl7org+"allergyintolerance-verification", verified), "code": b.concept(a.To),
	}, "patient", "encounter")
	if verified == "confirmed" { // ait-2: none where it is in error
		r["clinicalStatus"] = coded(hl7org+"allergyintolerance-clinical", "active")
	}
	if a.NoneKnown {
		r["code"] = b.concept(clinical.Coded{Code: "716186003", Text: "Keine Allergien bekannt", System: "SCT"})
	}
	if c := map[string]string{"DA": "medication", "FA": "food", "EA": "environment"}[a.Kind]; c != "" {
		r["category"] = []string{c}
	}
	severity := map[string]string{"SV": "severe", "MO": "moderate", "MI": "mild"}[a.Severity]
	if severity == "severe" {
		r["criticality"] = "high"
	}
	if a.Reaction != "" {
		reaction := obj{"manifestation": []obj{words(a.Reaction)}}
		text(reaction, "severity", severity)
		r["reaction"] = []obj{reaction}
	}
	b.when(r, "recordedDate", b.e.Written)
	r["recorder"] = b.staff(b.e.By)
	b.add(b.id(part("A", i)), r)
}

// condition writes a Condition.
func (b *builder) condition(i int, d clinical.Diagnosis) {
	verified := "confirmed"
	if d.Action == clinical.Cancel {
		verified = "entered-in-error"
	}
	r := b.of(obj{
		"resourceType": "Condition", "verificationStatus": coded(hl7org+"condition-ver-status", verified),
		"category": []obj{coded(hl7org+"condition-category", "encounter-diagnosis")}, "code": b.concept(d.What),
	}, "subject", "encounter")
	if verified == "confirmed" { // con-5: none where it is in error
		r["clinicalStatus"] = coded(hl7org+"condition-clinical", "active")
	}
	b.when(r, "onsetDateTime", d.At)
	b.when(r, "recordedDate", b.e.Written)
	if !d.By.Zero() {
		r["recorder"] = b.staff(d.By)
	}
	if d.Priority == 1 {
		note(r, "Hauptdiagnose")
	}
	id := d.ID
	if id == "" {
		id = b.id(part("D", i))
	}
	b.add(id, r)
}

// chapters are the categories of OPS by its first digit, in SNOMED CT.
var chapters = map[byte]string{'1': "103693007", '3': "363679005", '5': "387713003", '6': "18629005", '8': "277132007", '9': "394841004"}

// procedure writes a Procedure.
func (b *builder) procedure(i int, p clinical.Procedure) {
	status := "completed"
	if p.Action == clinical.Cancel {
		status = "entered-in-error"
	}
	r := b.of(obj{"resourceType": "Procedure", "status": status, "code": b.concept(p.What)}, "subject", "encounter")
	code := "394841004" // other category
	if p.What.Code != "" && chapters[p.What.Code[0]] != "" {
		code = chapters[p.What.Code[0]]
	}
	r["category"] = coded(snomed, code)
	b.when(r, "performedDateTime", p.At)
	if !p.By.Zero() {
		r["performer"] = []obj{{"actor": b.staff(p.By)}}
	}
	id := p.ID
	if id == "" {
		id = b.id(part("P", i))
	}
	b.add(id, r)
}

// flag writes a warning as a Flag.
func (b *builder) flag(i int, a clinical.Alert) {
	status := "active"
	if a.Action == clinical.Cancel {
		status = "entered-in-error"
	}
	r := b.of(obj{"resourceType": "Flag", "status": status, "category": []obj{words(string(a.Kind))}, "code": b.concept(a.What)}, "subject", "encounter")
	period := obj{}
	b.when(period, "start", a.From)
	b.when(period, "end", a.Ends(b.zone))
	if len(period) > 0 {
		r["period"] = period
	}
	r["author"] = b.staff(b.e.By)
	b.add(b.id(part("W", i)), r)
}
