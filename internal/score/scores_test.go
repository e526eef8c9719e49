package score

import (
	"slices"
	"strings"
	"testing"
)

func TestGlasgowComaScale(t *testing.T) {
	t.Parallel()
	tests := []struct {
		e, v, m int
		shown   string
		band    string
	}{
		{4, 5, 6, "15", "nicht beeinträchtigt"},
		{4, 4, 6, "14", "leichte Bewusstseinsstörung"},
		{4, 4, 5, "13", "leichte Bewusstseinsstörung"},
		{3, 4, 5, "12", "mittelschwere Bewusstseinsstörung"},
		{2, 2, 5, "9", "mittelschwere Bewusstseinsstörung"},
		{2, 2, 4, "8", "schwere Bewusstseinsstörung"},
		{1, 1, 1, "3", "schwere Bewusstseinsstörung"},
		{4, NotTestable, 6, "E4 VNT M6", "keine Summe"},
		{NotTestable, NotTestable, 1, "ENT VNT M1", "keine Summe"},
		{4, 0, 6, "E4 V? M6", "keine Summe"},
		{5, 5, 6, "E? V5 M6", "keine Summe"},
		{4, 6, 6, "E4 V? M6", "keine Summe"},
		{4, 5, 7, "E4 V5 M?", "keine Summe"},
		{4, 5, -2, "E4 V5 M?", "keine Summe"},
	}
	for _, tt := range tests {
		r := GCS{Eyes: tt.e, Verbal: tt.v, Motor: tt.m, Years: new(40)}.Result()
		if r.Shown().DE != tt.shown || r.Band.DE != tt.band {
			t.Errorf("E%d V%d M%d: got %q %q, want %q %q", tt.e, tt.v, tt.m, r.Shown().DE, r.Band.DE, tt.shown, tt.band)
		}
		if !r.Complete && r.Total != 0 {
			t.Errorf("E%d V%d M%d: a total without all parts", tt.e, tt.v, tt.m)
		}
	}
	if e, v, m := GCSWords(); len(e) != 4 || len(v) != 5 || len(m) != 6 {
		t.Errorf("the form has %d, %d and %d answers", len(e), len(v), len(m))
	}
	if r := (GCS{Eyes: 4, Verbal: NotTestable, Motor: 6}).Result(); !strings.Contains(r.Missing[0].DE, "nicht prüfbar") {
		t.Errorf("a tube is not told: %v", r.Missing)
	}
	if r := (GCS{Eyes: 4, Verbal: 5, Motor: 6, Years: new(4)}).Result(); r.NotFor.DE == "" {
		t.Error("rated a child of 4 by the scale of adults")
	}
	if r := (GCS{Eyes: 4, Verbal: 5, Motor: 6, Years: new(5)}).Result(); r.NotFor.DE != "" {
		t.Error("refused a child of 5")
	}
}

// bradenOf spreads a total over the six parts.
func bradenOf(total int) Braden {
	most := []int{4, 4, 4, 4, 4, 3}
	p := []int{1, 1, 1, 1, 1, 1}
	for i := 0; total > 6; total-- {
		for p[i] == most[i] {
			i++
		}
		p[i]++
	}
	return Braden{&p[0], &p[1], &p[2], &p[3], &p[4], &p[5]}
}

func TestBradenBands(t *testing.T) {
	t.Parallel()
	bands := map[int]string{
		6: "sehr hohes Risiko", 9: "sehr hohes Risiko", 10: "hohes Risiko", 12: "hohes Risiko", 13: "mittleres Risiko",
		14: "mittleres Risiko", 15: "geringes Risiko", 18: "geringes Risiko", 19: "kein erhöhtes Risiko", 23: "kein erhöhtes Risiko",
	}
	for total, want := range bands {
		if r := bradenOf(total).Result(); !r.Complete || r.Total != total || r.Band.DE != want {
			t.Errorf("%d: got %d %q, want %q", total, r.Total, r.Band.DE, want)
		}
	}
	b := bradenOf(23)
	b.Friction = new(4)
	if r := b.Result(); r.Complete || r.Missing[0].DE != "Reibung und Scherkräfte: 4 gibt es auf dem Bogen nicht" {
		t.Errorf("friction 4: %v", r.Missing)
	}
	b.Friction, b.Moisture = new(3), new(0)
	if r := b.Result(); r.Complete {
		t.Error("moisture 0 was taken")
	}
	b.Moisture = nil
	if r := b.Result(); r.Complete || r.Total != 0 || r.Band.DE != "unvollständig" || r.Partial != 19 {
		t.Errorf("without moisture: %+v", r)
	}
}

