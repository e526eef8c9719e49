package dosing

import (
	"regexp"
	"strconv"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// plan is how much of a drug a prescription gives: the largest single dose and
// the largest amount in 24 hours, in the unit of the substance. Where it can be
// read in two ways the larger one counts; what cannot be worked out is told.
type plan struct {
	single, daily Amount
	hasSingle     bool
	hasDaily      bool
	continuous    bool        // an infusion by rate: there is no single dose
	noSingle      []lang.Text // why there is no single dose
	noDaily       []lang.Text
	unreadable    lang.Text // what was written as dose and cannot be read
}

// planner works out one plan.
type planner struct {
	p        clinical.Prescription
	strength strength
	weight   *float64 // kg
	drops    float64  // drops in one ml, 0 if unknown
}

// newPlan works out what p gives.
func newPlan(p clinical.Prescription, weight *float64, drops float64) plan {
	w := planner{p: p, weight: weight, drops: drops}
	w.strength, _ = readStrength(p.Strength) // an unreadable one is told where it is needed
	var out plan
	count, known := perDay(p)
	if rate := strings.TrimSpace(p.Rate); rate != "" && !known && p.Scheme == "" {
		w.infusion(&out, rate)
		return out
	}
	figures, byScheme := schemeFigures(p.Scheme)
	dose, why := w.dose(figures, byScheme)
	if why != (lang.Text{}) {
		out.noSingle = append(out.noSingle, why)
		out.noDaily = append(out.noDaily, why)
		if strings.TrimSpace(p.Dose) != "" {
			out.unreadable = why
		}
	} else {
		out.single, out.hasSingle = dose.most, true
	}
	w.day(&out, dose, count, byScheme)
	return out
}

// doses are the largest single dose and, where a scheme was written, their sum.
type doses struct{ most, sum Amount }

// dose reads the single dose. A figure of a scheme multiplies the dose, unless
// it only repeats it ("2 Tbl." with 2-0-2-0).
func (w planner) dose(figures []float64, schemed bool) (doses, lang.Text) {
	written := strings.TrimSpace(w.p.Dose)
	var each Amount
	switch {
	case written == "" && !schemed:
		return doses{}, lang.Text{DE: "Dosis fehlt", EN: "no dose"}
	case written == "":
		each = Amount{Low: 1, High: 1, Unit: Piece}
	default:
		var err error
		if each, err = ReadAmount(written); err != nil {
			return doses{}, why("Dosis", "dose", written, err)
		}
	}
	most, total := 1.0, 0.0
	if schemed {
		most = 0
		for _, f := range figures {
			f = w.factor(f, figures, written)
			most, total = max(most, f), total+f
		}
		if total == 0 {
			return doses{}, lang.Text{DE: "Schema ohne Gabe", EN: "scheme without a dose"}
		}
	}
	amount, reason := w.convert(each)
	return doses{most: amount.times(most), sum: amount.times(total)}, reason
}

// factor is how often one figure of the scheme gives the written dose: the
// larger reading where there are two.
func (w planner) factor(f float64, figures []float64, written string) float64 {
	if f == 0 || written == "" {
		return f
	}
	n, rest, err := number(smooth(written))
	if err != nil {
		return max(f, 1)
	}
	if u, _, err := unit(rest); err == nil && u.unit == Piece && n == 1 {
		return f // "1 Tbl." with ½-0-½-0 is half a tablet
	}
	for _, other := range figures {
		if other != 0 && other != n {
			return max(f, 1)
		}
	}
	return 1 // the scheme repeats the dose
}

// convert makes an amount of pieces, ml, drops or for each kg one of substance.
func (w planner) convert(a Amount) (Amount, lang.Text) {
	if a.PerKg {
		if !plausibleWeight(w.weight) {
			return a, lang.Text{DE: "Gewicht unbekannt: Dosis je kg nicht geprüft", EN: "weight unknown: dose for each kg not checked"}
		}
		a = a.times(*w.weight)
		a.PerKg = false
	}
	s := w.strength
	given := strings.TrimSpace(w.p.Strength)
	lacking := func(de, en string) (Amount, lang.Text) {
		if given == "" {
			return a, lang.Text{DE: "Stärke fehlt: " + de, EN: "no strength: " + en}
		}
		return a, lang.Text{DE: "Stärke „" + given + "“: " + de, EN: "strength “" + given + "”: " + en}
	}
	of := func(n float64) (Amount, lang.Text) { return s.each.scaled(a, n), lang.Text{} }
	switch a.Unit {
	case Milligram, IU, Millimole:
		return a, lang.Text{}
	case Piece:
		if s.each.Unit == 0 || !s.piece {
			return lacking("Menge je Stück nicht bekannt", "amount in one piece not known")
		}
		return of(1)
	case Millilitre:
		if s.each.Unit == 0 || s.volume == 0 {
			return lacking("Menge je ml nicht bekannt", "amount in one ml not known")
		}
		return of(1 / s.volume)
	case Drop:
		if w.drops == 0 {
			return a, lang.Text{DE: "Tropfen nicht umrechenbar", EN: "drops cannot be converted"}
		}
		if s.each.Unit == 0 || s.volume == 0 {
			return lacking("Menge je ml nicht bekannt", "amount in one ml not known")
		}
		return of(1 / s.volume / w.drops)
	}
	return a, errUnitText
}

var errUnitText = lang.Text{DE: "Einheit nicht lesbar", EN: "unit not readable"}

// scaled is the strength each, taken n times for each of a.
func (each Amount) scaled(a Amount, n float64) Amount {
	return Amount{Low: each.Low * a.Low * n, High: each.High * a.High * n, Unit: each.Unit}
}

// plausibleWeight reports whether a weight is known and one of a person.
func plausibleWeight(kg *float64) bool { return kg != nil && *kg >= 0.3 && *kg <= 400 }

// day works out the amount in 24 hours.
func (w planner) day(out *plan, d doses, count float64, byScheme bool) {
	var found []Amount
	if !byScheme && strings.TrimSpace(w.p.Scheme) != "" {
		out.noDaily = append(out.noDaily, lang.Text{DE: "Schema „" + w.p.Scheme + "“ nicht lesbar", EN: "scheme “" + w.p.Scheme + "” not readable"})
	} else if out.hasSingle {
		switch {
		case byScheme:
			found = append(found, d.sum)
			if count > schemed(w.p.Scheme) { // times or interval say more than the scheme
				found = append(found, d.most.times(count))
			}
		case count > 0:
			found = append(found, d.most.times(count))
		}
	}
	if text := strings.TrimSpace(w.p.MaxDaily); text != "" {
		a, reason := w.maxDaily(text, d.most, out.hasSingle)
		switch {
		case reason != (lang.Text{}):
			out.noDaily = append(out.noDaily, reason)
		case w.p.AsNeeded || len(found) == 0:
			found = append(found[:0], a) // the cap is what counts
		}
	} else if w.p.AsNeeded && len(found) == 0 {
		out.noDaily = append(out.noDaily, lang.Text{DE: "Bedarfsmedikation ohne Tageshöchstdosis", EN: "as needed without a daily maximum"})
	}
	for _, a := range found {
		if !out.hasDaily || a.High > out.daily.High {
			out.daily, out.hasDaily = a, true
		}
	}
	if out.hasDaily {
		out.noDaily = nil
	} else if len(out.noDaily) == 0 {
		out.noDaily = append(out.noDaily, lang.Text{DE: "Häufigkeit nicht lesbar oder nicht angegeben", EN: "frequency not readable or not given"})
	}
}

var (
	countOnly  = regexp.MustCompile(`(?i)^(\d{1,2}) ?(?:x|×|mal) ?(?:tgl\.?|täglich|tägl\.?|am tag|/ ?(?:d|tag|24 ?h))?$`)
	countTimes = regexp.MustCompile(`(?i)^(\d{1,2}) ?(?:x|×|mal) ?(?:tgl\.?|täglich|tägl\.?)? ?(\S.*)$`)
	perDayTail = regexp.MustCompile(`(?i) ?(?:/ ?(?:24 ?(?:h|std\.?|stunden)|d|tag|die)|(?:pro|am|in) (?:24 ?(?:h|std\.?|stunden)|tag)|tgl\.?|täglich)$`)
)

// maxDaily reads the daily maximum of a drug as needed: "4 × täglich",
// "4 x 30 Tropfen", "4 g", "max. 4 g/24 h", "4 g/Tag".
func (w planner) maxDaily(text string, single Amount, hasSingle bool) (Amount, lang.Text) {
	if len(text) > maxText {
		return Amount{}, why("Tageshöchstdosis", "daily maximum", "", errNoAmount)
	}
	s := smooth(text)
	s = s[len(lead.FindString(s)):]
	if m := countOnly.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		if !hasSingle {
			return Amount{}, lang.Text{DE: "Einzeldosis unbekannt", EN: "single dose unknown"}
		}
		return single.times(float64(n)), lang.Text{}
	}
	s = perDayTail.ReplaceAllString(s, "")
	n := 1.0
	if m := countTimes.FindStringSubmatch(s); m != nil {
		k, _ := strconv.Atoi(m[1])
		n, s = float64(k), m[2]
	}
	a, err := amount(s, n == 1)
	if err != nil {
		return Amount{}, why("Tageshöchstdosis", "daily maximum", text, err)
	}
	a, reason := w.convert(a)
	return a.times(n), reason
}

