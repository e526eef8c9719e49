package clinical

import (
	"cmp"
	"strings"
	"time"
)

// A Change is one fact that a message states about one patient, already in the
// hospital's own words: site codes are mapped, times are absolute. Changes are
// made by interpret and folded by chart; they carry no decision about who the
// patient is beyond the identifiers that the message itself gave.
type Change struct {
	Origin  Origin
	IDs     []Identifier // as in PID-3, mapped; the first one is the hospital's own number and keys the patient
	Case    CaseNo       // PV1-19, or "" if the message gave none
	Outside bool         // the message names no patient at all (a house-wide fact)
	Sample  *Sample      // set for what an analyser measured: how it names the patient besides IDs
	What    Fact
}

// Sample is how an analyser names whose specimen it measured. It makes nobody
// and changes nobody: the patient is who is known already under one of the
// change's IDs, or has an order of that number. Where the two differ, or the
// analyser has another person under the number, nothing is filed.
type Sample struct {
	Order  string       // the number on the specimen, which is that of the order; "" if none was sent
	Person Demographics // name, birth date and sex as the analyser has them: compared, never taken over
}

// Fact is one of the closed set of fact types in this file.
type Fact interface{ fact() }

func (Demographics) fact()  {}
func (StayDetails) fact()   {}
func (Movement) fact()      {}
func (Merge) fact()         {}
func (Unmerge) fact()       {}
func (CaseMove) fact()      {}
func (Renumber) fact()      {}
func (PersonDeleted) fact() {}
func (AllergyFact) fact()   {}
func (Alert) fact()         {}
func (Diagnosis) fact()     {}
func (Procedure) fact()     {}
func (Insurance) fact()     {}
func (Contact) fact()       {}
func (Order) fact()         {}
func (Result) fact()        {}
func (Document) fact()      {}
func (Prescription) fact()  {}
func (Dose) fact()          {}
func (Appointment) fact()   {}
func (Draft) fact()         {}
func (Notice) fact()        {}
func (Progress) fact()      {}
func (Review) fact()        {}
func (Request) fact()       {}
func (Reply) fact()         {}

// Said is what a message says about one field: nothing (the field was empty),
// a value, or explicitly that there is none any more (HL7 null, "").
type Said[T any] struct {
	how how
	v   T
}

type how uint8

const (
	silent how = iota
	given
	cleared
)

// Say returns a field that was sent with value v.
func Say[T any](v T) Said[T] { return Said[T]{how: given, v: v} }

// Clear returns a field that was sent as deleted.
func Clear[T any]() Said[T] { return Said[T]{how: cleared} }

// Silent reports whether the message said nothing about the field.
func (s Said[T]) Silent() bool { return s.how == silent }

// Cleared reports whether the message deleted the field.
func (s Said[T]) Cleared() bool { return s.how == cleared }

// Value returns the value that was sent, and whether one was.
func (s Said[T]) Value() (T, bool) { return s.v, s.how == given }

// Demographics is what a message says about the person (PID, PD1).
type Demographics struct {
	Name       Said[Name]       `json:"Name,omitzero"`
	BirthName  Said[Name]       `json:"BirthName,omitzero"` // XPN type M/maiden or B (PID-6 is the mother's maiden name and is not this)
	Birth      Said[Date]       `json:"Birth,omitzero"`
	BirthTime  Said[time.Time]  `json:"BirthTime,omitzero"` // for newborns, where sent to the minute
	Sex        Said[Sex]        `json:"Sex,omitzero"`
	Address    Said[Address]    `json:"Address,omitzero"`
	Phones     Said[[]string]   `json:"Phones,omitzero"`
	Language   Said[string]     `json:"Language,omitzero"`
	Religion   Said[string]     `json:"Religion,omitzero"`
	Citizen    Said[string]     `json:"Citizen,omitzero"`
	Died       Said[time.Time]  `json:"Died,omitzero"` // PID-29; PID-30=Y without a time gives Dead
	Dead       Said[bool]       `json:"Dead,omitzero"` // PID-30
	Mother     Said[Identifier] `json:"Mother,omitzero"`
	BirthOrder Said[int]        `json:"BirthOrder,omitzero"` // PID-25: 1, 2, … of a multiple birth
	Multiple   Said[bool]       `json:"Multiple,omitzero"`
	Unknown    Said[bool]       `json:"Unknown,omitzero"` // unidentified person (PID-31, or the site's own rule)

	// Aside is set where the message is about something else (a result, an
	// order): what it says of the person fills what is unknown, and changes or
	// deletes nothing.
	Aside bool
}

