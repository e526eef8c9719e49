package dosing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

func mustDefault(t testing.TB) *Table {
	t.Helper()
	table, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestTheBuiltInTableLoads(t *testing.T) {
	t.Parallel()
	table := mustDefault(t)
	if len(table.all) < 150 {
		t.Errorf("%d substances", len(table.all))
	}
	if table.Approved() {
		t.Error("the built-in table says that somebody approved it")
	}
	if head := string(BuiltIn()); !strings.Contains(head, "pharmacy") || !strings.Contains(head, "Krankenhausapotheke") {
		t.Error("the head of the table does not say who has to approve it")
	}
	for _, s := range table.all {
		for _, n := range slices.Concat([]string{s.Name}, s.Also, s.Brands) {
			if d := table.find(clinical.Prescription{Drug: clinical.Coded{Text: n}}); len(d.known) != 1 || d.known[0] != s || len(d.unread) > 0 {
				t.Errorf("%q of %s is not found under its own name: %+v", n, s.Name, d)
			}
		}
		for _, x := range []lang.Text{{DE: s.Pregnancy.DE, EN: s.Pregnancy.EN}} {
			if (x.DE == "") != (x.EN == "") {
				t.Errorf("%s: only one language", s.Name)
			}
		}
	}
}

const small = `version: "7"
approved_by: Apothekerin Brandt
approved_on: 01.10.2026
classes: [{id: b, de: Betablocker, en: beta blockers}]
groups: [{id: g, de: Gruppe, said: [Grp], within: stop}]
substances:
  - {name: Metoprolol, atc: [C07AB02], pzn: ["01234567"], brands: [Beloc], class: [b], limits: [{route: oral, single: 200 mg, daily: 200 mg}]}
`

func TestTheHouseBringsItsOwnTable(t *testing.T) {
	t.Parallel()
	table, err := Load([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if !table.Approved() || table.Version != "7" || len(table.all) != 1 {
		t.Errorf("got %+v", table)
	}
	p := rx("", "", "300 mg", "1-0-0-0", "p.o.")
	p.Drug.Code, p.Drug.System = "1234567", "PZN"
	r := table.Check(p, anna())
	if !says(r, MaxSingle, Stop, "300 mg") || admits(r, "freigegeben") {
		t.Errorf("by PZN without its zero: %+v", r)
	}
}

// Every mistake of a file at once, each with its line.
func TestMistakesOfATable(t *testing.T) {
	t.Parallel()
	const bad = `version: "7"
substances:
  - {name: A1lpha, atc: [C07AB02], limitz: [{single: 1 mg}]}
  - name: Beta1
    name: Beta1
    limits: {single: 1 mg}
`
	_, err := Load([]byte(bad))
	m, ok := errors.AsType[Mistakes](err)
	if !ok || fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Say(err).DE, "3 Fehler") {
		t.Fatalf("got %v", err)
	}
	if got, want := m.In(lang.EN), "3: There is no “limitz” here.\n5: “name” stands here twice.\n6: A list is expected here."; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	const wrong = `version: "7"
approved_by: Brandt
groups: [{id: g, de: Gruppe, within: maybe, cross: [{group: none, level: stop}]}]
substances:
  - {name: Alpha, atc: [C07], pzn: [x], class: [nope], groups: [nope], high_risk: sometimes}
  - {name: ALPHA, limits: [{single: 5.000 IE}, {route: beam, single: 1 Tbl.}, {single: 2 g, daily: 1 g}, {single: 1 mg, daily: 5 IE}, {route: iv}]}
  - {name: Gamma, renal: [{level: stop, de: Nein.}], age: [{level: warn, de: Nein.}], pregnancy: {level: x, de: Nein.}}
  - {name: 100 mg}
`
	_, err = Load([]byte(wrong))
	m, _ = errors.AsType[Mistakes](err)
	got := m.In(lang.DE)
	for _, want := range []string{
		"1: „approved_by“ und „approved_on“ gehören zusammen.", "3: „maybe“ ist keine Stufe", "3: Die Gruppe „none“ gibt es nicht.",
		"5: „C07“ ist kein ATC-Code", "5: „x“ ist keine PZN", "5: Die Klasse „nope“", "5: Die Gruppe „nope“", "5: high_risk",
		"6: „ALPHA“ steht schon bei „Alpha“.", "6: „5.000 IE“: Punkt oder Komma ist mehrdeutig", "6: „beam“ ist kein bekannter Weg", "6: „1 Tbl.“ kann keine Höchstdosis sein.",
		"6: Die Tageshöchstdosis ist kleiner", "6: „5 IE“ hat eine andere Einheit", "6: Eine Höchstdosis ohne Menge.",
		"7: Zur Niere fehlt", "7: Zum Alter fehlt", "7: „x“ ist keine Stufe",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("not told: %s\ngot\n%s", want, got)
		}
	}
	for _, text := range []string{"", "version: [", "- a\n- b\n", "version: 1\n---\nversion: 2\n", "\xff", "substances: []\nversion: '1'", strings.Repeat("[", 5000), "a: &x 1\nb: *x\n", "substances: [~]", "version: !!int 3"} {
		if _, err := Load([]byte(text)); err == nil {
			t.Errorf("%.20q was taken", text)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("version: 1\nsubstances:\n  - {name: A, limits: [{single: 1 mg}]}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := Load(b)
		if (table == nil) == (err == nil) {
			t.Fatalf("table %v, error %v", table, err)
		}
		if m, ok := errors.AsType[Mistakes](err); err != nil && (!ok || len(m) == 0 || m[0].Line < 1) {
			t.Errorf("%v", err)
		}
	})
}

// Whatever a prescription says, the answer names a dose or says why not, and
// what is written never changes what was found by the code.
func FuzzCheck(f *testing.F) {
	f.Add("Beloc-Zok mite", "Metoprololsuccinat", "47,5 mg", "1 Tbl.", "1-0-1-0", "Q6H", "2 ml/h", "4 x 1", "Penicillin")
	f.Add("Pip/Taz + x und", "", "4/0,5 g", "½", "a-b-c", "alle 0 h", "/h", "max.", "|")
	table := mustDefault(f)
	f.Fuzz(func(t *testing.T, name, substance, strength, dose, scheme, interval, rate, most, allergy string) {
		facts := anna()
		facts.Allergies = []clinical.Allergy{{To: clinical.Coded{Text: allergy}}, {To: clinical.Coded{Text: "Betablocker"}}, {To: clinical.Coded{Code: "C07AB02", System: "ATC"}}}
		p := clinical.Prescription{Drug: clinical.Coded{Text: name, Code: "C07AB02", System: "ATC"}, Substance: substance, Strength: strength,
			Dose: dose, Scheme: scheme, Interval: interval, Rate: rate, MaxDaily: most, Route: "p.o."}
		r := table.Check(p, facts)
		if !slices.ContainsFunc(r.Findings, func(x Finding) bool { return x.Kind == AllergyFound && x.Severity == Stop }) {
			t.Errorf("the allergy to the coded drug was lost: %+v", r.Findings)
		}
		if r.Daily == (lang.Text{}) && !slices.ContainsFunc(r.Unchecked, func(x Finding) bool { return x.Kind == MaxDaily }) {
			t.Errorf("no daily dose, and nothing said: %+v", r.Unchecked)
		}
		for _, x := range slices.Concat(r.Findings, r.Unchecked) {
			if x.Text.DE == "" || x.Text.EN == "" || x.Severity < Note || x.Severity > Stop {
				t.Error(fmt.Sprintf("%+v", x))
			}
		}
	})
}
