package paper

import (
	"strings"

	"notbetrieb/internal/clinical"
)

// admission draws two pages: the person and what is dangerous, then first
// vital signs, relatives and belongings. What the chart knows is printed.
func (c *formSheets) admission() {
	c.arrival()
	c.part(c.say("Person", "Person"), c.say("Name, Geburtsdatum und Fallnummer stehen oben", "name, birth date and case number stand above"), 20)
	a := c.p.Address.V
	c.entries(entryHeight, entry{label: c.say("Geburtsname", "Birth name"), share: 4, value: c.p.BirthName.V.Family}, entry{label: c.say("Staatsangehörigkeit, Sprache", "Nationality, language"), share: 4, value: joined(", ", c.p.Citizen.V, c.p.Language.V)}, entry{label: c.say("Dolmetscher", "Interpreter"), share: 3, ticks: []string{c.say("ja", "yes"), c.say("nein", "no")}}, entry{label: c.say("Religion", "Religion"), share: 3, value: c.p.Religion.V})
	c.entries(entryHeight, entry{label: c.say("Straße, PLZ, Ort", "Street, postcode, town"), share: 8, value: joined(", ", a.Street, joined(" ", a.Zip, a.City))}, entry{label: c.say("Telefon", "Phone"), share: 5, value: strings.Join(c.p.Phones.V, ", ")})
	c.insurance()
	c.reasons()
	c.dangers()
	c.reverse()
	c.firstVitals()
	c.relatives()
	c.belongings()
	c.signed(c.say("Aufgenommen von (Name, Funktion)", "Admitted by (name, function)"))
}

// reverse begins the second page, unless a long banner has begun it already.
func (c *formSheets) reverse() {
	if len(c.pages) == 1 {
		c.start(c.form)
	}
}

func (c *formSheets) arrival() {
	c.entries(entryHeight, entry{label: c.say("angekommen am, um", "arrived on, at"), share: 4}, entry{label: c.say("kommt", "comes"), share: 9, ticks: []string{c.say("selbst", "walk-in"), c.say("Rettungsdienst", "ambulance"), c.say("mit Notarzt", "with physician"), c.say("Verlegung", "transfer")}}, entry{label: c.say("Armband angelegt (Hz.)", "Wristband on (initials)"), share: 4})
}

func (c *formSheets) insurance() {
	var i clinical.Insurance
	for _, item := range c.p.Insurances {
		if !item.Cancelled {
			i = item.V
			break
		}
	}
	kind := entry{label: c.say("Versicherung", "Insurance"), share: 6}
	if i.Fund == "" {
		kind.ticks = []string{c.say("gesetzlich", "statutory"), c.say("privat", "private"), c.say("BG", "accident"), c.say("keine", "none")}
	}
	c.entries(entryHeight, kind, entry{label: c.say("Kasse", "Fund"), share: 4, value: i.Fund}, entry{label: c.say("Versichertennummer", "Insurance number"), share: 4, value: i.Number}, entry{label: c.say("Karte gesehen", "Card seen"), share: 3, ticks: []string{c.say("ja", "yes"), c.say("nein", "no")}})
}

func (c *formSheets) reasons() {
	c.entries(entryHeight, entry{label: c.say("Einweiser, Hausarzt (Name, Telefon)", "Referring physician, GP (name, phone)"), share: 6, value: c.stay.Referring.V.Name}, entry{label: c.say("Einweisung liegt vor", "Referral letter"), share: 3, ticks: []string{c.say("ja", "yes"), c.say("nein", "no")}}, entry{label: c.say("Fachabteilung", "Department"), share: 4, value: c.stay.Service.V})
	c.lined(c.say("Grund der Aufnahme, Beschwerden, seit wann", "Reason for admission, complaints, since when"), c.stay.Reason.V, 2)
	c.lined(c.say("Vorerkrankungen, Operationen", "Earlier illnesses, operations"), "", 1)
	c.linedTo(c.say("Medikamente zu Hause (Name, Dosis, zuletzt), Gerinnungshemmer", "Drugs at home (name, dose, last taken), anticoagulants"), "", c.dangersH(), 2)
}

