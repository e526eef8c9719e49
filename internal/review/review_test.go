package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// The world of these tests: ward 3A with patients p0 … p299 who came on Monday
// the 16th, ward 3B with q; a nurse of 3A, a clerk for the house, a physician
// without wards, somebody of IT. The week reviewed is that of the 16th.

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC)
}

func week() Span { return Span{at(16, 0, 0), at(23, 0, 0)} }

func world() *World {
	w := &World{Zone: time.UTC, People: map[string]Person{
		"weber": {Name: "S. Wiesner", Roles: []string{"nurse"}, Wards: []string{"3A"}},
		"kurz":  {Name: "M. Kurz", Roles: []string{"admission"}},
		"arzt":  {Name: "Dr. J. Brandt", Roles: []string{"physician"}},
		"it":    {Name: "R. Vogel", Roles: []string{"it"}},
	}, Patients: map[clinical.PatientKey]Patient{}, Flagged: map[clinical.PatientKey]string{}}
	for i := range 300 {
		w.Patients[pt(i)] = Patient{Surname: "nachtwald", Stays: []Stay{{Ward: "3A", From: at(16, 8, 0)}}}
	}
	w.Patients["q"] = Patient{Surname: "wiesner", Stays: []Stay{{Ward: "3B", From: at(1, 8, 0), To: at(10, 8, 0)}}}
	return w
}

func pt(i int) clinical.PatientKey { return clinical.PatientKey(fmt.Sprintf("p%d", i)) }

// reads are looks of one person at n patients, a minute apart.
func reads(who string, from time.Time, n int) []Access {
	var out []Access
	for i := range n {
		out = append(out, Access{Ref: fmt.Sprintf("%s-%d", who, i), System: "Notbetrieb", At: from.Add(time.Duration(i) * time.Minute), Person: who, Deed: Looked, Patient: pt(i), What: "chart"})
	}
	return out
}

func deeds(list []Access, d Deed) []Access {
	for i := range list {
		list[i].Deed = d
	}
	return list
}

// looked is a review that nobody stops.
func looked(all []Access, w *World, r Rules) Outcome {
	o, err := Look(context.Background(), all, w, r, week())
	if err != nil {
		panic(err)
	}
	return o
}

func found(rule string, all []Access, w *World, change ...func(*Rules)) []Hit {
	r := Default()
	for _, c := range change {
		c(&r)
	}
	var out []Hit
	for _, h := range looked(all, w, r).Hits {
		if h.Rule == rule {
			out = append(out, h)
		}
	}
	return out
}

func TestRelation(t *testing.T) {
	t.Parallel()
	one := func(key clinical.PatientKey, when time.Time) Access {
		return Access{At: when, Person: "weber", Deed: Looked, Patient: key}
	}
	atLeastOne := func(r *Rules) { r.Relation.Least = 1 }
	for name, c := range map[string]struct {
		a    Access
		duty []Duty
		hit  bool
	}{
		"own ward":                         {one("p1", at(17, 10, 0)), nil, false},
		"a day before the stay":            {one("p1", at(16, 7, 0)), nil, false},
		"another ward":                     {one("q", at(18, 10, 0)), nil, true},
		"another ward, while on duty":      {one("q", at(12, 10, 0).AddDate(0, 0, 4)), []Duty{{Person: "weber", From: at(16, 0, 0), To: at(17, 0, 0), Wards: []string{"3B"}}}, true}, // left on the 10th
		"never heard of":                   {one("zzz", at(17, 10, 0)), nil, false},                                                                                                  // nobody can say who treats them
		"duty for the house does not help": {one("q", at(17, 10, 0)), []Duty{{Person: "weber", From: at(17, 9, 0), To: at(17, 12, 0)}}, true},
	} {
		w := world()
		w.Duties = c.duty
		if got := found("relation", []Access{c.a}, w, atLeastOne); (len(got) > 0) != c.hit {
			t.Errorf("%s: %d hits", name, len(got))
		}
	}
	w := world()
	w.Patients["q"] = Patient{Stays: []Stay{{Ward: "3B", From: at(16, 8, 0)}}}
	w.Duties = []Duty{{Person: "weber", From: at(17, 9, 0), To: at(17, 12, 0), Wards: []string{"3B"}}}
	if got := found("relation", []Access{one("q", at(17, 10, 0)), one("q", at(17, 13, 0))}, w, atLeastOne); len(got) != 1 || got[0].Count != 1 {
		t.Errorf("on duty for 3B until noon: %+v", got)
	}
	// Somebody without wards works for the house; somebody of IT treats nobody.
	for who, hits := range map[string]int{"arzt": 0, "kurz": 0, "it": 1, "nobody": 0} {
		if got := found("relation", reads(who, at(17, 10, 0), 5), world()); len(got) != hits {
			t.Errorf("%s: %d hits", who, len(got))
		}
	}
	o := looked(reads("nobody", at(17, 10, 0), 5), world(), Default())
	if o.Strangers != 5 {
		t.Errorf("%d accesses of strangers", o.Strangers)
	}
}

