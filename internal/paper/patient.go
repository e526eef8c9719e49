package paper

import (
	"strings"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/sheet"
)

// chartSheets lays out the sheets of one patient.
type chartSheets struct {
	*flow
	p     *chart.Patient
	stay  chart.Stay
	alike warning
	alone bool // a form of its own: there is no overview on its first sheet
}

// warning is the mark for patients of one name on a ward.
type warning struct {
	on     bool
	others []string // the other beds in words
}

// alike returns the name warning of row i of a ward list.
func (d *document) alike(ward chart.Ward, i int) warning {
	r := ward.Rows[i]
	if r.Free || !r.NamesAlike {
		return warning{}
	}
	w := warning{on: true}
	for k, o := range ward.Rows {
		if k != i && !o.Free && o.NamesAlike && o.Key != r.Key && strings.EqualFold(o.Name.Family, r.Name.Family) {
			w.others = append(w.others, d.place(o.Place)+" "+d.name(o.Name, o.Unnamed)+" "+d.birth(o.Birth))
		}
	}
	return w
}

func (d *document) patient(p *chart.Patient, alike warning) error {
	if p == nil {
		p = &chart.Patient{}
	}
	stay, _ := p.Current()
	f := d.newFlow(false, sheet.Code{Case: stay.Case, Key: p.Key}, d.say("Patientenblatt", "Patient sheet"))
	c := &chartSheets{flow: f, p: p, stay: stay, alike: alike}
	f.banner = c.drawBanner
	f.start(sheet.FormOverview)
	c.overview()
	f.kind = d.say("Medikationsplan", "Medication plan")
	f.start(sheet.FormMedication)
	c.medication()
	f.kind = d.say("Werte und Befunde", "Results and findings")
	f.start(sheet.FormResults)
	c.laboratory()
	c.vitals()
	c.findings()
	f.kind = d.say("Verlaufsblatt zum Ausfüllen", "Sheet to write on")
	f.start(sheet.FormBlank)
	c.blank()
	if d.o.Duplex && len(f.pages)%2 == 1 {
		f.kind = d.say("Notizen", "Notes")
		f.start(sheet.FormBlank)
		c.notes()
	}
	return f.finish(d.place(stay.Now.V)+" "+d.name(p.Name.V, p.Unnamed.V), true)
}

// wardOf returns the name of the ward the patient lies on.
func (c *chartSheets) wardOf(code string) string {
	if code == "" {
		return c.say("Station nicht übermittelt", "ward not sent")
	}
	if n := c.o.Wards[code]; n != "" {
		return n
	}
	return c.say("Station ", "Ward ") + code
}

// number returns the hospital's own patient number, "" if none was sent.
func (c *chartSheets) patientNo() string {
	if len(c.p.IDs) == 0 {
		return ""
	}
	return c.p.IDs[0].Value
}

// drawBanner draws the box that says who this is and what is dangerous.
func (c *chartSheets) drawBanner(y float64) float64 {
	const side = 46.0
	top := y
	x, room := c.left+2, c.width()-4
	y += 1
	// Right: where.
	ry := y
	for i, l := range []string{c.wardOf(c.stay.Now.V.Ward), c.place(c.stay.Now.V)} {
		s := style{c.f.cond, body}
		if i == 1 {
			s = style{c.f.bold, 13}
		}
		if !c.stay.Now.Known && i == 1 && c.stay.Now.V.Zero() {
			s = style{c.f.cond, body}
		}
		for _, part := range c.atMost(3, s.wrap(c.clean(l), side)) {
			c.textRight(c.right-2, ry, s, part)
			ry += s.leading()
		}
	}
	// Left: who.
	name, who := style{c.f.bold, title}, style{c.f.reg, 10.5}
	for _, l := range c.atMost(5, name.wrap(c.clean(c.name(c.p.Name.V, c.p.Unnamed.V)), room-side-2)) {
		c.text(x, y, name, l)
		y += name.leading() * 0.96
	}
	facts := []string{c.birth(c.p.Birth.V), c.sex(c.p.Sex.V), c.caseNo(c.stay.Case)}
	if no := c.patientNo(); no != "" {
		facts = append(facts, c.say("Pat.-Nr. ", "Patient no. ")+no)
	}
	if n := c.p.BirthName; n.Known && !n.V.Zero() && n.V.Family != "" {
		facts = append(facts, c.say("geb. ", "née ")+strings.TrimSpace(n.V.Prefix+" "+n.V.Family))
	}
	for _, l := range c.atMost(5, who.wrap(c.clean(strings.Join(facts, " · ")), room-side-2)) {
		c.text(x, y, who, l)
		y += who.leading()
	}
	y = max(y, ry) + 0.8
	c.p2line(y)
	y += 0.6
	y = c.bannerLine(y, c.say("Allergien", "Allergies"), c.allergyWords(), 3)
	y = c.bannerLine(y, "CAVE", c.alertWords(clinical.Cave, clinical.Risk, clinical.Pregnancy), 3)
	y = c.bannerLine(y, c.say("Isolation", "Isolation"), c.alertWords(clinical.Isolation), 2)
	y = c.bannerLine(y, c.say("Reanimation", "Resuscitation"), c.alertWords(clinical.Resuscitation), 2)
	y = c.bannerLine(y, c.say("Arzt · Gewicht", "Doctor · weight"), []string{c.doctor(), c.weight()}, 2)
	notes := c.notices()
	if len(notes) > 3 {
		notes = []string{strings.Join(notes, " · ")}
	}
	for _, n := range notes {
		y = c.bannerLine(y, c.say("Hinweis", "Note"), []string{n}, 3)
	}
	if c.alike.on {
		y = c.alikeLine(y)
	}
	y += 0.8
	c.flow.p.Box(c.left, top, c.width(), y-top, 0.7, 0)
	return y + 2.5
}

