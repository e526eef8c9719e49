package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/entry"
	"notbetrieb/internal/lang"
)

// punctual is how far from its planned time a dose may be given without being
// asked about.
const punctual = time.Hour

// giveQuestions are what must be answered with yes before the dose is recorded.
func (s *Server) giveQuestions(o *opened, x giving, filled *entry.Filled) []entry.Mistake {
	var out []entry.Mistake
	ask := func(sure, de, en string) {
		out = append(out, entry.Mistake{Sure: sure, Say: lang.Text{DE: de, EN: en}})
	}
	for _, d := range x.answered(o.p, o.frame.Now.Location()) {
		if d.V.Status == clinical.Given || d.V.Status == clinical.Partly {
			w := answerWord(d.V, o.frame)
			ask("again "+strconv.FormatUint(d.Origin.Seq, 10), w.DE+" Trotzdem noch einmal eintragen?", w.EN+" Record it once more all the same?")
		}
	}
	if x.extra {
		w := x.extraWord(o.frame)
		ask("extra "+x.due.UTC().Format(time.RFC3339), w.DE+" Als zusätzliche Gabe eintragen?", w.EN+" Record it as an extra dose?")
	}
	if !gives(filled) {
		return out
	}
	if near, ok := x.close(o.p, filled.At); ok && len(out) == 0 {
		w := answerWord(near.V, o.frame)
		ask("close "+strconv.FormatUint(near.Origin.Seq, 10), w.DE+" Das ist kürzer her, als es verordnet ist. Trotzdem geben?", w.EN+" That is less long ago than prescribed. Give it all the same?")
	}
	if w := rxStateWord(x.it, o.frame); w != (lang.Text{}) {
		ask("state "+string(x.it.V.Status), w.DE+" Trotzdem gegeben?", w.EN+" Given all the same?")
	}
	if c, ok := o.p.Contest(&x.it); ok {
		w := contestSay(c, o.frame)
		ask("contest "+rxState(o.p, x.it), "Strittig: "+w.DE+". Trotzdem gegeben?", "Contested: "+w.In(lang.EN)+". Given all the same?")
	}
	rx := x.it.V
	amount := filled.Text("amount")
	if want := plannedAmount(rx); want != "" && !sameAmount(want, amount) {
		ask("amount "+amount, "Verordnet sind "+want+", eingetragen "+amount+". Stimmt das?", want+" are prescribed, "+amount+" recorded. Is this right?")
	}
	if late := filled.At.Sub(x.due); !x.due.IsZero() && !x.extra && late.Abs() > punctual && x.asPlanned(o.p, filled.At) {
		ask("time "+filled.At.Format(time.RFC3339), "Geplant war "+o.frame.stamp(x.due).clock(lang.DE)+", gegeben "+o.frame.stamp(filled.At).clock(lang.DE)+". Stimmt das?",
			"Planned for "+o.frame.stamp(x.due).clock(lang.EN)+", given "+o.frame.stamp(filled.At).clock(lang.EN)+". Is this right?")
	}
	out = append(out, s.drugQuestions(o, x, filled)...)
	return out
}

// close returns a given dose of the prescription that lies nearer to at than half
// the shortest time between two planned doses: one that was given at a time that
// has been changed since answers none of the new times.
func (x *giving) close(p *chart.Patient, at time.Time) (chart.Item[clinical.Dose], bool) {
	times := slices.Sorted(slices.Values(x.it.V.Times))
	if len(times) == 0 || x.it.V.AsNeeded {
		return chart.Item[clinical.Dose]{}, false
	}
	const day = 24 * 60
	gap := day - int(times[len(times)-1]-times[0]) // over midnight; a whole day for one time
	for i := 1; i < len(times); i++ {
		gap = min(gap, int(times[i]-times[i-1]))
	}
	half := time.Duration(gap) * time.Minute / 2
	for _, d := range p.Doses {
		given := d.V.Status == clinical.Given || d.V.Status == clinical.Partly
		if given && !d.Cancelled && chart.Of(&d.V, &x.it.V) && at.Sub(d.V.At).Abs() < half {
			return d, true
		}
	}
	return chart.Item[clinical.Dose]{}, false
}

// asPlanned reports whether the planned time still holds: not where the dose
// was postponed to about the time it was given.
func (x *giving) asPlanned(p *chart.Patient, at time.Time) bool {
	return !slices.ContainsFunc(p.Doses, func(d chart.Item[clinical.Dose]) bool {
		return !d.Cancelled && d.V.Status == clinical.Postponed && chart.Of(&d.V, &x.it.V) && d.V.Due.Equal(x.due) && at.Sub(d.V.Until).Abs() <= punctual
	})
}

// drugQuestions are those about the drug itself: allergy, daily maximum, a
// rhythm slower than a day, another pack.
func (s *Server) drugQuestions(o *opened, x giving, filled *entry.Filled) []entry.Mistake {
	var out []entry.Mistake
	rx, now := x.it.V, filled.At
	report := s.c.Drugs.Table.Check(rx, factsOf(o.p, o.near, o.frame.Now))
	for _, f := range report.Findings {
		if f.Kind == dosing.MaybeAllergy || f.Severity == dosing.Stop && (f.Kind == dosing.AllergyFound || f.Kind == dosing.CrossAllergy) {
			out = append(out, entry.Mistake{Sure: "allergy " + f.Text.DE, Say: lang.Text{DE: f.Text.DE + " Trotzdem gegeben?", EN: f.Text.EN + " Given all the same?"}})
		}
	}
	if left := s.leftOf(o.p, o.near, rx, now); rx.AsNeeded && left.Over {
		out = append(out, entry.Mistake{Sure: "most " + left.Rest.DE, Say: lang.Text{
			DE: "In 24 h sind " + left.Given.DE + " von höchstens " + left.Most.DE + " gegeben. Eine weitere Gabe ist mehr. Trotzdem?",
			EN: left.Given.EN + " of at most " + left.Most.EN + " were given in 24 h. Another dose is more. All the same?",
		}})
	}
	if last := s.rightsOf(o, x).Last; x.every > 1 && last.Known() && now.Sub(last.At) < time.Duration(x.every)*24*time.Hour-12*time.Hour {
		out = append(out, entry.Mistake{Sure: "rhythm " + last.At.Format(time.RFC3339), Say: lang.Text{
			DE: "Zuletzt gegeben " + last.clock(lang.DE) + ", verordnet ist „" + rx.Interval + "“. Trotzdem geben?",
			EN: "Last given " + last.clock(lang.EN) + ", prescribed is “" + rx.Interval + "”. Give it all the same?",
		}})
	}
	if pzn, ok := dosing.ReadPZN(filled.Text("pack")); ok && s.c.Drugs.Table.Fits(rx, pzn) == dosing.FitOther {
		out = append(out, entry.Mistake{Sure: "pack " + pzn, Say: lang.Text{
			DE: "Die gescannte Packung (PZN " + pzn + ") ist nicht die verordnete: " + rx.Drug.Label() + ". Ist es trotzdem das richtige Mittel in der richtigen Stärke?",
			EN: "The scanned pack (PZN " + pzn + ") is not the one prescribed: " + rx.Drug.Label() + ". Is it the right drug in the right strength all the same?",
		}})
	}
	return out
}

// sameAmount compares two amounts as written, then as read.
func sameAmount(a, b string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, ".", ",")), ""))
	}
	if plain(a) == plain(b) {
		return true
	}
	x, errX := dosing.ReadAmount(a)
	y, errY := dosing.ReadAmount(b)
	return errX == nil && errY == nil && x == y
}
