package callout

import "testing"

// TestNobodyTakesTheKeyOfTheHub: whoever sends a form chooses its key. One that
// the hub uses for a step of its own keeps nobody from being called.
func TestNobodyTakesTheKeyOfTheHub(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	person := Act{Person: "jemand", Name: "Jemand"}
	for i, key := range []string{"sending/" + c.ID + "/1.1/false/0/1", "called/" + c.ID + "/1/2", "declared/c1"} {
		by := person
		by.Key = key
		if i == 0 {
			by = Act{Key: key} // by the link of an alarm
		}
		if err := h.b.Answer(t.Context(), by, c.ID, "1.2", Reply{Word: Cannot, Via: []Via{ByLink, ByVoice, ByVoice}[i]}); err != nil {
			t.Fatal(err)
		}
	}
	if h.b.Began("declared/c1") {
		t.Error("the call-out of a declared crisis counts as begun")
	}
	h.look()
	h.expect("at once", h.sms.told(), []string{vogel})
	h.pass(DefaultPolicy().Deputy)
	if h.callout(c).Posts[0].Called != 2 {
		t.Error("the next one is not called")
	}
}

// TestTwoPeopleWithTheSameKeyAreTwo: a key is the person's own.
func TestTwoPeopleWithTheSameKeyAreTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.start(Order{})
	for _, person := range []string{"eins", "zwei"} {
		for range 2 {
			if err := h.b.Answer(t.Context(), Act{Person: person, Key: "k"}, c.ID, "1.1", Reply{Word: NoReply, Via: ByVoice}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if x, _ := h.callout(c).Person("1.1"); len(x.Answers) != 2 {
		t.Errorf("%d answers", len(x.Answers))
	}
}
