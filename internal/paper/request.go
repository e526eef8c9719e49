package paper

import (
	"strings"

	"notbetrieb/internal/clinical"
)

// ordered returns what was ordered, empty where the form is written by hand.
func (c *formSheets) ordered() clinical.Order {
	if c.b.Order == nil {
		return clinical.Order{}
	}
	return *c.b.Order
}

// orderNumber returns the number of the order, "" if it has none.
func (c *formSheets) orderNumber() string {
	o := c.ordered()
	return firstOf(o.Placer, o.Filler)
}

// urgency returns the words of an order's priority (ORC-7, TQ1-9).
func (c *formSheets) urgency(p string) string {
	switch strings.ToUpper(p) {
	case "":
		return ""
	case "S", "STAT":
		return c.say("Notfall", "emergency")
	case "A", "ASAP":
		return c.say("dringend", "urgent")
	case "R":
		return c.say("Routine", "routine")
	case "T":
		return c.say("zeitgenau", "timing critical")
	}
	return p
}

// requestHead draws what all requests begin with.
func (c *formSheets) requestHead(question string, lines int) {
	o := c.ordered()
	due := ""
	if !o.Due.IsZero() {
		due = c.stamp(o.Due)
	}
	urgent := entry{label: c.say("Dringlichkeit", "Urgency"), share: 6, value: c.urgency(o.Priority)}
	if urgent.value == "" {
		urgent.ticks = []string{c.say("Notfall, sofort", "emergency, now"), c.say("dringend, heute", "urgent, today"), c.say("Routine", "routine")}
	}
	c.entries(entryHeight, urgent, entry{label: c.say("gewünscht am, um", "wanted on, at"), share: 3, value: due}, entry{label: c.say("Auftragsnummer", "Order number"), share: 3, value: c.orderNumber()})
	asked := ""
	if !o.Requested.IsZero() {
		asked = c.stamp(o.Requested)
	}
	c.entries(entryHeight, entry{label: c.say("Anfordernder Arzt", "Requesting physician"), share: 4, value: o.By.Name}, entry{label: c.say("Telefon, Funk für Rückruf", "Phone, pager to call back"), share: 3}, entry{label: c.say("angefordert am, um", "requested on, at"), share: 3, value: asked}, entry{label: c.say("Unterschrift", "Signature"), share: 3})
	if what := o.What.Label(); what != "" {
		c.entries(entryHeight, entry{label: c.say("Angefordert", "Requested"), value: what})
	}
	c.lined(question, o.Question, lines)
}

func (c *formSheets) isolationEntry() entry {
	return entry{label: c.say("Isolation, Infektion", "Isolation, infection"), share: 4, ticks: []string{c.say("keine", "none"), "MRSA", "4MRGN", c.say("andere:", "other:")}}
}

// answer is the strip with which the place that was asked answers the ward.
func (c *formSheets) answer() {
	c.y += 2
	c.entries(entryHeight+1, entry{label: c.say("Rückmeldung: Termin am, um", "Answer: appointment on, at"), share: 4}, entry{label: c.say("angenommen von", "accepted by"), share: 3}, entry{label: c.say("Uhrzeit", "Time"), share: 2}, entry{label: c.say("erledigt, Uhrzeit, Handzeichen", "done, time, initials"), share: 4})
}

