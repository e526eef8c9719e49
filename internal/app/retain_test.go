package app_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/evidence"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/journal"
	"notbetrieb/internal/testkit"
)

// old is a house where a patient left long ago: every message and read of it is
// about to be dropped.
func old(t *testing.T) *testkit.Hospital {
	t.Helper()
	h := testkit.New(t, func(c *config.Config) { c.Retention = config.Retention{Days: 30, KeepReadsDays: 30} })
	h.Declare("kis")
	h.Receive("kis", message(t, "a01_mueller_3A.hl7"))
	for n := range 6 { // more batches than one step takes
		h.Receive("lis", numbered(message(t, "r01_mueller_potassium_6_1.hl7"), n))
		h.As("arzt").Page("/search?q=26047110").Sees("Müller")
	}
	h.Receive("kis", message(t, "a03_mueller_discharged.hl7"))
	h.Pass(100 * 24 * time.Hour)
	h.Receive("kis", strings.Replace(message(t, "a01_schmidt_1971_3A.hl7"), "202611", "202702", 1))
	return h
}

// numbered is the same message sent once more, under another number.
func numbered(text string, n int) string {
	f := strings.SplitN(text, "|", 11)
	f[9] += fmt.Sprint("R", n)
	return strings.Join(f, "|")
}

func hold(t *testing.T, h *testkit.Hospital, s evidence.Scope) {
	t.Helper()
	if _, err := h.Hub.Evidence.SetHold(t.Context(), evidence.Act{Person: "krisenstab", Name: "Dr. A. Stein"}, s, "Staatsanwaltschaft 2026/12"); err != nil {
		t.Fatal(err)
	}
}

// left is what the journal still has and could be dropped.
func left(t *testing.T, h *testkit.Hospital) int {
	t.Helper()
	n, _ := kinds(t, h)
	return n[journal.HL7] + n[journal.Read]
}

// look searches for the patient who left.
func look(t *testing.T, h *testkit.Hospital) *testkit.Page {
	t.Helper()
	v := h.Visitor()
	v.SignIn("arzt", testkit.Password)
	return v.Page("/search?q=26047110")
}

// chartKey is the key of the patient who left.
func chartKey(t *testing.T, h *testkit.Hospital) string {
	t.Helper()
	for _, l := range look(t, h).Links() {
		if rest, ok := strings.CutPrefix(l, "/patient/"); ok {
			key, err := url.PathUnescape(strings.SplitN(rest, "/", 2)[0])
			if err != nil {
				t.Fatal(err)
			}
			return key
		}
	}
	t.Fatal("the search leads to no chart")
	return ""
}

// folded waits until what was forgotten and is still in the journal is back.
func folded(t *testing.T, h *testkit.Hospital) {
	t.Helper()
	moved, end := h.Hub.Chart.Subscribe()
	defer end()
	for {
		forgot, err := h.Hub.Chart.Forgot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !forgot {
			return
		}
		select {
		case <-moved:
		case <-t.Context().Done():
			t.Fatal("the charts are not folded anew")
		}
	}
}

// found reports whether the patient who left has a chart.
func found(t *testing.T, h *testkit.Hospital) bool {
	t.Helper()
	folded(t, h)
	return !strings.Contains(look(t, h).Text(), "Niemand gefunden")
}

// A legal hold is set while old records are being dropped: what is there in the
// moment in which it stands is there ever after, whichever step comes next.
func TestAHoldInTheMiddleOfDroppingKeepsTheRest(t *testing.T) {
	t.Parallel()
	for at, name := range []string{"before the charts are closed", "before the first records go", "between two steps", "before the last"} {
		for what, scope := range map[string]evidence.Scope{"the whole journal": {Whole: true}, "a span": {From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}} {
			if at > 1 && what == "a span" {
				continue // the same from here on
			}
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				h := old(t)
				before, kept, n := left(t, h), -1, 0
				err := h.Hub.RetainBy(t.Context(), func(string) error {
					if n == at {
						hold(t, h, scope)
						kept = left(t, h)
					}
					n++
					return nil
				})
				if err != nil || kept < 0 {
					t.Fatalf("%d steps: %v", n, err)
				}
				if at < 2 && kept != before || at == 2 && (kept == before || kept < 3) {
					t.Errorf("%d of %d records were there when the hold was set", kept, before)
				}
				if got := left(t, h); got != kept {
					t.Errorf("%d records are left of %d that were there when the hold was set", got, kept)
				}
				if at < 2 && !found(t, h) {
					t.Error("the patient's chart is closed although the hold keeps the records")
				}
				for range 2 {
					if err := h.Hub.Retain(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if got := left(t, h); got < kept {
					t.Errorf("the runs after it dropped %d records more", kept-got)
				}
				folded(t, h)
				h.Check()
			})
		}
	}
}

