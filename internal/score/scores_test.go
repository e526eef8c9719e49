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

// Every text a person reads is there in both languages.
func TestEveryTextIsInBothLanguages(t *testing.T) {
	t.Parallel()
	results := []Result{
		well().Result(), NEWS2{}.Result(), NEWS2{Pregnant: true}.Result(), GCS{Eyes: 4, Verbal: NotTestable, Motor: 9}.Result(), GCS{Eyes: 1, Verbal: 1, Motor: 1}.Result(),
		bradenOf(8).Result(), Braden{Friction: new(9)}.Result(), BESD{}.Result(),
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