func (c *formSheets) labRequest() {
	c.requestHead(c.say("Klinische Frage, Diagnose, Medikamente mit Einfluss", "Clinical question, diagnosis, relevant drugs"), 1)
	c.y += 1.5
	c.tickColumns(
		ticked{c.say("Blutbild, Gerinnung", "Blood count, coagulation"), []string{c.say("Kleines Blutbild", "Blood count"), c.say("Differenzialblutbild", "Differential count"), c.say("Quick, INR", "PT, INR"), "aPTT", "D-Dimere", c.say("Anti-Xa", "Anti-Xa"), c.say("Fibrinogen", "Fibrinogen")}},
		ticked{c.say("Klinische Chemie", "Chemistry"), []string{"Na, K, Ca", c.say("Kreatinin, Harnstoff", "Creatinine, urea"), c.say("Glukose", "Glucose"), "CRP", c.say("PCT", "PCT"), c.say("GOT, GPT, GGT, AP, Bilirubin", "AST, ALT, GGT, ALP, bilirubin"), "Lipase"}},
		ticked{c.say("Herz, Notfall", "Heart, emergency"), []string{"Troponin", "CK, CK-MB", "NT-proBNP", c.say("Blutgase, Laktat", "Blood gases, lactate"), "TSH", c.say("Ethanol, Drogen", "Ethanol, drugs"), c.say("Spiegel von:", "Level of:")}},
		ticked{c.say("Mikrobiologie, Blutbank", "Microbiology, blood bank"), []string{c.say("Blutkultur, Paare: ___", "Blood culture, pairs: ___"), c.say("Urinstatus", "Urinalysis"), c.say("Urinkultur", "Urine culture"), c.say("Abstrich von:", "Swab of:"), c.say("Blutgruppe, Antikörper", "Blood group, antibodies"), c.say("Kreuzprobe, EK: ___", "Crossmatch, units: ___"), c.say("Liquor, Punktat", "CSF, aspirate")}},
	)
	c.linedTo(c.say("Weitere Untersuchungen, Bemerkungen", "Other tests, remarks"), "", 2*entryHeight+specimenHeight+6, 1)
	material := entry{label: c.say("Material", "Specimen"), share: 5, value: c.ordered().Specimen}
	if material.value == "" {
		material.ticks = []string{c.say("Blut", "blood"), c.say("Urin", "urine"), c.say("Abstrich", "swab"), c.say("anderes:", "other:")}
	}
	c.entries(entryHeight, material, entry{label: c.say("entnommen am, um", "taken on, at"), share: 4}, entry{label: c.say("entnommen von (Name, Hz.)", "taken by (name, initials)"), share: 4})
	c.entries(entryHeight, c.isolationEntry(), entry{label: c.say("Eingang Labor, Uhrzeit, Hz.", "Arrived at laboratory, time, initials"), share: 3}, entry{label: c.say("Ergebnis an Tel.", "Result to phone"), share: 2})
	c.specimenLabels()
}

const (
	specimenHeight = 33.0
	specimenCols   = 3
)

// specimenLabels draws labels to cut out for the tubes. The sheet itself stays
// whole: its code is in the corner below them.
func (c *formSheets) specimenLabels() {
	s := style{c.f.cond, small}
	c.need(specimenHeight + s.leading() + 3)
	c.y = max(c.y+1, c.bottom-specimenHeight-s.leading()-1)
	c.text(c.left, c.y, s, c.say("Probenetiketten: an der gestrichelten Linie ausschneiden und aufkleben. Der Bogen bleibt ganz.", "Specimen labels: cut along the dashed line and stick on. The sheet stays whole."))
	c.y += s.leading() + 0.5
	w := c.width() / specimenCols
	for i := range specimenCols {
		c.specimenLabel(frame{c.left + float64(i)*w, c.y, w, specimenHeight})
	}
	c.y += specimenHeight
}

func (c *formSheets) specimenLabel(at frame) {
	p, s := c.flow.p, style{c.f.cond, small}
	x2, y2 := at.x+at.w, at.top+at.h
	p.Dashed([][2]float64{{at.x, at.top}, {x2, at.top}, {x2, y2}, {at.x, y2}, {at.x, at.top}}, 0.2, 0, 1.2, 1)
	const edge = 1.5
	low := 0.0
	if no := c.orderNumber(); no != "" {
		side := matrix(p, x2-0.5, y2-0.5, span{least: 12, most: 12.5}, no)
		low = 12.5
		room := at.w - side - edge
		if bars(p, at.x+edge-2, y2-11, 6.5, room, no) == 0 {
			low = max(low, side)
		}
		c.fit(p, at.x+edge, y2-4.4, room-edge, 4.2, []idLine{{no, true, small}})
	}
	if c.known {
		lines := c.idLines(c.p, c.stay, c.b.Mother)
		for i := range lines {
			lines[i].size = min(lines[i].size, 11)
		}
		c.fit(p, at.x+edge, at.top+0.8, at.w-2*edge, at.h-low-5.5, lines)
		c.text(at.x+edge, y2-low-4.4, s, c.say("Material, Zeit:", "Specimen, time:"))
		return
	}
	rows := []string{c.say("Name", "Name"), c.say("Geb.-Dat.", "Birth date"), c.say("Fall-Nr.", "Case no."), c.say("Mat., Zeit", "Spec., time")}
	step := (at.h - low - 1) / float64(len(rows))
	for i, r := range rows {
		y := at.top + float64(i+1)*step
		c.text(at.x+edge, y-4, s, r)
		p.Line(at.x+18, y, x2-edge, y, 0.15, 0)
	}
}

