// Package score works out the scores that wards use from what was observed,
// and shows each with its inputs: NEWS2, Glasgow Coma Scale, Braden and
// pain (BESD).
//
// It is pure: no clock, no I/O. What was not observed is unknown and is named;
// it never counts as normal, and a score that lacks a part has no total. A
// score helps to look; it does not replace looking.
package score

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Result is a score with everything it was made from.
type Result struct {
	Name     lang.Text      // as the ward calls it
	Code     clinical.Coded // of the total: LOINC (LN) where there is one, else "Notbetrieb"
	Complete bool           // every part is known: only then Total means something
	Total    int            // 0 unless Complete
	Partial  int            // points of the known parts; for display beside Missing, never as the score
	Missing  []lang.Text    // the parts that are unknown or implausible, and why
	Items    []Item         // every part in the order of the form
	Parts    string         // Glasgow Coma Scale: "E4 VNT M6", shown where there is no total
	Band     lang.Text      // what the total means; for a partial score at most what is certain already
	Advice   lang.Text      // what the source asks for at this band
	NotFor   lang.Text      // set where the score must not be used for this person: then nothing is worked out
	Notes    []lang.Text    // what a reader has to know beside it
}

// Item is one part of a score.
type Item struct {
	Label  lang.Text
	Code   clinical.Coded // of the observation, zero if none is sure
	Value  lang.Text      // as observed, with unit; empty if unknown
	Known  bool           // it has points
	Points int            // 0 unless Known
}

// Shown is the total as a person reads it: "7", "unvollständig (bisher 5)",
// "E4 VNT M6" or "nicht anwendbar".
func (r Result) Shown() lang.Text {
	switch {
	case r.NotFor != lang.Text{}:
		return lang.Text{DE: "nicht anwendbar", EN: "not applicable"}
	case r.Complete:
		n := strconv.Itoa(r.Total)
		return lang.Text{DE: n, EN: n}
	case r.Parts != "":
		return lang.Text{DE: r.Parts, EN: r.Parts}
	}
	known := 0
	for _, i := range r.Items {
		if i.Known {
			known++
		}
	}
	if known == 0 {
		return lang.Text{DE: "nicht erhoben", EN: "not assessed"}
	}
	return lang.Text{
		DE: fmt.Sprintf("unvollständig (bisher %d)", r.Partial),
		EN: fmt.Sprintf("incomplete (%d so far)", r.Partial),
	}
}

// AtLeast reads the points of a score without a total back from what [Result.Shown]
// says of it in German, which is how it is stored; false for anything else.
func AtLeast(shown string) (int, bool) {
	rest, ok := strings.CutPrefix(shown, "unvollständig (bisher ")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, ")"))
	return n, err == nil
}

// own is the code of a score that has no LOINC code we are sure of.
func own(code, text string) clinical.Coded {
	return clinical.Coded{Code: code, Text: text, System: "Notbetrieb"}
}

// loinc is a LOINC code.
func loinc(code, text string) clinical.Coded {
	return clinical.Coded{Code: code, Text: text, System: "LN"}
}

// add appends a part; one without points is missing for the reason why, or
// because it was not observed.
func (r *Result) add(i Item, why lang.Text) {
	if !i.Known {
		i.Points = 0
		if why == (lang.Text{}) {
			why = lang.Text{DE: "nicht erhoben", EN: "not assessed"}
		}
		r.Missing = append(r.Missing, lang.Text{DE: i.Label.DE + ": " + why.DE, EN: i.Label.EN + ": " + why.EN})
	}
	r.Partial += i.Points
	r.Items = append(r.Items, i)
}

// close works out the total once every part was added.
func (r *Result) close() {
	r.Complete = len(r.Missing) == 0
	if r.Complete {
		r.Total = r.Partial
		return
	}
	r.Band = lang.Text{DE: "unvollständig", EN: "incomplete"}
}

// atLeast is the band of a partial score whose points can only grow.
func atLeast(band lang.Text) lang.Text {
	return lang.Text{DE: "unvollständig, mindestens " + band.DE, EN: "incomplete, at least " + band.EN}
}

// measure is how one measured value becomes points.
type measure struct {
	label    lang.Text
	code     clinical.Coded
	unit     string
	min, max float64 // outside of them it is a slip of the pen, not a value
	points   func(v float64) int
}

// measured adds the part of a measured value. A value that nobody can have
// counts as missing.
func (r *Result) measured(m measure, v *float64) {
	i := Item{Label: m.label, Code: m.code}
	if v == nil {
		r.add(i, lang.Text{})
		return
	}
	x := tidy(*v)
	i.Value = number(x, m.unit)
	if !(x >= m.min && x <= m.max) {
		r.add(i, lang.Text{DE: i.Value.DE + " ist nicht plausibel", EN: i.Value.EN + " is not plausible"})
		return
	}
	i.Known, i.Points = true, m.points(x)
	r.add(i, lang.Text{})
}

// tidy takes away what arithmetic in binary added behind the second decimal.
func tidy(v float64) float64 { return math.Round(v*100) / 100 }

// number is a value with its unit: "38,1 °C".
func number(v float64, unit string) lang.Text {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if math.Abs(v) >= 1e9 || v != v {
		s = strconv.FormatFloat(v, 'g', 3, 64)
	}
	if unit != "" {
		unit = " " + unit
	}
	return lang.Text{DE: strings.Replace(s, ".", ",", 1) + unit, EN: s + unit}
}

// rated adds a part that a person rates on a form. The points must be one of
// those the form allows.
func (r *Result) rated(label lang.Text, points *int, allowed ...int) {
	i := Item{Label: label}
	if points == nil {
		r.add(i, lang.Text{})
		return
	}
	i.Value = number(float64(*points), "")
	for _, a := range allowed {
		if a == *points {
			i.Known, i.Points = true, a
			r.add(i, lang.Text{})
			return
		}
	}
	r.add(i, lang.Text{DE: i.Value.DE + " gibt es auf dem Bogen nicht", EN: i.Value.EN + " is not on the form"})
}

// noted adds what a reader has to know.
func (r *Result) noted(de, en string) { r.Notes = append(r.Notes, lang.Text{DE: de, EN: en}) }
