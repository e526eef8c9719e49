package app

import (
	"strings"
	"testing"

	"notbetrieb/internal/config"
)

func TestARangeThatRunsLowStandsAsAnAlarm(t *testing.T) {
	t.Parallel()
	c, k := testConfig(t)
	c.Numbers.Case = config.NumberRange{Prefix: "F", Digits: 4}
	h := openHub(t, c, k, Options{})
	h.lookAtNumbers()
	if all := h.Alarms.All(); len(all) != 0 {
		t.Fatalf("a fresh range raises %v", all)
	}
	for h.Numbers.Left("case") >= 9999/20 {
		if _, err := h.Numbers.Grant(t.Context(), "station-1", "case"); err != nil {
			t.Fatal(err)
		}
	}
	h.lookAtNumbers()
	all := h.Alarms.All()
	if len(all) != 1 || all[0].Key != "numbers/case" || !strings.Contains(all[0].Text.DE, "numbers.case") {
		t.Errorf("alarms: %+v", all)
	}
}
