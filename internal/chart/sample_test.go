package chart

import (
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// tube is a result of an analyser for the specimen with that number.
func tube(number string, r clinical.Result, ids ...clinical.Identifier) clinical.Change {
	r.Placer, r.Filler, r.Status, r.Comment = number, "", clinical.Preliminary, "Analysengerät, nicht validiert"
	return clinical.Change{IDs: ids, Sample: &clinical.Sample{Order: number}, What: r}
}

func (w *world) measured(number string, ids ...clinical.Identifier) {
	w.send("cobas", tube(number, potassium(w.now, "6,1", 6.1, clinical.Preliminary, "HH"), ids...))
}

func labOrder(placer, filler string) clinical.Order {
	return clinical.Order{Placer: placer, Filler: filler, What: clinical.Coded{Text: "Elektrolyte"}, Section: clinical.Laboratory, Status: clinical.Ordered}
}

// codes are the reasons on the unread list, newest first.
func (w *world) codes() (out []string) {
	for _, u := range w.unread() {
		out = append(out, u.Code)
	}
	return out
}

func (w *world) results(number string, want int) {
	w.t.Helper()
	if p := w.patient(number); len(p.Results) != want {
		w.t.Errorf("patient %s has %d results, want %d", number, len(p.Results), want)
	}
}

// twoWards is a house with two patients who wait for their potassium.
func twoWards(t *testing.T) *world {
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.person("200", "2", "Weber", "Karla", place("3A", "302", "F"))
	w.send("kis", of("100", "1", labOrder("A100", "L100")))
	w.send("kis", of("200", "2", labOrder("A200", "L200")))
	return w
}

func TestATubeFindsItsPatientByTheOrder(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.measured("L100") // the laboratory's number
	w.measured("A200") // the ward's number
	w.settle()
	p := w.patient("100")
	if len(p.Results) != 1 || len(w.patient("200").Results) != 1 || len(w.codes()) != 0 {
		t.Fatalf("%d results, unread %v", len(p.Results), w.codes())
	}
	r := p.Results[0]
	if r.V.Status != clinical.Preliminary || r.V.Placer != "A100" || r.V.Filler != "L100" || r.Case != "1" {
		t.Errorf("got %+v of case %s", r.V, r.Case)
	}
	if p.Orders[0].V.Status != clinical.PartResult {
		t.Errorf("the order is %s", p.Orders[0].V.Status)
	}
	if len(w.ward("3A").Rows[0].Critical) != 1 {
		t.Error("a critical value that is not validated is still critical")
	}
	// The laboratory validates it later under both numbers.
	final := potassium(r.V.At, "6,0", 6, clinical.Final, "HH")
	final.Placer, final.Filler = "A100", "L100"
	w.send("lis", of("100", "1", final))
	if p = w.patient("100"); len(p.Results) != 1 || p.Results[0].V.Value != "6,0" || p.Results[0].V.Status != clinical.Final || len(p.Results[0].Was) != 1 {
		t.Errorf("validated: %+v", p.Results)
	}
}

func TestAnUnknownTubeIsListedAndFiledWhenItsOrderComes(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.measured("NB-7")
	if c := w.codes(); !slices.Equal(c, []string{"unknown-order"}) {
		t.Fatalf("unread %v", c)
	}
	w.send("kis", of("200", "2", labOrder("NB-7", "")))
	w.results("200", 1)
	if c := w.codes(); len(c) != 0 {
		t.Errorf("still unread: %v", c)
	}
	w.measured("NB-8")
	w.now = w.now.Add(sampleWait)
	w.send("kis", of("200", "2", labOrder("NB-8", ""))) // the next day's: the number may be used anew
	w.results("200", 1)
	if c := w.codes(); !slices.Equal(c, []string{"unknown-order"}) {
		t.Errorf("unread %v", c)
	}
}

func TestATubeOfTwoPossiblePatientsIsFiledForNone(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.send("ris", of("200", "2", labOrder("L100", "")))
	w.measured("L100")
	w.results("100", 0)
	w.results("200", 0)
	if c := w.codes(); !slices.Equal(c, []string{"ambiguous-order"}) {
		t.Errorf("unread %v", c)
	}
	w.measured("L100", id("100")) // with the wristband it is certain
	w.results("100", 1)
	w.send("kis", of("100", "1", mergeFrom("200"))) // or where both are one person
	w.measured("L100")
	w.results("100", 1) // the same value again
	if c := w.codes(); len(c) != 1 {
		t.Errorf("unread %v", c)
	}
}

func TestAnotherPatientsTubeIsFiledForNone(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.measured("L100", id("200"))
	w.send("cobas", clinical.Change{
		Sample: &clinical.Sample{Order: "L100", Person: person("Weber", "Karla", 1960, 1, 1, clinical.Female)},
		What:   potassium(w.now, "6,1", 6.1, clinical.Preliminary),
	})
	w.send("cobas", clinical.Change{
		Sample: &clinical.Sample{Order: "L100", Person: clinical.Demographics{Birth: clinical.Say(clinical.Date{Year: 1960, Month: 1, Day: 1})}},
		What:   potassium(w.now, "6,1", 6.1, clinical.Preliminary),
	})
	w.measured("", id("100"), id("200"))
	w.results("100", 0)
	w.results("200", 0)
	if c := w.codes(); !slices.Equal(c, []string{"contradiction", "contradiction", "contradiction", "contradiction"}) {
		t.Errorf("unread %v", c)
	}
	w.send("cobas", clinical.Change{ // shortened as analysers do it
		Sample: &clinical.Sample{Order: "L100", Person: person("MUELLER", "Ann", 1951, 4, 3, clinical.Female)},
		What:   potassium(w.now, "6,1", 6.1, clinical.Preliminary),
	})
	w.results("100", 1)
}

func TestAnAnalyserMakesAndRenamesNobody(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.measured("", id("100"))      // blood gas by the wristband
	w.measured("L200", id("4711")) // the laboratory's own number for the patient
	w.measured("", id("999"))      // a number that is nobody's
	w.measured("L999", id("999"))  // and a tube that is nobody's
	w.measured("X1", id("200"))    // a known patient, an order that is not
	w.send("cobas", tube("L100", potassium(w.now, "5", 5, clinical.Preliminary), id("100"), id("555")))
	w.results("100", 2)
	w.results("200", 2)
	if c := w.codes(); !slices.Equal(c, []string{"unknown-order", "unknown-patient"}) {
		t.Errorf("unread %v", c)
	}
	if p := w.patient("100"); len(p.IDs) != 1 {
		t.Errorf("an analyser's number became one of the patient's: %v", p.IDs)
	}
	v := w.view()
	for _, number := range []string{"4711", "999", "555"} {
		if _, err := v.Patient(t.Context(), key(number), Head()); err == nil {
			t.Errorf("an analyser made a person %s", number)
		}
	}
}

func TestAnOrderThatIsOverIsNoAnswer(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	over := labOrder("A100", "L100")
	over.Status = clinical.Cancelled
	w.send("kis", of("100", "1", over))
	w.measured("L100")
	xray := labOrder("A9", "")
	xray.Section = clinical.Radiology
	w.send("kis", of("200", "2", xray))
	w.measured("A9")
	w.now = w.now.Add(orderAge + time.Hour)
	w.measured("L200")
	w.results("100", 0)
	w.results("200", 0)
	if c := w.codes(); !slices.Equal(c, []string{"unknown-order", "unknown-order", "unknown-order"}) {
		t.Errorf("unread %v", c)
	}
	due := labOrder("A200", "L200")
	due.Due = w.now.Add(-time.Hour) // planned long ago for today
	w.send("kis", of("200", "2", due))
	w.measured("L200")
	w.results("200", 1)
}

func TestAMovedCaseTakesItsTubesAlong(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.send("kis", of("200", "1", clinical.CaseMove{From: []clinical.Identifier{id("100")}}))
	w.measured("L100")
	w.results("100", 0)
	w.results("200", 1)
	w.close()
	found, err := check(t.Context(), w.cfg, w.src, "v1", true) // built anew it is the same
	if err != nil || len(found) != 0 {
		t.Errorf("check: %v %v", found, err)
	}
}

func TestWhatAPersonValidatedStandsWhateverAnAnalyserMeasuresLater(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	person := clinical.Identifier{Value: "100", Authority: "HAUS"}
	w.measured("L100", person)
	r := w.patient("100").Results[0].V
	if !r.Device || r.Status != clinical.Preliminary {
		t.Fatalf("%+v", r)
	}
	// The analyser's clock was two hours ahead; the person validates all the same.
	final := r
	final.Status, final.Device, final.Comment, final.Released = clinical.Final, false, "", clinical.Staff{ID: "labor", Name: "T. Özdemir"}
	w.now = w.now.Add(-2 * time.Hour)
	w.send(Here, of("100", "1", final), of("100", "1", clinical.Progress{Placer: "A100", Filler: "L100", Status: clinical.Completed}))
	w.now = w.now.Add(3 * time.Hour)
	if it := w.patient("100").Results[0]; it.V.Status != clinical.Final || len(it.Was) != 1 {
		t.Fatalf("the validation was overruled by a clock: %+v", it)
	}
	again := r
	again.Value, again.Number, again.Flags = "3,1", new(3.1), nil
	rerun := tube("L100", again, person)
	for range 2 { // sent twice
		w.send("cobas", rerun)
	}
	p := w.patient("100")
	it := p.Results[0]
	if len(p.Results) != 1 || it.V.Value != "6,1" || it.V.Status != clinical.Final || len(it.Was) != 2 || it.Was[0].V.Value != "3,1" {
		t.Fatalf("%+v", p.Results)
	}
	if got := w.work(WorkQuery{Sections: []clinical.Section{clinical.Laboratory}, Kinds: []TaskKind{TaskOrder}, Number: "L100"}); len(got) != 1 || got[0].Order.V.Status != clinical.PartResult {
		t.Errorf("the desk is not told of the new measurement: %+v", got)
	}
	taken := it.V
	taken.Value, taken.Number, taken.Flags, taken.Status = "3,1", new(3.1), nil, clinical.Corrected
	w.send(Here, of("100", "1", taken))
	if it = w.patient("100").Results[0]; it.V.Value != "3,1" || it.V.Status != clinical.Corrected {
		t.Errorf("a person cannot take the new measurement over: %+v", it.V)
	}
}

func TestAnEntrySaysItselfHowFarItsOrderIs(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	r := potassium(w.now, "4,1", 4.1, clinical.Final)
	r.Placer, r.Filler = "A100", "L100"
	w.send(Here, of("100", "1", r), of("100", "1", clinical.Progress{Placer: "A100", Filler: "L100", Status: clinical.PartResult}))
	if p := w.patient("100"); p.Orders[0].V.Status != clinical.PartResult || p.Orders[0].V.What.Text != "Elektrolyte" {
		t.Errorf("one of several values finished the order: %+v", p.Orders[0].V)
	}
}

func TestASecondLookAtACriticalValueIsNoNews(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	r := potassium(w.now, "6,4", 6.4, clinical.Preliminary, "HH")
	r.Placer, r.Filler = "A100", "L100"
	seq := w.send(Here, of("100", "1", r))
	nurse := clinical.Staff{ID: "pflege", Name: "S. Weber"}
	w.send(Here, of("100", "1", clinical.Notice{Result: r.Key(), Of: seq, By: nurse, At: w.now}))
	r.Status = clinical.Final
	w.send(Here, of("100", "1", r))
	w.send("lis", of("100", "1", r)) // sent again word for word
	if got := w.work(WorkQuery{Kinds: []TaskKind{TaskCritical}}); len(got) != 0 {
		t.Errorf("the same value asks again: %+v", got)
	}
	r.Status, r.Value, r.Number = clinical.Corrected, "6,9", new(6.9)
	w.send(Here, of("100", "1", r))
	if got := w.work(WorkQuery{Kinds: []TaskKind{TaskCritical}}); len(got) != 1 {
		t.Errorf("another value is news: %+v", got)
	}
}

// A number that was given here was given once: a result that names it and
// somebody else is in nobody's chart. What other systems number may be used
// twice.
func TestAResultThatAnswersAnothersOrderIsFiledForNone(t *testing.T) {
	t.Parallel()
	w := twoWards(t)
	w.send(Here, of("100", "1", labOrder("NA000000017", "")))
	w.settle()
	answer := func(number string) clinical.Result {
		r := potassium(w.now, "7,7", 7.7, clinical.Final, "HH")
		r.Placer = number
		return r
	}
	w.send("lis", of("200", "2", answer("NA000000017")))
	w.send("lis", clinical.Change{Case: "2", What: answer("NA000000017")}) // without a patient number
	w.settle()
	w.results("100", 0)
	w.results("200", 0)
	if got := w.codes(); len(got) != 2 || got[0] != "contradiction" || got[1] != "contradiction" {
		t.Errorf("unread: %v", got)
	}
	w.send("lis", of("200", "2", answer("A100"))) // of the KIS
	w.send("lis", of("100", "1", answer("NA000000017")))
	w.settle()
	w.results("100", 1)
	w.results("200", 1)
}