func (c *chartSheets) p2line(y float64) {
	c.flow.p.Line(c.left, y, c.right, y, 0.2, 0)
}

// bannerLine writes a labelled line of items, at most so many lines; what does
// not fit is counted and stands in full on the patient's first sheet.
func (c *chartSheets) bannerLine(y float64, label string, items []string, most int) float64 {
	l, s := style{c.f.cond, small}, style{c.f.condBold, 10}
	const indent = 27.0
	c.text(c.left+2, y+0.35, l, label)
	room := c.width() - 4 - indent
	lines := s.wrap(c.clean(strings.Join(items, " · ")), room)
	see := c.say("siehe Blatt 1", "see sheet 1")
	if c.alone {
		see = c.say("siehe Patientenblatt", "see the patient sheet")
	}
	for n := len(items) - 1; len(lines) > most && len(items) > 1 && n >= 0; n-- {
		text := see
		if n > 0 {
			more := c.say("und %d weitere: ", "and %d more: ")
			text = strings.Join(items[:n], " · ") + " " + strings.Replace(more, "%d", itoa(len(items)-n), 1) + see
		}
		lines = s.wrap(c.clean(text), room)
	}
	for _, t := range c.atMost(most, lines) {
		c.text(c.left+2+indent, y, s, t)
		y += s.leading()
	}
	return y
}

func (c *chartSheets) alikeLine(y float64) float64 {
	s := style{c.f.bold, 10}
	words := "‼ " + c.say("NAMENSGLEICH auf dieser Station", "SAME NAME on this ward")
	if len(c.alike.others) > 0 {
		words += ": " + strings.Join(c.alike.others, " · ")
	} else {
		words += " – " + c.say("Geburtsdatum und Fallnummer prüfen", "check birth date and case number")
	}
	y += 0.6
	from := y
	lines := s.wrap(c.clean(words), c.width()-8)
	if len(lines) > 3 {
		lines = s.wrap("‼ "+c.say("NAMENSGLEICH auf dieser Station, mehrfach: siehe Stationsliste", "SAME NAME on this ward, several: see ward list"), c.width()-8)
	}
	for _, l := range lines {
		c.text(c.left+4, y+0.4, s, l)
		y += s.leading()
	}
	y += 0.8
	c.flow.p.Box(c.left+2, from, c.width()-4, y-from, 0.9, 0)
	return y + 0.4
}

// allergyWords returns the allergies for the banner, or what is known about
// there being none.
func (c *chartSheets) allergyWords() []string {
	var out []string
	for _, a := range c.p.Allergies {
		if a.Cancelled {
			continue
		}
		w := "▲ " + orUnsent(a.V.To.Label(), c.unsent())
		if a.V.Reaction != "" {
			w += " (" + a.V.Reaction + ")"
		}
		out = append(out, w)
	}
	switch {
	case len(out) > 0:
		return out
	case c.noneKnown():
		return []string{c.say("keine bekannt", "none known")}
	}
	return []string{c.unsent()}
}

// noneKnown reports whether the sender says that there are no known allergies.
func (c *chartSheets) noneKnown() bool {
	n := c.p.NoneKnown
	return n.Known && !n.Gone && n.V
}

// alertWords returns the warnings of the given kinds that are in force.
func (c *chartSheets) alertWords(kinds ...clinical.AlertKind) []string {
	var out []string
	for _, a := range c.p.Alerts {
		if !c.inForce(a) {
			continue
		}
		for _, k := range kinds {
			if a.V.Kind == k {
				out = append(out, c.alertText(a.V))
			}
		}
	}
	if len(out) == 0 {
		return []string{c.unsent()}
	}
	return out
}

