package testkit_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/config"
	"notbetrieb/internal/crisis"
	"notbetrieb/internal/rulebook"
	"notbetrieb/internal/testkit"
)

// sittingAt is a browser at another address of this machine; only some systems
// have it.
func sittingAt(t *testing.T, h *testkit.Hospital, address string) *testkit.Person {
	t.Helper()
	from := &net.TCPAddr{IP: net.ParseIP(address)}
	l, err := net.ListenTCP("tcp", from)
	if err != nil {
		t.Skip("this system has no second loopback address: ", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	p := h.Visitor()
	p.Over(&http.Transport{DialContext: (&net.Dialer{LocalAddr: from}).DialContext, DisableKeepAlives: true})
	return p
}

// TestASilentWorkplaceIsMissed: the computer of ward 3A tells of itself, falls
// silent, is missed on the pages of IT and on the wall, and comes back.
func TestASilentWorkplaceIsMissed(t *testing.T) {
	t.Parallel()
	h := testkit.New(t, func(c *config.Config) {
		c.Watch.Workplaces = []config.Workplace{
			{Name: "3A Stützpunkt", Ward: "3A", Address: "127.0.0.2"}, {Name: "IT-Leitstelle", Address: "127.0.0.1"}, {Name: "3B Arztzimmer", Ward: "3B", Address: "10.20.3.12"},
		}
	})
	station := sittingAt(t, h, "127.0.0.2")
	it := h.As("it")
	it.Page("/watch").Answers(200).Sees("Arbeitsplätze", "3A Stützpunkt", "127.0.0.2", "seit dem Start nicht", "wird noch erwartet").NotSees("● 1 still")
	reads := h.Hub.Journal.Head()
	beat := station.Look("/alive").Answers(http.StatusNoContent)
	if beat.Header.Get("Set-Cookie") != "" || h.Hub.Journal.Head() != reads {
		t.Error("a sign of life sets a cookie or is recorded")
	}
	it.Page("/watch").Sees("3A Stützpunkt 127.0.0.2 3A 10:00 vor 0 s meldet sich")

	h.Pass(12 * time.Minute)
	it.Page("/watch").Sees("● 1 still", "3A Stützpunkt 127.0.0.2 3A 10:00 vor 12 min ● still", "wird noch erwartet")
	const key = "watch/workplace/3A Stützpunkt"
	soon(t, "an alarm about the workplace of 3A", func() bool { _, stands := h.Hub.Alarms.Get(key); return stands })
	it.Page("/").Sees("Der Arbeitsplatz 3A Stützpunkt (Station 3A) hat sich seit 12 min nicht gemeldet", "Papiermappe bereithalten")
	if _, stands := h.Hub.Alarms.Get("watch/workplace/3B Arztzimmer"); stands {
		t.Error("who was not seen since the start is missed after twelve minutes")
	}
	c, err := h.Hub.Crisis.OpenCrisis(t.Context(), crisis.Act{Key: "k1", Person: "krisenstab", Name: "Dr. A. Stein"}, crisis.Opening{Kind: rulebook.Technical, Title: "Netz im Westflügel"})
	if err != nil {
		t.Fatal(err)
	}
	it.Page("/crisis/"+c.ID+"?wall=1").Sees("Arbeitsplätze: 1 von 3 gemeldet", "3A Stützpunkt seit 12 min still")

	station.Look("/alive").Answers(http.StatusNoContent)
	soon(t, "an end of the alarm", func() bool { _, stands := h.Hub.Alarms.Get(key); return !stands })
	it.Page("/").NotSees("3A Stützpunkt")
	h.Pass(5 * time.Minute)
	soon(t, "an alarm about whom nobody has seen since the start", func() bool {
		a, _ := h.Hub.Alarms.Get("watch/workplace/3B Arztzimmer")
		return strings.Contains(a.Text.DE, "seit Notbetrieb vor 17 min gestartet ist")
	})
}

// TestASignOfLifeBringsTheNewsAndKeepsNoSessionOpen: a page that rests learns
// that the crisis team has said something, and its session still ends.
func TestASignOfLifeBringsTheNewsAndKeepsNoSessionOpen(t *testing.T) {
	t.Parallel()
	h := testkit.New(t)
	nurse, other := h.As("pflege"), h.As("pflege2")
	posted := func() string { return nurse.Look("/alive").Answers(http.StatusNoContent).Header.Get("X-Posted") }
	if got := posted(); got != "" {
		t.Errorf("nothing is posted, and the mark is %q", got)
	}
	const unasked = "#unsaid[hidden]" // nobody is asked to sign in and read
	if h.Visitor().Page("/signin").Count(unasked) != 1 || nurse.Page("/notes").Count(unasked) != 1 {
		t.Error("nothing is posted, and people are asked to read")
	}
	act := func(key string) crisis.Act { return crisis.Act{Key: key, Person: "krisenstab", Name: "Dr. A. Stein"} }
	c, err := h.Hub.Crisis.OpenCrisis(t.Context(), act("k1"), crisis.Opening{Kind: rulebook.Technical, Title: "Netz im Westflügel"})
	if err != nil {
		t.Fatal(err)
	}
	notice := crisis.Notice{Title: "Netz steht.", Text: "Monitore von Hand ablesen.", Level: crisis.Urgent, Wards: []string{"3A"}}
	if _, err := h.Hub.Crisis.Post(t.Context(), act("k2"), c.ID, notice); err != nil {
		t.Fatal(err)
	}
	mark := posted()
	if mark == "" || strings.Contains(mark, "Netz") {
		t.Errorf("the mark is %q", mark)
	}
	page := nurse.Page("/notes").Answers(200).Sees("Monitore von Hand ablesen.")
	if got := page.Attr("body", "data-posted"); got != mark {
		t.Errorf("the page has the mark %q, the sign of life %q", got, mark)
	}
	other.Page("/notes").Answers(200).NotSees("Monitore")
	other.Page("/notes?ward=3A").Sees("Monitore von Hand ablesen.")
	if h.Visitor().Page("/signin").NotSees("Monitore").Has(unasked) || !page.Has(unasked) {
		t.Error("only who has not signed in is asked to")
	}

	reads := h.Hub.Journal.Head()
	for range 4 { // half an hour after the last page of a person the session ends
		h.Pass(8 * time.Minute)
		posted()
		nurse.Look("/notes")
	}
	if h.Hub.Journal.Head() != reads {
		t.Error("a sign of life is recorded")
	}
	if got := nurse.Look("/notes"); got.Status != http.StatusSeeOther {
		t.Errorf("asking for messages kept the session open: %d", got.Status)
	}
}
