package callout

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// The codes of findings of Check. They are stable.
const (
	FoundDamaged = "callout-damaged" // bytes are wrong, or the key is another one
	FoundAhead   = "callout-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "callout-differs" // a fresh fold of the journal gives something else
)

// Damage is one thing that Check found wrong. Nothing in it is health data.
type Damage struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Check compares the saved state with a fresh fold of the journal and changes
// nothing. No Book may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]Damage, error) {
	v, why, err := journal.CheckSaved(ctx, j, name, file(o), journal.NewMemory(newFold, readFold), journal.NewMemory(newFold, readFold))
	if err != nil {
		return nil, err
	}
	switch v {
	case journal.SavedDamaged:
		return []Damage{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Der gespeicherte Stand der Alarmierungen ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved state of the call-outs is damaged or was written with another key. It is built anew from the journal at the next start.",
		}}}, nil
	case journal.SavedAhead:
		return []Damage{{Code: FoundAhead, Text: lang.Text{
			DE: "Der gespeicherte Stand der Alarmierungen steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved state of the call-outs stands at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	case journal.SavedDiffers:
		return []Damage{{Code: FoundDiffers, Text: lang.Text{
			DE: "Der abgeleitete Stand der Alarmierungen stimmt nicht mit dem Journal überein. Den Ordner callout löschen: er wird neu aufgebaut.",
			EN: "The derived state of the call-outs does not agree with the journal. Delete the folder callout: it is built anew.",
		}}}, nil
	case journal.SavedWell:
	}
	return nil, nil
}
