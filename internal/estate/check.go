package estate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"notbetrieb/internal/lang"
)

// Level is how bad a finding is. The words are stable.
type Level string

const (
	Wrong Level = "wrong" // contradicts itself: mend it
	Risk  Level = "risk"  // the house can be hit here
	Hint  Level = "hint"  // something is not stated or not up to date
)

// Finding is one thing that is wrong or dangerous about the estate.
type Finding struct {
	Code  string // stable: "cycle", "single-point", …
	Level Level
	Table string // of the row that it is about
	Row   string // the row's key
	Path  []string
	Say   lang.Text
}

// Limits of the checks.
const (
	manyVital  = 3   // vital systems that stop with one: a single point of failure
	endingSoon = 90  // days before the end of a contract that it is said
	oldSpare   = 365 // days after which a spare counts as unchecked
	oldRestore = 365 // days after which a test of a backup counts as old
)

// checker collects findings.
type checker struct {
	e     *Estate
	g     *graph
	today Date
	out   []Finding
}

// Check returns what is wrong or dangerous, the worst first, within a level in
// the order of the tables. today is the day contracts and tests are compared
// with.
func (e *Estate) Check(today Date) []Finding {
	c := &checker{e: e, g: e.graph(), today: today}
	c.references()
	c.cycles()
	c.times()
	c.points()
	c.systems()
	c.backups()
	c.contacts()
	c.tree()
	c.contracts()
	c.spares()
	c.options()
	rank := []Level{Wrong, Risk, Hint}
	slices.SortStableFunc(c.out, func(a, b Finding) int {
		return cmp.Compare(slices.Index(rank, a.Level), slices.Index(rank, b.Level))
	})
	return c.out
}

func (c *checker) find(code string, level Level, table, row string, de, en string) *Finding {
	c.out = append(c.out, Finding{Code: code, Level: level, Table: table, Row: row, Say: lang.Text{DE: de, EN: en}})
	return &c.out[len(c.out)-1]
}

// name is how a system is called in a sentence.
func (c *checker) name(s int) string { return c.e.Systems[s].Name.DE }

func (c *checker) names(l lang.Lang, ids []int, join string) string {
	var out []string
	for _, s := range ids {
		out = append(out, c.e.Systems[s].Name.In(l))
	}
	return strings.Join(out, join)
}

func (c *checker) ids(path []int) []string {
	var out []string
	for _, s := range path {
		out = append(out, c.e.Systems[s].ID)
	}
	return out
}

// references finds values that name a row that is not there.
func (c *checker) references() {
	known := map[string]map[string]bool{}
	rows := map[string][][]string{}
	for _, t := range tables {
		rows[t.Key] = t.Rows(&c.e.Tables)
		known[t.Key] = make(map[string]bool, len(rows[t.Key]))
		for _, cells := range rows[t.Key] {
			known[t.Key][cells[0]] = true
		}
	}
	for _, t := range tables {
		for i := range t.Columns {
			col := &t.Columns[i]
			if col.Ref == "" {
				continue
			}
			to, _ := TableOf(col.Ref)
			for _, cells := range rows[t.Key] {
				for _, id := range split(cells[i]) {
					if !known[col.Ref][id] {
						c.find("unknown", Wrong, t.Key, t.key(cells),
							fmt.Sprintf("„%s“ in der Spalte %s steht nicht unter %s.", id, col.Head.DE, to.Title.DE),
							fmt.Sprintf("“%s” in the column %s is not among %s.", id, col.Head.EN, to.Title.EN))
					}
				}
			}
		}
	}
	for _, d := range c.e.Dependencies {
		if d.System == d.On {
			c.find("itself", Wrong, "dependencies", d.System+"/"+string(d.Kind)+"/"+d.On+"/"+d.For, "Ein System hängt von sich selbst ab.", "A system depends on itself.")
		}
	}
}

