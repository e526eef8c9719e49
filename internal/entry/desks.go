package entry

import (
	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/lang"
)

// The forms of the places that answer orders. Each has a page of its own; here
// stands what a reader of the entry sees.

// SpecimenArrived says that the laboratory has a specimen in hand.
var SpecimenArrived = &Form{
	Kind: "specimen-arrived", Right: "enter-results", Title: lang.Text{DE: "Probe angekommen", EN: "Specimen arrived"},
	Fields: []Field{{Name: "number", Label: lang.Text{DE: "Auftrag", EN: "Order"}}, {Name: "what", Label: lang.Text{DE: "Was", EN: "What"}}},
}

// Results is the form of laboratory values: a field of each analyte of the
// catalogue, and what belongs to all of them.
func Results(c *catalogue.Catalogue) *Form {
	f := &Form{
		Kind: "lab-results", Right: "enter-results", Title: lang.Text{DE: "Laborwerte", EN: "Laboratory values"},
		Fields: []Field{
			{Name: "number", Label: lang.Text{DE: "Auftrag", EN: "Order"}}, {Name: "act", Label: lang.Text{DE: "Art", EN: "Kind"}},
			{Name: "taken", Label: lang.Text{DE: "Entnommen", EN: "Taken"}},
		},
	}
	for _, a := range c.Analytes {
		f.Fields = append(f.Fields, Field{Name: a.Code, Label: a.Name, Unit: a.Unit})
	}
	f.Fields = append(f.Fields, Field{Name: "more", Label: lang.Text{DE: "Weitere Werte", EN: "Other values"}},
		Field{Name: "comments", Label: lang.Text{DE: "Bemerkungen", EN: "Remarks"}},
		Field{Name: "alone", Label: lang.Text{DE: "Zweitblick durch dieselbe Person, weil", EN: "Second look by the same person because"}})
	return f
}
