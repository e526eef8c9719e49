package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"notbetrieb/internal/estate"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/incident"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/staff"
)

// estateFrame is what every page of the estate has: which of its pages this is,
// what the reader may do and which version is shown.
type estateFrame struct {
	Frame
	Tab     string
	May     bool // the reader may change the estate
	Version uint64
	By      string
	When    stamp
	Wrong   int // findings of the worst level
}

// estatePage lists the systems.
type estatePage struct {
	estateFrame
	Rows    []systemRow
	Total   int
	Find    string // typed
	Areas   []choiceView
	Weights []choiceView
	Only    []choiceView
	Sorts   map[string]string // address by column
	Sort    string
}

// choiceView is one filter: a link that says whether it is on.
type choiceView struct {
	Label lang.Text
	Href  string
	On    bool
	N     int
}

type systemRow struct {
	ID      string
	Name    lang.Text
	Area    lang.Text
	Weight  lang.Text
	Vital   bool
	MTD     string
	RTO     string
	RPO     string
	Owner   string
	Needs   int
	Needed  int
	Stops   int
	State   lang.Text // only where it is not up
	Wrong   int
	Risk    int
	Hint    int
	weight  estate.Weight
	rto     estate.Span
	mtd     estate.Span
	areaKey estate.Area
}

// estateSystemPage is one system with everything that is known about it.
type estateSystemPage struct {
	estateFrame
	ID       string
	Name     lang.Text
	Area     lang.Text
	Weight   lang.Text
	State    lang.Text
	Purpose  string
	Fallback string
	Note     string
	Vendor   string
	Site     string
	Times    []labelled
	Owner    *reachView
	Needs    []depView
	Helpful  []depView
	StandIns []depView
	UsedBy   []depView
	Stops    int
	Lists    []listView
	Findings []findingView
	Edit     string
}

type labelled struct {
	Label lang.Text
	Value string
}

type depView struct {
	ID    string
	Name  lang.Text
	Kind  lang.Text
	Kind2 estate.Kind
	Note  string
	RTO   string
}

// listView is a table of rows with the columns that hold anything.
type listView struct {
	Key   string // of the table
	Title lang.Text
	Heads []lang.Text
	Rows  []cellRow
	May   bool
	Add   string // address of the form for a new row
}

type cellRow struct {
	Name  string // for the link's label
	Cells []string
	Edit  string
}

type findingView struct {
	Level estate.Level
	Word  lang.Text
	Say   lang.Text
	Href  string
	Code  string
}

var (
	estatePageT       = parse[estatePage]("estate")
	estateSystemPageT = parse[estateSystemPage]("estatesystem")
)

func (s *Server) estateRoutes(on func(string, show)) {
	on("GET /estate", s.showEstate)
	on("GET /estate/system/{id}", s.showEstateSystem)
	on("GET /estate/map", s.showEstateMap)
	on("GET /estate/order", s.showEstateOrder)
	on("GET /estate/stops/{id}", s.showEstateStops)
	on("GET /estate/checks", s.showEstateChecks)
	on("GET /estate/contacts", s.showEstateContacts)
	on("GET /estate/phonetree.pdf", s.printPhoneTree)
	on("GET /estate/options", s.showEstateOptions)
	on("GET /estate/tables/{table}", s.showEstateTable)
	on("GET /estate/tables/{table}/row", s.showEstateRow)
	on("GET /estate/import", s.showEstateImport)
	on("POST /estate/import", s.readEstateFiles)
	on("POST /estate/template", s.readEstateTemplate)
	on("POST /estate/accept", s.acceptEstate)
	on("GET /estate/preview/{id}", s.showEstatePreview)
	on("GET /estate/export/{file}", s.exportEstate)
	on("GET /estate/versions", s.showEstateVersions)
	on("POST /estate/restore", s.restoreEstate)
}

func (s *Server) estateForms(on func(string, show)) {
	on("POST /estate/tables/{table}/row", s.saveEstateRow)
}

// estateOf passes the gate and returns the estate as it stands with the frame of
// its pages. Nothing in it is about patients.
func (s *Server) estateOf(v *visit, tab string, title lang.Text) (*estate.Estate, estateFrame, error) {
	sess, err := v.need(staff.SeeEstate)
	if err != nil {
		return nil, estateFrame{}, err
	}
	f, err := s.frame(v)
	if err != nil {
		f = s.bare(v) // the systems are needed most when charts cannot be read
	}
	e, version := s.p.Estate.Current()
	ef := estateFrame{Frame: f.titled("estate", title), Tab: tab, May: staff.May(sess.Person, staff.KeepEstate), Version: version}
	if all := s.p.Estate.Versions(); len(all) > 0 {
		ef.By, ef.When = cmp.Or(all[0].By.Name, all[0].By.Person), f.stamp(all[0].By.At)
	}
	return e, ef, nil
}