// Address is a postal address (XAD).
type Address struct {
	Street  string `json:"s,omitempty"`
	City    string `json:"c,omitempty"`
	Zip     string `json:"z,omitempty"`
	Country string `json:"n,omitempty"`
}

// Class is the kind of a stay (PV1-2, HL7 table 0004).
type Class string

const (
	Inpatient  Class = "I"
	Outpatient Class = "O"
	Emergency  Class = "E"
	PreAdmit   Class = "P"
	Recurring  Class = "R"
	Newborn    Class = "B" // table 0004 B (obstetrics)
)

// StayDetails is what a message says about a stay apart from movements (PV1,
// PV2).
type StayDetails struct {
	Class             Said[Class]     `json:"Class,omitzero"`
	PatientType       Said[string]    `json:"PatientType,omitzero"`
	Service           Said[string]    `json:"Service,omitzero"`    // PV1-10
	Attending         Said[Staff]     `json:"Attending,omitzero"`  // PV1-7
	Referring         Said[Staff]     `json:"Referring,omitzero"`  // PV1-8
	Consulting        Said[Staff]     `json:"Consulting,omitzero"` // PV1-9
	Admitting         Said[Staff]     `json:"Admitting,omitzero"`  // PV1-17
	Admitted          Said[time.Time] `json:"Admitted,omitzero"`
	Discharged        Said[time.Time] `json:"Discharged,omitzero"`
	ExpectedAdmit     Said[time.Time] `json:"ExpectedAdmit,omitzero"`
	ExpectedDischarge Said[time.Time] `json:"ExpectedDischarge,omitzero"`
	Reason            Said[string]    `json:"Reason,omitzero"`      // PV2-3 or DG1 of type A in words
	Disposition       Said[string]    `json:"Disposition,omitzero"` // PV1-36
	Expecting         Said[Place]     `json:"Expecting,omitzero"`   // PV1-42 pending location (A15), PV2-1 prior pending

	// Aside is set where the message is about something else (a result, an
	// order): what it says of the stay fills what is unknown, and changes or
	// deletes nothing.
	Aside bool
}

// MovementKind is what a movement does to a stay.
type MovementKind string

const (
	PlanAdmission MovementKind = "plan"      // A05, A14
	Admission     MovementKind = "admit"     // A01
	Visit         MovementKind = "visit"     // A04: outpatient or emergency registration, A10 arriving
	Transfer      MovementKind = "transfer"  // A02
	ClassChange   MovementKind = "class"     // A06, A07
	Discharge     MovementKind = "discharge" // A03
	LeaveStart    MovementKind = "leave"     // A21
	LeaveEnd      MovementKind = "return"    // A22
	PlanTransfer  MovementKind = "plan-transfer"
	PlanDischarge MovementKind = "plan-discharge"
	Departing     MovementKind = "departing" // A09: left the ward, not yet arrived
	Arriving      MovementKind = "arriving"  // A10
	StaySnapshot  MovementKind = "snapshot"  // place stated by A08, A31 or a clinical message; never a movement of its own where a feed sends movements
)

// Action is what to do with the movement (ZBE-4).
type Action string

const (
	Insert Action = "insert"
	Update Action = "update"
	Cancel Action = "cancel"
)

