// Package review looks through accesses to patient data for what a person
// should ask about: reading without a treatment relation, in bulk, at odd
// hours, just before something was altered. It is pure: it gets accesses, what
// is known of people and patients, and rules with their numbers, and answers
// with hits. A hit is a question, never a verdict: it says which facts made it,
// what speaks against it and what the rule cannot know.
package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"notbetrieb/internal/clinical"
	"notbetrieb/internal/lang"
)

// Deed is what somebody did with patient data.
type Deed string

const (
	Looked   Deed = "look"   // opened a chart, a finding, a message
	Listed   Deed = "list"   // a ward list, a work list
	Searched Deed = "search" // looked for a patient
	Printed  Deed = "print"
	Exported Deed = "export"
	Changed  Deed = "change" // wrote or deleted, as a foreign log says
	Unlocked Deed = "glass"  // gave a reason to read
)

// Here is the System of our own read audit.
const Here = "Notbetrieb"

// Access is one event of our own read audit or of a foreign log.
type Access struct {
	Ref     string    // "#4711" of the journal, "kis.csv:812" of a foreign log
	System  string    // [Here] or what the log came from
	At      time.Time // to the second or better
	Person  string    // sign-in name, lower case
	Name    string
	Deed    Deed
	Patient clinical.PatientKey // "" where none is named or it is not known here
	Number  string              // as the foreign log names the patient, where Patient is ""
	Case    string              // likewise the case
	Ward    string
	What    string // page or action, no health data
	From    string // station or address
	Session string
	Glass   bool
	Reason  string
}

// subject is what counts as one patient.
func (a *Access) subject() string {
	if a.Patient != "" {
		return string(a.Patient)
	}
	if a.Number == "" && a.Case != "" {
		return "case " + a.Case
	}
	return a.Number
}

// Stay is a time on a ward. A zero To means: until now.
type Stay struct {
	Ward     string
	From, To time.Time
}

// Patient is what the rules may know of one patient.
type Patient struct {
	Surname string // folded; see [Fold]
	Stays   []Stay
	Orders  []time.Time // when something was asked for or reported
}

// Person is what the rules may know of somebody who reads.
type Person struct {
	Name  string
	Roles []string
	Work  []lang.Text // the roles in words
	Wards []string    // empty: the whole house
	Own   []clinical.PatientKey
}

// work is what the person does, in words.
func (p Person) work() lang.Text {
	var de, en []string
	for _, w := range p.Work {
		de, en = append(de, w.DE), append(en, w.In(lang.EN))
	}
	if len(de) == 0 {
		return lang.Text{DE: "keine bekannt", EN: "none known"}
	}
	return lang.Text{DE: strings.Join(de, ", "), EN: strings.Join(en, ", ")}
}

// surname is the last word of a shown name: "S. Weber" is weber.
func (p Person) surname() string {
	f := strings.Fields(p.Name)
	if len(f) == 0 {
		return ""
	}
	return Fold(f[len(f)-1])
}

// Duty is a time of work from a roster: on-call, a shift on another ward. No
// wards means the whole house.
type Duty struct {
	Person   string
	From, To time.Time
	Wards    []string
}

// Alter is something about a patient that was deleted or altered afterwards in
// the hospital's own systems.
type Alter struct {
	Ref     string
	Patient clinical.PatientKey
	At      time.Time
	What    lang.Text // kind and label, no values
	By      string    // as the message says, "" if it does not
}

// World is everything the rules may know besides the accesses.
type World struct {
	Zone     *time.Location
	Now      time.Time // until when accesses are known
	People   map[string]Person
	Patients map[clinical.PatientKey]Patient
	Duties   []Duty
	Flagged  map[clinical.PatientKey]string // colleagues and persons of public interest, with a word why
	Alters   []Alter
}

// Hit is a question to ask.
type Hit struct {
	ID       string // the same accesses give the same ID
	Rule     string
	Person   string
	Name     string
	From, To time.Time
	Count    int      // accesses
	Patients []string // distinct ones
	Points   int
	Why      []lang.Text // the facts
	Against  []lang.Text // what may explain it
	Unknown  lang.Text   // what the rule cannot know
	Events   []Access    // those that made it, oldest first; at most maxEvents
}

// maxEvents is how many accesses a hit carries with it; Count is of all.
const maxEvents = 500

// Outcome is what a review gave.
type Outcome struct {
	Hits      []Hit // the most pressing first
	Accesses  int   // in the time reviewed
	Strangers int   // accesses of names that are nobody's here: rules that need a role did not judge them
	Nameless  int   // accesses to patients that are not known here
	Left      int   // hits of less weight than the maxHits that are in Hits
}

const (
	maxHits      = 10_000
	maxAllEvents = 100_000 // accesses that the hits of one review carry together
	fewEvents    = 5       // of a hit for which no more is left
)

// Span is a time from From to before To.
type Span struct{ From, To time.Time }

// Has reports whether t is within the span.
func (s Span) Has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.To) }

