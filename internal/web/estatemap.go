package web

import (
	"cmp"
	"net/http"
	"slices"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/lang"
)

// estateMapPage draws what depends on what.
type estateMapPage struct {
	estateFrame
	Map   *estate.Map
	Focus *estateFocus
	Tiers []tierView
	Empty bool
}

// estateFocus is the system that the map is about.
type estateFocus struct {
	ID    string
	Name  lang.Text
	Stops int
	Limps int
	Needs int
}

type tierView struct {
	N       int
	Systems []tierSystem
}

type tierSystem struct {
	ID     string
	Name   lang.Text
	Weight lang.Text
	Vital  bool
	RTO    string
	State  lang.Text
	Needs  []depView
	Owner  string
}

// estateStopsPage is what stops with one system.
type estateStopsPage struct {
	estateFrame
	ID       string
	Name     lang.Text
	Fallback string
	StandIns []lang.Text
	Stops    []stopView
	Vital    int
	Limps    []limpView
}

type stopView struct {
	ID       string
	Name     lang.Text
	Weight   lang.Text
	Vital    bool
	Via      []lang.Text
	StandIns []lang.Text
	Fallback string
	MTD      string
	weight   estate.Weight
}

type limpView struct {
	ID      string
	Name    lang.Text
	Without lang.Text
	StandIn lang.Text // empty: it goes on without
}

// estateOrderPage is the order of coming back.
type estateOrderPage struct {
	estateFrame
	Tiers []tierView
}

// estateChecksPage is what is wrong or dangerous.
type estateChecksPage struct {
	estateFrame
	Groups []findingGroup
}

type findingGroup struct {
	Level estate.Level
	Word  lang.Text
	List  []findingView
}

var (
	estateMapPageT    = parse[estateMapPage]("estatemap")
	estateStopsPageT  = parse[estateStopsPage]("estatestops")
	estateOrderPageT  = parse[estateOrderPage]("estateorder")
	estateChecksPageT = parse[estateChecksPage]("estatechecks")
)

func (s *Server) showEstateMap(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "map", lang.Text{DE: "Karte der Abhängigkeiten", EN: "Map of dependencies"})
	if err != nil {
		return nil, err
	}
	return estateMapPageT.of(newEstateMapPage(e, f, v.URL.Query().Get("of")))
}

func newEstateMapPage(e *estate.Estate, f estateFrame, focus string) estateMapPage {
	f.Land = true
	p := estateMapPage{estateFrame: f, Map: e.Map(focus, f.Lang), Empty: len(e.Systems) == 0}
	if sys, ok := e.System(focus); ok {
		stops, limps, _ := e.Stops(focus)
		p.Focus = &estateFocus{ID: sys.ID, Name: sys.Name, Stops: len(stops) - 1, Limps: len(limps)}
		for _, d := range e.DependsOn(focus) {
			if d.Kind == estate.Needs {
				p.Focus.Needs++
			}
		}
	}
	return p
}

func (s *Server) showEstateStops(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "map", lang.Text{DE: "Was steht still", EN: "What stops"})
	if err != nil {
		return nil, err
	}
	sys, ok := e.System(v.PathValue("id"))
	if !ok {
		return nil, errNoSystem()
	}
	return estateStopsPageT.of(newEstateStopsPage(e, sys, f))
}

