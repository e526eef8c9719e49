package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// numbered is a potassium value of an order.
func numbered(placer, filler, value string, status clinical.ResultStatus) clinical.Result {
	r := potassium(start(), value, 4, status)
	r.Placer, r.Filler = placer, filler
	return r
}

func given(r clinical.Result, by string) clinical.Result {
	r.Of.Filler = by
	return r
}

// values lists the values of a patient's results, each with its history.
func values(p *Patient) string {
	var out []string
	for _, it := range p.Results {
		s := it.V.Value
		for _, w := range it.Was {
			s += "<" + w.V.Value
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestOneOrderOfTwoNumbersHasOneResult(t *testing.T) {
	t.Parallel()
	pre, fin, fix := clinical.Preliminary, clinical.Final, clinical.Corrected
	other := numbered("A1", "F2", "c", fin)
	later := func(r clinical.Result, h int) clinical.Result {
		r.At = r.At.Add(time.Duration(h) * time.Hour)
		return r
	}
	sodium := numbered("A1", "F1", "n", fin)
	sodium.Local.Code = "NA"
	blood := numbered("A1", "F1", "s", fin)
	blood.SubID = "2"
	for _, c := range []struct {
		name string
		sent []clinical.Result
		want string
	}{
		{"placer first, then both", []clinical.Result{numbered("A1", "", "a", pre), numbered("A1", "F1", "b", fin)}, "b<a"},
		{"both first, then the placer alone", []clinical.Result{numbered("A1", "F1", "a", pre), numbered("A1", "", "b", fin)}, "b<a"},
		{"filler first, then both, then the placer alone", []clinical.Result{numbered("", "F1", "a", pre), numbered("A1", "F1", "b", fin), numbered("A1", "", "c", fix)}, "c<b<a"},
		{"both, filler alone, placer alone", []clinical.Result{numbered("A1", "F1", "a", pre), numbered("", "F1", "b", fin), numbered("A1", "", "c", fix)}, "c<b<a"},
		{"two fillers stay two", []clinical.Result{numbered("A1", "F1", "b", fin), other}, "b c"},
		{"the placer alone fits two fillers", []clinical.Result{numbered("A1", "F1", "b", fin), other, numbered("A1", "", "a", pre)}, "a b c"},
		{"a third filler takes none of it", []clinical.Result{numbered("A1", "F1", "b", fin), other, numbered("A1", "", "a", pre), numbered("A1", "F3", "d", fin)}, "a b c d"},
		{"the second filler comes when the first has it", []clinical.Result{numbered("A1", "", "a", pre), numbered("A1", "F1", "b", fin), other}, "b<a c"},
		{"another code", []clinical.Result{numbered("A1", "", "a", pre), sodium}, "a n"},
		{"another sub-ID", []clinical.Result{numbered("A1", "", "a", pre), blood}, "a s"},
		{"another placer", []clinical.Result{numbered("A2", "", "a", pre), numbered("A1", "F1", "b", fin)}, "a b"},
		{"a standing order: each day its filler", []clinical.Result{
			numbered("A1", "F1", "mo", fin), later(numbered("A1", "", "tu-pre", pre), 24), later(numbered("A1", "F2", "tu", fin), 24),
		}, "mo tu<tu-pre"},
		{"a day's profile", []clinical.Result{
			numbered("A1", "", "8h-pre", fin), later(numbered("A1", "", "12h-pre", fin), 4), numbered("A1", "F1", "8h", fix), later(numbered("A1", "F1", "12h", fix), 4),
		}, "12h<12h-pre 8h<8h-pre"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
			for i, r := range c.sent {
				w.sendAt("lis", start().Add(time.Duration(60+i)*time.Minute), of("100", "1", r))
			}
			if got := values(w.patient("100")); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestThePreliminaryCriticalValueLeavesTheListWithTheFinalOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	high := numbered("A1", "", "6,9", clinical.Preliminary)
	high.Flags = []string{"HH"}
	w.send("lis", of("100", "1", high))
	if row := w.ward("3A").Rows[0]; len(row.Critical) != 1 {
		t.Fatalf("critical %+v", row.Critical)
	}
	if p := w.patient("100"); len(p.Unheard) != 1 {
		t.Fatalf("waiting for somebody: %+v", p.Unheard)
	}
	high.Filler, high.Value, high.Status = "F1", "6,8", clinical.Final
	w.send("lis", of("100", "1", high))
	if p, row := w.patient("100"), w.ward("3A").Rows[0]; len(row.Critical) != 1 || row.Critical[0].Value != "6,8" || len(p.Unheard) != 1 {
		t.Fatalf("critical %+v, waiting %+v", row.Critical, p.Unheard)
	}
	w.send("lis", of("100", "1", numbered("A1", "F1", "4,1", clinical.Corrected)))
	if p := w.patient("100"); len(p.Unheard) != 0 {
		t.Errorf("the superseded value still waits: %+v", p.Unheard)
	}
	if row := w.ward("3A").Rows[0]; len(row.Critical) != 0 {
		t.Errorf("the superseded value is still on the list: %+v", row.Critical)
	}
}

func TestNumbersOfTwoLaboratoriesAreTwoNumbers(t *testing.T) {
	t.Parallel()
	type sent struct {
		feed string
		r    clinical.Result
	}
	lab := func(value, by string) clinical.Result { return given(numbered("", "1001", value, clinical.Final), by) }
	for _, c := range []struct {
		name string
		sent []sent
		want string
	}{
		{"both say whose it is", []sent{{"lis", lab("a", "LAB1")}, {"lis", lab("b", "LAB2")}}, "a b"},
		{"and each goes on with its own", []sent{{"lis", lab("a", "LAB1")}, {"lis", lab("b", "LAB2")}, {"lis", lab("c", "LAB1")}, {"lis", lab("d", "lab2")}}, "c<a d<b"},
		{"one leaves it out in the next message", []sent{{"lis", lab("a", "LAB1")}, {"lis", lab("b", "")}}, "b<a"},
		{"one leaves it out at first", []sent{{"lis", lab("a", "")}, {"lis", lab("b", "LAB1")}, {"lis", lab("c", "LAB2")}}, "b<a c"},
		{"two feeds, each leaves it out later", []sent{{"lis", lab("a", "LAB1")}, {"ext", lab("b", "LAB2")}, {"lis", lab("c", "")}, {"ext", lab("d", "")}}, "c<a d<b"},
		{"one laboratory never says it", []sent{{"lis", lab("a", "")}, {"ext", lab("b", "EXT")}, {"lis", lab("c", "")}, {"ext", lab("d", "EXT")}}, "c<a d<b"},
		{"one laboratory never says it, and comes second", []sent{{"ext", lab("b", "EXT")}, {"lis", lab("a", "")}, {"lis", lab("c", "")}, {"ext", lab("d", "EXT")}}, "c<a d<b"},
		{"it is not guessed whose it is", []sent{{"lis", lab("a", "LAB1")}, {"lis", lab("b", "LAB2")}, {"lis", lab("c", "")}, {"lis", lab("d", "")}}, "a b d<c"},
		{"nobody says it", []sent{{"lis", lab("a", "")}, {"ext", lab("b", "")}}, "b<a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
			for _, m := range c.sent {
				w.send(m.feed, of("100", "1", m.r))
			}
			if got := values(w.patient("100")); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestOrdersAndPrescriptionsOfTwoSystemsAreTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	by := func(who string) clinical.Assigned { return clinical.Assigned{Placer: who} }
	for _, who := range []string{"KIS", "PDMS"} {
		o := order("7", clinical.Ordered)
		o.Of, o.What.Text = by(who), "of "+who
		p := clinical.Prescription{Placer: "8", Drug: clinical.Coded{Text: "drug of " + who}, Status: clinical.Ordered, Of: by(who)}
		w.send("kis", of("100", "1", o), of("100", "1", p))
	}
	dose := clinical.Dose{ID: "8@1", Prescription: "8", Of: by("PDMS"), Placer: "8", Drug: clinical.Coded{Text: "drug of PDMS"}, At: w.now, Status: clinical.Given}
	w.send("kis", of("100", "1", dose))
	r := numbered("7", "L9", "4,1", clinical.Final)
	r.Of.Placer = "PDMS"
	w.send("lis", of("100", "1", r))
	p := w.patient("100")
	open := ""
	for _, it := range p.Orders {
		if it.V.Status.Open() {
			open += it.V.What.Text
		}
	}
	if len(p.Orders) != 2 || open != "of KIS" {
		t.Errorf("%d orders, open: %s", len(p.Orders), open)
	}
	if len(p.Medication) != 2 {
		t.Fatalf("%d prescriptions", len(p.Medication))
	}
	for _, d := range w.ward("3A").Rows[0].Doses {
		if given := !d.Last.IsZero(); given != (d.Drug == "drug of PDMS") {
			t.Errorf("%s: given %v", d.Drug, given)
		}
	}
	// The result names the placer's number without its giver: two have it.
	r.Placer, r.Of.Placer, r.Filler = "7", "", "L10"
	w.send("lis", of("100", "1", r))
	if got := fmt.Sprint(len(w.patient("100").Results)); got != "2" {
		t.Errorf("%s results", got)
	}
	o := w.patient("100").Orders
	if !o[0].V.Status.Open() && !o[1].V.Status.Open() {
		t.Error("an order was closed by a number that two systems gave")
	}
}

func TestReportsOfTwoDepartmentsAreTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("100", "1", "Müller", "Anna", place("3A", "301", "F"))
	for _, who := range []string{"RAD", "NUK", "RAD"} {
		w.send("ris", of("100", "1", clinical.Document{
			ID: "55/CT", Filler: "55", Of: clinical.Assigned{Filler: who}, Title: "Befund", Section: clinical.Radiology,
			Status: clinical.Final, At: start(), Media: "text/plain", Text: "Befund von " + who,
		}))
	}
	if p := w.patient("100"); len(p.Documents) != 2 {
		t.Errorf("%d documents: %+v", len(p.Documents), p.Documents)
	}
}
