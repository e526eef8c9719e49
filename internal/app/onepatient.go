package app

import (
	"context"
	"slices"
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// onePatient returns the key of the one person that a command names by key,
// patient number or case number. The number must be the whole one: the search
// also finds beginnings, and a digit that was left out would bring up the chart
// of somebody else.
func onePatient(ctx context.Context, v *chart.View, named string) (clinical.PatientKey, error) {
	key := clinical.PatientKey(strings.ToLower(strings.TrimSpace(named)))
	_, err := v.Patient(ctx, key, chart.Head())
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return key, err
	}
	hits, _, err := v.Search(ctx, chart.Query{Text: named, Limit: 20})
	if err != nil {
		return "", err
	}
	var found []clinical.PatientKey
	for _, hit := range hits {
		p, err := v.Patient(ctx, hit.Key, chart.Head())
		if err != nil {
			return "", err
		}
		if hasNumber(p, names.Number(named)) {
			found = append(found, hit.Key)
		}
	}
	if len(found) != 1 {
		return "", noOne()
	}
	return found[0], nil
}

// hasNumber reports whether n is a patient or case number of p or of an
// identity that was merged into it.
func hasNumber(p *chart.Patient, n string) bool {
	if n == "" {
		return false
	}
	is := func(id clinical.Identifier) bool { return names.Number(id.Value) == n }
	return slices.ContainsFunc(p.IDs, is) ||
		slices.ContainsFunc(p.Linked, func(l chart.Link) bool { return slices.ContainsFunc(l.IDs, is) }) ||
		slices.ContainsFunc(p.Stays, func(s chart.Stay) bool { return names.Number(string(s.Case)) == n })
}

// noOne says that a number names nobody, or more than one person.
func noOne() error {
	return fault.New(fault.NotFound, lang.Text{
		DE: "Zu dieser Nummer gibt es keinen oder mehr als einen Patienten.",
		EN: "No patient or more than one has this number.",
	})
}
