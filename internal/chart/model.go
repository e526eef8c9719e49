// Package chart folds the hospital's changes into what a ward reads: patient
// charts, ward lists, a search and the list of what could not be read. It is
// derived: its files may be deleted at any time and are rebuilt from the
// journal. It decides nothing clinical and guesses no identity.
package chart

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// A Value is one field of the chart with its origin. The zero Value was never
// sent.
type Value[T any] struct {
	V      T               `json:"v,omitzero"`
	Known  bool            `json:"k,omitempty"` // a value was sent
	Gone   bool            `json:"g,omitempty"` // the sender deleted it; Known is false then
	Aside  bool            `json:"a,omitempty"` // taken from a message about something else, until the owner of the field speaks
	Origin clinical.Origin `json:"o,omitzero"`
}

// An Item is one entry of a list with its origin and its earlier versions,
// newest first. Nothing is ever removed from a list: a correction supersedes, a
// cancellation marks.
type Item[T any] struct {
	V         T               `json:"v"`
	Origin    clinical.Origin `json:"o"`
	Case      clinical.CaseNo `json:"c,omitempty"` // the case the sender named with it, "" if none
	Cancelled bool            `json:"x,omitempty"` // withdrawn by the sender
	Was       []Version[T]    `json:"w,omitempty"`
	Back      Echo            `json:"b,omitzero"` // of one written here: the system that has it too
}

// A Version is an earlier state of an Item.
type Version[T any] struct {
	V      T               `json:"v"`
	Origin clinical.Origin `json:"o"`
	Off    bool            `json:"off,omitempty"` // it was taken back; see [claim]
}

// Patient is the folded chart of one person: this identity and every one that
// is merged into it.
type Patient struct {
	Key    clinical.PatientKey `json:"key"`
	Seq    uint64              `json:"seq"`    // newest record that changed the chart
	Told   uint64              `json:"told"`   // newest one of these that was not written here
	Linked []Link              `json:"linked"` // identities merged into this one
	Into   clinical.PatientKey `json:"into,omitempty"`
	IDs    []clinical.Identifier

	Name      Value[clinical.Name]
	BirthName Value[clinical.Name]
	Birth     Value[clinical.Date]
	BirthTime Value[time.Time]
	Sex       Value[clinical.Sex]
	Address   Value[clinical.Address]
	Phones    Value[[]string]
	Language  Value[string]
	Religion  Value[string]
	Citizen   Value[string]
	Died      Value[time.Time]
	Dead      Value[bool]
	Mother    Value[clinical.Identifier]
	MotherKey clinical.PatientKey // the mother's chart, if she is known here
	Order     Value[int]          // of a multiple birth
	Multiple  Value[bool]
	Unnamed   Value[bool]           // unidentified person
	Withdrawn Value[bool]           // A29: deleted at the sender
	Doublets  []Doublet             // suspected, never merged
	Names     []Item[clinical.Name] // earlier names
	Renamed   []Renaming            // newest changes of name and birth date, oldest first

	Stays        []Stay // newest first
	Allergies    []Item[clinical.Allergy]
	NoneKnown    Value[bool] // the sender says: no known allergies
	Alerts       []Item[clinical.Alert]
	Diagnoses    []Item[clinical.Diagnosis]
	Procedures   []Item[clinical.Procedure]
	Insurances   []Item[clinical.Insurance]
	Contacts     []Item[clinical.Contact]
	Orders       []Item[clinical.Order]        // newest first
	Medication   []Item[clinical.Prescription] // newest first
	Claims       []Item[clinical.Prescription] // what other systems say of prescriptions whose state was signed here; see [Patient.Contest]
	Doses        []Item[clinical.Dose]         // newest first
	Results      []Item[clinical.Result]       // newest first; only the sections and days asked for
	Documents    []Item[clinical.Document]     // newest first
	Appointments []Item[clinical.Appointment]  // soonest first

	Drafts     []Item[clinical.Draft]   // entries begun here and not signed, newest first
	MoreDrafts bool                     // there are some that found no room in Drafts
	Notices    []Item[clinical.Notice]  // who has taken note of which critical result, newest first
	Reviews    []Item[clinical.Review]  // of prescriptions, by the pharmacy
	Requests   []Item[clinical.Request] // of the ward to the pharmacy
	Replies    []Item[clinical.Reply]   // to remarks of reviews and to requests
	Unheard    []Critical               // critical results that nobody has taken note of, newest first
}

