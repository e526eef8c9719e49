package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Ordinary work that was once a hit: what a nurse would have been asked about.

func TestANightOnTheOwnWardIsNoUnusualHour(t *testing.T) {
	t.Parallel()
	var all []Access
	for d := 1; d <= 14; d++ { // a month of early shifts
		all = append(all, reads("weber", at(d, 9, 0), 20)...)
	}
	night := reads("weber", at(18, 2, 0), 10)
	if got := found("hours", append(slices.Clone(all), night...), world()); len(got) != 0 {
		t.Errorf("the first night shift with the own patients: %s", why(got[0]))
	}
	for i := range night {
		night[i].Patient = "q" // of another ward, long gone
	}
	if got := found("hours", append(all, night...), world()); len(got) != 1 {
		t.Errorf("a night with a stranger's chart: %d hits", len(got))
	}
}

func TestAShiftEndsWithAHandover(t *testing.T) {
	t.Parallel()
	w := world()
	w.People["pool"] = Person{Name: "I. Quell", Roles: []string{"nurse"}, Wards: []string{"1A"}}
	w.Duties = []Duty{{Person: "pool", From: at(17, 21, 0), To: at(18, 6, 0), Wards: []string{"3A"}}}
	for name, c := range map[string]struct {
		from time.Time
		hits int
	}{
		"handover before": {at(17, 20, 30), 0}, "at night": {at(18, 3, 0), 0}, "a late letter": {at(18, 6, 40), 0}, "the next evening": {at(18, 19, 0), 1},
	} {
		if got := found("relation", reads("pool", c.from, 10), w); len(got) != c.hits {
			t.Errorf("a nurse of the pool, %s: %d hits", name, len(got))
		}
	}
	if got := found("hours", reads("kurz", at(18, 23, 10), 10), world()); len(got) != 0 {
		t.Errorf("a clerk of the late shift who tidies up: %s", why(got[0]))
	}
}

// The night the clocks go back has an hour twice, the one they go forward lacks
// one: a shift over it has its own length, and days stay days of the house.
func TestANightOverTheChangeOfTheClocks(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, to time.Time
		hours    int
	}{
		"back":    {time.Date(2026, 10, 24, 21, 0, 0, 0, zone), time.Date(2026, 10, 25, 6, 0, 0, 0, zone), 10},
		"forward": {time.Date(2026, 3, 28, 21, 0, 0, 0, zone), time.Date(2026, 3, 29, 6, 0, 0, 0, zone), 8},
	} {
		w := world()
		w.Zone, w.Duties = zone, []Duty{{Person: "kurz", From: c.from, To: c.to}}
		in := &input{w: w, r: Default(), span: Span{c.from.AddDate(0, 0, -1), c.to.AddDate(0, 0, 1)}}
		for h := range c.hours {
			in.all = append(in.all, Access{At: c.from.Add(time.Duration(h)*time.Hour + time.Minute), Person: "kurz", System: "KIS", Deed: Looked, Patient: "p1"})
		}
		in.prepare()
		if got := in.hours(); len(got) != 0 {
			t.Errorf("%s: a clerk on duty: %s", name, why(got[0]))
		}
	}
	w := world()
	w.Zone = zone
	in := &input{w: w, r: Default()}
	in.prepare()
	for at, want := range map[time.Time]bool{
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC): true, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC): true,
		time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC): false, time.Date(2026, 10, 25, 2, 30, 0, 0, time.UTC): false, time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC): false,
	} {
		if got := in.twice(at); got != want {
			t.Errorf("%v comes twice: %t", at.In(zone), got)
		}
	}
	h := in.hit("mass", "x", []*Access{{At: time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), Person: "kurz", System: "KIS"}}, 1)
	if !strings.Contains(against(h), "zweimal") {
		t.Errorf("a foreign log in the double hour: %s", against(h))
	}
}

func TestThePatientsOfAnotherSystemAreNotJudged(t *testing.T) {
	t.Parallel()
	var all []Access
	for i := range 30 {
		all = append(all, Access{At: at(18, 10, i), Person: "weber", System: "KIS", Deed: Looked, Number: fmt.Sprint(900000 + i)})
	}
	if got := found("relation", all, world()); len(got) != 0 {
		t.Errorf("patients who are not known here: %s", why(got[0]))
	}
	got := found("relation", append(all, reads("it", at(18, 10, 0), 3)...), world())
	if len(got) != 1 || got[0].Person != "it" {
		t.Errorf("known ones: %+v", got)
	}
}

// A search before midnight that led to a chart after it, and a reason on the
// last evening of the span, are not idle.
func TestWhatCameOfItAfterMidnight(t *testing.T) {
	t.Parallel()
	var all []Access
	for i := range 25 {
		all = append(all, Access{At: at(22, 23, 59).Add(time.Duration(i) * time.Second), Person: "kurz", Deed: Searched})
	}
	glass := Access{At: at(22, 23, 58), Person: "weber", Deed: Unlocked, Patient: "p1", System: "KIS"}
	later := []Access{{At: at(23, 0, 1), Person: "kurz", Deed: Looked, Patient: "p1"}, {At: at(23, 0, 2), Person: "weber", Deed: Looked, Patient: "p1"}}
	w := world()
	w.Now = at(23, 12, 0)
	if got := found("searches", append(slices.Clone(all), later...), w); len(got) != 0 {
		t.Errorf("searches before midnight: %s", why(got[0]))
	}
	if got := found("glass", append([]Access{glass}, later...), w); len(got) != 0 {
		t.Errorf("a reason before midnight: %s", why(got[0]))
	}
	if got := found("searches", all, w); len(got) != 1 {
		t.Errorf("searches that led nowhere: %d hits", len(got))
	}
	if got := found("glass", []Access{glass}, w); len(got) != 1 {
		t.Errorf("a reason that led nowhere: %d hits", len(got))
	}
	w.Now = at(23, 0, 0)
	if got := found("glass", []Access{glass}, w); len(got) != 0 {
		t.Errorf("two minutes after the reason nobody knows what comes: %s", why(got[0]))
	}
}

