package chart

import (
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/interpret"
)

// A laboratory that names no case: what belongs to a case's order goes with the
// case, the rest stays and is said on both charts.
func TestResultsWithoutACaseFollowTheirOrder(t *testing.T) {
	t.Parallel()
	from := clinical.CaseMove{From: []clinical.Identifier{id("100")}}
	result := func(placer, filler, value string) clinical.Result {
		return numbered(placer, filler, value, clinical.Final)
	}
	by := func(w *world) (old, now int) {
		for _, u := range w.unread() {
			if u.Code == interpret.ByHand {
				switch u.Key {
				case key("100"):
					old++
				case key("200"):
					now++
				}
			}
		}
		return old, now
	}
	for _, c := range []struct {
		name       string
		sent       []clinical.Change
		stay, came string
		unread     int
	}{
		{"of the case's order", []clinical.Change{of("100", "2", order("A1", clinical.Ordered)), of("100", "", result("A1", "F1", "a"))}, "", "a", 0},
		{"of an order of which another value named the case", []clinical.Change{of("100", "2", result("", "F1", "a")), func() clinical.Change {
			r := result("", "F1", "b")
			r.Local.Code = "NA"
			return of("100", "", r)
		}()}, "", "a b", 0},
		{"of another case's order", []clinical.Change{of("100", "1", order("A1", clinical.Ordered)), of("100", "", result("A1", "F1", "a"))}, "a", "", 1},
		{"of an order with both cases", []clinical.Change{of("100", "1", result("A1", "F1", "a")), of("100", "2", result("A1", "F2", "b")), func() clinical.Change {
			r := result("A1", "F3", "c")
			r.Local.Code = "NA"
			return of("100", "", r)
		}()}, "a c", "b", 1},
		{"of no order that is known", []clinical.Change{of("100", "", result("A9", "F9", "a"))}, "a", "", 1},
		{"nothing was without a case", []clinical.Change{of("100", "1", result("A1", "F1", "a")), of("100", "2", result("A2", "F2", "b"))}, "a", "b", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
			w.send("kis", of("100", "2", admit(w.now, place("ITS", "1", "1"))))
			w.send("kis", of("200", "3", person("Berg", "Karl", 1950, 1, 1, clinical.Male)))
			for _, ch := range c.sent {
				w.send("lis", ch)
			}
			w.send("kis", of("200", "2", from))
			if stay, came := values(w.patient("100")), values(w.patient("200")); stay != c.stay || came != c.came {
				t.Errorf("stayed %q, want %q; came %q, want %q", stay, c.stay, came, c.came)
			}
			if old, now := by(w); old != c.unread || now != c.unread {
				t.Errorf("listed for the former chart %d, for the new one %d, want %d", old, now, c.unread)
			}
		})
	}
}

func TestDosesAndDocumentsWithoutACaseFollowTheirOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.send("kis", of("100", "1", clinical.Prescription{Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Status: clinical.InProgress}), of("100", "1", order("A1", clinical.Ordered)))
	w.send("kis", of("100", "", clinical.Dose{ID: "M1@1", Prescription: "M1", At: w.now, Status: clinical.Given}))
	w.send("ris", of("100", "", clinical.Document{ID: "D1", Placer: "A1", Section: clinical.Radiology, Status: clinical.Final, At: w.now, Text: "Befund"}))
	w.send("kis", of("200", "1", clinical.CaseMove{From: []clinical.Identifier{id("100")}}))
	if p := w.patient("200"); len(p.Doses) != 1 || len(p.Documents) != 1 || len(w.unread()) != 0 {
		t.Errorf("%d doses, %d documents, unread %+v", len(p.Doses), len(p.Documents), w.unread())
	}
	if due := w.ward("3A").Rows[0].Doses; len(due) != 1 || due[0].Last.IsZero() {
		t.Errorf("due %+v", due)
	}
}

func TestNumbersOfTwoLaboratoriesStayTwoWhenACaseMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Berg", "Karl", place("ITS", "1", "1"))
	lab := func(value, by string) clinical.Result { return given(numbered("", "1001", value, clinical.Final), by) }
	high := lab("a", "LAB1")
	high.Flags = []string{"HH"}
	w.send("lis", of("100", "1", high))
	w.send("lis", of("200", "2", lab("b", "LAB2")))
	w.send("kis", of("200", "1", clinical.CaseMove{From: []clinical.Identifier{id("100")}}))
	if p, q := w.patient("100"), w.patient("200"); len(p.Unheard) != 0 || len(q.Unheard) != 1 {
		t.Errorf("waiting for somebody: %+v at the former chart, %+v at the new one", p.Unheard, q.Unheard)
	}
	w.send("lis", of("200", "1", lab("c", "LAB1")))
	if q := w.patient("200"); len(q.Unheard) != 0 {
		t.Errorf("the superseded value still waits: %+v", q.Unheard)
	}
	w.send("lis", of("200", "2", lab("d", "LAB2")))
	if got := values(w.patient("200")); got != "c<a d<b" {
		t.Errorf("%q", got)
	}
}