// kept is estateOf for whoever may change the estate.
func (s *Server) kept(v *visit, tab string, title lang.Text) (*estate.Estate, estateFrame, error) {
	if _, err := v.need(staff.KeepEstate); err != nil {
		return nil, estateFrame{}, err
	}
	return s.estateOf(v, tab, title)
}

// columnWord is a stored value in words.
func columnWord(table, column, stored string) lang.Text {
	t, _ := estate.TableOf(table)
	c, ok := t.Column(column)
	if !ok {
		return lang.Text{DE: stored}
	}
	return lang.Text{DE: c.Show(stored, lang.DE), EN: c.Show(stored, lang.EN)}
}

// notUp is the word for a state that is worth saying.
func notUp(states map[string]incident.State, id string) lang.Text {
	st, known := states[id]
	if !known || st == incident.Up {
		return lang.Text{}
	}
	return stateWord(st)
}

// estateLook is what the reader chose to see of the list.
type estateLook struct {
	find, area, weight, only, sort string
}

func lookOf(v *visit) estateLook {
	q := v.URL.Query()
	return estateLook{strings.TrimSpace(q.Get("find")), q.Get("area"), q.Get("weight"), q.Get("only"), q.Get("sort")}
}

// href is the address of the list with one choice set otherwise.
func (l estateLook) href(name, value string) string {
	q := []string{}
	for _, x := range [][2]string{{"find", l.find}, {"area", l.area}, {"weight", l.weight}, {"only", l.only}, {"sort", l.sort}} {
		if x[0] == name {
			x[1] = value
		}
		if x[1] != "" {
			q = append(q, x[0]+"="+queryEscape(x[1]))
		}
	}
	if len(q) == 0 {
		return "/estate"
	}
	return "/estate?" + strings.Join(q, "&")
}

func (s *Server) showEstate(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "systems", lang.Text{DE: "Systeme", EN: "Systems"})
	if err != nil {
		return nil, err
	}
	return estatePageT.of(newEstatePage(e, f, lookOf(v), s.p.Outages.States(), e.Check(s.p.Estate.Today())))
}

func newEstatePage(e *estate.Estate, f estateFrame, look estateLook, states map[string]incident.State, found []estate.Finding) estatePage {
	p := estatePage{estateFrame: f, Total: len(e.Systems), Find: look.find, Sort: look.sort, Sorts: map[string]string{}}
	counts := map[string]*systemRow{}
	rows := make([]systemRow, len(e.Systems))
	stops := e.StopCounts()
	for i, sys := range e.Systems {
		owner, _ := e.Contact(sys.Owner)
		rows[i] = systemRow{
			ID: sys.ID, Name: sys.Name, Area: columnWord("systems", "area", string(sys.Area)), Weight: columnWord("systems", "weight", string(sys.Weight)),
			Vital: sys.Weight == estate.Vital, MTD: sys.MTD.In(f.Lang), RTO: sys.RTO.In(f.Lang), RPO: sys.RPO.In(f.Lang), Owner: cmp.Or(owner.Name, sys.Owner),
			State: notUp(states, sys.ID), weight: sys.Weight, rto: sys.RTO, mtd: sys.MTD, areaKey: sys.Area, Stops: stops[i],
		}
		for _, d := range e.DependsOn(sys.ID) {
			if d.Kind == estate.Needs {
				rows[i].Needs++
			}
		}
		for _, d := range e.NeededBy(sys.ID) {
			if d.Kind == estate.Needs {
				rows[i].Needed++
			}
		}
		counts[sys.ID] = &rows[i]
	}
	for _, x := range found {
		if r := counts[x.Row]; r != nil && x.Table == "systems" {
			switch x.Level {
			case estate.Wrong:
				r.Wrong++
			case estate.Risk:
				r.Risk++
			case estate.Hint:
				r.Hint++
			}
		}
	}
	p.filters(rows, look)
	for _, r := range rows {
		if look.takes(r) {
			p.Rows = append(p.Rows, r)
		}
	}
	sortSystems(p.Rows, look.sort, f.Lang)
	for _, by := range []string{"name", "area", "weight", "mtd", "rto", "needed", "stops"} {
		p.Sorts[by] = look.href("sort", by)
	}
	return p
}

