package paper

import (
	"io"
	"slices"
	"time"

	"notbetrieb/internal/chart"
	"notbetrieb/internal/clinical"
	"notbetrieb/internal/dosing"
	"notbetrieb/internal/fault"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/sheet"
)

// Kind names a form to write on. Several kinds share one sheet.Form: that says
// what a scan of it is filed as.
type Kind string

// The forms.
const (
	KindCurve      Kind = "curve"      // Fieberkurve of seven days
	KindVitals     Kind = "vitals"     // vital signs by time, with NEWS2
	KindMedication Kind = "medication" // medication plan with boxes to sign

	KindLaboratory Kind = "laboratory" // requests
	KindRadiology  Kind = "radiology"
	KindEndoscopy  Kind = "endoscopy"
	KindConsult    Kind = "consult"
	KindTransport  Kind = "transport"
	KindDiet       Kind = "diet"

	KindLabResult Kind = "lab-result" // results by hand
	KindImaging   Kind = "imaging-result"
	KindPhone     Kind = "phone-result" // a result that came by telephone

	KindAdmission    Kind = "admission"
	KindUnknown      Kind = "admission-unknown" // a person nobody can name
	KindNewborn      Kind = "admission-newborn"
	KindProgress     Kind = "progress"
	KindHandover     Kind = "handover" // SBAR
	KindWound        Kind = "wound"
	KindNursingNotes Kind = "nursing"
)

// kindInfo is what is known about one kind.
type kindInfo struct {
	kind  Kind
	form  sheet.Form
	title lang.Text
	draw  func(*formSheets)
}

// kindTable lists the forms in the order they are offered.
func kindTable() []kindInfo {
	return []kindInfo{
		{KindCurve, sheet.FormCurve, lang.Text{DE: "Fieberkurve", EN: "Chart of seven days"}, (*formSheets).curveForm},
		{KindVitals, sheet.FormVitals, lang.Text{DE: "Vitalwerte", EN: "Vital signs"}, (*formSheets).vitalsForm},
		{KindMedication, sheet.FormMedication, lang.Text{DE: "Medikationsplan", EN: "Medication plan"}, (*formSheets).medicationForm},
		{KindLaboratory, sheet.FormRequest, lang.Text{DE: "Anforderung Labor", EN: "Request: laboratory"}, (*formSheets).labRequest},
		{KindRadiology, sheet.FormRequest, lang.Text{DE: "Anforderung Radiologie", EN: "Request: radiology"}, (*formSheets).radiologyRequest},
		{KindEndoscopy, sheet.FormRequest, lang.Text{DE: "Anforderung Endoskopie", EN: "Request: endoscopy"}, (*formSheets).endoscopyRequest},
		{KindConsult, sheet.FormRequest, lang.Text{DE: "Anforderung Konsil", EN: "Request: consult"}, (*formSheets).consultRequest},
		{KindTransport, sheet.FormRequest, lang.Text{DE: "Anforderung Transport", EN: "Request: transport"}, (*formSheets).transportRequest},
		{KindDiet, sheet.FormRequest, lang.Text{DE: "Anforderung Kost", EN: "Request: diet"}, (*formSheets).dietRequest},
		{KindLabResult, sheet.FormFinding, lang.Text{DE: "Laborbefund", EN: "Laboratory result"}, (*formSheets).labResult},
		{KindImaging, sheet.FormFinding, lang.Text{DE: "Befund Radiologie", EN: "Radiology finding"}, (*formSheets).imagingResult},
		{KindPhone, sheet.FormFinding, lang.Text{DE: "Telefonischer Befund", EN: "Result by telephone"}, (*formSheets).phoneResult},
		{KindAdmission, sheet.FormAdmission, lang.Text{DE: "Aufnahme", EN: "Admission"}, (*formSheets).admission},
		{KindUnknown, sheet.FormAdmission, lang.Text{DE: "Aufnahme unbekannte Person", EN: "Admission of an unknown person"}, (*formSheets).unknownAdmission},
		{KindNewborn, sheet.FormAdmission, lang.Text{DE: "Aufnahme Neugeborenes", EN: "Admission of a newborn"}, (*formSheets).newbornAdmission},
		{KindProgress, sheet.FormProgress, lang.Text{DE: "Verlauf", EN: "Progress notes"}, (*formSheets).progressNotes},
		{KindHandover, sheet.FormProgress, lang.Text{DE: "Übergabe SBAR", EN: "Handover SBAR"}, (*formSheets).handover},
		{KindWound, sheet.FormProgress, lang.Text{DE: "Wunddokumentation", EN: "Wound record"}, (*formSheets).wound},
		{KindNursingNotes, sheet.FormProgress, lang.Text{DE: "Pflegebericht", EN: "Nursing report"}, (*formSheets).nursingNotes},
	}
}

