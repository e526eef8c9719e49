package web

import (
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

func orderWord(s clinical.OrderStatus) lang.Text {
	switch s {
	case clinical.Ordered:
		return lang.Text{DE: "angefordert", EN: "ordered"}
	case clinical.Scheduled:
		return lang.Text{DE: "geplant", EN: "scheduled"}
	case clinical.InProgress:
		return lang.Text{DE: "in Arbeit", EN: "in progress"}
	case clinical.PartResult:
		return lang.Text{DE: "Teilbefund", EN: "partial result"}
	case clinical.Completed:
		return lang.Text{DE: "erledigt", EN: "completed"}
	case clinical.OnHold:
		return lang.Text{DE: "angehalten", EN: "on hold"}
	case clinical.Cancelled:
		return lang.Text{DE: "storniert", EN: "cancelled"}
	case clinical.OrderFailed:
		return lang.Text{DE: "nicht ausführbar", EN: "failed"}
	}
	return lang.Text{DE: "Stand nicht übermittelt", EN: "status not sent"}
}

func movementWord(k clinical.MovementKind) lang.Text {
	switch k {
	case clinical.PlanAdmission:
		return lang.Text{DE: "Aufnahme geplant", EN: "Admission planned"}
	case clinical.Admission:
		return lang.Text{DE: "Aufnahme", EN: "Admission"}
	case clinical.Visit:
		return lang.Text{DE: "Besuch", EN: "Visit"}
	case clinical.Transfer:
		return lang.Text{DE: "Verlegung", EN: "Transfer"}
	case clinical.ClassChange:
		return lang.Text{DE: "Fallartwechsel", EN: "Change of class"}
	case clinical.Discharge:
		return lang.Text{DE: "Entlassung", EN: "Discharge"}
	case clinical.LeaveStart:
		return lang.Text{DE: "Beurlaubung", EN: "Leave"}
	case clinical.LeaveEnd:
		return lang.Text{DE: "Rückkehr", EN: "Return"}
	case clinical.PlanTransfer:
		return lang.Text{DE: "Verlegung geplant", EN: "Transfer planned"}
	case clinical.PlanDischarge:
		return lang.Text{DE: "Entlassung geplant", EN: "Discharge planned"}
	case clinical.Departing:
		return lang.Text{DE: "unterwegs", EN: "On the way"}
	case clinical.Arriving:
		return lang.Text{DE: "angekommen", EN: "Arrived"}
	case clinical.StaySnapshot:
		return lang.Text{DE: "Stand gemeldet", EN: "Place stated"}
	}
	return lang.Text{DE: "Bewegung", EN: "Movement"}
}

func resultWord(s clinical.ResultStatus) lang.Text {
	switch s {
	case clinical.Final:
		return lang.Text{DE: "endgültig", EN: "final"}
	case clinical.Preliminary:
		return lang.Text{DE: "vorläufig", EN: "preliminary"}
	case clinical.Corrected:
		return lang.Text{DE: "korrigiert", EN: "corrected"}
	case clinical.Withdrawn:
		return lang.Text{DE: "zurückgezogen", EN: "withdrawn"}
	case clinical.NoResult:
		return lang.Text{DE: "kein Ergebnis", EN: "no result"}
	case clinical.Pending:
		return lang.Text{DE: "ausstehend", EN: "pending"}
	}
	return lang.Text{DE: "Status nicht übermittelt", EN: "status not sent"}
}

func doseWord(s clinical.DoseStatus) lang.Text {
	switch s {
	case clinical.Given:
		return lang.Text{DE: "gegeben", EN: "given"}
	case clinical.Partly:
		return lang.Text{DE: "teilweise gegeben", EN: "partly given"}
	case clinical.Refused:
		return lang.Text{DE: "abgelehnt", EN: "refused"}
	case clinical.NotGiven:
		return lang.Text{DE: "nicht gegeben", EN: "not given"}
	case clinical.Postponed:
		return lang.Text{DE: "verschoben", EN: "postponed"}
	case clinical.Dispensed:
		return lang.Text{DE: "abgegeben", EN: "dispensed"}
	case clinical.Retracted:
		return lang.Text{DE: "Irrtum", EN: "recorded in error"}
	}
	return lang.Text{DE: string(s)}
}

func appointmentWord(s clinical.AppointmentStatus) lang.Text {
	switch s {
	case clinical.Booked:
		return lang.Text{DE: "gebucht", EN: "booked"}
	case clinical.Rescheduled:
		return lang.Text{DE: "verschoben", EN: "rescheduled"}
	case clinical.Changed:
		return lang.Text{DE: "geändert", EN: "changed"}
	case clinical.CalledOff:
		return lang.Text{DE: "abgesagt", EN: "cancelled"}
	case clinical.Removed:
		return lang.Text{DE: "gelöscht", EN: "removed"}
	case clinical.NoShow:
		return lang.Text{DE: "nicht erschienen", EN: "no show"}
	}
	return lang.Text{DE: "Stand nicht übermittelt", EN: "status not sent"}
}

func stayWord(s chart.StayState) lang.Text {
	switch s {
	case chart.Planned:
		return lang.Text{DE: "geplant", EN: "planned"}
	case chart.Present:
		return lang.Text{DE: "im Haus", EN: "in house"}
	case chart.Away:
		return lang.Text{DE: "beurlaubt", EN: "on leave"}
	case chart.Left:
		return lang.Text{DE: "entlassen", EN: "discharged"}
	case chart.CalledOff:
		return lang.Text{DE: "abgesagt", EN: "cancelled"}
	}
	return lang.Text{DE: string(s)}
}