func (c *formSheets) radiologyRequest() {
	c.requestHead(c.say("Klinische Frage, Diagnose, Voruntersuchungen", "Clinical question, diagnosis, earlier examinations"), 3)
	yes, no, unknown := c.say("ja", "yes"), c.say("nein", "no"), c.say("unbekannt", "unknown")
	c.entries(entryHeight, entry{label: c.say("Verfahren", "Method"), ticks: []string{c.say("Röntgen", "X-ray"), "CT", "MRT", c.say("Sonographie", "ultrasound"), c.say("Durchleuchtung", "fluoroscopy"), c.say("Angiographie", "angiography")}})
	c.entries(entryHeight+1, entry{label: c.say("Körperregion", "Region"), share: 7}, entry{label: c.say("Seite", "Side"), share: 4, ticks: []string{c.say("rechts", "right"), c.say("links", "left"), c.say("beide", "both")}})
	c.entries(entryHeight, entry{label: c.say("Schwangerschaft möglich", "Pregnancy possible"), share: 5, ticks: []string{yes, no, unknown}}, entry{label: c.say("Schrittmacher, Implantat, Metall", "Pacemaker, implant, metal"), share: 5, ticks: []string{yes, no, unknown}}, entry{label: c.say("nüchtern seit", "fasting since"), share: 3})
	c.entries(entryHeight, entry{label: c.say("Kontrastmittel-Reaktion früher", "Earlier reaction to contrast"), share: 5, ticks: []string{yes, no, unknown}}, entry{label: c.say("Kreatinin, GFR (Datum)", "Creatinine, GFR (date)"), share: 4}, entry{label: "TSH", share: 2}, entry{label: "Metformin", share: 3, ticks: []string{yes, no}})
	c.entries(entryHeight, entry{label: c.say("kommt", "comes"), share: 7, ticks: []string{c.say("gehend", "walking"), c.say("Rollstuhl", "wheelchair"), c.say("Bett", "bed"), c.say("beatmet", "ventilated"), c.say("Monitor", "monitor")}}, c.isolationEntry())
	c.entries(entryHeight+1, entry{label: c.say("Rechtfertigende Indikation: Arzt mit Fachkunde, Zeit, Unterschrift", "Justification: physician in charge, time, signature"), share: 3}, entry{label: c.say("Aufklärung erfolgt, Einwilligung", "Informed, consent"), share: 2, ticks: []string{yes, c.say("Notfall", "emergency")}})
	c.linedTo(c.say("Durchführung: Gerät, Aufnahmen, Dosis, Kontrastmittel (Menge, Zeit), Handzeichen", "Performed: device, images, dose, contrast (amount, time), initials"), "", 15, 2)
	c.answer()
}

func (c *formSheets) endoscopyRequest() {
	c.requestHead(c.say("Klinische Frage, Diagnose, Vorbefunde", "Clinical question, diagnosis, earlier findings"), 3)
	yes, no := c.say("ja", "yes"), c.say("nein", "no")
	c.entries(entryHeight, entry{label: c.say("Untersuchung", "Examination"), ticks: []string{c.say("ÖGD (Gastroskopie)", "gastroscopy"), c.say("Koloskopie", "colonoscopy"), "ERCP", c.say("Endosonographie", "endosonography"), c.say("Bronchoskopie", "bronchoscopy"), "PEG", c.say("Blutstillung", "haemostasis"), c.say("andere:", "other:")}})
	c.entries(entryHeight, entry{label: c.say("nüchtern seit", "fasting since"), share: 3}, entry{label: c.say("abgeführt, womit", "bowel prepared, with"), share: 4}, entry{label: c.say("Zahnprothese, lockere Zähne", "Dentures, loose teeth"), share: 4, ticks: []string{yes, no}})
	c.entries(entryHeight, entry{label: c.say("Gerinnungshemmer (Name, letzte Gabe)", "Anticoagulant (name, last dose)"), share: 5}, entry{label: "Quick, INR", share: 2}, entry{label: "aPTT", share: 2}, entry{label: c.say("Thrombozyten", "Platelets"), share: 2}, entry{label: "Hb", share: 2})
	c.entries(entryHeight, entry{label: c.say("Schrittmacher, ICD", "Pacemaker, ICD"), share: 3, ticks: []string{yes, no}}, entry{label: c.say("Sedierung", "Sedation"), share: 4, ticks: []string{yes, no, c.say("Narkose", "anaesthesia")}}, entry{label: c.say("Aufklärung, Einwilligung", "Informed, consent"), share: 4, ticks: []string{yes, c.say("Notfall", "emergency")}})
	c.entries(entryHeight, entry{label: c.say("kommt", "comes"), share: 7, ticks: []string{c.say("gehend", "walking"), c.say("Rollstuhl", "wheelchair"), c.say("Bett", "bed"), c.say("beatmet", "ventilated"), c.say("Monitor", "monitor")}}, c.isolationEntry())
	c.linedTo(c.say("Kurzbefund der Endoskopie, Proben, Anordnungen danach, Unterschrift", "Short finding, biopsies, orders afterwards, signature"), "", 15, 3)
	c.answer()
}

