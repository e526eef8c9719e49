// Package dosing checks a prescription while it is written, from what this node
// knows: allergies, double prescriptions, maximum doses, age, kidney function,
// pregnancy and drugs that need a second person.
//
// It is an aid. It says what it found and, as plainly, what it could not check
// and why. A drug is known by its code or by its whole name. Of names that are
// nearly the same nothing is decided: a person is asked whether they mean the
// same. Nothing that was found is taken back by something else. Interactions are not checked at all. The package is pure:
// no clock, no I/O.
package dosing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Kind is what a finding is about.
type Kind string

const (
	AllergyFound   Kind = "allergy"         // the allergy names this substance or its group
	MaybeAllergy   Kind = "maybe-allergy"   // it would, if the name were spelt otherwise
	CrossAllergy   Kind = "cross-allergy"   // it names a relative
	DuplicateDrug  Kind = "duplicate-drug"  // the substance is prescribed already
	MaybeDuplicate Kind = "maybe-duplicate" // it would be, if a name were spelt otherwise
	DuplicateClass Kind = "duplicate-class" // one of its class is
	MaxSingle      Kind = "max-single"
	MaxDaily       Kind = "max-daily"
	WeeklyOnly     Kind = "weekly"    // a drug of once a week
	DoseUnit       Kind = "dose-unit" // another unit than the table's, or far under any usual dose
	DoseUnread     Kind = "dose-unread"
	AgeHint        Kind = "age"
	Renal          Kind = "renal"
	PregnancyHint  Kind = "pregnancy"
	HighRisk       Kind = "high-risk"   // a second person confirms
	Identity       Kind = "identity"    // code and name mean different drugs, or the drug is unknown
	Interaction    Kind = "interaction" // only ever unchecked
	TableState     Kind = "table"       // only ever unchecked: nobody approved the table
)

// Severity is what a finding asks for.
type Severity uint8

const (
	Note Severity = iota + 1 // to be read
	Warn                     // to be confirmed
	Stop                     // needs a written reason to go on
)

var levels = map[string]Severity{"note": Note, "warn": Warn, "stop": Stop}

// Finding is one thing found, or one check that could not be made.
type Finding struct {
	Kind      Kind
	Severity  Severity
	Text      lang.Text
	Unchecked bool // the check could not be made; Severity is then Note
}

// Report is the answer to one prescription.
type Report struct {
	Drug         string    // as prescribed
	Substances   []string  // what the table took it for; empty if unknown
	Single       lang.Text // the single dose as it was read, empty if it was not
	Daily        lang.Text // the most in 24 hours as it was read
	Findings     []Finding // Stop first
	Unchecked    []Finding // every check that could not be made, and why
	SecondPerson bool      // a high-risk drug: a second person confirms
}

// Worst is the highest severity found, 0 if nothing was found.
func (r Report) Worst() Severity {
	worst := Severity(0)
	for _, f := range r.Findings {
		worst = max(worst, f.Severity)
	}
	return worst
}

// Facts is what is known of the patient. Nil and zero are unknown.
type Facts struct {
	Day        time.Time               // of the prescription, in the hospital's zone; the age is counted on it
	Birth      clinical.Date           //
	Sex        clinical.Sex            //
	WeightKg   *float64                //
	EGFR       *float64                // newest, ml/min/1.73 m²
	Creatinine *float64                // newest, mg/dl; used only where EGFR is nil
	Pregnant   bool                    // an alert says so
	Allergies  []clinical.Allergy      //
	NoneKnown  bool                    // somebody said that there are no allergies; without it and without allergies nothing was sent
	Others     []clinical.Prescription // of the same patient; those no longer open, or ended before Day, are passed over
}

// check collects the findings on one prescription.
type check struct {
	t      *Table
	p      clinical.Prescription
	f      Facts
	drug   drug
	others []other
	plan   plan
	r      Report
}

// other is another prescription in force with what the table knows of it.
type other struct {
	p clinical.Prescription
	d drug
}

func (c *check) found(k Kind, s Severity, de, en string) {
	if s == 0 {
		s = Warn
	}
	f := Finding{Kind: k, Severity: s, Text: lang.Text{DE: de, EN: en}}
	if !slices.Contains(c.r.Findings, f) {
		c.r.Findings = append(c.r.Findings, f)
	}
}

func (c *check) unchecked(k Kind, de, en string) {
	f := Finding{Kind: k, Severity: Note, Text: lang.Text{DE: de, EN: en}, Unchecked: true}
	if !slices.Contains(c.r.Unchecked, f) {
		c.r.Unchecked = append(c.r.Unchecked, f)
	}
}

