package web

import (
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/staff"
)

func houseStaff() []staff.Person {
	return []staff.Person{
		{ID: "kurz", Name: "M. Kurz", Wards: []string{"3A"}}, {ID: "s.weber", Name: "S. Weber", Wards: []string{"3A", "3B"}},
		{ID: "it", Name: "R. Vogel"}, {ID: "oezdemir", Name: "T. Özdemir", Disabled: true}, {ID: "revision", Name: "H. Adler"},
	}
}

func ids(list []staff.Person) string {
	var out []string
	for _, p := range list {
		out = append(out, p.ID)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestSuspectsAreFoundInTheHouse(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"web": "s.weber", "WEBER s": "s.weber", "özd": "oezdemir", "oezdemir": "oezdemir", "3a": "kurz s.weber", "": "", "niemand": "", "adler": "", "ogel": "",
	} {
		if got := ids(findPeople(houseStaff(), query, "revision")); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
}

func TestALineThatResemblesAnAccountIsAskedAbout(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"Voegel von der Wartung": "it", "Webber, Susanne": "s.weber", "s.webr": "s.weber", "Oezdemir": "oezdemir", "kurtz": "kurz",
		"Wartungsfirma, zwei Leute": "", "Hacker von außen": "", "Adler": "",
	} {
		if got := ids(alikePeople(houseStaff(), line, "revision")); got != want {
			t.Errorf("%q resembles %q, want %q", line, got, want)
		}
	}
}

func TestWhatIsTickedAndTyped(t *testing.T) {
	t.Parallel()
	accounts, others := chosenSuspects(houseStaff(), []string{"it", "it", "forged"}, " KURZ \r\n\r\nFirma  Meier, Wartung\nFirma Meier, Wartung\nit")
	if strings.Join(accounts, " ") != "it kurz" || strings.Join(others, "|") != "Firma Meier, Wartung" {
		t.Errorf("%q %q", accounts, others)
	}
}
