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

// Row is a line of the conformance table: a message that can be sent.
type Row struct {
	Kind     Kind
	Type     string // "RDE^O11"
	Old      string // what it is before version 2.4, or with OldOrders; "" for the same
	When     string
	Segments string // in their order; those in brackets only where there is something to say
}

const (
	orders      = "MSH PID PV1 ORC [TQ1] OBR [NTE] [SPM]"
	documents   = "MSH EVN PID PV1 TXA [OBX]"
	personal    = "MSH EVN PID [NK1] PV1 [PV2] [ZBE] [IN1]"
	observation = "MSH PID PV1 ORC OBR OBX [NTE]"
)

// Conformance returns every message that can be sent, in the order of the guide.
func Conformance() []Row {
	return []Row{
		{Admission, "ADT^A01", "", "admission; newborn", personal},
		{Admission, "ADT^A04", "", "outpatient or emergency registration", personal},
		{Admission, "ADT^A05", "", "planned admission", personal},
		{Admission, "ADT^A02", "", "transfer", personal},
		{Admission, "ADT^A03", "", "discharge", personal},
		{Admission, "ADT^A06", "", "change of class to inpatient", personal},
		{Admission, "ADT^A07", "", "change of class to outpatient", personal},
		{Admission, "ADT^A21", "", "leave of absence", personal},
		{Admission, "ADT^A22", "", "return from leave", personal},
		{Admission, "ADT^A15", "", "planned transfer", personal},
		{Admission, "ADT^A16", "", "planned discharge", personal},
		{Admission, "ADT^A09", "", "departing", personal},
		{Admission, "ADT^A10", "", "arriving", personal},
		{Admission, "ADT^A11", "", "admission or registration taken back", personal},
		{Admission, "ADT^A12", "", "transfer taken back; PV1-3 is the place where the patient is again", personal},
		{Admission, "ADT^A13", "", "discharge taken back", personal},
		{Admission, "ADT^A38", "", "planned admission taken back", personal},
		{Admission, "ADT^A52", "", "leave taken back", personal},
		{Admission, "ADT^A53", "", "return taken back", personal},
		{Admission, "ADT^A26", "", "planned transfer taken back", personal},
		{Admission, "ADT^A25", "", "planned discharge taken back", personal},
		{Admission, "ADT^A33", "", "departing taken back", personal},
		{Admission, "ADT^A32", "", "arriving taken back", personal},
		{Admission, "ADT^Z99", "", "a movement that the receiver has, corrected (ZBE-4 UPDATE)", personal},
		{Admission, "ADT^A08", "", "data of person or stay, death (PID-29, PID-30); no place", personal},
		{Admission, "ADT^A28", "", "a person the receiver does not know, without a case", personal},
		{Admission, "ADT^A31", "", "data of a person without a case", personal},
		{Admission, "ADT^A40", "", "an unknown person was identified: the number that joins is in MRG-1", "MSH EVN PID MRG"},
		{Vitals, "ORU^R01", "", "vital signs, fluids, scores: one message, an OBX for each value", observation},
		{Laboratory, "ORU^R01", "", "results: one message for each order number", observation},
		{Document, "MDM^T02", "", "note, report, finding; a PDF where there is no text", documents},
		{Document, "MDM^T06", "", "addendum", documents},
		{Document, "MDM^T10", "", "a document that the receiver has, corrected: TXA-13 names it", documents},
		{Document, "MDM^T11", "", "a document that the receiver has, withdrawn", documents},
		{Order, "OML^O21", "ORM^O01", "order to laboratory or microbiology; ORC-1 NW, XO, CA, HD or SC", orders},
		{Order, "OMG^O19", "ORM^O01", "any other order", orders},
		{Order, "ORM^O01", "", "how far an order is (ORC-1 SC with ORC-5), where no result says it", "MSH PID PV1 ORC"},
		{Medication, "RDE^O11", "RDE^O01", "prescription; ORC-1 NW, XO, CA, DC or HD", "MSH PID PV1 ORC RXE [NTE] [TQ1] [RXR]"},
		{Dose, "RAS^O17", "RAS^O01", "a dose given, refused, not given, postponed; RXA-21 A, U or D", "MSH PID PV1 ORC [TQ1] RXA [RXR]"},
		{Allergy, "ADT^A60", "MDM^T02", "allergy, or none known; before version 2.4 as a sheet, because a list in AL1 could delete others", "MSH EVN PID PV1 IAM"},
		{Diagnosis, "ADT^A08", "", "diagnoses and procedures; before version 2.5 a correction goes to a person", "MSH EVN PID PV1 [DG1] [PR1]"},
		{Warning, "MDM^T02", "", "isolation, CAVE, risk, resuscitation status: the sheet as a PDF", documents},
		{Warning, "MDM^T10", "", "the sheet of a corrected entry", documents},
		{Warning, "MDM^T11", "", "the sheet of a withdrawn entry", documents},
		{Other, "MDM^T02", "", "what has no message of its own: the sheet as a PDF", documents},
	}
}
