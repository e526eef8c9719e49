package entry

import (
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
	"notbetrieb/internal/score"
)

// FieldKind says how a field is typed and read.
type FieldKind uint8

const (
	Amount   FieldKind = iota // with decimal comma or point
	Pressure                  // 120/80, also 120 80
	Line                      // one line of text
	Lines                     // several lines
	Choice                    // one of Options
	Check                     // yes or nothing
	Moment                    // a time: 08:05, 21.11. 08:05
	Day                       // a date: 03.04.1951
	Coming                    // a time to come: 14:00, morgen 08:00
	Bed                       // a place of the house as [PlaceText] writes it
)

// Option is one answer of a Choice.
type Option struct {
	Value string
	Label lang.Text
}

// Field is one field of a form.
type Field struct {
	Name    string
	Label   lang.Text
	Hint    lang.Text
	Kind    FieldKind
	Unit    string // as printed
	Need    bool   // must be filled in
	Options []Option
	Max     int // of characters; 0: 200 for Line, 10,000 for Lines

	// Of an Amount or the upper value of a Pressure. Outside of Low and High it
	// cannot be and is refused; outside of Usual it may be and is asked about
	// once more. Zero limits are none.
	Low, High float64
	Usual     [2]float64
	Digits    int // decimals that are kept

	Code  clinical.Coded // what the value is as an observation
	Group string         // fields with the same group stand together
}

// About is what a form knows of patient and moment.
type About struct {
	Now      time.Time // in the hospital's zone
	Birth    clinical.Date
	Sex      clinical.Sex
	Pregnant bool // an alert says so
	By       clinical.Staff
	Case     clinical.CaseNo // of the stay that is written about
	Since    time.Time       // its admission, zero if not known
	Dead     bool            // the death is known from another entry or system
}

// Years is the age in whole years, false if the birth date is not known.
func (a About) Years() (int, bool) {
	if a.Birth.Zero() {
		return 0, false
	}
	m, d := max(a.Birth.Month, 1), max(a.Birth.Day, 1)
	years := a.Now.Year() - a.Birth.Year
	if int(a.Now.Month()) < m || int(a.Now.Month()) == m && a.Now.Day() < d {
		years--
	}
	return years, true
}

// Form is one form of the outage.
type Form struct {
	Kind   string
	Title  lang.Text
	Intro  lang.Text
	Right  string // the right of package staff that signing needs
	Fields []Field
	Risk   bool // asked once more, with patient and content, before it is signed

	// Page is the address of a form's own page behind that of the patient; ""
	// for the page that serves every form. One that Begins makes the patient or
	// the stay it is about: it is corrected in the chart but begun elsewhere.
	Page   string
	Begins bool

	// Says turns the filled form into facts. number is [Number] of the entry. Nil
	// for a form that has a page of its own: it is only shown by its fields.
	Says func(f *Filled, number string) Facts
	// Slots are what needs an order number of its own; nil for a form that orders
	// nothing. The numbers are in Filled.Numbers when Says is called.
	Slots func(f *Filled) []string
	// Rules are what the fields cannot say alone; nil for none.
	Rules func(f *Filled) []Mistake

	scores func(f *Filled) []score.Result
}

// Field returns the field of that name, false if there is none.
func (f *Form) Field(name string) (Field, bool) {
	i := slices.IndexFunc(f.Fields, func(x Field) bool { return x.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return f.Fields[i], true
}

// Forms returns every form that is filled in by its fields, in the order people
// are offered them.
func Forms() []*Form { return forms }

// FormOf returns the form of that kind, also of those that have a page of their
// own; nil if there is none.
func FormOf(kind string) *Form {
	for _, list := range [][]*Form{forms, shown} {
		for _, f := range list {
			if f.Kind == kind {
				return f
			}
		}
	}
	return nil
}

// Mistake is what is wrong with a field, or with the whole form if Field is
// empty. One with a Sure may be right all the same: signing again with that
// word confirmed takes it.
type Mistake struct {
	Field string
	Say   lang.Text
	Sure  string
}

// Filled is a form as somebody filled it in.
type Filled struct {
	*Form
	About
	At      time.Time         // when it happened
	Numbers map[string]string // order numbers by slot, drawn at signing
	Typed   map[string]string // what was typed, by field
	number  map[string]float64
	time    map[string]time.Time
	date    map[string]clinical.Date
}

// AtField is the name of the field every form has: when it happened.
const AtField = "at"

// Num returns the number in the field, false if it is empty. The lower value of
// a Pressure stands under name + "/".
func (f *Filled) Num(name string) (float64, bool) {
	v, ok := f.number[name]
	return v, ok
}

// Text returns the trimmed text of the field.
func (f *Filled) Text(name string) string { return strings.TrimSpace(f.Typed[name]) }

// Has reports whether a Check is set.
func (f *Filled) Has(name string) bool { return f.Text(name) != "" }

// Time returns the time in the field, zero if it is empty.
func (f *Filled) Time(name string) time.Time { return f.time[name] }

// Place returns the place in the field, zero if it is empty.
func (f *Filled) Place(name string) clinical.Place {
	p, _ := ParsePlace(f.Text(name))
	return p
}

// Date returns the date in the field, zero if it is empty.
func (f *Filled) Date(name string) clinical.Date { return f.date[name] }

// Label returns the words of the chosen option, the text itself where the
// field has none.
func (f *Filled) Label(name string) string {
	field, _ := f.Field(name)
	v := f.Text(name)
	for _, o := range field.Options {
		if o.Value == v {
			return o.Label.DE
		}
	}
	return v
}
