package chart

import (
	"fmt"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// weighed is a weight in kilograms, measured some days and hours before now.
func weighed(w *world, kilograms float64, days, hours int) clinical.Result {
	at := w.cfg.Now().AddDate(0, 0, -days).Add(-time.Duration(hours) * time.Hour)
	return clinical.Result{
		Code: clinical.Coded{Code: "29463-7", Text: "Gewicht", System: "LN"}, SubID: "@" + at.UTC().Format("20060102150405"),
		Section: clinical.Vitals, Value: fmt.Sprint(kilograms), Number: &kilograms, Unit: "kg", Status: clinical.Final, At: at,
	}
}

// Doses are reckoned from the weight: it must be the newest one that counts,
// under whichever number it was sent, and none that is too old.
func TestTheNewestWeightIsFoundFromTheNewestDayBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, number := range []string{"100", "200"} {
		w.send("kis", of(number, "4"+number, person("Weber", "Anna"+number, 1950, 1, 2, clinical.Female)))
	}
	gone := weighed(w, 99, 0, 1)
	gone.Status = clinical.Withdrawn
	pulse := weighed(w, 80, 0, 2)
	pulse.Code = clinical.Coded{Code: "8867-4", Text: "Puls", System: "LN"}
	timeless := weighed(w, 55, 0, 0)
	timeless.At, timeless.SubID = time.Time{}, ""
	for _, r := range []clinical.Result{weighed(w, 78, 9, 0), weighed(w, 77, 3, 5), weighed(w, 76.5, 3, 1), gone, pulse, timeless} {
		w.send("kis", of("100", "4100", r))
	}
	w.send("kis", of("200", "4200", weighed(w, 61, 5, 0)))

	weight := func(it *Item[clinical.Result]) bool { return !it.Cancelled && it.V.Code.Code == "29463-7" }
	find := func(number string, days int) string {
		t.Helper()
		v := w.view()
		defer v.Close()
		best, found, err := v.NewestVital(t.Context(), key(number), w.cfg.Now().AddDate(0, 0, -days), weight)
		if err != nil {
			t.Fatal(err)
		}
		p, err := v.Patient(t.Context(), key(number), All()) // then the same once more, with the person at hand
		if err != nil {
			t.Fatal(err)
		}
		again, ok, err := v.NewestVital(t.Context(), p.Key, w.cfg.Now().AddDate(0, 0, -days), weight)
		if err != nil || ok != found || again.V.Value != best.V.Value {
			t.Errorf("%s, %d days: first %q, then %q (%v)", number, days, best.V.Value, again.V.Value, err)
		}
		if !found {
			return ""
		}
		return best.V.Value
	}
	for _, c := range []struct {
		number string
		days   int
		want   string
	}{{"100", 30, "76.5"}, {"100", 1, "55"}, {"200", 30, "61"}, {"200", 4, ""}} {
		if got := find(c.number, c.days); got != c.want {
			t.Errorf("%s, %d days back: got %q, want %q", c.number, c.days, got, c.want)
		}
	}

	w.send("kis", of("200", "", clinical.Merge{From: []clinical.Identifier{id("100")}}))
	for _, number := range []string{"100", "200"} {
		if got := find(number, 30); got != "76.5" {
			t.Errorf("merged, asked by %s: got %q", number, got)
		}
	}
	v := w.view()
	defer v.Close()
	if _, _, err := v.NewestVital(t.Context(), key("900"), time.Time{}, weight); err == nil {
		t.Error("an unknown person has a weight")
	}
}

// Lists come newest first, in one order for equal times, whatever order they
// were kept in.
func TestEntriesAreSortedInPlace(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		list := make([]Item[clinical.Dose], n)
		for i := range list {
			at := start().Add(time.Duration(i*i*7%13) * time.Hour)
			list[i] = Item[clinical.Dose]{V: clinical.Dose{ID: fmt.Sprintf("%02d", i), At: at}}
		}
		newestFirst(list, func(it *Item[clinical.Dose]) time.Time { return it.V.At })
		seen := map[string]bool{}
		for i, it := range list {
			seen[it.V.ID] = true
			if i > 0 && (it.V.At.After(list[i-1].V.At) || it.V.At.Equal(list[i-1].V.At) && it.V.ID < list[i-1].V.ID) {
				t.Fatalf("%d entries: %s behind %s", n, it.V.ID, list[i-1].V.ID)
			}
		}
		if len(seen) != n {
			t.Fatalf("%d entries became %d", n, len(seen))
		}
	}
}
