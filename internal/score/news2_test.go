package score

import (
	"math"
	"strings"
	"testing"
)

// well is a person with no points at all.
func well() NEWS2 {
	return NEWS2{RespRate: new(16.0), SpO2: new(97.0), Breathing: RoomAir, Systolic: new(125.0),
		Pulse: new(72.0), Awake: Alert, Temp: new(36.8), Years: new(54)}
}

func TestAWellPersonHasNoPoints(t *testing.T) {
	t.Parallel()
	r := well().Result()
	if !r.Complete || r.Total != 0 || r.Band.DE != "niedrig" || !strings.Contains(r.Advice.DE, "12 Stunden") {
		t.Errorf("got %+v", r)
	}
	if len(r.Items) != 7 {
		t.Errorf("got %d items, want 7", len(r.Items))
	}
}

// Every edge of every row of the chart, from both sides; and values between
// two rows, which count as the worse one.
func TestEveryRowOfTheNEWS2Chart(t *testing.T) {
	t.Parallel()
	type edge struct {
		v    float64
		want int
	}
	tests := []struct {
		name  string
		item  int
		set   func(*NEWS2, float64)
		edges []edge
	}{
		{"respiration rate", 0, func(n *NEWS2, v float64) { n.RespRate = &v }, []edge{
			{0, 3}, {8, 3}, {8.5, 3}, {9, 1}, {11, 1}, {11.5, 1}, {12, 0}, {20, 0}, {20.5, 2}, {21, 2}, {24, 2}, {24.5, 3}, {25, 3}, {60, 3}}},
		{"SpO2 scale 1", 1, func(n *NEWS2, v float64) { n.SpO2 = &v }, []edge{
			{50, 3}, {91, 3}, {91.5, 3}, {92, 2}, {93, 2}, {93.5, 2}, {94, 1}, {95, 1}, {95.5, 1}, {96, 0}, {100, 0}}},
		{"SpO2 scale 2 on air", 1, func(n *NEWS2, v float64) { n.SpO2, n.Scale2 = &v, true }, []edge{
			{83, 3}, {83.5, 3}, {84, 2}, {85, 2}, {85.5, 2}, {86, 1}, {87, 1}, {87.5, 1}, {88, 0}, {92, 0}, {93, 0}, {97, 0}, {100, 0}}},
		{"SpO2 scale 2 on oxygen", 1, func(n *NEWS2, v float64) { n.SpO2, n.Scale2, n.Breathing = &v, true, Oxygen }, []edge{
			{83, 3}, {84, 2}, {85, 2}, {86, 1}, {87, 1}, {88, 0}, {92, 0}, {92.5, 1}, {93, 1}, {94, 1}, {94.5, 2}, {95, 2}, {96, 2}, {96.5, 3}, {97, 3}, {100, 3}}},
		{"systolic", 3, func(n *NEWS2, v float64) { n.Systolic = &v }, []edge{
			{0, 3}, {90, 3}, {90.5, 3}, {91, 2}, {100, 2}, {100.5, 2}, {101, 1}, {110, 1}, {110.5, 1}, {111, 0}, {219, 0}, {219.5, 3}, {220, 3}}},
		{"pulse", 4, func(n *NEWS2, v float64) { n.Pulse = &v }, []edge{
			{0, 3}, {40, 3}, {40.5, 3}, {41, 1}, {50, 1}, {50.5, 1}, {51, 0}, {90, 0}, {90.5, 1}, {91, 1}, {110, 1}, {110.5, 2}, {111, 2}, {130, 2}, {130.5, 3}, {131, 3}}},
		{"temperature", 6, func(n *NEWS2, v float64) { n.Temp = &v }, []edge{
			{28, 3}, {35, 3}, {35.05, 3}, {35.1, 1}, {36, 1}, {36.05, 1}, {36.1, 0}, {38, 0}, {38.05, 1}, {38.1, 1}, {39, 1}, {39.05, 2}, {39.1, 2}, {42, 2},
			{35.1 - 1e-9, 1}, {38 + 1e-9, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, e := range tt.edges {
				n := well()
				tt.set(&n, e.v)
				r := n.Result()
				if i := r.Items[tt.item]; !i.Known || i.Points != e.want {
					t.Errorf("%v: got %d points (known %v), want %d", e.v, i.Points, i.Known, e.want)
				}
				if !r.Complete {
					t.Errorf("%v: incomplete: %v", e.v, r.Missing)
				}
			}
		})
	}
}

func TestOxygenAndConsciousness(t *testing.T) {
	t.Parallel()
	n := well()
	n.Breathing = Oxygen
	if r := n.Result(); r.Total != 2 || r.Band.DE != "niedrig" || !strings.Contains(r.Advice.DE, "4 bis 6") {
		t.Errorf("oxygen: %+v", r)
	}
	for _, c := range []Consciousness{NewConfusion, ToVoice, ToPain, Unresponsive} {
		n := well()
		n.Awake = c
		if r := n.Result(); r.Total != 3 || !strings.HasPrefix(r.Band.DE, "niedrig bis mittel") {
			t.Errorf("consciousness %d: total %d, band %q", c, r.Total, r.Band.DE)
		}
	}
}

func TestNEWS2Bands(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		set          func(*NEWS2)
		total        int
		band, advice string
	}{
		{"1 is low", func(n *NEWS2) { n.Pulse = new(95.0) }, 1, "niedrig", "4 bis 6 Stunden"},
		{"4 from several is low", func(n *NEWS2) { n.Breathing, n.Temp = Oxygen, new(39.5) }, 4, "niedrig", "4 bis 6 Stunden"},
		{"3 in one is low to medium", func(n *NEWS2) { n.Systolic = new(85.0) }, 3, "niedrig bis mittel (3 Punkte in einem Wert)", "stündlich"},
		{"4 with a 3 is low to medium", func(n *NEWS2) { n.Systolic, n.Pulse = new(85.0), new(95.0) }, 4, "niedrig bis mittel (3 Punkte in einem Wert)", "stündlich"},
		{"5 is medium", func(n *NEWS2) { n.Breathing, n.Temp, n.Pulse = Oxygen, new(39.5), new(95.0) }, 5, "mittel", "stündlich"},
		{"6 is medium also with a 3", func(n *NEWS2) { n.Awake, n.Systolic = NewConfusion, new(85.0) }, 6, "mittel", "stündlich"},
		{"7 is high", func(n *NEWS2) { n.Awake, n.Systolic, n.Pulse = NewConfusion, new(85.0), new(95.0) }, 7, "hoch", "fortlaufend"},
		{"20 is the most", func(n *NEWS2) {
			*n = NEWS2{RespRate: new(30.0), SpO2: new(80.0), Breathing: Oxygen, Systolic: new(70.0), Pulse: new(140.0), Awake: Unresponsive, Temp: new(34.0), Years: new(80)}
		}, 20, "hoch", "fortlaufend"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := well()
			tt.set(&n)
			r := n.Result()
			if r.Total != tt.total || r.Band.DE != tt.band || !strings.Contains(r.Advice.DE, tt.advice) {
				t.Errorf("got %d %q %q", r.Total, r.Band.DE, r.Advice.DE)
			}
		})
	}
}

