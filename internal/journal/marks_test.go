package journal

import (
	"errors"
	"slices"
	"testing"
)

func TestMarksKnowWhereRecordsAre(t *testing.T) {
	t.Parallel()
	kinds := func(r *Record) string {
		if r.Kind == Review || r.Kind == Sealed {
			return string(r.Kind)
		}
		return ""
	}
	m := NewMarks(kinds)
	recs := []Record{{Seq: 3, ID: ID{3}, Kind: Review}, {Seq: 4, ID: ID{4}, Kind: HL7}, {Seq: 7, ID: ID{7}, Kind: Sealed}, {Seq: 8, ID: ID{8}, Kind: Review}}
	if n := m.Take(recs[:3]); n != 2 {
		t.Errorf("%d of three are marked", n)
	}
	plain, at, err := m.Save()
	if err != nil || at != 7 {
		t.Fatal(at, err)
	}
	again := NewMarks(kinds)
	if err := again.Load(plain); err != nil {
		t.Fatal(err)
	}
	if n := again.Take(recs); n != 1 { // those it has are passed over
		t.Errorf("%d marked anew", n)
	}
	if at, id := again.At(); at != 8 || id != (ID{8}) {
		t.Errorf("stands at %d %v", at, id)
	}
	if got := again.Fold.Of(string(Review)); !slices.Equal(got, []Seq{3, 8}) || !slices.Equal(again.Fold.Of(string(Sealed)), []Seq{7}) {
		t.Errorf("marked: %v", got)
	}
	again.Reset()
	if at, _ := again.At(); at != 0 || len(again.Fold.Of(string(Review))) != 0 {
		t.Error("not empty")
	}
	for text, layout := range map[string]bool{`{"Version":1,"Seq":7,"Acts":[3]}`: true, `{"Layout":1}`: true, `{"Layout":2,"Seq":"x"}`: false, `{`: false, ``: false} {
		if err := again.Load([]byte(text)); err == nil || errors.Is(err, ErrLayout) != layout {
			t.Errorf("%q: %v", text, err)
		}
	}
}
