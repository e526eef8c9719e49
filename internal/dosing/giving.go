package dosing

import (
	"slices"
	"strings"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Names returns the names and brands that the table knows, sorted, to choose
// from while writing.
func (t *Table) Names() []string {
	var out []string
	for _, s := range t.all {
		out = append(append(append(out, s.Name), s.Brands...), s.Also...)
	}
	slices.SortFunc(out, func(a, b string) int {
		return strings.Compare(strings.Join(words(a), " ")+a, strings.Join(words(b), " ")+b)
	})
	return slices.Compact(out)
}

// SecondPerson reports whether the table wants a second person to confirm a
// dose of the drug.
func (t *Table) SecondPerson(p clinical.Prescription) bool {
	c := &check{t: t, p: p, drug: t.find(p)}
	c.risk()
	return c.r.SecondPerson
}

// Means reports whether a name, as a house writes it into a list, stands for a
// drug that was prescribed: by substance, else by equal words.
func (t *Table) Means(name string, p clinical.Prescription) bool {
	drug := t.find(p)
	for _, s := range t.find(clinical.Prescription{Drug: clinical.Coded{Text: name}}).known {
		if slices.ContainsFunc(drug.known, func(k *substance) bool { return k.covers(s) }) {
			return true
		}
	}
	return sameWords(name, p.Drug.Text) || sameWords(name, p.Substance)
}

// Left is what remains of the daily maximum of a drug.
type Left struct {
	Given lang.Text // in the last 24 hours, empty if it cannot be added up
	Most  lang.Text // in 24 hours
	Rest  lang.Text // empty if it cannot be told
	Over  bool      // one more dose would be more than the maximum
	Why   lang.Text // why the rest cannot be told
}

// Left works out what remains of p.MaxDaily after the amounts given in the last
// 24 hours. Weight is in kg, nil for unknown. What cannot be read is told and
// never counted as nothing.
func (t *Table) Left(p clinical.Prescription, given []string, weight *float64) Left {
	if strings.TrimSpace(p.MaxDaily) == "" {
		return Left{Why: lang.Text{DE: "keine Tageshöchstdosis verordnet", EN: "no daily maximum prescribed"}}
	}
	w := planner{p: p, weight: weight}
	w.strength, _ = readStrength(p.Strength) // an unreadable one is told where it is needed
	for _, s := range t.find(p).known {
		w.drops = max(w.drops, s.Drops)
	}
	single, why := w.dose(nil, false)
	known := why == (lang.Text{})
	most, why := w.maxDaily(p.MaxDaily, single.most, known)
	if why != (lang.Text{}) {
		return Left{Why: why}
	}
	out := Left{Most: most.Text()}
	sum := Amount{Unit: most.Unit}
	for _, text := range given {
		a, err := ReadAmount(text)
		if err != nil {
			out.Why = lang.Text{DE: "eine gegebene Menge ist nicht lesbar", EN: "an amount that was given is not readable"}
			return out
		}
		a, why := w.convert(a)
		if why != (lang.Text{}) || a.Unit != most.Unit {
			out.Why = lang.Text{DE: "eine gegebene Menge ist nicht umrechenbar", EN: "an amount that was given cannot be converted"}
			return out
		}
		sum.High += a.High
	}
	const tiny = 1e-9
	rest := Amount{High: max(most.High-sum.High, 0), Unit: most.Unit}
	out.Given, out.Rest = sum.Text(), rest.Text()
	next := tiny
	if known && single.most.Unit == most.Unit {
		next = single.most.High
	}
	out.Over = rest.High < next-tiny || rest.High < tiny
	return out
}
