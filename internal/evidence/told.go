package evidence

import (
	"fmt"
	"strings"
	"time"

	"notbetrieb/internal/journal"
)

// logLine is the line that an act makes in the logbook of its incident. The
// logbook is folded from it: nothing is written twice. It is in German, as the
// logbook is: one document, whoever reads it.
type logLine struct {
	Crisis string      `json:"crisis"`
	Prev   journal.Seq `json:"prev,omitempty"` // the act of evidence before it with a line there: none can be left out
	At     time.Time   `json:"at"`             // when it happened
	Text   string      `json:"text"`
}

// line is the line that e makes now, nil for acts that make none: notes, files and
// papers stand in the item's chain alone.
func (f *fold) line(e event, zone *time.Location) *logLine {
	l := &logLine{Crisis: e.Case, At: e.By.At, Text: f.words(e, zone)}
	if !e.At.IsZero() {
		l.At = e.At
	}
	if e.Thing != nil {
		l.At = e.Thing.At
	}
	if e.Step.ofHolds() {
		l.Crisis = f.about(e)
	}
	if l.Text == "" || l.Crisis == "" {
		return nil
	}
	l.Prev = f.told[l.Crisis]
	return l
}

// about is the incident that an act on a hold belongs to, "" for none.
func (f *fold) about(e event) string {
	if e.Scope != nil {
		return e.Scope.Case
	}
	for _, h := range f.holds {
		if h.ID == e.Hold {
			return h.Scope.Case
		}
	}
	return ""
}

func (f *fold) words(e event, zone *time.Location) string {
	switch e.Step {
	case stepExported:
		return "Beweispaket herausgegeben an " + e.For + ": " + e.Text
	case stepHold:
		return "Sperrvermerk gesetzt (" + e.Scope.words(zone) + "): " + e.Text
	case stepLiftAsked:
		return "Aufhebung des Sperrvermerks beantragt: " + e.Text
	case stepLiftOff:
		return "Antrag auf Aufhebung des Sperrvermerks zurückgezogen."
	case stepLifted:
		return "Sperrvermerk aufgehoben."
	case stepSecured:
		return "Beweisstück " + f.nextRef(e.Case) + " gesichert: " + e.Thing.Kind.Say().DE + ", " + e.Thing.Title + ". Fundort: " + e.Thing.Found + ". Aufbewahrung: " + e.Thing.Place + "."
	}
	i := f.items[e.Item]
	if i == nil {
		return ""
	}
	what := "Beweisstück " + i.Ref + " (" + i.Title + ")"
	switch e.Step {
	case stepHanded:
		return what + " übergeben: " + e.From.String() + " → " + e.To.String() + ". " + e.Text + e.loud()
	case stepGap:
		return "Lücke in der Kette: " + what + ", " + e.At.In(zone).Format("02.01. 15:04") + " bis " + e.Until.In(zone).Format("02.01. 15:04") + ", seither bei " + e.To.String() + ". " + e.Text
	case stepVerified:
		if loud := e.loud(); loud != "" {
			return what + " geprüft." + loud
		}
	case stepEndAsked:
		if e.Way == Destroyed {
			return what + ": Vernichtung beantragt. " + e.Text
		}
		return what + ": Rückgabe an " + e.To.String() + " beantragt. " + e.Text
	case stepEndOff:
		return what + ": Antrag auf Rückgabe oder Vernichtung zurückgezogen."
	case stepEnded:
		if asked := i.Entries[i.Asked-1]; asked.Way == Returned {
			return what + " zurückgegeben an " + asked.To.String() + "."
		}
		return what + " vernichtet."
	}
	return ""
}

// loud is what nobody may overlook, "" for nothing.
func (e event) loud() string {
	out := ""
	if (Entry{Checks: e.Checks}).Deviates() {
		out += " Eine Prüfsumme weicht ab."
	}
	if e.Intact == "no" {
		out += " Das Siegel ist beschädigt."
	}
	return out
}

func (s *Scope) words(zone *time.Location) string {
	var out []string
	if s.Whole {
		out = append(out, "das ganze Journal")
	}
	if !s.From.IsZero() {
		out = append(out, "alles ab "+s.From.In(zone).Format("02.01.2006"))
	}
	if n := len(s.Patients); n > 0 {
		out = append(out, fmt.Sprintf("%d Patienten und alle Zugriffe", n))
	}
	return strings.Join(out, ", ")
}

// nextRef is the label of the next item of an incident.
func (f *fold) nextRef(incident string) string {
	if c := f.find(incident); c != nil {
		return refOf(c.Number, len(c.Items)+1)
	}
	return refOf(len(f.cases)+1, 1)
}

func refOf(incident, item int) string { return fmt.Sprintf("B%d-%04d", incident, item) }
