package chart

import (
	"testing"

	"notbetrieb/internal/clinical"
)

func TestAMarkBearsTheNameThatPeopleRead(t *testing.T) {
	t.Parallel()
	coded := func(code, text string) clinical.Coded { return clinical.Coded{Code: code, Text: text} }
	for _, c := range []struct {
		name        string
		code, local clinical.Coded
		want        string
	}{
		{"the table's word, not the laboratory's code", coded("2823-3", "Kalium"), coded("KA", "K i. S."), "Kalium"},
		{"umlauts are one character each", coded("x", "Überdrückübung"), coded("UEB", ""), "Überdrückübung"},
		{"the message's short word where the table's is long", coded("9279-1", "Atemfrequenz in Ruhe"), coded("AF", "Atemfrequenz"), "Atemfrequenz"},
		{"too long in both: the code", coded("8310-5", "Körperkerntemperatur"), coded("TEMP", "Körpertemperatur"), "TEMP"},
		{"a number is no name", coded("8310-5", "Körperkerntemperatur"), coded("4711", ""), "Körperkerntemperatur"},
		{"unmapped, with a word", coded("LIP", "Lipase"), clinical.Coded{}, "Lipase"},
		{"unmapped, a bare code", coded("LIP", ""), clinical.Coded{}, "LIP"},
		{"the text only repeats the code", coded("2823-3", "2823-3"), coded("K", ""), "K"},
		{"nothing was sent", clinical.Coded{}, clinical.Coded{}, ""},
	} {
		if got := label(&clinical.Result{Code: c.code, Local: c.local}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
