package web

import (
	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

func orderWord(s clinical.OrderStatus) lang.Text { return s.Name() }

func movementWord(k clinical.MovementKind) lang.Text { return k.Name() }

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
