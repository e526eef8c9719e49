package web

import (
	"slices"

	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// navLine is one way to another page.
type navLine struct {
	Href  string
	Label lang.Text
	Here  bool
	Count int // what waits there; 0: nothing, or it is not counted
}

// navItem is one place of the navigation: a way, or a group of ways.
type navItem struct {
	navLine // of a group: its name, whether the page is in it, the sum of what waits
	Lines   []navLine
}

// roomy is how many ways stand side by side in one line of a screen of 1366
// pixels. More are grouped.
const roomy = 8

var navGroups = []struct {
	name  string
	label lang.Text
}{
	{"crisis", lang.Text{DE: "Krise", EN: "Crisis"}},
	{"systems", lang.Text{DE: "Systeme", EN: "Systems"}},
	{"back", lang.Text{DE: "Rückgabe", EN: "Hand-back"}},
	{"house", lang.Text{DE: "Verwaltung", EN: "Administration"}},
}

// navEntry is a page that the navigation offers.
type navEntry struct {
	group string // "" never folds away: what a ward works with
	at    string // the page's place, see [Frame]
	href  string
	label lang.Text
	may   []staff.Right // one of them is enough; none: everybody
	only  func(Frame) bool
	count func(Frame) int
}

func inEmergency(f Frame) bool { return f.Mode.Kind == incident.Emergency }

var navEntries = []navEntry{
	{at: "admission", href: "/admission", label: lang.Text{DE: "Aufnahme", EN: "Admission"}, may: []staff.Right{staff.Admit}},
	{at: "desk/lab", href: "/desk/lab", label: lang.Text{DE: "Labor", EN: "Laboratory"}, may: []staff.Right{staff.EnterResults}, only: inEmergency},
	{at: "desk/findings", href: "/desk/findings", label: lang.Text{DE: "Befundung", EN: "Reporting"}, may: []staff.Right{staff.ReportFindings}, only: inEmergency},
	{at: "desk/pharmacy", href: "/desk/pharmacy", label: lang.Text{DE: "Apotheke", EN: "Pharmacy"}, may: []staff.Right{staff.Dispense}, only: inEmergency},
	{at: "desk/critical", href: "/desk/critical", label: lang.Text{DE: "Kritisch", EN: "Critical"}, may: []staff.Right{staff.SeeResults}, only: inEmergency},
	{at: "unread", href: "/unread", label: lang.Text{DE: "Ungelesen", EN: "Unread"}, may: []staff.Right{staff.SeeUnread}, count: func(f Frame) int { return f.Unread }},
	{at: "drafts", href: "/drafts", label: lang.Text{DE: "Entwürfe", EN: "Drafts"}, only: func(f Frame) bool { return f.Unsigned > 0 }, count: func(f Frame) int { return f.Unsigned }},
	{at: "paper", href: "/desk/scan", label: lang.Text{DE: "Papier", EN: "Paper"}, may: []staff.Right{staff.FileSheets}, count: func(f Frame) int { return f.Paper }},
	{at: "print", href: "/print", label: lang.Text{DE: "Druck", EN: "Print"}, may: []staff.Right{staff.Print, staff.PrintHouse}},
	{group: "crisis", at: "crisis", href: "/crisis", label: lang.Text{DE: "Krisenlagen", EN: "Incidents"}, may: []staff.Right{staff.SeeCrisis, staff.DeclareOutage}},
	{group: "crisis", at: "outages", href: "/outages", label: lang.Text{DE: "Ausfälle", EN: "Outages"}},
	{group: "crisis", at: "harm", href: "/harm", label: lang.Text{DE: "Ausfallfolgen", EN: "Harm"}, may: []staff.Right{staff.SeeHarm}},
	{group: "crisis", at: "events", href: "/events", label: lang.Text{DE: "Meldungen", EN: "Reports"}, may: []staff.Right{staff.ReviewHarm}},
	{group: "systems", at: "estate", href: "/estate", label: lang.Text{DE: "Systeme", EN: "Systems"}, may: []staff.Right{staff.SeeEstate}},
	{group: "systems", at: "watch", href: "/watch", label: lang.Text{DE: "Wache", EN: "Watch"}, may: []staff.Right{staff.WatchSystems}},
	{group: "back", at: "handback", href: "/handback", label: lang.Text{DE: "Rückgabe", EN: "Hand-back"}, may: []staff.Right{staff.ReleaseEntries, staff.OperateHandback}},
	{group: "back", at: "forward", href: "/forward", label: lang.Text{DE: "Weitergabe", EN: "Forwarding"}, may: []staff.Right{staff.OperateHandback}, only: func(f Frame) bool { return f.Forward != nil }, count: func(f Frame) int { return f.Forward.N }},
	{group: "house", at: "audit", href: "/audit", label: lang.Text{DE: "Zugriffe", EN: "Access log"}, may: []staff.Right{staff.SearchReads}},
	{group: "house", at: "people", href: "/people", label: lang.Text{DE: "Personen", EN: "People"}, may: []staff.Right{staff.ManagePeople}},
}

func (e *navEntry) offered(f Frame) bool {
	if e.only != nil && !e.only(f) {
		return false
	}
	return len(e.may) == 0 || slices.ContainsFunc(e.may, func(r staff.Right) bool { return f.User.Can(string(r)) })
}

// Nav is the way to the other pages, as far as the person may go there: side by
// side while there is room, else grouped. A group of one stays a way of its own.
func (f Frame) Nav() []navItem {
	out := []navItem{{navLine: navLine{Href: "/", Label: lang.Text{DE: "Haus", EN: "House"}, Here: f.At == "house"}}}
	for _, w := range f.wardsOf() {
		out = append(out, navItem{navLine: navLine{Href: "/ward/" + w, Label: lang.Text{DE: w}, Here: f.At == "ward/"+w}})
	}
	groups := map[string][]navLine{}
	all := len(out)
	for i := range navEntries {
		e := &navEntries[i]
		if !e.offered(f) {
			continue
		}
		l := navLine{Href: e.href, Label: e.label, Here: f.At == e.at}
		if e.count != nil {
			l.Count = e.count(f)
		}
		if all++; e.group == "" {
			out = append(out, navItem{navLine: l})
			continue
		}
		groups[e.group] = append(groups[e.group], l)
	}
	for _, g := range navGroups {
		lines := groups[g.name]
		if all <= roomy || len(lines) == 1 {
			for _, l := range lines {
				out = append(out, navItem{navLine: l})
			}
			continue
		}
		if len(lines) == 0 {
			continue
		}
		item := navItem{navLine: navLine{Label: g.label}, Lines: lines}
		for _, l := range lines {
			item.Here = item.Here || l.Here
			item.Count += l.Count
		}
		out = append(out, item)
	}
	return out
}