// allergy returns the box for allergies and how high it is: what is known is
// printed, with room for what is told now.
func (c *formSheets) allergy() (entry, float64) {
	e := entry{label: c.say("Allergie wogegen, Reaktion", "Allergy to, reaction"), share: 9}
	if !c.known {
		return e, entryHeight
	}
	e.value = strings.Join(c.allergyWords(), " · ")
	return e, c.entryHeight(e, c.width()*9/14) + lineStep
}

// dangersH is the height of what dangers draws.
func (c *formSheets) dangersH() float64 {
	_, h := c.allergy()
	return h + 2*entryHeight + 10
}

// dangers asks for what a ward must know before it touches the patient.
func (c *formSheets) dangers() {
	yes, no := c.say("ja", "yes"), c.say("nein", "no")
	allergy, h := c.allergy()
	c.part(c.say("Allergien und Warnungen", "Allergies and warnings"), "", h+2*entryHeight)
	c.entries(h, allergy, entry{label: c.say("Allergien", "Allergies"), share: 5, ticks: []string{c.say("keine bekannt", "none known"), c.say("nicht erhebbar", "cannot be asked")}})
	c.entries(entryHeight, entry{label: c.say("Isolation, Keime", "Isolation, germs"), share: 6, ticks: []string{c.say("keine", "none"), "MRSA", "4MRGN", c.say("offen", "pending")}}, entry{label: c.say("Schwanger", "Pregnant"), share: 3, ticks: []string{yes, no}}, entry{label: c.say("Sturz-, Weglaufgefahr", "May fall, walk off"), share: 3, ticks: []string{yes, no}}, entry{label: c.say("Schrittmacher, Implantat", "Pacemaker, implant"), share: 3, ticks: []string{yes, no}})
	c.entries(entryHeight, entry{label: c.say("Reanimation", "Resuscitation"), share: 6, ticks: []string{c.say("ja", "yes"), c.say("nein, Arzt:", "no, physician:")}}, entry{label: c.say("Patientenverfügung", "Living will"), share: 4, ticks: []string{c.say("liegt vor", "here"), no}}, entry{label: c.say("Vollmacht, Betreuung", "Proxy, guardian"), share: 4, ticks: []string{yes, no}})
}

func (c *formSheets) firstVitals() {
	c.part(c.say("Erste Werte", "First values"), "", entryHeight)
	c.entries(entryHeight+1, entry{label: c.say("Uhrzeit", "Time")}, entry{label: c.say("RR mmHg", "BP mmHg")}, entry{label: c.say("Puls /min", "Pulse /min")}, entry{label: "Temp °C"}, entry{label: "SpO₂ %"}, entry{label: c.say("Atemfr.", "Resp.")}, entry{label: c.say("Schmerz 0–10", "Pain 0–10")}, entry{label: "GCS"})
	c.entries(entryHeight+1, entry{label: c.say("Gewicht kg", "Weight kg"), share: 2}, entry{label: c.say("Größe cm", "Height cm"), share: 2}, entry{label: c.say("Blutzucker", "Glucose"), share: 2}, entry{label: c.say("Haut, Wunden, Zugänge", "Skin, wounds, lines"), share: 7}, entry{label: c.say("Hz.", "Init."), share: 2})
}

// relatives has rows for those to call; known ones are printed.
func (c *formSheets) relatives() {
	c.part(c.say("Angehörige, Betreuer, Bevollmächtigte", "Relatives, guardian, proxy"), "", 3*10)
	var list []clinical.Contact
	for _, k := range c.p.Contacts {
		if !k.Cancelled {
			list = append(list, k.V)
		}
	}
	cols := c.rest([]column{{head: "Name", width: 58}, {head: c.say("Beziehung, Rolle", "Relation, role"), width: 38}, {head: c.say("Telefon", "Phone"), width: 50}, {head: c.say("informiert, Hz.", "informed, init.")}})
	rows := make([][]cell, max(3, len(list)+1))
	for i, k := range list {
		rows[i] = []cell{c.bold(c.name(k.Name, false)), c.cell(joined(", ", k.Relation, k.Role)), c.bold(strings.Join(k.Phones, ", "))}
	}
	c.ruled(cols, 10, rows)
}

