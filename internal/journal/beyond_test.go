package journal

import "testing"

func TestBeyondIsTheBeginOfTheNextBatchAlsoBehindDamage(t *testing.T) {
	t.Parallel()
	k := keysFor(t)
	dir, _, _ := build(t, k) // ten batches of 20
	bitIn("batch", "body", "first = 41")(t, dir)
	j := k.open(t, dir, Options{})
	defer closeJournal(t, j)
	for s, want := range map[Seq]Seq{0: 1, 1: 21, 20: 21, 21: 41, 41: 61, 55: 61, 181: 0, 200: 0, 999: 0} {
		if got, err := j.Beyond(t.Context(), s); err != nil || got != want {
			t.Errorf("behind %d comes %d, want %d: %v", s, got, want, err)
		}
	}
	if _, err := j.Read(t.Context(), 41, 5); err == nil {
		t.Error("the damaged batch is read")
	}
	if recs, err := j.Read(t.Context(), 61, 5); err != nil || len(recs) != 5 {
		t.Errorf("%d records behind the damage: %v", len(recs), err)
	}
}