// alertText returns the warning in words, an isolation also with its code.
func (c *chartSheets) alertText(a clinical.Alert) string {
	what := orUnsent(a.What.Label(), c.unsent())
	if a.Kind == clinical.Isolation && a.What.Text != "" && a.What.Code != "" {
		what += " (" + a.What.Code + ")"
	}
	return what
}

func (c *chartSheets) inForce(a chart.Item[clinical.Alert]) bool {
	return !a.Cancelled && !c.p.Outdated(&a) && a.V.Action != clinical.Cancel && (a.V.Until.IsZero() || a.V.Ends(c.zone).After(c.now))
}

func (c *chartSheets) doctor() string {
	if c.stay.Attending.V.Name != "" {
		return c.stay.Attending.V.Name
	}
	return c.say("Arzt ", "doctor ") + c.unsent()
}

// loincWeight is "Body weight".
const loincWeight = "29463-7"

func (c *chartSheets) weight() string {
	for _, r := range c.p.Results {
		if r.V.Code.Code == loincWeight && !r.Cancelled && r.V.Status != clinical.Withdrawn && r.V.Value != "" {
			return c.voice.number(r.V) + " " + orUnsent(r.V.Unit, "kg") + " (" + c.when(r.V.At) + ")"
		}
	}
	return c.say("Gewicht ", "weight ") + c.unsent()
}

// notices returns what else a reader must know about this chart.
func (c *chartSheets) notices() []string {
	var out []string
	add := func(de, en string) { out = append(out, c.say(de, en)) }
	switch {
	case !c.p.Died.V.IsZero():
		at := c.when(c.p.Died.V)
		add("† verstorben "+at, "† died "+at)
	case c.p.Dead.V:
		add("† verstorben, Zeitpunkt nicht übermittelt", "† died, time not sent")
	}
	if c.p.Unnamed.V {
		add("Person nicht identifiziert", "person not identified")
	}
	if n := c.o.Unread[c.p.Key]; n > 0 {
		add("nicht lesbare Nachrichten zu diesem Patienten: "+itoa(n)+", Angaben können fehlen", "messages about this patient that could not be read: "+itoa(n)+", data may be missing")
	}
	if e := c.stay.Elsewhere; e.Known && !e.V.Zero() {
		w := c.wardOf(e.V.Ward) + ", " + c.place(e.V) + ", " + c.when(e.Origin.Received) + " " + c.source(e.Origin)
		add("eine neuere Meldung nennt einen anderen Ort: "+w, "a newer message names another place: "+w)
	}
	if len(c.stay.Also) > 0 {
		var nos []string
		for _, n := range c.stay.Also {
			nos = append(nos, string(n))
		}
		s := strings.Join(nos, ", ")
		add("enthält zusammengeführte Fälle: "+s, "holds merged cases: "+s)
	}
	if c.p.Into != "" {
		add("Diese Akte ist in eine andere zusammengeführt: dort nachsehen", "this chart was merged into another one: look there")
	}
	if len(c.p.Linked) > 0 {
		var nos []string
		for _, l := range c.p.Linked {
			for _, id := range l.IDs {
				nos = append(nos, id.Value)
			}
		}
		s := strings.Join(nos, ", ")
		add("enthält zusammengeführte Akten, frühere Pat.-Nr. "+s, "holds merged charts, earlier patient no. "+s)
	}
	if c.p.Withdrawn.V {
		add("Der Absender hat diese Person gelöscht", "the sender deleted this person")
	}
	for _, d := range c.p.Doublets {
		add("mögliche Doppelanlage: "+c.name(d.Name, false)+", "+d.Why.In(c.lang), "possibly the same person: "+c.name(d.Name, false)+", "+d.Why.In(c.lang))
	}
	if c.p.Mother.Known || c.p.MotherKey != "" {
		no := orUnsent(c.p.Mother.V.Value, c.unsent())
		add("Kind der Mutter mit Pat.-Nr. "+no, "child of the mother with patient no. "+no)
	}
	if c.p.Multiple.V || c.p.Order.V > 0 {
		n := ""
		if c.p.Order.V > 0 {
			n = ", " + itoa(c.p.Order.V) + c.say(". Kind", ". child")
		}
		add("Mehrling"+n, "multiple birth"+n)
	}
	switch c.stay.State {
	case chart.Away:
		add("beurlaubt", "on leave")
	case chart.Left:
		add("entlassen "+c.when(c.stay.Discharged.V), "discharged "+c.when(c.stay.Discharged.V))
	case chart.Planned:
		add("geplant, noch nicht aufgenommen", "planned, not yet admitted")
	case chart.Present, chart.CalledOff:
	}
	return out
}

func orUnsent(s, unsent string) string {
	if strings.TrimSpace(s) == "" {
		return unsent
	}
	return s
}
