package entry

import (
	"time"

	"notbetrieb/internal/clinical"
)

var (
	// Move is a transfer to another bed or ward.
	Move = &Form{
		Kind: "transfer", Right: admit, Page: "move/transfer", Title: text("Verlegung", "Transfer"),
		Fields: []Field{
			{Name: "place", Label: text("Wohin", "Where to"), Kind: Bed, Need: true},
			{Name: "cause", Label: text("Grund", "Reason"), Kind: Line},
		},
		Rules: (*Filled).afterAdmission,
		Says: func(f *Filled, number string) Facts {
			return Facts{clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.Transfer, Event: "A02", Start: f.At, To: f.Place("place")}}
		},
	}
	// Leave is the beginning of a leave of absence.
	Leave = &Form{
		Kind: "leave", Right: admit, Page: "move/leave", Title: text("Beurlaubung", "Leave of absence"),
		Fields: []Field{
			{Name: "until", Label: text("Zurück voraussichtlich", "Expected back"), Hint: text("21.11. 18:00", "21.11. 18:00"), Kind: Moment},
			{Name: "cause", Label: text("Grund", "Reason"), Kind: Line, Need: true},
		},
		Rules: (*Filled).afterAdmission,
		Says: func(f *Filled, number string) Facts {
			return Facts{clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.LeaveStart, Event: "A21", Start: f.At}}
		},
	}
	// Return ends a leave.
	Return = &Form{
		Kind: "return", Right: admit, Page: "move/return", Title: text("Rückkehr aus der Beurlaubung", "Return from leave"),
		Fields: []Field{{Name: "place", Label: text("Wohin", "Where to"), Kind: Bed, Need: true}},
		Rules:  (*Filled).afterAdmission,
		Says: func(f *Filled, number string) Facts {
			return Facts{clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.LeaveEnd, Event: "A22", Start: f.At, To: f.Place("place")}}
		},
	}
	// Depart is the discharge.
	Depart = &Form{
		Kind: "discharge", Right: admit, Page: "move/discharge", Title: text("Entlassung", "Discharge"), Risk: true,
		Fields: []Field{
			{Name: "disposition", Label: text("Entlassungsart", "Disposition"), Kind: Choice, Need: true, Options: []Option{
				{"01", text("regulär beendet", "regular")}, {"04", text("gegen ärztlichen Rat", "against medical advice")},
				{"06", text("Verlegung in ein anderes Krankenhaus", "to another hospital")}, {"08", text("in eine Rehabilitation", "to rehabilitation")},
				{"09", text("in eine Pflegeeinrichtung", "to a nursing home")}, {"10", text("in ein Hospiz", "to a hospice")},
				{"07", text("verstorben", "deceased")}, {"00", text("sonstiges, siehe Bemerkung", "other, see remark")},
			}},
			{Name: "died", Label: text("Todeszeit", "Time of death"), Hint: text("Nur bei „verstorben“; leer heißt die Zeit der Entlassung, es sei denn, der Tod ist schon eingetragen.", "Only for “deceased”; empty means the time of discharge, unless the death is recorded already."), Kind: Moment},
			{Name: "to", Label: text("Wohin", "Where to"), Kind: Line},
			{Name: "note", Label: text("Bemerkung", "Remark"), Kind: Line},
		},
		Rules: departRules,
		Says: func(f *Filled, number string) Facts {
			how := f.Label("disposition")
			if to := f.Text("to"); to != "" {
				how += ": " + to
			}
			return append(Facts{
				clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.Discharge, Event: "A03", Start: f.At},
				clinical.StayDetails{Disposition: clinical.Say(how)},
			}, f.died()...)
		},
	}
	// Death is the death of a patient. The stay ends with it if the form says so,
	// else with a discharge of its own.
	Death = &Form{
		Kind: "death", Right: "write-medical", Page: "move/death", Title: text("Tod feststellen", "Death"), Risk: true,
		Intro: text("Die Zeit unten ist die Todeszeit. Ohne den Haken bei „Zugleich entlassen“ bleibt das Bett belegt, bis die Entlassung eingetragen ist.", "The time below is the time of death. Without the tick at “Discharge at once” the bed stays taken until the discharge is recorded."),
		Fields: []Field{
			{Name: "certified", Label: text("Festgestellt von", "Certified by"), Kind: Line, Max: 60, Need: true},
			{Name: "told", Label: text("Angehörige verständigt", "Relatives told"), Kind: Choice, Options: []Option{
				{"yes", text("ja", "yes")}, {"no", text("noch nicht", "not yet")}, {"none", text("keine bekannt", "none known")},
			}},
			{Name: "leaves", Label: text("Zugleich entlassen, das Bett wird frei", "Discharge at once, the bed becomes free"), Kind: Check},
			{Name: "note", Label: text("Bemerkung", "Remark"), Kind: Line},
		},
		Rules: (*Filled).afterAdmission,
		Says: func(f *Filled, number string) Facts {
			out := Facts{clinical.Demographics{Died: clinical.Say(f.At), Dead: clinical.Say(true)}}
			if f.Has("leaves") {
				out = append(out,
					clinical.Movement{ID: number, Action: clinical.Insert, Kind: clinical.Discharge, Event: "A03", Start: f.At},
					clinical.StayDetails{Disposition: clinical.Say("verstorben")},
				)
			}
			return out
		},
	}
	// Same says that two charts are one person. It stands in the chart that is
	// kept.
	Same = &Form{
		Kind: "same", Right: admit, Page: "move/same", Begins: true, Title: text("Person identifiziert", "Person identified"), Risk: true,
		Fields: []Field{
			{Name: "from", Label: text("Patientennummer, die dazukommt", "Patient number that joins"), Kind: Line, Need: true},
			{Name: "how", Label: text("Woran erkannt", "Recognised by"), Kind: Line, Need: true},
		},
		Says: func(f *Filled, _ string) Facts {
			return Facts{clinical.Merge{From: []clinical.Identifier{ParseID(f.Text("from"))}}}
		},
	}
)

