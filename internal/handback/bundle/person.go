package bundle

import (
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback/message"
)

// admission writes a person the target does not know, and the stay. Everything
// else about person and movements is the target's own business: it has no
// resource that all take, so it is left to people.
func (b *builder) admission(facts []clinical.Fact) {
	var d clinical.Demographics
	var s clinical.StayDetails
	var mv clinical.Movement
	begins, rest := false, 0
	for _, f := range facts {
		switch f := f.(type) {
		case clinical.Demographics:
			d = f
		case clinical.StayDetails:
			s = f
		case clinical.Movement:
			if (f.Kind == clinical.Admission || f.Kind == clinical.Visit) && f.Action == clinical.Insert && !begins {
				mv, begins = f, true
				continue
			}
			rest++
		default:
			rest++
		}
	}
	if !begins || b.s.Before != "" {
		b.leave(message.Admission, "Änderungen an Person und Bewegungen haben keine Ressource, die überall angenommen wird. Bitte von Hand eintragen.", "Changes of a person and movements have no resource that is taken everywhere. Please type it in.")
		return
	}
	if b.s.About.New {
		b.person(d)
	}
	b.encounter(s, mv)
	if rest > 0 {
		b.leave(message.Admission, "Versicherung, Angehörige und weitere Bewegungen bitte von Hand eintragen.", "Please type in cover, relatives and further movements.")
	}
}

func known[T any](s clinical.Said[T], v T) T {
	if said, ok := s.Value(); ok {
		return said
	}
	return v
}

func (b *builder) person(d clinical.Demographics) {
	n := known(d.Name, b.s.About.Name)
	name := obj{"use": "official"}
	family := strings.TrimSpace(n.Prefix + " " + n.Family)
	text(name, "family", family)
	if n.Prefix != "" {
		name["_family"] = obj{"extension": []obj{
			{"url": "http://hl7.org/fhir/StructureDefinition/humanname-own-name", "valueString": n.Family},
			{"url": "http://hl7.org/fhir/StructureDefinition/humanname-own-prefix", "valueString": n.Prefix},
		}}
	}
	if n.Suffix != "" {
		name["suffix"] = []string{n.Suffix}
	}
	if given := strings.Fields(n.Given + " " + n.Further); len(given) > 0 {
		name["given"] = given
	}
	if n.Title != "" {
		name["prefix"] = []string{n.Title}
	}
	r := obj{"resourceType": "Patient", "active": true, "name": []obj{name}, "gender": gender(known(d.Sex, b.s.About.Sex))}
	if r["gender"] == "other" {
		r["_gender"] = obj{"extension": []obj{{"url": "http://fhir.de/StructureDefinition/gender-amtlich-de", "valueCoding": obj{"system": "http://fhir.de/CodeSystem/gender-amtlich-de", "code": "D"}}}}
	}
	text(r, "birthDate", known(d.Birth, b.s.About.Birth).ISO())
	if a, ok := d.Address.Value(); ok {
		one := obj{"type": "both"}
		if a.Street != "" {
			one["line"] = []string{a.Street}
		}
		text(one, "city", a.City)
		text(one, "postalCode", a.Zip)
		text(one, "country", a.Country)
		r["address"] = []obj{one}
	}
	var phones []obj
	for _, n := range known(d.Phones, nil) {
		phones = append(phones, obj{"system": "phone", "value": n})
	}
	if phones != nil {
		r["telecom"] = phones
	}
	no := b.s.About.IDs[0].Value
	r["identifier"] = []obj{{"system": b.y.Patients, "value": no, "type": coded(v2, "MR")}}
	b.put("Patient", no, b.y.Patients, no, false, r)
}

func gender(s clinical.Sex) string {
	switch s {
	case clinical.Female:
		return "female"
	case clinical.Male:
		return "male"
	case clinical.Diverse:
		return "other"
	case clinical.SexUnknown:
	}
	return "unknown"
}

// encounter writes the stay.
func (b *builder) encounter(s clinical.StayDetails, mv clinical.Movement) {
	class := map[clinical.Class]string{clinical.Outpatient: "AMB", clinical.Emergency: "EMER", clinical.PreAdmit: "PRENC"}[known(s.Class, mv.Class)]
	if class == "" {
		class = "IMP"
	}
	r := obj{
		"resourceType": "Encounter", "status": "in-progress", "class": obj{"system": hl7org + "v3-ActCode", "code": class},
		"type": []obj{coded("http://fhir.de/CodeSystem/Kontaktebene", "einrichtungskontakt")},
	}
	r["subject"] = b.patient()
	period := obj{}
	b.when(period, "start", mv.Start)
	r["period"] = period
	if !mv.To.Zero() {
		r["location"] = []obj{{"location": obj{"display": strings.Join(strings.Fields(mv.To.Ward+" "+mv.To.Room+" "+mv.To.Bed), " ")}}}
	}
	if reason, ok := s.Reason.Value(); ok {
		r["reasonCode"] = []obj{words(reason)}
	}
	no := string(b.s.About.Case)
	if no == "" {
		b.leave(message.Admission, "Der Aufenthalt hat keine Fallnummer. Bitte von Hand eintragen.", "The stay has no case number. Please type it in.")
		return
	}
	r["identifier"] = []obj{{"system": b.y.Cases, "value": no, "type": coded(v2, "VN")}}
	b.put("Encounter", no, b.y.Cases, no, false, r)
}
