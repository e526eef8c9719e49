package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// ours is a temperature that was recorded here; change makes what comes back.
func ours(change ...func(*clinical.Result)) clinical.Result {
	v := 38.4
	r := clinical.Result{
		Filler: "NBABCDEFGHIJKLMNOP", SubID: "temp", Code: clinical.Coded{Code: "8310-5", Text: "Temperatur", System: "LN"}, Section: clinical.Vitals,
		Value: "38,4", Number: &v, Unit: "°C", Status: clinical.Final, At: start().Add(time.Hour + 90*time.Millisecond),
	}
	for _, f := range change {
		f(&r)
	}
	return r
}

// TestWhatComesBackIsOneValueAndNearMissesAreTwo: an echo is known by our number,
// or by being the same in everything. What is the same only nearly is another
// value.
func TestWhatComesBackIsOneValueAndNearMissesAreTwo(t *testing.T) {
	t.Parallel()
	theirs := func(change ...func(*clinical.Result)) clinical.Result { // as their system numbers and reads it
		return ours(append([]func(*clinical.Result){func(r *clinical.Result) {
			r.Filler, r.SubID, r.Value, r.At = "V77", "@20261119070000", "38.4", r.At.Truncate(time.Second)
		}}, change...)...)
	}
	value := func(v float64) func(*clinical.Result) {
		return func(r *clinical.Result) { r.Number, r.Value = &v, "x" }
	}
	for name, c := range map[string]struct {
		patient string
		back    clinical.Result
		n       int  // values of the patient afterwards
		once    bool // ours is known to have come back
		newer   bool // theirs counts, ours is its earlier version
	}{
		"under our number":                      {back: ours(func(r *clinical.Result) { r.SubID = "temp@20261119070000"; r.Value = "38.4" }), n: 1, once: true},
		"under our number, filed elsewhere":     {back: ours(func(r *clinical.Result) { r.Section = clinical.OtherSection }), n: 1, once: true},
		"under another number, wholly the same": {back: theirs(), n: 1, once: true},
		"without a number, wholly the same":     {back: theirs(func(r *clinical.Result) { r.Filler = "" }), n: 1, once: true},
		"our number, another value":             {back: ours(value(36.4)), n: 1, newer: true},
		"our number, another time":              {back: ours(func(r *clinical.Result) { r.At = r.At.Add(time.Minute) }), n: 1, newer: true},
		"our number, another test":              {back: ours(func(r *clinical.Result) { r.Code.Code = "8867-4" }), n: 2},
		"another value":                         {back: theirs(value(38.5)), n: 2},
		"a second later":                        {back: theirs(func(r *clinical.Result) { r.At = r.At.Add(time.Second) }), n: 2},
		"another unit":                          {back: theirs(func(r *clinical.Result) { r.Unit = "°F" }), n: 2},
		"another test":                          {back: theirs(func(r *clinical.Result) { r.Code.Code = "8867-4" }), n: 2},
		"not final yet":                         {back: theirs(func(r *clinical.Result) { r.Status = clinical.Preliminary }), n: 2},
		"at most":                               {back: theirs(func(r *clinical.Result) { r.Comparator = "<" }), n: 2},
		"of another patient":                    {patient: "2002", back: theirs(), n: 1},
		"of another patient under our number":   {patient: "2002", back: ours(), n: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, no := range []string{"1001", "2002"} {
				w.send("kis", of(no, "F"+no, person("Weber", "Karl", 1950, 1, 1, clinical.Male)), of(no, "F"+no, admit(start(), place("3A", "301", "F"))))
			}
			w.send(Here, of("1001", "F1001", ours()))
			to := "1001"
			if c.patient != "" {
				to = c.patient
			}
			for range 2 { // sent again it is not another one
				w.send("kis", of(to, "F"+to, c.back))
			}
			p := w.patient("1001")
			if len(p.Results) != c.n {
				t.Fatalf("%d values: %+v", len(p.Results), p.Results)
			}
			i := indexItem(p.Results, func(r *clinical.Result) bool {
				return r.Filler == "NBABCDEFGHIJKLMNOP" && r.SubID == "temp" && r.Code.Code == "8310-5"
			})
			if i < 0 {
				t.Fatalf("ours is gone: %+v", p.Results)
			}
			switch it := p.Results[i]; {
			case it.Back.Known() != c.once:
				t.Errorf("come back: %+v", it)
			case c.newer && (it.Origin.Feed != "kis" || len(it.Was) == 0 || it.Was[0].Origin.Feed != Here):
				t.Errorf("which counts: %+v", it)
			case !c.newer && it.Origin.Feed != Here:
				t.Errorf("whose it is: %+v", it)
			}
			if c.patient != "" && len(w.patient(c.patient).Results) != 1 {
				t.Errorf("the other patient: %+v", w.patient(c.patient).Results)
			}
		})
	}
}

