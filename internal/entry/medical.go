package entry

import (
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// The forms of physicians.

var note = &Form{
	Kind: "note", Right: "write-medical",
	Title: lang.Text{DE: "Ärztlicher Verlauf", EN: "Physician's note"},
	Fields: []Field{
		{Name: "text", Label: lang.Text{DE: "Eintrag", EN: "Note"}, Kind: Lines, Need: true},
	},
	Says: func(f *Filled, number string) Facts {
		return Facts{f.document(number, "Ärztlicher Verlauf", clinical.OtherSection, f.Text("text"))}
	},
}

var consent = &Form{
	Kind: "consent", Right: "write-medical",
	Title: lang.Text{DE: "Aufklärung und Einwilligung", EN: "Consent"},
	Fields: []Field{
		{Name: "what", Label: lang.Text{DE: "Maßnahme", EN: "Procedure"}, Kind: Line, Need: true},
		{Name: "answer", Label: lang.Text{DE: "Ergebnis", EN: "Outcome"}, Kind: Choice, Need: true, Options: []Option{
			{"yes", lang.Text{DE: "eingewilligt", EN: "consented"}}, {"no", lang.Text{DE: "abgelehnt", EN: "refused"}},
			{"presumed", lang.Text{DE: "mutmaßliche Einwilligung (Notfall)", EN: "presumed consent (emergency)"}},
			{"proxy", lang.Text{DE: "eingewilligt durch Vertretung", EN: "consented by a proxy"}},
		}},
		{Name: "who", Label: lang.Text{DE: "Wer hat eingewilligt oder abgelehnt?", EN: "Who consented or refused?"}, Kind: Line, Hint: lang.Text{DE: "leer: Patientin oder Patient selbst", EN: "empty: the patient"}},
		{Name: "text", Label: lang.Text{DE: "Aufgeklärt über", EN: "Informed about"}, Kind: Lines, Max: 4000},
		{Name: "signed", Label: lang.Text{DE: "Unterschrift liegt auf Papier vor", EN: "Signed on paper"}, Kind: Check},
	},
	Says: func(f *Filled, number string) Facts {
		text := f.sections("what", "answer", "who", "text")
		if f.Has("signed") {
			text += "\nUnterschrift liegt auf Papier vor"
		}
		return Facts{f.document(number, "Einwilligung: "+f.Text("what"), clinical.OtherSection, text)}
	},
}

// resuscitationOptions are the statuses; the code is what a correction is found
// by.
var resuscitationOptions = []Option{
	{"full", lang.Text{DE: "volle Therapie", EN: "full treatment"}},
	{"DNR", lang.Text{DE: "keine Reanimation (DNR)", EN: "do not resuscitate (DNR)"}},
	{"DNI", lang.Text{DE: "keine Intubation (DNI)", EN: "do not intubate (DNI)"}},
	{"DNR-DNI", lang.Text{DE: "keine Reanimation, keine Intubation", EN: "no resuscitation, no intubation"}},
	{"comfort", lang.Text{DE: "nur lindernde Behandlung", EN: "comfort care only"}},
}

var resuscitation = &Form{
	Kind: "resuscitation", Right: "write-medical", Risk: true,
	Title: lang.Text{DE: "Reanimationsstatus", EN: "Resuscitation status"},
	Fields: []Field{
		{Name: "status", Label: lang.Text{DE: "Status", EN: "Status"}, Kind: Choice, Need: true, Options: resuscitationOptions},
		{Name: "basis", Label: lang.Text{DE: "Beruht auf", EN: "Based on"}, Kind: Choice, Need: true, Options: []Option{
			{"patient", lang.Text{DE: "Wille der Patientin oder des Patienten", EN: "the patient's will"}},
			{"directive", lang.Text{DE: "Patientenverfügung", EN: "advance directive"}},
			{"proxy", lang.Text{DE: "Bevollmächtigte oder Betreuung", EN: "proxy or guardian"}},
			{"medical", lang.Text{DE: "medizinische Indikation", EN: "medical indication"}},
		}},
		{Name: "text", Label: lang.Text{DE: "Gespräch mit wem, was wurde besprochen", EN: "Who was spoken with, about what"}, Kind: Lines, Max: 4000, Need: true},
	},
	Says: func(f *Filled, number string) Facts {
		out := Facts{f.document(number, "Reanimationsstatus", clinical.OtherSection, f.sections("status", "basis", "text"))}
		for _, o := range resuscitationOptions {
			a := clinical.Alert{Kind: clinical.Resuscitation, What: clinical.Coded{Code: o.Value, Text: o.Label.DE, System: "Notbetrieb"}, From: f.At, Action: clinical.Insert}
			if o.Value == f.Text("status") {
				out = append(out, a)
			}
		}
		return out
	},
}

var allergy = &Form{
	Kind: "allergy", Right: "write-medical",
	Title: lang.Text{DE: "Allergie", EN: "Allergy"},
	Fields: []Field{
		{Name: "to", Label: lang.Text{DE: "Wogegen", EN: "Against"}, Kind: Line, Hint: lang.Text{DE: "Wirkstoff oder Stoff. Sind keine bekannt: unten ankreuzen.", EN: "Substance. If none are known: tick below."}},
		{Name: "kind", Label: lang.Text{DE: "Art", EN: "Kind"}, Kind: Choice, Options: []Option{
			{"DA", lang.Text{DE: "Medikament", EN: "drug"}}, {"FA", lang.Text{DE: "Nahrung", EN: "food"}}, {"EA", lang.Text{DE: "Umwelt, Latex, Pflaster", EN: "environment, latex, plaster"}}, {"MA", lang.Text{DE: "anderes", EN: "other"}},
		}},
		{Name: "severity", Label: lang.Text{DE: "Schwere", EN: "Severity"}, Kind: Choice, Options: []Option{
			{"SV", lang.Text{DE: "schwer", EN: "severe"}}, {"MO", lang.Text{DE: "mittel", EN: "moderate"}}, {"MI", lang.Text{DE: "leicht", EN: "mild"}}, {"U", lang.Text{DE: "nicht bekannt", EN: "not known"}},
		}},
		{Name: "reaction", Label: lang.Text{DE: "Reaktion", EN: "Reaction"}, Kind: Line},
		{Name: "none", Label: lang.Text{DE: "Gefragt: keine Allergien bekannt", EN: "Asked: no known allergies"}, Kind: Check},
	},
	Rules: func(f *Filled) []Mistake {
		if (f.Text("to") == "") == f.Has("none") {
			return nil
		}
		return []Mistake{{Field: "to", Say: lang.Text{
			DE: "Entweder eine Allergie nennen oder ankreuzen, dass keine bekannt ist.", EN: "Either name an allergy or tick that none is known.",
		}}}
	},
	Says: func(f *Filled, _ string) Facts {
		if f.Has("none") {
			return Facts{clinical.AllergyFact{NoneKnown: true, Action: clinical.Insert}}
		}
		return Facts{clinical.AllergyFact{Action: clinical.Insert, Allergy: clinical.Allergy{
			Kind: f.Text("kind"), To: clinical.Coded{Text: f.Text("to")}, Severity: f.Text("severity"), Reaction: f.Text("reaction"), Since: f.At,
		}}}
	},
}

var alert = &Form{
	Kind: "alert", Right: "write-nursing",
	Title: lang.Text{DE: "Warnung, Isolation, Risiko", EN: "Warning, isolation, risk"},
	Fields: []Field{
		{Name: "kind", Label: lang.Text{DE: "Art", EN: "Kind"}, Kind: Choice, Need: true, Options: []Option{
			{string(clinical.Cave), lang.Text{DE: "CAVE", EN: "warning"}}, {string(clinical.Isolation), lang.Text{DE: "Isolation", EN: "isolation"}},
			{string(clinical.Risk), lang.Text{DE: "Risiko (Sturz, Dekubitus, Delir …)", EN: "risk (fall, pressure sore, delirium …)"}},
			{string(clinical.Pregnancy), lang.Text{DE: "Schwangerschaft", EN: "pregnancy"}},
		}},
		{Name: "what", Label: lang.Text{DE: "Was", EN: "What"}, Kind: Line, Need: true},
		{Name: "until", Label: lang.Text{DE: "Bis", EN: "Until"}, Kind: Day, Hint: lang.Text{DE: "leer: bis auf Weiteres", EN: "empty: until further notice"}},
	},
	Rules: func(f *Filled) []Mistake {
		if d := f.Date("until"); !d.Zero() && !d.Full() {
			return []Mistake{{Field: "until", Say: lang.Text{DE: "Bitte den ganzen Tag angeben.", EN: "Please give the full date."}}}
		}
		return nil
	},
	Says: func(f *Filled, _ string) Facts {
		a := clinical.Alert{Kind: clinical.AlertKind(f.Text("kind")), What: clinical.Coded{Text: f.Text("what")}, From: f.At, Action: clinical.Insert}
		if d := f.Date("until"); d.Full() {
			a.Until = midnight(d, f.Now.Location())
		}
		return Facts{a}
	},
}

var diagnosis = &Form{
	Kind: "diagnosis", Right: "write-medical",
	Title: lang.Text{DE: "Diagnose", EN: "Diagnosis"},
	Fields: []Field{
		{Name: "text", Label: lang.Text{DE: "Diagnose", EN: "Diagnosis"}, Kind: Line, Need: true},
		{Name: "code", Label: lang.Text{DE: "ICD-10-GM", EN: "ICD-10-GM"}, Kind: Line, Max: 12, Hint: lang.Text{DE: "wenn bekannt, so: J18.9", EN: "if known, like this: J18.9"}},
		{Name: "kind", Label: lang.Text{DE: "Art", EN: "Kind"}, Kind: Choice, Need: true, Options: []Option{
			{"W", lang.Text{DE: "Behandlungsdiagnose", EN: "working"}}, {"A", lang.Text{DE: "Aufnahmediagnose", EN: "admitting"}}, {"F", lang.Text{DE: "Entlassdiagnose", EN: "final"}},
		}},
		{Name: "main", Label: lang.Text{DE: "Hauptdiagnose", EN: "Main diagnosis"}, Kind: Check},
	},
	Rules: func(f *Filled) []Mistake {
		if c := f.Text("code"); c != "" && !icd(c) {
			return []Mistake{{Field: "code", Say: lang.Text{DE: "Das ist kein ICD-10-Code. So: J18.9 oder leer lassen.", EN: "This is no ICD-10 code. Like this: J18.9, or leave it empty."}}}
		}
		return nil
	},
	Says: func(f *Filled, number string) Facts {
		d := clinical.Diagnosis{ID: number, What: clinical.Coded{Text: f.Text("text")}, Kind: f.Text("kind"), At: f.At, By: f.By, Action: clinical.Insert}
		if c := strings.ToUpper(f.Text("code")); c != "" {
			d.What.Code, d.What.System = c, "ICD-10-GM"
		}
		if f.Has("main") {
			d.Priority = 1
		}
		return Facts{d}
	},
}

// icd reports whether s has the form of an ICD-10-GM code: a letter, two
// digits, and up to two digits or a digit and a mark behind a point.
func icd(s string) bool {
	s = strings.TrimRight(strings.ToUpper(s), "+*!")
	if len(s) < 3 || s[0] < 'A' || s[0] > 'Z' || !digit(s[1]) || !digit(s[2]) {
		return false
	}
	rest := strings.TrimSuffix(s[3:], "-")
	if rest == "" {
		return true
	}
	if rest[0] != '.' || len(rest) > 3 {
		return false
	}
	return strings.Trim(rest[1:], "0123456789") == "" && rest != "."
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

var procedure = &Form{
	Kind: "procedure", Right: "write-medical",
	Title: lang.Text{DE: "Eingriff, Prozedur", EN: "Procedure"},
	Fields: []Field{
		{Name: "text", Label: lang.Text{DE: "Was wurde getan", EN: "What was done"}, Kind: Line, Need: true},
		{Name: "code", Label: lang.Text{DE: "OPS", EN: "OPS"}, Kind: Line, Max: 12, Hint: lang.Text{DE: "wenn bekannt, so: 5-470.11", EN: "if known, like this: 5-470.11"}},
		{Name: "report", Label: lang.Text{DE: "Bericht", EN: "Report"}, Kind: Lines},
	},
	Says: func(f *Filled, number string) Facts {
		p := clinical.Procedure{ID: number, What: clinical.Coded{Text: f.Text("text")}, At: f.At, By: f.By, Action: clinical.Insert}
		if c := f.Text("code"); c != "" {
			p.What.Code, p.What.System = c, "OPS"
		}
		out := Facts{p}
		if text := f.Text("report"); text != "" {
			out = append(out, f.document(number, "Bericht: "+f.Text("text"), clinical.Surgery, text))
		}
		return out
	},
}
