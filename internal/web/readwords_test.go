package web

import (
	"testing"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/staff"
)

// TestReadsHaveWords checks that auditors read words, and that a page nobody has
// named keeps the name under which it is recorded.
func TestReadsHaveWords(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"ward": "Stationsliste", "ward/handover": "Übergabe", "write/vitals": "Eintragen", "desk/scan": "Papier ohne Zuordnung",
		"desk/scan/picture": "Gescannte Seite", "print/house": "Druck: Hausmappe", "print/choose": "Druck", "wards": "wards", "new/page": "new/page",
	} {
		if got := pageWord(page).DE; got != want {
			t.Errorf("%s is %q, want %q", page, got, want)
		}
	}
	for mode, want := range map[string]string{"emergency": "Notbetrieb", "exercise": "Übung", "normal": "normal", "other": "other"} {
		if got := readMode(mode).DE; got != want {
			t.Errorf("%s is %q, want %q", mode, got, want)
		}
	}
}

// TestOrdersForTransportAndDietAreNamed checks that the ward list counts them
// and that the two buttons that ask for them do not read the same.
func TestOrdersForTransportAndDietAreNamed(t *testing.T) {
	t.Parallel()
	words := map[string]bool{}
	for _, l := range askLinks("k") {
		if words[l.Label.DE] {
			t.Errorf("%q stands twice", l.Label.DE)
		}
		words[l.Label.DE] = true
	}
	row := newWardRow(chart.Row{OpenOrders: map[clinical.Section]int{clinical.Transport: 2, clinical.Diet: 1}}, fixtureFrame(incident.Emergency))
	if len(row.Orders) != 2 || row.Orders[0].Label.DE != "Transport" || row.Orders[0].N != 2 || row.Orders[1].Label.DE != "Kost" {
		t.Errorf("the ward list says %v", row.Orders)
	}
}

// TestPrintBeginsWithTheOwnWard checks what is chosen beforehand: the ward asked
// for, else the ward of the one who prints.
func TestPrintBeginsWithTheOwnWard(t *testing.T) {
	t.Parallel()
	f := fixtureFrame(incident.Emergency)
	f.User = &userView{Name: "S. Weber", Wards: []string{"3B"}, Rights: map[staff.Right]bool{staff.Print: true}}
	house := chart.House{Wards: []chart.WardLine{{Code: "3A", Beds: 30}, {Code: "3B", Beds: 30}}}
	for asked, want := range map[string]string{"": "3B", "3A": "3A"} {
		here := ""
		for _, w := range newPrintPage(house, f, asked, "", "", nil).Wards {
			if w.Here {
				here += w.Code
			}
		}
		if here != want {
			t.Errorf("asked for %q: %q is chosen, want %q", asked, here, want)
		}
	}
}
