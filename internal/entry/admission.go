package entry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// admit is the right every form here needs.
const admit = "admit"

func text(de, en string) lang.Text { return lang.Text{DE: de, EN: en} }

// The groups of the admission forms.
const (
	groupPerson    = "Person"
	groupStay      = "Aufenthalt"
	groupCover     = "Versicherung"
	groupWarnings  = "Warnungen"
	groupContact   = "Angehörige"
	groupUnknown   = "Unbekannte Person"
	groupNewborn   = "Neugeborenes"
	estimatedLimit = 120
)

var sexes = []Option{
	{"F", text("weiblich", "female")}, {"M", text("männlich", "male")}, {"D", text("divers", "diverse")}, {"U", text("unbekannt", "unknown")},
}

// Triages are the colours of the Manchester triage, most urgent first.
var Triages = []Option{
	{"red", text("rot – sofort", "red – immediate")}, {"orange", text("orange – sehr dringend", "orange – very urgent")},
	{"yellow", text("gelb – dringend", "yellow – urgent")}, {"green", text("grün – normal", "green – standard")},
	{"blue", text("blau – nicht dringend", "blue – not urgent")}, {"black", text("schwarz – ohne Lebenszeichen", "black – no signs of life")},
}

var personFields = []Field{
	{Name: "family", Label: text("Nachname", "Family name"), Kind: Line, Max: 60, Need: true, Group: groupPerson},
	{Name: "given", Label: text("Vorname", "Given name"), Kind: Line, Max: 60, Need: true, Group: groupPerson},
	{Name: "prefix", Label: text("Vorsatz", "Name prefix"), Hint: text("von, van der", "von, van der"), Kind: Line, Max: 30, Group: groupPerson},
	{Name: "birthname", Label: text("Geburtsname", "Name at birth"), Kind: Line, Max: 60, Group: groupPerson},
	{Name: "birth", Label: text("Geburtsdatum", "Birth date"), Hint: text("03.04.1951; ist nur das Jahr bekannt: 1951", "03.04.1951; if only the year is known: 1951"), Kind: Day, Group: groupPerson},
	{Name: "sex", Label: text("Geschlecht", "Sex"), Kind: Choice, Options: sexes, Need: true, Group: groupPerson},
	{Name: "street", Label: text("Straße und Nummer", "Street and number"), Kind: Line, Max: 100, Group: groupPerson},
	{Name: "zip", Label: text("Postleitzahl", "Post code"), Kind: Line, Max: 12, Group: groupPerson},
	{Name: "city", Label: text("Ort", "Town"), Kind: Line, Max: 60, Group: groupPerson},
	{Name: "phone", Label: text("Telefon", "Telephone"), Kind: Line, Max: 40, Group: groupPerson},
}

var coverFields = []Field{
	{Name: "kvnr", Label: text("Versichertennummer (KVNR)", "Insurance number (KVNR)"), Hint: text("ein Buchstabe und neun Ziffern von der Gesundheitskarte", "one letter and nine digits from the health card"), Kind: Line, Max: 36, Group: groupCover},
	{Name: "fund", Label: text("Krankenkasse", "Health fund"), Kind: Line, Max: 80, Group: groupCover},
	{Name: "ik", Label: text("Kassennummer (IK)", "Fund number (IK)"), Kind: Line, Max: 9, Group: groupCover},
}

var stayFields = []Field{
	{Name: "place", Label: text("Wohin", "Where to"), Kind: Bed, Need: true, Group: groupStay},
	{Name: "class", Label: text("Art der Aufnahme", "Kind of stay"), Kind: Choice, Need: true, Group: groupStay, Options: []Option{
		{"I", text("stationär", "inpatient")}, {"E", text("Notaufnahme", "emergency")}, {"O", text("ambulant", "outpatient")},
	}},
	{Name: "cause", Label: text("Aufnahmegrund", "Reason"), Kind: Line, Group: groupStay},
	{Name: "doctor", Label: text("Verantwortlich", "Responsible physician"), Kind: Line, Max: 60, Group: groupStay},
}

