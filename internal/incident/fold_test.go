package incident

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/journal"
)

var at0214 = time.Date(2026, 11, 19, 2, 14, 0, 0, time.UTC)

// play folds a story. Each line is "person step system [word]": the outage is
// the newest one of that system and kind; "drill" makes it an exercise, "alone"
// gives a reason for acting alone, a state name is the state that is set. It
// returns the fold and what became of each line.
func play(t *testing.T, story ...string) (*fold, []Reason) {
	t.Helper()
	f := newFold()
	var got []Reason
	newest := make(map[string]string)
	for i, line := range story {
		w := append(strings.Fields(line), "", "")
		at := at0214.Add(time.Duration(i) * time.Minute)
		e := event{Step: Step(w[1]), System: w[2], Act: actFact{Person: w[0], Name: w[0], At: at, Why: "Probe"}}
		e.Exercise = strings.Contains(line, "drill")
		key := w[2] + map[bool]string{true: " drill"}[e.Exercise]
		if strings.Contains(line, "alone") {
			e.Alone = "niemand sonst im Haus"
		}
		switch e.Step {
		case Declared, Corrected:
			e.Since = at.Add(-10 * time.Minute)
		case StateSet:
			e.State = State(w[3])
		default:
		}
		if e.Step != Declared && e.Step != StateSet {
			e.Outage, e.System, e.Exercise = newest[key], "", false
			if e.Outage == "" {
				e.Outage = "unheard-of"
			}
		}
		body, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		r := journal.Record{Seq: journal.Seq(i + 1), ID: journal.ID{byte(i + 1)}, Kind: journal.Outage, Body: body}
		f.apply(r)
		f.apply(r) // the same record again changes nothing
		if len(f.log) != i+1 {
			t.Fatalf("%q: %d entries in the log, %d unreadable", line, len(f.log), f.unreadable)
		}
		if e.Step == Declared && f.log[i].Refused == "" {
			newest[key] = r.ID.String()
		}
		got = append(got, f.log[i].Refused)
	}
	return f, got
}

