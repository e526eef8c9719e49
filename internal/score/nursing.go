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