// cycles names systems that need one another.
func (c *checker) cycles() {
	for _, group := range c.g.groups() {
		if len(group) < 2 {
			continue
		}
		path := c.g.cycle(group)
		round := append(slices.Clone(path), path[0])
		f := c.find("cycle", Wrong, "systems", c.e.Systems[path[0]].ID,
			"Diese Systeme brauchen sich im Kreis und können so nicht nacheinander anlaufen: "+c.names(lang.DE, round, " → ")+".",
			"These systems need one another in a circle and cannot be started one after the other like this: "+c.names(lang.EN, round, " → ")+".")
		f.Path = c.ids(path)
		if more := len(group) - len(path); more > 0 {
			f.Say.DE += fmt.Sprintf(" Daran hängen %d weitere.", more)
			f.Say.EN += fmt.Sprintf(" %d more are tied to it.", more)
		}
	}
}

// times finds objectives that contradict one another.
func (c *checker) times() {
	promises := c.g.promises()
	for s, sys := range c.e.Systems {
		if sys.MTD.Stated && sys.RTO.Stated && sys.MTD.D < sys.RTO.D {
			c.find("mtd-rto", Wrong, "systems", sys.ID,
				fmt.Sprintf("%s soll in %s wieder laufen, das Haus kommt aber nur %s ohne aus.", sys.Name.DE, sys.RTO.In(lang.DE), sys.MTD.In(lang.DE)),
				fmt.Sprintf("%s is to run again within %s, but the house can do without for only %s.", sys.Name.In(lang.EN), sys.RTO.In(lang.EN), sys.MTD.In(lang.EN)))
		}
		p := promises[s]
		if !sys.RTO.Stated || !p.rto.Stated || p.rto.D <= sys.RTO.D {
			continue
		}
		last := p.path[len(p.path)-1]
		chain := append([]int{s}, p.path...)
		c.find("rto-chain", Wrong, "systems", sys.ID,
			fmt.Sprintf("%s kann nicht in %s wieder laufen: es braucht %s, das erst in %s zurück ist (%s).",
				sys.Name.DE, sys.RTO.In(lang.DE), c.name(last), p.rto.In(lang.DE), c.names(lang.DE, chain, " → ")),
			fmt.Sprintf("%s cannot run again within %s: it needs %s, which is back only within %s (%s).",
				sys.Name.In(lang.EN), sys.RTO.In(lang.EN), c.e.Systems[last].Name.In(lang.EN), p.rto.In(lang.EN), c.names(lang.EN, chain, " → "))).Path = c.ids(chain)
	}
}

// points finds systems that many vital ones stop with.
func (c *checker) points() {
	type point struct {
		s     int
		vital []int
	}
	var found []point
	for s := range c.e.Systems {
		if len(c.g.needed[s]) == 0 {
			continue
		}
		_, _, order := c.g.fall(s)
		var vital []int
		for _, x := range order[1:] {
			if c.e.Systems[x].Weight == Vital {
				vital = append(vital, x)
			}
		}
		if len(vital) >= manyVital && len(c.g.standins[s][s]) == 0 {
			found = append(found, point{s, vital})
		}
	}
	slices.SortStableFunc(found, func(a, b point) int { return cmp.Compare(len(b.vital), len(a.vital)) })
	for _, p := range found {
		shown, rest := p.vital, ""
		restEN := ""
		if len(shown) > 6 {
			rest, restEN = fmt.Sprintf(" und %d weitere", len(shown)-5), fmt.Sprintf(" and %d more", len(shown)-5)
			shown = shown[:5]
		}
		c.find("single-point", Risk, "systems", c.e.Systems[p.s].ID,
			fmt.Sprintf("Mit %s stehen %d lebenswichtige Systeme, ohne dass etwas einspringt: %s%s.", c.name(p.s), len(p.vital), c.names(lang.DE, shown, ", "), rest),
			fmt.Sprintf("With %s, %d vital systems stop and nothing takes over: %s%s.", c.e.Systems[p.s].Name.In(lang.EN), len(p.vital), c.names(lang.EN, shown, ", "), restEN))
	}
}

