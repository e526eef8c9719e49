package entry

import (
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// The forms of nursing. Parts of intake and output have codes of our own: those
// of LOINC that a KIS sends are totals, and a part must not be read as one.

var fluids = &Form{
	Kind: "fluids", Right: "write-nursing",
	Title: lang.Text{DE: "Flüssigkeit", EN: "Fluids"},
	Intro: lang.Text{DE: "Eine Menge, wie sie jetzt gemessen wurde. Die Bilanz zählt zusammen.", EN: "An amount as measured now. The balance adds up."},
	Fields: []Field{
		{Name: "oral", Label: lang.Text{DE: "Getrunken", EN: "Drunk"}, Unit: "ml", Low: 1, High: 5000, Usual: [2]float64{1, 1500}, Code: own("fluid-in-oral", "Einfuhr oral")},
		{Name: "iv", Label: lang.Text{DE: "Infusion", EN: "Infusion"}, Unit: "ml", Low: 1, High: 10000, Usual: [2]float64{1, 3000}, Code: own("fluid-in-iv", "Einfuhr i.v.")},
		{Name: "tube", Label: lang.Text{DE: "Sonde", EN: "Tube"}, Unit: "ml", Low: 1, High: 5000, Usual: [2]float64{1, 1500}, Code: own("fluid-in-tube", "Einfuhr Sonde")},
		{Name: "urine", Label: lang.Text{DE: "Urin", EN: "Urine"}, Unit: "ml", Low: 0, High: 10000, Usual: [2]float64{0, 2500}, Code: loinc("9187-6", "Urin")},
		{Name: "drain", Label: lang.Text{DE: "Drainage", EN: "Drain"}, Unit: "ml", Low: 0, High: 10000, Usual: [2]float64{0, 2000}, Code: own("fluid-out-drain", "Ausfuhr Drainage")},
		{Name: "vomit", Label: lang.Text{DE: "Erbrochenes, Magensaft", EN: "Vomit, gastric"}, Unit: "ml", Low: 0, High: 10000, Usual: [2]float64{0, 2000}, Code: own("fluid-out-gastric", "Ausfuhr Magen")},
		{Name: "stool", Label: lang.Text{DE: "Stuhlgang", EN: "Stool"}, Kind: Line, Max: 60, Code: loinc("9204-9", "Stuhlgang")},
		{Name: "note", Label: lang.Text{DE: "Bemerkung", EN: "Remark"}, Kind: Line},
	},
	Says: func(f *Filled, number string) Facts { return f.observations(number, clinical.Vitals) },
}

var careNote = &Form{
	Kind: "care-note", Right: "write-nursing",
	Title: lang.Text{DE: "Pflegebericht", EN: "Care note"},
	Fields: []Field{
		{Name: "text", Label: lang.Text{DE: "Bericht", EN: "Note"}, Kind: Lines, Need: true},
	},
	Says: func(f *Filled, number string) Facts {
		return Facts{f.document(number, "Pflegebericht", clinical.Nursing, f.Text("text"))}
	},
}

var handover = &Form{
	Kind: "handover", Right: "write-nursing",
	Title: lang.Text{DE: "Übergabe (SBAR)", EN: "Handover (SBAR)"},
	Fields: []Field{
		{Name: "s", Label: lang.Text{DE: "Situation", EN: "Situation"}, Kind: Lines, Max: 2000, Need: true, Hint: lang.Text{DE: "Was ist jetzt?", EN: "What is it now?"}},
		{Name: "b", Label: lang.Text{DE: "Hintergrund", EN: "Background"}, Kind: Lines, Max: 2000},
		{Name: "a", Label: lang.Text{DE: "Einschätzung", EN: "Assessment"}, Kind: Lines, Max: 2000},
		{Name: "r", Label: lang.Text{DE: "Empfehlung", EN: "Recommendation"}, Kind: Lines, Max: 2000, Need: true, Hint: lang.Text{DE: "Was ist zu tun, bis wann, von wem?", EN: "What is to be done, until when, by whom?"}},
	},
	Says: func(f *Filled, number string) Facts {
		return Facts{f.document(number, "Übergabe (SBAR)", clinical.Nursing, f.sections("s", "b", "a", "r"))}
	},
}

// document is a text that a person wrote.
func (f *Filled) document(number, title string, section clinical.Section, text string) clinical.Document {
	return clinical.Document{
		ID: number, Kind: clinical.Coded{Code: f.Kind, Text: title, System: "Notbetrieb"}, Title: title, Section: section,
		Status: clinical.Final, At: f.At, By: f.By, Media: "text/plain", Text: text,
	}
}

// sections joins the filled fields, each under its label.
func (f *Filled) sections(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		field, _ := f.Field(name)
		if text := f.Label(name); text != "" {
			if b.Len() > 0 {
				b.WriteString("\n")
			}
			b.WriteString(field.Label.DE + ": " + text)
		}
	}
	return b.String()
}
