package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

func TestCorrectionsSupersedeInWhateverOrderTheyCome(t *testing.T) {
	t.Parallel()
	at := start()
	prelim := potassium(at, "6,0", 6.0, clinical.Preliminary)
	final := potassium(at, "6,1", 6.1, clinical.Final, "HH")
	fixed := potassium(at, "4,1", 4.1, clinical.Corrected)
	gone := potassium(at, "", 0, clinical.Withdrawn)
	pending := potassium(at, "", 0, clinical.Pending)
	moved := potassium(at.Add(-24*time.Hour), "4,1", 4.1, clinical.Corrected)
	for _, c := range []struct {
		name      string
		sent      []clinical.Result
		order     []int
		value     string
		was       int
		cancelled bool
		marks     int
	}{
		{"final after preliminary", []clinical.Result{prelim, final}, []int{0, 1}, "6,1", 1, false, 1},
		{"preliminary comes late", []clinical.Result{prelim, final}, []int{1, 0}, "6,1", 1, false, 1},
		{"corrected", []clinical.Result{prelim, final, fixed}, []int{0, 1, 2}, "4,1", 2, false, 0},
		{"corrected, all out of order", []clinical.Result{prelim, final, fixed}, []int{2, 0, 1}, "4,1", 2, false, 0},
		{"sent twice", []clinical.Result{final, final}, []int{0, 1}, "6,1", 0, false, 1},
		{"withdrawn", []clinical.Result{final, gone}, []int{0, 1}, "", 1, true, 0},
		{"withdrawn before it came", []clinical.Result{final, gone}, []int{1, 0}, "", 1, true, 0},
		{"pending never hides a value", []clinical.Result{final, pending}, []int{0, 1}, "6,1", 1, false, 1},
		{"the time was corrected to another day", []clinical.Result{final, moved}, []int{0, 1}, "4,1", 1, false, 0},
		{"the time was corrected, out of order", []clinical.Result{final, moved}, []int{1, 0}, "4,1", 1, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
			for _, i := range c.order {
				w.sendAt("lis", at.Add(time.Duration(10+i)*time.Minute), of("100", "1", c.sent[i]))
			}
			p := w.patient("100")
			if len(p.Results) != 1 {
				t.Fatalf("%d results", len(p.Results))
			}
			it := p.Results[0]
			if it.V.Value != c.value || len(it.Was) != c.was || it.Cancelled != c.cancelled {
				t.Errorf("value %q, %d earlier, cancelled %v", it.V.Value, len(it.Was), it.Cancelled)
			}
			if row := w.ward("3A").Rows[0]; len(row.Critical) != c.marks {
				t.Errorf("critical %+v", row.Critical)
			}
		})
	}
}

func order(placer string, status clinical.OrderStatus) clinical.Order {
	return clinical.Order{Placer: placer, What: clinical.Coded{Text: "Kleines Labor"}, Section: clinical.Laboratory, Status: status}
}

func TestResultsCloseTheirOrder(t *testing.T) {
	t.Parallel()
	at := start()
	result := func(status clinical.ResultStatus) clinical.Result {
		r := potassium(at, "4,1", 4.1, status)
		r.Placer, r.Filler = "A1", ""
		return r
	}
	for _, c := range []struct {
		name  string
		facts []clinical.Fact
		want  clinical.OrderStatus
	}{
		{"a preliminary result", []clinical.Fact{order("A1", clinical.Ordered), result(clinical.Preliminary)}, clinical.PartResult},
		{"a final result", []clinical.Fact{order("A1", clinical.Ordered), result(clinical.Final)}, clinical.Completed},
		{"the result came first", []clinical.Fact{result(clinical.Final), order("A1", clinical.Ordered)}, clinical.Completed},
		{"a cancelled order stays cancelled", []clinical.Fact{order("A1", clinical.Ordered), order("A1", clinical.Cancelled), result(clinical.Final)}, clinical.Cancelled},
		{"another order's result", []clinical.Fact{order("A2", clinical.Ordered), result(clinical.Final)}, clinical.Ordered},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
			for _, f := range c.facts {
				w.send("lis", of("100", "1", f))
			}
			p := w.patient("100")
			if len(p.Orders) != 1 || p.Orders[0].V.Status != c.want || p.Orders[0].V.What.Text != "Kleines Labor" {
				t.Fatalf("orders %+v", p.Orders)
			}
			open := w.ward("3A").Rows[0].OpenOrders[clinical.Laboratory]
			if want := map[bool]int{true: 1}[c.want.Open()]; open != want {
				t.Errorf("%d open orders on the list", open)
			}
		})
	}
}

func TestAnOrderToldAsideFillsOnlyGaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.send("kis", of("100", "1", order("A1", clinical.Ordered)))
	aside := clinical.Order{Placer: "A1", Filler: "F9", What: clinical.Coded{Text: "anders"}, Section: clinical.Laboratory, Status: clinical.PartResult, Aside: true}
	w.send("lis", of("100", "1", aside), of("100", "1", func() clinical.Result { r := potassium(w.now, "4", 4, clinical.Final); r.Placer = "A1"; return r }()))
	aside.Placer, aside.Filler, aside.Status = "A7", "F7", clinical.Completed
	w.send("lis", of("100", "1", aside))
	p := w.patient("100")
	if len(p.Orders) != 1 || p.Orders[0].V.Status != clinical.PartResult || p.Orders[0].V.What.Text != "Kleines Labor" || p.Orders[0].V.Filler != "F9" {
		t.Errorf("orders %+v", p.Orders)
	}
}

func TestDocumentsReplaceAddAndCancel(t *testing.T) {
	t.Parallel()
	doc := func(id, text string) clinical.Document {
		return clinical.Document{ID: id, Title: "Thorax", Section: clinical.Radiology, Status: clinical.Final, At: start(), Media: "text/plain", Text: text}
	}
	second := doc("D2", "zweite Fassung")
	second.Replaces = "D1"
	third := doc("D3", "dritte Fassung")
	third.Replaces = "D2"
	add := doc("D4", "Nachtrag")
	add.Addendum = "D3"
	cancelled := doc("D4", "")
	cancelled.Status = clinical.Withdrawn
	all := []clinical.Document{doc("D1", "erste Fassung"), second, third, add, cancelled}
	for _, perm := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 1, 4, 3}, {0, 0, 1, 1, 2, 3, 4, 4}} {
		w := newWorld(t)
		w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
		for _, i := range perm {
			w.sendAt("ris", start().Add(time.Duration(i)*time.Hour), of("100", "1", all[i]))
		}
		p := w.patient("100")
		if len(p.Documents) != 2 {
			t.Fatalf("%v: %d documents", perm, len(p.Documents))
		}
		for _, d := range p.Documents {
			switch d.V.ID {
			case "D3":
				if len(d.Was) != 2 || d.V.Text != "dritte Fassung" || d.Cancelled {
					t.Errorf("%v: replaced: %+v", perm, d)
				}
			case "D4":
				if !d.Cancelled || d.V.Text != "Nachtrag" || d.V.Addendum != "D3" {
					t.Errorf("%v: cancelled addendum: %+v", perm, d)
				}
			default:
				t.Errorf("%v: document %s", perm, d.V.ID)
			}
		}
		if row := w.ward("3A").Rows[0]; row.NewFindings != 1 {
			t.Errorf("%v: %d new findings", perm, row.NewFindings)
		}
	}
}

func TestDosesAndLastGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	w.send("kis", of("100", "1", clinical.Prescription{Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Dose: "5 000 IE", Times: []clinical.DayTime{480, 1200}, Status: clinical.InProgress}))
	w.send("kis", of("100", "1", clinical.Prescription{Placer: "M2", Drug: clinical.Coded{Text: "Paracetamol"}, AsNeeded: true, Status: clinical.InProgress}))
	dose := func(id string, at time.Time, status clinical.DoseStatus) clinical.Dose {
		return clinical.Dose{ID: id, Prescription: "M1", Drug: clinical.Coded{Text: "Heparin"}, At: at, Status: status}
	}
	first, second := start().Add(2*time.Hour), start().Add(3*time.Hour)
	w.send("kis", of("100", "1", dose("g1", first, clinical.Given)))
	w.send("kis", of("100", "1", dose("g2", second, clinical.Given)))
	w.send("kis", of("100", "1", dose("g3", second.Add(time.Hour), clinical.Refused)))
	due := w.ward("3A").Rows[0].Doses
	if len(due) != 3 || !due[0].Last.Equal(second) && !due[1].Last.Equal(second) {
		t.Errorf("due %+v", due)
	}
	w.send("kis", of("100", "1", dose("g2", second, clinical.Retracted)))
	for _, d := range w.ward("3A").Rows[0].Doses {
		if d.Prescription == "M1" && !d.Last.Equal(first) {
			t.Errorf("last given %v after the retraction", d.Last)
		}
	}
	if p := w.patient("100"); len(p.Doses) != 3 {
		t.Errorf("%d doses", len(p.Doses))
	}
	stop := clinical.Prescription{Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Status: clinical.Cancelled}
	w.send("kis", of("100", "1", stop))
	if p := w.patient("100"); !p.Medication[0].Cancelled && !p.Medication[1].Cancelled {
		t.Error("the stopped prescription is not marked")
	}
	if due := w.ward("3A").Rows[0].Doses; len(due) != 1 || !due[0].AsNeeded {
		t.Errorf("due after the stop: %+v", due)
	}
}

func TestSilenceClearAndAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send("lis", of("100", "1", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Mueler"}), Address: clinical.Say(clinical.Address{City: "Bonn"}), Aside: true}))
	if p := w.patient("100"); p.Name.V.Family != "Mueler" || !p.Name.Aside {
		t.Errorf("a copy fills what is unknown: %+v", p.Name)
	}
	old := w.now.Add(-time.Hour)
	w.sendAt("kis", old, of("100", "1", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Müller"}), Religion: clinical.Say("rk")}))
	w.send("lis", of("100", "1", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Mueler"}), Religion: clinical.Clear[string](), Aside: true}))
	p := w.patient("100")
	if p.Name.V.Family != "Müller" || p.Name.Aside || p.Religion.V != "rk" || p.Address.V.City != "Bonn" {
		t.Errorf("a copy changed what the owner said: %+v", p.Name)
	}
	w.send("kis", of("100", "1", clinical.Demographics{Religion: clinical.Clear[string]()}))
	if p := w.patient("100"); p.Religion.Known || !p.Religion.Gone || p.Name.V.Family != "Müller" {
		t.Errorf("deleted: %+v", p.Religion)
	}
	w.send("ris", of("100", "1", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Muller"})}))
	if p := w.patient("100"); p.Name.V.Family != "Müller" {
		t.Errorf("another system renamed the patient: %+v", p.Name)
	}
	w.send("kis", of("100", "1", clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Weber"})}))
	p = w.patient("100")
	if p.Name.V.Family != "Weber" || len(p.Names) == 0 {
		t.Errorf("married: %+v, before %+v", p.Name, p.Names)
	}
	if hits, _, err := w.view().Search(t.Context(), Query{Text: "Müller"}); err != nil || len(hits) != 1 {
		t.Errorf("the earlier name does not find her: %v %v", hits, err)
	}
}

func TestNoneKnownNeverTakesAnAllergyAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	penicillin := clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Code: "91936005", Text: "Penicillin", System: "SCT"}, Severity: "SV"}}
	w.send("kis", of("100", "1", penicillin))
	w.send("kis", of("100", "1", clinical.AllergyFact{NoneKnown: true}))
	if r := w.ward("3A").Rows[0]; len(r.Allergies) != 1 {
		t.Errorf("row %+v", r.Allergies)
	}
	penicillin.Action = clinical.Cancel
	w.send("kis", of("100", "1", penicillin))
	if r := w.ward("3A").Rows[0]; len(r.Allergies) != 0 {
		t.Errorf("withdrawn, but listed: %v", r.Allergies)
	}
	if p := w.patient("100"); len(p.Allergies) != 1 || !p.Allergies[0].Cancelled {
		t.Errorf("a withdrawn allergy must stay visible: %+v", p.Allergies)
	}
}

func TestTestMessagesReachNoWard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.src.add(message{Feed: "kis", Test: true, Received: w.now, Sent: w.now, Changes: []clinical.Change{of("100", "1", person("Test", "Theo", 1951, 4, 3, clinical.Male)), of("100", "1", admit(w.now, place("3A", "301", "F")))}})
	if l := w.ward("3A"); l.Occupied != 0 {
		t.Errorf("a test patient is on the list: %+v", l.Rows[0])
	}
	if h, _ := w.view().House(t.Context()); h.Feeds[0].Count != 1 {
		t.Errorf("feed %+v", h.Feeds[0])
	}
}