// Movement is one movement of a stay (ZBE where sent, else the event itself).
// Movements may arrive in any order: Start orders them, ID names them.
type Movement struct {
	ID          string       `json:"id,omitempty"` // ZBE-1; "" where no ZBE was sent: then Kind, Start and To name it
	OwnID       bool         `json:"i,omitempty"`  // of a Cancel: ID came as a new movement (ZBE-4 INSERT with A12, A13 …) and may be the cancel's own
	Action      Action       `json:"x"`
	Kind        MovementKind `json:"k"` // for Cancel: the kind of the movement that is cancelled
	Event       string       `json:"e"` // the trigger: "A02"
	Start       time.Time    `json:"s,omitzero"`
	End         time.Time    `json:"n,omitzero"`
	Historic    bool         `json:"h,omitempty"` // does not change the present place
	To          Place        `json:"to,omitzero"`
	From        Place        `json:"fr,omitzero"`
	Class       Class        `json:"c,omitempty"`
	Responsible string       `json:"w,omitempty"` // ZBE-7
}

// Merge says that the identities in From are the same person as the change's
// IDs (A40, A34, A18), or that the case From is the case of the change (A35).
type Merge struct {
	From     []Identifier
	FromCase CaseNo
}

// Unmerge takes a merge back (A37).
type Unmerge struct{ From []Identifier }

// CaseMove says that the case now belongs to the change's patient and no longer
// to From (A45, A44).
type CaseMove struct{ From []Identifier }

// Renumber says that the person's identifier Old is now the change's first one
// (A46, A47). The old one goes on finding the person.
type Renumber struct{ Old []Identifier }

// PersonDeleted withdraws a person's record at the sender (A29); the chart is
// kept and marked.
type PersonDeleted struct{}

// AllergyFact is one allergy, or the statement that none is known.
type AllergyFact struct {
	Allergy
	Action    Action // cancel: withdrawn by the sender (IAM-6 D)
	NoneKnown bool   // the sender says: no known allergies
	ClearAll  bool   // AL1-3 sent as null: the sender deleted its list
}

// Allergy is an allergy or intolerance (AL1, IAM).
type Allergy struct {
	Kind      string    `json:"k,omitempty"` // DA drug, FA food, MA, EA, …
	To        Coded     `json:"t"`
	Severity  string    `json:"s,omitempty"` // SV, MO, MI, U
	Reaction  string    `json:"r,omitempty"`
	Since     time.Time `json:"d,omitzero"`
	Confirmed string    `json:"c,omitempty"`
}

// AlertKind sorts warnings that are not allergies.
type AlertKind string

const (
	Isolation     AlertKind = "isolation"
	Cave          AlertKind = "cave"          // any warning in words
	Resuscitation AlertKind = "resuscitation" // DNR, DNI, full treatment
	Risk          AlertKind = "risk"          // fall, pressure sore, delirium, …
	Pregnancy     AlertKind = "pregnancy"
)

// Alert is a warning about the patient that is not an allergy.
type Alert struct {
	Kind   AlertKind `json:"k"`
	What   Coded     `json:"w"`
	From   time.Time `json:"f,omitzero"`
	Until  time.Time `json:"u,omitzero"`
	Action Action    `json:"a,omitempty"`
}

// Ends is when the alert is over, zero for one without an end. An end that is
// only a day, midnight in the hospital's zone, holds to the end of that day.
func (a Alert) Ends(zone *time.Location) time.Time {
	until := a.Until.In(zone)
	if h, m, s := until.Clock(); !a.Until.IsZero() && h+m+s == 0 {
		return until.AddDate(0, 0, 1)
	}
	return a.Until
}

// Diagnosis is one diagnosis (DG1).
type Diagnosis struct {
	ID       string    `json:"id,omitempty"` // DG1-20 or set ID, "" if none
	What     Coded     `json:"w"`            // ICD-10-GM
	Kind     string    `json:"k,omitempty"`  // A admitting, W working, F final, …
	Priority int       `json:"p,omitempty"`  // DG1-15: 1 is the main diagnosis
	At       time.Time `json:"t,omitzero"`
	By       Staff     `json:"b,omitzero"`
	Action   Action    `json:"a,omitempty"`
}

