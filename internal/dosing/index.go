package dosing

import (
	"regexp"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// routes are the ways of giving a bound may name.
var routes = []string{"", "oral", "iv", "sc", "im", "inh", "rektal", "transdermal", "topisch"}

var (
	atcForm = regexp.MustCompile(`^[A-Z]\d\d[A-Z]{2}\d\d$`)
	pznForm = regexp.MustCompile(`^\d{8}$`)
)

// index checks the file as a whole and makes it ready for looking up.
func (l *loader) index(f *file) *Table {
	t := &Table{
		Version: f.Version, ApprovedBy: f.ApprovedBy, ApprovedOn: f.ApprovedOn, all: f.Substances,
		classes: map[string]lang.Text{}, groups: map[string]*group{}, atc: map[string]*substance{}, pzn: map[string]*substance{},
		names: map[string]*substance{}, said: map[string]*group{}, other: map[string]bool{}, partOf: map[string]bool{},
	}
	if f.Version == "" {
		l.note(1, "„version“ fehlt.", "“version” is missing.")
	}
	if (f.ApprovedBy == "") != (f.ApprovedOn == "") {
		l.note(1, "„approved_by“ und „approved_on“ gehören zusammen.", "“approved_by” and “approved_on” belong together.")
	}
	if len(f.Substances) == 0 {
		l.note(1, "Die Tabelle enthält keinen Wirkstoff.", "The table holds no substance.")
	}
	for _, c := range f.Classes {
		if _, twice := t.classes[c.ID]; c.ID == "" || c.DE == "" || twice {
			l.note(1, "Die Klasse „"+c.ID+"“ ist unvollständig oder steht zweimal da.", "Class “"+c.ID+"” is incomplete or stands there twice.")
		}
		t.classes[c.ID] = lang.Text{DE: c.DE, EN: c.EN}
	}
	l.indexGroups(f, t)
	for _, w := range f.NoDrugs {
		t.other[strings.Join(words(w), " ")] = true
	}
	for _, s := range f.Substances {
		if s == nil {
			l.note(1, "Ein Eintrag ist leer.", "An entry is empty.")
			continue
		}
		l.substance(t, s)
	}
	return t
}

func (l *loader) indexGroups(f *file, t *Table) {
	for _, g := range f.Groups {
		if g == nil {
			l.note(1, "Eine Gruppe ist leer.", "A group is empty.")
			continue
		}
		line := l.lines[g]
		if g.ID == "" || g.DE == "" || t.groups[g.ID] != nil {
			l.note(line, "Die Gruppe „"+g.ID+"“ ist unvollständig oder steht zweimal da.", "Group “"+g.ID+"” is incomplete or stands there twice.")
		}
		t.groups[g.ID] = g
		l.level(line, g.Within)
		for _, w := range append([]string{g.DE}, g.Said...) {
			key := strings.Join(words(w), " ")
			if o := t.said[key]; o != nil && o != g {
				l.note(line, "„"+w+"“ steht in zwei Gruppen.", "“"+w+"” stands in two groups.")
			}
			t.said[key] = g
			t.deepest = max(t.deepest, len(words(w)))
		}
	}
	for _, g := range f.Groups {
		if g == nil {
			continue
		}
		for _, c := range g.Cross {
			l.level(l.lines[g], c.Level)
			if t.groups[c.Group] == nil {
				l.note(l.lines[g], "Die Gruppe „"+c.Group+"“ gibt es nicht.", "There is no group “"+c.Group+"”.")
			}
		}
	}
}

func (l *loader) level(line int, s string) {
	if _, ok := levels[s]; !ok {
		l.note(line, "„"+s+"“ ist keine Stufe (stop, warn, note).", "“"+s+"” is no level (stop, warn, note).")
	}
}

// substance checks one entry and enters its codes and names.
func (l *loader) substance(t *Table, s *substance) {
	line := l.lines[s]
	enter := func(m map[string]*substance, key, shown string) {
		if o := m[key]; o != nil && o != s {
			l.note(line, "„"+shown+"“ steht schon bei „"+o.Name+"“.", "“"+shown+"” stands at “"+o.Name+"” already.")
			return
		}
		m[key] = s
	}
	if len(words(s.Name)) == 0 {
		l.note(line, "Der Name fehlt.", "The name is missing.")
		return
	}
	for _, c := range s.ATC {
		if !atcForm.MatchString(c) {
			l.note(line, "„"+c+"“ ist kein ATC-Code eines Wirkstoffs.", "“"+c+"” is no ATC code of a substance.")
		}
		enter(t.atc, c, c)
	}
	for _, c := range s.PZN {
		if !pznForm.MatchString(pzn(c)) {
			l.note(line, "„"+c+"“ ist keine PZN.", "“"+c+"” is no PZN.")
		}
		enter(t.pzn, pzn(c), c)
	}
	names := slices.Concat([]string{s.Name}, s.Also, s.Brands)
	if len(s.Parts) == 2 && len(words(s.Name)) > 1 { // in either order
		names = append(names, s.Parts[0]+" "+s.Parts[1], s.Parts[1]+" "+s.Parts[0])
	}
	for _, n := range names {
		w := words(n)
		if len(w) == 0 || len(w) == 1 && hollow(w[0]) {
			l.note(line, "„"+n+"“ sagt nicht, welcher Wirkstoff es ist.", "“"+n+"” does not say which substance it is.")
			continue
		}
		enter(t.names, strings.Join(w, " "), n)
		t.longest = max(t.longest, len(w))
	}
	for _, part := range s.parts() {
		t.partOf[part] = true
	}
	for _, c := range s.Class {
		if _, ok := t.classes[c]; !ok {
			l.note(line, "Die Klasse „"+c+"“ gibt es nicht.", "There is no class “"+c+"”.")
		}
	}
	for _, g := range s.Groups {
		if t.groups[g] == nil {
			l.note(line, "Die Gruppe „"+g+"“ gibt es nicht.", "There is no group “"+g+"”.")
		}
	}
	if s.HighRisk != "" && s.HighRisk != "always" && s.HighRisk != "iv" {
		l.note(line, "high_risk ist always oder iv.", "high_risk is always or iv.")
	}
	for i := range s.Limits {
		l.bound(line, &s.Limits[i])
	}
	l.hints(line, s)
}

func (l *loader) hints(line int, s *substance) {
	sentence := func(level, de string) {
		l.level(line, level)
		if de == "" {
			l.note(line, "Zu einer Stufe fehlt der Satz.", "A level lacks its sentence.")
		}
	}
	for _, r := range s.Renal {
		sentence(r.Level, r.DE)
		if r.Below <= 0 {
			l.note(line, "Zur Niere fehlt „below“ (eGFR).", "The kidney rule lacks “below” (eGFR).")
		}
	}
	for _, a := range s.Age {
		sentence(a.Level, a.DE)
		if a.From == 0 && a.Below == 0 {
			l.note(line, "Zum Alter fehlt „from“ oder „below“.", "The age rule lacks “from” or “below”.")
		}
	}
	if s.Pregnancy != (hint{}) {
		sentence(s.Pregnancy.Level, s.Pregnancy.DE)
	}
}

// bound reads the amounts of one way of giving. All must be of one unit, none
// under the single dose.
func (l *loader) bound(line int, b *bound) {
	if !slices.Contains(routes, b.Route) {
		l.note(line, "„"+b.Route+"“ ist kein bekannter Weg ("+strings.Join(routes[1:], ", ")+").", "“"+b.Route+"” is no known route ("+strings.Join(routes[1:], ", ")+").")
	}
	unit := Unit(0)
	read := func(s string, to *Amount, perKg bool) {
		if s == "" {
			return
		}
		a, err := ReadAmount(s)
		switch {
		case err != nil:
			l.note(line, "„"+s+"“: "+sayOf(err).DE, "“"+s+"”: "+sayOf(err).EN)
		case a.Low != a.High || a.High <= 0 || a.PerKg != perKg || a.Unit == Piece || a.Unit == Drop:
			l.note(line, "„"+s+"“ kann keine Höchstdosis sein.", "“"+s+"” cannot be a maximum dose.")
		case unit != 0 && a.Unit != unit:
			l.note(line, "„"+s+"“ hat eine andere Einheit als die übrigen.", "“"+s+"” has another unit than the others.")
		}
		unit, *to = a.Unit, a
	}
	read(b.Single, &b.single, false)
	read(b.Daily, &b.daily, false)
	read(b.Daily65, &b.daily65, false)
	read(b.DailyKg, &b.dailyKg, true)
	if b.Single == "" && b.Daily == "" && b.DailyKg == "" {
		l.note(line, "Eine Höchstdosis ohne Menge.", "A maximum dose without an amount.")
	}
	if b.Daily != "" && b.single.High > b.daily.High || b.Daily65 != "" && b.daily65.High > b.daily.High {
		l.note(line, "Die Tageshöchstdosis ist kleiner als eine andere.", "The daily maximum is smaller than another one.")
	}
}
