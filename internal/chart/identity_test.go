package chart

import (
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
)

func (w *world) person(number, no, family, given string, to clinical.Place) {
	w.send("kis", of(number, no, person(family, given, 1951, 4, 3, clinical.Female)), of(number, no, admit(w.now, to)))
}

func mergeFrom(numbers ...string) clinical.Merge {
	var m clinical.Merge
	for _, n := range numbers {
		m.From = append(m.From, id(n))
	}
	return m
}

func TestAMergeShowsOnePersonAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Mueller", "Anna", place("3A", "302", "F"))
	w.send("lis", of("200", "2", potassium(w.now, "4,1", 4.1, clinical.Final)))
	w.send("kis", of("100", "", mergeFrom("200")))
	w.send("lis", of("200", "2", clinical.Document{ID: "d1", Title: "Befund", Section: clinical.Radiology, Status: clinical.Final, At: w.now}))

	for _, number := range []string{"100", "200"} {
		p := w.patient(number)
		if p.Key != key("100") || len(p.Linked) != 1 || p.Linked[0].Key != key("200") || len(p.Results) != 1 ||
			len(p.Documents) != 1 || len(p.Stays) != 2 || len(p.IDs) != 2 || p.Name.V.Family != "Müller" {
			t.Errorf("by %s: %+v", number, p)
		}
	}
	for _, r := range w.ward("3A").Rows {
		if !r.Free && r.Key != key("100") {
			t.Errorf("a row of the merged number: %+v", r)
		}
	}
	w.send("kis", of("100", "", clinical.Unmerge{From: []clinical.Identifier{id("200")}}))
	if p := w.patient("200"); p.Key != key("200") || len(p.Results) != 1 || len(p.Stays) != 1 {
		t.Errorf("after the merge was taken back: %+v", p)
	}
	if p := w.patient("100"); len(p.Results) != 0 || len(p.Linked) != 0 || len(p.Stays) != 1 {
		t.Errorf("the survivor keeps foreign data: %+v", p)
	}
	v := w.view()
	hits, _, err := v.Search(t.Context(), Query{Text: "200"})
	if err != nil || len(hits) != 1 || hits[0].Key != key("200") || hits[0].Merged {
		t.Errorf("search after the merge was taken back: %+v %v", hits, err)
	}
}

func TestAMergeTheOtherWayRoundTurnsTheFirstOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Müller", "Anna", place("3A", "302", "F"))
	w.person("300", "3", "Müller", "Anna", place("3A", "310", "F"))
	w.send("kis", of("100", "", mergeFrom("200")))
	w.send("kis", of("300", "", mergeFrom("100")))
	w.send("kis", of("200", "", mergeFrom("300")))
	for _, number := range []string{"100", "200", "300"} {
		if p := w.patient(number); p.Key != key("200") || len(p.Linked) != 2 || len(p.Stays) != 3 {
			t.Errorf("by %s: %s with %d links", number, p.Key, len(p.Linked))
		}
	}
}

func TestAnOldMergeThatComesLateDoesNotUndoItsCancellation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Müller", "Anna", place("3A", "302", "F"))
	sent := w.now
	w.send("kis", of("100", "", clinical.Unmerge{From: []clinical.Identifier{id("200")}}))
	w.sendAt("kis", sent, of("100", "", mergeFrom("200")))
	if p := w.patient("200"); p.Key != key("200") {
		t.Errorf("merged by an old message: %+v", p)
	}
}

func TestACaseOfAnotherPersonIsNotFiled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Weber", "Karl", place("3A", "302", "F"))
	n := w.send("lis", of("200", "1", potassium(w.now, "6,1", 6.1, clinical.Final, "HH")))
	for _, number := range []string{"100", "200"} {
		if p := w.patient(number); len(p.Results) != 0 {
			t.Errorf("a contradiction was filed with %s", number)
		}
	}
	u := w.unread()
	if len(u) != 1 || u[0].Seq != n || u[0].Code != "contradiction" {
		t.Fatalf("unread %+v", u)
	}
	body, err := Aside(seq(n), "", "S. Weber", false)
	if err != nil {
		t.Fatal(err)
	}
	w.src.add(message{Silent: true, Received: w.now, Aside: readAside(body)})
	if u := w.unread(); len(u) != 0 {
		t.Errorf("still open: %+v", u)
	}
	v := w.view()
	aside, total, err := v.Unread(t.Context(), UnreadFilter{Aside: true})
	if err != nil || total != 1 || aside[0].AsideBy != "S. Weber" || !aside[0].AsideAt.Equal(w.now) {
		t.Errorf("set aside: %+v %v", aside, err)
	}
	if h, _ := v.House(t.Context()); h.Unread != 0 || h.Messages != 0 || h.Feeds[1].Unread != 0 {
		t.Errorf("house %+v", h)
	}
	// A number nobody has seen does not make a person either.
	w.send("lis", of("999", "1", potassium(w.now, "6,1", 6.1, clinical.Final, "HH")))
	if _, err := w.view().Patient(t.Context(), key("999"), Head()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a contradiction made a person: %v", err)
	}
}

func TestAResultWithOnlyACaseWaitsForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("lis", of("", "7", potassium(w.now, "6,1", 6.1, clinical.Final, "HH")))
	if u := w.unread(); len(u) != 1 || u[0].Code != "unknown-case" {
		t.Fatalf("unread %+v", u)
	}
	w.person("100", "7", "Müller", "Anna", place("3A", "301", "F"))
	if p := w.patient("100"); len(p.Results) != 1 {
		t.Errorf("the waiting result was not filed: %+v", p.Results)
	}
	if u := w.unread(); len(u) != 0 {
		t.Errorf("still unread: %+v", u)
	}
	w.send("lis", of("", "", potassium(w.now, "6,1", 6.1, clinical.Final, "HH")))
	if u := w.unread(); len(u) != 1 || u[0].Code != "no-patient" {
		t.Errorf("unread %+v", u)
	}
}

func TestAMovedCaseTakesItsResultsAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Weber", "Karla", place("3A", "302", "F"))
	w.send("lis", of("100", "1", potassium(w.now, "6,1", 6.1, clinical.Final, "HH")))
	w.send("kis", of("100", "1", clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Penicillin"}}}))
	w.send("kis", of("200", "1", clinical.CaseMove{From: []clinical.Identifier{id("100")}}))
	p, q := w.patient("100"), w.patient("200")
	if len(p.Results) != 0 || len(p.Stays) != 0 || len(p.Allergies) != 1 {
		t.Errorf("left behind: %d results, %d stays", len(p.Results), len(p.Stays))
	}
	if len(q.Results) != 1 || len(q.Stays) != 2 || len(q.Allergies) != 1 {
		t.Errorf("moved: %d results, %d stays, %d allergies", len(q.Results), len(q.Stays), len(q.Allergies))
	}
	for _, r := range w.ward("3A").Rows {
		if r.Place.Room == "301" && r.Place.Bed == "F" && (r.Key != key("200") || len(r.Critical) != 1) {
			t.Errorf("row %+v", r)
		}
		if r.Key == key("100") {
			t.Errorf("the person without the case is still listed: %+v", r)
		}
	}
	w.send("lis", of("100", "1", potassium(w.now, "3,1", 3.1, clinical.Final)))
	if u := w.unread(); len(u) != 1 || u[0].Code != "contradiction" {
		t.Errorf("unread %+v", u)
	}
}

func TestARenumberedPersonIsFoundByBothNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.send("kis", of("101", "1", clinical.Renumber{Old: []clinical.Identifier{id("100")}}))
	w.send("kis", of("101", "1", transfer(w.now, place("ITS", "1", "1"))))
	for _, number := range []string{"100", "101"} {
		if p := w.patient(number); p.Key != key("101") || len(p.Stays) != 1 || p.Stays[0].Now.V.Ward != "ITS" || p.Name.V.Family != "Müller" {
			t.Errorf("by %s: %+v", number, p)
		}
	}
	if len(w.unread()) != 0 {
		t.Error("a renumbering is no contradiction")
	}
}

func TestTwoCasesThatAreOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.send("kis", of("100", "2", transfer(w.now, place("ITS", "1", "1"))))
	w.send("kis", of("100", "2", clinical.Merge{FromCase: "1"}))
	w.send("kis", of("100", "1", clinical.Movement{Action: clinical.Insert, Kind: clinical.Discharge, Start: w.now}))
	p := w.patient("100")
	if len(p.Stays) != 1 || p.Stays[0].Case != "2" || len(p.Stays[0].Also) != 1 || p.Stays[0].State != Left || len(p.Stays[0].Movements) != 3 {
		t.Errorf("stays %+v", p.Stays)
	}
	hits, _, err := w.view().Search(t.Context(), Query{Text: "1"})
	if err != nil || len(hits) > 1 {
		t.Errorf("%v %v", hits, err)
	}
}

func TestDoubletsAreShownAndTwinsAreNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Mueller", "Anna", place("3A", "302", "F"))
	w.person("300", "3", "Müller", "Berta", place("3A", "310", "F"))
	p := w.patient("100")
	if len(p.Doublets) != 1 || p.Doublets[0].Key != key("200") {
		t.Errorf("doublets %+v", p.Doublets)
	}
	if p := w.patient("300"); len(p.Doublets) != 0 {
		t.Errorf("a twin is no doublet: %+v", p.Doublets)
	}
	for _, r := range w.ward("3A").Rows {
		if !r.Free && !r.NamesAlike {
			t.Errorf("not marked as a name to mix up: %+v", r.Key)
		}
	}
	w.send("kis", of("100", "", mergeFrom("200")))
	if p := w.patient("100"); len(p.Doublets) != 0 {
		t.Errorf("linked persons are no doublets: %+v", p.Doublets)
	}
}

func TestANewbornIsLinkedToItsMother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	baby := person("Müller", "", 2026, 11, 19, clinical.Male)
	baby.Mother = clinical.Say(id("100"))
	w.send("kis", of("900", "9", baby), of("900", "9", admit(w.now, place("3A", "301", "F"))))
	if p := w.patient("900"); p.MotherKey != "" {
		t.Errorf("a mother nobody knows: %v", p.MotherKey)
	}
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	if p := w.patient("900"); p.MotherKey != key("100") {
		t.Error("the mother is not linked")
	}
	shared := 0
	for _, r := range w.ward("3A").Rows {
		if r.Shared {
			shared++
		}
		if r.Key == key("900") && r.Mother != key("100") {
			t.Error("the row does not name the mother")
		}
	}
	if shared != 2 {
		t.Errorf("%d rows are marked as sharing a bed", shared)
	}
}
