package score

import "notbetrieb/internal/lang"

// Answer is a yes or no that may be unknown.
type Answer uint8

const (
	AnswerUnknown Answer = iota
	No
	Yes
)

// asked adds a yes-or-no part: one point for yes.
func (r *Result) asked(label lang.Text, a Answer) {
	i := Item{Label: label}
	switch a {
	case Yes:
		i.Known, i.Points, i.Value = true, 1, lang.Text{DE: "ja", EN: "yes"}
	case No:
		i.Known, i.Value = true, lang.Text{DE: "nein", EN: "no"}
	case AnswerUnknown:
	}
	r.add(i, lang.Text{})
}

// when is a point for a value that holds a condition.
func when(holds func(float64) bool) func(float64) int {
	return func(v float64) int {
		if holds(v) {
			return 1
		}
		return 0
	}
}

// QSOFA is the quick SOFA of adults with a suspected infection (Sepsis-3,
// Singer et al. 2016). Nil and zero are unknown.
type QSOFA struct {
	RespRate *float64 // breaths per minute
	Systolic *float64 // mmHg
	Altered  Answer   // altered mentation: Glasgow Coma Scale under 15
}

// Result works out the score, 0 to 3 points.
func (q QSOFA) Result() Result {
	r := Result{Name: lang.Text{DE: "qSOFA", EN: "qSOFA"}, Code: loinc("96791-9", "qSOFA")}
	r.measured(measure{lang.Text{DE: "Atemfrequenz ab 22", EN: "Respiration rate 22 or more"}, loinc("9279-1", "Atemfrequenz"), "/min", 0, 100,
		when(func(v float64) bool { return v >= 22 })}, q.RespRate)
	r.measured(measure{lang.Text{DE: "Blutdruck systolisch bis 100", EN: "Systolic blood pressure 100 or less"}, loinc("8480-6", "Blutdruck systolisch"), "mmHg", 0, 350,
		when(func(v float64) bool { return v <= 100 })}, q.Systolic)
	r.asked(lang.Text{DE: "Bewusstsein verändert (GCS unter 15)", EN: "Altered mentation (GCS under 15)"}, q.Altered)
	r.noted("Weniger als 2 Punkte schließen eine Sepsis nicht aus.", "Fewer than 2 points do not rule out sepsis.")
	r.close()
	high := lang.Text{DE: "auffällig", EN: "positive"}
	switch {
	case r.Partial >= 2:
		r.Band = high
		if !r.Complete {
			r.Band = lang.Text{DE: "unvollständig, bereits auffällig", EN: "incomplete, positive already"}
		}
		r.Advice = lang.Text{DE: "Arzt rufen. An Sepsis und Organversagen denken: Laktat, Blutkulturen.", EN: "Call a physician. Think of sepsis and organ failure: lactate, blood cultures."}
	case r.Complete:
		r.Band = lang.Text{DE: "unauffällig", EN: "negative"}
	}
	return r
}

// CURB65 is the severity of a pneumonia that an adult brought from home (Lim et
// al. 2003). Nil and zero are unknown.
type CURB65 struct {
	Confusion Answer   // new
	Urea      *float64 // mmol/l; see UreaFromMgDl
	RespRate  *float64 // breaths per minute
	Systolic  *float64 // mmHg
	Diastolic *float64 // mmHg
	Years     *int     // age in whole years
}

// UreaFromMgDl is urea (Harnstoff, not BUN) of mg/dl in mmol/l.
func UreaFromMgDl(v float64) float64 { return v / 6.006 }

// Result works out CURB-65, 0 to 5 points.
func (c CURB65) Result() Result {
	r := Result{Name: lang.Text{DE: "CURB-65", EN: "CURB-65"}, Code: own("CURB-65", "CURB-65")}
	c.parts(&r, true)
	r.close()
	r.pneumonia(2, 3)
	return r
}

