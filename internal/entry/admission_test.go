package entry_test

import (
	"slices"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/entry"
)

// night is a Friday night in November, in the hospital's zone.
var night = time.Date(2026, 11, 20, 23, 12, 30, 0, time.FixedZone("MEZ", 3600))

func fill(t *testing.T, form *entry.Form, about entry.About, values ...string) (*entry.Filled, []entry.Mistake) {
	t.Helper()
	typed := map[string]string{}
	for i := 0; i+1 < len(values); i += 2 {
		typed[values[i]] = values[i+1]
	}
	about.Now = night
	return form.Fill(func(name string) string { return typed[name] }, nil, about)
}

// said returns the facts of a form that has no mistakes.
func said(t *testing.T, form *entry.Form, about entry.About, values ...string) entry.Facts {
	t.Helper()
	f, wrong := fill(t, form, about, values...)
	if len(wrong) > 0 {
		t.Fatalf("%s: %v", form.Kind, wrong)
	}
	return form.Says(f, "NB1")
}

// of returns the facts of one type.
func of[T clinical.Fact](facts entry.Facts) []T {
	var out []T
	for _, f := range facts {
		if x, ok := f.(T); ok {
			out = append(out, x)
		}
	}
	return out
}

func TestAPlaceAndAnIdentifierComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, p := range []clinical.Place{{Ward: "3A"}, {Ward: "3A", Room: "302"}, {Ward: "3A", Room: "302", Bed: "F"}, {Ward: "ZNA", Bed: "4"}, {Ward: "ITS 1", Room: "Box 2", Bed: "A"}} {
		if got, ok := entry.ParsePlace(entry.PlaceText(p)); !ok || got != p {
			t.Errorf("%+v became %+v (%t) over %q", p, got, ok, entry.PlaceText(p))
		}
	}
	for _, bad := range []string{"", " · 302 · F", "a · b · c · d"} {
		if p, ok := entry.ParsePlace(bad); ok {
			t.Errorf("%q is a place: %+v", bad, p)
		}
	}
	for _, id := range []clinical.Identifier{{Value: "4711", Authority: "HAUS"}, {Value: "4711"}} {
		if got := entry.ParseID(entry.IDText(id)); got != id {
			t.Errorf("%+v became %+v", id, got)
		}
	}
}

func TestANewbornIsNamedByTheHouseRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sex, order, given, want string }{
		{"F", "", "", "Tochter"}, {"M", "2", "", "Sohn 2"}, {"U", "1", "", "Kind 1"}, {"F", "2", "Emma", "Emma"},
	} {
		facts := said(t, entry.Birth, entry.About{}, "mother", "4711 @ HAUS", "family", "Baumgarten", "sex", c.sex, "order", c.order, "given", c.given,
			"place", "GEB · 21 · K", "at", "22:51", "weight", "2450")
		d := of[clinical.Demographics](facts)[0]
		name, _ := d.Name.Value()
		born, _ := d.BirthTime.Value()
		mother, _ := d.Mother.Value()
		if name.Family != "Baumgarten" || name.Given != c.want || mother != (clinical.Identifier{Value: "4711", Authority: "HAUS"}) || born.Format("15:04") != "22:51" {
			t.Errorf("%+v: %+v, %v, %v", c, name, mother, born)
		}
		if multiple, _ := d.Multiple.Value(); multiple != (c.order != "") {
			t.Errorf("%+v: multiple birth is %t", c, multiple)
		}
		if w := of[clinical.Result](facts)[0]; w.Value != "2,45" || w.Unit != "kg" {
			t.Errorf("weight %s %s", w.Value, w.Unit)
		}
	}
}

func TestAnUnidentifiedPersonHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	facts := said(t, entry.Unidentified, entry.About{Case: "NF00000017"}, "sex", "M", "age", "40", "triage", "orange", "found", "Bahnhof", "class", "E", "place", "ZNA")
	d := of[clinical.Demographics](facts)[0]
	name, _ := d.Name.Value()
	birth, _ := d.Birth.Value()
	if unknown, _ := d.Unknown.Value(); !unknown || name.Display() != "UNBEKANNT, Fall NF00000017" || birth != (clinical.Date{Year: 1986}) {
		t.Errorf("%+v %+v", name, birth)
	}
	if m := of[clinical.Movement](facts)[0]; m.Kind != clinical.Visit || m.To.Ward != "ZNA" {
		t.Errorf("movement %+v", m)
	}
	if a := of[clinical.Alert](facts)[0]; a.What.Text != "Triage orange" {
		t.Errorf("alert %+v", a)
	}
}

