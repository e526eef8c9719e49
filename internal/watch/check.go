package watch

import (
	"context"

	"notbetrieb/internal/journal"
	"notbetrieb/internal/lang"
)

// The codes of findings of Check. They are stable.
const (
	FoundDamaged = "watch-damaged" // bytes are wrong, or the key is another one
	FoundAhead   = "watch-ahead"   // stands at a record that the journal does not have
	FoundDiffers = "watch-differs" // a fresh fold of the journal gives something else
)

// Damage is one thing that Check found wrong.
type Damage struct {
	Code string
	Text lang.Text
	Err  error // for the operator; may be nil
}

// Check compares the saved state with a fresh fold of the journal and changes
// nothing: states, findings, alerts, maintenance and what people said of them.
// What was learned of rhythms also depends on when it was looked at; it is only
// read. A file that is missing, or lacks a feed that is new in the
// configuration, is no damage. No Watch may be open on the folder.
func Check(ctx context.Context, j Journal, o Options) ([]Damage, error) {
	o.fill()
	memory := func() *journal.Memory[judged] {
		return journal.NewMemory(func() judged { return judged{newMemory(o).Fold} }, func(plain []byte) (judged, error) {
			f, err := readFold(plain, o)
			return judged{f}, err
		})
	}
	v, why, err := journal.CheckSaved(ctx, j, name, file(o), memory(), memory())
	if err != nil {
		return nil, err
	}
	switch v {
	case journal.SavedDamaged:
		return []Damage{{Code: FoundDamaged, Err: why, Text: lang.Text{
			DE: "Der gespeicherte Stand der Wache ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved state of the watch is damaged or was written with another key. It is built anew from the journal at the next start.",
		}}}, nil
	case journal.SavedAhead:
		return []Damage{{Code: FoundAhead, Text: lang.Text{
			DE: "Der gespeicherte Stand der Wache steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved state of the watch stands at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	case journal.SavedDiffers:
		return []Damage{{Code: FoundDiffers, Text: lang.Text{
			DE: "Der abgeleitete Stand der Wache stimmt nicht mit dem Journal überein. Den Ordner watch löschen: er wird neu aufgebaut.",
			EN: "The derived state of the watch does not agree with the journal. Delete the folder watch: it is built anew.",
		}}}, nil
	default:
		return nil, nil
	}
}

// judged is a fold as far as it follows from the records alone, whenever they
// are folded.
type judged struct{ *fold }

// Bytes leaves out what was learned of rhythms: the same records give the same
// bytes.
func (f judged) Bytes() ([]byte, error) {
	only := *f.fold
	only.feeds, only.systems = nil, map[string]*system{}
	for id, s := range f.systems {
		if len(s.Changes) > 0 || s.Ack.Of != 0 || s.Declined.Of != 0 {
			only.systems[id] = s
		}
	}
	return only.Bytes()
}
