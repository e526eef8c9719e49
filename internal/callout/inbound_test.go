package callout

import (
	"strings"
	"testing"
	"time"
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

// TestANumberThatCanBeForgedSparesNobodyACall: "ja" without the code is shown and
// the calling goes on, on the next way and with the deputy; it fills no post and
// makes no quorum. "nein" without the code calls the deputy at once, and the
// person is called on nevertheless. The code or somebody who rings settles it.
func TestANumberThatCanBeForgedSparesNobodyACall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	h.look()
	sms := func(id, text string) {
		t.Helper()
		if n, err := h.b.Inbound(t.Context(), id, "0171 5550001", text); err != nil || n != 1 {
			t.Fatal(text, n, err)
		}
		h.look()
	}
	first := func() Person { x, _ := h.callout(c).Person("1.1"); return x }
	sms("1", "ja, 20 min")
	x := first()
	if x.Comes() || len(x.Answers) != 1 || !x.Answers[0].Unproved() || x.Answers[0].Minutes != 20 || !h.callout(c).FirstAt().IsZero() || h.callout(c).Covered() != 0 {
		t.Fatalf("%+v", x.Answers)
	}
	h.pass(DefaultPolicy().NextWay)
	h.expect("the next way", h.eml.told(), []string{"vogel@klinik.example"})
	h.pass(DefaultPolicy().Deputy)
	h.expect("the deputy", h.sms.told(), []string{vogel, brinkmann})
	sms("2", "ja "+x.Code)
	if now := h.callout(c); now.Covered() != 1 || now.QuorumAt().IsZero() || !now.QuorumAt().Equal(h.clock()) {
		t.Errorf("with the code: %d, %s", now.Covered(), now.QuorumAt())
	}
	sms("3", "nein") // it may be true: a post that looks filled and is not is worse
	if a, _ := first().Answered(); a.Word != Cannot || h.callout(c).Covered() != 0 || !h.callout(c).Moves(first()) {
		t.Errorf("%+v", a)
	}
	sms("4", "ja doch")
	if first().Comes() {
		t.Error("the number alone takes it back")
	}
	if err := h.b.Answer(t.Context(), Act{Person: "krisenstab"}, c.ID, "1.1", Reply{Word: Coming, Via: ByVoice}); err != nil || h.callout(c).Covered() != 1 {
		t.Error("somebody rang, and it does not count", err)
	}
}

// TestANoWithoutTheCodeHurriesAndStopsNothing: the deputy is called at once, and
// the person on the next way as if nothing had been said.
func TestANoWithoutTheCodeHurriesAndStopsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(Order{})
	h.look()
	if n, err := h.b.Inbound(t.Context(), "1", "0171 5550001", "nein"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	h.look()
	h.expect("the deputy", h.sms.told(), []string{vogel, brinkmann})
	h.pass(DefaultPolicy().NextWay)
	h.expect("the next way", h.eml.told(), []string{"vogel@klinik.example"})
}

// TestAYesAfterTheEndIsAnswered, also without the code: who drives is told.
func TestAYesAfterTheEndIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Quiet = func(time.Time) bool { return true }
	c := h.start(Order{})
	h.look()
	if err := h.b.End(t.Context(), Act{Person: "krisenstab"}, c.ID, "", true); err != nil {
		t.Fatal(err)
	}
	h.look()
	h.expect("asleep", h.sms.told(), []string{vogel})
	if n, err := h.b.Inbound(t.Context(), "1", "0171 5550001", "Komme"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	h.look()
	h.expect("awake", h.sms.told(), []string{vogel, vogel})
	if x, _ := h.callout(c).Person("1.1"); !x.Answers[0].Late || !strings.Contains(h.sms.sent[1].Short, "Bitte umkehren") {
		t.Errorf("%+v %q", x.Answers, h.sms.sent[1].Short)
	}
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