// TestTwoLikeValuesComeBackAsTwo: two values that are wholly the same are known
// apart by the numbers that the other system gave them.
func TestTwoLikeValuesComeBackAsTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("1001", "F1", person("Weber", "Karl", 1950, 1, 1, clinical.Male)), of("1001", "F1", admit(start(), place("3A", "301", "F"))))
	for _, no := range []string{"NBAAAAAAAAAAAAAAAA", "NBBBBBBBBBBBBBBBBB"} {
		w.send(Here, of("1001", "F1", ours(func(r *clinical.Result) { r.Filler = no })))
	}
	for _, no := range []string{"V1", "V1", "V2", "V3"} {
		w.send("kis", of("1001", "F1", ours(func(r *clinical.Result) { r.Filler, r.SubID = no, "" })))
	}
	p := w.patient("1001")
	if len(p.Results) != 3 || !p.Results[0].Back.Known() && !p.Results[1].Back.Known() {
		t.Errorf("%d values: %+v", len(p.Results), p.Results)
	}
}

// TestACorrectionOfWhatCameBackMeetsIt: the other system corrects the value under
// the number that it gave.
func TestACorrectionOfWhatCameBackMeetsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("1001", "F1", person("Weber", "Karl", 1950, 1, 1, clinical.Male)), of("1001", "F1", admit(start(), place("3A", "301", "F"))))
	w.send(Here, of("1001", "F1", ours()))
	back := ours(func(r *clinical.Result) { r.Filler, r.SubID = "V77", "" })
	w.send("kis", of("1001", "F1", back))
	low := 36.4
	back.Number, back.Value, back.Status = &low, "36.4", clinical.Corrected
	w.send("kis", of("1001", "F1", back))
	p := w.patient("1001")
	if len(p.Results) != 1 || p.Results[0].V.Value != "36.4" || p.Results[0].Origin.Feed != "kis" || len(p.Results[0].Was) != 1 {
		t.Errorf("%+v", p.Results)
	}
}