// A part that is missing is never normal: no total, and the part is named.
func TestAMissingPartLeavesNoTotal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		set  func(*NEWS2)
		says string
	}{
		{"no respiration rate", func(n *NEWS2) { n.RespRate = nil }, "Atemfrequenz: nicht erhoben"},
		{"no SpO2", func(n *NEWS2) { n.SpO2 = nil }, "SpO2 (Skala 1): nicht erhoben"},
		{"air or oxygen not said", func(n *NEWS2) { n.Breathing = BreathingUnknown }, "Luft oder Sauerstoff: nicht erhoben"},
		{"no blood pressure", func(n *NEWS2) { n.Systolic = nil }, "Blutdruck systolisch: nicht erhoben"},
		{"no pulse", func(n *NEWS2) { n.Pulse = nil }, "Puls: nicht erhoben"},
		{"no consciousness", func(n *NEWS2) { n.Awake = ConsciousnessUnknown }, "Bewusstsein (ACVPU): nicht erhoben"},
		{"a consciousness that does not exist", func(n *NEWS2) { n.Awake = 99 }, "Bewusstsein (ACVPU): nicht erhoben"},
		{"no temperature", func(n *NEWS2) { n.Temp = nil }, "Temperatur: nicht erhoben"},
		{"the comma forgotten", func(n *NEWS2) { n.Temp = new(368.0) }, "Temperatur: 368 °C ist nicht plausibel"},
		{"SpO2 over 100", func(n *NEWS2) { n.SpO2 = new(101.0) }, "SpO2 (Skala 1): 101 % ist nicht plausibel"},
		{"SpO2 as a fraction", func(n *NEWS2) { n.SpO2 = new(0.97) }, "SpO2 (Skala 1): 0,97 % ist nicht plausibel"},
		{"a negative pulse", func(n *NEWS2) { n.Pulse = new(-1.0) }, "Puls: -1 /min ist nicht plausibel"},
		{"no number", func(n *NEWS2) { n.Pulse = new(math.NaN()) }, "nicht plausibel"},
		{"endless", func(n *NEWS2) { n.Pulse = new(math.Inf(1)) }, "nicht plausibel"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := well()
			tt.set(&n)
			r := n.Result()
			if r.Complete || r.Total != 0 || len(r.Missing) != 1 || !strings.Contains(r.Missing[0].DE, tt.says) {
				t.Errorf("complete %v, total %d, missing %v", r.Complete, r.Total, r.Missing)
			}
			if r.Band.DE != "unvollständig" || r.Shown().DE != "unvollständig (bisher 0)" {
				t.Errorf("band %q, shown %q", r.Band.DE, r.Shown().DE)
			}
		})
	}
}

