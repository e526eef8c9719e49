package forward

import (
	"encoding/json"
	"fmt"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of forward.state. A file of another layout is
// ignored and folded anew: nothing in it exists only there.
const savedVersion = 1

const savedName = "forward.state"

type saved struct {
	Version int
	Record  string
	Fold    *fold
}

// readFold returns the fold that Bytes made. Any error means: fold anew.
func readFold(plain []byte, dests []Destination) (*fold, error) {
	v := saved{Fold: newFold(dests)}
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion || v.Fold == nil || v.Fold.Dests == nil {
		return nil, fmt.Errorf("forward: %w", journal.ErrLayout)
	}
	var err error
	if v.Fold.Last, err = journal.ParseID(v.Record); err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	return v.Fold, nil
}

// Bytes returns the fold in its saved form.
func (f *fold) Bytes() ([]byte, error) {
	b, err := json.Marshal(saved{Version: savedVersion, Record: f.Last.String(), Fold: f})
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	return b, nil
}