// systems finds what is not stated about each.
func (c *checker) systems() {
	for _, s := range c.e.Systems {
		en := s.Name.In(lang.EN)
		if s.Owner == "" {
			c.find("no-owner", Risk, "systems", s.ID, "Für "+s.Name.DE+" ist niemand verantwortlich.", "Nobody answers for "+en+".")
		}
		if s.Weight == "" {
			c.find("no-weight", Hint, "systems", s.ID, "Bei "+s.Name.DE+" fehlt die Bedeutung.", "The weight of "+en+" is not stated.")
		}
		if s.Weight != Vital {
			continue
		}
		if s.Fallback == "" {
			c.find("no-fallback", Risk, "systems", s.ID, "Wie es ohne "+s.Name.DE+" weitergeht, ist nicht beschrieben.", "How work goes on without "+en+" is not described.")
		}
		if !s.RTO.Stated || !s.MTD.Stated {
			c.find("no-times", Hint, "systems", s.ID, "Bei "+s.Name.DE+" fehlt MTD oder RTO.", "MTD or RTO of "+en+" is not stated.")
		}
	}
}

// backups finds data that no copy brings back in time.
func (c *checker) backups() {
	for _, s := range c.e.Systems {
		stores, copies := c.e.stores[s.ID], c.e.backups[s.ID]
		en := s.Name.In(lang.EN)
		patients := false
		for _, st := range stores {
			patients = patients || st.Patients
			mine := slices.ContainsFunc(copies, func(b BackupCopy) bool { return b.Store == "" || b.Store == st.ID })
			if !mine {
				c.find("no-backup", Risk, "stores", st.ID, "Von "+st.Name+" ("+s.Name.DE+") gibt es keine Sicherung.", "There is no backup of "+st.Name+" ("+en+").")
			}
		}
		if len(copies) == 0 {
			continue
		}
		if patients && !slices.ContainsFunc(copies, func(b BackupCopy) bool { return b.Offline || b.Immutable }) {
			c.find("backup-reachable", Risk, "systems", s.ID,
				"Jede Sicherung von "+s.Name.DE+" kann aus dem Netz gelöscht werden.", "Each backup of "+en+" can be deleted from the network.")
		}
		if s.Site != "" && !slices.ContainsFunc(copies, func(b BackupCopy) bool { return b.Site != s.Site }) {
			c.find("backup-site", Risk, "systems", s.ID,
				"Alle Sicherungen von "+s.Name.DE+" liegen am selben Standort wie das System.", "All backups of "+en+" lie at the same site as the system.")
		}
		c.copies(s, copies)
	}
}

func (c *checker) copies(s System, copies []BackupCopy) {
	en := s.Name.In(lang.EN)
	var best Span
	var restored Date
	for _, b := range copies {
		if b.Every.Stated && (!best.Stated || b.Every.D < best.D) {
			best = b.Every
		}
		if !restored.Stated() || b.Restored.Stated() && b.Restored.DaysFrom(restored) > 0 {
			restored = b.Restored
		}
	}
	if s.RPO.Stated && best.Stated && best.D > s.RPO.D {
		c.find("rpo", Wrong, "systems", s.ID,
			fmt.Sprintf("Bei %s darf Arbeit von %s verloren gehen, gesichert wird aber nur alle %s.", s.Name.DE, s.RPO.In(lang.DE), best.In(lang.DE)),
			fmt.Sprintf("%s may lose work of %s, but is copied only every %s.", en, s.RPO.In(lang.EN), best.In(lang.EN)))
	}
	switch {
	case !restored.Stated():
		c.find("never-restored", Hint, "systems", s.ID, "Keine Sicherung von "+s.Name.DE+" wurde je zurückgespielt.", "No backup of "+en+" was ever restored.")
	case c.today.DaysFrom(restored) > oldRestore:
		c.find("never-restored", Hint, "systems", s.ID,
			"Eine Sicherung von "+s.Name.DE+" wurde zuletzt am "+restored.German()+" zurückgespielt.", "A backup of "+en+" was last restored on "+restored.String()+".")
	}
}