func (c *formSheets) consultRequest() {
	c.entries(entryHeight, entry{label: c.say("Konsil durch", "Consult by"), ticks: []string{
		c.say("Innere", "medicine"), c.say("Chirurgie", "surgery"), c.say("Kardiologie", "cardiology"), c.say("Neurologie", "neurology"), c.say("Anästhesie", "anaesthesia"), c.say("Gynäkologie", "gynaecology"), c.say("Urologie", "urology"), "HNO", c.say("Augen", "eyes"), c.say("Psychiatrie", "psychiatry"),
		c.say("Schmerz", "pain"), c.say("Palliativ", "palliative"), c.say("Wunde", "wound"), c.say("Ernährung", "nutrition"), c.say("Physiotherapie", "physiotherapy"), c.say("Logopädie", "speech therapy"), c.say("Sozialdienst", "social service"), c.say("anderes:", "other:"),
	}})
	c.requestHead(c.say("Frage an den Konsiliar, Diagnose, bisheriger Verlauf", "Question, diagnosis, course so far"), 4)
	c.entries(entryHeight, entry{label: c.say("Wo", "Where"), share: 6, ticks: []string{c.say("am Bett", "at the bed"), c.say("Ambulanz", "outpatient room"), c.say("telefonisch", "by phone")}}, c.isolationEntry())
	c.linedTo(c.say("Antwort: Befund, Beurteilung, Empfehlung", "Answer: finding, judgement, recommendation"), "", entryHeight+1, 4)
	c.signed(c.say("Konsiliar (Name, Fach)", "Consultant (name, field)"))
}

func (c *formSheets) transportRequest() {
	c.requestHead(c.say("Wozu, worauf achten", "What for, what to mind"), 2)
	yes, no := c.say("ja", "yes"), c.say("nein", "no")
	c.entries(entryHeight+1, entry{label: c.say("von (Station, Zimmer)", "from (ward, room)"), share: 4, value: c.from()}, entry{label: c.say("nach (Ort, Ansprechpartner)", "to (place, contact)"), share: 5}, entry{label: c.say("Abholung um", "Pick up at"), share: 2})
	c.entries(entryHeight, entry{label: c.say("Wie", "How"), ticks: []string{c.say("gehend", "walking"), c.say("Rollstuhl", "wheelchair"), c.say("Trage", "stretcher"), c.say("Bett", "bed"), c.say("Inkubator", "incubator"), c.say("Rettungswagen", "ambulance"), c.say("andere Klinik", "other hospital")}})
	c.entries(entryHeight, entry{label: c.say("Mit", "With"), ticks: []string{c.say("Pflege", "nurse"), c.say("Arzt", "physician"), c.say("Monitor", "monitor"), c.say("Sauerstoff, l/min: ____", "oxygen, l/min: ____"), c.say("Infusion, Perfusor", "infusion, syringe pump"), c.say("Drainage", "drain"), c.say("beatmet", "ventilated"), c.say("Akte, Kurve", "chart")}})
	c.entries(entryHeight, entry{label: c.say("Verwirrt, Weglaufgefahr", "Confused, may walk off"), share: 4, ticks: []string{yes, no}}, entry{label: c.say("Gewicht über 150 kg", "Weight over 150 kg"), share: 3, ticks: []string{yes, no}}, c.isolationEntry())
	c.entries(entryHeight, entry{label: c.say("Rücktransport", "Return"), share: 4, ticks: []string{yes, no, c.say("auf Anruf", "on call")}}, entry{label: c.say("Armband am Patienten geprüft (Hz.)", "Wristband checked (initials)"), share: 4}, entry{label: c.say("Begleitpapiere mitgegeben (Hz.)", "Papers handed over (initials)"), share: 4})
	c.y += 2
	var steps [][]cell
	for _, s := range []string{c.say("abgeholt auf Station", "picked up on the ward"), c.say("angekommen, übergeben an", "arrived, handed over to"), c.say("Rückweg begonnen", "way back begun"), c.say("zurück auf Station", "back on the ward")} {
		steps = append(steps, []cell{c.cell(s)})
	}
	c.ruled(c.rest([]column{{head: c.say("Schritt", "Step"), width: 58}, {head: c.say("Datum, Uhrzeit", "Date, time"), width: 36}, {head: c.say("durch (Name)", "by (name)"), width: 58}, {head: c.say("Hz.", "Init.")}}), 9.5, steps)
	c.linedTo(c.say("Bemerkungen, Zwischenfälle unterwegs", "Remarks, incidents on the way"), "", 0, 2)
}