func TestAllergiesAreNoneKnownOnlyIfSomebodySaidSo(t *testing.T) {
	t.Parallel()
	base := []string{"place", "3A", "class", "I"}
	for _, c := range []struct {
		allergy, to string
		none        bool
		n           int
	}{{"", "", false, 0}, {"asked", "", false, 0}, {"none", "", true, 1}, {"some", "Penicillin, Latex", false, 2}, {"none", "Penicillin", false, 1}} {
		got := of[clinical.AllergyFact](said(t, entry.Known, entry.About{}, append([]string{"allergy", c.allergy, "allergies", c.to}, base...)...))
		if len(got) != c.n || c.n > 0 && got[0].NoneKnown != c.none {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	new := []string{"family", "Baumgarten", "given", "Lotte", "sex", "F", "class", "I", "place", "3A"}
	for _, c := range []struct {
		form  *entry.Form
		about entry.About
		add   []string
		field string
		sure  bool
	}{
		{entry.New, entry.About{}, append([]string{"birth", "24.12.2026"}, new...), "birth", false},
		{entry.New, entry.About{}, append([]string{"birth", "1899"}, new...), "birth", true},
		{entry.New, entry.About{}, append([]string{"kvnr", "X110411676"}, new...), "kvnr", true},
		{entry.New, entry.About{}, append([]string{"kvnr", "4711"}, new...), "kvnr", false},
		{entry.Person, entry.About{}, []string{"family", "Baumgarten"}, "family", false},
		{entry.Depart, entry.About{Since: night.Add(-time.Hour)}, []string{"disposition", "01", "at", "21:00"}, entry.AtField, false},
		{entry.Move, entry.About{Since: night.Add(-time.Hour)}, []string{"place", "3A", "at", "22:00"}, entry.AtField, false},
	} {
		_, wrong := fill(t, c.form, c.about, c.add...)
		if len(wrong) != 1 || wrong[0].Field != c.field || (wrong[0].Sure != "") != c.sure {
			t.Errorf("%s %v: %+v", c.form.Kind, c.add, wrong)
		}
	}
}

// What an entry says and its withdrawal takes back is named here for each form.
func TestWithdrawalTakesBackDeathDischargeAndIdentity(t *testing.T) {
	t.Parallel()
	death := entry.Retract(said(t, entry.Death, entry.About{}, "certified", "Dr. Brandt"))
	if d := of[clinical.Demographics](death); len(d) != 1 || !d[0].Died.Cleared() {
		t.Errorf("death: %+v", death)
	}
	out := entry.Retract(said(t, entry.Depart, entry.About{}, "disposition", "01"))
	if m, d := of[clinical.Movement](out), of[clinical.StayDetails](out); len(m) != 1 || m[0].Action != clinical.Cancel || len(d) != 1 || !d[0].Disposition.Cleared() {
		t.Errorf("discharge: %+v", out)
	}
	same := entry.Retract(said(t, entry.Same, entry.About{}, "from", "NP1 @ NOTBETRIEB", "how", "Ausweis"))
	if u := of[clinical.Unmerge](same); len(u) != 1 || !slices.Equal(u[0].From, []clinical.Identifier{{Value: "NP1", Authority: "NOTBETRIEB"}}) {
		t.Errorf("identity: %+v", same)
	}
	name := entry.Retract(said(t, entry.Person, entry.About{}, "family", "Baumgarten", "given", "Lotte"))
	if len(name) != 0 {
		t.Errorf("a name is taken back: %+v", name)
	}
}

// Every form of the admission says facts that the journal can hold.
func TestTheFactsOfEveryFormAreKept(t *testing.T) {
	t.Parallel()
	for _, form := range []*entry.Form{
		entry.Known, entry.New, entry.Unidentified, entry.Birth, entry.Person,
		entry.Move, entry.Leave, entry.Return, entry.Depart, entry.Death, entry.Same,
	} {
		values := []string{"at", "23:10"}
		for _, f := range form.Fields {
			v := "x"
			switch f.Kind {
			case entry.Choice:
				v = f.Options[0].Value
			case entry.Bed:
				v = "3A · 302 · F"
			case entry.Day:
				v = "12.06.1948"
			case entry.Moment:
				v = "22:00"
			case entry.Amount:
				v = entry.Comma(max(f.Low, f.Usual[0]), 0)
			}
			switch f.Name {
			case "kvnr":
				v = "X110411675"
			case "disposition":
				v = "07" // the one that goes with a time of death
			}
			values = append(values, f.Name, v)
		}
		facts := said(t, form, entry.About{Case: "NF1"}, values...)
		b, err := facts.MarshalJSON()
		if err != nil {
			t.Errorf("%s: %v", form.Kind, err)
		}
		var back entry.Facts
		if err := back.UnmarshalJSON(b); err != nil || len(back) != len(facts) || len(facts) == 0 {
			t.Errorf("%s: %d of %d facts come back: %v", form.Kind, len(back), len(facts), err)
		}
	}
}

// A discharge that says that the patient has died says both in one entry, and a
// correction takes back what it no longer says.
func TestADischargeSaysADeath(t *testing.T) {
	t.Parallel()
	alone := said(t, entry.Depart, entry.About{}, "disposition", "07")
	d := of[clinical.Demographics](alone)
	if dead, ok := d[0].Dead.Value(); len(d) != 1 || !dead || !ok || len(of[clinical.Movement](alone)) != 1 {
		t.Fatalf("%+v", alone)
	}
	if known := said(t, entry.Depart, entry.About{Dead: true}, "disposition", "07"); len(of[clinical.Demographics](known)) != 0 {
		t.Errorf("a death that is known is said anew: %+v", known)
	}
	regular := said(t, entry.Depart, entry.About{}, "disposition", "01")
	back := entry.Supersede(alone, regular)
	if d := of[clinical.Demographics](back); len(d) != 1 || !d[0].Died.Cleared() {
		t.Errorf("corrected to a regular discharge: %+v", back)
	}
	if again := entry.Supersede(alone, alone); len(of[clinical.Demographics](again)) != 1 {
		t.Errorf("the death is taken back although it is said again: %+v", again)
	}
	bed := said(t, entry.Death, entry.About{}, "certified", "Dr. Brandt", "leaves", "1")
	if len(of[clinical.Movement](bed)) != 1 || len(of[clinical.StayDetails](bed)) != 1 || len(of[clinical.Demographics](bed)) != 1 {
		t.Errorf("a death with the discharge: %+v", bed)
	}
	kept := entry.Supersede(bed, said(t, entry.Death, entry.About{}, "certified", "Dr. Brandt"))
	if m, s := of[clinical.Movement](kept), of[clinical.StayDetails](kept); len(m) != 1 || m[0].Action != clinical.Cancel || len(s) != 1 || !s[0].Disposition.Cleared() {
		t.Errorf("corrected to a death alone: %+v", kept)
	}
}
