package chart

import (
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

func TestAWarningThatHasEndedLeavesTheListWithoutANewMessage(t *testing.T) {
	t.Parallel()
	warn := func(kind clinical.AlertKind, text string, until time.Time) clinical.Alert {
		return clinical.Alert{Kind: kind, What: clinical.Coded{Code: text, Text: text}, Until: until}
	}
	w := newWorld(t)
	now := w.cfg.Now()
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("101", "2", "von der Heide", "Karl", place("3A", "301", "T"))
	w.send("kis", of("100", "1", warn(clinical.Isolation, "Noro", now.Add(-time.Minute))))
	w.send("kis", of("100", "1", warn(clinical.Cave, "Nüchtern", now.Add(-time.Hour))))
	w.send("kis", of("100", "1", warn(clinical.Risk, "Sturzgefahr", now.Add(time.Hour))))
	w.send("kis", of("100", "1", warn(clinical.Resuscitation, "DNR", time.Time{})))
	w.send("kis", of("100", "1", warn(clinical.Resuscitation, "volle Therapie zur OP", now.Add(-time.Hour))))
	w.send("kis", of("100", "1", warn(clinical.Cave, "Sprachbarriere", time.Date(2026, 11, 19, 0, 0, 0, 0, w.cfg.Zone)))) // the day of the story
	w.send("kis", of("101", "2", warn(clinical.Isolation, "MRSA", now.Add(time.Minute))))

	rows := w.ward("3A").Rows
	i := slices.IndexFunc(rows, func(r Row) bool { return r.Key == key("100") })
	if r := rows[i]; len(r.Isolation) != 0 || !slices.Equal(r.Alerts, []string{"Sturzgefahr", "Sprachbarriere"}) || r.Resuscitate != "DNR" {
		t.Errorf("isolation %q, alerts %q, resuscitation %q", r.Isolation, r.Alerts, r.Resuscitate)
	}
	i = slices.IndexFunc(rows, func(r Row) bool { return r.Key == key("101") })
	if r := rows[i]; !slices.Equal(r.Isolation, []string{"MRSA"}) {
		t.Errorf("an isolation that goes on: %q", r.Isolation)
	}
	v := w.view()
	h, err := v.House(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.Wards[0].Isolated != 1 {
		t.Errorf("the house counts %d isolated", h.Wards[0].Isolated)
	}
}
