package chart

import (
	"strings"
	"time"

	"notbetrieb/internal/lang"
)

// Standing is what a list says of a drug in force that has no time of day.
type Standing struct {
	Word   lang.Text // "laufend", "ohne Uhrzeit", "pausiert"
	Drug   string
	Amount lang.Text // "83 ml/h", "1 g i.v. alle 8 h"
}

// Standing returns the words for a Timeless dose that is in force between now
// and until; false for any other. A rate without a rhythm runs all the time; a
// rhythm without a start says how often, but nobody may guess when.
func (d *Due) Standing(now, until time.Time) (Standing, bool) {
	if !d.Timeless || !d.Until.IsZero() && !d.Until.After(now) || d.From.After(until) {
		return Standing{}, false
	}
	s := Standing{Word: lang.Text{DE: "ohne Uhrzeit", EN: "no time of day"}, Drug: d.Drug}
	runs := d.Rate != "" && (d.Interval == "" || continuous(d.Interval))
	if runs {
		s.Word = lang.Text{DE: "laufend", EN: "running"}
		s.Amount = lang.Text{DE: d.Rate, EN: d.Rate}
	} else {
		every := often(d.Interval)
		s.Amount = lang.Text{DE: amountOf(d.Dose, d.Route, every.DE, d.Rate), EN: amountOf(d.Dose, d.Route, every.EN, d.Rate)}
	}
	switch {
	case d.Hold:
		s.Word = lang.Text{DE: "pausiert", EN: "on hold"}
	case d.From.After(now):
		at := d.From.In(now.Location()).Format("15:04")
		if runs {
			s.Word = lang.Text{DE: "läuft ab " + at, EN: "runs from " + at}
		} else {
			s.Word = lang.Text{DE: "ab " + at + ", ohne Uhrzeit", EN: "from " + at + ", no time of day"}
		}
	}
	return s, true
}

// amountOf joins what is not empty.
func amountOf(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// continuous reports whether a rhythm is the word for "all the time" (HL7 table
// 0335: C, else what senders write).
func continuous(interval string) bool {
	switch strings.ToUpper(strings.TrimSpace(interval)) {
	case "C", "CONT", "CONTINUOUS", "DAUER", "KONTINUIERLICH", "DAUERINFUSION":
		return true
	}
	return false
}

// often puts the rhythms of HL7 table 0335 that people know into words; every
// other stands as it was sent.
func often(interval string) lang.Text {
	s := strings.ToUpper(strings.TrimSpace(interval))
	switch s {
	case "QD", "Q1D":
		return lang.Text{DE: "1× täglich", EN: "once a day"}
	case "BID":
		return lang.Text{DE: "2× täglich", EN: "twice a day"}
	case "TID":
		return lang.Text{DE: "3× täglich", EN: "3 times a day"}
	case "QID":
		return lang.Text{DE: "4× täglich", EN: "4 times a day"}
	case "ONCE":
		return lang.Text{DE: "einmalig", EN: "once"}
	case "Q1H":
		return lang.Text{DE: "jede Stunde", EN: "every hour"}
	case "Q1W":
		return lang.Text{DE: "1× pro Woche", EN: "once a week"}
	}
	if len(s) > 2 && s[0] == 'Q' {
		if n := s[1 : len(s)-1]; strings.Trim(n, "0123456789") == "" && strings.TrimLeft(n, "0") != "" {
			switch s[len(s)-1] {
			case 'M':
				return lang.Text{DE: "alle " + n + " min", EN: "every " + n + " min"}
			case 'H':
				return lang.Text{DE: "alle " + n + " h", EN: "every " + n + " h"}
			case 'D':
				return lang.Text{DE: "alle " + n + " Tage", EN: "every " + n + " days"}
			case 'W':
				return lang.Text{DE: "alle " + n + " Wochen", EN: "every " + n + " weeks"}
			}
		}
	}
	return lang.Text{DE: strings.TrimSpace(interval), EN: strings.TrimSpace(interval)}
}
