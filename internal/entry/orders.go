package entry

import (
	"slices"
	"strings"

	"notbetrieb/internal/catalogue"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// The forms of orders. Signing one draws an order number for each thing that
// needs its own: a tube of the laboratory, the order itself elsewhere.

// Ordering is the kind of the form with which a section is asked; "" if it is
// not asked by a form.
func Ordering(s clinical.Section) string {
	switch s {
	case clinical.Laboratory, clinical.Radiology, clinical.Endoscopy, clinical.Consult, clinical.Transport, clinical.Diet:
		return "order-" + string(s)
	}
	return ""
}

var urgency = Field{Name: "urgency", Label: lang.Text{DE: "Dringlichkeit", EN: "Urgency"}, Kind: Choice, Need: true, Options: []Option{
	{"S", lang.Text{DE: "Notfall, sofort", EN: "stat, now"}}, {"A", lang.Text{DE: "eilig, heute", EN: "urgent, today"}}, {"R", lang.Text{DE: "Routine", EN: "routine"}},
}}

var (
	wanted     = Field{Name: "wanted", Label: lang.Text{DE: "Gewünscht um", EN: "Wanted at"}, Kind: Coming, Hint: lang.Text{DE: "14:00, morgen 08:00 oder 24.11. 08:00; leer: sobald möglich", EN: "14:00, tomorrow 08:00 or 24.11. 08:00; empty: as soon as possible"}}
	callback   = Field{Name: "phone", Label: lang.Text{DE: "Telefon für Rückfragen", EN: "Phone for questions"}, Kind: Line, Max: 40}
	isolated   = Field{Name: "isolation", Label: lang.Text{DE: "Isolation, Infektion", EN: "Isolation, infection"}, Kind: Line, Max: 100}
	question   = Field{Name: "question", Label: lang.Text{DE: "Klinische Frage", EN: "Clinical question"}, Kind: Lines, Need: true, Max: 2000}
	howMoved   = Field{Name: "mobility", Label: lang.Text{DE: "Beweglichkeit", EN: "Mobility"}, Kind: Choice, Options: []Option{{"walks", lang.Text{DE: "gehfähig", EN: "walks"}}, {"chair", lang.Text{DE: "Rollstuhl", EN: "wheelchair"}}, {"bed", lang.Text{DE: "Bett", EN: "bed"}}, {"bedside", lang.Text{DE: "nicht transportfähig, am Bett", EN: "not transportable, at the bed"}}}}
	yesNoMaybe = []Option{{"no", lang.Text{DE: "nein", EN: "no"}}, {"yes", lang.Text{DE: "ja", EN: "yes"}}, {"unknown", lang.Text{DE: "nicht bekannt", EN: "not known"}}}
)

// OneOrder is the slot of a form that makes one order.
const OneOrder = ""

func oneOrder(*Filled) []string { return []string{OneOrder} }

// order is the order that a form makes under the number of a slot.
func (f *Filled) order(slot string, section clinical.Section, what clinical.Coded, question string) clinical.Order {
	return clinical.Order{
		Placer: f.Numbers[slot], What: what, Section: section, Status: clinical.Ordered, Priority: f.Text("urgency"),
		Requested: f.At, Due: f.Time("wanted"), By: f.By, Question: question,
	}
}

// tick is the field of a profile or analyte on the laboratory's form.
func tick(code string) string { return "x." + code }

// LaboratoryOrder is the form that orders from the laboratory's catalogue. Each
// kind of specimen becomes an order of its own with a number of its own: that
// of the tube.
func LaboratoryOrder(c *catalogue.Catalogue) *Form {
	f := &Form{
		Kind: Ordering(clinical.Laboratory), Right: "place-orders", Title: lang.Text{DE: "Labor anfordern", EN: "Order laboratory tests"},
		Fields: []Field{urgency},
	}
	for _, p := range c.Profiles {
		f.Fields = append(f.Fields, Field{Name: tick(p.Code), Label: p.Name, Kind: Check, Group: "Profile"})
	}
	for _, a := range c.Analytes {
		f.Fields = append(f.Fields, Field{Name: tick(a.Code), Label: a.Name, Kind: Check, Group: a.Group})
	}
	const end = "Probe und Frage"
	f.Fields = append(f.Fields,
		Field{Name: "more", Label: lang.Text{DE: "Weitere Untersuchungen", EN: "Other tests"}, Kind: Line, Group: end, Hint: lang.Text{DE: "was oben fehlt, mit Material", EN: "what is missing above, with the specimen"}},
		Field{Name: "taken", Label: lang.Text{DE: "Entnommen um", EN: "Taken at"}, Kind: Moment, Group: end, Hint: lang.Text{DE: "leer: noch nicht entnommen", EN: "empty: not taken yet"}},
		Field{Name: "taker", Label: lang.Text{DE: "Entnommen von", EN: "Taken by"}, Kind: Line, Max: 80, Group: end},
		Field{Name: "wanted", Label: lang.Text{DE: "Entnahme geplant um", EN: "To be taken at"}, Kind: Coming, Hint: wanted.Hint, Group: end},
		Field{Name: "question", Label: question.Label, Kind: Lines, Max: 2000, Group: end},
		Field{Name: "phone", Label: callback.Label, Kind: Line, Max: 40, Group: end},
	)
	f.Rules = func(f *Filled) []Mistake {
		if len(tubes(f, c)) == 0 {
			return []Mistake{{Say: lang.Text{DE: "Es ist keine Untersuchung angekreuzt. Es wurde nichts angefordert.", EN: "No test is ticked. Nothing was ordered."}}}
		}
		if t := f.Time("taken"); t.After(f.Now) {
			return []Mistake{{Field: "taken", Say: lang.Text{DE: "Die Entnahme liegt in der Zukunft.", EN: "The specimen was taken in the future."}}}
		}
		return nil
	}
	f.Slots = func(f *Filled) []string {
		var out []string
		for _, t := range tubes(f, c) {
			out = append(out, t.specimen)
		}
		return out
	}
	f.Says = func(f *Filled, _ string) Facts { return laboratoryOrders(f, c) }
	return f
}

// tube is one specimen with what is asked of it.
type tube struct {
	specimen string
	parts    []clinical.Coded
}

// otherSpecimen is what is ordered in words, whatever it is measured in.
const otherSpecimen = "anderes Material"

// tubes sorts what is ticked by specimen, in the catalogue's order. A profile
// whose analytes are all in one tube stays one word; an analyte that a ticked
// profile holds is not asked for twice.
func tubes(f *Filled, c *catalogue.Catalogue) []tube {
	var out []tube
	seen := map[string]bool{}
	add := func(specimen string, what clinical.Coded) {
		i := slices.IndexFunc(out, func(t tube) bool { return t.specimen == specimen })
		if i < 0 {
			i = len(out)
			out = append(out, tube{specimen: specimen})
		}
		out[i].parts = append(out[i].parts, what)
	}
	coded := func(code, text string) clinical.Coded {
		return clinical.Coded{Code: code, Text: text, System: "Notbetrieb"}
	}
	for _, p := range c.Profiles {
		if !f.Has(tick(p.Code)) {
			continue
		}
		one := !slices.ContainsFunc(p.Analytes, func(a *catalogue.Analyte) bool { return a.Specimen != p.Analytes[0].Specimen })
		if one {
			add(p.Analytes[0].Specimen, coded(p.Code, p.Name.DE))
		}
		for _, a := range p.Analytes {
			if !one && !seen[a.Code] {
				add(a.Specimen, coded(a.Code, a.Name.DE))
			}
			seen[a.Code] = true
		}
	}
	for _, a := range c.Analytes {
		if f.Has(tick(a.Code)) && !seen[a.Code] {
			add(a.Specimen, coded(a.Code, a.Name.DE))
		}
	}
	if text := f.Text("more"); text != "" {
		add(otherSpecimen, coded("", text))
	}
	return out
}

func laboratoryOrders(f *Filled, c *catalogue.Catalogue) Facts {
	var out Facts
	for _, t := range tubes(f, c) {
		var words []string
		section := clinical.Laboratory
		for _, p := range t.parts {
			words = append(words, p.Text)
			if a := c.Of(p.Code); len(a) > 0 {
				section = a[0].Section
			}
		}
		what := clinical.Coded{Text: strings.Join(words, ", ")}
		if len(t.parts) == 1 {
			what = t.parts[0]
		}
		o := f.order(t.specimen, section, what, f.sections("question", "taker", "phone"))
		o.Parts, o.Specimen, o.Taken = t.parts, c.Specimen(t.specimen).Name.DE, f.Time("taken")
		out = append(out, o)
	}
	return out
}

var radiologyMethods = []Option{
	{"CR", lang.Text{DE: "Röntgen", EN: "X-ray"}}, {"CT", lang.Text{DE: "CT", EN: "CT"}}, {"MR", lang.Text{DE: "MRT", EN: "MRI"}},
	{"US", lang.Text{DE: "Sonographie", EN: "ultrasound"}}, {"RF", lang.Text{DE: "Durchleuchtung", EN: "fluoroscopy"}},
	{"XA", lang.Text{DE: "Angiographie, Intervention", EN: "angiography, intervention"}}, {"NM", lang.Text{DE: "Szintigraphie", EN: "scintigraphy"}},
}

var orderRadiology = &Form{
	Kind: Ordering(clinical.Radiology), Right: "place-orders", Title: lang.Text{DE: "Radiologie anfordern", EN: "Order imaging"},
	Fields: []Field{
		urgency,
		{Name: "method", Label: lang.Text{DE: "Verfahren", EN: "Method"}, Kind: Choice, Need: true, Options: radiologyMethods},
		{Name: "region", Label: lang.Text{DE: "Region, Seite", EN: "Region, side"}, Kind: Line, Need: true, Max: 120},
		question, wanted,
		{Name: "pregnant", Label: lang.Text{DE: "Schwangerschaft", EN: "Pregnancy"}, Kind: Choice, Options: append(slices.Clone(yesNoMaybe), Option{"none", lang.Text{DE: "entfällt", EN: "does not apply"}}), Group: "Sicherheit"},
		{Name: "contrast", Label: lang.Text{DE: "Reaktion auf Kontrastmittel", EN: "Reaction to contrast agent"}, Kind: Choice, Options: yesNoMaybe, Group: "Sicherheit"},
		{Name: "kidney", Label: lang.Text{DE: "Niere, Schilddrüse, Metformin", EN: "Kidney, thyroid, metformin"}, Kind: Line, Group: "Sicherheit", Hint: lang.Text{DE: "Kreatinin oder eGFR, Dialyse, Hyperthyreose", EN: "creatinine or eGFR, dialysis, hyperthyroidism"}},
		{Name: "implants", Label: lang.Text{DE: "Schrittmacher, Implantate, Metall", EN: "Pacemaker, implants, metal"}, Kind: Choice, Options: yesNoMaybe, Group: "Sicherheit"},
		{Name: "which", Label: lang.Text{DE: "Welche", EN: "Which"}, Kind: Line, Group: "Sicherheit"},
		{Name: "mobility", Label: howMoved.Label, Kind: Choice, Options: howMoved.Options, Group: "Weg"},
		{Name: "isolation", Label: isolated.Label, Kind: Line, Max: 100, Group: "Weg"},
		{Name: "phone", Label: callback.Label, Kind: Line, Max: 40, Group: "Weg"},
	},
	Slots: oneOrder,
	Rules: imagingSafety,
	Says: func(f *Filled, _ string) Facts {
		what := clinical.Coded{Code: f.Text("method"), Text: f.Label("method") + " " + f.Text("region"), System: "DCM"}
		return Facts{f.order(OneOrder, clinical.Radiology, what, f.sections("question", "pregnant", "contrast", "kidney", "implants", "which", "mobility", "isolation", "phone"))}
	},
}

// imagingSafety asks what can harm: radiation in pregnancy, contrast agents,
// metal in the magnet.
func imagingSafety(f *Filled) []Mistake {
	var out []Mistake
	method := f.Text("method")
	need := func(name string) {
		field, _ := f.Field(name)
		if f.Text(name) == "" {
			out = append(out, Mistake{Field: name, Say: lang.Text{
				DE: field.Label.DE + ": Für " + f.Label("method") + " wird eine Antwort gebraucht.", EN: field.Label.EN + ": an answer is needed for this method.",
			}})
		}
	}
	ask := func(name, de, en string) {
		out = append(out, Mistake{Field: name, Sure: name + "=" + f.Text(name) + method, Say: lang.Text{DE: de, EN: en}})
	}
	years, known := f.Years()
	child := f.Sex != clinical.Male && (!known || years >= 10 && years <= 55)
	switch method {
	case "CR", "CT", "RF", "XA", "NM":
		if child {
			need("pregnant")
		}
		if f.Pregnant || f.Text("pregnant") == "yes" || f.Text("pregnant") == "unknown" && child {
			ask("pregnant", "Strahlung bei möglicher Schwangerschaft. Ist das mit der Radiologie besprochen?", "Radiation in possible pregnancy. Has this been discussed with radiology?")
		}
	}
	switch method {
	case "CT", "MR", "XA":
		need("contrast")
		if f.Text("contrast") == "yes" {
			ask("contrast", "Reaktion auf Kontrastmittel ist bekannt. Ist das mit der Radiologie besprochen?", "A reaction to contrast agent is known. Has this been discussed with radiology?")
		}
	}
	if method == "MR" {
		need("implants")
		if f.Text("implants") == "yes" && f.Text("which") == "" {
			out = append(out, Mistake{Field: "which", Say: lang.Text{DE: "Bitte sagen, welches Implantat. Ohne das darf niemand in den Magneten.", EN: "Please say which implant. Without it nobody may enter the magnet."}})
		}
		if f.Text("implants") == "unknown" {
			ask("implants", "Implantate sind nicht bekannt. Vor dem MRT muss das geklärt sein. Trotzdem anfordern?", "Implants are not known. This must be settled before the MRI. Order all the same?")
		}
	}
	return out
}

var orderEndoscopy = &Form{
	Kind: Ordering(clinical.Endoscopy), Right: "place-orders", Title: lang.Text{DE: "Endoskopie anfordern", EN: "Order endoscopy"},
	Fields: []Field{
		urgency,
		{Name: "method", Label: lang.Text{DE: "Untersuchung", EN: "Examination"}, Kind: Choice, Need: true, Options: []Option{
			{"OGD", lang.Text{DE: "Gastroskopie", EN: "gastroscopy"}}, {"COL", lang.Text{DE: "Koloskopie", EN: "colonoscopy"}}, {"ERCP", lang.Text{DE: "ERCP", EN: "ERCP"}},
			{"EUS", lang.Text{DE: "Endosonographie", EN: "endosonography"}}, {"BRO", lang.Text{DE: "Bronchoskopie", EN: "bronchoscopy"}}, {"OTH", lang.Text{DE: "andere (in der Frage nennen)", EN: "other (name it in the question)"}},
		}},
		question, wanted,
		{Name: "anticoagulant", Label: lang.Text{DE: "Blutverdünnung, letzte Gabe", EN: "Anticoagulants, last dose"}, Kind: Line, Need: true, Hint: lang.Text{DE: "oder: keine", EN: "or: none"}, Group: "Sicherheit"},
		{Name: "fasting", Label: lang.Text{DE: "Nüchtern seit", EN: "Fasting since"}, Kind: Line, Max: 60, Group: "Sicherheit"},
		{Name: "consent", Label: lang.Text{DE: "Einwilligung liegt vor", EN: "Consent is there"}, Kind: Check, Group: "Sicherheit"},
		{Name: "mobility", Label: howMoved.Label, Kind: Choice, Options: howMoved.Options, Group: "Weg"},
		{Name: "isolation", Label: isolated.Label, Kind: Line, Max: 100, Group: "Weg"},
		{Name: "phone", Label: callback.Label, Kind: Line, Max: 40, Group: "Weg"},
	},
	Slots: oneOrder,
	Says: func(f *Filled, _ string) Facts {
		text := f.sections("question", "anticoagulant", "fasting", "mobility", "isolation", "phone")
		if f.Has("consent") {
			text += "\nEinwilligung liegt vor"
		}
		return Facts{f.order(OneOrder, clinical.Endoscopy, clinical.Coded{Code: f.Text("method"), Text: f.Label("method")}, text)}
	},
}

var orderConsult = &Form{
	Kind: Ordering(clinical.Consult), Right: "place-orders", Title: lang.Text{DE: "Konsil anfordern", EN: "Ask for a consult"},
	Fields: []Field{
		urgency,
		{Name: "discipline", Label: lang.Text{DE: "Fach", EN: "Discipline"}, Kind: Line, Need: true, Max: 80, Hint: lang.Text{DE: "Kardiologie, Neurologie, Chirurgie …", EN: "cardiology, neurology, surgery …"}},
		question, wanted, callback, isolated,
	},
	Slots: oneOrder,
	Says: func(f *Filled, _ string) Facts {
		return Facts{f.order(OneOrder, clinical.Consult, clinical.Coded{Text: "Konsil " + f.Text("discipline")}, f.sections("question", "phone", "isolation"))}
	},
}

var orderTransport = &Form{
	Kind: Ordering(clinical.Transport), Right: "place-orders", Title: lang.Text{DE: "Transport anfordern", EN: "Order a transport"},
	Fields: []Field{
		urgency,
		{Name: "from", Label: lang.Text{DE: "Von", EN: "From"}, Kind: Line, Need: true, Max: 80},
		{Name: "to", Label: lang.Text{DE: "Nach", EN: "To"}, Kind: Line, Need: true, Max: 80},
		wanted,
		{Name: "mobility", Label: howMoved.Label, Kind: Choice, Need: true, Options: howMoved.Options[:3]},
		{Name: "oxygen", Label: lang.Text{DE: "Sauerstoff", EN: "Oxygen"}, Unit: "l/min", Digits: 1, Low: 0, High: 30, Hint: lang.Text{DE: "leer: keiner", EN: "empty: none"}},
		{Name: "escort", Label: lang.Text{DE: "Begleitung", EN: "Escort"}, Kind: Choice, Options: []Option{
			{"none", lang.Text{DE: "keine", EN: "none"}}, {"nurse", lang.Text{DE: "Pflege", EN: "nurse"}}, {"monitor", lang.Text{DE: "Pflege mit Monitor", EN: "nurse with monitor"}}, {"physician", lang.Text{DE: "Arzt und Monitor", EN: "physician and monitor"}},
		}},
		isolated,
		{Name: "note", Label: lang.Text{DE: "Bemerkung", EN: "Remark"}, Kind: Line},
	},
	Slots: oneOrder,
	Says: func(f *Filled, _ string) Facts {
		text := f.sections("mobility", "escort", "isolation", "note")
		if v, ok := f.Num("oxygen"); ok {
			text += "\nSauerstoff: " + Comma(v, 1) + " l/min"
		}
		return Facts{f.order(OneOrder, clinical.Transport, clinical.Coded{Text: "Transport " + f.Text("from") + " → " + f.Text("to")}, text)}
	},
}

var orderDiet = &Form{
	Kind: Ordering(clinical.Diet), Right: "place-orders", Title: lang.Text{DE: "Kost anfordern", EN: "Order a diet"},
	Fields: []Field{
		{Name: "form", Label: lang.Text{DE: "Kostform", EN: "Diet"}, Kind: Choice, Need: true, Options: []Option{
			{"normal", lang.Text{DE: "Vollkost", EN: "normal"}}, {"light", lang.Text{DE: "leichte Kost", EN: "light"}}, {"soft", lang.Text{DE: "weich, passiert", EN: "soft, strained"}},
			{"liquid", lang.Text{DE: "flüssig", EN: "liquid"}}, {"tea", lang.Text{DE: "nur Tee, Wasser", EN: "tea, water only"}}, {"nil", lang.Text{DE: "nüchtern", EN: "nil by mouth"}}, {"tube", lang.Text{DE: "Sondenkost", EN: "tube feeding"}},
		}},
		{Name: "restrictions", Label: lang.Text{DE: "Einschränkungen, Unverträglichkeiten", EN: "Restrictions, intolerances"}, Kind: Line, Hint: lang.Text{DE: "Diabetes, glutenfrei, kein Schwein, angedickt …", EN: "diabetes, gluten free, no pork, thickened …"}},
		{Name: "wanted", Label: lang.Text{DE: "Ab", EN: "From"}, Kind: Coming, Hint: lang.Text{DE: "leer: ab sofort", EN: "empty: from now"}},
		{Name: "note", Label: lang.Text{DE: "Bemerkung", EN: "Remark"}, Kind: Line},
	},
	Slots: oneOrder,
	Says: func(f *Filled, _ string) Facts {
		return Facts{f.order(OneOrder, clinical.Diet, clinical.Coded{Code: f.Text("form"), Text: f.Label("form")}, f.sections("restrictions", "note"))}
	},
}

// Slot returns the slot under which an order of the form has its number.
func (f *Form) Slot(o clinical.Order, c *catalogue.Catalogue) string {
	if f.Kind != Ordering(clinical.Laboratory) {
		return OneOrder
	}
	for _, s := range c.Specimens {
		if s.Name.DE == o.Specimen {
			return s.ID
		}
	}
	return o.Specimen
}