// Procedure is one procedure (PR1).
type Procedure struct {
	ID     string    `json:"id,omitempty"`
	What   Coded     `json:"w"` // OPS
	At     time.Time `json:"t,omitzero"`
	By     Staff     `json:"b,omitzero"`
	Action Action    `json:"a,omitempty"`
}

// Insurance is one cover (IN1).
type Insurance struct {
	Fund   string `json:"f,omitempty"` // name of the fund
	IK     string `json:"i,omitempty"` // Institutionskennzeichen
	Number string `json:"n,omitempty"` // KVNR or insurance number
	Plan   string `json:"p,omitempty"`
	From   Date   `json:"s,omitzero"`
	Until  Date   `json:"u,omitzero"`
	Clear  bool   `json:"-"` // the sender deleted its list
}

// Contact is a person to call (NK1).
type Contact struct {
	Name     Name     `json:"n"`
	Relation string   `json:"r,omitempty"`
	Phones   []string `json:"p,omitempty"`
	Role     string   `json:"o,omitempty"`
}

// Section sorts orders, results and documents by the place that makes them.
type Section string

const (
	Laboratory   Section = "lab"
	Microbiology Section = "micro"
	Vitals       Section = "vitals"
	Radiology    Section = "radiology"
	Endoscopy    Section = "endoscopy"
	Cardiology   Section = "cardiology"
	Pathology    Section = "pathology"
	Surgery      Section = "surgery"
	Consult      Section = "consult"
	Nursing      Section = "nursing"
	Pharmacy     Section = "pharmacy"
	Transport    Section = "transport"
	Diet         Section = "diet"
	OtherSection Section = "other"
)

// OrderStatus is where an order stands.
type OrderStatus string

const (
	Ordered     OrderStatus = "ordered"
	Scheduled   OrderStatus = "scheduled"
	InProgress  OrderStatus = "in-progress"
	PartResult  OrderStatus = "partial"
	Completed   OrderStatus = "completed"
	OnHold      OrderStatus = "hold"
	Cancelled   OrderStatus = "cancelled"
	OrderFailed OrderStatus = "failed"
)

// Open reports whether somebody still has to do something.
func (s OrderStatus) Open() bool {
	switch s {
	case Ordered, Scheduled, InProgress, PartResult, OnHold:
		return true
	case Completed, Cancelled, OrderFailed:
	}
	return false
}

// Assigned names the systems that gave an order's numbers (assigning authority,
// EI.2 to EI.4), "" where the message does not say.
type Assigned struct{ Placer, Filler string }

// Order is one order (ORC with OBR, TQ1): laboratory, imaging, consult, …
type Order struct {
	Placer    string      `json:"p,omitempty"` // ORC-2
	Filler    string      `json:"f,omitempty"` // ORC-3
	Group     string      `json:"g,omitempty"` // ORC-4
	What      Coded       `json:"w"`
	Section   Section     `json:"n"`
	Status    OrderStatus `json:"s"`
	Priority  string      `json:"y,omitempty"` // S stat, A asap, R routine, T timing critical
	Requested time.Time   `json:"t,omitzero"`
	Due       time.Time   `json:"d,omitzero"` // scheduled start
	By        Staff       `json:"b,omitzero"`
	Question  string      `json:"q,omitempty"` // clinical question, NTE, OBR-31
	Specimen  string      `json:"m,omitempty"`
	Taken     time.Time   `json:"tk,omitzero"`  // when the specimen was taken
	Parts     []Coded     `json:"pt,omitempty"` // what it asks for one by one, where that is known

	// Aside is set where a result or an answer tells how the order stands: its
	// Status counts, every other field fills what is unknown. An order that is
	// unknown and no longer open need not be made from it.
	Aside bool `json:"-"`

	// Of says whose numbers these are. The chart takes it into the number where
	// two systems gave the same one.
	Of Assigned `json:"-"`
}

