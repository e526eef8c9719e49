package dosing

import (
	"slices"
	"testing"

	"notbetrieb/internal/clinical"
)

func TestThePZNIsReadFromEveryCodeOfAPack(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"-03752864": "03752864", "03752864": "03752864", "PZN-03752864": "03752864", "PZN: 03752864": "03752864", "pzn 3752864": "03752864", "-3752864": "03752864",
		"110375286414": "03752864",
		"[)>\x1e06\x1d9N110375286414\x1d1TA1B2\x1dD281231\x1dS99\x1e\x04": "03752864",
		"[)>069N1103752864141T12345D281231":                               "03752864",
		"(01)04150037528643(17)281231":                                    "03752864",
		"]d20104150037528643172812311012":                                 "03752864",
		"0104150037528643":                                                "03752864",
		"4150037528643":                                                   "03752864",
		"-03752865":                                                       "", // check digits
		"110375286415":                                                    "",
		"(01)04150037528644":                                              "",
		"(01)04012345678901":                                              "", // no NTIN
		"4711001":                                                         "", // a case number
		"":                                                                "",
		"NB1|W|4711001|1|77|ABCD":                                         "",
	} {
		got, ok := ReadPZN(in)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzReadPZN(f *testing.F) {
	for _, s := range []string{"-03752864", "[)>069N110375286414", "(01)04150037528643", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := ReadPZN(s); ok && !pznRight(n) {
			t.Errorf("%q gives %q", s, n)
		}
	})
}

func TestAPackIsComparedWithWhatWasPrescribed(t *testing.T) {
	t.Parallel()
	table, err := Load([]byte(`version: "1"
approved_by: ""
approved_on: ""
classes: []
groups: []
no_drugs: []
substances:
  - {name: Ramipril, pzn: ["03752864"]}
  - {name: Heparin}
`))
	if err != nil {
		t.Fatal(err)
	}
	coded := clinical.Prescription{Drug: clinical.Coded{Code: "03752864", System: "PZN", Text: "Ramipril 5 mg"}}
	for _, c := range []struct {
		name string
		p    clinical.Prescription
		pzn  string
		want Fit
	}{
		{"the pack prescribed", coded, "03752864", FitSame},
		{"another pack, not known", coded, "01234562", FitOther},
		{"the substance by the table", clinical.Prescription{Drug: clinical.Coded{Text: "Ramipril"}}, "03752864", FitSubstance},
		{"another substance by the table", clinical.Prescription{Drug: clinical.Coded{Text: "Heparin"}}, "03752864", FitOther},
		{"nothing known of either", clinical.Prescription{Drug: clinical.Coded{Text: "Hausmischung"}}, "01234562", FitUnknown},
		{"a drug without a code", clinical.Prescription{Drug: clinical.Coded{Text: "Heparin"}}, "01234562", FitUnknown},
	} {
		if got := table.Fits(c.p, c.pzn); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestWhatIsLeftOfTheDailyMaximum(t *testing.T) {
	t.Parallel()
	table, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	para := clinical.Prescription{Drug: clinical.Coded{Text: "Paracetamol"}, Strength: "500 mg", Dose: "2 Tbl.", AsNeeded: true, MaxDaily: "4 g"}
	times := para
	times.MaxDaily = "3 × täglich"
	for _, c := range []struct {
		name  string
		p     clinical.Prescription
		given []string
		rest  string
		over  bool
		why   bool
	}{
		{"nothing given", para, nil, "4 g", false, false},
		{"two doses", para, []string{"2 Tbl.", "1 g"}, "2 g", false, false},
		{"one more would be too much", para, []string{"2 Tbl.", "1 g", "1 g", "500 mg"}, "500 mg", true, false},
		{"all given", para, []string{"4 g"}, "0 mg", true, false},
		{"counted in doses", times, []string{"2 Tbl.", "2 Tbl.", "2 Tbl."}, "0 mg", true, false},
		{"an amount nobody can read", para, []string{"etwas"}, "", false, true},
		{"another unit", para, []string{"20 Tropfen"}, "", false, true},
		{"no maximum", clinical.Prescription{Drug: para.Drug, Dose: "1 g", AsNeeded: true}, nil, "", false, true},
	} {
		got := table.Left(c.p, c.given, nil)
		if got.Rest.DE != c.rest || got.Over != c.over || (got.Why.DE != "") != c.why {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestAHousesListMeansDrugsBySubstance(t *testing.T) {
	t.Parallel()
	table, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	p := clinical.Prescription{Drug: clinical.Coded{Text: "Heparin-Natrium 25 000 IE"}}
	if !table.Means("Heparin", p) || table.Means("Ramipril", p) || !table.Means("Hausmischung A", clinical.Prescription{Drug: clinical.Coded{Text: "hausmischung a"}}) {
		t.Error("a list means the wrong drugs")
	}
	if names := table.Names(); len(names) < len(table.all) || !slices.Contains(names, "Ramipril") {
		t.Errorf("%d names of %d substances", len(names), len(table.all))
	}
}
