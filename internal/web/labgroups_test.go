package web

import (
	"testing"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

func TestAnAnalyteStandsUnderItsHeading(t *testing.T) {
	t.Parallel()
	result := func(group, loinc, text string) clinical.Result {
		return clinical.Result{Section: clinical.Laboratory, Group: group, Code: clinical.Coded{Code: loinc, Text: text}}
	}
	own := result("Schilddrüse", "3016-3", "TSH basal")
	h := headingsFor([]chart.Item[clinical.Result]{{V: own}, {V: own}})
	if len(h) != len(labGroups)+1 {
		t.Fatalf("got %d headings, want one more than the usual %d", len(h), len(labGroups))
	}
	for _, c := range []struct {
		name string
		r    clinical.Result
		want string
	}{
		{"the site's own heading comes first", own, "Schilddrüse"},
		{"a heading of the site that is a usual one", result("elektrolyte", "", "Sonderwert"), "Elektrolyte"},
		{"by LOINC", result("", "2823-3", "K"), "Elektrolyte"},
		{"by its text", result("", "", "Kreatinin i.S."), "Niere"},
		{"a short word must stand alone", result("", "", "Hbs-Antigen"), "Mikrobiologie und Virologie"},
		{"unknown", result("", "", "Zzz"), "Weitere"},
	} {
		if got := h[h.of(c.r)].label.DE; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if a, b := h.rank(0, clinical.Result{Sort: 5}), h.rank(0, clinical.Result{Sort: 7}); a >= b {
		t.Errorf("the site's order is not kept: %d, %d", a, b)
	}
}
