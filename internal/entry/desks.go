package entry

import (
	"strings"

	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/clinical"
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

// TakenNote says that a named person knows of a critical result.
var TakenNote = &Form{
	Kind: "notice", Right: "see-results", Title: lang.Text{DE: "Kenntnis eines kritischen Wertes", EN: "Note of a critical value"},
	Fields: []Field{
		{Name: "what", Label: lang.Text{DE: "Wert", EN: "Value"}}, {Name: "told", Label: lang.Text{DE: "Telefonisch mitgeteilt an", EN: "Told by telephone"}},
		{Name: "readback", Label: lang.Text{DE: "Zurückgelesen", EN: "Read back"}, Kind: Check}, {Name: "did", Label: lang.Text{DE: "Was folgt daraus", EN: "What follows"}},
	},
}

// PhoneResult takes a value that somebody said on the telephone. It is
// preliminary, and it is taken only after it was read back.
func PhoneResult(c *catalogue.Catalogue) *Form {
	f := &Form{
		Kind: "phone-result", Right: "write-nursing", Title: lang.Text{DE: "Befund am Telefon", EN: "Result by telephone"},
		Fields: []Field{
			{Name: "from", Label: lang.Text{DE: "Von wem (Name, Stelle)", EN: "From whom (name, place)"}, Kind: Line, Need: true, Max: 100},
			{Name: "what", Label: lang.Text{DE: "Untersuchung", EN: "Test"}, Kind: Line, Need: true, Max: 80, Hint: lang.Text{DE: "Kalium, Hämoglobin, Troponin …", EN: "potassium, haemoglobin, troponin …"}},
			{Name: "value", Label: lang.Text{DE: "Wert", EN: "Value"}, Kind: Line, Need: true, Max: 200},
			{Name: "unit", Label: lang.Text{DE: "Einheit", EN: "Unit"}, Kind: Line, Max: 20},
			{Name: "urgent", Label: lang.Text{DE: "Als kritisch gemeldet", EN: "Reported as critical"}, Kind: Check},
			{Name: "readback", Label: lang.Text{DE: "Name, Untersuchung und Wert zurückgelesen und bestätigt", EN: "Name, test and value read back and confirmed"}, Kind: Check},
		},
	}
	f.Rules = func(f *Filled) []Mistake { _, wrong := phoned(f, c, ""); return wrong }
	f.Says = func(f *Filled, number string) Facts {
		r, _ := phoned(f, c, number)
		out := Facts{r}
		if r.Critical() { // whoever wrote it down knows
			out = append(out, clinical.Notice{Result: r.Key(), By: f.By, At: f.At, Phone: true})
		}
		return out
	}
	return f
}

// phoned is the result that was said, and what is wrong with it.
func phoned(f *Filled, c *catalogue.Catalogue, number string) (clinical.Result, []Mistake) {
	var wrong []Mistake
	bad := func(field, de, en string) {
		wrong = append(wrong, Mistake{Field: field, Say: lang.Text{DE: de, EN: en}})
	}
	if !f.Has("readback") {
		bad("readback", "Bitte zurücklesen und bestätigen lassen, dann ankreuzen.", "Please read it back and have it confirmed, then tick.")
	}
	unit, known := c.Unit(f.Text("unit"))
	if !known && f.Text("unit") != "" {
		bad("unit", "Die Einheit „"+f.Text("unit")+"“ ist nicht bekannt. Bitte nachfragen, zum Beispiel mmol/l.", "The unit “"+f.Text("unit")+"” is not known. Please ask again, mmol/l for example.")
	}
	r := clinical.Result{
		Filler: number, SubID: "phone", Section: clinical.Laboratory, Code: clinical.Coded{Text: f.Text("what")}, Value: f.Text("value"), Unit: unit,
		Status: clinical.Preliminary, At: f.At, By: f.By, Comment: "Telefonisch von " + f.Text("from") + ", zurückgelesen",
	}
	text := r.Value
	for _, sign := range []string{"<", ">"} {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			r.Comparator, text = sign, rest
		}
	}
	if v, ok := ParseNumber(text); ok {
		r.Number = &v
	}
	a := c.Analyte(f.Text("what"))
	if a == nil {
		if f.Has("urgent") {
			r.Flags = []string{"AA"}
		}
		return r, wrong
	}
	r.Code, r.Section, r.Group, r.Sort = clinical.Coded{Code: a.LOINC, Text: a.Name.DE, System: "LN"}, a.Section, a.Group, a.Sort
	switch {
	case a.Words:
	case r.Number == nil:
		bad("value", a.Name.DE+": keine Zahl. So: 4,2 oder <0,3.", a.Name.EN+": no number. Like this: 4.2 or <0.3.")
	case unit != a.Unit:
		bad("unit", a.Name.DE+" wird hier in "+a.Unit+" angegeben. Bitte nachfragen.", a.Name.EN+" is given in "+a.Unit+" here. Please ask again.")
	default:
		wrong = append(wrong, f.phonedNumber(a, &r)...)
	}
	if f.Has("urgent") && !r.Critical() {
		r.Flags = append(r.Flags, "AA")
	}
	return r, wrong
}

