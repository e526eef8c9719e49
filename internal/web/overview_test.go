package web

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

func TestAPositiveCultureOfAnOlderSpecimenIsNewOnTheDayItIsReported(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	taken, reported := now.Add(-4*24*time.Hour), now.Add(-time.Hour)
	p := &chart.Patient{Results: []chart.Item[clinical.Result]{{
		V: clinical.Result{
			Section: clinical.Microbiology, Code: clinical.Coded{Text: "Blutkultur"}, Value: "Staphylococcus aureus",
			Flags: []string{"AA"}, Status: clinical.Final, At: taken,
		},
		Origin: clinical.Origin{Seq: 7, Sent: reported, Received: reported},
	}}}
	o := newOverviewPage(p, Frame{Lang: lang.DE, Now: now}, around{})
	if len(o.Critical) != 1 {
		t.Errorf("got %d critical results, want the culture", len(o.Critical))
	}
	if len(o.Events) != 1 {
		t.Fatalf("got %d events of the last 24 h, want the culture", len(o.Events))
	}
}

func TestAComparatorIsShownOnce(t *testing.T) {
	t.Parallel()
	f := Frame{Lang: lang.DE, Now: time.Now()}
	for _, r := range []clinical.Result{{Value: "<0.1", Comparator: "<"}, {Value: "0.1", Comparator: "<"}} {
		l := newResultLine(chart.Item[clinical.Result]{V: r}, f)
		if got := strings.ReplaceAll(l.Value.Num.Whole+l.Value.Num.Part, " ", ""); got != "<0,1" {
			t.Errorf("%+v reads %q", r, got)
		}
	}
}
