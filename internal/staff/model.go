// Package staff knows the people of the hospital who may use Notbetrieb: their
// roles and wards, their sign-in without the hospital's directory, and the
// record of what they read. People, sessions and reads are records in the
// journal; everything here is folded from them.
package staff

import (
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Role is what a person does in the house.
type Role string

const (
	Nurse      Role = "nurse"
	Physician  Role = "physician"
	Admission  Role = "admission"
	Laboratory Role = "laboratory"
	Radiology  Role = "radiology"
	Pharmacy   Role = "pharmacy"
	IT         Role = "it"
	Crisis     Role = "crisis"
	Auditor    Role = "auditor"
)

// Right is one thing a role may do.
type Right string

const (
	SeeHouse      Right = "see-house"      // overview: wards, numbers, feeds; no patient
	SeeWard       Right = "see-ward"       // ward list with patients
	Search        Right = "search"         // find a patient by name, birth date, number
	SeeIdentity   Right = "see-identity"   // banner, stays, movements, insurance
	SeeChart      Right = "see-chart"      // everything clinical
	SeeMedication Right = "see-medication" // medication and allergies
	SeeResults    Right = "see-results"    // laboratory and vitals
	SeeFindings   Right = "see-findings"   // findings and documents
	SeeSources    Right = "see-sources"    // raw messages behind a chart, and Unread items with content
	SeeUnread     Right = "see-unread"     // the Unread list without content
	Print         Right = "print"          // packs and sheets of what the person may see
	PrintHouse    Right = "print-house"    // the whole house
	DeclareOutage Right = "declare-outage" // declare, confirm, end
	ManagePeople  Right = "manage-people"  // add people, roles, reset passwords
	SearchReads   Right = "search-reads"   // the read audit
	ConfirmAlarms Right = "confirm-alarms" // end an alarm about Notbetrieb itself that somebody has seen to
	OperateDemo   Right = "operate-demo"   // the switch of the simulated hospital
	BreakGlass    Right = "break-glass"    // may open clinical reading with a reason outside a declared outage

	// What people record while systems are gone: see [Book.MayWrite].
	WriteNursing    Right = "write-nursing"    // vital signs, fluids, scores, care notes, handover
	WriteMedical    Right = "write-medical"    // notes, diagnoses, procedures, consent, resuscitation, allergies, alerts
	Prescribe       Right = "prescribe"        // prescribe, change, stop
	GiveDoses       Right = "give-doses"       // record doses given, refused, postponed
	PlaceOrders     Right = "place-orders"     // orders to laboratory, radiology, endoscopy, consults, transport, diet
	Admit           Right = "admit"            // new patients and cases, transfer, leave, discharge
	EnterResults    Right = "enter-results"    // laboratory results and their validation
	ReportFindings  Right = "report-findings"  // findings of radiology, endoscopy and others
	Dispense        Right = "dispense"         // the pharmacy's desk
	FileSheets      Right = "file-sheets"      // scanned paper, and the desk for what could not be read
	SeeHarm         Right = "see-harm"         // the list of patients whom the outage may harm
	ReleaseEntries  Right = "release-entries"  // say that an entry goes back into the hospital's systems, or was typed in there
	OperateHandback Right = "operate-handback" // open, pause and close the hand-back to a system
	ReportEvent     Right = "report-event"     // report a patient-safety event
	WatchSystems    Right = "watch-systems"    // where the hospital's systems stand, alarms, maintenance; no patient
	SeeEstate       Right = "see-estate"       // the hospital's systems, contacts, contracts
	KeepEstate      Right = "keep-estate"      // change them: import, single values, an earlier version
	ReviewHarm      Right = "review-harm"      // reports of events, and the list of harm under pseudonyms; no patient

	ReviewAccess Right = "review-access" // who read what without a reason to see; what was altered in the hospital's data
	OpenInquiry  Right = "open-inquiry"  // set up a sealed investigation; who is named in one opens it without a right

	// An incident and its crisis team.
	SeeCrisis    Right = "see-crisis"        // board, tasks, logbook and reports of an incident; no patient
	WorkCrisis   Right = "work-crisis"       // take and end tasks, write into the logbook, hand a shift over
	LeadCrisis   Right = "lead-crisis"       // team, messages, restrictions, situation report, evacuation, the end
	AgreeContain Right = "agree-containment" // agree to run a command of containment
	CallOut      Right = "call-out"          // call people to the crisis team, end that, and say who belongs to a group
	FileReports  Right = "file-reports"      // the signed moment of knowledge and the reports that the law asks for
	SeeEvidence  Right = "see-evidence"      // what was secured, its chains and files, and legal holds
	KeepEvidence Right = "keep-evidence"     // secure, hand over, write down
	GiveEvidence Right = "give-evidence"     // a package for people outside
	HoldRecords  Right = "hold-records"      // set a legal hold, ask to lift it, lift it
	Evacuate     Right = "evacuate"          // the evacuation list, and checking patients off
)

// Person is somebody who may sign in. It never holds the password.
type Person struct {
	ID          string // sign-in name, lower case
	Name        string // as shown: "S. Weber"
	Roles       []Role
	Wards       []string // wards of work; empty means the whole house
	Lang        lang.Lang
	Disabled    bool
	LockedUntil time.Time // after too many wrong passwords
	MustChange  bool      // the password was set by somebody else
}

// Session is one sign-in.
type Session struct {
	ID      string // public handle for audit and logs; not the token
	Person  Person
	Started time.Time
	Expires time.Time // absolute end
	Idle    time.Time // ends at this time unless used
	From    string    // address or station
	Glass   []Glass   // open break-glass grants
}

// Glass is an opened break-glass grant: clinical reading outside a declared
// outage, or outside the person's wards, with a reason, for a limited time.
type Glass struct {
	Ward    string              // one ward, or "" …
	Patient clinical.PatientKey // … one patient; both empty: the person's own wards
	Reason  string
	Until   time.Time
}

// Read is one look at patient data.
type Read struct {
	Seq     uint64 // of the audit record, set by the journal
	Time    time.Time
	Person  string
	Name    string
	Roles   []Role
	Session string
	From    string
	Patient clinical.PatientKey // "" for a ward list or a search
	Case    clinical.CaseNo
	Ward    string
	Page    string // "chart/lab", "ward", "search", "print", "export", "raw"
	What    string // e.g. how many patients; no health data
	Reason  string // the break-glass reason
	Glass   bool
	Mode    string // the mode when it was read
	AsOf    uint64 // journal position shown
	Late    bool   // recorded aside while the journal could not be written, and appended later
}

// ReadFilter selects audit records.
type ReadFilter struct {
	Person  string
	Patient clinical.PatientKey
	Ward    string
	Page    string
	Glass   bool // only break-glass
	From    time.Time
	To      time.Time
	Limit   int    // 0 means 100
	Before  uint64 // paging: only records with a smaller Seq; 0 means newest
}