// from returns where the patient lies, "" if that is not known.
func (c *formSheets) from() string {
	if !c.known || c.stay.Now.V.Zero() {
		return c.wardGiven()
	}
	return joined(", ", c.wardOf(c.stay.Now.V.Ward), c.place(c.stay.Now.V))
}

func (c *formSheets) dietRequest() {
	c.requestHead(c.say("Grund, Diagnose, Vorgaben", "Reason, diagnosis, instructions"), 1)
	yes, no := c.say("ja", "yes"), c.say("nein", "no")
	c.entries(entryHeight, entry{label: c.say("gilt ab (Datum)", "valid from (date)"), share: 3}, entry{label: c.say("ab Mahlzeit", "from meal"), share: 5, ticks: []string{c.say("Früh", "breakfast"), c.say("Mittag", "lunch"), c.say("Abend", "dinner")}}, entry{label: c.say("bis", "until"), share: 2})
	c.y += 1.5
	c.tickColumns(
		ticked{c.say("Kostform", "Diet"), []string{c.say("nüchtern ab: ______", "nothing by mouth from: ______"), c.say("Tee, Wasser", "tea, water"), c.say("Aufbaukost, Stufe: ____", "step diet, step: ____"), c.say("leichte Vollkost", "light"), c.say("Vollkost", "normal"), c.say("Diabetes, BE: ____", "diabetes, units: ____"), c.say("Sondenkost, ml/h: ____", "tube feed, ml/h: ____")}},
		ticked{c.say("Konsistenz (IDDSI)", "Texture (IDDSI)"), []string{c.say("7 normal", "7 regular"), c.say("6 weich, mundgerecht", "6 soft, bite-sized"), c.say("5 zerkleinert, feucht", "5 minced, moist"), c.say("4 püriert", "4 pureed"), c.say("Getränke Stufe 3", "drinks level 3"), c.say("Getränke Stufe 2", "drinks level 2"), c.say("Getränke Stufe 1", "drinks level 1")}},
		ticked{c.say("Ohne", "Without"), []string{c.say("Schweinefleisch", "pork"), c.say("Fleisch (vegetarisch)", "meat (vegetarian)"), c.say("tierische Produkte (vegan)", "animal products (vegan)"), "Gluten", c.say("Laktose", "lactose"), c.say("Salz (salzarm)", "salt (low)"), c.say("Kalium (kaliumarm)", "potassium (low)")}},
		ticked{c.say("Allergie auf Nahrung", "Food allergy"), []string{c.say("keine bekannt", "none known"), c.say("Nüsse", "nuts"), c.say("Ei", "egg"), c.say("Milch", "milk"), c.say("Fisch, Krebstiere", "fish, shellfish"), c.say("Soja, Sellerie", "soy, celery"), c.say("andere:", "other:")}},
	)
	c.entries(entryHeight, entry{label: c.say("Trinkmenge ml/Tag", "Fluids ml/day"), share: 3}, entry{label: c.say("Hilfe beim Essen", "Help with eating"), share: 3, ticks: []string{yes, no}}, entry{label: c.say("Zusatznahrung", "Supplements"), share: 4}, entry{label: c.say("Gewicht, Größe", "Weight, height"), share: 3})
	c.linedTo(c.say("Wünsche, Bemerkungen", "Wishes, remarks"), "", 15, 2)
	c.answer()
}
