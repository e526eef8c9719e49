package names_test

import (
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/chart/names"
	"notbetrieb/internal/clinical"
)

func TestEveryWayToWriteANameFoldsToOne(t *testing.T) {
	t.Parallel()
	for want, ways := range map[string][]string{
		"muller":             {"Müller", "MUELLER", "muller", "Mu\u0308ller", " müller "},
		"gross":              {"Groß", "GROẞ", "gross", "Gross"},
		"muller ludenscheid": {"Müller-Lüdenscheid", "Mueller Luedenscheid", "MÜLLER–LÜDENSCHEID"},
		"jose":               {"José", "JOSE"},
		"oconnor":            {"O'Connor", "O’Connor"},
		"soren":              {"Søren", "Soeren", "Sören"},
		"lukasz":             {"Łukasz", "lukasz"},
		"dr med":             {"Dr. med."},
	} {
		for _, w := range ways {
			if got := names.Fold(w); got != want {
				t.Errorf("Fold(%q) = %q, want %q", w, got, want)
			}
		}
	}
}

func TestABeginningFoldsToABeginning(t *testing.T) {
	t.Parallel()
	for _, n := range []string{"Müller-Lüdenscheid", "Bauer", "Michael", "Großmann", "Saeed", "von der Heide", "Noël"} {
		whole := names.Fold(n)
		for i := range n {
			if p := names.Fold(n[:i]); !strings.HasPrefix(whole, p) {
				t.Errorf("%q folds to %q, no beginning of %q", n[:i], p, whole)
			}
		}
	}
}

func FuzzFoldIsStable(f *testing.F) {
	for _, s := range []string{"Müller", "aee", "ßẞ", "a  b", "ÆŒ", "李", "-x-", "ǅ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := names.Fold(s)
		if strings.HasPrefix(once, " ") || strings.HasSuffix(once, " ") || strings.Contains(once, "  ") {
			t.Errorf("%q has stray blanks: %q", s, once)
		}
	})
}

func TestOneTypingErrorSharesAKey(t *testing.T) {
	t.Parallel()
	word := "schneider"
	var typed []string
	for i := range word {
		typed = append(typed, word[:i]+word[i+1:], word[:i]+"q"+word[i:], word[:i]+"q"+word[i+1:])
		if i+1 < len(word) {
			typed = append(typed, word[:i]+word[i+1:i+2]+word[i:i+1]+word[i+2:])
		}
	}
	keys := names.Neighbours(word)
	for _, w := range typed {
		if names.Distance(w, word) > 1 {
			t.Errorf("%q is %d from %q", w, names.Distance(w, word), word)
		}
		if !slices.ContainsFunc(names.Neighbours(w), func(k string) bool { return slices.Contains(keys, k) }) {
			t.Errorf("%q does not find %q", w, word)
		}
	}
}

func TestPhoneticFollowsKoeln(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"muller": "657", "meier": "67", "mayr": "67", "schmidt": "862", "schmitt": "862",
		"wikipedia": "3412", "breschnew": "17863", "philip": "351",
	} {
		if got := names.Phonetic(word); got != want {
			t.Errorf("Phonetic(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestNamesThatCouldBeMixedUp(t *testing.T) {
	t.Parallel()
	d := func(y, m, day int) clinical.Date { return clinical.Date{Year: y, Month: m, Day: day} }
	n := func(family, given string) clinical.Name { return clinical.Name{Family: family, Given: given} }
	for _, c := range []struct {
		name string
		a    clinical.Name
		ab   clinical.Date
		b    clinical.Name
		bb   clinical.Date
		want bool
	}{
		{"same name, other birth date", n("Müller", "Anna"), d(1951, 4, 3), n("Mueller", "Anna"), d(1988, 1, 1), true},
		{"twins over midnight of a new year", n("Koç", "Emir"), d(2025, 12, 31), n("Koc", "Elif"), d(2026, 1, 1), true},
		{"same family, other person", n("Müller", "Anna"), d(1951, 4, 3), n("Müller", "Karl"), d(1949, 4, 3), false},
		{"one letter apart, same first letter", n("Meier", "Hans"), d(1940, 1, 1), n("Meyer", "Heinz"), d(1950, 1, 1), true},
		{"one letter apart, other first letter", n("Meier", "Hans"), d(1940, 1, 1), n("Meyer", "Otto"), d(1950, 1, 1), false},
		{"nobody is like an unnamed person", n("", ""), d(1940, 1, 1), n("", ""), d(1940, 1, 1), false},
	} {
		if got := names.Ready(c.a, c.ab).Alike(names.Ready(c.b, c.bb)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
