package callout

import (
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/rulebook"
)

// TestWhatFallsOnOneMomentIsSaidAtOnce: three terms, a declared incident and an
// outage ask for people at one look. Who is called anyway is called once, with
// everything named; others, and an exercise, are called for themselves.
func TestWhatFallsOnOneMomentIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if err := h.b.SaveGroup(t.Context(), Act{Person: "it"}, Group{ID: "gross", Name: "Großer Stab", Seats: []Seat{{Role: rulebook.ITLead, Contact: "vogel"}, {Function: "Medizin", Contact: "falk"}}}, 0); err != nil {
		t.Fatal(err)
	}
	if err := h.b.SaveGroup(t.Context(), Act{Person: "it"}, Group{ID: "technik", Name: "Technik", Seats: []Seat{{Contact: "brinkmann"}}}, 0); err != nil {
		t.Fatal(err)
	}
	order := func(group, key string, change ...func(*Order)) Order {
		o := Order{Crisis: "c1", Group: group, Title: "Anlass " + key, Text: "Text " + key, Ask: Read, Trigger: ByDeadline, Of: []Occasion{{Key: key, Crisis: "c1", Line: "Zeile " + key}}}
		for _, f := range change {
			f(&o)
		}
		return o
	}
	comes := func(o *Order) { o.Ask, o.Trigger = Come, ByDeclared }
	drill := func(o *Order) { o.Drill = true }
	other := func(o *Order) { o.Crisis, o.Of[0].Crisis = "c2", "c2" }
	for _, c := range []struct {
		what   string
		orders []Order
		want   []string // group, what is asked for and occasions of each that is left
	}{
		{"three terms", []Order{order("stab", "a"), order("stab", "b"), order("stab", "c")}, []string{"stab read a b c"}},
		{"the leader is on the crisis team", []Order{order("stab", "a"), order("gross", "b", comes)}, []string{"gross come b a"}},
		{"others", []Order{order("stab", "a"), order("technik", "b")}, []string{"stab read a", "technik read b"}},
		{"two small ones in a large one", []Order{order("stab", "a"), order("technik", "b"), order("gross", "c"), order("stab", "d")}, []string{"gross read c a d", "technik read b"}},
		{"an exercise", []Order{order("stab", "a"), order("stab", "b", drill)}, []string{"stab read a", "stab read b"}},
		{"two incidents, one leader", []Order{order("stab", "a"), order("stab", "b", other)}, []string{"stab read a b"}},
		{"a group that is not there", []Order{order("weg", "a"), order("stab", "b"), order("weg", "c")}, []string{"weg read a", "stab read b", "weg read c"}},
		{"nothing", nil, nil},
	} {
		var got []string
		for _, o := range h.b.Together(c.orders) {
			s := o.Group + " " + string(o.Ask)
			for _, x := range o.Of {
				s += " " + x.Key
			}
			got = append(got, s)
		}
		slices.Sort(got)
		slices.Sort(c.want)
		h.expect(c.what, got, c.want)
	}
	for _, o := range h.b.Together([]Order{order("stab", "a"), order("gross", "b", comes), order("stab", "c", other)}) {
		if _, err := h.b.Start(t.Context(), Act{Name: "Notbetrieb"}, o); err != nil {
			t.Fatal(err)
		}
	}
	all := h.b.All()
	if len(all) != 1 || all[0].Title != "Anlass b und 2 weitere Anlässe" || all[0].Ask != Come || len(all[0].Posts) != 2 || len(h.b.Of("c2")) != 1 {
		t.Fatalf("%+v", all)
	}
	h.look()
	h.expect("each once", h.sms.told(), []string{vogel})
	if m := h.sms.sent[0]; !strings.Contains(m.Short, "Anlass b und 2 weitere Anlässe. Zeile a. Zeile c. Antwort: Code") || !strings.Contains(m.Text, "– Zeile b\n– Zeile a\n– Zeile c\n") {
		t.Errorf("%s\n%s", m.Short, m.Text)
	}
	h.b.Close()
	h.open(h.j) // what was told of is not told of again, also after a restart
	if left := h.b.Together([]Order{order("gross", "b", comes), order("stab", "c", other), order("stab", "d")}); len(left) != 1 || left[0].Of[0].Key != "d" {
		t.Errorf("%+v", left)
	}
	if _, err := h.b.Start(t.Context(), Act{}, order("stab", "a")); err == nil {
		t.Error("told of once more")
	}
}
