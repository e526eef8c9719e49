package demo

import (
	"strings"
	"testing"

	"notbetrieb/internal/hl7"
)

// census replays the movements of the KIS as a receiver sees them.
type census struct {
	t        *testing.T
	at       map[string]string // case → ward^room^bed
	in       map[string]string // bed → case
	open     map[string]bool   // admitted and not yet discharged
	ever     map[string]bool
	number   map[string]bool // persons
	sex      map[string]string
	deaths   int
	moves    map[string]string // movement → case
	babies   int
	twins    int
	historic int
}

func newCensus(t *testing.T) *census {
	return &census{
		t: t, at: map[string]string{}, in: map[string]string{}, open: map[string]bool{}, ever: map[string]bool{},
		number: map[string]bool{}, moves: map[string]string{}, sex: map[string]string{},
	}
}

func (c *census) put(no, place string, x *hl7.Message) {
	if old := c.at[no]; old != "" {
		delete(c.in, old)
	}
	delete(c.at, no)
	if strings.HasSuffix(place, "^") || strings.HasPrefix(place, "AMB") || place == "" {
		return // in the corridor, or an outpatient
	}
	if other := c.in[place]; other != "" && other != no {
		c.t.Errorf("%s %s: two patients in bed %s", x.Get("MSH-9.2"), x.Get("MSH-7"), place)
	}
	c.at[no], c.in[place] = place, no
}

func (c *census) read(x *hl7.Message) {
	event, no := x.Get("MSH-9.2"), x.Get("PV1-19")
	place := x.Get("PV1-3.1") + "^" + x.Get("PV1-3.2") + "^" + x.Get("PV1-3.3")
	if m := x.Get("PID-21"); m != "" && !c.number[m] {
		c.t.Errorf("%s: a newborn without a mother", event)
	}
	c.number[x.Get("PID-3")] = true
	if x.Get("ZBE-5") == "Y" {
		c.historic++
		return // moves nobody now
	}
	switch event {
	case "A01", "A04":
		c.open[no], c.ever[no] = true, true
		c.put(no, place, x)
		if x.Get("PID-21") != "" && event == "A01" {
			c.babies++
			if x.Get("PID-25") == "2" {
				c.twins++
			}
		}
	case "A02", "A06", "A12":
		if !c.open[no] {
			c.t.Errorf("%s of case %s, which is not open", event, no)
		}
		c.put(no, place, x)
	case "A13":
		if c.open[no] || !c.ever[no] {
			c.t.Errorf("A13 of case %s, which was not discharged", no)
		}
		c.open[no] = true
		c.put(no, place, x)
	case "A03", "A11":
		if !c.open[no] {
			c.t.Errorf("%s of case %s, which had no admission", event, no)
		}
		if x.Get("PID-30") == "Y" {
			c.deaths++
		}
		delete(c.open, no)
		c.put(no, "", x)
	}
}

func TestNobodyIsInTwoBedsAndEveryDischargeHadAnAdmission(t *testing.T) {
	t.Parallel()
	for _, seed := range []int64{1, 23} {
		h := New(testPlan(seed))
		c := newCensus(t)
		for m := range h.History(t.Context()) {
			x, err := hl7.Parse(m.Raw)
			if err != nil {
				t.Fatal(err)
			}
			if m.Feed == KISADT && x.Get("MSH-9.1") == "ADT" && x.Get("MSH-11") == "P" && x.Get("PID-3") != "" {
				c.read(x)
			}
		}
		beds, perWard := 0, map[string]int{}
		for _, w := range h.Wards() {
			for _, r := range w.Rooms {
				beds += len(r.Beds)
			}
		}
		for _, place := range c.at {
			perWard[place[:strings.IndexByte(place, '^')]]++
		}
		t.Logf("seed %d: %d in %d beds and cots, %d deaths, %d babies, %d twins, %v", seed, len(c.at), beds, c.deaths, c.babies, c.twins, perWard)
		if n := len(c.at); n < 280 || n > 345 {
			t.Errorf("seed %d: %d inpatients now, want about 300", seed, n)
		}
		if c.deaths == 0 || c.babies < 10 || c.twins == 0 || c.historic < 3 {
			t.Errorf("seed %d: %d deaths, %d babies, %d twins, %d historic movements", seed, c.deaths, c.babies, c.twins, c.historic)
		}
	}
}

func TestTheHouseGoesOnLivingForAMonth(t *testing.T) {
	t.Parallel()
	p := testPlan(4)
	p.Small = true
	h := New(p)
	c := newCensus(t)
	read := func(m Message) {
		x, err := hl7.Parse(m.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if m.Feed == KISADT && x.Get("MSH-9.1") == "ADT" && x.Get("MSH-11") == "P" && x.Get("PID-3") != "" {
			c.read(x)
		}
	}
	w := h.tell(t.Context(), func(m Message) bool { read(m); return true })
	n := 0
	w.out = func(m Message) { n++; read(m) }
	w.runTo(w.start + 30*day)
	if now := len(c.at); now < 14 || now > 26 || n < 3000 {
		t.Errorf("%d patients and %d messages after a month", now, n)
	}
}

func BenchmarkHistory(b *testing.B) {
	n := 0
	for b.Loop() {
		n = 0
		for range New(testPlan(1)).History(b.Context()) {
			n++
		}
	}
	b.ReportMetric(float64(n), "messages")
}
