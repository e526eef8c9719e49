package rulebook

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"notbetrieb/internal/lang"
)

// House is what the duties of a hospital depend on.
type House struct {
	Country  string // ISO 3166-1: DE, AT, CH
	State    string // of Germany: BW, BY, …; "" for none
	Operator Operator
	NIS2     bool // an important or especially important entity (BSIG § 28)
	Critical bool // a critical installation (BSI-KritisV, KRITIS-DachG)
}

// Operator is who runs the hospital: it decides which data protection law and
// which authority.
type Operator string

const (
	Public     Operator = "public" // state, university, municipality
	Private    Operator = "private"
	Catholic   Operator = "catholic"   // under the KDG
	Protestant Operator = "protestant" // under the DSG-EKD
)

// Operators returns every kind of operator.
func Operators() []Operator { return []Operator{Public, Private, Catholic, Protestant} }

// Start says what begins a clock.
type Start string

const (
	FromKnowledge Start = "knowledge" // somebody of the house knew of the incident
	FromBreach    Start = "breach"    // … knew that personal data are concerned; without it the former
	FromDiversion Start = "diversion" // the house restricts its service
	FromClosed    Start = "closed"    // handling has ended
	FromSent      Start = "sent"      // another report has gone out
)

// Condition says for which incidents a duty stands open by itself. A person can
// always say that a duty applies or not.
type Condition string

const (
	WhenAlways    Condition = ""
	WhenNIS2      Condition = "nis2"
	WhenCritical  Condition = "critical"
	WhenBreach    Condition = "breach"    // personal data may be concerned
	WhenDecided   Condition = "decided"   // only once somebody decides that it applies
	WhenDiversion Condition = "diversion" // the service is restricted
)

// Duty is one report that a law asks for.
type Duty struct {
	ID        string            `yaml:"id"`
	Law       string            `yaml:"law"` // with section
	Name      lang.Text         `yaml:"name"`
	To        lang.Text         `yaml:"to"`
	ToByState map[string]string `yaml:"to_by_state"` // the authority, where it differs by state
	Way       lang.Text         `yaml:"way"`
	Note      lang.Text         `yaml:"note"`
	States    []string          `yaml:"states"`    // empty: all
	Operators []Operator        `yaml:"operators"` // empty: all
	When      Condition         `yaml:"when"`
	Only      Condition         `yaml:"only"`  // with when: decided, the houses it can concern: nis2 or critical
	Kinds     []Kind            `yaml:"kinds"` // empty: all
	From      Start             `yaml:"from"`
	Sent      string            `yaml:"sent"` // with from: sent, the other report
	Within    string            `yaml:"within"`
	Weekends  string            `yaml:"weekends"` // stands or moves
	Ongoing   string            `yaml:"ongoing"`  // the report that takes its place while handling lasts
	While     string            `yaml:"while"`    // open: only while handling lasts
	Register  string            `yaml:"register"` // art33: kept in the register also where nothing is reported
	Fields    []string          `yaml:"fields"`   // of the file's fields; a * behind the name: must be filled
	Checked   string            `yaml:"checked"`  // who checked the wording against the law, and when

	Country string
	Term    Term
	Form    []Field
}

// FieldKind is how a field is filled.
type FieldKind string

const (
	Line   FieldKind = "line"
	Long   FieldKind = "long"
	Number FieldKind = "number"
	Moment FieldKind = "moment"
	Choice FieldKind = "choice"
)

// Field is one part of a report.
type Field struct {
	ID       string      `yaml:"id"`
	Name     lang.Text   `yaml:"name"`
	Hint     lang.Text   `yaml:"hint"`
	Kind     FieldKind   `yaml:"kind"`
	Choices  []lang.Text `yaml:"choices"`
	Required bool
}

// dutyFile is the duties of one country as written.
type dutyFile struct {
	Country string  `yaml:"country"`
	Fields  []Field `yaml:"fields"`
	Duties  []Duty  `yaml:"duties"`
}

