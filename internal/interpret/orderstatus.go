package interpret

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/hl7"
)

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