// contacts finds people who cannot be reached in an outage.
func (c *checker) contacts() {
	for _, p := range c.e.Contacts {
		switch {
		case len(p.Ways) == 0:
			c.find("unreachable", Risk, "contacts", p.ID, "Wie "+p.Name+" zu erreichen ist, steht nirgends.", "How to reach "+p.Name+" is not stated.")
		case !slices.ContainsFunc(p.Ways, func(w Way) bool { return w.Kind.Offline() }):
			c.find("unreachable", Risk, "contacts", p.ID,
				p.Name+" ist nur über Mail, Telefonanlage oder Internet zu erreichen.", p.Name+" can be reached only by mail, the exchange or the internet.")
		}
	}
}

// tree finds what breaks the phone tree.
func (c *checker) tree() {
	roots, called := 0, false
	for _, p := range c.e.Contacts {
		if p.Root {
			roots++
		}
		called = called || p.CalledBy != ""
	}
	if !called && roots == 0 {
		if len(c.e.Contacts) > 0 {
			c.find("no-tree", Hint, "contacts", "", "Es gibt keine Telefonkette.", "There is no phone tree.")
		}
		return
	}
	if roots == 0 {
		c.find("no-root", Wrong, "contacts", "", "Die Telefonkette hat keinen Anfang.", "The phone tree has no root.")
	}
	begins, lost := c.e.PhoneTree()
	if n := people(begins) + len(lost); n > MaxCalled {
		c.find("tree-large", Risk, "contacts", "",
			fmt.Sprintf("Die Telefonkette hat %d Personen. Auf einmal gerufen werden höchstens %d: %d werden von Notbetrieb nicht gerufen. Bitte Gruppen bilden.", n, MaxCalled, n-MaxCalled),
			fmt.Sprintf("The phone tree has %d people. At most %d are called at once: %d are not called by Notbetrieb. Please make groups.", n, MaxCalled, n-MaxCalled))
	}
	for _, p := range lost {
		c.find("tree-lost", Wrong, "contacts", p.ID,
			p.Name+" hängt an keiner Telefonkette, die einen Anfang hat.", p.Name+" is on no phone tree that has a root.")
	}
}

// people counts everybody on the branches.
func people(all []Branch) int {
	n := len(all)
	for _, b := range all {
		n += people(b.Calls)
	}
	return n
}

// contracts finds those that ended or end soon.
func (c *checker) contracts() {
	for _, k := range c.e.Contracts {
		if !k.Until.Stated() {
			continue
		}
		days := k.Until.DaysFrom(c.today)
		switch notice := k.Until.Minus(k.Notice); {
		case days < 0:
			c.find("contract-over", Risk, "contracts", k.ID, k.Name+" ist am "+k.Until.German()+" ausgelaufen.", k.Name+" ended on "+k.Until.String()+".")
		case days <= endingSoon:
			c.find("contract-ends", Hint, "contracts", k.ID, k.Name+" endet am "+k.Until.German()+".", k.Name+" ends on "+k.Until.String()+".")
		case k.Notice.Stated && k.Notice.D > 0 && notice.DaysFrom(c.today) >= 0 && notice.DaysFrom(c.today) <= endingSoon:
			c.find("contract-notice", Hint, "contracts", k.ID,
				k.Name+" kann bis "+notice.German()+" gekündigt werden.", k.Name+" can be terminated until "+notice.String()+".")
		}
	}
}

func (c *checker) spares() {
	for _, s := range c.e.Spares {
		if !s.Checked.Stated() || c.today.DaysFrom(s.Checked) > oldSpare {
			c.find("spare-unchecked", Hint, "spares", s.ID, s.Name+" wurde seit einem Jahr nicht geprüft.", s.Name+" was not checked for a year.")
		}
	}
}

// options finds places outside that may not take health data.
func (c *checker) options() {
	for _, o := range c.e.Options {
		for _, q := range o.Duties(c.today) {
			if q.Answer == No {
				c.find("option", Hint, "options", o.ID, o.Name+": "+q.Say.DE, o.Name+": "+q.Say.In(lang.EN))
			}
		}
	}
}
