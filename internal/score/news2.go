package score

import "notbetrieb/internal/lang"

// Breathing is what the patient breathes.
type Breathing uint8

const (
	BreathingUnknown Breathing = iota
	RoomAir
	Oxygen // any supplementary oxygen
)

// Consciousness is ACVPU.
type Consciousness uint8

const (
	ConsciousnessUnknown Consciousness = iota
	Alert                              // wach
	NewConfusion                       // neu verwirrt; longstanding confusion is not this
	ToVoice                            // reagiert auf Ansprache
	ToPain                             // reagiert auf Schmerzreiz
	Unresponsive                       // reagiert nicht
)

// NEWS2 is the National Early Warning Score 2 (Royal College of Physicians,
// December 2017). It is for people of 16 years and older, and not for
// pregnancy. Nil and zero are unknown.
//
// The chart has rows of whole numbers (temperature: tenths). A value between
// two rows counts as the one with more points.
type NEWS2 struct {
	RespRate  *float64      // breaths per minute
	SpO2      *float64      // per cent
	Scale2    bool          // SpO2 scale 2: hypercapnic respiratory failure, target 88–92 %, ordered by a physician
	Breathing Breathing     //
	Systolic  *float64      // mmHg
	Pulse     *float64      // per minute
	Awake     Consciousness //
	Temp      *float64      // °C
	Years     *int          // age in whole years
	Pregnant  bool          // known to be pregnant
}

// Result works out the score.
func (n NEWS2) Result() Result {
	r := Result{Name: lang.Text{DE: "NEWS2", EN: "NEWS2"}, Code: own("NEWS2", "NEWS2")}
	switch {
	case n.Years != nil && *n.Years < 16:
		r.NotFor = lang.Text{DE: "NEWS2 gilt nicht unter 16 Jahren. Bitte das Schema der Kinderklinik verwenden.", EN: "NEWS2 is not for people under 16. Please use the children's chart."}
		return r
	case n.Pregnant:
		r.NotFor = lang.Text{DE: "NEWS2 gilt nicht in der Schwangerschaft. Bitte das Schema der Geburtshilfe verwenden.", EN: "NEWS2 is not for pregnancy. Please use the obstetric chart."}
		return r
	case n.Years == nil:
		r.noted("Alter unbekannt: NEWS2 gilt erst ab 16 Jahren.", "Age unknown: NEWS2 is for people of 16 and older.")
	}
	r.measured(measure{lang.Text{DE: "Atemfrequenz", EN: "Respiration rate"}, loinc("9279-1", "Atemfrequenz"), "/min", 0, 100, respPoints}, n.RespRate)
	n.saturation(&r)
	r.add(n.air(), lang.Text{})
	r.measured(measure{lang.Text{DE: "Blutdruck systolisch", EN: "Systolic blood pressure"}, loinc("8480-6", "Blutdruck systolisch"), "mmHg", 0, 350, systolicPoints}, n.Systolic)
	r.measured(measure{lang.Text{DE: "Puls", EN: "Pulse"}, loinc("8867-4", "Puls"), "/min", 0, 350, pulsePoints}, n.Pulse)
	r.add(n.awake(), lang.Text{})
	r.measured(measure{lang.Text{DE: "Temperatur", EN: "Temperature"}, loinc("8310-5", "Temperatur"), "°C", 20, 46, tempPoints}, n.Temp)
	if n.Scale2 {
		r.noted("SpO2-Skala 2 (Ziel 88–92 %): nur auf ärztliche Anordnung.", "SpO2 scale 2 (target 88–92 %): only on a physician's order.")
	}
	r.close()
	r.newsBand()
	return r
}

// below returns the points of the first limit that v is under, else rest.
func below(v float64, rest int, limits ...limit) int {
	for _, l := range limits {
		if v < l.under {
			return l.points
		}
	}
	return rest
}

type limit struct {
	under  float64
	points int
}

// above returns the points of the first limit that v is over, else rest.
func above(v float64, rest int, limits ...limit) int {
	for _, l := range limits {
		if v > l.under {
			return l.points
		}
	}
	return rest
}

func respPoints(v float64) int {
	return max(below(v, 0, limit{9, 3}, limit{12, 1}), above(v, 0, limit{24, 3}, limit{20, 2}))
}

func systolicPoints(v float64) int {
	return max(below(v, 0, limit{91, 3}, limit{101, 2}, limit{111, 1}), above(v, 0, limit{219, 3}))
}

func pulsePoints(v float64) int {
	return max(below(v, 0, limit{41, 3}, limit{51, 1}), above(v, 0, limit{130, 3}, limit{110, 2}, limit{90, 1}))
}

func tempPoints(v float64) int {
	return max(below(v, 0, limit{35.1, 3}, limit{36.1, 1}), above(v, 0, limit{39, 2}, limit{38, 1}))
}