func (l estateLook) takes(r systemRow) bool {
	find := strings.ToLower(l.find)
	return (l.area == "" || string(r.areaKey) == l.area) && (l.weight == "" || string(r.weight) == l.weight) &&
		(l.only == "" || l.only == "found" && r.Wrong+r.Risk+r.Hint > 0 || l.only == "down" && r.State.DE != "") &&
		(find == "" || strings.Contains(strings.ToLower(r.ID+" "+r.Name.DE+" "+r.Name.EN+" "+r.Owner), find))
}

func (p *estatePage) filters(rows []systemRow, look estateLook) {
	t, _ := estate.TableOf("systems")
	add := func(out *[]choiceView, column, chosen string, is func(systemRow, string) bool) {
		c, _ := t.Column(column)
		*out = append(*out, choiceView{Label: lang.Text{DE: "alle", EN: "all"}, Href: look.href(column, ""), On: chosen == "", N: len(rows)})
		for _, w := range c.Words {
			n := 0
			for _, r := range rows {
				if is(r, w.Stored) {
					n++
				}
			}
			if n > 0 || chosen == w.Stored {
				*out = append(*out, choiceView{Label: w.Say, Href: look.href(column, w.Stored), On: chosen == w.Stored, N: n})
			}
		}
	}
	add(&p.Areas, "area", look.area, func(r systemRow, w string) bool { return string(r.areaKey) == w })
	add(&p.Weights, "weight", look.weight, func(r systemRow, w string) bool { return string(r.weight) == w })
	found, down := 0, 0
	for _, r := range rows {
		if r.Wrong+r.Risk+r.Hint > 0 {
			found++
		}
		if r.State.DE != "" {
			down++
		}
	}
	p.Only = []choiceView{
		{Label: lang.Text{DE: "alle", EN: "all"}, Href: look.href("only", ""), On: look.only == "", N: len(rows)},
		{Label: lang.Text{DE: "mit Befund", EN: "with findings"}, Href: look.href("only", "found"), On: look.only == "found", N: found},
		{Label: lang.Text{DE: "nicht in Betrieb", EN: "not up"}, Href: look.href("only", "down"), On: look.only == "down", N: down},
	}
}

