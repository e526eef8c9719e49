package dosing

import (
	"math"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
)

func TestReadAmount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		high float64
		unit Unit
	}{
		{"1 Tbl.", 1, Piece}, {"2 Stück", 2, Piece}, {"½ Tbl.", 0.5, Piece}, {"1½ Tbl.", 1.5, Piece}, {"1/2 Tbl.", 0.5, Piece}, {"1 1/2 Tbl.", 1.5, Piece},
		{"1 Amp.", 1, Piece}, {"2 Hübe", 2, Piece}, {"3 {Tbl}", 3, Piece}, {"1 St.", 1, Piece},
		{"40 mg", 40, Milligram}, {"40mg", 40, Milligram}, {"1 g", 1000, Milligram}, {"0,5 mg", 0.5, Milligram}, {"0.5 mg", 0.5, Milligram},
		{"0,125 mg", 0.125, Milligram}, {"0.125 mg", 0.125, Milligram}, {"75 µg", 0.075, Milligram}, {"75 μg", 0.075, Milligram}, {"75 ug", 0.075, Milligram},
		{"75 mcg", 0.075, Milligram}, {"100 ng", 0.0001, Milligram}, {"1,5 g", 1500, Milligram}, {"47,5 mg", 47.5, Milligram}, {"40 MG", 40, Milligram},
		{"5 000 IE", 5000, IU}, {"5\u202f000 IE", 5000, IU}, {"5\u00a0000 I.E.", 5000, IU}, {"5'000 IE", 5000, IU}, {"5000 IE", 5000, IU}, {"16 E", 16, IU}, {"5000 [iU]", 5000, IU},
		{"25 000 IE", 25000, IU}, {"1 000 000 IE", 1e6, IU}, {"1.000.000 IE", 1e6, IU}, {"1,000,000 IE", 1e6, IU}, {"1.000,5 IE", 1000.5, IU}, {"1,000.5 IE", 1000.5, IU},
		{"10 Mio. IE", 1e7, IU}, {"10 Mega", 1e7, IU}, {"48 Mio. E", 4.8e7, IU}, {"1 500,5 mg", 1500.5, Milligram}, {"1234.567 mg", 1234.567, Milligram},
		{"20 mmol", 20, Millimole}, {"10 ml", 10, Millilitre}, {"1 l", 1000, Millilitre}, {"30 Tropfen", 30, Drop}, {"20–40 Tr.", 40, Drop}, {"1-2 Tbl.", 2, Piece}, {"1 bis 2 Tbl.", 2, Piece},
		{"2 x 500 mg", 1000, Milligram}, {"2 × 500 mg", 1000, Milligram}, {"2 Tbl. à 500 mg", 1000, Milligram}, {"bis zu 40 mg", 40, Milligram},
		{"4/0,5 g", 4500, Milligram}, {"4 g/0,5 g", 4500, Milligram}, {"100/25 mg", 125, Milligram}, {"100 mg/25 mg", 125, Milligram}, {"2/1 g", 3000, Milligram}, {"4 g/500 mg", 4500, Milligram},
	}
	for _, tt := range tests {
		a, err := ReadAmount(tt.text)
		if err != nil || math.Abs(a.High-tt.high) > 1e-9*tt.high || a.Unit != tt.unit || a.PerKg {
			t.Errorf("%q: got %+v, %v; want %v %v", tt.text, a, err, tt.high, tt.unit)
		}
	}
	if a, err := ReadAmount("5 mg/kg KG"); err != nil || !a.PerKg || a.High != 5 {
		t.Errorf("5 mg/kg KG: %+v %v", a, err)
	}
	if a, _ := ReadAmount("20–40 Tr."); a.Low != 20 {
		t.Errorf("a range lost its lower end: %+v", a)
	}
}