var warningFields = []Field{
	{Name: "allergy", Label: text("Allergien", "Allergies"), Kind: Choice, Group: groupWarnings, Options: []Option{
		{"asked", text("nicht erhoben", "not asked")}, {"none", text("keine bekannt", "none known")}, {"some", text("bekannt, siehe unten", "known, see below")},
	}},
	{Name: "allergies", Label: text("Wogegen", "To what"), Hint: text("mehrere mit Komma", "several with commas"), Kind: Line, Group: groupWarnings},
	{Name: "cave", Label: text("Warnhinweis (CAVE)", "Warning (CAVE)"), Kind: Line, Group: groupWarnings},
	{Name: "isolation", Label: text("Isolation wegen", "Isolation for"), Kind: Line, Group: groupWarnings},
}

var contactFields = []Field{
	{Name: "contact", Label: text("Name", "Name"), Hint: text("Nachname, Vorname", "Family name, given name"), Kind: Line, Max: 120, Group: groupContact},
	{Name: "relation", Label: text("Beziehung", "Relation"), Kind: Line, Max: 40, Group: groupContact},
	{Name: "contactphone", Label: text("Telefon", "Telephone"), Kind: Line, Max: 40, Group: groupContact},
}

var (
	// Known is a new stay of a person who has a chart.
	Known = &Form{
		Kind: "admit", Right: admit, Page: "move/admit", Begins: true, Title: text("Aufnahme", "Admission"),
		Fields: slices.Concat(stayFields, warningFields),
		Says:   func(f *Filled, number string) Facts { return append(f.admission(number), f.warnings()...) },
	}
	// New is a stay of a person who gets a chart with it.
	New = &Form{
		Kind: "admit-new", Right: admit, Page: "move/admit-new", Begins: true, Title: text("Aufnahme einer neuen Person", "Admission of a new person"),
		Fields: slices.Concat(personFields, stayFields, coverFields, warningFields, contactFields),
		Rules:  func(f *Filled) []Mistake { return append(f.personRules(), f.coverRules()...) },
		Says: func(f *Filled, number string) Facts {
			return slices.Concat(f.person(), f.admission(number), f.cover(), f.warnings(), f.contact())
		},
	}
	// Unidentified is a stay of somebody nobody knows.
	Unidentified = &Form{
		Kind: "admit-unknown", Right: admit, Page: "move/admit-unknown", Begins: true, Title: text("Aufnahme einer unbekannten Person", "Admission of an unidentified person"),
		Fields: slices.Concat([]Field{
			{Name: "triage", Label: text("Dringlichkeit", "Triage"), Kind: Choice, Options: Triages, Group: groupUnknown},
			{Name: "sex", Label: text("Geschlecht", "Sex"), Kind: Choice, Options: sexes, Need: true, Group: groupUnknown},
			{Name: "age", Label: text("Alter in Jahren, geschätzt", "Age in years, estimated"), High: estimatedLimit, Group: groupUnknown},
			{Name: "found", Label: text("Gefunden wo", "Found where"), Kind: Line, Group: groupUnknown},
			{Name: "marks", Label: text("Kennzeichen", "Marks"), Hint: text("Kleidung, Narben, was die Person bei sich hat", "clothes, scars, belongings"), Kind: Line, Group: groupUnknown},
		}, stayFields, warningFields),
		Says: func(f *Filled, number string) Facts {
			return slices.Concat(f.unidentified(), f.admission(number), f.warnings(), f.triage(number))
		},
	}
	// Birth is the stay of a child that was born here.
	Birth = &Form{
		Kind: "newborn", Right: admit, Page: "move/newborn", Begins: true, Title: text("Aufnahme eines Neugeborenen", "Admission of a newborn"),
		Fields: []Field{
			{Name: "mother", Label: text("Patientennummer der Mutter", "Mother's patient number"), Kind: Line, Need: true, Group: groupNewborn},
			{Name: "family", Label: text("Nachname", "Family name"), Kind: Line, Max: 60, Need: true, Group: groupNewborn},
			{Name: "given", Label: text("Vorname", "Given name"), Hint: text("leer: Sohn, Tochter oder Kind", "empty: son, daughter or child"), Kind: Line, Max: 60, Group: groupNewborn},
			{Name: "sex", Label: text("Geschlecht", "Sex"), Kind: Choice, Options: sexes, Need: true, Group: groupNewborn},
			{Name: "weight", Label: text("Geburtsgewicht", "Birth weight"), Unit: "g", Low: 200, High: 8000, Usual: [2]float64{500, 5500}, Group: groupNewborn},
			{Name: "order", Label: text("Bei Mehrlingen das wievielte Kind", "Of a multiple birth, which child"), Low: 1, High: 9, Group: groupNewborn},
			{Name: "place", Label: text("Wo das Kind liegt", "Where the child is"), Kind: Bed, Need: true, Group: groupStay},
		},
		Says: (*Filled).newborn,
	}
	// Person is what is known of somebody, said anew: a correction, or an
	// unidentified person who has a name now.
	Person = &Form{
		Kind: "person", Right: admit, Title: text("Personalien", "Personal data"),
		Intro:  text("Was hier steht, gilt für die Person. Leere Felder ändern nichts.", "What stands here holds for the person. Empty fields change nothing."),
		Fields: slices.Concat(optional(personFields), coverFields, contactFields),
		Rules:  func(f *Filled) []Mistake { return append(f.personRules(), f.coverRules()...) },
		Says:   func(f *Filled, _ string) Facts { return slices.Concat(f.person(), f.cover(), f.contact()) },
	}
)

