package entry

import (
	"slices"
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

var eight = time.Date(2026, 11, 21, 8, 5, 30, 0, time.UTC)

func filledIn(t *testing.T, kind string, now time.Time, typed map[string]string) (*Filled, []Mistake) {
	t.Helper()
	return FormOf(kind).Fill(func(n string) string { return typed[n] }, nil, About{Now: now, By: clinical.Staff{ID: "arzt", Name: "Dr. J. Brandt"}})
}

// with returns typed with changes.
func with(typed map[string]string, pairs ...string) map[string]string {
	out := map[string]string{}
	for k, v := range typed {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func TestWhatIsPrescribedIsWhatWasTyped(t *testing.T) {
	t.Parallel()
	base := map[string]string{"drug": "Ramipril", "strength": "5 mg", "dose": "1 Tbl.", "route": "p.o."}
	for _, c := range []struct {
		name  string
		typed map[string]string
		times []clinical.DayTime
		start time.Time
	}{
		{"a scheme", with(base, "scheme", "1-0-1-0"), []clinical.DayTime{480, 1080}, eight.Truncate(time.Minute)},
		{"three figures", with(base, "scheme", "1 - 1 - 1"), []clinical.DayTime{480, 720, 1080}, eight.Truncate(time.Minute)},
		{"halves and a night", with(base, "scheme", "½-0-0-0,5"), []clinical.DayTime{480, 1320}, eight.Truncate(time.Minute)},
		{"times", with(base, "times", "20:00 8.00"), []clinical.DayTime{480, 1200}, eight.Truncate(time.Minute)},
		{"whole hours", with(base, "times", "8, 20 Uhr"), []clinical.DayTime{480, 1200}, eight.Truncate(time.Minute)},
		{"times go before the scheme's", with(base, "scheme", "1-0-1", "times", "07:00 19:00"), []clinical.DayTime{420, 1140}, eight.Truncate(time.Minute)},
		{"every eight hours from now", with(base, "interval", "alle 8 h"), []clinical.DayTime{15, 495, 975}, eight.Truncate(time.Minute)},
		{"Q6H from a begin", with(base, "interval", "Q6H", "start", "18:00"), []clinical.DayTime{0, 360, 720, 1080}, time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)},
		{"every 36 hours is no part of a day", with(base, "interval", "alle 36 h"), nil, eight.Truncate(time.Minute)},
		{"tomorrow", with(base, "scheme", "1-0-0", "start", "morgen 08:00"), []clinical.DayTime{480}, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)},
		{"an infusion", with(base, "dose", "", "rate", "2 ml/h"), nil, eight.Truncate(time.Minute)},
	} {
		f, wrong := filledIn(t, PrescriptionForm, eight, c.typed)
		if len(wrong) > 0 {
			t.Errorf("%s: %+v", c.name, wrong)
			continue
		}
		p := f.Prescription(clinical.Prescription{}, "NB1", UsualTimes())
		if !slices.Equal(p.Times, c.times) || !p.Start.Equal(c.start) || p.Placer != "NB1" || p.By.ID != "arzt" {
			t.Errorf("%s: times %v from %v: %+v", c.name, p.Times, p.Start, p)
		}
		if want := clinical.InProgress; p.Start.After(eight) {
			want = clinical.Scheduled
			if p.Status != want {
				t.Errorf("%s: %s", c.name, p.Status)
			}
		}
	}
}

func TestAPrescriptionThatCannotBeGivenIsRefused(t *testing.T) {
	t.Parallel()
	base := map[string]string{"drug": "Ramipril", "dose": "1 Tbl.", "route": "p.o.", "scheme": "1-0-1-0"}
	for name, c := range map[string]struct {
		typed map[string]string
		field string
	}{
		"no drug":               {with(base, "drug", ""), "drug"},
		"no route":              {with(base, "route", ""), "route"},
		"no dose":               {with(base, "dose", ""), "dose"},
		"no time":               {with(base, "scheme", ""), "scheme"},
		"a scheme of nothing":   {with(base, "scheme", "0-0-0"), "scheme"},
		"words for a scheme":    {with(base, "scheme", "morgens"), "scheme"},
		"a time of no day":      {with(base, "times", "25:00"), "times"},
		"a time twice":          {with(base, "times", "08:00 8:00"), "times"},
		"scheme against times":  {with(base, "times", "08:00"), "times"},
		"as needed, no maximum": {with(base, "scheme", "", "needed", "1", "indication", "Schmerz"), "most"},
		"as needed, for what":   {with(base, "scheme", "", "needed", "1", "most", "4 g"), "indication"},
		"a begin of no time":    {with(base, "start", "bald"), "start"},
		"the end before it":     {with(base, "start", "morgen 08:00", "end", "21.11. 10:00"), "end"},
	} {
		_, wrong := filledIn(t, PrescriptionForm, eight, c.typed)
		if len(wrong) != 1 || wrong[0].Field != c.field {
			t.Errorf("%s: %+v", name, wrong)
		}
	}
	if _, wrong := filledIn(t, PrescriptionForm, eight, base); len(wrong) > 0 {
		t.Errorf("a right one: %+v", wrong)
	}
}

func TestAChangeKeepsTheNumbersAndTheCodeOfTheDrug(t *testing.T) {
	t.Parallel()
	was := clinical.Prescription{
		Placer: "90001", Filler: "A7", Drug: clinical.Coded{Code: "C09AA05", Text: "Ramipril 5 mg", System: "ATC"}, Substance: "Ramipril",
		Strength: "5 mg", Dose: "1 Tbl.", Scheme: "1-0-1-0", Times: []clinical.DayTime{450, 1110}, Route: "p.o.", MaxDaily: "10 mg", Indication: "Hypertonie", Note: "RR vorher",
	}
	f, wrong := filledIn(t, PrescriptionForm, eight, with(PrescriptionFields(was), "dose", "0,5 Tbl."))
	if len(wrong) > 0 {
		t.Fatalf("%+v", wrong)
	}
	p := f.Prescription(was, "NB1", UsualTimes())
	if p.Key() != was.Key() || p.Filler != "A7" || p.Drug != was.Drug || p.Substance != "Ramipril" || p.Dose != "0,5 Tbl." || !slices.Equal(p.Times, was.Times) ||
		p.MaxDaily != was.MaxDaily || p.Indication != was.Indication || p.Note != was.Note || p.Route != was.Route {
		t.Errorf("%+v", p)
	}
	f, _ = filledIn(t, PrescriptionForm, eight, with(PrescriptionFields(was), "drug", "Candesartan 8 mg"))
	if p := f.Prescription(was, "NB1", UsualTimes()); p.Drug.Code != "" || p.Substance != "" {
		t.Errorf("another drug keeps the code of the old one: %+v", p.Drug)
	}
}

func TestADoseSaysWhatHappened(t *testing.T) {
	t.Parallel()
	rx := clinical.Prescription{Placer: "M1", Drug: clinical.Coded{Text: "Heparin"}, Route: "s.c."}
	due := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		typed  map[string]string
		wrong  string
		amount string
		reason string
		until  time.Time
	}{
		{name: "given", typed: map[string]string{"status": "given", "amount": "5 000 IE"}, amount: "5 000 IE"},
		{name: "given without an amount", typed: map[string]string{"status": "given"}, wrong: "amount"},
		{name: "refused", typed: map[string]string{"status": "refused", "amount": "5 000 IE", "why": "will"}, reason: "möchte es nicht"},
		{name: "refused without a reason", typed: map[string]string{"status": "refused"}, wrong: "why"},
		{name: "another reason without words", typed: map[string]string{"status": "not-given", "why": "other"}, wrong: "words"},
		{name: "another reason", typed: map[string]string{"status": "not-given", "why": "other", "words": "Bett leer"}, reason: "Bett leer"},
		{name: "postponed past midnight", typed: map[string]string{"status": "postponed", "why": "away", "until": "01:00"}, reason: "nicht auf Station (OP, Untersuchung)", until: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)},
		{name: "postponed to no time", typed: map[string]string{"status": "postponed", "why": "away", "until": "später"}, wrong: "until"},
		{name: "alone", typed: map[string]string{"status": "given", "amount": "1", "alone": "nachts"}, amount: "1", reason: "ohne Doppelkontrolle: nachts"},
		{name: "no such thing", typed: map[string]string{"status": "thrown"}, wrong: "status"},
	} {
		f, wrong := filledIn(t, DoseForm, eight, c.typed)
		if c.wrong != "" {
			if len(wrong) != 1 || wrong[0].Field != c.wrong {
				t.Errorf("%s: %+v", c.name, wrong)
			}
			continue
		}
		if len(wrong) > 0 {
			t.Errorf("%s: %+v", c.name, wrong)
			continue
		}
		d := f.Dose(rx, due, "NB7")
		if d.ID != "NB7" || d.Prescription != "M1" || !d.Due.Equal(due) || d.Amount != c.amount || d.Reason != c.reason || !d.Until.Equal(c.until) || d.Route != "s.c." {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

func TestTimesToCome(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 11, 21, 23, 50, 0, 0, time.UTC)
	at := func(month time.Month, day, h, m int) time.Time {
		return time.Date(2026, month, day, h, m, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		text       string
		now        time.Time
		next, near time.Time
	}{
		{"00:30", late, at(11, 22, 0, 30), at(11, 22, 0, 30)},
		{"23:30", late, at(11, 22, 23, 30), at(11, 21, 23, 30)},
		{"10:00", eight, at(11, 21, 10, 0), at(11, 21, 10, 0)},
		{"07:00", eight, at(11, 22, 7, 0), at(11, 21, 7, 0)},
		{"08:05", eight, at(11, 21, 8, 5), at(11, 21, 8, 5)},
		{"heute 18 Uhr", eight, time.Time{}, time.Time{}},
		{"heute 18:00", eight, at(11, 21, 18, 0), at(11, 21, 18, 0)},
		{"morgen 08:00", eight, at(11, 22, 8, 0), at(11, 22, 8, 0)},
		{"25.12. 08:00", eight, at(12, 25, 8, 0), at(12, 25, 8, 0)},
		{"25.12.", eight, at(12, 25, 23, 59), at(12, 25, 0, 0)},
		{"21.11.", eight, at(11, 21, 23, 59), at(11, 21, 8, 5)},
		{"bald", eight, time.Time{}, time.Time{}},
		{"", eight, time.Time{}, time.Time{}},
		{"99.99. 08:00", eight, time.Time{}, time.Time{}},
	} {
		for what, x := range map[string]struct {
			parse func(string, time.Time) (time.Time, bool)
			want  time.Time
		}{"next": {ParseNext, c.next}, "near": {ParseNear, c.near}} {
			got, ok := x.parse(c.text, c.now)
			if ok == x.want.IsZero() || ok && !got.Equal(x.want) {
				t.Errorf("%q %s: %v %v, want %v", c.text, what, got, ok, x.want)
			}
		}
	}
	if d, ok := ParseNext("03.01. 08:00", eight); !ok || d.Year() != 2027 {
		t.Errorf("a day of the next year: %v", d)
	}
}

func FuzzTimesToCome(f *testing.F) {
	for _, s := range []string{"08:00", "morgen 08:00", "25.12.", "T", "99.99. 99:99", "0800"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at, ok := ParseNext(s, eight); ok && at.Before(eight.Truncate(time.Minute)) && !strings.ContainsAny(s, ".-") && !strings.Contains(strings.ToLower(s), "stern") && !strings.Contains(strings.ToLower(s), "yesterday") && !strings.Contains(strings.ToLower(s), "heute") && !strings.Contains(strings.ToLower(s), "today") && !strings.Contains(s, " ") && !strings.Contains(s, "T") {
			t.Errorf("%q is %v, before now", s, at)
		}
		_, _ = ParseNear(s, eight)
		_, _ = clockTimes(s)
		_, _ = schemeTimes(s, UsualTimes())
	})
}

func TestAPrescriptionIsOneLine(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]clinical.Prescription{
		"Ramipril 5 mg Tablette 1 Tbl. 1-0-1-0 p.o.":                             {Drug: clinical.Coded{Text: "Ramipril 5 mg"}, Strength: "5 mg", Form: "Tablette", Dose: "1 Tbl.", Scheme: "1-0-1-0", Times: []clinical.DayTime{480, 1080}, Route: "p.o."},
		"Heparin 5 000 IE 08:00 20:00 s.c.":                                      {Drug: clinical.Coded{Text: "Heparin"}, Dose: "5 000 IE", Times: []clinical.DayTime{480, 1200}, Route: "s.c."},
		"Novaminsulfon 20 Tr. p.o. bei Bedarf, höchstens 4 × 20 Tropfen in 24 h": {Drug: clinical.Coded{Text: "Novaminsulfon"}, Dose: "20 Tr.", Route: "p.o.", AsNeeded: true, MaxDaily: "4 × 20 Tropfen"},
		"Cefuroxim 1,5 g alle 8 h (06:00 14:00 22:00) i.v.":                      {Drug: clinical.Coded{Text: "Cefuroxim"}, Dose: "1,5 g", Interval: "alle 8 h", Times: []clinical.DayTime{360, 840, 1320}, Route: "i.v."},
		"Noradrenalin 2 ml/h i.v.":                                               {Drug: clinical.Coded{Text: "Noradrenalin"}, Rate: "2 ml/h", Route: "i.v."},
	} {
		if got := RxLine(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