// Kinds returns all forms in the order they are offered.
func Kinds() []Kind {
	var out []Kind
	for _, k := range kindTable() {
		out = append(out, k.kind)
	}
	return out
}

func (k Kind) info() (kindInfo, bool) {
	t := kindTable()
	i := slices.IndexFunc(t, func(i kindInfo) bool { return i.kind == k })
	if i < 0 {
		return kindInfo{}, false
	}
	return t[i], true
}

// Valid reports whether there is a form of this kind.
func (k Kind) Valid() bool {
	_, ok := k.info()
	return ok
}

// Title is what stands at the head of the form; empty for no kind of form.
func (k Kind) Title() lang.Text {
	i, _ := k.info()
	return i.title
}

// Form is what a scan of the form is filed as; empty for no kind of form.
func (k Kind) Form() sheet.Form {
	i, _ := k.info()
	return i.form
}

// Blank is one form to write on. Only Kind and Serial are needed.
type Blank struct {
	Kind    Kind
	Serial  sheet.Serial
	Patient *chart.Patient // nil: a box to write on or to stick a label in
	Row     *chart.Row     // the bed's row in its ward list (name warnings)
	Ward    string         // code of the ward that gets a form without a patient

	From     time.Time       // KindCurve: its first day; zero: the day before printing
	Days     []time.Time     // KindMedication: a plan for each; none: the day of printing
	Order    *clinical.Order // requests and results: what was ordered, if it is known here
	Analytes []Analyte       // KindLabResult: the lines; none: CommonAnalytes
	Mother   *chart.Patient  // KindNewborn: nil: a box to write on
}

// Blanks writes forms to write on, each beginning on a page of its own and on a
// sheet of its own where o.Duplex is set. A blank without a serial or of no
// known kind is fault.Invalid, and nothing is written.
func Blanks(w io.Writer, h Head, blanks []Blank, o PackOptions) error {
	if err := checkBlanks(blanks); err != nil {
		return err
	}
	name := d2(h, "Bögen zum Ausfüllen", "Forms to write on")
	if len(blanks) == 1 {
		name = blanks[0].Kind.Title().In(h.Lang)
	}
	d, err := newDocument(w, h, o, name)
	if err != nil {
		return err
	}
	for _, b := range blanks {
		if err := d.blankForm(b); err != nil {
			return err
		}
	}
	return d.close()
}

func checkBlanks(blanks []Blank) error {
	if len(blanks) == 0 {
		return fault.New(fault.Invalid, lang.Text{DE: "Kein Bogen gewählt. Es wurde nichts gedruckt.", EN: "No form chosen. Nothing was printed."})
	}
	for _, b := range blanks {
		if !b.Kind.Valid() {
			return fault.New(fault.Invalid, lang.Text{DE: "Diesen Bogen gibt es nicht. Es wurde nichts gedruckt.", EN: "There is no such form. Nothing was printed."})
		}
		if err := checkSerial(b.Serial); err != nil {
			return err
		}
	}
	return nil
}

