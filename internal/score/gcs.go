package score

import (
	"slices"
	"strconv"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// NotTestable is a part of the Glasgow Coma Scale that cannot be examined: the
// eyes are swollen shut, the patient is intubated or paralysed. It is said as
// NT (verbal with a tube: T) and never replaced by a number.
const NotTestable = -1

// GCS is the Glasgow Coma Scale for adults and children of 5 years and older
// (Teasdale and Jennett 1974; structured approach of 2014). 0 is unknown.
type GCS struct {
	Eyes   int  // 1 none, 2 to pressure, 3 to sound, 4 spontaneous
	Verbal int  // 1 none, 2 sounds, 3 words, 4 confused, 5 orientated
	Motor  int  // 1 none, 2 extension, 3 abnormal flexion, 4 normal flexion, 5 localising, 6 obeys commands
	Years  *int // age in whole years, nil if unknown
}

var gcsEyes = []lang.Text{
	{DE: "keine Reaktion", EN: "none"},
	{DE: "auf Schmerzreiz", EN: "to pressure"},
	{DE: "auf Ansprache", EN: "to sound"},
	{DE: "spontan", EN: "spontaneous"},
}

var gcsVerbal = []lang.Text{
	{DE: "keine Reaktion", EN: "none"},
	{DE: "Laute", EN: "sounds"},
	{DE: "einzelne Wörter", EN: "words"},
	{DE: "verwirrt", EN: "confused"},
	{DE: "orientiert", EN: "orientated"},
}

var gcsMotor = []lang.Text{
	{DE: "keine Reaktion", EN: "none"},
	{DE: "Strecksynergismen", EN: "extension"},
	{DE: "Beugesynergismen", EN: "abnormal flexion"},
	{DE: "ungezielte Abwehr", EN: "normal flexion"},
	{DE: "gezielte Abwehr", EN: "localising"},
	{DE: "befolgt Aufforderungen", EN: "obeys commands"},
}

// GCSWords are the answers of the form, from 1 point on: eyes, verbal, motor.
func GCSWords() (eyes, verbal, motor []lang.Text) {
	return slices.Clone(gcsEyes), slices.Clone(gcsVerbal), slices.Clone(gcsMotor)
}

// Result works out the score. With a part that is not testable or unknown there
// is no total; the parts are shown alone.
func (g GCS) Result() Result {
	r := Result{Name: lang.Text{DE: "Glasgow Coma Scale", EN: "Glasgow Coma Scale"}, Code: loinc("9269-2", "Glasgow Coma Scale"), Parts: g.Parts()}
	if g.Years != nil && *g.Years < 5 {
		r.NotFor = lang.Text{DE: "Unter 5 Jahren gilt die Skala für Kinder.", EN: "Under 5 years the paediatric scale applies."}
		return r
	}
	if g.Years == nil {
		r.noted("Alter unbekannt: Unter 5 Jahren gilt die Skala für Kinder.", "Age unknown: under 5 years the paediatric scale applies.")
	}
	r.gcsPart(lang.Text{DE: "Augen öffnen", EN: "Eye opening"}, loinc("9267-6", "GCS Augen"), "E", g.Eyes, gcsEyes)
	r.gcsPart(lang.Text{DE: "Verbale Antwort", EN: "Verbal response"}, loinc("9270-0", "GCS verbal"), "V", g.Verbal, gcsVerbal)
	r.gcsPart(lang.Text{DE: "Motorische Antwort", EN: "Motor response"}, loinc("9268-4", "GCS motorisch"), "M", g.Motor, gcsMotor)
	r.close()
	if !r.Complete {
		r.Band = lang.Text{DE: "keine Summe", EN: "no total"}
		return r
	}
	switch {
	case r.Total <= 8:
		r.Band = lang.Text{DE: "schwere Bewusstseinsstörung", EN: "severe"}
		r.Advice = lang.Text{DE: "Arzt sofort rufen. Atemweg sichern bedenken.", EN: "Call a physician at once. Consider securing the airway."}
	case r.Total <= 12:
		r.Band = lang.Text{DE: "mittelschwere Bewusstseinsstörung", EN: "moderate"}
		r.Advice = lang.Text{DE: "Arzt rufen. Engmaschig wiederholen.", EN: "Call a physician. Repeat often."}
	case r.Total < 15:
		r.Band = lang.Text{DE: "leichte Bewusstseinsstörung", EN: "mild"}
		r.Advice = lang.Text{DE: "Wiederholen. Ist das neu, den Arzt informieren.", EN: "Repeat. Inform a physician if this is new."}
	default:
		r.Band = lang.Text{DE: "nicht beeinträchtigt", EN: "not impaired"}
	}
	return r
}

func (r *Result) gcsPart(label lang.Text, code clinical.Coded, letter string, v int, words []lang.Text) {
	i := Item{Label: label, Code: code}
	switch {
	case v == 0:
		r.add(i, lang.Text{})
	case v == NotTestable:
		i.Value = lang.Text{DE: letter + "NT (nicht prüfbar)", EN: letter + "NT (not testable)"}
		r.add(i, lang.Text{DE: "nicht prüfbar (NT)", EN: "not testable (NT)"})
	case v < 0 || v > len(words):
		i.Value = number(float64(v), "")
		r.add(i, lang.Text{DE: i.Value.DE + " gibt es auf dem Bogen nicht", EN: i.Value.EN + " is not on the form"})
	default:
		at, w := letter+strconv.Itoa(v)+" ", words[v-1]
		i.Known, i.Points, i.Value = true, v, lang.Text{DE: at + w.DE, EN: at + w.EN}
		r.add(i, lang.Text{})
	}
}

// Parts is the scale as it is handed over: "E4 VNT M6"; "?" for an unknown part.
func (g GCS) Parts() string {
	part := func(letter string, v, most int) string {
		switch {
		case v == NotTestable:
			return letter + "NT"
		case v < 1 || v > most:
			return letter + "?"
		}
		return letter + strconv.Itoa(v)
	}
	return part("E", g.Eyes, 4) + " " + part("V", g.Verbal, 5) + " " + part("M", g.Motor, 6)
}
