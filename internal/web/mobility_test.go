package web

import (
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/incident"
)

func TestMobilityIsOnlyWhatTheChartSays(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Emergency)
	value := func(code, v, comment string, before time.Duration) chart.Item[clinical.Result] {
		return chart.Item[clinical.Result]{V: clinical.Result{Code: clinical.Coded{Code: code}, Value: v, Comment: comment, Status: clinical.Final, At: ago(before)}}
	}
	braden := func(activity string, before time.Duration) chart.Item[clinical.Result] {
		return value(codeBraden, "14", "mittleres Risiko; Feuchtigkeit der Haut oft feucht (2); Aktivität "+activity+"; Mobilität beweglich (4)", before)
	}
	order := func(section clinical.Section, question string, before time.Duration) chart.Item[clinical.Order] {
		return chart.Item[clinical.Order]{V: clinical.Order{Section: section, What: clinical.Coded{Text: "CT Abdomen"}, Question: question, Requested: ago(before)}}
	}
	cancelled := order(clinical.Transport, "Beweglichkeit: gehfähig", time.Hour)
	cancelled.Cancelled = true
	said := crisis.Moves{How: crisis.ByChair, By: crisis.Act{Name: "S. Weber", At: ago(5 * time.Minute)}}
	type results = []chart.Item[clinical.Result]
	type orders = []chart.Item[clinical.Order]
	for _, c := range []struct {
		what string
		said crisis.Moves
		ward string
		r    results
		o    orders
		how  crisis.Mobility
		from string
	}{
		{what: "nothing is written: unknown, not walking"},
		{what: "a Braden scale without its parts says nothing", r: results{value(codeBraden, "14", "", time.Hour)}},
		{what: "bedfast lies", r: results{braden("bettlägerig (1)", time.Hour)}, how: crisis.LyingDown, from: "Braden-Skala"},
		{what: "chairfast", r: results{braden("sitzt auf (2)", time.Hour)}, how: crisis.ByChair, from: "Braden-Skala"},
		{what: "the newest scale counts", r: results{braden("bettlägerig (1)", 30*time.Hour), braden("geht wenig (3)", time.Hour)}, how: crisis.OnFoot, from: "Braden-Skala"},
		{what: "a scale of last month counts no more", r: results{braden("geht wenig (3)", 30*24*time.Hour)}},
		{what: "a withdrawn scale", r: results{func() chart.Item[clinical.Result] {
			b := braden("geht wenig (3)", time.Hour)
			b.V.Status = clinical.Withdrawn
			return b
		}()}},
		{what: "a transport", o: orders{order(clinical.Transport, "Beweglichkeit: Bett\nBegleitung: Pflege", time.Hour)}, how: crisis.LyingDown, from: "Transport"},
		{what: "an order of radiology does not say what for", o: orders{order(clinical.Radiology, "Fragestellung: Ileus\nBeweglichkeit: Rollstuhl", time.Hour)}, how: crisis.ByChair, from: "Anforderung"},
		{what: "the newer of order and scale", r: results{braden("geht regelmäßig (4)", 40*time.Hour)}, o: orders{order(clinical.Transport, "Beweglichkeit: Rollstuhl", time.Hour)}, how: crisis.ByChair, from: "Transport"},
		{what: "a cancelled order, one of last week, one in other words", o: orders{cancelled, order(clinical.Transport, "Beweglichkeit: gehfähig", 100*time.Hour), order(clinical.Transport, "Beweglichkeit: gut", time.Hour)}},
		{what: "a ventilator goes before what was written yesterday", r: results{value(codeFiO2, "45", "", time.Hour), braden("geht wenig (3)", time.Hour)}, how: crisis.WithMonitor, from: "Beatmung, FiO2 45 %"},
		{what: "one that was taken off two days ago", r: results{value(codeFiO2, "45", "", 50*time.Hour)}},
		{what: "intensive care", ward: "icu", how: crisis.WithMonitor, from: "Intensivstation"},
		{what: "a person goes before all", said: said, ward: "icu", r: results{value(codeFiO2, "45", "", time.Hour)}, how: crisis.ByChair, from: "S. Weber"},
	} {
		got := mobilityOf(c.said, c.ward, &chart.Patient{Results: c.r, Orders: c.o}, f)
		if got.How != c.how || got.From.DE != c.from || got.Said != (c.said.How != "") {
			t.Errorf("%s: %q from %q", c.what, got.How, got.From.DE)
		}
	}
	if got := mobilityOf(crisis.Moves{}, "inpatient", nil, f); got.Known() || got.Word().DE != "nicht erhoben" {
		t.Errorf("without a chart: %+v", got)
	}
}