// Check checks p, which is not yet among f.Others (one with the same key there
// is taken for p itself and passed over).
func (t *Table) Check(p clinical.Prescription, f Facts) Report {
	c := &check{t: t, p: p, f: f, drug: t.find(p)}
	c.r.Drug = c.drug.label
	for _, o := range f.Others {
		same := p.Placer+p.Filler != "" && o.Key() == p.Key()
		over := !o.End.IsZero() && o.End.Before(f.Day)
		if !same && !over && (o.Status == "" || o.Status.Open()) {
			c.others = append(c.others, other{o, t.find(o)})
		}
	}
	for _, s := range c.drug.known {
		c.r.Substances = append(c.r.Substances, s.Name)
	}
	c.identity()
	c.allergies()
	c.duplicates()
	c.dose()
	c.weekly()
	c.person()
	c.risk()
	c.unchecked(Interaction, "Wechselwirkungen werden nicht geprüft.", "Interactions are not checked.")
	if !t.Approved() {
		c.unchecked(TableState, "Die Arzneimitteltabelle ist von der Apotheke nicht freigegeben.", "The drug table is not approved by the pharmacy.")
	}
	slices.SortStableFunc(c.r.Findings, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return c.r
}

// identity says what the drug was not recognised by.
func (c *check) identity() {
	d := c.drug
	if len(d.known) == 0 {
		c.unchecked(Identity, "„"+d.label+"“ ist nicht in der Tabelle: Höchstdosis, Allergiegruppen, Klasse, Niere, Alter und Schwangerschaft nicht geprüft.",
			"“"+d.label+"” is not in the table: maximum dose, allergy groups, class, kidney, age and pregnancy not checked.")
		return
	}
	if d.disagree {
		c.found(Identity, Stop, "Code und Name meinen verschiedene Wirkstoffe: "+strings.Join(c.r.Substances, ", ")+".",
			"Code and name mean different substances: "+strings.Join(c.r.Substances, ", ")+".")
	}
	if d.code != "" {
		c.unchecked(Identity, "ATC-Code "+d.code+" nicht in der Tabelle: nur nach dem Namen geprüft.", "ATC code "+d.code+" is not in the table: checked by the name only.")
	}
	if len(d.unread) > 0 {
		w := strings.Join(d.unread, " ")
		c.unchecked(Identity, "Im Namen nicht erkannt: „"+w+"“. Weitere Wirkstoffe sind nicht geprüft.", "Not recognised in the name: “"+w+"”. Further substances are not checked.")
	}
}

// duplicates looks for the same substance and the same class in the other
// prescriptions.
func (c *check) duplicates() {
	for _, o := range c.others {
		c.maybeDuplicate(o)
		if len(o.d.known) == 0 || len(c.drug.known) == 0 {
			if sameWords(o.d.label, c.drug.label) {
				c.found(DuplicateDrug, Stop, "Bereits verordnet: "+o.d.label+".", "Prescribed already: "+o.d.label+".")
			} else if len(c.drug.known) > 0 {
				c.unchecked(DuplicateDrug, "Doppelverordnung mit „"+o.d.label+"“ nicht geprüft: nicht in der Tabelle.", "Double prescription with “"+o.d.label+"” not checked: not in the table.")
			}
			continue
		}
		c.duplicateOf(o)
	}
	if len(c.drug.known) == 0 && len(c.others) > 0 {
		c.unchecked(DuplicateDrug, "Doppelverordnung nur nach gleichem Namen geprüft.", "Double prescription checked by equal name only.")
	}
}

// maybeDuplicate asks about a drug whose name is nearly that of another one in
// force. It is never taken for that.
func (c *check) maybeDuplicate(o other) {
	say := func() {
		c.found(MaybeDuplicate, Warn, "Möglicherweise bereits verordnet: „"+o.d.label+"“ und „"+c.drug.label+"“ sind fast gleich geschrieben. Bitte vergleichen.",
			"Possibly prescribed already: “"+o.d.label+"” and “"+c.drug.label+"” are spelt nearly the same. Please compare.")
	}
	for _, x := range c.drug.unread {
		if slices.ContainsFunc(o.d.unread, func(y string) bool { return Near(x, y) }) || c.t.maybeIn(x, o.d.known) {
			say()
		}
	}
	for _, y := range o.d.unread {
		if c.t.maybeIn(y, c.drug.known) {
			say()
		}
	}
}

// maybeIn reports whether a word that the table does not know is nearly the name
// of a substance that shares something with one of the list.
func (t *Table) maybeIn(w string, list []*substance) bool {
	for _, name := range t.nearly(w) {
		if s := t.names[name]; s != nil && slices.ContainsFunc(list, func(k *substance) bool { return common(s, k) != "" }) {
			return true
		}
	}
	return false
}

func (c *check) duplicateOf(o other) {
	for _, s := range c.drug.known {
		for _, k := range o.d.known {
			if both := common(s, k); both != "" {
				level := Stop
				if c.p.AsNeeded != o.p.AsNeeded {
					level = Warn // a fixed dose and one as needed are common; their sum is checked
				}
				c.found(DuplicateDrug, level, "Derselbe Wirkstoff ist bereits verordnet: "+o.d.label+" ("+both+").", "The same substance is prescribed already: "+o.d.label+" ("+both+").")
				continue
			}
			for _, class := range s.Class {
				if slices.Contains(k.Class, class) {
					n := c.t.classes[class]
					c.found(DuplicateClass, Warn, "Zwei Arzneimittel einer Klasse ("+n.DE+"): bereits verordnet ist "+o.d.label+".", "Two drugs of one class ("+n.In(lang.EN)+"): prescribed already is "+o.d.label+".")
				}
			}
		}
	}
}

// common names what two substances share, "" if nothing.
func common(a, b *substance) string {
	if a == b {
		return a.Name
	}
	for i, p := range a.parts() {
		if slices.Contains(b.parts(), p) {
			if len(a.Parts) > i {
				return a.Parts[i]
			}
			return a.Name
		}
	}
	return ""
}

// sameWords reports whether two names are the same words, and at least one.
func sameWords(a, b string) bool {
	x := words(a)
	return len(x) > 0 && slices.Equal(x, words(b))
}