// CRB65 works out CRB-65, 0 to 4 points, which needs no laboratory.
func (c CURB65) CRB65() Result {
	r := Result{Name: lang.Text{DE: "CRB-65", EN: "CRB-65"}, Code: own("CRB-65", "CRB-65")}
	c.parts(&r, false)
	r.close()
	r.pneumonia(1, 3)
	return r
}

func (c CURB65) parts(r *Result, urea bool) {
	r.asked(lang.Text{DE: "Neu verwirrt", EN: "New confusion"}, c.Confusion)
	if urea {
		r.measured(measure{lang.Text{DE: "Harnstoff über 7 mmol/l", EN: "Urea over 7 mmol/l"}, loinc("22664-7", "Harnstoff"), "mmol/l", 0, 120,
			when(func(v float64) bool { return v > 7 })}, c.Urea)
	}
	r.measured(measure{lang.Text{DE: "Atemfrequenz ab 30", EN: "Respiration rate 30 or more"}, loinc("9279-1", "Atemfrequenz"), "/min", 0, 100,
		when(func(v float64) bool { return v >= 30 })}, c.RespRate)
	r.add(c.pressure())
	var years *float64
	if c.Years != nil {
		years = new(float64(*c.Years))
	}
	r.measured(measure{lang.Text{DE: "Alter ab 65 Jahren", EN: "Age 65 or more"}, loinc("30525-0", "Alter"), "", 0, 130,
		when(func(v float64) bool { return v >= 65 })}, years)
}

// pressure is one point for a systolic value under 90 or a diastolic one of 60
// or less: one of them is enough for the point, both are needed to deny it.
func (c CURB65) pressure() (Item, lang.Text) {
	i := Item{Label: lang.Text{DE: "Blutdruck systolisch unter 90 oder diastolisch bis 60", EN: "Blood pressure systolic under 90 or diastolic 60 or less"}}
	plausible := func(v *float64) bool { return v != nil && *v >= 0 && *v <= 350 }
	word := func(v *float64) lang.Text {
		if v == nil {
			return lang.Text{DE: "?", EN: "?"}
		}
		return number(tidy(*v), "")
	}
	if c.Systolic == nil && c.Diastolic == nil {
		return i, lang.Text{}
	}
	s, d := word(c.Systolic), word(c.Diastolic)
	i.Value = lang.Text{DE: s.DE + "/" + d.DE + " mmHg", EN: s.EN + "/" + d.EN + " mmHg"}
	low := plausible(c.Systolic) && *c.Systolic < 90 || plausible(c.Diastolic) && *c.Diastolic <= 60
	switch {
	case c.Systolic != nil && !plausible(c.Systolic), c.Diastolic != nil && !plausible(c.Diastolic):
		return i, lang.Text{DE: i.Value.DE + " ist nicht plausibel", EN: i.Value.EN + " is not plausible"}
	case low:
		i.Known, i.Points = true, 1
	case c.Systolic != nil && c.Diastolic != nil:
		i.Known = true
	default:
		return i, lang.Text{DE: "es fehlt einer der beiden Werte", EN: "one of the two values is missing"}
	}
	return i, lang.Text{}
}

// pneumonia is the band from the points at which the risk is medium and high.
func (r *Result) pneumonia(medium, high int) {
	var band lang.Text
	switch {
	case r.Partial >= high:
		band = lang.Text{DE: "hohes Risiko", EN: "high risk"}
		r.Advice = lang.Text{DE: "Intensivüberwachung prüfen.", EN: "Consider intensive monitoring."}
	case r.Partial >= medium:
		band = lang.Text{DE: "mittleres Risiko", EN: "medium risk"}
		r.Advice = lang.Text{DE: "Stationäre Behandlung erwägen.", EN: "Consider treatment in hospital."}
	case r.Complete:
		band = lang.Text{DE: "niedriges Risiko", EN: "low risk"}
		r.Advice = lang.Text{DE: "Ambulante Behandlung möglich, wenn sonst nichts dagegen spricht.", EN: "Treatment at home is possible if nothing else speaks against it."}
	default:
		return
	}
	r.Band = band
	if !r.Complete {
		r.Band = atLeast(band)
	}
}
