package entry

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// The forms of the pharmacy's desk have pages of their own, except what a ward
// asks for.

// Reviewing says that a pharmacist looked at a prescription.
var Reviewing = &Form{
	Kind: "rx-review", Right: "dispense", Title: lang.Text{DE: "Prüfung durch die Apotheke", EN: "Review by the pharmacy"},
	Fields: []Field{
		{Name: "rx", Label: lang.Text{DE: "Verordnung", EN: "Prescription"}},
		{Name: "checks", Label: lang.Text{DE: "Prüfung", EN: "Check"}, Kind: Lines},
		{Name: "remark", Label: lang.Text{DE: "Hinweis an Station", EN: "Remark to the ward"}, Kind: Lines, Max: 500},
	},
}

// Dispensing says that the pharmacy handed a drug out.
var Dispensing = &Form{
	Kind: "rx-dispensed", Right: "dispense", Title: lang.Text{DE: "Abgabe durch die Apotheke", EN: "Dispensed by the pharmacy"},
	Fields: []Field{
		{Name: "rx", Label: lang.Text{DE: "Verordnung", EN: "Prescription"}},
		{Name: "amount", Label: lang.Text{DE: "Abgegebene Menge", EN: "Amount dispensed"}, Kind: Line, Max: 60, Hint: lang.Text{DE: "mit Einheit: 20 Tbl., 1 Packung N1", EN: "with its unit: 20 tablets, 1 pack"}},
		{Name: "lot", Label: lang.Text{DE: "Charge (wenn nötig)", EN: "Lot (if needed)"}, Kind: Line, Max: 60},
		{Name: "to", Label: lang.Text{DE: "An Station", EN: "To ward"}, Kind: Line, Max: 60},
	},
}

// RemarkNoted says that a physician knows of the pharmacy's remark.
var RemarkNoted = &Form{
	Kind: "rx-remark", Right: "prescribe", Title: lang.Text{DE: "Kenntnis eines Hinweises der Apotheke", EN: "Note of a remark of the pharmacy"},
	Fields: []Field{
		{Name: "what", Label: lang.Text{DE: "Hinweis", EN: "Remark"}, Kind: Lines},
		{Name: "note", Label: lang.Text{DE: "Was folgt daraus (wenn schon klar)", EN: "What follows (if known)"}, Kind: Line, Max: 500},
	},
}

// RequestAnswered says what became of a ward's request.
var RequestAnswered = &Form{
	Kind: "drug-request-answer", Right: "dispense", Title: lang.Text{DE: "Antwort der Apotheke", EN: "Answer of the pharmacy"},
	Fields: []Field{
		{Name: "what", Label: lang.Text{DE: "Bedarf", EN: "Request"}},
		{Name: "act", Label: lang.Text{DE: "Antwort", EN: "Answer"}, Kind: Choice, Options: []Option{
			{"done", lang.Text{DE: "erledigt", EN: "done"}}, {"refuse", lang.Text{DE: "abgelehnt", EN: "refused"}},
		}},
		{Name: "note", Label: lang.Text{DE: "Bemerkung", EN: "Remark"}, Kind: Line, Max: 500},
	},
}

// DrugRequestForm is the kind of the form with which a ward asks the pharmacy.
const DrugRequestForm = "drug-request"

var drugRequest = &Form{
	Kind: DrugRequestForm, Right: "give-doses", Title: lang.Text{DE: "Bedarf an die Apotheke", EN: "Request to the pharmacy"},
	Intro: lang.Text{
		DE: "Für diesen Patienten. Stationsvorrat bitte wie gewohnt auf Papier anfordern.",
		EN: "For this patient. Please ask for ward stock on paper, as usual.",
	},
	Fields: []Field{
		{Name: "drug", Label: lang.Text{DE: "Mittel", EN: "Drug"}, Kind: Line, Need: true, Hint: lang.Text{DE: "mit Stärke und Form, ganz ausgeschrieben", EN: "with strength and form, in full"}},
		{Name: "amount", Label: lang.Text{DE: "Menge", EN: "Amount"}, Kind: Line, Need: true, Max: 60, Hint: lang.Text{DE: "mit Einheit: 10 Ampullen", EN: "with its unit: 10 ampoules"}},
		{Name: "urgency", Label: urgency.Label, Kind: Choice, Need: true, Options: []Option{
			{"S", lang.Text{DE: "sofort", EN: "at once"}}, {"A", lang.Text{DE: "heute", EN: "today"}}, {"R", lang.Text{DE: "mit der nächsten Lieferung", EN: "with the next delivery"}},
		}},
		{Name: "note", Label: lang.Text{DE: "Bemerkung", EN: "Remark"}, Kind: Line},
	},
	Says: func(f *Filled, number string) Facts {
		return Facts{clinical.Request{
			ID: number, Drug: f.Text("drug"), Amount: f.Text("amount"), Priority: f.Text("urgency"), Note: f.Text("note"), By: f.By, At: f.At,
		}}
	},
}