func TestBarthelBands(t *testing.T) {
	t.Parallel()
	most := []int{10, 15, 5, 10, 5, 15, 10, 10, 10, 10}
	of := func(total int) Barthel {
		p := make([]int, 10)
		for i := range p {
			p[i] = min(most[i], total)
			total -= p[i]
		}
		return Barthel{&p[0], &p[1], &p[2], &p[3], &p[4], &p[5], &p[6], &p[7], &p[8], &p[9]}
	}
	bands := map[int]string{
		0: "sehr schwere Einschränkung", 15: "sehr schwere Einschränkung", 20: "schwere Einschränkung", 35: "schwere Einschränkung",
		40: "mittelschwere Einschränkung", 55: "mittelschwere Einschränkung", 60: "mittlere Einschränkung", 75: "mittlere Einschränkung",
		80: "leichte Einschränkung", 95: "leichte Einschränkung", 100: "keine oder geringe Einschränkung",
	}
	for total, want := range bands {
		if r := of(total).Result(); !r.Complete || r.Total != total || r.Band.DE != want {
			t.Errorf("%d: got %d %q, want %q", total, r.Total, r.Band.DE, want)
		}
	}
	b := of(100)
	b.Grooming = new(10)
	if r := b.Result(); r.Complete || !strings.Contains(r.Missing[0].DE, "Sich waschen: 10") {
		t.Errorf("grooming 10: %v", r.Missing)
	}
}

func TestPain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		level  int
		band   string
		rest   bool // treatment is to be changed at rest
		moving bool // … under load
	}{
		{0, "kein Schmerz", false, false}, {1, "leichter Schmerz", false, false}, {3, "leichter Schmerz", false, false},
		{4, "mäßiger Schmerz", true, false}, {5, "mäßiger Schmerz", true, false}, {6, "mäßiger Schmerz", true, true},
		{7, "starker Schmerz", true, true}, {10, "starker Schmerz", true, true},
	}
	for _, tt := range tests {
		rest, moving := NRS{Level: &tt.level}.Result(), NRS{Level: &tt.level, Moving: true}.Result()
		if rest.Total != tt.level || rest.Band.DE != tt.band || (rest.Advice.DE != "") != tt.rest || (moving.Advice.DE != "") != tt.moving {
			t.Errorf("%d: %q, rest %q, load %q", tt.level, rest.Band.DE, rest.Advice.DE, moving.Advice.DE)
		}
	}
	for _, wrong := range []*int{nil, new(11), new(-1)} {
		if r := (NRS{Level: wrong}).Result(); r.Complete {
			t.Errorf("%v was taken", r.Items)
		}
	}
}

func TestPainInDementia(t *testing.T) {
	t.Parallel()
	z, one, two := new(0), new(1), new(2)
	if r := (BESD{z, one, z, z, z}).Result(); r.Total != 1 || r.Band.DE != "kein sicherer Hinweis auf Schmerz" {
		t.Errorf("1: %+v", r)
	}
	if r := (BESD{z, one, one, z, z}).Result(); r.Total != 2 || r.Band.DE != "Schmerz wahrscheinlich" {
		t.Errorf("2: %+v", r)
	}
	if r := (BESD{two, two, two, two, two}).Result(); r.Total != 10 {
		t.Errorf("10: %+v", r)
	}
	if r := (BESD{Face: two}).Result(); r.Complete || r.Band.DE != "unvollständig, Schmerz wahrscheinlich" || len(r.Missing) != 4 {
		t.Errorf("face alone: %+v", r)
	}
	if r := (BESD{z, new(3), z, z, z}).Result(); r.Complete {
		t.Error("3 points in one part were taken")
	}
}

func TestQSOFA(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rr, sys *float64
		altered Answer
		shown   string
		band    string
	}{
		{new(21.0), new(101.0), No, "0", "unauffällig"},
		{new(22.0), new(101.0), No, "1", "unauffällig"},
		{new(21.0), new(100.0), Yes, "2", "auffällig"},
		{new(22.0), new(100.0), Yes, "3", "auffällig"},
		{new(22.0), nil, Yes, "unvollständig (bisher 2)", "unvollständig, bereits auffällig"},
		{new(22.0), nil, No, "unvollständig (bisher 1)", "unvollständig"},
		{new(16.0), new(120.0), AnswerUnknown, "unvollständig (bisher 0)", "unvollständig"},
	}
	for _, tt := range tests {
		r := QSOFA{tt.rr, tt.sys, tt.altered}.Result()
		if r.Shown().DE != tt.shown || r.Band.DE != tt.band {
			t.Errorf("got %q %q, want %q %q", r.Shown().DE, r.Band.DE, tt.shown, tt.band)
		}
	}
}

