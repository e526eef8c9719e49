package handback_test

import (
	"testing"

	"notbetrieb/internal/handback"
	"notbetrieb/internal/hl7"
	"notbetrieb/internal/journal"
)

func TestBothSidesAreComparedMessageByMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.records("100", 36.5)
	h.records("101", 37.5)
	refused := h.records("102", 38.5)
	if err := h.SetMode(t.Context(), journal.NewID(), "kis", handback.Flowing, h.act("it")); err != nil {
		t.Fatal(err)
	}
	items, _ := h.Items(t.Context(), "kis", handback.Filter{})
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items[:2], h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	h.until(func(items []handback.Item) bool {
		return items[0].State == handback.Accepted && items[1].State == handback.Accepted
	})
	h.kis.mu.Lock()
	h.kis.code = hl7.AE
	h.kis.mu.Unlock()
	if err := h.Decide(t.Context(), journal.NewID(), "kis", handback.Release, items[2:], h.act("arzt")); err != nil {
		t.Fatal(err)
	}
	items = h.until(func(items []handback.Item) bool { return items[2].State == handback.Refused })
	a, b, c := items[0].Control, items[1].Control, items[2].Control
	l := handback.NewLedger(h.j, "kis")
	for name, there := range map[string]struct {
		held []handback.Held
		want handback.Comparison
		even bool
	}{
		"the same":           {[]handback.Held{{a, 1}, {b, 1}}, handback.Comparison{Same: 2}, true},
		"one lost":           {[]handback.Held{{b, 1}}, handback.Comparison{Same: 1, Lost: make([]handback.Delivery, 1)}, false},
		"one twice":          {[]handback.Held{{a, 2}, {b, 1}}, handback.Comparison{Same: 1, Doubled: make([]handback.Delivery, 1)}, false},
		"refused, but there": {[]handback.Held{{a, 1}, {b, 1}, {c, 1}}, handback.Comparison{Same: 2, Unheard: make([]handback.Delivery, 1)}, false},
		"one of nobody":      {[]handback.Held{{a, 1}, {b, 1}, {"X", 1}}, handback.Comparison{Same: 2, Strange: []string{"X"}}, false},
	} {
		got, err := l.Compare(t.Context(), there.held)
		if err != nil {
			t.Fatal(err)
		}
		if got.Same != there.want.Same || len(got.Lost) != len(there.want.Lost) || len(got.Doubled) != len(there.want.Doubled) ||
			len(got.Unheard) != len(there.want.Unheard) || len(got.Strange) != len(there.want.Strange) || got.Even() != there.even {
			t.Errorf("%s: %+v", name, got)
		}
		if len(got.Unheard) == 1 && (got.Unheard[0].Root != refused.Root || got.Unheard[0].Text != "Patient gesperrt") {
			t.Errorf("%s: %+v", name, got.Unheard)
		}
	}
}
