package estate

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// The codes of findings of Verify. They are stable.
const (
	FoundDamaged = "estate-damaged" // bytes are wrong, or the key is another one
	FoundAhead   = "estate-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "estate-differs" // a fresh fold of the journal gives something else
)

// Damage is one thing that Verify found wrong.
type Damage struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Verify compares the saved state with a fresh fold of the journal and changes
// nothing. A file that is missing is no damage: it is only written now and
// then. No Book may be open on the folder.
func Verify(ctx context.Context, j Journal, o Options) ([]Damage, error) {
	v, why, err := journal.CheckSaved(ctx, j, name, stateFile(o), journal.NewMemory(newFold, readFold), journal.NewMemory(newFold, readFold))
	if err != nil {
		return nil, err
	}
	switch v {
	case journal.SavedDamaged:
		return []Damage{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Der gespeicherte Stand der Systeme ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved state of the systems is damaged or was written with another key. It is built anew from the journal at the next start.",
		}}}, nil
	case journal.SavedAhead:
		return []Damage{{Code: FoundAhead, Text: lang.Text{
			DE: "Der gespeicherte Stand der Systeme steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved state of the systems stands at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	case journal.SavedDiffers:
		return []Damage{{Code: FoundDiffers, Text: lang.Text{
			DE: "Der abgeleitete Stand der Systeme stimmt nicht mit dem Journal überein. Den Ordner estate löschen: er wird neu aufgebaut.",
			EN: "The derived state of the systems does not agree with the journal. Delete the folder estate: it is built anew.",
		}}}, nil
	default:
		return nil, nil
	}
}
