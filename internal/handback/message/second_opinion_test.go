package message

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	second "github.com/google/simhospital/pkg/hl7"

	"notbetrieb/internal/hl7"
)

// schema says which field another HL7 library, whose segments were made from the
// standard's own tables, has at the positions that we write to.
var schema = map[string]map[int]string{
	"EVN": {1: "EventTypeCode", 5: "OperatorID"},
	"PID": {3: "PatientIdentifierList", 5: "PatientName", 8: "AdministrativeSex", 11: "PatientAddress", 13: "PhoneNumberHome", 21: "MotherSIdentifier", 24: "MultipleBirthIndicator", 25: "BirthOrder", 26: "Citizenship", 30: "PatientDeathIndicator", 31: "IdentityUnknownIndicator"},
	"NK1": {2: "Name", 3: "Relationship", 5: "PhoneNumber", 7: "ContactRole"},
	"PV1": {2: "PatientClass", 3: "AssignedPatientLocation", 6: "PriorPatientLocation", 7: "AttendingDoctor", 10: "HospitalService", 19: "VisitNumber", 36: "DischargeDisposition"},
	"IN1": {2: "InsurancePlanID", 3: "InsuranceCompanyID", 4: "InsuranceCompanyName", 36: "PolicyNumber"},
	"MRG": {1: "PriorPatientIdentifierList"},
	"ORC": {1: "OrderControl", 2: "PlacerOrderNumber", 3: "FillerOrderNumber", 5: "OrderStatus", 10: "EnteredBy", 12: "OrderingProvider"},
	"OBR": {2: "PlacerOrderNumber", 3: "FillerOrderNumber", 4: "UniversalServiceIdentifier", 13: "RelevantClinicalInformation", 16: "OrderingProvider", 24: "DiagnosticServSectID", 25: "ResultStatus"},
	"OBX": {2: "ValueType", 3: "ObservationIdentifier", 4: "ObservationSubID", 6: "Units", 7: "ReferencesRange", 8: "AbnormalFlags", 11: "ObservationResultStatus", 16: "ResponsibleObserver"},
	"TQ1": {9: "Priority", 10: "ConditionText", 11: "TextInstruction"},
	"SPM": {4: "SpecimenType"},
	"RXE": {2: "GiveCode", 3: "GiveAmountMinimum", 4: "GiveAmountMaximum", 5: "GiveUnits", 6: "GiveDosageForm", 7: "ProviderSAdministrationInstructions", 23: "GiveRateAmount", 24: "GiveRateUnits", 25: "GiveStrength", 26: "GiveStrengthUnits", 27: "GiveIndication"},
	"RXR": {1: "Route"},
	"RXA": {2: "AdministrationSubIDCounter", 5: "AdministeredCode", 6: "AdministeredAmount", 7: "AdministeredUnits", 9: "AdministrationNotes", 10: "AdministeringProvider", 18: "SubstanceTreatmentRefusalReason", 20: "CompletionStatus", 21: "ActionCodeRXA"},
	"TXA": {2: "DocumentType", 3: "DocumentContentPresentation", 9: "OriginatorCodeName", 12: "UniqueDocumentNumber", 13: "ParentDocumentNumber", 16: "UniqueDocumentFileName", 17: "DocumentCompletionStatus", 19: "DocumentAvailabilityStatus"},
	"IAM": {2: "AllergenTypeCode", 3: "AllergenCodeMnemonicDescription", 4: "AllergySeverityCode", 5: "AllergyReactionCode", 6: "AllergyActionCode", 7: "AllergyUniqueIdentifier", 18: "StatusedByPerson"},
	"DG1": {3: "DiagnosisCodeDG1", 6: "DiagnosisType", 15: "DiagnosisPriority", 16: "DiagnosingClinician", 20: "DiagnosisIdentifier", 21: "DiagnosisActionCode"},
	"PR1": {3: "ProcedureCode", 12: "ProcedurePractitioner", 19: "ProcedureIdentifier", 20: "ProcedureActionCode"},
}

