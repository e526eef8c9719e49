package estate

import (
	"testing"
	"time"
)

func TestTheTemplateIsWholeAndContradictsItselfNowhere(t *testing.T) {
	t.Parallel()
	tables, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	e := New(*tables)
	if n := len(e.Systems); n < 60 {
		t.Errorf("%d systems", n)
	}
	for _, f := range e.Check(Date{2026, time.November, 22}) {
		t.Log(f.Level, f.Code, f.Table, f.Row, f.Say.DE)
		if f.Level == Wrong {
			t.Errorf("the template says %s of %s: %s", f.Code, f.Row, f.Say.DE)
		}
	}
	for i, tier := range e.Tiers() {
		t.Log(i, len(tier), tier[0].ID)
	}
}
