package entry

import (
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

func loinc(code, text string) clinical.Coded {
	return clinical.Coded{Code: code, Text: text, System: "LN"}
}

// own is a code for what has none elsewhere that we are sure of.
func own(code, text string) clinical.Coded {
	return clinical.Coded{Code: code, Text: text, System: "Notbetrieb"}
}

// vitals is the form a ward fills in most: limits are those of a living person
// at any age, the usual ones those at which a nurse would measure again.
var vitals = &Form{
	Kind: "vitals", Right: "write-nursing",
	Title: lang.Text{DE: "Vitalwerte", EN: "Vital signs"},
	Fields: []Field{
		{Name: "bp", Label: lang.Text{DE: "Blutdruck", EN: "Blood pressure"}, Kind: Pressure, Unit: "mmHg", Low: 20, High: 320, Usual: [2]float64{60, 240}},
		{Name: "pulse", Label: lang.Text{DE: "Puls", EN: "Pulse"}, Unit: "/min", Low: 0, High: 350, Usual: [2]float64{30, 200}, Code: loinc("8867-4", "Puls")},
		{Name: "temp", Label: lang.Text{DE: "Temperatur", EN: "Temperature"}, Unit: "°C", Digits: 1, Low: 20, High: 45, Usual: [2]float64{34, 41.5}, Code: loinc("8310-5", "Temperatur")},
		{Name: "resp", Label: lang.Text{DE: "Atemfrequenz", EN: "Respiration"}, Unit: "/min", Low: 0, High: 120, Usual: [2]float64{6, 60}, Code: loinc("9279-1", "Atemfrequenz")},
		{Name: "spo2", Label: lang.Text{DE: "SpO₂", EN: "SpO₂"}, Unit: "%", Low: 20, High: 100, Usual: [2]float64{75, 100}, Code: loinc("59408-5", "SpO₂")},
		{Name: "o2", Label: lang.Text{DE: "Sauerstoff", EN: "Oxygen"}, Unit: "l/min", Digits: 1, Low: 0, High: 100, Usual: [2]float64{0, 15}, Code: loinc("3151-8", "Sauerstoffgabe"), Hint: lang.Text{DE: "leer: nicht erhoben, 0: Raumluft", EN: "empty: not taken, 0: room air"}},
		{Name: "acvpu", Label: lang.Text{DE: "Bewusstsein", EN: "Consciousness"}, Kind: Choice, Code: loinc("80288-4", "Bewusstsein"), Options: []Option{
			{"A", lang.Text{DE: "wach", EN: "alert"}}, {"C", lang.Text{DE: "neu verwirrt", EN: "new confusion"}},
			{"V", lang.Text{DE: "reagiert auf Ansprache", EN: "responds to voice"}},
			{"P", lang.Text{DE: "reagiert auf Schmerz", EN: "responds to pain"}}, {"U", lang.Text{DE: "reagiert nicht", EN: "unresponsive"}},
		}},
		{Name: "pain", Label: lang.Text{DE: "Schmerz (NRS)", EN: "Pain (NRS)"}, Low: 0, High: 10, Hint: lang.Text{DE: "0 bis 10", EN: "0 to 10"}, Code: loinc("72514-3", "Schmerz (NRS)")},
		{Name: "weight", Label: lang.Text{DE: "Gewicht", EN: "Weight"}, Unit: "kg", Digits: 3, Low: 0.2, High: 500, Usual: [2]float64{0.4, 250}, Code: loinc("29463-7", "Gewicht")},
		{Name: "scale2", Label: lang.Text{DE: "SpO₂-Skala 2 (ärztlich angeordnet, Ziel 88–92 %)", EN: "SpO₂ scale 2 (ordered by a physician, target 88–92 %)"}, Kind: Check},
		{Name: "note", Label: lang.Text{DE: "Bemerkung", EN: "Remark"}, Kind: Line},
	},
	scores: news2,
	Rules: func(f *Filled) []Mistake {
		for i := range f.Fields {
			if name := f.Fields[i].Name; name != "scale2" && name != "note" && f.Text(name) != "" {
				return nil
			}
		}
		return []Mistake{{Say: lang.Text{DE: "Es ist kein Wert eingetragen. Es wurde nichts gespeichert.", EN: "There is no value. Nothing was stored."}}}
	},
	Says: func(f *Filled, number string) Facts {
		out := append(f.observations(number, clinical.Vitals), f.scoreFacts(number)...)
		if up, ok := f.Num("bp"); ok {
			r := f.observation(number, clinical.Vitals, "bp.s", loinc("8480-6", "RR systolisch"), up, "mmHg", 0)
			out = append(out, r)
			if down, ok := f.Num("bp/"); ok {
				out = append(out, f.observation(number, clinical.Vitals, "bp.d", loinc("8462-4", "RR diastolisch"), down, "mmHg", 0))
			}
		}
		return out
	},
}

// observations turns every filled field with a code into a result.
func (f *Filled) observations(number string, section clinical.Section) Facts {
	var out Facts
	for i := range f.Fields {
		field := &f.Fields[i]
		if field.Code.Zero() || f.Text(field.Name) == "" {
			continue
		}
		if v, ok := f.Num(field.Name); ok {
			out = append(out, f.observation(number, section, field.Name, field.Code, v, field.Unit, field.Digits))
			continue
		}
		r := clinical.Result{
			Filler: number, SubID: field.Name, Code: field.Code, Section: section, Value: f.Label(field.Name),
			Status: clinical.Final, At: f.At, By: f.By, Comment: f.Text("note"),
		}
		if field.Name == "acvpu" && f.Text("acvpu") != "A" {
			r.Flags = []string{"A"}
		}
		out = append(out, r)
	}
	return out
}

// observation is one measured number.
func (f *Filled) observation(number string, section clinical.Section, sub string, code clinical.Coded, v float64, unit string, digits int) clinical.Result {
	r := clinical.Result{
		Filler: number, SubID: sub, Code: code, Section: section, Value: Comma(v, digits), Number: &v, Unit: unit,
		Status: clinical.Final, At: f.At, By: f.By, Comment: f.Text("note"),
	}
	r.Low, r.High = f.normal(code.Code)
	switch {
	case r.Below():
		r.Flags = []string{"L"}
	case r.Above():
		r.Flags = []string{"H"}
	}
	return r
}

// normal is the range outside of which a value is marked on ward lists: pain
// above 3 at any age, the others for adults only: those of children change with
// every year.
func (f *Filled) normal(code string) (low, high *float64) {
	if code == "72514-3" {
		none, bearable := 0.0, 3.0
		return &none, &bearable
	}
	years, ok := f.Years()
	if !ok || years < 16 {
		return nil, nil
	}
	span := func(l, h float64) (*float64, *float64) { return &l, &h }
	switch code {
	case "8480-6":
		return span(100, 180)
	case "8867-4":
		return span(50, 110)
	case "8310-5":
		return span(35.5, 38)
	case "9279-1":
		return span(10, 22)
	case "59408-5":
		return span(92, 100)
	}
	return nil, nil
}
