package dosing

import (
	"slices"
	"strconv"
	"strings"

	"notbetrieb/internal/lang"
)

// dose compares the dose with the usual maximum.
func (c *check) dose() {
	drops := 0.0
	if len(c.drug.known) == 1 {
		drops = c.drug.known[0].Drops
	}
	c.plan = newPlan(c.p, c.f.WeightKg, drops)
	if c.plan.hasSingle {
		c.r.Single = c.plan.single.Text()
	}
	if c.plan.hasDaily {
		c.r.Daily = c.plan.daily.Text()
	}
	if w := c.plan.unreadable; w != (lang.Text{}) {
		c.unchecked(DoseUnread, w.DE+". Dosis nicht geprüft.", w.EN+". Dose not checked.")
	}
	switch {
	case len(c.drug.known) == 0:
		return
	case len(c.drug.known) > 1:
		c.unchecked(MaxDaily, "Mehrere Wirkstoffe: Höchstdosis nicht geprüft.", "Several substances: maximum dose not checked.")
		return
	}
	s := c.drug.known[0]
	if len(s.Limits) == 0 {
		c.unchecked(MaxDaily, "Für "+s.Name+" steht keine Höchstdosis in der Tabelle.", "The table has no maximum dose of "+s.Name+".")
		return
	}
	if _, most, known := c.years(); !known || most < 18 {
		c.unchecked(MaxDaily, "Alter unbekannt oder unter 18: Die Höchstdosen gelten für Erwachsene. Nur ihr Überschreiten wird gemeldet.",
			"Age unknown or under 18: the maximum doses are for adults. Only exceeding them is reported.")
	}
	for _, w := range c.plan.noSingle {
		c.unchecked(MaxSingle, w.DE+": Einzeldosis nicht geprüft.", w.EN+": single dose not checked.")
	}
	if c.plan.continuous {
		c.unchecked(MaxSingle, "Dauerinfusion: nur die Tagesmenge ist geprüft, wo sie lesbar ist.", "Continuous infusion: only the amount of a day is checked, where it is readable.")
	}
	for _, w := range c.plan.noDaily {
		c.unchecked(MaxDaily, w.DE+": Tagesdosis nicht geprüft.", w.EN+": daily dose not checked.")
	}
	b, ok := c.bound(s)
	if !ok {
		c.unchecked(MaxDaily, "Für "+s.Name+" auf diesem Weg ("+c.p.Route+") steht keine Höchstdosis in der Tabelle.", "The table has no maximum dose of "+s.Name+" by this route ("+c.p.Route+").")
		return
	}
	c.single(s, b)
	c.day(s, b)
}

