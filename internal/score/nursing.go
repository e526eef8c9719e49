package score

import "notbetrieb/internal/lang"

// Braden is the Braden scale for the risk of a pressure ulcer (Bergstrom,
// Braden et al. 1987), for adults. Fewer points are a higher risk. Nil is
// unknown.
type Braden struct {
	Sensory   *int // sensory perception, 1–4
	Moisture  *int // 1–4
	Activity  *int // 1–4
	Mobility  *int // 1–4
	Nutrition *int // 1–4
	Friction  *int // friction and shear, 1–3
}

// Result works out the score, 6 to 23 points. The bands are those of Ayello and
// Braden 2002.
func (b Braden) Result() Result {
	r := Result{Name: lang.Text{DE: "Braden-Skala", EN: "Braden scale"}, Code: loinc("38227-5", "Braden-Skala")}
	r.rated(lang.Text{DE: "Sensorisches Empfindungsvermögen", EN: "Sensory perception"}, b.Sensory, 1, 2, 3, 4)
	r.rated(lang.Text{DE: "Feuchtigkeit", EN: "Moisture"}, b.Moisture, 1, 2, 3, 4)
	r.rated(lang.Text{DE: "Aktivität", EN: "Activity"}, b.Activity, 1, 2, 3, 4)
	r.rated(lang.Text{DE: "Mobilität", EN: "Mobility"}, b.Mobility, 1, 2, 3, 4)
	r.rated(lang.Text{DE: "Ernährung", EN: "Nutrition"}, b.Nutrition, 1, 2, 3, 4)
	r.rated(lang.Text{DE: "Reibung und Scherkräfte", EN: "Friction and shear"}, b.Friction, 1, 2, 3)
	r.noted("Die Skala ergänzt die fachliche Einschätzung. Sie ersetzt sie nicht.", "The scale adds to professional judgement. It does not replace it.")
	r.close()
	if !r.Complete {
		return r
	}
	switch {
	case r.Total <= 9:
		r.Band = lang.Text{DE: "sehr hohes Risiko", EN: "very high risk"}
	case r.Total <= 12:
		r.Band = lang.Text{DE: "hohes Risiko", EN: "high risk"}
	case r.Total <= 14:
		r.Band = lang.Text{DE: "mittleres Risiko", EN: "moderate risk"}
	case r.Total <= 18:
		r.Band = lang.Text{DE: "geringes Risiko", EN: "mild risk"}
	default:
		r.Band = lang.Text{DE: "kein erhöhtes Risiko", EN: "no raised risk"}
		r.Advice = lang.Text{DE: "Bei Änderung des Zustands neu einschätzen.", EN: "Rate again when the condition changes."}
		return r
	}
	r.Advice = lang.Text{DE: "Haut ansehen, Druck entlasten, Lagerung planen, Plan eintragen.", EN: "Look at the skin, relieve pressure, plan positioning, write the plan down."}
	return r
}

// Barthel is the Barthel index of activities of daily living (Mahoney and
// Barthel 1965; steps of the Hamburg manual). Nil is unknown.
type Barthel struct {
	Feeding  *int // 0, 5, 10
	Transfer *int // 0, 5, 10, 15
	Grooming *int // 0, 5
	Toilet   *int // 0, 5, 10
	Bathing  *int // 0, 5
	Walking  *int // 0, 5, 10, 15
	Stairs   *int // 0, 5, 10
	Dressing *int // 0, 5, 10
	Bowels   *int // 0, 5, 10
	Bladder  *int // 0, 5, 10
}

// Result works out the index, 0 to 100 points. The bands are those of
// ICD-10-GM U50.
func (b Barthel) Result() Result {
	r := Result{Name: lang.Text{DE: "Barthel-Index", EN: "Barthel index"}, Code: loinc("96761-2", "Barthel-Index")}
	r.rated(lang.Text{DE: "Essen", EN: "Feeding"}, b.Feeding, 0, 5, 10)
	r.rated(lang.Text{DE: "Aufsetzen und Umsetzen", EN: "Transfer"}, b.Transfer, 0, 5, 10, 15)
	r.rated(lang.Text{DE: "Sich waschen", EN: "Grooming"}, b.Grooming, 0, 5)
	r.rated(lang.Text{DE: "Toilettenbenutzung", EN: "Toilet use"}, b.Toilet, 0, 5, 10)
	r.rated(lang.Text{DE: "Baden oder Duschen", EN: "Bathing"}, b.Bathing, 0, 5)
	r.rated(lang.Text{DE: "Aufstehen und Gehen", EN: "Walking"}, b.Walking, 0, 5, 10, 15)
	r.rated(lang.Text{DE: "Treppensteigen", EN: "Stairs"}, b.Stairs, 0, 5, 10)
	r.rated(lang.Text{DE: "An- und Auskleiden", EN: "Dressing"}, b.Dressing, 0, 5, 10)
	r.rated(lang.Text{DE: "Stuhlkontinenz", EN: "Bowels"}, b.Bowels, 0, 5, 10)
	r.rated(lang.Text{DE: "Harnkontinenz", EN: "Bladder"}, b.Bladder, 0, 5, 10)
	r.close()
	if !r.Complete {
		return r
	}
	switch {
	case r.Total <= 15:
		r.Band = lang.Text{DE: "sehr schwere Einschränkung", EN: "very severe limitation"}
	case r.Total <= 35:
		r.Band = lang.Text{DE: "schwere Einschränkung", EN: "severe limitation"}
	case r.Total <= 55:
		r.Band = lang.Text{DE: "mittelschwere Einschränkung", EN: "moderately severe limitation"}
	case r.Total <= 75:
		r.Band = lang.Text{DE: "mittlere Einschränkung", EN: "moderate limitation"}
	case r.Total <= 95:
		r.Band = lang.Text{DE: "leichte Einschränkung", EN: "mild limitation"}
	default:
		r.Band = lang.Text{DE: "keine oder geringe Einschränkung", EN: "no or slight limitation"}
	}
	return r
}
