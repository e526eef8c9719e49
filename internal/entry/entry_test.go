package entry

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

const rootKey = "0191f0f0f0f07000800000000000abcd"

func TestAnEntryComesBackFromTheJournalAsItWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 8, 5, 0, 0, time.UTC)
	v := 38.4
	e := Entry{
		Key: rootKey, Root: rootKey, Form: "vitals", State: Signed, Patient: "k", Case: "4711", At: at, Written: at.Add(time.Hour),
		By: clinical.Staff{ID: "pflege", Name: "S. Weber"}, IDs: []clinical.Identifier{{Value: "100", Authority: "HAUS"}},
		Fields: map[string]string{"temp": "38,4"},
		Facts: Facts{
			clinical.Result{Filler: "NB1", Value: "38,4", Number: &v, At: at},
			clinical.Demographics{Name: clinical.Say(clinical.Name{Family: "Müller"}), Sex: clinical.Clear[clinical.Sex](), Birth: clinical.Say(clinical.Date{Year: 1951})},
			clinical.StayDetails{Class: clinical.Say(clinical.Inpatient)}, clinical.Movement{ID: "1", Action: clinical.Insert},
			clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Penicillin"}}, Action: clinical.Cancel},
			clinical.Notice{Result: "x", By: clinical.Staff{ID: "a"}, At: at}, clinical.Dose{ID: "d", Status: clinical.Given},
		},
	}
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, e) {
		t.Errorf("came back as\n%+v, was\n%+v", got, e)
	}
	if !got.Late() {
		t.Error("written an hour later and not late")
	}
	for _, bad := range []string{"", "{}", `{"v":9}`, `{"v":1,"facts":[{"k":"novelty","f":{}}]}`, `{"v":1,"facts":[{"k":"result","f":7}]}`} {
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func TestEveryFactOfAnEntryHasAKind(t *testing.T) {
	t.Parallel()
	for kind, typ := range kinds {
		f := reflect.New(typ).Elem().Interface().(clinical.Fact)
		b, err := Facts{f}.MarshalJSON()
		if err != nil || !strings.Contains(string(b), `"`+kind+`"`) {
			t.Errorf("%s: %s %v", kind, b, err)
		}
	}
	if _, err := (Facts{clinical.Draft{}}).MarshalJSON(); err == nil {
		t.Error("a draft is no fact of an entry")
	}
}

func TestAnIncompleteEntryIsNotKept(t *testing.T) {
	t.Parallel()
	now := time.Now()
	good := Entry{Key: rootKey, Root: rootKey, Form: "vitals", State: Signed, By: clinical.Staff{ID: "a"}, At: now, Written: now}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Entry){
		"key": func(e *Entry) { e.Key = "zz" }, "root": func(e *Entry) { e.Root = "other" }, "form": func(e *Entry) { e.Form = "" },
		"state": func(e *Entry) { e.State = "maybe" }, "author": func(e *Entry) { e.By = clinical.Staff{} },
		"time": func(e *Entry) { e.At = time.Time{} }, "withdrawn": func(e *Entry) { e.Withdrawn = true },
	} {
		e := good
		change(&e)
		if e.Check() == nil {
			t.Errorf("without a good %s it is kept", name)
		}
	}
}

func TestNumbersAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"38,4": 38.4, "38.4": 38.4, "72": 72, " 120 ": 120, "0,125": 0.125, "0.125": 0.125, "3,500": 3.5} {
		if got, ok := ParseNumber(text); !ok || got != want {
			t.Errorf("%q = %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "5.000", "1e3", "NaN", "inf", "0x10", "3,4,5", "12 000", "achtzig", "1_0", "+-2", "38,4°"} {
		if got, ok := ParseNumber(text); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	for text, want := range map[string][2]float64{"120/80": {120, 80}, "120 80": {120, 80}, "120": {120, 0}, "120-80": {120, 80}} {
		if up, down, ok := ParsePressure(text); !ok || up != want[0] || down != want[1] {
			t.Errorf("%q = %v/%v %v", text, up, down, ok)
		}
	}
	for _, text := range []string{"", "/", "120/80/60", "120/x", "120/0"} {
		if _, _, ok := ParsePressure(text); ok {
			t.Errorf("%q was read", text)
		}
	}
}

func TestTimesAreRead(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	now := time.Date(2026, 11, 22, 0, 10, 0, 0, zone)
	for text, want := range map[string]string{
		"00:05": "2026-11-22T00:05", "0:05": "2026-11-22T00:05", "0005": "2026-11-22T00:05", "23:50": "2026-11-21T23:50",
		"23.50 Uhr": "2026-11-21T23:50", "gestern 08:00": "2026-11-21T08:00", "20.11. 14:05": "2026-11-20T14:05",
		"20.11.2026 14:05": "2026-11-20T14:05", "31.12. 14:05": "2025-12-31T14:05", "2026-11-20 14:05": "2026-11-20T14:05",
	} {
		got, ok := ParseTime(text, now)
		if !ok || got.Format("2006-01-02T15:04") != want {
			t.Errorf("%q = %v %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "25:00", "8:5", "08:60", "morgen 08:00", "30.02. 08:00", "x 08:00", "-1:30"} {
		if got, ok := ParseTime(text, now); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	for text, want := range map[string]clinical.Date{
		"03.04.1951": {Year: 1951, Month: 4, Day: 3}, "3.4.51": {Year: 1951, Month: 4, Day: 3}, "03041951": {Year: 1951, Month: 4, Day: 3},
		"1951-04-03": {Year: 1951, Month: 4, Day: 3}, "1951": {Year: 1951}, "1.2.26": {Year: 2026, Month: 2, Day: 1}, "29.02.2024": {Year: 2024, Month: 2, Day: 29},
	} {
		if got, ok := ParseDay(text, now); !ok || got != want {
			t.Errorf("%q = %+v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "29.02.2023", "32.01.2000", "1.13.2000", "12", "1.1.1", "99991231", "3000", "-1.2.2000"} {
		if got, ok := ParseDay(text, now); ok {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func fill(t *testing.T, form *Form, sure []string, pairs ...string) (*Filled, []Mistake) {
	t.Helper()
	typed := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		typed[pairs[i]] = pairs[i+1]
	}
	about := About{Now: time.Date(2026, 11, 21, 8, 5, 30, 0, berlin(t)), Birth: clinical.Date{Year: 1951, Month: 4, Day: 3}}
	return form.Fill(func(name string) string { return typed[name] }, sure, about)
}

func TestVitalSignsBecomeResults(t *testing.T) {
	t.Parallel()
	f, wrong := fill(t, vitals, nil, "bp", "190/95", "temp", "38,42", "acvpu", "V", "at", "07:50")
	if len(wrong) != 0 {
		t.Fatal(wrong)
	}
	got := map[string]clinical.Result{}
	for _, fact := range vitals.Says(f, "NBX") {
		r := fact.(clinical.Result)
		got[r.Code.Code] = r
	}
	if r := got["8480-6"]; r.Value != "190" || !r.Above() || r.Filler != "NBX" || r.At.Format("15:04") != "07:50" {
		t.Errorf("%+v", r)
	}
	if r := got["8310-5"]; r.Value != "38,4" || *r.Number != 38.4 || r.Unit != "°C" {
		t.Errorf("%+v", r)
	}
	if r := got["80288-4"]; r.Value != "reagiert auf Ansprache" || r.Number != nil {
		t.Errorf("%+v", r)
	}
	if r := got["NEWS2"]; r.Number != nil || !strings.Contains(r.Comment, "fehlt: Atemfrequenz") {
		t.Errorf("%+v", r)
	}
	if len(got) != 5 {
		t.Errorf("%d results", len(got))
	}
}

func TestWhatCannotBeIsRefusedAndWhatIsUnusualIsAskedAbout(t *testing.T) {
	t.Parallel()
	if _, wrong := fill(t, vitals, nil); len(wrong) != 1 {
		t.Errorf("empty: %v", wrong)
	}
	for name, text := range map[string]string{
		"temp": "384", "pulse": "-1", "bp": "80/120", "spo2": "101", "acvpu": "X", "weight": "0,1", "at": "09:00x", "note": strings.Repeat("ä", 201),
	} {
		_, wrong := fill(t, vitals, []string{name + "=" + text}, name, text, "pain", "3")
		if len(wrong) != 1 || wrong[0].Field != name || wrong[0].Sure != "" {
			t.Errorf("%s=%s: %v", name, text, wrong)
		}
	}
	_, wrong := fill(t, vitals, nil, "temp", "42,1")
	if len(wrong) != 1 || wrong[0].Sure == "" {
		t.Fatalf("%v", wrong)
	}
	if _, again := fill(t, vitals, []string{wrong[0].Sure}, "temp", "42,1"); len(again) != 0 {
		t.Errorf("confirmed and still asked: %v", again)
	}
	if _, other := fill(t, vitals, []string{wrong[0].Sure}, "temp", "43,1"); len(other) != 1 {
		t.Errorf("another value was not asked about: %v", other)
	}
	if _, wrong := fill(t, vitals, nil, "pain", "3", "at", "22.11. 09:00"); len(wrong) != 1 || wrong[0].Field != "at" {
		t.Errorf("tomorrow: %v", wrong)
	}
}

func TestTextsAreCleaned(t *testing.T) {
	t.Parallel()
	f, wrong := fill(t, vitals, nil, "note", " wach\tund\x00 \u202Emunter\xff ", "pain", "0")
	if len(wrong) != 0 || f.Text("note") != "wach und munter\uFFFD" {
		t.Errorf("%q %v", f.Text("note"), wrong)
	}
}

func TestACorrectionTakesBackWhatItNoLongerSays(t *testing.T) {
	t.Parallel()
	v, w := 38.4, 36.4
	temp := clinical.Result{Filler: "NB1", SubID: "temp", Code: loinc("8310-5", "T"), Number: &v, Status: clinical.Final}
	pulse := clinical.Result{Filler: "NB1", SubID: "pulse", Code: loinc("8867-4", "P"), Number: &v, Status: clinical.Final}
	fixed := temp
	fixed.Number = &w
	got := Supersede(Facts{temp, pulse}, Facts{fixed})
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	if r := got[0].(clinical.Result); r.Status != clinical.Withdrawn || r.SubID != "pulse" {
		t.Errorf("%+v", r)
	}
	if r := got[1].(clinical.Result); r.Status != clinical.Corrected || *r.Number != 36.4 {
		t.Errorf("%+v", r)
	}
}

// A chart knows a diagnosis by its words until it has a code: what takes the old
// one back comes before the new one, or it would strike that out.
func TestWhatHasNoNumberIsTakenBackBeforeItIsSaidAnew(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ old, now clinical.Fact }{
		{clinical.Diagnosis{What: clinical.Coded{Text: "Pneumonie"}, Kind: "W", Action: clinical.Insert}, clinical.Diagnosis{What: clinical.Coded{Code: "J18.9", Text: "Pneumonie"}, Kind: "W", Action: clinical.Insert}},
		{clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "penicillin"}}, Action: clinical.Insert}, clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: "Penicillin"}}, Action: clinical.Insert}},
		{clinical.Procedure{What: clinical.Coded{Text: "Punktion"}, Action: clinical.Insert}, clinical.Procedure{What: clinical.Coded{Text: "Punktion"}, Action: clinical.Insert}},
		{clinical.Alert{Kind: clinical.Risk, What: clinical.Coded{Code: "TRIAGE", Text: "rot"}, Action: clinical.Insert}, clinical.Alert{Kind: clinical.Risk, What: clinical.Coded{Code: "TRIAGE", Text: "gelb"}, Action: clinical.Insert}},
	} {
		got := Supersede(Facts{x.old}, Facts{x.now})
		if len(got) != 2 || !reflect.DeepEqual(got[0], Retract(Facts{x.old})[0]) || !reflect.DeepEqual(got[1], x.now) {
			t.Errorf("%T: %+v", x.now, got)
		}
	}
}

func TestEveryFormCanBeDrawn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range Forms() {
		if f.Kind == "" || f.Title.DE == "" || f.Title.EN == "" || f.Right == "" || seen[f.Kind] || FormOf(f.Kind) != f {
			t.Errorf("form %q is not complete or stands twice", f.Kind)
		}
		seen[f.Kind] = true
		names := map[string]bool{AtField: true, "key": true, "root": true, "of": true, "asof": true, "back": true, "reason": true, "sure": true, "act": true}
		for _, x := range f.Fields {
			if x.Name == "" || x.Label.DE == "" || x.Label.EN == "" || names[x.Name] {
				t.Errorf("%s: field %q is not complete, stands twice or has a name of the page's own", f.Kind, x.Name)
			}
			names[x.Name] = true
			if x.Kind == Choice && len(x.Options) == 0 {
				t.Errorf("%s: %s has no options", f.Kind, x.Name)
			}
			if x.Usual != [2]float64{} && (x.Usual[0] < x.Low || x.High != 0 && x.Usual[1] > x.High) {
				t.Errorf("%s: %s: the usual range lies outside of the possible one", f.Kind, x.Name)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"key":"x","facts":[{"k":"dose","f":{"s":"given"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Decode(b)
		if err != nil {
			return
		}
		_ = e.Check()
		_ = e.Changes(clinical.Origin{})
		if _, err := e.Encode(); err != nil {
			t.Skip("holds what JSON cannot say")
		}
	})
}

func FuzzFill(f *testing.F) {
	f.Add("120/80", "38,4", "08:05")
	f.Fuzz(func(t *testing.T, bp, temp, at string) {
		typed := map[string]string{"bp": bp, "temp": temp, "at": at, "note": bp}
		about := About{Now: time.Date(2026, 3, 29, 3, 30, 0, 0, time.UTC)}
		filled, wrong := vitals.Fill(func(n string) string { return typed[n] }, nil, about)
		if len(wrong) > 0 {
			return
		}
		if filled.At.After(about.Now.Add(time.Minute)) {
			t.Errorf("%q lies in the future", at)
		}
		for _, fact := range vitals.Says(filled, "NB") {
			if r := fact.(clinical.Result); r.Number != nil && (*r.Number < 0 || *r.Number > 500) {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestTimesToComeAreRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 15, 0, 0, 0, berlin(t))
	for text, want := range map[string]string{
		"16:00": "2026-11-21T16:00", "14:55": "2026-11-21T14:55", "08:00": "2026-11-22T08:00", "heute 14:00": "2026-11-21T14:00",
		"morgen 08:00": "2026-11-22T08:00", "24.11. 08:00": "2026-11-24T08:00", "15:00": "2026-11-21T15:00",
	} {
		got, ok := ParseComing(text, now)
		if !ok || got.Format("2006-01-02T15:04") != want {
			t.Errorf("%q = %v %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "bald", "25:00", "morgen", "morgen früh"} {
		if got, ok := ParseComing(text, now); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}
