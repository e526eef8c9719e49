package paper

import "notbetrieb/internal/lang"

// Analyte is one line of a laboratory result by hand. Range is the laboratory's
// own reference range, empty where it has to be written.
type Analyte struct{ Name, Unit, Range string }

// CommonAnalytes are the lines of a result where none are given: what a
// laboratory without its system still measures. Reference ranges, and units that
// differ between laboratories, are left to be written.
func CommonAnalytes(l lang.Lang) []Analyte {
	say := func(de, en string) string { return lang.Text{DE: de, EN: en}.In(l) }
	return []Analyte{
		{say("Leukozyten", "White cells"), "10⁹/l", ""},
		{say("Erythrozyten", "Red cells"), "10¹²/l", ""},
		{say("Hämoglobin", "Haemoglobin"), "g/dl", ""},
		{say("Hämatokrit", "Haematocrit"), "%", ""},
		{say("Thrombozyten", "Platelets"), "10⁹/l", ""},
		{"INR", "", ""},
		{say("Quick", "PT"), "%", ""},
		{"aPTT", "s", ""},
		{say("Natrium", "Sodium"), "mmol/l", ""},
		{say("Kalium", "Potassium"), "mmol/l", ""},
		{"Calcium", "mmol/l", ""},
		{say("Kreatinin", "Creatinine"), "", ""},
		{say("Harnstoff", "Urea"), "", ""},
		{say("Glukose", "Glucose"), "", ""},
		{"CRP", "mg/l", ""},
		{"Procalcitonin", "µg/l", ""},
		{say("GOT (AST)", "AST"), "U/l", ""},
		{say("GPT (ALT)", "ALT"), "U/l", ""},
		{"Bilirubin", "", ""},
		{"Lipase", "U/l", ""},
		{"Troponin", "ng/l", ""},
		{say("Laktat", "Lactate"), "mmol/l", ""},
		{"pH", "", ""},
		{"pCO₂", "mmHg", ""},
	}
}

const (
	analyteRow = 7.6
	mostEmpty  = 12                // lines without a name on a result
	readBackH  = entryHeight + 6.5 // height of the record of a call
	signedH    = entryHeight       // of the row that ends a form
	oneLined   = lineStep + 4.5    // of a box with one line
)

// sampleHead draws which sample a result is of.
func (c *formSheets) sampleHead() {
	c.entries(entryHeight, entry{label: c.say("Auftragsnummer", "Order number"), share: 4, value: c.orderNumber()}, entry{label: c.say("Probe, Material", "Sample, specimen"), share: 4, value: c.ordered().Specimen}, entry{label: c.say("entnommen am, um", "taken on, at"), share: 4}, entry{label: c.say("Eingang Labor am, um", "arrived on, at"), share: 4})
}

// labResult draws a table of analytes in two columns side by side.
func (c *formSheets) labResult() {
	c.sampleHead()
	c.entries(entryHeight, entry{label: c.say("Gerät, Methode", "Device, method"), share: 5}, entry{label: c.say("Probe", "Sample"), share: 7, ticks: []string{c.say("in Ordnung", "good"), c.say("hämolytisch", "haemolysed"), c.say("lipämisch", "lipaemic"), c.say("geronnen", "clotted")}}, entry{label: c.say("Befund", "Result"), share: 4, ticks: []string{c.say("vorläufig", "prelim."), c.say("endgültig", "final")}})
	c.y += 1.5
	list := c.b.Analytes
	if list == nil {
		list = CommonAnalytes(c.lang)
	}
	rows := (len(list) + 1) / 2
	free := int((c.bottom - readBackH - signedH - oneLined - 5 - c.y) / analyteRow)
	rows = max(rows, min(free, rows+mostEmpty/2))
	w := c.width() / 2
	one := []column{{head: c.say("Analyt", "Analyte"), width: 31}, {head: c.say("Wert", "Value"), width: 21}, {head: c.say("Einheit", "Unit"), width: 14}, {head: c.say("Referenz", "Reference"), width: w - 31 - 21 - 14 - 9}, {head: "↑↓‼", width: 9}}
	lines := make([][]cell, rows)
	for i := range lines {
		for _, at := range []int{i, i + rows} {
			a := Analyte{}
			if at < len(list) {
				a = list[at]
			}
			lines[i] = append(lines[i], c.bold(a.Name), nil, c.tiny(a.Unit), c.tiny(a.Range), nil)
		}
	}
	c.ruled(append(append([]column{}, one...), one...), analyteRow, lines)
	c.lined(c.say("Bemerkung, Mikrobiologie, Beurteilung. ↑ hoch · ↓ niedrig · ‼ kritisch: sofort anrufen", "Remark, microbiology, judgement. ↑ high · ↓ low · ‼ critical: call at once"), "", 1)
	c.signed(c.say("gemessen und freigegeben von", "measured and released by"))
	c.readBack()
}

