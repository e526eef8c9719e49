package clinical_test

import (
	"testing"

	"notbetrieb/internal/clinical"
)

func TestTheCheckDigitOfAHealthCardNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, number string
		right        bool
	}{
		{"X110411675", "X110411675", true}, {"X234567891", "X234567891", true}, {"a123456780", "A123456780", true},
		{"F405 001 079", "F405001079", true}, {"X110411675109500969", "", false}, {"X1104116751095009690X", "", false},
		{"X1104116751095009690", "X110411675", true},
		{"X123456789", "X123456789", false}, {"B987563276", "B987563276", false}, {"X110465662", "X110465662", false},
		{"1234567890", "", false}, {"", "", false}, {"X11041167", "", false}, {"Ä110411675", "", false},
	} {
		if number, right := clinical.KVNR(c.text); number != c.number || right != c.right {
			t.Errorf("KVNR(%q) = %q, %t; want %q, %t", c.text, number, right, c.number, c.right)
		}
	}
}

// Every single wrong digit is found: that is what the digit is for.
func TestOneWrongDigitOfAHealthCardNumberIsFound(t *testing.T) {
	t.Parallel()
	const good = "X110411675"
	for i := 1; i < len(good); i++ {
		for d := byte('0'); d <= '9'; d++ {
			b := []byte(good)
			if b[i] == d {
				continue
			}
			b[i] = d
			if _, right := clinical.KVNR(string(b)); right {
				t.Errorf("%s passes", b)
			}
		}
	}
}
