package review

import (
	"strings"
	"testing"
	"time"

	"notbetrieb/internal/clinical"
)

// What these tests hold: nobody is asked about ordinary work with a fact that is
// not one, and what speaks for a person stands beside what speaks against.

func against(h Hit) string {
	var s strings.Builder
	for _, x := range h.Against {
		s.WriteString(x.DE + "\n")
	}
	return s.String()
}

func why(h Hit) string {
	var s strings.Builder
	for _, x := range h.Why {
		s.WriteString(x.DE + "\n")
	}
	return s.String()
}

func TestTwoDutiesAtOnceBothCount(t *testing.T) {
	t.Parallel()
	w := world()
	w.Patients["q"] = Patient{Stays: []Stay{{Ward: "3B", From: at(16, 8, 0)}}}
	w.Duties = []Duty{
		{Person: "weber", From: at(17, 6, 0), To: at(17, 14, 0), Wards: []string{"3A"}},
		{Person: "weber", From: at(17, 8, 0), To: at(17, 12, 0)}, // resuscitation call for the house
	}
	a := Access{At: at(17, 10, 0), Person: "weber", Deed: Looked, Patient: "q"}
	if got := found("relation", []Access{a}, w, func(r *Rules) { r.Relation.Least = 1 }); len(got) != 0 {
		t.Errorf("on call for the house: %+v", got)
	}
}

func TestADayThatIsUsualForTheRoleIsNotMassReading(t *testing.T) {
	t.Parallel()
	w := world()
	w.People["voll"] = Person{Name: "L. Voll", Roles: []string{"admission"}}
	w.People["ganz"] = Person{Name: "T. Ganz", Roles: []string{"admission"}}
	var all []Access
	for d := 1; d <= 10; d++ { // somebody in part time, and colleagues at the desk the whole day
		all = append(all, reads("kurz", at(d, 9, 0), 10)...)
		all = append(all, reads("voll", at(d, 9, 0), 60)...)
		all = append(all, reads("ganz", at(d, 9, 0), 60)...)
	}
	if got := found("mass", append(all, reads("kurz", at(18, 9, 0), 60)...), w); len(got) != 0 {
		t.Errorf("60 patients, as the role has: %s", why(got[0]))
	}
	if got := found("mass", append(all, reads("kurz", at(18, 9, 0), 61)...), w); len(got) != 1 {
		t.Errorf("more than the role has: %d hits", len(got))
	}
}

func TestAReasonAfterWhichAChartWasOpenedIsNotCalledIdle(t *testing.T) {
	t.Parallel()
	glass := Access{At: at(18, 23, 58), Person: "weber", Deed: Unlocked, Patient: "q", System: "KIS"}
	look := Access{At: at(19, 0, 1), Person: "weber", Deed: Looked, Patient: "q", System: "KIS"} // foreign logs mark the reason only
	if got := found("glass", []Access{glass, look}, world()); len(got) != 0 {
		t.Errorf("a chart was opened three minutes later: %s", why(got[0]))
	}
	look.Patient = "p1"
	got := found("glass", []Access{glass, look}, world())
	if len(got) != 1 || !strings.Contains(why(got[0]), "keine Akte") {
		t.Errorf("only another chart was opened: %+v", got)
	}
}