// Over the target of scale 2 the points hang on the oxygen.
func TestScale2WithoutKnowingTheOxygen(t *testing.T) {
	t.Parallel()
	n := well()
	n.Scale2, n.Breathing = true, BreathingUnknown
	if r := n.Result(); len(r.Missing) != 2 || !strings.Contains(r.Missing[0].DE, "ohne Angabe Luft oder Sauerstoff") || r.Items[1].Value.DE != "97 %" {
		t.Errorf("97 %%: %+v", r)
	}
	n.SpO2 = new(84.0)
	if r := n.Result(); len(r.Missing) != 1 || r.Items[1].Points != 2 {
		t.Errorf("84 %%: %+v", r)
	}
}

// What is certain already is said also while something is missing.
func TestAPartialScoreSaysWhatIsCertain(t *testing.T) {
	t.Parallel()
	n := NEWS2{Awake: Unresponsive, RespRate: new(6.0), Pulse: new(95.0)}
	r := n.Result()
	if r.Complete || r.Total != 0 || r.Partial != 7 || r.Band.DE != "unvollständig, mindestens hoch" || !strings.Contains(r.Advice.DE, "Notfallteam") {
		t.Errorf("got %+v", r)
	}
	if r.Shown().DE != "unvollständig (bisher 7)" || len(r.Missing) != 4 {
		t.Errorf("shown %q, missing %v", r.Shown().DE, r.Missing)
	}
	if r := (NEWS2{}).Result(); r.Shown().DE != "nicht erhoben" || len(r.Missing) != 7 {
		t.Errorf("nothing known: %q %v", r.Shown().DE, r.Missing)
	}
}

func TestNEWS2IsNotForChildrenAndPregnancy(t *testing.T) {
	t.Parallel()
	child := well()
	child.Years = new(15)
	grown := well()
	grown.Years = new(16)
	pregnant := well()
	pregnant.Pregnant = true
	for _, n := range []NEWS2{child, pregnant} {
		if r := n.Result(); r.NotFor.DE == "" || r.Complete || len(r.Items) != 0 || r.Shown().DE != "nicht anwendbar" {
			t.Errorf("got %+v", r)
		}
	}
	if r := grown.Result(); r.NotFor.DE != "" || !r.Complete {
		t.Errorf("16 years: %+v", r)
	}
	grown.Years = nil
	if r := grown.Result(); !r.Complete || len(r.Notes) != 1 {
		t.Errorf("age unknown: %+v", r)
	}
}
