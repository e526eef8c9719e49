package callout

import (
	"testing"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/rulebook"
)

// TestANumberIsAMobileOneOnlyWhereItIs: what begins with 06 and 07 is mobile in
// Austria and Switzerland, and Frankfurt and Stuttgart in Germany.
func TestANumberIsAMobileOneOnlyWhereItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, country string
		want          estate.WayKind
	}{
		{"0171 5550001", "49", estate.Mobile}, {"069 1234567", "49", estate.Landline}, {"0711 123456", "49", estate.Landline},
		{"0664 1234567", "43", estate.Mobile}, {"0171 555000", "43", estate.Landline}, {"079 1234567", "41", estate.Mobile}, {"+43 664 1234567", "49", estate.Mobile},
		{"+49 (0)171 5550001", "49", estate.Mobile}, {"+49 69 1234567", "49", estate.Landline}, {"061 1234567", "41", estate.Landline}, {"0732 12345", "43", estate.Landline},
	} {
		if got, ok := reach(c.text, c.country); !ok || got.Kind != c.want {
			t.Errorf("%s in %s: %s %t", c.text, c.country, got.Kind, ok)
		}
	}
}

// TestOfTwoPeopleOfOneNameNeitherIsGuessed: the number on the seat is used, and
// nobody else's.
func TestOfTwoPeopleOfOneNameNeitherIsGuessed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Estate = func() *estate.Estate {
		return estate.New(estate.Tables{Contacts: []estate.Contact{
			{ID: "a", Name: "A. Müller", Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 1"}}}, {ID: "b", Name: "A. Müller", Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 5559999"}}},
		}})
	}
	p, err := h.b.plan(Order{Group: GroupTeam, Title: "Probe", Holders: []Holder{{Role: rulebook.Lead, Name: "A. Müller", Reach: "0160 7777777"}}})
	if err != nil {
		t.Fatal(err)
	}
	if x := p.Posts[0].Chain[0]; x.Contact != "" || len(x.Ways) != 1 || x.Ways[0].To != "+491607777777" {
		t.Errorf("%+v", x)
	}
}

// TestWhoHasTwoHatsHasTheDeputiesOfBoth.
func TestWhoHasTwoHatsHasTheDeputiesOfBoth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, err := h.b.plan(Order{Group: GroupTeam, Title: "Probe", Holders: []Holder{
		{Role: rulebook.Lead, Name: "R. Vogel"}, {Role: rulebook.Lead, Name: "Eins", Reach: "0160 7777771", Deputy: true},
		{Role: rulebook.ITLead, Name: "R. Vogel"}, {Role: rulebook.ITLead, Name: "Zwei", Reach: "0160 7777772", Deputy: true},
	}})
	if err != nil || len(p.Posts) != 1 {
		t.Fatal(p, err)
	}
	names := map[string]bool{}
	for _, x := range p.Posts[0].Chain {
		if names[x.Name] {
			t.Errorf("%s stands there twice", x.Name)
		}
		names[x.Name] = true
	}
	if !names["Eins"] || !names["Zwei"] || !names["T. Brinkmann"] {
		t.Errorf("%v", names)
	}
}