func checkSerial(s sheet.Serial) error {
	if read, err := sheet.ParseSerial(string(s)); err != nil || read != s {
		return fault.New(fault.Invalid, lang.Text{
			DE: "Ein Bogen hat keine gültige Bogennummer. Ohne sie kann er nicht zurückgelesen werden. Es wurde nichts gedruckt.",
			EN: "A form has no valid sheet number. Without it the form cannot be read back. Nothing was printed.",
		})
	}
	return nil
}

// formSheets lays out one form. Without a patient its chart is empty.
type formSheets struct {
	*chartSheets
	b     Blank
	known bool           // there is a patient
	drugs *dosing.Double // which drugs two people check
}

// blankForm writes one form.
func (d *document) blankForm(b Blank) error {
	info, _ := b.Kind.info()
	drugs, err := d.double()
	if err != nil {
		return err
	}
	p := b.Patient
	if p == nil {
		p = &chart.Patient{}
	}
	stay, _ := p.Current()
	code := sheet.Code{Form: info.form, Serial: b.Serial, Case: stay.Case, Key: p.Key}
	if b.Patient == nil {
		code.Ward = b.Ward
	}
	f := d.newFlow(false, code, info.title.In(d.lang))
	c := &formSheets{chartSheets: &chartSheets{flow: f, p: p, stay: stay, alone: true}, b: b, known: b.Patient != nil, drugs: drugs}
	mark := f.kind
	f.banner = c.identity
	if c.known {
		c.alike.on = b.Row != nil && b.Row.NamesAlike
		f.banner = c.drawBanner
		mark += " · " + d.name(p.Name.V, p.Unnamed.V)
	}
	f.start(info.form)
	info.draw(c)
	if d.o.Duplex && len(f.pages)%2 == 1 {
		f.start(info.form)
		c.notes()
	}
	return f.finish(mark, false)
}

// identity draws the box of a form without a patient: room for a label of
// 70 × 37 mm, and fields for those who have none.
func (c *formSheets) identity(y float64) float64 {
	const label, h = 74.0, 11.0
	top, p := y, c.flow.p
	s := style{c.f.cond, small}
	dash := func(points ...[2]float64) { p.Dashed(points, 0.2, 0, 1.2, 1) }
	l, t := c.left+1.5, top+1.5
	dash([2]float64{l, t}, [2]float64{l + 71, t}, [2]float64{l + 71, t + 40}, [2]float64{l, t + 40}, [2]float64{l, t})
	words := c.say("Patientenetikett hier aufkleben oder rechts schreiben", "Stick the patient label here or write at the right")
	for i, line := range s.wrap(words, 60) {
		c.text(l+(71-s.width(line))/2, t+16+float64(i)*s.leading(), s, line)
	}
	c.y = top
	at := strip{c.left + label, c.width() - label}
	c.within(at, h, entry{label: c.say("Name, Vorname", "Family name, given name")})
	c.within(at, h, entry{label: c.say("Geburtsdatum", "Birth date"), share: 2}, entry{label: c.say("Geschlecht", "Sex"), share: 2, ticks: []string{c.say("w", "f"), "m", "d"}})
	c.within(at, h, entry{label: c.say("Fallnummer", "Case number")})
	c.within(at, h, entry{label: c.say("Station", "Ward"), value: c.wardGiven(), share: 2}, entry{label: c.say("Zimmer, Bett", "Room, bed"), share: 2})
	c.entries(h, entry{label: c.say("Allergien · CAVE · Isolation", "Allergies · CAVE · isolation"), share: 3}, entry{label: c.say("Allergien erfragt", "Allergies asked"), ticks: []string{c.say("keine bekannt", "none known"), c.say("nicht erhebbar", "cannot be asked")}, share: 2})
	p.Box(c.left, top, c.width(), c.y-top, 0.7, 0)
	return c.y + 2.5
}

// wardGiven names the ward a form without a patient is printed for.
func (c *formSheets) wardGiven() string {
	if c.b.Ward == "" {
		return ""
	}
	return firstOf(c.o.Wards[c.b.Ward], c.b.Ward)
}

func (c *formSheets) tiny(text string) cell { return cell{{text: text, style: style{c.f.cond, small}}} }