func (c *formSheets) belongings() {
	c.part(c.say("Eigentum", "Belongings"), "", 4*9.5+5+2*entryHeight)
	c.ruledTo(c.rest([]column{{head: c.say("Gegenstand, Anzahl, Betrag", "Thing, number, amount"), width: 78}, {head: c.say("bleibt bei Patient", "stays with patient"), width: 26}, {head: c.say("Tresor, Nr.", "safe, no."), width: 26}, {head: c.say("mitgegeben an", "given to"), width: 34}, {head: c.say("Hz.", "Init.")}}), 9.5, 2*entryHeight+1, 4)
	c.entries(entryHeight, entry{label: c.say("Zweite Person bei Wertsachen (Name, Unterschrift)", "Second person for valuables (name, signature)"), share: 3}, entry{label: c.say("Patient, Angehöriger (Unterschrift)", "Patient, relative (signature)"), share: 2})
}

// unknownAdmission is for a person nobody can name: what they look like, where
// they were found, who asks for them.
func (c *formSheets) unknownAdmission() {
	c.arrival()
	c.entries(entryHeight, entry{label: c.say("Vorläufiger Name, Nummer (steht auf dem Armband)", "Provisional name, number (as on the wristband)"), share: 6}, entry{label: c.say("Polizei informiert (Dienststelle, Zeit)", "Police informed (station, time)"), share: 5})
	c.part(c.say("Beschreibung", "Description"), "", 3*entryHeight)
	c.entries(entryHeight, entry{label: c.say("geschätztes Alter", "estimated age"), share: 3}, entry{label: c.say("Geschlecht", "Sex"), share: 4, ticks: []string{c.say("w", "f"), "m", "d"}}, entry{label: c.say("Größe cm, Gewicht kg (etwa)", "Height cm, weight kg (about)"), share: 4}, entry{label: c.say("Haare, Bart", "Hair, beard"), share: 4}, entry{label: c.say("Augen", "Eyes"), share: 3})
	c.lined(c.say("Narben, Tätowierungen, Prothesen, Schmuck, Zähne", "Scars, tattoos, prostheses, jewellery, teeth"), "", 1)
	c.lined(c.say("Kleidung, Taschen, Ausweise, Telefon (nichts weggeben)", "Clothes, bags, papers, phone (give nothing away)"), "", 1)
	c.linedTo(c.say("Gefunden wo, wann, von wem, Umstände; Transportmittel, Einsatznummer", "Found where, when, by whom, how; transport, mission number"), "", c.dangersH()+entryHeight, 2)
	c.entries(entryHeight, entry{label: c.say("spricht, Sprache", "speaks, language"), share: 3}, entry{label: c.say("Angaben des Patienten zu sich", "What the patient says about themselves"), share: 7})
	c.dangers()
	c.reverse()
	c.firstVitals()
	c.lined(c.say("Grund der Aufnahme, Verletzungen, Maßnahmen bisher", "Reason for admission, injuries, done so far"), "", 3)
	c.part(c.say("Wer fragt nach der Person", "Who asks for the person"), "", 2*10)
	c.ruled(c.rest([]column{{head: "Name", width: 52}, {head: c.say("Telefon", "Phone"), width: 40}, {head: c.say("vermutet (Name, Geburtsdatum)", "supposed (name, birth date)"), width: 58}, {head: c.say("Zeit, Hz.", "Time, init.")}}), 10, make([][]cell, 2))
	c.part(c.say("Identität festgestellt", "Identity established"), "", entryHeight)
	c.entries(entryHeight, entry{label: c.say("Name, Geburtsdatum", "Name, birth date"), share: 5}, entry{label: c.say("woran (Ausweis, Angehöriger, Polizei)", "by (papers, relative, police)"), share: 5}, entry{label: c.say("am, um, Hz.", "on, at, init."), share: 3})
	c.belongings()
	c.signed(c.say("Aufgenommen von (Name, Funktion)", "Admitted by (name, function)"))
}

