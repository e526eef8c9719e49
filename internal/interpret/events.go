package interpret

import (
	"notbetrieb/internal/lang"
)

// Event is one kind of message and what becomes of it. The list is the
// conformance table of the integration guide.
type Event struct {
	Kind    string    // "ADT^A02"; a type alone stands for all its other events
	Meaning lang.Text // what is read
	Changes bool      // false: known, and read without changes

	read func(*reader)
}

// Events returns every event that is known, in the order of the guide.
func Events() []Event {
	var list []Event
	add := func(read func(*reader), meaning lang.Text, kinds ...string) {
		for _, kind := range kinds {
			list = append(list, Event{Kind: kind, Meaning: meaning, Changes: true, read: read})
		}
	}
	admissions(add)
	return list
}

type addEvent func(read func(*reader), meaning lang.Text, kinds ...string)

func admissions(add addEvent) {
	adt := (*reader).adt
	add(adt, lang.Text{DE: "Aufnahme", EN: "Admission"}, "ADT^A01")
	add(adt, lang.Text{DE: "Verlegung", EN: "Transfer"}, "ADT^A02")
	add(adt, lang.Text{DE: "Entlassung", EN: "Discharge"}, "ADT^A03")
	add(adt, lang.Text{DE: "Änderung der Daten; ein Ort ist eine Momentaufnahme", EN: "Change of data; a place is a snapshot"}, "ADT^A08")
	add((*reader).results, lang.Text{DE: "Befunde", EN: "Results"}, "ORU^R01")
}