func newEstateStopsPage(e *estate.Estate, sys estate.System, f estateFrame) estateStopsPage {
	f.Title = lang.Text{DE: "Was steht still ohne " + sys.Name.DE, EN: "What stops without " + sys.Name.In(lang.EN)}
	p := estateStopsPage{estateFrame: f, ID: sys.ID, Name: sys.Name, Fallback: sys.Fallback}
	stops, limps, _ := e.Stops(sys.ID)
	for i, st := range stops {
		if i == 0 {
			p.StandIns = systemNames(st.StandIn)
			continue
		}
		if st.System.Weight == estate.Vital {
			p.Vital++
		}
		p.Stops = append(p.Stops, stopView{
			ID: st.System.ID, Name: st.System.Name, Weight: columnWord("systems", "weight", string(st.System.Weight)), Vital: st.System.Weight == estate.Vital,
			Via: systemNames(st.Via[1:]), StandIns: systemNames(st.StandIn), Fallback: st.System.Fallback, MTD: st.System.MTD.In(f.Lang), weight: st.System.Weight,
		})
	}
	weights := []estate.Weight{estate.Vital, estate.Essential, estate.Supporting, ""}
	slices.SortStableFunc(p.Stops, func(a, b stopView) int {
		return cmp.Compare(slices.Index(weights, a.weight), slices.Index(weights, b.weight))
	})
	for _, l := range limps {
		p.Limps = append(p.Limps, limpView{ID: l.System.ID, Name: l.System.Name, Without: l.Without.Name, StandIn: l.StandIn.Name})
	}
	return p
}

func systemNames(list []estate.System) []lang.Text {
	var out []lang.Text
	for _, s := range list {
		if s.Name.DE == "" {
			s.Name.DE = s.ID
		}
		out = append(out, s.Name)
	}
	return out
}

func (s *Server) showEstateOrder(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "order", lang.Text{DE: "Reihenfolge des Wiederanlaufs", EN: "Order of coming back"})
	if err != nil {
		return nil, err
	}
	p := newEstateOrderPage(e, f)
	states := s.p.Outages.States()
	for i := range p.Tiers {
		for n := range p.Tiers[i].Systems {
			row := &p.Tiers[i].Systems[n]
			row.State = notUp(states, row.ID)
		}
	}
	return estateOrderPageT.of(p)
}

func newEstateOrderPage(e *estate.Estate, f estateFrame) estateOrderPage {
	p := estateOrderPage{estateFrame: f}
	for i, tier := range e.Tiers() {
		tv := tierView{N: i + 1}
		for _, s := range tier {
			owner, _ := e.Contact(s.Owner)
			row := tierSystem{
				ID: s.ID, Name: s.Name, Weight: columnWord("systems", "weight", string(s.Weight)), Vital: s.Weight == estate.Vital,
				RTO: s.RTO.In(f.Lang), Owner: owner.Name,
			}
			for _, d := range e.DependsOn(s.ID) {
				if x, ok := e.System(d.On); ok && d.Kind == estate.Needs {
					row.Needs = append(row.Needs, depView{ID: x.ID, Name: x.Name})
				}
			}
			tv.Systems = append(tv.Systems, row)
		}
		p.Tiers = append(p.Tiers, tv)
	}
	return p
}

func (s *Server) showEstateChecks(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "checks", lang.Text{DE: "Prüfung der Systeme", EN: "Check of the systems"})
	if err != nil {
		return nil, err
	}
	return estateChecksPageT.of(newEstateChecksPage(f, e.Check(s.p.Estate.Today())))
}

func newEstateChecksPage(f estateFrame, found []estate.Finding) estateChecksPage {
	return estateChecksPage{estateFrame: f, Groups: findingGroups(found)}
}

func findingGroups(found []estate.Finding) []findingGroup {
	heads := map[estate.Level]lang.Text{
		estate.Wrong: {DE: "Widersprüche: bitte beheben", EN: "Contradictions: please mend"},
		estate.Risk:  {DE: "Risiken: hier ist das Haus zu treffen", EN: "Risks: here the house can be hit"},
		estate.Hint:  {DE: "Hinweise: fehlt oder ist nicht aktuell", EN: "Hints: missing or not up to date"},
	}
	var out []findingGroup
	for _, x := range found {
		if len(out) == 0 || out[len(out)-1].Level != x.Level {
			out = append(out, findingGroup{Level: x.Level, Word: heads[x.Level]})
		}
		g := &out[len(out)-1]
		g.List = append(g.List, newFindingView(x))
	}
	return out
}
