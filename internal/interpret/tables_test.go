package interpret

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

func TestCompileTellsEveryMistakeWithItsPath(t *testing.T) {
	t.Parallel()
	const config = `
classes: {STAT: Q}
sexes: {X: Z}
wards: [{code: 3A, aliases: [3B]}, {code: 3B}, {aliases: [x]}]
places: [{match: "H(", ward: A}, {match: "H.*"}]
feeds:
  lis: {section: labor, zone: Mitteleuropa, charset: latin-99, case: [PV1.19], demographics: halb}
  xn: {patient: [O-3], specimen: [O-4.x], order: '\d+'}
  abl: {order: '('}
sections: [{section: lab}, {service: LAB, section: labor}]
results:
  - {feed: lis, code: KA, loinc: 2823}
  - {feed: lis, loinc: 2951-2}
  - {code: NA, section: labor}
day_times: {morning: acht}
frequencies: {A: {scheme: 1-x-1}, B: {scheme: 1-0-1, times: ["25:00"]}}
alerts: [{segment: ZZZ, code: A, kind: isolation}, {segment: OBX, kind: seuche}]
z_segments: [{segment: AL1, fact: isolation, text: "3"}, {segment: ZAL, fact: seuche, text: "3.x", when: {a: b}}, {segment: ZAL, fact: cave}]
report_sections: [radio]
`
	var tables Tables
	if err := yaml.UnmarshalWithOptions([]byte(config), &tables, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	_, err := Compile(tables, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"classes.STAT: unknown class", "sexes.X: unknown sex", `wards[1]: "3B" already stands for ward 3A`,
		"wards[2].code: missing", "places[0].match:", "places[1].ward: missing", "feeds.lis.section:",
		"feeds.lis.zone:", "feeds.lis.charset:", "feeds.lis.case[0]:", "feeds.lis.demographics:",
		"feeds.xn.patient[0]:", "feeds.xn.specimen[0]:", "feeds.xn.order:", "feeds.abl.order:",
		"sections[0]: fits everything", "sections[1].section:", "results[0].loinc:", "results[1].code: missing",
		"results[2].section:", "day_times.morning:", "frequencies.A.scheme:", "frequencies.B: has both",
		"frequencies.B.times[0]:", "alerts[0].segment:", "alerts[1].kind:", "alerts[1].code:",
		"z_segments[0].segment:", "z_segments[1].fact:", "z_segments[1].text:", "z_segments[1].when:",
		"z_segments[2]: names neither", "report_sections[0]:",
	} {
		if n := strings.Count(err.Error(), want); n != 1 {
			t.Errorf("%d times: %s", n, want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	t.Parallel()
	var tables Tables
	if err := yaml.UnmarshalWithOptions([]byte("ward: []"), &tables, yaml.Strict()); err == nil {
		t.Error("ward: (instead of wards:) was taken")
	}
}

func TestVersionChangesWithEveryTableAndZoneAndStaysOtherwise(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, c := range []struct {
		name   string
		tables Tables
		zone   *time.Location
	}{
		{"nothing", Tables{}, nil},
		{"zone", Tables{}, berlin},
		{"no defaults", Tables{NoDefaults: true}, nil},
		{"a unit", Tables{Units: map[string]string{"mmol/L": "mM"}}, nil},
		{"a result", Tables{Results: []ResultRule{{Code: "K"}}}, nil},
		{"a result of a feed", Tables{Results: []ResultRule{{Code: "K", Feed: "lis"}}}, nil},
		{"an authority", Tables{Identity: IdentityTable{Authority: "KIS"}}, nil},
	} {
		first, err := Compile(c.tables, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		second, err := Compile(c.tables, c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if first.Version() != second.Version() {
			t.Errorf("%s: two versions of the same tables", c.name)
		}
		if other, ok := seen[first.Version()]; ok {
			t.Errorf("%s has the version of %s", c.name, other)
		}
		seen[first.Version()] = c.name
	}
}

func TestLOINCCodesHaveTheirForm(t *testing.T) {
	t.Parallel()
	d, err := Defaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range d.Results {
		if !loinc(r.Code) || !loinc(r.LOINC) {
			t.Errorf("%s → %s", r.Code, r.LOINC)
		}
	}
	for _, wrong := range []string{"83105", "-5", "abc-1", "8310-55", "8310-", "12345678-1"} {
		if loinc(wrong) {
			t.Errorf("%s was taken for a LOINC code", wrong)
		}
	}
}