// readBack draws the record that a result was called in and said back.
func (c *formSheets) readBack() {
	b := style{c.f.condBold, body}
	c.need(readBackH)
	c.y += 1.5
	c.text(c.left, c.y, b, c.say("Telefonisch mitgeteilt (kritische Werte immer)", "Told by telephone (critical values always)"))
	c.y += b.leading() + 0.3
	c.entries(entryHeight, entry{label: c.say("mitgeteilt an (Name, Funktion)", "told to (name, function)"), share: 5}, entry{label: c.say("am, um", "on, at"), share: 3}, entry{label: c.say("durch", "by"), share: 3}, entry{label: c.say("Werte zurückgelesen, stimmt", "values read back, correct"), share: 4, ticks: []string{c.say("ja", "yes"), c.say("Hz.:", "init.:")}})
}

func (c *formSheets) imagingResult() {
	o := c.ordered()
	c.entries(entryHeight, entry{label: c.say("Auftragsnummer", "Order number"), share: 4, value: c.orderNumber()}, entry{label: c.say("Untersuchung am, um", "Examined on, at"), share: 4}, entry{label: c.say("Gerät, Raum", "Device, room"), share: 4}, entry{label: c.say("Befund", "Finding"), share: 5, ticks: []string{c.say("vorläufig", "preliminary"), c.say("endgültig", "final")}})
	c.entries(entryHeight, entry{label: c.say("Verfahren", "Method"), ticks: []string{c.say("Röntgen", "X-ray"), "CT", "MRT", c.say("Sonographie", "ultrasound"), c.say("Durchleuchtung", "fluoroscopy"), c.say("Angiographie", "angiography"), c.say("Endoskopie", "endoscopy")}})
	c.entries(entryHeight, entry{label: c.say("Region, Seite, Technik", "Region, side, technique"), share: 3, value: o.What.Label()}, entry{label: c.say("Kontrastmittel, Dosis", "Contrast, dose"), share: 2})
	c.lined(c.say("Klinische Frage", "Clinical question"), o.Question, 1)
	const end = 4*lineStep + 4.5 + signedH + readBackH + 0.5
	c.linedTo(c.say("Befund", "Finding"), "", end, 4)
	c.lined(c.say("Beurteilung", "Judgement"), "", 4)
	c.signed(c.say("Befundet von (Name, Fach)", "Reported by (name, field)"))
	c.readBack()
}

// phoneResult records a result that somebody took down at the telephone.
func (c *formSheets) phoneResult() {
	c.entries(entryHeight+1, entry{label: c.say("Anruf am, um", "Call on, at"), share: 3}, entry{label: c.say("Anrufer (Name, Abteilung)", "Caller (name, department)"), share: 5}, entry{label: c.say("Telefon für Rückruf", "Phone to call back"), share: 3})
	c.entries(entryHeight, entry{label: c.say("angenommen von (Name, Funktion)", "taken by (name, function)"), share: 5}, entry{label: c.say("Auftrag, Probe", "Order, sample"), share: 3, value: c.orderNumber()}, entry{label: c.say("Probe, Untersuchung vom", "Sample, examination of"), share: 3})
	c.entries(entryHeight, entry{label: c.say("Patient geprüft: mindestens zwei Merkmale genannt", "Patient checked: at least two named"), ticks: []string{"Name", c.say("Geburtsdatum", "birth date"), c.say("Fallnummer", "case number")}})
	c.y += 1.5
	const below = 2*entryHeight + 3*lineStep + 18
	c.ruledTo(c.rest([]column{{head: c.say("Untersuchung", "Test"), width: 55}, {head: c.say("Wert, Befund", "Value, finding"), width: 45}, {head: c.say("Einheit", "Unit"), width: 20}, {head: c.say("Referenz", "Reference"), width: 26}, {head: "↑ ↓ ‼", width: 15}, {head: c.say("zurückgelesen", "read back")}}), 9, below, 6)
	c.y += 1.5
	c.entries(entryHeight, entry{label: c.say("Alle Werte zurückgelesen und vom Anrufer bestätigt", "All values read back and confirmed by the caller"), share: 5, ticks: []string{c.say("ja, Uhrzeit:", "yes, time:")}}, entry{label: c.say("Handzeichen", "Initials"), share: 2}, entry{label: c.say("kritisch", "critical"), share: 2, ticks: []string{c.say("ja", "yes"), c.say("nein", "no")}})
	c.entries(entryHeight, entry{label: c.say("Arzt informiert (Name)", "Physician informed (name)"), share: 5}, entry{label: c.say("um", "at"), share: 2}, entry{label: c.say("durch (Hz.)", "by (initials)"), share: 2})
	c.linedTo(c.say("Anordnung, Maßnahme", "Order, action"), "", 0, 2)
}
