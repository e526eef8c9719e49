package callout

import (
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/callout/way"
	"notbetrieb/internal/estate"
)

// TestALongPlaceLeavesTheSMSWhole: what comes first is shortened to almost
// nothing, and nothing breaks where it is shorter than that.
func TestALongPlaceLeavesTheSMSWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Hospital = "KH"
	for n := range 40 {
		c := &Callout{ID: "a", Name: "Abc", Title: strings.Repeat("x", 3+n), Place: strings.Repeat("p", maxTitle), Phone: strings.Repeat("1", 60), Ask: Come}
		if got := h.b.short(c, Person{ID: "1.1", Code: "481516"}); gsmSize(got) > maxShort || !strings.HasPrefix(got, "ALARM") || strings.Contains(got, "\x00") || !strings.HasSuffix(got, h.b.link(c, Person{ID: "1.1"})) {
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

// TestAnSMSIsTwoParts whatever people type: characters that would make it five
// are written as others, umlauts stay, and what takes two places is counted so.
func TestAnSMSIsTwoParts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ärztehaus, Straße 5 – „Süd“ …": "Ärztehaus, Straße 5 - \"Süd\" ...", "Łukasz Šimić, Çelik, Yıldız, naïve": "Lukasz Simic, Çelik, Yildiz, naive", "5 € [Tor 2]": "5 € [Tor 2]",
		"🔥 医": "? ?", "o\u0308ffnen": "öffnen", "38 °C": "38  Grad C", "": "",
	} {
		got := gsm(in)
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		for _, r := range got {
			if gsmRoom(r) == 0 {
				t.Errorf("%q has %q", got, r)
			}
		}
	}
	if n := gsmSize("5 € [Tor 2]"); n != 14 {
		t.Errorf("%d places", n)
	}
	h := newHouse(t)
	for _, fill := range []string{"x", "ä", "€", "–", "…", "ž", "🔥"} {
		for n := range 121 {
			c := &Callout{ID: "a", Name: "Kernstab – Nacht", Title: strings.Repeat(fill, n), Place: strings.Repeat(fill, 120-n), Phone: strings.Repeat("1", n/2), EndWhy: strings.Repeat(fill, 5*n), Ask: Come}
			x := Person{ID: "1.1", Code: "481516", Ways: []Way{{Out: "sms"}}}
			if got := h.b.short(c, x); gsmSize(got) > maxShort || got != gsm(got) || !strings.HasSuffix(got, h.b.link(c, x)) || !strings.Contains(got, "Code 481516") || !strings.HasPrefix(got, "ALARM Klinik am Lindenhof, Kernstab - Nacht: ") {
				t.Fatalf("%q: %d places", got, gsmSize(got))
			}
			c.Ended.At, c.AllClear = h.now, true
			if got := h.b.message(c, Post{}, x, step{}).Short; gsmSize(got) > maxShort || got != gsm(got) || !strings.HasSuffix(got, "kann umkehren. Danke.") {
				t.Fatalf("%q: %d places", got, gsmSize(got))
			}
		}
	}
}

// TestTwoPeopleOfOneTelephoneKnowWhoIsMeant: each has a code of their own.
func TestTwoPeopleOfOneTelephoneKnowWhoIsMeant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.b.o.Estate = func() *estate.Estate {
		return estate.New(estate.Tables{Contacts: []estate.Contact{
			{ID: "a", Name: "A. Ahrens", Root: true, Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 5550009"}}}, {ID: "b", Name: "B. Behn", Root: true, Ways: []estate.Way{{Kind: estate.Mobile, Value: "+49 171 5550009"}}},
			{ID: "c", Name: "C. Cohn", Root: true, Ways: []estate.Way{{Kind: estate.Mobile, Value: "0171 5550008"}}},
		}})
	}
	c := h.start(Order{Group: GroupTree})
	h.look()
	for i, post := range c.Posts {
		x := post.Chain[0]
		k := slices.IndexFunc(h.sms.sent, func(m way.Message) bool { return m.Code == x.Code })
		if k < 0 || strings.HasPrefix(h.sms.sent[k].Short, "ALARM für "+x.Name+": ") != (i < 2) || !strings.Contains(h.sms.sent[k].Text, "Für: "+x.Name) {
			t.Errorf("%s: %+v", x.Name, h.sms.sent)
		}
	}
}