// newbornAdmission has the mother below the child's own banner.
func (c *formSheets) newbornAdmission() {
	c.mother()
	born := ""
	if c.p.BirthTime.Known && !c.p.BirthTime.V.IsZero() {
		born = c.stamp(c.p.BirthTime.V)
	}
	which := ""
	if c.p.Order.V > 0 {
		which = itoa(c.p.Order.V) + c.say(". Kind", ". child")
	}
	c.part(c.say("Geburt", "Birth"), "", 3*entryHeight)
	c.entries(entryHeight, entry{label: c.say("geboren am, um", "born on, at"), share: 5, value: born}, entry{label: c.say("Geschlecht", "Sex"), share: 4, ticks: []string{c.say("w", "f"), "m", "d"}}, entry{label: c.say("Mehrling, Kind Nr.", "Multiple, child no."), share: 3, value: which}, entry{label: c.say("Schwangerschaftswoche", "Week of gestation"), share: 4})
	c.entries(entryHeight, entry{label: c.say("Gewicht g", "Weight g"), share: 3}, entry{label: c.say("Länge cm", "Length cm"), share: 3}, entry{label: c.say("Kopfumfang cm", "Head cm"), share: 3}, entry{label: c.say("Temp °C, Zeit", "Temp °C, time"), share: 3}, entry{label: c.say("pH Nabelarterie", "pH umbil. artery"), share: 3}, entry{label: "BE mmol/l", share: 3})
	c.entries(entryHeight, entry{label: c.say("Entbindung", "Delivery"), share: 9, ticks: []string{c.say("spontan", "spontaneous"), c.say("Vakuum", "vacuum"), c.say("Zange", "forceps"), c.say("Sectio", "caesarean")}}, entry{label: c.say("Fruchtwasser", "Amniotic fluid"), share: 6, ticks: []string{c.say("klar", "clear"), c.say("grün", "green")}}, entry{label: c.say("Blasensprung am, um", "Membranes ruptured"), share: 4})
	c.apgar()
	yes, no := c.say("ja", "yes"), c.say("nein", "no")
	c.part(c.say("Versorgung", "Care"), "", 3*entryHeight)
	c.entries(entryHeight, entry{label: c.say("Maßnahmen nach der Geburt", "Done after birth"), ticks: []string{c.say("keine", "none"), c.say("abgesaugt", "suction"), c.say("Sauerstoff", "oxygen"), c.say("Maskenbeatmung", "mask ventilation"), "CPAP", c.say("Intubation", "intubation"), c.say("Herzdruckmassage", "chest compressions")}})
	c.entries(entryHeight, entry{label: c.say("Vitamin K (Dosis, Zeit, Hz.)", "Vitamin K (dose, time, init.)"), share: 4}, entry{label: c.say("Blutzucker (Zeit)", "Glucose (time)"), share: 3}, entry{label: c.say("Urin, Mekonium", "Urine, meconium"), share: 3}, entry{label: c.say("Ernährung", "Feeding"), share: 4, ticks: []string{c.say("Brust", "breast"), c.say("Flasche", "bottle")}})
	c.entries(entryHeight, entry{label: c.say("Infektion der Mutter (GBS, HBV, HIV, Fieber)", "Mother's infection (GBS, HBV, HIV, fever)"), share: 5}, entry{label: c.say("Blutgruppe Mutter", "Mother's blood group"), share: 3}, entry{label: c.say("U1 unauffällig", "First check normal"), share: 3, ticks: []string{yes, no}}, entry{label: c.say("Kind kommt", "Child goes"), share: 5, ticks: []string{c.say("zur Mutter", "to mother"), "NICU"}})
	c.entries(entryHeight, entry{label: c.say("Armbänder von Mutter und Kind verglichen: erste Person, Zeit, Hz.", "Bands of mother and child compared: first person, time, initials")}, entry{label: c.say("zweite Person, Zeit, Hz.", "second person, time, initials")})
	c.linedTo(c.say("Auffälligkeiten, Bemerkungen", "Findings, remarks"), "", signedH, 0)
	c.signed(c.say("Hebamme, Arzt (Name)", "Midwife, physician (name)"))
}