// TestOtherThingsThatComeBackAreShownOnce: orders, prescriptions, doses, texts,
// allergies, diagnoses and movements.
func TestOtherThingsThatComeBackAreShownOnce(t *testing.T) {
	t.Parallel()
	at := start().Add(time.Hour)
	for name, c := range map[string]struct {
		fact, back, miss clinical.Fact
		list             func(*Patient) (n, back int)
	}{
		"order": {
			clinical.Order{Placer: "A7", What: clinical.Coded{Text: "CT Abdomen"}, Section: clinical.Radiology, Status: clinical.Ordered},
			clinical.Order{Placer: "A7", Filler: "R9", What: clinical.Coded{Text: "CT Abdomen"}, Section: clinical.Radiology, Status: clinical.Ordered},
			clinical.Order{Placer: "A8", What: clinical.Coded{Text: "CT Abdomen"}, Section: clinical.Radiology, Status: clinical.Ordered},
			func(p *Patient) (int, int) { return counted(p.Orders) },
		},
		"prescription": {
			clinical.Prescription{Placer: "M7", Drug: clinical.Coded{Text: "Ramipril"}, Dose: "5 mg", Scheme: "1-0-0", Status: clinical.InProgress, Start: at},
			clinical.Prescription{Placer: "M7", Drug: clinical.Coded{Text: "Ramipril"}, Dose: "5 mg", Scheme: "1-0-0", Status: clinical.InProgress, Start: at},
			clinical.Prescription{Placer: "M8", Drug: clinical.Coded{Text: "Ramipril"}, Dose: "5 mg", Scheme: "1-0-0", Status: clinical.InProgress, Start: at},
			func(p *Patient) (int, int) { return counted(p.Medication) },
		},
		"dose": {
			clinical.Dose{ID: "NBD1", Prescription: "M7", Drug: clinical.Coded{Text: "Ramipril"}, Amount: "5 mg", At: at, Status: clinical.Given},
			clinical.Dose{ID: "X1", Prescription: "M7", Drug: clinical.Coded{Text: "Ramipril"}, Amount: "5 mg", At: at, Status: clinical.Given},
			clinical.Dose{ID: "X2", Prescription: "M7", Drug: clinical.Coded{Text: "Ramipril"}, Amount: "10 mg", At: at, Status: clinical.Given},
			func(p *Patient) (int, int) { return counted(p.Doses) },
		},
		"text": {
			clinical.Document{ID: "NBT1", Kind: clinical.Coded{Code: "note"}, Text: "klagt über Schmerzen", At: at, Status: clinical.Final},
			clinical.Document{ID: "D1", Kind: clinical.Coded{Code: "note"}, Text: "klagt über Schmerzen", At: at, Status: clinical.Final},
			clinical.Document{ID: "D2", Kind: clinical.Coded{Code: "note"}, Text: "klagt über Schmerz", At: at, Status: clinical.Final},
			func(p *Patient) (int, int) { return counted(p.Documents) },
		},
		"allergy": {
			clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Latex"}, Severity: "SV"}, Action: clinical.Insert},
			clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "latex"}, Severity: "SV"}, Action: clinical.Insert},
			clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Latexhandschuhe"}, Severity: "SV"}, Action: clinical.Insert},
			func(p *Patient) (int, int) { return counted(p.Allergies) },
		},
		"diagnosis": {
			clinical.Diagnosis{ID: "NB1", What: clinical.Coded{Code: "K80.2", System: "I10"}, Kind: "W"},
			clinical.Diagnosis{ID: "5", What: clinical.Coded{Code: "K80.2", System: "I10"}, Kind: "W"},
			clinical.Diagnosis{ID: "6", What: clinical.Coded{Code: "K80.20", System: "I10"}, Kind: "W"},
			func(p *Patient) (int, int) { return counted(p.Diagnoses) },
		},
		"movement": {
			clinical.Movement{ID: "NB-1", Kind: clinical.Transfer, Action: clinical.Insert, Start: at, To: place("3A", "302", "F")},
			clinical.Movement{ID: "Z9", Kind: clinical.Transfer, Action: clinical.Insert, Start: at, To: place("3A", "302", "F")},
			clinical.Movement{ID: "Z8", Kind: clinical.Transfer, Action: clinical.Insert, Start: at, To: place("3A", "310", "F")},
			func(p *Patient) (int, int) { return counted(p.Stays[0].Movements[1:]) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.send("kis", of("1001", "F1", person("Weber", "Karl", 1950, 1, 1, clinical.Male)), of("1001", "F1", admit(start(), place("3A", "301", "F"))))
			w.send(Here, of("1001", "F1", c.fact))
			w.send("kis", of("1001", "F1", c.back))
			if n, back := c.list(w.patient("1001")); n != 1 || back != 1 {
				t.Errorf("%d entries, %d came back", n, back)
			}
			w.send("kis", of("1001", "F1", c.back))
			w.send("kis", of("1001", "F1", c.miss))
			if n, back := c.list(w.patient("1001")); n != 2 || back != 1 {
				t.Errorf("with a near miss: %d entries, %d came back", n, back)
			}
		})
	}
}

func counted[T any](list []Item[T]) (n, back int) {
	for i := range list {
		if list[i].Back.Known() {
			back++
		}
	}
	return len(list), back
}

// TestAChangeOfIdentityIsKnownByWhenItWasSaid: repeating a name is no change.
func TestAChangeOfIdentityIsKnownByWhenItWasSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("kis", of("1001", "F1", person("Weber", "Karl", 1950, 1, 1, clinical.Male)))
	w.send("kis", of("1001", "F1", person("Weber", "Karl", 1950, 1, 1, clinical.Male)))
	seq := w.send("kis", of("1001", "F1", person("Meier", "Karl", 1950, 1, 1, clinical.Male)))
	w.send("kis", of("1001", "F1", person("Meier", "Karl", 1950, 1, 1, clinical.Male)))
	p := w.patient("1001")
	if len(p.Renamed) != 1 || p.Renamed[0].Origin.Seq != seq || p.Renamed[0].Was.Family != "Weber" || p.Renamed[0].Now.Family != "Meier" {
		t.Errorf("%+v", p.Renamed)
	}
}
