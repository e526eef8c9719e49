package score

import "notbetrieb/internal/lang"

// BESD rates pain of people with dementia who cannot name it, by watching them
// for two minutes (PAINAD, Warden et al. 2003; German: Basler et al. 2006).
// Each part has 0 to 2 points. Nil is unknown.
type BESD struct {
	Breathing *int // 0–2
	Sounds    *int // negative vocalisation, 0–2
	Face      *int // 0–2
	Body      *int // 0–2
	Comfort   *int // 0–2
}

// Result works out the score, 0 to 10 points. From 2 points at rest pain is
// likely.
func (b BESD) Result() Result {
	r := Result{Name: lang.Text{DE: "Schmerz (BESD)", EN: "Pain (BESD)"}, Code: own("BESD", "Schmerz BESD")}
	r.rated(lang.Text{DE: "Atmung", EN: "Breathing"}, b.Breathing, 0, 1, 2)
	r.rated(lang.Text{DE: "Negative Lautäußerung", EN: "Negative vocalisation"}, b.Sounds, 0, 1, 2)
	r.rated(lang.Text{DE: "Gesichtsausdruck", EN: "Facial expression"}, b.Face, 0, 1, 2)
	r.rated(lang.Text{DE: "Körpersprache", EN: "Body language"}, b.Body, 0, 1, 2)
	r.rated(lang.Text{DE: "Trost", EN: "Consolability"}, b.Comfort, 0, 1, 2)
	r.noted("Wer Schmerz benennen kann, wird gefragt (NRS).", "Whoever can name pain is asked (NRS).")
	r.close()
	likely := lang.Text{DE: "Schmerz wahrscheinlich", EN: "pain is likely"}
	switch {
	case r.Partial >= 2:
		r.Band = likely
		if !r.Complete {
			r.Band = lang.Text{DE: "unvollständig, " + likely.DE, EN: "incomplete, " + likely.EN}
		}
		r.Advice = lang.Text{DE: "Ursache suchen, behandeln, danach erneut beobachten.", EN: "Look for the cause, treat, then watch again."}
	case r.Complete:
		r.Band = lang.Text{DE: "kein sicherer Hinweis auf Schmerz", EN: "no certain sign of pain"}
	}
	return r
}
