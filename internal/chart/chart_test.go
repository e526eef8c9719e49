package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
)

func seq(n uint64) journal.Seq { return journal.Seq(n) }

func potassium(at time.Time, value string, n float64, status clinical.ResultStatus, flags ...string) clinical.Result {
	return clinical.Result{
		Filler: "L1", Code: clinical.Coded{Code: "2823-3", Text: "Kalium", System: "LN"}, Local: clinical.Coded{Code: "K"},
		Section: clinical.Laboratory, Value: value, Number: &n, Unit: "mmol/l", Range: "3,5-5,1", Status: status, At: at, Flags: flags,
	}
}

func TestAResultReachesTheWardThatHasThePatientNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := start()
	w.send("kis", of("100", "4711001", person("Müller", "Anna", 1951, 4, 3, clinical.Female)),
		of("100", "4711001", admit(at, place("3A", "301", "F"))))
	w.send("kis", of("100", "4711001", transfer(at.Add(time.Hour), place("ITS", "1", "2"))))
	w.send("lis", of("100", "4711001", potassium(at.Add(2*time.Hour), "6,1", 6.1, clinical.Final, "HH")))

	if l := w.ward("3A"); l.Occupied != 0 || len(l.Rows) != 4 || !l.Rows[0].Free {
		t.Errorf("3A still lists somebody: %+v", l)
	}
	l := w.ward("ITS")
	if l.Occupied != 1 || len(l.Rows) != 2 || !l.Rows[0].Free {
		t.Fatalf("ITS: %+v", l)
	}
	row := l.Rows[1]
	if len(row.Critical) != 1 || row.Critical[0].Label != "Kalium" || row.Critical[0].Value != "6,1" || row.Place.Bed != "2" {
		t.Errorf("row %+v", row)
	}
	p := w.patient("100")
	if len(p.Results) != 1 || p.Results[0].Origin.Feed != "lis" || p.Name.V.Family != "Müller" || p.Stays[0].State != Present {
		t.Errorf("patient %+v", p)
	}
	v := w.view()
	h, err := v.House(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.Patients != 1 || h.Wards[1].Critical != 1 || h.Wards[1].Occupied != 1 || h.Feeds[1].Count != 1 || h.Seq != 3 {
		t.Errorf("house %+v", h)
	}
	if _, err := v.Ward(t.Context(), "9Z"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown ward: %v", err)
	}
	if _, err := v.Patient(t.Context(), "nobody", Head()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("unknown patient: %v", err)
	}
	src, err := v.Sources(t.Context(), key("100"), 0, 10)
	if err != nil || len(src) != 3 || src[0].Seq != 3 {
		t.Errorf("sources %+v %v", src, err)
	}
}

func TestChartsOutliveARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("100", "1", person("Müller", "Anna", 1951, 4, 3, clinical.Female)), of("100", "1", admit(start(), place("3A", "301", "F"))))
	w.settle()
	w.close()
	w.open("v1")
	w.send("kis", of("100", "1", transfer(start().Add(time.Hour), place("3A", "302", "F"))))
	if p := w.patient("100"); p.Stays[0].Now.V.Room != "302" || len(p.Stays[0].Movements) != 2 {
		t.Errorf("stay %+v", p.Stays[0])
	}
}

func TestAnotherMappingRebuildsBeside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("100", "1", person("Müller", "Anna", 1951, 4, 3, clinical.Female)))
	w.settle()
	w.close()
	w.src.mu.Lock()
	w.src.msgs[0].Changes[0].What = person("Möller", "Anna", 1951, 4, 3, clinical.Female)
	w.src.mu.Unlock()
	w.open("v2")
	moved, stop := w.chart.Subscribe()
	defer stop()
	deadline := time.After(20 * time.Second)
	for p := w.patient("100"); p.Name.V.Family != "Möller"; p = w.patient("100") {
		select {
		case <-moved:
		case <-deadline:
			t.Fatal("the old mapping is still shown")
		}
	}
}
