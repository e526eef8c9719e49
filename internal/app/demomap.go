package app

import (
	"slices"

	"notbetrieb/internal/config"
	"notbetrieb/internal/demo"
	"notbetrieb/internal/interpret"
)

// demoMapping turns what the simulated house says about itself into the site's
// mapping tables, as an integrator would write them into the configuration.
func demoMapping(house *demo.House) interpret.Tables {
	m := house.Mapping()
	var t interpret.Tables
	t.Identity.Authority = m.Authority
	t.NoAllergy = m.NoAllergy
	for _, w := range m.Wards {
		t.Wards = append(t.Wards, interpret.WardRule{Code: w.Code, Aliases: nonEmpty(w.Aliases)})
	}
	for _, r := range m.Results {
		t.Results = append(t.Results, interpret.ResultRule{
			Feed: r.Feed, Code: r.Code, LOINC: r.LOINC, Text: r.Text, Unit: r.Unit,
			Section: r.Section, Group: r.Group, Sort: r.Sort,
		})
	}
	for _, s := range m.Sections {
		t.Sections = append(t.Sections, interpret.SectionRule{Code: s.Code, Section: s.Section})
	}
	for _, a := range m.Alerts {
		t.Alerts = append(t.Alerts, interpret.AlertRule{Segment: a.Segment, Code: a.Code, Values: a.Values, Kind: a.Kind})
	}
	for _, z := range m.Segments {
		t.ZSegments = append(t.ZSegments, interpret.SegmentRule{
			Feed: z.Feed, Segment: z.Segment, Fact: z.Fact, Code: z.Code, Text: z.Text,
			From: z.From, Until: z.Until, Cancel: z.Cancel,
		})
	}
	t.Frequencies = map[string]interpret.FrequencyRule{}
	for code, times := range m.Intervals {
		t.Frequencies[code] = interpret.FrequencyRule{Times: times}
	}
	return t
}

func nonEmpty(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
}

func demoWard(w demo.Ward) config.Ward {
	kinds := map[demo.Kind]config.WardKind{
		demo.Emergency: config.WardEmergency, demo.Intensive: config.WardICU, demo.Stroke: config.WardIMC,
		demo.Normal: config.WardNormal, demo.Obstetrics: config.WardBirth, demo.Children: config.WardChildren,
		demo.Service: config.WardService,
	}
	out := config.Ward{Code: w.Code, Name: w.Name, Kind: kinds[w.Kind]}
	for _, r := range w.Rooms {
		out.Beds = append(out.Beds, config.Room{Room: r.Name, Beds: r.Beds})
	}
	return out
}

// sortFeeds puts feeds into the order of names.
func sortFeeds(feeds []config.Feed, names []string) {
	slices.SortFunc(feeds, func(a, b config.Feed) int {
		return slices.Index(names, a.Name) - slices.Index(names, b.Name)
	})
}
