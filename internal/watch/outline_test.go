package watch

import (
	"testing"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// What looks alike to probes is guessed at with care: never fire, never flood,
// never an insider.
func TestTheKindOfAnIncidentIsGuessedFromWhatFails(t *testing.T) {
	t.Parallel()
	system := func(id string, area estate.Area, w estate.Weight) estate.System {
		return estate.System{ID: id, Name: lang.Text{DE: id}, Area: area, Weight: w}
	}
	e := estate.New(estate.Tables{
		Systems: []estate.System{
			system("kis", estate.Clinical, estate.Vital), system("db", estate.Infrastructure, estate.Essential), system("apotheke", estate.Clinical, estate.Essential),
			system("usv", estate.Building, estate.Essential), system("aufzug", estate.Building, estate.Essential), system("konnektor", estate.Telematics, estate.Supporting), system("pacs", estate.Diagnostics, estate.Essential),
		},
		Dependencies: []estate.Dependency{{System: "apotheke", On: "kis", Kind: estate.Needs}, {System: "kis", On: "db", Kind: estate.Needs}},
	})
	begun := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	down := func(id string, after time.Duration, affected ...string) Alarm {
		return Alarm{System: id, State: incident.Down, Since: begun.Add(after), Affected: affected}
	}
	planned := down("pacs", 0)
	planned.Planned = true
	for _, c := range []struct {
		ask    string
		alarms []Alarm
		cause  string
		kind   rulebook.Kind
		stops  int
	}{
		{"db", []Alarm{down("db", 0, "kis")}, "db", rulebook.Technical, 2},
		{"kis", []Alarm{down("db", 0, "kis")}, "db", rulebook.Technical, 2},
		{"usv", []Alarm{down("usv", 0)}, "usv", rulebook.Power, 0},
		{"aufzug", []Alarm{down("aufzug", 0)}, "aufzug", rulebook.Technical, 0},
		{"konnektor", []Alarm{down("konnektor", 0)}, "konnektor", rulebook.Telematics, 0},
		{"pacs", []Alarm{planned}, "pacs", rulebook.Planned, 0},
		{"db", []Alarm{down("db", 0), down("pacs", 10*time.Minute), down("konnektor", 20*time.Minute)}, "db", rulebook.Cyberattack, 2},
		{"db", []Alarm{down("db", 0), down("pacs", 10*time.Minute), down("konnektor", 9*time.Hour)}, "db", rulebook.Technical, 2},
		{"db", []Alarm{down("db", 0), planned, down("konnektor", time.Minute)}, "db", rulebook.Technical, 2},
	} {
		o, ok := OutlineOf(e, Board{Alarms: c.alarms}, c.ask)
		if !ok || o.System.ID != c.cause || o.Kind != c.kind || o.Why.DE == "" || o.Why.EN == "" || len(o.Stops) != c.stops {
			t.Errorf("%s of %d alarms: %s %s %q, %d stop", c.ask, len(c.alarms), o.System.ID, o.Kind, o.Why.DE, len(o.Stops))
		}
	}
	o, _ := OutlineOf(e, Board{Alarms: []Alarm{down("db", 0, "kis")}}, "kis")
	if o.Stops[0].ID != "kis" || o.Stops[1].ID != "apotheke" || o.Affected[0].ID != "kis" {
		t.Errorf("%+v", o)
	}
	if _, ok := OutlineOf(e, Board{}, "db"); ok {
		t.Error("a system that is well has a failure")
	}
}
