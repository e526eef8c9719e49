package staff

import (
	"slices"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Roles returns every role in the order of the rights table.
func Roles() []Role {
	return []Role{Nurse, Physician, Admission, Laboratory, Radiology, Pharmacy, IT, Crisis, Auditor}
}

// Rights returns every right in the order of the rights table.
func Rights() []Right {
	return []Right{SeeHouse, SeeWard, Search, SeeIdentity, SeeChart, SeeMedication, SeeResults, SeeFindings,
		SeeSources, SeeUnread, Print, PrintHouse, DeclareOutage, ManagePeople, SearchReads, ConfirmAlarms, OperateDemo, BreakGlass,
		WriteNursing, WriteMedical, Prescribe, GiveDoses, PlaceOrders, Admit, EnterResults, ReportFindings, Dispense,
		FileSheets, SeeHarm, ReleaseEntries, OperateHandback, ReportEvent, SeeEstate, KeepEstate, WatchSystems, ReviewHarm,
		SeeCrisis, WorkCrisis, LeadCrisis, AgreeContain, CallOut, FileReports, SeeEvidence, KeepEvidence, GiveEvidence, HoldRecords, Evacuate, ReviewAccess, OpenInquiry}
}

// rightsOf is the one table of who may do what (docs/security.md holds the same
// table; a test compares them). A role that is not named has no right.
func rightsOf(r Role) []Right {
	switch r {
	case Nurse:
		return []Right{SeeHouse, SeeWard, Search, SeeIdentity, SeeChart, SeeMedication, SeeResults, SeeFindings,
			SeeSources, SeeUnread, Print, DeclareOutage, BreakGlass,
			WriteNursing, GiveDoses, PlaceOrders, Admit, FileSheets, SeeHarm, ReleaseEntries, ReportEvent, Evacuate}
	case Physician:
		return []Right{SeeHouse, SeeWard, Search, SeeIdentity, SeeChart, SeeMedication, SeeResults, SeeFindings,
			SeeSources, SeeUnread, Print, DeclareOutage, BreakGlass,
			WriteNursing, WriteMedical, Prescribe, GiveDoses, PlaceOrders, Admit, ReportFindings, FileSheets, SeeHarm, ReleaseEntries, ReportEvent, Evacuate}
	case Admission:
		return []Right{SeeHouse, SeeWard, Search, SeeIdentity, Print, BreakGlass, Admit, FileSheets, ReportEvent, Evacuate}
	case Laboratory:
		return []Right{SeeHouse, SeeWard, Search, SeeIdentity, SeeResults, SeeUnread, Print, DeclareOutage, BreakGlass,
			EnterResults, FileSheets, SeeHarm, ReportEvent}
	case Radiology:
		return []Right{SeeHouse, SeeWard, Search, SeeIdentity, SeeMedication, SeeResults, SeeFindings, SeeUnread,
			Print, DeclareOutage, BreakGlass, ReportFindings, FileSheets, SeeHarm, ReportEvent}
	case Pharmacy:
		return []Right{SeeHouse, SeeWard, Search, SeeIdentity, SeeMedication, SeeResults, SeeUnread, Print,
			DeclareOutage, BreakGlass, Dispense, SeeHarm, ReportEvent}
	case IT:
		return []Right{SeeHouse, SeeSources, SeeUnread, DeclareOutage, ManagePeople, ConfirmAlarms, OperateDemo, BreakGlass, OperateHandback, ReportEvent, SeeEstate, KeepEstate, WatchSystems,
			SeeCrisis, WorkCrisis, AgreeContain, CallOut, SeeEvidence, KeepEvidence, HoldRecords}
	case Crisis:
		return []Right{SeeHouse, SeeUnread, PrintHouse, DeclareOutage, OperateDemo, BreakGlass, SeeHarm, OperateHandback, ReportEvent, SeeEstate, KeepEstate, WatchSystems, ReviewHarm,
			SeeCrisis, WorkCrisis, LeadCrisis, AgreeContain, CallOut, FileReports, SeeEvidence, KeepEvidence, GiveEvidence, HoldRecords, Evacuate, OpenInquiry}
	case Auditor:
		return []Right{SeeHouse, SearchReads, ReviewHarm, SeeCrisis, SeeEvidence, HoldRecords, ReviewAccess, OpenInquiry}
	}
	return nil
}

// May reports whether one of the person's roles has the right. It says nothing
// about the mode and the ward: see [Book.MayRead].
func May(p Person, r Right) bool {
	if p.Disabled {
		return false
	}
	return slices.ContainsFunc(p.Roles, func(role Role) bool { return slices.Contains(rightsOf(role), r) })
}

// RoleFor returns the role that gives the person the right: the first of those
// that do, as the person has them; "" if none does.
func RoleFor(p Person, r Right) Role {
	for _, role := range p.Roles {
		if slices.Contains(rightsOf(role), r) {
			return role
		}
	}
	return ""
}

// guarded reports whether one of the roles watches over the others: who may read
// the audit, and who may manage people. Only the console gives such a role, takes
// it, and sets the password of who has it. Otherwise whoever manages people could
// become the auditor: by a new password, by another role for a while, or by a new
// person.
func guarded(roles []Role) bool {
	return slices.ContainsFunc(roles, func(role Role) bool {
		rights := rightsOf(role)
		return slices.Contains(rights, SearchReads) || slices.Contains(rights, ManagePeople)
	})
}

// aboutPatients reports whether what the right opens holds patient data.
func aboutPatients(r Right) bool {
	switch r {
	case SeeWard, Search, SeeIdentity, SeeChart, SeeMedication, SeeResults, SeeFindings, SeeSources, Print, PrintHouse,
		WriteNursing, WriteMedical, Prescribe, GiveDoses, PlaceOrders, Admit, EnterResults, ReportFindings, Dispense, FileSheets, SeeHarm, ReleaseEntries, Evacuate:
		return true
	case SeeHouse, SeeUnread, DeclareOutage, ManagePeople, SearchReads, ConfirmAlarms, OperateDemo, BreakGlass, ReportEvent, ReviewHarm, OperateHandback, SeeEstate, KeepEstate, WatchSystems,
		SeeCrisis, WorkCrisis, LeadCrisis, AgreeContain, CallOut, FileReports, SeeEvidence, KeepEvidence, GiveEvidence, HoldRecords, ReviewAccess, OpenInquiry:
		return false
	}
	return true // a right nobody thought of is treated with care
}

// wholeHouse reports whether a role works for every ward, whatever wards stand
// at the person. Looking somebody up is for the whole house with every role:
// the patient who arrives at the wrong door must be found. So is checking off
// whoever reaches the assembly point.
func wholeHouse(role Role, r Right) bool {
	switch role {
	case Admission, Laboratory, Radiology, Pharmacy, Crisis:
		return true
	case Nurse, Physician:
		return r == Search || r == Evacuate
	case IT, Auditor:
	}
	return false
}

// alwaysGlass reports whether a role needs an opened glass for r in every mode:
// IT repairs feeds and sees the content of a message only with a reason.
func alwaysGlass(role Role, r Right) bool { return role == IT && aboutPatients(r) }

// Verdict is whether a person may see something.
type Verdict uint8

const (
	Denied     Verdict = iota // not with this role
	NeedsGlass                // after giving a reason
	Allowed
)

// Decision is a verdict with the sentence for the person and, where a
// break-glass grant opened the page, that grant: its reason belongs into the
// read record.
type Decision struct {
	Verdict Verdict
	Say     lang.Text
	Glass   *Glass
}

// Allowed reports whether the page may go out.
func (d Decision) Allowed() bool { return d.Verdict == Allowed }

// MayRead decides whether the session may use the right now, on a ward ("" for
// the whole house or a patient without one) and for a patient ("" for a list).
// declared is whether an outage or an exercise is in force.
//
// The role must have the right; a glass never adds one. Without a declared
// outage everything about patients needs an open glass; in a declared outage
// the person's own wards are open and other wards need a glass. With several
// roles the best verdict counts.
func (b *Book) MayRead(s Session, declared bool, ward string, patient clinical.PatientKey, right Right, now time.Time) Decision {
	return decide(s, declared, ward, patient, right, now)
}

// MayWrite decides like [Book.MayRead] about a right to record something. open
// is whether entries are taken at all: in a declared outage, and for a while
// after it for what was written on paper; otherwise no reason opens writing.
func (b *Book) MayWrite(s Session, open, declared bool, ward string, patient clinical.PatientKey, right Right, now time.Time) Decision {
	if !open {
		return Decision{Verdict: Denied, Say: lang.Text{
			DE: "Es ist kein Ausfall erklärt. Eingetragen wird im KIS; hier erst, wenn ein Ausfall erklärt ist.",
			EN: "No outage is declared. Entries belong into the HIS; here they are taken once an outage is declared.",
		}}
	}
	return decide(s, declared, ward, patient, right, now)
}

func decide(s Session, declared bool, ward string, patient clinical.PatientKey, right Right, now time.Time) Decision {
	if !May(s.Person, right) {
		return Decision{Verdict: Denied, Say: lang.Text{
			DE: "Diese Ansicht gehört nicht zu Ihren Aufgaben im Haus.",
			EN: "This view is not part of your role in the house.",
		}}
	}
	if !aboutPatients(right) {
		return Decision{Verdict: Allowed}
	}
	if declared && open(s.Person, ward, right) {
		return Decision{Verdict: Allowed}
	}
	if May(s.Person, BreakGlass) {
		if g := covering(s, ward, patient, right, now); g != nil {
			return Decision{Verdict: Allowed, Glass: g}
		}
		return Decision{Verdict: NeedsGlass, Say: whyGlass(s.Person, declared, right)}
	}
	return Decision{Verdict: Denied, Say: whyGlass(s.Person, declared, right)}
}

// open reports whether a declared outage opens the right on the ward.
func open(p Person, ward string, right Right) bool {
	return slices.ContainsFunc(p.Roles, func(role Role) bool {
		return slices.Contains(rightsOf(role), right) && !alwaysGlass(role, right) &&
			(wholeHouse(role, right) || ownWard(p, ward))
	})
}

// ownWard reports whether the person works on the ward. Nobody is limited who
// has no wards named; a patient without a ward is on nobody's.
func ownWard(p Person, ward string) bool {
	return len(p.Wards) == 0 || ward != "" && slices.Contains(p.Wards, ward)
}

// covering returns the open glass that covers ward or patient, or nil.
func covering(s Session, ward string, patient clinical.PatientKey, right Right, now time.Time) *Glass {
	for _, g := range s.Glass {
		if !now.Before(g.Until) {
			continue
		}
		own := g.Ward == "" && g.Patient == ""
		house := slices.ContainsFunc(s.Person.Roles, func(r Role) bool {
			return slices.Contains(rightsOf(r), right) && wholeHouse(r, right)
		})
		if patient != "" && g.Patient == patient || ward != "" && g.Ward == ward ||
			own && (house || ownWard(s.Person, ward)) {
			return &g
		}
	}
	return nil
}

func whyGlass(p Person, declared bool, right Right) lang.Text {
	switch {
	case !declared:
		return lang.Text{
			DE: "Es ist kein Ausfall erklärt. Lesen geht nur mit einem Grund; er wird gespeichert und gemeldet.",
			EN: "No outage is declared. Reading needs a reason, which is recorded and reported.",
		}
	case right == SeeSources && slices.Contains(p.Roles, IT):
		return lang.Text{
			DE: "Der Inhalt von Nachrichten öffnet sich für die IT nur mit einem Grund; er wird gespeichert und gemeldet.",
			EN: "IT sees the content of messages only with a reason, which is recorded and reported.",
		}
	}
	return lang.Text{
		DE: "Dieser Bereich gehört nicht zu Ihren Stationen. Lesen geht nur mit einem Grund; er wird gespeichert und gemeldet.",
		EN: "This is not one of your wards. Reading needs a reason, which is recorded and reported.",
	}
}
