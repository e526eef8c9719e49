package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/crisis"
	"notbetrieb/internal/estate"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/watch"
)

// This file is what the watch tells the crisis team: where the systems stand,
// one line for each cause, and what an incident begins with.

// boardSystem is one cause, or a system that stands for itself.
type boardSystem struct {
	Name     lang.Text
	Word     lang.Text
	State    incident.State
	Since    stamp
	Affected []lang.Text // that fail because of it
	Declared bool        // an outage of it, or of one affected, is declared
	Planned  bool        // maintenance
	Href     string      // to what the watch knows; "" where it is not watched
	Declare  string      // the system to declare out of service, while nobody has; "" for none
}

// Up reports whether nobody need look at it.
func (b boardSystem) Up() bool { return b.State == incident.Up || b.State == "" }

// systemsNow are the systems for the board and the situation report: causes that
// the watch sees, outages that people declared, and what is well.
func (s *Server) systemsNow(f Frame) []boardSystem {
	var b watch.Board
	if s.p.Watch != nil {
		b = s.p.Watch.Board()
	}
	return newBoardSystems(b, s.p.Outages.Systems(), s.p.Outages.States(), s.p.Outages.Outages(false), f)
}

func newBoardSystems(b watch.Board, systems []incident.System, states map[string]incident.State, outages []incident.Outage, f Frame) []boardSystem {
	declared := map[string]time.Time{}
	for _, o := range outages {
		declared[o.System] = o.Since
	}
	names := namesOf(b.Rows)
	told := map[string]bool{}
	var causes, others, planned []boardSystem
	for _, a := range b.Alarms {
		x := boardSystem{
			Name: names.of([]string{a.System})[0], Word: stateWord(a.State), State: a.State, Since: f.stamp(a.Since),
			Affected: names.of(a.Affected), Planned: a.Planned, Href: "/watch/system/" + a.System,
		}
		for _, id := range append([]string{a.System}, a.Affected...) {
			_, said := declared[id]
			x.Declared = x.Declared || said
			told[id] = true
			if !said && x.Declare == "" && a.State == incident.Down && slices.ContainsFunc(systems, func(s incident.System) bool { return s.ID == id }) {
				x.Declare = id
			}
		}
		if x.Declared || a.Planned {
			x.Declare = ""
		}
		if a.Planned {
			planned = append(planned, x)
		} else {
			causes = append(causes, x)
		}
	}
	seen := map[string]watch.Row{}
	for _, r := range b.Rows {
		seen[r.System.ID] = r
		if r.State == incident.Restoring || r.State == incident.CatchingUp {
			_, said := declared[r.System.ID]
			causes = append(causes, boardSystem{Name: r.System.Name, Word: stateWord(r.State), State: r.State, Since: f.stamp(r.Since), Declared: said, Href: "/watch/system/" + r.System.ID})
			told[r.System.ID] = true
		}
	}
	for _, x := range systems {
		if told[x.ID] {
			continue
		}
		y := boardSystem{Name: x.Name, State: states[x.ID]}
		if at, said := declared[x.ID]; said {
			y.Since, y.Declared = f.stamp(at), true
		} else if r, ok := seen[x.ID]; ok && r.State != "" {
			y.State, y.Since = r.State, f.stamp(r.Since)
		}
		y.Word = stateWord(y.State)
		others = append(others, y)
	}
	out := append(causes, others...)
	slices.SortStableFunc(out, func(a, b boardSystem) int { return stateRank(a.State) - stateRank(b.State) })
	return append(out, planned...)
}

func stateRank(s incident.State) int {
	if i := slices.Index([]incident.State{incident.Down, incident.Restoring, incident.CatchingUp, incident.Degraded, incident.Up}, s); i >= 0 {
		return i
	}
	return 5
}

// undeclared are the systems that the watch sees failing and nobody has declared:
// a report must not say that none is affected.
func (s *Server) undeclared(v *visit) []string {
	var out []string
	for _, x := range s.systemsNow(s.bare(v)) {
		if x.Up() || x.Declared || x.Planned {
			continue
		}
		line := x.Name.DE + " " + x.Word.DE
		if x.Since.Known() {
			line += " seit " + x.Since.At.Format("02.01.2006 15:04")
		}
		if len(x.Affected) > 0 {
			line += ", davon betroffen: " + shortList(x.Affected, 12, lang.DE)
		}
		out = append(out, line)
	}
	return out
}

