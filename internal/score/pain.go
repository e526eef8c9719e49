package score

import "notbetrieb/internal/lang"

// NRS is the numeric rating scale of pain that the patient names: 0 no pain to
// 10 the worst there is (asked as in the DNQP expert standard of pain
// management in nursing, 2020). Nil is unknown.
type NRS struct {
	Level  *int // 0–10
	Moving bool // asked under load (getting up, coughing), not at rest
}

// Result rates the pain: from more than 3 at rest or more than 5 under load the
// treatment is to be changed.
func (n NRS) Result() Result {
	r := Result{Name: lang.Text{DE: "Schmerz (NRS) in Ruhe", EN: "Pain (NRS) at rest"}, Code: loinc("72514-3", "Schmerz NRS 0–10")}
	limit := 3
	if n.Moving {
		r.Name, limit = lang.Text{DE: "Schmerz (NRS) bei Belastung", EN: "Pain (NRS) under load"}, 5
	}
	r.rated(lang.Text{DE: "Schmerzstärke", EN: "Pain"}, n.Level, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	r.close()
	if !r.Complete {
		return r
	}
	switch {
	case r.Total == 0:
		r.Band = lang.Text{DE: "kein Schmerz", EN: "no pain"}
	case r.Total <= 3:
		r.Band = lang.Text{DE: "leichter Schmerz", EN: "mild pain"}
	case r.Total <= 6:
		r.Band = lang.Text{DE: "mäßiger Schmerz", EN: "moderate pain"}
	default:
		r.Band = lang.Text{DE: "starker Schmerz", EN: "severe pain"}
	}
	if r.Total > limit {
		r.Advice = lang.Text{DE: "Behandlung einleiten oder ändern. Wirkung nachfragen.", EN: "Start or change treatment. Ask for the effect."}
	}
	return r
}

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