func optional(fields []Field) []Field {
	out := slices.Clone(fields)
	for i := range out {
		out[i].Need = false
	}
	return out
}

func sexOf(s string) clinical.Sex {
	switch s {
	case "F", "M", "D":
		return clinical.Sex(s)
	}
	return clinical.SexUnknown
}

// person is what the fields say of the person; empty ones say nothing.
func (f *Filled) person() Facts {
	var d clinical.Demographics
	if family, given := f.Text("family"), f.Text("given"); family != "" || given != "" {
		d.Name = clinical.Say(clinical.Name{Family: family, Given: given, Prefix: f.Text("prefix")})
		d.Unknown = clinical.Say(false)
	}
	if n := f.Text("birthname"); n != "" {
		d.BirthName = clinical.Say(clinical.Name{Family: n})
	}
	if b := f.Date("birth"); !b.Zero() {
		d.Birth = clinical.Say(b)
	}
	if s := f.Text("sex"); s != "" {
		d.Sex = clinical.Say(sexOf(s))
	}
	if a := (clinical.Address{Street: f.Text("street"), Zip: f.Text("zip"), City: f.Text("city")}); a != (clinical.Address{}) {
		d.Address = clinical.Say(a)
	}
	if p := f.Text("phone"); p != "" {
		d.Phones = clinical.Say([]string{p})
	}
	return Facts{d}
}

// personRules are what the fields of the person cannot say alone.
func (f *Filled) personRules() []Mistake {
	var out []Mistake
	if (f.Text("family") == "") != (f.Text("given") == "") {
		out = append(out, Mistake{Field: "family", Say: text("Nachname und Vorname gehören zusammen.", "Family name and given name belong together.")})
	}
	b := f.Date("birth")
	if b.Zero() {
		return out
	}
	day := time.Date(b.Year, time.Month(max(b.Month, 1)), max(b.Day, 1), 0, 0, 0, 0, f.Now.Location())
	switch {
	case day.After(f.Now):
		out = append(out, Mistake{Field: "birth", Say: text("Das Geburtsdatum liegt in der Zukunft.", "The birth date lies in the future.")})
	case f.Now.Year()-b.Year > 110:
		out = append(out, Mistake{Field: "birth", Sure: "birth=" + b.ISO(), Say: text("Das wären mehr als 110 Jahre. Stimmt das Geburtsdatum?", "That would be more than 110 years. Is the birth date right?")})
	}
	return out
}