// afterAdmission refuses what would have happened before the stay began.
func (f *Filled) afterAdmission() []Mistake {
	if f.Since.IsZero() || !f.At.Before(f.Since.Truncate(time.Minute)) {
		return nil
	}
	since := f.Since.In(f.Now.Location())
	return []Mistake{{Field: AtField, Say: text("Das wäre vor der Aufnahme am "+since.Format("02.01. 15:04")+".", "That would be before the admission on "+since.Format("02.01. 15:04")+".")}}
}

const deceased = "07" // disposition

// departRules are those of a discharge: a time of death belongs to one who died,
// and lies in the stay.
func departRules(f *Filled) []Mistake {
	wrong := f.afterAdmission()
	died := f.Time("died")
	switch {
	case died.IsZero():
	case f.Text("disposition") != deceased:
		wrong = append(wrong, miss("died", "Eine Todeszeit gehört nur zur Entlassungsart „verstorben“.", "A time of death belongs to the disposition “deceased” only."))
	case died.After(f.At):
		wrong = append(wrong, miss("died", "Die Todeszeit liegt nach der Entlassung.", "The time of death lies after the discharge."))
	case !f.Since.IsZero() && died.Before(f.Since.Truncate(time.Minute)):
		wrong = append(wrong, miss("died", "Die Todeszeit liegt vor der Aufnahme.", "The time of death lies before the admission."))
	}
	return wrong
}

// died is the death that a discharge tells; nothing where it is known from
// somebody else, whose entry keeps it.
func (f *Filled) died() Facts {
	if f.Text("disposition") != deceased || f.Dead && f.Time("died").IsZero() {
		return nil
	}
	at := f.Time("died")
	if at.IsZero() {
		at = f.At
	}
	return Facts{clinical.Demographics{Died: clinical.Say(at), Dead: clinical.Say(true)}}
}
