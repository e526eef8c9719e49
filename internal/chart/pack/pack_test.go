package pack_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"notbetrieb/internal/chart/pack"
)

type inner struct {
	Name  string
	Unit  string
	At    time.Time
	Value *float64
}

type outer struct {
	ID    int64
	Seq   uint64
	Ok    bool
	List  []inner
	Times []time.Time
	Words []string
	One   inner
	Open  map[string]int
	Since map[string]inner
}

func sample(zone *time.Location) outer {
	f := 6.1
	at := time.Date(2026, 11, 19, 14, 5, 0, 0, zone)
	return outer{
		ID: -4, Seq: 1 << 60, Ok: true,
		List: []inner{
			{Name: "Kalium", Unit: "mmol/l", At: at, Value: &f},
			{Name: "Natrium", Unit: "mmol/l", At: at.Add(-time.Hour), Value: new(float64)},
			{},
		},
		Times: []time.Time{at, {}, at.Add(1500 * time.Millisecond), time.Unix(0, 0).In(zone)},
		Words: []string{"", "a", "a", "ab", "ab", "ß"},
		One:   inner{Name: "Kalium"},
		Open:  map[string]int{"lab": 2, "radiology": 1},
		Since: map[string]inner{"b12": {Name: "Bett 2", At: at}, "b13": {}},
	}
}

func TestWhatIsPackedComesBackTheSame(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("MEZ", 3600)
	c := pack.New[outer](zone)
	for name, in := range map[string]outer{"full": sample(zone), "zero": {}} {
		b := c.Encode(nil, &in)
		var out outer
		if err := c.Decode(b, &out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(in, out) {
			t.Errorf("%s:\n in %+v\nout %+v", name, in, out)
		}
	}
}

func TestEachCutOfTheBytesIsFound(t *testing.T) {
	t.Parallel()
	c := pack.New[outer](nil)
	in := sample(time.UTC)
	b := c.Encode(nil, &in)
	for n := range len(b) {
		var out outer
		if err := c.Decode(b[:n], &out); !errors.Is(err, pack.ErrDamaged) {
			t.Fatalf("cut at %d of %d: %v", n, len(b), err)
		}
	}
}

func TestAnotherTypeHasAnotherLayout(t *testing.T) {
	t.Parallel()
	type a struct{ X, Y string }
	type b struct{ Y, X string }
	if pack.New[a](nil).Layout() == pack.New[b](nil).Layout() {
		t.Error("swapped fields have the same layout")
	}
	if pack.New[outer](nil).Layout() != pack.New[outer](nil).Layout() {
		t.Error("the same type has two layouts")
	}
}

func FuzzDamagedBytesNeverPanic(f *testing.F) {
	c := pack.New[outer](nil)
	in := sample(time.UTC)
	f.Add(c.Encode(nil, &in))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var out outer
		_ = c.Decode(b, &out) // an error or a value: both are fine
	})
}

// BenchmarkCodec packs and unpacks a day of an intensive care patient.
func BenchmarkCodec(b *testing.B) {
	c := pack.New[outer](nil)
	in := sample(time.UTC)
	for len(in.List) < 300 {
		in.List = append(in.List, in.List[0])
	}
	packed := c.Encode(nil, &in)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			packed = c.Encode(packed[:0], &in)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var out outer
			if err := c.Decode(packed, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