// coverRules warn of a wrong check digit and refuse nothing: there are cards
// that have one.
func (f *Filled) coverRules() []Mistake {
	typed := f.Text("kvnr")
	if typed == "" {
		return nil
	}
	n, right := clinical.KVNR(typed)
	switch {
	case n == "":
		return []Mistake{{Field: "kvnr", Say: text("Eine Versichertennummer hat einen Buchstaben und neun Ziffern: X110411675.", "An insurance number has one letter and nine digits: X110411675.")}}
	case !right:
		return []Mistake{{Field: "kvnr", Sure: "kvnr=" + n, Say: text("Die Prüfziffer der Versichertennummer passt nicht. Stimmt sie mit der Karte überein?", "The check digit of the insurance number does not fit. Is it as on the card?")}}
	}
	return nil
}

func (f *Filled) cover() Facts {
	n, _ := clinical.KVNR(f.Text("kvnr"))
	in := clinical.Insurance{Fund: f.Text("fund"), IK: f.Text("ik"), Number: n}
	if in == (clinical.Insurance{}) {
		return nil
	}
	return Facts{in}
}

func (f *Filled) contact() Facts {
	name := f.Text("contact")
	if name == "" {
		return nil
	}
	c := clinical.Contact{Relation: f.Text("relation")}
	family, given, _ := strings.Cut(name, ",")
	c.Name = clinical.Name{Family: strings.TrimSpace(family), Given: strings.TrimSpace(given)}
	if p := f.Text("contactphone"); p != "" {
		c.Phones = []string{p}
	}
	return Facts{c}
}

// admission is the stay that begins: its movement and what is said of it.
func (f *Filled) admission(number string) Facts {
	class := clinical.Class(f.Text("class"))
	m := clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.Admission, Event: "A01", Start: f.At, To: f.Place("place"), Class: class}
	if class == clinical.Emergency || class == clinical.Outpatient {
		m.Kind, m.Event = clinical.Visit, "A04"
	}
	d := clinical.StayDetails{Class: clinical.Say(class), Admitted: clinical.Say(f.At)}
	reason := f.Text("cause")
	if found := f.Text("found"); found != "" {
		reason = strings.TrimPrefix(reason+"; gefunden: "+found, "; ")
	}
	if marks := f.Text("marks"); marks != "" {
		reason = strings.TrimPrefix(reason+"; Kennzeichen: "+marks, "; ")
	}
	if reason != "" {
		d.Reason = clinical.Say(reason)
	}
	if doctor := f.Text("doctor"); doctor != "" {
		d.Attending = clinical.Say(clinical.Staff{Name: doctor})
	}
	return Facts{m, d}
}

func (f *Filled) warnings() Facts {
	var out Facts
	for name := range strings.SplitSeq(f.Text("allergies"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, clinical.AllergyFact{Allergy: clinical.Allergy{To: clinical.Coded{Text: name}}, Action: clinical.Insert})
		}
	}
	if f.Text("allergy") == "none" && len(out) == 0 {
		out = append(out, clinical.AllergyFact{NoneKnown: true, Action: clinical.Insert})
	}
	for _, a := range []struct {
		field string
		kind  clinical.AlertKind
	}{{"cave", clinical.Cave}, {"isolation", clinical.Isolation}} {
		if s := f.Text(a.field); s != "" {
			out = append(out, clinical.Alert{Kind: a.kind, What: clinical.Coded{Text: s}, From: f.At, Action: clinical.Insert})
		}
	}
	return out
}

