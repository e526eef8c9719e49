package journal

import (
	"errors"
	"strings"
	"testing"

	"notbetrieb/internal/fault"
)

func TestABodyIsReadAsItWasWrittenOrNotAtAll(t *testing.T) {
	t.Parallel()
	type note struct {
		V    int    `json:"v"`
		Text string `json:"text"`
	}
	form := Form{Name: "note", Version: 2, Most: 40}
	b, err := form.Encode(note{2, "Strom weg"})
	if err != nil || string(b) != `{"v":2,"text":"Strom weg"}` {
		t.Fatalf("%s, %v", b, err)
	}
	for _, c := range []struct {
		body string
		want error
	}{
		{string(b), nil},
		{`{"v":1,"text":"Strom weg"}`, nil},
		{`{"v":1,"text":"Strom weg","later":1}`, nil},
		{`{"v":3,"text":"Strom weg"}`, ErrNewer},
		{`{"v":0,"text":"Strom weg"}`, ErrBody},
		{`{"text":"Strom weg"}`, ErrBody},
		{`{"v":1,"text":7}`, ErrBody},
		{`{"v":3,"text":"` + strings.Repeat("w", 40) + `"}`, ErrBody},
		{"", ErrBody},
	} {
		var n note
		if err := form.Decode([]byte(c.body), &n, &n.V); !errors.Is(err, c.want) || c.want == nil && n.Text != "Strom weg" {
			t.Errorf("%s: %+v, %v, want %v", c.body, n, err, c.want)
		}
	}
	if _, err := form.Encode(note{2, strings.Repeat("w", 40)}); fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "ww") {
		t.Errorf("a body that could not be read again: %v", err)
	}
	if _, err := form.Encode(func() {}); err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("no JSON: %v", err)
	}
}
