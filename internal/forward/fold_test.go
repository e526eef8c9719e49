package forward

import (
	"testing"

	"notbetrieb/internal/journal"
)

// TestWhatIsAsideIsKnownWithoutLookingAtAll: what the fold keeps beside its list
// says the same as the list, also where a person was faster than the record of
// the one behind.
func TestWhatIsAsideIsKnownWithoutLookingAtAll(t *testing.T) {
	t.Parallel()
	s := &standing{}
	check := func(what string, want journal.Seq, held bool) {
		t.Helper()
		for range 2 { // the second time from what is kept
			var got journal.Seq
			if a := s.ready(); a != nil {
				got = a.Seq
			}
			if got != want || s.held("A") != held || s.held("") {
				t.Errorf("%s: ready %d, want %d; A held %v", what, got, want, s.held("A"))
			}
		}
	}
	check("nothing", 0, false)
	s.take(&event{Step: refused, To: 1, Patient: "A"})
	s.take(&event{Step: refused, To: 2})
	check("refused", 0, true)
	s.take(&event{Step: behind, To: 3, Patient: "A"})
	check("one behind it", 0, true)
	s.take(&event{Step: decided, How: Skip, Seqs: []journal.Seq{1}})
	check("the first is left out", 3, true)
	s.take(&event{Step: settled, Seq: 3, Code: "AA"})
	check("all of A passed", 0, false)
	s.take(&event{Step: behind, To: 4, Patient: "A"}) // written when 3 was still there
	check("behind nobody", 4, true)
	s.take(&event{Step: settled, Seq: 4, Code: "AE"})
	check("refused again", 0, true)
	s.take(&event{Step: decided, How: Again, Seqs: []journal.Seq{2}})
	check("once more", 2, true)
}
