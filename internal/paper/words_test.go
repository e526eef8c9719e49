package paper

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

func TestAgesAndTimesAreSaidInWords(t *testing.T) {
	t.Parallel()
	de, en := voice{lang.DE, berlin, printed}, voice{lang.EN, berlin, printed}
	for _, c := range []struct{ got, want string }{
		{de.ago(printed.Add(-12 * time.Minute)), "vor 12 min"},
		{de.ago(printed.Add(-204 * time.Minute)), "vor 3 h 24"},
		{de.ago(printed.Add(-3 * time.Hour)), "vor 3 h"},
		{de.ago(printed.Add(-72 * time.Hour)), "vor 3 Tagen"},
		{en.ago(printed.Add(-204 * time.Minute)), "3 h 24 ago"},
		{de.ago(time.Time{}), "Alter unbekannt"},
		{de.ago(printed.Add(time.Hour)), "in der Zukunft"},
		{de.when(at(21, 1, 5)), "01:05"},
		{de.when(at(19, 14, 5)), "Do 19.11. 14:05"},
		{de.when(at(19, 14, 5).AddDate(-1, 0, 0)), "Mi 19.11.2025 14:05"},
		{en.when(at(19, 14, 5)), "Thu 19 Nov 14:05"},
		{de.when(time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)), "00:30"},
		{de.when(time.Time{}), "Zeit unbekannt"},
		{de.birth(clinical.Date{Year: 1951, Month: 4, Day: 3}), "*03.04.1951 (75 J)"},
		{en.birth(clinical.Date{Year: 1951, Month: 4, Day: 3}), "*03 Apr 1951 (75 y)"},
		{en.birth(clinical.Date{Year: 2026, Month: 9, Day: 30}), "*30 Sep 2026 (7 wk)"},
		{de.birth(clinical.Date{}), "Geburtsdatum nicht übermittelt"},
		{de.name(clinical.Name{}, false), "Name nicht übermittelt"},
		{en.name(clinical.Name{}, true), "UNKNOWN PERSON"},
		{de.name(clinical.Name{Family: "Weiß", Given: "Uwe"}, false), "WEIẞ, Uwe"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbersKeepTheirDigitsAndChangeOnlyTheDecimalSign(t *testing.T) {
	t.Parallel()
	de, en := voice{lang.DE, berlin, printed}, voice{lang.EN, berlin, printed}
	v := 6.1
	for _, c := range []struct {
		r      clinical.Result
		de, en string
	}{
		{clinical.Result{Value: "6.10", Number: &v}, "6,10", "6.10"},
		{clinical.Result{Value: "6,10", Number: &v}, "6,10", "6.10"},
		{clinical.Result{Value: "0,05", Number: &v, Comparator: "<"}, "<0,05", "<0.05"},
		{clinical.Result{Value: "<0,05", Number: &v, Comparator: "<"}, "<0,05", "<0.05"},
		{clinical.Result{Value: "500", Number: &v, Comparator: ">="}, "≥500", "≥500"},
		{clinical.Result{Value: "1.234.567", Number: &v}, "1.234.567", "1.234.567"},
		{clinical.Result{Value: "v. 12.3. an"}, "v. 12.3. an", "v. 12.3. an"},
	} {
		if got := de.number(c.r); got != c.de {
			t.Errorf("German: got %q, want %q", got, c.de)
		}
		if got := en.number(c.r); got != c.en {
			t.Errorf("English: got %q, want %q", got, c.en)
		}
	}
}

func TestADoseSchemeIsReadOnlyWhenItIsOne(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"1-0-1-0": "1 0 1 0", "1-0-1": "1 0 1 0", "½-0-½-0": "½ 0 ½ 0", "1,5-0-0-0,5": "1,5 0 0 0,5", "1 - 0 - 2 - 0": "1 0 2 0", "0-0-0-1/2": "0 0 0 1/2", "0,0-1-0": "0 1 0 0",
		"nach Plan": "", "1-0": "", "1-0-1-0-1": "", "": "", "1--1": "", "2-3x-1": "", "01-12-2026": "01 12 2026 0",
	} {
		got, ok := scheme(s)
		if ok != (want != "") || ok && strings.Join(got[:], " ") != want {
			t.Errorf("%q read as %v, %v", s, got, ok)
		}
	}
}

func TestTimesOfDayFallIntoTheColumnsOfThePlan(t *testing.T) {
	t.Parallel()
	for hour, want := range map[int]quarter{0: night, 3: night, 4: morning, 8: morning, 10: morning, 11: noon, 15: noon, 16: evening, 20: evening, 21: night, 23: night} {
		if got := quarterOf(clinical.DayTime(hour * 60)); got != want {
			t.Errorf("%d o'clock is in column %d, want %d", hour, got, want)
		}
	}
}

func TestThePlanSetsAmountsBesideTimesOnlyWhenTheyAgree(t *testing.T) {
	t.Parallel()
	c := &chartSheets{flow: &flow{document: &document{voice: voice{lang.DE, berlin, printed}}}}
	for _, k := range []struct {
		name   string
		scheme string
		times  []clinical.DayTime
		want   [quarters]string
	}{
		{"three times for three amounts, the last in the night", "1-1-2", []clinical.DayTime{360, 840, 1320}, [quarters]string{"1 · 06:00", "1 · 14:00", "", "2 · 22:00"}},
		{"the hours after midnight end the day", "1-0-1-2", []clinical.DayTime{120, 480, 1080}, [quarters]string{"1 · 08:00", "", "1 · 18:00", "2 · 02:00"}},
		{"two times for three amounts stand alone", "1-1-1", []clinical.DayTime{480, 1200}, [quarters]string{"08:00", "", "20:00", ""}},
		{"four-hourly", "", []clinical.DayTime{120, 360, 600, 840, 1080, 1320}, [quarters]string{"06:00 10:00", "14:00", "18:00", "22:00 02:00"}},
	} {
		got, _ := c.schedule(clinical.Prescription{Scheme: k.scheme, Times: k.times})
		for q := range got {
			if strings.Join(got[q], " ") != k.want[q] {
				t.Errorf("%s: column %d is %q, want %q", k.name, q, got[q], k.want[q])
			}
		}
	}
}

func TestWrappingLosesNothingAndStaysWithinTheWidth(t *testing.T) {
	t.Parallel()
	f, err := loadFaces()
	if err != nil {
		t.Fatal(err)
	}
	s := style{f.cond, body}
	o := odd{rand.New(rand.NewPCG(3, 5))}
	for range 2000 {
		text := f.draw(o.text())
		width := 5 + 60*o.r.Float64()
		lines := s.wrap(text, width)
		for _, l := range lines {
			if s.width(l) > width+0.001 {
				t.Fatalf("line %q is wider than %v", l, width)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(lines, "")) != squeeze(text) {
			t.Fatalf("wrapping %q lost something: %q", text, lines)
		}
	}
}

func TestCharactersAreComposedAndWhatCannotBeDrawnIsABox(t *testing.T) {
	t.Parallel()
	f, err := loadFaces()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"Mu\u0308ller": "Müller", "a\u202eb\u200bc": "abc", "x\ty\x00z": "x y z", "漢字 µg ≥ ẞ ↑": "□□ µg ≥ ẞ ↑", "a\r\nb": "a\nb", "\xff": "□", "Co\u2011op": "Co-op",
	} {
		if got := f.draw(in); got != want {
			t.Errorf("%q drawn as %q, want %q", in, got, want)
		}
	}
}

func TestAStrengthIsLeftOutOnlyWhenTheNameHasTheSame(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"Bisoprolol-ratiopharm 2,5 mg", "2,5 mg", ""}, {"Bisoprolol-ratiopharm 2,5 mg", "5 mg", "5 mg"}, {"Ramipril 10 mg/25 mg", "10 mg", "10 mg"}, {"Marcumar", "3 mg", "3 mg"}, {"ASS 100 MG", "100 mg", ""},
	} {
		if got := notIn(c[0], c[1]); got != c[2] {
			t.Errorf("%s with strength %s: prints %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