// Look runs every rule that is on over accesses, which also hold those before
// the span from which habits are learnt. The accesses are sorted by time here.
// The error is that of ctx.
func Look(ctx context.Context, all []Access, w *World, r Rules, span Span) (Outcome, error) {
	slices.SortStableFunc(all, func(a, b Access) int { return a.At.Compare(b.At) })
	in := &input{all: all, w: w, r: r, span: span}
	in.prepare()
	out := Outcome{Accesses: len(in.now), Strangers: in.strangers, Nameless: in.nameless}
	for _, rule := range rules() {
		if err := ctx.Err(); err != nil {
			return Outcome{}, fmt.Errorf("access review: %w", err)
		}
		if rule.on(&r) {
			out.Hits = append(out.Hits, rule.find(in)...)
		}
	}
	slices.SortStableFunc(out.Hits, func(a, b Hit) int {
		if a.Points != b.Points {
			return b.Points - a.Points
		}
		return b.To.Compare(a.To)
	})
	out.trim()
	return out, nil
}

// trim bounds what a review keeps: the most pressing hits have their accesses.
func (o *Outcome) trim() {
	if len(o.Hits) > maxHits {
		o.Left = len(o.Hits) - maxHits
		o.Hits = slices.Clone(o.Hits[:maxHits])
	}
	left := maxAllEvents
	for i := range o.Hits {
		h := &o.Hits[i]
		if n := max(fewEvents, left); len(h.Events) > n {
			h.Events = slices.Clone(h.Events[:n])
		}
		left -= len(h.Events)
	}
}

// input is the work on one review.
type input struct {
	all  []Access
	now  []*Access // within the span
	w    *World
	r    Rules
	span Span

	person    map[string][]*Access // within the span, by person
	before    map[string][]*Access // before the span
	after     map[string][]*Access // after it: what came of something within
	duties    map[string][]Duty
	strangers int
	nameless  int
}

func (in *input) prepare() {
	if in.w.Zone == nil {
		in.w.Zone = time.UTC
	}
	in.person, in.before, in.after, in.duties = map[string][]*Access{}, map[string][]*Access{}, map[string][]*Access{}, map[string][]Duty{}
	if in.w.Now.IsZero() {
		in.w.Now = in.span.To
	}
	for i := range in.all {
		a := &in.all[i]
		switch {
		case in.span.Has(a.At):
			in.now = append(in.now, a)
			in.person[a.Person] = append(in.person[a.Person], a)
			if _, ok := in.w.People[a.Person]; !ok {
				in.strangers++
			}
			if a.Patient == "" && (a.Number != "" || a.Case != "") {
				in.nameless++
			}
		case a.At.Before(in.span.From):
			in.before[a.Person] = append(in.before[a.Person], a)
		default:
			in.after[a.Person] = append(in.after[a.Person], a)
		}
	}
	for _, d := range in.w.Duties {
		in.duties[d.Person] = append(in.duties[d.Person], d)
	}
}