// phonedNumber judges a number by the catalogue.
func (f *Filled) phonedNumber(a *catalogue.Analyte, r *clinical.Result) []Mistake {
	switch a.Plausible(*r.Number) {
	case catalogue.Impossible:
		return []Mistake{{Field: "value", Say: lang.Text{DE: a.Name.DE + ": " + r.Value + " " + r.Unit + " kann nicht sein. Bitte noch einmal zurücklesen.", EN: a.Name.EN + ": " + r.Value + " " + r.Unit + " cannot be. Please read it back again."}}}
	case catalogue.Unusual:
		return []Mistake{{Field: "value", Sure: "value=" + r.Value, Say: lang.Text{DE: a.Name.DE + ": " + r.Value + " " + r.Unit + " ist ungewöhnlich. Stimmt der Wert?", EN: a.Name.EN + ": " + r.Value + " " + r.Unit + " is unusual. Is the value right?"}}}
	case catalogue.Fine:
	}
	years, known := f.Years()
	p := catalogue.Person{Years: years, Known: known, Sex: f.Sex}
	if ref, ok := a.Range(p); ok {
		r.Low, r.High, r.Range = ref.Low, ref.High, ref.Text(a.Digits)
	}
	if flag := a.Flag(*r.Number, r.Comparator, p); flag != "" {
		r.Flags = []string{flag}
	}
	return nil
}

// Finding is the answer of radiology, endoscopy or a consulted physician to an
// order.
var Finding = &Form{
	Kind: "finding", Right: "report-findings", Title: lang.Text{DE: "Befund", EN: "Finding"},
	Fields: []Field{
		{Name: "method", Label: lang.Text{DE: "Technik, Verfahren", EN: "Technique"}, Kind: Lines, Max: 2000},
		{Name: "finding", Label: lang.Text{DE: "Befund", EN: "Finding"}, Kind: Lines, Need: true, Max: 20000},
		{Name: "judgement", Label: lang.Text{DE: "Beurteilung", EN: "Judgement"}, Kind: Lines, Need: true, Max: 4000},
		{Name: "state", Label: lang.Text{DE: "Stand", EN: "Status"}, Kind: Choice, Need: true, Options: []Option{
			{string(clinical.Preliminary), lang.Text{DE: "vorläufig", EN: "preliminary"}}, {string(clinical.Final), lang.Text{DE: "endgültig", EN: "final"}},
		}},
		{Name: "critical", Label: lang.Text{DE: "Kritischer Befund: die Station muss sofort davon wissen", EN: "Critical finding: the ward must know at once"}, Kind: Check},
	},
}

// Reported are the facts of a finding that answers an order. A critical one is
// also a result that waits until a named person took note of it; alarmed says
// that an earlier version of the finding was critical.
func Reported(f *Filled, o clinical.Order, corrects, alarmed bool) Facts {
	number := o.Placer
	if number == "" {
		number = o.Filler
	}
	d := f.document(FindingID(number), "Befund: "+o.What.Label(), o.Section, f.sections("method", "finding", "judgement"))
	d.Placer, d.Filler, d.Status = o.Placer, o.Filler, clinical.ResultStatus(f.Text("state"))
	if corrects && d.Status == clinical.Final {
		d.Status = clinical.Corrected
	}
	out := Facts{d}
	if f.Has("critical") || alarmed {
		r := clinical.Result{
			Placer: o.Placer, Filler: o.Filler, SubID: "critical", Section: o.Section, Code: clinical.Coded{Code: "KRITISCH", Text: "Kritischer Befund", System: "Notbetrieb"},
			Value: f.Text("judgement"), Flags: []string{"AA"}, Status: clinical.Final, At: f.At, By: f.By,
		}
		if !f.Has("critical") {
			r.Status = clinical.Withdrawn
		}
		out = append(out, r)
	}
	status := clinical.Completed
	if d.Status == clinical.Preliminary {
		status = clinical.PartResult
	}
	return append(out, clinical.Progress{Placer: o.Placer, Filler: o.Filler, Status: status})
}

// FindingID names the finding of an order: each version supersedes the one
// before.
func FindingID(number string) string { return "NB/" + number }