// unidentified is the name everybody gets whom nobody knows: with the case
// number, so that no two are called the same.
func (f *Filled) unidentified() Facts {
	d := clinical.Demographics{
		Name: clinical.Say(clinical.Name{Family: "Unbekannt", Given: "Fall " + string(f.Case)}), Unknown: clinical.Say(true), Sex: clinical.Say(sexOf(f.Text("sex"))),
	}
	if age, ok := f.Num("age"); ok {
		d.Birth = clinical.Say(clinical.Date{Year: f.Now.Year() - int(age)})
	}
	return Facts{d}
}

// triage is an observation, and a warning that lists show.
func (f *Filled) triage(number string) Facts {
	if f.Text("triage") == "" {
		return nil
	}
	colour, _, _ := strings.Cut(f.Label("triage"), " ")
	return Facts{
		clinical.Result{
			Filler: number, SubID: "triage", Code: clinical.Coded{Code: "54094-8", Text: "Dringlichkeit (Triage)", System: "LOINC"}, Section: clinical.Vitals,
			Value: f.Label("triage"), Status: clinical.Final, At: f.At, By: f.By,
		},
		clinical.Alert{Kind: clinical.Risk, What: clinical.Coded{Code: "TRIAGE", Text: "Triage " + colour, System: "L"}, From: f.At, Action: clinical.Insert},
	}
}

// childName is the house rule: the mother's family name and Sohn, Tochter or
// Kind until the child has a name, with the number of the child of a multiple
// birth.
func (f *Filled) childName() clinical.Name {
	n := clinical.Name{Family: f.Text("family"), Given: f.Text("given")}
	if n.Given == "" {
		n.Given = map[string]string{"F": "Tochter", "M": "Sohn"}[f.Text("sex")]
		if n.Given == "" {
			n.Given = "Kind"
		}
		if order, ok := f.Num("order"); ok {
			n.Given += fmt.Sprintf(" %.0f", order)
		}
	}
	return n
}

// newborn is the child: At is the birth, to the minute.
func (f *Filled) newborn(number string) Facts {
	d := clinical.Demographics{
		Name: clinical.Say(f.childName()), Sex: clinical.Say(sexOf(f.Text("sex"))),
		Birth:     clinical.Say(clinical.Date{Year: f.At.Year(), Month: int(f.At.Month()), Day: f.At.Day()}),
		BirthTime: clinical.Say(f.At), Mother: clinical.Say(ParseID(f.Text("mother"))),
	}
	if order, ok := f.Num("order"); ok {
		d.Multiple, d.BirthOrder = clinical.Say(true), clinical.Say(int(order))
	}
	out := Facts{
		d,
		clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.Admission, Event: "A01", Start: f.At, To: f.Place("place"), Class: clinical.Newborn},
		clinical.StayDetails{Class: clinical.Say(clinical.Newborn), Admitted: clinical.Say(f.At)},
	}
	if w, ok := f.Num("weight"); ok {
		kg := w / 1000
		out = append(out, clinical.Result{
			Filler: number, SubID: "weight", Code: loinc("29463-7", "Gewicht"), Section: clinical.Vitals, Value: Comma(kg, 3), Number: &kg, Unit: "kg",
			Status: clinical.Final, At: f.At, By: f.By, Comment: "Geburtsgewicht",
		})
	}
	return out
}

// idMark stands between the parts of an identifier.
const idMark = " @ "

// IDText writes an identifier as forms hold it: number and authority.
func IDText(id clinical.Identifier) string {
	return strings.TrimSuffix(id.Value+idMark+id.Authority, idMark)
}

// ParseID reads what IDText writes.
func ParseID(text string) clinical.Identifier {
	value, authority, _ := strings.Cut(text, idMark)
	return clinical.Identifier{Value: strings.TrimSpace(value), Authority: strings.TrimSpace(authority)}
}
