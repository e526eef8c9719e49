package clinical

import "notbetrieb/internal/lang"

// Name is what people call where an order stands.
func (s OrderStatus) Name() lang.Text {
	switch s {
	case Ordered:
		return lang.Text{DE: "angefordert", EN: "ordered"}
	case Scheduled:
		return lang.Text{DE: "geplant", EN: "scheduled"}
	case InProgress:
		return lang.Text{DE: "in Arbeit", EN: "in progress"}
	case PartResult:
		return lang.Text{DE: "Teilbefund", EN: "partial result"}
	case Completed:
		return lang.Text{DE: "erledigt", EN: "completed"}
	case OnHold:
		return lang.Text{DE: "angehalten", EN: "on hold"}
	case Cancelled:
		return lang.Text{DE: "storniert", EN: "cancelled"}
	case OrderFailed:
		return lang.Text{DE: "nicht ausführbar", EN: "failed"}
	}
	return lang.Text{DE: "Stand nicht übermittelt", EN: "status not sent"}
}

// Name is what people call a movement.
func (k MovementKind) Name() lang.Text {
	switch k {
	case PlanAdmission:
		return lang.Text{DE: "Aufnahme geplant", EN: "Admission planned"}
	case Admission:
		return lang.Text{DE: "Aufnahme", EN: "Admission"}
	case Visit:
		return lang.Text{DE: "Besuch", EN: "Visit"}
	case Transfer:
		return lang.Text{DE: "Verlegung", EN: "Transfer"}
	case ClassChange:
		return lang.Text{DE: "Fallartwechsel", EN: "Change of class"}
	case Discharge:
		return lang.Text{DE: "Entlassung", EN: "Discharge"}
	case LeaveStart:
		return lang.Text{DE: "Beurlaubung", EN: "Leave"}
	case LeaveEnd:
		return lang.Text{DE: "Rückkehr", EN: "Return"}
	case PlanTransfer:
		return lang.Text{DE: "Verlegung geplant", EN: "Transfer planned"}
	case PlanDischarge:
		return lang.Text{DE: "Entlassung geplant", EN: "Discharge planned"}
	case Departing:
		return lang.Text{DE: "unterwegs", EN: "On the way"}
	case Arriving:
		return lang.Text{DE: "angekommen", EN: "Arrived"}
	case StaySnapshot:
		return lang.Text{DE: "Stand gemeldet", EN: "Place stated"}
	}
	return lang.Text{DE: "Bewegung", EN: "Movement"}
}