func TestPneumonia(t *testing.T) {
	t.Parallel()
	fit := func() CURB65 {
		return CURB65{No, new(5.0), new(18.0), new(120.0), new(80.0), new(50)}
	}
	tests := []struct {
		name      string
		set       func(*CURB65)
		curb, crb string
	}{
		{"nothing", func(*CURB65) {}, "0 niedriges Risiko", "0 niedriges Risiko"},
		{"urea at the limit", func(c *CURB65) { c.Urea = new(7.0) }, "0 niedriges Risiko", "0 niedriges Risiko"},
		{"urea over the limit", func(c *CURB65) { c.Urea = new(7.1) }, "1 niedriges Risiko", "0 niedriges Risiko"},
		{"breath 29", func(c *CURB65) { c.RespRate = new(29.0) }, "0 niedriges Risiko", "0 niedriges Risiko"},
		{"breath 30", func(c *CURB65) { c.RespRate = new(30.0) }, "1 niedriges Risiko", "1 mittleres Risiko"},
		{"systolic 90", func(c *CURB65) { c.Systolic = new(90.0) }, "0 niedriges Risiko", "0 niedriges Risiko"},
		{"systolic 89", func(c *CURB65) { c.Systolic = new(89.0) }, "1 niedriges Risiko", "1 mittleres Risiko"},
		{"diastolic 61", func(c *CURB65) { c.Diastolic = new(61.0) }, "0 niedriges Risiko", "0 niedriges Risiko"},
		{"diastolic 60", func(c *CURB65) { c.Diastolic = new(60.0) }, "1 niedriges Risiko", "1 mittleres Risiko"},
		{"64 years", func(c *CURB65) { c.Years = new(64) }, "0 niedriges Risiko", "0 niedriges Risiko"},
		{"65 years", func(c *CURB65) { c.Years = new(65) }, "1 niedriges Risiko", "1 mittleres Risiko"},
		{"two", func(c *CURB65) { c.Years, c.Confusion = new(70), Yes }, "2 mittleres Risiko", "2 mittleres Risiko"},
		{"three", func(c *CURB65) { c.Years, c.Confusion, c.RespRate = new(70), Yes, new(32.0) }, "3 hohes Risiko", "3 hohes Risiko"},
		{"urea unknown", func(c *CURB65) { c.Urea = nil }, "unvollständig (bisher 0) unvollständig", "0 niedriges Risiko"},
		{"diastolic alone low", func(c *CURB65) { c.Systolic, c.Diastolic = nil, new(55.0) }, "1 niedriges Risiko", "1 mittleres Risiko"},
		{"diastolic alone good", func(c *CURB65) { c.Systolic = nil }, "unvollständig (bisher 0) unvollständig", "unvollständig (bisher 0) unvollständig"},
		{"pressure not plausible", func(c *CURB65) { c.Systolic = new(1200.0) }, "unvollständig (bisher 0) unvollständig", "unvollständig (bisher 0) unvollständig"},
		{"three without urea", func(c *CURB65) { c.Urea, c.Years, c.Confusion, c.RespRate = nil, new(70), Yes, new(32.0) }, "unvollständig (bisher 3) unvollständig, mindestens hohes Risiko", "3 hohes Risiko"},
		{"urea in mg/dl", func(c *CURB65) { c.Urea = new(UreaFromMgDl(43)) }, "1 niedriges Risiko", "0 niedriges Risiko"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := fit()
			tt.set(&c)
			if r := c.Result(); r.Shown().DE+" "+r.Band.DE != tt.curb {
				t.Errorf("CURB-65: got %q %q, want %q", r.Shown().DE, r.Band.DE, tt.curb)
			}
			if r := c.CRB65(); r.Shown().DE+" "+r.Band.DE != tt.crb {
				t.Errorf("CRB-65: got %q %q, want %q", r.Shown().DE, r.Band.DE, tt.crb)
			}
		})
	}
}

// Every text a person reads is there in both languages.
func TestEveryTextIsInBothLanguages(t *testing.T) {
	t.Parallel()
	results := []Result{
		well().Result(), NEWS2{}.Result(), NEWS2{Pregnant: true}.Result(), GCS{Eyes: 4, Verbal: NotTestable, Motor: 9}.Result(), GCS{Eyes: 1, Verbal: 1, Motor: 1}.Result(),
		bradenOf(8).Result(), Braden{Friction: new(9)}.Result(), Barthel{}.Result(), NRS{Level: new(8)}.Result(), BESD{}.Result(),
		QSOFA{new(30.0), new(80.0), Yes}.Result(), CURB65{}.Result(), CURB65{Systolic: new(80.0)}.CRB65(),
	}
	for _, r := range results {
		texts := slices.Concat(r.Missing, r.Notes)
		texts = append(texts, r.Name, r.Band, r.Advice, r.NotFor, r.Shown())
		for _, i := range r.Items {
			texts = append(texts, i.Label, i.Value)
		}
		for _, x := range texts {
			if (x.DE == "") != (x.EN == "") {
				t.Errorf("%s: only one language: %+v", r.Name.DE, x)
			}
		}
		if r.Code.Code == "" || r.Code.System == "" || r.Name.DE == "" {
			t.Errorf("%+v has no code or name", r.Name)
		}
	}
}