// routeOf reads the ways of giving that a prescription names.
func routeOf(route string) []string {
	var out []string
	joined := strings.NewReplacer(".", "").Replace(strings.ToLower(route))
	for _, w := range words(joined) {
		r := ""
		switch w {
		case "po", "oral", "peroral", "peg", "sonde", "sublingual", "sl":
			r = "oral"
		case "iv", "intravenos", "zvk":
			r = "iv"
		case "sc", "subkutan":
			r = "sc"
		case "im", "intramuskular":
			r = "im"
		case "inh", "inhalativ", "inhalation", "pulmonal":
			r = "inh"
		case "rektal", "rect":
			r = "rektal"
		case "td", "transdermal":
			r = "transdermal"
		case "topisch", "lokal", "kutan", "ocular", "op", "auge":
			r = "topisch"
		}
		if r != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// bound is the one to compare with. Where the way of giving is not known the
// most generous one is taken, and said: exceeding it is certain.
func (c *check) bound(s *substance) (bound, bool) {
	ways := routeOf(c.p.Route)
	var fit []bound
	for _, b := range s.Limits {
		if b.Route == "" || slices.Contains(ways, b.Route) {
			fit = append(fit, b)
		}
	}
	if len(fit) > 0 {
		return pick(fit, false), true
	}
	if len(ways) > 0 {
		return bound{}, false
	}
	if len(s.Limits) > 1 {
		c.unchecked(MaxDaily, "Weg der Gabe nicht lesbar: nur mit der größten Höchstdosis verglichen.", "Route not readable: compared with the largest maximum only.")
	}
	return pick(s.Limits, true), true
}

// pick joins bounds to one: the smallest or the largest of each.
func pick(list []bound, largest bool) bound {
	out := list[0]
	better := func(to *Amount, a Amount) {
		if a.High > 0 && (to.High == 0 || (a.High > to.High) == largest) {
			*to = a
		}
	}
	for _, b := range list[1:] {
		better(&out.single, b.single)
		better(&out.daily, b.daily)
		better(&out.daily65, b.daily65)
		better(&out.dailyKg, b.dailyKg)
	}
	return out
}

// suspect is from which ratio to the maximum a unit was probably mixed up.
const suspect = 50

// tiny is how far under the maximum single dose no usual dose is: a dose that
// is right is not 500 times smaller, one in µg instead of mg always is.
const tiny = 500

// over reports whether a is more than the limit, beyond the noise of binary.
func over(a, limit float64) bool { return a > limit*(1+1e-9) }

func (c *check) single(s *substance, b bound) {
	limit := b.single
	if limit.Unit == 0 {
		limit = b.daily
	}
	if !c.plan.hasSingle || limit.Unit == 0 {
		return
	}
	dose := c.plan.single
	if dose.Unit != limit.Unit {
		u, v := dose.Unit.Name(), limit.Unit.Name()
		c.found(DoseUnit, Warn, "Einheit prüfen: verordnet in "+u.DE+", die Tabelle nennt "+s.Name+" in "+v.DE+". Dosis nicht geprüft.",
			"Check the unit: prescribed in "+u.EN+", the table has "+s.Name+" in "+v.EN+". Dose not checked.")
		c.unchecked(MaxSingle, "Einheiten passen nicht zusammen: Höchstdosis nicht geprüft.", "Units do not fit: maximum dose not checked.")
		return
	}
	switch {
	case over(dose.High, limit.High):
		c.exceeds(MaxSingle, dose, limit, lang.Text{DE: "Einzeldosis", EN: "Single dose"})
	case dose.High*tiny < limit.High:
		d, l := dose.Text(), limit.Text()
		c.found(DoseUnit, Warn, "Dosis ungewöhnlich klein: "+d.DE+" (üblich bis "+l.DE+"). Einheit prüfen (g, mg, µg).",
			"Dose unusually small: "+d.EN+" (usual up to "+l.EN+"). Check the unit (g, mg, µg).")
	}
}

// exceeds reports a dose over its maximum: Stop from a quarter more on, and
// with a question about the unit where it is far over.
func (c *check) exceeds(k Kind, dose, limit Amount, what lang.Text) {
	level := Warn
	if !over(limit.High*1.25, dose.High) {
		level = Stop
	}
	d, l := dose.Text(), limit.Text()
	de, en := what.DE+" "+d.DE+" über der üblichen Höchstdosis von "+l.DE+".", what.EN+" "+d.EN+" over the usual maximum of "+l.EN+"."
	if dose.High >= limit.High*suspect {
		de, en = de+" Einheit prüfen (g, mg, µg).", en+" Check the unit (g, mg, µg)."
	}
	c.found(k, level, de, en)
}

// day compares the amount of 24 hours, alone and with the other prescriptions
// of the same substance.
func (c *check) day(s *substance, b bound) {
	limit, what := b.daily, lang.Text{DE: "Tagesdosis", EN: "Daily dose"}
	if _, most, known := c.years(); known && most >= 65 && b.daily65.Unit != 0 {
		limit, what = b.daily65, lang.Text{DE: "Tagesdosis (ab 65 Jahren)", EN: "Daily dose (from 65 years)"}
	}
	if b.dailyKg.Unit != 0 {
		if plausibleWeight(c.f.WeightKg) {
			kg := b.dailyKg.times(*c.f.WeightKg)
			kg.PerKg = false
			if limit.Unit == 0 || kg.High < limit.High {
				limit, what = kg, lang.Text{DE: what.DE + " bei " + figure(*c.f.WeightKg) + " kg", EN: what.EN + " at " + strconv.FormatFloat(*c.f.WeightKg, 'f', -1, 64) + " kg"}
			}
		} else {
			c.unchecked(MaxDaily, "Gewicht unbekannt: Dosis je kg nicht geprüft.", "Weight unknown: dose for each kg not checked.")
		}
	}
	if limit.Unit == 0 {
		return
	}
	if c.plan.hasDaily {
		if c.plan.daily.Unit != limit.Unit {
			c.unchecked(MaxDaily, "Einheiten passen nicht zusammen: Tagesdosis nicht geprüft.", "Units do not fit: daily dose not checked.")
			return
		}
		if over(c.plan.daily.High, limit.High) {
			c.exceeds(MaxDaily, c.plan.daily, limit, what)
			return
		}
	} else if c.plan.hasSingle && c.plan.single.Unit == limit.Unit && over(c.plan.single.High, limit.High) {
		c.exceeds(MaxDaily, c.plan.single, limit, what)
		return
	}
	c.together(s, limit, what)
}

// together adds the daily doses of the other prescriptions of the substance.
func (c *check) together(s *substance, limit Amount, what lang.Text) {
	sum, n := Amount{Unit: limit.Unit}, 0
	if c.plan.hasDaily {
		sum.High += c.plan.daily.High
	}
	for _, o := range c.others {
		if len(o.d.known) != 1 || o.d.known[0] != s {
			continue
		}
		p := newPlan(o.p, c.f.WeightKg, s.Drops)
		if !p.hasDaily || p.daily.Unit != limit.Unit {
			c.unchecked(MaxDaily, "Tagesdosis von „"+o.d.label+"“ nicht lesbar: zusammen nicht geprüft.", "Daily dose of “"+o.d.label+"” not readable: not checked together.")
			continue
		}
		sum.High += p.daily.High
		n++
	}
	if n > 0 && over(sum.High, limit.High) {
		c.exceeds(MaxDaily, sum, limit, lang.Text{DE: what.DE + " zusammen mit anderen Verordnungen", EN: what.EN + " together with other prescriptions"})
	}
}

// years are the youngest and the oldest age the patient can have on the day:
// they differ where only part of the birth date is known.
func (c *check) years() (least, most int, known bool) {
	return yearsOf(c.f)
}

func yearsOf(f Facts) (least, most int, known bool) {
	b := f.Birth
	if b.Zero() || f.Day.IsZero() {
		return 0, 0, false
	}
	most = f.Day.Year() - b.Year
	least = most
	month, day := int(f.Day.Month()), f.Day.Day()
	switch {
	case b.Month == 0:
		least--
	case b.Month > month:
		least, most = least-1, most-1
	case b.Month == month && b.Day == 0:
		least--
	case b.Month == month && b.Day > day:
		least, most = least-1, most-1
	}
	if most < 0 || most > 130 {
		return 0, 0, false
	}
	return max(0, least), most, true
}

// risk marks drugs that need a second person.
func (c *check) risk() {
	for _, s := range c.drug.known {
		if c.t.highRisk(s, c.p) {
			c.r.SecondPerson = true
			c.found(HighRisk, Warn, "Hochrisiko-Arzneimittel ("+s.Name+"): Eine zweite Person bestätigt.", "High-risk drug ("+s.Name+"): a second person confirms.")
		}
	}
}

// onceAWeek are the intervals that say once a week.
var onceAWeek = set(`wöchentlich qw q1w`)

// weekly stops a drug of once a week (methotrexate outside of oncology) that is
// not plainly written so: given daily it kills.
func (c *check) weekly() {
	for _, s := range c.drug.known {
		if !s.Weekly || slices.Contains(routeOf(c.p.Route), "iv") {
			continue
		}
		if slices.ContainsFunc(words(c.p.Interval), func(w string) bool { return onceAWeek[w] }) && len(c.p.Times) <= 1 && schemed(c.p.Scheme) <= 1 {
			c.found(WeeklyOnly, Warn, s.Name+": nur einmal in der Woche. Wochentag prüfen.", s.Name+": once a week only. Check the day of the week.")
			continue
		}
		c.found(WeeklyOnly, Stop, s.Name+" wird außerhalb der Krebsbehandlung nur einmal in der Woche gegeben. So ist es nicht verordnet.",
			s.Name+" is given once a week only outside of cancer treatment. It is not prescribed so.")
	}
}
