package incident

import (
	"bytes"
	"context"
	"errors"
	"os"

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
	dir, key := o.Dir, o.Key
	o.Dir = ""
	fresh, err := Open(ctx, j, nil, o)
	if err != nil {
		return nil, err
	}
	f, err := newSealedFile(dir, key).load()
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return []Finding{{Code: FoundDamaged, Err: err, Text: lang.Text{
			DE: "Die gespeicherten Ausfälle sind beschädigt oder mit einem anderen Schlüssel geschrieben. Sie werden beim nächsten Start aus dem Journal neu aufgebaut.",
			EN: "The saved outages are damaged or were written with another key. They are built anew from the journal at the next start.",
		}}}, nil
	}
	kept := &Board{o: fresh.o, journal: j, folding: make(chan struct{}, 1), fold: f}
	if !kept.follows(ctx, f) {
		return []Finding{{Code: FoundAhead, Text: lang.Text{
			DE: "Die gespeicherten Ausfälle stehen bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?",
			EN: "The saved outages stand at a record that the journal does not have. Was an older journal restored?",
		}}}, nil
	}
	if err := kept.advance(ctx, 0); err != nil {
		return nil, err
	}
	a, err := kept.fold.bytes()
	if err != nil {
		return nil, err
	}
	b, err := fresh.fold.bytes()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(a, b) {
		return []Finding{{Code: FoundDiffers, Text: lang.Text{
			DE: "Die abgeleiteten Ausfälle stimmen nicht mit dem Journal überein. Den Ordner incident löschen: er wird neu aufgebaut.",
			EN: "The derived outages do not agree with the journal. Delete the folder incident: it is built anew.",
		}}}, nil
	}
	return nil, nil
}