// Duties returns the built-in duties of a country, in their order; none for a
// country that has none here.
func Duties(country string) []*Duty { return allDuties()[country] }

// BuiltInDuties returns the file of the duties that ship for a country, for a
// house that writes its own from it; nil for a country that has none here.
func BuiltInDuties(country string) []byte {
	b, err := builtIn.ReadFile("duties/" + strings.ToLower(country) + ".yaml")
	if err != nil {
		return nil
	}
	return b
}

var allDuties = sync.OnceValue(func() map[string][]*Duty {
	out := map[string][]*Duty{}
	names, _ := fs.Glob(builtIn, "duties/*.yaml")
	for _, name := range names {
		b, err := builtIn.ReadFile(name)
		if err != nil {
			panic(err) // part of the program; a test reads it
		}
		list, err := LoadDuties(path.Base(name), b)
		if err != nil {
			panic(err)
		}
		out[list[0].Country] = list
	}
	return out
})

// LoadDuties reads the duties of a country. The error is all [Mistakes] at once.
func LoadDuties(file string, b []byte) ([]*Duty, error) {
	r := newReader(file)
	var f dutyFile
	if r.read(b, &f) {
		r.duties(&f)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	out := make([]*Duty, len(f.Duties))
	for i := range f.Duties {
		out[i] = &f.Duties[i]
	}
	return out, nil
}

func (r *reader) duties(f *dutyFile) {
	if len(f.Country) != 2 || strings.ToUpper(f.Country) != f.Country {
		r.Note("country", "Hier stehen zwei große Buchstaben, zum Beispiel DE.", "Two capital letters are expected, for example DE.")
	}
	fields := map[string]Field{}
	for i, x := range f.Fields {
		at := "fields[" + strconv.Itoa(i) + "]"
		r.Short(at+".id", x.ID)
		r.Required(at+".name", x.Name.DE)
		if x.Kind == "" {
			x.Kind = Line
		}
		oneOf(r, at+".kind", x.Kind, []FieldKind{Line, Long, Number, Moment, Choice})
		if (x.Kind == Choice) != (len(x.Choices) > 0) {
			r.Note(at+".choices", "Zu choice gehört eine Auswahl, sonst keine.", "choice has choices, all else has none.")
		}
		if _, twice := fields[x.ID]; twice {
			r.Note(at+".id", "„"+x.ID+"“ steht zweimal da.", "“"+x.ID+"” stands here twice.")
		}
		fields[x.ID] = x
	}
	if len(f.Duties) == 0 {
		r.Note("duties", "Die Datei hat keine Pflicht.", "The file has no duty.")
	}
	ids := map[string]bool{}
	for i := range f.Duties {
		r.duty(&f.Duties[i], "duties["+strconv.Itoa(i)+"]", fields, ids)
		f.Duties[i].Country = f.Country
	}
	for i, d := range f.Duties {
		at := "duties[" + strconv.Itoa(i) + "]"
		for key, id := range map[string]string{"sent": d.Sent, "ongoing": d.Ongoing} {
			if id != "" && (!ids[id] || id == d.ID) {
				r.Note(at+"."+key, "Diese Meldung gibt es nicht: "+id+".", "There is no such report: "+id+".")
			}
		}
	}
	for i := range f.Duties { // a report that waits for itself would never be due
		seen, d := map[string]bool{}, &f.Duties[i]
		for d != nil && d.Sent != "" {
			if seen[d.ID] {
				r.Note("duties["+strconv.Itoa(i)+"].sent", "Die Meldungen warten im Kreis.", "The reports wait in a circle.")
				break
			}
			seen[d.ID] = true
			d = find(f.Duties, d.Sent)
		}
	}
}

func find(list []Duty, id string) *Duty {
	if i := slices.IndexFunc(list, func(d Duty) bool { return d.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

func (r *reader) duty(d *Duty, at string, fields map[string]Field, ids map[string]bool) {
	r.Short(at+".id", d.ID)
	if ids[d.ID] {
		r.Note(at+".id", "„"+d.ID+"“ steht zweimal da.", "“"+d.ID+"” stands here twice.")
	}
	ids[d.ID] = true
	r.Required(at+".law", d.Law)
	r.Required(at+".name", d.Name.DE)
	r.Required(at+".to", d.To.DE)
	oneOf(r, at+".when", d.When, []Condition{WhenAlways, WhenNIS2, WhenCritical, WhenBreach, WhenDecided, WhenDiversion})
	oneOf(r, at+".from", d.From, []Start{FromKnowledge, FromBreach, FromDiversion, FromClosed, FromSent})
	if (d.From == FromSent) != (d.Sent != "") {
		r.Note(at+".sent", "Zu from: sent gehört die Meldung, sonst keine.", "from: sent names the report, all else none.")
	}
	oneOf(r, at+".only", d.Only, []Condition{WhenAlways, WhenNIS2, WhenCritical})
	if d.Only != "" && d.When != WhenDecided {
		r.Note(at+".only", "only gehört zu when: decided.", "only belongs to when: decided.")
	}
	for i, o := range d.Operators {
		oneOf(r, at+".operators["+strconv.Itoa(i)+"]", o, Operators())
	}
	for i, k := range d.Kinds {
		oneOf(r, at+".kinds["+strconv.Itoa(i)+"]", k, Kinds())
	}
	if d.Weekends == "" {
		d.Weekends = "stands"
	}
	oneOf(r, at+".weekends", d.Weekends, []string{"stands", "moves"})
	oneOf(r, at+".while", d.While, []string{"", "open"})
	oneOf(r, at+".register", d.Register, []string{"", "art33"})
	var ok bool
	if d.Term, ok = parseTerm(d.Within); !ok {
		r.Note(at+".within", "Hier steht at-once, 24h, 14d oder 1mo.", "at-once, 24h, 14d or 1mo is expected here.")
	}
	if d.Weekends == "moves" && d.Term.Hours > 0 {
		r.Note(at+".weekends", "Eine Frist in Stunden verschiebt sich nicht.", "A term in hours does not move.")
	}
	d.Form = nil
	for i, name := range d.Fields {
		id, required := strings.CutSuffix(name, "*")
		x, ok := fields[id]
		if !ok {
			r.Note(at+".fields["+strconv.Itoa(i)+"]", "Dieses Feld gibt es nicht: "+id+".", "There is no such field: "+id+".")
			continue
		}
		x.Required = required
		d.Form = append(d.Form, x)
	}
	if len(d.Fields) == 0 {
		r.Note(at+".fields", "Die Meldung hat kein Feld.", "The report has no field.")
	}
}

// Addressee is who gets the report of this house.
func (d *Duty) Addressee(h House) lang.Text {
	if to := d.ToByState[h.State]; to != "" {
		return lang.Text{DE: to}
	}
	if to := d.ToByState[h.State+"-"+string(h.Operator)]; to != "" {
		return lang.Text{DE: to}
	}
	return d.To
}

// Concerns reports whether the duty can apply to the house and to an incident of
// the kind at all.
func (d *Duty) Concerns(h House, k Kind) bool {
	switch {
	case d.Country != h.Country,
		len(d.States) > 0 && !slices.Contains(d.States, h.State),
		len(d.Operators) > 0 && !slices.Contains(d.Operators, h.Operator),
		len(d.Kinds) > 0 && !slices.Contains(d.Kinds, k),
		(d.When == WhenNIS2 || d.Only == WhenNIS2) && !h.NIS2 && !h.Critical,
		(d.When == WhenCritical || d.Only == WhenCritical) && !h.Critical:
		return false
	}
	return true
}