func TestMass(t *testing.T) {
	t.Parallel()
	usual := func(n int) (out []Access) {
		for d := 1; d <= 10; d++ {
			out = append(out, reads("kurz", at(d, 9, 0), n)...)
		}
		return out
	}
	for name, c := range map[string]struct {
		all  []Access
		hits int
	}{
		"200 in a night, nothing known":  {reads("kurz", at(18, 1, 0), 200), 1},
		"200 where 150 are usual":        {append(usual(150), reads("kurz", at(18, 9, 0), 200)...), 0},
		"200 where 20 are usual":         {append(usual(20), reads("kurz", at(18, 9, 0), 200)...), 1},
		"39 are too few":                 {reads("kurz", at(18, 1, 0), 39), 0},
		"200 looks at one patient":       {sameSubject(reads("kurz", at(18, 1, 0), 200)), 0},
		"200 lines of a list":            {deeds(reads("kurz", at(18, 1, 0), 200), Listed), 0},
		"the week before does not count": {reads("kurz", at(10, 1, 0), 200), 0},
	} {
		got := found("mass", c.all, world())
		if len(got) != c.hits {
			t.Errorf("%s: %d hits", name, len(got))
		}
		for _, h := range got {
			if len(h.Patients) != 200 || h.Count != 200 || len(h.Why) == 0 || h.Unknown.DE == "" || h.Unknown.EN == "" {
				t.Errorf("%s: %d patients, %d reasons", name, len(h.Patients), len(h.Why))
			}
		}
	}
	// The same accesses are the same hit, whatever else is there.
	a := found("mass", reads("kurz", at(18, 1, 0), 200), world())
	b := found("mass", append(reads("arzt", at(17, 1, 0), 60), reads("kurz", at(18, 1, 0), 200)...), world())
	if i := slices.IndexFunc(b, func(h Hit) bool { return h.ID == a[0].ID }); i < 0 {
		t.Error("the hit has another ID")
	}
}

func sameSubject(list []Access) []Access {
	for i := range list {
		list[i].Patient = "p1"
	}
	return list
}

func TestHours(t *testing.T) {
	t.Parallel()
	nights := func() (out []Access) {
		for d := 1; d <= 14; d++ {
			out = append(out, reads("kurz", at(d, 2, 0), 20)...)
		}
		return out
	}
	for name, c := range map[string]struct {
		all  []Access
		duty []Duty
		hits int
	}{
		"a clerk at two":                  {reads("kurz", at(18, 2, 0), 10), nil, 1},
		"a clerk at ten":                  {reads("kurz", at(18, 10, 0), 10), nil, 0},
		"a nurse at two":                  {reads("weber", at(18, 2, 0), 10), nil, 0},
		"a clerk who always works at two": {append(nights(), reads("kurz", at(18, 2, 0), 10)...), nil, 0},
		"and now at ten":                  {append(nights(), reads("kurz", at(18, 10, 0), 10)...), nil, 1},
		"a clerk on duty at two":          {reads("kurz", at(18, 2, 0), 10), []Duty{{Person: "kurz", From: at(17, 20, 0), To: at(18, 6, 0)}}, 0},
	} {
		w := world()
		w.Duties = c.duty
		if got := found("hours", c.all, w); len(got) != c.hits {
			t.Errorf("%s: %d hits", name, len(got))
		}
	}
}

