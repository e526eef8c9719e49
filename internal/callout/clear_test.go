package callout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
)

// TestTheAllClearTurnsRoundWhoDrivesAndWakesNobodyElse: it is three at night. Who
// said that they come is told at once, in words to turn round, on every way that
// has the call; who cannot come, or did not answer, sleeps until six and gets it
// then. Who answers after the end is awake, and is told at once as well.
func TestTheAllClearTurnsRoundWhoDrivesAndWakesNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Quiet = func(now time.Time) bool { return now.Hour() < 6 }
	var four []estate.Contact
	for i, name := range []string{"Fährt", "Kann nicht", "Schläft", "Wacht auf", "Nie erreicht"} {
		n := string(rune('1' + i))
		four = append(four, estate.Contact{ID: "p" + n, Name: name, Root: true, Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 555000" + n}, {Kind: estate.Mail, Value: "p" + n + "@klinik.example"}}})
	}
	four[4].Ways = []estate.Way{{Kind: estate.Landline, Value: "0511 5"}}
	h.b.o.Estate = func() *estate.Estate { return estate.New(estate.Tables{Contacts: four}) }
	c := h.start(Order{Group: GroupTree})
	h.look()
	h.pass(2 * time.Minute) // the mail follows
	say := func(person string, w Word) {
		t.Helper()
		if err := h.b.Answer(t.Context(), Act{Key: person}, c.ID, person, Reply{Word: w, Minutes: 20, Via: ByLink}); err != nil {
			t.Fatal(err)
		}
	}
	say("1.1", Coming)
	say("2.1", Cannot)
	if err := h.b.End(t.Context(), Act{Person: "krisenstab", Name: "Dr. A. Stein"}, c.ID, "Fehlalarm", true); err != nil {
		t.Fatal(err)
	}
	cleared := func() (sms, mails []string) {
		for _, o := range []*outlet{h.sms, h.eml} {
			o.mu.Lock()
			for _, m := range o.sent {
				switch {
				case !strings.HasPrefix(m.Subject, "ENTWARNUNG"):
				case o == h.sms:
					sms = append(sms, m.To+" "+m.Short[strings.Index(m.Short, "Fehlalarm")+10:])
				default:
					mails = append(mails, m.To)
				}
			}
			o.mu.Unlock()
		}
		return sms, mails
	}
	const turn = " Bitte umkehren, wenn Sie unterwegs sind: Sie werden nicht mehr gebraucht. Danke."
	expect := func(what string, wantSMS, wantMail []string) {
		t.Helper()
		h.look()
		sms, mails := cleared()
		for _, s := range [][]string{sms, mails, wantSMS, wantMail} { // who is told at once is told in any order
			slices.Sort(s)
		}
		h.expect(what+", SMS", sms, wantSMS)
		h.expect(what+", mail", mails, wantMail)
	}
	expect("at night", []string{"+491715550001" + turn}, []string{"p1@klinik.example"})
	say("4.1", Coming)
	expect("awake", []string{"+491715550001" + turn, "+491715550004" + turn}, []string{"p1@klinik.example", "p4@klinik.example"})
	h.pass(2 * time.Hour)
	expect("still night", []string{"+491715550001" + turn, "+491715550004" + turn}, []string{"p1@klinik.example", "p4@klinik.example"})
	h.pass(2 * time.Hour)
	expect("in the morning", []string{"+491715550001" + turn, "+491715550004" + turn, "+491715550002 Sie werden nicht mehr gebraucht. Danke.", "+491715550003 Bitte nicht mehr kommen. Wer unterwegs ist, kann umkehren. Danke."},
		[]string{"p1@klinik.example", "p4@klinik.example", "p2@klinik.example", "p3@klinik.example"})
}

// TestWhoDrivesIsToldOnAnyWay: the way that took the call fails, the next one
// takes the all-clear; who was only rung is told too if a way is there. An SMS
// that is not understood, without a code or late, may be from somebody who
// drives. Who was only to know need not turn round.
func TestWhoDrivesIsToldOnAnyWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		ask  Ask
		sms  []way.Outcome
		say  func(*house, *Callout)
		want []string // mails with the all-clear
	}{
		{"the gateway is gone", Come, []way.Outcome{way.Accepted, way.Refused}, func(h *house, c *Callout) {
			_ = h.b.Answer(h.t.Context(), Act{Key: "a"}, c.ID, "1.1", Reply{Word: Coming, Via: ByLink})
		}, []string{"vogel@klinik.example"}},
		{"only rung", Come, []way.Outcome{way.Refused}, func(h *house, c *Callout) {
			_ = h.b.Answer(h.t.Context(), Act{Key: "a", Person: "it"}, c.ID, "1.1", Reply{Word: Coming, Via: ByVoice})
		}, []string{"vogel@klinik.example"}},
		{"not understood", Come, []way.Outcome{way.Accepted, way.Refused}, func(h *house, _ *Callout) {
			_, _ = h.b.Inbound(h.t.Context(), "1", "0171 5550001", "bin gleich da")
		}, []string{"vogel@klinik.example"}},
		{"nobody drives", Come, []way.Outcome{way.Accepted, way.Refused}, func(*house, *Callout) {}, nil},
		{"only to know", Read, []way.Outcome{way.Accepted, way.Refused}, func(h *house, c *Callout) {
			_ = h.b.Answer(h.t.Context(), Act{Key: "a"}, c.ID, "1.1", Reply{Word: Knows, Via: ByLink})
		}, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.b.o.Quiet = func(time.Time) bool { return true }
			h.sms.says = c.sms
			if c.what == "only rung" {
				h.eml.says = []way.Outcome{way.Refused, way.Accepted}
			}
			at := h.start(Order{Ask: c.ask})
			h.look()
			c.say(h, at)
			if err := h.b.End(t.Context(), Act{Person: "krisenstab"}, at.ID, "", true); err != nil {
				t.Fatal(err)
			}
			h.look()
			var got []string
			for _, m := range h.eml.sent {
				if strings.Contains(m.Subject, "ENTWARNUNG") {
					got = append(got, m.To)
				}
			}
			h.expect("mail", got, c.want)
		})
	}
}