// Critical is a critical result that a named person must take note of.
type Critical struct {
	Result  string // [clinical.Result.Key]
	Section clinical.Section
	Mark    Mark
}

// Link is an identity that was merged into another one.
type Link struct {
	Key    clinical.PatientKey
	IDs    []clinical.Identifier
	Origin clinical.Origin
}

// Renaming is one change of a person's name or birth date, from what stood to
// what its origin said. Renamings tell who looked at the person before, and who
// after.
type Renaming struct {
	Was, Now        clinical.Name
	WasBirth, Birth clinical.Date
	Origin          clinical.Origin
}

// Doublet is another chart that looks like the same person (same name and birth
// date, other number).
type Doublet struct {
	Key  clinical.PatientKey
	Name clinical.Name
	Why  lang.Text
}

// Stay is one stay (case, Fall).
type Stay struct {
	Case              clinical.CaseNo // "" for messages that named no case
	Class             Value[clinical.Class]
	PatientType       Value[string]
	Service           Value[string]
	Attending         Value[clinical.Staff]
	Referring         Value[clinical.Staff]
	Consulting        Value[clinical.Staff]
	Admitting         Value[clinical.Staff]
	Admitted          Value[time.Time]
	Discharged        Value[time.Time]
	ExpectedAdmit     Value[time.Time]
	ExpectedDischarge Value[time.Time]
	Reason            Value[string]
	Disposition       Value[string]
	Expecting         Value[clinical.Place]
	Movements         []Item[clinical.Movement] // oldest first, cancelled ones included and marked

	// The present state, computed from the movements.
	Now   Value[clinical.Place]
	State StayState

	Also      []clinical.CaseNo     // cases that were merged into this one
	Elsewhere Value[clinical.Place] // a newer message names this other place but is no movement: shown, not followed
}

// StayState says where a stay stands.
type StayState string

const (
	Planned   StayState = "planned"
	Present   StayState = "present" // in house
	Away      StayState = "away"    // on leave
	Left      StayState = "left"    // discharged
	CalledOff StayState = "cancelled"
)

// Current returns the stay a ward means: the newest present one, one with a bed
// before a mere visit, else the newest planned or left one; false if there is
// none.
func (p *Patient) Current() (Stay, bool) {
	rank := func(s *Stay) int {
		switch s.State {
		case Present, Away:
			if c := s.Class.V; c == clinical.Outpatient || c == clinical.Recurring {
				return 2
			}
			return 3
		case Planned, Left:
			return 1
		case CalledOff:
		}
		return 0
	}
	best, of := 0, -1
	for i := range p.Stays {
		if r := rank(&p.Stays[i]); r > best {
			best, of = r, i
		}
	}
	if of < 0 {
		return Stay{}, false
	}
	return p.Stays[of], true
}

// Row is one bed of a ward list.
type Row struct {
	Place   clinical.Place
	Free    bool // no patient; every other field is zero
	Key     clinical.PatientKey
	Case    clinical.CaseNo
	Name    clinical.Name
	Birth   clinical.Date
	Sex     clinical.Sex
	Unnamed bool
	Class   clinical.Class
	State   StayState
	Since   time.Time // admission
	Doctor  string    // responsible physician, "" not sent
	Dead    bool

	NamesAlike  bool // another patient of this ward has the same or a confusable name
	Allergies   []string
	NoneKnown   bool // allergies: the sender said none; with Allergies empty and NoneKnown false: not sent
	Isolation   []string
	Alerts      []string
	Resuscitate string // as sent, "" not sent
	Critical    []Mark // newest critical results of the last 24 h, newest first, at most 3
	Vital       *Mark  // newest abnormal vital sign of the last 24 h
	Vitals      []Mark // the newest of others that were abnormal in that time, at most 2
	Score       *Mark  // newest NEWS2 of the last 24 h
	ScoreWas    *Mark  // the one before it
	OpenOrders  map[clinical.Section]int
	Doses       []Due // planned doses; web shows those that are due in the shift
	Contested   int   // prescriptions of which another system says otherwise than was signed here
	NewFindings int   // documents of the last 24 h
	Expected    time.Time
	Origin      clinical.Origin // of the newest message that changed the chart
	Admit       clinical.Origin // of the movement that put the patient here
	Reason      string
	Diagnosis   string // main diagnosis in words
	Arriving    bool   // planned or on the way, not yet here
	Mother      clinical.PatientKey
	Shared      bool           // another patient is listed in the same bed
	Elsewhere   clinical.Place // see Stay.Elsewhere
	Seq         uint64         // newest record that changed this chart
}