func TestBeforeChange(t *testing.T) {
	t.Parallel()
	w := world()
	w.Alters = []Alter{{Ref: "x", Patient: "p1", At: at(18, 12, 0), By: "EVN-5 kurz Kurz M"}}
	read := func(who string, when time.Time, d Deed) Access {
		return Access{At: when, Person: who, Deed: d, Patient: "p1"}
	}
	for name, c := range map[string]struct {
		a      Access
		hits   int
		points int
	}{
		"an hour before, named":         {read("kurz", at(18, 11, 0), Looked), 1, 70},
		"an hour before, own patient":   {read("weber", at(18, 11, 0), Looked), 1, 35},
		"an hour before, nothing to do": {read("it", at(18, 11, 0), Looked), 1, 70},
		"afterwards":                    {read("kurz", at(18, 12, 1), Looked), 0, 0},
		"two days before":               {read("kurz", at(16, 11, 0), Looked), 0, 0},
		"only searched":                 {read("kurz", at(18, 11, 0), Searched), 0, 0},
		"before the week, within a day": {read("kurz", at(18, 11, 59), Printed), 1, 70},
	} {
		got := found("before-change", []Access{c.a}, w)
		if len(got) != c.hits || len(got) > 0 && got[0].Points != c.points {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSearchesGlassAndTakeOut(t *testing.T) {
	t.Parallel()
	idle := deeds(reads("kurz", at(18, 10, 0), 30), Searched)
	for i := range idle {
		idle[i].Patient = ""
	}
	if got := found("searches", idle, world()); len(got) != 1 || got[0].Count != 30 {
		t.Errorf("30 searches: %+v", got)
	}
	opened := slices.Clone(idle)
	for _, a := range idle {
		opened = append(opened, Access{At: a.At.Add(30 * time.Second), Person: "kurz", Deed: Looked, Patient: "p1"})
	}
	if got := found("searches", opened, world()); len(got) != 0 {
		t.Errorf("each search led to a chart: %+v", got)
	}
	glass := reads("it", at(18, 10, 0), 4)
	for i := range glass {
		glass[i].Glass, glass[i].Reason, glass[i].Session = true, "Schnittstelle prüfen", fmt.Sprint(i)
	}
	if got := found("glass", glass, world()); len(got) != 1 || !strings.Contains(got[0].Against[0].DE, "Schnittstelle prüfen") {
		t.Errorf("four reasons: %+v", got)
	}
	if got := found("take-out", deeds(reads("weber", at(18, 10, 0), 9), Printed), world()); len(got) != 0 {
		t.Errorf("nine prints: %+v", got)
	}
	if got := found("take-out", deeds(reads("weber", at(18, 10, 0), 1), Exported), world()); len(got) != 1 {
		t.Errorf("one export: %+v", got)
	}
}

func TestOwnNameAndFlagged(t *testing.T) {
	t.Parallel()
	w := world()
	look := func(who string, key clinical.PatientKey) []Access {
		return []Access{{At: at(18, 10, 0), Person: who, Deed: Looked, Patient: key}}
	}
	if got := found("own-name", look("weber", "q"), w); len(got) != 1 {
		t.Errorf("the same surname: %+v", got)
	}
	if got := found("own-name", look("weber", "q"), w, func(r *Rules) { r.Own.Common = []string{"Wiesner"} }); len(got) != 0 {
		t.Errorf("a surname of many: %+v", got)
	}
	w.People["it"] = Person{Name: "R. Vogel", Roles: []string{"it"}, Own: []clinical.PatientKey{"p7"}}
	if got := found("own-name", look("it", "p7"), w); len(got) != 1 || got[0].Points != 50 {
		t.Errorf("the own record: %+v", got)
	}
	w.Flagged["p3"] = "Kollegin"
	if got := found("flagged", look("it", "p3"), w); len(got) != 1 || !strings.Contains(got[0].Why[0].DE, "Kollegin") {
		t.Errorf("a colleague: %+v", got)
	}
	if got := found("flagged", look("weber", "p3"), w); len(got) != 0 {
		t.Errorf("a colleague on the own ward: %+v", got)
	}
}

func TestEveryRuleCanBeSwitchedOffAndExplainsItself(t *testing.T) {
	t.Parallel()
	for _, id := range IDs() {
		if Name(id).DE == "" || Name(id).EN == "" || unknown(id).DE == "" || unknown(id).EN == "" {
			t.Errorf("%s does not explain itself", id)
		}
	}
	var off strings.Builder
	for _, id := range IDs() {
		off.WriteString(id + ":\n  on: false\n")
	}
	r, err := Load([]byte(off.String()))
	if err != nil {
		t.Fatal(err)
	}
	if o := looked(reads("kurz", at(18, 1, 0), 200), world(), r); len(o.Hits) != 0 || o.Accesses != 200 {
		t.Errorf("%d hits of no rule", len(o.Hits))
	}
}

func TestRulesAreReadStrictly(t *testing.T) {
	t.Parallel()
	if r, err := Load([]byte(Default().Text(lang.DE))); err != nil || fmt.Sprint(r) != fmt.Sprint(Default()) {
		t.Fatalf("the rules as written are not those that are read: %v\n%s", err, Default().Text(lang.DE))
	}
	if r, err := Load([]byte("relation:\n  ahead: 12h\n")); err != nil || r.Relation.Ahead != 12*time.Hour || r.Relation.Points != 40 || r.Mass.Least != 40 {
		t.Errorf("%+v %v", r.Relation, err)
	}
	for _, text := range []string{"mas:\n  on: true\n", "mass:\n  leest: 4\n", "mass:\n  least: viele\n", "mass:\n  least: 0\n", "mass:\n  points: 101\n", "relation:\n  ahead: -1h\n", "hours:\n  roles: {it: \"8-17\"}\n", "hours:\n  share: 2\n", "mass:\n  times: 0.5\n", "- 1\n", "\t", strings.Repeat("#", maxRules+1)} {
		if _, err := Load([]byte(text)); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}
