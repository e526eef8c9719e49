package tray

import (
	"encoding/json"
	"fmt"

	"notbetrieb/internal/journal"
)

// savedVersion is the layout of tray.state. A file of another layout is ignored
// and folded anew: nothing in it exists only there.
const savedVersion = 1

const savedName = "tray.state"

type saved struct {
	Version int
	State   *state
}

// readState returns the fold that Bytes made. Any error means: fold anew.
func readState(plain []byte) (*state, error) {
	v := saved{State: newState()}
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != savedVersion || v.State == nil {
		return nil, fmt.Errorf("tray: %w", journal.ErrLayout)
	}
	return v.State, nil
}

// Bytes returns the fold in its saved form.
func (s *state) Bytes() ([]byte, error) {
	b, err := json.Marshal(saved{savedVersion, s})
	if err != nil {
		return nil, fmt.Errorf("tray: %w", err)
	}
	return b, nil
}