// people returns who did something in the span, by name.
func (in *input) people() []string {
	out := make([]string, 0, len(in.person))
	for p := range in.person {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// day is the calendar day of t in the house.
func (in *input) day(t time.Time) string { return t.In(in.w.Zone).Format("2006-01-02") }

// byDay puts accesses of one person together by day.
func (in *input) byDay(list []*Access) (days []string, of map[string][]*Access) {
	of = map[string][]*Access{}
	for _, a := range list {
		d := in.day(a.At)
		if of[d] == nil {
			days = append(days, d)
		}
		of[d] = append(of[d], a)
	}
	slices.Sort(days)
	return days, of
}

// After is how long after a span accesses still count for what came of something
// within it.
const After = glassCovers

// handover is how long before a shift begins and after it ended somebody is at
// work: a handover, a letter, a dose that was late.
const handover = time.Hour

// onDuty returns every duty that covers t, with the handover before and after: a
// shift on a ward and a call for the house may run at the same time.
func (in *input) onDuty(person string, t time.Time) []Duty {
	var out []Duty
	for _, d := range in.duties[person] {
		if !t.Before(d.From.Add(-handover)) && t.Before(d.To.Add(handover)) {
			out = append(out, d)
		}
	}
	return out
}

// hit makes the hit of a rule from accesses of one person.
func (in *input) hit(rule, subject string, list []*Access, points int) Hit {
	first := list[0]
	h := Hit{Rule: rule, Person: first.Person, Name: first.Name, From: first.At, To: list[len(list)-1].At, Count: len(list), Points: points, Unknown: unknown(rule)}
	if p, ok := in.w.People[first.Person]; ok && p.Name != "" {
		h.Name = p.Name
	}
	sum := sha256.Sum256([]byte(rule + "\x00" + first.Person + "\x00" + subject))
	h.ID = hex.EncodeToString(sum[:8])
	seen := map[string]bool{}
	for _, a := range list {
		if s := a.subject(); s != "" && !seen[s] {
			seen[s] = true
			h.Patients = append(h.Patients, s)
		}
		if len(h.Events) < maxEvents {
			h.Events = append(h.Events, *a)
		}
	}
	in.excuse(&h, list)
	return h
}

// excuse adds what may explain a hit whatever its rule.
func (in *input) excuse(h *Hit, list []*Access) {
	reasons, duty := map[string]bool{}, false
	for _, a := range list {
		if a.Reason != "" && len(reasons) < 5 && !reasons[a.Reason] {
			reasons[a.Reason] = true
			h.Against = append(h.Against, lang.Text{DE: "Beim Lesen genannter Grund: „" + a.Reason + "“", EN: "Reason given when reading: “" + a.Reason + "”"})
		}
		if len(in.onDuty(a.Person, a.At)) > 0 {
			duty = true
		}
	}
	in.excuseTreatment(h, list)
	if slices.ContainsFunc(list, func(a *Access) bool { return a.System != Here && in.twice(a.At) }) {
		h.Against = append(h.Against, lang.Text{DE: "Ein Teil liegt in der Stunde, die es bei der Umstellung auf Winterzeit zweimal gibt: ein fremdes Protokoll kann um eine Stunde falsch gelesen sein.", EN: "A part lies in the hour that comes twice when the clocks go back: a foreign log may be read wrong by an hour."})
	}
	if duty {
		h.Against = append(h.Against, lang.Text{DE: "Laut Dienstplan war die Person zu einem Teil dieser Zeiten im Dienst.", EN: "According to the roster the person was on duty for part of these times."})
	}
	if _, ok := in.w.People[h.Person]; !ok {
		h.Against = append(h.Against, lang.Text{DE: "Dieser Anmeldename ist hier niemandem zugeordnet. Rolle und Stationen sind nicht bekannt; es kann ein technisches Konto sein.", EN: "This sign-in name belongs to nobody here. Role and wards are not known; it may be a technical account."})
	}
}

// twice reports whether the time of day at t comes twice that night.
func (in *input) twice(t time.Time) bool {
	const clock = "2006-01-02 15:04:05"
	at := t.In(in.w.Zone).Format(clock)
	return at == t.Add(time.Hour).In(in.w.Zone).Format(clock) || at == t.Add(-time.Hour).In(in.w.Zone).Format(clock)
}

// excuseTreatment says of how many patients a hit is about people who treat, and
// for whom something was asked for then: a consult looks like that.
func (in *input) excuseTreatment(h *Hit, list []*Access) {
	p, known := in.w.People[h.Person]
	charts := only(list, opensChart)
	of := distinct(charts)
	if !known || of == 0 {
		return
	}
	if n := distinct(only(charts, func(a *Access) bool { return in.related(p, a) })); n > 0 {
		h.Against = append(h.Against, lang.Text{DE: fmt.Sprintf("Bei %d von %s ist ein Behandlungsbezug zu sehen.", n, count(of, "Patient", "Patienten")), EN: fmt.Sprintf("For %d of %s a treatment relation is visible.", n, count(of, "patient", "patients"))})
	}
	if n := distinct(only(charts, func(a *Access) bool { return a.System == Here && !a.Glass && !in.related(p, a) })); n > 0 && len(p.Wards) > 0 {
		h.Against = append(h.Against, lang.Text{DE: fmt.Sprintf("Bei %s war das Lesen hier ohne Begründung erlaubt: Rolle und Stationen passten zu der Zeit. Die Stationen der Person können seither geändert worden sein.", count(n, "weiteren Patienten", "weiteren Patienten")), EN: fmt.Sprintf("For %s more reading was allowed here without a reason: role and wards fitted then. The person's wards may have been changed since.", count(n, "patient", "patients"))})
	}
	if n := distinct(only(charts, func(a *Access) bool { return !in.related(p, a) && in.ordered(a) })); n > 0 && !outsider(p.Roles) {
		h.Against = append(h.Against, lang.Text{DE: fmt.Sprintf("Für %s ohne sichtbaren Behandlungsbezug gab es um diese Zeit einen Auftrag: es kann ein Konsil oder eine Untersuchung sein.", count(n, "Patient", "Patienten")), EN: fmt.Sprintf("For %s without a visible treatment relation something was ordered around that time: it may be a consult or an examination.", count(n, "patient", "patients"))})
	}
}

// distinct counts the patients of accesses.
func distinct(list []*Access) int {
	seen := map[string]bool{}
	for _, a := range list {
		if s := a.subject(); s != "" {
			seen[s] = true
		}
	}
	return len(seen)
}

// only returns the accesses that keep holds for.
func only(list []*Access, keep func(*Access) bool) []*Access {
	var out []*Access
	for _, a := range list {
		if keep(a) {
			out = append(out, a)
		}
	}
	return out
}

// opensChart reports whether one patient's data was opened.
func opensChart(a *Access) bool {
	return a.subject() != "" && (a.Deed == Looked || a.Deed == Printed || a.Deed == Exported)
}

// Fold makes surnames comparable: lower case, umlauts written out, letters only.
func Fold(name string) string {
	name = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(name))
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r > 127 {
			return r
		}
		return -1
	}, name)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (in *input) clock(t time.Time) string { return t.In(in.w.Zone).Format("02.01.2006 15:04") }
