package callout

import (
	"strings"
	"testing"
)

// TestAnSMSThatSaysSomethingElseIsNoPromise: who sends the code and words that
// are not understood has not said that they come. The deputy is called all the
// same, and the words stand there for a person to read.
func TestAnSMSThatSaysSomethingElseIsNoPromise(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	h.look()
	x, _ := c.Person("1.1")
	if n, err := h.b.Inbound(t.Context(), "m1", "0160 1", x.Code+" bin im Urlaub"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if n, err := h.b.Inbound(t.Context(), "m2", "0171 5550001", "liege im Krankenhaus"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	x, _ = h.callout(c).Person("1.1")
	if x.Comes() || len(x.Answers) != 2 || x.Answers[0].Note != "bin im Urlaub" || x.Answers[1].Note != "liege im Krankenhaus" {
		t.Fatalf("%+v", x.Answers)
	}
	h.pass(DefaultPolicy().Deputy)
	h.expect("the deputy", h.sms.told(), []string{vogel, brinkmann})
}

// TestWhoChangesTheirMindByTelephoneIsHeard, without the code and although the
// modem gives every SMS the number of its slot.
func TestWhoChangesTheirMindByTelephoneIsHeard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	h.look()
	for _, text := range []string{"Ja, 20 min", "Nein, Unfall", "Nein, Unfall"} {
		if n, err := h.b.Inbound(t.Context(), "1", "0171 5550001", text); err != nil || n != 1 {
			t.Fatal(text, n, err)
		}
	}
	h.look()
	if x, _ := h.callout(c).Person("1.1"); x.Comes() || len(x.Answers) != 2 {
		t.Errorf("%+v", x.Answers)
	}
	h.expect("the deputy", h.sms.told(), []string{vogel, brinkmann})
}

// TestHoursAndTimesOfDayAreNoMinutes.
func TestHoursAndTimesOfDayAreNoMinutes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"ja in 1 Stunde": 60, "komme in 2h": 120, "komme in 2 h": 120, "Ja, 3 Std.": 180, "komme um 7:30": 0, "ja, um 7.30 Uhr": 0, "ja 7 Uhr": 0, "ja um 7": 0, "ja in 45min": 45, "komme 20": 20, "ja 45 Minuten": 45, "ja 30 Stunden": 0,
	} {
		if got := readSMS(text); got.word != Coming || got.minutes != want {
			t.Errorf("%q: %+v, want %d minutes", text, got, want)
		}
	}
}

// TestALinkCannotSayThatNobodyAnswered: that is for those who rang.
func TestALinkCannotSayThatNobodyAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	if err := h.b.Answer(t.Context(), Act{Key: "a"}, c.ID, "1.1", Reply{Word: NoReply, Via: ByLink}); err == nil {
		t.Error("taken")
	}
	if err := h.b.End(t.Context(), Act{Person: "krisenstab"}, c.ID, "", false); err != nil {
		t.Fatal(err)
	}
	for i, key := range strings.Fields("b c d") { // a link takes one answer, also when all is over
		err := h.b.Answer(t.Context(), Act{Key: key}, c.ID, "1.1", Reply{Word: Coming, Via: ByLink})
		if (err == nil) != (i == 0) {
			t.Errorf("answer %d: %v", i+1, err)
		}
	}
}