// ResultStatus is OBX-11 in words.
type ResultStatus string

const (
	Final       ResultStatus = "final"
	Preliminary ResultStatus = "preliminary"
	Corrected   ResultStatus = "corrected"
	Withdrawn   ResultStatus = "withdrawn" // D deleted, W wrong
	NoResult    ResultStatus = "none"      // X: no result can be had
	Pending     ResultStatus = "pending"   // I, S, O, R
)

// Result is one observation (OBX): a laboratory value, a vital sign, a score.
//
// Results with the same Key are the same observation: a later one supersedes
// the earlier one, which stays visible as history.
type Result struct {
	Placer     string       `json:"p,omitempty"`
	Filler     string       `json:"f,omitempty"`
	Panel      Coded        `json:"g,omitzero"` // OBR-4
	Code       Coded        `json:"c"`          // LOINC where mapped
	Local      Coded        `json:"l,omitzero"` // as sent, if mapped
	SubID      string       `json:"i,omitempty"`
	Section    Section      `json:"n"`
	Group      string       `json:"gr,omitempty"` // heading in the cumulative table: "Elektrolyte", by the site's table
	Sort       int          `json:"so,omitempty"` // order within the table, 0 where none is given
	Value      string       `json:"v"`            // as sent, in words or digits
	Number     *float64     `json:"x,omitempty"`  // nil if the value is no number
	Comparator string       `json:"o,omitempty"`  // "<", ">", "<=", ">="
	Unit       string       `json:"u,omitempty"`  // as printed: mmol/l
	Range      string       `json:"r,omitempty"`  // reference range as sent
	Low        *float64     `json:"lo,omitempty"` // parsed from Range
	High       *float64     `json:"hi,omitempty"`
	Flags      []string     `json:"a,omitempty"` // H, HH, L, LL, A, AA, N …
	Status     ResultStatus `json:"s"`
	At         time.Time    `json:"t,omitzero"` // when observed or sampled
	Comment    string       `json:"m,omitempty"`
	By         Staff        `json:"b,omitzero"`
	Device     bool         `json:"dv,omitempty"` // as an analyser measured it: nobody has looked at it yet
	Released   Staff        `json:"rl,omitzero"`  // who had the second look, where somebody had

	// Of says whose numbers these are. The chart takes it into the number where
	// two systems gave the same one.
	Of Assigned `json:"-"`
}

// Key names the observation among the patient's results: filler (or placer)
// order, code and sub-ID; without an order number also the time.
func (r Result) Key() string {
	order := r.Filler
	if order == "" {
		order = r.Placer
	}
	code := r.Local.Code
	if code == "" {
		code = r.Code.Code
	}
	if code == "" { // sent with a name only: two names are two observations
		code = "\x1e" + strings.ToLower(cmp.Or(r.Local.Text, r.Code.Text))
	}
	if order == "" {
		order = "@" + r.At.UTC().Format("20060102150405")
	}
	return order + "\x1f" + code + "\x1f" + r.SubID
}

// Critical reports whether a value asks for action now: flagged HH, LL or AA,
// or beyond the analyser's range.
func (r Result) Critical() bool {
	if r.Status == Withdrawn || r.Status == Pending || r.Status == NoResult {
		return false
	}
	for _, f := range r.Flags {
		switch f {
		case "HH", "LL", "AA", ">", "<", "HU", "LU":
			return true
		}
	}
	return false
}

// Abnormal reports whether the value is flagged or outside its range.
func (r Result) Abnormal() bool {
	for _, f := range r.Flags {
		if f != "" && f != "N" {
			return true
		}
	}
	return r.Below() || r.Above()
}

// Below reports whether the value is under its reference range. "<5" is under a
// range that begins at 5.
func (r Result) Below() bool {
	if r.Number == nil || r.Low == nil {
		return false
	}
	return *r.Number < *r.Low || *r.Number == *r.Low && r.Comparator == "<"
}

