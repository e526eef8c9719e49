package journal

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"notbetrieb/internal/lang"
	"notbetrieb/internal/seal"
)

// Suffixes of what CheckSaved finds, behind the name of the part. A file that is
// missing is well: it is only written now and then.
const (
	CodeSavedDamaged Code = "-damaged" // bytes are wrong, or the key is another one
	CodeSavedAhead   Code = "-ahead"   // stands at a record that the journal does not have
	CodeSavedDiffers Code = "-differs" // a fresh fold of the journal gives something else
)

// Saved is a state that a Follower keeps in a file.
type Saved struct {
	Part  string    // its folder, and the beginning of its codes: "harm"
	Of    lang.Text // what it is the state of: "der Schadensliste", "the harm list"
	File  *seal.File
	Empty func() State
}

// CheckSaved compares the saved state with a fresh fold of the journal and
// changes neither. The error says that the check could not be made. Nobody may
// follow with that file meanwhile.
func CheckSaved(ctx context.Context, j Source, s Saved) ([]Finding, error) {
	plain, err := s.File.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	kept := s.Empty()
	if err == nil {
		err = kept.Load(plain)
	}
	if errors.Is(err, ErrLayout) {
		return nil, nil
	}
	if err != nil {
		return []Finding{s.finding(CodeSavedDamaged, err)}, nil
	}
	f := Following{Name: s.Part, Log: slog.New(slog.DiscardHandler)}
	if f.State = kept; !(&Follower{f: f, journal: j}).fits(ctx) {
		return []Finding{s.finding(CodeSavedAhead, nil)}, nil
	}
	var folded [2][]byte
	for i, state := range []State{s.Empty(), kept} {
		f.State = state
		if _, err := Follow(ctx, j, f); err != nil {
			return nil, err
		}
		if folded[i], _, err = state.Save(); err != nil {
			return nil, err
		}
	}
	if !bytes.Equal(folded[0], folded[1]) {
		return []Finding{s.finding(CodeSavedDiffers, nil)}, nil
	}
	return nil, nil
}

func (s Saved) finding(code Code, err error) Finding {
	file := s.Part + "/" + s.File.Name()
	say := lang.Text{DE: "Der gespeicherte Stand " + s.Of.DE, EN: "The saved state of " + s.Of.EN}
	switch code {
	case CodeSavedDamaged:
		say.DE += " ist beschädigt oder mit einem anderen Schlüssel geschrieben. Er wird beim nächsten Start aus dem Journal neu aufgebaut."
		say.EN += " is damaged or was written with another key. It is built anew from the journal at the next start."
	case CodeSavedAhead:
		say.DE += " steht bei einem Eintrag, den das Journal nicht hat. Wurde ein älteres Journal zurückgespielt?"
		say.EN += " stands at a record that the journal does not have. Was an older journal restored?"
	case CodeSavedDiffers:
		say.DE += " stimmt nicht mit dem Journal überein. Die Datei " + file + " löschen, sonst nichts: sie wird neu aufgebaut."
		say.EN += " does not agree with the journal. Delete the file " + file + " and nothing else: it is built anew."
	}
	return Finding{Code: Code(s.Part) + code, Text: say, Err: err}
}
