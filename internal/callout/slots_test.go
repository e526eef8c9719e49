package callout

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
)

// many are so many people with a mobile telephone and one of them with mail
// alone, the last.
func many(n int) []estate.Contact {
	var out []estate.Contact
	for i := range n {
		out = append(out, estate.Contact{ID: "p" + strconv.Itoa(i), Name: "P " + strconv.Itoa(i), Root: true, Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 555" + strconv.Itoa(1000+i)}}})
	}
	return append(out, estate.Contact{ID: "z", Name: "Zuletzt", Root: true, Ways: []estate.Way{{Kind: estate.Mail, Value: "z@klinik.example"}}})
}

// TestOneStuckWayHoldsNoOtherUp: all the messages that may be on their way at
// once hang in the SMS gateway. The mail leaves all the same.
func TestOneStuckWayHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Estate = func() *estate.Estate { return estate.New(estate.Tables{Contacts: many(2 * atOnce)}) }
	h.sms.hang = make(chan struct{})
	h.start(Order{Group: GroupTree})
	for range 3 {
		if err := h.b.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(h.sms.hang)
	h.b.Idle()
	h.expect("by mail", h.eml.told(), []string{"z@klinik.example"})
}

// TestWhoWaitsForTheModemHasNotFailedToAnswer: one message hangs in the modem and
// the others wait behind it. Eight minutes later only the first had time to
// answer; then everybody is told once before anybody is told again; and a modem
// that is stuck for ever ends the waiting as well.
func TestWhoWaitsForTheModemHasNotFailedToAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.Close()
	h.one = true
	h.open(h.j)
	three := many(3)[:3]
	h.b.o.Estate = func() *estate.Estate { return estate.New(estate.Tables{Contacts: three}) }
	h.sms.hang, h.sms.says = make(chan struct{}), []way.Outcome{way.Unreached}
	c := h.start(Order{Group: GroupTree})
	nobody := func(pass time.Duration, want int) {
		t.Helper()
		h.mu.Lock()
		h.now = h.now.Add(pass)
		h.mu.Unlock()
		for range 3 {
			if err := h.b.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := h.callout(c).Unreachable(); n != want {
			t.Errorf("nobody left for %d, want %d", n, want)
		}
	}
	nobody(0, 0)
	nobody(DefaultPolicy().Deputy, 1)
	nobody(2*DefaultPolicy().Deputy, 3)
	close(h.sms.hang)
	h.b.Idle()
	h.pass(30 * time.Second)
	h.expect("each once before one twice", h.sms.told()[:3], []string{"+491715551000", "+491715551001", "+491715551002"})
}

// TestNobodyOfALargePhoneTreeIsDropped: a tree of more than a few hundred is
// called whole and survives a restart; of one that is too large at once the page
// says how many are left out.
func TestNobodyOfALargePhoneTreeIsDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tree := many(449)
	h.b.o.Estate = func() *estate.Estate { return estate.New(estate.Tables{Contacts: tree}) }
	c := h.start(Order{Group: GroupTree})
	if len(c.Posts) != 450 || c.Left != 0 {
		t.Fatalf("%d posts, %d left out", len(c.Posts), c.Left)
	}
	h.b.Close()
	h.open(h.j)
	if c = h.callout(c); len(c.Posts) != 450 {
		t.Errorf("%d posts after a restart", len(c.Posts))
	}
	tree = many(estate.MaxCalled + 6)
	h.b.o.Estate = func() *estate.Estate { return estate.New(estate.Tables{Contacts: tree}) }
	pre, err := h.b.Preview(Order{Group: GroupTree, Title: "Probe"})
	if err != nil || pre.People != estate.MaxCalled || pre.Left != 7 {
		t.Errorf("%d people, %d left out, %v", pre.People, pre.Left, err)
	}
}

// TestAModemSendsOneAfterTheOther: two at once would get into each other's way.
func TestAModemSendsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.Close()
	h.one = true
	h.open(h.j)
	h.b.o.Estate = func() *estate.Estate { return estate.New(estate.Tables{Contacts: many(3)}) }
	h.sms.hang = make(chan struct{})
	h.start(Order{Group: GroupTree})
	for range 3 {
		if err := h.b.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	under := 0
	for _, p := range h.b.All()[0].Posts {
		if p.Chain[0].sending() >= 0 && p.Chain[0].Ways[0].Out == "sms" {
			under++
		}
	}
	if under != 1 {
		t.Errorf("%d at once", under)
	}
	close(h.sms.hang)
	h.b.Idle()
	h.look()
	if got := h.sms.told(); len(got) != 3 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 3 {
		t.Errorf("%q", got)
	}
}
