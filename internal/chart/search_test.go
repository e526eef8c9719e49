package chart

import (
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

func searchWorld(t *testing.T) *world {
	w := newWorld(t)
	named := func(number, no string, n clinical.Name, y, m, d int) {
		w.send("kis", of(number, no, clinical.Demographics{
			Name: clinical.Say(n), Birth: clinical.Say(clinical.Date{Year: y, Month: m, Day: d}),
		}), of(number, no, admit(w.now, place("3A", "301", "F"))))
	}
	named("0000100", "4711001", clinical.Name{Family: "Müller", Given: "Anna"}, 1951, 4, 3)
	named("200", "4711002", clinical.Name{Family: "Müller-Lüdenscheid", Given: "Karl-Otto"}, 1940, 12, 31)
	named("300", "4711003", clinical.Name{Family: "Heide", Prefix: "von der", Given: "Otto"}, 1962, 1, 1)
	named("400", "4711004", clinical.Name{Family: "Groß", Given: "Zoë"}, 2025, 2, 28)
	named("500", "4711005", clinical.Name{Family: "Schneider", Given: "Ute"}, 1971, 7, 7)
	named("600", "4711006", clinical.Name{Family: "Muller", Given: "Anna"}, 1988, 5, 5)
	w.send("kis", of("600", "4711006", clinical.Movement{Action: clinical.Insert, Kind: clinical.Discharge, Start: w.now}))
	w.send("kis", of("500", "4711005", clinical.Insurance{Number: "A123456780", Fund: "AOK"}))
	w.send("kis", of("700", "4711007", person("Alt", "Gertrud", 1930, 1, 1, clinical.Female)))
	w.send("kis", of("400", "", clinical.Merge{From: []clinical.Identifier{id("700")}}))
	return w
}

func TestSearchFindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	w := searchWorld(t)
	v := w.view()
	for _, c := range []struct {
		text string
		want []string // in order
	}{
		{"Müller", []string{"0000100", "200", "600"}},
		{"mueller", []string{"0000100", "200", "600"}},
		{"MULLER anna", []string{"0000100", "600"}},
		{"anna müller", []string{"0000100", "600"}},
		{"an mü", []string{"0000100", "600"}},
		{"Lüdenscheid", []string{"200"}},
		{"Luedenscheid Karl", []string{"200"}},
		{"Otto", []string{"300", "200"}},
		{"von der Heide", []string{"300"}},
		{"Heide, Otto", []string{"300"}},
		{"otto von der heide", []string{"300"}},
		{"gross", []string{"400"}},
		{"GROẞ zoe", []string{"400"}},
		{"Schnieder", []string{"500"}},
		{"Schneidr Ute", []string{"500"}},
		{"Schnaider", []string{"500"}},
		{"03.04.1951", []string{"0000100"}},
		{"3.4.51", []string{"0000100"}},
		{"1951-04-03", []string{"0000100"}},
		{"030451", []string{"0000100"}},
		{"1951", []string{"0000100"}},
		{"müller 3.4.51", []string{"0000100"}},
		{"müler 1951", []string{"0000100"}},
		{"*03.04.1951", []string{"0000100"}},
		{"4711005", []string{"500"}},
		{"47110", []string{"400", "300", "0000100", "200", "500", "600"}},
		{"100", []string{"0000100"}},
		{"0000100", []string{"0000100"}},
		{"A123456780", []string{"500"}},
		{"a123 456 780", []string{"500"}},
		{"4711007", []string{"400"}},
		{"Gertrud Alt", []string{"400"}},
		{"xyzxyz", nil},
		{"", nil},
		{"3A", []string{"400", "300", "0000100", "200", "500"}},
		{"innere 3a", []string{"400", "300", "0000100", "200", "500"}},
	} {
		hits, n, err := v.Search(t.Context(), Query{Text: c.text})
		if err != nil {
			t.Fatalf("%q: %v", c.text, err)
		}
		var got []string
		for _, h := range hits {
			for _, number := range []string{"0000100", "200", "300", "400", "500", "600", "700"} {
				if key(number) == h.Key {
					got = append(got, number)
				}
			}
		}
		if !sameSet(got, c.want) || n != len(c.want) {
			t.Errorf("%q finds %v (%d), want %v", c.text, got, n, c.want)
		}
	}
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	m := map[string]int{}
	for i := range a {
		m[a[i]]++
		m[b[i]]--
	}
	for _, n := range m {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestSearchShowsThoseInHouseFirstAndSaysHowItMatched(t *testing.T) {
	t.Parallel()
	w := searchWorld(t)
	v := w.view()
	hits, _, err := v.Search(t.Context(), Query{Text: "Anna Müller"})
	if err != nil || len(hits) != 2 {
		t.Fatalf("%v %v", hits, err)
	}
	if hits[0].State != Present || hits[1].State != Left || !hits[0].Alike || hits[0].Place.Ward != "3A" {
		t.Errorf("order or marks are wrong: %+v", hits)
	}
	if hits, _, _ = v.Search(t.Context(), Query{Text: "Gertrud"}); len(hits) != 1 || !hits[0].Merged || hits[0].Name.Family != "Groß" {
		t.Errorf("merged number: %+v", hits)
	}
	if hits, _, _ = v.Search(t.Context(), Query{Text: "Schnieder"}); len(hits) != 1 || hits[0].Why.DE == "" {
		t.Errorf("similar: %+v", hits)
	}
	if hits, n, _ := v.Search(t.Context(), Query{Text: "47110", Limit: 2, Offset: 2}); len(hits) != 2 || n != 6 {
		t.Errorf("page: %d of %d", len(hits), n)
	}
	if hits, _, _ = v.Search(t.Context(), Query{Text: "Anna", Present: true}); len(hits) != 1 {
		t.Errorf("only present: %+v", hits)
	}
	if hits, _, _ = v.Search(t.Context(), Query{Text: "Anna", Ward: "ITS"}); len(hits) != 0 {
		t.Errorf("other ward: %+v", hits)
	}
}

func FuzzAQuestionIsTakenApartWithoutPanic(f *testing.F) {
	for _, s := range []string{"Müller 3.4.51", "....", "1951-13-40", "--", "*", "von der", "000000"} {
		f.Add(s)
	}
	now := time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		q := ask(s, now)
		for _, d := range q.birth {
			if d.Year < 1880 || d.Year > 2026 {
				t.Errorf("%q gives the year %d", s, d.Year)
			}
		}
	})
}

