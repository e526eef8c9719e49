package paper

import (
	"fmt"
	"io"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// PadCount is how many of one form a pad holds.
type PadCount struct {
	Kind  Kind
	Count int
}

// PadFor proposes what a ward of so many beds needs for one day without power.
func PadFor(beds int) []PadCount {
	beds = max(beds, 1)
	few := (beds + 3) / 4
	return []PadCount{
		{KindCurve, beds}, {KindVitals, beds}, {KindMedication, beds}, {KindProgress, beds},
		{KindLaboratory, beds}, {KindRadiology, few}, {KindConsult, few}, {KindTransport, few}, {KindDiet, few},
		{KindPhone, few}, {KindAdmission, few}, {KindUnknown, 1}, {KindHandover, few}, {KindWound, few}, {KindNursingNotes, beds},
	}
}

// mostPad is how many forms one pad may hold: some reams of paper.
const mostPad = 2000

// PadPlan is what an emergency pad is made of.
type PadPlan struct {
	Ward   chart.Ward
	Counts []PadCount
	Serial func() sheet.Serial // gives each form another one: sheet.NewSerial
}

// Pad writes a ward's emergency pad: a cover with what to do and a register of
// all forms, then the forms without a patient; cover and forms each get a serial
// of their own. No form at all, more than 2,000, a kind that does not exist or a
// negative count is fault.Invalid, and nothing is written.
func Pad(w io.Writer, h Head, plan PadPlan, o PackOptions) error {
	ward, counts := plan.Ward, plan.Counts
	cover := plan.Serial()
	var blanks []Blank
	for _, c := range counts {
		if c.Count < 0 || len(blanks)+c.Count > mostPad {
			return fault.New(fault.Invalid, lang.Text{
				DE: "Ein Block hat höchstens 2.000 Bögen. Es wurde nichts gedruckt.",
				EN: "A pad has at most 2,000 forms. Nothing was printed.",
			})
		}
		for range c.Count {
			blanks = append(blanks, Blank{Kind: c.Kind, Serial: plan.Serial(), Ward: ward.Code})
		}
	}
	if err := checkBlanks(blanks); err != nil {
		return err
	}
	if err := checkSerial(cover); err != nil {
		return err
	}
	d, err := newDocument(w, h, padOptions(o, ward), d2(h, "Notfallblock", "Emergency pad")+" "+wardName(ward))
	if err != nil {
		return err
	}
	if err := d.padCover(ward, cover, counts, blanks); err != nil {
		return err
	}
	for _, b := range blanks {
		if err := d.blankForm(b); err != nil {
			return err
		}
	}
	return d.close()
}

// padOptions adds the ward's name to the names of wards.
func padOptions(o PackOptions, ward chart.Ward) PackOptions {
	if ward.Name == "" || o.Wards[ward.Code] != "" {
		return o
	}
	names := map[string]string{ward.Code: ward.Name}
	for code, name := range o.Wards {
		names[code] = name
	}
	o.Wards = names
	return o
}

// padCover writes what to do, what the pad holds and which form went to whom.
func (d *document) padCover(ward chart.Ward, serial sheet.Serial, counts []PadCount, blanks []Blank) error {
	f := d.newFlow(false, sheet.Code{Form: sheet.FormBlank, Serial: serial, Ward: ward.Code}, d.say("Notfallblock", "Emergency pad"))
	f.start(sheet.FormBlank)
	big, b, s := style{f.f.bold, 20}, style{f.f.bold, 12}, style{f.f.reg, 12}
	f.y += 3
	for _, l := range f.atMost(3, big.wrap(f.clean(wardName(ward)), f.width())) {
		f.text(f.left, f.y, big, l)
		f.y += big.leading()
	}
	f.y += 3
	for i, l := range d.padRules() {
		f.text(f.left, f.y, b, itoa(i+1)+".")
		f.para(s, 8, l)
		f.y += 1.5
	}
	f.section(d.say("Inhalt", "Contents"), fmt.Sprintf(d.say("%d Bögen", "%d forms"), len(blanks)), 10)
	words := ""
	for _, c := range counts {
		if c.Count > 0 {
			words = joined(" · ", words, itoa(c.Count)+" × "+c.Kind.Title().In(d.lang))
		}
	}
	f.para(style{f.f.cond, 10.5}, 0, words)
	f.section(d.say("Wer hat welchen Bogen", "Who has which form"), d.say("eintragen, sobald ein Bogen ausgegeben wird", "fill in when a form is handed out"), 30)
	f.y -= 0.8
	cols := f.rest([]column{{head: d.say("Bogen", "Form"), width: 46}, {head: d.say("Nummer", "Number"), width: 28}, {head: d.say("Patient, Bett", "Patient, bed"), width: 73}, {head: d.say("gescannt, Hz.", "scanned, init.")}})
	rows := make([][]cell, len(blanks))
	for i, b := range blanks {
		rows[i] = []cell{{{text: b.Kind.Title().In(d.lang), style: style{f.f.cond, body}}}, {{text: b.Serial.Spaced(), style: style{f.f.condBold, body}}}}
	}
	f.ruled(cols, 8, rows)
	if d.o.Duplex && len(f.pages)%2 == 1 {
		f.start(sheet.FormBlank)
		f.notes()
	}
	return f.finish(d.say("Notfallblock", "Emergency pad")+" "+wardName(ward), false)
}

// padRules are the five lines that explain a pad.
func (d *document) padRules() []string {
	return []string{
		d.say("Je Patient einen eigenen Bogen nehmen. Patientenetikett aufkleben, oder Name, Geburtsdatum und Fallnummer schreiben. Erst dann ausfüllen.",
			"Take a form of its own for each patient. Stick on the patient label, or write name, birth date and case number. Only then fill it in."),
		d.say("Mit schwarzem oder blauem Kugelschreiber in die Kästen schreiben. Jeder Eintrag mit Uhrzeit und Handzeichen.",
			"Write into the boxes with a black or blue pen. Each entry with time and initials."),
		d.say("Falsches durchstreichen, so dass es lesbar bleibt, und neu schreiben. Nichts überkleben.",
			"Strike out what is wrong so that it stays legible, and write it anew. Stick nothing over it."),
		d.say("Das Quadrat unten rechts frei lassen. Bögen nicht kopieren: jeder hat eine eigene Nummer.",
			"Keep the square at the lower right free. Do not copy forms: each has a number of its own."),
		d.say("Wenn das System wieder da ist: alle Seiten scannen (Graustufen, 300 dpi, mindestens 150 dpi), Gelesenes prüfen und bestätigen, das Papier in die Akte legen.",
			"When the system is back: scan all pages (grey, 300 dpi, at least 150 dpi), check and confirm what was read, put the paper into the record."),
	}
}