var ratePer = regexp.MustCompile(`(?i)^(.*\S) ?/ ?(h|std\.?|stunde|min|minute|d|tag|24 ?h|s)$`)

// infusion works out the amount of a day from the rate.
func (w planner) infusion(out *plan, rate string) {
	out.continuous = true
	give := func(reason lang.Text) { out.noDaily = append(out.noDaily, reason) }
	if len(rate) > maxText {
		give(why("Rate", "rate", "", errNoAmount))
		return
	}
	m := ratePer.FindStringSubmatch(smooth(rate))
	if m == nil {
		give(why("Rate", "rate", rate, errUnit))
		return
	}
	a, err := ReadAmount(m[1])
	if err != nil {
		give(why("Rate", "rate", rate, err))
		return
	}
	n := map[byte]float64{'h': 24, 's': 24, 'm': 1440, 'd': 1, 't': 1, '2': 1}[strings.ToLower(m[2])[0]]
	if strings.EqualFold(m[2], "s") {
		n = 86400
	}
	a, reason := w.convert(a)
	if reason != (lang.Text{}) {
		give(reason)
		return
	}
	out.daily, out.hasDaily = a.times(n), true
}

// why is the reason that a text cannot be read.
func why(de, en, text string, err error) lang.Text {
	r := sayOf(err)
	if text == "" {
		return lang.Text{DE: de + ": " + r.DE, EN: en + ": " + r.EN}
	}
	return lang.Text{DE: de + " „" + text + "“: " + r.DE, EN: en + " “" + text + "”: " + r.EN}
}

