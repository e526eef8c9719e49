package interpret

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

// reportedStatus reads OBR-25 (HL7 table 0123); false if it is not sent or not
// known.
func reportedStatus(obr segment) (clinical.OrderStatus, bool) {
	switch fold(obr.Field(25).Text()) {
	case "F", "C":
		return clinical.Completed, true
	case "P", "R", "A":
		return clinical.PartResult, true
	case "S":
		return clinical.Scheduled, true
	case "I":
		return clinical.InProgress, true
	case "O":
		return clinical.Ordered, true
	case "X":
		return clinical.Cancelled, true
	}
	return "", false
}

// orderStatusOf reads ORC-5 (HL7 table 0038); false if it is not sent or not
// known.
func orderStatusOf(f hl7.Field) (clinical.OrderStatus, bool) {
	switch fold(f.Text()) {
	case "A":
		return clinical.PartResult, true
	case "CA", "DC", "RP":
		return clinical.Cancelled, true
	case "CM":
		return clinical.Completed, true
	case "ER":
		return clinical.OrderFailed, true
	case "HD":
		return clinical.OnHold, true
	case "IP":
		return clinical.InProgress, true
	case "SC":
		return clinical.Scheduled, true
	}
	return "", false
}