func TestStory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		story []string
		last  Reason // what became of the last line
		mode  ModeKind
		kis   State
	}{
		{"nothing happened", nil, "", Normal, ""},
		{"declared is not yet in force", []string{"weber declared kis"}, "", Normal, ""},
		{"a second person confirms", []string{"weber declared kis", "lange confirmed kis"}, "", Emergency, Down},
		{"nobody confirms the own declaration", []string{"weber declared kis", "weber confirmed kis"}, samePerson, Normal, ""},
		{"alone with a reason is in force", []string{"weber declared kis alone"}, "", Emergency, Down},
		{"alone can be confirmed afterwards", []string{"weber declared kis alone", "lange confirmed kis"}, "", Emergency, Down},
		{"confirmed twice", []string{"weber declared kis", "lange confirmed kis", "vogel confirmed kis"}, alreadyDone, Emergency, Down},
		{"declared twice", []string{"weber declared kis", "lange declared kis"}, alreadyDeclared, Normal, ""},
		{"two systems", []string{"weber declared lis alone", "lange declared kis alone"}, "", Emergency, Down},
		{"withdrawn before it was confirmed", []string{"weber declared kis", "weber withdrawn kis"}, "", Normal, ""},
		{"confirmed after it was withdrawn", []string{"weber declared kis", "weber withdrawn kis", "lange confirmed kis"}, alreadyOver, Normal, ""},
		{"withdrawn after it was confirmed", []string{"weber declared kis", "lange confirmed kis", "weber withdrawn kis"}, inForce, Emergency, Down},
		{"withdrawn after it was declared alone", []string{"weber declared kis alone", "weber withdrawn kis"}, inForce, Emergency, Down},
		{"declared again after it was withdrawn", []string{"weber declared kis", "weber withdrawn kis", "weber declared kis"}, "", Normal, ""},
		{"the end needs to be asked for", []string{"weber declared kis alone", "lange end-confirmed kis"}, endNotAsked, Emergency, Down},
		{"asked for the end, it lasts", []string{"weber declared kis alone", "lange end-asked kis"}, "", Emergency, Down},
		{"the end is asked for twice", []string{"weber declared kis alone", "lange end-asked kis", "vogel end-asked kis"}, alreadyDone, Emergency, Down},
		{"nobody confirms the end they asked for", []string{"weber declared kis alone", "lange end-asked kis", "lange end-confirmed kis"}, samePerson, Emergency, Down},
		{"the declarer may confirm the end", []string{"weber declared kis alone", "lange end-asked kis", "weber end-confirmed kis"}, "", Normal, Up},
		{"the end is called off", []string{"weber declared kis alone", "lange end-asked kis", "vogel end-called-off kis"}, "", Emergency, Down},
		{"confirmed after it was called off", []string{"weber declared kis alone", "lange end-asked kis", "vogel end-called-off kis", "weber end-confirmed kis"}, endNotAsked, Emergency, Down},
		{"ended alone with a reason", []string{"weber declared kis alone", "weber ended-alone kis alone"}, "", Normal, Up},
		{"ended twice", []string{"weber declared kis alone", "weber ended-alone kis alone", "lange ended-alone kis alone"}, alreadyOver, Normal, Up},
		{"the end of what is not in force", []string{"weber declared kis", "lange end-asked kis"}, notInForce, Normal, ""},
		{"an act on nothing", []string{"lange confirmed kis"}, noSuchOutage, Normal, ""},
		{"declared again after the end", []string{"weber declared kis alone", "weber ended-alone kis alone", "lange declared kis alone"}, "", Emergency, Down},
		{"the begin is corrected", []string{"weber declared kis alone", "lange corrected kis"}, "", Emergency, Down},
		{"the begin is corrected after the end", []string{"weber declared kis alone", "weber ended-alone kis alone", "lange corrected kis"}, "", Normal, Up},
		{"nothing to correct in what was withdrawn", []string{"weber declared kis", "weber withdrawn kis", "lange corrected kis"}, alreadyOver, Normal, ""},

		{"an exercise", []string{"weber declared kis alone drill"}, "", Exercise, ""},
		{"a real outage during an exercise wins", []string{"weber declared kis alone drill", "lange declared lis alone"}, "", Emergency, ""},
		{"an exercise during a real outage does not", []string{"lange declared kis alone", "weber declared lis alone drill"}, "", Emergency, Down},
		{"the exercised system fails for real", []string{"weber declared kis alone drill", "lange declared kis alone"}, "", Emergency, Down},
		{"the end of the exercise leaves the outage", []string{"weber declared kis alone drill", "lange declared kis alone", "weber ended-alone kis alone drill"}, "", Emergency, Down},
		{"the end of the outage leaves the exercise", []string{"weber declared kis alone drill", "lange declared kis alone", "lange ended-alone kis alone"}, "", Exercise, Up},

		{"a state is set", []string{"weber state-set kis degraded"}, "", Normal, Degraded},
		{"restoring during an outage", []string{"weber declared kis alone", "weber state-set kis restoring"}, "", Emergency, Restoring},
		{"up is not for an outage in force", []string{"weber declared kis alone", "weber state-set kis up"}, inForce, Emergency, Down},
		{"catching up after the end", []string{"weber declared kis alone", "weber ended-alone kis alone", "weber state-set kis catching-up"}, "", Normal, CatchingUp},
		{"confirmed later, what was set stays", []string{"weber declared kis alone", "weber state-set kis restoring", "lange confirmed kis"}, "", Emergency, Restoring},
		{"a state during an exercise", []string{"weber declared kis alone drill", "weber state-set kis up"}, "", Exercise, Up},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, got := play(t, c.story...)
			if n := len(got); n > 0 && got[n-1] != c.last {
				t.Errorf("the last act: %q, want %q", got[n-1], c.last)
			}
			for i, r := range got[:max(0, len(got)-1)] {
				if r != "" {
					t.Errorf("%q was refused: %s", c.story[i], r)
				}
			}
			m := f.mode(at0214.Add(time.Hour), func(id string) System { return System{ID: id} })
			if m.Kind != c.mode {
				t.Errorf("mode %s, want %s", m.Kind, c.mode)
			}
			if f.states["kis"].State != c.kis {
				t.Errorf("KIS is %q, want %q", f.states["kis"].State, c.kis)
			}
			for _, o := range f.outages {
				if o.Effective() && o.Pending() || o.Effective() && !o.Open() {
					t.Errorf("outage is in two states: %+v", o)
				}
			}
		})
	}
}