// What has two readings, or a word more than is understood, is not read at all.
func TestAmountsThatAreNotRead(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, why string }{
		{"5.000 IE", "mehrdeutig"}, {"5,000 IE", "mehrdeutig"}, {"1.500 mg", "mehrdeutig"}, {"12,500 mg", "mehrdeutig"}, {"1.000 g", "mehrdeutig"},
		{"1.2.3 mg", "mehrdeutig"}, {"5 000.000.0 IE", "mehrdeutig"},
		{"", "keine lesbare Menge"}, {"nach INR", "keine lesbare Menge"}, {"mg", "keine lesbare Menge"}, {"-5 mg", "keine lesbare Menge"}, {"5 00 IE", "Einheit nicht lesbar"},
		{"5", "Einheit nicht lesbar"}, {"5 mgg", "Einheit nicht lesbar"}, {"5 mg morgens", "Einheit nicht lesbar"}, {"1 Tbl. (40 mg)", "Einheit nicht lesbar"}, {"10 mg/ml", "Einheit nicht lesbar"},
		{"10 %", "Einheit nicht lesbar"}, {"2 EK", "Einheit nicht lesbar"}, {"100 mg/m²", "m²"}, {"1e9 mg", "Einheit nicht lesbar"}, {"99999999999 mg", "zu groß"},
		{"5 mio mg", "Einheit nicht lesbar"}, {"1 mval", "Einheit nicht lesbar"}, {strings.Repeat("1", 100) + " mg", "keine lesbare Menge"}, {"1 Tbl. 2 Tbl.", "Einheit nicht lesbar"},
		{"2 x 3 x 500 mg", "Einheit nicht lesbar"}, {"NaN mg", "keine lesbare Menge"}, {"∞ mg", "keine lesbare Menge"},
	}
	for _, tt := range tests {
		a, err := ReadAmount(tt.text)
		if err == nil {
			t.Errorf("%q was read as %+v", tt.text, a)
			continue
		}
		if !strings.Contains(fault.Say(err).DE, tt.why) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %q, want %q", tt.text, fault.Say(err).DE, tt.why)
		}
	}
}

func TestReadStrength(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		each   float64
		unit   Unit
		volume float64
		piece  bool
	}{
		{"40 mg", 40, Milligram, 0, true}, {"75 µg", 0.075, Milligram, 0, true}, {"5 000 IE/0,2 ml", 5000, IU, 0.2, true}, {"40 mg/0,4 ml", 40, Milligram, 0.4, true},
		{"10 mg/ml", 10, Milligram, 1, false}, {"500 IE/ml", 500, IU, 1, false}, {"100 E/ml", 100, IU, 1, false}, {"5 mg/50 ml", 5, Milligram, 50, true}, {"10 mg/1 ml", 10, Milligram, 1, true},
		{"4/0,5 g", 4500, Milligram, 0, true}, {"100/25 mg", 125, Milligram, 0, true}, {"50 mg/4 mg", 54, Milligram, 0, true}, {"1 mmol/ml", 1, Millimole, 1, false},
		{"10 Mio. IE", 1e7, IU, 0, true}, {"1 g/l", 1000, Milligram, 1000, false},
	}
	for _, tt := range tests {
		s, err := readStrength(tt.text)
		if err != nil || math.Abs(s.each.High-tt.each) > 1e-9*tt.each || s.each.Unit != tt.unit || math.Abs(s.volume-tt.volume) > 1e-12 || s.piece != tt.piece {
			t.Errorf("%q: %+v %v", tt.text, s, err)
		}
	}
	for _, bad := range []string{"", "10 %", "1 EK", "2 l/min", "5.000 IE/ml", "500 ml", "20–40 mg", "0 mg", "40"} {
		if s, err := readStrength(bad); err == nil {
			t.Errorf("%q was read as %+v", bad, s)
		}
	}
}

func TestAmountsArePrintedInTheUnitPeopleUse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"75 µg": "75 µg", "0,1 mg": "0,1 mg", "0,5 mg": "0,5 mg", "1500 mg": "1,5 g", "25000 IE": "25\u202f000 IE", "1 Tbl.": "1 Stück", "2 mg/kg": "2 mg/kg",
	} {
		a, err := ReadAmount(text)
		if err != nil || a.Text().DE != want {
			t.Errorf("%q: %q %v", text, a.Text().DE, err)
		}
	}
}

func FuzzReadAmount(f *testing.F) {
	for _, s := range []string{"1 Tbl.", "5 000 IE", "5.000 IE", "0,5 mg", "20–40 Tr.", "½ Tbl.", "4/0,5 g", "2 x 500 mg", "5 mg/kg", "1.000.000,5 IE", "1/2/3/4 mg", "10 Mio. IE", "\u202f1'000 µg", "1 1/2 Amp. à 5 mg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ReadAmount(s)
		if err != nil {
			if a != (Amount{}) {
				t.Errorf("%q: an error and %+v", s, a)
			}
			return
		}
		if !(a.Low >= 0 && a.High >= a.Low) || math.IsInf(a.High, 0) || a.Unit < Milligram || a.Unit > Drop {
			t.Errorf("%q: %+v", s, a)
		}
		if !strings.ContainsAny(s, "0123456789½¼¾⅓⅔") {
			t.Errorf("%q has no figure but is %+v", s, a)
		}
		if b, err := ReadAmount(" " + s + " "); len(s) < maxText-2 && (err != nil || a != b) {
			t.Errorf("%q: blanks around it change it: %+v %v", s, b, err)
		}
		readStrength(s)
		schemeFigures(s)
	})
}