// times are the positions that hold a time; the other library reads each of
// them as one.
var times = map[string]map[int]string{
	"EVN": {2: "RecordedDateTime", 6: "EventOccurred"}, "PID": {29: "PatientDeathDateAndTime"}, "PV1": {44: "AdmitDateTime"},
	"PV2": {9: "ExpectedDischargeDateTime"}, "ORC": {9: "DateTimeOfTransaction", 15: "OrderEffectiveDateTime"}, "OBR": {7: "ObservationDateTime", 22: "ResultsRptStatusChngDateTime"},
	"OBX": {14: "DateTimeOfTheObservation"}, "TQ1": {7: "StartDateTime", 8: "EndDateTime"}, "RXA": {3: "DateTimeStartOfAdministration", 22: "SystemEntryDateTime"},
	"TXA": {4: "ActivityDateTime", 6: "OriginationDateTime"}, "IAM": {11: "OnsetDate", 20: "StatusedAtDateTime"}, "DG1": {5: "DiagnosisDateTime"}, "PR1": {5: "ProcedureDateTime"},
}

// TestAnotherLibraryFindsEverythingInItsPlace reads each message with a parser
// of other origin.
func TestAnotherLibraryFindsEverythingInItsPlace(t *testing.T) {
	t.Parallel()
	if err := second.TimezoneAndLocation("Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for name, to := range targets() {
		for _, s := range samples(t) {
			messages, _ := For(sending(s, to))
			for _, m := range messages {
				theirs, err := second.ParseMessage([]byte(strings.Replace(legible(m.Raw), "8859/1", "UNICODE UTF-8", 1)))
				if err != nil {
					t.Fatalf("%s %s: %s: %v", name, s.name, m.Type, err)
				}
				if _, err := theirs.All(); err != nil && !strings.Contains(err.Error(), "ZBE") {
					t.Errorf("%s %s: %s: %v", name, s.name, m.Type, err)
				}
				ours, err := hl7.Parse(m.Raw)
				if err != nil {
					t.Fatal(err)
				}
				for seg, positions := range schema {
					comparePlaces(t, name+" "+s.name, ours, theirs, seg, positions, false, seen)
				}
				for seg, positions := range times {
					comparePlaces(t, name+" "+s.name, ours, theirs, seg, positions, true, seen)
				}
			}
		}
	}
	for seg, positions := range schema {
		for n := range positions {
			if seen[fmt.Sprintf("%s-%d", seg, n)] == 0 {
				t.Errorf("%s-%d is never written", seg, n)
			}
		}
	}
}

func comparePlaces(t *testing.T, where string, ours *hl7.Message, theirs *second.Message, seg string, positions map[int]string, clock bool, seen map[string]int) {
	t.Helper()
	list, err := theirs.ParseAll(seg)
	if err != nil {
		t.Errorf("%s: %s: %v", where, seg, err)
		return
	}
	all := reflect.ValueOf(list)
	mine := ours.All(seg)
	if all.Len() != len(mine) {
		t.Errorf("%s: %d %s, the other library finds %d", where, len(mine), seg, all.Len())
		return
	}
	for i, s := range mine {
		for n, field := range positions {
			want := s.Field(n)
			if want.Null() || want.Empty() || strings.Trim(s.Field(n).Text(), " ") == "" && !strings.Contains(string(want.Raw()), "^") {
				continue
			}
			v := all.Index(i).Elem().FieldByName(field)
			if !v.IsValid() {
				t.Fatalf("%s has no %s", seg, field)
			}
			seen[fmt.Sprintf("%s-%d", seg, n)]++
			got, ok := leaf(v)
			switch {
			case clock && !ok:
				t.Errorf("%s: %s-%d: %s is no time to the other library", where, seg, n, want.Raw())
			case !clock && got != want.Text():
				t.Errorf("%s: %s-%d: the other library has %q, we wrote %q", where, seg, n, got, want.Text())
			}
		}
	}
}

// leaf is the first component of the first repetition; false if there is none.
func leaf(v reflect.Value) (string, bool) {
	for {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return "", false
			}
			v = v.Elem()
		case reflect.Slice:
			if v.Len() == 0 {
				return "", false
			}
			v = v.Index(0)
		case reflect.Struct:
			if v.NumField() == 0 {
				return "", false
			}
			if v.Type().Name() == "TS" || v.Type().Name() == "DT" {
				return "", true
			}
			v = v.Field(0)
		case reflect.String:
			return v.String(), true
		default:
			return fmt.Sprint(v.Interface()), true
		}
	}
}