// shortList names the first few and counts the others.
func shortList(names []lang.Text, most int, l lang.Lang) string {
	var out []string
	for i, n := range names {
		if i == most {
			more := lang.Text{DE: " und " + strconv.Itoa(len(names)-most) + " weitere", EN: " and " + strconv.Itoa(len(names)-most) + " more"}
			return strings.Join(out, ", ") + more.In(l)
		}
		out = append(out, n.In(l))
	}
	return strings.Join(out, ", ")
}

// systemLines are the systems as the situation report says them, in German like
// all of it.
func systemLines(list []boardSystem) []string {
	var out, up []string
	for _, x := range list {
		line := x.Name.DE + ": " + x.Word.DE
		switch {
		case x.Planned:
			line += ", geplante Wartung"
		case x.Up():
			up = append(up, x.Name.DE)
			continue
		}
		if x.Since.Known() {
			line += " seit " + x.Since.clock(lang.DE)
		}
		if len(x.Affected) > 0 {
			line += ". Davon betroffen: " + shortList(x.Affected, 12, lang.DE)
		}
		out = append(out, line+".")
	}
	if len(up) > 0 {
		out = append(out, "In Betrieb: "+strings.Join(up, ", ")+".")
	}
	return out
}

// failureView is what the watch knows of a failure, for somebody who opens an
// incident.
type failureView struct {
	System string
	Name   lang.Text
	Kind   lang.Text // the guess
	KindID string
	Why    lang.Text
	Stops  int
}

// outlineOf reads what is known of the failure of a system into the form.
func outlineOf(o watch.Outline, b watch.Board, f Frame) (failureView, openForm) {
	name := systemNames([]estate.System{o.System})[0]
	k := failureView{System: o.Alarm.System, Name: name, Kind: crisis.KindName(o.Kind), KindID: string(o.Kind), Why: o.Why, Stops: len(o.Stops)}
	form := openForm{From: o.Alarm.System, Title: name.DE + " " + stateWord(o.Alarm.State).DE, Since: f.stamp(o.Alarm.Since).At.Format("02.01.2006 15:04")}
	if n := len(o.Affected); n > 0 {
		form.Title += ", betroffen: " + shortList(systemNames(o.Affected), 3, lang.DE)
	}
	form.Known = strings.Join(outlineLines(o, b, f), "\n")
	return k, form
}

// outlineLines are the first lines of the logbook, in German like all of it: what
// the watch sees, and what the estate says of it.
func outlineLines(o watch.Outline, b watch.Board, f Frame) []string {
	name := systemNames([]estate.System{o.System})[0].DE
	at := func(t time.Time) string { return f.stamp(t).At.Format("02.01. 15:04") }
	out := []string{"Die Wache sieht: " + name + " " + stateWord(o.Alarm.State).DE + " seit " + at(o.Alarm.Since) + "."}
	feeds := feedNames(b.Feeds)
	for i, c := range newCauseViews(o.Alarm.Why, feeds) {
		if i == 4 {
			break
		}
		out = append(out, c.What.DE+": "+c.Say.DE)
	}
	if len(o.Affected) > 0 {
		out = append(out, "Davon betroffen: "+shortList(systemNames(o.Affected), 12, lang.DE)+".")
	}
	if len(o.Stops) > 0 {
		out = append(out, "Steht ohne "+name+" still: "+shortList(systemNames(o.Stops), 12, lang.DE)+".")
	}
	for i, s := range append([]estate.System{o.System}, o.Stops...) {
		if s.Fallback != "" && i < 12 {
			out = append(out, "Von Hand, "+systemNames([]estate.System{s})[0].DE+": "+s.Fallback)
		}
	}
	names := namesOf(b.Rows)
	for i, a := range o.Others {
		if i == 6 {
			out = append(out, "Und "+strconv.Itoa(len(o.Others)-i)+" weitere Ursachen.")
			break
		}
		out = append(out, "Zugleich, ohne gemeinsame Ursache: "+names.of([]string{a.System})[0].DE+" "+stateWord(a.State).DE+" seit "+at(a.Since)+".")
	}
	return out
}

// outagesOf are the open outages of the systems of a failure: they belong to the
// incident.
func (s *Server) outagesOf(o watch.Outline, exercise bool) []string {
	var out []string
	for _, x := range s.p.Outages.Outages(false) {
		if x.Exercise == exercise && (x.System == o.Alarm.System || slices.Contains(o.Alarm.Affected, x.System)) {
			out = append(out, x.ID)
		}
	}
	return out
}
