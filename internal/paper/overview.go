package paper

import (
	"strconv"
	"strings"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
)

func itoa(n int) string { return strconv.Itoa(n) }

// newest returns the origin of the newest item.
func newest[T any](items []chart.Item[T]) clinical.Origin {
	var o clinical.Origin
	for _, i := range items {
		if i.Origin.Received.After(o.Received) {
			o = i.Origin
		}
	}
	return o
}

func (c *chartSheets) cell(text string) cell { return cell{{text: text, style: style{c.f.cond, body}}} }
func (c *chartSheets) bold(text string) cell {
	return cell{{text: text, style: style{c.f.condBold, body}}}
}

// none writes the one line of a section that has nothing to show.
func (c *chartSheets) none(text string) {
	c.para(style{c.f.cond, body}, pad, text)
}

// overview answers why the patient is here, what is dangerous and what is next.
func (c *chartSheets) overview() {
	c.stayFacts()
	c.warnings()
	c.diagnoses()
	c.criticals()
	c.openOrders()
}

func (c *chartSheets) stayFacts() {
	c.section(c.say("Aufenthalt", "Stay"), c.fresh(c.stay.Now.Origin, c.o.Limits.Master), 8)
	t := table{cols: []column{{width: 34}, {width: c.width() - 34}}}
	fact := func(label, value string) {
		c.add(t, row{cells: []cell{c.cell(label), c.bold(value)}})
	}
	if a := c.stay.Admitted.V; !a.IsZero() {
		fact(c.say("Aufgenommen", "Admitted"), c.stamp(a)+" ("+c.say("Tag ", "day ")+itoa(c.stayDay(a))+")")
	} else {
		fact(c.say("Aufgenommen", "Admitted"), c.unsent())
	}
	fact(c.say("Grund", "Reason"), orUnsent(c.stay.Reason.V, c.unsent()))
	if c.stay.Service.V != "" {
		fact(c.say("Fachabteilung", "Service"), c.stay.Service.V)
	}
	if e := c.stay.ExpectedDischarge.V; !e.IsZero() {
		fact(c.say("Entlassung geplant", "Discharge planned"), c.when(e))
	}
	if l := c.p.Language.V; l != "" {
		fact(c.say("Sprache", "Language"), l)
	}
	for _, k := range c.p.Contacts {
		if !k.Cancelled {
			fact(firstOf(joined(", ", k.V.Relation, k.V.Role), c.say("Kontakt", "Contact")), joined(" · ", c.name(k.V.Name, false), c.say("Tel. ", "phone ")+orUnsent(strings.Join(k.V.Phones, ", "), c.unsent())))
		}
	}
}

// stayDay counts from 1 on the day of admission.
func (v voice) stayDay(admitted time.Time) int {
	y, m, d := admitted.In(v.zone).Date()
	a := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	y, m, d = v.now.In(v.zone).Date()
	return max(1, int(time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Sub(a).Hours()/24)+1)
}

func (c *chartSheets) warnings() {
	o := newest(c.p.Allergies)
	if n := newest(c.p.Alerts); n.Received.After(o.Received) {
		o = n
	}
	c.section(c.say("Allergien und Warnungen", "Allergies and warnings"), c.fresh(o, c.o.Limits.Master), 12)
	t := table{lines: true, cols: []column{
		{head: c.say("Art", "Kind"), width: 26}, {head: c.say("Wovor", "What"), width: 66},
		{head: c.say("Schwere, Reaktion", "Severity, reaction"), width: 52}, {head: c.say("seit · Quelle", "since · source"), width: c.width() - 144},
	}}
	c.begin(t)
	for _, a := range c.p.Allergies {
		how := joined(", ", c.severity(a.V.Severity), a.V.Reaction, a.V.Confirmed)
		c.warningRow(t, c.say("Allergie", "Allergy"), a.V.To.Label(), how, a.V.Since, a.Origin, a.Cancelled)
	}
	switch {
	case len(c.p.Allergies) > 0:
	case c.noneKnown():
		c.add(t, row{cells: []cell{c.cell(c.say("Allergie", "Allergy")), c.bold(c.say("keine bekannt", "none known")), nil, c.cell(c.source(c.p.NoneKnown.Origin))}})
	default:
		c.add(t, row{cells: []cell{c.cell(c.say("Allergie", "Allergy")), c.bold(c.unsent())}})
	}
	for _, a := range c.p.Alerts {
		until := ""
		if !a.V.Until.IsZero() {
			until = c.say("bis ", "until ") + c.when(a.V.Until)
		}
		c.warningRow(t, c.alertKind(a.V.Kind), c.alertText(a.V), until, a.V.From, a.Origin, !c.inForce(a))
	}
	if len(c.p.Alerts) == 0 {
		c.add(t, row{cells: []cell{c.cell("CAVE"), c.bold(c.unsent())}})
	}
}