// The hub dies between two steps, and the hold is set when it runs again.
func TestAHoldAfterARunThatBrokeOffKeepsWhatIsLeft(t *testing.T) {
	t.Parallel()
	for died := 1; died <= 2; died++ {
		t.Run(fmt.Sprint(died), func(t *testing.T) {
			t.Parallel()
			h := old(t)
			n, gone := 0, errors.New("power is out")
			err := h.Hub.RetainBy(t.Context(), func(string) error {
				if n == died {
					return gone
				}
				n++
				return nil
			})
			if !errors.Is(err, gone) {
				t.Fatal(err)
			}
			h.Restart()
			hold(t, h, evidence.Scope{Whole: true})
			kept := left(t, h)
			for range 2 {
				if err := h.Hub.Retain(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := left(t, h); got != kept || kept < 3 {
				t.Errorf("%d records are left of %d", got, kept)
			}
			if died == 1 && !found(t, h) {
				t.Error("the patient's chart is closed although the hold keeps the records")
			}
			folded(t, h)
			h.Check()
		})
	}
}

// A hold about one patient: before the charts are closed it keeps everything of
// them, afterwards nobody is told that it holds what is gone.
func TestAHoldAboutAPatientIsSetInTimeOrRefused(t *testing.T) {
	t.Parallel()
	for at := range 2 {
		h := old(t)
		hit := chartKey(t, h)
		n := 0
		var set error
		err := h.Hub.RetainBy(t.Context(), func(string) error {
			if n == at {
				_, set = h.Hub.Evidence.SetHold(t.Context(), evidence.Act{Person: "krisenstab"}, evidence.Scope{Patients: []string{hit}}, "Haftungsfall 12/26")
			}
			n++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		switch here := found(t, h); {
		case at == 0 && (set != nil || !here):
			t.Errorf("set before the charts are closed: %v, found %v", set, here)
		case at == 1 && (fault.KindOf(set) != fault.Invalid || here):
			t.Errorf("set afterwards: %v, found %v", set, here)
		}
		h.Check()
	}
}

// A hold is lifted while old records are being dropped: what it kept goes in the
// next run. Until then journal and audit agree that it is there.
func TestAHoldLiftedInTheMiddleOfDroppingHoldsForThisRun(t *testing.T) {
	t.Parallel()
	h := old(t)
	id, err := h.Hub.Evidence.SetHold(t.Context(), evidence.Act{Person: "krisenstab"}, evidence.Scope{Patients: []string{chartKey(t, h)}}, "Haftungsfall 12/26")
	if err != nil {
		t.Fatal(err)
	}
	kept, n := left(t, h), 0
	err = h.Hub.RetainBy(t.Context(), func(string) error {
		if n++; n != 2 {
			return nil
		}
		return errors.Join(h.Hub.Evidence.AskLift(t.Context(), evidence.Act{Person: "krisenstab"}, id, "Fall ist beigelegt"), h.Hub.Evidence.Lift(t.Context(), evidence.Act{Person: "revision"}, id))
	})
	if err != nil || n < 2 {
		t.Fatalf("%d steps: %v", n, err)
	}
	if got := left(t, h); got != kept {
		t.Errorf("%d records are left of %d", got, kept)
	}
	h.Check()
	h.Restart()
	if err := h.Hub.Retain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := left(t, h); got >= kept {
		t.Errorf("the next run dropped nothing: %d are left of %d", got, kept)
	}
	h.Check()
}
