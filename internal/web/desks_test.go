package web

import (
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

func TestAnEmergencyStandsOnALongWorklist(t *testing.T) {
	t.Parallel()
	tasks := make([]chart.Task, maxWork+50)
	for i := range tasks {
		tasks[i].Order.V = clinical.Order{Placer: "L1", Priority: "R"}
	}
	tasks[len(tasks)-1].Order.V = clinical.Order{Placer: "L2", Priority: "S"}
	tasks[len(tasks)-2].Order.V = clinical.Order{Placer: "L3", Priority: "S"}
	tasks[len(tasks)-2].Dead = true
	p := worklistPage{Here: "/desk/lab"}
	p.fill(tasks, "", func(chart.Task) string { return "" })
	if len(p.Rows) != maxWork+1 || !p.Cut || p.Rows[maxWork].Number != "L2" {
		t.Errorf("%d rows, cut %t", len(p.Rows), p.Cut)
	}
	short := worklistPage{Here: "/desk/lab"}
	short.fill(tasks[:maxWork], "", func(chart.Task) string { return "" })
	if len(short.Rows) != maxWork || short.Cut {
		t.Errorf("%d rows, cut %t", len(short.Rows), short.Cut)
	}
}

func TestThePharmacysListLeavesOutWhatIsOverAndKeepsWhatIsNeededAtOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	ended := chart.Task{Kind: chart.TaskReview}
	ended.Prescription.V.End = now
	runs := chart.Task{Kind: chart.TaskReview}
	runs.Prescription.V.End = now.Add(time.Minute)
	if !over(&ended, now) || over(&runs, now) || over(&chart.Task{Kind: chart.TaskRequest}, now) || over(&chart.Task{Kind: chart.TaskRemark}, now) {
		t.Error("what is over is not told from what runs")
	}
	tasks := slices.Repeat([]chart.Task{{Kind: chart.TaskRequest}}, maxWork+9)
	tasks[maxWork+4].Request.V.Priority = "S"
	if got := firstWork(tasks); len(got) != maxWork+1 || got[maxWork].Request.V.Priority != "S" {
		t.Errorf("%d requests are shown", len(got))
	}
}
