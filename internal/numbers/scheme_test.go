package numbers

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
)

var (
	patient = Scheme{Prefix: "N", Digits: 8}
	cases   = Scheme{Prefix: "F", Digits: 8}
	plain   = Scheme{Prefix: "99", Digits: 7} // for a KIS that takes only digits
)

func TestFormat(t *testing.T) {
	t.Parallel()
	if got := check([]byte("572")); got != 4 { // a worked example of the literature
		t.Errorf("check digit of 572 is %d, want 4", got)
	}
	for _, c := range []struct {
		s    Scheme
		n    uint64
		want string
	}{
		{patient, 1, "N000000014"}, {patient, 48_290_012, "N482900128"}, {cases, 1, "F000000010"},
		{plain, 9_999_999, "9999999990"}, {patient, 0, ""}, {patient, 100_000_000, ""},
	} {
		got := c.s.Format(c.n)
		if len(got) != len(c.want) || got != c.want {
			t.Errorf("%s number %d is %q, want %q", c.s, c.n, got, c.want)
		}
		if n, err := c.s.Parse(got); got != "" && (err != nil || n != c.n) {
			t.Errorf("%q read back as %d, %v", got, n, err)
		}
	}
}

func TestParseAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	text := patient.Format(48_290_012)
	for _, in := range []string{text, " " + text + "\r\n", strings.ToLower(text), "N 482 900 12-8", "n-4829-0012 8"} {
		if n, err := patient.Parse(in); err != nil || n != 48_290_012 {
			t.Errorf("%q: %d, %v", in, n, err)
		}
	}
	for _, in := range []string{"", "N", text[1:], text + "0", "F" + text[1:], "N00000000" + "0", "Nx82900128", "N48290012x",
		"N４82900128", strings.Repeat("-", 1000), "NN82900128"} {
		n, err := patient.Parse(in)
		if n != 0 || fault.KindOf(err) != fault.Invalid || errors.Is(err, ErrCheckDigit) {
			t.Errorf("%q: %d, %v", in, n, err)
		}
		if in != "" && len(in) > 3 && strings.Contains(err.Error(), in) {
			t.Errorf("the error quotes the number: %v", err)
		}
	}
}

// TestTheQuasigroupFindsEveryError proves for numbers of any length what the
// next test tries out: whatever was folded before, a wrong digit and a swap of
// neighbours lead elsewhere, and from elsewhere never back.
func TestTheQuasigroupFindsEveryError(t *testing.T) {
	t.Parallel()
	for x := range byte(10) {
		if quasigroup[x][x] != 0 {
			t.Errorf("diagonal at %d", x)
		}
		for a := range byte(10) {
			for b := range byte(10) {
				if a == b {
					continue
				}
				if quasigroup[x][a] == quasigroup[x][b] {
					t.Errorf("after %d the digits %d and %d are the same", x, a, b)
				}
				if quasigroup[a][x] == quasigroup[b][x] {
					t.Errorf("the states %d and %d meet at digit %d", a, b, x)
				}
				if quasigroup[quasigroup[x][a]][b] == quasigroup[quasigroup[x][b]][a] {
					t.Errorf("after %d the pair %d%d is the same as %d%d", x, a, b, b, a)
				}
			}
		}
	}
}

func TestEveryWrongDigitAndEverySwapIsFound(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 64))
	for _, s := range []Scheme{patient, cases, plain, {Digits: 4}, {Prefix: "NB7K", Digits: 15}} {
		for range 2000 {
			text := []byte(s.Format(1 + rng.Uint64N(s.Last())))
			refused := func(what string, i int) {
				if n, err := s.Parse(string(text)); err == nil {
					t.Fatalf("%s: %s at %d passes as %d: %s", s, what, i, n, text)
				}
			}
			for i, right := range text {
				for d := byte('0'); d <= '9'; d++ {
					if text[i] = d; d != right {
						refused("wrong digit", i)
					}
				}
				text[i] = right
			}
			for i := 1; i < len(text); i++ {
				if text[i-1] != text[i] {
					text[i-1], text[i] = text[i], text[i-1]
					refused("swap", i)
					text[i-1], text[i] = text[i], text[i-1]
				}
			}
		}
	}
}

func TestAWrongCheckDigitIsSaidAsThat(t *testing.T) {
	t.Parallel()
	_, err := patient.Parse("N482900182")
	if !errors.Is(err, ErrCheckDigit) || fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Say(err).DE, "Prüfziffer") {
		t.Errorf("got %v", err)
	}
}

// A number of one kind typed into the field of another is refused even where
// somebody also misread the prefix.
func TestTheCheckDigitCoversThePrefix(t *testing.T) {
	t.Parallel()
	for n := uint64(1); n < 1000; n++ {
		if a, b := patient.Format(n), cases.Format(n); a[len(a)-1] == b[len(b)-1] {
			t.Fatalf("%s and %s", a, b)
		}
	}
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	for _, s := range []Scheme{{Digits: 3}, {Digits: 16}, {Prefix: "n", Digits: 8}, {Prefix: "Ä", Digits: 8}, {Prefix: "N-", Digits: 8}, {Prefix: "ABCDEFGHI", Digits: 8}} {
		if err := s.valid(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, c := range []struct {
		a, b Scheme
		mix  bool
	}{
		{patient, cases, false}, {patient, patient, true}, {patient, Scheme{"N", 9}, false},
		{patient, Scheme{"N1", 7}, true}, {patient, Scheme{"NA", 7}, false}, {Scheme{"", 9}, plain, true}, {Scheme{"", 9}, patient, false},
	} {
		if got := c.a.mixesWith(c.b); got != c.mix || c.b.mixesWith(c.a) != c.mix {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.mix)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("N482900128", "N", 8)
	f.Add(" 99 1234567-0", "99", 7)
	f.Fuzz(func(t *testing.T, text, prefix string, digits int) {
		s := Scheme{Prefix: prefix, Digits: digits}
		if s.valid() != nil {
			return
		}
		n, err := s.Parse(text)
		if err != nil {
			return
		}
		if again, err := s.Parse(s.Format(n)); err != nil || again != n {
			t.Errorf("%q reads as %d, written %q, read as %d, %v", text, n, s.Format(n), again, err)
		}
	})
}

func FuzzDecodeEvent(f *testing.F) {
	body, err := event{Step: reserved, Block: Block{Node: "3A", Kind: "case", Scheme: cases, From: 1, To: 200}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := decodeEvent(body)
		if err != nil {
			return
		}
		if e.From < 1 || e.To < e.From || e.To > e.Last() {
			t.Errorf("block %+v", e)
		}
		l := newLedger()
		l.add(e.Block)
		if l.taken(e.Scheme).count() != e.Count() {
			t.Errorf("taken %v", l.taken(e.Scheme))
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	var n uint64
	for b.Loop() {
		n++
		_ = patient.Format(n)
	}
}
