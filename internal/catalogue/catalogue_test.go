package catalogue

import (
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
)

func TestTheBuiltInCatalogueIsReadAndNobodyApprovedIt(t *testing.T) {
	t.Parallel()
	c := Default()
	if c.Approved() || len(c.Analytes) < 40 || len(c.Profiles) < 8 {
		t.Fatalf("%d analytes, %d profiles, approved %v", len(c.Analytes), len(c.Profiles), c.Approved())
	}
	loinc := map[string]string{}
	for _, a := range c.Analytes {
		if other, twice := loinc[a.LOINC]; twice {
			t.Errorf("%s and %s have one LOINC", a.Code, other)
		}
		loinc[a.LOINC] = a.Code
		if !a.Words && a.Possible == (Span{}) {
			t.Errorf("%s: any number is possible", a.Code)
		}
	}
	if a := c.Of("KBB"); len(a) != 6 || a[0].Code != "HB" {
		t.Errorf("the small blood count is %v", a)
	}
	if c.Analyte("2823-3") != c.Analyte("kalium") || c.Of("K")[0] != c.Analyte("K") || c.Analyte("") != nil || c.Of("XYZ") != nil {
		t.Error("potassium is not found by its code, LOINC and name alike")
	}
}

func TestAValueIsJudgedByAgeAndSex(t *testing.T) {
	t.Parallel()
	woman, man, child := Person{75, true, clinical.Female}, Person{60, true, clinical.Male}, Person{6, true, clinical.Male}
	unknown := Person{}
	for _, x := range []struct {
		code       string
		v          float64
		comparator string
		p          Person
		want       string
	}{
		{"HB", 12.5, "", woman, ""}, {"HB", 12.5, "", man, "L"}, {"HB", 6.5, "", man, "LL"}, {"HB", 12.5, "", child, ""}, {"HB", 12.5, "", unknown, ""},
		{"K", 6.2, "", man, "H"}, {"K", 6.3, "", man, "HH"}, {"K", 2.8, "", man, "L"}, {"K", 2.7, "", man, "LL"}, {"K", 6.9, "", child, "HH"}, {"K", 6.9, "", unknown, "HH"},
		{"CRP", 5, "", man, ""}, {"CRP", 5, ">", man, "H"}, {"CRP", 0.3, "<", man, ""}, {"THR", 20, "<", man, "LL"}, {"THR", 20, "", man, "L"},
	} {
		if got := Default().Analyte(x.code).Flag(x.v, x.comparator, x.p); got != x.want {
			t.Errorf("%s %s%v of %+v is %q, want %q", x.code, x.comparator, x.v, x.p, got, x.want)
		}
	}
	k := Default().Analyte("K")
	for v, want := range map[float64]Verdict{4.2: Fine, 9.5: Unusual, 42: Impossible, -1: Impossible} {
		if got := k.Plausible(v); got != want {
			t.Errorf("potassium %v is %v, want %v", v, got, want)
		}
	}
	if r, ok := k.Range(man); !ok || r.Text(1) != "3,5 - 5,1" {
		t.Errorf("range %q", r.Text(1))
	}
}

func TestUnitsAreKnownHoweverTheyAreTyped(t *testing.T) {
	t.Parallel()
	c := Default()
	for typed, want := range map[string]string{"MMOL/L": "mmol/l", "mg / dl": "mg/dl", "μg/l": "µg/l", "%": "%"} {
		if got, ok := c.Unit(typed); !ok || got != want {
			t.Errorf("%q is %q", typed, got)
		}
	}
	if got, ok := c.Unit("Löffel"); ok {
		t.Errorf("a spoon is a unit: %q", got)
	}
}

func TestAWrongCatalogueIsRefusedWithEveryMistake(t *testing.T) {
	t.Parallel()
	const good = "specimens: [{id: s, de: Serum}]\nanalytes:\n- {code: K, de: Kalium, unit: mmol/l, specimen: s, possible: [1, 20], critical_low: 3, critical_high: 6}\n"
	if _, err := Load([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"an unknown key":                  {"specimen: s", "specimen: s, colour: red"},
		"an unknown specimen":             {"specimen: s", "specimen: t"},
		"limits turned around":            {"[1, 20]", "[20, 1]"},
		"a critical limit that cannot be": {"critical_high: 6", "critical_high: 60"},
		"critical limits turned around":   {"critical_low: 3", "critical_low: 7"},
		"no code":                         {"code: K", "code: ''"},
		"words with a unit":               {"code: K", "code: K, words: true"},
		"an unknown section":              {"code: K", "code: K, section: x-ray"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if _, err := Load([]byte(bad)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Load([]byte(good + "profiles:\n- {code: P, de: P, analytes: [X, Y]}\n- {code: P, de: Q, analytes: [K]}\n"))
	if err == nil || strings.Count(err.Error(), "catalogue:") != 3 {
		t.Errorf("not every mistake at once: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(builtIn[:2000])
	f.Add([]byte("specimens: [{id: s, de: Serum}]\nanalytes:\n- {code: K, de: Kalium, specimen: s}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Load(b)
		if err != nil {
			return
		}
		for _, a := range c.Analytes {
			a.Flag(1, "", Person{})
		}
	})
}