func (c *chartSheets) warningRow(t table, kind, what, how string, since time.Time, o clinical.Origin, over bool) {
	from := ""
	if !since.IsZero() {
		from = c.day(since)
	}
	cells := []cell{c.cell(kind), c.bold(orUnsent(what, c.unsent())), c.cell(how), c.cell(joined(" · ", from, c.source(o)))}
	if over {
		for i := range cells[:3] {
			for k := range cells[i] {
				cells[i][k].strike = true
			}
		}
		cells[2] = append(cells[2], words{text: c.say("zurückgezogen oder abgelaufen", "withdrawn or over"), style: style{c.f.cond, body}})
	}
	c.add(t, row{cells: cells})
}

func joined(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

func (c *chartSheets) severity(s string) string {
	switch s {
	case "SV":
		return c.say("schwer", "severe")
	case "MO":
		return c.say("mäßig", "moderate")
	case "MI":
		return c.say("leicht", "mild")
	case "U", "":
		return ""
	}
	return s
}

func (v voice) alertKind(k clinical.AlertKind) string {
	switch k {
	case clinical.Isolation:
		return v.say("Isolation", "Isolation")
	case clinical.Resuscitation:
		return v.say("Reanimation", "Resuscitation")
	case clinical.Risk:
		return v.say("Risiko", "Risk")
	case clinical.Pregnancy:
		return v.say("Schwangerschaft", "Pregnancy")
	case clinical.Cave:
	}
	return "CAVE"
}

func (c *chartSheets) diagnoses() {
	c.section(c.say("Diagnosen und Eingriffe", "Diagnoses and procedures"), c.fresh(newest(c.p.Diagnoses), c.o.Limits.Master), 12)
	if len(c.p.Diagnoses)+len(c.p.Procedures) == 0 {
		c.none(c.unsent())
		return
	}
	t := table{lines: true, cols: []column{
		{head: c.say("Art", "Kind"), width: 26}, {head: "ICD / OPS", width: 24},
		{head: c.say("Bezeichnung", "Name"), width: 92}, {head: c.say("am · Quelle", "on · source"), width: c.width() - 142},
	}}
	c.begin(t)
	line := func(kind string, what clinical.Coded, at time.Time, o clinical.Origin, gone bool) {
		day := ""
		if !at.IsZero() {
			day = c.day(at)
		}
		name := c.bold(orUnsent(what.Text, c.unsent()))
		if gone {
			name[0].strike = true
			name = append(name, words{text: c.say("zurückgezogen", "withdrawn"), style: style{c.f.cond, body}})
		}
		c.add(t, row{cells: []cell{c.cell(kind), c.cell(what.Code), name, c.cell(joined(" · ", day, c.source(o)))}})
	}
	for _, d := range c.p.Diagnoses {
		line(c.diagnosisKind(d.V), d.V.What, d.V.At, d.Origin, d.Cancelled || d.V.Action == clinical.Cancel)
	}
	for _, p := range c.p.Procedures {
		line(c.say("Eingriff", "Procedure"), p.V.What, p.V.At, p.Origin, p.Cancelled || p.V.Action == clinical.Cancel)
	}
}

func (c *chartSheets) diagnosisKind(d clinical.Diagnosis) string {
	kind := ""
	switch d.Kind {
	case "A":
		kind = c.say("Aufnahme", "admitting")
	case "W":
		kind = c.say("Arbeit", "working")
	case "F":
		kind = c.say("endgültig", "final")
	default:
		kind = d.Kind
	}
	if d.Priority == 1 {
		return joined(", ", c.say("Haupt", "main"), kind)
	}
	return kind
}

func (c *chartSheets) criticals() {
	var rows []row
	for _, r := range c.p.Results {
		at := r.V.At
		if at.IsZero() {
			at = r.Origin.Received
		}
		if r.Cancelled || !r.V.Critical() || at.Before(c.now.Add(-24*time.Hour)) {
			continue
		}
		rows = append(rows, row{cells: []cell{
			c.cell(c.when(r.V.At)), c.bold(r.V.Code.Label()),
			c.bold(c.valueWords(r)), c.cell(r.V.Range), c.cell(c.source(r.Origin)),
		}})
	}
	if len(rows) == 0 {
		return
	}
	c.section(c.say("Kritische Werte der letzten 24 Stunden", "Critical results of the last 24 hours"), "", 12)
	t := table{lines: true, cols: []column{
		{head: c.say("Zeit", "Time"), width: 30}, {head: c.say("Wert", "Test"), width: 50}, {head: c.say("Ergebnis", "Result"), width: 50},
		{head: c.say("Referenz", "Reference"), width: 28}, {head: c.say("Quelle", "Source"), width: c.width() - 158},
	}}
	c.begin(t)
	for _, r := range rows {
		c.add(t, r)
	}
}

func (c *chartSheets) openOrders() {
	c.section(c.say("Offene Anforderungen und Termine", "Open orders and appointments"), c.fresh(newest(c.p.Orders), c.o.Limits.Master), 12)
	t := table{lines: true, cols: []column{
		{head: c.say("Bereich", "Section"), width: 26}, {head: c.say("Anforderung, Frage", "Order, question"), width: 70},
		{head: c.say("Stand", "Status"), width: 24}, {head: c.say("fällig", "due"), width: 27},
		{head: c.say("angefordert", "ordered"), width: c.width() - 147},
	}}
	open := 0
	for _, o := range c.p.Orders {
		if o.Cancelled || !o.V.Status.Open() {
			continue
		}
		if open++; open == 1 {
			c.begin(t)
		}
		what := append(c.bold(orUnsent(o.V.What.Label(), c.unsent())), c.cell(joined(" · ", o.V.Question, o.V.Specimen))...)
		if o.V.Priority == "S" || o.V.Priority == "A" {
			what = append(c.bold(c.say("EILT", "URGENT")), what...)
		}
		due := ""
		if !o.V.Due.IsZero() {
			due = c.when(o.V.Due)
			if o.V.Due.Before(c.now) {
				due += " " + c.say("überfällig", "overdue")
			}
		}
		when := c.say("Zeit nicht übermittelt", "time not sent")
		if !o.V.Requested.IsZero() {
			when = c.when(o.V.Requested)
		}
		c.add(t, row{cells: []cell{c.cell(c.sectionName(o.V.Section)), what, c.cell(c.orderStatus(o.V.Status)), c.cell(due), c.cell(joined(" · ", when, o.V.By.Name))}})
	}
	for _, a := range c.coming() {
		if open++; open == 1 {
			c.begin(t)
		}
		with := a.Place
		for _, s := range a.With {
			with = joined(", ", with, s.Name)
		}
		what := append(c.bold(orUnsent(a.What.Label(), c.unsent())), c.cell(joined(" · ", a.Reason, a.Note))...)
		c.add(t, row{cells: []cell{c.cell(c.say("Termin", "Appointment")), what, nil, c.bold(c.when(a.Start)), c.cell(with)}})
	}
	if open == 0 {
		c.none(c.say("keine offene Anforderung, kein Termin übermittelt", "no open order or appointment was sent"))
	}
}

// coming returns the appointments from twelve hours back that still stand.
func (c *chartSheets) coming() []clinical.Appointment {
	var out []clinical.Appointment
	for _, a := range c.p.Appointments {
		if a.Cancelled || a.V.Start.Before(c.now.Add(-12*time.Hour)) {
			continue
		}
		switch a.V.Status {
		case clinical.CalledOff, clinical.Removed, clinical.NoShow:
		case clinical.Booked, clinical.Rescheduled, clinical.Changed, "":
			out = append(out, a.V)
		}
	}
	return out
}
