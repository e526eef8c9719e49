package web

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/lang"
)

// This file works out how a patient can be brought out of the house from what
// the chart holds, each with where it comes from and when it was said. What is
// unknown stays unknown: nobody is taken to walk because nothing was written.

// How long something said of mobility counts. Nobody is asked to trust what is
// older: it is unknown then.
const (
	bradenHolds = 7 * 24 * time.Hour
	orderHolds  = 3 * 24 * time.Hour
	gasHolds    = 24 * time.Hour
)

// LOINC codes of what is looked at.
const (
	codeBraden = "38227-5" // Braden scale total
	codeOxygen = "3151-8"  // inhaled oxygen flow rate
	codeFiO2   = "19994-3" // oxygen fraction set at the ventilator
)

// mobility is how a patient is brought out.
type mobility struct {
	How  crisis.Mobility // "" unknown
	From lang.Text       // who or what says so
	At   stamp           // when; unknown where it holds as long as the patient is there
	Said bool            // a person said it on the list
}

// Word is it in words.
func (m mobility) Word() lang.Text { return crisis.MobilityName(m.How) }

// Known reports whether anything is known.
func (m mobility) Known() bool { return m.How != "" }

// mobilityOf is what a person said on the list; else the intensive care unit or
// a ventilator; else the newest of the Braden scale and orders.
func mobilityOf(said crisis.Moves, wardKind string, p *chart.Patient, f Frame) mobility {
	if said.How != "" {
		return mobility{said.How, lang.Text{DE: said.By.Name}, f.stamp(said.By.At), true}
	}
	if wardKind == "icu" {
		return mobility{How: crisis.WithMonitor, From: lang.Text{DE: "Intensivstation", EN: "intensive care unit"}}
	}
	if p == nil {
		return mobility{}
	}
	if it := newestOf(p.Results, codeFiO2, f.Now.Add(-gasHolds)); it != nil {
		return mobility{crisis.WithMonitor, lang.Text{DE: "Beatmung, FiO2 " + it.V.Value + " %", EN: "ventilator, FiO2 " + it.V.Value + " %"}, f.stamp(it.V.At), false}
	}
	best := mobilityOfBraden(newestOf(p.Results, codeBraden, f.Now.Add(-bradenHolds)), f)
	for i := range p.Orders {
		if m := mobilityOfOrder(&p.Orders[i], f); m.Known() && m.At.At.After(best.At.At) {
			best = m
		}
	}
	return best
}

// newestOf returns the newest usable result of a code since then, nil for none.
func newestOf(results []chart.Item[clinical.Result], code string, since time.Time) *chart.Item[clinical.Result] {
	var best *chart.Item[clinical.Result]
	for i := range results {
		it := &results[i]
		if it.Cancelled || it.V.Code.Code != code || !usable(it.V) || it.V.At.Before(since) || best != nil && !it.V.At.After(best.V.At) {
			continue
		}
		best = it
	}
	return best
}

// bradenActivity finds the points for activity among the parts that stand beside
// the total, as the form of the Braden scale writes them.
var bradenActivity = regexp.MustCompile(`Aktivität [^;]*\(([1-4])\)`)

// mobilityOfBraden reads the activity of a Braden scale (Bergstrom, Braden 1987):
// 1 bedfast, 2 chairfast, 3 and 4 walks. The total alone says nothing of it.
func mobilityOfBraden(it *chart.Item[clinical.Result], f Frame) mobility {
	if it == nil {
		return mobility{}
	}
	found := bradenActivity.FindStringSubmatch(it.V.Comment)
	if found == nil {
		return mobility{}
	}
	how := map[string]crisis.Mobility{"1": crisis.LyingDown, "2": crisis.ByChair, "3": crisis.OnFoot, "4": crisis.OnFoot}[found[1]]
	return mobility{how, lang.Text{DE: "Braden-Skala", EN: "Braden scale"}, f.stamp(it.V.At), false}
}

// mobilityOfOrder reads what an order written here says of the way there. The
// words are those of the form.
func mobilityOfOrder(it *chart.Item[clinical.Order], f Frame) mobility {
	if it.Cancelled || it.V.Requested.IsZero() || it.V.Requested.Before(f.Now.Add(-orderHolds)) {
		return mobility{}
	}
	for line := range strings.Lines(it.V.Question) {
		word, ok := strings.CutPrefix(strings.TrimSpace(line), "Beweglichkeit: ")
		if !ok {
			continue
		}
		how := map[string]crisis.Mobility{"gehfähig": crisis.OnFoot, "Rollstuhl": crisis.ByChair, "Bett": crisis.LyingDown, "nicht transportfähig, am Bett": crisis.LyingDown}[word]
		if how == "" {
			return mobility{}
		}
		from := lang.Text{DE: "Anforderung", EN: "order"} // what for is nothing that the list need say
		if it.V.Section == clinical.Transport {
			from = lang.Text{DE: "Transport", EN: "transport"}
		}
		return mobility{how, from, f.stamp(it.V.Requested), false}
	}
	return mobility{}
}

// oxygenOf is the newest flow of oxygen of the last two days, in words.
func oxygenOf(p *chart.Patient, f Frame) (text string, given bool) {
	it := newestOf(p.Results, codeOxygen, f.Now.Add(-2*24*time.Hour))
	switch {
	case it == nil:
		return lang.Text{DE: "nicht erhoben", EN: "not taken"}.In(f.Lang), false
	case it.V.Value == "0":
		return lang.Text{DE: "keiner", EN: "none"}.In(f.Lang), false
	}
	return it.V.Value + " " + it.V.Unit, true
}

// mobilityChoices are the ways that a person can choose on the list.
func mobilityChoices(here crisis.Mobility) []choice {
	var out []choice
	for _, m := range crisis.Mobilities() {
		out = append(out, choice{string(m), crisis.MobilityName(m), m == here})
	}
	return out
}

// mobilityCount is how many of a ward move how, with those of whom nothing is
// known.
type mobilityCount struct {
	Word lang.Text
	N    int
}

func countMobility(rows []evacRow) []mobilityCount {
	out := make([]mobilityCount, 0, 5)
	for _, m := range append(crisis.Mobilities(), "") {
		n := 0
		for i := range rows {
			if rows[i].Moves.How == m {
				n++
			}
		}
		if n > 0 {
			out = append(out, mobilityCount{crisis.MobilityName(m), n})
		}
	}
	return slices.Clip(out)
}
