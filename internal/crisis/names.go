package crisis

import (
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// KindName is what a kind is called.
func KindName(k rulebook.Kind) lang.Text {
	switch k {
	case rulebook.Cyberattack:
		return lang.Text{DE: "Cyberangriff", EN: "Cyberattack"}
	case rulebook.Insider:
		return lang.Text{DE: "Verdacht auf Innentäter", EN: "Insider suspected"}
	case rulebook.Technical:
		return lang.Text{DE: "Technischer Ausfall", EN: "Technical failure"}
	case rulebook.Telematics:
		return lang.Text{DE: "Ausfall der Telematik", EN: "Telematics outage"}
	case rulebook.Power:
		return lang.Text{DE: "Stromausfall", EN: "Power failure"}
	case rulebook.Fire:
		return lang.Text{DE: "Brand", EN: "Fire"}
	case rulebook.Flood:
		return lang.Text{DE: "Hochwasser, Wasserschaden", EN: "Flood, water damage"}
	case rulebook.Planned:
		return lang.Text{DE: "Geplante Abschaltung", EN: "Planned shutdown"}
	}
	return lang.Text{DE: string(k)}
}

// PhaseName is what a phase is called.
func PhaseName(p rulebook.Phase) lang.Text {
	switch p {
	case rulebook.Operation:
		return lang.Text{DE: "Notbetrieb", EN: "Emergency operation"}
	case rulebook.Records:
		return lang.Text{DE: "Zugriff auf Akten", EN: "Access to records"}
	case rulebook.Infrastructure:
		return lang.Text{DE: "Infrastruktur", EN: "Infrastructure"}
	case rulebook.Backups:
		return lang.Text{DE: "Datensicherungen", EN: "Backups"}
	case rulebook.Return:
		return lang.Text{DE: "Rückkehr", EN: "Return"}
	case rulebook.Prevention:
		return lang.Text{DE: "Vorbeugen", EN: "Prevention"}
	}
	return lang.Text{DE: string(p)}
}

// RoleName is what a seat of the crisis team is called.
func RoleName(r rulebook.Role) lang.Text {
	switch r {
	case rulebook.Lead:
		return lang.Text{DE: "Leitung Krisenstab", EN: "Head of the crisis team"}
	case rulebook.Medical:
		return lang.Text{DE: "Ärztliche Leitung", EN: "Medical director"}
	case rulebook.Nursing:
		return lang.Text{DE: "Pflegeleitung", EN: "Director of nursing"}
	case rulebook.ITLead:
		return lang.Text{DE: "IT", EN: "IT"}
	case rulebook.Security:
		return lang.Text{DE: "Informationssicherheit", EN: "Information security"}
	case rulebook.Technic:
		return lang.Text{DE: "Technik und Gebäude", EN: "Building services"}
	case rulebook.Press:
		return lang.Text{DE: "Kommunikation", EN: "Communication"}
	case rulebook.Law:
		return lang.Text{DE: "Recht und Datenschutz", EN: "Law and data protection"}
	case rulebook.Admin:
		return lang.Text{DE: "Verwaltung und Personal", EN: "Administration and staff"}
	case rulebook.Dispatch:
		return lang.Text{DE: "Verbindung Leitstelle", EN: "Link to the dispatch centre"}
	case rulebook.Laboratory:
		return lang.Text{DE: "Labor und Apotheke", EN: "Laboratory and pharmacy"}
	case rulebook.Keeper:
		return lang.Text{DE: "Einsatztagebuch", EN: "Logbook"}
	}
	return lang.Text{DE: string(r)}
}

// ServiceName is what a part of the service is called.
func ServiceName(s Service) lang.Text {
	switch s {
	case Ambulances:
		return lang.Text{DE: "Rettungsdienst abgemeldet", EN: "Ambulances turned away"}
	case Elective:
		return lang.Text{DE: "Planbare Eingriffe ausgesetzt", EN: "Elective operations stopped"}
	case Outpatient:
		return lang.Text{DE: "Ambulanzen geschlossen", EN: "Outpatient clinics closed"}
	case Transfers:
		return lang.Text{DE: "Keine Übernahme aus anderen Häusern", EN: "No transfers from other hospitals"}
	case Births:
		return lang.Text{DE: "Kreißsaal abgemeldet", EN: "Delivery ward closed"}
	case Visitors:
		return lang.Text{DE: "Kein Besuch", EN: "No visitors"}
	}
	return lang.Text{DE: string(s)}
}

// MobilityName is how a patient is brought out, in words.
func MobilityName(m Mobility) lang.Text {
	switch m {
	case OnFoot:
		return lang.Text{DE: "geht", EN: "walks"}
	case ByChair:
		return lang.Text{DE: "Rollstuhl", EN: "wheelchair"}
	case LyingDown:
		return lang.Text{DE: "liegend", EN: "lying"}
	case WithMonitor:
		return lang.Text{DE: "intensiv", EN: "intensive"}
	}
	return lang.Text{DE: "nicht erhoben", EN: "not taken"}
}

// LightName is the word beside a colour of the capacity board.
func LightName(l string) lang.Text {
	switch l {
	case "green":
		return lang.Text{DE: "aufnahmefähig", EN: "can admit"}
	case "yellow":
		return lang.Text{DE: "eingeschränkt", EN: "limited"}
	case "red":
		return lang.Text{DE: "nicht aufnahmefähig", EN: "cannot admit"}
	}
	return lang.Text{DE: l}
}

// LineName is what a kind of line is called.
func LineName(k LineKind) lang.Text {
	switch k {
	case Decision:
		return lang.Text{DE: "Entscheidung", EN: "Decision"}
	case MessageIn:
		return lang.Text{DE: "Eingang", EN: "Message in"}
	case MessageOut:
		return lang.Text{DE: "Ausgang", EN: "Message out"}
	case Observation:
		return lang.Text{DE: "Beobachtung", EN: "Observation"}
	case State:
		return lang.Text{DE: "Vorgang", EN: "Act"}
	}
	return lang.Text{DE: string(k)}
}

// StageName is what a stage is called.
func StageName(s Stage) lang.Text {
	switch s {
	case StageOpen:
		return lang.Text{DE: "eröffnet, nicht erklärt", EN: "opened, not declared"}
	case StageDeclared:
		return lang.Text{DE: "erklärt, Bestätigung fehlt", EN: "declared, confirmation missing"}
	case StageConfirmed:
		return lang.Text{DE: "in Kraft", EN: "in force"}
	case StageClosed:
		return lang.Text{DE: "beendet", EN: "closed"}
	}
	return lang.Text{DE: string(s)}
}

// StatementName is the name of a text for people outside.
func StatementName(what string) lang.Text {
	switch what {
	case "press":
		return lang.Text{DE: "Presse", EN: "Press"}
	case "patients":
		return lang.Text{DE: "Patienteninformation", EN: "Information for patients"}
	case "relatives":
		return lang.Text{DE: "Angehörige", EN: "Relatives"}
	case "dispatch":
		return lang.Text{DE: "Leitstelle", EN: "Dispatch centre"}
	}
	return lang.Text{DE: what}
}