// saturation adds SpO2. On scale 2 a value over the target counts only with
// oxygen: with the breathing unknown it has no points.
func (n NEWS2) saturation(r *Result) {
	m := measure{lang.Text{DE: "SpO2 (Skala 1)", EN: "SpO2 (scale 1)"}, loinc("59408-5", "SpO2"), "%", 10, 100, func(v float64) int {
		return below(v, 0, limit{92, 3}, limit{94, 2}, limit{96, 1})
	}}
	if !n.Scale2 {
		r.measured(m, n.SpO2)
		return
	}
	m.label = lang.Text{DE: "SpO2 (Skala 2)", EN: "SpO2 (scale 2)"}
	if n.SpO2 != nil && tidy(*n.SpO2) > 92 && tidy(*n.SpO2) <= 100 && n.Breathing != RoomAir && n.Breathing != Oxygen {
		r.add(Item{Label: m.label, Code: m.code, Value: number(tidy(*n.SpO2), "%")},
			lang.Text{DE: "ohne Angabe Luft oder Sauerstoff nicht zu bewerten", EN: "cannot be rated without knowing air or oxygen"})
		return
	}
	m.points = func(v float64) int {
		low := below(v, 0, limit{84, 3}, limit{86, 2}, limit{88, 1})
		if n.Breathing != Oxygen {
			return low
		}
		return max(low, above(v, 0, limit{96, 3}, limit{94, 2}, limit{92, 1}))
	}
	r.measured(m, n.SpO2)
}

func (n NEWS2) air() Item {
	i := Item{Label: lang.Text{DE: "Luft oder Sauerstoff", EN: "Air or oxygen"}}
	switch n.Breathing {
	case RoomAir:
		i.Known, i.Value = true, lang.Text{DE: "Raumluft", EN: "room air"}
	case Oxygen:
		i.Known, i.Points, i.Value = true, 2, lang.Text{DE: "Sauerstoff", EN: "oxygen"}
	case BreathingUnknown:
	}
	return i
}

func (n NEWS2) awake() Item {
	i := Item{Label: lang.Text{DE: "Bewusstsein (ACVPU)", EN: "Consciousness (ACVPU)"}}
	said := func(points int, de, en string) {
		i.Known, i.Points, i.Value = true, points, lang.Text{DE: de, EN: en}
	}
	switch n.Awake {
	case Alert:
		said(0, "wach (A)", "alert (A)")
	case NewConfusion:
		said(3, "neu verwirrt (C)", "new confusion (C)")
	case ToVoice:
		said(3, "reagiert auf Ansprache (V)", "responds to voice (V)")
	case ToPain:
		said(3, "reagiert auf Schmerzreiz (P)", "responds to pain (P)")
	case Unresponsive:
		said(3, "reagiert nicht (U)", "unresponsive (U)")
	case ConsciousnessUnknown:
	}
	return i
}

// newsBand is the clinical risk and the response (RCP 2017, charts 2 and 4).
// The points can only grow with what is missing, so that a partial score is
// told as what it is at least.
func (r *Result) newsBand() {
	red := false
	for _, i := range r.Items {
		red = red || i.Points == 3
	}
	var band lang.Text
	switch p := r.Partial; {
	case p >= 7:
		band = lang.Text{DE: "hoch", EN: "high"}
		r.Advice = lang.Text{DE: "Notfallteam oder Intensivarzt sofort rufen. Werte fortlaufend überwachen.", EN: "Call the emergency team or critical care at once. Monitor continuously."}
	case p >= 5:
		band = lang.Text{DE: "mittel", EN: "medium"}
		r.Advice = lang.Text{DE: "Arzt umgehend rufen. Werte mindestens stündlich messen.", EN: "Call a physician urgently. Measure at least every hour."}
	case red:
		band = lang.Text{DE: "niedrig bis mittel (3 Punkte in einem Wert)", EN: "low to medium (3 points in one value)"}
		r.Advice = lang.Text{DE: "Arzt umgehend informieren. Werte mindestens stündlich messen.", EN: "Inform a physician urgently. Measure at least every hour."}
	case !r.Complete:
		r.Advice = lang.Text{DE: "Fehlende Werte erheben.", EN: "Measure what is missing."}
		return
	case p >= 1:
		band = lang.Text{DE: "niedrig", EN: "low"}
		r.Advice = lang.Text{DE: "Werte mindestens alle 4 bis 6 Stunden messen. Die Pflegefachkraft entscheidet, ob öfter.", EN: "Measure at least every 4 to 6 hours. The nurse decides whether more often."}
	default:
		band = lang.Text{DE: "niedrig", EN: "low"}
		r.Advice = lang.Text{DE: "Werte mindestens alle 12 Stunden messen.", EN: "Measure at least every 12 hours."}
	}
	if r.Complete {
		r.Band = band
		return
	}
	r.Band = atLeast(band)
	r.Advice = lang.Text{DE: r.Advice.DE + " Fehlende Werte erheben.", EN: r.Advice.EN + " Measure what is missing."}
}
