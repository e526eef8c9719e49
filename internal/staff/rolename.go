package staff

import "notbetrieb/internal/lang"

// Name is what people call a role.
func (r Role) Name() lang.Text {
	switch r {
	case Nurse:
		return lang.Text{DE: "Pflege", EN: "Nurse"}
	case Physician:
		return lang.Text{DE: "Ärztlicher Dienst", EN: "Physician"}
	case Admission:
		return lang.Text{DE: "Aufnahme", EN: "Admission"}
	case Laboratory:
		return lang.Text{DE: "Labor", EN: "Laboratory"}
	case Radiology:
		return lang.Text{DE: "Radiologie", EN: "Radiology"}
	case Pharmacy:
		return lang.Text{DE: "Apotheke", EN: "Pharmacy"}
	case IT:
		return lang.Text{DE: "IT", EN: "IT"}
	case Crisis:
		return lang.Text{DE: "Krisenstab", EN: "Crisis team"}
	case Auditor:
		return lang.Text{DE: "Prüfung", EN: "Auditor"}
	}
	return lang.Text{DE: string(r)}
}