func TestAVisitThatNobodyEndsIsOverNextDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	visit := func(at time.Time) clinical.Movement {
		return clinical.Movement{Action: clinical.Insert, Kind: clinical.Visit, Event: "A04", Start: at, To: place("AMB", "", ""), Class: clinical.Outpatient}
	}
	w.send("kis", of("100", "1", person("Müller", "Anna", 1951, 4, 3, clinical.Female)), of("100", "1", visit(start().Add(-48*time.Hour))))
	w.send("kis", of("200", "2", person("Müller", "Berta", 1951, 4, 4, clinical.Female)), of("200", "2", visit(start())))
	w.send("kis", of("200", "3", admit(start().Add(-time.Hour), place("3A", "301", "F"))))
	l := w.ward("AMB")
	if l.Occupied != 1 || l.Rows[0].Key != key("200") {
		t.Errorf("ward %+v", l.Rows)
	}
	if p := w.patient("100"); p.Stays[0].State != Left {
		t.Errorf("state %s", p.Stays[0].State)
	}
	hits, _, err := w.view().Search(t.Context(), Query{Text: "Müller", Present: true})
	if err != nil || len(hits) != 1 || hits[0].Key != key("200") || hits[0].Place.Ward != "3A" {
		t.Errorf("hits %+v %v", hits, err)
	}
}