// Mark is a value that somebody should see on the list.
type Mark struct {
	Label    string // "Kalium", "Temp"
	Value    string // "6,1"
	Unit     string
	Flag     string // "HH", "L", …
	At       time.Time
	Critical bool
	Origin   clinical.Origin
}

// Due is one planned dose: a time of day, "as needed", or a drug in force for
// which no time of day was sent (an infusion, a rhythm without a start). What
// the list says of the last kind is in [Due.Standing].
type Due struct {
	Prescription string
	Drug         string
	Dose         string
	Route        string
	At           clinical.DayTime
	AsNeeded     bool
	Timeless     bool      // At says nothing
	Rate         string    // of a Timeless one: "83 ml/h"
	Interval     string    // of a Timeless one, as sent: "Q8H", "1-0-1-0"
	Hold         bool      // the sender has it paused
	Last         time.Time // last given, zero if never
	Until        time.Time
	From         time.Time
	Every        int      // days between two doses where it is more than one; on which day they fall is not known
	Answers      []Answer // what became of its newest doses
}

// Ward is a ward list.
type Ward struct {
	Code     string
	Name     string // from the configuration; the code where none is configured
	Kind     string // "inpatient", "icu", "emergency", "obstetrics", "outpatient", "service"
	Rows     []Row  // by room and bed, free beds included
	Beds     int
	Occupied int
}

// WardLine is one ward of the house overview.
type WardLine struct {
	Code, Name, Kind string
	Beds, Occupied   int
	Critical         int // patients with a critical result in 24 h
	Isolated         int
	Arriving         int
}

// Feed is the state of one feed as the chart has seen it.
type Feed struct {
	Name     string
	Label    lang.Text
	System   string    // the estate's system that sends it: "kis", "lis", "ris"
	Last     time.Time // received time of the newest message, zero if none ever
	LastSent time.Time
	Count    uint64
	Unread   uint64 // open unread items of its messages, counted as [House.Unread] is
}

// House is the overview.
type House struct {
	Wards    []WardLine
	Feeds    []Feed
	Seq      uint64
	AsOf     time.Time // when the newest message was received
	Patients int       // in house, on a ward
	Unplaced int       // in house, and no message says on which ward
	Unread   int       // open unread items; those that are alike are one
	Messages int       // messages that these items are about
}

// Query is a search. Text holds whatever the person typed or scanned: name
// parts, a birth date in any usual form, a case or patient number, a ward.
type Query struct {
	Text    string
	Ward    string // only this ward, "" all
	Present bool   // only patients in house
	Limit   int    // 0 means 50
	Offset  int
}

// Hit is one patient found.
type Hit struct {
	Key    clinical.PatientKey
	Name   clinical.Name
	Birth  clinical.Date
	Sex    clinical.Sex
	Case   clinical.CaseNo
	Place  clinical.Place
	State  StayState
	Since  time.Time
	Left   time.Time
	IDs    []clinical.Identifier
	Why    lang.Text // how it matched, where not exactly: "ähnlich geschrieben"
	Merged bool      // found by a number or name that was merged into this chart
	Alike  bool      // another hit has the same name
}

// Source is one record behind a chart.
type Source struct {
	Seq      uint64
	Feed     string
	Kind     string // "ADT^A02"
	Control  string // MSH-10
	Sent     time.Time
	Received time.Time
	Unread   string // reason, if parts of it could not be read
	Test     bool
}

// Unread is one record, or a part of one, that could not be understood. It is
// kept and shown until a later mapping reads it or a person sets it aside.
type Unread struct {
	Seq      uint64
	Feed     string
	Kind     string
	Control  string
	Received time.Time
	Reason   lang.Text
	Code     string // stable reason code: "no-patient", "contradiction", "syntax", …
	Segment  string // "OBX[3]", "" for the whole message
	Ward     string // the ward it may concern, if one could be read
	Key      clinical.PatientKey
	Aside    bool // a person has looked at it and set it aside
	AsideBy  string
	AsideAt  time.Time
	Count    int    // messages that this item stands for, at least 1; it is the newest of them
	First    uint64 // the oldest of them
}