func TestTheFolderOfTheOwnWardIsNoTakingOut(t *testing.T) {
	t.Parallel()
	if got := found("take-out", deeds(reads("weber", at(18, 10, 0), 24), Printed), world()); len(got) != 0 {
		t.Errorf("24 patients of the own ward: %s", why(got[0]))
	}
	for name, all := range map[string][]Access{
		"strangers":         deeds(reads("it", at(18, 10, 0), 10), Printed),
		"the ward, often":   deeds(reads("weber", at(18, 10, 0), 80), Printed),
		"one that went out": deeds(reads("weber", at(18, 10, 0), 1), Exported),
	} {
		if got := found("take-out", all, world()); len(got) != 1 {
			t.Errorf("%s: %d hits", name, len(got))
		}
	}
}

func TestASurnameWithWorkOnTheWardWeighsLess(t *testing.T) {
	t.Parallel()
	w := world()
	w.Patients["q"] = Patient{Surname: "wiesner", Stays: []Stay{{Ward: "3A", From: at(17, 8, 0), To: at(18, 8, 0)}}}
	with := Access{At: at(17, 12, 0), Person: "weber", Deed: Looked, Patient: "q"}
	long := Access{At: at(22, 20, 0), Person: "weber", Deed: Looked, Patient: "q"}
	if got := found("own-name", []Access{with}, w); len(got) != 1 || got[0].Points != 17 {
		t.Errorf("on the own ward: %+v", got)
	}
	got := found("own-name", []Access{with, long}, w)
	if len(got) != 1 || got[0].Points != 35 || !strings.Contains(against(got[0]), "Bei 1 von 2 Zugriffen") {
		t.Errorf("once more when the patient was long gone: %+v", got)
	}
}

// The rules are said in words, in both languages, and what is shown is read back.
func TestRulesAreSaidInWords(t *testing.T) {
	t.Parallel()
	role := func(r string) lang.Text { return lang.Text{DE: "R:" + r} }
	for _, l := range []lang.Lang{lang.DE, lang.EN} {
		text := Default().Text(l)
		if machineLasting.MatchString(text) {
			t.Errorf("%s: a length of time for machines: %s", l, text)
		}
		back, err := Load([]byte(text))
		if err != nil || back.Text(l) != text {
			t.Errorf("%s: not read back: %v", l, err)
		}
		for _, x := range Default().Lines(role) {
			if x.Name.In(l) == "" || len(x.Say.In(l)) < 20 || strings.Contains(x.Say.In(l), "%!") || !x.On {
				t.Errorf("%s: %+v", l, x)
			}
		}
	}
	for _, want := range []string{"ahead: 24 Stunden", "after: 3 Tage", "within: 5 Minuten"} {
		if text := Default().Text(lang.DE); !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	if got := InWords("relation:\n  ahead: 24h0m0s # 12h0m0s\nhours:\n  roles: {it: \"06:00-20:00\"}", lang.EN); got != "relation:\n  ahead: 24 hours # 12 hours\nhours:\n  roles: {it: \"06:00-20:00\"}" {
		t.Errorf("stored rules: %s", got)
	}
	if _, err := Load([]byte("relation:\n  ahead: 3 Wochen\n")); err == nil {
		t.Error("3 Wochen is read")
	}
}

// What a review keeps is bounded, and what is left out is counted.
func TestAReviewKeepsTheMostPressingHits(t *testing.T) {
	t.Parallel()
	var o Outcome
	for i := range maxHits + 7 {
		h := Hit{Count: 40, Points: maxHits + 7 - i, Patients: []string{string(clinical.PatientKey("p"))}}
		h.Events = make([]Access, 40)
		o.Hits = append(o.Hits, h)
	}
	o.trim()
	if len(o.Hits) != maxHits || o.Left != 7 || len(o.Hits[0].Events) != 40 || len(o.Hits[maxHits-1].Events) != fewEvents {
		t.Errorf("%d hits, %d left, %d and %d events", len(o.Hits), o.Left, len(o.Hits[0].Events), len(o.Hits[maxHits-1].Events))
	}
}

// A house may empty a list of the rules: the words say so, and no sentence ends
// in the air.
func TestRulesWithEmptyListsAreSaidWhole(t *testing.T) {
	t.Parallel()
	r := Default()
	r.Relation.House, r.Own.Common, r.Hours.Roles = nil, nil, nil
	for _, x := range r.Lines(func(role string) lang.Text { return lang.Text{DE: role} }) {
		for _, say := range []string{x.Say.DE, x.Say.EN} {
			if strings.Contains(say, ": .") {
				t.Errorf("%s: %q", x.Name.DE, say)
			}
		}
	}
}
