package web

import (
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// bandOf checks that what was scanned from a wristband names this patient: its
// DataMatrix, or the case number of its bars, or a patient number of the house.
// It returns nothing to say if it does. What was scanned is not repeated: it may
// name another patient.
func bandOf(p *chart.Patient, scanned string) (say lang.Text, right bool) {
	text := strings.TrimSpace(scanned)
	wrong := lang.Text{
		DE: "Falsches Armband: Es gehört nicht zu " + p.Name.V.Display() + ". Nichts geben. Bitte Namen und Geburtsdatum erfragen und den Patienten am Bett neu aufrufen.",
		EN: "Wrong wristband: it does not belong to " + p.Name.V.Display() + ". Give nothing. Please ask for name and birth date and open the patient at the bed anew.",
	}
	if !strings.Contains(text, "|") {
		if caseOf(p, clinical.CaseNo(text)) || patientNumber(p, text) {
			return lang.Text{}, true
		}
		return wrong, false
	}
	code, err := sheet.Parse(text)
	switch {
	case err != nil:
		return lang.Text{
			DE: "Das Armband wurde nicht richtig gelesen. Bitte noch einmal scannen.", EN: "The wristband was misread. Please scan it again.",
		}, false
	case code.Case != "" && caseOf(p, code.Case), code.Case == "" && keyOf(p, code.Key):
	default:
		return wrong, false
	}
	if code.Form != sheet.FormWristband {
		return lang.Text{
			DE: "Das ist kein Armband, sondern ein Blatt oder Etikett. Bitte das Armband am Handgelenk scannen.",
			EN: "This is no wristband but a sheet or a label. Please scan the wristband at the wrist.",
		}, false
	}
	return lang.Text{}, true
}

func caseOf(p *chart.Patient, no clinical.CaseNo) bool {
	return no != "" && slices.ContainsFunc(p.Stays, func(s chart.Stay) bool { return s.Case == no })
}

func keyOf(p *chart.Patient, key clinical.PatientKey) bool {
	return key != "" && (p.Key == key || slices.ContainsFunc(p.Linked, func(l chart.Link) bool { return l.Key == key }))
}

// patientNumber reports whether the text is a number of this patient, also of one
// that was merged into it.
func patientNumber(p *chart.Patient, text string) bool {
	same := func(id clinical.Identifier) bool { return text != "" && id.Value == text }
	return slices.ContainsFunc(p.IDs, same) || slices.ContainsFunc(p.Linked, func(l chart.Link) bool { return slices.ContainsFunc(l.IDs, same) })
}
