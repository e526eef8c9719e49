package crisis

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// The codes of findings of Check. They are stable.
const (
	FoundDamaged = "crisis-damaged" // bytes are wrong, or the key is another one
	FoundAhead   = "crisis-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "crisis-differs" // a fresh fold of the journal gives something else
)

// Damage is one thing that Check found wrong. Nothing in it is health data.
type Damage struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Check compares the saved state with a fresh fold of the journal and changes
// nothing. A file that is missing is no damage: it is only written now and
// then. No Book may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]Damage, error) {
	v, why, err := journal.CheckSaved(ctx, j, name, file(o), journal.NewMemory(newFold, readFold), journal.NewMemory(newFold, readFold))
	if err != nil {
		return nil, err
	}
	switch v {
	case journal.SavedDamaged:
		return []Damage{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Der gespeicherte Stand der Krisenlagen ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved state of the incidents is damaged or was written with another key. It is built anew from the journal at the next start.",
		}}}, nil
	case journal.SavedAhead:
		return []Damage{{Code: FoundAhead, Text: lang.Text{
			DE: "Der gespeicherte Stand der Krisenlagen steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved state of the incidents stands at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	case journal.SavedDiffers:
		return []Damage{{Code: FoundDiffers, Text: lang.Text{
			DE: "Der abgeleitete Stand der Krisenlagen stimmt nicht mit dem Journal überein. Den Ordner crisis löschen: er wird neu aufgebaut.",
			EN: "The derived state of the incidents does not agree with the journal. Delete the folder crisis: it is built anew.",
		}}}, nil
	default:
		return nil, nil
	}
}