func TestModeNamesBoth(t *testing.T) {
	t.Parallel()
	f, _ := play(t, "weber declared lis alone drill", "lange declared kis alone", "vogel declared pacs alone", "vogel declared ris", "weber corrected kis")
	m := f.mode(at0214.Add(time.Hour), func(id string) System { return System{ID: id} })
	if len(m.Systems) != 2 || m.Systems[0].ID != "kis" || m.Systems[1].ID != "pacs" || len(m.Drill) != 1 || m.Drill[0].ID != "lis" {
		t.Errorf("mode is %+v", m)
	}
	if len(m.Pending) != 1 || m.Pending[0].System != "ris" {
		t.Errorf("pending are %+v", m.Pending)
	}
	// KIS was corrected from 02:05 to 02:08 by the fifth act, PACS is since 02:06.
	if want := at0214.Add(-8 * time.Minute); !m.Since.Equal(want) {
		t.Errorf("since %s, want %s", m.Since, want)
	}
	if back := at0214.Add(-time.Hour); !f.mode(back, func(id string) System { return System{ID: id} }).Since.Equal(back) {
		t.Error("an outage begins in the future")
	}
	last := f.log[len(f.log)-1]
	if last.Before.IsZero() || last.Before.Equal(last.Since) || last.System != "kis" {
		t.Errorf("the correction does not say what it corrects: %+v", last)
	}
}

func FuzzDecode(f *testing.F) {
	act := actFact{Person: "weber", Name: "S. Weber", At: at0214, Why: "antwortet nicht"}
	for _, e := range []event{
		{Step: Declared, System: "kis", Since: at0214, Alone: "Station abgeschnitten", Act: act},
		{Step: Confirmed, Outage: "01000000000000000000000000000000", Act: act},
		{Step: EndedAlone, Outage: "01000000000000000000000000000000", Alone: "Nacht", Act: act},
		{Step: Corrected, Outage: "01000000000000000000000000000000", Since: at0214, Act: act},
		{Step: StateSet, System: "kis", State: Restoring, Act: act},
	} {
		b, err := e.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"v":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newFold()
		first, err := event{Step: Declared, System: "kis", Since: at0214, Act: act}.encode()
		if err != nil {
			t.Fatal(err)
		}
		s.apply(journal.Record{Seq: 1, ID: journal.ID{1}, Kind: journal.Outage, Body: first})
		s.apply(journal.Record{Seq: 2, ID: journal.ID{2}, Kind: journal.Outage, Body: b})
		s.mode(at0214, func(id string) System { return System{ID: id} })
		if _, err := s.Bytes(); err != nil {
			t.Fatalf("cannot be saved: %v", err)
		}
		if e, err := decodeEvent(b); err == nil {
			again, err := e.encode()
			if err != nil {
				t.Fatal(err)
			}
			if e2, err := decodeEvent(again); err != nil || e2 != e && !e2.Act.At.Equal(e.Act.At) {
				t.Fatalf("%+v is read back as %+v, %v", e, e2, err)
			}
		}
	})
}