// mother draws who the mother is, or a box for it.
func (c *formSheets) mother() {
	s := style{c.f.bold, body}
	c.text(c.left, c.y, s, c.say("MUTTER", "MOTHER"))
	c.y += s.leading() + 0.3
	m := c.b.Mother
	if m == nil {
		c.entries(entryHeight, entry{label: c.say("Name, Vorname (oder Etikett)", "Family name, given name (or label)"), share: 6}, entry{label: c.say("Geburtsdatum", "Birth date"), share: 3}, entry{label: c.say("Fallnummer", "Case number"), share: 3, value: c.motherNo()}, entry{label: c.say("Station, Bett", "Ward, bed"), share: 3})
		return
	}
	stay, _ := m.Current()
	c.entries(entryHeight, entry{label: "Name", share: 6, value: c.name(m.Name.V, m.Unnamed.V)}, entry{label: c.say("Geburtsdatum", "Birth date"), share: 4, value: c.birth(m.Birth.V)}, entry{label: c.say("Fallnummer", "Case number"), share: 3, value: orUnsent(string(stay.Case), c.unsent())}, entry{label: c.say("Station, Bett", "Ward, bed"), share: 4, value: joined(" ", stay.Now.V.Ward, c.place(stay.Now.V))})
	words := (&chartSheets{flow: c.flow, p: m, stay: stay}).motherWarnings()
	c.entries(entryHeight, entry{label: c.say("Allergien · CAVE · Isolation der Mutter", "Mother's allergies · CAVE · isolation"), value: words})
}

// motherWarnings returns in one line what the banner of this chart says.
func (c *chartSheets) motherWarnings() string {
	return strings.Join([]string{
		strings.Join(c.allergyWords(), ", "), "CAVE " + strings.Join(c.alertWords(clinical.Cave, clinical.Risk, clinical.Pregnancy), ", "), c.say("Isolation ", "isolation ") + strings.Join(c.alertWords(clinical.Isolation), ", "),
	}, " · ")
}

// motherNo returns the mother's number where only that is known.
func (c *formSheets) motherNo() string {
	if n := c.p.Mother.V.Value; n != "" {
		return c.say("Pat.-Nr. ", "patient no. ") + n
	}
	return ""
}

// apgar draws the table of the Apgar score (Apgar 1953) with what counts 0, 1
// and 2.
func (c *formSheets) apgar() {
	c.part(c.say("Apgar", "Apgar"), c.say("je Zeile 0, 1 oder 2 Punkte", "0, 1 or 2 points in each line"), 6*8)
	list := [][4]string{
		{c.say("Aussehen (Haut)", "Appearance (skin)"), c.say("blass, blau", "pale, blue"), c.say("Stamm rosig", "body pink"), c.say("rosig", "pink")},
		{c.say("Puls", "Pulse"), c.say("keiner", "none"), c.say("unter 100", "under 100"), c.say("über 100", "over 100")},
		{c.say("Grimassen (Reflexe)", "Grimace (reflexes)"), c.say("keine", "none"), c.say("verzieht Gesicht", "grimaces"), c.say("schreit, niest", "cries, sneezes")},
		{c.say("Aktivität (Tonus)", "Activity (tone)"), c.say("schlaff", "limp"), c.say("etwas gebeugt", "some flexion"), c.say("bewegt sich", "moves")},
		{c.say("Atmung", "Respiration"), c.say("keine", "none"), c.say("unregelmäßig", "irregular"), c.say("kräftig, schreit", "strong cry")},
		{c.say("Summe", "Sum"), "", "", ""},
	}
	cols := c.rest([]column{{head: "", width: 34}, {head: "0", width: 27}, {head: "1", width: 29}, {head: "2", width: 29}, {head: c.say("1 Minute", "1 minute"), width: 21}, {head: c.say("5 Minuten", "5 minutes"), width: 21}, {head: c.say("10 Minuten", "10 minutes")}})
	var rows [][]cell
	for _, l := range list {
		rows = append(rows, []cell{c.bold(l[0]), c.tiny(l[1]), c.tiny(l[2]), c.tiny(l[3])})
	}
	c.ruled(cols, 7.2, rows)
}
