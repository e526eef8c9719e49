package callout

import (
	"strings"
	"testing"
)

// TestALongPlaceLeavesTheSMSWhole: what comes first is shortened to almost
// nothing, and nothing breaks where it is shorter than that.
func TestALongPlaceLeavesTheSMSWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Hospital = "KH"
	for n := range 40 {
		c := &Callout{ID: "a", Name: "Abc", Title: strings.Repeat("x", 3+n), Place: strings.Repeat("p", maxTitle), Phone: strings.Repeat("1", 60), Ask: Come}
		if got := h.b.short(c, Person{ID: "1.1", Code: "481516"}); !strings.HasPrefix(got, "ALARM") || strings.Contains(got, "\x00") || !strings.HasSuffix(got, h.b.link(c, Person{ID: "1.1"})) {
			t.Errorf("%q", got)
		}
	}
}

// TestWhatNobodyTypesIsLeftOut: characters that a modem or a mail host stumbles
// over do not stop an alarm.
func TestWhatNobodyTypesIsLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, err := h.b.plan(Order{Group: "stab", Title: "Feuer\x00 im\x1b[31m \u202eHaus", Text: "a\x07b", Place: "Raum\r\nBcc: 12"})
	if err != nil || p.Title != "Feuer im[31m Haus" || p.Text != "ab" || p.Place != "Raum Bcc: 12" {
		t.Errorf("%+v %v", p, err)
	}
}
