package incident

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// The codes of findings. They are stable.
const (
	FoundDamaged = "incident-damaged" // bytes are wrong, or the key is another one
	FoundAhead   = "incident-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "incident-differs" // a fresh fold of the journal gives something else
)

// Finding is one thing that Check found wrong. Nothing in it is health data.
type Finding struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Check compares the saved outages with a fresh fold of the journal and
// changes nothing. A file that is missing is no damage: it is only written now
// and then. No Board may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]Finding, error) {
	v, why, err := journal.CheckSaved(ctx, j, name, file(o), journal.NewMemory(newFold, readFold), journal.NewMemory(newFold, readFold))
	if err != nil {
		return nil, err
	}
	switch v {
	case journal.SavedDamaged:
		return []Finding{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Die gespeicherten Ausfälle sind beschädigt oder mit einem anderen Schlüssel geschrieben. Sie werden beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved outages are damaged or were written with another key. They are built anew from the journal at the next start.",
		}}}, nil
	case journal.SavedAhead:
		return []Finding{{Code: FoundAhead, Text: lang.Text{
			DE: "Die gespeicherten Ausfälle stehen bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved outages stand at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	case journal.SavedDiffers:
		return []Finding{{Code: FoundDiffers, Text: lang.Text{
			DE: "Die abgeleiteten Ausfälle stimmen nicht mit dem Journal überein. Den Ordner incident löschen: er wird neu aufgebaut.",
			EN: "The derived outages do not agree with the journal. Delete the folder incident: it is built anew.",
		}}}, nil
	default:
		return nil, nil
	}
}