// Above reports whether the value is over its reference range. ">100" is over a
// range that ends at 100.
func (r Result) Above() bool {
	if r.Number == nil || r.High == nil {
		return false
	}
	return *r.Number > *r.High || *r.Number == *r.High && r.Comparator == ">"
}

// Shown is the value as a person reads it: with its comparator, once, whether
// or not the sender wrote it into the value.
func (r Result) Shown() string {
	if strings.HasPrefix(r.Value, r.Comparator) {
		return r.Value
	}
	return r.Comparator + r.Value
}

// Document is a finding or another document: text, CDA, PDF or a reference to
// a file elsewhere.
type Document struct {
	ID       string       `json:"id,omitempty"` // TXA-12, or order and set ID of the OBX
	Replaces string       `json:"rp,omitempty"` // TXA-13 for T09, T10
	Addendum string       `json:"ad,omitempty"` // TXA-13 for T05, T06
	Kind     Coded        `json:"k"`
	Title    string       `json:"h,omitempty"`
	Section  Section      `json:"n"`
	Status   ResultStatus `json:"s"` // Withdrawn for T11
	At       time.Time    `json:"t,omitzero"`
	By       Staff        `json:"b,omitzero"`
	Media    string       `json:"m"`           // text/plain, application/pdf, text/xml (CDA), image/…
	Text     string       `json:"x,omitempty"` // for text/plain, and the readable text of a CDA
	Body     BodyRef      `json:"y,omitzero"`  // where the bytes are in the raw message
	Placer   string       `json:"p,omitempty"`
	Filler   string       `json:"f,omitempty"`

	// Of says whose numbers these are. The chart takes it into the number where
	// two systems gave the same one.
	Of Assigned `json:"-"`
}

// BodyRef points at embedded bytes inside the raw message: the chart never
// copies a PDF.
type BodyRef struct {
	Seq     uint64 `json:"q,omitempty"` // the record of their own that holds the bytes; 0: the one the document came in
	Segment int    `json:"s,omitempty"` // index of the OBX segment in the message
	Field   int    `json:"f,omitempty"` // normally 5
	Rep     int    `json:"r,omitempty"` // repetition, from 1
	Coding  string `json:"c,omitempty"` // Base64, Hex, A, or "" for RP
	Size    int    `json:"z,omitempty"` // decoded bytes
	URL     string `json:"u,omitempty"` // for a reference to elsewhere
}

// Prescription is one medication order (RXO, RXE, RXR, TQ1).
type Prescription struct {
	Placer     string      `json:"p,omitempty"`
	Filler     string      `json:"f,omitempty"`
	Drug       Coded       `json:"d"` // as prescribed; PZN or ATC where sent
	Substance  string      `json:"w,omitempty"`
	Strength   string      `json:"g,omitempty"` // "40 mg"
	Form       string      `json:"o,omitempty"` // Tablette, Infusion, …
	Dose       string      `json:"a,omitempty"` // amount of one dose with unit: "1 Tbl.", "5 000 IE"
	Scheme     string      `json:"m,omitempty"` // "1-0-1-0" where so sent
	Times      []DayTime   `json:"h,omitempty"` // times of day
	Interval   string      `json:"i,omitempty"` // as sent: Q6H, BID …
	Route      string      `json:"r,omitempty"` // p.o., i.v., s.c.
	Rate       string      `json:"v,omitempty"` // infusions: "2 ml/h"
	AsNeeded   bool        `json:"n,omitempty"`
	MaxDaily   string      `json:"x,omitempty"`
	Indication string      `json:"c,omitempty"`
	Note       string      `json:"t,omitempty"`
	Start      time.Time   `json:"s,omitzero"`
	End        time.Time   `json:"e,omitzero"`
	Status     OrderStatus `json:"u"`
	By         Staff       `json:"b,omitzero"`

	// Stood says who brought it into this state here (stopped, paused, resumed,
	// decided), where that is not who prescribed it.
	Stood Staff `json:"z,omitzero"`
	// Settled says how a person decided between this state and another system's;
	// "" if nobody had to.
	Settled Settlement `json:"y,omitempty"`

	// Aside is set where the message only changes how the prescription stands
	// (stopped, on hold, released): its Status counts, and of the other fields
	// those that are not empty.
	Aside bool `json:"-"`

	// Of says whose numbers these are. The chart takes it into the number where
	// two systems gave the same one.
	Of Assigned `json:"-"`
}

