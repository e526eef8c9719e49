package handback

import (
	"reflect"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/handback/message"
)

// What a record may do to the state of an entry: whoever comes too late has no
// effect.
func TestTheJournalDecidesWhatLeaves(t *testing.T) {
	t.Parallel()
	message := event{Step: sending, Key: "v1", Part: "document/1", Control: "C2", Of: 2, Turn: 3}
	released := stateRow{Key: "v1", State: Released, Of: 2, Done: []string{"vitals/1"}, Turn: 3, Control: "C1"}
	for name, x := range map[string]struct {
		change func(*stateRow, *event)
		leaves bool
	}{
		"released":                        {func(*stateRow, *event) {}, true},
		"on its way, once more":           {func(s *stateRow, _ *event) { s.State, s.Control = Sent, "C2" }, true},
		"on its way, another message":     {func(s *stateRow, _ *event) { s.State = Sent }, false},
		"recalled and released meanwhile": {func(s *stateRow, _ *event) { s.Turn = 5 }, false},
		"recalled":                        {func(s *stateRow, _ *event) { s.State, s.Turn = Waiting, 4 }, false},
		"stopped on its way":              {func(s *stateRow, _ *event) { s.State, s.Control, s.Stopped = Sent, "C2", true }, false},
		"corrected on its way":            {func(s *stateRow, _ *event) { s.State, s.Control, s.Past = Sent, "C2", "v0" }, false},
		"taken already":                   {func(s *stateRow, e *event) { e.Part = "vitals/1" }, false},
		"with a person":                   {func(s *stateRow, _ *event) { s.State = Refused }, false},
		"typed in":                        {func(s *stateRow, _ *event) { s.State = Hand }, false},
	} {
		s, e := released, message
		x.change(&s, &e)
		before := s
		if got := s.leave(&e, 9); got != x.leaves {
			t.Errorf("%s: leaves %v", name, got)
		}
		if !x.leaves && !reflect.DeepEqual(s, before) {
			t.Errorf("%s: it changed to %+v", name, s)
		}
		if x.leaves && (s.State != Sent || s.Control != "C2" || s.Leaves != 9) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestTwoPeopleReleaseAnew: whoever agreed to the first sending has not agreed to
// the next one, not even if it is the same person who sends it anew.
func TestTwoPeopleReleaseAnew(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	by := func(id string) Act { return Act{By: clinical.Staff{ID: id}, At: now} }
	target := Target{FourEyes: []message.Kind{message.Dose}}
	for _, was := range []State{Refused, Unclear, Rest} {
		s := stateRow{Key: "v1", State: was, Decided: by("a"), Second: by("b")}
		may := func() bool { return target.agreed(&Item{Needs: 2, Second: s.Second}) }
		if !s.decide(&event{Step: again, Act: by("b")}) || s.State != Released || may() {
			t.Errorf("%s: one person sends it anew: %+v", was, s)
		}
		if s.decide(&event{Step: seconded, Act: by("b")}) || may() {
			t.Errorf("%s: the same person twice", was)
		}
		if !s.decide(&event{Step: seconded, Act: by("c")}) || !may() {
			t.Errorf("%s: %+v", was, s)
		}
	}
}

// What a target holds of the earlier versions is known part by part; where it is
// not, a person looks.
func TestACorrectionKnowsWhatTheTargetHolds(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		was   stateRow
		state State
		had   map[string]string
	}{
		{stateRow{Key: "v1", State: Waiting}, Waiting, nil},
		{stateRow{Key: "v1", State: Released, Done: []string{"vitals/1"}}, Waiting, map[string]string{"vitals/1": "v1"}},
		{stateRow{Key: "v2", State: Accepted, Done: []string{"vitals/1"}, Had: map[string]string{"vitals/1": "v1", "document/1": "v1"}}, Waiting, map[string]string{"vitals/1": "v2", "document/1": "v1"}},
		{stateRow{Key: "v1", State: Refused}, Waiting, nil},
		{stateRow{Key: "v1", State: Sent, Control: "C1"}, Sent, nil},
		{stateRow{Key: "v1", State: Unclear}, Unclear, nil},
		{stateRow{Key: "v1", State: Hand}, Unclear, nil},
		{stateRow{Key: "v1", State: Rest, Done: []string{"vitals/1"}}, Waiting, map[string]string{"vitals/1": "v1"}},
	} {
		got := x.was.corrected("v3")
		if got.Key != "v3" || got.State != x.state || len(got.Had) != len(x.had) || len(x.had) > 0 && !reflect.DeepEqual(got.Had, x.had) || len(got.Done) > 0 {
			t.Errorf("%+v becomes %+v", x.was, got)
		}
		if (x.state == Unclear) != (got.Answer != "") {
			t.Errorf("%s: %q", x.was.State, got.Answer)
		}
	}
	// The answer to the version on its way comes after the correction.
	for code, want := range map[string]map[string]string{"AA": {"vitals/1": "v1"}, "AE": nil} {
		first := stateRow{Key: "v1", State: Sent, Control: "C1", Part: "vitals/1"}
		s := first.corrected("v2")
		if !s.past(&event{Step: answered, Key: "v1", Control: "C1", Part: "vitals/1", Code: code}) || s.State != Waiting || !reflect.DeepEqual(s.Had, want) {
			t.Errorf("%s: %+v", code, s)
		}
	}
}
