package journal

import (
	"testing"
)

func TestARecordIsFoundByItsID(t *testing.T) {
	t.Parallel()
	j := keysFor(t).open(t, t.TempDir(), Options{})
	a, b := NewID(), NewID()
	for _, id := range []ID{a, b} {
		if _, err := j.Append(t.Context(), Record{ID: id, Kind: Entry, Source: "here", Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[ID]Seq{a: 1, b: 2, NewID(): 0} {
		if got, err := j.Find(t.Context(), id); err != nil || got != want {
			t.Errorf("Find = %d, %v, want %d", got, err, want)
		}
	}
}
