package paper

import (
	"fmt"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
)

// double says which drugs a second person checks.
func (d *document) double() (*dosing.Double, error) {
	if d.o.Double != nil {
		return d.o.Double, nil
	}
	t, err := dosing.Default()
	if err != nil {
		return nil, fault.Mark(fmt.Errorf("table of drugs: %w", err), fault.Internal, lang.Text{
			DE: "Die Tabelle der Arzneimittel ist nicht lesbar. Der Medikationsplan wurde nicht gedruckt. Bitte die IT-Leitstelle anrufen.",
			EN: "The table of drugs cannot be read. The medication plan was not printed. Please call the IT desk.",
		})
	}
	return &dosing.Double{Table: t}, nil
}

// doubled reports whether a second person checks this drug.
func (c *formSheets) doubled(p clinical.Prescription) bool {
	_, needed := c.drugs.Needs(p)
	return needed
}

// medicationForm draws a plan for each chosen day. Without a patient it has
// only rows to write on.
func (c *formSheets) medicationForm() {
	days := c.b.Days
	if len(days) == 0 {
		days = []time.Time{c.now}
	}
	rows := planRows{sign: true, double: c.doubled}
	banner := c.banner
	c.banner = func(y float64) float64 { c.y = banner(y); c.legend(); return c.y }
	c.legend()
	if !c.known {
		t := c.planTable()
		c.entries(entryHeight, entry{label: c.say("Plan für den Tag (Datum)", "Plan for the day (date)")}, entry{label: c.say("Gewicht kg, Größe cm", "Weight kg, height cm")}, entry{label: c.say("Nierenfunktion (GFR)", "Renal function (GFR)")})
		c.newOrders(t, true)
		return
	}
	for i, day := range days {
		if i > 0 {
			c.start(c.form)
		}
		c.plan(day, rows)
	}
}

// legend says which letters stand for a dose that was not given.
func (c *formSheets) legend() {
	b, s := style{c.f.condBold, small}, style{c.f.cond, small}
	c.para(b, 0, c.say("Gegeben: Uhrzeit und Handzeichen. Nicht gegeben: Buchstabe statt Uhrzeit, dazu Handzeichen:", "Given: time and initials. Not given: a letter for the time, and initials:"))
	c.para(s, 0, c.say("A abgelehnt · N nüchtern · E erbrochen · K Kontraindikation, Arzt informiert · F fehlt auf Station · W Patient abwesend · P Pause auf Anordnung · S selbst genommen. ◆ = zweite Person prüft und zeichnet.",
		"A refused · N fasting · E vomited · K contraindicated, physician informed · F not on the ward · W patient away · P paused by order · S taken by the patient. ◆ = a second person checks and signs."))
	c.y += 0.5
}
