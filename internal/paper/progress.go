package paper

func (c *formSheets) progressNotes() {
	c.lines(c.say("Verlauf, Befund, Anordnung (jede Zeile mit Uhrzeit und Handzeichen)", "Course, finding, order (each line with time and initials)"))
}

func (c *formSheets) nursingNotes() {
	c.ruledTo(c.rest([]column{{head: c.say("Datum, Uhrzeit", "Date, time"), width: 28}, {head: c.say("Schicht", "Shift"), width: 14}, {head: c.say("Pflegebericht: Beobachtung, Maßnahme, Wirkung", "Nursing report: observation, action, effect"), width: 122}, {head: c.say("Hz.", "Init.")}}), 9, 0, 4)
}

// handover draws a handover in four parts (situation, background, assessment,
// recommendation) with the line that it was said back.
func (c *formSheets) handover() {
	c.entries(entryHeight, entry{label: c.say("Übergabe am, um", "Handed over on, at"), share: 3}, entry{label: c.say("von (Name, Bereich)", "from (name, area)"), share: 4}, entry{label: c.say("an (Name, Bereich)", "to (name, area)"), share: 4}, entry{label: c.say("wie", "how"), share: 4, ticks: []string{c.say("am Bett", "at the bed"), "Tel."}})
	c.lastKnownBox()
	const below = entryHeight + 1.5
	parts := []struct {
		title, ask, known string
	}{
		{c.say("S  Situation", "S  Situation"), c.say("Was ist jetzt das Problem, seit wann, wie kritisch", "What is the problem now, since when, how critical"), ""},
		{c.say("B  Hintergrund", "B  Background"), c.say("Aufnahmegrund, Diagnosen, Verlauf, Zugänge, Medikamente, Angehörige", "Reason, diagnoses, course, lines, drugs, relatives"), c.stay.Reason.V},
		{c.say("A  Einschätzung", "A  Assessment"), c.say("Atemweg, Atmung, Kreislauf, Bewusstsein, NEWS2, was ich befürchte", "Airway, breathing, circulation, consciousness, NEWS2, what I fear"), ""},
		{c.say("R  Empfehlung", "R  Recommendation"), c.say("Was ist zu tun, bis wann, wann melden, offene Ergebnisse", "What to do, by when, when to call, results awaited"), ""},
	}
	b := style{c.f.bold, strong}
	room := c.bottom - below - c.y - 5
	n := max(2, int((room/float64(len(parts))-b.leading()-5.7)/lineStep))
	for i, p := range parts {
		c.need(b.leading() + float64(n)*lineStep + 6)
		c.y += 0.8
		c.text(c.left, c.y, b, c.clean(p.title))
		c.y += b.leading() + 0.5
		if i == len(parts)-1 {
			c.linedTo(p.ask, p.known, below, n)
			break
		}
		c.lined(p.ask, p.known, n)
	}
	c.y += 1
	c.entries(entryHeight, entry{label: c.say("Zurückgelesen, Fragen geklärt", "Read back, questions answered"), share: 4, ticks: []string{c.say("ja", "yes"), c.say("nein", "no")}}, entry{label: c.say("gibt ab (Unterschrift)", "hands over (signature)"), share: 4}, entry{label: c.say("übernimmt (Unterschrift)", "takes over (signature)"), share: 4}, entry{label: c.say("Uhrzeit", "Time"), share: 2})
}

// lastKnownBox prints the last known values before a handover.
func (c *formSheets) lastKnownBox() {
	if c.known {
		c.y += 1
		c.lastKnown()
	}
}

// wound draws one wound and how it looks from dressing to dressing.
func (c *formSheets) wound() {
	yes, no := c.say("ja", "yes"), c.say("nein", "no")
	c.entries(entryHeight+1, entry{label: c.say("Wunde Nr.", "Wound no."), share: 2}, entry{label: c.say("Körperstelle, Seite", "Site, side"), share: 6}, entry{label: c.say("besteht seit", "since"), share: 3}, entry{label: c.say("Ursache", "Cause"), share: 4})
	c.entries(entryHeight, entry{label: c.say("Art", "Kind"), ticks: []string{c.say("OP-Wunde", "surgical"), c.say("Dekubitus, Kategorie: ___", "pressure ulcer, category: ___"), c.say("Ulcus cruris", "leg ulcer"), c.say("diabetischer Fuß", "diabetic foot"), c.say("Verbrennung", "burn"), c.say("Platzwunde", "laceration"), c.say("andere:", "other:")}})
	c.entries(entryHeight, entry{label: c.say("mitgebracht", "present on arrival"), share: 3, ticks: []string{yes, no}}, entry{label: c.say("Foto gemacht (Datum, Ort der Bilder)", "Photo taken (date, where kept)"), share: 5}, entry{label: c.say("Allergie auf Verbandstoffe", "Allergy to dressings"), share: 5})
	c.lined(c.say("Verbandplan: Reinigung, Auflage, Fixierung, Wechsel alle … Tage, angeordnet von", "Dressing plan: cleaning, dressing, fixing, change every … days, ordered by"), "", 2)
	c.y += 1.5
	c.ruledTo(c.rest([]column{
		{head: c.say("Datum, Uhrzeit", "Date, time"), width: 24}, {head: c.say("L × B × T cm", "L × W × D cm"), width: 24}, {head: c.say("Grund (Nekrose, Belag, Granulation, Epithel)", "Bed (necrosis, slough, granulation, epithelium)"), width: 36},
		{head: c.say("Rand, Umgebung", "Edge, surroundings"), width: 28}, {head: c.say("Exsudat, Geruch", "Exudate, smell"), width: 24}, {head: c.say("Schmerz 0–10", "Pain 0–10"), width: 15}, {head: c.say("nächster Wechsel", "next change"), width: 19}, {head: c.say("Hz.", "Init.")},
	}), 14, 0, 4)
}
