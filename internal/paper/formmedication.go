package paper

import (
	"strings"
	"time"

	"notbetrieb/internal/clinical"
)

// DoubleCheck returns the drugs that a second person checks where the hospital
// names none of its own: the groups of the WHO report "Medication safety in
// high-risk situations" (2019) that are given on wards, by the beginning of the
// name of a drug or substance.
func DoubleCheck() []string {
	return []string{
		"Insulin", "Heparin", "Argatroban", "Alteplase", "Kaliumchlorid", "Natriumchlorid 10", "Magnesiumsulfat",
		"Morphin", "Piritramid", "Fentanyl", "Sufentanil", "Remifentanil", "Oxycodon", "Hydromorphon", "Methadon", "Levomethadon", "Buprenorphin", "Pethidin", "Tapentadol",
		"Ketamin", "Esketamin", "Propofol", "Midazolam", "Epinephrin", "Adrenalin", "Norepinephrin", "Noradrenalin", "Dobutamin", "Vasopressin", "Amiodaron", "Digoxin", "Digitoxin",
		"Methotrexat", "Vincristin", "Cisplatin", "Carboplatin", "Doxorubicin", "Cyclophosphamid", "Fluorouracil",
	}
}

// doubled reports whether a second person checks this drug. A word of its name
// or substance that begins with a listed one is enough.
func (d *document) doubled(p clinical.Prescription) bool {
	list := d.o.DoubleCheck
	if list == nil {
		list = DoubleCheck()
	}
	name := " " + strings.ToLower(strings.NewReplacer("-", " ", "/", " ", "(", " ", ",", " ", "+", " ").Replace(p.Drug.Label()+" "+p.Substance))
	for _, l := range list {
		if l = strings.ToLower(strings.TrimSpace(l)); l != "" && strings.Contains(name, " "+l) {
			return true
		}
	}
	return false
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
