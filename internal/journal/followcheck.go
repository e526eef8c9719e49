package journal

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"notbetrieb/internal/seal"
)

// Verdict says what [CheckSaved] found about a saved state.
type Verdict string

// The verdicts of CheckSaved. A file that is missing is well: it is only
// written now and then.
const (
	SavedWell    Verdict = "well"
	SavedDamaged Verdict = "damaged" // bytes are wrong, or the key is another one
	SavedAhead   Verdict = "ahead"   // stands at a record that the journal does not have
	SavedDiffers Verdict = "differs" // a fresh fold of the journal gives something else
)

// CheckSaved compares the state saved in file with a fresh fold of the journal
// and changes neither; fresh and kept are two empty states. why is the reason of
// SavedDamaged, for the operator; err says that the check could not be made.
// Nobody may follow with that file meanwhile.
func CheckSaved(ctx context.Context, j Source, name string, file *seal.File, fresh, kept State) (v Verdict, why, err error) {
	plain, why := file.Load()
	if errors.Is(why, fs.ErrNotExist) {
		return SavedWell, nil, nil
	}
	if why == nil {
		why = kept.Load(plain)
	}
	if errors.Is(why, ErrLayout) {
		return SavedWell, nil, nil
	}
	if why != nil {
		return SavedDamaged, why, nil
	}
	f := Following{Name: name, Log: slog.New(slog.DiscardHandler)}
	if f.State = kept; !(&Follower{f: f, journal: j}).fits(ctx) {
		return SavedAhead, nil, nil
	}
	var folded [2][]byte
	for i, s := range []State{fresh, kept} {
		f.State = s
		if _, err := Follow(ctx, j, f); err != nil {
			return "", nil, err
		}
		if folded[i], _, err = s.Save(); err != nil {
			return "", nil, err
		}
	}
	if !bytes.Equal(folded[0], folded[1]) {
		return SavedDiffers, nil, nil
	}
	return SavedWell, nil, nil
}
