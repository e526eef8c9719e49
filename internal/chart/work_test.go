package chart

import (
	"testing"

	"notbetrieb/internal/clinical"
)

func (w *world) work(q WorkQuery) []Task {
	w.t.Helper()
	v := w.view()
	defer v.Close()
	out, total, err := v.Work(w.t.Context(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	if q.Limit == 0 && total != len(out) {
		w.t.Errorf("%d tasks, %d counted", len(out), total)
	}
	return out
}

func TestAnOrderWaitsUntilItsResultIsFinal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Weber", "Karl", place("ITS", "1", "1"))
	w.send("kis", of("100", "1", order("A-77", clinical.Ordered)))
	w.send("kis", of("200", "2", order("A-78", clinical.Ordered)))
	got := w.work(WorkQuery{Kinds: []TaskKind{TaskOrder}, Sections: []clinical.Section{clinical.Laboratory}})
	if len(got) != 2 || got[0].Order.V.Placer != "A-77" || got[0].Name.Family != "Müller" || got[0].Place.Ward != "3A" {
		t.Fatalf("%+v", got)
	}
	if got := w.work(WorkQuery{Number: "a78"}); len(got) != 1 || got[0].Key != key("200") {
		t.Errorf("by label: %+v", got)
	}
	if got := w.work(WorkQuery{Number: "7"}); len(got) != 0 {
		t.Errorf("a part of a number finds %+v", got)
	}
	r := potassium(w.now, "4,1", 4.1, clinical.Final)
	r.Filler, r.Placer = "", "A-77"
	w.send("lis", of("100", "1", r))
	if got := w.work(WorkQuery{Kinds: []TaskKind{TaskOrder}, Ward: "3A"}); len(got) != 0 {
		t.Errorf("still waits: %+v", got)
	}
	w.send("kis", of("200", "2", transfer(w.now, place("3A", "302", "F"))))
	if got := w.work(WorkQuery{Ward: "3A"}); len(got) != 1 || got[0].Place.Room != "302" {
		t.Errorf("after the transfer: %+v", got)
	}
}

func TestACriticalResultWaitsForANamedPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	r := potassium(w.now, "6,4", 6.4, clinical.Final, "HH")
	first := w.send("lis", of("100", "1", r))
	got := w.work(WorkQuery{Kinds: []TaskKind{TaskCritical}})
	if len(got) != 1 || got[0].Critical.Mark.Value != "6,4" || got[0].Critical.Result != r.Key() {
		t.Fatalf("%+v", got)
	}
	nurse := clinical.Staff{ID: "pflege", Name: "S. Weber"}
	w.send(Here, of("100", "1", clinical.Notice{Result: r.Key(), Of: first, By: nurse, At: w.now}))
	if got := w.work(WorkQuery{}); len(got) != 0 {
		t.Errorf("taken note of and still waits: %+v", got)
	}
	worse := potassium(w.now, "7,1", 7.1, clinical.Corrected, "HH")
	w.send("lis", of("100", "1", worse))
	if got := w.work(WorkQuery{}); len(got) != 1 || got[0].Critical.Mark.Value != "7,1" {
		t.Errorf("a corrected value is news: %+v", got)
	}
	p := w.patient("100")
	if len(p.Notices) != 1 || p.Notices[0].V.By != nurse {
		t.Errorf("%+v", p.Notices)
	}
	w.send("lis", of("100", "1", potassium(w.now, "4,4", 4.4, clinical.Corrected)))
	if got := w.work(WorkQuery{}); len(got) != 0 {
		t.Errorf("no longer critical: %+v", got)
	}
}

func TestADraftWaitsForItsAuthor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	by := clinical.Staff{ID: "pflege", Name: "S. Weber"}
	w.send(Here, of("100", "1", clinical.Draft{Key: "k1", Form: "vitals", By: by, At: w.now}))
	w.send(Here, of("100", "1", clinical.Draft{Key: "k1", Form: "vitals", By: by, At: w.now}))
	if got := w.work(WorkQuery{Person: "pflege"}); len(got) != 1 || got[0].Draft.V.Key != "k1" {
		t.Errorf("%+v", got)
	}
	if got := w.work(WorkQuery{Person: "arzt"}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	w.send(Here, of("100", "1", clinical.Draft{Key: "k1", Form: "vitals", By: by, At: w.now, Ended: true}))
	if got := w.work(WorkQuery{}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
