package message

// Unsaid is what HL7 v2 has no field for.
type Unsaid struct {
	Field string // of the fact: "Dose.Due"
	How   string // what becomes of it
}

// Unsaids returns what of the facts a receiver does not get as data. The test
// that reads every message back holds the list to be complete.
func Unsaids() []Unsaid {
	return []Unsaid{
		{"Diagnosis.ID", "the number came with version 2.5: before, a correction goes to a person"},
		{"Procedure.ID", "the number came with version 2.5: before, a correction goes to a person"},
		{"Document.Section", "no field in TXA; the document type says it"},
		{"Dose.Status", "a postponed dose is sent as not given (RXA-20 NA), with the new time in words"},
		{"Dose.Until", "in words (RXA-9)"},
		{"Dose.Checked", "the second person of a double check stands in words (RXA-9)"},
		{"Dose.Due", "the planned time stands in TQ1-7, from version 2.5 on; many receivers do not read it"},
	}
}