// schemeFigures reads "1-0-1-0", "½-0-½", "0,5 - 0 - 0,5 - 1".
func schemeFigures(s string) ([]float64, bool) {
	if len(s) > maxText {
		return nil, false
	}
	parts := strings.Split(strings.NewReplacer("–", "-", "—", "-").Replace(s), "-")
	if len(parts) < 3 || len(parts) > 6 {
		return nil, false
	}
	var out []float64
	for _, p := range parts {
		v, rest, err := number(smooth(p))
		if err != nil || rest != "" {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// schemed is how many doses a scheme gives, 0 if it cannot be read.
func schemed(scheme string) float64 {
	figures, _ := schemeFigures(scheme)
	n := 0.0
	for _, f := range figures {
		if f > 0 {
			n++
		}
	}
	return n
}

var (
	everyHours = regexp.MustCompile(`(?i)^(?:q|alle|every) ?(\d{1,3}) ?(?:h|std\.?|stunden|hours)$`)
	timesADay  = regexp.MustCompile(`(?i)^(\d{1,2}) ?(?:x|×|mal) ?(?:tgl\.?|täglich|tägl\.?|taeglich|am tag|/ ?(?:d|tag))$`)
)

// intervals are the codes of how often, as doses in 24 hours; what is rarer
// than daily counts once.
var intervals = map[string]float64{
	"qd": 1, "q1d": 1, "daily": 1, "qam": 1, "qpm": 1, "qhs": 1, "hs": 1, "bid": 2, "tid": 3, "qid": 4, "qod": 1, "qh": 24, "qw": 1,
	"once": 1, "stat": 1, "einmalig": 1, "sofort": 1, "1x": 1, "täglich": 1, "morgens": 1, "mittags": 1, "abends": 1, "nachts": 1, "zur nacht": 1,
	"jeden 2. tag": 1, "jeden zweiten tag": 1, "wöchentlich": 1, "1x wöchentlich": 1, "monatlich": 1,
}

// perDay is how many doses 24 hours can hold: the most that the scheme, the
// times and the interval say.
func perDay(p clinical.Prescription) (float64, bool) {
	n := max(float64(len(p.Times)), schemed(p.Scheme))
	if len(p.Interval) <= maxText {
		s := strings.ToLower(smooth(p.Interval))
		if m := everyHours.FindStringSubmatch(s); m != nil {
			if h, _ := strconv.Atoi(m[1]); h > 0 {
				n = max(n, float64((24+h-1)/h))
			}
		} else if m := timesADay.FindStringSubmatch(s); m != nil {
			k, _ := strconv.Atoi(m[1])
			n = max(n, float64(k))
		} else {
			n = max(n, intervals[s])
		}
	}
	return n, n > 0
}