func sortSystems(rows []systemRow, by string, l lang.Lang) {
	weights := []estate.Weight{estate.Vital, estate.Essential, estate.Supporting, ""}
	span := func(a, b estate.Span) int { // what is not stated comes last
		if a.Stated != b.Stated {
			if a.Stated {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.D, b.D)
	}
	slices.SortStableFunc(rows, func(a, b systemRow) int {
		name := strings.Compare(strings.ToLower(a.Name.In(l)), strings.ToLower(b.Name.In(l)))
		switch by {
		case "name":
			return name
		case "area":
			return cmp.Or(strings.Compare(a.Area.In(l), b.Area.In(l)), name)
		case "mtd":
			return cmp.Or(span(a.mtd, b.mtd), name)
		case "rto":
			return cmp.Or(span(a.rto, b.rto), name)
		case "needed":
			return cmp.Or(cmp.Compare(b.Needed, a.Needed), name)
		case "stops":
			return cmp.Or(cmp.Compare(b.Stops, a.Stops), name)
		}
		return cmp.Or(cmp.Compare(slices.Index(weights, a.weight), slices.Index(weights, b.weight)), span(a.mtd, b.mtd), name)
	})
}

func (s *Server) showEstateSystem(v *visit) (http.Handler, error) {
	e, f, err := s.estateOf(v, "systems", lang.Text{DE: "System", EN: "System"})
	if err != nil {
		return nil, err
	}
	sys, ok := e.System(v.PathValue("id"))
	if !ok {
		return nil, errNoSystem()
	}
	return estateSystemPageT.of(newEstateSystemPage(e, sys, f, s.p.Outages.States(), e.Check(s.p.Estate.Today())))
}

func errNoSystem() error {
	return fault.New(fault.NotFound, lang.Text{DE: "Dieses System steht nicht in der Liste der Systeme.", EN: "This system is not in the list of systems."})
}

func newEstateSystemPage(e *estate.Estate, sys estate.System, f estateFrame, states map[string]incident.State, found []estate.Finding) estateSystemPage {
	f.Title = sys.Name
	p := estateSystemPage{
		estateFrame: f, ID: sys.ID, Name: sys.Name, Area: columnWord("systems", "area", string(sys.Area)), Weight: columnWord("systems", "weight", string(sys.Weight)),
		State: notUp(states, sys.ID), Purpose: sys.Purpose, Fallback: sys.Fallback, Note: sys.Note, Vendor: sys.Vendor, Edit: rowHref("systems", sys.ID),
	}
	if site, ok := e.Site(sys.Site); ok {
		p.Site = site.Name
	}
	p.Times = []labelled{
		{lang.Text{DE: "Höchstens ohne (MTD)", EN: "Longest without (MTD)"}, sys.MTD.In(f.Lang)},
		{lang.Text{DE: "Wieder da in (RTO)", EN: "Back within (RTO)"}, sys.RTO.In(f.Lang)},
		{lang.Text{DE: "Verlust höchstens (RPO)", EN: "Loss at most (RPO)"}, sys.RPO.In(f.Lang)},
	}
	if c, ok := e.Contact(sys.Owner); ok {
		view := newReachView(e, c)
		p.Owner = &view
	}
	p.dependencies(e, sys.ID, f.Lang)
	for _, key := range []string{"contracts", "spares", "options", "hosts", "stores", "backups", "probes", "feeds"} {
		t, _ := estate.TableOf(key)
		l := newListView(e, t, f.Lang, f.May, func(cells []string) bool { return names(t, cells, sys.ID) }, "systems", "system",
			"c5", "c5-scope", "c5-until", "c5-customer", "establishment", "processing", "kritis", "exit", "exit-time") // those stand side by side on a page of their own
		if _, one := t.Column("system"); one {
			l.Add += "?system=" + sys.ID
		} else {
			l.Add += "?systems=" + sys.ID
		}
		if len(l.Rows) > 0 {
			p.Lists = append(p.Lists, l)
		}
	}
	for _, x := range found {
		if x.Table == "systems" && x.Row == sys.ID || slices.Contains(x.Path, sys.ID) {
			p.Findings = append(p.Findings, newFindingView(x))
		}
	}
	if stops, _, ok := e.Stops(sys.ID); ok {
		p.Stops = len(stops) - 1
	}
	return p
}

func (p *estateSystemPage) dependencies(e *estate.Estate, id string, l lang.Lang) {
	view := func(other string, d estate.Dependency) depView {
		x, _ := e.System(other)
		if x.ID == "" {
			x = estate.System{ID: other, Name: lang.Text{DE: other}}
		}
		dv := depView{ID: x.ID, Name: x.Name, Kind: columnWord("dependencies", "kind", string(d.Kind)), Kind2: d.Kind, Note: d.Note, RTO: x.RTO.In(l)}
		if r, ok := e.System(d.For); ok && d.For != id {
			dv.Kind.DE += " für " + r.Name.DE
			dv.Kind.EN += " for " + r.Name.In(lang.EN)
		}
		return dv
	}
	for _, d := range e.DependsOn(id) {
		switch dv := view(d.On, d); d.Kind {
		case estate.Needs:
			p.Needs = append(p.Needs, dv)
		case estate.Helpful:
			p.Helpful = append(p.Helpful, dv)
		case estate.StandsInBy:
			p.StandIns = append(p.StandIns, dv)
		}
	}
	for _, d := range e.NeededBy(id) {
		p.UsedBy = append(p.UsedBy, view(d.System, d))
	}
}

// names reports whether a row names a system.
func names(t *estate.Table, cells []string, id string) bool {
	for i, c := range t.Columns {
		if c.Ref == "systems" && slices.Contains(strings.Split(cells[i], ", "), id) {
			return true
		}
	}
	return false
}

func newFindingView(x estate.Finding) findingView {
	fv := findingView{Level: x.Level, Say: x.Say, Code: x.Code, Word: levelWord(x.Level)}
	switch {
	case x.Table == "systems" && x.Row != "":
		fv.Href = "/estate/system/" + x.Row
	case x.Row != "":
		fv.Href = rowHref(x.Table, x.Row)
	case x.Table == "contacts":
		fv.Href = "/estate/contacts"
	}
	return fv
}

func levelWord(l estate.Level) lang.Text {
	switch l {
	case estate.Wrong:
		return lang.Text{DE: "Widerspruch", EN: "contradiction"}
	case estate.Risk:
		return lang.Text{DE: "Risiko", EN: "risk"}
	case estate.Hint:
		return lang.Text{DE: "Hinweis", EN: "hint"}
	}
	return lang.Text{DE: string(l)}
}