// Settlement is the decision of a person between what was signed here of a
// prescription and what another system says of it.
type Settlement string

const (
	KeptOurs   Settlement = "ours"   // what was signed here stays; that system may repeat itself
	TookTheirs Settlement = "theirs" // its state was taken over; what it says next counts again
)

// Key names the prescription: placer number, else filler number.
func (p Prescription) Key() string {
	if p.Placer != "" {
		return p.Placer
	}
	return "f" + p.Filler
}

// DayTime is minutes after midnight in the hospital's zone.
type DayTime int

// DoseStatus is what became of one dose.
type DoseStatus string

const (
	Given     DoseStatus = "given"
	Partly    DoseStatus = "partly"
	Refused   DoseStatus = "refused"
	NotGiven  DoseStatus = "not-given"
	Postponed DoseStatus = "postponed" // to be given later; Dose.Until says when
	Dispensed DoseStatus = "dispensed" // by the pharmacy, not yet given
	Retracted DoseStatus = "retracted" // recorded in error (RXA-21 D)
)

// Dose is one administration (RXA), dispensing (RXD) or immunisation.
type Dose struct {
	ID           string     `json:"id,omitempty"`
	Prescription string     `json:"p,omitempty"` // key of the prescription
	Drug         Coded      `json:"d"`
	Amount       string     `json:"a,omitempty"` // with unit
	Route        string     `json:"r,omitempty"`
	Site         string     `json:"o,omitempty"`
	Lot          string     `json:"l,omitempty"`
	At           time.Time  `json:"t,omitzero"`
	By           Staff      `json:"b,omitzero"`
	Status       DoseStatus `json:"s"`
	Reason       string     `json:"e,omitempty"`
	Vaccine      bool       `json:"v,omitempty"`
	Due          time.Time  `json:"u,omitzero"`  // the planned time that this answers, where it is known
	Until        time.Time  `json:"n,omitzero"`  // of a postponed one: when it is to be given
	Checked      Staff      `json:"k,omitzero"`  // the second person of a double check
	Scanned      bool       `json:"c,omitempty"` // the wristband was scanned at the bed and was the patient's

	// Of says whose numbers ID and Prescription were made of; Placer and Filler
	// are those numbers, given only together with it.
	Of             Assigned `json:"-"`
	Placer, Filler string   `json:"-"`
}

// AppointmentStatus is where an appointment stands.
type AppointmentStatus string

const (
	Booked      AppointmentStatus = "booked"
	Rescheduled AppointmentStatus = "rescheduled"
	Changed     AppointmentStatus = "changed"
	CalledOff   AppointmentStatus = "cancelled"
	Removed     AppointmentStatus = "removed" // S16 discontinued, S17 deleted
	NoShow      AppointmentStatus = "no-show"
)

// Appointment is one appointment (SCH, AIS, AIL, AIP).
type Appointment struct {
	Placer string            `json:"p,omitempty"`
	Filler string            `json:"f,omitempty"`
	What   Coded             `json:"w"`
	Reason string            `json:"r,omitempty"`
	Start  time.Time         `json:"s,omitzero"`
	End    time.Time         `json:"e,omitzero"`
	Place  string            `json:"o,omitempty"`
	With   []Staff           `json:"b,omitempty"`
	Status AppointmentStatus `json:"u"`
	Note   string            `json:"n,omitempty"`
}

// Key names the appointment: filler number, else placer number.
func (a Appointment) Key() string {
	if a.Filler != "" {
		return "f" + a.Filler
	}
	return "p" + a.Placer
}