func TestWhoOrderedHasNotAltered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by           string
		why, against string
		points       int
	}{
		"operator":              {"EVN-5 arzt Brandt J", "nennt diese Person als die", "", 70},
		"ordering physician":    {"EVN-5 labor Öz T; ORC-12 arzt Brandt J", "", "nicht als die, die geändert hat (ORC-12)", 35},
		"somebody of that name": {"EVN-5 brandt2 Brandt Karla", "diesen Nachnamen", "Der Nachname allein", 35},
		"by name, another ID":   {"EVN-5 k4711 Brandt Jonas", "dem Namen nach", "Der Anmeldename dort ist ein anderer", 70},
		"two of that name":      {"EVN-5 k4711 Zwill Jonas", "diesen Nachnamen", "Der Nachname allein", 35},
		"somebody else":         {"EVN-5 kurz Kurz M", "", "eine andere Person", 35},
		"only who signed":       {"TXA-22 lang Lang P", "", "", 35},
	} {
		w := world()
		if name == "two of that name" {
			w.People["arzt"], w.People["z2"] = Person{Name: "J. Zwill", Roles: []string{"physician"}}, Person{Name: "Jana Zwill", Roles: []string{"nurse"}}
		}
		w.Alters = []Alter{{Ref: "x", Patient: "p1", At: at(18, 12, 0), By: c.by}}
		got := found("before-change", []Access{{At: at(18, 11, 0), Person: "arzt", Deed: Looked, Patient: "p1"}}, w)
		if len(got) != 1 || got[0].Points != c.points || !strings.Contains(why(got[0]), c.why) || !strings.Contains(against(got[0]), c.against) {
			t.Errorf("%s: %d hits %+v", name, len(got), got)
			continue
		}
		if c.why == "" && strings.Contains(why(got[0]), "Die Nachricht nennt") || strings.Contains(against(got[0]), "eine andere Person") != (name == "somebody else") {
			t.Errorf("%s: %s / %s", name, why(got[0]), against(got[0]))
		}
	}
}

func TestWhatSpeaksForSomebodyIsSaid(t *testing.T) {
	t.Parallel()
	// A nurse prints the sheets of the own ward again and again in an outage.
	got := found("take-out", deeds(reads("weber", at(18, 10, 0), 90), Printed), world())
	if len(got) != 1 || !strings.Contains(against(got[0]), "Bei 90 von 90 Patienten") {
		t.Errorf("the own ward's sheets: %+v", got)
	}
	// From days to nights, in a role that works around the clock.
	var all []Access
	for d := 1; d <= 14; d++ {
		all = append(all, reads("weber", at(d, 9, 0), 20)...)
	}
	night := reads("weber", at(18, 2, 0), 10)
	for i := range night {
		night[i].Patient = "q"
	}
	got = found("hours", append(all, night...), world())
	if len(got) != 1 || !strings.Contains(against(got[0]), "Wechsel zwischen Tag- und Nachtdienst") {
		t.Errorf("a first night: %+v", got)
	}
	// A consult on another ward.
	w := world()
	w.People["herz"] = Person{Name: "Dr. H. Klapp", Roles: []string{"physician"}, Wards: []string{"5C"}}
	w.Patients["p1"] = Patient{Stays: []Stay{{Ward: "3A", From: at(16, 8, 0)}}, Orders: []time.Time{at(18, 9, 0)}}
	got = found("relation", []Access{{At: at(18, 11, 0), Person: "herz", Deed: Looked, Patient: "p1"}}, w, func(r *Rules) { r.Relation.Least = 1 })
	if len(got) != 1 || !strings.Contains(against(got[0]), "Konsil") {
		t.Errorf("a consult: %+v", got)
	}
	// Somebody of 3A until last week: the hub let the person read without a reason.
	moved := world()
	moved.People["weber"] = Person{Name: "S. Wiesner", Roles: []string{"nurse"}, Wards: []string{"5C"}}
	got = found("relation", reads("weber", at(18, 10, 0), 5), moved)
	if len(got) != 1 || !strings.Contains(against(got[0]), "können seither geändert worden sein") {
		t.Errorf("moved to another ward since: %+v", got)
	}
	// Somebody searches, finds nobody and makes a new patient in the KIS.
	var desk []Access
	for i := range 25 {
		when := at(18, 10, 0).Add(time.Duration(i) * 10 * time.Minute)
		desk = append(desk, Access{At: when, Person: "kurz", Deed: Searched}, Access{At: when.Add(time.Minute), Person: "kurz", Deed: Changed, Patient: clinical.PatientKey("neu")})
	}
	if got := found("searches", desk, world()); len(got) != 0 {
		t.Errorf("each search led to a new patient: %s", why(got[0]))
	}
}
