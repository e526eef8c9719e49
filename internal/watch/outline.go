package watch

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/rulebook"
)

// Outline is what the watch and the estate know of a failure: what somebody who
// opens an incident begins with.
type Outline struct {
	Alarm    Alarm // the cause
	System   estate.System
	Affected []estate.System // that fail because of it now
	Stops    []estate.System // that stop with it sooner or later, the weightiest first, those affected too
	Others   []Alarm         // further causes at the same time

	Kind rulebook.Kind // a guess: people choose
	Why  lang.Text     // what it is guessed from
}

// Outline returns what is known of the failure of a system, or of what it comes
// from. ok is false while the system does not fail.
func (w *Watch) Outline(system string) (Outline, bool) {
	return OutlineOf(w.o.Estate(), w.Board(), system)
}

// OutlineOf is Outline of an estate and a board.
func OutlineOf(e *estate.Estate, b Board, system string) (Outline, bool) {
	i := slices.IndexFunc(b.Alarms, func(a Alarm) bool { return a.System == system })
	if i < 0 {
		i = slices.IndexFunc(b.Alarms, func(a Alarm) bool { return slices.Contains(a.Affected, system) })
	}
	if i < 0 {
		return Outline{}, false
	}
	o := Outline{Alarm: b.Alarms[i]}
	o.System, _ = e.System(o.Alarm.System)
	for _, id := range o.Alarm.Affected {
		if s, ok := e.System(id); ok {
			o.Affected = append(o.Affected, s)
		}
	}
	stops, _, _ := e.Stops(o.Alarm.System)
	for _, s := range stops {
		if s.System.ID != o.Alarm.System {
			o.Stops = append(o.Stops, s.System)
		}
	}
	slices.SortStableFunc(o.Stops, func(x, y estate.System) int { return Tier(x.Weight) - Tier(y.Weight) })
	for _, a := range b.Alarms {
		if a.System != o.Alarm.System && !a.Planned {
			o.Others = append(o.Others, a)
		}
	}
	o.Kind, o.Why = guess(e, o)
	return o, true
}

// Many causes within so short a time have something behind them that the estate
// does not know.
const (
	manyCauses = 3
	together   = 30 * time.Minute
)

// guess says what kind of incident a failure looks like, by what fails and how
// much at once. It sees no reason, only failures: a planned attack and a broken
// switch look alike to it.
func guess(e *estate.Estate, o Outline) (rulebook.Kind, lang.Text) {
	at := 1
	for _, a := range o.Others {
		if gap := a.Since.Sub(o.Alarm.Since); gap < together && gap > -together {
			at++
		}
	}
	powers := func(s estate.System) bool {
		words := strings.ToLower(s.ID + " " + s.Name.DE)
		return s.Area == estate.Building && slices.ContainsFunc([]string{"strom", "usv", "netzersatz", "trafo", "power"}, func(w string) bool { return strings.Contains(words, w) })
	}
	switch {
	case o.Alarm.Planned:
		return rulebook.Planned, lang.Text{DE: "für das System ist Wartung geplant", EN: "maintenance is planned for the system"}
	case powers(o.System):
		return rulebook.Power, lang.Text{DE: "die Ursache gehört zur Stromversorgung", EN: "the cause belongs to the power supply"}
	case at >= manyCauses:
		return rulebook.Cyberattack, lang.Text{
			DE: "mehrere Systeme ohne gemeinsame Ursache sind binnen einer halben Stunde gestört", EN: "several systems without a common cause failed within half an hour",
		}
	case o.System.Area == estate.Telematics:
		return rulebook.Telematics, lang.Text{DE: "die Ursache gehört zur Telematik", EN: "the cause belongs to the telematics"}
	}
	return rulebook.Technical, lang.Text{DE: "eine Ursache, nichts weist auf anderes", EN: "one cause, nothing points elsewhere"}
}
